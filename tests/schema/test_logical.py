"""Logical types: where they are valid, and that they are ignored elsewhere."""

from __future__ import annotations

import warnings

import pytest

from avrojet.schema.logical import IgnoredLogicalTypeWarning, logical_type, most_digits
from avrojet.schema.model import PRIMITIVE_TYPES, LogicalType
from avrojet.schema.parse import parse_schema
from tests.cases import for_each

VALID = {
    "date": ["int"],
    "time-millis": ["int"],
    "time-micros": ["long"],
    "timestamp-millis": ["long"],
    "timestamp-micros": ["long"],
    "timestamp-nanos": ["long"],
    "local-timestamp-millis": ["long"],
    "local-timestamp-micros": ["long"],
    "local-timestamp-nanos": ["long"],
    "big-decimal": ["bytes"],
    "uuid": ["string", "fixed16"],
    "duration": ["fixed12"],
    "decimal": ["bytes", "fixed12", "fixed16", "fixed8"],
}
TYPES = {
    **{name: {"type": name} for name in PRIMITIVE_TYPES},
    **{f"fixed{size}": {"type": "fixed", "name": "F", "size": size} for size in (8, 12, 16)},
    "enum": {"type": "enum", "name": "E", "symbols": []},
    "record": {"type": "record", "name": "R", "fields": []},
    "array": {"type": "array", "items": "int"},
    "map": {"type": "map", "values": "int"},
    "union": {"type": ["null", "int"]},
}


def schema_of(type, name):
    extra = {"precision": 4, "scale": 2} if name == "decimal" else {}
    return {**TYPES[type], "logicalType": name, **extra}


@for_each("name", VALID)
@for_each("type", TYPES)
def test_where_a_logical_type_is_valid(type, name):
    source = schema_of(type, name)
    if type in VALID[name]:
        schema = parse_schema(source)
        expected = LogicalType("decimal", 4, 2) if name == "decimal" else LogicalType(name)
        assert schema.logical == expected
    else:
        with pytest.warns(
            IgnoredLogicalTypeWarning, match=f"^the logical type '{name}' is ignored: "
        ) as caught:
            schema = parse_schema(source)
        assert schema.logical is None
        assert caught[0].filename == __file__
    assert schema.props["logicalType"] == name
    assert schema.canonical_form == parse_schema(TYPES[type]).canonical_form


@pytest.mark.parametrize(
    ("type", "attributes", "valid"),
    [
        ("bytes", {"precision": 1}, (1, 0)),
        ("bytes", {"precision": 1, "scale": 0}, (1, 0)),
        ("bytes", {"precision": 5, "scale": 5}, (5, 5)),
        ("bytes", {"precision": 2**31 - 1}, (2**31 - 1, 0)),
        ("bytes", {"precision": 2**31}, None),
        ("bytes", {"precision": 10**4000}, None),
        ("bytes", {}, None),
        ("bytes", {"precision": 0}, None),
        ("bytes", {"precision": -1}, None),
        ("bytes", {"precision": "4"}, None),
        ("bytes", {"precision": 4.0}, None),
        ("bytes", {"precision": True}, None),
        ("bytes", {"precision": None}, None),
        ("bytes", {"precision": 4, "scale": 5}, None),
        ("bytes", {"precision": 4, "scale": -1}, None),
        ("bytes", {"precision": 4, "scale": "1"}, None),
        ("bytes", {"precision": 4, "scale": True}, None),
        ("fixed8", {"precision": 18}, (18, 0)),
        ("fixed8", {"precision": 19}, None),
        ("fixed16", {"precision": 38, "scale": 9}, (38, 9)),
        ("fixed16", {"precision": 39}, None),
    ],
)
def test_decimals(type, attributes, valid):
    source = {**TYPES[type], "logicalType": "decimal", **attributes}
    if valid:
        assert parse_schema(source).logical == LogicalType("decimal", *valid)
    else:
        with pytest.warns(IgnoredLogicalTypeWarning, match="'decimal' is ignored"):
            assert parse_schema(source).logical is None


def test_the_digits_that_a_fixed_holds():
    assert most_digits(0) == 0
    for size in range(1, 500):
        largest = (1 << 8 * size - 1) - 1
        assert most_digits(size) == len(str(largest)) - 1


@pytest.mark.parametrize("name", ["money", "", None, 5, ["date"], "Date"])
def test_unknown_logical_types_are_kept_in_silence(name):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        schema = parse_schema({"type": "int", "logicalType": name})
    assert schema.logical is None
    assert schema.props == {"logicalType": name}


@pytest.mark.parametrize(
    "source",
    [
        {"type": {"type": "int", "logicalType": "date"}},
        {"type": {"type": "int"}, "logicalType": "date"},
        {"type": {"type": {"type": "int"}, "logicalType": "date"}},
    ],
)
def test_a_logical_type_around_its_type(source):
    schema = parse_schema(source)
    assert schema.logical == LogicalType("date")
    assert schema == parse_schema({"type": "int", "logicalType": "date"})


def test_other_attributes_stay():
    schema = parse_schema({"type": "int", "logicalType": "date", "zone": "UTC"})
    assert schema.logical == LogicalType("date")
    assert schema.props == {"logicalType": "date", "zone": "UTC"}


def test_a_warning_names_the_place():
    source = {
        "type": "record",
        "name": "R",
        "fields": [
            {"name": "f", "type": {"type": "map", "values": {"type": "string", "logicalType": "date"}}}
        ],
    }
    with pytest.warns(
        IgnoredLogicalTypeWarning, match=r"^fields\[0\]\.type\.values: the logical type 'date'"
    ):
        parse_schema(source)


def test_a_logical_type_beside_a_field_is_ignored():
    field = {"name": "f", "type": "int", "logicalType": "date"}
    with pytest.warns(IgnoredLogicalTypeWarning, match=r"^fields\[0\]: .* field itself"):
        schema = parse_schema({"type": "record", "name": "R", "fields": [field]})
    assert schema.fields[0].type.logical is None
    assert schema.fields[0].props == {"logicalType": "date"}


def test_alone_it_warns():
    assert logical_type("string", {"logicalType": "uuid"}) == LogicalType("uuid")
    with pytest.warns(IgnoredLogicalTypeWarning, match="fixed of 16 bytes, not 8"):
        assert logical_type("fixed", {"logicalType": "uuid"}, 8) is None
