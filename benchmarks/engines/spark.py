"""Queries through Spark, beside those of spark-avro, the JVM's package, the jar of AVROJET_SPARK_JARS."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from benchmarks.engines.measure import Query

SETTINGS = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.memory": "2g",
    "spark.sql.shuffle.partitions": "2",
    "spark.sql.session.timeZone": "UTC",
}


def _session() -> Any:
    from pyspark.sql import SparkSession

    os.environ.update(SPARK_LOCAL_IP="127.0.0.1", PYSPARK_PYTHON=sys.executable)
    builder = SparkSession.builder.master("local[2]")
    for name, value in {**SETTINGS, "spark.jars": os.environ.get("AVROJET_SPARK_JARS", "")}.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()


def spark(folder: Path, records: int) -> Iterator[Query]:
    """From and to files."""
    from pyspark.sql import functions as F  # noqa: N812 (as all call it)

    import avrojet.spark

    session = _session()
    session.sparkContext.setLogLevel("OFF")
    avrojet.spark.register(session)
    total = sum(range(records))
    formats = {"avrojet": "Spark"}
    if "AVROJET_SPARK_JARS" in os.environ:
        formats["avro"] = "spark-avro"
    frames = {name: session.read.format(name).load(str(folder)) for name in formats}
    narrow = session.read.format("avrojet").schema("id long").load(str(folder))
    theirs = formats.get("avro", "Spark")

    def grouped(frame: Any) -> int:
        return sum(row[1] for row in frame.groupBy("shop").agg(F.sum("id")).collect())

    def written(name: str, frame: Any) -> int:
        target = folder.with_name(f"written-{name}")
        frame.write.format(name).option("compression", "deflate").mode("append").save(str(target))
        shutil.rmtree(target)
        return records

    def all_columns(frame: Any) -> int:
        frame.write.format("noop").mode("overwrite").save()
        return records

    kept = frames["avrojet"].persist()
    kept.count()
    for name, label in formats.items():
        # Spark would take the frame that is kept in memory, if the options were the same.
        fresh = session.read.format(name).option("mode", "FAILFAST").load(str(folder))
        yield Query(f"{label}, count", fresh.count, records, f"{theirs}, count")
        yield Query(f"{label}, group by", lambda f=fresh: grouped(f), total, f"{theirs}, group by")  # type: ignore[misc]
        yield Query(f"{label}, all", lambda f=fresh: all_columns(f), records, f"{theirs}, all")  # type: ignore[misc]
        yield Query(
            f"{label}, write",
            lambda n=name: written(n, kept),  # type: ignore[misc]
            records,
            f"{theirs}, write",
        )
    yield Query("Spark, count of .schema(id)", narrow.count, records, f"{theirs}, count")
    yield from _messages(session, kept, folder, records)


def _messages(session: Any, kept: Any, folder: Path, records: int) -> Iterator[Query]:
    """Messages in memory, read by both; and framed ones, which Spark itself cannot read."""
    from pyspark.sql import functions as F  # noqa: N812

    import avrojet
    import avrojet.spark

    schema = avrojet.scan(folder).avro_schema
    text = schema.json
    row = F.struct(*kept.columns)

    def registry() -> Any:
        from avrojet.registry import MemoryRegistry

        made = MemoryRegistry()
        made.register("orders-value", schema)
        return made

    bare = kept.select(avrojet.spark.to_avro(row, schema).alias("value")).persist()
    framed = kept.select(
        avrojet.spark.to_avro(row, schema, registry=registry, topic="orders").alias("value")
    ).persist()
    for frame in (bare, framed):
        frame.count()
    few = records // 10
    some = framed.limit(few).repartition(2).persist()
    some.count()

    def read(frame: Any, column: Any) -> int:
        frame.select(column.alias("o")).write.format("noop").mode("overwrite").save()
        return records

    theirs = "Spark's own from_avro"
    ours = avrojet.spark.from_avro("value", schema)
    yield Query("from_avro, bare", lambda: read(bare, ours), records, theirs)
    if "AVROJET_SPARK_JARS" in os.environ:
        from pyspark.sql.avro.functions import from_avro

        yield Query(theirs, lambda: read(bare, from_avro("value", text)), records, theirs)
    yield Query("nothing but the messages", lambda: read(bare, F.col("value")), records, theirs)
    yield Query(
        "an Arrow function that does nothing", lambda: read(bare, _as_it_is()("value")), records, theirs
    )
    read_framed = avrojet.spark.from_avro("value", registry=registry, reader_schema=schema)
    udf = F.udf(lambda message: _deserialized(text, message), kept.schema)("value")
    yield Query(
        "from_avro, a tenth of the framed", lambda: read(some, read_framed), records, "Confluent's, a tenth"
    )
    yield Query("from_avro, framed", lambda: read(framed, read_framed), records, theirs)
    yield Query(
        "Confluent's, a tenth", lambda: read(some, udf), records, "Confluent's, a tenth", most_rounds=3
    )


def _as_it_is() -> Any:
    """What Spark takes to hand a column to Python and back."""
    import pyarrow as pa
    from pyspark.sql.functions import arrow_udf

    def same(column: pa.Array) -> pa.Array:
        return column

    same.__annotations__ = {"column": pa.Array, "return": pa.Array}
    return arrow_udf(same, "binary")


@cache
def _deserializer(text: str) -> Any:
    from confluent_kafka.schema_registry import Schema, SchemaRegistryClient
    from confluent_kafka.schema_registry.avro import AvroDeserializer

    client = SchemaRegistryClient.new_client({"url": "mock://orders"})
    client.register_schema("orders-value", Schema(text, "AVRO"))
    return AvroDeserializer(client)


def _deserialized(text: str, message: Any) -> Any:
    return _deserializer(text)(bytes(message), None)
