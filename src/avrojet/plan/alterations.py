"""How data change although their schemas match: what is rounded, replaced, or read otherwise."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import log
from typing import Any, Final, NamedTuple

from avrojet.messages import shorten
from avrojet.plan.match import describe
from avrojet.plan.reasons import Alteration
from avrojet.schema.logical import CLOCKS
from avrojet.schema.model import EnumSchema, FixedSchema, LogicalType, Schema

ANY: Final = object()
"""For an example: every value demonstrates it."""


class Altered(NamedTuple):
    """One alteration of two schemas that match.

    :ivar example: a value of the writer's type that demonstrates it, in the plain encoding; or :data:`ANY`.
    """

    kind: Alteration
    message: str
    remedy: str
    example: Any = ANY


_RANGES: Final = {"int": (-1 << 31, (1 << 31) - 1), "long": (-1 << 63, (1 << 63) - 1)}
_EXACT_BITS: Final = {"float": 24, "double": 53}
_MOST_DIGITS: Final = 1000  # of a decimal for which an example is made


def alterations(writer: Schema, reader: Schema) -> Iterator[Altered]:
    """How values change although two schemas match by themselves; neither is a union.

    Their contents (fields, items, values) are not examined.
    """
    if isinstance(writer, EnumSchema) and isinstance(reader, EnumSchema):
        yield from _replaced_symbols(writer, reader)
        return
    if reader.type in _EXACT_BITS and writer.type in _RANGES:
        yield from _lost_digits(writer, reader)
    elif writer.type == "bytes" and reader.type == "string" and reader.logical is None:
        example = b"\x02\xff\x00" if _name(writer) == "big-decimal" else b"\xff"
        yield Altered(
            Alteration.UNREADABLE_VALUES,
            "bytes that are not UTF-8 cannot be read as string",
            "change the reader's type to bytes",
            example,
        )
    if writer.logical != reader.logical:
        yield from _changed_meaning(writer, reader)


def _name(schema: Schema) -> str:
    return schema.logical.name if schema.logical is not None else ""


def _replaced_symbols(writer: EnumSchema, reader: EnumSchema) -> Iterator[Altered]:
    known = frozenset(reader.symbols)
    missing = [symbol for symbol in writer.symbols if symbol not in known]
    if missing and reader.default is not None:
        symbols = shorten(", ".join(missing))
        yield Altered(
            Alteration.SYMBOL_REPLACED,
            f"{describe(reader)} lacks the symbols {symbols}: they are read as its default, {reader.default}",
            f"add them to the reader's {describe(reader)} if they matter",
            missing[0],
        )


def _lost_digits(writer: Schema, reader: Schema) -> Iterator[Altered]:
    bits = _EXACT_BITS[reader.type]
    clock = CLOCKS.get(_name(writer))
    last = _RANGES[writer.type][1] if clock is None else clock.last
    example = (1 << bits) + 1
    if example <= last:
        wider = "double or long" if writer.type == "int" else "long"
        yield Altered(
            Alteration.PRECISION_LOST,
            f"{writer.type} is read as {reader.type}, which rounds numbers beyond 2**{bits}",
            f"change the reader's type to {wider}",
            example,
        )


def _changed_meaning(writer: Schema, reader: Schema) -> Iterator[Altered]:
    theirs, ours = writer.logical, reader.logical
    if ours is None:
        assert theirs is not None
        yield Altered(
            Alteration.LOGICAL_TYPE_CHANGED,
            f"{theirs.name} is read as plain {reader.type}",
            f"change the reader's type to {writer.type} with the logical type {theirs.name}",
        )
    elif theirs is None:
        yield _meant_otherwise(writer, reader, ours)
    elif theirs.name in CLOCKS and ours.name in CLOCKS:
        yield from _beyond(theirs, ours)


def _beyond(theirs: LogicalType, ours: LogicalType) -> Iterator[Altered]:
    """For two units: whether the finer one cannot represent some values of the coarser."""
    written, wanted = CLOCKS[theirs.name], CLOCKS[ours.name]
    if not written.per_second or wanted.per_second <= written.per_second:
        return
    if written.last * (wanted.per_second // written.per_second) > wanted.last:
        yield Altered(
            Alteration.UNREADABLE_VALUES,
            f"{theirs.name} has values that {ours.name} has no room for, which ends in 2262",
            f"change the reader's type to {theirs.name}",
            written.last,
        )


def _meant_otherwise(writer: Schema, reader: Schema, ours: LogicalType) -> Altered:
    example = _MISFITS.get(ours.name, _outside_clock)(writer, reader)
    remedy = f"give the writer's {writer.type} the logical type {ours.name}, or remove the reader's"
    if example is ANY:
        message = f"plain {writer.type} is read as {ours.name}"
        return Altered(Alteration.LOGICAL_TYPE_CHANGED, message, remedy)
    message = f"plain {writer.type} is read as {ours.name}, and other values cannot be read"
    return Altered(Alteration.UNREADABLE_VALUES, message, remedy, example)


# -- plain values outside a logical type ----------------------------------------------------------------


def _outside_clock(writer: Schema, reader: Schema) -> Any:
    clock = CLOCKS.get(_name(reader))
    if clock is not None:
        least, most = _RANGES[writer.type]
        if most > clock.last:
            return most
        if least < clock.first:
            return least
    return ANY


def _not_a_uuid(writer: Schema, reader: Schema) -> Any:
    return ANY if isinstance(writer, FixedSchema) else _text(writer, b"")


def _not_a_big_decimal(writer: Schema, reader: Schema) -> Any:
    return _text(writer, b"")


def _not_a_decimal(writer: Schema, reader: Schema) -> Any:
    """A number with more digits than the precision allows."""
    assert reader.logical is not None
    precision = reader.logical.precision
    if isinstance(writer, FixedSchema):
        most = b"\x7f" + b"\xff" * (writer.size - 1)
        return most if int.from_bytes(most, "big") >= 10 ** min(precision, _MOST_DIGITS) else ANY
    size = int(min(precision, _MOST_DIGITS) * log(10, 256)) + 2
    return _text(writer, b"\x7f" * size)


def _text(writer: Schema, example: bytes) -> bytes | str:
    """The example in the writer's type, which may be promoted."""
    return example.decode() if writer.type == "string" else example


_MISFITS: Final[dict[str, Callable[[Schema, Schema], Any]]] = {
    "uuid": _not_a_uuid,
    "decimal": _not_a_decimal,
    "big-decimal": _not_a_big_decimal,
}
