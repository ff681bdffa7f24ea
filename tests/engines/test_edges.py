"""Files that are unlike most, through each engine: what `avrojet.read` returns, or a clear error."""

from __future__ import annotations

import pytest

import avrojet
from tests.engines.vectorfile import ORDER, write_orders
from tests.vectors import record

pa = pytest.importorskip("pyarrow")

NODE = record("Node", n="int", next=["null", "Node"])
DEEP = [{"n": 1, "next": {"n": 2, "next": {"n": 3, "next": None}}}, {"n": 4, "next": None}]
UNUSUAL = {"a.b": "long", "with space": "string", "ümlaut": "long", "select": "int", "": "int"}

FILES = {
    "without rows": [(ORDER, [])] * 2,
    "first without rows": [(record("R", a="long"), []), (record("R", a="long"), [{"a": 1}])],
    "one row": [(record("R", a="long"), [{"a": 1}])],
    "only nulls": [(record("R", a="null", b=["null", "string"]), [{"a": None, "b": None}] * 2)],
    "names": [(record("R", **UNUSUAL), [{"a.b": 1, "with space": "s", "ümlaut": 2, "select": 3, "": 4}])],
    "records of nothing": [(record("R", a="int", b=record("E")), [{"a": 1, "b": {}}])],
    "long": [("long", [1, 2]), ("long", [3])],
    "null": [("null", [None, None])],
    "string or null": [(["null", "string"], ["x", None])],
    "array": [({"type": "array", "items": "long"}, [[1], [], [2, 3]])],
    "enum": [({"type": "enum", "name": "E", "symbols": ["A", "B"]}, ["A", "B"])],
    "record or null": [(["null", record("R", a="long")], [None, {"a": 1}])],
}
WITHOUT_FIELDS = [(record("R"), [{}] * 3), (record("R"), [{}] * 2)]


def _arrow(folder, **options):
    return pa.table(avrojet.read_arrow(folder, **options))


def _polars(folder, **options):
    pytest.importorskip("polars")
    import avrojet.polars

    return pa.table(avrojet.polars.scan_avro(folder, **options).collect())


def _pandas(folder, **options):
    pytest.importorskip("pandas")
    import avrojet.pandas

    frame = avrojet.pandas.read_avro(folder, dtype_backend="pyarrow", **options)
    return pa.Table.from_pandas(frame, preserve_index=False)


def _dask(folder, **options):
    pytest.importorskip("dask.dataframe", reason="Dask is not installed")
    import avrojet.dask

    frame = avrojet.dask.read_avro(folder, blocksize=100, **options)
    count = len(frame)
    table = pa.Table.from_pandas(frame.compute(scheduler="threads"), preserve_index=False)
    assert count == len(table)
    return table


def _daft(folder, **options):
    pytest.importorskip("daft", reason="Daft is not installed")
    import avrojet.daft

    frame = avrojet.daft.read_avro(folder, split_bytes=100, **options)
    assert frame.count_rows() == len(frame.collect())
    return frame.to_arrow()


ENGINES = [_arrow, _polars, _pandas, _dask, _daft]
each_engine = pytest.mark.parametrize("read", ENGINES, ids=lambda read: read.__name__[1:])


def write(folder, files):
    folder.mkdir()
    for number, (schema, rows) in enumerate(files):
        avrojet.write(folder / f"{number}.avro", avrojet.parse_schema(schema, names="lax"), rows)
    return folder


@each_engine
@pytest.mark.parametrize("kind", FILES)
def test_rows_are_those_of_read(tmp_path, read, kind):
    folder = write(tmp_path / "in", FILES[kind])
    rows = [row for path in sorted(folder.iterdir()) for row in avrojet.read(path)]
    is_record = avrojet.scan(folder).avro_schema.type == "record"
    table = read(folder)
    assert table.to_pylist() == [row if is_record else {"value": row} for row in rows]
    assert table.column_names == _arrow(folder).column_names


@pytest.mark.parametrize("read", [_arrow, _polars, _dask], ids=lambda read: read.__name__[1:])
def test_records_without_fields_are_counted(tmp_path, read):
    folder = write(tmp_path / "in", WITHOUT_FIELDS)
    if read is _polars:
        pytest.importorskip("polars")
        import avrojet.polars

        assert avrojet.polars.scan_avro(folder).collect().height == 5
    elif read is _dask:
        pytest.importorskip("dask.dataframe", reason="Dask is not installed")
        import avrojet.dask

        frame = avrojet.dask.read_avro(folder)
        assert len(frame) == len(frame.compute(scheduler="sync")) == 5
    else:
        assert read(folder).num_rows == 5


def test_daft_has_no_frames_without_columns(tmp_path):
    pytest.importorskip("daft", reason="Daft is not installed")
    import avrojet.daft

    folder = write(tmp_path / "in", WITHOUT_FIELDS)
    with pytest.raises(avrojet.SchemaError, match=r"without columns: scan\(\.\.\.\)\.count\(\)"):
        avrojet.daft.read_avro(folder)
    assert len(avrojet.daft.read_avro(folder, path_column="path").to_pydict()["path"]) == 5


@each_engine
@pytest.mark.parametrize("recursion", ["json", "bytes", "drop", 0, 1, 2])
def test_recursive_records(tmp_path, read, recursion):
    folder = write(tmp_path / "in", [(NODE, DEEP)])
    assert read(folder, recursion=recursion).to_pylist() == _arrow(folder, recursion=recursion).to_pylist()
    with pytest.raises(avrojet.SchemaError, match=r"Node contains itself.*recursion="):
        read(folder)


@each_engine
def test_nothing_to_read(tmp_path, read):
    for source, told in [
        (tmp_path, "has no Avro files"),
        (tmp_path / "*.avro", "no file matches"),
        (tmp_path / "1.avro", r"1\.avro"),
    ]:
        with pytest.raises(FileNotFoundError, match=told):
            read(source)


@each_engine
@pytest.mark.parametrize("damage", ["header", "data"])
def test_errors_name_the_file(tmp_path, read, damage):
    folder = write_orders(tmp_path / "in")
    broken = folder / "1.avro"
    data = broken.read_bytes()
    broken.write_bytes(b"no Avro" * 100 if damage == "header" else data[: len(data) // 2])
    with pytest.raises(Exception, match=r"1\.avro") as raised:  # each engine has its own
        read(folder)
    assert len(str(raised.value)) < 400
    assert 2000 <= len(read(folder, on_error="skip")) < 3000
