"""JSON text straight from and to Avro bytes: against the values of rows, and against what JSON may be."""

from __future__ import annotations

import json
import math
import threading
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avrojet import (
    DecodeError,
    Decoder,
    Duration,
    Encoder,
    LimitError,
    Limits,
    ResolutionError,
    TruncatedError,
    parse_schema,
)
from avrojet.core.rows.options import EncodeOptions
from avrojet.json.encoding import text_decoder, text_encoder
from tests.cases import for_each
from tests.reference import to_json
from tests.strategies import readers, values, writers
from tests.vectors import VECTORS, by_name

# Readers have defaults that are of no use, too.
pytestmark = pytest.mark.filterwarnings("ignore::avrojet.UnreadableDefaultWarning")

all_vectors = for_each("vector", VECTORS, ids=by_name)
RECORD = {
    "type": "record",
    "name": "n.R",
    "fields": [
        {"name": "a", "type": "long"},
        {"name": "b", "type": ["null", "string"], "default": None},
        {"name": "c", "type": {"type": "map", "values": {"type": "array", "items": "double"}}},
        {"name": "d", "type": {"type": "enum", "name": "E", "symbols": ["X", "Y"]}, "default": "Y"},
    ],
}


def no_bare_words(word: str) -> Any:
    raise AssertionError(f"{word} is no JSON")


def loads(text: str) -> Any:
    return json.loads(text, parse_constant=no_bare_words)


def same(left: Any, right: Any) -> bool:
    """Equal, and floats of the same sign; a float's text may be that of the nearest shorter number."""
    if isinstance(left, float) and isinstance(right, float):
        return left == right and math.copysign(1, left) == math.copysign(1, right)
    if isinstance(left, dict) and isinstance(right, dict):
        return list(left) == list(right) and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    return type(left) is type(right) and bool(left == right)


def expected(schema: Any, data: bytes) -> Any:
    """What rows and the reference make of the data."""
    decoder = Decoder(schema, logical_types=False, unions="tagged")
    return to_json(decoder.reader_schema, decoder.decode(data))


@all_vectors
def test_vectors_to_text(vector):
    text = text_decoder(parse_schema(vector.schema), wide_floats=True).text(vector.data)
    assert same(loads(text), expected(vector.schema, vector.data))


@all_vectors
def test_vectors_from_text(vector):
    """The data that an encoder writes, whoever wrote those that were shown."""
    decoder, encoder = Decoder(vector.schema), Encoder(vector.schema)
    data = encoder.from_json(decoder.to_json(vector.data))
    plain = Decoder(vector.schema, logical_types=False)
    # The bits of a NaN have no text; a key that appears twice does so in the text, too.
    if "NaN" not in vector.name and "twice" not in vector.name:
        assert data == Encoder(vector.schema, logical_types=False).encode(plain.decode(vector.data))
    assert decoder.to_json(data) == decoder.to_json(vector.data)


@given(st.data())
def test_any_value_goes_both_ways(draw):
    schema = parse_schema(draw.draw(writers()))
    value = draw.draw(values(schema))
    data = Encoder(schema, logical_types=False).encode(value)
    text = text_decoder(schema, wide_floats=True).text(data)
    assert same(loads(text), to_json(schema, value))
    encoder = Encoder(schema, logical_types=False)
    assert encoder.from_json(text) == data
    assert encoder.from_json(Decoder(schema).to_json(data)) == data
    assert encoder.from_json(json.dumps(loads(text), indent=2)) == data
    assert encoder.from_json(text_decoder(schema, ascii_only=True).text(data)) == data


@given(st.data())
def test_a_reader_sees_in_text_what_it_sees_in_rows(draw):
    writer = draw.draw(writers())
    reader = parse_schema(draw.draw(readers(writer)))
    writer = parse_schema(writer)
    data = Encoder(writer, logical_types=False).encode(draw.draw(values(writer)))
    try:
        rows = Decoder(writer, reader, logical_types=False, unions="tagged")
    except ResolutionError:
        with pytest.raises(ResolutionError):
            Decoder(writer, reader, logical_types=False).to_json(data)
        return
    decoder = text_decoder(writer, reader, logical_types=False, wide_floats=True)
    try:
        value = rows.decode(data)
    except (DecodeError, ResolutionError) as error:
        with pytest.raises(type(error)) as raised:
            decoder.text(data)
        assert raised.value.path == error.path
    else:
        assert same(loads(decoder.text(data)), to_json(reader, value))


@given(st.data())
def test_plain_text_shows_what_rows_show(draw):
    schema = parse_schema(draw.draw(writers()))
    value = draw.draw(values(schema, logical=True))
    data = Encoder(schema).encode(value)
    shown = loads(text_decoder(schema, plain=True, wide_floats=True).text(data))
    assert same(shown, plain(Decoder(schema).decode(data)))


