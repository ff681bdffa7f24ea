"""Arrow's types in words, for messages: the C data interface's own names are for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from avrojet.plan.arrow.schema import ArrowField

_NAMES: Final = {
    "n": "null", "b": "bool", "c": "int8", "C": "uint8", "s": "int16", "S": "uint16", "i": "int32",
    "I": "uint32", "l": "int64", "L": "uint64", "e": "halffloat", "f": "float", "g": "double",
    "z": "binary", "Z": "large_binary", "vz": "binary_view",
    "u": "utf8", "U": "large_utf8", "vu": "utf8_view",
    "tdD": "date32", "tdm": "date64",
    "tiM": "month_interval", "tiD": "day_time_interval", "tin": "month_day_nano_interval",
    "+s": "struct", "+l": "list", "+L": "large_list", "+vl": "list_view", "+vL": "large_list_view",
    "+m": "map", "+r": "run_end_encoded",
}  # fmt: skip
_UNITS: Final = {"s": "s", "m": "ms", "u": "us", "n": "ns"}


def type_name(field: ArrowField) -> str:
    """The type of a field in pyarrow's words, without its children."""
    if field.dictionary is not None:
        return f"dictionary of {type_name(field.dictionary)}"
    return "uuid" if field.is_uuid else format_name(field.format)


def format_name(format: str) -> str:
    """A format string of the C data interface in words; unchanged if unknown."""
    if format in _NAMES:
        return _NAMES[format]
    if format.startswith("ts"):
        zone = f", {format[4:]}" if format[4:] else ""
        return f"timestamp[{_UNITS[format[2]]}{zone}]"
    if format.startswith("tt"):
        return f"time{32 if format[2] in 'sm' else 64}[{_UNITS[format[2]]}]"
    if format.startswith("tD"):
        return f"duration[{_UNITS[format[2]]}]"
    if format.startswith("w:"):
        return f"fixed_size_binary({format[2:]})"
    if format.startswith("+w:"):
        return f"fixed_size_list({format[3:]})"
    if format.startswith("d:"):
        precision, scale, *bits = format[2:].split(",")
        return f"decimal{bits[0] if bits else 128}({precision}, {scale})"
    if format.startswith("+u"):
        return "dense_union" if format[2] == "d" else "sparse_union"
    return repr(format)
