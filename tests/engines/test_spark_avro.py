"""Files exchanged with spark-avro, the JVM's package, by AVROJET_SPARK_JARS; and Spark Connect."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

import avrojet
from tests.engines.vectorfile import write_orders

pytest.importorskip("pyspark", reason="Spark is not installed")
pa = pytest.importorskip("pyarrow")

# Of Spark itself, with newer versions of pandas and Python.
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]

COLUMNS = (
    "id long, flag boolean, little int, single float, real double, text string, data binary, price"
    " decimal(9, 2), wide decimal(38, 10), day date, at timestamp, local timestamp_ntz, tags array<string>,"
    " places map<string, struct<city string, size int>>, nested struct<a array<array<long>>, b decimal(4, 1)>"
)
ROWS = [
    (1, True, -5, 0.5, 1e300, "é\0😀", b"\0\xff", Decimal("-1234567.89"), Decimal("1.0000000001"),
     date(2024, 2, 29), datetime(2024, 3, 7, 12, 30, 0, 123456, UTC), datetime(1969, 12, 31, 23, 59, 59),
     ["a", None, ""], {"home": ("Ulm", 1), "": None}, ([[1, None], []], Decimal("1.5"))),
    (2, *[None] * 14),
    (3, False, 2**31 - 1, float("inf"), -0.0, "", b"", Decimal("0.01"), Decimal(-9),
     date(1583, 1, 1), datetime(1970, 1, 1, tzinfo=UTC), datetime(2262, 4, 12), [], {}, ([], None)),
]  # fmt: skip
CODECS = ["uncompressed", "deflate", "snappy", "bzip2", "xz", "zstandard"]


@pytest.mark.skipif("AVROJET_SPARK_JARS" not in os.environ, reason="spark-avro's jar is not here")
def test_files_are_exchanged(spark, tmp_path):
    frame = spark.createDataFrame(ROWS, COLUMNS).coalesce(1)
    wanted = frame.collect()
    for writer, reader in [("avro", "avrojet"), ("avrojet", "avro")]:
        for codec in CODECS:
            path = str(tmp_path / writer / codec)
            frame.write.format(writer).option("compression", codec).mode("append").save(path)
        read = spark.read.format(reader).load(f"{tmp_path / writer}/*")
        assert read.schema.simpleString() == frame.schema.simpleString()
        found = read.orderBy("id").collect()
        assert found == [row for row in wanted for _ in CODECS], (writer, reader)
    ours, theirs = (avrojet.scan(tmp_path / writer / "xz").avro_schema for writer in ("avrojet", "avro"))
    assert {theirs.fullname, ours.fullname} == {"topLevelRecord"}
    assert [field.name for field in ours.fields] == [field.name for field in theirs.fields]


@pytest.mark.skipif("AVROJET_SPARK_JARS" not in os.environ, reason="spark-avro's jar is not here")
def test_types_and_options_are_those_of_spark_avro(spark, tmp_path):
    place = {"type": "record", "name": "x.Place", "fields": [{"name": "a", "type": "int"}]}
    kind = {"type": "enum", "name": "E", "symbols": ["A"]}
    schema = {"type": "record", "name": "U", "fields": [
        {"name": "u", "type": ["null", "int", "string", place, kind]},
        {"name": "list", "type": {"type": "array", "items": ["boolean", "bytes"]}},
        {"name": "map", "type": ["null", {"type": "map", "values": ["string", "null", "double"]}]},
    ]}  # fmt: skip
    avrojet.write(tmp_path / "1.avro", schema, [{"u": "a", "list": [b"b"], "map": {"k": 1.5}}])
    stable = {"enableStableIdentifiersForUnionType": "true"}
    for options in ({}, stable, {**stable, "stableIdentifierPrefixForUnionType": "of_"}):
        ours, theirs = (
            spark.read.format(name).options(**options).load(str(tmp_path)) for name in ("avrojet", "avro")
        )
        assert ours.schema.simpleString() == theirs.schema.simpleString()
        assert ours.collect() == theirs.collect()
    (tmp_path / "1.avro").rename(tmp_path / "data")
    (tmp_path / "_SUCCESS").touch()
    with pytest.raises(Exception, match="no Avro files"):
        spark.read.format("avrojet").load(str(tmp_path)).schema  # noqa: B018
    assert spark.read.format("avrojet").option("ignoreExtension", "true").load(str(tmp_path)).count() == 1


CONNECT = """
import sys, warnings
warnings.simplefilter("ignore")
from pyspark.sql import SparkSession, functions as F
import avrojet.spark
spark = SparkSession.builder.remote("local[2]").getOrCreate()
avrojet.spark.register(spark)
source, target = sys.argv[1:]
frame = spark.read.format("avrojet").load(source)
frame.where("id < 10").write.format("avrojet").mode("append").save(target)
struct = F.struct("id", "shop")
fields = [{"name": "id", "type": "long"}, {"name": "shop", "type": "string"}]
schema = {"type": "record", "name": "O", "fields": fields}
messages = frame.select(avrojet.spark.to_avro(struct, schema).alias("value"))
read = messages.select(avrojet.spark.from_avro("value", schema).alias("o")).agg(F.sum("o.id")).collect()
print(type(spark).__module__, frame.count(), read[0][0])
spark.stop()
"""


def test_spark_connect(tmp_path):
    pytest.importorskip("grpc", reason="pyspark[connect] is not installed")
    environment = {**os.environ, "SPARK_LOCAL_IP": "127.0.0.1", "PYSPARK_PYTHON": sys.executable}
    source = write_orders(tmp_path / "in")
    done = subprocess.run(
        [sys.executable, "-c", CONNECT, str(source), str(tmp_path / "out")],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.split() == ["pyspark.sql.connect.session", "3000", "4498500"], done.stderr[-3000:]
    assert avrojet.scan(tmp_path / "out").count() == 10
