"""Protocols: from JSON and back, and what they say (specification: Protocol Declaration)."""

from __future__ import annotations

import copy
import json
import pickle
import warnings

import pytest
from hypothesis import given

import avrojet
from avrojet.schema.parser import IgnoredAttributeWarning
from tests.container.samples import DATA
from tests.protocols import protocols
from tests.vectors import enum, fixed, record

ERROR = {"type": "error", "name": "Curse", "fields": [{"name": "message", "type": "string"}]}
# The specification's example.
HELLO = {
    "namespace": "com.acme",
    "protocol": "HelloWorld",
    "doc": "Protocol Greetings",
    "types": [
        {"name": "Greeting", "type": "record", "fields": [{"name": "message", "type": "string"}]},
        ERROR,
    ],
    "messages": {
        "hello": {
            "doc": "Say hello.",
            "request": [{"name": "greeting", "type": "Greeting"}],
            "response": "Greeting",
            "errors": ["Curse"],
        }
    },
}


def protocol(**attributes) -> avrojet.Protocol:
    return avrojet.parse_protocol({"protocol": "P", **attributes})


def message(**attributes) -> avrojet.Message:
    return protocol(types=[ERROR], messages={"m": {"request": [], **attributes}}).messages["m"]


def test_the_example_of_the_specification():
    parsed = avrojet.parse_protocol(HELLO)
    assert (parsed.name, parsed.namespace, parsed.fullname) == (
        "HelloWorld",
        "com.acme",
        "com.acme.HelloWorld",
    )
    assert parsed.doc == "Protocol Greetings"
    assert [type.fullname for type in parsed.types] == ["com.acme.Greeting", "com.acme.Curse"]
    assert list(parsed.messages) == ["hello"]
    hello = parsed.messages["hello"]
    assert hello.name == "hello"
    assert hello.doc == "Say hello."
    assert [field.name for field in hello.request.fields] == ["greeting"]
    assert hello.request.fields[0].type is parsed.types[0]
    assert hello.response is parsed.types[0]
    assert not hello.one_way
    assert hello.errors.branches[0].type == "string"
    assert hello.declared_errors == (parsed.types[1],)
    assert parsed.types[1].type == "error"
    assert not parsed.props


def test_the_json_is_compact_and_comes_back():
    parsed = avrojet.parse_protocol(HELLO)
    assert parsed.json == (
        '{"protocol":"HelloWorld","namespace":"com.acme","doc":"Protocol Greetings","types":['
        '{"type":"record","name":"Greeting","fields":[{"name":"message","type":"string"}]},'
        '{"type":"error","name":"Curse","fields":[{"name":"message","type":"string"}]}],"messages":{'
        '"hello":{"doc":"Say hello.","request":[{"name":"greeting","type":"Greeting"}],'
        '"response":"Greeting","errors":["Curse"]}}}'
    )
    for text in (parsed.json, parsed.json.encode(), json.loads(parsed.json)):
        again = avrojet.parse_protocol(text)
        assert again == parsed
        assert again.json == parsed.json
    assert avrojet.parse_protocol(parsed) is parsed


def test_the_least_protocol():
    least = protocol()
    assert (least.name, least.namespace, least.doc, least.types) == ("P", "", None, ())
    assert not least.messages
    assert least.json == '{"protocol":"P","types":[],"messages":{}}'


def test_a_dotted_name_has_its_namespace():
    dotted = avrojet.parse_protocol({"protocol": "a.b.P", "namespace": "ignored"})
    assert (dotted.name, dotted.namespace) == ("P", "a.b")
    assert dotted == avrojet.parse_protocol({"protocol": "P", "namespace": "a.b"})


def test_attributes_of_users_are_kept():
    parsed = protocol(version="1.0", messages={"m": {"request": [], "response": "null", "x": [1]}})
    assert dict(parsed.props) == {"version": "1.0"}
    assert dict(parsed.messages["m"].props) == {"x": [1]}
    assert parsed.json == (
        '{"protocol":"P","version":"1.0","types":[],"messages":{'
        '"m":{"x":[1],"request":[],"response":"null"}}}'
    )


def test_attributes_that_are_null_count_as_absent():
    parsed = protocol(namespace=None, doc=None, types=None, messages=None)
    assert parsed == protocol()
    assert message(response="int", errors=None, doc=None).declared_errors == ()


def test_a_one_way_message():
    fire = message(**{"one-way": True, "response": "null"})
    assert fire.one_way
    assert fire.response.type == "null"
    assert message(**{"one-way": True}) == fire
    assert message(**{"one-way": True, "errors": []}) == fire
    assert not message(**{"one-way": False, "response": "null"}).one_way


