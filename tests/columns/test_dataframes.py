"""Data frames have what rows have; queries read what they need."""

from __future__ import annotations

import math
import subprocess
import sys
from datetime import UTC, date, datetime, time
from decimal import Decimal
from uuid import UUID

import pytest

import avrojet
from avrojet.errors import DecodeError, EncodeError, SchemaError

pa = pytest.importorskip("pyarrow")


def logical(plain, name, **attributes):
    return {"type": plain, "logicalType": name, **attributes}


def record_of(name, /, **fields):
    return {"type": "record", "name": name, "fields": [{"name": n, "type": t} for n, t in fields.items()]}


SCHEMA = record_of(
    "Order",
    id="long",
    count="int",
    price="double",
    paid="boolean",
    name="string",
    token="bytes",
    code={"type": "fixed", "name": "Code", "size": 3},
    state={"type": "enum", "name": "State", "symbols": ["NEW", "SENT"]},
    sizes={"type": "array", "items": "int"},
    gaps={"type": "array", "items": ["null", "long"]},
    labels={"type": "map", "values": "string"},
    customer=record_of("Customer", name="string", age=["null", "long"]),
    total=["null", "long"],
    sent=["null", "boolean"],
    note=["null", "string"],
    weight=["null", "double"],
    day=logical("int", "date"),
    at=logical("long", "timestamp-micros"),
    local=logical("long", "local-timestamp-millis"),
    hour=logical("int", "time-millis"),
    amount=logical("bytes", "decimal", precision=20, scale=2),
    key=logical("string", "uuid"),
)
LARGE = 2**60 + 1


def order(number):
    odd = number % 2 == 1
    return {
        "id": LARGE + number,
        "count": number,
        "price": number / 4,
        "paid": odd,
        "name": f"n{number}ä",
        "token": b"\x00%d" % number,
        "code": b"abc",
        "state": "SENT" if odd else "NEW",
        "sizes": [1] * (number % 4),
        "gaps": [None, LARGE][: 1 + number % 2],
        "labels": {"a": "b", "c": f"{number}"},
        "customer": {"name": "me", "age": None if odd else LARGE},
        "total": None if odd else LARGE,
        "sent": odd or None,
        "note": None if odd else "x",
        "weight": None if odd else 0.5,
        "day": date(2024, 2, 29),
        "at": datetime(2024, 2, 29, 1, 2, 3, 4, UTC),
        "local": datetime(2024, 2, 29, 1, 2, 3),
        "hour": time(1, 2, 3),
        "amount": Decimal(number).scaleb(-2),
        "key": UUID(int=number),
    }


ROWS = [order(number) for number in range(300)]


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    place = tmp_path_factory.mktemp("orders") / "orders.avro"
    avrojet.write(place, SCHEMA, ROWS, sync_interval=2000, codec="deflate")
    return place


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Three files of ten rows each."""
    place = tmp_path_factory.mktemp("parts")
    for part in range(3):
        avrojet.write(place / f"part-{part}.avro", SCHEMA, ROWS[part * 10 : part * 10 + 10])
    (place / "other.txt").write_text("no Avro")
    return place


# polars


@pytest.fixture
def pl():
    return pytest.importorskip("polars")


@pytest.fixture
def avp(pl):
    import avrojet.polars

    return avrojet.polars


def plain(row):
    """A row of polars: a UUID is its bytes there, and an instant's zone one of zoneinfo."""
    return {**row, "key": row["key"].bytes}


def test_a_frame_of_polars_has_the_rows(avp, path):
    frame = avp.read_avro(path)
    assert frame.columns == [field["name"] for field in SCHEMA["fields"]]
    assert frame.rows(named=True) == [plain(row) for row in ROWS]


@pytest.mark.parametrize("count", [0, 1, 17, 300, 301])
def test_polars_reads_so_many_rows(avp, path, count):
    frame = avp.read_avro(path, columns=["id", "customer.age"], n_rows=count)
    assert frame.schema == avp.read_avro(path, columns=["id", "customer.age"]).schema
    assert frame.rows(named=True) == [
        {"id": row["id"], "customer": {"age": row["customer"]["age"]}} for row in ROWS[:count]
    ]


