"""All pairs of an Arrow and an Avro type: values on both sides of what fits, and a slow reference for each.

The reference says what the plain encoding of a value should be, by Python's exact arithmetic.
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation, localcontext
from fractions import Fraction
from typing import Any
from uuid import UUID

import pytest

from avrojet import Schema, parse_schema
from avrojet.schema.model import EnumSchema, FixedSchema

pa = pytest.importorskip("pyarrow")

INT32, INT64 = (-(2**31), 2**31 - 1), (-(2**63), 2**63 - 1)
PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
SECOND_OF = {"millis": 10**3, "micros": 10**6, "nanos": 10**9}
DAY = 86_400
ID = UUID("12345678-1234-5678-1234-56781234567f")


class UnfitError(Exception):
    """The value is none of the type."""


@dataclass(frozen=True)
class ArrowCase:
    """An Arrow type.

    :ivar row: of the table in docs/reference/arrow.md.
    :ivar values: raw ones: numbers of days, times and durations.
    """

    row: str
    type: Any
    values: tuple[Any, ...]

    def array(self, values: list[Any]) -> Any:
        return made_array(self.type, values)

    def __str__(self) -> str:
        return str(self.type)


def made_array(type: Any, values: list[Any]) -> Any:
    if pa.types.is_temporal(type) and not pa.types.is_interval(type):
        return pa.array(values, pa.int32() if type.bit_width == 32 else pa.int64()).view(type)
    if isinstance(type, pa.UuidType):
        return pa.ExtensionArray.from_storage(type, pa.array(values, pa.binary(16)))
    if pa.types.is_interval(type):
        return pa.array([None if one is None else pa.MonthDayNano(one) for one in values], type)
    return pa.array(values, type)


def around(*edges: int) -> tuple[int, ...]:
    return tuple(sorted({edge + step for edge in edges for step in (-1, 0, 1)}))


def within(low: int, high: int) -> tuple[int, ...]:
    edges = around(0, 86_400_000, 86_400_000_000, 2**24, 2**31, -(2**31), 2**53, 2**62, -(2**62), 999, 10**7)
    return tuple([n for n in (low, high, *edges) if low <= n <= high])


def integers(type: Any) -> tuple[int, ...]:
    bits = type.bit_width
    if pa.types.is_unsigned_integer(type):
        return within(0, 2**bits - 1)
    return within(-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)


def of_units(per_second: int) -> tuple[int, ...]:
    """Numbers of units: whole and broken seconds, days and smaller units, and the farthest."""
    steps = {per_second // unit for unit in PER_SECOND.values() if unit <= per_second}
    steps |= {DAY * per_second, 123 * DAY * per_second}
    return tuple(n for n in sorted({0, *INT64, *(s * f for s in steps for f in (-1, 1, 7))}))


def times(per_second: int) -> tuple[int, ...]:
    return tuple([n for n in of_units(per_second) if 0 <= n < DAY * per_second])


TEXTS = (
    "", "a", "A", "B", "abc", "ä" * 5, "0", "-0", "1.25", "-1.25", "+.5", "5.", "1e2", "1E-2", "1.230",
    "00012.500", "1e", "1e+", ".", "-", "1.2.3", " 1", "1_0", "NaN", "Infinity", "0x1",
    "\N{ARABIC-INDIC DIGIT ONE}", "1" * 7, "9999999.99", "9999999.995", "12345678.90", "1e-999999999999",
    "1e999999999999", "0e999999999", "123456789012345678", "0.123456789", "9" * 60, "9" * 61,
    "-" + "9" * 80 + ".25", "9" * 100, "1" + "0" * 99,
    "1." + "0" * 200, "0." + "0" * 40 + "1", str(ID), str(ID).upper(), ID.hex, f"{{{ID}}}", f"urn:uuid:{ID}",
    "-".join(ID.hex),
    str(ID)[:-1], str(ID) + "0", str(ID).replace("f", "g"),
)  # fmt: skip


def complement(number: int, size: int | None = None) -> bytes:
    size = size or (number if number >= 0 else ~number).bit_length() // 8 + 1
    return number.to_bytes(size, "big", signed=True)


BINARIES = (
    b"", b"\0", b"\x7f", b"\x80", b"\xff", b"abc", b"\xff\xfe\xfd", "ä".encode(), b"\x03\xe7", b"\x03\xe8",
    b"\xfc\x18", b"\xfc\x19", b"\x7f" * 5, b"\0" * 12, b"\x12" * 12, b"\xff" * 16, ID.bytes, b"\x7f" * 26,
    b"\x00" * 40 + b"\1",
    *[complement(sign * (10**digits + step)) for digits in (60, 100) for sign in (1, -1) for step in (-1, 0)],
    b"\x02\x05\x04", b"\x04\x05\x04", b"\x02\x05\x04\x00", b"\x00\x02", b"\x02\x05", b"\x01\x05\x04",
    b"\x02\x05\xff\xff\xff\xff\x0f", b"\x02\x05\xff\xff\xff\xff\x1f",
)  # fmt: skip
FLOATS = (
    0.0, -0.0, 1.5, -1.5, 0.1, 1 / 3, 65504.0, float("inf"), float("-inf"), float("nan"), 6e-8,
    16777216.0, 16777217.0, 3.4028234663852886e38, 3.4028235677973366e38, 1e39, -1e300, 1e-46, 5e-324,
)  # fmt: skip


def halves(values: tuple[float, ...], code: str) -> tuple[float, ...]:
    """Those that a smaller type of numbers has."""
    found = []
    for value in values:
        try:
            (again,) = struct.unpack(code, struct.pack(code, value))
        except OverflowError:
            continue
        if again == value or value != value:
            found.append(value)
    return tuple(found)


def decimals(type: Any) -> tuple[Decimal, ...]:
    most = 10**type.precision - 1
    numbers = {0, 1, -1, 5, 100, -100, 125, 12300, most, -most, most // 10 * 10, 10 ** (type.precision - 1)}
    with localcontext(prec=100):
        return tuple([Decimal(n).scaleb(-type.scale) for n in sorted(numbers) if abs(n) <= most])


def arrow_cases() -> list[ArrowCase]:
    def each(row: str, values: Any, *types: Any) -> list[ArrowCase]:
        return [ArrowCase(row, type, tuple(values(type) if callable(values) else values)) for type in types]

    units = [("s", 1), ("ms", 10**3), ("us", 10**6), ("ns", 10**9)]
    return [
        *each("null", (None,), pa.null()),
        *each("bool", (True, False), pa.bool_()),
        *each("int8, int16, uint8, uint16", integers, pa.int8(), pa.int16(), pa.uint8(), pa.uint16()),
        *each("int32", integers, pa.int32()),
        *each("uint32, int64", integers, pa.uint32(), pa.int64()),
        *each("uint64", integers, pa.uint64()),
        *each("float16", halves(FLOATS, "<e"), pa.float16()),
        *each("float32", halves(FLOATS, "<f"), pa.float32()),
        *each("float64", FLOATS, pa.float64()),
        *each("utf8; large, view", TEXTS, pa.string(), pa.large_string(), pa.string_view()),
        *each("binary; large, view", BINARIES, pa.binary(), pa.large_binary(), pa.binary_view()),
        *[
            ArrowCase(
                "fixed_size_binary", pa.binary(n), tuple([one.ljust(n, b"\x11")[:n] for one in BINARIES])
            )
            for n in (1, 2, 3, 5, 12, 16)
        ],
        *each("arrow.uuid", (ID.bytes, bytes(16), b"a" * 16), pa.uuid()),
        *each(
            "decimal32, 64, 128, 256",
            decimals,
            pa.decimal32(5, 2),
            pa.decimal64(12, 2),
            pa.decimal128(9, 2),
            pa.decimal128(12, 9),
            pa.decimal128(38, 0),
            pa.decimal128(38, 20),
            pa.decimal128(3, -2),
            pa.decimal128(10, -5),
            pa.decimal256(60, 5),
            pa.decimal256(76, 76),
        ),
        *each("date32", around(0, 20_000, *INT32)[1:-1], pa.date32()),
        *each("date64", of_units(10**3), pa.date64()),
        *[ArrowCase("time32, time64", pa.time32(unit), times(n)) for unit, n in units[:2]],
        *[ArrowCase("time32, time64", pa.time64(unit), times(n)) for unit, n in units[2:]],
        *[ArrowCase("timestamp with a zone", pa.timestamp(unit, "UTC"), of_units(n)) for unit, n in units],
        *[ArrowCase("timestamp without zone", pa.timestamp(unit), of_units(n)) for unit, n in units],
        *[ArrowCase("duration", pa.duration(unit), (0, -1, *INT64)) for unit, _ in units],
        *each(
            "intervals",
            ((0, 0, 0), (1, 2, 3_000_000), (1, 2, 3), (0, -1, 0), (-1, 0, 0), (0, 0, 2**32 * 10**6)),
            pa.month_day_nano_interval(),
        ),
        *each("list", ([], [1]), pa.list_(pa.int32())),
        *each("map", ([], [("a", 1)]), pa.map_(pa.string(), pa.int32())),
        *each("struct", ({"x": 1},), pa.struct([pa.field("x", pa.int32())])),
    ]


def logical(type: Any, name: str, **attributes: Any) -> Any:
    return {"type": type, "logicalType": name, **attributes}


def fixed(size: int, **attributes: Any) -> Any:
    return {"type": "fixed", "name": "F", "size": size, **attributes}


def decimal(precision: int, scale: int) -> Any:
    return logical("bytes", "decimal", precision=precision, scale=scale)


# column of the table in docs/reference/arrow.md -> schemas
AVRO: dict[str, list[Any]] = {
    "null": ["null"],
    "boolean": ["boolean"],
    "int": ["int"],
    "long": ["long"],
    "float": ["float"],
    "double": ["double"],
    "bytes": ["bytes"],
    "string": ["string"],
    "fixed": [fixed(3), fixed(16)],
    "enum": [{"type": "enum", "name": "E", "symbols": ["A", "abc"]}],
    "date": [logical("int", "date")],
    "time": [logical("int", "time-millis"), logical("long", "time-micros")],
    "timestamp": [logical("long", f"timestamp-{unit}") for unit in SECOND_OF],
    "local-timestamp": [logical("long", f"local-timestamp-{unit}") for unit in SECOND_OF],
    "decimal": [
        decimal(9, 2),
        decimal(4, 0),
        decimal(18, 18),
        decimal(38, 10),
        decimal(60, 5),
        decimal(100, 20),
        decimal(2000, 1000),
        fixed(5, logicalType="decimal", precision=9, scale=2),
        fixed(12, logicalType="decimal", precision=26, scale=0),
        fixed(40, logicalType="decimal", precision=90, scale=2),
    ],
    "big-decimal": [logical("bytes", "big-decimal")],
    "uuid": [logical("string", "uuid"), fixed(16, logicalType="uuid")],
    "duration": [fixed(12, logicalType="duration")],
}
SCHEMAS = [(column, parse_schema(schema)) for column, schemas in AVRO.items() for schema in schemas]


# The reference


def plain(case: ArrowCase, value: Any, schema: Schema) -> Any:
    """The value in the plain encoding of the schema; numbers of floats by their bits."""
    name = schema.logical.name if schema.logical else schema.type
    if value is None:
        if name == "null":
            return None
        raise UnfitError
    if name == "null":
        raise UnfitError
    if "timestamp" in name:
        name = name.rpartition("-")[0]
    rule = RULES.get((kind_of(case.type), name))
    if rule is None:
        raise TypeError
    return rule(case.type, value, schema)


def kind_of(type: Any) -> str:
    checks = {
        "null": pa.types.is_null,
        "bool": pa.types.is_boolean,
        "integer": pa.types.is_integer,
        "float": pa.types.is_floating,
        "uuid": lambda t: isinstance(t, pa.UuidType),
        "text": lambda t: t in (pa.string(), pa.large_string(), pa.string_view()),
        "sized": pa.types.is_fixed_size_binary,
        "binary": lambda t: (
            pa.types.is_binary(t) or pa.types.is_large_binary(t) or pa.types.is_binary_view(t)
        ),
        "decimal": pa.types.is_decimal,
        "date": pa.types.is_date,
        "time": pa.types.is_time,
        "timestamp": lambda t: pa.types.is_timestamp(t) and t.tz is not None,
        "local": lambda t: pa.types.is_timestamp(t) and t.tz is None,
        "duration": pa.types.is_duration,
        "interval": pa.types.is_interval,
    }
    return next((kind for kind, check in checks.items() if check(type)), "nested")


def ranged(value: int, low: int, high: int) -> int:
    if not low <= value <= high:
        raise UnfitError
    return value


def as_integer(type: Any, value: int, schema: Schema) -> int:
    if schema.logical is not None and schema.logical.name.startswith("time-"):
        return ranged(value, 0, DAY * SECOND_OF[schema.logical.name[5:]] - 1)
    return ranged(value, *(INT32 if schema.type == "int" else INT64))


def as_real(type: Any, value: float, schema: Schema) -> bytes:
    """The nearest: found among its neighbours by exact fractions."""
    if schema.type == "double" or (isinstance(value, float) and not math.isfinite(value)):
        return struct.pack("<d" if schema.type == "double" else "<f", float(value))
    try:
        guess = struct.unpack("<f", struct.pack("<f", float(value)))[0]
    except OverflowError:
        raise UnfitError from None
    if not math.isfinite(guess):
        raise UnfitError
    (bits,) = struct.unpack("<I", struct.pack("<f", abs(guess)))
    near = [each for each in (bits - 1, bits, bits + 1) if 0 <= each < 0x7F800000]
    best = min(near, key=lambda each: (abs(Fraction(float_of(each)) - abs(Fraction(value))), each & 1))
    return struct.pack("<f", math.copysign(float_of(best), value))


def float_of(bits: int) -> float:
    (value,) = struct.unpack("<f", struct.pack("<I", bits))
    return float(value)


def as_bytes(type: Any, value: Any, schema: Schema) -> bytes:
    return value.encode() if isinstance(value, str) else value


def as_text(type: Any, value: Any, schema: Schema) -> str:
    try:
        return value if isinstance(value, str) else value.decode()
    except UnicodeDecodeError:
        raise UnfitError from None


def sized(type: Any, value: bytes, schema: Schema) -> bytes:
    assert isinstance(schema, FixedSchema)
    width = 16 if kind_of(type) == "uuid" else type.byte_width if kind_of(type) == "sized" else schema.size
    if width != schema.size:
        raise TypeError
    if len(value) != schema.size:
        raise UnfitError
    return value


def as_symbol(type: Any, value: str, schema: Schema) -> str:
    assert isinstance(schema, EnumSchema)
    if value not in schema.symbols:
        raise UnfitError
    return value


def converted(value: int, have: int, want: int, low: int, high: int) -> int:
    """A number of units in others."""
    number = Fraction(value * want, have)
    if number.denominator != 1:
        raise UnfitError
    return ranged(int(number), low, high)


def as_date(type: Any, value: int, schema: Schema) -> int:
    per_day = (
        1
        if pa.types.is_date32(type)
        else DAY * (10**3 if pa.types.is_date64(type) else PER_SECOND[type.unit])
    )
    return converted(value, per_day, 1, *INT32)


def as_time(type: Any, value: int, schema: Schema) -> int:
    assert schema.logical
    want = SECOND_OF[schema.logical.name.rpartition("-")[2]]
    return converted(value, PER_SECOND[type.unit], want, 0, DAY * want - 1)


def as_timestamp(type: Any, value: int, schema: Schema) -> int:
    assert schema.logical
    return converted(value, PER_SECOND[type.unit], SECOND_OF[schema.logical.name.rpartition("-")[2]], *INT64)


def as_duration(type: Any, value: Any, schema: Schema) -> bytes:
    months, days, nanos = value
    if min(value) < 0 or nanos % 10**6 or nanos // 10**6 >= 2**32:
        raise UnfitError
    return struct.pack("<III", months, days, nanos // 10**6)


def number_of(value: Any) -> Decimal:
    """What text says, if it is a plain number."""
    if not isinstance(value, str):
        return Decimal(value)
    if not value.isascii() or "_" in value or value != value.strip():
        raise UnfitError
    try:
        number = Decimal(value)
    except InvalidOperation:
        raise UnfitError from None
    if not number.is_finite():
        raise UnfitError
    return number


def as_decimal(type: Any, value: Any, schema: Schema) -> bytes:
    assert schema.logical
    number = number_of(value)
    if number and not -5000 < number.adjusted() < 5000:
        raise UnfitError
    with localcontext(prec=9999):
        unscaled = Fraction(number) * 10**schema.logical.scale
    if unscaled.denominator != 1 or abs(unscaled) >= 10**schema.logical.precision:
        raise UnfitError
    return complement(int(unscaled), schema.size if isinstance(schema, FixedSchema) else None)


def encoded_decimal(type: Any, value: bytes, schema: Schema) -> bytes:
    assert schema.logical
    if isinstance(schema, FixedSchema):
        sized(type, value, schema)
    if abs(int.from_bytes(value, "big", signed=True)) >= 10**schema.logical.precision:
        raise UnfitError
    return value


def as_big(type: Any, value: Any, schema: Schema) -> bytes:
    number = number_of(value)
    sign, digits, exponent = number.as_tuple()
    assert isinstance(exponent, int)
    if pa.types.is_decimal(type):
        exponent = -type.scale
        with localcontext(prec=100):
            unscaled = int(number.scaleb(type.scale))
    else:
        unscaled = int("".join(map(str, digits))) * (-1) ** sign
    ranged(-exponent, *INT32)
    data = complement(unscaled)
    return zigzag(len(data)) + data + zigzag(-exponent)


def zigzag(number: int) -> bytes:
    rest = (number << 1) ^ (number >> 63)
    out = bytearray()
    while rest > 0x7F:
        out.append(rest & 0x7F | 0x80)
        rest >>= 7
    out.append(rest)
    return bytes(out)


def encoded_big(type: Any, value: bytes, schema: Schema) -> bytes:
    try:
        size, start = unzigzag(value, 0, 10)
        if size < 0 or start + size > len(value):
            raise UnfitError
        scale, end = unzigzag(value, start + size, 5)
    except IndexError:
        raise UnfitError from None
    ranged(scale, *INT32)
    if end != len(value):
        raise UnfitError
    return value


def unzigzag(data: bytes, at: int, longest: int) -> tuple[int, int]:
    number = shift = 0
    for place in range(at, at + longest):
        number |= (data[place] & 0x7F) << shift
        shift += 7
        if data[place] < 0x80:
            return number >> 1 ^ -(number & 1), place + 1
    raise UnfitError


def as_uuid(type: Any, value: Any, schema: Schema) -> Any:
    if isinstance(value, str):
        try:
            uuid = UUID(value)
        except ValueError:
            raise UnfitError from None
        kept = value.lower() in (str(uuid), uuid.hex)
        return uuid.bytes if schema.type == "fixed" else value if kept else str(uuid)
    if pa.types.is_fixed_size_binary(type) and type.byte_width != 16:
        raise TypeError
    if len(value) != 16:
        raise UnfitError
    return value if schema.type == "fixed" else str(UUID(bytes=value))


def same(type: Any, value: Any, schema: Schema) -> Any:
    return value


RULES: dict[tuple[str, str], Any] = {
    ("bool", "boolean"): same,
    **{("integer", name): as_integer for name in ("int", "long", "date", "time-millis", "time-micros")},
    **{("integer", name): as_integer for name in ("timestamp", "local-timestamp")},
    **{(kind, name): as_real for kind in ("integer", "float") for name in ("float", "double")},
    **{(kind, "bytes"): as_bytes for kind in ("text", "binary", "sized", "uuid")},
    **{(kind, "string"): as_text for kind in ("text", "binary", "sized")},
    **{(kind, name): sized for kind in ("binary", "sized", "uuid") for name in ("fixed",)},
    **{(kind, "duration"): sized for kind in ("binary", "sized")},
    ("text", "enum"): as_symbol,
    **{(kind, "date"): as_date for kind in ("date", "local")},
    **{("time", name): as_time for name in ("time-millis", "time-micros")},
    ("timestamp", "timestamp"): as_timestamp,
    ("local", "local-timestamp"): as_timestamp,
    ("duration", "long"): same,
    ("interval", "duration"): as_duration,
    **{(kind, "decimal"): as_decimal for kind in ("decimal", "integer", "text")},
    **{(kind, "decimal"): encoded_decimal for kind in ("binary", "sized")},
    **{(kind, "big-decimal"): as_big for kind in ("decimal", "integer", "text")},
    **{(kind, "big-decimal"): encoded_big for kind in ("binary", "sized")},
    **{(kind, "uuid"): as_uuid for kind in ("text", "binary", "sized", "uuid")},
}