def plain(value: Any) -> Any:
    """A value as plain JSON shows it."""
    match value:
        case bool() | int() | str() | None:
            return value
        case float():
            return (
                value
                if math.isfinite(value)
                else {"nan": "NaN", "inf": "Infinity"}.get(str(value), "-Infinity")
            )
        case bytes():
            return value.decode("latin-1")
        case Duration():
            return iso_duration(value)
        case dict():
            return {key: plain(item) for key, item in value.items()}
        case list():
            return [plain(item) for item in value]
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def iso_duration(value: Duration) -> str:
    text = "".join(f"{count}{unit}" for count, unit in zip(value, "MD", strict=False) if count)
    seconds, millis = divmod(value.milliseconds, 1000)
    if value.milliseconds or not text:
        text += f"T{seconds}" + (f".{millis:03}" if millis else "") + "S"
    return "P" + text


@all_vectors
def test_plain_text_without_unions_comes_back(vector):
    decoder = Decoder(vector.schema)
    if "union" in json.dumps(vector.schema) or '["' in json.dumps(vector.schema) or "NaN" in vector.name:
        pytest.skip("which branch text belongs to is another test's matter")
    text = decoder.to_json(vector.data, plain=True)
    data = Encoder(vector.schema).from_json(text, plain=True)
    assert decoder.to_json(data, plain=True) == text
    if vector.written:
        assert data == vector.data


@pytest.mark.parametrize(
    ("union", "text", "value"),
    [
        (["null", "string"], "null", None),
        (["null", "string"], '"a"', "a"),
        (["null", "int", "long"], "3000000000", 3000000000),
        (["int", "double"], "1", 1),
        (["int", "double"], "1.0", 1.0),
        (["long", "double"], "1e300", 1e300),
        (["string", {"type": "enum", "name": "E", "symbols": ["X"]}], '"X"', ("E", "X")),
        (["string", {"type": "enum", "name": "E", "symbols": ["X"]}], '"Z"', "Z"),
        (["string", {"type": "int", "logicalType": "date"}], '"2024-02-29"', datetime(2024, 2, 29).date()),
        (["string", {"type": "int", "logicalType": "date"}], '"2024-02-30"', "2024-02-30"),
        (["double", "string"], '"NaN"', "NaN"),
        (
            [{"type": "array", "items": "int"}, {"type": "map", "values": "int"}],
            '{"a": 1}',
            {"a": 1},
        ),
        (
            [
                {"type": "record", "name": "A", "fields": [{"name": "x", "type": "int"}]},
                {"type": "record", "name": "B", "fields": [{"name": "x", "type": "string"}]},
            ],
            '{"x": "1"}',
            ("B", {"x": "1"}),
        ),
        (
            [
                {"type": "record", "name": "A", "fields": [{"name": "x", "type": "int"}]},
                {
                    "type": "record",
                    "name": "B",
                    "fields": [{"name": "x", "type": "int"}, {"name": "y", "type": "int"}],
                },
            ],
            '{"y": 2, "x": 1}',
            ("B", {"x": 1, "y": 2}),
        ),
    ],
)
def test_plain_text_goes_to_the_branch_that_it_fits_best(union, text, value):
    assert Encoder(union).from_json(text, plain=True) == Encoder(union).encode(value)


def test_a_record_of_a_union_is_taken_by_its_own_fields_before_defaults_and_extra_keys_count():
    union = [
        {"type": "record", "name": "A", "fields": [{"name": "x", "type": "int", "default": 7}]},
        {"type": "record", "name": "B", "fields": [{"name": "y", "type": "int"}]},
    ]
    encoder = Encoder(union, defaults=True)
    assert encoder.from_json('{"y": 1}', plain=True) == b"\x02\x02"
    assert encoder.from_json("{}", plain=True) == b"\x00\x0e"
    assert encoder.from_json('{"x": 1, "z": 2}', plain=True) == b"\x00\x02"


@pytest.mark.parametrize(
    "value", [0.0, -0.0, 5e-324, 2.2250738585072014e-308, 1.7976931348623157e308, 1e16, 1e-5]
)
@pytest.mark.parametrize("sign", [1, -1])
def test_doubles_at_the_edges(value, sign):
    text = Decoder("double").to_json(Encoder("double").encode(sign * value))
    assert text == repr(sign * value)
    assert Encoder("double").from_json(text) == Encoder("double").encode(sign * value)


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False)))
def test_doubles_are_shown_as_python_shows_them(numbers):
    shown_as_python_shows(numbers)


@given(st.integers(1, 10**17), st.integers(-5, 25))
def test_doubles_that_are_decimals_and_their_neighbours(digits, places):
    shown_as_python_shows(with_neighbours(digits / 10**places))


def test_doubles_that_are_powers_and_their_neighbours():
    powers = [2.0**exponent for exponent in range(-1074, 1024)]
    powers += [float(f"{digit}e{exponent}") for digit in range(1, 10) for exponent in range(-320, 308)]
    shown_as_python_shows([near for power in powers for near in with_neighbours(power)])


def with_neighbours(number):
    return [math.nextafter(number, 0), number, math.nextafter(number, math.inf)]


