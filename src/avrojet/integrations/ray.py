"""Avro files as datasets of Ray Data, and back.

>>> import avrojet.ray
>>> orders = avrojet.ray.read_avro("orders/")
>>> orders.groupby("shop").sum("total").to_pandas()
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import Any, Final

from avrojet.columns.source import ColumnSource
from avrojet.integrations.hosts import host
from avrojet.integrations.staging import SaveMode, Staging, ensure_writable, staged
from avrojet.keywords import ensure_known
from avrojet.plan.project import ColumnName
from avrojet.scanning.listing import Source
from avrojet.scanning.scan import Scan, scan
from avrojet.schema.model import Schema
from avrojet.schema.parse import parse_schema

ray_data = host("ray.data", "ray", "2.60")

import pyarrow as pa  # noqa: E402 (the message for those who do not have Ray comes first)
from ray.data._internal.arrow_block import (  # noqa: E402
    _BATCH_SIZE_PRESERVING_STUB_COL_NAME as _NO_COLUMN,
)
from ray.data.block import BlockAccessor, BlockMetadata  # noqa: E402
from ray.data.datasource import Datasink, Datasource, ReadTask  # noqa: E402

from avrojet.integrations.batches import arrow_batches  # noqa: E402

__all__ = ["read_avro", "write_avro"]

# Rows in memory take about as many times the bytes of files, most of which are compressed.
_IN_MEMORY: Final = 3


def read_avro(
    paths: Source,
    *,
    columns: Sequence[ColumnName] | None = None,
    include_paths: bool = False,
    concurrency: int | None = None,
    override_num_blocks: int | None = None,
    ray_remote_args: dict[str, Any] | None = None,
    reader_schema: Schema | Any = None,
    **options: Any,
) -> Any:
    """Read container files as a dataset of Ray Data, lazily.

    Columns that are not selected are not read, rows are counted without being decoded, and a task reads no
    more rows than the limit.

    :param paths: paths, wildcards, folders or URLs, as for :func:`avrojet.scan`.
    :param columns: the columns to read, in this order, those of records within as ``"customer.name"``.
    :param include_paths: whether a column ``path`` says which file each row is from.
    :param concurrency: how many tasks read at once, at most.
    :param override_num_blocks: into how many tasks the files are divided; None: Ray decides by their size.
    :param ray_remote_args: arguments of ``ray.remote`` for the tasks.
    :param reader_schema: what rows should look like; None: as the first file's.
    :param options: others of :func:`avrojet.scan`, whose errors this raises too.
    :returns: a ``ray.data.Dataset``.
    """
    ensure_known("read_avro", options, scan)
    chosen = {"path_column": "path", **options} if include_paths else options
    whole = scan(paths, columns=columns, reader_schema=reader_schema, **chosen)
    schema = pa.schema(whole.schema)
    # Ray has a process for each processor already.
    source = _AvroDatasource(whole if "threads" in options else whole.with_threads(1), schema)
    return ray_data.read_datasource(
        source,
        concurrency=concurrency,
        override_num_blocks=override_num_blocks,
        ray_remote_args=ray_remote_args,
    )


class _AvroDatasource(Datasource):  # type: ignore[misc]
    def __init__(self, whole: Scan, schema: Any) -> None:
        super().__init__()
        self._scan = whole
        self._schema = schema
        self._projection_map = None

    def supports_projection_pushdown(self) -> bool:
        return True

    def estimate_inmemory_data_size(self) -> int | None:
        if self._projection_map == {}:
            return 0
        return _IN_MEMORY * sum(file.size or 0 for file in self._scan.files) or None

    def get_read_tasks(
        self, parallelism: int, per_task_row_limit: int | None = None, data_context: Any = None
    ) -> list[ReadTask]:
        names = None if self._projection_map is None else list(self._projection_map)
        wanted = self._scan if names is None else self._scan.only(names)
        schema = self._schema if names is None else pa.schema([self._schema.field(name) for name in names])
        tasks = []
        for part in wanted.splits(count=parallelism):
            read = part if per_task_row_limit is None else part.head(per_task_row_limit)
            tasks.append(ReadTask(partial(_blocks, read, names), _metadata(part), schema, per_task_row_limit))
        return tasks


def _metadata(part: Scan) -> Any:
    return BlockMetadata(
        num_rows=None,
        size_bytes=_IN_MEMORY * sum(file.size or 0 for file in part.files),
        exec_stats=None,
        input_files=tuple({file.path for file in part.files if file.path is not None}),
    )


def _blocks(part: Scan, names: list[str] | None) -> Iterator[Any]:
    """Yield the tables that a task reads; if no column is wanted, each has one dummy column, from which Ray
    only counts rows.
    """
    if names == []:
        yield pa.table({_NO_COLUMN: pa.nulls(part.count())})
        return
    stream = part.to_arrow()
    columns = pa.schema(stream).names if names is None else names
    yield pa.Table.from_batches([], pa.schema(stream)).select(columns)  # parts without rows have columns too
    for batch in arrow_batches(stream):
        yield pa.Table.from_batches([batch.select(columns)])


def write_avro(
    dataset: Any,
    path: str | os.PathLike[str],
    *,
    schema: Schema | Any = None,
    codec: str = "null",
    mode: SaveMode = "error",
    min_rows_per_file: int | None = None,
    concurrency: int | None = None,
    ray_remote_args: dict[str, Any] | None = None,
    **options: Any,
) -> None:
    """Write a dataset of Ray Data into a folder, one file a task.

    Each call uses new file names. The files appear once all of them are complete; if a task fails, none does.

    :param dataset: a ``ray.data.Dataset``.
    :param path: a local folder, which all workers share.
    :param schema: what to write; None: one made of the types of the columns, each a union with null.
    :param mode: what to do if the folder has Avro files: ``"error"``, ``"append"``, or ``"overwrite"``, which
        removes them when the new ones are whole. Ray's own ``SaveMode`` is accepted too.
    :param min_rows_per_file: blocks of fewer rows are put together.
    :param concurrency: how many tasks write at once, at most.
    :param ray_remote_args: for the tasks, as of ``ray.remote``.
    :param options: others of :func:`avrojet.write_arrow`, whose errors Ray wraps in one of its own.
    """
    ensure_writable("write_avro", codec, options)
    job = staged(path, str(getattr(mode, "value", mode)))
    written = None if schema is None else parse_schema(schema).json
    sink = _AvroDatasink(job, written, {"codec": codec, "threads": 0, **options}, min_rows_per_file)
    with job.whole_or_nothing():
        dataset.write_datasink(sink, concurrency=concurrency, ray_remote_args=ray_remote_args)


class _AvroDatasink(Datasink):  # type: ignore[misc]
    def __init__(
        self, job: Staging, schema: str | None, options: dict[str, Any], least_rows: int | None
    ) -> None:
        self._job = job
        self._schema = schema
        self._options = options
        self._least_rows = least_rows

    @property
    def min_rows_per_write(self) -> int | None:
        return self._least_rows

    def on_write_start(self, schema: Any = None) -> None:
        """The types of pandas blocks are only known from their values."""
        if self._schema is None and isinstance(schema, pa.Schema):
            self._schema = ColumnSource(pa.Table.from_batches([], schema)).schema().json

    def write(self, blocks: Iterable[Any], ctx: Any) -> str | None:
        tables = [BlockAccessor.for_block(block).to_arrow() for block in blocks]
        tables = [table for table in tables if table.num_rows]
        if not tables:
            return None
        rows = pa.concat_tables(tables, promote_options="permissive")
        return self._job.write(ctx.task_idx, rows, {**self._options, "schema": self._schema})

    def on_write_complete(self, write_result: Any) -> None:
        self._job.commit([name for name in write_result.write_returns if name is not None])

    def on_write_failed(self, error: Exception) -> None:
        self._job.abort()
