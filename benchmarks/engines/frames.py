"""Queries through the engines of one process or a few: polars, Daft, Dask, Ray.

Each function makes the queries of an engine, and raises ImportError where it is not installed.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import avrojet
from benchmarks.engines.measure import Query

# Bytes that make a task.
PART = 4 << 20

Made = Iterator[Query]


def own(folder: Path, records: int) -> Made:
    """avrojet alone, which the others are compared with."""
    yield Query("scan, count", lambda: avrojet.scan(folder).count(), records, "scan, count")
    yield Query(
        "read_arrow, id",
        lambda: sum(map(len, avrojet.read_arrow(folder, columns=["id"]))),
        records,
        "read_arrow, id",
    )
    yield Query(
        "read_arrow, all", lambda: sum(map(len, [*avrojet.read_arrow(folder)])), records, "read_arrow, all"
    )
    yield Query(
        "read_arrow of one thread, all",
        lambda: sum(map(len, [*avrojet.read_arrow(folder, threads=1)])),
        records,
        "read_arrow, all",
    )


def polars(folder: Path, records: int) -> Made:
    import polars as pl

    import avrojet.polars

    frame = avrojet.polars.scan_avro(folder)
    total = sum(range(records))
    types = avrojet.ArrowTypes(strings="view", lists="large", decimals="decimal128")
    batches = [*avrojet.read_arrow(folder, types=types)]
    yield Query(
        "polars, sum of id",
        lambda: frame.select(pl.col("id").sum()).collect().item(),
        total,
        "read_arrow, id",
    )
    yield Query(
        "polars read_avro, all", lambda: avrojet.polars.read_avro(folder).height, records, "read_arrow, all"
    )
    yield Query(
        "polars scan_avro, all",
        lambda: avrojet.polars.scan_avro(folder).collect().height,
        records,
        "read_arrow, all",
    )
    yield Query(
        "polars, batches that are ready",
        lambda: sum(pl.DataFrame(batch).height for batch in batches),
        records,
        "read_arrow, all",
    )


def daft(folder: Path, records: int) -> Made:
    import pyarrow as pa

    os.environ.setdefault("DAFT_ANALYTICS_ENABLED", "0")  # no usage statistics
    import avrojet.daft

    def read(**options: int) -> Callable[[], int]:
        return lambda: avrojet.daft.read_avro(folder, **options).to_arrow().num_rows

    frame = avrojet.daft.read_avro(folder, split_bytes=PART)
    large = avrojet.ArrowTypes(strings="large", decimals="decimal128")
    ready = [pa.record_batch(each) for each in avrojet.read_arrow(folder, types=large)]
    yield Query("Daft, count", frame.count_rows, records, "scan, count")
    yield Query(
        "Daft, sum of id", lambda: frame.sum("id").to_pydict()["id"][0], sum(range(records)), "read_arrow, id"
    )
    yield Query("Daft, all", read(), records, "read_arrow, all")
    yield Query("Daft, all, parts", read(split_bytes=PART), records, "read_arrow, all")
    yield Query(
        "Daft, batches that are ready",
        lambda: _source_of(ready).to_arrow().num_rows,
        records,
        "read_arrow, all",
    )


def _source_of(batches: list[Any]) -> Any:
    """The least that Daft itself takes for batches of a source."""
    from daft import Schema
    from daft.io.source import DataSource, DataSourceTask
    from daft.recordbatch import MicroPartition

    shown = Schema.from_pyarrow_schema(batches[0].schema)

    class Task(DataSourceTask):  # type: ignore[misc]
        schema = shown

        async def read(self) -> AsyncIterator[Any]:
            for batch in batches:
                for rows in MicroPartition.from_arrow_stream(batch).get_record_batches():
                    yield rows

    class Source(DataSource):  # type: ignore[misc]
        name = "ready"
        schema = shown

        async def get_tasks(self, pushdowns: Any) -> AsyncIterator[Any]:
            yield Task()

    return Source().read()


def dask(folder: Path, records: int) -> Made:
    import dask

    import avrojet.dask

    frame = avrojet.dask.read_avro(folder, blocksize=PART)
    total = sum(range(records))
    yield Query("Dask threads, count", lambda: len(frame), records, "dask.bag threads, count")
    yield Query("Dask threads, sum of id", lambda: int(frame["id"].sum().compute()), total, "read_arrow, id")
    yield Query(
        "Dask threads, group by",
        lambda: int(frame.groupby("shop")["id"].sum().compute().sum()),
        total,
        "read_arrow, id",
    )

    def in_processes() -> int:
        with dask.config.set(scheduler="processes"):
            return len(frame)

    yield Query("Dask processes, count", in_processes, records, "dask.bag processes, count", most_rounds=3)


def dask_bag(folder: Path, records: int) -> Made:
    import dask.bag
    import fastavro  # noqa: F401 (which it reads with)

    bag = dask.bag.read_avro(str(folder / "*.avro"), blocksize=PART)
    for scheduler in ("threads", "processes"):
        name = f"dask.bag {scheduler}, count"
        yield Query(
            name,
            lambda scheduler=scheduler: bag.count().compute(scheduler=scheduler),  # type: ignore[misc]
            records,
            name,
            most_rounds=3,
        )


def ray(folder: Path, records: int) -> Made:
    import ray

    import avrojet.ray

    ray.init(num_cpus=2, include_dashboard=False, logging_level="error")
    ray.data.DataContext.get_current().enable_progress_bars = False
    name = "ray.data.range"
    yield Query(
        name, lambda: ray.data.range(records, override_num_blocks=4).materialize().count(), records, name, 3
    )
    yield Query(
        "Ray, all",
        lambda: avrojet.ray.read_avro(str(folder)).materialize().count(),
        records,
        name,
        most_rounds=3,
    )
