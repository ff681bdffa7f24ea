"""The Spark job: the files that landed, under the newest schema, summed, to Parquet by day.

    python examples/pipeline/job.py LANDING LAKE

The newest file says what the newest schema is. With ``--stumble FILE`` a worker is killed once, where the
file is not there yet.
"""

from __future__ import annotations

import argparse
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pyspark.sql import SparkSession
from pyspark.sql import functions as F  # noqa: N812 (as all of its users call it)

import avrojet
import avrojet.spark


def run(spark: SparkSession, landing: str, lake: str, stumble: str | None) -> None:
    """The query, which any session of Spark can run."""
    newest = max(Path(landing).glob("*.avro"), key=lambda path: path.name)
    schema = avrojet.scan(newest).avro_schema.json
    messages = (
        spark.read.format("avrojet").option("avroSchema", schema).option("splitBytes", 1 << 20).load(landing)
    )
    rows = messages.select("value.*")
    if stumble is not None:
        rows = rows.mapInArrow(_stumbling(Path(stumble)), rows.schema)
    sums = rows.groupBy("day", "shop", "currency").agg(
        F.sum("cents").alias("cents"), F.count("*").alias("orders")
    )
    sums.write.partitionBy("day").mode("overwrite").parquet(lake)


def _stumbling(mark: Path) -> Any:
    def stumbling(batches: Iterator[Any]) -> Iterator[Any]:
        for batch in batches:
            yield batch
            try:
                mark.touch(exist_ok=False)
            except FileExistsError:
                continue
            os.kill(os.getpid(), signal.SIGKILL)

    return stumbling


def session() -> SparkSession:
    """A session on this machine, where a failed task is tried again, as on clusters."""
    builder = SparkSession.builder.appName("orders")
    if "SPARK_REMOTE" not in os.environ and "MASTER" not in os.environ:
        builder = builder.master("local[2,4]").config("spark.ui.enabled", "false")
        builder = builder.config("spark.driver.bindAddress", "127.0.0.1").config(
            "spark.driver.host", "127.0.0.1"
        )
        builder = builder.config("spark.sql.shuffle.partitions", "2")
    return builder.getOrCreate()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("landing")
    parser.add_argument("lake")
    parser.add_argument("--stumble")
    arguments = parser.parse_args()
    spark = session()
    avrojet.spark.register(spark)
    run(spark, arguments.landing, arguments.lake, arguments.stumble)
    spark.stop()


if __name__ == "__main__":
    main()
