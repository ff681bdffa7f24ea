"""Schemas and protocols as text in IDL, which parses back to them."""

from __future__ import annotations

import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st

import avrojet
from avrojet.schema.idl.comments import comment_of, commentable, text_of_comment
from tests.cases import for_each
from tests.protocols import protocols, schemas
from tests.vectors import VECTORS, array, enum, fixed, mapping, record


def round_trip(schema) -> str:
    """The IDL of a schema, which has to parse back to it."""
    schema = avrojet.parse_schema(schema)
    text = avrojet.emit_idl(schema)
    assert avrojet.parse_idl(text).schema == schema, text
    return text


@pytest.mark.slow
@given(protocols())
def test_random_protocols(data):
    protocol = avrojet.parse_protocol(data)
    idl = avrojet.parse_idl(protocol.idl)
    assert idl.protocol.json == protocol.json
    assert idl.protocol.types == protocol.types


@given(schemas())
def test_random_schemas(data):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", avrojet.IgnoredLogicalTypeWarning)
        round_trip(data)


@for_each("vector", VECTORS, ids=lambda vector: vector.name)
def test_vectors(vector):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", avrojet.IgnoredLogicalTypeWarning)
        round_trip(vector.schema)


def test_how_it_looks():
    protocol = avrojet.parse_protocol(
        {
            "protocol": "Mail",
            "namespace": "a",
            "doc": "Letters.",
            "x": {"y": [1]},
            "types": [
                {
                    "type": "record",
                    "name": "Letter",
                    "doc": "What is sent.\n\nBy post.",
                    "aliases": ["Note"],
                    "fields": [
                        {"name": "to", "type": "string", "doc": "Whom.", "order": "ignore"},
                        {"name": "kind", "type": ["null", enum("A", "B", name="b.Kind")], "default": None},
                        {"name": "weight", "type": ["int", "null"], "default": 1},
                        {
                            "name": "int",
                            "type": {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2},
                        },
                    ],
                },
                {**fixed(16, "Hash"), "y": 1},
                {"type": "error", "name": "Lost", "fields": []},
            ],
            "messages": {
                "send": {
                    "doc": "Send it.",
                    "request": [
                        {"name": "letter", "type": "Letter"},
                        {"name": "times", "type": "int", "default": 1},
                    ],
                    "response": "Hash",
                    "errors": ["Lost"],
                },
                "error": {"request": [], "response": "null", "one-way": True},
            },
        }
    )
    assert protocol.idl == avrojet.emit_idl(protocol)
    assert protocol.idl == (
        "/** Letters. */\n"
        '@x({"y": [1]})\n'
        '@namespace("a")\n'
        "protocol Mail {\n"
        "    /**\n"
        "     * What is sent.\n"
        "     *\n"
        "     * By post.\n"
        "     */\n"
        '    @aliases(["Note"])\n'
        "    record Letter {\n"
        "        /** Whom. */\n"
        '        string @order("ignore") to;\n'
        "        b.Kind? kind = null;\n"
        "        int? weight = 1;\n"
        "        decimal(9, 2) `int`;\n"
        "    }\n"
        "\n"
        '    @namespace("b")\n'
        "    enum Kind {\n"
        "        A, B\n"
        "    }\n"
        "\n"
        "    @y(1)\n"
        "    fixed Hash(16);\n"
        "\n"
        "    error Lost {\n"
        "    }\n"
        "\n"
        "    /** Send it. */\n"
        "    Hash send(Letter letter, int times = 1) throws Lost;\n"
        "    void `error`() oneway;\n"
        "}\n"
    )


def test_a_schema_has_its_namespace():
    assert round_trip(record("a.R", f=record("a.S"))).startswith(
        "namespace a;\nschema R;\n\nrecord R {\n    S f;"
    )
    assert round_trip(record("R", f=record("a.S"))).startswith("schema R;\n\nrecord R {\n    a.S f;")
    assert round_trip("int") == "schema int;\n"


def test_a_question_mark_is_used_where_it_means_the_same():
    def field(type, *default) -> str:
        fields = [{"name": "f", "type": type, **({"default": default[0]} if default else {})}]
        text = round_trip({"type": "record", "name": "R", "fields": fields})
        return text.splitlines()[3].strip()

    assert field(["null", "int"]) == "int? f;"
    assert field(["null", "int"], None) == "int? f = null;"
    assert field(["int", "null"], 1) == "int? f = 1;"
    assert field(["int", "null"]) == "union { int, null } f;"
    assert field(["int", "null"], None) == "union { int, null } f = null;"
    assert field(["null", "int"], 1) == "union { null, int } f = 1;"
    assert field(["null", array("int")]) == "union { null, array<int> } f;"
    assert field(array(["null", "int"]), [1]) == "array<int?> f = [1];"
    assert field(array(["int", "null"])) == "array<union { int, null }> f;"
    assert field({"type": ["null", "int"], "x": 1}) == "@x(1) union { null, int } f;"
    assert field(["null", {"type": "int", "x": 1}]) == "@x(1) int? f;"
    assert field([{"type": "null", "x": 1}, "int"]) == "union { @x(1) null, int } f;"