def test_every_message_has_the_error_of_the_system():
    assert [branch.type for branch in message(response="int").errors.branches] == ["string"]
    errors = message(response="int", errors=["Curse"]).errors
    assert avrojet.parse_schema(errors.json) == avrojet.parse_schema(["string", ERROR])


def test_the_request_is_a_record():
    parsed = avrojet.parse_protocol(HELLO)
    request = parsed.messages["hello"].request
    assert request.type == "record"
    assert (request.name, request.namespace) == ("", "com.acme")
    encoded = avrojet.Encoder(request).encode({"greeting": {"message": "hi"}})
    assert encoded == b"\x04hi"
    assert avrojet.Decoder(request).decode(encoded) == {"greeting": {"message": "hi"}}
    assert avrojet.parse_schema(request.json, names="lax").canonical_form == request.canonical_form


def test_requests_of_two_protocols_are_resolved_as_records():
    old = message(response="null", request=[{"name": "a", "type": "int"}]).request
    new = (
        avrojet.parse_protocol(
            {
                "protocol": "Other",
                "namespace": "elsewhere",
                "messages": {
                    "m": {
                        "request": [
                            {"name": "a", "type": "long"},
                            {"name": "b", "type": "string", "default": "x"},
                        ],
                        "response": "null",
                    }
                },
            }
        )
        .messages["m"]
        .request
    )
    assert avrojet.Decoder(old, new).decode(b"\x06") == {"a": 3, "b": "x"}


def test_types_that_are_defined_within_others_are_types_too():
    parsed = protocol(
        types=[record("A", e=enum("X"), f=fixed(1))],
        messages={"m": {"request": [{"name": "g", "type": fixed(2, "G")}], "response": "G"}},
    )
    assert [type.fullname for type in parsed.types] == ["A", "E", "F", "G"]
    # Those of messages move to the others, as they do in Java.
    assert json.loads(parsed.json)["types"][1] == fixed(2, "G")
    assert json.loads(parsed.json)["messages"]["m"]["request"] == [{"name": "g", "type": "G"}]
    assert avrojet.parse_protocol(parsed.json) == parsed


def test_types_by_name():
    parsed = protocol(
        namespace="a", types=[fixed(1, "F"), fixed(2, "b.F"), {**fixed(3, "N"), "namespace": ""}]
    )
    assert [parsed.type(name).size for name in ("F", "a.F", "b.F", "N")] == [1, 1, 2, 3]
    with pytest.raises(KeyError):
        parsed.type("G")


def test_the_md5_is_that_of_the_text():
    assert protocol().md5.hex() == "7c1e7aee538bdfdeff05fb1a7d4cc336"  # Java's
    expected = json.loads((DATA / "idl" / "expected.json").read_text(encoding="utf-8"))
    names = ("comments", "defaults", "documentation", "forward", "messages", "types")
    for name in names:
        parsed = avrojet.load_protocol(DATA / "idl" / f"{name}.avdl")
        assert parsed.md5.hex() == expected[f"{name}.avdl"]["md5"], name


def test_protocols_are_values():
    parsed = avrojet.parse_protocol(HELLO)
    assert hash(parsed) == hash(avrojet.parse_protocol(HELLO))
    assert parsed != protocol()
    assert parsed != HELLO
    assert copy.copy(parsed) is copy.deepcopy(parsed) is parsed
    assert pickle.loads(pickle.dumps(parsed)) == parsed
    assert repr(parsed).startswith('<avrojet.Protocol {"protocol":"HelloWorld",')
    with pytest.raises(AttributeError, match="immutable"):
        parsed.name = "Other"
    with pytest.raises(AttributeError, match="immutable"):
        del parsed.name
    with pytest.raises(TypeError):
        parsed.messages["m"] = None


def test_messages_are_values():
    hello, again = (avrojet.parse_protocol(HELLO).messages["hello"] for _ in range(2))
    assert hello == again
    assert hash(hello) == hash(again)
    assert hello != message(response="null")
    with pytest.raises(AttributeError):
        hello.name = "other"


def test_messages_can_be_pickled():
    parsed = protocol(messages={"m": {"request": [{"name": "a", "type": "int"}], "response": "int", "x": 1}})
    for again in (pickle.loads(pickle.dumps(parsed.messages["m"])), copy.copy(parsed.messages["m"])):
        assert repr(again) == repr(parsed.messages["m"])
        assert dict(again.props) == {"x": 1}


