"""The reference against the examples of the specification, and logical types there and back."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from uuid import UUID

import pytest

from avrojet.schema.parse import parse_schema
from avrojet.values import Duration, NanoDatetime
from tests.reference import MalformedError, UnfitError, decode, encode, read_resolved

EXAMPLES = [
    ("long", 0, "00"),
    ("long", -1, "01"),
    ("long", 1, "02"),
    ("long", -64, "7f"),
    ("long", 64, "8001"),
    ("int", -(2**31), "ffffffff0f"),
    ("string", "foo", "06666f6f"),
    ("boolean", True, "01"),
    ("float", 1.0, "0000803f"),
    ("double", -2.0, "00000000000000c0"),
    ({"type": "fixed", "name": "F", "size": 2}, b"\1\2", "0102"),
    ({"type": "enum", "name": "Foo", "symbols": ["A", "B", "C", "D"]}, "D", "06"),
    ({"type": "array", "items": "long"}, [3, 27], "04063600"),
    ({"type": "map", "values": "long"}, {"a": 1}, "0202610200"),
    (["null", "string"], None, "00"),
    (["null", "string"], "a", "020261"),
    (
        {
            "type": "record",
            "name": "test",
            "fields": [{"name": "a", "type": "long"}, {"name": "b", "type": "string"}],
        },
        {"a": 27, "b": "foo"},
        "3606666f6f",
    ),
]


@pytest.mark.parametrize(("schema", "value", "data"), EXAMPLES)
def test_the_examples_of_the_specification(schema, value, data):
    schema = parse_schema(schema)
    assert encode(schema, value).hex() == data
    assert decode(schema, bytes.fromhex(data)) == (value, len(data) // 2)
    assert read_resolved(schema, schema, bytes.fromhex(data)) == value


def test_blocks_with_sizes():
    assert decode(parse_schema({"type": "array", "items": "long"}), bytes.fromhex("0304063602 0200"))[0] == [
        3,
        27,
        1,
    ]


def fixed(size):
    return {"type": "fixed", "name": "F", "size": size}


MOMENT = datetime(2026, 2, 28, 23, 59, 59, 123000)
LOGICAL = [
    ("bytes", "decimal", Decimal("-1.28"), "0280"),
    ("bytes", "decimal", Decimal("1.27"), "027f"),
    (fixed(4), "decimal", Decimal("-0.01"), "ffffffff"),
    ("bytes", "big-decimal", Decimal("1E+3"), "06020105"),
    ("string", "uuid", UUID(int=10), "48" + b"00000000-0000-0000-0000-00000000000a".hex()),
    (fixed(16), "uuid", UUID(int=10), "0" * 31 + "a"),
    ("int", "date", date(1969, 12, 31), "01"),
    ("int", "time-millis", time(0, 0, 1, 1000), "d20f"),
    ("long", "time-micros", time(0, 0, 0, 1), "02"),
    ("long", "timestamp-millis", MOMENT.replace(tzinfo=UTC), None),
    ("long", "timestamp-micros", datetime(1969, 12, 31, 23, 59, 59, 999999, UTC), "01"),
    ("long", "timestamp-nanos", NanoDatetime(1970, 1, 1, tzinfo=UTC, nanosecond=1), "02"),
    ("long", "local-timestamp-millis", MOMENT, None),
    ("long", "local-timestamp-micros", datetime(1, 1, 1), None),
    ("long", "local-timestamp-nanos", NanoDatetime(1969, 12, 31, 23, 59, 59, 999999, nanosecond=999), "01"),
    (fixed(12), "duration", Duration(1, 2, 2**32 - 1), "0100000002000000ffffffff"),
]


@pytest.mark.parametrize(("type", "name", "value", "data"), LOGICAL)
def test_logical_types(type, name, value, data):
    attributes = type if isinstance(type, dict) else {"type": type}
    schema = parse_schema({**attributes, "logicalType": name, "precision": 4, "scale": 2})
    encoded = encode(schema, value)
    if data is not None:
        assert encoded.hex() == data
    assert decode(schema, encoded) == (value, len(encoded))
    assert str(decode(schema, encoded)[0]) == str(value)
    plain, _ = decode(schema, encoded, logical=False)
    assert encode(schema, plain, logical=False) == encoded


def test_a_zone_is_an_instant():
    schema = parse_schema({"type": "long", "logicalType": "timestamp-millis"})
    east = datetime(1970, 1, 1, 1, tzinfo=timezone(timedelta(hours=1)))
    assert encode(schema, east) == b"\0"


@pytest.mark.parametrize(
    ("schema", "data"),
    [
        ("boolean", "02"),
        ("int", "ffffffff1f"),
        ("int", "808080808000"),
        ("long", "ffffffffffffffffff03"),
        ("string", "01"),
        ("string", "02ff"),
        ("string", "0461"),
        (["null"], "02"),
        (["null"], "01"),
        ({"type": "int", "logicalType": "date"}, "ffffffff0f"),
        ({"type": "string", "logicalType": "uuid"}, "00"),
    ],
)
def test_malformed_data(schema, data):
    with pytest.raises(MalformedError):
        decode(parse_schema(schema), bytes.fromhex(data))


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ("int", 2**31),
        ("int", True),
        ("bytes", "a"),
        (["null", "int"], "a"),
        ({"type": "long", "logicalType": "timestamp-millis"}, datetime(2026, 1, 1)),
        ({"type": "long", "logicalType": "local-timestamp-millis"}, datetime(2026, 1, 1, 0, 0, 0, 1)),
        ({"type": "bytes", "logicalType": "decimal", "precision": 2, "scale": 1}, Decimal("10.1")),
        ({"type": "bytes", "logicalType": "decimal", "precision": 2, "scale": 1}, Decimal("0.11")),
    ],
)
def test_unfit_values(schema, value):
    with pytest.raises(UnfitError):
        encode(parse_schema(schema), value)


def test_ints_become_the_nearest_single():
    double_rounding = 2**60 + 2**36 + 1  # half of a unit and a bit: first to double would round it down
    data = encode(parse_schema("long"), double_rounding)
    assert read_resolved(parse_schema("long"), parse_schema("float"), data) == 2.0**60 + 2**37
