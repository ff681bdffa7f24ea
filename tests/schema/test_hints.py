"""What is said of a type that there is not: what may be meant, and how it is written."""

from __future__ import annotations

import pytest

from avrojet.errors import SchemaError
from avrojet.schema.parse import parse_schema


def record(*types, name="R", **attributes):
    fields = [{"name": f"f{index}", "type": type} for index, type in enumerate(types)]
    return {"type": "record", "name": name, "fields": fields, **attributes}


def said(source):
    with pytest.raises(SchemaError) as caught:
        parse_schema(source)
    return str(caught.value)


@pytest.mark.parametrize(
    ("kind", "rest", "shown"),
    [
        ("record", {"fields": []}, '"type": {"type": "record", "name": ..., "fields": [...]}'),
        ("error", {"fields": []}, '"type": {"type": "error", "name": ..., "fields": [...]}'),
        ("enum", {"symbols": ["A"]}, '"type": {"type": "enum", "name": ..., "symbols": [...]}'),
        ("fixed", {"size": 1}, '"type": {"type": "fixed", "name": ..., "size": ...}'),
        ("array", {"items": "int"}, '"type": {"type": "array", "items": ...}'),
        ("map", {"values": "int"}, '"type": {"type": "map", "values": ...}'),
        ("union", {}, '"type": ["null", ...]'),
    ],
)
def test_a_complex_type_that_is_written_flat_into_a_field(kind, rest, shown):
    source = {"type": "record", "name": "R", "fields": [{"name": "c", "type": kind, **rest}]}
    assert said(source) == (
        f"fields[0].type: '{kind}' is neither a primitive type nor the name of a type defined before: "
        f"the type must be an object of its own: {shown}"
    )


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("date", '{"type": "int", "logicalType": "date"}'),
        ("timestamp-millis", '{"type": "long", "logicalType": "timestamp-millis"}'),
        ("local-timestamp-nanos", '{"type": "long", "logicalType": "local-timestamp-nanos"}'),
        ("time", '{"type": "int", "logicalType": "time-millis"}'),
        ("datetime", '{"type": "long", "logicalType": "timestamp-millis"}'),
        ("uuid", '{"type": "string", "logicalType": "uuid"}'),
        ("Decimal", '{"type": "bytes", "logicalType": "decimal", "precision": ..., "scale": ...}'),
        ("duration", '{"type": "fixed", "name": ..., "size": 12, "logicalType": "duration"}'),
    ],
)
def test_the_name_of_a_logical_type(name, shown):
    assert said(record(name)).endswith(
        f': a logical type stands beside the type that it is of: "type": {shown}'
    )


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("String", "'string'"),
        ("INT", "'int'"),
        ("integer", "'int'"),
        ("bool", "'boolean'"),
        ("int64", "'long'"),
        ("strng", "'string'"),
        ("foo", "'n.Foo'"),
        ("Foo", "'n.Foo'"),
        ("m.Foo", "'n.Foo'"),
        ("n.Fooo", "'n.Foo'"),
    ],
)
@pytest.mark.parametrize(
    "wrap", [lambda name: name, lambda name: {"type": name}, lambda name: ["null", name]]
)
def test_a_name_that_is_nearly_one(name, meant, wrap):
    known = {"type": "fixed", "name": "n.Foo", "size": 1}
    assert said(record(known, wrap(name))).endswith(f": did you mean {meant}?")


def test_a_name_given_to_the_parser_is_known_too():
    given = parse_schema({"type": "fixed", "name": "n.Foo", "size": 1})
    with pytest.raises(SchemaError, match=r"did you mean 'n\.Foo'\?"):
        parse_schema("Foo", named={"n.Foo": given})


def test_nothing_is_said_where_nothing_is_near():
    assert said(record("whatever")).endswith("the name of a type defined before")


def test_the_name_of_a_file_is_not_the_schema_in_it():
    assert said("orders.avsc").endswith(
        ": that looks like the name of a file, which avrojet.load_schema reads"
    )


def test_a_type_that_is_defined_later():
    later = {"type": "fixed", "name": "F", "size": 1}
    assert said(record("n.F", record(later, name="S"), name="n.R")) == (
        "fields[0].type: 'n.F' is neither a primitive type nor the name of a type defined before; "
        "it is defined later, at fields[1].type.fields[0].type: define it where it is used first"
    )


def test_only_a_few_short_names_are_compared():
    """Letter by letter, which takes the square of their length."""
    known = [{"type": "fixed", "name": f"Type{index}", "size": 1} for index in range(5000)]
    assert said([*known, "type0"]).endswith("did you mean 'Type0'?")
    assert "Type4999" in said([*known, "Type4999x"])
    assert "'Type0'" not in said([*known, "Type0x"])
    assert said([*known, "Type0" * 1000]).endswith("defined before")


def test_an_invalid_default_tells_the_way_out():
    source = {"type": "record", "name": "R", "fields": [{"name": "a", "type": "int", "default": "x"}]}
    assert said(source) == (
        "fields[0].default: 'x' is not a default for int; names='lax' treats the field as one without default"
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("/* license */\n{\"type\": \"int\"}", "a comment stands at line 1, column 1"),
        ('{"type":\n  // which\n"int"}', "a comment stands at line 2, column 3"),
        ('["int", "null" /* both */]', "a comment stands at line 1, column 16"),
        ("// only this", "a comment stands at line 1, column 1"),
        ('{"type": "int", "doc": "/* no */ // comment"', "Expecting ',' delimiter"),
        ("protocol P { }", "neither JSON nor the name of a type: 'protocol P { }'"),
        ("<html>", "neither JSON nor the name of a type: '<html>'"),
    ],
)  # fmt: skip
def test_text_that_is_no_json(text, message):
    assert message in said(text)
    assert message in said(text.encode())


def test_a_comment_is_told_where_comments_are_taken():
    assert "avrojet.load_schema accepts files with comments, and so does names='lax'" in said("/**/1")
