"""A caller's options for columns; any module may import them without the rest of the room."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from avrojet.frozen import frozen
from avrojet.limits import Limits

ExtraColumns = Literal["error", "ignore"]
NamesOfColumns = Literal["strict", "replace"]


@frozen(kw_only=True)
class ArrowTypes:
    """Which Arrow type to choose if several can hold the data.

    >>> orders = avrojet.read_arrow("orders.avro", types=avrojet.ArrowTypes(strings="view", unions="dense"))

    :ivar strings: for strings and bytes. ``"small"``: utf8, binary. ``"large"``: their large kinds, with
        64-bit offsets, so that no column ends at 2 GiB. ``"view"``: utf8_view, binary_view.
    :ivar lists: for arrays. ``"small"``: list. ``"large"``: large_list, which polars and Daft make of every
        other kind. ``"auto"``: large if `strings` are.
    :ivar unions: for unions of several types besides null. ``"struct"``: a struct of nullable members, of
        which one is set. ``"sparse"``, ``"dense"``: Arrow's unions, whose members are the branches in their
        order, including null; at most 128.
    :ivar durations: ``"fixed"``: the 12 bytes of the specification. ``"interval"``: months, days and
        nanoseconds.
    :ivar decimals: for decimals of more than 38 digits. ``"exact"``: decimal256; for more than 76 digits: the
        plain encoding. ``"decimal128"``, ``"decimal256"``: that type with all its digits (38 or 76) and the
        schema's scale, in which each value must fit. ``"text"``: the number in decimal digits. ``"double"``:
        the nearest double.
    :ivar recursion: for records within themselves, which no Arrow type can be. ``"error"``. ``"json"``: JSON
        text, without the names of unions' branches. ``"bytes"``: the record in Avro's encoding, by the schema
        of the file, which must be the reader's there.
    """

    strings: Literal["small", "large", "view"] = "small"
    lists: Literal["auto", "small", "large"] = "auto"
    unions: Literal["struct", "sparse", "dense"] = "struct"
    durations: Literal["fixed", "interval"] = "fixed"
    decimals: Literal["exact", "decimal128", "decimal256", "text", "double"] = "exact"
    recursion: Literal["error", "json", "bytes"] = "error"

    def __post_init__(self) -> None:
        for name, choices in _CHOICES.items():
            value = getattr(self, name)
            if value not in choices:
                raise ValueError(
                    f"ArrowTypes.{name} is one of {', '.join(map(repr, choices))}, not {value!r}"
                )


_CHOICES = {
    "strings": ("small", "large", "view"),
    "lists": ("auto", "small", "large"),
    "unions": ("struct", "sparse", "dense"),
    "durations": ("fixed", "interval"),
    "decimals": ("exact", "decimal128", "decimal256", "text", "double"),
    "recursion": ("error", "json", "bytes"),
}
STANDARD_TYPES = ArrowTypes()


@frozen
class Options:
    """What the caller allows beyond the table.

    :ivar logical: False writes only plain encodings, as if no schema had a logical type.
    :ivar truncate_times: digits of a second finer than the schema's unit are dropped.
    :ivar naive_is_utc: timestamps without zone are in UTC.
    :ivar decimal_bytes: ``Limits.decimal_bytes``.
    """

    logical: bool = True
    truncate_times: bool = False
    naive_is_utc: bool = False
    decimal_bytes: int = 4096


def column_options(options: Mapping[str, Any], limits: Limits) -> Options:
    """The options of an Encoder that apply to columns."""
    return Options(
        logical=options.get("logical_types", True) is not False,
        truncate_times=bool(options.get("truncate_times", False)),
        naive_is_utc=options.get("naive_datetimes") == "utc",
        decimal_bytes=limits.decimal_bytes,
    )
