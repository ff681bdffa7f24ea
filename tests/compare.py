"""Equality that nothing gets past: types, signs of zero, bits of NaN, order of keys, zones, digits."""

from __future__ import annotations

import struct
from datetime import datetime
from decimal import Decimal
from typing import Any


def exact(value: Any) -> Any:
    """A form of the value that equals only the form of one that is the same throughout."""
    if isinstance(value, dict):
        return dict, [(key, exact(item)) for key, item in value.items()]
    if isinstance(value, list | tuple):
        return type(value), [exact(item) for item in value]
    if type(value) is float:
        return float, struct.pack("<d", value)
    if isinstance(value, Decimal):
        return type(value), value.as_tuple()
    if isinstance(value, datetime):
        return type(value), str(value), value.tzinfo
    return type(value), value


def same(one: Any, other: Any) -> bool:
    return bool(exact(one) == exact(other))
