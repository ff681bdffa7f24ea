"""What a hostile case is: something to do with a library, and how it must end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.hostile.libraries import Library


@dataclass(frozen=True)
class Refused:
    """It ends in a documented error, or in one of `others`, which the caller's own objects raise."""

    others: tuple[type[BaseException], ...] = ()


@dataclass(frozen=True)
class Gives:
    """It ends in this value."""

    value: Any


@dataclass(frozen=True)
class Either:
    """It ends in a documented error or in this value: what the specification leaves open."""

    value: Any
    others: tuple[type[BaseException], ...] = ()


Outcome = Refused | Gives | Either


@dataclass(frozen=True)
class Case:
    name: str
    area: str
    do: Callable[[Library], Any]
    outcome: Outcome = Refused()


def decoding(name: str, schema: Any, data: bytes, outcome: Outcome = Refused(), area: str = "bytes") -> Case:
    return Case(name, area, lambda library: library.decode(schema, data), outcome)


def parsing(name: str, schema: Any, outcome: Outcome = Refused()) -> Case:
    """`schema` is JSON text, or a function that makes JSON data."""
    made = schema if callable(schema) else lambda: schema
    return Case(name, "schemas", lambda library: library.parse(made()) and None, outcome)


def resolving(name: str, writer: Any, reader: Any, data: bytes, outcome: Outcome = Refused()) -> Case:
    return Case(name, "resolution", lambda library: library.resolve(writer, reader, data), outcome)


def reading(name: str, data: Callable[[], bytes], outcome: Outcome = Refused()) -> Case:
    import io

    return Case(name, "containers", lambda library: library.read(io.BytesIO(data())), outcome)


def encoding(name: str, schema: Any, value: Callable[[], Any], outcome: Outcome = Refused()) -> Case:
    return Case(name, "values", lambda library: library.encode(schema, value()), outcome)
