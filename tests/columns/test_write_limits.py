"""Columns that say much with little: bounded, and ended by Ctrl-C within the loops that write them."""

from __future__ import annotations

import _thread
import gc
import io
import operator
import signal
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest

from avrojet import (
    DataFileWriter,
    Decoder,
    Encoder,
    LimitError,
    Limits,
    SchemaError,
    parse_schema,
    read,
    read_arrow,
    write_arrow,
)
from avrojet.columns.source import ColumnSource
from avrojet.core.arrow.encode_columns import ColumnEncoder, encode_messages
from avrojet.core.files.block_writer import BlockWriter
from avrojet.plan.arrow.layout import Column
from tests.stacks import in_a_small_stack
from tests.vectors import array, fixed, mapping, record

pa = pytest.importorskip("pyarrow")


def nulls(count: int) -> Any:
    """They need no memory."""
    return pa.Array.from_buffers(pa.null(), count, [None])


def nothing(count: int) -> Any:
    """Structs without fields."""
    return pa.StructArray.from_buffers(pa.struct([]), count, [None])


def lists(count: int, items: Any) -> Any:
    return pa.LargeListArray.from_arrays(pa.array([0, count], pa.int64()), items)


# Schema, so many values of no bytes, and what each counts: one, and for a record one more and its fields.
EMPTY: dict[str, tuple[Any, Callable[[int], Any], int]] = {
    "null": ("null", nulls, 1),
    "a record of nothing": (record(), nothing, 2),
    "a record of nulls": (
        record(a="null", b="null"),
        lambda count: pa.StructArray.from_arrays([nulls(count)] * 2, ["a", "b"]),
        4,
    ),
    "a record of records": (
        record(a=record("A"), b=record("B", c="null")),
        lambda count: pa.StructArray.from_arrays(
            [nothing(count), pa.StructArray.from_arrays([nulls(count)], ["c"])], ["a", "b"]
        ),
        7,
    ),
    "a record without a column": (
        {"type": "record", "name": "R", "fields": [{"name": "a", "type": "null"}]},
        nothing,
        3,
    ),
    "a fixed of no bytes": (
        fixed(0),
        lambda count: pa.Array.from_buffers(pa.binary(0), count, [None, pa.py_buffer(b"")]),
        1,
    ),
    "a run": (
        "null",
        lambda count: pa.RunEndEncodedArray.from_arrays(pa.array([count], pa.int64()), nulls(1)),
        1,
    ),
}


@pytest.mark.parametrize("codec", ["null", "deflate"])
@pytest.mark.parametrize("case", EMPTY)
def test_rows_of_no_bytes(case, codec):
    """What is written can be read, within the same limits."""
    schema, make, cost = EMPTY[case]
    limits = Limits(empty_items=100 * cost)
    file = io.BytesIO()
    write_arrow(file, make(100), schema, codec=codec, limits=limits)
    file.seek(0)
    assert len(read(file, limits=limits)) == 100
    assert len(Encoder(schema, limits=limits).encode_arrow(make(100))) == 100
    for count in (101, 1 << 40):
        for write in (
            lambda data: write_arrow(io.BytesIO(), data, schema, codec=codec, limits=limits),
            Encoder(schema, limits=limits).encode_arrow,
        ):
            with pytest.raises(LimitError, match="row 100: too many rows of no bytes.*empty_items") as caught:
                write(make(count))
            assert caught.value.limit == "empty_items"


@pytest.mark.parametrize("codec", ["null", "deflate"])
def test_rows_of_no_bytes_in_several_arrays(codec):
    """The bound is the file's, whatever its rows come from."""
    limits = Limits(empty_items=100)
    file = io.BytesIO()
    with DataFileWriter(file, "null", codec, limits=limits) as writer:
        writer.write_arrow(pa.chunked_array([nulls(30), nulls(20)]))
        for _ in range(9):
            writer.append(None)
        with pytest.raises(LimitError, match="row 41"):
            writer.write_arrow(pa.chunked_array([nulls(40), nulls(1), nulls(1)]))
        with pytest.raises(LimitError, match="row 0"):
            writer.write_arrow(nulls(1))
        with pytest.raises(LimitError):
            writer.append(None)
    file.seek(0)
    assert len(read(file, limits=limits)) == 100


