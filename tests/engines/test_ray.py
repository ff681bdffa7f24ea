"""avrojet.ray: datasets have what files have; columns, limits and counts are pushed down."""

from __future__ import annotations

import os

import pytest

import avrojet
from tests.engines.vectorfile import same, write_orders, write_vectors

ray = pytest.importorskip("ray", reason="Ray is not installed")
pytest.importorskip("ray.data", reason="Ray Data is not installed")
pa = pytest.importorskip("pyarrow")

# Of Ray itself, with newer versions of Python.
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]

import avrojet.ray  # noqa: E402
from avrojet.integrations.ray import _AvroDatasource  # noqa: E402


@pytest.fixture(scope="module", autouse=True)
def cluster():
    os.environ["RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO"] = "0"
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, object_store_memory=200 << 20)
    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False
    yield
    ray.shutdown()


def test_every_type(tmp_path):
    folder = write_vectors(tmp_path / "in", codec="deflate")
    read = avrojet.ray.read_avro(folder, override_num_blocks=3)
    same(pa.concat_tables(ray.get(read.to_arrow_refs())).sort_by("id"), folder)


def test_queries(tmp_path):
    orders = avrojet.ray.read_avro(write_orders(tmp_path), override_num_blocks=6, include_paths=True)
    assert orders.count() == 3000
    assert orders.sum("id") == 3000 * 2999 // 2
    assert {row["path"] for row in orders.limit(5).take_all()} == {str(tmp_path / "0.avro")}
    with pytest.raises(avrojet.SchemaError, match="did you mean"):
        avrojet.ray.read_avro(tmp_path, columns=["idd"])


def test_what_is_not_needed_is_not_read(tmp_path):
    scan = avrojet.scan(write_orders(tmp_path))
    source = _AvroDatasource(scan, pa.schema(scan.schema))
    narrow = source.apply_projection({"id": "id"})
    tasks = narrow.get_read_tasks(2, per_task_row_limit=5)
    tables = [pa.concat_tables(task()) for task in tasks]
    assert [table.num_rows for table in tables] == [5, 5, 5]
    assert {tuple(table.column_names) for table in tables} == {("id",)}
    assert (
        narrow.estimate_inmemory_data_size() > source.apply_projection({}).estimate_inmemory_data_size() == 0
    )


def test_there_and_back(tmp_path):
    orders = avrojet.ray.read_avro(write_orders(tmp_path / "in"), override_num_blocks=4)
    schema = avrojet.scan(tmp_path / "in").avro_schema
    avrojet.ray.write_avro(orders, tmp_path / "out", schema=schema, codec="deflate")
    same(pa.table(avrojet.scan(tmp_path / "out")).sort_by("id"), tmp_path / "in")
    with pytest.raises(FileExistsError, match="append or overwrite"):
        avrojet.ray.write_avro(orders, tmp_path / "out")
    few = orders.filter(lambda row: row["id"] < 10)
    avrojet.ray.write_avro(few, tmp_path / "out", mode="overwrite", min_rows_per_file=100)
    assert avrojet.scan(tmp_path / "out").count() == 10
    assert len(avrojet.scan(tmp_path / "out").files) == 1


def test_what_fails_leaves_nothing(tmp_path):
    orders = avrojet.ray.read_avro(write_orders(tmp_path / "in")).select_columns(["id"])
    schema = {"type": "record", "name": "R", "fields": [{"name": "id", "type": "int"}]}
    wide = orders.map_batches(lambda batch: {"id": batch["id"] * 2_000_000})
    with pytest.raises(Exception, match="EncodeError.* out of range"):
        avrojet.ray.write_avro(wide, tmp_path / "out", schema=schema)
    assert not list((tmp_path / "out").iterdir())
    (tmp_path / "in" / "1.avro").unlink()
    with pytest.raises(Exception, match="1.avro"):
        orders.materialize()
