"""What an Arrow type states (C data interface: Data type description), checked before it is used."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from avrojet.errors import SchemaError
from avrojet.plan.arrow.schema import ArrowField

_INT32: Final = 1 << 31
_TYPE_IDS: Final = 128  # type ids are non-negative bytes
_INDEXES: Final = frozenset("cCsSiIlL")
_RUN_ENDS: Final = frozenset("sil")
# Digits that fit a decimal of that many bits.
_DIGITS: Final = {32: 9, 64: 18, 128: 38, 256: 76}

_PLAIN: Final = re.compile(r"[nbcCsSiIlLefgzZuU]|v[zu]|td[Dm]|t[tD][smun]|ti[MDn]|ts[smun]:.*", re.DOTALL)
_SIZED: Final = re.compile(r"\+?w:([0-9]{1,10})")
_DECIMAL: Final = re.compile(r"d:([0-9]{1,10}),(-?[0-9]{1,10})(?:,([0-9]{1,4}))?")
_UNION: Final = re.compile(r"\+u[ds]:((?:[0-9]{1,3}(?:,[0-9]{1,3})*)?)")
_CHILDREN: Final = {"+l": 1, "+L": 1, "+vl": 1, "+vL": 1, "+m": 1, "+r": 2}
# A type with such a beginning that is not found above is malformed; any other is new.
_KNOWN: Final = ("t", "d", "w", "v", "+l", "+L", "+v", "+m", "+r", "+w", "+u", "+s")


def checked_field(
    format: str,
    name: str,
    nullable: bool,  # noqa: FBT001 (called by position)
    metadata: Mapping[str, str],
    children: tuple[ArrowField, ...],
    dictionary: ArrowField | None,
) -> ArrowField:
    """The field, if it is consistent.

    A type unknown to this version of avrojet passes: its column may be left out.

    :raises SchemaError: if it is not; the caller adds the path.
    """
    problem = _of_dictionary(format, children) if dictionary is not None else _of_type(format, children)
    if problem is not None:
        raise SchemaError(problem)
    return ArrowField(format, name, nullable, metadata, children, dictionary)


def _of_dictionary(format: str, children: tuple[ArrowField, ...]) -> str | None:
    if format not in _INDEXES:
        return f"the indexes of a dictionary are integers, not of the type {format!r}"
    return _of_count(format, children, 0)


def _of_type(format: str, children: tuple[ArrowField, ...]) -> str | None:
    if _PLAIN.fullmatch(format):
        return _of_count(format, children, 0)
    if format in _CHILDREN:
        return _of_count(format, children, _CHILDREN[format]) or _of_parts(format, children)
    if match := _SIZED.fullmatch(format):
        if int(match[1]) >= _INT32:
            return f"the type {format!r} has a size of more than 31 bits"
        return _of_count(format, children, int(format[0] == "+"))
    if match := _UNION.fullmatch(format):
        return _of_union(format, children, match[1])
    if match := _DECIMAL.fullmatch(format):
        return _of_decimal(format, match) or _of_count(format, children, 0)
    if not format or (format.startswith(_KNOWN) and format != "+s"):
        return f"Arrow has no type {format!r}"
    return None


def _of_count(format: str, children: tuple[ArrowField, ...], wanted: int) -> str | None:
    if len(children) == wanted:
        return None
    return f"the type {format!r} has {wanted or 'no'} child{'ren' * (wanted != 1)}, not {len(children)}"


def _of_parts(format: str, children: tuple[ArrowField, ...]) -> str | None:
    """Check the children of maps and of run ends."""
    first = children[0]
    if format == "+m" and (first.format != "+s" or len(first.children) != 2 or first.dictionary is not None):
        return "the child of a map is not a struct of keys and values"
    if format == "+r" and (first.format not in _RUN_ENDS or first.dictionary is not None):
        return f"run ends are int16, int32 or int64, not of the type {first.format!r}"
    return None


def _of_union(format: str, children: tuple[ArrowField, ...], text: str) -> str | None:
    ids = [int(part) for part in text.split(",")] if text else []
    if len(set(ids)) != len(ids) or any(id >= _TYPE_IDS for id in ids):
        return f"the type ids of the union {format!r} are not different numbers from 0 to {_TYPE_IDS - 1}"
    return _of_count(format, children, len(ids))


def _of_decimal(format: str, match: re.Match[str]) -> str | None:
    precision, scale, bits = int(match[1]), int(match[2]), int(match[3] or 128)
    if bits not in _DIGITS:
        return f"the decimal {format!r} does not have 32, 64, 128 or 256 bits"
    if not 1 <= precision <= _DIGITS[bits] or not -_INT32 <= scale < _INT32:
        return f"the decimal {format!r} has a precision or scale that its {bits} bits cannot hold"
    return None
