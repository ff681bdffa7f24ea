"""parse_schema: every form, every rule, and the place that an error names."""

from __future__ import annotations

import inspect
import json
import math
import pickle
import sys
from collections import UserDict, UserList
from functools import partial
from random import Random
from types import MappingProxyType

import pytest

from avrojet.errors import LimitError, SchemaError
from avrojet.limits import Limits
from avrojet.schema.defaults import IgnoredDefaultWarning
from avrojet.schema.emit import to_python
from avrojet.schema.jsonreader import read_value
from avrojet.schema.model import (
    NO_DEFAULT,
    PRIMITIVE_TYPES,
    ArraySchema,
    EnumSchema,
    FixedSchema,
    MapSchema,
    RecordSchema,
    Schema,
    UnionSchema,
)
from avrojet.schema.parse import parse_schema
from avrojet.schema.parser import IgnoredAttributeWarning
from tests.cases import for_each
from tests.stacks import in_a_small_stack


def record(*fields, name="R", **attributes):
    return {"type": "record", "name": name, "fields": list(fields), **attributes}


def field(type, name="f", **attributes):
    return {"name": name, "type": type, **attributes}


def fixed(name="F", size=4, **attributes):
    return {"type": "fixed", "name": name, "size": size, **attributes}


def enum(*symbols, name="E", **attributes):
    return {"type": "enum", "name": name, "symbols": list(symbols), **attributes}


# -- forms -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PRIMITIVE_TYPES)
@pytest.mark.parametrize(
    "wrap", [str, json.dumps, lambda name: {"type": name}, lambda name: {"type": {"type": name}}]
)
def test_a_primitive_has_several_forms(name, wrap):
    schema = parse_schema(wrap(name))
    assert schema.type == name
    assert schema is parse_schema(name)


@pytest.mark.parametrize(
    "wrap",
    [
        json.dumps,
        lambda data: f"\n {json.dumps(data)}\n",
        lambda data: json.dumps(data).encode(),
        lambda data: b"\xef\xbb\xbf" + json.dumps(data).encode(),
        lambda data: "\ufeff" + json.dumps(data),
        lambda data: bytearray(json.dumps(data).encode()),
        UserDict,
        MappingProxyType,
        lambda data: {**data, "fields": UserList(map(UserDict, data["fields"]))},
        lambda data: {**data, "fields": tuple(data["fields"])},
        parse_schema,
    ],
)
def test_a_schema_comes_as_text_or_data(wrap):
    data = record(field("int", "a"), field(["null", "string"], "b", default=None, doc="d"))
    assert parse_schema(wrap(data)) == parse_schema(data)


def test_a_parsed_schema_is_returned_as_it_is():
    schema = parse_schema(record())
    assert parse_schema(schema) is schema


def test_parts_may_be_parsed_already():
    inner = parse_schema(fixed("a.F"))
    schema = parse_schema(record(field(inner, "x"), field("a.F", "y"), field([inner, "null"], "z")))
    assert schema.fields[0].type is schema.fields[1].type is schema.fields[2].type.branches[0] is inner
    assert parse_schema(schema.json) == schema


def test_nodes():
    schema = parse_schema(
        record(
            field({"type": "array", "items": "long"}, "a"),
            field({"type": "map", "values": ["null", "R"]}, "m"),
            field(enum("X", "Y", default="Y", doc="which"), "e"),
            field(fixed(size=0), "z"),
            name="n.R",
            doc="about",
            aliases=["Old"],
        )
    )
    assert isinstance(schema, RecordSchema)
    assert (schema.fullname, schema.name, schema.namespace) == ("n.R", "R", "n")
    assert (schema.doc, schema.aliases) == ("about", ("n.Old",))
    array, map_, enum_, fixed_ = (field.type for field in schema.fields)
    assert isinstance(array, ArraySchema)
    assert array.items.type == "long"
    assert isinstance(map_, MapSchema)
    assert isinstance(map_.values, UnionSchema)
    assert map_.values.branches[1] is schema
    assert isinstance(enum_, EnumSchema)
    assert (enum_.fullname, enum_.symbols, enum_.default, enum_.doc) == ("n.E", ("X", "Y"), "Y", "which")
    assert isinstance(fixed_, FixedSchema)
    assert (fixed_.fullname, fixed_.size) == ("n.F", 0)