def test_other_libraries_read_the_json():
    avro = pytest.importorskip("avro.protocol")
    parsed = avrojet.parse_protocol(HELLO)
    theirs = avro.parse(parsed.json)
    assert theirs.fullname == parsed.fullname
    assert [type.fullname for type in theirs.types] == [type.fullname for type in parsed.types]
    assert [error.type for error in theirs.messages["hello"].errors.schemas] == ["string", "error"]
    for name in ("messages", "forward", "types", "annotations", "imports"):
        parsed = avrojet.load_protocol(DATA / "idl" / f"{name}.avdl")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            assert list(avro.parse(parsed.json).messages or {}) == list(parsed.messages)


@pytest.mark.slow
@given(protocols())
def test_random_protocols_come_back(data):
    parsed = avrojet.parse_protocol(data)
    again = avrojet.parse_protocol(parsed.json)
    assert again == parsed
    assert again.types == parsed.types
    assert pickle.loads(pickle.dumps(parsed)).json == parsed.json


WRONG = {
    "no object": ([], "a protocol must be an object"),
    "no name": ({}, "a protocol needs a name"),
    "a name that is no text": ({"protocol": 1}, "a protocol needs a name"),
    "a name with a dash": ({"protocol": "a-b"}, "protocol: the name of the protocol"),
    "an empty name": ({"protocol": ""}, "protocol: the name of the protocol"),
    "a namespace with a dash": ({"namespace": "a-b"}, "namespace: the namespace of the protocol"),
    "a namespace that is no text": ({"namespace": 1}, "namespace: the namespace of the protocol"),
    "documentation that is no text": ({"doc": 1}, "doc: documentation must be a string"),
    "types that are no array": ({"types": {}}, "types: types are an array"),
    "a type without a name": ({"types": ["int"]}, "types[0]: a protocol's types are"),
    "a type that is wrong": (
        {"types": [record("R", a="lung")]},
        "types[0].fields[0].type: 'lung' is neither",
    ),
    "a type used before it is defined": (
        {"types": [record("A", b="B"), record("B")]},
        "types[0].fields[0].type: 'B' is neither a primitive type nor the name of a type defined before",
    ),
    "a type defined twice": ({"types": [record("A"), record("A")]}, "types[1]: 'A' is defined twice"),
    "a default that does not fit": (
        {
            "types": [
                {"type": "record", "name": "A", "fields": [{"name": "a", "type": "int", "default": "x"}]}
            ]
        },
        "types[0].fields[0].default: 'x' is not a default for int",
    ),
    "messages that are no object": ({"messages": []}, "messages: messages must be an object"),
    "a message that is no object": ({"messages": {"m": 1}}, "messages.m: a message must be an object"),
    "a message's name with a dash": ({"messages": {"a-b": {}}}, "messages.a-b: the name of the message"),
    "no request": (
        {"messages": {"m": {"response": "int"}}},
        "messages.m: a message needs the attribute 'request'",
    ),
}
WRONG_MESSAGES = {
    "a request that is no array": (
        {"request": {}, "response": "int"},
        "parameters must be an array",
    ),
    "a parameter without a name": ({"request": [{"type": "int"}]}, "request.fields[0]: a field needs a name"),
    "a parameter of no type": (
        {"request": [{"name": "a", "type": "lung"}]},
        "request.fields[0].type: 'lung' is neither",
    ),
    "a parameter twice": (
        {"request": [{"name": "a", "type": "int"}] * 2},
        "request.fields[1]: the record has two fields 'a'",
    ),
    "a parameter's default": (
        {"request": [{"name": "a", "type": "int", "default": "x"}], "response": "null"},
        "request.fields[0].default: 'x' is not a default for int",
    ),
    "no response": ({}, "a message needs the attribute 'response'"),
    "a response of no type": ({"response": "lung"}, "response: 'lung' is neither"),
    "one-way that is text": ({"one-way": "true"}, "one-way: 'one-way' must be true or false"),
    "a one-way message with a response": (
        {"one-way": True, "response": "int"},
        "response: the response of a one-way",
    ),
    "a one-way message with errors": (
        {"one-way": True, "response": "null", "errors": ["Curse"]},
        "errors: a one-way message has no errors",
    ),
    "errors that are no array": ({"response": "int", "errors": "Curse"}, "errors: errors are an array"),
    "no error": (
        {"response": "int", "errors": ["int"]},
        "errors[0]: 'int' is not an error",
    ),
    "an error that is a record": ({"response": "int", "errors": ["R"]}, "errors[0]: 'R' is not an error"),
    "an error twice": (
        {"response": "int", "errors": ["Curse", "Curse"]},
        "errors[1]: the error 'Curse' is declared",
    ),
    "documentation that is no text": ({"response": "int", "doc": []}, "doc: documentation must be a string"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_told_with_its_place(name):
    data, words = WRONG[name]
    source = {"protocol": "P", **data} if isinstance(data, dict) and data and "protocol" not in data else data
    with pytest.raises(avrojet.SchemaError) as caught:
        avrojet.parse_protocol(source)
    assert str(caught.value).startswith(words)
    assert str(caught.value).startswith(caught.value.path)


@pytest.mark.parametrize("name", WRONG_MESSAGES)
def test_what_is_wrong_in_a_message_is_told_with_its_place(name):
    data, words = WRONG_MESSAGES[name]
    with pytest.raises(avrojet.SchemaError) as caught:
        protocol(types=[ERROR, record("R")], messages={"m": {"request": [], **data}})
    assert words in str(caught.value)
    assert caught.value.path.startswith("messages.m")


def test_a_message_that_is_declared_twice_in_text():
    text = '{"protocol": "P", "messages": {"m": {"request": [], "response": "int"}, "m": null}}'
    with pytest.raises(avrojet.SchemaError, match="messages: the message 'm' is declared twice"):
        avrojet.parse_protocol(text)


def test_text_that_is_no_json():
    with pytest.raises(avrojet.SchemaError, match="not JSON"):
        avrojet.parse_protocol('{"protocol": ')


def test_the_lax_mode_takes_what_data_can_be_read_by():
    with pytest.raises(avrojet.SchemaError):
        avrojet.parse_protocol({"protocol": "a-b", "messages": {"c-d": {"request": [], "response": "int"}}})
    parsed = avrojet.parse_protocol(
        {"protocol": "a-b", "messages": {"c-d": {"request": [], "response": "int"}}}, names="lax"
    )
    assert list(parsed.messages) == ["c-d"]
    assert pickle.loads(pickle.dumps(parsed)) == parsed
    with pytest.warns(IgnoredAttributeWarning, match="doc: documentation must be a string"):
        assert avrojet.parse_protocol({"protocol": "P", "doc": 1}, names="lax").doc is None


@pytest.mark.parametrize("names", ["strict", "lax"])
@pytest.mark.parametrize(
    "attributes",
    [
        {"protocol": "P\ud800"},
        {"namespace": "n\ud800"},
        {"messages": {"m\ud800": {"request": [], "response": "null"}}},
    ],
)
def test_a_name_is_text_that_utf8_has_bytes_for(attributes, names):
    with pytest.raises(avrojet.SchemaError, match="ud800"):
        avrojet.parse_protocol({"protocol": "P", **attributes}, names=names)


def test_the_lax_mode_takes_types_before_their_definition():
    types = [record("A", b="B", c="x.C"), record("B", a=["null", "A"]), {**record("C"), "namespace": "x"}]
    parsed = avrojet.parse_protocol({"protocol": "P", "namespace": "n", "types": types}, names="lax")
    assert [type.fullname for type in parsed.types] == ["n.A", "n.B", "x.C"]
    again = avrojet.parse_protocol(parsed.json)
    assert again == parsed
    with pytest.raises(avrojet.SchemaError, match="defined twice, and differently"):
        avrojet.parse_protocol(
            {"protocol": "P", "types": [record("A", b="B"), fixed(1, "B"), fixed(2, "B")]}, names="lax"
        )


def test_limits_hold():
    limits = avrojet.Limits(schema_bytes=60)
    with pytest.raises(avrojet.LimitError) as caught:
        avrojet.parse_protocol(json.dumps(HELLO), limits=limits)
    assert caught.value.limit == "schema_bytes"
    nested = {"type": "array", "items": {"type": "array", "items": "int"}}
    with pytest.raises(avrojet.LimitError) as caught:
        avrojet.parse_protocol(
            {"protocol": "P", "messages": {"m": {"request": [], "response": nested}}},
            limits=avrojet.Limits(depth=1),
        )
    assert caught.value.limit == "depth"


def test_files(tmp_path):
    path = tmp_path / "hello.avpr"
    path.write_text("/* A licence. */\n" + json.dumps(HELLO), encoding="utf-8")
    assert avrojet.load_protocol(path) == avrojet.load_protocol(str(path)) == avrojet.parse_protocol(HELLO)
    path.write_text('{"protocol": "a-b"}', encoding="utf-8")
    with pytest.raises(avrojet.SchemaError) as caught:
        avrojet.load_protocol(path)
    assert str(caught.value).startswith(f"{path}: protocol: ")
    assert caught.value.path == "protocol"
    with pytest.raises(OSError, match="nowhere"):
        avrojet.load_protocol(tmp_path / "nowhere.avpr")
    types = tmp_path / "types.avdl"
    types.write_text("record R {}", encoding="utf-8")
    with pytest.raises(avrojet.SchemaError, match="there is no protocol in it"):
        avrojet.load_protocol(types)
