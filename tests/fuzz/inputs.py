"""What fuzz targets start from besides the vectors: evolved schemas, and Python values made of bytes."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

from avrojet import Duration
from tests.reference import number
from tests.vectors import LIST, ORDER, array, enum, logical, mapping, record

_WRITTEN = record("R", a="int", b="string", c=array("long"), d=["null", "bytes"])
_FIXED = {"type": "fixed", "name": "F", "size": 2}

# name, writer's schema, reader's schema, data
EVOLVED: list[tuple[str, Any, Any, bytes]] = [
    ("int as double", "int", "double", b"\x06"),
    ("int as long", "int", "long", b"\x06"),
    ("long as float", "long", "float", b"\x06"),
    ("string as bytes", "string", "bytes", b"\x04ab"),
    ("bytes as string", "bytes", "string", b"\x04ab"),
    ("string in a union", "string", ["null", "string"], b"\x04ab"),
    ("union as string", ["null", "string"], "string", b"\x02\x04ab"),
    ("union as wider union", ["null", "int"], ["long", "null", "string"], b"\x02\x06"),
    ("items promoted", array("int"), array("double"), b"\x04\x02\x04\x00"),
    ("values promoted", mapping("int"), mapping(["null", "long"]), b"\x02\x02a\x04\x00"),
    ("enum with a default", enum("A", "B", "C"), enum("A", default="A"), b"\x04"),
    ("enum in another order", enum("A", "B"), enum("B", "A"), b"\x02"),
    ("fields skipped", _WRITTEN, record("R", d=["null", "bytes"]), b"\x02\x02a\x02\x04\x00\x02\x02b"),
    ("all fields skipped", _WRITTEN, record("R"), b"\x02\x02a\x02\x04\x00\x02\x02b"),
    (
        "fields in another order, and a new one",
        _WRITTEN,
        {
            "type": "record",
            "name": "R",
            "fields": [
                {"name": "new", "type": {"type": "map", "values": "int"}, "default": {"k": 1}},
                {"name": "b", "type": ["null", "string"]},
                {"name": "a", "type": "double"},
            ],
        },
        b"\x02\x02a\x02\x04\x00\x02\x02b",
    ),
    ("list, head only", LIST, record("List", tail=["null", "List"]), b"\x02\x02\x04\x00"),
    (
        "order, lines only",
        ORDER,
        record("shop.Order", lines=array(record("Line", sku="bytes", count="long"))),
        number(7) + b"\x02a\x00\x02\x02A" + bytes(8) + b"\x02\x00\x00",
    ),
    ("date as plain long", logical("int", "date"), "long", b"\x06"),
    ("fixed skipped", record("R", f=_FIXED, a="int"), record("R", a="int"), b"xx\x02"),
]

_LEAVES: list[Any] = [
    None,
    False,
    True,
    0,
    -1,
    2**31,
    2**63 - 1,
    2**63,
    -(2**63),
    0.0,
    float("nan"),
    float("inf"),
    1e300,
    "",
    "A",
    "SPADES",
    "00112233-4455-6677-8899-aabbccddeeff",
    "\ud800",
    b"",
    b"ab",
    bytes(12),
    bytes(16),
    Decimal("1.23"),
    Decimal("NaN"),
    Decimal("1e400"),
    UUID(int=1),
    Duration(1, 2, 3),
    date(2000, 2, 29),
    time(1, 2, 3, 4),
    datetime(2000, 1, 1, tzinfo=UTC),
    datetime(2000, 1, 1),
    object,
    1j,
    [],
    {},
    (),
]
_KEYS: list[Any] = ["a", "b", "id", "head", "tail", "customer", "name", "lines", "tags", "é", "", 1, None]


def value_of(data: bytes, depth: int = 6) -> Any:
    """A value that the bytes describe: each byte chooses a leaf, or a collection of what follows."""
    return _value(iter(data), depth)


def _value(choices: Any, depth: int) -> Any:
    choice = next(choices, 0)
    size = choice >> 5
    if depth == 0 or choice & 3 == 0:
        return _LEAVES[(choice >> 2) % len(_LEAVES)]
    match choice % 5:
        case 0:
            return [_value(choices, depth - 1) for _ in range(size)]
        case 1:
            return {_KEYS[next(choices, 0) % len(_KEYS)]: _value(choices, depth - 1) for _ in range(size)}
        case 2:
            return tuple(_value(choices, depth - 1) for _ in range(size))
        case 3:
            return (["int", "string", "List", "bytes"][size % 4], _value(choices, depth - 1))
        case _:
            return bytes(next(choices, 0) for _ in range(size))
