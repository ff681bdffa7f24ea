"""Data that nest deep, where there is little stack: no C code of Python's may recur through them."""

from __future__ import annotations

import io
import json

import pytest

import avrojet
import avrojet.compat.fastavro as fastavro
from avrojet.levels import AT_ONCE, is_deep, text_is_deep
from avrojet.messages import represent
from avrojet.schema.text import dumps, loads
from tests.stacks import in_a_small_stack

DEEP = 3000  # levels: more than the least stack holds, where each takes 100 bytes of it


def arrays(levels, inner=1):
    for _ in range(levels):
        inner = [inner]
    return inner


def objects(levels, inner=1):
    for _ in range(levels):
        inner = {"x": inner}
    return inner


ARRAYS, OBJECTS = arrays(DEEP), objects(DEEP)
ARRAYS_TEXT, OBJECTS_TEXT = "[" * DEEP + "]" * DEEP, '{"x":' * DEEP + "1" + "}" * DEEP
TREE = {"type": "record", "name": "T", "fields": [{"name": "x", "type": ["null", "T"]}]}
NOTED = type(avrojet.parse_schema("int"))("int", {"p": ARRAYS})


def test_levels_are_counted():
    for make in (arrays, objects, lambda levels: tuple(arrays(levels))):
        assert not is_deep(make(AT_ONCE))
        assert is_deep(make(AT_ONCE + 1))
    assert not any(map(is_deep, (None, 1, 1.5, "[" * DEEP, b"", {}, [], [{"x": ()}] * 1000)))
    # What holds the one before it twice is looked at once in a level.
    doubled = []
    for _ in range(AT_ONCE - 1):
        doubled = [doubled, doubled]
    assert not is_deep(doubled)
    assert is_deep([[doubled]])
    endless = []
    endless.append({"x": endless})
    assert is_deep(endless)


@pytest.mark.parametrize("mark", ["", "\u00e9", "\u20ac", "\U0001f600"])
def test_levels_of_texts_are_counted(mark):
    quoted = '"' + mark + '[{\\"[\\\\"'
    for begin, end in [("[", "]"), ('{"x":', "}")]:
        assert not text_is_deep(begin * AT_ONCE + quoted + end * AT_ONCE)
        assert text_is_deep(begin * (AT_ONCE + 1) + quoted + end * (AT_ONCE + 1))
    # In strings, one after another, or without an end they are none, or as many as they are.
    assert not text_is_deep(quoted * DEEP + "".join(["[", quoted, "]"]) * DEEP)
    assert text_is_deep("[" * DEEP)
    assert not text_is_deep('"' + "[" * DEEP)
    assert not text_is_deep('"\\')


def test_deep_texts_are_written_and_read():
    encode = json.JSONEncoder(allow_nan=False).encode
    for levels in (3, AT_ONCE, AT_ONCE + 1, DEEP - 1000):
        for make in (arrays, objects):
            data = make(levels, [{"a": [], 'q"': {}}, {}, ("\u20ac", 1.5, None, True)])
            text = dumps(data, encode)
            if levels < 900:  # which json itself takes on every Python
                assert text == json.dumps(data)
            assert dumps(loads(text, DEEP), encode) == text
    with pytest.raises(ValueError, match="not JSON compliant"):
        dumps(arrays(AT_ONCE + 1, float("nan")), encode)


def test_they_have_a_type_in_messages():
    assert represent(arrays(3)) == "[[[1]]]"
    assert represent(ARRAYS) == "this list"
    assert represent(OBJECTS, str) == "this dict"


def field(**attributes):
    return {"type": "record", "name": "R", "fields": [{"name": "a", "type": "int", **attributes}]}


USES = {
    "parse-arrays-text": lambda: avrojet.parse_schema(ARRAYS_TEXT),
    "parse-objects-text": lambda: avrojet.parse_schema(OBJECTS_TEXT),
    "parse-attribute-text": lambda: avrojet.parse_schema(f'{{"type":"int","p":{OBJECTS_TEXT}}}'),
    "parse-attribute": lambda: avrojet.parse_schema({"type": "int", "p": OBJECTS}),
    "parse-default": lambda: avrojet.parse_schema(field(default=ARRAYS)),
    "parse-name": lambda: avrojet.parse_schema(field(name=ARRAYS)),
    "parse-type": lambda: avrojet.parse_schema({"type": OBJECTS}),
    "parse-symbols": lambda: avrojet.parse_schema({"type": "enum", "name": "E", "symbols": [ARRAYS]}),
    "parse-size": lambda: avrojet.parse_schema({"type": "fixed", "name": "F", "size": ARRAYS}),
    "protocol-text": lambda: avrojet.parse_protocol(f'{{"protocol":"P","x":{ARRAYS_TEXT}}}'),
    "protocol": lambda: avrojet.parse_protocol({"protocol": "P", "x": OBJECTS}),
    "idl": lambda: avrojet.parse_idl(f"@x({ARRAYS_TEXT}) record R {{}}"),
    "emit-idl": lambda: avrojet.emit_idl(NOTED),
    "json": lambda: NOTED.json,
    "hash": lambda: hash(NOTED),
    "diff": lambda: avrojet.schema_diff(NOTED, type(NOTED)("int", {"p": OBJECTS})),
    "write": lambda: avrojet.write(io.BytesIO(), NOTED, [1]),
    "encode": lambda: avrojet.encode(OBJECTS, TREE),
    "encode-leaf": lambda: avrojet.encode(OBJECTS, "int"),
    "from-json": lambda: avrojet.Encoder("int").from_json(ARRAYS_TEXT),
    "induce": lambda: avrojet.induce([OBJECTS]),
    "facade-parse": lambda: fastavro.parse_schema(field(default=ARRAYS)),
    "facade-type": lambda: fastavro.parse_schema({"type": OBJECTS}),
    "facade-validate": lambda: fastavro.validate(OBJECTS, TREE),
    "facade-validate-leaf": lambda: fastavro.validate(OBJECTS, "int"),
    "facade-validate-items": lambda: fastavro.validate(ARRAYS, {"type": "array", "items": "int"}),
    "facade-json": lambda: list(fastavro.json_reader(io.StringIO(OBJECTS_TEXT), TREE)),
}


@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_they_do_not_end_the_process(use):
    def run():
        with pytest.raises((avrojet.AvroError, ValueError, fastavro.schema.SchemaParseException,
                            fastavro.validation.ValidationError)) as raised:  # fmt: skip
            use()
        assert len(str(raised.value)) < 10_000

    in_a_small_stack(run)


ACCEPTED = {
    "facade-parse": fastavro.parse_schema,
    "facade-expand": fastavro.schema.expand_schema,
    "facade-canonical": fastavro.schema.to_parsing_canonical_form,
    "facade-encode": lambda schema: fastavro.schemaless_writer(io.BytesIO(), schema, 1),
    "facade-validate": lambda schema: fastavro.validate(1, schema),
}


@pytest.mark.parametrize("use", ACCEPTED.values(), ids=ACCEPTED)
def test_attributes_that_nobody_reads_may_be_deep(use):
    schema = {"type": "int", "p": ARRAYS}
    in_a_small_stack(lambda: [use(schema) for _ in range(5)])
