"""Which logical types are valid on which schemas (specification: Logical Types)."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeGuard

from avrojet.messages import show, warn
from avrojet.schema.model import LogicalType


class IgnoredLogicalTypeWarning(UserWarning):
    """A logical type is not valid where it stands, so the plain type is used (the specification's rule)."""


_PLAIN: Final[dict[tuple[str, str], LogicalType]] = {
    (type, name): LogicalType(name)
    for type, names in {
        "int": ("date", "time-millis"),
        "long": (
            "time-micros",
            "timestamp-millis",
            "timestamp-micros",
            "timestamp-nanos",
            "local-timestamp-millis",
            "local-timestamp-micros",
            "local-timestamp-nanos",
        ),
        "bytes": ("big-decimal",),
        "string": ("uuid",),
    }.items()
    for name in names
}
_ON_FIXED: Final = {"uuid": (16, LogicalType("uuid")), "duration": (12, LogicalType("duration"))}
_DECIMAL: Final = "decimal"
_KNOWN: Final = frozenset({_DECIMAL, *_ON_FIXED, *(name for _, name in _PLAIN)})

_MOST_DIGITS: Final = (1 << 31) - 1  # an int of the core, and of every other implementation


def plain_logical_types(type: str) -> list[LogicalType]:
    """Those of a primitive type that their name alone makes valid."""
    return [logical for (on, _), logical in _PLAIN.items() if on == type]


def _warn(problem: str) -> None:
    warn(IgnoredLogicalTypeWarning, problem)


def logical_type(
    type: str, attributes: Mapping[str, Any], size: int = 0, report: Callable[[str], None] = _warn
) -> LogicalType | None:
    """The logical type that ``attributes`` ask for; None if there is none, or one of no specification.

    :param type: the name of the Avro type.
    :param size: bytes of a fixed; of no account for other types.
    :param report: gets the reason why one of the specification's is not valid here; it is then ignored.
        Without it, the reason is an :class:`IgnoredLogicalTypeWarning`.
    """
    name = attributes.get("logicalType")
    if not isinstance(name, str) or name not in _KNOWN:
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
        problem = f"it does not go with {type}"
    report(f"the logical type {name!r} is ignored: {problem}")
    return None


def _decimal_problem(attributes: Mapping[str, Any], size: int | None) -> str:
    precision = attributes.get("precision")
    if not _is_integer(precision) or not 0 < precision <= _MOST_DIGITS:
        return f"its precision is a positive integer, not {show(precision)}"
    scale = attributes.get("scale", 0)
    if not _is_integer(scale) or not 0 <= scale <= precision:
        return f"its scale is an integer from 0 to the precision ({precision}), not {show(scale)}"
    if size is not None and precision > most_digits(size):
        return f"{size} bytes hold {most_digits(size)} digits, not {precision}"
    return ""


def most_digits(size: int) -> int:
    """The digits that a two's complement number of ``size`` bytes can always hold.

    The specification's floor(log10(2^(8 size - 1) - 1)); no power of two but 1 is one of ten, so the
    subtraction makes no difference.
    """
    return math.floor((8 * size - 1) * math.log10(2)) if size else 0


def _is_integer(value: Any) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)
