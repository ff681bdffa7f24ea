"""Streams of Spark: new files once, through restarts, and batches written once."""

from __future__ import annotations

import json

import pytest

import avrojet
from tests.engines.vectorfile import write_orders
from tests.vectors import record

pytest.importorskip("pyspark", reason="Spark is not installed")
pa = pytest.importorskip("pyarrow")

# Of Spark itself, with newer versions of pandas and Python.
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]


def copied(spark, source, target, **options):
    """What is new in a folder, added to another; the sizes of the batches."""
    return run(spark.readStream.format("avrojet").options(**options).load(str(source)), target)


def run(reading, target):
    writing = reading.writeStream.format("avrojet").option("compression", "deflate")
    query = writing.option("checkpointLocation", f"{target}.checkpoint").trigger(availableNow=True)
    started = query.start(str(target))
    started.awaitTermination()
    return [progress.numInputRows for progress in started.recentProgress if progress.numInputRows]


@pytest.mark.lengthy
def test_new_files_of_a_folder(spark, tmp_path):
    source, target = write_orders(tmp_path / "in"), tmp_path / "out"
    assert copied(spark, source, target, maxFilesPerTrigger=2) == [2000, 1000]
    assert copied(spark, source, target, maxFilesPerTrigger=2) == []
    (source / "0.avro").rename(source / "00.avro")  # another name is another file, whatever its age
    assert copied(spark, source, target) == [1000]
    ids = sorted(row["id"] for row in rows(target))
    assert ids == sorted([*range(3000), *range(1000)])
    assert {path.suffix for path in target.iterdir() if path.is_file()} == {".avro"}


def test_a_batch_of_which_all_is_skipped(spark, tmp_path):
    source, target = write_orders(tmp_path / "in"), tmp_path / "out"
    reading = {"mode": "DROPMALFORMED", "maxFilesPerTrigger": 1}
    (source / "00.avro").write_bytes(b"no Avro" * 100)
    assert copied(spark, source, target, **reading) == [1000, 1000, 1000]
    with pytest.raises(Exception, match=r"00\.avro: not an Avro"):
        copied(spark, source, tmp_path / "other", maxFilesPerTrigger=1)
    assert sorted(row["id"] for row in rows(target)) == list(range(3000))


def test_nulls_that_come_later(spark, tmp_path):
    """A new folder may be that of null; a new file may have nulls where the schema of the stream has none."""
    one = record("R", id="long")
    source, target = tmp_path / "in", tmp_path / "out"
    (source / "day=3").mkdir(parents=True)
    avrojet.write(source / "day=3" / "1.avro", one, [{"id": 1}])
    reading = spark.readStream.format("avrojet").load(str(source))
    (source / "day=__HIVE_DEFAULT_PARTITION__").mkdir()
    avrojet.write(source / "day=__HIVE_DEFAULT_PARTITION__" / "2.avro", one, [{"id": 2}])
    assert run(reading, target)
    assert sorted(rows(target), key=str) == [{"id": 1, "day": 3}, {"id": 2, "day": None}]
    avrojet.write(source / "day=3" / "3.avro", record("R", id=["null", "long"]), [{"id": None}])
    with pytest.raises(Exception, match=r"3\.avro.*: the column id has nulls"):
        run(reading, target)


def rows(folder):
    return pa.table(avrojet.scan(folder)).to_pylist()


def test_a_query_that_was_stopped_before_it_had_noted_its_batch(spark, tmp_path):
    source, target = write_orders(tmp_path / "in"), tmp_path / "out"
    copied(spark, source, target)
    checkpoint = tmp_path / "out.checkpoint"
    for note in (checkpoint / "commits").iterdir():  # as if Spark had been killed in between
        note.unlink()
    copied(spark, source, target)
    assert sorted(row["id"] for row in rows(target)) == list(range(3000))


def test_a_driver_that_was_killed_between_two_files(tmp_path):
    from avrojet.integrations.spark_stream import StreamWriter, _Written

    writer = StreamWriter(str(tmp_path), None, {})
    orders = avrojet.scan(write_orders(tmp_path / "in" / "_hidden"))
    staging = writer._staging("q").begin()
    names = [staging.write(number, part, {}) for number, part in enumerate(orders.splits(count=3))]
    note = staging.hidden / "batch.json"
    note.write_text(json.dumps({"batch": 7, "names": names}))
    (staging.hidden / names[0]).rename(tmp_path / names[0])
    again = StreamWriter(str(tmp_path), None, {})
    repeated = [_Written("q", staging.write(0, orders, {})), _Written("q", None), None]
    again.commit(repeated, 7)
    assert avrojet.scan(tmp_path / "*.avro").count() == 3000
    assert [path.name for path in staging.hidden.iterdir()] == ["batch.json"]
    again.commit([_Written("q", staging.write(0, orders.head(5), {})), _Written("p", None)], 8)
    assert avrojet.scan(tmp_path / "*.avro").count() == 3005
    failed = _Written("q", staging.write(0, orders, {}))
    again.abort([failed, None], 9)
    assert [path.name for path in staging.hidden.iterdir()] == ["batch.json"]


def test_offsets_name_what_is_gone(tmp_path):
    from pyspark.sql.types import LongType, StructField, StructType

    from avrojet.integrations.spark import AvroSource
    from avrojet.integrations.spark_stream import ReadAllAvailable

    folder = write_orders(tmp_path / "in")
    source = AvroSource({"path": str(folder)})
    stream = source.streamReader(StructType([StructField("id", LongType())]))
    start = stream.initialOffset()
    end = stream.latestOffset(start, stream.getDefaultReadLimit())
    assert json.loads(json.dumps(end)) == end
    assert stream.latestOffset(end, ReadAllAvailable()) == end
    assert stream.partitions(end, end) == []
    read = [batch for part in stream.partitions(start, end) for batch in stream.read(part)]
    assert sum(batch.num_rows for batch in read) == 3000
    (folder / "1.avro").unlink()
    with pytest.raises(FileNotFoundError, match=r"1\.avro was to be read, and is gone"):
        stream.partitions(start, end)
    with pytest.raises(FileNotFoundError, match="1 files that were planned"):
        stream.partitions(start, {**end, "new": []})


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"maxFilesPerTrigger": "0"}, "maxFilesPerTrigger must be a number of at least 1, not '0'"),
        ({"maxFilesPerTrigger": "many"}, "maxFilesPerTrigger must be a number of at least 1, not 'many'"),
        ({"latestFirst": "true"}, "no option 'latestFirst'"),
    ],
)
def test_options_are_checked_at_once(tmp_path, options, told):
    from avrojet.integrations.spark import AvroSource

    with pytest.raises(ValueError, match=told):
        AvroSource({"path": str(write_orders(tmp_path)), **options}).streamReader(None)
    with pytest.raises(ValueError, match="output mode is append"):
        AvroSource({"path": str(tmp_path)}).streamWriter(None, overwrite=True)
