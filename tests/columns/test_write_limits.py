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

from avrojet import DataFileWriter, Encoder, LimitError, Limits, SchemaError, read, read_arrow, write_arrow
from avrojet.columns.source import ColumnSource
from avrojet.core.arrow.encode_columns import encode_messages
from avrojet.core.files.container_blocks import FrameBuilder
from avrojet.plan.arrow.layout import Column
from tests.stacks import in_a_small_stack
from tests.vectors import array, fixed, mapping, record

pa = pytest.importorskip("pyarrow")

LIMITS = Limits(empty_items=100)


def nulls(count: int) -> Any:
    """They need no memory."""
    return pa.Array.from_buffers(pa.null(), count, [None])


def nothing(count: int) -> Any:
    """Structs without fields."""
    return pa.StructArray.from_buffers(pa.struct([]), count, [None])


def lists(count: int, items: Any) -> Any:
    return pa.LargeListArray.from_arrays(pa.array([0, count], pa.int64()), items)


EMPTY: dict[str, tuple[Any, Callable[[int], Any]]] = {
    "null": ("null", nulls),
    "a record of nothing": (
        record(),
        nothing,
    ),
    "a record of nulls": (
        record(a="null", b="null"),
        lambda count: pa.StructArray.from_arrays([nulls(count)] * 2, ["a", "b"]),
    ),
    "a record without a column": (
        {"type": "record", "name": "R", "fields": [{"name": "a", "type": "null"}]},
        nothing,
    ),
    "a fixed of no bytes": (
        fixed(0),
        lambda count: pa.Array.from_buffers(pa.binary(0), count, [None, pa.py_buffer(b"")]),
    ),
    "a run": (
        "null",
        lambda count: pa.RunEndEncodedArray.from_arrays(pa.array([count], pa.int64()), nulls(1)),
    ),
}


@pytest.mark.parametrize("codec", ["null", "deflate"])
@pytest.mark.parametrize("case", EMPTY)
def test_rows_of_no_bytes(case, codec):
    schema, make = EMPTY[case]
    file = io.BytesIO()
    write_arrow(file, make(100), schema, codec=codec, limits=LIMITS)
    file.seek(0)
    assert len(read(file, limits=LIMITS)) == 100
    assert len(Encoder(schema, limits=LIMITS).encode_arrow(make(100))) == 100
    for count in (101, 1 << 40):
        for write in (
            lambda data: write_arrow(io.BytesIO(), data, schema, codec=codec, limits=LIMITS),
            Encoder(schema, limits=LIMITS).encode_arrow,
        ):
            with pytest.raises(
                LimitError, match="row 100: too many rows of no bytes.*empty_items = 100"
            ) as caught:
                write(make(count))
            assert caught.value.limit == "empty_items"


@pytest.mark.parametrize("codec", ["null", "deflate"])
def test_rows_of_no_bytes_in_several_arrays(codec):
    file = io.BytesIO()
    with DataFileWriter(file, "null", codec, limits=LIMITS) as writer:
        with pytest.raises(LimitError, match="row 100"):
            writer.write_arrow(pa.chunked_array([nulls(60), nulls(40), nulls(1)]))
        writer.append(None)
    file.seek(0)
    assert len(read(file)) == 101


@pytest.mark.parametrize("case", EMPTY)
def test_items_of_no_bytes(case):
    schema, make = EMPTY[case]
    if case == "a run":
        pytest.skip("pyarrow has no lists of runs")
    encoder = Encoder(array(schema), limits=LIMITS)
    for _ in range(2):  # the bound is each row's
        rows = pa.chunked_array([lists(100, make(100)), lists(60, make(60))])
        assert pa.array(encoder.encode_arrow(rows)).to_pylist() == [b"\xc8\1\0", b"\x78\0"]
    for count in (101, 1 << 40):
        with pytest.raises(LimitError, match=r"at \$, row 0: too many items of no bytes") as caught:
            encoder.encode_arrow(lists(count, make(count)))
        assert caught.value.limit == "empty_items"
        view = pa.LargeListViewArray.from_arrays(
            pa.array([0, 0], pa.int64()), pa.array([1, count], pa.int64()), make(count)
        )
        with pytest.raises(LimitError, match=r"at \$, row 1: too many items of no bytes"):
            encoder.encode_arrow(view)


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


def test_long_names_around_many_columns():
    """What is around a place is in its text, and in the names of its types: neither is kept for each."""
    numbers = pa.StructArray.from_arrays([pa.array([1])] * 500, [f"c{number}" for number in range(500)])
    file = io.BytesIO()
    write_arrow(file, pa.table({"x" * 200_000: numbers}))
    with pytest.raises(LimitError, match="too long names.*schema_bytes"):
        records = pa.StructArray.from_arrays([numbers] * 90, [f"c{number}" for number in range(90)])
        write_arrow(file, pa.table({"x" * 200_000: records}))


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
    limits = Limits()
    layout = Column("", "bytes", "z", width=4)
    whole = Encoder(schema)
    source = ColumnSource(make())
    encoder = source.encoder(whole.schema)
    assert interrupted(partial(encode_messages, encoder, iter(source), b"", layout, limits))
    # Blocks: what was not written goes on where it stood.
    source = ColumnSource(make())
    encoder = source.encoder(whole.schema)
    encoder.bind(next(iter(source)))
    frames = FrameBuilder(bytes(16), limits)
    assert interrupted(partial(encoder.fill_frames, frames, 64_000, 1 << 40, 1 << 40))
    encoder.fill_frames(frames, 64_000, 1 << 40, 1 << 40)
    expected = FrameBuilder(bytes(16), limits)
    source = ColumnSource(make())
    encoder = source.encoder(whole.schema)
    encoder.bind(next(iter(source)))
    encoder.fill_frames(expected, 64_000, 1 << 40, 1 << 40)
    assert frames.take() == expected.take()
    assert frames.take_rest() == expected.take_rest()