def test_a_query_has_what_the_frame_has(avp, pl, path):
    frame, query = avp.read_avro(path), avp.scan_avro(path)
    assert query.collect().equals(frame)
    assert query.collect().equals(frame)  # each time anew
    assert query.collect_schema() == frame.schema
    for ask in (
        lambda all_: all_.filter(pl.col("total").is_null()).select("name", "id"),
        lambda all_: all_.select("state", pl.col("price") * 2),
        lambda all_: all_.head(7),
        lambda all_: all_.filter(pl.col("paid")).head(3).select("count"),
        lambda all_: all_.select(pl.len()),
        lambda all_: all_.group_by("paid").agg(pl.col("count").sum()).sort("paid"),
        lambda all_: all_.select(pl.col("customer").struct.field("name")),
    ):
        assert ask(query).collect().equals(ask(frame))


def test_a_query_reads_only_what_it_needs(avp, pl, tmp_path):
    schema = record_of("R", a="long", b="string")
    good = {"a": 1, "b": "x"}
    place = tmp_path / "bad.avro"
    avrojet.write(place, schema, [good] * 500, sync_interval=100, sync_marker=bytes(16))
    data = bytearray(place.read_bytes())
    data[data.rindex(b"x")] = 0xFF  # no UTF-8, in the last row
    place.write_bytes(data)
    query = avp.scan_avro(place)
    with pytest.raises(DecodeError, match="row|record"):
        query.collect()
    assert query.select("a").sum().collect().item() == 500
    assert query.head(3).collect().rows() == [(1, "x")] * 3


def test_a_query_over_chosen_columns(avp, pl, path):
    query = avp.scan_avro(path, columns=["customer.age", "id", "customer.name"])
    assert query.collect_schema().names() == ["customer", "id"]
    asked = query.select("customer").head(2).collect()
    assert asked.rows(named=True) == [{"customer": row["customer"]} for row in ROWS[:2]]


@pytest.fixture
def partitioned(tmp_path):
    """Ten rows in each of three folders."""
    for number, name in enumerate(["shop=BE", "shop=NL", "shop=__HIVE_DEFAULT_PARTITION__"]):
        folder = tmp_path / "shops" / name
        folder.mkdir(parents=True)
        rows = [{"id": row} for row in range(10 * number, 10 * number + 10)]
        avrojet.write(folder / "1.avro", record_of("R", id="long"), rows)
    return tmp_path / "shops"


def test_rows_that_are_counted_are_those_of_all_files(avp, pl, partitioned):
    """Whatever the partitions that a query asks for."""
    second = pl.col("shop") == "NL"
    query = avp.scan_avro(partitioned, row_index_name="row", row_index_offset=5)
    assert query.filter(second).select("row").head(2).collect().to_series().to_list() == [15, 16]
    query = avp.scan_avro(partitioned, n_rows=13)
    assert query.filter(second).collect()["id"].to_list() == [10, 11, 12]
    query = avp.scan_avro(partitioned, row_column="row")
    assert query.filter(second).head(1).collect().rows() == [(10, "NL", 10)]
    assert avp.read_avro(partitioned, row_column="row")["row"].to_list() == list(range(30))
    for read in (avp.read_avro, avp.scan_avro):
        with pytest.raises(ValueError, match="row_index_name and row_column"):
            read(partitioned, row_column="row", row_index_name="index")


def test_files_in_other_partitions_are_not_opened(avp, pl, partitioned):
    query = avp.scan_avro(partitioned)
    counting = avp.scan_avro(partitioned, row_index_name="row")
    (partitioned / "shop=NL" / "1.avro").write_bytes(b"no Avro")
    shop, number = pl.col("shop"), pl.col("id")
    for wanted, ids in [
        (shop == "BE", [*range(10)]),
        ((shop == "BE") & (number > 7), [8, 9]),
        ((number > 2) & ((shop == "BE") | shop.is_null()) & (number < 5), [3, 4]),
        (shop.is_null(), [*range(20, 30)]),
        (shop.fill_null("X").str.starts_with("X"), [*range(20, 30)]),
        (shop.str.len_chars() == 3, []),
    ]:
        assert query.filter(wanted).select("id").collect()["id"].to_list() == ids
        assert counting.filter(wanted).select("id").collect()["id"].to_list() == ids
    either = (shop == "BE") | (number > 7)
    with pytest.raises(avrojet.DataFileError, match="no Avro|not an Avro"):
        query.filter(either).collect()


