"""NaN and the infinities in schemas: words in JSON text, as Java writes them, and numbers as defaults."""

from __future__ import annotations

import io
import json
import math
import pickle
import struct
from typing import Any

import pytest

import avrojet
from avrojet import Decoder, Encoder, IgnoredDefaultWarning, SchemaError, parse_schema
from avrojet.schema.model import NO_DEFAULT

WORDS = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


def holding(type: Any, default: Any, **more: Any) -> Any:
    return {
        "type": "record",
        "name": "R",
        "fields": [{"name": "d", "type": type, "default": default, **more}],
    }


def refuse_words(word: str) -> Any:
    raise AssertionError(f"{word} is no JSON")


def strict_json(text: str | bytes) -> Any:
    return json.loads(text, parse_constant=refuse_words)


def same(left: Any, right: Any) -> bool:
    if isinstance(left, float) and isinstance(right, float):
        return struct.pack("<d", left) == struct.pack("<d", right)
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list):
        return len(left) == len(right) and all(map(same, left, right))
    return type(left) is type(right) and left == right


EMPTY = {"type": "record", "name": "R", "fields": []}
# The type, the default as a number, and as it stands in the text.
DEFAULTS = [
    *[(type, number, word) for word, number in WORDS.items() for type in ("float", "double")],
    *[(["null", "double"], number, word) for word, number in WORDS.items()],
    (["double", "null"], math.nan, "NaN"),
    (["int", "float", "double"], math.inf, "Infinity"),
    ({"type": "array", "items": "double"}, [1.5, math.nan, -math.inf], [1.5, "NaN", "-Infinity"]),
    ({"type": "map", "values": ["null", "float"]}, {"a": math.nan, "NaN": None}, {"a": "NaN", "NaN": None}),
    (
        {
            "type": "record",
            "name": "I",
            "fields": [{"name": "x", "type": "float"}, {"name": "t", "type": "string"}],
        },
        {"x": math.inf, "t": "NaN"},
        {"x": "Infinity", "t": "NaN"},
    ),
]


@pytest.mark.parametrize(("type", "number", "words"), DEFAULTS)
def test_a_default_is_written_in_words_and_read_as_the_number(type, number, words):
    for source in (
        holding(type, number),
        holding(type, words),
        json.dumps(holding(type, number)),  # with the bare words that Python writes
        json.dumps(holding(type, words)),
    ):
        schema = parse_schema(source)
        assert same(schema.fields[0].default, number)
        assert strict_json(schema.json)["fields"][0]["default"] == words
        again = parse_schema(schema.json)
        assert again == schema
        assert same(again.fields[0].default, number)
        assert same(pickle.loads(pickle.dumps(schema)).fields[0].default, number)
        assert same(Decoder(EMPTY, schema).decode(b"")["d"], number)
        encoded = Encoder(schema, defaults=True).encode({})
        assert same(Decoder(schema).decode(encoded)["d"], number)


@pytest.mark.parametrize("number", WORDS.values())
def test_headers_are_json(number):
    target = io.BytesIO()
    schema = holding("double", number, why=number)
    avrojet.write(target, schema, [{"d": 2.0}], metadata={"k": "v"})
    target.seek(0)
    reader = avrojet.DataFileReader(target)
    strict_json(reader.metadata["avro.schema"])
    assert list(reader) == [{"d": 2.0}]
    target.seek(0)
    wide = holding("double", number)
    wide["fields"].append({"name": "e", "type": "float", "default": number})
    (row,) = avrojet.read(target, wide)
    assert same(row["e"], number)


@pytest.mark.parametrize(
    "type", ["int", "long", "boolean", "null", ["null", "int"], {"type": "array", "items": "int"}]
)
@pytest.mark.parametrize("value", [*WORDS, *WORDS.values()])
def test_words_are_numbers_of_floats_alone(type, value):
    with pytest.raises(SchemaError):
        parse_schema(holding(type, value))


@pytest.mark.parametrize("word", ["nan", "NAN", "inf", "+Infinity", "Infinity ", "1.5", "", "null"])
def test_other_words_are_none(word):
    for type in ("float", "double", ["null", "double"]):
        with pytest.raises(SchemaError):
            parse_schema(holding(type, word))