@pytest.mark.parametrize("case", EMPTY)
def test_items_of_no_bytes(case):
    schema, make, cost = EMPTY[case]
    if case == "a run":
        pytest.skip("pyarrow has no lists of runs")
    limits = Limits(empty_items=100 * cost)
    encoder = Encoder(array(schema), limits=limits)
    for _ in range(2):  # the bound is each row's
        rows = pa.chunked_array([lists(100, make(100)), lists(60, make(60))])
        data = pa.array(encoder.encode_arrow(rows)).to_pylist()
        assert data == [b"\xc8\1\0", b"\x78\0"]
        assert len(Decoder(array(schema), limits=limits).decode(data[0])) == 100
    for count in (101, 1 << 40):
        with pytest.raises(LimitError, match=r"at \$, row 0: too many items of no bytes") as caught:
            encoder.encode_arrow(lists(count, make(count)))
        assert caught.value.limit == "empty_items"
        view = pa.LargeListViewArray.from_arrays(
            pa.array([0, 0], pa.int64()), pa.array([1, count], pa.int64()), make(count)
        )
        with pytest.raises(LimitError, match=r"at \$, row 1: too many items of no bytes"):
            encoder.encode_arrow(view)


def test_records_of_no_bytes_within_items_and_rows():
    schema = array(record(e=record("E", n="null"), x="int"))
    items = pa.StructArray.from_arrays(
        [pa.StructArray.from_arrays([nulls(50)], ["n"]), pa.array(range(50), pa.int32())], ["e", "x"]
    )
    for write in (
        Encoder(schema, limits=Limits(empty_items=100)).encode_arrow,
        lambda data: write_arrow(io.BytesIO(), data, schema, limits=Limits(empty_items=100)),
    ):
        write(lists(50, items))
    with pytest.raises(LimitError, match="row 0: too many items of no bytes"):
        Encoder(schema, limits=Limits(empty_items=99)).encode_arrow(lists(50, items))
    with pytest.raises(LimitError, match="row 0: too many items of no bytes"):
        write_arrow(io.BytesIO(), items, schema["items"], limits=Limits(empty_items=1))


LIMITS = Limits(empty_items=100)


def test_items_of_no_bytes_in_several_lists_of_a_row():
    encoder = Encoder(array(array("null")), limits=LIMITS)
    inner = pa.ListArray.from_arrays(pa.array([0, 60, 120], pa.int32()), nulls(120))
    with pytest.raises(LimitError, match=r"at \$\[\], row 0: too many items of no bytes"):
        encoder.encode_arrow(lists(2, inner))
    sized = pa.FixedSizeListArray.from_arrays(nulls(404), 101)
    with pytest.raises(LimitError, match="too many items of no bytes"):
        Encoder(array("null"), limits=LIMITS).encode_arrow(sized)
    assert len(Encoder(array(["null", "int"]), limits=LIMITS).encode_arrow(sized)) == 4  # a byte each


def test_as_many_columns_as_are_read_can_be_written():
    limits = Limits(columns=5)
    schema = record(
        a="int", m=mapping(record("V", x="int")), e={"type": "enum", "name": "E", "symbols": ["A"]}
    )
    file = io.BytesIO()
    with DataFileWriter(file, schema) as writer:
        writer.append({"a": 1, "m": {"k": {"x": 2}}, "e": "A"})
    file.seek(0)
    table = pa.table(read_arrow(file, limits=limits))
    again = io.BytesIO()
    write_arrow(again, table, limits=limits)
    again.seek(0)
    assert read(again) == [{"a": 1, "m": {"k": {"x": 2}}, "e": "A"}]
    for write in (
        lambda: write_arrow(io.BytesIO(), table, limits=Limits(columns=4)),
        lambda: Encoder(schema, limits=Limits(columns=4)).encode_arrow(table),
    ):
        with pytest.raises(LimitError, match="too many columns: more than limits.columns = 4") as caught:
            write()
        assert caught.value.limit == "columns"


@pytest.mark.slow
def test_many_columns():
    """A look through all others for each would take minutes."""
    table = pa.table({f"c{number}": nulls(1) for number in range(20_000)})
    file = io.BytesIO()
    write_arrow(file, table)
    file.seek(0)
    assert len(read(file)[0]) == 20_000


def test_two_columns_of_one_name():
    batch = pa.RecordBatch.from_arrays([pa.array([1])] * 3, ["a", "b", "a"])
    with pytest.raises(SchemaError, match=r"^\$\.a: there are two columns of this name"):
        write_arrow(io.BytesIO(), batch)


@pytest.mark.slow
def test_long_names_around_many_columns():
    """What is around a place is in its text, and in the names of its types: neither is kept for each."""
    numbers = pa.StructArray.from_arrays([pa.array([1])] * 500, [f"c{number}" for number in range(500)])
    file = io.BytesIO()
    write_arrow(file, pa.table({"x" * 200_000: numbers}))
    with pytest.raises(LimitError, match="names of the columns are too long.*schema_bytes"):
        records = pa.StructArray.from_arrays([numbers] * 90, [f"c{number}" for number in range(90)])
        write_arrow(file, pa.table({"x" * 200_000: records}))


