"""Which branch of a union the facade writes: what names one, and what a value may be without a name."""

from __future__ import annotations

import collections
import types
from decimal import Decimal
from fractions import Fraction
from io import BytesIO, StringIO

import pytest

from avrojet.compat import fastavro
from tests.cases import for_each

A = {"type": "record", "name": "a.A", "fields": [{"name": "x", "type": "int"}]}
B = {"type": "record", "name": "a.B", "fields": [{"name": "x", "type": "int"}]}
WIDE = {
    "type": "record",
    "name": "a.Wide",
    "fields": [{"name": "x", "type": "int"}, {"name": "y", "type": "int", "default": 0}],
}
OUTER = {"type": "record", "name": "a.Outer", "fields": [{"name": "inner", "type": A}]}
RECORDS = ["null", A, B]
ROW = {
    "type": "record",
    "name": "a.Row",
    "fields": [{"name": "s", "type": "string"}, {"name": "n", "type": "int"}],
}
STRINGS = {"type": "array", "items": "string"}
MAP = {"type": "map", "values": ["string", "int"]}
Named = collections.namedtuple("Named", "name value")  # noqa: PYI024 (as short as users write it)


def holder(schema):
    return {"type": "record", "name": "Holder", "fields": [{"name": "u", "type": schema}]}


def by_schemaless_writer(schema, value):
    fastavro.schemaless_writer(BytesIO(), schema, value)


def by_writer(schema, value):
    fastavro.writer(BytesIO(), schema, [value])


def by_writer_object(schema, value):
    fastavro.write.Writer(BytesIO(), schema).write(value)


def by_json_writer(schema, value):
    fastavro.json_writer(StringIO(), schema, [value])


def by_validate(schema, value):
    fastavro.validate(value, schema)


WAYS = [by_schemaless_writer, by_writer, by_writer_object, by_json_writer, by_validate]
REFUSALS = (ValueError, fastavro.validation.ValidationError)

WRONG_HINTS = [
    *((RECORDS, {"-type": name, "x": 1}) for name in ("B", "a.C", "", "null", "record", None, 5, ["a.B"])),
    (["null", A], {"-type": "a.B", "x": 1}),
    ([A, "null"], {"-type": "a.B", "x": 1}),
    ([A], {"-type": "a.B", "x": 1}),
    (["string", A, {"type": "map", "values": "int"}], {"-type": "a.B", "x": 1}),
    (RECORDS, collections.UserDict({"-type": "B", "x": 1})),
    (RECORDS, types.MappingProxyType({"-type": "B", "x": 1})),
    (["null", OUTER], {"inner": {"-type": "a.B", "x": 1}}),
    (["null", OUTER], {"-type": "a.Outer", "inner": {"-type": "a.B", "x": 1}}),
    (["null", {"type": "array", "items": A}], [{"-type": "a.B", "x": 1}]),
    (["null", {"type": "map", "values": A}], {"k": {"-type": "a.B", "x": 1}}),
    (["null", {"type": "array", "items": RECORDS}], [{"x": 1}, {"-type": "B", "x": 1}]),
    (RECORDS, ("B", {"x": 1})),
    (RECORDS, ("a.C", {"x": 1})),
    (RECORDS, Named("B", {"x": 1})),
    (["null", A], ("B", {"x": 1})),
    (["null", ROW], ("typo", 1)),
    (["null", ROW], Named("typo", 1)),
    (["null", STRINGS], ("strings", ["a"])),
    (["null", STRINGS], ("a", "b")),
]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("nested", [False, True])
@for_each(("schema", "value"), WRONG_HINTS, ids=str)
def test_a_hint_that_names_no_branch_is_an_error(way, nested, schema, value):
    with pytest.raises(REFUSALS):
        way(holder(schema), {"u": value}) if nested else way(schema, value)