def shown_as_python_shows(numbers):
    schema = {"type": "array", "items": "double"}
    data = Encoder(schema).encode(numbers)
    text = Decoder(schema).to_json(data)
    assert text == "[" + ",".join(map(repr, numbers)) + "]"
    assert Encoder(schema).from_json(text) == data


@given(st.from_regex(r"\A-?(0|[1-9][0-9]{0,30})(\.[0-9]{1,30})?([eE][+-]?[0-9]{1,3})?\Z"))
def test_any_number_is_read_as_python_reads_it(text):
    some = {"type": "array", "items": "double"}
    if math.isinf(float(text)):
        for schema, whole in (("double", text), (some, f"[{text}]")):
            with pytest.raises(DecodeError, match="out of range"):
                Encoder(schema).from_json(whole)
    else:
        assert Encoder("double").from_json(text) == Encoder("double").encode(float(text))
        assert Encoder(some).from_json(f"[{text} ,{text}]") == Encoder(some).encode([float(text)] * 2)


@given(st.from_regex(r"\A[-+]?[0-9]{0,25}(\.[0-9]{0,25})?([eE][+-]?[0-9]{0,3})?[-+0-9.eE]?\Z"))
def test_what_looks_like_a_number_is_one_or_is_none(text):
    schema = {"type": "array", "items": ["double", "long"]}
    try:
        value = json.loads(f"[{text}]")
    except ValueError:
        with pytest.raises(DecodeError):
            Encoder(schema).from_json(f"[{text}]", plain=True)
        return
    for type in ("int", "long"):
        bits = 31 if type == "int" else 63
        fits = all(isinstance(number, int) and -(1 << bits) <= number < 1 << bits for number in value)
        if fits:
            schema = {"type": "array", "items": type}
            assert Encoder(schema).from_json(f"[{text}]") == Encoder(schema).encode(value)
        else:
            with pytest.raises(DecodeError):
                Encoder({"type": "array", "items": type}).from_json(f"[{text}]")


@pytest.mark.parametrize("plain", ["x", "\u00e9", "\u20ac"], ids=["ascii", "latin", "wide"])
def test_strings_of_every_length_with_a_special_at_every_place(plain):
    encoder, decoder = Encoder("string"), Decoder("string")
    filler = encoder.encode("y" * 40)
    followed = text_decoder(parse_schema("string"))
    for size in (*range(20), 31, 32, 33, 50):
        text = plain * size
        assert encoder.from_json(f'"{text}"') == encoder.encode(text)
        with pytest.raises(DecodeError, match="end of a string"):
            encoder.from_json(f'"{text}')
        for place in range(size + 1):
            head, tail = text[:place], text[place:]
            for special in '\\"\x1f':
                escaped = json.dumps(head + special + tail, ensure_ascii=False)
                data = encoder.encode(head + special + tail)
                assert encoder.from_json(escaped) == data
                assert decoder.to_json(data) == escaped
                assert followed.lines(data + filler, 1)[0].decode() == escaped + "\n"
            with pytest.raises(DecodeError, match="control character"):
                encoder.from_json(f'"{head}\x1f{tail}"')


def test_keys_that_differ_in_one_character_are_other_keys():
    for size in (1, 2, 5, 6, 7, 8, 13, 14, 15, 16, 30):
        name = "abcdefghijklmnopqrstuvwxyz0123"[:size]
        schema = {"type": "record", "name": "R", "fields": [{"name": name, "type": "int"}]}
        encoder = Encoder(schema, extra_fields="error")
        for text in (f'{{"{name}":7}}', f'{{ "{name}" : 7 }}   {" " * 20}'):
            assert encoder.from_json(text) == b"\x0e"
        for place in range(size):
            other = name[:place] + "_" + name[place + 1 :]
            for key in (other, name + "_", name[:-1], "_" + name):
                with pytest.raises(DecodeError, match="no field|at [$]"):
                    encoder.from_json(f'{{"{key}":7}}{" " * 20}')


@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_a_float_has_its_own_shortest_text(number):
    data = Encoder("float").encode(number)
    text = Decoder("float").to_json(data)
    assert len(text) <= len(repr(number))
    assert Encoder("float").from_json(text) == data


def test_a_float_that_is_read_as_a_double_has_the_text_of_that():
    data = Encoder("float").encode(0.1)
    assert Decoder("float").to_json(data) == "0.1"
    assert Decoder("float", "double").to_json(data) == repr(Decoder("float").decode(data))


@pytest.mark.parametrize("type", ["float", "double"])
@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity"])
def test_what_json_has_no_number_for(type, word):
    data = Encoder(type).encode(float(word))
    assert Decoder(type).to_json(data) == f'"{word}"'
    assert Encoder(type).from_json(f'"{word}"') == data
    assert Encoder(type).from_json(word) == data