@pytest.mark.parametrize(
    "type",
    [
        ["string", "double"],
        ["double", "string"],
        ["float", "bytes"],
        ["float", {"type": "enum", "name": "E", "symbols": ["NaN", "Infinity"]}],
        ["double", {"type": "fixed", "name": "F", "size": 3}],
    ],
)
def test_what_can_be_text_is_text(type):
    """Such schemas were valid before the words were."""
    schema = parse_schema(holding(type, "NaN"))
    assert schema.fields[0].default == "NaN"
    assert isinstance(Decoder(EMPTY, schema).decode(b"")["d"], str | bytes)
    # The number would become text in the schema's own text.
    with pytest.raises(SchemaError, match="has no form in JSON here"):
        parse_schema(holding(type, math.nan))
    with pytest.warns(IgnoredDefaultWarning, match="has no form in JSON here"):
        assert parse_schema(holding(type, math.nan), names="lax").fields[0].default is NO_DEFAULT


def test_what_stands_for_text_deep_inside():
    records = [
        {"type": "record", "name": "A", "fields": [{"name": "x", "type": "string"}]},
        {"type": "record", "name": "B", "fields": [{"name": "x", "type": "double"}]},
    ]
    assert parse_schema(holding(records, {"x": "NaN"})).fields[0].default == {"x": "NaN"}
    with pytest.raises(SchemaError, match="has no form in JSON here"):
        parse_schema(holding(records, {"x": math.nan}))
    assert math.isnan(parse_schema(holding(records[::-1], {"x": math.nan})).fields[0].default["x"])


def test_attributes_are_written_in_words():
    schema = parse_schema(
        {
            "type": "record",
            "name": "R",
            "fields": [],
            "a": math.nan,
            "b": [math.inf, {"c": -math.inf}],
            "d": 1.5,
        }
    )
    assert strict_json(schema.json) == {
        "type": "record", "name": "R", "fields": [],
        "a": "NaN", "b": ["Infinity", {"c": "-Infinity"}], "d": 1.5,
    }  # fmt: skip
    assert parse_schema(schema.json).json == schema.json


def test_signs_and_payloads_of_nan_are_one():
    """There is one word for all of them."""
    odd = struct.unpack("<d", struct.pack("<Q", 0xFFF8000000000123))[0]
    schema = parse_schema(holding("double", odd))
    assert same(Decoder(EMPTY, schema).decode(b"")["d"], math.nan)
    assert strict_json(schema.json)["fields"][0]["default"] == "NaN"


# Numbers and text of other classes


def test_numbers_of_numpy_are_no_json_data():
    np = pytest.importorskip("numpy")
    for value in (np.int64(5), np.bool_(True), np.float32(1.5), [np.int8(1)], {"k": np.uint8(1)}):
        with pytest.raises(SchemaError, match=r"is not JSON data: give its \.item\(\)"):
            parse_schema(holding("int", 5, attribute=value))
    for default, kind in ((np.int64(5), "long"), (np.float32(1.5), "float"), (np.bool_(True), "boolean")):
        with pytest.raises(SchemaError, match=r"\.item\(\)"):
            parse_schema(holding(kind, default))
    # A float by its class, and text too.
    schema = parse_schema(holding("double", np.float64(1.5), doc=np.str_("text"), more=np.str_("more")))
    assert type(schema.fields[0].default) is float
    assert type(schema.fields[0].props["more"]) is str
    assert strict_json(schema.json)["fields"][0]["default"] == 1.5


def test_members_of_enums_are_what_they_stand_for():
    from enum import IntEnum, StrEnum

    class Number(IntEnum):
        ONE = 1

    class Text(StrEnum):
        A = "a"

    for type, member, plain in (("int", Number.ONE, 1), ("string", Text.A, "a")):
        schema = parse_schema(holding(type, member, same=member))
        default = schema.fields[0].default
        assert (default.__class__, default) == (plain.__class__, plain)
        assert schema == parse_schema(schema.json)
