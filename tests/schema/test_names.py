"""Names, namespaces, fullnames (specification: Names, Aliases)."""

from __future__ import annotations

import json

import pytest

from avrojet.errors import SchemaError
from avrojet.schema.model import PRIMITIVE_TYPES
from avrojet.schema.names import (
    are_names,
    are_texts,
    fullname,
    is_fullname,
    is_name,
    relative_name,
)
from avrojet.schema.parse import parse_schema
from tests.cases import for_each

NAMES = dict.fromkeys(("a", "A1", "_", "__a9", "class", "None"), True)
NAMES |= dict.fromkeys(("", "1", "a-b", "a b", "a.b", "\xe4", "a\n", "\u0661"), False)


@pytest.mark.parametrize("text", NAMES)
def test_a_name(text):
    assert is_name(text) == NAMES[text]
    assert are_names(["a", text]) == NAMES[text]
    assert are_texts(["a", text])


@pytest.mark.parametrize(
    ("text", "is_one"),
    [("a", True), ("a.b.C", True), *((bad, False) for bad in ("", ".", ".a", "a.", "a..b", "a.b-c"))],
)
def test_a_fullname(text, is_one):
    assert is_fullname(text) == is_one


@pytest.mark.parametrize(
    ("name", "namespace", "full"),
    [("X", "", "X"), ("X", "a.b", "a.b.X"), ("c.X", "a.b", "c.X"), (".X", "a.b", "X"), ("..X", "a", "..X")],
)
def test_the_fullname_of_a_name(name, namespace, full):
    assert fullname(name, namespace) == full
    assert fullname(relative_name(full, namespace), namespace) == full


def test_a_lone_surrogate_is_no_text():
    assert are_texts(["\U0001f600", "\0"])
    assert not are_texts(["\ud83d", "\ude00"])


def fixed(name, **attributes):
    return {"type": "fixed", "name": name, "size": 1, **attributes}


@for_each(
    ("attributes", "inner", "full"),
    [
        ({"name": "R"}, {"name": "F"}, "F"),
        ({"name": "R", "namespace": "a.b"}, {"name": "F"}, "a.b.F"),
        ({"name": "a.b.R"}, {"name": "F"}, "a.b.F"),
        ({"name": "a.R", "namespace": "ignored"}, {"name": "F"}, "a.F"),
        ({"name": "a.R"}, {"name": "F", "namespace": "c"}, "c.F"),
        ({"name": "a.R"}, {"name": "c.F"}, "c.F"),
        ({"name": "a.R"}, {"name": "c.F", "namespace": "ignored"}, "c.F"),
        ({"name": "a.R"}, {"name": "F", "namespace": ""}, "F"),
        ({"name": "a.R"}, {"name": "F", "namespace": None}, "a.F"),
    ],
)
@pytest.mark.parametrize("kind", ["record", "error"])
@pytest.mark.parametrize("wrap", [lambda s: s, lambda s: ["null", s], lambda s: {"type": "map", "values": s}])
def test_the_namespace_is_the_enclosing_one_unless_it_is_given(kind, wrap, attributes, inner, full):
    schema = parse_schema(
        {"type": kind, **attributes, "fields": [{"name": "f", "type": wrap({**fixed("x"), **inner})}]}
    )
    assert f'"name":"{full}"' in schema.canonical_form
    assert parse_schema(schema.json) == schema


def test_a_reference_is_relative_to_the_enclosing_namespace():
    fields = [fixed("F"), fixed("a.F"), "F", "a.F"]
    plain = parse_schema(
        {
            "type": "record",
            "name": "R",
            "fields": [{"name": f"f{i}", "type": t} for i, t in enumerate(fields)],
        }
    )
    assert [field.type.fullname for field in plain.fields] == ["F", "a.F", "F", "a.F"]
    spaced = parse_schema(
        {
            "type": "record",
            "name": "a.R",
            "fields": [{"name": "f", "type": fixed("F")}, {"name": "g", "type": "F"}],
        }
    )
    assert [field.type.fullname for field in spaced.fields] == ["a.F", "a.F"]


