"""Avro in the plainest Python, written from the specification: the oracle for the property tests.

It shares nothing with the engines but the schema model and the classes of values. Nothing here is fast,
and nothing should be: each function is a paragraph of the specification.

Values are those of the row codec: a record is a dict, an enum its symbol, a union its branch's value. A
union's value may also be given as ``(branch name, value)``, and is shown so with ``tagged=True`` (null
stays None). ``logical=False`` leaves logical types as their underlying ones.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import MAX_EMAX, MAX_PREC, MIN_EMIN, Context, Decimal, Inexact
from typing import Any
from uuid import UUID

from avrojet.schema.model import (
    NO_DEFAULT,
    ArraySchema,
    EnumSchema,
    FixedSchema,
    MapSchema,
    NamedSchema,
    RecordSchema,
    Schema,
    UnionSchema,
)
from avrojet.values import Duration, NanoDatetime

EXACT = Context(prec=MAX_PREC, Emax=MAX_EMAX, Emin=MIN_EMIN, traps=[Inexact])


class MalformedError(Exception):
    """The bytes are no encoding of the schema."""


class MismatchError(Exception):
    """The datum cannot be read as the reader's schema."""


class UnfitError(Exception):
    """The value does not belong to the schema."""


def encode(schema: Schema, value: Any, *, logical: bool = True) -> bytes:
    """``value`` in binary. An untagged union value takes the first branch that fits: tag it to be sure."""
    return Writer(logical).value(schema, value)


def decode(
    writer: Schema, data: bytes, offset: int = 0, *, logical: bool = True, tagged: bool = False
) -> tuple[Any, int]:
    """The datum at ``offset``, and where it ends."""
    reader = Reader(data, offset, Shown(logical, tagged))
    return reader.value(writer), reader.position


def read_resolved(
    writer: Schema, reader: Schema, data: bytes, *, logical: bool = True, tagged: bool = False
) -> Any:
    """The datum at the start of ``data``, seen through the reader's schema (Schema Resolution)."""
    return resolved(writer, reader, Reader(data, 0, Shown(logical, tagged)))


@dataclass
class Shown:
    """How values are shown."""

    logical: bool
    tagged: bool

    def leaf(self, schema: Schema, value: Any) -> Any:
        return from_underlying(schema, value) if self.logical and schema.logical else value

    def default(self, schema: Schema, value: Any) -> Any:
        """The same for a value of the reader's schema that is not in the data."""
        return self.leaf(schema, value)

    def branch(self, schema: Schema, value: Any) -> Any:
        return (branch_name(schema), value) if self.tagged and schema.type != "null" else value


def to_json(schema: Schema, value: Any) -> Any:
    """The JSON data of a plain value whose unions are tagged (specification: JSON Encoding)."""
    if isinstance(schema, UnionSchema):
        if value is None:
            return None
        name, inner = value
        branch = next(branch for branch in schema.branches if branch_name(branch) == name)
        return {name: to_json(branch, inner)}
    if isinstance(schema, RecordSchema):
        return {field.name: to_json(field.type, value[field.name]) for field in schema.fields}
    if isinstance(schema, ArraySchema):
        return [to_json(schema.items, item) for item in value]
    if isinstance(schema, MapSchema):
        return {key: to_json(schema.values, item) for key, item in value.items()}
    if isinstance(value, bytes):
        return value.decode("latin-1")
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return value


def branch_name(schema: Schema) -> str:
    return schema.fullname if isinstance(schema, NamedSchema) else schema.type


# -- Binary encoding, reading --------------------------------------------------------------------------


