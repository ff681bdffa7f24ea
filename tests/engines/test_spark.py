"""avrojet.spark: files and messages in Spark, equal to what avrojet itself reads."""

from __future__ import annotations

import ntpath
import os
import signal
import warnings
from datetime import UTC, datetime

import pytest

import avrojet
from avrojet import single_object
from tests.engines.vectorfile import ORDER, same, write_orders, write_vectors
from tests.vectors import record

pytest.importorskip("pyspark", reason="Spark is not installed")
pa = pytest.importorskip("pyarrow")

# Of Spark itself, with newer versions of pandas and Python.
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from pyspark.errors import AnalysisException
    from pyspark.sql import functions as F  # noqa: N812 (as all of its users call it)

    import avrojet.spark
    from avrojet.integrations import spark_options
    from avrojet.integrations.spark_types import TYPES, spark_arrow_type
    from avrojet.integrations.types import converted
    from avrojet.scanning.listing import ScanFile


def load(spark, path, **options):
    return spark.read.format("avrojet").options(**options).load(str(path))


def test_every_type(spark, tmp_path):
    folder = write_vectors(tmp_path / "in", codec="deflate")
    wanted = pa.table(avrojet.read_arrow(folder, types=TYPES))
    schema = pa.schema([field.with_type(spark_arrow_type(field.type)) for field in wanted.schema])
    rows = [
        row
        for batch in wanted.to_batches()
        for row in converted(batch, schema).to_pylist(maps_as_pydicts="strict")
    ]
    frame = load(spark, folder).orderBy("id")
    assert frame.columns == wanted.column_names
    # Python's datetime.fromtimestamp, which Spark calls, knows no first day of year 1, and its astimezone no
    # last day of year 9999.
    days = ("datetime(1, 1, 1,", "datetime(9999, 12, 31,")
    unknown = [name for name, value in rows[0].items() if any(day in str(value) for day in days)]
    assert len(unknown) < 8
    for found, row in zip(frame.drop(*unknown).collect(), rows, strict=True):
        for name in row.keys() - unknown:
            assert agree(found[name], row[name]), name


def agree(found, wanted):
    match wanted:
        case dict():
            found = found if isinstance(found, dict) else found.asDict()
            return found.keys() == wanted.keys() and all(agree(found[key], wanted[key]) for key in wanted)
        case list():
            return len(found) == len(wanted) and all(map(agree, found, wanted))
        case datetime(tzinfo=zone) if zone is not None:  # Spark shows it in the zone of the machine
            return found.astimezone(UTC) == wanted
        case float():
            return str(found) == str(wanted)
    return found == wanted and (type(found) is type(wanted) or isinstance(found, bytearray))


def test_queries(spark, tmp_path):
    frame = load(spark, write_orders(tmp_path), splitBytes=4000)
    assert frame.count() == 3000
    totals = {
        row["shop"]: row["total"]
        for row in frame.groupBy("shop").agg(F.sum("total").alias("total")).collect()
    }
    assert totals == {f"s{n}": float(sum(range(n, 3000, 3))) for n in range(3)}
    narrow = spark.read.format("avrojet").schema("shop string, id long").load(str(tmp_path))
    assert narrow.where("id = 4").collect() == [("s1", 4)]
    evolved = {"type": "record", "name": "Order", "fields": [{"name": "id", "type": "double"}]}
    assert (
        load(spark, tmp_path, avroSchema=avrojet.parse_schema(evolved).json).schema.simpleString()
        == "struct<id:double>"
    )


