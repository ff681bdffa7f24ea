"""Orders from Kafka through Avro files and Spark to Parquet, with a crash on each leg, checked at the end.

    python examples/pipeline/run.py [--orders N] [--servers HOST:PORT --registry URL]

Without servers of yours, a broker and a registry are started for it, which are fetched with Maven at first.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1])]

import orders
import polars as pl


@contextmanager
def servers() -> Iterator[tuple[str, str]]:
    """A broker of Kafka and a registry with Confluent's interface, on ports of this machine."""
    from tests.peers import apicurio_registry, kafka_broker

    kafka_broker.fetch()
    apicurio_registry.fetch(2)
    with kafka_broker.running() as broker, apicurio_registry.running(2) as registry:
        yield broker.servers, f"{registry}/apis/ccompat/v7"


def dump(broker: str, registry: str, target: Path, start: int) -> None:
    """Keep what is new in the topic as a file. The first run is killed on the way; the second goes on."""
    command = [
        sys.executable,
        "-m",
        "avrojet",
        "kafka",
        "dump",
        orders.TOPIC,
        str(target),
        "--from",
        str(start),
    ]
    environment = {**os.environ, "AVROJET_BOOTSTRAP_SERVERS": broker, "AVROJET_REGISTRY": registry}
    left = target.with_name(f".{target.name}.dump")
    first = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE)
    while first.poll() is None and not (left.exists() and left.stat().st_size):
        time.sleep(0.005)
    first.kill()
    first.communicate()
    print(f"{target.name}: killed when it had {left.stat().st_size if left.exists() else 'all its'} bytes")
    subprocess.run(command, env=environment, check=True)


def check(lake: Path, count: int) -> None:
    """Compare what is in the lake with what was sent."""
    sums = pl.scan_parquet(lake / "**/*.parquet", hive_partitioning=True, try_parse_hive_dates=True).collect()
    found = {(row["day"], row["shop"], row["currency"]): row["cents"] for row in sums.iter_rows(named=True)}
    assert found == dict(orders.totals(count)), "sums differ from what was sent"
    assert sums["orders"].sum() == 2 * count, "orders were lost, or are there twice"
    print(sums.group_by("day").agg(pl.col("orders", "cents").sum()).sort("day"))


def run(broker: str, registry: str, place: Path, count: int) -> None:
    """All of it: orders under two schemas, each to a file, both files through Spark."""
    landing, lake = place / "landing", place / "lake"
    landing.mkdir()
    orders.make_topic(broker)
    for version in (1, 2):
        orders.produce(broker, registry, count, version)
        dump(broker, registry, landing / f"orders-{version}.avro", (version - 1) * count // orders.PARTITIONS)
    stumble = place / "stumbled"
    subprocess.run(
        [sys.executable, str(HERE / "job.py"), str(landing), str(lake), "--stumble", str(stumble)], check=True
    )
    assert stumble.exists(), "no worker was killed"
    check(lake, count)
    print(f"{2 * count} orders: none was lost, none is there twice")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--orders", type=int, default=90_000, help="of each schema, a multiple of 3 (%(default)s)"
    )
    parser.add_argument("--servers", help="Kafka's bootstrap servers")
    parser.add_argument("--registry", help="URL of a registry with Confluent's interface")
    arguments = parser.parse_args()
    if arguments.orders % orders.PARTITIONS:
        parser.error(f"--orders is a multiple of {orders.PARTITIONS}")
    with tempfile.TemporaryDirectory() as place:
        if arguments.servers:
            run(arguments.servers, arguments.registry, Path(place), arguments.orders)
            return
        with servers() as (broker, registry):
            run(broker, registry, Path(place), arguments.orders)


if __name__ == "__main__":
    main()