class Reader:
    def __init__(self, data: bytes, position: int, shown: Shown) -> None:
        self.data = data
        self.position = position
        self.shown = shown

    def take(self, size: int) -> bytes:
        if size < 0 or self.position + size > len(self.data):
            raise MalformedError("length")
        self.position += size
        return self.data[self.position - size : self.position]

    def number(self, bits: int) -> int:
        total = shift = 0
        while True:
            (byte,) = self.take(1)
            total |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                break
            if shift >= bits:
                raise MalformedError("varint too long")
        if total >= 1 << bits:
            raise MalformedError("number out of range")
        return total >> 1 if total % 2 == 0 else -(total >> 1) - 1

    def block_counts(self) -> Any:
        """The counts of the blocks of an array or map, up to the empty one."""
        while (count := self.number(64)) != 0:
            if count < 0:
                self.number(64)  # bytes of the block, for those who skip it
            yield abs(count)

    def value(self, schema: Schema) -> Any:
        """The next value, in its writer's own schema."""
        if isinstance(schema, UnionSchema):
            branch = self.chosen(schema)
            return self.shown.branch(branch, self.value(branch))
        if isinstance(schema, ArraySchema):
            return [self.value(schema.items) for count in self.block_counts() for _ in range(count)]
        if isinstance(schema, MapSchema):
            counts = self.block_counts()
            return {self.string(): self.value(schema.values) for count in counts for _ in range(count)}
        if isinstance(schema, RecordSchema):
            return {field.name: self.value(field.type) for field in schema.fields}
        return self.shown.leaf(schema, self.underlying(schema))

    def chosen(self, schema: UnionSchema) -> Schema:
        return schema.branches[self.index(len(schema.branches))]

    def index(self, count: int) -> int:
        index = self.number(32)
        if not 0 <= index < count:
            raise MalformedError("index out of range")
        return index

    def string(self) -> str:
        try:
            return self.take(self.number(64)).decode("utf-8")
        except UnicodeDecodeError:
            raise MalformedError("not UTF-8") from None

    def underlying(self, schema: Schema) -> Any:
        """A value that contains no others, its logical type left out of account."""
        if isinstance(schema, EnumSchema):
            return schema.symbols[self.index(len(schema.symbols))]
        if isinstance(schema, FixedSchema):
            return self.take(schema.size)
        match schema.type:
            case "null":
                return None
            case "boolean":
                byte = self.take(1)
                if byte not in (b"\0", b"\1"):
                    raise MalformedError("neither 0 nor 1")
                return byte == b"\1"
            case "int":
                return self.number(32)
            case "long":
                return self.number(64)
            case "float":
                return struct.unpack("<f", self.take(4))[0]
            case "double":
                return struct.unpack("<d", self.take(8))[0]
            case "bytes":
                return self.take(self.number(64))
            case _:
                return self.string()


# -- Binary encoding, writing --------------------------------------------------------------------------


@dataclass
class Writer:
    logical: bool

    def value(self, schema: Schema, value: Any) -> bytes:
        if isinstance(schema, UnionSchema):
            return self.union(schema, value)
        if isinstance(schema, ArraySchema):
            fit(isinstance(value, list | tuple))
            return blocks([self.value(schema.items, item) for item in value])
        if isinstance(schema, MapSchema):
            fit(isinstance(value, Mapping))
            return blocks([string(key) + self.value(schema.values, item) for key, item in value.items()])
        if isinstance(schema, RecordSchema):
            fit(isinstance(value, Mapping) and all(field.name in value for field in schema.fields))
            return b"".join(self.value(field.type, value[field.name]) for field in schema.fields)
        if self.logical and schema.logical:
            value = to_underlying(schema, value)
        return leaf(schema, value)

    def union(self, schema: UnionSchema, value: Any) -> bytes:
        names = [branch_name(branch) for branch in schema.branches]
        if isinstance(value, tuple) and len(value) == 2 and value[0] in names:
            index = names.index(value[0])
            return number(index) + self.value(schema.branches[index], value[1])
        for index, branch in enumerate(schema.branches):
            try:
                return number(index) + self.value(branch, value)
            except UnfitError:
                pass
        raise UnfitError(value)


def fit(condition: bool) -> None:
    if not condition:
        raise UnfitError


def number(value: int) -> bytes:
    """Zig-zag, then seven bits a byte, the least significant first."""
    rest = value * 2 if value >= 0 else -value * 2 - 1
    out = []
    while rest >= 0x80:
        out.append(rest % 0x80 + 0x80)
        rest //= 0x80
    return bytes([*out, rest])


def string(value: Any) -> bytes:
    fit(isinstance(value, str))
    data = value.encode("utf-8")
    return number(len(data)) + data


def blocks(items: list[bytes]) -> bytes:
    return (number(len(items)) + b"".join(items) if items else b"") + number(0)