def test_options(spark, tmp_path):
    folder = write_orders(tmp_path / "day=2024-03-07").parent
    assert load(spark, folder).columns[-1] == "day"
    assert "day" not in load(spark, folder, recursiveFileLookup="true").columns
    chosen = load(spark, folder, pathGlobFilter="[01].avro")
    assert chosen.count() == 2000
    assert chosen.columns[-1] == "day"
    assert spark.read.format("avrojet").load([str(folder), str(folder)]).count() == 6000
    for options, told in [
        ({"avroschema": "{"}, "avroSchema|schema"),
        ({"colour": "red"}, "no option 'colour'"),
        ({"mode": "PERMISSIVE"}, "FAILFAST or DROPMALFORMED"),
        ({"ignoreExtension": "maybe"}, "ignoreExtension must be true or false"),
        ({"datetimeRebaseMode": "LEGACY"}, "LEGACY"),
        ({"splitBytes": "0"}, "at least 1"),
        ({"pathGlobFilter": "x*"}, "pathGlobFilter"),
    ]:
        with pytest.raises(Exception, match=told):
            load(spark, folder, **options).schema  # noqa: B018
    with pytest.raises(Exception, match="no file matches"):
        load(spark, tmp_path / "*.none").schema  # noqa: B018
    assert load(spark, folder, pathGlobFilter="{0,[^01]}.avro").count() == 2000
    with pytest.raises(AnalysisException, match="0.avro: no column .*'cost'; did you mean|fields are"):
        spark.read.format("avrojet").schema("cost double").load(str(folder)).collect()


@pytest.mark.parametrize(
    ("pattern", "patterns"),
    [
        ("*.avro", ["*.avro"]),
        ("{0,1}.avro", ["0.avro", "1.avro"]),
        ("{a,b{c,d}}x{e,f}", ["axe", "axf", "bcxe", "bcxf", "bdxe", "bdxf"]),
        ("x{a}", ["xa"]),
        ("{a", ["{a"]),
        ("a}", ["a}"]),
    ],
)
def test_braces_of_a_pattern(pattern, patterns):
    assert spark_options._alternatives(pattern) == patterns


@pytest.mark.parametrize("slashes", ["/", "///"])
def test_a_local_path_of_windows(slashes, monkeypatch):
    monkeypatch.setattr(os.path, "splitdrive", ntpath.splitdrive)
    assert spark_options._local(f"file:{slashes}C:/orders") == "C:/orders"
    assert spark_options._local(f"file:{slashes}orders") == "/orders"


def test_fields_of_records_are_chosen_by_their_names(spark, tmp_path):
    inner = record("Place", x="int", y="int", name="string")
    schema = record(
        "R", place=inner, all={"type": "array", "items": "Place"}, by={"type": "map", "values": "Place"}
    )
    place = {"x": 1, "y": 2, "name": "a"}
    avrojet.write(tmp_path / "1.avro", schema, [{"place": place, "all": [place], "by": {"k": place}}])

    def read(schema, **options):
        frame = spark.read.format("avrojet").options(**options).schema(schema).load(str(tmp_path))
        return [row.asDict(recursive=True) for row in frame.collect()]

    assert read("place struct<y:int,x:bigint>") == [{"place": {"y": 2, "x": 1}}]
    assert read("all array<struct<name:string,y:int>>, by map<string,struct<y:int>>") == [
        {"all": [{"name": "a", "y": 2}], "by": {"k": {"y": 2}}}
    ]
    assert read("p struct<y:int,x:int>", positionalFieldMatching="true") == [{"p": {"y": 1, "x": 2}}]
    assert read("place struct<>") == [{"place": {}}]
    for asked, told in [
        ("place struct<nam:string>", "no field 'nam' in a struct; did you mean 'name'"),
        ("place int", "struct.* int32"),
        ("place array<int>", "struct.* list"),
        ("all map<string,int>", "list.* map"),
    ]:
        with pytest.raises(AnalysisException, match=told):
            read(asked)


def test_files_unlike_most(spark, tmp_path):
    for number, (schema, rows) in enumerate(
        [
            ("long", [1, 2, 3]),
            (["null", "string"], ["x", None]),
            (["null", ORDER], [None, None]),
            ({"type": "map", "values": "int"}, [{"a": 1}, {}]),
        ]
    ):
        folder = tmp_path / str(number)
        folder.mkdir()
        avrojet.write(folder / "1.avro", schema, rows)
        frame = load(spark, folder)
        assert [row["value"] for row in frame.collect()] == rows
        assert frame.count() == len(rows)
    (tmp_path / "none").mkdir()
    for name, count in [("1", 3), ("2", 2)]:
        avrojet.write(tmp_path / "none" / f"{name}.avro", record("R"), [{}] * count)
    assert load(spark, tmp_path / "none").count() == len(load(spark, tmp_path / "none").collect()) == 5