def test_polars_has_no_values_of_no_bytes(avp, tmp_path):
    nothing = {"type": "fixed", "name": "Nothing", "size": 0}
    avrojet.write(tmp_path / "1.avro", record_of("R", a="long", b=nothing), [{"a": 1, "b": b""}])
    for read in (avp.read_avro, avp.scan_avro):
        with pytest.raises(SchemaError, match=r"\$\.b: polars has no values of 0 bytes"):
            read(tmp_path)
    assert avp.read_avro(tmp_path, exclude=["b"]).rows() == [(1,)]


def test_a_query_over_values_that_are_no_records(avp, pl, tmp_path):
    avrojet.write(tmp_path / "longs.avro", "long", [1, 2, 3])
    query = avp.scan_avro(tmp_path / "longs.avro")
    assert query.filter(pl.col("value") > 1).select("value").collect().to_series().to_list() == [2, 3]


def test_polars_gets_a_reader_schema(avp, tmp_path):
    avrojet.write(tmp_path / "ints.avro", record_of("R", a="int"), [{"a": 1}])
    wide = record_of("R", a="double")
    assert avp.read_avro(tmp_path / "ints.avro", reader_schema=wide).rows() == [(1.0,)]
    assert avp.scan_avro(tmp_path / "ints.avro", reader_schema=wide).collect().rows() == [(1.0,)]


def test_polars_gets_wide_decimals_where_their_values_fit(avp, pl, tmp_path):
    wide = logical("bytes", "decimal", precision=64, scale=2)
    schema = record_of("R", id="int", sums={"type": "array", "items": wide})
    place = tmp_path / "wide.avro"
    narrow = [{"id": 1, "sums": [Decimal("-1.25"), Decimal(10**35)]}]
    avrojet.write(place, schema, narrow)
    for read in (avp.read_avro, lambda *args, **options: avp.scan_avro(*args, **options).collect()):
        frame = read(place)
        assert frame.schema["sums"] == pl.List(pl.Decimal(38, 2))
        assert frame.to_dicts() == narrow
        with pytest.raises(SchemaError, match=r"\$\.sums\.item: polars has decimals of 38 digits"):
            read(place, types=avrojet.ArrowTypes())
        read(place, columns=["id"], types=avrojet.ArrowTypes())
    avrojet.write(place, schema, [*narrow, {"id": 2, "sums": [Decimal(10**60)]}])
    with pytest.raises(DecodeError, match=r"at \$\.sums\[\]: .*a value that the type"):
        avp.read_avro(place)
    assert avp.read_avro(place, types=avrojet.ArrowTypes(decimals="text"))["sums"].to_list() == [
        ["-1.25", f"{10**35}.00"],
        [f"{10**60}.00"],
    ]
    assert avp.read_avro(place, types=avrojet.ArrowTypes(decimals="double"))["sums"].to_list() == [
        [-1.25, 1e35],
        [1e60],
    ]


def test_only_what_can_be_read_again_is_scanned(avp, path):
    with path.open("rb") as file:
        assert avp.read_avro(file).height == 300
        with pytest.raises(TypeError, match="more than once"):
            avp.scan_avro(file)


def test_polars_writes_what_it_reads(avp, path, tmp_path):
    frame = avp.read_avro(path).drop("key")  # a UUID is bytes in polars
    for written in (frame, frame.lazy()):
        avp.write_avro(written, tmp_path / "again.avro", codec="deflate")
        assert avp.read_avro(tmp_path / "again.avro").equals(frame)
    with avrojet.DataFileReader(tmp_path / "again.avro") as reader:
        assert reader.codec == "deflate"


def test_polars_writes_a_query_as_it_makes_rows(avp, pl, path, tmp_path, monkeypatch):
    """Without the frame of all of them."""
    frame = avp.read_avro(path)
    avp.write_avro(frame.filter(pl.col("count") % 3 == 0), tmp_path / "frame.avro", sync_marker=bytes(16))
    query = avp.scan_avro(path).filter(pl.col("count") % 3 == 0)
    monkeypatch.setattr(pl.LazyFrame, "collect", None)
    avp.write_avro(query, tmp_path / "query.avro", sync_marker=bytes(16), codec="null")
    assert (tmp_path / "query.avro").read_bytes() == (tmp_path / "frame.avro").read_bytes()
    avp.write_avro(
        avp.scan_avro(tmp_path / "query.avro").head(10), tmp_path / "query.avro"
    )  # over its source
    assert avrojet.read(tmp_path / "query.avro") == avrojet.read(tmp_path / "frame.avro")[:10]