def test_a_bare_name_may_refer_to_the_null_namespace_as_java_writes_it():
    source = {
        "type": "record",
        "name": "a.R",
        "fields": [{"name": "f", "type": fixed("F", namespace="")}, {"name": "g", "type": "F"}],
    }
    schema = parse_schema(source)
    assert schema.fields[1].type is schema.fields[0].type
    assert parse_schema(schema.json) == schema


def test_a_name_of_the_null_namespace_that_the_enclosing_one_has_too_survives():
    null = parse_schema(fixed("F"))
    source = {
        "type": "record",
        "name": "a.R",
        "fields": [
            {"name": "f", "type": null},
            {"name": "g", "type": fixed("F", namespace="a")},
            {"name": "h", "type": null},
        ],
    }
    schema = parse_schema(source)
    again = parse_schema(schema.json, names="lax")
    assert [field.type.fullname for field in again.fields] == ["F", "a.F", "F"]
    assert again == schema


@pytest.mark.parametrize("name", PRIMITIVE_TYPES)
@pytest.mark.parametrize(("namespace", "mode"), [("", "strict"), ("a.b", "strict"), ("", "lax")])
def test_the_names_of_primitive_types_are_taken(name, namespace, mode):
    with pytest.raises(SchemaError, match="name of a primitive type"):
        parse_schema(fixed(name, namespace=namespace), names=mode)


@pytest.mark.parametrize("name", PRIMITIVE_TYPES)
def test_in_a_namespace_old_schemas_may_have_them(name):
    fields = [fixed(f"a.{name}"), f"a.{name}", name]
    source = {
        "type": "record",
        "name": "a.R",
        "fields": [{"name": f"f{i}", "type": type} for i, type in enumerate(fields)],
    }
    schema = parse_schema(source, names="lax")
    assert [field.type.type for field in schema.fields] == ["fixed", "fixed", name]
    assert schema.fields[1].type is schema.fields[0].type
    assert parse_schema(schema.json, names="lax") == schema


@pytest.mark.parametrize("name", ["record", "error", "enum", "array", "map", "fixed", "union"])
def test_the_names_of_complex_types_are_free(name):
    source = {
        "type": "record",
        "name": name,
        "fields": [
            {"name": "next", "type": ["null", name]},
            {"name": "all", "type": {"type": "array", "items": name}},
        ],
    }
    schema = parse_schema(source)
    assert schema.fields[0].type.branches[1] is schema.fields[1].type.items is schema
    assert parse_schema(schema.json) == schema


def twice(first, second):
    return {
        "type": "record",
        "name": "R",
        "fields": [{"name": "f", "type": first}, {"name": "g", "type": second}],
    }


@pytest.mark.parametrize("second", [fixed("F"), {"type": "enum", "name": "F", "symbols": []}])
def test_a_fullname_is_defined_once(second):
    with pytest.raises(SchemaError, match=r"^fields\[1\]\.type: 'F' is defined twice"):
        parse_schema(twice(fixed("F"), second))
    schema = parse_schema(twice(fixed("F"), {**second, "namespace": "other"}))
    assert schema.fields[1].type.fullname == "other.F"


X = {"type": "array", "items": ["null", {"type": "map", "values": "F"}]}
SAME = {
    "fixed": (fixed("F"), fixed("F")),
    "documentation": (fixed("F"), fixed("F", doc="d")),
    "enum": [{"type": "enum", "name": "F", "symbols": ["A"], "default": "A"}] * 2,
    "record": [
        {"type": "record", "name": "F", "fields": [{"name": "a", "type": ["null", "F"], "default": None}]}
    ]
    * 2,
    "within": [
        {
            "type": "record",
            "name": "S",
            "fields": [{"name": "a", "type": fixed("F")}, {"name": "b", "type": X}],
        }
    ]
    * 2,
    "by name or in place": (
        {"type": "record", "name": "S", "fields": [{"name": "a", "type": fixed("F")}]},
        {"type": "record", "name": "S", "fields": [{"name": "a", "type": "F"}]},
    ),
}


