"""Arrow data of every library to files that other implementations read; failures leave no half."""

from __future__ import annotations

import datetime as dt
import gc
import io
import json

import pytest

import avrojet
from avrojet import DataFileError, DataFileWriter, EncodeError, SchemaError, read, read_arrow, write_arrow
from tests.container.samples import SCHEMA, file_of, installed_codecs, rows

pa = pytest.importorskip("pyarrow")

ROWS = rows(1000)
TABLE = pa.table(read_arrow(io.BytesIO(file_of(ROWS))))
PLAIN = {
    "id": [1, 2, None],
    "name": ["ä", None, "a name of more than twelve bytes"],
    "score": [0.5, 1.5, None],
    "day": [dt.date(2024, 2, 29), None, dt.date(1999, 1, 1)],
    "tags": [["a", "b"], [], None],
    "at": [dt.datetime(2024, 2, 29, 12), None, dt.datetime(1969, 1, 1)],
    "who": [{"name": "x", "age": 3}, None, {"name": None, "age": 4}],
}
PLAIN_ROWS = [dict(zip(PLAIN, row, strict=True)) for row in zip(*PLAIN.values(), strict=True)]


def written(data, *args, **options) -> io.BytesIO:
    file = io.BytesIO()
    write_arrow(file, data, *args, **options)
    file.seek(0)
    return file


@pytest.mark.parametrize("threads", [None, 0, 2])
@pytest.mark.parametrize("codec", tuple(installed_codecs()))
def test_every_codec(codec, threads):
    file = written(TABLE, codec=codec, threads=threads, sync_interval=300)
    with avrojet.DataFileReader(file) as reader:
        assert (reader.codec, reader.schema) == (codec, avrojet.parse_schema(SCHEMA))
        assert list(reader) == ROWS


@pytest.mark.parametrize("interval", [0, -1])
def test_a_block_has_a_row_at_least(interval):
    file = written(TABLE.slice(0, 3), codec="null", sync_interval=interval)
    with avrojet.DataFileReader(file) as reader:
        assert [block.count for block in reader.blocks()] == [1, 1, 1]


BLOCK_SIZES = [1, 30, 63, 64, 65, 100, 500, 8191, 8192, 64_000]


@pytest.mark.parametrize("codec", ["null", "deflate"])
@pytest.mark.parametrize("size", BLOCK_SIZES)
def test_blocks_are_those_of_rows(size, codec):
    options = {"codec": codec, "sync_marker": bytes(16), "sync_interval": size}
    assert written(TABLE, **options).getvalue() == file_of(ROWS, **options)


@pytest.mark.parametrize("size", BLOCK_SIZES)
def test_blocks_that_rows_began(size):
    file = io.BytesIO()
    options = {"sync_marker": bytes(16), "sync_interval": size}
    with DataFileWriter(file, SCHEMA, **options) as writer:
        writer.extend(ROWS[:7])
        for start, end in [(7, 8), (8, 11), (11, 400), (400, 400), (400, 990)]:
            writer.write_arrow(TABLE.slice(start, end - start))
        writer.extend(ROWS[990:])
    assert file.getvalue() == file_of(ROWS, **options)


def test_many_blocks_at_once_and_rows_larger_than_them():
    """What is written at once has many blocks, or a part of a row."""
    schema = {"type": "record", "name": "R", "fields": [{"name": "b", "type": "bytes"}]}
    values = [{"b": bytes([n]) * (500_000 if n % 10 == 3 else 30_000)} for n in range(40)]
    options = {"sync_marker": bytes(16)}
    table = pa.Table.from_pylist(values, pa.schema({"b": pa.binary()}))
    assert written(table, schema, **options).getvalue() == file_of(values, schema, **options)


def test_the_limit_of_a_row_is_none_of_many():
    limits = avrojet.Limits(value_bytes=200)
    assert len(read(written(TABLE, limits=limits), limits=limits)) == 1000
    table = pa.table({"b": [b"", bytes(2000), b""]})
    file = io.BytesIO()
    with pytest.raises(avrojet.LimitError, match="row 1.*value_bytes"):
        write_arrow(file, table, limits=limits)


@pytest.mark.parametrize("limit", [1, 2, 50, 1023, 1024, 1025, 3000])
def test_rows_of_columns_are_held_to_the_limit_that_rows_are(limit):
    """Also where all of a row has room in memory that is there anyway; row after row, and as messages too."""
    schema = {
        "type": "record",
        "name": "R",
        "fields": [
            {"name": "a", "type": "string"},
            {"name": "b", "type": {"type": "array", "items": "long"}},
        ],
    }
    limits = avrojet.Limits(value_bytes=limit)
    encoder = avrojet.Encoder(schema, limits=limits)
    for size in range(max(limit - 8, 0), limit + 2):
        for items in ([], [1, 2]):
            rows = [{"a": "", "b": []}] * 200 + [{"a": "x" * size, "b": items}]
            table = pa.Table.from_pylist(rows, pa.schema({"a": pa.string(), "b": pa.list_(pa.int64())}))
            ways = [
                lambda rows=rows: list(map(encoder.encode, rows)),
                lambda table=table: encoder.encode_arrow(table),
                lambda table=table: written(table, schema, limits=limits),
                lambda table=table: written(table, schema, limits=limits, codec="deflate"),
            ]
            assert len({fits(way) for way in ways}) == 1


