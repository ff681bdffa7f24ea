from __future__ import annotations

import copy
import json

import pytest

from avrojet.compat.fastavro.repository import AbstractSchemaRepository, SchemaRepositoryError
from avrojet.compat.fastavro.schema import (
    SchemaParseException,
    UnknownType,
    expand_schema,
    load_schema,
    load_schema_ordered,
    parse_schema,
)
from avrojet.compat.fastavro.validation import ValidationError, validate, validate_many

CHILD = {"type": "record", "name": "Child", "namespace": "a", "fields": [{"name": "x", "type": "int"}]}
PARENT = {
    "type": "record",
    "name": "Parent",
    "namespace": "a",
    "fields": [
        {"name": "one", "type": "Child"},
        {"name": "more", "type": {"type": "array", "items": ["null", "a.Child"]}},
        {"name": "map", "type": {"type": "map", "values": "Child"}},
    ],
}


def test_names_are_given_in_full_and_the_source_stays():
    source = copy.deepcopy(CHILD)
    parsed = parse_schema(source)
    assert source == CHILD
    assert (parsed["name"], "namespace" in parsed) == ("a.Child", False)
    assert parse_schema(parsed) is parsed
    assert parse_schema(source, _force=True, _write_hint=False) == {
        "type": "record",
        "name": "a.Child",
        "fields": [{"name": "x", "type": "int"}],
    }


def test_named_schemas_are_shared():
    named = {}
    parse_schema(CHILD, named)
    parse_schema(PARENT, named)
    assert named.keys() == {"a.Child", "a.Parent"}
    with pytest.raises(UnknownType) as caught:
        parse_schema(PARENT)
    assert caught.value.name == "a.Child"


def test_expansion_stops_at_recursion():
    node = {"type": "record", "name": "N", "fields": [{"name": "next", "type": ["null", "N"]}]}
    assert expand_schema(node) == node
    named = [CHILD, {"type": "array", "items": "a.Child"}]
    assert expand_schema(named)[1]["items"]["name"] == "a.Child"


@pytest.mark.parametrize(
    ("schema", "message"),
    [
        ({"type": "record", "fields": []}, '"name" is a required field'),
        ({"type": "record", "name": "r", "fields": ["x"]}, "must be a dict"),
        ({"type": "record", "name": "r", "fields": [{"type": "int"}]}, "missing 'name'"),
        ({"type": "record", "name": "r", "fields": [{"name": "x"}]}, "missing 'type'"),
        ([CHILD, CHILD][:1] + [{"type": "fixed", "name": "f", "size": 1}] * 2, None),
        ({"type": "array", "items": [CHILD, CHILD]}, "redefined named type: a.Child"),
        ({"type": "enum", "name": "e", "symbols": ["A", "A"]}, "must be unique"),
        ({"type": "enum", "name": "e", "symbols": ["1"]}, "regular expression"),
        ({"type": "enum", "name": "e", "symbols": ["A"], "default": "B"}, "symbols list"),
        ({"type": "bytes", "logicalType": "decimal", "precision": -1}, "positive integer"),
        ({"type": "bytes", "logicalType": "decimal", "precision": 1, "scale": 2}, "less than or equal"),
        ({"type": "fixed", "name": "f", "size": 1, "logicalType": "decimal", "precision": 3}, "doesn't fit"),
    ],
)
def test_rules(schema, message):
    if message is None:
        assert parse_schema(schema)
        return
    with pytest.raises(SchemaParseException, match=message):
        parse_schema(schema)


@pytest.mark.parametrize(
    ("type", "default", "fits"),
    [
        ("int", "1", False),
        ("float", "1", True),
        ({"type": "float"}, 1, False),
        (["null", "int"], 1, True),
        (["null", "int"], "x", False),
        ("bytes", "x", True),
        ({"type": "array", "items": "int"}, {}, False),
        (CHILD, [], False),
    ],
)
def test_defaults(type, default, fits):
    schema = {"type": "record", "name": "r", "fields": [{"name": "x", "type": type, "default": default}]}
    if fits:
        parse_schema(schema)
        return
    with pytest.raises(SchemaParseException, match="Default value"):
        parse_schema(schema)
    assert parse_schema(schema, _ignore_default_error=True)