@pytest.mark.parametrize(("first", "second"), SAME.values(), ids=SAME)
def test_old_schemas_may_define_a_type_twice_in_the_same_way(first, second):
    with pytest.raises(SchemaError, match="twice"):
        parse_schema(twice(first, second))
    schema = parse_schema(twice(first, second), names="lax")
    assert schema.fields[0].type is schema.fields[1].type
    assert parse_schema(schema.json) == schema


DIFFERENT = {
    "size": (fixed("F"), {**fixed("F"), "size": 2}),
    "kind": (fixed("F"), {"type": "enum", "name": "F", "symbols": []}),
    "symbols": (
        {"type": "enum", "name": "F", "symbols": ["A"]},
        {"type": "enum", "name": "F", "symbols": []},
    ),
    "alias": (fixed("F"), fixed("F", aliases=["G"])),
    "attribute": (fixed("F"), fixed("F", x=1)),
    "field": (
        {"type": "record", "name": "F", "fields": [{"name": "a", "type": "int"}]},
        {"type": "record", "name": "F", "fields": [{"name": "b", "type": "int"}]},
    ),
    "fields": (
        {"type": "record", "name": "F", "fields": [{"name": "a", "type": "int"}]},
        {"type": "record", "name": "F", "fields": []},
    ),
    "default": (
        {"type": "record", "name": "F", "fields": [{"name": "a", "type": "int", "default": 1}]},
        {"type": "record", "name": "F", "fields": [{"name": "a", "type": "int", "default": 2}]},
    ),
    **{
        f"type {index}": (
            {"type": "record", "name": "F", "fields": [{"name": "a", "type": one}]},
            {"type": "record", "name": "F", "fields": [{"name": "a", "type": other}]},
        )
        for index, (one, other) in enumerate(
            [
                ("int", "long"),
                ("int", {"type": "int", "logicalType": "date"}),
                ({"type": "array", "items": "int"}, {"type": "map", "values": "int"}),
                ({"type": "array", "items": ["int"]}, {"type": "array", "items": ["long"]}),
                ({"type": "map", "values": ["int"]}, {"type": "map", "values": ["int", "null"]}),
                (fixed("A"), fixed("B")),
            ]
        )
    },
}


@pytest.mark.parametrize(("first", "second"), DIFFERENT.values(), ids=DIFFERENT)
def test_no_schema_may_define_a_type_in_two_ways(first, second):
    with pytest.raises(SchemaError, match="twice, and differently"):
        parse_schema(twice(first, second), names="lax")


def test_a_type_is_not_defined_again_within_itself():
    source = {"type": "record", "name": "R", "fields": [{"name": "a", "type": ["null", {}]}]}
    source["fields"][0]["type"][1] = {"type": "record", "name": "R", "fields": []}
    with pytest.raises(SchemaError, match="twice, and differently"):
        parse_schema(source, names="lax")


LATER = {
    "fixed": (twice("F", fixed("F")), "F"),
    "in a union": (twice(["null", "F"], ["int", fixed("F")]), "F"),
    "in an array": (twice({"type": "array", "items": "F"}, {"type": "map", "values": fixed("F")}), "F"),
    "with a namespace": (twice("a.F", fixed("F", namespace="a")), "a.F"),
    "of the namespace around it": (
        {**twice("F", {**twice("int", fixed("F")), "name": "S"}), "name": "n.R"},
        "n.F",
    ),
    "a record": (
        twice("S", {"type": "record", "name": "S", "fields": [{"name": "r", "type": ["null", "S"]}]}),
        "S",
    ),
}


@pytest.mark.parametrize(("source", "name"), LATER.values(), ids=LATER)
def test_old_schemas_may_use_a_type_before_it_is_defined(source, name):
    with pytest.raises(SchemaError, match=r"it is defined later, at fields\[1\]\.type.*: define it where"):
        parse_schema(source)
    schema = parse_schema(source, names="lax")
    first = schema.fields[0].type
    used = getattr(first, "items", first)
    used = getattr(used, "branches", (used,))[-1]
    assert used.fullname == name
    assert schema.json.count('"size"' if used.type == "fixed" else '"name":"S"') == 1
    assert parse_schema(schema.json) == schema