def test_a_query_that_fails_leaves_no_file(avp, tmp_path):
    avrojet.write(tmp_path / "1.avro", "string", ["x"] * 1000)
    data = (tmp_path / "1.avro").read_bytes()
    (tmp_path / "1.avro").write_bytes(data[:-20])
    with pytest.raises(EncodeError, match=r"1\.avro: the file ends inside block"):
        avp.write_avro(avp.scan_avro(tmp_path / "1.avro"), tmp_path / "2.avro")
    assert [each.name for each in tmp_path.iterdir()] == ["1.avro"]


def test_polars_writes_a_schema(avp, pl, tmp_path):
    frame = pl.DataFrame({"a": [1, 2], "b": ["x", None]})
    schema = record_of("R", b=["null", "string"], a="long")
    avp.write_avro(frame, tmp_path / "r.avro", schema=schema)
    assert avrojet.read(tmp_path / "r.avro") == [{"b": "x", "a": 1}, {"b": None, "a": 2}]
    with pytest.raises(EncodeError, match="row 1"):
        avp.write_avro(frame, tmp_path / "bad.avro", schema=record_of("R", b="string", a="long"))
    assert not (tmp_path / "bad.avro").exists()


# pandas


@pytest.fixture
def avd():
    pytest.importorskip("pandas")
    import avrojet.pandas

    return avrojet.pandas


def same(value, want):
    import numpy as np
    import pandas as pd

    if want is None:
        return value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value))
    if isinstance(want, dict):
        value = dict(value)
        return value.keys() == want.keys() and all(same(value[key], want[key]) for key in want)
    if isinstance(value, np.ndarray | list):
        return len(value) == len(want) and all(map(same, value, want))
    return value == want


@pytest.mark.parametrize("backend", [None, "pyarrow", "numpy_nullable"])
def test_a_frame_of_pandas_has_the_rows(avd, path, backend):
    frame = avd.read_avro(path, dtype_backend=backend)
    assert list(frame.columns) == [field["name"] for field in SCHEMA["fields"]]
    assert len(frame) == 300
    for name in frame.columns:
        wrong = [(v, row[name]) for v, row in zip(frame[name], ROWS, strict=True) if not same(v, row[name])]
        assert not wrong[:3], name


@pytest.mark.parametrize("backend", [None, "numpy_nullable"])
def test_uuids_of_pandas_are_pythons_wherever_they_are(avd, tmp_path, backend):
    key = logical("string", "uuid")
    schema = record_of(
        "R",
        plain=key,
        rarely=["null", key],
        within=record_of("S", key=key, at=logical("long", "timestamp-micros")),
        all={"type": "array", "items": ["null", key]},
        named={"type": "map", "values": key},
    )
    one = UUID(int=7)
    rows = [
        {"plain": one, "rarely": rare, "within": {"key": one, "at": datetime(2024, 1, 1, tzinfo=UTC)},
         "all": [one, None], "named": {"x": one}}
        for rare in (one, None)
    ]  # fmt: skip
    avrojet.write(tmp_path / "1.avro", schema, rows)
    frame = avd.read_avro(tmp_path / "1.avro", dtype_backend=backend)
    for name in frame.columns:
        assert all(map(same, frame[name], [row[name] for row in rows])), name
    avd.to_avro(frame, tmp_path / "2.avro", schema=schema)
    assert avrojet.read(tmp_path / "2.avro") == rows


def test_the_types_of_pandas(avd, path):
    frame = avd.read_avro(path)
    types = {name: str(kind) for name, kind in frame.dtypes.items()}
    wanted = {
        "id": "int64",
        "count": "int32",
        "paid": "bool",
        "total": "Int64",
        "sent": "boolean",
        "weight": "float64",
        "state": "category",
    }
    assert {name: types[name] for name in wanted} == wanted
    assert (
        str(avd.read_avro(path, columns=["total"], dtype_backend="pyarrow").dtypes.iloc[0])
        == "int64[pyarrow]"
    )
    with pytest.raises(ValueError, match="dtype_backend"):
        avd.read_avro(path, dtype_backend="numpy")


def test_a_frame_of_pandas_of_nullable_integers_alone(avd, path):
    frame = avd.read_avro(path, columns=["total"])
    assert frame["total"].isna().sum() == 150
    assert frame["total"].max() == LARGE


