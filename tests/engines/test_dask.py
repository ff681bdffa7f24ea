"""avrojet.dask: frames have what files have, and read what queries need."""

from __future__ import annotations

import pickle
import subprocess
import sys

import pytest

import avrojet
from tests.engines.vectorfile import same, write_orders, write_vectors

pytest.importorskip("dask.dataframe", reason="Dask is not installed")
pa = pytest.importorskip("pyarrow")
pd = pytest.importorskip("pandas")

import cloudpickle  # noqa: E402 (of Dask's)
from dask.dataframe.dask_expr._reductions import Len  # noqa: E402

import avrojet.dask  # noqa: E402
from avrojet.scanning.scan import Scan  # noqa: E402


@pytest.mark.parametrize("codec", ["null", "deflate"])
def test_every_type(tmp_path, codec):
    folder = write_vectors(tmp_path / "in", codec=codec)
    frame = avrojet.dask.read_avro(folder)
    same(pa.Table.from_pandas(frame.compute(scheduler="threads"), preserve_index=False), folder)
    assert list(frame.dtypes) == list(frame.compute(scheduler="threads").dtypes)


@pytest.mark.parametrize("scheduler", ["sync", "threads", pytest.param("processes", marks=pytest.mark.slow)])
def test_queries(tmp_path, scheduler):
    frame = avrojet.dask.read_avro(write_orders(tmp_path), blocksize="4kB")
    assert frame.npartitions > 3
    assert frame.id.sum().compute(scheduler=scheduler) == 3000 * 2999 // 2
    by_shop = frame.groupby("shop")["total"].sum().compute(scheduler=scheduler)
    assert by_shop.to_dict() == {f"s{shop}": float(sum(range(shop, 3000, 3))) for shop in range(3)}


def test_a_partition_for_each_file(tmp_path):
    folder = write_orders(tmp_path)
    frame = avrojet.dask.read_avro(folder, blocksize=None)
    assert [len(part) for part in frame.partitions] == [1000, 1000, 1000]
    assert avrojet.dask.read_avro(folder).npartitions == 1
    assert frame.partitions[1].id.min().compute(scheduler="sync") == 1000
    with pytest.raises(ValueError, match="limit rows"):
        avrojet.dask.read_avro(folder, blocksize=None, n_rows=3)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # of the cluster's own
def test_a_cluster(tmp_path):
    distributed = pytest.importorskip("distributed")
    frame = avrojet.dask.read_avro(write_orders(tmp_path / "in"), blocksize="4kB")
    cluster = distributed.LocalCluster(n_workers=1, threads_per_worker=2, dashboard_address=None)
    with cluster, distributed.Client(cluster):
        assert frame.id.sum().compute() == 3000 * 2999 // 2
        assert len(avrojet.dask.to_avro(frame, tmp_path / "out")) == frame.npartitions
    assert avrojet.scan(tmp_path / "out").count() == 3000


def test_columns_that_are_not_used_are_not_read(tmp_path, monkeypatch):
    only = Scan.only
    frame = avrojet.dask.read_avro(write_orders(tmp_path))
    for query in (frame.id.sum(), frame[["id"]], frame.groupby("id").size()):
        (read,) = {leaf.columns[0] if leaf.columns else None for leaf in _sources(query)}
        assert read == "id"
    assert [leaf.columns for leaf in _sources(frame[frame.id > 5].shop.count())] == [["id", "shop"]]
    read = []
    monkeypatch.setattr(Scan, "only", lambda self, names: read.append(list(names)) or only(self, names))
    assert len(frame) == len(frame[frame.columns[:2]]) == len(frame.id) == 3000
    assert not any(read)


def test_rows_are_counted_wherever_dask_asks_for_it(tmp_path):
    frame = avrojet.dask.read_avro(write_orders(tmp_path), blocksize="4kB")
    some = frame.partitions[1:-1]
    assert len(some) == sum(len(part.compute(scheduler="sync")) for part in some.partitions) < 3000
    assert frame.size.compute(scheduler="sync") == 3000 * len(frame.columns)
    assert len(frame[[]].compute(scheduler="sync")) == 3000
    assert len(frame[frame.id > 5]) == 2994


def test_what_counts_needs_no_data_frames(tmp_path):
    frame = avrojet.dask.read_avro(write_orders(tmp_path))
    sent = cloudpickle.dumps(Len(frame.expr).optimize().__dask_graph__())
    program = "import pickle, sys; pickle.load(sys.stdin.buffer); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], input=sent, capture_output=True, check=True)
    modules = done.stdout.decode().split()
    assert "avrojet.scanning.scan" in modules
    assert not {"pandas", "dask.dataframe"} & {*modules}


def _sources(query):
    return [leaf for leaf in query.optimize(fuse=False).expr.walk() if type(leaf).__name__ == "_Source"]


