"""Messages that the programs send: a small one, and one as wide as tables are."""

from __future__ import annotations

import datetime as dt
import decimal
from typing import Any

SMALL: dict[str, Any] = {
    "type": "record",
    "name": "Order",
    "namespace": "shop",
    "fields": [
        {"name": "id", "type": "long"},
        {"name": "customer", "type": "string"},
        {"name": "note", "type": ["null", "string"], "default": None},
        {"name": "paid", "type": "boolean"},
        {
            "name": "price",
            "type": {"type": "bytes", "logicalType": "decimal", "precision": 12, "scale": 2},
        },
        {"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"}},
    ],
}
SMALL_RECORD: dict[str, Any] = {
    "id": 123456,
    "customer": "Ann Other",
    "note": None,
    "paid": True,
    "price": decimal.Decimal("12.50"),
    "at": dt.datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=dt.UTC),
}

_KINDS = ("long", "string", "double", "boolean", "int", "bytes")
_VALUES = (1234567, "some text", 2.5, True, 42, b"\x01\x02\x03")
_ITEM = {
    "type": "record",
    "name": "Item",
    "fields": [{"name": "sku", "type": "string"}, {"name": "count", "type": "int"}],
}
WIDE: dict[str, Any] = {
    "type": "record",
    "name": "Row",
    "namespace": "shop",
    "fields": [
        *(
            {"name": f"column_{number}", "type": ["null", _KINDS[number % 6]], "default": None}
            for number in range(36)
        ),
        {"name": "items", "type": {"type": "array", "items": _ITEM}},
        {"name": "gift", "type": ["null", "Item"], "default": None},
        {"name": "labels", "type": {"type": "map", "values": "string"}},
        {"name": "state", "type": {"type": "enum", "name": "State", "symbols": ["NEW", "SENT", "DONE"]}},
    ],
}
WIDE_RECORD: dict[str, Any] = {
    **{f"column_{number}": None if number % 5 == 0 else _VALUES[number % 6] for number in range(36)},
    "items": [{"sku": f"sku-{number}", "count": number} for number in range(5)],
    "gift": {"sku": "gift", "count": 1},
    "labels": {"colour": "red", "size": "XL"},
    "state": "SENT",
}
