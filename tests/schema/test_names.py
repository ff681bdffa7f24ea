"""Names, namespaces, fullnames (specification: Names, Aliases)."""

from __future__ import annotations

import pytest

from avrojet.errors import SchemaError
from avrojet.schema.model import PRIMITIVE_TYPES
from avrojet.schema.names import (
    are_lax_names,
    are_names,
    fullname,
    is_fullname,
    is_lax_fullname,
    is_name,
    relative_name,
)
from avrojet.schema.parse import parse_schema

NAMES = dict.fromkeys(("a", "A1", "_", "__a9", "class", "None"), True)
NAMES |= dict.fromkeys(("", "1", "a-b", "a b", "a.b", "\xe4", "a\n", "\u0661"), False)


@pytest.mark.parametrize("text", NAMES)
def test_a_name(text):
    assert is_name(text) == NAMES[text]
    assert are_names(["a", text]) == NAMES[text]
    assert are_lax_names(["a", text]) == (text != "")


@pytest.mark.parametrize(
    ("text", "strict", "lax"),
    [
        ("a", True, True),
        ("a.b.C", True, True),
        ("", False, False),
        (".", False, False),
        (".a", False, True),
        ("a.", False, False),
        ("a..b", False, True),
        ("a.b-c", False, True),
    ],
)
def test_a_fullname(text, strict, lax):
    assert (is_fullname(text), is_lax_fullname(text)) == (strict, lax)


@pytest.mark.parametrize(
    ("name", "namespace", "full"),
    [("X", "", "X"), ("X", "a.b", "a.b.X"), ("c.X", "a.b", "c.X"), (".X", "a.b", "X"), ("..X", "a", "..X")],
)
def test_the_fullname_of_a_name(name, namespace, full):
    assert fullname(name, namespace) == full
    assert fullname(relative_name(full, namespace), namespace) == full


def fixed(name, **attributes):
    return {"type": "fixed", "name": name, "size": 1, **attributes}


@pytest.mark.parametrize(
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
@pytest.mark.parametrize("namespace", ["", "a.b"])
@pytest.mark.parametrize("mode", ["strict", "lax"])
def test_the_names_of_primitive_types_are_taken(name, namespace, mode):
    with pytest.raises(SchemaError, match="name of a primitive type"):
        parse_schema(fixed(name, namespace=namespace), names=mode)


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


@pytest.mark.parametrize("second", [fixed("F"), {"type": "enum", "name": "F", "symbols": []}])
@pytest.mark.parametrize("mode", ["strict", "lax"])
def test_a_fullname_is_defined_once(second, mode):
    source = {
        "type": "record",
        "name": "R",
        "fields": [{"name": "f", "type": fixed("F")}, {"name": "g", "type": second}],
    }
    with pytest.raises(SchemaError, match=r"^fields\[1\]\.type: 'F' is defined twice"):
        parse_schema(source, names=mode)
    source["fields"][1]["type"] = {**second, "namespace": "other"}
    assert parse_schema(source, names=mode).fields[1].type.fullname == "other.F"


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


@pytest.mark.parametrize("name", ["a..b", "..b", ".a.b", "a b..c", "\n.b"])
def test_lax_names_may_have_any_namespace(name):
    schema = parse_schema(fixed(name), names="lax")
    assert schema.fullname == name
    assert parse_schema(schema.json, names="lax") == schema
    parts = fixed(schema.name, namespace=schema.namespace)
    assert parse_schema(parts, names="lax").fullname == name


def test_aliases_are_relative_to_the_namespace_of_their_type():
    assert parse_schema(fixed("a.b", aliases=["c", "x.y"])).aliases == ("a.c", "x.y")
    assert parse_schema(fixed("b", aliases=["c", "x.y"])).aliases == ("c", "x.y")


def test_any_string_is_an_alias():
    for name in ("F", "a.F"):
        schema = parse_schema(fixed(name, aliases=["not-a-name", "", "a b.c", ".null"]))
        assert parse_schema(schema.json).aliases == schema.aliases
        assert schema.aliases[-1] == "null"