@pytest.mark.parametrize(
    ("schema", "value", "data"),
    [
        (RECORDS, {"-type": "a.B", "x": 1}, b"\x04\x02"),
        (RECORDS, {"x": 1}, b"\x02\x02"),
        (RECORDS, collections.UserDict({"-type": "a.B", "x": 1}), b"\x04\x02"),
        (RECORDS, ("a.B", {"x": 1}), b"\x04\x02"),
        (RECORDS, Named("a.B", {"x": 1}), b"\x04\x02"),
        # What a tuple names is taken at its word.
        (RECORDS, ("a.B", {"-type": "a.A", "x": 1}), b"\x04\x02"),
        (["null", A], {"-type": "a.A", "x": 1}, b"\x02\x02"),
        (["null", OUTER], {"inner": {"-type": "a.A", "x": 1}}, b"\x02\x02"),
        # Outside of a union there is nothing to choose.
        (A, {"-type": "a.B", "x": 1}, b"\x02"),
        (OUTER, {"-type": "a.B", "inner": {"-type": "a.B", "x": 1}}, b"\x02"),
        # To a map it is a key as any other.
        (["null", A, MAP], {"-type": "a.B"}, b"\x04\x02\x0a-type\x00\x06a.B\x00"),
        (["null", MAP], {"-type": "a.B"}, b"\x02\x02\x0a-type\x00\x06a.B\x00"),
        (MAP, {"-type": "a.B"}, b"\x02\x0a-type\x00\x06a.B\x00"),
        # A Mapping is looked into as a dict is.
        ([A, WIDE], collections.UserDict({"x": 1, "y": 2}), b"\x02\x02\x04"),
        ([A, WIDE], types.MappingProxyType({"x": 1, "y": 2}), b"\x02\x02\x04"),
        ([A, WIDE], {"x": 1, "y": 2}, b"\x02\x02\x04"),
    ],
    ids=str,
)
def test_what_hints_choose(encode, schema, value, data):
    assert encode(schema, value) == data
    peer = pytest.importorskip("fastavro")
    target = BytesIO()
    peer.schemaless_writer(target, schema, value)
    assert target.getvalue() == data


def test_hints_bind_under_a_logical_type_of_ones_own(encode, logical_tables):
    logical_tables[1]["record-upper"] = lambda value, schema: {**value, "x": value["x"] + 1}
    schema = ["null", {**A, "logicalType": "upper"}, B]
    assert encode(schema, {"-type": "a.A", "x": 1}) == b"\x02\x04"
    assert encode(schema, {"-type": "a.B", "x": 1}) == b"\x04\x02"
    with pytest.raises(ValueError, match="union"):
        encode(schema, {"-type": "A", "x": 1})


OF_ANOTHER_TYPE = [
    ("int", True),
    ("long", True),
    ("double", True),
    ("int", 3.0),
    ("long", 3.0),
    ("int", Decimal(3)),
    ("long", Decimal(18603)),
    ("double", Decimal("1.5")),
    ("float", "1.5"),
    ("boolean", 1),
    ("boolean", 0),
    ({"type": "array", "items": "int"}, {1}),
    ({"type": "long", "logicalType": "timestamp-millis"}, True),
    ({"type": "long", "logicalType": "timestamp-millis"}, 5.0),
    ({"type": "int", "logicalType": "date"}, True),
]


def inside(schema, value):
    """The value in a union, at the top and deeper."""
    fields = [{"name": "x", "type": schema}]
    yield ["null", schema], value
    yield [schema, "null"], value
    yield [schema, {"type": "fixed", "name": "f", "size": 9}], value
    yield ["null", {"type": "record", "name": "r", "fields": fields}], {"x": value}
    yield ["null", {"type": "record", "name": "r", "fields": fields}, ROW], {"x": value}
    yield ["null", {"type": "array", "items": schema}], [value]
    yield ["null", {"type": "map", "values": schema}], {"k": value}
    yield holder(["null", schema]), {"u": value}


@pytest.mark.parametrize(("schema", "value"), OF_ANOTHER_TYPE, ids=str)
def test_a_union_takes_no_value_of_another_type(encode, schema, value):
    """Outside of a union it is taken; in one fastavro refuses it, for the branch is chosen by the type."""
    data = encode(schema, value)
    assert encode(holder(schema), {"u": value}) == data
    for union, given in inside(schema, value):
        with pytest.raises(ValueError, match="expected"):
            encode(union, given)
    assert encode(schema, value) == data