@pytest.mark.parametrize(
    ("logical", "text", "same_as"),
    [
        ("timestamp-millis", "2024-01-02T03:04:05.678+02:00", "2024-01-02T01:04:05.678Z"),
        ("timestamp-millis", "2024-01-02 03:04:05.678000Z", "2024-01-02T03:04:05.678Z"),
        ("timestamp-micros", "2024-01-02T03:04Z", "2024-01-02T03:04:00+0000"),
        ("timestamp-nanos", "2024-01-02T03:04:05.123456789Z", "2024-01-02T03:04:05.123456789-00:00"),
        ("timestamp-millis", "+9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999z"),
        ("local-timestamp-micros", "2024-02-29T00:00:00.000001", "2024-02-29t00:00:00.0000010"),
    ],
)
def test_forms_of_timestamps(logical, text, same_as):
    schema = {"type": "long", "logicalType": logical}
    data = Encoder(schema).from_json(json.dumps(text), plain=True)
    assert data == Encoder(schema).from_json(json.dumps(same_as), plain=True)
    shown = Decoder(schema).to_json(data, plain=True)
    assert Encoder(schema).from_json(shown, plain=True) == data


@pytest.mark.parametrize(
    ("type", "logical", "text"),
    [
        ("int", "date", "2024-02-30"),
        ("int", "date", "2024-2-3"),
        ("int", "date", "12345-01-01"),
        ("int", "date", "2024-01-01T"),
        ("int", "time-millis", "24:00:00"),
        ("int", "time-millis", "12:00:00.0001"),
        ("int", "time-millis", "12:00:60"),
        ("long", "timestamp-millis", "2024-01-01T00:00:00"),
        ("long", "timestamp-millis", "2024-01-01T00:00:00.0001Z"),
        ("long", "timestamp-millis", "2024-01-01T00:00:00+24:00"),
        ("long", "timestamp-millis", "2024-01-01T00:00:00.Z"),
        ("long", "timestamp-millis", "2024-01-01"),
        ("long", "local-timestamp-millis", "2024-01-01T00:00:00Z"),
        ("string", "uuid", "6ba7b810-9dad-11d1-80b4-00c04fd430c"),
    ],
)
def test_text_that_is_no_date_time_or_uuid(type, logical, text):
    with pytest.raises(DecodeError, match="expected a"):
        Encoder({"type": type, "logicalType": logical}).from_json(json.dumps(text), plain=True)


@pytest.mark.parametrize("text", ["+12345-01-01T00:00:00Z", "-0001-12-31T23:59:59Z", "0000-12-31T23:59:59Z"])
def test_years_that_no_reader_shows_are_shown_but_not_taken(text):
    schema = {"type": "long", "logicalType": "timestamp-millis"}
    plain = Encoder(schema, logical_types=False)
    with pytest.raises(DecodeError, match="out of range"):
        Encoder(schema).from_json(json.dumps(text), plain=True)
    millis = {"+": 327403382400000, "-": -62167219201000, "0": -62135596801000}[text[0]]
    shown = Decoder(schema).to_json(plain.encode(millis), plain=True)
    assert shown.strip('"').replace("+00:00", "Z") == text


@given(st.data())
def test_what_is_taken_is_what_an_encoder_takes(draw):
    """The text of a plain value that has no meaning for its logical type is refused, as the value is."""
    schema = parse_schema(draw.draw(writers()))
    value = draw.draw(values(schema))
    data = Encoder(schema, logical_types=False).encode(value)
    text = Decoder(schema).to_json(data)
    try:
        Decoder(schema).decode(data)
    except DecodeError:
        with pytest.raises(DecodeError):
            Encoder(schema).from_json(text)
    else:
        assert Encoder(schema).from_json(text) == data


def test_digits_that_a_time_has_no_room_for_go_where_that_is_wanted():
    schema = {"type": "int", "logicalType": "time-millis"}
    encoder = Encoder(schema, truncate_times=True)
    assert encoder.from_json('"00:00:00.0019"', plain=True) == b"\x02"


def test_a_timestamp_without_a_zone_is_utc_where_that_is_wanted():
    schema = {"type": "long", "logicalType": "timestamp-millis"}
    encoder = Encoder(schema, naive_datetimes="utc")
    assert encoder.from_json('"1970-01-01T00:00:01"', plain=True) == Encoder("long").encode(1000)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=5, min_value=-(10**60), max_value=10**60))
def test_decimals_of_any_size(number):
    schema = {"type": "bytes", "logicalType": "decimal", "precision": 70, "scale": 5}
    data = Encoder(schema).encode(number)
    text = Decoder(schema).to_json(data, plain=True)
    assert text == json.dumps(str(Decoder(schema).decode(data)))
    assert Encoder(schema).from_json(text, plain=True) == data
    bare = Decoder(schema).to_json(data, plain=True, decimals="number")
    assert bare == text.strip('"')
    assert Encoder(schema).from_json(bare, plain=True) == data