def test_a_field_has_its_attributes():
    plain, full = parse_schema(
        record(
            field("int", "plain"),
            field(
                "int", "full", default=1, doc="d", order="ignore", aliases=["old", "not a name"], unit="kg"
            ),
        )
    ).fields
    assert plain == ("plain", parse_schema("int"), NO_DEFAULT, None, "ascending", (), {})
    assert (full.default, full.doc, full.order, full.aliases) == (1, "d", "ignore", ("old", "not a name"))
    assert full.props == {"unit": "kg"}


def test_attributes_that_are_null_count_as_absent():
    nulls = {"doc": None, "aliases": None, "namespace": None}
    source = record(field(enum("A", default=None, **nulls), doc=None, aliases=None, order=None), **nulls)
    assert parse_schema(source) == parse_schema(record(field(enum("A"))))


def test_an_error_is_a_record():
    schema = parse_schema({**record(field("string"), name="a.E"), "type": "error"})
    assert isinstance(schema, RecordSchema)
    assert schema.type == "error"
    assert '"type":"record"' in schema.canonical_form
    assert '"type":"error"' in schema.json


def test_unknown_attributes_are_kept_and_copied():
    attributes = {"x": {"deep": [1, None, True, 2.5]}, "y-z": "text"}
    source = {"type": "map", "values": {"type": "int", **attributes}, **attributes}
    schema = parse_schema(source)
    assert schema.props == schema.values.props == attributes
    source["x"]["deep"].append(5)
    assert schema.props["x"] == {"deep": [1, None, True, 2.5]}
    with pytest.raises(TypeError):
        schema.props["more"] = 1
    assert parse_schema(schema.json).values.props == attributes | {"x": {"deep": [1, None, True, 2.5]}}


def test_a_schema_where_a_type_name_belongs_counts_and_has_the_attributes_around_it():
    assert parse_schema({"type": {"type": "int", "a": 1}, "a": 2, "b": 3}).props == {"a": 1, "b": 3}
    assert parse_schema({"type": record(), "name": "other"}).fullname == "R"
    union = parse_schema({"type": ["null", "int"], "a": 1})
    assert (union.type, union.props) == ("union", {"a": 1})
    assert parse_schema(union.json) == union
    assert union.canonical_form == '["null","int"]'
    assert parse_schema([{"type": fixed()}, {"type": "F"}][:1]).branches[0].size == 4


def test_an_unconditionally_recursive_record_is_a_schema():
    schema = parse_schema(record(field("R")))
    assert schema.fields[0].type is schema
    assert parse_schema(schema.json) == schema


def test_the_same_name_with_and_without_an_unnamed_type_of_it():
    union = parse_schema([{"type": "array", "items": "int"}, fixed("array")])
    assert [branch.type for branch in union.branches] == ["array", "fixed"]


# -- rules -----------------------------------------------------------------------------------------

