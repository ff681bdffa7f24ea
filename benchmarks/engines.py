"""What reading adds to engines: one query through each, of the same files, by turns.

    python -m benchmarks.engines [RECORDS]

An engine that is not installed is left out. Times are the best of three, in seconds; the first run of each,
which imports and compiles, does not count.
"""

from __future__ import annotations

import datetime as dt
import sys
import tempfile
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import avrojet

SCHEMA = {
    "type": "record",
    "name": "Order",
    "fields": [
        {"name": "id", "type": "long"},
        {"name": "shop", "type": "string"},
        {"name": "at", "type": {"type": "long", "logicalType": "timestamp-micros"}},
        {"name": "total", "type": {"type": "bytes", "logicalType": "decimal", "precision": 12, "scale": 2}},
        {"name": "tags", "type": {"type": "array", "items": "string"}},
        {"name": "place", "type": ["null", {"type": "record", "name": "Place", "fields": [
            {"name": "city", "type": "string"}, {"name": "size", "type": "int"}]}]},
    ],
}  # fmt: skip
FILES = 4
ROUNDS = 3


def write_files(folder: Path, records: int) -> None:
    at = dt.datetime(2024, 3, 7, tzinfo=dt.UTC)
    for number in range(FILES):
        rows = (
            {
                "id": row,
                "shop": f"shop {row % 50}",
                "at": at,
                "total": Decimal(row % 10_000).scaleb(-2),
                "tags": ["new", "gift"],
                "place": None if row % 3 else {"city": "Ulm", "size": row % 7},
            }
            for row in range(number, records, FILES)
        )
        avrojet.write(folder / f"{number}.avro", SCHEMA, rows, codec="deflate")


def queries(folder: Path) -> dict[str, Callable[[], Any]]:
    """Counts, and sums of one column, by engine."""
    found: dict[str, Callable[[], Any]] = {}
    found["avrojet.scan, count"] = lambda: avrojet.scan(folder).count()
    found["read_arrow, id"] = lambda: sum(map(len, avrojet.read_arrow(folder, columns=["id"])))
    found["read_arrow, all"] = lambda: sum(map(len, avrojet.read_arrow(folder)))
    for add in (_polars, _dask, _dask_bag, _daft):
        try:
            add(found, folder)
        except ImportError as error:
            print(f"left out: {error}", file=sys.stderr)
    return found


def _polars(found: dict[str, Callable[[], Any]], folder: Path) -> None:
    import polars as pl

    import avrojet.polars

    frame = avrojet.polars.scan_avro(folder)
    found["polars, sum of id"] = lambda: frame.select(pl.col("id").sum()).collect()
    found["polars, all"] = lambda: avrojet.polars.read_avro(folder)


def _dask(found: dict[str, Callable[[], Any]], folder: Path) -> None:
    import avrojet.dask

    frame = avrojet.dask.read_avro(folder, blocksize="4 MiB")
    found["Dask, count"] = lambda: len(frame)
    found["Dask, sum of id"] = lambda: frame["id"].sum().compute()
    found["Dask, group by"] = lambda: frame.groupby("shop")["id"].sum().compute()


def _dask_bag(found: dict[str, Callable[[], Any]], folder: Path) -> None:
    import dask.bag
    import fastavro  # noqa: F401 (which it reads with)

    bag = dask.bag.read_avro(str(folder / "*.avro"), blocksize=4 << 20)
    found["dask.bag with fastavro, count"] = lambda: bag.count().compute(scheduler="threads")


def _daft(found: dict[str, Callable[[], Any]], folder: Path) -> None:
    import avrojet.daft

    frame = avrojet.daft.read_avro(folder, split_bytes=4 << 20)
    found["Daft, count"] = frame.count_rows
    found["Daft, sum of id"] = lambda: frame.sum("id").to_pydict()
    found["Daft, all"] = lambda: avrojet.daft.read_avro(folder, split_bytes=4 << 20).to_arrow()


def main() -> None:
    records = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000
    with tempfile.TemporaryDirectory() as folder:
        write_files(Path(folder), records)
        runs = queries(Path(folder))
        best = dict.fromkeys(runs, float("inf"))
        for turn in range(ROUNDS + 1):
            for name, run in runs.items():
                start = time.perf_counter()
                run()
                if turn:
                    best[name] = min(best[name], time.perf_counter() - start)
    print(f"{records} records in {FILES} files")
    for name, seconds in best.items():
        print(f"{name:32} {seconds:8.3f}")


if __name__ == "__main__":
    main()