@pytest.mark.parametrize(("held", "size"), [(1, 4 << 20), (30 << 20, 10 << 20), (1 << 40, 128 << 20)])
def test_little_data_are_divided_among_processors(monkeypatch, held, size):
    monkeypatch.setattr(spark_options, "thread_count", lambda threads: 3)
    files = [ScanFile("a", "a", held - held // 2, {}), ScanFile("b", "b", held // 2, {})]
    assert spark_options.split_bytes({}, files) == size
    assert spark_options.split_bytes({"splitBytes": "7"}, files) == 7


def test_recursion(spark, tmp_path):
    node = {
        "type": "record",
        "name": "Node",
        "fields": [{"name": "n", "type": "int"}, {"name": "next", "type": ["null", "Node"]}],
    }
    avrojet.write(tmp_path / "1.avro", node, [{"n": 1, "next": {"n": 2, "next": {"n": 3, "next": None}}}])
    assert load(spark, tmp_path, recursiveFieldMaxDepth=1).columns == ["n"]
    assert load(spark, tmp_path, recursiveFieldMaxDepth=2).collect() == [(1, (2,))]
    assert load(spark, tmp_path, recursion="json").collect()[0]["next"].startswith('{"n":2,')
    with pytest.raises(Exception, match="recursi"):
        load(spark, tmp_path).schema  # noqa: B018


def test_there_and_back(spark, tmp_path):
    frame = load(spark, write_orders(tmp_path / "in"), splitBytes=4000)
    out = tmp_path / "out"
    schema = avrojet.parse_schema(ORDER).json
    write = frame.write.format("avrojet").option("avroSchema", schema)
    write.option("compression", "deflate").mode("append").save(str(out))
    assert all(path.name.startswith("part-") for path in out.iterdir())
    assert load(spark, f"file:{out}").count() == load(spark, f"file://{out}").count() == 3000
    for slashes in ("", "//"):
        one = frame.limit(1).write.format("avrojet").option("avroSchema", schema).mode("append")
        one.save(f"file:{slashes}{tmp_path}/more")
    both = spark.read.format("avrojet").load([f"file:{tmp_path}/more", f"file://{out}"])
    assert both.count() == 3002
    rows = pa.table(avrojet.scan(out)).sort_by("id")
    same(rows, tmp_path / "in")
    frame.where("id < 10").write.format("avrojet").mode("overwrite").option("recordName", "Kept").save(
        str(out)
    )
    assert avrojet.scan(out).count() == 10
    assert avrojet.scan(out).avro_schema.fullname == "Kept"


def test_a_task_that_fails_leaves_nothing(spark, tmp_path):
    frame = load(spark, write_orders(tmp_path / "in"))
    schema = avrojet.parse_schema(
        {"type": "record", "name": "R", "fields": [{"name": "id", "type": "int"}]}
    ).json
    wide = frame.select((F.col("id") * 2_000_000).alias("id"))
    with pytest.raises(Exception, match="out of range"):
        wide.write.format("avrojet").option("avroSchema", schema).mode("append").save(str(tmp_path / "out"))
    assert not list((tmp_path / "out").iterdir())


def test_what_cannot_be_written_is_told_before_a_job_starts(spark, tmp_path):
    frame = spark.createDataFrame([(1, "a")], "id long, shop string")
    narrow = avrojet.parse_schema(record("R", id="long")).json
    for options, told in [
        ({"compression": "none"}, "unknown codec 'none'"),
        ({"avroSchema": narrow}, "no field 'shop'"),
        ({"colour": "red"}, "no option 'colour'"),
    ]:
        with pytest.raises(AnalysisException, match=told):
            frame.write.format("avrojet").options(**options).mode("append").save(str(tmp_path / "out"))
    assert not (tmp_path / "out").exists()


def test_a_worker_that_is_killed(spark, tmp_path):
    frame = load(spark, write_orders(tmp_path / "in"), splitBytes=4000)
    mark = tmp_path / "killed"

    def stumbling(batches):
        for batch in batches:
            yield batch
            if not mark.exists():
                mark.touch()
                os.kill(os.getpid(), signal.SIGKILL)

    out = tmp_path / "out"
    frame.mapInArrow(stumbling, frame.schema).write.format("avrojet").mode("append").save(str(out))
    assert mark.exists()
    same(pa.table(avrojet.scan(out)).sort_by("id"), tmp_path / "in")
    assert all(path.suffix == ".avro" for path in out.iterdir())


def test_files_that_change_between_planning_and_reading(spark, tmp_path):
    folder = write_orders(tmp_path / "in")
    frame = load(spark, folder, splitBytes=4000)
    with avrojet.DataFileWriter(folder / "0.avro", mode="a") as grown:
        grown.append({"id": 3000, "shop": "s", "total": None, "place": {"city": None, "size": 1}})
    ids = sorted(row["id"] for row in frame.select("id").collect())
    assert ids in (list(range(3000)), list(range(3001)))
    (folder / "1.avro").unlink()
    with pytest.raises(Exception, match="1.avro"):
        frame.collect()


def test_fields_by_position(spark, tmp_path):
    frame = load(spark, write_orders(tmp_path / "in")).select("id", "shop").where("id < 3")
    fields = [{"name": "number", "type": "long"}, {"name": "name", "type": "string"}]
    schema = avrojet.parse_schema({"type": "record", "name": "R", "fields": fields}).json
    options = {"avroSchema": schema, "positionalFieldMatching": "true"}
    frame.write.format("avrojet").options(**options).mode("append").save(str(tmp_path / "out"))
    assert sorted(row["number"] for row in pa.table(avrojet.scan(tmp_path / "out")).to_pylist()) == [0, 1, 2]
    read = spark.read.format("avrojet").schema("a long, b string").option("positionalFieldMatching", "true")
    assert read.load(str(tmp_path / "out")).where("a = 1").collect() == [(1, "s1")]


def test_messages(spark, tmp_path):
    frame = load(spark, write_orders(tmp_path)).withColumn("n", F.col("id"))
    struct = F.when(F.col("id") != 7, F.struct("id", "shop", "total", "place"))
    messages = frame.select("n", avrojet.spark.to_avro(struct, ORDER).alias("value"))
    found = messages.select("n", avrojet.spark.from_avro("value", ORDER).alias("order"))
    rows = {row["n"]: row["order"] for row in found.select("n", "order.shop", "order").collect()}
    assert rows[7] is None
    assert rows[8]["shop"] == "s2"
    assert rows[8]["place"]["size"] == 8
    broken = messages.where("n = 8").select("n", F.lit(b"\xff\xff").alias("value"))
    null = broken.select(avrojet.spark.from_avro("value", ORDER, on_error="null").alias("o")).collect()
    assert null == [(None,)]
    with pytest.raises(Exception, match="DecodeError|TruncatedError"):
        broken.select(avrojet.spark.from_avro("value", ORDER)).collect()
    numbers = messages.where("n < 3").select(avrojet.spark.to_avro("n", "long").alias("value"))
    assert sorted(numbers.select(avrojet.spark.from_avro("value", "long")).collect()) == [(0,), (1,), (2,)]


def test_messages_of_a_registry(spark, tmp_path):
    folder = str(tmp_path / "schemas")
    old = {**ORDER, "fields": ORDER["fields"][:2]}

    def registry():
        from avrojet.registry import MemoryRegistry

        made = MemoryRegistry()
        made.register("old-value", old)
        made.register("orders-value", ORDER)
        return made

    assert folder
    frame = load(spark, write_orders(tmp_path / "in")).where("id < 100")
    news = frame.select(
        "id",
        avrojet.spark.to_avro(
            F.struct("id", "shop", "total", "place"), ORDER, registry=registry, topic="orders"
        ).alias("value"),
    )
    olds = frame.select(
        "id",
        avrojet.spark.to_avro(F.struct("id", "shop"), old, registry=registry, topic="old").alias("value"),
    )
    reader = {
        **ORDER,
        "fields": [*old["fields"], {"name": "total", "type": ["null", "double"], "default": None}],
    }
    both = (
        news.union(olds)
        .union(spark.createDataFrame([(500, None), (501, b"no frame")], "id long, value binary"))
        .coalesce(1)
    )
    read = both.select(
        "id",
        avrojet.spark.from_avro("value", registry=registry, reader_schema=reader, on_error="null").alias("o"),
    )
    found = read.collect()
    assert len(found) == 202
    assert all(row["id"] == row["o"]["id"] for row in found if row["id"] < 500)
    assert [row["o"] for row in found if row["id"] >= 500] == [None, None]
    assert sum(row["o"]["total"] is None for row in found if row["o"]) == 100


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({}, "needs the schema"),
        ({"registry": object()}, "needs the reader_schema"),
        ({"schema": "long", "framing": "confluent"}, "a registry is needed"),
        ({"schema": "long", "on_error": "skip"}, "on_error must be"),
        ({"schema": "long", "framing": "confluint"}, "framing must be one of"),
        ({"registry": object(), "reader_schema": "long", "framing": "azure"}, "headers, and a column"),
        ({"registry": object(), "reader_schema": "long", "framing": "none"}, "give it as schema"),
    ],
)
def test_what_messages_need_is_told_at_once(arguments, told):
    with pytest.raises(ValueError, match=told):
        avrojet.spark.from_avro("value", **arguments)


