"""The trace of a datum: each byte has one part, and names and texts say what it is."""

from __future__ import annotations

import json
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import avrojet
from avrojet import Encoder, Limits
from avrojet.inspection.tracing import tracer_of
from tests import strategies
from tests.cases import for_each
from tests.core.test_hostile_bytes import DEEP, deep_data
from tests.fuzz.mutate import mutated
from tests.fuzz.on_traces import check_trace
from tests.stacks import in_a_small_stack
from tests.vectors import LIST, ORDER, VECTORS, array, fixed, logical, mapping, record


def parts_of(schema, data, **options):
    trace = tracer_of(avrojet.parse_schema(schema)).trace(data, **options)
    return trace, trace.parts()


@for_each("vector", VECTORS, ids=lambda vector: vector.name)
def test_each_byte_has_one_part(vector):
    schema = avrojet.parse_schema(vector.schema)
    assert check_trace(tracer_of(schema), schema, vector.data)
    for end in {0, 1, len(vector.data) // 2, max(0, len(vector.data) - 1)}:
        check_trace(tracer_of(schema), schema, vector.data[:end])


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_random_data_and_damaged_data(data):
    schema = avrojet.parse_schema(data.draw(strategies.writers()))
    encoder = Encoder(schema, logical_types=False)
    tracer = tracer_of(schema)
    encoded = encoder.encode(data.draw(strategies.values(schema)))
    chance = random.Random(data.draw(st.integers(0, 2**32)))
    check_trace(tracer, schema, encoded)
    for _ in range(3):
        check_trace(tracer, schema, mutated(encoded, encoded, chance))


def test_names_and_texts():
    value = {
        "id": 7,
        "customer": {"name": "Alice", "mail": None},
        "lines": [{"sku": "a", "price": 1.5, "count": 2}],
        "tags": {"k\n": ""},
    }
    trace, parts = parts_of(ORDER, Encoder(ORDER).encode(value))
    assert trace.error is None
    assert [(path, kind, type, text) for _, _, kind, path, type, text in parts] == [
        ("$.id", "value", "long", "7"),
        ("$.customer.name", "length", "string", "5"),
        ("$.customer.name", "content", "string", '"Alice"'),
        ("$.customer.mail", "branch", "union of null, string", "null"),
        ("$.lines", "count", "array", "1"),
        ("$.lines[0].sku", "length", "string", "1"),
        ("$.lines[0].sku", "content", "string", '"a"'),
        ("$.lines[0].price", "value", "double", "1.5"),
        ("$.lines[0].count", "value", "int", "2"),
        ("$.lines", "end", "array", "0"),
        ("$.tags", "count", "map", "1"),
        (r"$.tags['k\n']", "key length", "string", "2"),
        (r"$.tags['k\n']", "key", "string", r'"k\n"'),
        (r"$.tags['k\n']", "length", "string", "0"),
        ("$.tags", "end", "map", "0"),
    ]


@pytest.mark.parametrize(
    ("schema", "hex", "expected"),
    [
        # A block that states its size, and a number with a byte too many.
        (array("int"), "03 04 02 04 00", ["count 2", "size 2", "value 1", "value 2", "end 0"]),
        (array("int"), "82 00 02 00", ["count 1", "value 1", "end 0"]),
        (array("null"), "06 00", ["count 3", "end 0"]),
        (mapping("null"), "02 02 61 00", ["count 1", "key length 1", 'key "a"', "end 0"]),
        (logical("int", "date"), "02", ['value "1970-01-02"']),
        (
            logical("bytes", "decimal", precision=4, scale=2),
            "04 01 00",
            ["length 2", 'content "2.56"'],
        ),
        (fixed(2), "61 62", ['value "ab"']),
        (record(a="null", b=record("E"), c="boolean"), "01", ["value true"]),
        (["null", LIST], "02 02 00", ["branch List", "value 1", "branch null"]),
    ],
)
def test_what_parts_say(schema, hex, expected):
    _, parts = parts_of(schema, bytes.fromhex(hex))
    assert [f"{kind} {text}" for _, _, kind, _, _, text in parts] == expected


def test_an_error_is_where_the_value_begins():
    data = Encoder(ORDER).encode({"id": 1, "customer": {"name": "Al", "mail": None}, "lines": [], "tags": {}})
    trace, parts = parts_of(ORDER, data[:2] + b"\xff" + data[3:])
    assert trace.error.path == "$.customer.name"
    assert trace.error.offset == trace.end == 1
    assert [part[:2] for part in parts] == [(0, 1)]


def test_several_data_and_an_offset():
    trace, parts = parts_of("int", b"\xff\x02\x04\x06", offset=1, count=2)
    assert (trace.start, trace.end, trace.count, len(trace)) == (1, 3, 2, 2)
    assert [part[0] for part in parts] == [1, 2]
    assert trace.parts(1, 5) == parts[1:]
    assert trace.parts(7) == []
    for wrong in ({"offset": 5}, {"offset": -1}, {"count": -1}):
        with pytest.raises(ValueError, match="offset|count"):
            parts_of("int", b"\x02\x04", **wrong)


def test_parts_are_bounded():
    data = Encoder(array("int")).encode([1] * 100_000)
    trace, parts = parts_of(array("int"), data, most=101)
    assert trace.is_cut
    assert trace.error is None
    assert parts[-1][:2] == (trace.end - 1, trace.end)
    assert len(parts) == 51  # places count as well
    assert parts_of(array("int"), data, most=0)[1] == []
    # Rows and items of no bytes have no parts, however many they are.
    trace, parts = parts_of(array("null"), Encoder(array("null")).encode([None] * 1_000_000))
    assert len(parts) == 2
    assert parts_of("null", b"", count=10**18)[0].count == 10**18


def test_long_values_are_cut_and_deep_paths_left_out():
    text = "é" * 100_000
    _, parts = parts_of("string", Encoder("string").encode(text))
    assert parts[1][5].endswith("…")
    assert len(parts[1][5]) < 300
    _, parts = parts_of("bytes", Encoder("bytes").encode(b"\x00" * 1000))
    assert parts[1][5].startswith('"\\u0000')
    value = None
    for _ in range(300):
        value = {"head": 1, "tail": value}
    _, parts = parts_of(LIST, Encoder(LIST).encode(value))
    assert parts[-1][3].startswith("$.tail....tail")
    assert len(parts[-1][3]) < 200


def test_limits_are_kept():
    value = None
    for _ in range(50):
        value = {"head": 1, "tail": value}
    schema = avrojet.parse_schema(LIST)
    trace = tracer_of(schema, Limits(depth=20)).trace(Encoder(LIST).encode(value))
    assert isinstance(trace.error, avrojet.LimitError)
    assert trace.error.limit == "depth"
    assert len(trace) == 40


@pytest.mark.parametrize("case", DEEP)
def test_depth_takes_little_stack(case):
    schema = avrojet.parse_schema(DEEP[case][0])
    data = deep_data(case, 100_000)

    def read():
        trace = tracer_of(schema).trace(data)
        assert trace.error.limit == "depth"
        assert trace.parts()
        with pytest.raises(avrojet.LimitError, match="depth"):
            tracer_of(schema).check(data, 1)

    in_a_small_stack(read)


def test_checking():
    schema = avrojet.parse_schema(ORDER)
    row = {"id": 1, "customer": {"name": "é", "mail": None}, "lines": [], "tags": {}}
    data = Encoder(ORDER).encode(row)
    tracer = tracer_of(schema)
    assert tracer.check(data * 3, 3) == 3 * len(data)
    assert tracer.check(data * 3, 1, len(data)) == 2 * len(data)
    with pytest.raises(avrojet.DecodeError, match="datum 1") as caught:
        tracer.check(data + b"\x02\x04\xff\xff\x00\x00\x00", 2)
    assert (caught.value.row, caught.value.path) == (1, "$.customer.name")
    with pytest.raises(avrojet.TruncatedError):
        tracer.check(data, 2)


def test_a_trace_holds_its_data():
    data = bytearray(Encoder("string").encode("abc"))
    trace = tracer_of(avrojet.parse_schema("string")).trace(data)
    with pytest.raises(BufferError):
        data.clear()
    assert json.loads(trace.parts()[1][5]) == "abc"
    del trace
    data.clear()