@given(st.integers(-(10**80), 10**80), st.integers(-50, 50))
def test_big_decimals_of_any_scale(unscaled, scale):
    schema = {"type": "bytes", "logicalType": "big-decimal"}
    data = Encoder(schema).encode(Decimal(unscaled).scaleb(-scale))
    text = Decoder(schema).to_json(data, plain=True)
    assert text == json.dumps(str(Decoder(schema).decode(data)))
    assert Encoder(schema).from_json(text, plain=True) == data


@pytest.mark.parametrize(
    "text", ["1.234", "123456", "1e4", "x", "", "1.", "--1", "1e", '"1.234"', "99999.995"]
)
def test_decimals_that_do_not_fit(text):
    schema = {"type": "bytes", "logicalType": "decimal", "precision": 5, "scale": 2}
    with pytest.raises(DecodeError):
        Encoder(schema).from_json(text if text[:1].isdigit() else json.dumps(text), plain=True)


def test_members_may_come_in_any_order():
    encoder = Encoder(RECORD)
    value = {"a": 1, "b": "x", "c": {"k": [1.5]}, "d": "X"}
    data = encoder.encode(value)
    members = loads(Decoder(RECORD).to_json(data))
    for key in members:
        shuffled = {key: members[key], **members}
        assert encoder.from_json(json.dumps(shuffled)) == data
    assert encoder.from_json(json.dumps(dict(reversed(members.items())))) == data


def test_a_readers_order_is_the_order_of_the_text():
    writer = {**RECORD, "fields": RECORD["fields"][::-1]}
    data = Encoder(writer).encode({"a": 1, "b": None, "c": {}, "d": "X"})
    assert list(loads(Decoder(writer, RECORD).to_json(data))) == ["a", "b", "c", "d"]


def test_escapes_and_names_with_escapes():
    encoder = Encoder(RECORD)
    string = r'{"str\u0069ng": "\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00"}'
    text = rf'{{"\u0061": 1, "b": {string}, "c": {{"\n": []}}, "d": "\u0058"}}'
    assert encoder.from_json(text) == encoder.encode(
        {"a": 1, "b": '"\\/\b\f\n\r\té\N{GRINNING FACE}', "c": {"\n": []}, "d": "X"}
    )


def test_missing_members_take_defaults_where_that_is_wanted():
    with pytest.raises(DecodeError, match=r"\$\.b.* is missing"):
        Encoder(RECORD).from_json('{"a": 1, "c": {}}')
    text = '{"c": {}, "a": 1}'
    assert Encoder(RECORD, defaults=True).from_json(text) == Encoder(RECORD).encode(
        {"a": 1, "b": None, "c": {}, "d": "Y"}
    )


