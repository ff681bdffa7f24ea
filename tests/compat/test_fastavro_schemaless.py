from __future__ import annotations

import copy
import gc
import io
import sys
import threading
import warnings
from io import BytesIO

import pytest

from avrojet.compat import fastavro
from avrojet.compat.fastavro import schemaless_reader, schemaless_writer
from avrojet.compat.fastavro.read import SchemaResolutionError
from avrojet.errors import LimitError

NODE = {
    "type": "record",
    "name": "node",
    "fields": [
        {"name": "text", "type": "string"},
        {"name": "numbers", "type": {"type": "array", "items": "long"}},
        {"name": "map", "type": {"type": "map", "values": ["null", "double", "boolean"]}},
        {"name": "kind", "type": {"type": "enum", "name": "kind", "symbols": ["A", "B"]}},
        {"name": "code", "type": {"type": "fixed", "name": "code", "size": 3}},
        {"name": "next", "type": ["null", "node"]},
        {"name": "f", "type": "float"},
        {"name": "raw", "type": "bytes"},
    ],
}
LEAF = {
    "text": "a",
    "numbers": [-(1 << 63), 300],
    "map": {"x": 1.5, "y": None, "z": True},
    "kind": "B",
    "code": b"abc",
    "next": None,
    "f": 0.5,
    "raw": b"\0",
}
VALUES = [LEAF, {**LEAF, "next": {**LEAF, "text": "b" * 3000}}, {**LEAF, "numbers": list(range(2000))}]


class ReadOnly:
    """A stream that can but read, and gives a few bytes at a time."""

    def __init__(self, data: bytes) -> None:
        self.file = BytesIO(data)

    def read(self, size: int) -> bytes:
        return self.file.read(min(size, 7))


class Viewed(BytesIO):
    """A file that reads as memoryview."""

    def read(self, size: int = -1) -> memoryview:
        return memoryview(super().read(size))


class Slow(BytesIO):
    """A file that can seek, and gives a few bytes at a time."""

    def read(self, size: int = -1) -> bytes:
        return super().read(min(size, 5) if size >= 0 else -1)


@pytest.mark.parametrize(
    "stream", [BytesIO, ReadOnly, Slow, Viewed, lambda data: io.BufferedReader(BytesIO(data))]
)
def test_a_stream_is_left_after_the_datum(stream):
    target = BytesIO()
    for value in VALUES:
        schemaless_writer(target, NODE, value)
    source = stream(target.getvalue() + b"rest")
    assert [schemaless_reader(source, NODE) for _ in VALUES] == VALUES
    assert source.read(4) == b"rest"


@pytest.mark.parametrize("stream", [BytesIO, ReadOnly, Slow])
def test_every_prefix_is_too_short(stream):
    target = BytesIO()
    schemaless_writer(target, NODE, LEAF)
    data = target.getvalue()
    for size in range(len(data)):
        with pytest.raises(EOFError):
            schemaless_reader(stream(data[:size]), NODE)


@pytest.mark.slow
def test_a_stream_that_cannot_seek_is_held_to_the_limits():
    numbers = {"type": "array", "items": "null"}
    with pytest.raises(LimitError):
        schemaless_reader(ReadOnly(b"\xfe\xff\xff\xff\x0f" * 2), numbers)
    with pytest.raises(LimitError):
        schemaless_reader(ReadOnly(b"\xfe\xff\xff\xff\xff\x0f"), "bytes")
    with pytest.raises(LimitError):
        schemaless_reader(
            ReadOnly(b"\x02" * 100_000), {**NODE, "fields": [{"name": "x", "type": ["null", "node"]}]}
        )
    with pytest.raises(ValueError, match="union index"):
        schemaless_reader(ReadOnly(b"\x09"), ["null"])
    with pytest.raises(ValueError, match="negative length"):
        schemaless_reader(ReadOnly(b"\x01"), "string")
    with pytest.raises(ValueError, match="64 bits"):
        schemaless_reader(ReadOnly(b"\xff" * 11), "long")


def test_blocks_with_sizes_are_copied_from_a_stream():
    assert schemaless_reader(ReadOnly(b"\x03\x04\x02\x04\x00"), {"type": "array", "items": "int"}) == [1, 2]