ARRAY = {"type": "array", "items": "int"}
INVALID = {
    "a name of nothing": ("nothing", "", "'nothing' is neither"),
    "not JSON": ('{"type": ', "", "not JSON"),
    "no UTF-8": (b'"\xff"', "", "not JSON"),
    "no text": ("", "", "schema is empty"),
    "blank text": (b" \n", "", "schema is empty"),
    "a number": ("1", "", "'1' is neither"),
    "data that is no schema": (3, "", "not 3"),
    "null": (None, "", "not None"),
    "bytes in data": (["null", b"int"], "[1]", "not b'int'"),
    "a huge number": ("[" + "9" * 5000 + "]", "", "not JSON"),
    "an object without type": ({"name": "R"}, "", "'type'"),
    "a type that is null": ({"type": None}, "", "'type'"),
    "a type that wraps nothing": ({"type": {"logicalType": "date"}}, "type", "'type'"),
    "an unknown type": ({"type": "nothing"}, "", "'nothing' is neither"),
    "a complex type without attributes": ("record", "", "'record' is neither"),
    "an array without items": ({"type": "array"}, "", "'items'"),
    "a map without values": ({"type": "map"}, "", "'values'"),
    "bad items": ({"type": "array", "items": {"type": "map", "values": "x"}}, "items.values", "'x'"),
    "a record without name": ({"type": "record", "fields": []}, "", "a record needs a name"),
    "an error without name": ({"type": "error", "fields": []}, "", "an error needs a name"),
    "a record without fields": ({"type": "record", "name": "R"}, "fields", "array of|an array"),
    "fields that are an object": ({"type": "record", "name": "R", "fields": {}}, "fields", "an array"),
    "fields that are text": ({"type": "record", "name": "R", "fields": "ab"}, "fields", "an array"),
    "a field that is no object": (record("int"), "fields[0]", "object"),
    "a field without name": (record(field("int"), {"type": "int"}), "fields[1]", "needs a name"),
    "a field with a bad name": (record(field("int", "a-b")), "fields[0]", r"'a-b' is not \[.*\]\*;"),
    "a field with dots": (record(field("int", "a.b")), "fields[0]", r"field name 'a\.b'"),
    "a field with no text for a name": (record(field("int", 5)), "fields[0]", "not 5"),
    "a field without type": (record({"name": "x"}), "fields[0]", "'x' needs the attribute 'type'"),
    "a field twice": (record(field("int"), field("long")), "fields[1]", "two fields 'f'"),
    "a bad type of a field": (record(field("x")), "fields[0].type", "'x'"),
    "a deep place": (
        record(field("int", "a"), field({"type": "array", "items": ["null", record(field("x"), name="S")]})),
        "fields[1].type.items[1].fields[0].type",
        "'x'",
    ),
    "a bad order": (record(field("int", order="up")), "fields[0].order", "'up'"),
    "an order that is no text": (record(field("int", order=["ignore"])), "fields[0].order", "ignore"),
    "aliases that are text": (record(field("int", aliases="old")), "fields[0].aliases", "array of strings"),
    "an alias that is no text": (record(field("int", aliases=[1])), "fields[0].aliases", "array of strings"),
    "type aliases that are text": (record(aliases="old"), "aliases", "array of strings"),
    "doc that is no text": (record(doc=5), "doc", "string"),
    "doc of a field that is no text": (record(field("int", doc=[])), "fields[0].doc", "string"),
    "an enum without symbols": ({"type": "enum", "name": "E"}, "symbols", "array of strings"),
    "symbols that are text": ({"type": "enum", "name": "E", "symbols": "AB"}, "symbols", "array of strings"),
    "a bad symbol": (enum("A", "B-C"), "symbols[1]", "'B-C'"),
    "a symbol beyond ASCII": (enum("\xe4"), "symbols[0]", "'\xe4'"),
    "a symbol twice": (enum("A", "B", "A"), "symbols[2]", "'A' twice"),
    "an enum's default that is no symbol": (enum("A", default="B"), "default", "'B'"),
    "a fixed without size": ({"type": "fixed", "name": "F"}, "size", "not None"),
    "a negative size": (fixed(size=-1), "size", "not -1"),
    "a size that is text": (fixed(size="4"), "size", "not '4'"),
    "a size that is a truth": (fixed(size=True), "size", "not True"),
    "a size that is a fraction": (fixed(size=4.0), "size", "not 4.0"),
    "a size beyond all": (fixed(size=1 << 63), "size", "number of bytes"),
    "a union in a union": (["null", ["int"]], "[1]", "immediately"),
    "a type twice in a union": (["int", "null", "int"], "[2]", "'int' twice"),
    "two logical types of one type": (
        ["int", {"type": "int", "logicalType": "date"}],
        "[1]",
        "'int' twice",
    ),
    "two arrays in a union": ([ARRAY, ARRAY], "[1]", "'array' twice"),
    "a name twice in a union": ([fixed("a.F"), "a.F"], "[1]", "'a.F' twice"),
    "attributes that are no JSON": ({"type": "int", "x": [1, {2}]}, "x[1]", "not JSON data"),
    "attributes with no text for a key": ({"type": "int", "x": {1: 2}}, "x", "string, not 1"),
    "a number that is too long": ({"type": "int", "x": 10**5000}, "x", "too long"),
    "a size that is too long": (fixed(size=10**5000), "size", "not this int"),
    "a default that is no JSON": (record(field("bytes", default=b"ab")), "fields[0].default", "not JSON"),
}  # fmt: skip


