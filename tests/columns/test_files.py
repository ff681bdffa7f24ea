"""Container files as Arrow streams: order, batches, threads, several files, failures, early ends."""

from __future__ import annotations

import gc
import io
import threading
import weakref
from itertools import islice

import pytest

import avrojet
from avrojet import DataFileError, DataFileReader, DecodeError, SchemaError, read_arrow
from avrojet.columns import plan
from tests.container.samples import SCHEMA, file_of, installed_codecs, rows

pa = pytest.importorskip("pyarrow")

ROWS = rows(1000)
threads = pytest.mark.parametrize("threads", [0, 3])


@pytest.fixture
def path(tmp_path):
    target = tmp_path / "visits.avro"
    target.write_bytes(file_of(ROWS, sync_interval=300))
    return target


def table_of(stream) -> pa.Table:
    table = pa.table(stream)
    table.validate(full=True)
    return table


@threads
@pytest.mark.parametrize("codec", tuple(installed_codecs()))
def test_every_codec(codec, threads):
    data = file_of(ROWS, codec=codec, sync_interval=300)
    assert table_of(read_arrow(io.BytesIO(data), threads=threads, batch_rows=100)).to_pylist() == ROWS


@threads
@pytest.mark.parametrize("batch_rows", [1, 7, 64, 1000, 5000])
def test_batches_are_full_in_order_and_no_larger(path, batch_rows, threads):
    batches = list(read_arrow(path, batch_rows=batch_rows, threads=threads))
    assert max(len(batch) for batch in batches) <= batch_rows
    assert [row for batch in batches for row in pa.record_batch(batch).to_pylist()] == ROWS
    if batch_rows == 5000:
        assert len(batches) == 1


def test_a_path_can_be_read_again_and_a_file_once(path):
    stream = read_arrow(path)
    assert table_of(stream) == table_of(stream)
    assert pa.schema(stream) == table_of(stream).schema
    with path.open("rb") as file:
        once = read_arrow(file)
        assert table_of(once).num_rows == len(ROWS)
        with pytest.raises(DataFileError, match="has been read"):
            once.__arrow_c_stream__()


@threads
def test_several_files(tmp_path, threads):
    paths = [tmp_path / f"{number}.avro" for number in range(3)]
    for number, path in enumerate(paths):
        path.write_bytes(file_of(ROWS[number * 100 : number * 100 + 100], sync_interval=200))
    assert table_of(read_arrow(paths, threads=threads)).to_pylist() == ROWS[:300]
    with pytest.raises(ValueError, match="no files"):
        read_arrow([])


class Opener:
    """Something to open; knows which files are open, and can make openings wait for each other."""

    def __init__(self, data, open_files, before=lambda: None):
        self._data = data
        self._open_files = open_files
        self._before = before

    def open(self):
        self._before()
        opener = self

        class File(io.BytesIO):
            def close(self):
                opener._open_files.discard(self)
                super().close()

        file = File(self._data)
        self._open_files.add(file)
        return file


def test_many_files_are_opened_side_by_side_and_read_in_order():
    both = threading.Barrier(2, timeout=60)
    waits = []

    def meet():
        if waits:
            both.wait()  # for another that opens a file at the same time

    open_files = set()
    parts = [ROWS[start : start + 50] for start in range(0, 400, 50)]
    stream = read_arrow([Opener(file_of(part), open_files, meet) for part in parts], threads=2)
    waits.append(True)
    assert table_of(stream).to_pylist() == ROWS[:400]
    assert not open_files


def test_splits_of_one_opener_are_read_one_by_one():
    """It may give the same file each time, whose place they would move for each other."""
    open_files: set = set()

    def alone():
        assert not open_files

    data = file_of(ROWS, sync_interval=200)
    opener = Opener(data, open_files, alone)
    parts = [avrojet.Split(opener, start, start + 5000) for start in range(0, len(data), 5000)]
    assert len(parts) > 3
    assert table_of(read_arrow(parts, threads=2)).to_pylist() == ROWS
    assert not open_files


def test_plans_are_kept_for_what_is_the_same(monkeypatch):
    data = file_of(ROWS)
    asked = [{}, {"columns": ["id"]}, {"columns": ["day"]}, {"columns": ["day"], "logical_types": False}]
    expected = [read_arrow(io.BytesIO(data), **options).layout for options in asked]
    assert len(set(map(repr, expected))) == len(asked)
    made = []
    monkeypatch.setattr(plan.PlanOptions, "compile", lambda *arguments: made.append(arguments))
    assert [read_arrow(io.BytesIO(data), **options).layout for options in asked] == expected
    assert not made


@threads
def test_a_failing_file_comes_after_those_before_it(threads):
    good, bad = file_of(ROWS[:50]), file_of(ROWS[50:])[:-1]
    open_files = set()
    stream = read_arrow([Opener(data, open_files) for data in (good, good, bad, good)], threads=threads)
    batches = iter(stream)
    assert [len(next(batches)), len(next(batches))] == [50, 50]
    with pytest.raises(avrojet.TruncatedError):
        list(batches)
    del batches
    assert not open_files


