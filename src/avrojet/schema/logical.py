"""The logical types of the specification: where they are valid, and for which plain values."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeGuard

from avrojet.frozen import frozen
from avrojet.messages import show, warn
from avrojet.schema.model import LogicalType
from avrojet.varint import decode_long


class IgnoredLogicalTypeWarning(UserWarning):
    """A logical type is not valid for its type or attributes, so it is ignored (the specification's rule)."""


@frozen
class Clock:
    """What a logical type of time counts.

    :ivar kind: clocks of one kind differ only in their unit: numbers of one can be converted to another.
    :ivar type: the Avro type.
    :ivar per_second: units in a second; 0 for days.
    :ivar first: the least number that has a Python value (its years are 1 to 9999).
    :ivar last: the greatest.
    :ivar arrow: the format of Arrow columns (Arrow C data interface: Data type description).
    """

    kind: str
    type: str
    per_second: int
    first: int
    last: int
    arrow: str


_DAY: Final = 86_400
_FIRST_DAY: Final = -719_162  # 0001-01-01
_LAST_DAY: Final = 2_932_896  # 9999-12-31
_LONG: Final = 1 << 63


def _calendar(kind: str, per_second: int, arrow: str) -> Clock:
    """A clock that counts from 1970; 64 bits of nanoseconds hold the years 1677 to 2262."""
    first, last = _FIRST_DAY * _DAY * per_second, (_LAST_DAY + 1) * _DAY * per_second - 1
    return Clock(kind, "long", per_second, max(first, -_LONG), min(last, _LONG - 1), arrow)


def _of_day(type: str, per_second: int, arrow: str) -> Clock:
    return Clock("time", type, per_second, 0, _DAY * per_second - 1, arrow)


# The logical types of time; each row defines one completely.
CLOCKS: Final[Mapping[str, Clock]] = {
    "date": Clock("date", "int", 0, _FIRST_DAY, _LAST_DAY, "tdD"),
    "time-millis": _of_day("int", 10**3, "ttm"),
    "time-micros": _of_day("long", 10**6, "ttu"),
    "timestamp-millis": _calendar("timestamp", 10**3, "tsm:UTC"),
    "timestamp-micros": _calendar("timestamp", 10**6, "tsu:UTC"),
    "timestamp-nanos": _calendar("timestamp", 10**9, "tsn:UTC"),
    "local-timestamp-millis": _calendar("local-timestamp", 10**3, "tsm:"),
    "local-timestamp-micros": _calendar("local-timestamp", 10**6, "tsu:"),
    "local-timestamp-nanos": _calendar("local-timestamp", 10**9, "tsn:"),
}

_PLAIN: Final[dict[tuple[str, str], LogicalType]] = {
    **{(clock.type, name): LogicalType(name) for name, clock in CLOCKS.items()},
    ("bytes", "big-decimal"): LogicalType("big-decimal"),
    ("string", "uuid"): LogicalType("uuid"),
}
_ON_FIXED: Final = {"uuid": (16, LogicalType("uuid")), "duration": (12, LogicalType("duration"))}
_DECIMAL: Final = "decimal"
KNOWN: Final = frozenset({_DECIMAL, *_ON_FIXED, *(name for _, name in _PLAIN)})

_MOST_DIGITS: Final = (1 << 31) - 1  # an int in the core, as in every other implementation


def plain_logical_types(type: str) -> list[LogicalType]:
    """The logical types of a primitive type that need no other attributes."""
    return [logical for (on, _), logical in _PLAIN.items() if on == type]


def kind_of(logical: LogicalType) -> str:
    """What must be equal in two logical types for values of one to be converted to the other."""
    clock = CLOCKS.get(logical.name)
    return logical.name if clock is None else clock.kind


_UUID: Final = re.compile(
    r"[0-9a-fA-F]{8}(-?)[0-9a-fA-F]{4}\1[0-9a-fA-F]{4}\1[0-9a-fA-F]{4}\1[0-9a-fA-F]{12}"
)


def unreadable(type: str, logical: LogicalType, value: Any) -> str | None:
    """Return why a default that fits the plain type is not a value of the logical type; None if it is one.

    The text is that of the error of decoding it.

    :param type: the name of the Avro type.
    :param value: JSON data: an int, text, or text whose code points are bytes.
    """
    clock = CLOCKS.get(logical.name)
    if clock is not None:
        if clock.first <= value <= clock.last:
            return None
        return f"is out of range for {logical.name} ({clock.first} to {clock.last})"
    if logical.name == "uuid":
        return None if type == "fixed" or _UUID.fullmatch(value) else "is not the text of a UUID"
    if logical.name == _DECIMAL:
        return _too_many_digits(logical, int.from_bytes(value.encode("latin-1"), "big", signed=True))
    if logical.name == "big-decimal" and not _is_big_decimal(value.encode("latin-1")):
        return "is not the unscaled bytes and the scale of a big-decimal"
    return None


def _too_many_digits(logical: LogicalType, unscaled: int) -> str | None:
    # A power of ten can be huge, and is needed only for numbers that come near it.
    if unscaled.bit_length() <= 3 * logical.precision or abs(unscaled) < 10**logical.precision:
        return None
    return f"has more digits than the precision {logical.precision}"


def _is_big_decimal(data: bytes) -> bool:
    try:
        size, start = decode_long(data, 0)
        scale, end = decode_long(data, start + max(size, 0))
    except ValueError:
        return False
    is_int = end - start - size <= 5 and -(1 << 31) <= scale < 1 << 31
    return size >= 0 and is_int and end == len(data)


def _warn(problem: str) -> None:
    warn(IgnoredLogicalTypeWarning, problem)


def logical_type(
    type: str, attributes: Mapping[str, Any], size: int = 0, report: Callable[[str], None] = _warn
) -> LogicalType | None:
    """The logical type that ``attributes`` name; None if there is none, or if the specification lacks it.

    :param type: the name of the Avro type.
    :param size: bytes of a fixed; ignored for other types.
    :param report: called with the reason if a logical type of the specification is not valid here, and so
        ignored. Without it, the reason is issued as an :class:`IgnoredLogicalTypeWarning`.
    """
    name = attributes.get("logicalType")
    if not isinstance(name, str) or name not in KNOWN:
        return None
    plain = _PLAIN.get((type, name))
    if plain is not None:
        return plain
    if name == _DECIMAL and type in ("bytes", "fixed"):
        problem = _decimal_problem(attributes, size if type == "fixed" else None)
        if not problem:
            return LogicalType(_DECIMAL, attributes["precision"], attributes.get("scale", 0))
    elif type == "fixed" and name in _ON_FIXED:
        needed, on_fixed = _ON_FIXED[name]
        if size == needed:
            return on_fixed
        problem = f"it needs a fixed of {needed} bytes, not {size}"
    else:
        problem = f"it cannot stand on {type}"
    report(f"the logical type {name!r} is ignored: {problem}")
    return None


def _decimal_problem(attributes: Mapping[str, Any], size: int | None) -> str:
    precision = attributes.get("precision")
    if not _is_integer(precision) or not 0 < precision <= _MOST_DIGITS:
        return f"its precision must be a positive integer, not {show(precision)}"
    scale = attributes.get("scale", 0)
    if not _is_integer(scale) or not 0 <= scale <= precision:
        return f"its scale must be an integer from 0 to the precision ({precision}), not {show(scale)}"
    if size is not None and precision > most_digits(size):
        return f"{size} bytes hold {most_digits(size)} digits, not {precision}"
    return ""


def most_digits(size: int) -> int:
    """The digits that a two's complement number of ``size`` bytes can always hold.

    The specification's floor(log10(2^(8 size - 1) - 1)). The subtraction makes no difference, as no power of
    two except 1 is a power of ten.
    """
    return math.floor((8 * size - 1) * math.log10(2)) if size else 0


def _is_integer(value: Any) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)