def test_schemas_are_loaded_with_those_they_refer_to(tmp_path):
    for schema in (CHILD, PARENT):
        (tmp_path / f"a.{schema['name']}.avsc").write_text(json.dumps(schema))
    loaded = load_schema(str(tmp_path / "a.Parent.avsc"))
    assert loaded["fields"][0]["type"]["name"] == "a.Child"
    assert loaded["fields"][1]["type"]["items"] == ["null", "a.Child"]
    ordered = load_schema_ordered([str(tmp_path / f"a.{name}.avsc") for name in ("Child", "Parent")])
    assert ordered["fields"] == loaded["fields"]
    (tmp_path / "a.Child.avsc").unlink()
    with pytest.raises(UnknownType, match="a.Child"):
        load_schema(str(tmp_path / "a.Parent.avsc"))
    (tmp_path / "a.Bad.avsc").write_text("{")
    with pytest.raises(SchemaRepositoryError, match="Failed to parse 'a.Bad'"):
        load_schema(str(tmp_path / "a.Bad.avsc"))


def test_schemas_come_from_a_repository():
    class Repository(AbstractSchemaRepository):
        def load(self, name):
            return {"a.Child": CHILD, "a.Enum": {"type": "enum", "name": "a.Enum", "symbols": ["A"]}}.get(
                name, ["null", "a.Child", {"type": "map", "values": "a.Enum"}]
            )

    loaded = load_schema("whole", repo=Repository())
    assert loaded[1]["name"] == "a.Child"
    assert loaded[2]["values"]["name"] == "a.Enum"


def test_validation_names_every_place():
    value = {"one": {"x": "no"}, "more": [{"x": 1}, 3], "map": {"k": {}}}
    schema = {**PARENT, "fields": [{"name": "one", "type": CHILD}, *PARENT["fields"][1:]]}
    with pytest.raises(ValidationError) as caught:
        validate(value, schema)
    places = [(error.field, error.datum) for error in caught.value.errors]
    assert ("a.Child.x", "no") in places
    assert ("a.Parent.more", 3) in places
    assert ("a.Child.x", None) in places
    assert not validate(value, schema, raise_errors=False)
    assert json.loads(str(caught.value))[0].startswith("a.Child.x is <no> of type <class 'str'> expected int")


def test_validation_of_several_values_goes_on_after_the_first():
    with pytest.raises(ValidationError) as caught:
        validate_many([1, "a", 2, None], "int")
    assert [error.datum for error in caught.value.errors] == ["a", None]
    assert not validate_many([1, "a"], "int", raise_errors=False)
    assert validate_many([1, 2], "int")


@pytest.mark.parametrize(
    ("value", "schema", "options", "fits"),
    [
        (True, "int", {}, False),
        (2**31, "int", {}, False),
        (("string", "a"), ["null", "string"], {}, True),
        (("int", "a"), ["null", "string"], {}, False),
        (("string", "a"), ["null", "string"], {"disable_tuple_notation": True}, False),
        ({"-type": "a.Child", "x": 1}, ["null", CHILD], {}, True),
        ({"-type": "Other", "x": 1}, ["null", CHILD], {}, False),
        ({}, {**CHILD, "fields": [{"name": "x", "type": ["null", "int"]}]}, {}, True),
        ({}, {**CHILD, "fields": [{"name": "x", "type": ["null", "int"]}]}, {"strict": True}, False),
        ("2026-01-01", {"type": "int", "logicalType": "date"}, {}, True),
        ("abc", {"type": "array", "items": "string"}, {}, False),
        ({1: 2}, {"type": "map", "values": "int"}, {}, False),
        (b"ab", {"type": "fixed", "name": "f", "size": 2}, {}, True),
    ],
)
def test_validation(value, schema, options, fits):
    assert validate(value, schema, raise_errors=False, **options) == fits
