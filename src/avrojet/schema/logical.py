"""Which logical types a schema may have (specification: Logical Types). Floor 1."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any, Final

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
_FIXED_SIZES: Final = {"uuid": 16, "duration": 12}
_KNOWN: Final = frozenset({"decimal", *_FIXED_SIZES, *(name for _, name in _PLAIN)})


def logical_type(type: str, attributes: Mapping[str, Any], size: int = -1) -> LogicalType | None:
    """The logical type that ``attributes`` ask for over ``type`` (of ``size`` bytes, if it is a fixed).

    None if there is none, or an unknown one; also, with a warning, where it is not valid.
    """
    name = attributes.get("logicalType")
    if not isinstance(name, str) or name not in _KNOWN:
        return None
    if name == "decimal" and type in ("bytes", "fixed"):
        return _decimal(attributes, size)
    if type == "fixed":
        if _FIXED_SIZES.get(name) == size:
            return LogicalType(name)
        return _ignore(name, f"it does not go with a fixed of {size} bytes")
    found = _PLAIN.get((type, name))
    return found or _ignore(name, f"it does not go with {type}")


def _decimal(attributes: Mapping[str, Any], size: int) -> LogicalType | None:
    precision = attributes.get("precision")
    scale = attributes.get("scale", 0)
    if not _is_int(precision) or precision <= 0:
        return _ignore("decimal", f"its precision must be a positive integer, not {precision!r}")
    if not _is_int(scale) or not 0 <= scale <= precision:
        return _ignore("decimal", f"its scale must be an integer from 0 to the precision, not {scale!r}")
    if precision > _MOST_DIGITS:
        return _ignore("decimal", f"no number of {precision} digits can be converted")
    if size >= 0 and precision > most_digits(size):
        return _ignore("decimal", f"{size} bytes hold {most_digits(size)} digits, not {precision}")
    return LogicalType("decimal", precision, scale)


_MOST_DIGITS: Final = 2**31 - 1  # of the core's counter


def most_digits(size: int) -> int:
    """The digits of the largest decimal that a fixed of ``size`` bytes can hold whatever they are:
    floor(log10(2^(8 size - 1) - 1))."""
    bits = 8 * size - 1
    if bits <= 0:
        return 0
    # A float of the logarithm is exact enough: 2^n is a power of ten for no n > 0.
    return int(bits * 0.30102999566398119521)


def _is_int(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _ignore(name: str, why: str) -> None:
    warnings.warn(
        f"the logical type {name!r} is ignored: {why}", IgnoredLogicalTypeWarning, stacklevel=2
    )
