"""Which Arrow types fit which Avro types without parts, and how: the table of all pairs is at the end.

docs/reference/arrow.md shows it, and a test keeps the two in agreement. Types with parts are matched part by
part (``fit``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias, get_args

from avrojet.plan.arrow.encoding import Op
from avrojet.plan.arrow.options import Options
from avrojet.plan.arrow.properties import duration_format
from avrojet.plan.arrow.schema import ArrowField
from avrojet.schema.logical import CLOCKS
from avrojet.schema.model import EnumSchema, FixedSchema, Schema

Verdict = Literal["exact", "rounded", "checked"]
ArrowKind = Literal[
    "null",
    "boolean",
    "integer",
    "real",
    "text",
    "binary",
    "sized",
    "uuid",
    "decimal",
    "date",
    "time",
    "instant",
    "local time",
    "duration",
    "interval",
    "nested",
]

_INT: Final = (-(1 << 31), (1 << 31) - 1)
_LONG: Final = (-(1 << 63), (1 << 63) - 1)
# The range of the integers of each Arrow type.
INTEGERS: Final = {
    "c": (-(1 << 7), (1 << 7) - 1), "C": (0, (1 << 8) - 1),
    "s": (-(1 << 15), (1 << 15) - 1), "S": (0, (1 << 16) - 1),
    "i": _INT, "I": (0, (1 << 32) - 1),
    "l": _LONG, "L": (0, (1 << 64) - 1),
}  # fmt: skip
_REALS: Final = {"e": "s", "f": "i", "g": "l"}  # of a type the integers that are stored like its values
_INTERVALS: Final = {"tiM": 4, "tiD": 8, "tin": 16}
_PER_SECOND: Final = {"s": 1, "m": 10**3, "u": 10**6, "n": 10**9}
_DAY: Final = 86400
# Digits that a 256-bit number may have.
_WIDE_DIGITS: Final = 77


@dataclass(frozen=True, slots=True)
class Leaf:
    """How the values of a column are written.

    :ivar verdict: ``"exact"``: each value is unchanged; ``"rounded"``: the nearest number of the type;
        ``"checked"``: unchanged, and one that the type cannot hold is an error.
    :ivar op: the op of ``core.encode_columns``, with
    :ivar details: fields of :class:`avrojet.plan.arrow.encoding.ArrowStep`.
    """

    verdict: Verdict
    op: Op
    details: Mapping[str, Any]


Rule: TypeAlias = Callable[[Schema, ArrowField, Options], Leaf | None]


def leaf(schema: Schema, field: ArrowField, options: Options) -> Leaf | None:
    """How a column is written as values of a schema without parts; None if it does not fit."""
    rule = PAIRS[avro_kind(schema, options)].get(arrow_kind(field))
    return None if rule is None else rule(schema, field, options)


def avro_kind(schema: Schema, options: Options) -> str:
    """The row of the table: the logical type that applies, or the type."""
    logical = schema.logical if options.logical else None
    return schema.type if logical is None else logical.name


def arrow_kind(field: ArrowField) -> ArrowKind:
    """The column of the table; not for a dictionary or run ends, which only lead to values."""
    format = field.format
    if format in INTEGERS:
        return "integer"
    if format in _REALS:
        return "real"
    if field.is_uuid:
        return "uuid"
    plain = _KINDS.get(field.plain)
    if plain is not None:
        return plain
    if format.startswith("ts"):
        return "instant" if format[4:] else "local time"
    return next((kind for start, kind in _STARTS if format.startswith(start)), "nested")


_KINDS: Final[dict[str, ArrowKind]] = {
    "n": "null", "b": "boolean", "u": "text", "z": "binary", "tdD": "date", "tdm": "date",
}  # fmt: skip
_STARTS: Final[tuple[tuple[str, ArrowKind], ...]] = (
    ("w:", "sized"), ("d:", "decimal"), ("tt", "time"), ("tD", "duration"), ("ti", "interval"),
)  # fmt: skip


# Numbers


def _whole(schema: Schema, field: ArrowField, options: Options) -> Leaf:
    return _integer(field, *(_INT if schema.type == "int" else _LONG))


def _integer(field: ArrowField, low: int, high: int) -> Leaf:
    """An integer from low to high."""
    least, greatest = INTEGERS[field.format]
    verdict: Verdict = "exact" if low <= least and greatest <= high else "checked"
    if field.format == "i" and verdict == "exact":
        return Leaf(verdict, "int32", {"store": "i"})
    if field.format == "l" and verdict == "exact":
        return Leaf(verdict, "int64", {"store": "l"})
    return Leaf(verdict, "integer", {"store": field.format, "low": low, "high": high})


def _integer_as_real(schema: Schema, field: ArrowField, options: Options) -> Leaf:
    wide = schema.type == "double"
    least, greatest = INTEGERS[field.format]
    exact = max(-least, greatest) <= 1 << (53 if wide else 24)
    return Leaf(
        "exact" if exact else "rounded",
        "integer to double" if wide else "integer to float",
        {"store": field.format},
    )


def _real(schema: Schema, field: ArrowField, options: Options) -> Leaf:
    op: Op = _REAL_OPS[field.format, schema.type]
    return Leaf("rounded" if op == "double to float" else "exact", op, {"store": _REALS[field.format]})


_REAL_OPS: Final[dict[tuple[str, str], Op]] = {
    ("e", "float"): "half to float",
    ("e", "double"): "half to double",
    ("f", "float"): "float",
    ("f", "double"): "float to double",
    ("g", "float"): "double to float",
    ("g", "double"): "double",
}


def _boolean(schema: Schema, field: ArrowField, options: Options) -> Leaf:
    return Leaf("exact", "boolean", {"store": "b"})


# Bytes and text


def bytes_store(field: ArrowField) -> str:
    """How they are stored; text is stored like bytes."""
    return field.format.partition(":")[0].replace("u", "z").replace("U", "Z")


def _lying(field: ArrowField, **details: Any) -> dict[str, Any]:
    width = int(field.format[2:]) if field.format.startswith("w:") else 0
    return {"store": bytes_store(field), "width": width, **details}


def _bytes(schema: Schema, field: ArrowField, options: Options) -> Leaf:
    return Leaf("exact", "bytes", _lying(field))


def _text(schema: Schema, field: ArrowField, options: Options) -> Leaf:
    # What Arrow calls utf8 is checked, too: nobody else may have done so.
    return Leaf("exact" if field.plain == "u" else "checked", "bytes", _lying(field, text=True))


def _fixed(schema: Schema, field: ArrowField, options: Options) -> Leaf | None:
    assert isinstance(schema, FixedSchema)
    return _of_size(field, schema.size)


def _of_size(field: ArrowField, size: int) -> Leaf | None:
    if field.plain != "z" and field.format != f"w:{size}":
        return None
    return Leaf("checked" if field.plain == "z" else "exact", "fixed", _lying(field, size=size))


def _symbol(schema: Schema, field: ArrowField, options: Options) -> Leaf:
    assert isinstance(schema, EnumSchema)
    return Leaf("checked", "symbol", _lying(field, symbols=schema.symbols))


# Days, times and timestamps: whole numbers of the schema's unit, whatever Arrow's is


def _plain_time(schema: Schema, field: ArrowField, options: Options) -> Leaf:
    """The number itself, in the schema's unit: any, except for a time of day."""
    assert schema.logical is not None
    if CLOCKS[schema.logical.name].kind == "time":
        return _integer(field, *_clock_range(schema))
    return _whole(schema, field, options)