@threads
def test_many_files_that_are_dropped_midway_are_closed(threads):
    open_files = set()
    batches = iter(read_arrow([Opener(file_of(ROWS), open_files)] * 9, threads=threads, batch_rows=100))
    next(batches)
    assert 1 <= len(open_files) < 9
    del batches
    gc.collect()
    assert not open_files


def test_files_of_another_schema_are_read_as_the_first(tmp_path):
    first, second = tmp_path / "1.avro", tmp_path / "2.avro"
    record = {"type": "record", "name": "R"}
    wide = [{"name": "a", "type": "long"}, {"name": "b", "type": "string", "default": "none"}]
    avrojet.write(first, {**record, "fields": wide}, [{"a": 1, "b": "x"}])
    avrojet.write(second, {**record, "fields": [{"name": "a", "type": "int"}]}, [{"a": 2}])
    assert table_of(read_arrow([first, second])).to_pylist() == [{"a": 1, "b": "x"}, {"a": 2, "b": "none"}]


def test_a_reader(path):
    with DataFileReader(path) as reader:
        table = table_of(reader.to_arrow(["day", "id"], batch_rows=100, threads=0))
    assert table.to_pylist() == [{"day": row["day"], "id": row["id"]} for row in ROWS]
    with DataFileReader(path) as reader:
        next(reader)
        with pytest.raises(DataFileError, match="being read"):
            reader.to_arrow()
    with DataFileReader(path, logical_types=False) as reader:
        assert reader.to_arrow().layout.children[2].format == "i"


def test_a_readers_schema(path):
    fields = [{"name": "id", "type": "double"}]
    reader = {"type": "record", "name": "Visit", "namespace": "park", "fields": fields}
    assert table_of(read_arrow(path, reader)).to_pydict() == {"id": [float(row["id"]) for row in ROWS]}


def test_the_schema_is_in_the_metadata(path):
    assert avrojet.parse_schema(pa.schema(read_arrow(path)).metadata[b"avrojet.schema"].decode()) == SCHEMA


def test_a_file_without_rows():
    table = table_of(read_arrow(io.BytesIO(file_of([]))))
    assert (table.num_rows, table.column_names) == (0, ["id", "who", "day", "scores"])


def test_values_that_are_no_records():
    data = file_of([1, 2, None], schema=["null", "long"])
    assert table_of(read_arrow(io.BytesIO(data))).to_pydict() == {"value": [1, 2, None]}


def damaged(place: int) -> bytes:
    """A file of strings, of which the one at a place is not UTF-8."""
    texts = [f"text {number:04}" for number in range(500)]
    data = bytearray(file_of(texts, schema="string", sync_interval=200))
    at = data.index(texts[place].encode())
    data[at] = 0xFF
    return bytes(data)


@threads
@pytest.mark.parametrize("place", [0, 250, 499])
def test_a_failing_block_is_told_as_rows_tell_it(place, threads):
    data = damaged(place)
    with pytest.raises(DecodeError) as by_rows:
        list(DataFileReader(io.BytesIO(data)))
    batches = iter(read_arrow(io.BytesIO(data), batch_rows=50, threads=threads))
    given = 0
    with pytest.raises(DecodeError) as by_columns:
        for batch in batches:
            given += len(batch)
    assert str(by_columns.value) == str(by_rows.value)
    assert (by_columns.value.block, by_columns.value.offset) == (by_rows.value.block, by_rows.value.offset)
    blocks = list(DataFileReader(io.BytesIO(data)).blocks())
    assert sum(block.count for block in blocks[: by_rows.value.block]) <= given <= place
    with pytest.raises(pa.ArrowInvalid, match="record"):
        pa.table(read_arrow(io.BytesIO(data), batch_rows=50, threads=threads))


@threads
def test_the_record_and_the_field_that_are_wrong_are_told(threads):
    """Columns hold any year, Python's dates do not: a row before the wrong one, or a field, is all right."""
    fields = [("ts", "long", "timestamp-millis"), ("tm", "int", "time-millis"), ("d", "int", "date")]
    schema = {
        "type": "record",
        "name": "R",
        "fields": [
            {"name": name, "type": {"type": type, "logicalType": logical}} for name, type, logical in fields
        ],
    }
    far = {"ts": 253402300800000, "tm": 1, "d": 2**31 - 1}
    file = io.BytesIO()
    with avrojet.DataFileWriter(file, schema, logical_types=False) as writer:
        writer.extend([far, {**far, "tm": 5}, {**far, "tm": 86400001}, {**far, "tm": -1}])
    for columns in (None, ["tm"], ["d", "tm"]):
        file.seek(0)
        stream = read_arrow(file, columns=columns, threads=threads)
        with pytest.raises(
            DecodeError, match=r"record 2: at \$\.tm, .*86400001 is not a time of day"
        ) as caught:
            list(stream)
        assert (caught.value.path, caught.value.block) == ("$.tm", 0)