def fits(way):
    try:
        way()
    except avrojet.LimitError as error:
        assert error.limit == "value_bytes"
        return False
    return True


def test_what_was_read_is_written_again(tmp_path):
    source, target = tmp_path / "1.avro", tmp_path / "2.avro"
    source.write_bytes(file_of(ROWS, sync_interval=300))
    write_arrow(target, read_arrow(source, batch_rows=64), metadata={"by": "test"})
    with avrojet.DataFileReader(target) as reader:
        assert list(reader) == ROWS
        assert reader.metadata["by"] == b"test"
    write_arrow(target, next(iter(read_arrow(source, columns=["id"]))))
    assert read(target) == [{"id": row["id"]} for row in ROWS]


def test_the_schema_in_the_metadata_counts_only_if_the_columns_are_its():
    assert json.loads(avrojet.DataFileReader(written(TABLE)).schema.json)["namespace"] == "park"
    for other in (
        TABLE.append_column("new", pa.array(range(1000))),
        TABLE.select(["id"]),
        TABLE.rename_columns(list("abcd")),
    ):
        assert avrojet.DataFileReader(written(other)).schema.fullname == "Row"
    widened = TABLE.set_column(2, "day", TABLE["day"].cast(pa.timestamp("us")))
    assert avrojet.DataFileReader(written(widened)).schema.fullname == "Row"


def test_rows_and_columns_in_one_file(tmp_path):
    path = tmp_path / "mixed.avro"
    with DataFileWriter(path, SCHEMA, sync_interval=500) as writer:
        writer.append(ROWS[0])
        writer.write_arrow(TABLE.slice(1, 10))
        writer.extend(ROWS[11:20])
        writer.write_arrow(TABLE.slice(20, 5).to_batches()[0])
    with DataFileWriter(path, SCHEMA, mode="a") as writer:
        writer.write_arrow(TABLE.slice(25).select(["scores", "day", "who", "id"]))
    assert read(path) == ROWS
    with pytest.raises(DataFileError, match="closed"):
        writer.write_arrow(TABLE)


# Failures

BAD = pa.table({"id": pa.chunked_array([[1, 2, 3], [4, None, 6]])})
STRICT = {"type": "record", "name": "R", "fields": [{"name": "id", "type": "long"}]}


def test_rows_before_a_failing_one_stay_and_the_writer_goes_on():
    file = io.BytesIO()
    with DataFileWriter(file, STRICT) as writer:
        with pytest.raises(EncodeError, match=r"at \$\.id, row 4: null") as caught:
            writer.write_arrow(BAD)
        assert caught.value.path == "$.id"
        writer.append({"id": 7})
    file.seek(0)
    assert [row["id"] for row in read(file)] == [1, 2, 3, 4, 7]


def test_a_path_is_as_it_was_after_a_failure(tmp_path):
    path = tmp_path / "kept.avro"
    path.write_bytes(b"before")
    for data, schema, error in [
        (BAD, STRICT, EncodeError),
        (BAD, SCHEMA, SchemaError),
        (BAD, "int", SchemaError),
    ]:
        with pytest.raises(error):
            write_arrow(path, data, schema)
    with pytest.raises(TypeError, match="list has neither __arrow_c_stream__"):
        write_arrow(path, [1, 2])
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]


def test_a_stream_that_fails_gives_its_message():
    def batches():
        yield TABLE.to_batches()[0]
        raise ValueError("the source is gone")

    stream = pa.RecordBatchReader.from_batches(TABLE.schema, batches())
    with pytest.raises(EncodeError, match="the Arrow stream failed: .*the source is gone"):
        written(stream)
    damaged = file_of(ROWS, sync_interval=300)[:-20]
    with pytest.raises(EncodeError, match="the Arrow stream failed: TruncatedError"):
        written(read_arrow(io.BytesIO(damaged)))


def test_a_stream_can_be_taken_once():
    capsule = TABLE.__arrow_c_stream__()

    class Source:
        def __arrow_c_stream__(self, requested_schema=None):
            return capsule

    assert read(written(Source())) == ROWS
    with pytest.raises(ValueError, match="consumed already"):
        written(Source())