NAMELESS = [
    {"type": "record", "fields": [{"name": "a", "type": "int"}]},
    {"type": "record", "name": "", "fields": [{"name": "", "type": "int"}]},
    {"type": "record", "name": "", "namespace": "n", "fields": [{"name": "a", "type": fixed("F")}]},
    {"type": "record", "name": "n.", "fields": [{"name": "a", "type": fixed("F")}]},
    {"type": "enum", "symbols": ["", "A"]},
    {"type": "fixed", "name": "", "size": 1},
    {"type": "record", "name": "R", "fields": [{"name": "a", "type": {"type": "fixed", "size": 1}}]},
    twice({"type": "fixed", "size": 1}, {"type": "enum", "symbols": []}),
]


@pytest.mark.parametrize("source", NAMELESS)
def test_old_schemas_may_have_types_fields_and_symbols_without_a_name(source):
    with pytest.raises(SchemaError):
        parse_schema(source)
    schema = parse_schema(source, names="lax")
    assert parse_schema(schema.json, names="lax") == schema
    assert parse_schema(schema.canonical_form, names="lax").canonical_form == schema.canonical_form


def test_what_has_no_name_cannot_be_referred_to():
    with pytest.raises(SchemaError, match="'' is neither"):
        parse_schema({"type": "record", "name": "", "fields": [{"name": "a", "type": ""}]}, names="lax")


@pytest.mark.parametrize(
    ("attributes", "path"),
    [
        ({"name": "a-b"}, "name"),
        ({"name": "a..b"}, "name"),
        ({"name": ".b"}, "name"),
        ({"name": ""}, "name"),
        ({"namespace": "a-b"}, "namespace"),
        ({"namespace": "a."}, "namespace"),
        ({"namespace": 5}, "namespace"),
    ],
)
def test_what_is_no_name_is_an_error(attributes, path):
    with pytest.raises(SchemaError) as caught:
        parse_schema({**fixed("F"), **attributes})
    assert caught.value.path == path


@pytest.mark.parametrize("name", ["a..b", "..b", ".a.b", "a b..c", "\n.b", "a."])
def test_lax_names_may_have_any_namespace(name):
    schema = parse_schema(fixed(name), names="lax")
    assert schema.fullname == name
    assert parse_schema(schema.json, names="lax") == schema
    parts = fixed(schema.name, namespace=schema.namespace)
    assert parse_schema(parts, names="lax").fullname == name


@for_each("mode", ["strict", "lax"])
@for_each(
    ("source", "path"),
    [
        (fixed("\ud800"), "name"),
        (fixed("F", namespace="a.\udfff"), "namespace"),
        ({"type": "enum", "name": "E", "symbols": ["a", "b\udfff"]}, "symbols[1]"),
        ({"type": "record", "name": "R", "fields": [{"name": "a\ud800", "type": "int"}]}, "fields[0]"),
    ],
)
def test_a_name_is_text_that_utf8_has_bytes_for(source, path, mode):
    """Else JSON text, Arrow schemas and headers of CSV could not have it; nor could JSON text read it."""
    for form in (source, json.dumps(source)):
        with pytest.raises(SchemaError, match="has a lone surrogate") as caught:
            parse_schema(form, names=mode)
        assert caught.value.path == path


def test_aliases_are_relative_to_the_namespace_of_their_type():
    assert parse_schema(fixed("a.b", aliases=["c", "x.y"])).aliases == ("a.c", "x.y")
    assert parse_schema(fixed("b", aliases=["c", "x.y"])).aliases == ("c", "x.y")


def test_any_string_is_an_alias():
    for name in ("F", "a.F"):
        schema = parse_schema(fixed(name, aliases=["not-a-name", "", "a b.c", ".null"]))
        assert parse_schema(schema.json).aliases == schema.aliases
        assert schema.aliases[-1] == "null"
