"""Arrays that are not what their type says: refused where it can be seen, released once all the same."""

from __future__ import annotations

import ctypes
import io
import re
from typing import Any

import pytest

from avrojet import (
    AvroError,
    DataFileReader,
    DecodeError,
    Decoder,
    EncodeError,
    LimitError,
    SchemaError,
    write_arrow,
)
from avrojet.columns.source import ColumnSource
from avrojet.datum import Encoder
from tests.cases import for_each
from tests.producers import (
    ArrowArray,
    Changed,
    Returning,
    Stream,
    buffer_to,
    format_to,
    metadata_to,
    name_to,
    setting,
    within,
    without_child,
    without_children,
)
from tests.vectors import array as array_of
from tests.vectors import record

pa = pytest.importorskip("pyarrow")


def ints(*values: int, size: int = 4) -> bytes:
    return b"".join(value.to_bytes(size, "little", signed=True) for value in values)


STRINGS = pa.array(["ab", "cd", "ef"])
NUMBERS = pa.array([1, 2, None])
LISTS = pa.array([[1], [2, 3]])
RUNS = pa.RunEndEncodedArray.from_arrays(pa.array([2, 3], pa.int32()), pa.array([1, 2]))
UNION = pa.UnionArray.from_dense(
    pa.array([0, 0], pa.int8()), pa.array([0, 1], pa.int32()), [pa.array([1, 2])]
)


SIZED = pa.array([[1, 2], [3, 4]], pa.list_(pa.int64(), 2))
STRUCTS = pa.StructArray.from_arrays([pa.array([1, 2, 3])], ["a"])
SPARSE = pa.UnionArray.from_sparse(pa.array([0, 0], pa.int8()), [pa.array([1, 2])])
VIEWS = pa.array(["x" * 20], pa.string_view())
LIST_VIEWS = pa.array([[1], [2]], pa.list_view(pa.int64()))
THREE = pa.UnionArray.from_sparse(pa.array([3, 3], pa.int8()), [pa.array([1, 2])], type_codes=[3])
DICTIONARY = pa.array(["a", "b"]).dictionary_encode()
OTHER = ctypes.pointer(ArrowArray())


def without_buffers(raw: Any) -> None:
    raw.buffers = type(raw.buffers)()


