"""The order of data by their bytes (specification: Sort Order), against one made of values."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avrojet import DecodeError, Encoder, SchemaError, TruncatedError, compare, parse_schema, sort_key
from avrojet.schema.model import ArraySchema, EnumSchema, MapSchema, RecordSchema, Schema, UnionSchema
from tests.reference import branch_name
from tests.strategies import parts, values, writers


def expected(schema: Schema, a: Any, b: Any) -> int:
    """The order of two plain values whose unions are tagged."""
    match schema:
        case RecordSchema():
            for field in schema.fields:
                order = 0 if field.order == "ignore" else expected(field.type, a[field.name], b[field.name])
                if order:
                    return -order if field.order == "descending" else order
            return 0
        case ArraySchema():
            orders = (expected(schema.items, x, y) for x, y in zip(a, b, strict=False))
            return next((order for order in orders if order), three_way(len(a), len(b)))
        case UnionSchema():
            names = [branch_name(branch) for branch in schema.branches]
            left, right = (names.index("null" if value is None else value[0]) for value in (a, b))
            if left != right or a is None:
                return three_way(left, right)
            return expected(schema.branches[left], a[1], b[1])
        case EnumSchema():
            return three_way(schema.symbols.index(a), schema.symbols.index(b))
    if isinstance(a, float):
        return three_way(float_rank(a), float_rank(b))
    return 0 if a is None else three_way(a, b)


def float_rank(value: float) -> Any:
    return (1, 0.0, 0) if math.isnan(value) else (0, value, math.copysign(1, value))


def three_way(a: Any, b: Any) -> int:
    return (a > b) - (a < b)


@given(st.data())
def test_any_two_values(draw):
    schema = parse_schema(draw.draw(writers()))
    if any(isinstance(part, MapSchema) for part in parts(schema)):
        return
    encode = Encoder(schema, logical_types=False).encode
    a, b = draw.draw(values(schema)), draw.draw(values(schema))
    assert compare(encode(a), encode(b), schema) == expected(schema, a, b)
    assert compare(encode(b), encode(a), schema) == -expected(schema, a, b)
    assert compare(encode(a), encode(a), schema) == 0


FLOATS = [-math.inf, -1.5, -5e-324, -0.0, 0.0, 5e-324, 1.5, math.inf, math.nan]


@pytest.mark.parametrize(
    ("schema", "ascending"),
    [
        ("boolean", [False, True]),
        ("int", [-(2**31), -1, 0, 1, 2**31 - 1]),
        ("long", [-(2**63), -1, 0, 63, 64, 2**63 - 1]),
        ("float", FLOATS[:2] + FLOATS[3:5] + FLOATS[6:]),
        ("double", FLOATS),
        ("bytes", [b"", b"\0", b"\x7f", b"\x80", b"\xff", b"\xff\0"]),
        ("string", ["", "a", "aa", "b", "é", "\uffff", "\U00010000"]),
        ({"type": "fixed", "name": "F", "size": 2}, [b"\0\0", b"\0\xff", b"\x80\0"]),
        ({"type": "enum", "name": "E", "symbols": ["Z", "A"]}, ["Z", "A"]),
        ({"type": "array", "items": "int"}, [[], [1], [1, 1], [2]]),
        (["int", "null", "string"], [5, 6, None, "a"]),
    ],
)
def test_each_type(schema, ascending):
    encode = Encoder(schema).encode
    for i, a in enumerate(ascending):
        for j, b in enumerate(ascending):
            assert compare(encode(a), encode(b), schema) == three_way(i, j), (a, b)
    shuffled = ascending[::2] + ascending[1::2]
    assert sorted(shuffled, key=sort_key(schema))[:-1] == ascending[:-1]


RECORD = {
    "type": "record",
    "name": "R",
    "fields": [
        {"name": "down", "type": "int", "order": "descending"},
        {"name": "out", "type": {"type": "map", "values": "int"}, "order": "ignore"},
        {"name": "up", "type": "string"},
    ],
}


def test_descending_and_ignored_fields():
    rows = [{"down": d, "out": {"k": n}, "up": u} for n, (d, u) in enumerate([(1, "b"), (2, "a"), (1, "a")])]
    assert [row["out"]["k"] for row in sorted(rows, key=sort_key(RECORD))] == [1, 2, 0]
    encode = Encoder(RECORD).encode
    assert compare(encode(rows[0]), encode({**rows[0], "out": {}}), RECORD) == 0


def test_arrays_of_several_blocks_are_as_those_of_one():
    schema = {"type": "array", "items": "int"}
    blocks = b"\x02\x02" + b"\x01\x02\x04" + b"\x02\x06" + b"\0"
    assert compare(blocks, Encoder(schema).encode([1, 2, 3]), schema) == 0
    assert compare(blocks, Encoder(schema).encode([1, 2, 4]), schema) == -1
    assert compare(blocks, Encoder(schema).encode([1, 2]), schema) == 1


@pytest.mark.parametrize(
    "schema", [{"type": "map", "values": "int"}, ["null", {"type": "map", "values": "int"}]]
)
def test_maps_have_no_order(schema):
    with pytest.raises(SchemaError, match="maps have no order"):
        compare(b"\0", b"\0", schema)


def test_damage_is_told_with_its_place_and_datum():
    good = Encoder(RECORD).encode({"down": 1, "out": {"k": 1}, "up": "abc"})
    for size in range(len(good)):
        with pytest.raises(TruncatedError, match="the second datum"):
            compare(good, good[:size], RECORD)
        with pytest.raises(TruncatedError, match="the first datum"):
            compare(good[:size], good, RECORD)
    with pytest.raises(DecodeError, match=r"at \$.out.*second"):
        compare(good, good[:1] + b"\x03\xff" + good[3:], RECORD)


def test_a_key_serves_min_and_max():
    key = sort_key("long")
    assert min([3, -1, 2], key=key) == -1
    assert max([3, -1, 2], key=key) == 3