@pytest.mark.parametrize("backend", [None, "pyarrow", "numpy_nullable"])
def test_pandas_writes_what_it_reads(avd, path, tmp_path, backend):
    columns = [
        "id",
        "count",
        "price",
        "paid",
        "name",
        "total",
        "sent",
        "note",
        "day",
        "at",
        "amount",
        "sizes",
    ]
    frame = avd.read_avro(path, columns=columns, dtype_backend=backend)
    avd.to_avro(frame, tmp_path / "again.avro", codec="deflate")
    assert avrojet.read(tmp_path / "again.avro") == [{name: row[name] for name in columns} for row in ROWS]
    assert avd.read_avro(tmp_path / "again.avro", columns=["count"], dtype_backend=backend).equals(
        frame[["count"]]
    )


def test_the_index_of_pandas(avd, tmp_path):
    import pandas as pd

    frame = pd.DataFrame({"a": [1, 2]}, index=pd.Index(["x", "y"], name="key"))
    avd.to_avro(frame, tmp_path / "r.avro")
    assert avrojet.read(tmp_path / "r.avro") == [{"a": 1, "key": "x"}, {"a": 2, "key": "y"}]
    avd.to_avro(frame, tmp_path / "r.avro", index=False)
    assert avrojet.read(tmp_path / "r.avro") == [{"a": 1}, {"a": 2}]
    avd.to_avro(frame.reset_index(drop=True), tmp_path / "r.avro", schema=record_of("R", a="double"))
    assert avrojet.read(tmp_path / "r.avro") == [{"a": 1.0}, {"a": 2.0}]


# Several files


@pytest.fixture(params=["polars", "pandas"])
def read(request):
    module = pytest.importorskip(request.param)
    assert module
    return __import__(f"avrojet.{request.param}", fromlist=["read_avro"]).read_avro


def test_wildcards_and_lists(read, folder):
    everything = [row["id"] for row in ROWS[:30]]
    assert list(read(folder / "part-*.avro")["id"]) == everything
    assert list(read(str(folder / "**" / "part-?.avro"))["id"]) == everything
    assert (
        list(read([folder / "part-2.avro", folder / "part-[01].avro"])["id"])
        == everything[20:] + everything[:20]
    )


def test_queries_over_wildcards(avp, pl, folder):
    query = avp.scan_avro(folder / "part-*.avro")
    assert query.select(pl.col("count").sum()).collect().item() == sum(range(30))


def test_splits(read, path):
    assert list(read(avrojet.splits(path, count=3))["id"]) == [row["id"] for row in ROWS]


def test_a_name_that_looks_like_a_wildcard(read, folder, tmp_path):
    (tmp_path / "a[1].avro").write_bytes((folder / "part-0.avro").read_bytes())
    assert len(read(tmp_path / "a[1].avro")) == 10


def test_errors_are_those_of_avrojet(read, folder, tmp_path):
    """Not those that the libraries make of Arrow streams that fail."""
    data = next(folder.glob("*.avro")).read_bytes()
    (tmp_path / "1.avro").write_bytes(data)
    (tmp_path / "2.avro").write_bytes(data[:-20])
    with pytest.raises(avrojet.TruncatedError, match=r"2\.avro"):
        read(tmp_path)
    (tmp_path / "2.avro").write_bytes(b"no Avro")
    with pytest.raises(avrojet.DataFileError, match=r"2\.avro: not an Avro"):
        read(tmp_path)


def test_no_file_matches(read, folder):
    with pytest.raises(FileNotFoundError, match="nothing-"):
        read(folder / "nothing-*.avro")
    with pytest.raises(ValueError, match="no files"):
        read([])


@pytest.mark.parametrize("name", ["polars", "pandas"])
def test_a_missing_library_is_named(name):
    code = f"import sys; sys.modules[{name!r}] = None; import avrojet.{name}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert f"pip install 'avrojet[{name}]'" in done.stderr


# duckdb, by its Arrow support


def test_duckdb_queries_a_stream(path):
    duckdb = pytest.importorskip("duckdb")
    columns = ["state", "total", "customer.name"]
    orders = avrojet.read_arrow(path, columns=columns)  # noqa: F841 (duckdb finds it by its name)
    found = duckdb.sql(
        "SELECT state, count(*), sum(total), min(customer.name) FROM orders GROUP BY ALL ORDER BY 1"
    )
    assert found.fetchall() == [("NEW", 150, 150 * LARGE, "me"), ("SENT", 150, None, "me")]