@threads
def test_a_file_that_is_cut_short(threads):
    data = file_of(ROWS, sync_interval=300)
    for end in range(len(data) - 400, len(data), 37):
        with pytest.raises(avrojet.AvroError) as by_rows:
            list(DataFileReader(io.BytesIO(data[:end])))
        given = 0
        with pytest.raises(type(by_rows.value)) as by_columns:
            for batch in read_arrow(io.BytesIO(data[:end]), threads=threads):
                given += len(batch)
        assert str(by_columns.value) == str(by_rows.value)
        assert given == sum(
            block.count for block in islice(DataFileReader(io.BytesIO(data)).blocks(), by_rows.value.block)
        )


def test_a_stream_that_is_dropped_midway_ends_its_threads(path, started):
    batches = iter(read_arrow(path, batch_rows=10, threads=2))
    assert pa.record_batch(next(batches)).to_pylist() == ROWS[:10]
    assert started.running == 2
    del batches
    assert started.all_end()
    reader = pa.RecordBatchReader.from_stream(read_arrow(path, batch_rows=10, threads=2))
    kept = reader.read_next_batch()
    assert started.running == 2
    del reader
    assert started.all_end()
    assert kept.to_pylist() == ROWS[:10]


def test_capsules_that_nobody_takes(path):
    stream = read_arrow(path)
    batch = next(iter(stream))
    for _ in range(3):
        stream.__arrow_c_schema__()
        stream.__arrow_c_stream__()
        batch.__arrow_c_schema__()
        batch.__arrow_c_array__()
    assert pa.record_batch(batch).num_rows == len(ROWS)


def test_a_column_outlives_its_batch(path):
    column = pa.record_batch(next(iter(read_arrow(path)))).column(1)
    gc.collect()
    list(read_arrow(path))
    column.validate(full=True)
    assert column.to_pylist() == [row["who"] for row in ROWS]


def test_no_stream_keeps_its_reader(path):
    with path.open("rb") as file:
        held = weakref.ref(file)
        pa.table(read_arrow(file))
    del file
    gc.collect()
    assert held() is None


def test_a_recursive_schema_is_refused_before_any_data():
    schema = {
        "type": "record",
        "name": "Node",
        "fields": [{"name": "value", "type": "int"}, {"name": "next", "type": ["null", "Node"]}],
    }
    data = io.BytesIO(file_of([{"value": 1, "next": {"value": 2, "next": None}}], schema=schema))
    with pytest.raises(SchemaError, match=r"\$\.next.*contains itself"):
        read_arrow(data)
    data.seek(0)
    assert table_of(read_arrow(data, columns=["value"])).to_pydict() == {"value": [1]}


def test_wrong_options(path):
    """At the call, before a file is opened: not where the stream is consumed, perhaps by another library."""
    for options in ({"batch_rows": 0}, {"batch_rows": -5}, {"threads": -1}, {"on_error": "ignore"}):
        with pytest.raises(ValueError, match=next(iter(options))):
            read_arrow(path / "missing", **options)
    with DataFileReader(path) as reader, pytest.raises(ValueError, match="batch_rows"):
        reader.to_arrow(batch_rows=0)
    with pytest.raises(SchemaError, match="no column"):
        read_arrow(path, columns=["idd"])


@pytest.mark.slow
@threads
def test_nulls_of_wide_types_make_small_batches(threads):
    schema = ["null", {"type": "fixed", "name": "W", "size": 1 << 20}]
    data = file_of([None] * 300 + [b"x" * (1 << 20)], schema=schema)
    batches = [pa.record_batch(batch) for batch in read_arrow(io.BytesIO(data), threads=threads)]
    assert max(batch.num_rows for batch in batches) == 64
    assert sum(batch.column(0).null_count for batch in batches) == 300
    assert sum(batch.num_rows for batch in batches) == 301


def test_a_batch_ends_when_it_has_enough_bytes(path, monkeypatch):
    monkeypatch.setattr("avrojet.columns.file._BATCH_BYTES", 1000)
    batches = list(read_arrow(path, threads=0))
    assert len(batches) > 5
    assert [row for batch in batches for row in pa.record_batch(batch).to_pylist()] == ROWS


def test_arrays_are_released_in_any_thread(path):
    tables = [pa.table(read_arrow(path, batch_rows=64)) for _ in range(8)]
    droppers = [threading.Thread(target=tables.pop) for _ in range(8)]
    for dropper in droppers:
        dropper.start()
    for dropper in droppers:
        dropper.join()
    assert pa.table(read_arrow(path)).to_pylist() == ROWS