def test_words_of_logical_types_are_used_where_they_mean_the_same():
    def type(**attributes) -> str:
        return round_trip(attributes).removeprefix("schema ").removesuffix(";\n")

    assert type(type="int", logicalType="date") == "date"
    assert type(type="int", logicalType="date", x=1) == "@x(1) date"
    assert type(type="int", x=1, logicalType="date") == '@x(1) @logicalType("date") int'
    assert type(type="bytes", logicalType="decimal", precision=2, scale=0) == "decimal(2, 0)"
    assert (
        type(type="bytes", logicalType="decimal", precision=2)
        == '@logicalType("decimal") @precision(2) bytes'
    )
    assert type(type="long", logicalType="timestamp-micros") == '@logicalType("timestamp-micros") long'


def test_long_enums_take_a_line_for_each_symbol():
    text = round_trip(enum(*(f"SYMBOL_{number}" for number in range(20))))
    assert "\n    SYMBOL_1,\n    SYMBOL_2,\n" in text
    assert "enum E {}\n" in round_trip({"type": "enum", "name": "E", "symbols": []})


def test_parameters_with_documentation_take_a_line_each():
    request = [{"name": "a", "type": "int", "doc": "A."}, {"name": "b", "type": "int"}]
    messages = {"m": {"request": request, "response": "int"}}
    text = avrojet.parse_protocol({"protocol": "P", "messages": messages}).idl
    assert text.splitlines()[1:] == [
        "    int m(", "        /** A. */", "        int a,", "        int b", "    );", "}",
    ]  # fmt: skip


def test_types_that_nest_deep():
    schema = "int"
    for _ in range(150):
        schema = mapping(array(schema))
    assert round_trip(schema).count("map<array<") == 150


UNSAYABLE = {
    "a name": (record("R", **{"a b": "int"}), "the name 'a b'"),
    "a type without a name": ({"type": "fixed", "size": 1}, "the name ''"),
    "an attribute": ({"type": "int", "$ref": 1}, "the attribute '$ref'"),
    "a symbol": (enum("1"), "the name '1'"),
    "a union of nothing": ([], "a union of no types"),
    "attributes of a reference": (
        record("R", a=fixed(1), b={"type": "F", "x": 1}), "attributes of a reference to a type, F here",
    ),
    "the null namespace": (
        record("a.R", x=record("a.N"), n={**record("N"), "namespace": ""}),
        "a reference to the type N, which has no namespace: in the namespace a there is a N too",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", UNSAYABLE)
def test_what_idl_cannot_say_is_told(name):
    schema, words = UNSAYABLE[name]
    schema = avrojet.parse_schema(schema, names="lax")
    with pytest.raises(avrojet.SchemaError) as caught:
        avrojet.emit_idl(schema)
    assert str(caught.value) == f"IDL cannot say {words}"


def test_attributes_of_a_response_cannot_be_said():
    messages = {"m": {"request": [], "response": {"type": "string", "x": 1}}}
    with pytest.raises(avrojet.SchemaError, match="attributes of the response of 'm'"):
        avrojet.emit_idl(avrojet.parse_protocol({"protocol": "P", "messages": messages}))


def test_a_value_too_deep_for_the_stack():
    value: list = []
    for _ in range(5000):
        value = [value]
    schema = avrojet.parse_schema("int")
    deep = type(schema)("int", {"x": value})
    with pytest.raises(avrojet.LimitError):
        avrojet.emit_idl(deep)


# -- documentation ---------------------------------------------------------------------------------

DOCS = st.text("ab*/ \t\n\r\x0b\f\x85\xa0\u2028\x1c", max_size=30)


@given(DOCS)
def test_what_a_comment_can_hold_it_holds(text):
    doc = commentable(text)
    assert commentable(doc) == doc
    assert text_of_comment(comment_of(doc, "    ").strip("\n ")) == doc
    (record,) = avrojet.parse_idl(f"{comment_of(doc, '  ')}record R {{}}").types
    assert record.doc == doc


@given(DOCS.filter(lambda text: "*/" not in text and text[-1:] not in (*" \t\x1c",)))
def test_only_ends_of_comments_and_blanks_at_the_end_change(text):
    assert commentable(text) == text


def test_what_a_comment_cannot_hold_changes_a_little():
    doc = "a */ b  \t"
    text = avrojet.emit_idl(avrojet.parse_schema({**record("R"), "doc": doc}))
    assert "/** a *&#47; b */" in text
    assert avrojet.parse_idl(text).schema.doc == "a *&#47; b"


COMMENTS = {
    "/***/": "",
    "/** */": "",
    "/**a*/": "a",
    "/**  a  */": "a",
    "/** a **/": "a *",
    "/**\n * a\n * b\n */": "a\nb",
    "/**\n  * a\n\t*b\n*  c\n */": "a\nb\n c",
    "/**\r\n * a\r\n * b\r\n */": "a\r\nb",
    "/** a\n * b */": "a\n* b",
    "/** * a\n ** b */": "a\n* b",
    "/** ** a\n ** b */": "a\nb",
    "/** a\n    b\n      c */": "a\nb\n  c",
    "/** a\n    b\n\n      c */": "a\n    b\n\n      c",
    "/** * a */": "a",
    "/** *** a */": "* a",
}


@pytest.mark.parametrize("comment", COMMENTS)
def test_the_text_of_a_comment(comment):
    assert text_of_comment(comment) == COMMENTS[comment]
    (record,) = avrojet.parse_idl(f"{comment} record R {{}}").types
    assert record.doc == COMMENTS[comment]