def leaf(schema: Schema, value: Any) -> bytes:
    """A value that contains no others, without its logical type."""
    if isinstance(schema, EnumSchema):
        fit(value in schema.symbols)
        return number(schema.symbols.index(value))
    if isinstance(schema, FixedSchema):
        fit(isinstance(value, bytes) and len(value) == schema.size)
        return bytes(value)
    is_int = isinstance(value, int) and not isinstance(value, bool)
    match schema.type:
        case "null":
            fit(value is None)
            return b""
        case "boolean":
            fit(isinstance(value, bool))
            return b"\1" if value else b"\0"
        case "int":
            fit(is_int and -(2**31) <= value < 2**31)
            return number(value)
        case "long":
            fit(is_int and -(2**63) <= value < 2**63)
            return number(value)
        case "float" | "double":
            fit(is_int or isinstance(value, float))
            try:
                return struct.pack("<f" if schema.type == "float" else "<d", float(value))
            except OverflowError:
                raise UnfitError(value) from None
        case "bytes":
            fit(isinstance(value, bytes))
            return number(len(value)) + value
        case _:
            return string(value)


# -- Logical types -------------------------------------------------------------------------------------

EPOCH = datetime(1970, 1, 1)
UNITS = {"millis": 10**3, "micros": 10**6, "nanos": 10**9}  # in one second


