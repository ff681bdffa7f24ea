"""Which defaults fit which types."""

from __future__ import annotations

import math

import pytest

from avrojet.errors import LimitError, SchemaError
from avrojet.limits import Limits
from avrojet.schema.defaults import IgnoredDefaultWarning, check_default
from avrojet.schema.model import NO_DEFAULT
from avrojet.schema.parse import parse_schema

ENUM = {"type": "enum", "name": "E", "symbols": ["A", "B"]}
FIXED = {"type": "fixed", "name": "F", "size": 2}
ARRAY = {"type": "array", "items": "int"}
MAP = {"type": "map", "values": "int"}
RECORD = {
    "type": "record",
    "name": "P",
    "fields": [{"name": "x", "type": "int"}, {"name": "y", "type": ["null", "string"], "default": None}],
}
LIST = {
    "type": "record",
    "name": "L",
    "fields": [{"name": "value", "type": "int"}, {"name": "next", "type": ["null", "L"], "default": None}],
}

GOOD = [
    ("null", None), ("boolean", True), ("boolean", False),
    ("int", 0), ("int", 2**31 - 1), ("int", -(2**31)), ("long", 2**63 - 1), ("long", -(2**63)),
    ("float", 1), ("float", 1.5), ("float", math.nan), ("float", math.inf), ("float", 2**64),
    ("double", -1), ("double", 1e300), ("double", -math.inf),
    ("bytes", ""), ("bytes", "\x00\xff"), ("string", ""), ("string", "\u20ac"),
    (ENUM, "B"), (FIXED, "\x00\xff"),
    (ARRAY, []), (ARRAY, [1, 2]), (MAP, {}), (MAP, {"a": 1}),
    (RECORD, {"x": 1}), (RECORD, {"x": 1, "y": "text"}), (RECORD, {"x": 1, "unknown": 2}),
    (LIST, {"value": 1, "next": {"value": 2}}),
    (["null", "int"], None), (["null", "int"], 1), (["int", "null"], None), (["string", ENUM], "A"),
    (["null", ARRAY], [1]), (["int", "long"], 2**40),
    ({"type": "int", "logicalType": "date"}, 5),
    ({"type": "array", "items": MAP}, [{}, {"a": 1}]),
]  # fmt: skip

BAD = [
    ("null", 0, "", "0 is not a default for null"),
    ("null", "null", "", "'null' is not a default"),
    ("boolean", 1, "", "1 is not a default"),
    ("boolean", None, "", "None is not a default"),
    ("int", True, "", "True is not a default"),
    ("int", 1.0, "", "1.0 is not a default"),
    ("int", "1", "", "'1' is not a default"),
    ("int", 2**31, "", "2147483648 is not a default"),
    ("int", -(2**31) - 1, "", "is not a default"),
    ("long", 2**63, "", "is not a default"),
    ("float", True, "", "True is not a default"),
    ("float", "1", "", "'1' is not a default"),
    ("float", 1e39, "", "1e\\+39 is not a default for float"),
    ("double", 10**400, "", "is not a default for double"),
    ("bytes", "\u0100", "", "is not a default for bytes"),
    ("bytes", [1], "", "is not a default for bytes"),
    ("string", 5, "", "5 is not a default for string"),
    ("string", "\ud800", "", "is not a default for string"),
    (ENUM, "C", "", "'C' is not a default for enum"),
    (ENUM, 0, "", "0 is not a default for enum"),
    (FIXED, "a", "", "'a' is not a default for a fixed of 2 bytes"),
    (FIXED, "a\u0100", "", "fixed of 2 bytes"),
    (ARRAY, {}, "", "{} is not a default for array"),
    (ARRAY, "", "", "'' is not a default for array"),
    (ARRAY, [1, "x"], "[1]", "'x' is not a default for int"),
    (MAP, [], "", "is not a default for map"),
    (MAP, {"a": 1, "b c": None}, "['b c']", "None is not a default for int"),
    (RECORD, [], "", "is not a default for record"),
    (RECORD, {}, "", "lacks the field 'x'"),
    (RECORD, {"x": None}, ".x", "None is not a default for int"),
    (RECORD, {"x": 1, "y": 2}, ".y", "2 fits no branch"),
    (LIST, {"value": 1, "next": {"value": "2"}}, ".next", "fits no branch"),
    (["null", "int"], "x", "", "'x' fits no branch"),
    ([], None, "", "fits no branch"),
    ({"type": "array", "items": MAP}, [{}, {"a": "b"}], "[1]['a']", "'b' is not a default for int"),
]


def holder(type, default):
    return {"type": "record", "name": "R", "fields": [{"name": "f", "type": type, "default": default}]}


@pytest.mark.parametrize(("type", "default"), GOOD)
def test_a_default_that_fits(type, default):
    schema = parse_schema(holder(type, default))
    assert repr(schema.fields[0].default) == repr(default)
    assert check_default(schema.fields[0].type, default) is None
    assert parse_schema(schema.json) == schema


@pytest.mark.parametrize(("type", "default", "path", "message"), BAD)
def test_a_default_that_does_not_fit(type, default, path, message):
    with pytest.raises(SchemaError, match=message) as caught:
        parse_schema(holder(type, default))
    assert caught.value.path == f"fields[0].default{path}"
    assert str(caught.value).startswith(f"fields[0].default{path}: ")
    reason = check_default(parse_schema(type), default, "here")
    assert reason is not None
    assert reason.startswith(f"here{path}: ")