@pytest.mark.parametrize(("schema", "value"), OF_ANOTHER_TYPE, ids=str)
def test_fastavro_refuses_the_same(schema, value):
    peer = pytest.importorskip("fastavro")
    for union, given in inside(schema, value):
        with pytest.raises(ValueError, match="do not match"):
            peer.schemaless_writer(BytesIO(), union, given)


def test_a_named_branch_takes_what_it_takes_alone(encode):
    assert encode(["null", "int"], ("int", True)) == b"\x02\x02"
    assert encode(["null", "long"], ("long", 3.0)) == b"\x02\x06"
    assert encode(["null", A], ("a.A", {"x": True})) == b"\x02\x02"


def test_types_are_looked_at_again_after_a_union(encode):
    schema = {
        "type": "record",
        "name": "r",
        "fields": [{"name": "u", "type": ["null", "int"]}, {"name": "n", "type": "int"}],
    }
    assert encode(schema, {"u": 1, "n": True}) == b"\x02\x02\x02"
    target = BytesIO()
    writer = fastavro.write.Writer(target, schema)
    with pytest.raises(ValueError, match="expected"):
        writer.write({"u": True, "n": 1})
    writer.write({"u": 1, "n": 1.0})
    writer.flush()
    target.seek(0)
    assert list(fastavro.reader(target)) == [{"u": 1, "n": 1}]


def test_what_conversions_take_a_union_takes(encode):
    day = {"type": "int", "logicalType": "date"}
    assert encode(["null", day], "1970-01-02") == b"\x02\x02"
    assert encode(["null", "double"], Fraction(1, 2)) == encode(["null", "double"], 0.5)
    assert encode(["null", "double"], 1) == encode(["null", "double"], 1.0)


class TestNumpy:
    numpy = pytest.importorskip("numpy")

    @pytest.mark.parametrize(
        ("schema", "value", "same"),
        [
            ("boolean", numpy.int64(1), True),
            ("boolean", numpy.uint8(0), False),
            ("boolean", numpy.True_, True),
            ("int", numpy.True_, 1),
            ("long", numpy.False_, 0),
            ("float", numpy.True_, 1.0),
            ("double", numpy.True_, 1.0),
            ("int", numpy.float32(3), 3),
            ("long", numpy.float64(3), 3),
            ("double", numpy.int8(3), 3.0),
            ("double", numpy.longdouble(0.5), 0.5),
            ({"type": "int", "logicalType": "date"}, numpy.int64(5), 5),
            ({"type": "long", "logicalType": "timestamp-micros"}, numpy.int64(5), 5),
            ({"type": "long", "logicalType": "timestamp-micros"}, numpy.float64(5), 5),
            ({"type": "int", "logicalType": "time-millis"}, numpy.True_, 1),
            ({"type": "array", "items": "boolean"}, numpy.array([1, 0]), [True, False]),
            ({"type": "array", "items": "long"}, numpy.array([True, False]), [1, 0]),
        ],
        ids=str,
    )
    def test_scalars_are_taken_where_pythons_are(self, encode, schema, value, same):
        assert encode(schema, value) == encode(schema, same)
        assert encode(holder(schema), {"u": value}) == encode(schema, same)

    @pytest.mark.parametrize(
        ("schema", "value"),
        [
            ("boolean", numpy.int64(2)),
            ("int", numpy.float32(1.5)),
            ("int", numpy.int64(2**31)),
            ("int", numpy.datetime64(0, "s")),
            (["null", "int"], numpy.True_),
            (["null", "int"], numpy.float32(3)),
            (["null", "boolean"], numpy.int64(1)),
            (["int", "string"], numpy.True_),
        ],
        ids=str,
    )
    def test_what_would_be_refused_of_python(self, encode, schema, value):
        with pytest.raises(ValueError, match="expected|range"):
            encode(schema, value)

    @pytest.mark.parametrize("name", ["int", "long", "double"])
    def test_integers_in_unions(self, encode, name):
        assert encode(["null", name], self.numpy.int64(3)) == encode(["null", name], 3)