def from_underlying(schema: Schema, value: Any) -> Any:
    logical = schema.logical
    assert logical is not None
    match logical.name.split("-"):
        case ["decimal"]:
            return decimal(value, logical.scale, logical.precision)
        case ["big", "decimal"]:
            reader = Reader(value, 0, Shown(False, False))
            unscaled, scale = reader.take(reader.number(64)), reader.number(32)
            if reader.position != len(value):
                raise MalformedError("bytes after a big-decimal")
            return decimal(unscaled, scale)
        case ["uuid"]:
            return uuid(value)
        case ["duration"]:
            return Duration(*struct.unpack("<III", value))
        case ["date"]:
            return on_calendar(days=value).date()
        case ["time", unit]:
            if not 0 <= value < 86400 * UNITS[unit]:
                raise MalformedError("not within a day")
            return (EPOCH + timedelta(microseconds=value * 10**6 // UNITS[unit])).time()
        case ["timestamp", unit]:
            return moment(value, unit, UTC)
        case ["local", "timestamp", unit]:
            return moment(value, unit, None)
    raise AssertionError(logical.name)


def on_calendar(**since_epoch: int) -> datetime:
    try:
        return EPOCH + timedelta(**since_epoch)
    except OverflowError:
        raise MalformedError("outside of the years 1 to 9999") from None


def moment(value: int, unit: str, zone: Any) -> datetime:
    nanos = value * 10**9 // UNITS[unit]
    plain = on_calendar(microseconds=nanos // 1000).replace(tzinfo=zone)
    return NanoDatetime.from_datetime(plain, nanos % 1000) if unit == "nanos" else plain


def decimal(data: bytes, scale: int, precision: int = 0) -> Decimal:
    unscaled = int.from_bytes(data, "big", signed=True)
    if precision and abs(unscaled) >= 10**precision:
        raise MalformedError("more digits than the precision")
    return Decimal(unscaled).scaleb(-scale, EXACT)


def uuid(value: str | bytes) -> UUID:
    """Text as in RFC 4122: hexadecimal digits in groups of 8, 4, 4, 4 and 12 (some writers leave the hyphens
    out), as a URN or in braces too; or the 16 bytes."""
    if isinstance(value, bytes):
        return UUID(bytes=value)
    if value.startswith("urn:uuid:"):
        value = value.removeprefix("urn:uuid:")
    elif value.startswith("{") and value.endswith("}"):
        value = value[1:-1]
    groups = value.split("-")
    digits = "".join(groups)
    sizes = [len(group) for group in groups]
    if sizes not in ([8, 4, 4, 4, 12], [32]) or set(digits) - set("0123456789abcdefABCDEF"):
        raise MalformedError("not a UUID")
    return UUID(hex=digits)


def to_underlying(schema: Schema, value: Any) -> Any:
    logical = schema.logical
    assert logical is not None
    match logical.name.split("-"):
        case ["decimal"]:
            fit(isinstance(value, Decimal) and value.is_finite())
            number_ = unscaled(value, logical.scale)
            fit(abs(number_) < 10**logical.precision)
            size = schema.size if isinstance(schema, FixedSchema) else fewest_bytes(number_)
            return number_.to_bytes(size, "big", signed=True)
        case ["big", "decimal"]:
            fit(isinstance(value, Decimal) and value.is_finite())
            scale = -int(value.as_tuple().exponent)
            number_ = unscaled(value, scale)
            data = number_.to_bytes(fewest_bytes(number_), "big", signed=True)
            return number(len(data)) + data + number(scale)
        case ["uuid"]:
            fit(isinstance(value, UUID))
            return value.bytes if isinstance(schema, FixedSchema) else str(value)
        case ["duration"]:
            fit(isinstance(value, tuple) and len(value) == 3)
            fit(all(isinstance(part, int) and 0 <= part < 2**32 for part in value))
            return struct.pack("<III", *value)
        case ["date"]:
            fit(isinstance(value, date) and not isinstance(value, datetime))
            return (value - EPOCH.date()).days
        case ["time", unit]:
            fit(isinstance(value, time) and value.tzinfo is None)
            return in_units(datetime.combine(EPOCH, value), unit)
        case ["timestamp", unit]:
            fit(isinstance(value, datetime) and value.tzinfo is not None)
            return in_units(value.astimezone(UTC), unit)
        case ["local", "timestamp", unit]:
            fit(isinstance(value, datetime) and value.tzinfo is None)
            return in_units(value, unit)
    raise AssertionError(logical.name)


def in_units(value: datetime, unit: str) -> int:
    """Units from 1970 to the time that the value shows; no digit may be lost."""
    shown = datetime(*value.timetuple()[:6], value.microsecond)
    nanos = (shown - EPOCH) // timedelta(microseconds=1) * 1000 + getattr(value, "nanosecond", 0)
    units, lost = divmod(nanos, 10**9 // UNITS[unit])
    fit(lost == 0)
    return units


def unscaled(value: Decimal, scale: int) -> int:
    shifted = value.scaleb(scale, EXACT)
    fit(shifted == int(shifted))
    return int(shifted)


def fewest_bytes(value: int) -> int:
    """Of two's complement."""
    size = 1
    while not -(1 << 8 * size - 1) <= value < 1 << 8 * size - 1:
        size += 1
    return size


# -- Schema resolution ---------------------------------------------------------------------------------

PROMOTIONS = {
    ("int", "long"),
    ("int", "float"),
    ("int", "double"),
    ("long", "float"),
    ("long", "double"),
    ("float", "double"),
    ("string", "bytes"),
    ("bytes", "string"),
}


def same_name(writer: NamedSchema, reader: NamedSchema) -> bool:
    """Aliases of the reader rewrite the writer's fullname; then unqualified names are compared."""
    return writer.name == reader.name or writer.fullname in reader.aliases


def matches(writer: Schema, reader: Schema, logical: bool = True) -> bool:
    """The list under "To match, one of the following must hold", and the rules for logical types."""
    if isinstance(writer, UnionSchema) or isinstance(reader, UnionSchema):
        return True
    if isinstance(writer, ArraySchema) and isinstance(reader, ArraySchema):
        return matches(writer.items, reader.items, logical)
    if isinstance(writer, MapSchema) and isinstance(reader, MapSchema):
        return matches(writer.values, reader.values, logical)
    if logical and writer.logical and reader.logical and kind(writer) != kind(reader):
        return False
    if isinstance(writer, EnumSchema) and isinstance(reader, EnumSchema):
        return same_name(writer, reader)
    if isinstance(writer, FixedSchema) and isinstance(reader, FixedSchema):
        return same_name(writer, reader) and writer.size == reader.size
    if isinstance(writer, RecordSchema) and isinstance(reader, RecordSchema):
        return same_name(writer, reader)
    primitive = not isinstance(writer, NamedSchema) and not isinstance(reader, NamedSchema)
    return primitive and (writer.type == reader.type or (writer.type, reader.type) in PROMOTIONS)


def kind(schema: Schema) -> Any:
    """What two logical types must agree in: all but the unit of time."""
    assert schema.logical
    return replace(schema.logical, name=schema.logical.name.removesuffix(f"-{unit_of(schema)}"))


def unit_of(schema: Schema) -> str | None:
    unit = schema.logical.name.rpartition("-")[2] if schema.logical else ""
    return unit if unit in UNITS else None


def in_the_readers_unit(writer: Schema, reader: Schema, value: Any) -> Any:
    """Times convert exactly, or not at all."""
    written, wanted = unit_of(writer), unit_of(reader)
    if not written or not wanted:
        return value
    units, lost = divmod(value * UNITS[wanted], UNITS[written])
    if lost:
        raise MismatchError("digits that the unit has no room for")
    if not -(2**63) <= units < 2**63:
        raise MalformedError("out of range")
    return units


def reader_branch(writer: Schema, reader: UnionSchema, logical: bool, among: Sequence[Schema]) -> Schema:
    """The first branch that matches; one of the writer's own type or fullname goes before the others.

    Aliases have renamed the writer's types before: all that are among the branches of its union.
    """
    matching = [branch for branch in reader.branches if matches(writer, branch, logical)]
    if isinstance(writer, NamedSchema):
        takers, unclear = renamed(names_of(among), names_of(reader.branches))
        claimed = {
            alias for name, aliases in names_of(reader.branches) if name in unclear for alias in aliases
        }
        if writer.fullname in unclear | claimed:
            raise MismatchError("aliases that leave open what they name")
        for branch in matching:
            if isinstance(branch, NamedSchema) and branch.fullname == takers.get(writer.fullname):
                return branch
    if not matching:
        raise MismatchError("no branch")

    def strangeness(branch: Schema) -> int:
        if branch_name(writer) == branch_name(branch):
            return 0
        if isinstance(branch, NamedSchema) and isinstance(writer, NamedSchema):
            return 1 if writer.fullname in branch.aliases else 2
        return 1

    return min(matching, key=strangeness)  # the first of the least strange


def names_of(schemas: Sequence[Schema]) -> list[tuple[str, tuple[str, ...]]]:
    return [(each.fullname, each.aliases) for each in schemas if isinstance(each, NamedSchema)]


def renamed(
    written: list[tuple[str, tuple[str, ...]]], wanted: list[tuple[str, tuple[str, ...]]]
) -> tuple[dict[str, str], set[str]]:
    """As which of the reader's names each of the writer's acts, and which of the reader's no one can tell.

    What the reader calls y, and has the alias x, takes the writer's x if the writer has no y, or if its y is
    renamed as well. It is unclear if the writer has several such x, if others take x too, or if the writer
    has both x and y, and neither the reader has an x of its own nor has the writer's y the alias. And it is
    unclear where names are exchanged in a circle, unless the writer has the aliases.
    """
    names = {name for name, _ in written}
    aliases = {
        name: [each for each in dict.fromkeys(others) if each in names and each != name]
        for name, others in wanted
    }
    moving: set[str] = set()
    while True:
        taken = {alias for name in moving for alias in aliases[name]}
        more = {name for name in aliases if name not in names or name in taken}
        if more <= moving:
            break
        moving |= more
    staying = {name for name in aliases if name not in moving}
    takers = {name: name for name in staying}
    unclear = set()
    for name in moving:
        rivals = [other for other in moving if set(aliases[other]) & set(aliases[name])]
        if len(aliases[name]) > 1 or len(rivals) > 1:
            unclear.add(name)
        elif aliases[name]:
            takers[aliases[name][0]] = name
    known = dict(written)
    open_ = {name: {each for each in aliases[name] if each not in known[name]} for name in staying}
    unclear |= {name for name in staying if open_[name] - staying}
    circles = {name for name in staying if name in reached(open_, name)}
    unclear |= {
        name
        for name in staying
        if circles & {name, *reached(open_, name)} and any(name in {c, *reached(open_, c)} for c in circles)
    }
    return {alias: name for alias, name in takers.items() if name not in unclear}, unclear


def reached(edges: dict[str, set[str]], start: str) -> set[str]:
    """Where the edges lead to from a node, in a step or more."""
    found: set[str] = set()
    more = edges.get(start, set())
    while more - found:
        found |= more
        more = {end for node in found for end in edges.get(node, ())}
    return found


def resolved(writer: Schema, reader: Schema, source: Reader, among: Sequence[Schema] = ()) -> Any:
    """The next value of the writer's schema, as the reader sees it.

    Items that do not match are an error where there are any: an empty array can be read as any other.
    """
    if isinstance(writer, UnionSchema):
        return resolved(source.chosen(writer), reader, source, writer.branches)
    if isinstance(reader, UnionSchema):
        branch = reader_branch(writer, reader, source.shown.logical, among or (writer,))
        return source.shown.branch(branch, resolved(writer, branch, source))
    if isinstance(writer, ArraySchema) and isinstance(reader, ArraySchema):
        counts = source.block_counts()
        return [resolved(writer.items, reader.items, source) for count in counts for _ in range(count)]
    if isinstance(writer, MapSchema) and isinstance(reader, MapSchema):
        counts = source.block_counts()
        return {
            source.string(): resolved(writer.values, reader.values, source)
            for count in counts
            for _ in range(count)
        }
    if not matches(writer, reader, source.shown.logical):
        raise MismatchError(f"{writer.type} as {reader.type}")
    if isinstance(writer, RecordSchema) and isinstance(reader, RecordSchema):
        return resolved_record(writer, reader, source)
    value = source.underlying(writer)
    if isinstance(reader, EnumSchema) and value not in reader.symbols:
        if reader.default is None:
            raise MismatchError(f"symbol {value}")
        value = reader.default
    if source.shown.logical:
        value = in_the_readers_unit(writer, reader, value)
    return source.shown.leaf(reader, promoted(value, writer.type, reader.type))


def promoted(value: Any, writer: str, reader: str) -> Any:
    match writer, reader:
        case "int" | "long", "float":
            return nearest_single(value)
        case "int" | "long", "double":
            return float(value)
        case "string", "bytes":
            return value.encode("utf-8")
        case "bytes", "string":
            try:
                return value.decode("utf-8")
            except UnicodeDecodeError:
                raise MalformedError("not UTF-8") from None
    return value


def nearest_single(value: int) -> float:
    """The 24 leading bits, the rest rounded half to even."""
    unit = 1 << max(0, abs(value).bit_length() - 24)
    quotient, rest = divmod(value, unit)
    if rest * 2 > unit or (rest * 2 == unit and quotient % 2):
        quotient += 1
    return float(quotient * unit)


def resolved_record(writer: RecordSchema, reader: RecordSchema, source: Reader) -> dict[str, Any]:
    """Fields of the writer in their order; then the reader's other fields take their defaults."""
    record = {}
    takers, unclear = renamed(
        [(field.name, field.aliases) for field in writer.fields],
        [(field.name, field.aliases) for field in reader.fields],
    )
    types = {field.name: field.type for field in reader.fields}
    for field in writer.fields:
        if field.name in takers:
            taker = takers[field.name]
            record[taker] = resolved(field.type, types[taker], source)
        else:
            _, source.position = decode(field.type, source.data, source.position, logical=False)
    for field in reader.fields:
        if field.name not in record:
            if field.name in unclear:
                raise MismatchError(f"aliases that leave open what {field.name} is")
            if field.default is NO_DEFAULT:
                raise MismatchError(f"no default for {field.name}")
            try:
                record[field.name] = default_value(field.type, field.default, source.shown)
            except MalformedError as error:
                raise MismatchError(f"the default of {field.name}: {error}") from None
    return record


def default_value(schema: Schema, default: Any, shown: Shown) -> Any:
    """A default, JSON data, as a value (the table of field default values)."""
    if isinstance(schema, UnionSchema):
        # Text that can be text is text before it is the word for a number.
        words = isinstance(default, str) and default in ("NaN", "Infinity", "-Infinity")
        for branch in sorted(schema.branches, key=lambda each: words and each.type in ("float", "double")):
            try:
                return shown.branch(branch, default_value(branch, default, shown))
            except UnfitError:
                pass
        raise UnfitError(default)
    if isinstance(schema, ArraySchema):
        fit(isinstance(default, list | tuple))
        return [default_value(schema.items, item, shown) for item in default]
    if isinstance(schema, MapSchema):
        fit(isinstance(default, Mapping))
        return {key: default_value(schema.values, item, shown) for key, item in default.items()}
    if isinstance(schema, RecordSchema):
        fit(isinstance(default, Mapping))
        given = {field.name: default.get(field.name, field.default) for field in schema.fields}
        fit(NO_DEFAULT not in given.values())
        return {field.name: default_value(field.type, given[field.name], shown) for field in schema.fields}
    if isinstance(schema, FixedSchema) or schema.type == "bytes":
        fit(isinstance(default, str) and all(ord(character) < 256 for character in default))
        default = bytes(ord(character) for character in default)
    if schema.type in ("float", "double") and default in ("NaN", "Infinity", "-Infinity"):
        default = float(default)
    # Through bytes and back: a float's default is shown as the nearest single.
    source = Reader(leaf(schema, default), 0, shown)
    return shown.default(schema, source.underlying(schema))