def change_field(schema):
    schema["fields"][0]["type"] = "bytes"


def change_list(schema):
    schema["fields"][0:1] = [{"name": "text", "type": "bytes"}]


def change_union(schema):
    schema["fields"][5]["type"][:] = ["node", "null"]


def change_symbols(schema):
    schema["fields"][3]["type"]["symbols"][:] = ["C", "D"]


@pytest.mark.parametrize("change", [change_field, change_list, change_union, change_symbols])
@pytest.mark.parametrize("parsed", [False, True])
def test_a_schema_that_is_changed_is_compiled_again(encode, change, parsed):
    schema = copy.deepcopy(NODE)
    if parsed:
        schema = fastavro.parse_schema(schema)
    for _ in range(2):
        assert encode(schema, LEAF) == encode(copy.deepcopy(NODE), LEAF)
    change(schema)
    changed = copy.deepcopy(NODE)
    change(changed)
    value = {**LEAF, **({"text": b"a"} if change in (change_field, change_list) else {})}
    value.update({"kind": "D"} if change is change_symbols else {})
    assert encode(schema, value) == encode(changed, value)


def test_equal_options_of_different_schemas_do_not_mix(encode, decode):
    schemas = [{"type": "fixed", "name": "f", "size": size} for size in range(1000)]
    for schema in schemas + schemas:
        value = bytes(schema["size"])
        assert decode(encode(schema, value), schema) == value


def test_schemas_are_not_kept_for_ever(encode):
    class Schema(dict):
        alive = 0

        def __init__(self, *args):
            super().__init__(*args)
            Schema.alive += 1

        def __del__(self):
            Schema.alive -= 1

    for size in range(2000):
        encode(Schema({"type": "fixed", "name": "f", "size": size}), bytes(size))
    gc.collect()
    assert Schema.alive < 600


def test_plans_are_found_by_threads(encode, decode):
    schemas = [{"type": "fixed", "name": "f", "size": size} for size in range(50)]
    failed = []

    def work():
        try:
            for _ in range(20):
                for schema in schemas:
                    assert decode(encode(schema, bytes(schema["size"])), schema) == bytes(schema["size"])
        except Exception as error:  # noqa: BLE001 (any of them is shown)
            failed.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed


def test_references_are_given_back(encode, decode):
    schema = fastavro.parse_schema(copy.deepcopy(NODE))
    for _ in range(4):  # until the schema's plans are found by its identity
        data = encode(schema, LEAF)
        decode(data, schema)
    objects = schema, LEAF, data
    before = [*map(sys.getrefcount, objects)]
    for _ in range(100):
        encode(schema, LEAF)
        decode(data, schema)
        with pytest.raises(EOFError):
            decode(data[:3], schema)
    assert [*map(sys.getrefcount, objects)] == before


SHOUT = {"type": "string", "logicalType": "shout"}


def test_the_tables_of_logical_types_are_looked_at_anew(encode, decode, logical_tables):
    readers, writers = logical_tables
    assert decode(encode(SHOUT, "a"), SHOUT) == "a"
    writers["string-shout"] = lambda value, schema: value.upper()
    readers["string-shout"] = lambda value, writer, reader: (value, writer["logicalType"], reader)
    assert encode(SHOUT, "a") == b"\x02A"
    assert decode(b"\x02A", SHOUT) == ("A", "shout", None)
    assert decode(b"\x02A", "string", SHOUT)[2] == SHOUT
    del readers["string-shout"], writers["string-shout"]
    assert decode(encode(SHOUT, "a"), SHOUT) == "a"


def test_a_built_in_logical_type_can_be_replaced_and_taken_out(encode, decode, logical_tables):
    readers, writers = logical_tables
    day = {"type": "int", "logicalType": "date"}
    readers["int-date"] = lambda value, writer, reader: f"day {value}"
    assert decode(b"\x02", day) == "day 1"
    del readers["int-date"], writers["int-date"]
    assert decode(b"\x02", day) == 1
    with pytest.raises(TypeError):
        encode(day, "1970-01-02")


