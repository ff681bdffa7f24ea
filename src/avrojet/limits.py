"""Bounds on what untrusted bytes and schemas may cost; any module may import this one."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from avrojet.errors import LimitError, SchemaLimitError
from avrojet.frozen import frozen
from avrojet.locks import ProcessLock


@frozen(kw_only=True)
class Limits:
    """Bounds that decoding, encoding and schema parsing keep to. Every bound is an int from 1 to 2**62,
    `depth` to 2**31 - 1.

    A value exactly at a bound passes. Exceeding one raises :class:`avrojet.LimitError`, whose ``limit`` and
    message name it. For data that you trust, raise a bound where they are read::

        Decoder(schema, limits=Limits(depth=2000))

    or for the whole process with :func:`set_default_limits`.

    :raises ValueError: if a bound is out of that range.
    """

    depth: int = 400
    """Nested records, arrays and maps in one datum, and levels of a schema.

    One level costs at most 200 bytes of C stack in decoding and 450 in encoding (a record in a union),
    so the default stays under 180 KB, which fits even threads made with stacks of 256 KiB. Data
    nested deeper than this have not been seen outside of attacks and long linked lists. If you raise it, make
    sure that the stack is large enough: a stack overflow crashes the process.

    Parsing and using a schema takes no stack, however deep the schema is, though CPython 3.13 may free nested
    objects by recursion, with some 100 bytes of stack for each level. Python's stack bounds only a default or
    an attribute within a schema (400 levels at most on every Python), and a schema that is turned into Arrow
    columns (some hundred levels; other libraries take columns of fewer)."""

    items: int = 1 << 31
    """Items in one array or map. Items of at least one byte are bounded by the data anyway."""

    empty_items: int = 1_000_000
    """Values that take memory but no bytes, in one datum, and in the rows of no bytes of one container file:
    a few bytes can claim trillions of nulls, and a short schema can hold a record of no bytes in another,
    twice at each level.

    An item of no bytes of an array counts one, and so does a row. A record of no bytes counts one, one for
    each field, and one for each byte of the reader's defaults in it. That is 125 bytes of memory each at
    most (a record of one field within another, unions tagged), so 125 MB are the worst case.

    It bounds the writing of Arrow columns in the same way, where nulls need no memory at all."""

    value_bytes: int = 1 << 30
    """Bytes of one string, bytes or fixed value, or an encoded datum. Data in memory bounds it anyway."""

    decimal_bytes: int = 4096
    """Bytes of the unscaled number of one decimal, read or written; 4096 hold 9,863 digits.

    Converting a number to decimal digits or back takes time that grows with the square of its length. For
    columns, this limit applies where text or bytes are written as decimals, and where decimals are read as
    text or doubles."""

    block_bytes: int = 200 << 20
    """Bytes of one block of a container file, in the file and decompressed: a block of a few kilobytes can
    inflate to gigabytes. 200 MiB is what other Avro implementations use. A writer ends its blocks before they
    have more. The text of one datum in a stream of JSON has no more either.

    A block's records are bounded by its decompressed bytes and `empty_items`."""

    header_bytes: int = 64 << 20
    """Bytes of a container file's header (schema and metadata). If it has more than a thousand entries, each
    counts as a hundred bytes at least, which is what it costs in memory."""

    schema_bytes: int = 16 << 20
    """Characters of a schema's JSON text, or of IDL; characters of the namespaces that its names inherit,
    counted for each name; and half as many comparisons of defaults with types. It bounds the time of parsing,
    and the memory of the schema, which is some fifty times its text, or a hundred times that of IDL.
    """

    union_branches: int = 10_000
    """Branches of one union. Resolution compares each branch of the writer's with each of the reader's."""

    columns: int = 1 << 16
    """Columns of one Arrow table, read or written, those within records, lists and unions counted: a short
    schema, of records that each hold the one before twice, can have 2**60 columns.

    The worst case is half a second and a hundred megabytes before any data are read."""

    def __post_init__(self) -> None:
        for name in self.__annotations__:
            value = getattr(self, name)
            most = _MOST_DEPTH if name == "depth" else _MOST
            if not isinstance(value, int) or not 0 < value <= most:
                raise ValueError(f"Limits.{name} must be an int from 1 to {most}: {value!r}")


_MOST = 1 << 62  # so that sums of two do not overflow in C
_MOST_DEPTH = (1 << 31) - 1

DEFAULT_LIMITS = Limits()

_in_force = DEFAULT_LIMITS
_lock = ProcessLock()
_forgetters: list[Callable[[], None]] = []


def set_default_limits(limits: Limits) -> Limits:
    """Set the limits of the whole process, for all that is made from now on without limits of its own.

    Readers, writers, encoders and decoders keep those that they were made with. Any thread may call it,
    preferably before other threads start: what they are making at that moment may still get the old limits.

    >>> previous = set_default_limits(Limits(block_bytes=16 << 20))

    :returns: the limits that were in force before.
    """
    global _in_force
    if not isinstance(limits, Limits):
        raise TypeError(f"set_default_limits takes Limits, not {type(limits).__name__}")
    with _lock.lock:
        previous, _in_force = _in_force, limits
    defaults_have_changed()
    return previous


def limits_in_force(limits: Limits | None = None) -> Limits:
    """The limits to keep to: those given, or the process's."""
    return _in_force if limits is None else limits


def cache_key(limits: Limits) -> Limits | None:
    """The limits as a part of cache keys; None for the usual ones, as hashing ten numbers takes time."""
    return None if limits is DEFAULT_LIMITS else limits


def on_new_defaults(forget: Callable[[], None]) -> None:
    """Have a cache forget what it made with the process's limits and logical types, whenever they change."""
    _forgetters.append(forget)


def defaults_have_changed() -> None:
    """Let the caches forget what was made with those before."""
    for forget in _forgetters:
        forget()


def exceeded(name: str, value: int, what: str) -> str:
    """The message for a limit that is exceeded: its name, its value, and how to raise it."""
    return f"{what}: more than limits.{name} = {value}; to allow it: limits=avrojet.Limits({name}=...)"


_Excess = TypeVar("_Excess", bound=LimitError)


def excess(
    limits: Limits,
    name: str,
    what: str,
    *,
    path: str | None = None,
    error: type[_Excess] = SchemaLimitError,  # type: ignore[assignment]
) -> _Excess:
    """The error for `what` exceeds the limit `name`.

    :param path: place in the schema.
    :param error: its class, which says whether a schema is too large, or what is written or read.
    """
    return error(exceeded(name, getattr(limits, name), what), limit=name, path=path)
