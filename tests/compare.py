"""Equality that nothing gets past: types, signs of zero, bits of NaN, order of keys, zones, digits."""

from __future__ import annotations

import math
import struct
from datetime import datetime
from decimal import Decimal
from typing import Any


def exact(value: Any, *, nan_bits: bool = True) -> Any:
    """A form of the value that equals only the form of one that is the same throughout.

    :param nan_bits: tell NaNs apart by their bits.
    """
    if isinstance(value, dict):
        return dict, [(key, exact(item, nan_bits=nan_bits)) for key, item in value.items()]
    if isinstance(value, list | tuple):
        return type(value), [exact(item, nan_bits=nan_bits) for item in value]
    if type(value) is float:
        return float, struct.pack("<d", value if value == value or nan_bits else math.nan)
    if isinstance(value, Decimal):
        return type(value), value.as_tuple()
    if isinstance(value, datetime):
        return type(value), str(value), value.tzinfo
    return type(value), value