@pytest.mark.parametrize(
    ("arguments", "error", "told"),
    [
        ({"framing": "confluent"}, ValueError, "a registry is needed"),
        ({"registry": object(), "framing": "apicurio-headers"}, ValueError, "headers, and a column"),
        ({"registry": object(), "normalise": True}, TypeError, "did you mean 'normalize'"),
        ({"normalize": True}, TypeError, r"to_avro\(\) got .* 'normalize'"),
    ],
)
def test_what_written_messages_need_is_told_at_once(arguments, error, told):
    with pytest.raises(error, match=told):
        avrojet.spark.to_avro("value", "long", **arguments)


def test_messages_in_the_single_object_encoding(spark):
    """A fingerprint is enough, as the schema is known."""
    frame = spark.createDataFrame([(1,), (None,), (3,)], "id long")
    messages = frame.select(avrojet.spark.to_avro("id", "long", framing="single-object"))
    assert messages.columns == ["to_avro(id)"]
    messages = messages.toDF("value")
    encoded = [row["value"] for row in messages.collect()]
    writer = single_object.Writer("long")
    assert encoded == [writer.encode(1), None, writer.encode(3)]
    mixed = messages.union(spark.createDataFrame([(b"no frame",)], "value binary")).coalesce(1)
    for reader in (None, "double"):
        read = avrojet.spark.from_avro(
            "value", "long", framing="single-object", reader_schema=reader, on_error="null"
        )
        assert [row[0] for row in mixed.select(read).collect()] == [1, None, 3, None]


def test_damage(spark, tmp_path):
    folder = write_orders(tmp_path)
    data = bytearray((folder / "1.avro").read_bytes())
    data[8000:8600] = bytes([255]) * 600
    (folder / "1.avro").write_bytes(data)
    with pytest.raises(Exception, match="1.avro"):
        load(spark, folder).collect()
    assert 2000 < load(spark, folder, onError="skip").count() < 3000
    assert 2000 < load(spark, folder, mode="dropMalformed").count() < 3000