@for_each(("source", "path", "message"), INVALID.values(), ids=INVALID)
@pytest.mark.filterwarnings("ignore::avrojet.IgnoredLogicalTypeWarning")
def test_what_breaks_a_rule_is_an_error_that_names_the_place(source, path, message):
    with pytest.raises(SchemaError, match=message) as caught:
        parse_schema(source)
    assert (caught.value.path or "") == path
    assert str(caught.value).startswith(f"{path}: " if path else "")


def test_nothing_broken_is_left_after():
    with pytest.raises(SchemaError):
        parse_schema(record(field("x")))
    assert parse_schema(record(field("int"))).fields[0].type.type == "int"


# -- references ------------------------------------------------------------------------------------


def test_a_name_is_defined_before_it_is_used():
    with pytest.raises(SchemaError, match=r"^fields\[0\]\.type: 'F' is neither"):
        parse_schema(record(field("F", "a"), field(fixed(), "b")))
    schema = parse_schema(record(field(fixed(), "a"), field("F", "b")))
    assert schema.fields[0].type is schema.fields[1].type


def test_named_types_may_be_given():
    item = parse_schema(record(field(fixed("a.Id")), name="a.Item"))
    named = {"a.Item": item, "a.Unused": parse_schema(fixed("a.Unused"))}
    schema = parse_schema(record(field("Item", "x"), field("Id", "y"), name="a.Order"), named=named)
    assert schema.fields[0].type is item
    assert schema.fields[1].type is item.fields[0].type
    assert parse_schema(schema.json) == schema
    assert "Unused" not in schema.json
    assert list(named) == ["a.Item", "a.Unused"]
    assert parse_schema("a.Item", named=named) is item


def test_a_given_type_does_not_hide_a_definition():
    given = {"F": parse_schema(fixed(size=1))}
    assert (
        parse_schema(record(field(fixed(size=2), "a"), field("F", "b")), named=given).fields[1].type.size == 2
    )
    with pytest.raises(SchemaError, match=r"'F' is defined twice"):
        parse_schema(record(field("F", "a"), field(fixed(size=2), "b")), named=given)


def test_parts_that_define_one_name_differently_do_not_go_together():
    def holder(name, size):
        return parse_schema(record(field(fixed(size=size)), name=name))

    same = parse_schema(record(field(holder("A", 1), "a"), field(holder("B", 1), "b")))
    assert parse_schema(same.json) == same
    with pytest.raises(SchemaError, match=r"^fields\[1\]\.type: 'F' is defined twice"):
        parse_schema(record(field(holder("A", 1), "a"), field(holder("B", 2), "b")))
    with pytest.raises(SchemaError, match=r"'R' is defined twice"):
        parse_schema(record(field(parse_schema(record()))))


# -- limits ----------------------------------------------------------------------------------------


def nested(depth, wrap=lambda inner: {"type": "array", "items": inner}):
    source = "int"
    for _ in range(depth):
        source = wrap(source)
    return source


@pytest.mark.parametrize(
    "wrap",
    [
        lambda inner: {"type": "array", "items": inner},
        lambda inner: {"type": "map", "values": inner},
        lambda inner: UserDict(type="array", items=inner),
        lambda inner: {"type": inner, "x": 1},
    ],
)
def test_the_depth_is_limited(wrap):
    parse_schema(nested(10, wrap), limits=Limits(depth=11))
    with pytest.raises(LimitError, match="Limits.depth"):
        parse_schema(nested(12, wrap), limits=Limits(depth=10))


def test_unions_and_records_are_levels_too():
    source = record(field(["null", record(field(["null"]), name="S")]))
    assert parse_schema(source, limits=Limits(depth=4)).type == "record"
    with pytest.raises(LimitError, match="Limits.depth"):
        parse_schema(source, limits=Limits(depth=3))


KINDS = {
    "array": lambda inner, level: {"type": "array", "items": inner},
    "map": lambda inner, level: {"type": "map", "values": inner},
    "union": lambda inner, level: ["null", {"type": "array", "items": inner}],
    "record": lambda inner, level: {
        "type": "record",
        "name": f"R{level}",
        "fields": [{"name": "f", "type": inner}, {"name": "g", "type": "int"}],
    },
    "other objects": lambda inner, level: UserDict(type="array", items=inner),
    "type": lambda inner, level: {"type": inner, "x": level},
}


