"""Reading container files as columns: avrojet beside the libraries that are installed here.

    python -m benchmarks.columns [--rows 500000] [--rounds 7] [--codecs null,snappy,deflate]

Each round runs every library once, on the same file; what counts are the medians of the ratios within
rounds, which a busy machine disturbs least. One core: pin the process to it (``taskset -c 0`` on Linux).
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import avrojet

# Both read this when they start.
os.environ.setdefault("POLARS_MAX_THREADS", "1")
os.environ.setdefault("TOKIO_WORKER_THREADS", "1")

FLAT = {
    "type": "record",
    "name": "Flat",
    "fields": [
        {"name": "id", "type": "long"},
        {"name": "name", "type": "string"},
        {"name": "email", "type": "string"},
        {"name": "age", "type": "int"},
        {"name": "score", "type": "double"},
        {"name": "active", "type": "boolean"},
        {"name": "created", "type": "long"},
        {"name": "country", "type": "string"},
        {"name": "balance", "type": ["null", "double"]},
        {"name": "note", "type": ["null", "string"]},
    ],
}
Read = Callable[[str], Any]


def flat_rows(count: int) -> Iterator[dict[str, Any]]:
    random = Random(1)
    for number in range(count):
        yield {
            "id": number,
            "name": f"name{random.randrange(10**6)}",
            "email": f"user{number}@example.com",
            "age": random.randrange(100),
            "score": random.random(),
            "active": number % 2 == 0,
            "created": 1_700_000_000_000 + number,
            "country": random.choice(["de", "fr", "us"]),
            "balance": None if number % 3 == 0 else random.random(),
            "note": None if number % 4 else f"note {number}",
        }


def pyarrow_of_avrojet(path: str) -> Any:
    import pyarrow as pa

    return pa.table(avrojet.read_arrow(path, threads=0))


def two_columns(path: str) -> Any:
    import pyarrow as pa

    return pa.table(avrojet.read_arrow(path, columns=["id", "country"], threads=0))


def polars() -> Read:
    import polars as pl

    return pl.read_avro


def polars_avro() -> Read:
    import polars_avro

    return polars_avro.read_avro


def datafusion() -> Read:
    import datafusion

    config = datafusion.SessionConfig().with_target_partitions(1)
    return lambda path: datafusion.SessionContext(config).read_avro(path).collect()


def jetliner() -> Read:
    import jetliner

    return jetliner.read_avro


def rugo() -> Read:
    from rugo import avro

    return lambda path: list(avro.read_avro(path))


def fastavro() -> Read:
    import fastavro
    import pyarrow as pa

    def read(path: str) -> Any:
        with Path(path).open("rb") as file:
            return pa.Table.from_pylist(list(fastavro.reader(file)))

    return read


def readers() -> dict[str, Read]:
    found: dict[str, Read] = {"avrojet": pyarrow_of_avrojet, "avrojet, 2 columns": two_columns}
    for make in (rugo, datafusion, polars_avro, polars, jetliner, fastavro):
        try:
            found[make.__name__] = make()
        except ImportError:
            print(f"{make.__name__} is not installed")
    return found


def seconds(read: Read, path: str) -> float:
    start = time.perf_counter()
    kept = read(path)
    taken = time.perf_counter() - start
    del kept
    return taken


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rows", type=int, default=500_000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--codecs", default="null,snappy,deflate")
    options = parser.parse_args()
    found = readers()
    with tempfile.TemporaryDirectory() as folder:
        for codec in options.codecs.split(","):
            path = str(Path(folder) / f"flat-{codec}.avro")
            avrojet.write(path, FLAT, flat_rows(options.rows), codec=codec)
            rounds = [
                {name: seconds(read, path) for name, read in found.items()} for _ in range(options.rounds)
            ]
            print(f"\n{codec:<20} ns per row   times avrojet")
            for name in found:
                taken = statistics.median(each[name] for each in rounds) / options.rows * 1e9
                ratio = statistics.median(each[name] / each["avrojet"] for each in rounds)
                print(f"{name:<20} {taken:10.0f}   {ratio:6.2f}")


if __name__ == "__main__":
    main()
