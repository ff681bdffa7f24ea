"""Avro files as data frames of Daft, and back.

>>> import avrojet.daft
>>> orders = avrojet.daft.read_avro("orders/*.avro")
>>> orders.groupby("shop").sum("total").collect()
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any

from avrojet.container.threads import thread_count
from avrojet.errors import SchemaError
from avrojet.integrations.hosts import host
from avrojet.integrations.staging import SaveMode, Staging, ensure_writable, staged, task_options
from avrojet.keywords import ensure_known
from avrojet.plan.arrow.options import ArrowTypes
from avrojet.plan.project import ColumnName
from avrojet.scanning.listing import Source
from avrojet.scanning.scan import SPLIT_BYTES, Scan, scan
from avrojet.schema.model import Schema

daft = host("daft", "daft", "0.7.26")

import pyarrow as pa  # noqa: E402 (the message for those who do not have Daft comes first)
from daft.io.sink import DataSink, WriteResult  # noqa: E402
from daft.io.source import DataSource, DataSourceTask  # noqa: E402
from daft.recordbatch import MicroPartition, RecordBatch  # noqa: E402

from avrojet.integrations.batches import arrow_batches  # noqa: E402
from avrojet.integrations.types import converted, mapped_schema  # noqa: E402

__all__ = ["read_avro", "write_avro"]

# Text and lists as Daft itself keeps them, as other kinds are converted. Most decimals that are declared with
# more digits have values of fewer: Kafka Connect's have 64.
_TYPES = ArrowTypes(strings="large", decimals="decimal128")

# Bytes of batches that a task hands over at once.
_SOME_BYTES = 16 << 20


def read_avro(
    source: Source,
    *,
    columns: Sequence[ColumnName] | None = None,
    reader_schema: Schema | Any = None,
    split_bytes: int = SPLIT_BYTES,
    **options: Any,
) -> Any:
    """Read container files as a data frame of Daft, lazily.

    Columns that a query does not use are not read, reading stops at its limit of rows, and rows are counted
    without being decoded.

    :param source: paths, wildcards, folders or URLs, as for :func:`avrojet.scan`.
    :param columns: the columns to read, in this order, those of records within as ``"customer.name"``.
    :param reader_schema: what rows should look like; None: as the first file's.
    :param split_bytes: bytes that make a task; small files are put together.
    :param options: others of :func:`avrojet.scan`, whose errors this raises too.
    :returns: a ``daft.DataFrame``.
    :raises SchemaError: if there are no columns, as Daft then has no rows either.
    """
    ensure_known("read_avro", options, scan)
    whole = scan(source, columns=columns, reader_schema=reader_schema, **{"types": _TYPES, **options})
    if not whole.schema.names:
        raise SchemaError("Daft has no data frames without columns: scan(...).count() counts the rows")
    parts = whole.splits(split_bytes)
    if "threads" not in options:
        # Daft runs tasks side by side. Few tasks leave processors that can decode for them.
        threads = max(1, thread_count(None) // len(parts))
        parts = [part.with_threads(threads) for part in parts]
    return _Source(whole, parts).read()


def _daft_type(type: Any) -> Any:
    """Return the type that Daft gets in place of an Arrow type that it does not have."""
    if pa.types.is_dictionary(type):
        return type.value_type
    if isinstance(type, pa.BaseExtensionType):  # UUIDs, for which its readers and its own types disagree
        return type.storage_type
    if pa.types.is_time32(type):
        return pa.time64("us")
    return pa.binary() if pa.types.is_fixed_size_binary(type) and not type.byte_width else None


class _Source(DataSource):  # type: ignore[misc]
    def __init__(self, whole: Scan, parts: list[Scan]) -> None:
        self._scan = whole
        self._parts = parts
        self._arrow = mapped_schema(pa.schema(whole.schema), _daft_type)
        self._schema = daft.Schema.from_pyarrow_schema(self._arrow)

    @property
    def name(self) -> str:
        return "avrojet"

    @property
    def schema(self) -> Any:
        return self._schema

    def supports_count_pushdown(self) -> bool:
        return True

    async def get_tasks(self, pushdowns: Any) -> AsyncIterator[DataSourceTask]:
        if pushdowns.aggregation is not None:
            # Daft counts by a column, which it does not name where there is no other.
            (name,) = pushdowns.columns or self._arrow.names[:1] or ["count"]
            yield _Count(self._scan, name)
            return
        # Daft itself filters the rows that are read, and limits what remains.
        limit = pushdowns.limit if pushdowns.filters is None else None
        columns = pushdowns.columns
        if columns is not None:
            columns = list(dict.fromkeys([*columns, *sorted(pushdowns.filter_required_column_names())]))
        names = self._arrow.names if columns is None else columns
        shown = pa.schema([self._arrow.field(name) for name in names])
        for part in self._parts:
            wanted = part if columns is None else part.only(columns)
            yield _Rows(wanted if limit is None else wanted.head(limit), self._schema, shown)


class _Rows(DataSourceTask):  # type: ignore[misc]
    def __init__(self, part: Scan, schema: Any, shown: Any) -> None:
        self._part = part
        self._whole = schema
        self._shown = shown

    @property
    def schema(self) -> Any:
        return self._whole

    async def read(self) -> AsyncIterator[RecordBatch]:
        batches = arrow_batches(self._part)
        # Daft runs all tasks in one thread, where the others would wait for this one.
        while found := await asyncio.to_thread(self._some, batches):
            for rows in found:
                yield rows

    def _some(self, batches: Iterator[Any]) -> list[RecordBatch]:
        """Some of the next rows, as each change of the thread takes time; none at the end."""
        found: list[RecordBatch] = []
        size = 0
        for batch in batches:
            found += _record_batches(converted(batch.select(self._shown.names), self._shown))
            size += batch.nbytes
            if size >= _SOME_BYTES:
                break
        return found


class _Count(DataSourceTask):  # type: ignore[misc]
    def __init__(self, whole: Scan, name: str) -> None:
        self._scan = whole
        self._name = name

    @property
    def schema(self) -> Any:
        return daft.Schema.from_pyarrow_schema(pa.schema({self._name: pa.uint64()}))

    async def read(self) -> AsyncIterator[RecordBatch]:
        count = await asyncio.to_thread(self._scan.count)
        counted = pa.record_batch({self._name: pa.array([count], pa.uint64())})
        for rows in _record_batches(counted):
            yield rows


def _record_batches(batch: Any) -> list[RecordBatch]:
    """A batch of pyarrow's for Daft. `RecordBatch.from_arrow_record_batches` would make a schema of it in
    Python, each time anew, which takes longer than all else here.
    """
    return MicroPartition.from_arrow_stream(batch).get_record_batches()  # type: ignore[no-any-return]


def write_avro(
    frame: Any,
    path: str | os.PathLike[str],
    *,
    schema: Schema | Any = None,
    codec: str = "null",
    mode: SaveMode = "error",
    **options: Any,
) -> list[str]:
    """Run the query of a Daft data frame, and write the result into a folder.

    Each call uses new file names. The files appear once all of them are complete; if a task fails, none does.

    :param frame: a ``daft.DataFrame``.
    :param path: a local folder, which all workers share.
    :param schema: what to write; None: one made of the types of the columns, each a union with null.
    :param mode: what to do if the folder has Avro files: ``"error"``, ``"append"``, or ``"overwrite"``, which
        removes them when the new ones are whole.
    :param options: others of :func:`avrojet.write_arrow`, whose errors Daft wraps in one of its own.
    :returns: the paths of the files.
    """
    ensure_writable("write_avro", codec, options)
    if not isinstance(frame, daft.DataFrame):
        raise TypeError(f"write_avro takes a data frame of Daft, not {type(frame).__name__}")
    types = frame.schema().to_pyarrow_schema()
    chosen = task_options(schema, types.empty_table(), codec, options)
    job = staged(path, mode)
    with job.whole_or_nothing():
        written = frame.write_sink(_Sink(job, chosen))
    return list(written.to_pydict()["path"])


class _Sink(DataSink):  # type: ignore[misc]
    def __init__(self, job: Staging, options: dict[str, Any]) -> None:
        self._job = job
        self._options = options

    def name(self) -> str:
        return "avrojet"

    def schema(self) -> Any:
        return daft.Schema.from_pyarrow_schema(pa.schema({"path": pa.large_string()}))

    def write(self, micropartitions: Iterator[MicroPartition]) -> Iterator[WriteResult[str]]:
        for part in micropartitions:
            table = part.to_arrow()
            yield WriteResult(self._job.write(0, table, self._options), table.nbytes, table.num_rows)

    def finalize(self, write_results: list[WriteResult[str]]) -> MicroPartition:
        paths = self._job.commit([each.result for each in write_results])
        return MicroPartition.from_pydict({"path": pa.array(paths, pa.large_string())})