def test_chosen_columns_and_partitions(tmp_path):
    write_orders(tmp_path / "day=2024-03-07")
    frame = avrojet.dask.read_avro(tmp_path, columns=["place.city", "id", "day"])
    found = frame.compute(scheduler="sync")
    assert list(found.columns) == ["place", "id", "day"]
    assert found["place"][0] == {"city": None}
    assert frame["place"].compute(scheduler="sync")[0] == {"city": None}
    with pytest.raises(avrojet.SchemaError, match="did you mean"):
        avrojet.dask.read_avro(tmp_path, columns=["idd"])


def test_parts_are_small(tmp_path):
    frame = avrojet.dask.read_avro(write_orders(tmp_path))
    (leaf,) = _sources(frame)
    assert all(len(pickle.dumps(part)) < 2000 for part in leaf.iterables[0])


def test_there_and_back(tmp_path):
    frame = avrojet.dask.read_avro(write_orders(tmp_path / "in"), blocksize="4kB")
    schema = avrojet.scan(tmp_path / "in").avro_schema
    paths = avrojet.dask.to_avro(frame, tmp_path / "out", schema=schema, codec="deflate")
    assert len(paths) == frame.npartitions == len(list((tmp_path / "out").iterdir()))
    same(pa.table(avrojet.scan(tmp_path / "out")), tmp_path / "in")
    with pytest.raises(FileExistsError, match="append or overwrite"):
        avrojet.dask.to_avro(frame, tmp_path / "out")
    avrojet.dask.to_avro(frame, tmp_path / "out", schema=schema, mode="append")
    assert avrojet.scan(tmp_path / "out").count() == 6000
    later = avrojet.dask.to_avro(frame[frame.id < 10], tmp_path / "out", mode="overwrite", compute=False)
    assert avrojet.scan(tmp_path / "out").count() == 6000
    later.compute(scheduler="sync")
    assert avrojet.scan(tmp_path / "out").count() == 10


def test_a_task_that_fails_leaves_nothing(tmp_path):
    frame = avrojet.dask.read_avro(write_orders(tmp_path / "in"), blocksize="4kB")
    schema = {"type": "record", "name": "R", "fields": [{"name": "id", "type": "int"}]}
    wide = frame[["id"]].assign(id=frame.id * 2_000_000)
    with pytest.raises(avrojet.EncodeError, match="out of range"):
        avrojet.dask.to_avro(wide, tmp_path / "out", schema=schema)
    assert not list((tmp_path / "out").iterdir())
    with pytest.raises(ValueError, match="local or mounted"):
        avrojet.dask.to_avro(frame, "s3://orders/")
    with pytest.raises(ValueError, match="mode must be"):
        avrojet.dask.to_avro(frame, tmp_path / "out", mode="ignore")
    with pytest.raises(TypeError, match=r"to_avro\(\) got .* 'sync_interva'; did you mean 'sync_interval'"):
        avrojet.dask.to_avro(frame, tmp_path / "later", sync_interva=1, compute=False)
    with pytest.raises(avrojet.CodecError, match="unknown codec 'zip'"):
        avrojet.dask.to_avro(frame, tmp_path / "later", codec="zip", compute=False)
    with pytest.raises(TypeError, match="a data frame of Dask, not Series"):
        avrojet.dask.to_avro(frame.id, tmp_path / "later")
    assert not (tmp_path / "later").exists()


def test_damage_and_files_that_go_away(tmp_path):
    folder = write_orders(tmp_path)
    frame = avrojet.dask.read_avro(folder)
    damaged = folder / "1.avro"
    data = bytearray(damaged.read_bytes())
    data[8000:8600] = bytes([255]) * 600
    damaged.write_bytes(data)
    with pytest.raises(avrojet.AvroError, match="1.avro"):
        frame.compute(scheduler="sync")
    assert 1000 <= len(avrojet.dask.read_avro(folder, on_error="skip").compute(scheduler="sync")) < 3000
    damaged.unlink()
    with pytest.raises(FileNotFoundError, match="1.avro"):
        frame.id.sum().compute(scheduler="sync")
    with pytest.raises(ValueError, match="cannot count or limit rows"):
        avrojet.dask.read_avro(folder, n_rows=3)


def test_old_hosts_are_told(monkeypatch):
    from avrojet.integrations.hosts import host

    monkeypatch.setattr("dask.__version__", "2024.12.1")
    with pytest.raises(ImportError, match=r"needs dask 2025.1 or newer, and 2024.12.1 is .*avrojet\[dask\]"):
        host("dask.dataframe", "dask", "2025.1")
    with pytest.raises(ImportError, match="pip install"):
        host("no_such_engine", "pynothing", "1")