@pytest.mark.parametrize("kind", [KeyError, RuntimeError, UnicodeError])
def test_what_a_function_of_the_tables_raises_comes_as_it_is(encode, decode, logical_tables, kind):
    def fail(*args):
        raise kind("reason")

    for table in logical_tables:
        table["string-shout"] = fail
    with pytest.raises(kind, match="reason"):
        encode(SHOUT, "a")
    with pytest.raises(kind, match="reason"):
        decode(b"\x02a", SHOUT)


PERSON = {"type": "record", "name": "a.Person", "fields": []}
FAULT = {"type": "error", "name": "a.Fault", "fields": []}
COLOUR = {"type": "enum", "name": "a.Colour", "symbols": ["RED"]}
RECORDS = ["null", PERSON, {"type": "record", "name": "a.Firm", "fields": []}]


@pytest.mark.parametrize(
    ("schema", "branch", "options", "expected"),
    [
        (RECORDS, 1, {}, {}),
        (RECORDS, 1, {"return_record_name": True}, ("a.Person", {})),
        (RECORDS, 2, {"return_record_name": True, "return_record_name_override": True}, ("a.Firm", {})),
        (RECORDS, 0, {"return_record_name": True}, None),
        (["null", PERSON], 1, {"return_record_name": True, "return_record_name_override": True}, {}),
        (["null", PERSON], 1, {"return_named_type": True, "return_named_type_override": True}, {}),
        ([FAULT, PERSON], 0, {"return_record_name": True}, {}),
        ([FAULT, PERSON], 0, {"return_named_type": True}, ("a.Fault", {})),
        ([COLOUR, PERSON], 0, {"return_record_name": True}, "RED"),
        (
            [COLOUR, PERSON],
            0,
            {"return_named_type": True, "return_named_type_override": True},
            ("a.Colour", "RED"),
        ),
        (["string", COLOUR], 1, {"return_named_type": True, "return_named_type_override": True}, "RED"),
    ],
)
def test_names_of_branches(decode, schema, branch, options, expected):
    assert decode(bytes([2 * branch, 0]), schema, **options) == expected


def test_a_branch_is_named_as_the_reader_names_it(decode):
    reader = ["null", {**PERSON, "name": "b.Human", "aliases": ["a.Person"]}]
    assert decode(b"\x02", ["null", PERSON], reader, return_record_name=True) == ("b.Human", {})


@pytest.mark.parametrize(
    ("value", "options", "message"),
    [
        ({}, {}, "no value and no default for a"),
        ({"a": 1}, {"strict": True}, "Field b is specified in the schema but missing"),
        ({"b": 1}, {"strict_allow_default": True}, "Field a is specified in the schema but missing"),
        ({"a": 1, "b": 1, "c": 1, "d": 1}, {"strict_allow_default": True}, "more fields .*: c, d"),
        ({"a": "x"}, {}, "on field a"),
    ],
)
def test_errors_have_the_words_that_are_looked_for(encode, value, options, message):
    schema = {
        "type": "record",
        "name": "r",
        "fields": [{"name": "a", "type": "int"}, {"name": "b", "type": "int", "default": 7}],
    }
    with pytest.raises(ValueError, match=message):
        encode(schema, value, **options)
    assert encode(schema, {"a": 1}, strict_allow_default=True) == b"\x02\x0e"


@pytest.mark.parametrize(
    "value",
    [
        "expected string, got it",
        "at $: field 'b' is missing from x",
        "x has keys that are not fields of y: z",
        "y.z",
    ],
)
def test_a_value_that_reads_like_an_error_changes_no_words(encode, value):
    schema = {"type": "record", "name": "r", "fields": [{"name": "a", "type": "int"}]}
    with pytest.raises(TypeError) as caught:
        encode(schema, {"a": value})
    assert str(caught.value) == f"at $.a: expected int, got str {value!r} on field a"
    with pytest.raises(TypeError, match=r"^must be string on field a \("):
        encode({**schema, "fields": [{"name": "a", "type": "string"}]}, {"a": 1})


def test_what_a_field_is_named_changes_no_words(encode):
    inner = {
        "type": "record",
        "name": "s",
        "fields": [{"name": "b", "type": {"type": "map", "values": "int"}}],
    }
    schema = {"type": "record", "name": "r", "fields": [{"name": "a", "type": inner}]}
    with pytest.raises(ValueError, match="^no value and no default for b on field a "):
        encode(schema, {"a": {}})
    with pytest.raises(TypeError, match="on field b$"):
        encode(schema, {"a": {"b": {"x].y[": "z"}}})