def memory_after(work) -> int:
    work()
    gc.collect()
    before = pa.total_allocated_bytes()
    for _ in range(5):
        work()
    gc.collect()
    return pa.total_allocated_bytes() - before


@pytest.mark.slow
def test_every_array_is_released():
    def stream():
        return (pa.table({"id": pa.array(range(part, part + 1000))}).to_batches()[0] for part in range(10))

    schema = pa.schema({"id": pa.int64()})

    def whole():
        written(pa.RecordBatchReader.from_batches(schema, stream()))

    def failing():
        with pytest.raises(EncodeError, match="row 4000"):
            record = {"type": "record", "name": "R", "fields": [{"name": "id", "type": "int"}]}
            parts = [pa.record_batch({"id": pa.array([2**31 * (part == 4)] * 1000)}) for part in range(10)]
            written(pa.RecordBatchReader.from_batches(schema, parts), record)

    def refused():
        with pytest.raises(SchemaError):
            written(pa.RecordBatchReader.from_batches(schema, stream()), SCHEMA)

    def array():
        written(pa.array(range(10_000)))
        avrojet.Encoder("long").encode_arrow(pa.array(range(10_000)))

    def early():
        from avrojet.columns.source import ColumnSource

        source = ColumnSource(pa.RecordBatchReader.from_batches(schema, stream()))
        assert len(next(iter(source))) == 1000
        ColumnSource(pa.array(range(10_000)))

    for work in (whole, failing, refused, array, early):
        assert memory_after(work) == 0, work


def test_writing_in_threads_ends_them(tmp_path, started):
    write_arrow(tmp_path / "x.avro", TABLE, codec="deflate", threads=2, sync_interval=100)
    assert started.all_end()
    with pytest.raises(ValueError, match="threads"):
        write_arrow(tmp_path / "x.avro", TABLE, codec="deflate", threads=-1)


# Other implementations read it


def test_fastavro_reads_it():
    fastavro = pytest.importorskip("fastavro")
    assert list(fastavro.reader(written(TABLE, codec="deflate"))) == ROWS


def test_apache_avro_reads_it():
    datafile, io_ = pytest.importorskip("avro.datafile"), pytest.importorskip("avro.io")
    with datafile.DataFileReader(written(TABLE), io_.DatumReader()) as reader:
        assert list(reader) == ROWS


# Other libraries give it


def frames():
    """What gives PLAIN, by library."""
    table = pa.table({**PLAIN, "at": pa.array(PLAIN["at"], pa.timestamp("us"))})
    yield "pyarrow", lambda: table
    yield "pyarrow reader", table.to_reader
    yield "pyarrow batch", lambda: table.combine_chunks().to_batches()[0]

    def polars():
        pl = pytest.importorskip("polars")
        return pl.from_arrow(table)

    def pandas():
        pd = pytest.importorskip("pandas")
        return table.to_pandas(types_mapper=pd.ArrowDtype)

    def duckdb():
        return pytest.importorskip("duckdb").from_arrow(table)

    def nanoarrow():
        return pytest.importorskip("nanoarrow").ArrayStream(table)

    for make in (polars, pandas, duckdb, nanoarrow):
        yield make.__name__, make


@pytest.mark.parametrize("make", [each[1] for each in frames()], ids=[each[0] for each in frames()])
def test_libraries(make):
    data = make()
    assert read(written(data)) == PLAIN_ROWS


def test_polars_types():
    pl = pytest.importorskip("polars")
    frame = pl.DataFrame(
        {
            "category": pl.Series(["a", "b", None], dtype=pl.Categorical),
            "enum": pl.Series(["x", None, "y"], dtype=pl.Enum(["x", "y"])),
            "decimal": pl.Series(["1.25", None, "-3.00"]).cast(pl.Decimal(9, 2)),
            "binary": [b"\xff", b"", None],
            "array": pl.Series([[1, 2], None, [3, 4]], dtype=pl.Array(pl.Int32, 2)),
            "time": [dt.time(1, 2, 3), None, dt.time(0)],
            "duration": [dt.timedelta(seconds=1), None, dt.timedelta(0)],
            "null": [None, None, None],
        }
    )
    micros = [1_000_000, None, 0]
    expected = [{**row, "duration": each} for row, each in zip(frame.to_dicts(), micros, strict=True)]
    assert read(written(frame)) == expected
    assert read(written(frame.slice(1, 2))) == expected[1:]
    series = pl.Series("s", ["a", None, "long " * 9])
    assert read(written(series)) == series.to_list()


def test_pandas_of_numpy():
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame({"a": [1, 2], "b": ["x", "y"], "c": [0.5, 1.5]}, index=pd.Index([5, 6], name="key"))
    assert read(written(frame.reset_index())) == frame.reset_index().to_dict("records")