def test_unions_of_records_in_unions_of_records():
    """Each level has two branches that take the column, and each of them the two of the next."""
    levels = 40
    schema: Any = "int"
    column = pa.array([1], pa.int32())
    for level in range(levels):
        below = [f"R{level - 1}a", f"R{level - 1}b"] if level else "int"
        schema = ["null", record(f"R{level}a", f=schema), record(f"R{level}b", f=below)]
        column = pa.StructArray.from_arrays([column], ["f"])
    assert pa.array(Encoder(schema).encode_arrow(column)).to_pylist() == [b"\2" * levels + b"\2"]


@pytest.mark.parametrize("levels", [100, 250, 390, 395, 397, 399, 400])
def test_deep_types(levels):
    structs = deep_lists = pa.array([1])
    for _ in range(levels):
        structs = pa.StructArray.from_arrays([structs], ["a"])
        deep_lists = pa.ListArray.from_arrays(pa.array([0, 1], pa.int32()), deep_lists)
    for data in (structs, deep_lists):
        try:
            in_a_small_stack(lambda data=data: write_arrow(io.BytesIO(), data))
        except LimitError as error:
            assert "deep" in str(error)
            assert levels > 100


# Ctrl-C


@pytest.fixture
def _interruptible() -> Iterator[None]:
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    gc.disable()  # its callbacks would see the signal first
    yield
    gc.enable()
    signal.signal(signal.SIGINT, before)


def interrupted(work: Callable[[], Any]) -> bool:
    """Whether a signal that comes before the work, which is all C's, ends it."""
    done: list[Any] = []
    comes = partial(_thread.interrupt_main, signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        list(map(operator.call, [comes, work, partial(done.append, None)]))
    return not done


MANY = 1 << 22
AMPLE = Limits(empty_items=1 << 40)
ONE_BYTE = ["null", "int"]
LONG: dict[str, tuple[Any, Callable[[], Any]]] = {
    "rows": (ONE_BYTE, lambda: nulls(MANY)),
    "rows of no bytes": ("null", lambda: nulls(MANY)),
    "rows of many columns": (
        record(**{f"c{number}": ONE_BYTE for number in range(100)}),
        lambda: pa.StructArray.from_arrays(
            [nulls(MANY // 50)] * 100, [f"c{number}" for number in range(100)]
        ),
    ),
    "items": (array(ONE_BYTE), lambda: lists(MANY, nulls(MANY))),
    "items of no bytes": (array("null"), lambda: lists(MANY, nulls(MANY))),
    "items of records": (
        array(record(a=ONE_BYTE, b=ONE_BYTE)),
        lambda: lists(MANY, pa.StructArray.from_arrays([nulls(MANY)] * 2, ["a", "b"])),
    ),
    "lists of one size": (
        array(ONE_BYTE),
        lambda: pa.FixedSizeListArray.from_arrays(nulls(MANY), 1 << 11),
    ),
    "views of the same items": (
        array("null"),
        lambda: pa.ListViewArray.from_arrays(
            pa.array([0] * 1000, pa.int32()), pa.array([1 << 13] * 1000, pa.int32()), nulls(1 << 13)
        ),
    ),
}


@pytest.mark.usefixtures("_interruptible")
@pytest.mark.parametrize("case", LONG)
def test_ctrl_c_ends_the_writing_of_columns(case):
    schema, make = LONG[case]
    layout = Column("", "bytes", "z", width=4)

    def bound() -> ColumnEncoder:
        source = ColumnSource(make())
        encoder = source.encoder(parse_schema(schema))
        encoder.bind(next(iter(source)))
        return encoder

    def blocks(writer: BlockWriter) -> bytes:
        writer.hold(writer.move)
        return b"".join([block.framed or b"" for block in writer.waiting])

    source = ColumnSource(make())
    encoder = source.encoder(parse_schema(schema))
    assert interrupted(partial(encode_messages, encoder, iter(source), b"", layout, AMPLE))
    # What was not written goes on where it stood.
    writers = [
        BlockWriter(Encoder(schema, limits=AMPLE)._block(), 64_000, 1 << 40, bytes(16), AMPLE)
        for _ in range(2)
    ]
    for writer in writers:
        writer.advance = [].clear  # does nothing, and is C's
    encoder = bound()
    assert interrupted(partial(writers[0].fill, encoder))
    writers[0].fill(encoder)
    writers[1].fill(bound())
    assert blocks(writers[0]) == blocks(writers[1])