def test_resolution_errors_have_the_words_that_are_looked_for(decode):
    writer = {"type": "record", "name": "n.r", "fields": [{"name": "a", "type": "int"}]}
    reader = {"type": "record", "name": "n.r", "fields": [{"name": "b", "type": "int"}]}
    with pytest.raises(SchemaResolutionError, match=r"^No default value for field b in n\.r \("):
        decode(b"\x02", writer, reader)
    writer = {"type": "enum", "name": "e", "symbols": ["A", "B"]}
    reader = {"type": "enum", "name": "e", "symbols": ["A"]}
    with pytest.raises(
        SchemaResolutionError, match=r"^B not found in reader symbol list e, known symbols: \['A'\]"
    ):
        decode(b"\x02", writer, reader)


def test_a_date_out_of_range_is_an_overflow_and_a_value_error(decode):
    schema = {"type": "int", "logicalType": "date"}
    with pytest.raises(OverflowError) as caught:
        decode(b"\xfe\xff\xff\xff\x0f", schema)
    assert isinstance(caught.value, ValueError)


def test_an_overflow_of_a_conversion_of_ones_own_comes_as_it_is(decode, monkeypatch):
    from avrojet.compat.fastavro.read import LOGICAL_READERS

    def convert(data, writer_schema, reader_schema):
        raise OverflowError("mine")

    monkeypatch.setitem(LOGICAL_READERS, "int-odd", convert)
    with pytest.raises(OverflowError, match="^mine$") as caught:
        decode(b"\x02", {"type": "int", "logicalType": "odd"})
    assert type(caught.value) is OverflowError


def test_nothing_is_written_of_a_value_that_fails():
    target = BytesIO(b"")
    with pytest.raises(TypeError):
        schemaless_writer(target, {"type": "array", "items": "int"}, [1, 2, "x"])
    assert target.getvalue() == b""


def test_unicode_errors(decode):
    with pytest.raises(UnicodeDecodeError):
        decode(b"\x02\xff", "string")
    assert decode(b"\x02\xff", "string", handle_unicode_errors="replace") == "\ufffd"


def test_tuples_are_data_where_they_are_not_to_name_branches(encode):
    schema = ["string", {"type": "array", "items": "string"}]
    assert encode(schema, ("string", "a")) == b"\x00\x02a"
    assert encode(schema, ("string", "a"), disable_tuple_notation=True) == b"\x02\x04\x0cstring\x02a\x00"


@pytest.mark.parametrize(
    ("schema", "data"),
    [
        ({"type": "int", "logicalType": "time-millis"}, 86_400_000),
        ({"type": "long", "logicalType": "time-micros"}, 86_400_000_000),
        ({"type": "int", "logicalType": "date"}, -(2**31)),
        ({"type": "long", "logicalType": "timestamp-millis"}, 2**60),
    ],
)
def test_numbers_that_no_date_or_time_has_raise_what_fastavro_raises(encode, decode, schema, data):
    peer = pytest.importorskip("fastavro")
    data = encode(schema["type"], data)
    with pytest.raises((ValueError, OverflowError)) as theirs:
        peer.schemaless_reader(BytesIO(data), schema)
    with pytest.raises(type(theirs.value)) as ours:
        decode(data, schema)
    assert isinstance(ours.value, ValueError)
    assert "at $" in str(ours.value)


def test_what_a_foreign_function_raises_is_not_taken_for_the_cores(decode, logical_tables):
    def fail(*args):
        raise OverflowError("mine")

    logical_tables[0]["string-shout"] = fail
    with pytest.raises(OverflowError, match="^mine$"):
        decode(b"\x02a", SHOUT)


def test_logical_types_that_are_ignored_leave_the_filters_of_warnings_alone(monkeypatch):
    # Its filters are those of the whole process: another thread could take them back in the wrong order.
    monkeypatch.delattr(warnings, "catch_warnings")
    schema = {"type": "bytes", "logicalType": "decimal"}
    target = BytesIO()
    schemaless_writer(target, schema, b"ab")
    assert schemaless_reader(BytesIO(target.getvalue()), schema) == b"ab"