@pytest.mark.parametrize(("type", "default", "path", "message"), BAD)
def test_the_lax_mode_takes_the_field_for_one_without_default(type, default, path, message):
    with pytest.warns(IgnoredDefaultWarning, match=message):
        schema = parse_schema(holder(type, default), names="lax")
    assert schema.fields[0].default is NO_DEFAULT
    assert repr(schema.fields[0].props["default"]) == repr(default)
    with pytest.raises(SchemaError):
        parse_schema(schema.json)
    with pytest.warns(IgnoredDefaultWarning):
        assert parse_schema(schema.json, names="lax") == schema


def test_a_default_is_a_copy():
    source = holder(ARRAY, [1])
    schema = parse_schema(source)
    source["fields"][0]["default"].append("x")
    assert schema.fields[0].default == [1]


def test_no_default_is_not_null():
    fields = [{"name": "a", "type": "null"}, {"name": "b", "type": "null", "default": None}]
    a, b = parse_schema({"type": "record", "name": "R", "fields": fields}).fields
    assert a.default is NO_DEFAULT
    assert b.default is None


def test_a_default_of_the_record_that_is_being_defined():
    field = {"name": "next", "type": ["null", "R"], "default": {"next": None}}
    with pytest.raises(SchemaError, match="fits no branch"):
        parse_schema({"type": "record", "name": "R", "fields": [field, {"name": "x", "type": "int"}]})
    parse_schema(
        {"type": "record", "name": "R", "fields": [field, {"name": "x", "type": "int", "default": 1}]}
    )


@pytest.mark.parametrize("type", ["R", {"type": "array", "items": "R"}])
def test_a_record_that_is_its_own_default_is_an_error(type):
    default = {} if type == "R" else [{}]
    with pytest.raises(SchemaError, match="without end"):
        parse_schema(
            {"type": "record", "name": "R", "fields": [{"name": "r", "type": type, "default": default}]}
        )


def test_branches_within_branches_cost_no_exponential_time():
    """Both records of the union fit but for the innermost value: 2^40 ways to find that out."""
    b = {"type": "record", "name": "B", "fields": [{"name": "x", "type": ["A", "B", "string"]}]}
    a = {"type": "record", "name": "A", "fields": [{"name": "x", "type": ["A", b, "string"]}]}
    default = 5
    for _ in range(40):
        default = {"x": default}
    with pytest.raises(SchemaError, match="fits no branch"):
        parse_schema(holder([a, "B"], default))


def test_records_that_default_to_records_are_examined_once_each():
    """60 records, each with two fields that default to the one before: 2^60 records in the whole default."""
    fields = [{"name": "x", "type": {"type": "record", "name": "R0", "fields": []}, "default": {}}]
    for n in range(1, 60):
        parts = [{"name": name, "type": f"R{n - 1}", "default": {}} for name in "ab"]
        fields.append(
            {"name": f"x{n}", "type": {"type": "record", "name": f"R{n}", "fields": parts}, "default": {}}
        )
    assert len(parse_schema({"type": "record", "name": "R", "fields": fields}).fields) == 60


def union_of_records(count):
    return [{"type": "record", "name": f"R{index}", "fields": []} for index in range(count)]


def test_a_long_default_is_not_shown_for_each_branch():
    """3000 records that it is not: to write it out for each would take a minute."""
    with pytest.raises(SchemaError, match="fits no branch") as caught:
        parse_schema(holder(union_of_records(3000), ["x"] * 300_000))
    assert len(str(caught.value)) < 200


def test_symbols_are_looked_up():
    """100000 of 100000: to go through all for each would take minutes."""
    symbols = [f"s{index}" for index in range(100_000)]
    items = {"type": "array", "items": {"type": "enum", "name": "E", "symbols": symbols}}
    assert len(parse_schema(holder(items, symbols)).fields[0].default) == len(symbols)


@pytest.mark.slow
@pytest.mark.parametrize("fields", [[], [{"name": "x", "type": "int", "default": 0}] * 1])
def test_comparisons_of_values_with_branches_are_limited(fields):
    records = [{**record, "fields": fields} for record in union_of_records(100)]
    items = {"type": "array", "items": [*records, "string"]}
    default = [f"text {index}" for index in range(1000)]
    assert len(parse_schema(holder(items, default)).fields[0].default) == 1000
    with pytest.raises(LimitError, match=r"comparisons .* limits\.schema_bytes = 100000"):
        parse_schema(holder(items, default), limits=Limits(schema_bytes=100_000))


def test_comparisons_of_records_with_fields_are_limited():
    fields = [{"name": f"f{index}", "type": "int", "default": 0} for index in range(1000)]
    wide = {"type": "record", "name": "W", "fields": [*fields, {"name": "last", "type": "int"}]}
    items = {"type": "array", "items": [wide, {"type": "map", "values": "int"}]}
    default = [{"f0": 0} for _ in range(100)]
    assert len(parse_schema(holder(items, default)).fields[0].default) == 100
    with pytest.raises(LimitError, match="comparisons"):
        parse_schema(holder(items, default), limits=Limits(schema_bytes=100_000))