def deep(kind, levels):
    source = "int"
    for level in range(levels):
        source = KINDS[kind](source, level)
    return source


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("levels", [399, 2000, 5000])
def test_schemas_may_be_deeper_than_the_stack(kind, levels):
    limits = Limits(depth=3 * levels)
    source = deep(kind, levels)
    schema = parse_schema(source, limits=limits)
    again = parse_schema(schema.json, limits=limits)
    assert again == schema
    assert again.canonical_form == schema.canonical_form
    assert pickle.loads(pickle.dumps(schema)) == schema
    with pytest.raises(LimitError, match=r"limits\.depth"):
        parse_schema(schema.json if kind != "type" else source, limits=Limits(depth=levels // 3))


def test_no_form_of_a_schema_takes_the_stack_of_c():
    """Whatever stands at the levels that parsing returns to the foot of the stack after."""
    forms = list(KINDS.values())
    limits = Limits(depth=100_000)
    for start in range(len(forms)):
        source = "int"
        for level in range(5000):
            source = forms[(start + level * (start + 1)) % len(forms)](source, level)
        in_a_small_stack(partial(parse_schema, source, limits=limits))


@pytest.mark.slow
@pytest.mark.parametrize("form", [lambda inner: {"type": [inner]}, lambda inner: {"type": {"type": [inner]}}])
def test_unions_of_unions_are_refused_however_deep_they_are(form):
    source = "int"
    for _ in range(20_000):
        source = form(source)
    with pytest.raises(SchemaError, match="may not immediately contain a union"):
        in_a_small_stack(partial(parse_schema, source, limits=Limits(depth=100_000)))


def test_the_depth_does_not_depend_on_where_it_is_asked_for():
    text = parse_schema(deep("record", 399)).json

    def call(frames):
        return call(frames - 1) if frames else parse_schema(text)

    assert call(sys.getrecursionlimit() - len(inspect.stack()) - 100).json == text


def test_what_breaks_a_rule_deep_inside_is_told_with_both_ends_of_its_place():
    source = deep("array", 5000)
    inner = source
    while isinstance(inner["items"], dict):
        inner = inner["items"]
    inner["items"] = "nothing"
    with pytest.raises(SchemaError, match="'nothing' is neither") as caught:
        parse_schema(source, limits=Limits(depth=6000))
    assert caught.value.path.startswith("items.\u2026.items.items")
    assert len(str(caught.value)) < 1000


def test_text_deeper_than_the_stack_is_read_as_json_reads_it():
    """Whatever Python's own reader does with text that it can read, the other does with any."""
    random = Random(1)

    def value(depth):
        kind = random.random()
        if depth and kind < 0.35:
            return [value(depth - 1) for _ in range(random.randrange(4))]
        if depth and kind < 0.7:
            keys = (random.choice('abc\n"\u00e9\ud83d') * random.randrange(3) for _ in range(4))
            return {key: value(depth - 1) for key in keys}
        return random.choice([None, True, False, 1, -2.5, 1e300, 'x\\"y', "", math.inf])

    def outcome(read, text):
        try:
            return repr(read(text))
        except ValueError:
            return "invalid"

    for count in range(3000):
        text = list(json.dumps(value(5), indent=random.choice([None, 1])))
        if count % 2:
            for _ in range(random.randrange(1, 3)):
                text[random.randrange(len(text))] = random.choice('{}[],:" x1')
        deeper = lambda text: read_value(text, 100)  # noqa: E731
        assert outcome(deeper, "".join(text)) == outcome(json.loads, "".join(text)), "".join(text)


@pytest.mark.parametrize(
    "text", ["[" * 1_000_000, '{"type":' * 1_000_000, '{"type":"int","x":' + "[" * 1_000_000]
)
def test_text_that_is_too_deep_is_an_error(text):
    with pytest.raises(LimitError, match="too deep"):
        parse_schema(text)


def test_a_value_within_that_is_too_deep_is_an_error():
    value = []
    for _ in range(100_000):
        value = [value]
    for source in ({"type": "int", "x": value}, record(field("int", default=value))):
        with pytest.raises(LimitError, match="too deep"):
            parse_schema(source)


def ring(data, key):
    """The data, which from now on contain themselves."""
    data[key] = data
    return data


RINGS = {
    "a union": lambda: ring([None], 0),
    "a type": lambda: ring({}, "type"),
    "items": lambda: ring({"type": "array"}, "items"),
    "values": lambda: ring({"type": "map"}, "values"),
    "an attribute": lambda: ring({"type": "int"}, "x"),
    "a default": lambda: record(field("int", default=ring([None], 0))),
}


@pytest.mark.parametrize("make", RINGS.values(), ids=RINGS)
@pytest.mark.parametrize("limits", [Limits(), Limits(depth=1 << 30, schema_bytes=10_000)])
def test_data_that_contain_themselves_are_an_error(make, limits):
    with pytest.raises(LimitError):
        parse_schema(make(), limits=limits)


def test_data_that_double_with_each_level_are_an_error():
    """60 levels, each of which has the one before twice: 2^60 parts, made of 120 objects."""
    schema: object = "int"
    value: object = 0
    for _ in range(60):
        schema = [{"type": "array", "items": schema}, {"type": "map", "values": schema}]
        value = [value, value]
    for source in (schema, {"type": "int", "x": value}, record(field("int", default=value))):
        with pytest.raises(LimitError, match=r"characters: .* limits\.schema_bytes = 10000"):
            parse_schema(source, limits=Limits(schema_bytes=10_000))


@pytest.mark.parametrize(
    "data",
    [
        [{"type": name} for name in "ABCDE"],
        {"type": "int", "x": [0] * 50},
        {"type": "int", "x": ["", {}, [], "text"]},
        {"type": {"type": {"type": "A"}}},
    ],
)
def test_data_count_for_no_more_than_their_shortest_text(data):
    named = {name: parse_schema(fixed(name)) for name in "ABCDE"}
    text = json.dumps(data, separators=(",", ":"))
    limits = Limits(schema_bytes=len(text))
    assert parse_schema(data, named=named, limits=limits) == parse_schema(text, named=named, limits=limits)


def test_attributes_around_many_levels_are_put_together_once():
    """Were they copied at each level, this would take minutes."""
    source: object = "int"
    for level in range(300):
        source = {"type": source, f"at {level}": level}
    source = {f"{index}": index for index in range(200_000)} | {"type": source}
    assert len(parse_schema(source).props) == 200_300


def test_types_of_schemas_are_looked_at_once():
    """Each of 5000 records contains all those before: to look through each would take a minute."""
    chain = [record(name="R0")]
    chain += [record(field(f"R{i - 1}", "a"), field(f"R{i - 1}", "b"), name=f"R{i}") for i in range(1, 5000)]
    parts = parse_schema(chain).branches
    assert parse_schema(parts).branches == parts
    named = {part.fullname: part for part in parts}
    assert parse_schema(list(named), named=named).branches == parts


def test_the_length_of_the_text_is_limited():
    text = json.dumps(record())
    assert parse_schema(text, limits=Limits(schema_bytes=len(text))) == parse_schema(text)
    for source in (text, text.encode()):
        with pytest.raises(LimitError, match="Limits.schema_bytes"):
            parse_schema(source, limits=Limits(schema_bytes=len(text) - 1))


def test_the_branches_of_a_union_are_limited():
    source = [fixed(f"F{index}") for index in range(11)]
    assert len(parse_schema(source, limits=Limits(union_branches=11)).branches) == 11
    with pytest.raises(LimitError, match=r"limits\.union_branches") as caught:
        parse_schema({"type": "array", "items": source}, limits=Limits(union_branches=10))
    assert caught.value.path == "items"


# -- lax -------------------------------------------------------------------------------------------


def test_the_lax_mode_takes_any_text_for_a_name():
    source = record(field(enum("a b", "1", "\xe4"), "x-y"), field("9", "9"), name="old-ns.My Record")
    source["fields"][1]["type"] = fixed("9")
    with pytest.raises(SchemaError, match="names='lax'"):
        parse_schema(source)
    schema = parse_schema(source, names="lax")
    assert (schema.fullname, schema.fields[0].type.fullname) == ("old-ns.My Record", "old-ns.E")
    assert parse_schema(schema.json, names="lax") == schema


@pytest.mark.parametrize(
    "source",
    [
        enum("A", "A"),
        enum(1),
        fixed(size=-1),
        fixed(5),
        record(field("int", 1)),
        record({"type": "int"}),
        record(field("int"), field("int")),
        record(field("nothing")),
        ["int", "int"],
        {"type": "array"},
    ],
)
def test_the_lax_mode_keeps_the_other_rules(source):
    with pytest.raises(SchemaError):
        parse_schema(source, names="lax")


# What is not what it has to be, where the warning is to say so, and the same without it.
IGNORED = {
    "doc": (record(doc=5), "doc", record()),
    "doc of an enum": (enum("A", doc=["d"]), "doc", enum("A")),
    "doc of a field": (record(field("int", doc={})), "fields[0].doc", record(field("int"))),
    "namespace": (fixed(namespace=5), "namespace", fixed()),
    "namespace within another": (
        record(field(fixed(namespace=[])), namespace="n"),
        "fields[0].type.namespace",
        record(field(fixed()), namespace="n"),
    ),
    "aliases": (fixed(aliases="G"), "aliases", fixed()),
    "aliases of a field": (record(field("int", aliases=[1])), "fields[0].aliases", record(field("int"))),
    "order": (record(field("int", order="bogus")), "fields[0].order", record(field("int"))),
    "order that is no text": (record(field("int", order=1)), "fields[0].order", record(field("int"))),
    "enum's default": (enum("A", default="B"), "default", enum("A")),
    "enum's default that is a number": (enum("A", default=0), "default", enum("A")),
    "default": (record(field("int", default="x")), "fields[0].default", record(field("int"))),
}


@pytest.mark.parametrize(("source", "path", "plain"), IGNORED.values(), ids=IGNORED)
def test_the_lax_mode_ignores_what_reading_can_do_without(source, path, plain):
    with pytest.raises(SchemaError) as caught:
        parse_schema(source)
    assert caught.value.path == path
    category = IgnoredDefaultWarning if path == "fields[0].default" else IgnoredAttributeWarning
    with pytest.warns(category) as warned:
        schema = parse_schema(source, names="lax")
    assert len(warned) == 1
    assert str(warned[0].message).startswith(f"{path}: ")
    assert warned[0].filename == __file__
    assert without_props(schema) == parse_schema(plain)
    # It is there for others to see; only a namespace could not be told from the one in force.
    kept = to_python(schema)
    assert kept == source or "namespace" in path


def without_props(schema):
    """The schema without the attributes of users, of which these have none."""
    source = to_python(schema)
    for part in (source, *source.get("fields", ())):
        for name in ("doc", "order", "aliases", "default"):
            part.pop(name, None)
    return parse_schema(source)


@pytest.mark.parametrize("order", ["IGNORE", "Ascending", "descendinG"])
def test_the_lax_mode_takes_an_order_in_any_case(order, recwarn):
    source = record(field("int", order=order))
    with pytest.raises(SchemaError, match="the order must be"):
        parse_schema(source)
    assert parse_schema(source, names="lax").fields[0].order == order.lower()
    assert not recwarn


def test_data_that_define_a_type_twice_do_not_double():
    inner = record(name="R0")
    for level in range(1, 60):
        inner = record(field(inner, "a"), field(inner, "b"), name=f"R{level}")
    with pytest.raises(LimitError, match=r"limits\.schema_bytes"):
        parse_schema(inner, names="lax", limits=Limits(schema_bytes=100_000))
    with pytest.raises(SchemaError, match="twice"):
        parse_schema(inner)


def test_there_are_two_modes():
    with pytest.raises(ValueError, match="'strict' or 'lax'"):
        parse_schema("[]", names="loose")


# -- numbers that JSON has no words for ------------------------------------------------------------


def test_nan_is_a_default_of_floats_alone():
    schema = parse_schema(
        '{"type":"record","name":"R","fields":[{"name":"f","type":"double","default":NaN}]}'
    )
    assert math.isnan(schema.fields[0].default)
    assert math.isnan(parse_schema(schema.json).fields[0].default)
    with pytest.raises(SchemaError, match="nan is not a default for int"):
        parse_schema(record(field("int", default=math.nan)))


def test_schemas_are_schemas():
    assert isinstance(parse_schema("int"), Schema)