def _clock_range(schema: Schema) -> tuple[int, int]:
    assert schema.logical is not None
    clock = CLOCKS[schema.logical.name]
    return clock.first, clock.last


def _date(schema: Schema, field: ArrowField, options: Options) -> Leaf:
    if field.format == "tdD":
        return Leaf("exact", "int32", {"store": "i"})
    return _scaled("l", 1000 * _DAY, 1, _INT, options)


def _date_of_time(schema: Schema, field: ArrowField, options: Options) -> Leaf:
    """A timestamp without zone, which pandas uses for dates; it must be midnight."""
    return _scaled("l", _PER_SECOND[field.format[2]] * _DAY, 1, _INT, options)


def _time(schema: Schema, field: ArrowField, options: Options) -> Leaf:
    store = "i" if field.format[2] in "sm" else "l"
    have, want = _PER_SECOND[field.format[2]], _per_second(schema)
    found = _scaled(store, have, want, _clock_range(schema), options)
    # Arrow's own times are times of day already.
    return Leaf("exact" if have <= want else found.verdict, found.op, found.details)


def _timestamp(schema: Schema, field: ArrowField, options: Options) -> Leaf:
    return _scaled("l", _PER_SECOND[field.format[2]], _per_second(schema), _LONG, options)


def _naive(schema: Schema, field: ArrowField, options: Options) -> Leaf | None:
    return _timestamp(schema, field, options) if options.naive_is_utc else None


def _per_second(schema: Schema) -> int:
    assert schema.logical is not None
    return CLOCKS[schema.logical.name].per_second


