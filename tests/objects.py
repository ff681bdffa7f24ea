"""Python objects that are, or only look like, values for Avro types."""

from __future__ import annotations

import mmap
from collections import namedtuple
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, IntEnum, StrEnum
from types import SimpleNamespace
from typing import Any


class Number(IntEnum):
    FIVE = 5


class Letter(StrEnum):
    A = "A"


class Plain(Enum):
    A = "A"


class Int(int):
    pass


class Float(float):
    pass


class Str(str):
    __slots__ = ()


class Bytes(bytes):
    pass


class List(list):
    pass


class Index:
    def __init__(self, number: Any) -> None:
        self.number = number

    def __index__(self) -> Any:
        return self.number


class Sequential(Sequence):
    """The plainest sequence, which says what length it likes."""

    def __init__(self, items: list[Any], length: int | None = None) -> None:
        self.items = items
        self.length = len(items) if length is None else length

    def __getitem__(self, index: Any) -> Any:
        return self.items[index]

    def __len__(self) -> int:
        return self.length


class Mapped(Mapping):
    """The plainest mapping, likewise."""

    def __init__(self, entries: dict[Any, Any], length: int | None = None) -> None:
        self.entries = entries
        self.length = len(entries) if length is None else length

    def __getitem__(self, key: Any) -> Any:
        return self.entries[key]

    def __iter__(self) -> Any:
        return iter(self.entries)

    def __len__(self) -> int:
        return self.length


Point = namedtuple("Point", "x y")  # noqa: PYI024 (there is nothing to type)


@dataclass
class DataPoint:
    x: int
    y: int


def area(data: bytes) -> mmap.mmap:
    made = mmap.mmap(-1, len(data))
    made[:] = data
    return made


# Objects with a will of their own


class Hostile:
    """Raises whatever it is asked."""

    def __init__(self, kind: type[BaseException]) -> None:
        self.kind = kind

    def refuse(self, *_: Any) -> Any:
        raise self.kind("mine")

    __index__ = __float__ = __int__ = __len__ = __iter__ = __getitem__ = __bool__ = __hash__ = __eq__ = refuse
    tolist = keys = items = get = refuse
    __class__ = property(refuse)  # type: ignore[assignment]
    dtype = property(refuse)


class NumpyLike:
    """Says that it is numpy's, and is not."""

    def __init__(self, kind: str) -> None:
        self.dtype = SimpleNamespace(kind=kind)

    def refuse(self) -> Any:
        raise ZeroDivisionError

    __bool__ = __float__ = __index__ = refuse


class Meddler:
    """An int that does something when it is looked at."""

    def __init__(self, action: Any) -> None:
        self.action = action

    def __index__(self) -> int:
        self.action()
        return 1


class Lying(Sequential):
    def __iter__(self) -> Any:
        yield from self.items
        raise ZeroDivisionError("mine")


class RaisingMapping(Mapped):
    def __getitem__(self, key: Any) -> Any:
        raise ZeroDivisionError("mine")


class Key(str):
    """A str with its own idea of what it equals."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        raise ZeroDivisionError("mine")

    def __hash__(self) -> int:
        return hash(str.__str__(self))


class Unhashable(str):
    __slots__ = ()

    def __hash__(self) -> int:
        raise ZeroDivisionError("mine")


class Mute(str):
    __slots__ = ()

    def __repr__(self) -> str:
        raise ZeroDivisionError("mine")

    __str__ = __len__ = __repr__  # type: ignore[assignment]


class Mumbling:
    """Shows itself as some text, or raises when it is to be shown."""

    def __init__(self, shown: str | type[BaseException]) -> None:
        self.shown = shown

    def __repr__(self) -> str:
        if isinstance(self.shown, str):
            return self.shown
        raise self.shown
