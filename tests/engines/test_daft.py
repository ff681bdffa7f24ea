"""avrojet.daft: frames have what files have; columns, limits and counts are pushed down."""

from __future__ import annotations

import threading

import pytest

import avrojet
from tests.engines.vectorfile import same, write_orders, write_vectors
from tests.vectors import record

daft = pytest.importorskip("daft", reason="Daft is not installed")
pa = pytest.importorskip("pyarrow")

import avrojet.daft  # noqa: E402
from avrojet.integrations.batches import arrow_batches  # noqa: E402
from avrojet.scanning.scan import Scan  # noqa: E402


@pytest.mark.parametrize("codec", ["null", "deflate"])
def test_every_type(tmp_path, codec):
    folder = write_vectors(tmp_path / "in", codec=codec)
    same(avrojet.daft.read_avro(folder).to_arrow(), folder)


def test_queries(tmp_path):
    frame = avrojet.daft.read_avro(write_orders(tmp_path), split_bytes=4000)
    assert frame.sum("id").to_pydict() == {"id": [3000 * 2999 // 2]}
    by_shop = frame.groupby("shop").sum("total").to_pydict()
    assert dict(zip(*by_shop.values(), strict=True)) == {f"s{n}": sum(range(n, 3000, 3)) for n in range(3)}
    few = frame.where(daft.col("id") < 5).select("shop").to_pydict()
    assert few == {"shop": ["s0", "s1", "s2", "s0", "s1"]}
    assert frame.where(daft.col("id") >= 2000).limit(2).select("id").to_pydict() == {"id": [2000, 2001]}


def test_what_is_not_needed_is_not_read(tmp_path, monkeypatch):
    read = []
    to_arrow = Scan.to_arrow
    monkeypatch.setattr(Scan, "to_arrow", lambda self: read.append(self) or to_arrow(self))
    frame = avrojet.daft.read_avro(write_orders(tmp_path))
    for query, columns in [
        (frame.sum("id"), ["id"]),
        (frame.where(daft.col("id") < 5).select("shop"), ["shop", "id"]),
        (frame.where(daft.col("id") < 5).count(), ["id"]),
    ]:
        read.clear()
        query.collect()
        assert [pa.schema(scan.schema).names for scan in set(read)] == [columns]
    read.clear()
    assert frame.count_rows() == 3000
    assert not read, "blocks say how many rows they have"
    assert frame.limit(5).to_pydict()["id"] == [0, 1, 2, 3, 4]
    assert sum(map(len, to_arrow(read[-1]))) == 5


@pytest.mark.parametrize("counts", [[], [3], [2, 0, 1]])
def test_records_of_one_field_are_counted(tmp_path, counts):
    """A count of them names no column."""
    for number, count in enumerate(counts or [0]):
        rows = [{"id": each} for each in range(count)]
        avrojet.write(tmp_path / f"{number}.avro", record("One", id="long"), rows)
    frame = avrojet.daft.read_avro(tmp_path)
    assert frame.count_rows() == len(frame.to_pydict()["id"]) == sum(counts)
    assert frame.select("id").count_rows() == sum(counts)


@pytest.mark.parametrize("mode", ["all", "valid", "null"])
def test_counts(tmp_path, mode):
    rows = [
        {**row, "total": None if row["id"] % 3 else 1.0}
        for row in avrojet.read(write_orders(tmp_path) / "0.avro")
    ]
    avrojet.write(tmp_path / "0.avro", avrojet.scan(tmp_path).avro_schema, rows)
    frame = avrojet.daft.read_avro(tmp_path / "0.avro")
    wanted = {"all": 1000, "valid": 334, "null": 666}[mode]
    assert frame.agg(daft.col("total").count(mode)).to_pydict() == {"total": [wanted]}
    some = frame.where(daft.col("id") < 3).agg(daft.col("total").count(mode)).to_pydict()
    assert some == {"total": [{"all": 3, "valid": 1, "null": 2}[mode]]}


def test_chosen_columns_and_partitions(tmp_path):
    write_orders(tmp_path / "day=2024-03-07")
    frame = avrojet.daft.read_avro(tmp_path, columns=["place.city", "id", "day"])
    assert frame.column_names == ["place", "id", "day"]
    assert frame.select("place").limit(1).to_pydict() == {"place": [{"city": None}]}
    with pytest.raises(avrojet.SchemaError, match="did you mean"):
        avrojet.daft.read_avro(tmp_path, columns=["idd"])


def test_there_and_back(tmp_path):
    frame = avrojet.daft.read_avro(write_orders(tmp_path / "in"), split_bytes=4000)
    schema = avrojet.scan(tmp_path / "in").avro_schema
    paths = avrojet.daft.write_avro(frame, tmp_path / "out", schema=schema, codec="deflate")
    assert sorted(paths) == sorted(map(str, (tmp_path / "out").iterdir()))
    written = avrojet.daft.read_avro(tmp_path / "out").sort("id").to_arrow()
    same(written, tmp_path / "in")
    with pytest.raises(FileExistsError, match="append or overwrite"):
        avrojet.daft.write_avro(frame, tmp_path / "out")
    avrojet.daft.write_avro(frame.where(daft.col("id") < 10), tmp_path / "out", mode="overwrite")
    assert avrojet.scan(tmp_path / "out").count() == 10


def test_a_task_that_fails_leaves_nothing(tmp_path):
    frame = avrojet.daft.read_avro(write_orders(tmp_path / "in"))
    schema = {"type": "record", "name": "R", "fields": [{"name": "id", "type": "int"}]}
    wide = frame.select(daft.col("id") * 2_000_000)
    with pytest.raises(Exception, match="EncodeError.* out of range"):
        avrojet.daft.write_avro(wide, tmp_path / "out", schema=schema)
    assert not list((tmp_path / "out").iterdir())
    with pytest.raises(TypeError, match=r"write_avro\(\) got .* 'colour'"):
        avrojet.daft.write_avro(frame, tmp_path / "later", colour="red")
    with pytest.raises(avrojet.CodecError, match="unknown codec 'zip'"):
        avrojet.daft.write_avro(frame, tmp_path / "later", codec="zip")
    with pytest.raises(TypeError, match="a data frame of Daft, not dict"):
        avrojet.daft.write_avro(frame.to_pydict(), tmp_path / "later")
    assert not (tmp_path / "later").exists()


def test_damage(tmp_path):
    folder = write_orders(tmp_path)
    data = bytearray((folder / "1.avro").read_bytes())
    data[8000:8600] = bytes([255]) * 600
    (folder / "1.avro").write_bytes(data)
    with pytest.raises(Exception, match="1.avro"):
        avrojet.daft.read_avro(folder).collect()
    skipping = avrojet.daft.read_avro(folder, on_error="skip")
    assert 2000 < len(skipping.to_pydict()["id"]) == skipping.count_rows() < 3000


def test_tasks_run_side_by_side(tmp_path, monkeypatch):
    """Each begins when the other has begun."""
    for name in ("a", "b"):
        avrojet.write(tmp_path / f"{name}.avro", "long", range(10))
    both = threading.Barrier(2, timeout=20)

    def batches(part):
        both.wait()
        yield from arrow_batches(part)

    monkeypatch.setattr("avrojet.integrations.daft.arrow_batches", batches)
    assert avrojet.daft.read_avro(tmp_path, split_bytes=1).count_rows() == 20
    assert len(avrojet.daft.read_avro(tmp_path, split_bytes=1).to_pydict()["value"]) == 20