@for_each(
    ("array", "change", "message"),
    [
        (NUMBERS, setting(length=-1), "negative length"),
        (NUMBERS, setting(offset=-1), "negative length"),
        (NUMBERS, setting(n_buffers=1), "buffers"),
        (NUMBERS, buffer_to(1, None), "its values are missing"),
        (NUMBERS, buffer_to(0, None), "no validity"),
        (STRINGS, buffer_to(1, ints(0, 4, 2, 6)), "do not ascend"),
        (STRINGS, buffer_to(1, ints(-1, 2, 4, 6)), "do not ascend"),
        (STRINGS, buffer_to(2, None), "its data are missing"),
        (LISTS, buffer_to(1, ints(0, 1, 4)), "shorter than the array around it"),
        (LISTS, buffer_to(1, ints(0, 2, 1)), "do not ascend"),
        (LISTS, setting(n_children=0), "other children"),
        (pa.array(["a", "b"]).dictionary_encode(), buffer_to(1, ints(0, 2)), "index 2 points to no value"),
        (pa.array(["a", "b"]).dictionary_encode(), buffer_to(1, ints(0, -1)), "index -1 points to no value"),
        (UNION, buffer_to(0, b"\0\1"), "no type 1"),
        (UNION, buffer_to(0, b"\0\xff"), "no type -1"),
        (UNION, buffer_to(1, ints(0, 2)), "index 2 points to no value"),
        (
            pa.array(["x" * 20], pa.string_view()),
            buffer_to(1, ints(20, 0, 1, 0)),
            "a view points outside",
        ),
        (
            pa.array(["x" * 20], pa.string_view()),
            buffer_to(1, ints(20, 0, 0, 9)),
            "a view points outside",
        ),
        (
            pa.array(["x" * 20], pa.string_view()),
            buffer_to(1, ints(-2, 0, 0, 0)),
            "a view points outside",
        ),
        (
            pa.array([[1], [2]], pa.list_view(pa.int64())),
            buffer_to(2, ints(1, 2)),
            "a list points outside",
        ),
        (
            pa.array([[1], [2]], pa.list_view(pa.int64())),
            buffer_to(1, ints(0, -1)),
            "a list points outside",
        ),
        (RUNS, setting(length=4), "end too early"),
        (RUNS, within(0, buffer_to(1, ints(3, 3))), "do not ascend"),
        (RUNS, within(0, setting(length=0)), "run ends are missing"),
        (RUNS, within(1, setting(length=1)), "shorter than the array around it"),
        (RUNS, within(0, without_buffers), "run ends are missing"),
        (RUNS, within(0, buffer_to(1, None)), "run ends are missing"),
        (RUNS, within(0, setting(length=2**62)), "more bytes than memory"),
        (RUNS, within(0, setting(offset=2**63 - 2)), "more bytes than memory|63 bits"),
        (RUNS, within(0, setting(offset=-1)), "negative length or offset"),
        (RUNS, within(0, setting(null_count=1)), "run ends have nulls"),
        (RUNS, without_children, "other children"),
        (RUNS, without_child(0), "missing"),
        (RUNS, without_child(1), "missing"),
        (RUNS, setting(offset=2**63 - 1), "63 bits"),
        (RUNS, setting(offset=2**63 - 4), "end too early"),
        (NUMBERS, without_buffers, "its buffers are missing"),
        (NUMBERS, setting(null_count=4), "more nulls than values"),
        (NUMBERS, setting(null_count=-2), "fewer than none"),
        (NUMBERS, setting(offset=2**63 - 1), "63 bits"),
        (NUMBERS, setting(offset=2**61), "more bytes than memory"),
        (NUMBERS, setting(length=2**60), "more bytes than memory"),
        (STRINGS, without_buffers, "its buffers are missing"),
        (STRINGS, setting(offset=2**61), "more bytes than memory"),
        (LISTS, without_children, "other children"),
        (LISTS, without_child(0), "missing"),
        (LISTS, setting(n_children=-1), "other children"),
        (SIZED, without_children, "other children"),
        (SIZED, setting(length=2**62), "shorter than the array around it"),
        (SIZED, setting(offset=2**63 - 3), "shorter than the array around it"),
        (STRUCTS, without_children, "other children"),
        (STRUCTS, without_child(0), "missing"),
        (STRUCTS, setting(offset=2**63 - 1), "63 bits"),
        (STRUCTS, setting(offset=2**63 - 4), "shorter than the array around it"),
        (STRUCTS, setting(length=2**63 - 1, offset=5), "63 bits"),
        (STRUCTS, setting(length=2**63 - 1), "shorter than the array around it"),
        (STRUCTS, setting(offset=1), "shorter than the array around it"),
        (STRUCTS, within(0, setting(length=2)), "shorter than the array around it"),
        (STRUCTS, within(0, setting(offset=2**63 - 1)), "63 bits"),
        (SPARSE, setting(offset=2**63 - 3), "shorter than the array around it|memory"),
        (SPARSE, setting(offset=1), "shorter than the array around it"),
        (SPARSE, without_children, "other children"),
        (SPARSE, without_child(0), "missing"),
        (UNION, without_child(0), "missing"),
        (UNION, buffer_to(1, None), "its offsets are missing"),
        (UNION, buffer_to(0, None), "its values are missing"),
        (VIEWS, setting(n_buffers=2), "fewer buffers"),
        (VIEWS, buffer_to(3, None), "sizes of its buffers are missing"),
        (VIEWS, buffer_to(2, None), "a buffer is missing"),
        (LIST_VIEWS, buffer_to(2, None), "its offsets are missing"),
        (LIST_VIEWS, buffer_to(1, ints(2, 0)), "a list points outside"),
        (LIST_VIEWS, buffer_to(1, ints(-1, 0)), "a list points outside"),
        (DICTIONARY, setting(dictionary=None), "a dictionary and its type has none, or the other way round"),
        (pa.array([1]), setting(dictionary=OTHER), "a dictionary and its type has none"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_an_array_that_is_not_what_its_type_says(array, change, message):
    schema = ColumnSource(array).schema()
    encoder = Encoder(schema)
    for write in (encoder.encode_arrow, lambda data: write_arrow(io.BytesIO(), data, schema)):
        data = Changed(array, change)
        with pytest.raises(EncodeError, match=message) as caught:
            write(data)
        assert caught.value.path.startswith("$")
        del caught  # its traceback has the frames that hold the data
        assert data.released == 1


def test_a_column_of_messages_that_is_not_what_its_type_says():
    """To whom reads it, it is data that cannot be decoded."""
    column = pa.array([b"\2", b"\4"])
    for change, message in [
        (buffer_to(1, ints(0, 2, 1)), "do not ascend"),
        (setting(offset=2**61), "more bytes than memory"),
        (setting(n_children=1), "other children"),
    ]:
        with pytest.raises(DecodeError, match=message):
            Decoder("long").decode_arrow(Changed(column, change))
    failing = pa.RecordBatchReader.from_batches(pa.schema({"m": pa.binary()}), iter([1]))
    with pytest.raises(DecodeError, match="the Arrow stream failed"):
        Decoder("long").decode_arrow(failing)


# Schemas: an array, what becomes of its ArrowSchema, and what the message says

SPEAKING: list[tuple[Any, Any, str]] = [
    *(
        (pa.array([1, 2]), format_to(format.encode()), re.escape(f"has no type {format!r}"))
        for format in (
            "",
            "w",
            "w:",
            "w:abc",
            "w:-1",
            "w:1.5",
            "+w:",
            "+w:x",
            "+w:-3",
            "d",
            "d:",
            "d:10",
            "d:1,x",
            "d:1,2,",
            "tt",
            "ttx",
            "tdx",
            "ts",
            "tsu",
            "tsx:",
            "tD",
            "tDx",
            "ti",
            "tix",
            "vx",
            "+l ",
            "+lx",
            "+vx",
            "+u",
            "+us",
            "+ux:0",
            "+us:a",
            "+us:-1",
            "+us:0,",
            "+us:,0",
            "+us:0;1",
            "+rx",
        )
    ),
    (pa.array([1, 2]), format_to(b"d:10,2,4096"), "does not have 32, 64, 128 or 256 bits"),
    *((pa.array([1, 2]), format_to(b"d:1,0,%d" % bits), "not have 32, 64") for bits in (0, 7, 24, 40, 512)),
    *(
        (pa.array([1, 2]), format_to(b"d:%d,0,%d" % (digits, bits)), "cannot hold")
        for bits, digits in ((32, 10), (64, 19), (128, 39), (256, 77), (128, 0))
    ),
    (pa.array([1, 2]), format_to(b"d:9,9999999999"), "cannot hold"),
    (pa.array([1, 2]), format_to(b"w:9223372036854775808"), "has no type"),
    (pa.array([1, 2]), format_to(b"w:2147483648"), "size of more than 31 bits"),
    (SIZED, format_to(b"+w:4294967296"), "size of more than 31 bits"),
    (pa.array([1, 2]), format_to(b"\xff"), "not UTF-8"),
    (pa.array([1, 2]), name_to(b"\xff"), "not UTF-8"),
    (pa.array([1, 2]), metadata_to(ints(-1)), "metadata have a negative size"),
    (pa.array([1, 2]), metadata_to(ints(1, -5)), "metadata have a negative size"),
    (pa.array([1, 2]), setting(format=None), "no format"),
    (pa.array([1, 2]), setting(release=None), "released"),
    (pa.array([1, 2]), setting(n_children=-1), "lacks children that it declares"),
    (pa.array([1, 2]), setting(n_children=1), "lacks children that it declares"),
    (STRUCTS, without_children, "lacks children that it declares"),
    (STRUCTS, without_child(0), r"^\$\[0\]: .*missing"),
    (STRUCTS, within(0, setting(format=None)), r"^\$\.a: .*no format"),
    (STRUCTS, within(0, setting(release=None)), r"^\$\.a: .*released"),
    (STRUCTS, within(0, format_to(b"w:x")), r"^\$\.a: .*no type"),
    (LISTS, setting(n_children=0), "'\\+l' has 1 child, not 0"),
    (LISTS, within(0, format_to(b"tt")), r"^\$\[\]: .*no type"),
    (SIZED, setting(n_children=0), "has 1 child, not 0"),
    (RUNS, setting(n_children=0), "has 2 children, not 0"),
    (RUNS, setting(n_children=1), "has 2 children, not 1"),
    *(
        (RUNS, within(0, format_to(format)), "run ends are int16, int32 or int64")
        for format in (b"c", b"I", b"f", b"n", b"u")
    ),
    (pa.array([[("a", 1)]], pa.map_(pa.string(), pa.int64())), setting(n_children=0), "has 1 child, not 0"),
    (
        pa.array([[("a", 1)]], pa.map_(pa.string(), pa.int64())),
        within(0, setting(n_children=1)),
        "not a struct of keys and values",
    ),
    (LISTS, format_to(b"+m"), "not a struct of keys and values"),
    (STRUCTS, format_to(b"i"), "'i' has no children, not 1"),
    (STRUCTS, format_to(b"tsu:UTC"), "has no children, not 1"),
    (UNION, format_to(b"+ud:300"), "different numbers from 0 to 127"),
    (UNION, format_to(b"+ud:128"), "different numbers from 0 to 127"),
    (UNION, format_to(b"+ud:0,1"), "has 2 children, not 1"),
    (UNION, format_to(b"+ud:"), "has no children, not 1"),
    (THREE, format_to(b"+us:0,1,2,3"), "has 4 children, not 1"),
    (UNION, format_to(b"+ud:0,0"), "different numbers"),
    *(
        (DICTIONARY, format_to(format), "indexes of a dictionary are integers")
        for format in (b"n", b"b", b"z", b"u", b"g", b"w:8", b"+l", b"", b"ii", b"tdD")
    ),
    (DICTIONARY, lambda raw: format_to(b"w:x")(raw.dictionary.contents), "no type 'w:x'"),
]


@for_each(("array", "change", "message"), SPEAKING, ids=range(len(SPEAKING)))
def test_a_type_that_contradicts_itself(array, change, message):
    for write in (
        lambda data: write_arrow(io.BytesIO(), data),
        Encoder("long").encode_arrow,
        Decoder("long").decode_arrow,
    ):
        data = Changed(array, schema=change)
        with pytest.raises(SchemaError, match=message) as caught:
            write(data)
        assert caught.value.path.startswith("$")
        del caught  # its traceback has the frames that hold the data
        assert data.released == 1


def test_a_type_that_is_new_to_avrojet_may_be_left_out():
    table = pa.table({"a": [1, 2], "b": [3, 4]}).combine_chunks().to_batches()[0]
    new = Changed(table, schema=within(1, format_to(b"~new:1")))
    assert pa.array(Encoder(record(a="long")).encode_arrow(new, extra_columns="ignore")).to_pylist() == [
        b"\2",
        b"\4",
    ]
    with pytest.raises(SchemaError, match=r"^\$\.b: Avro has no type for Arrow's '~new:1'"):
        write_arrow(io.BytesIO(), Changed(table, schema=within(1, format_to(b"~new:1"))))


def test_a_union_of_no_members():
    none = pa.UnionArray.from_sparse(pa.array([], pa.int8()), [])
    assert pa.array(Encoder("null").encode_arrow(none)).to_pylist() == []
    table = pa.table({"a": pa.array([], pa.int64()), "none": none})
    file = io.BytesIO()
    write_arrow(file, table)
    file.seek(0)
    with DataFileReader(file) as reader:
        assert reader.schema.fields[1].type.type == "null"
        assert list(reader) == []
    assert len(Encoder(record(a="long", none=["null", "string"])).encode_arrow(table)) == 0
    lists = pa.ListArray.from_arrays(pa.array([0, 0, 0], pa.int32()), none)
    assert pa.array(Encoder(array_of("int")).encode_arrow(lists)).to_pylist() == [b"\0", b"\0"]
    claiming = Changed(none, setting(length=2, n_buffers=1))
    with pytest.raises(EncodeError, match="values are missing|no type"):
        Encoder("null").encode_arrow(claiming)


# Capsules


@pytest.mark.parametrize(
    "value", [(), (1,), (1, 2, 3), [1, 2], None, "ab", pa.array([1]).__arrow_c_array__()[:1], (None, None)]
)
def test_what_is_no_pair_of_capsules(value):
    with pytest.raises((TypeError, ValueError)) as caught:
        write_arrow(io.BytesIO(), Returning("__arrow_c_array__", value))
    assert not isinstance(caught.value, AvroError)
    if not isinstance(value, tuple) or len(value) != 2:
        assert "two capsules" in str(caught.value)


def test_capsules_of_other_kinds():
    schema, array = pa.array([1]).__arrow_c_array__()
    for value in [(array, schema), (schema, schema), (schema, None)]:
        with pytest.raises(ValueError, match="PyCapsule"):
            write_arrow(io.BytesIO(), Returning("__arrow_c_array__", value))
    for value in (schema, None, (), array):
        with pytest.raises(ValueError, match="PyCapsule"):
            write_arrow(io.BytesIO(), Returning("__arrow_c_stream__", value))


def test_an_array_can_be_taken_once():
    capsules = pa.array([1]).__arrow_c_array__()
    write_arrow(io.BytesIO(), Returning("__arrow_c_array__", capsules))
    with pytest.raises(ValueError, match="consumed already"):
        write_arrow(io.BytesIO(), Returning("__arrow_c_array__", capsules))


@pytest.mark.parametrize(
    "stream", [{}, {"get_schema": lambda stream, out: 0}, {"get_next": lambda stream, out: 0}]
)
def test_a_stream_without_its_functions(stream):
    with pytest.raises(EncodeError, match="no function for its schema or its arrays"):
        write_arrow(io.BytesIO(), Stream(**stream))


def test_a_stream_that_fails_without_a_message():
    with pytest.raises(EncodeError, match="the Arrow stream failed: "):
        write_arrow(io.BytesIO(), Stream(lambda stream, out: 5, lambda stream, out: 5))
    with pytest.raises(SchemaError, match="released"):
        write_arrow(io.BytesIO(), Stream(lambda stream, out: 0, lambda stream, out: 0))


def test_an_array_is_released_once_on_success_too():
    data = Changed(NUMBERS, lambda raw: None)
    assert len(Encoder(["null", "long"]).encode_arrow(data)) == 3
    assert data.released == 1
    refused = Changed(NUMBERS, lambda raw: None)
    with pytest.raises(SchemaError):
        Encoder("string").encode_arrow(refused)
    assert refused.released == 1


def test_a_type_that_is_nested_too_deep():
    type = pa.int32()
    for _ in range(500):
        type = pa.list_(type)
    with pytest.raises(LimitError, match="nested deeper than 400"):
        ColumnSource(pa.array([], type))


def test_what_is_below_a_null_may_be_anything():
    valid = pa.array([True, False, True]).buffers()[1]
    texts = pa.StringArray.from_buffers(3, pa.py_buffer(ints(0, 1, 3, 4)), pa.py_buffer(b"a\xff\xfeb"), valid)
    messages = Encoder(["null", "string"]).encode_arrow(texts)
    assert pa.array(messages).to_pylist() == [b"\2\2a", b"\0", b"\2\2b"]