def test_extra_members_are_ignored_or_refused():
    text = '{"z": {"deep": [1, {"x": null}, "]"]}, "a": 1, "b": null, "c": {}, "d": "X", "y": NaN}'
    assert Encoder(RECORD).from_json(text) == Encoder(RECORD).from_json('{"a":1,"b":null,"c":{},"d":"X"}')
    with pytest.raises(DecodeError, match='"z" is not a field of record'):
        Encoder(RECORD, extra_fields="error").from_json(text)


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        ("", 1, 1, "the text ends where a value should come"),
        ("  \n ", 2, 2, "the text ends where a value should come"),
        ("[", 1, 1, "expected record n.R, got ["),
        ('{"a"', 1, 5, "the text ends where a colon after the key should come"),
        ('{"a" 1}', 1, 6, "expected a colon after the key, got 1"),
        ('{"a": 1,}', 1, 9, "expected a key in quotes, got }"),
        ('{"a": 1 "b"}', 1, 9, 'expected a comma or the end of the object, got "b"'),
        ("{a: 1}", 1, 2, "expected a key in quotes, got a"),
        ('{"a": 01}', 1, 7, "expected a number"),
        ('{"a": +1}', 1, 7, "expected long, got +"),
        ('{"a": 1.0}', 1, 7, "expected long, got 1.0"),
        ('{"a": 9223372036854775808}', 1, 7, "out of range for long"),
        ('{"a": true}', 1, 7, "expected long, got true"),
        ('{"a": "1"}', 1, 7, 'expected long, got "1"'),
        ('{"a": 1,\n "b": "x"}', 2, 7, "belongs to no branch of the union of null, string"),
        ('{"a": 1,\n "b": {}}', 2, 7, "belongs to no branch"),
        ('{"a": 1,\n "b": {"int": 1}}', 2, 7, "belongs to no branch"),
        ('{"a": 1,\n "b": {"null": null}}', 2, 7, "belongs to no branch"),
        ('{"a": 1,\n "b": {"string": "x", "int": 1}}', 2, 21, "the end of the object that names the branch"),
        ('{"a": 1, "b": {"string": "\\x"}}', 1, 27, "not an escape"),
        ('{"a": 1, "b": {"string": "\\u12"}}', 1, 27, "not an escape"),
        ('{"a": 1, "b": {"string": "\\ud800"}}', 1, 27, "lone surrogate"),
        ('{"a": 1, "b": {"string": "\\udc00\\ud800"}}', 1, 27, "lone surrogate"),
        ('{"a": 1, "b": {"string": "\n"}}', 1, 27, "an escape for a control character"),
        ('{"a": 1, "b": null, "c": {"k": [1, null]}}', 1, 36, "expected double, got null"),
        ('{"a": 1, "b": null, "c": {"é": [1 2]}}', 1, 35, "expected a comma or the end of the array, got 2"),
        ('{"a": 1, "a": 2}', 1, 10, 'the key "a" appears twice'),
        ('{"d": "X", "d": "X"}', 1, 12, 'the key "d" appears twice'),
        ('{"d": "Z", "a": 1, "b": null, "c": {}}', 1, 7, '"Z" is not a symbol of enum n.E'),
        ('{"a": 1, "b": null, "c": {}, "d": "X"} {}', 1, 40, "expected the end of the text, got {"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(text, line, column, message):
    for given_text in (text, text.encode()):
        with pytest.raises(DecodeError) as raised:
            Encoder(RECORD).from_json(given_text)
        assert message in str(raised.value)
        assert (raised.value.line, raised.value.column) == (line, column)


GOOD = '{"a": -12, "b": {"string": "é\\n"}, "c": {"k": [1.5e3, -0]}, "d": "X"}'


@for_each("size", range(len(GOOD.encode())))
def test_text_that_ends_early(size):
    cut = GOOD.encode()[:size]
    with pytest.raises(DecodeError) as raised:
        Encoder(RECORD).from_json(cut)
    assert (
        isinstance(raised.value, TruncatedError)
        or raised.value.column is not None
        or "UTF-8" in str(raised.value)
    )


@for_each("place", range(len(GOOD.encode())))
def test_text_with_another_byte(place):
    """Any byte in any place: text of the schema, or an error."""
    decoder, encoder = Decoder(RECORD), Encoder(RECORD)
    for byte in (*b'{}[]",:\\ue0-. n', 0, 0x1F, 0x80, 0xC3, 0xFF):
        text = bytearray(GOOD.encode())
        text[place] = byte
        try:
            data = encoder.from_json(bytes(text))
        except DecodeError:
            continue
        assert encoder.from_json(decoder.to_json(data)) == data


@for_each("size", range(len(GOOD.encode())))
def test_data_that_end_early(size):
    data = Encoder(RECORD).from_json(GOOD)
    if size < len(data):
        with pytest.raises(TruncatedError):
            Decoder(RECORD).to_json(data[:size])


def test_what_is_wrong_in_data_is_told_as_rows_tell_it():
    data = Encoder(RECORD).from_json(GOOD)
    for place in range(len(data)):
        for byte in (0, 1, 0x7F, 0x80, 0xFF):
            bad = data[:place] + bytes([byte]) + data[place + 1 :]
            assert outcome(Decoder(RECORD).to_json, bad) == outcome(Decoder(RECORD).decode, bad)


def outcome(call: Any, data: bytes) -> Any:
    try:
        call(data)
    except DecodeError as error:
        return type(error), error.path, error.offset, error.kind
    return None


def test_streams_of_texts_are_the_same_however_they_are_cut():
    encoder = text_encoder(parse_schema(RECORD), options=EncodeOptions(fill_defaults=True))
    texts = [GOOD, '{"a":1,"c":{}}', '{\n  "a": 2,\n  "c": {"x": []}\n}']
    stream = "\n".join(texts).encode() + b"\n\n"
    whole, count, end = encoder.many(stream, 0, 1 << 30, last=True)
    assert (count, end) == (3, len(stream))
    assert whole == b"".join(map(encoder.data, texts))
    for cut in range(len(stream)):
        first, before, place = encoder.many(stream[:cut], 0, 1 << 30, last=False)
        rest, after, end = encoder.many(stream, place, 1 << 30, last=True)
        assert first + rest == whole
        assert (before + after, end) == (3, len(stream))


def test_numbers_of_a_stream_may_go_on_in_the_next_piece():
    encoder = text_encoder(parse_schema("long"))
    assert encoder.many(b"12 34", 0, 99, last=False) == (b"\x18", 1, 3)
    assert encoder.many(b"12 34", 3, 99, last=True) == (b"\x44", 1, 5)


@pytest.mark.parametrize("text", ['[\n"é\ud800"]', b'[\n"\xc3\xa9\xff"]', b'[\n"\xc3\xa9\xed\xa0\x80"]'])
def test_text_that_is_not_utf8(text):
    with pytest.raises(DecodeError, match="at line 2, column 3 of the text: it is not UTF-8") as raised:
        Encoder({"type": "array", "items": "string"}).from_json(text)
    assert (raised.value.line, raised.value.column, raised.value.offset) == (2, 3, 5)


@pytest.mark.parametrize(
    ("schema", "texts"),
    [
        ("null", ["null", "null"]),
        ("boolean", ["true", "false"]),
        ("double", ["NaN", "-Infinity", '"NaN"', '"-Infinity"', "-1.5e-5", "0"]),
        ({"type": "array", "items": ["null", "double"]}, ['[null, {"double": "Infinity"}, {"double": NaN}]']),
        ({"type": "map", "values": "long"}, ['{"\\u00e9\\ud83d\\ude00": 12, "b": -3}']),
        (["null", {"type": "enum", "name": "E", "symbols": ["A", "B"]}], ['{"E": "B"}', "null"]),
    ],
)
def test_every_token_may_be_cut_anywhere(schema, texts):
    encoder = text_encoder(parse_schema(schema))
    stream = " ".join(texts).encode()
    whole = b"".join(map(encoder.data, texts))
    for cut in range(len(stream)):
        first, before, place = encoder.many(stream[:cut], 0, 1 << 30, last=False)
        rest, after, _ = encoder.many(stream, place, 1 << 30, last=True)
        assert (first + rest, before + after) == (whole, len(texts))


def test_a_block_ends_after_enough_bytes():
    encoder = text_encoder(parse_schema("string"))
    assert encoder.many(b'"abc" "de" "f"', 0, 5, last=True) == (b"\x06abc\x04de", 2, 11)


def test_a_text_is_whole_wherever_its_memory_was_full():
    kinds = [
        *("null", "boolean", "int", "long", "float", "double", "bytes", "string"),
        {"type": "array", "items": RECORD},
        {"type": "fixed", "name": "F", "size": 3},
        {"type": "enum", "name": "S", "symbols": ["A", "Bc"]},
    ]
    schema = {
        "type": "record",
        "name": "Padded",
        "fields": [
            {"name": "pad", "type": "string"},
            {"name": "items", "type": {"type": "array", "items": kinds}},
            {"name": "empty", "type": {"type": "record", "name": "Empty", "fields": []}},
        ],
    }
    record = {"a": -1, "b": "é\n", "c": {"k": [1e-300, 2.0], "l": []}, "d": "X"}
    items = [
        *(None, True, False, b"\x00\xff", "A€" * 9, [record, record]),
        *(("int", -(2**31)), ("long", -(2**63)), ("float", 0.1), ("double", -1.7976931348623157e308)),
        *(("F", b"abc"), ("S", "Bc")),
    ]
    decoder, encoder = Decoder(schema), Encoder(schema)
    lines = text_decoder(parse_schema(schema))
    known = decoder.to_json(encoder.encode({"pad": "", "items": items, "empty": {}}))
    assert loads(known)["empty"] == {}
    for size in (*range(4096 - len(known) - 64, 4097), *range(6100, 6200)):
        data = encoder.encode({"pad": "p" * size, "items": items, "empty": {}})
        text = known.replace('""', '"' + "p" * size + '"', 1)
        assert decoder.to_json(data) == text
        assert lines.lines(data * 2, 2)[0].decode() == f"{text}\n" * 2


def test_lines_of_a_block():
    decoder = text_decoder(parse_schema(["null", "int"]))
    data = Encoder(["null", "int"]).encode(1) + b"\0" + Encoder(["null", "int"]).encode(2)
    assert decoder.lines(data, 3) == (b'{"int":1}\nnull\n{"int":2}\n', 3, 5)
    assert decoder.lines(data, 2) == (b'{"int":1}\nnull\n', 2, 3)
    assert decoder.lines(data, 9, 2, 1) == (b"null\n", 1, 3)
    assert decoder.lines(data, 0) == (b"", 0, 0)
    with pytest.raises(ValueError, match="offset 6"):
        decoder.lines(data, 1, 6)
    with pytest.raises(ValueError, match="negative"):
        decoder.lines(data, -1)


@for_each(
    "sizes",
    [[3, 3, 3], [0, 5000, 0, 5000], [5000, 0, 0], [1, 2, 3_000_000, 1], [0] * 4000],
    ids=lambda sizes: f"{len(sizes)}-{max(sizes)}",
)
def test_lines_are_the_same_whatever_the_length_of_those_before(sizes):
    """Memory is allocated by the length of the last call's lines."""
    encoder = Encoder("string")
    texts = ["x" * size for size in sizes]
    data, lines = b"".join(map(encoder.encode, texts)), "".join(f'"{text}"\n' for text in texts).encode()
    decoder = text_decoder(parse_schema("string"))
    for before in (texts[:1], texts, texts[-1:]):
        decoder.lines(b"".join(map(encoder.encode, before)), len(before))
        assert decoder.lines(data, len(texts)) == (lines, len(texts), len(data))
    assert decoder.lines(data + b"\1", len(texts) + 9) == (lines, len(texts), len(data))
    with pytest.raises(DecodeError):
        decoder.lines(data + b"\1", 2**62, len(data))


def test_texts_of_more_data_than_text():
    """Memory is allocated as if data were no longer than their text."""
    fields = [{"name": f"f{number}", "type": "double", "default": 1.5} for number in range(500)]
    schema = parse_schema({"type": "record", "name": "R", "fields": fields})
    encoder = text_encoder(schema, options=EncodeOptions(fill_defaults=True))
    row = Encoder("double").encode(1.5) * 500
    for count in (1, 2, 300, 1000):
        assert encoder.many(b"{}" * count, 0, 1 << 62, last=True) == (row * count, count, 2 * count)


def test_lines_end_before_what_is_damaged():
    decoder = text_decoder(parse_schema(["null", "int"]))
    assert decoder.lines(b"\0\0\4", 9) == (b"null\nnull\n", 2, 2)
    with pytest.raises(DecodeError, match="byte 2"):
        decoder.lines(b"\0\0\4", 9, 2)


def test_texts_end_before_what_is_wrong():
    encoder = text_encoder(parse_schema("long"))
    assert encoder.many(b"1\n2\nx", 0, 99, last=True) == (b"\2\4", 2, 4)
    with pytest.raises(DecodeError, match=r"line 3, column 1 of text 2") as raised:
        encoder.many(b"1\n2\nx", 4, 99, last=True, number=2)
    assert (raised.value.line, raised.value.column, raised.value.offset) == (3, 1, 4)


def test_spaced_text_is_that_of_the_json_module():
    schema = parse_schema(RECORD)
    data = Encoder(schema).from_json(GOOD)
    text = text_decoder(schema, spaced=True, ascii_only=True).text(data)
    assert text == json.dumps(loads(text))


@pytest.mark.parametrize("opening", ['{"next":', "["])
def test_depth_is_bounded(opening):
    schema = (
        {"type": "record", "name": "L", "fields": [{"name": "next", "type": ["null", "L"]}]}
        if opening[0] == "{"
        else {
            "type": "record",
            "name": "L",
            "fields": [{"name": "x", "type": {"type": "array", "items": "L"}}],
        }
    )
    text = '{"next":{"L":' * 401 if opening[0] == "{" else '{"x":[' * 401
    with pytest.raises(LimitError) as raised:
        Encoder(schema).from_json(text)
    assert raised.value.limit == "depth"
    with pytest.raises(LimitError):
        Encoder(RECORD).from_json('{"z":' + "[" * 401)


def test_items_of_no_bytes_are_bounded():
    nulls = {"type": "array", "items": "null"}
    limits = Limits(empty_items=3)
    assert Encoder(nulls, limits=limits).from_json("[null,null,null]") == b"\x06\x00"
    with pytest.raises(LimitError):
        Encoder(nulls, limits=limits).from_json("[null,null,null,null]")
    with pytest.raises(LimitError):
        Decoder(nulls, limits=limits).to_json(b"\x08\x00")


def test_a_text_of_too_many_bytes_is_refused():
    limits = Limits(value_bytes=1000)
    with pytest.raises(LimitError):
        Encoder("string", limits=limits).from_json('"' + "a" * 2000 + '"')
    with pytest.raises(LimitError):
        Decoder({"type": "array", "items": "int"}, limits=limits).to_json(
            Encoder({"type": "array", "items": "int"}).encode([10**9] * 500)
        )


def test_trials_of_branches_are_bounded():
    schema: Any = "int"
    for depth in range(40):
        field = {"name": "x", "type": schema}
        schema = [
            {"type": "record", "name": f"A{depth}", "fields": [field]},
            {"type": "record", "name": f"B{depth}", "fields": [{**field, "type": "string"}]},
            "string",
        ]
        schema[1]["fields"][0]["type"] = "string"
    text = '{"x":' * 40 + "true" + "}" * 40
    with pytest.raises(DecodeError):
        Encoder(schema).from_json(text, plain=True)


def test_arrays_of_many_items_have_one_block():
    schema = {"type": "array", "items": {"type": "array", "items": "int"}}
    for count in (0, 1, 63, 64, 65, 8191, 8192, 8193):
        value = [[1] * count, [2]] * 3
        data = Encoder(schema).encode(value)
        assert Encoder(schema).from_json(json.dumps(value)) == data
        assert Decoder(schema).to_json(data) == json.dumps(value, separators=(",", ":"))


def test_threads_share_one_decoder_and_one_encoder():
    decoder, encoder = Decoder(RECORD), Encoder(RECORD)
    data = encoder.from_json(GOOD)
    results: set[bytes] = set()

    def work() -> None:
        results.update(encoder.from_json(decoder.to_json(data)) for _ in range(500))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == {data}


@pytest.mark.parametrize("hex", ["80 80 80 80 80 00", "80 80 80 80 80", "ff ff ff ff 7f", "80 80"])
def test_an_int_is_refused_where_rows_refuse_it(hex):
    data = bytes.fromhex(hex)
    for text in (Decoder("int").to_json, lambda data: text_decoder(parse_schema("int")).lines(data, 1)):
        with pytest.raises(DecodeError) as theirs:
            Decoder("int").decode(data)
        with pytest.raises(DecodeError) as ours:
            text(data)
        assert (type(ours.value), ours.value.kind) == (type(theirs.value), theirs.value.kind)