def _scaled(store: str, have: int, want: int, within: tuple[int, int], options: Options) -> Leaf:
    """``have`` and ``want`` are units per the same length of time."""
    low, high = within
    if store == "l" and have == want and within == _LONG:
        return Leaf("exact", "int64", {"store": "l"})
    details = {
        "store": store,
        "factor": max(want // have, 1),
        "divisor": max(have // want, 1),
        "truncate": options.truncate_times,
        "low": low,
        "high": high,
    }
    return Leaf("checked", "integer", details)


def _count(schema: Schema, field: ArrowField, options: Options) -> Leaf:
    """A duration as a long: its number, in the schema's unit, if it has one."""
    wanted = duration_format(schema)
    if wanted is None:
        return Leaf("exact", "int64", {"store": "l"})
    return _scaled("l", _PER_SECOND[field.format[2]], _PER_SECOND[wanted[2]], _LONG, options)


def _length(schema: Schema, field: ArrowField, options: Options) -> Leaf | None:
    """The nanoseconds of an interval as a long that is a duration; some libraries have no other type."""
    wanted = duration_format(schema)
    if wanted is None or field.format != "tin":
        return None
    scaled = _scaled("l", _PER_SECOND["n"], _PER_SECOND[wanted[2]], _LONG, options)
    return Leaf("checked", "interval to length", {**scaled.details, "store": "w", "width": 16})


def _interval(schema: Schema, field: ArrowField, options: Options) -> Leaf:
    return Leaf("checked", "interval", {"store": "w", "width": _INTERVALS[field.format]})


def _plain_duration(schema: Schema, field: ArrowField, options: Options) -> Leaf | None:
    return _of_size(field, 12)


# Decimals


def _decimal(schema: Schema, field: ArrowField, options: Options) -> Leaf:
    assert field.decimal is not None
    assert schema.logical is not None
    digits, scale, width = field.decimal
    shift = schema.logical.scale - scale
    fits = shift >= 0 and digits + shift <= schema.logical.precision
    op: Op = "decimal scaled" if shift else "decimal"
    details = _to_decimal(schema, shift, store="w", width=width)
    return Leaf("exact" if fits else "checked", op, details)


def _integer_to_decimal(schema: Schema, field: ArrowField, options: Options) -> Leaf:
    assert schema.logical is not None
    least, greatest = INTEGERS[field.format]
    fits = max(-least, greatest) < 10 ** min(schema.logical.precision - schema.logical.scale, _WIDE_DIGITS)
    details = _to_decimal(schema, schema.logical.scale, store=field.format)
    return Leaf("exact" if fits else "checked", "integer to decimal", details)


def _to_decimal(schema: Schema, shift: int, **details: Any) -> dict[str, Any]:
    """Digits that a number may have before it is multiplied by 10**shift."""
    assert schema.logical is not None
    digits = min(max(schema.logical.precision - shift, 0), _WIDE_DIGITS)
    return {"size": _size_of(schema), "precision": digits, "exponent": shift, **details}


def _text_to_decimal(schema: Schema, field: ArrowField, options: Options) -> Leaf:
    assert schema.logical is not None
    details = _lying(
        field, size=_size_of(schema), precision=schema.logical.precision, exponent=schema.logical.scale
    )
    return Leaf("checked", "text to decimal", details)


def _bytes_to_decimal(schema: Schema, field: ArrowField, options: Options) -> Leaf | None:
    assert schema.logical is not None
    size = _size_of(schema)
    if size >= 0 and field.plain != "z" and field.format != f"w:{size}":
        return None
    # The limit does not allow numbers of more digits.
    digits = min(schema.logical.precision, options.decimal_bytes * 8 * 30103 // 100000 + 1)
    greatest = 10**digits - 1
    data = greatest.to_bytes((greatest.bit_length() + 7) // 8, "big")
    return Leaf("checked", "bytes to decimal", _lying(field, size=size, data=data))


def _size_of(schema: Schema) -> int:
    return schema.size if isinstance(schema, FixedSchema) else -1


def _decimal_to_big(schema: Schema, field: ArrowField, options: Options) -> Leaf:
    assert field.decimal is not None
    _, scale, width = field.decimal
    return Leaf("exact", "decimal to big", {"store": "w", "width": width, "exponent": scale})


def _integer_to_big(schema: Schema, field: ArrowField, options: Options) -> Leaf:
    return Leaf("exact", "integer to big", {"store": field.format})


def _text_to_big(schema: Schema, field: ArrowField, options: Options) -> Leaf:
    return Leaf("checked", "text to big", _lying(field))


def _bytes_to_big(schema: Schema, field: ArrowField, options: Options) -> Leaf:
    return Leaf("checked", "bytes to big", _lying(field))


# UUIDs


def _uuid(schema: Schema, field: ArrowField, options: Options) -> Leaf | None:
    """16 bytes, in network order."""
    if isinstance(schema, FixedSchema):
        return _of_size(field, 16)
    if field.plain != "z" and field.format != "w:16":
        return None
    return Leaf("checked" if field.plain == "z" else "exact", "uuid to text", _lying(field))


def _text_to_uuid(schema: Schema, field: ArrowField, options: Options) -> Leaf:
    return Leaf("checked", "uuid of text" if isinstance(schema, FixedSchema) else "uuid text", _lying(field))


def _null(schema: Schema, field: ArrowField, options: Options) -> Leaf:
    return Leaf("exact", "null", {"store": "n"})


def _nulls(schema: Schema, field: ArrowField, options: Options) -> Leaf | None:
    """A column of any type whose values are all null: some libraries have no null type."""
    store = store_of(field)
    return None if store is None else Leaf("checked", "absent", {**store, "null": b""})


def store_of(field: ArrowField) -> dict[str, Any] | None:
    """How the values of a column are stored; None for a union's, which are in its members."""
    format = field.format
    if format in INTEGERS or format in {"n", "b", "+s", "+l", "+L", "+vl", "+vL"}:
        return {"store": format}
    if format in _REALS:
        return {"store": _REALS[format]}
    if field.decimal is not None:
        return {"store": "w", "width": field.decimal[2]}
    if format in _INTERVALS:
        return {"store": "w", "width": _INTERVALS[format]}
    if field.plain in {"u", "z"} or format.startswith("w:"):
        return _lying(field)
    if format.startswith("+w:"):
        return {"store": "+w", "width": int(format[3:])}
    if format.startswith("t"):
        return {"store": "i" if format.startswith(("tdD", "tts", "ttm")) else "l"}
    return {"store": "+l"} if format == "+m" else None


def _absent(schema: Schema, field: ArrowField, options: Options) -> Leaf:
    """The null type is used if a library has seen no value, as in lists that are all empty."""
    return Leaf("checked", "absent", {"store": "n"})


_TIMES: Final[dict[str, Rule]] = {"integer": _plain_time}
_INSTANTS: Final[dict[str, Rule]] = {**_TIMES, "instant": _timestamp, "local time": _naive}
_LOCAL_TIMES: Final[dict[str, Rule]] = {**_TIMES, "local time": _timestamp}

# Avro type or logical type -> kind of Arrow type -> the rule. Nothing else fits.
_RULES: Final[dict[str, dict[str, Rule]]] = {
    "boolean": {"boolean": _boolean},
    "int": {"integer": _whole},
    "long": {"integer": _whole, "duration": _count, "interval": _length},
    "float": {"integer": _integer_as_real, "real": _real},
    "double": {"integer": _integer_as_real, "real": _real},
    "bytes": {"text": _bytes, "binary": _bytes, "sized": _bytes, "uuid": _bytes},
    "string": {"text": _text, "binary": _text, "sized": _text},
    "fixed": {"binary": _fixed, "sized": _fixed, "uuid": _fixed},
    "enum": {"text": _symbol},
    "date": {**_TIMES, "date": _date, "local time": _date_of_time},
    "time-millis": {**_TIMES, "time": _time},
    "time-micros": {**_TIMES, "time": _time},
    "timestamp-millis": _INSTANTS,
    "timestamp-micros": _INSTANTS,
    "timestamp-nanos": _INSTANTS,
    "local-timestamp-millis": _LOCAL_TIMES,
    "local-timestamp-micros": _LOCAL_TIMES,
    "local-timestamp-nanos": _LOCAL_TIMES,
    "decimal": {
        "decimal": _decimal,
        "integer": _integer_to_decimal,
        "text": _text_to_decimal,
        "binary": _bytes_to_decimal,
        "sized": _bytes_to_decimal,
    },
    "big-decimal": {
        "decimal": _decimal_to_big,
        "integer": _integer_to_big,
        "text": _text_to_big,
        "binary": _bytes_to_big,
        "sized": _bytes_to_big,
    },
    "uuid": {"uuid": _uuid, "binary": _uuid, "sized": _uuid, "text": _text_to_uuid},
    "duration": {"interval": _interval, "binary": _plain_duration, "sized": _plain_duration},
    # Types with parts accept a column without values.
    "record": {},
    "error": {},
    "array": {},
    "map": {},
}
PAIRS: Final[Mapping[str, Mapping[str, Rule]]] = {
    "null": {**dict.fromkeys(get_args(ArrowKind), _nulls), "null": _null},
    **{kind: {"null": _absent, **rules} for kind, rules in _RULES.items()},
}
