"""Defaults as Avro bytes."""

from __future__ import annotations

import struct

import pytest

from avrojet import Decoder
from avrojet.errors import LimitError, SchemaError
from avrojet.schema.defaults import encode_default
from avrojet.schema.model import ArraySchema, Field, RecordSchema, UnionSchema
from avrojet.schema.parse import parse_schema

ENUM = {"type": "enum", "name": "E", "symbols": ["A", "B"]}
FIXED = {"type": "fixed", "name": "F", "size": 2}
POINT = {
    "type": "record",
    "name": "P",
    "fields": [{"name": "x", "type": "int"}, {"name": "y", "type": "int", "default": 7}],
}

ENCODED = [
    ("null", None, b""),
    ("boolean", True, b"\1"),
    ("boolean", False, b"\0"),
    ("int", -64, b"\x7f"),
    ("int", 64, b"\x80\1"),
    ("int", -(2**31), b"\xff\xff\xff\xff\x0f"),
    ("long", 2**63 - 1, b"\xfe" + b"\xff" * 8 + b"\1"),
    ("float", 1, struct.pack("<f", 1)),
    ("double", -0.0, struct.pack("<d", -0.0)),
    ("double", float("inf"), struct.pack("<d", float("inf"))),
    ("string", "é", b"\4\xc3\xa9"),
    ("bytes", "\xff\0", b"\4\xff\0"),
    (FIXED, "\xff\0", b"\xff\0"),
    (ENUM, "B", b"\2"),
    ({"type": "array", "items": "int"}, [], b"\0"),
    ({"type": "array", "items": "int"}, [1, 2], b"\4\2\4\0"),
    ({"type": "map", "values": "boolean"}, {"k": True}, b"\2\2k\1\0"),
    (POINT, {"x": 1}, b"\2\x0e"),
    (POINT, {"y": 1, "x": 2}, b"\4\2"),
    (["null", "int"], None, b"\0"),
    (["null", "int"], 1, b"\2\2"),
    (["bytes", "string"], "a", b"\0\2a"),
    (["bytes", "string"], "\u0100", b"\2\4\xc4\x80"),
    (["int", "long", "double"], 2**31, b"\2\x80\x80\x80\x80\x10"),
    ([ENUM, "string"], "C", b"\2\2C"),
    ([POINT, {"type": "map", "values": "int"}], {"y": 1}, b"\2\2\2y\2\0"),
    ({"type": "int", "logicalType": "date"}, 1, b"\2"),
]


@pytest.mark.parametrize(("schema", "value", "data"), ENCODED)
def test_a_default_in_binary(schema, value, data):
    assert encode_default(parse_schema(schema), value) == data


WRONG = [
    ("null", 0),
    ("boolean", 0),
    ("int", True),
    ("int", 2**31),
    ("int", 1.0),
    ("long", -(2**63) - 1),
    ("float", "1"),
    ("double", False),
    ("float", 1e300),
    pytest.param("double", 10**5000, id="double-huge"),
    ("string", 1),
    ("string", "\ud800"),
    ("bytes", "\u0100"),
    (FIXED, "a"),
    (ENUM, "C"),
    (ENUM, ["A"]),
    ({"type": "array", "items": "int"}, [1, "x"]),
    ({"type": "array", "items": "int"}, {}),
    ({"type": "map", "values": "int"}, []),
    ({"type": "map", "values": "int"}, {"k": None}),
    (POINT, {"y": 1}),
    (POINT, []),
    (["null", "int"], "x"),
]


@pytest.mark.parametrize(("schema", "value"), WRONG)
def test_what_is_no_default(schema, value):
    with pytest.raises(SchemaError, match="not a default|no branch|lacks the field"):
        encode_default(parse_schema(schema), value)


def record(name, *fields):
    schema = RecordSchema(name)
    schema.close(fields)
    return schema


def test_a_default_that_contains_itself_is_refused():
    schema = RecordSchema("R")
    schema.close((Field("a", schema, {}),))
    with pytest.raises(SchemaError, match="without end"):
        encode_default(schema, {})


def test_defaults_that_double_are_bounded():
    schema = record("R0", Field("x", parse_schema("double"), 0))
    empty = record("N0")
    for level in range(1, 60):
        schema = record(f"R{level}", Field("a", schema, {}), Field("b", schema, {}))
        empty = record(f"N{level}", Field("a", empty, {}), Field("b", empty, {}))
    assert encode_default(empty, {}) == b""
    with pytest.raises(LimitError, match="schema_bytes"):
        encode_default(schema, {})


def test_unions_that_try_their_branches_cost_linear_time():
    schema, value = parse_schema("int"), "not an int"
    for level in range(60):
        first = record(f"A{level}", Field("x", schema))
        second = record(f"B{level}", Field("x", first.fields[0].type))
        schema = UnionSchema((first, second))
        value = {"x": value}
    with pytest.raises(SchemaError, match="not a default|no branch|lacks the field"):
        encode_default(schema, value)


def test_a_default_deeper_than_the_stack_is_a_limit():
    schema, value = parse_schema("int"), 0
    for _ in range(5000):
        schema, value = ArraySchema(schema), [value]
    with pytest.raises(LimitError, match="too deep"):
        encode_default(schema, value)


@pytest.mark.slow
def test_many_symbols_and_values_take_no_time_that_grows_with_both():
    """The product of these would take minutes."""
    symbols = [f"S{number}" for number in range(100_000)]
    enum = {"type": "enum", "name": "E", "symbols": symbols}
    holder = {
        "type": "record",
        "name": "R",
        "fields": [{"name": "a", "type": {"type": "array", "items": enum}}],
    }
    holder["fields"][0]["default"] = symbols[::-1]
    schema = parse_schema(holder)
    data = encode_default(schema, {})
    assert data.endswith(b"\4\2\0\0")
    assert Decoder({"type": "record", "name": "R", "fields": []}, schema).decode(b"")["a"] == symbols[::-1]


def test_a_branch_that_does_not_fit_makes_no_text():
    class Silent(str):
        __slots__ = ()

        def __repr__(self):
            pytest.fail("nobody asked for a message")

    schema = parse_schema([ENUM, FIXED, POINT, {"type": "map", "values": "int"}, "string"])
    assert encode_default(schema, Silent("abc")) == b"\x08\x06abc"
