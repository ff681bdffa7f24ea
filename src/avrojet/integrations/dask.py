"""Avro files as data frames of Dask, and back.

>>> import avrojet.dask
>>> orders = avrojet.dask.read_avro("orders/*.avro")
>>> orders.groupby("shop")["total"].sum().compute()
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from operator import methodcaller
from typing import Any

from avrojet.integrations.hosts import host
from avrojet.integrations.staging import SaveMode, Staging, ensure_writable, staged, task_options
from avrojet.keywords import ensure_known
from avrojet.plan.project import ColumnName
from avrojet.scanning.listing import Source
from avrojet.scanning.scan import SPLIT_BYTES, Scan, scan
from avrojet.schema.model import Schema

dd = host("dask.dataframe", "dask", "2026.8")

import dask  # noqa: E402 (the message for those who do not have it comes first)
import pandas as pd  # noqa: E402
import pyarrow as pa  # noqa: E402
from dask.dataframe.dask_expr import new_collection  # noqa: E402
from dask.dataframe.dask_expr._expr import Expr  # noqa: E402
from dask.dataframe.dask_expr._reductions import Len  # noqa: E402
from dask.dataframe.dask_expr.io import FromMapProjectable  # noqa: E402

from avrojet.integrations.batches import arrow_batches  # noqa: E402
from avrojet.integrations.pandas import frame_of  # noqa: E402

__all__ = ["read_avro", "to_avro"]


def read_avro(
    source: Source,
    *,
    columns: Sequence[ColumnName] | None = None,
    blocksize: int | str | None = SPLIT_BYTES,
    reader_schema: Schema | Any = None,
    **options: Any,
) -> Any:
    """Read container files as a data frame of Dask, whose partitions are read when they are needed.

    Columns that a query does not use are not read. Types are Arrow's: they do not depend on the values, and
    Dask does not convert them to text, as it does with Python objects.

    :param source: paths, wildcards, folders or URLs, as for :func:`avrojet.scan`.
    :param columns: the columns to read, in this order, those of records within as ``"customer.name"``.
    :param blocksize: bytes of a file that make a partition (``"64 MiB"``); small files are put together.
        None: each file is one.
    :param reader_schema: what rows should look like; None: as the first file's.
    :param options: others of :func:`avrojet.scan`, whose errors this raises too.
    :returns: a ``dask.dataframe.DataFrame`` without known divisions.
    """
    ensure_known("read_avro", options, scan)
    whole = scan(source, columns=columns, reader_schema=reader_schema, **options)
    meta = _read(whole.head(0))
    # Dask has a thread or process for each processor already.
    tasks = whole if "threads" in options else whole.with_threads(1)
    parts = tasks._each_file() if blocksize is None else tasks.splits(dask.utils.parse_bytes(blocksize))
    made = dd.from_map(_frame, parts, meta=meta, label="read-avro")
    (leaf,) = made.expr.find_operations(FromMapProjectable)
    return new_collection(_Source(*leaf.operands))


class _Source(FromMapProjectable):  # type: ignore[misc]
    """A source that makes no frames when only rows are counted; Dask's own would read all columns then."""

    def _simplify_up(self, parent: Any, dependents: Any) -> Any:
        if isinstance(parent, Len):
            (parts,) = self.iterables
            return _Count([parts[number] for number in self._partitions])
        return super()._simplify_up(parent, dependents)


class _Count(Expr):  # type: ignore[misc]
    """How many rows there are. Its tasks need neither pandas nor Dask's data frames, whose import takes a new
    process longer than most counts.
    """

    _parameters = ["parts"]  # noqa: RUF012 (as Dask has it)
    _meta = 0

    def _divisions(self) -> tuple[None, None]:
        return None, None

    def _layer(self) -> dict[Any, Any]:
        name = f"count-{self._name}"
        counts = {(name, number): (_counted, part) for number, part in enumerate(self.parts)}
        return {**counts, (self._name, 0): (sum, list(counts))}


_counted = methodcaller("count")


def _frame(part: Scan, columns: list[str]) -> Any:
    """Read a partition. Dask sees from the parameter for columns that it may ask for fewer of them."""
    wanted = part.only(columns)
    return _read(wanted)[columns] if columns else pd.DataFrame(index=range(wanted.count()))


def _read(part: Scan) -> Any:
    stream = part.to_arrow()
    table = pa.Table.from_batches(arrow_batches(stream), pa.schema(stream))
    return frame_of(table, stream.layout, "pyarrow")


def to_avro(
    frame: Any,
    path: str | os.PathLike[str],
    *,
    schema: Schema | Any = None,
    codec: str = "null",
    mode: SaveMode = "error",
    compute: bool = True,
    **options: Any,
) -> Any:
    """Write a data frame of Dask into a folder, one file a partition, without its index.

    Each call uses new file names. The files appear once all of them are complete; if a task fails, none does.

    :param frame: a ``dask.dataframe.DataFrame``.
    :param path: a local folder, which all workers share.
    :param schema: what to write; None: one made of the types of the columns, each a union with null.
    :param mode: what to do if the folder has Avro files: ``"error"``, ``"append"``, or ``"overwrite"``, which
        removes them when the new ones are whole.
    :param compute: False returns a delayed value, which writes when it is computed.
    :param options: others of :func:`avrojet.write_arrow`, whose errors this raises too.
    :returns: the paths of the files.
    """
    ensure_writable("to_avro", codec, options)
    if not isinstance(frame, dd.DataFrame):
        raise TypeError(f"to_avro takes a data frame of Dask, not {type(frame).__name__}")
    chosen = task_options(schema, _table(frame._meta_nonempty), codec, options)
    job = staged(path, mode)
    write, commit = dask.delayed(_write, pure=False), dask.delayed(_commit, pure=False)
    begun = dask.delayed(_begin, pure=False)(job)
    names = [write(begun, number, part, chosen) for number, part in enumerate(frame.to_delayed())]
    done = commit(job, names)
    if not compute:
        return done
    with job.whole_or_nothing():
        return done.compute()


def _begin(job: Staging) -> Staging:
    return job.begin()


def _write(job: Staging, number: int, frame: Any, options: dict[str, Any]) -> str:
    return job.write(number, _table(frame), options)


def _commit(job: Staging, names: list[str]) -> list[str]:
    return job.commit(names)


def _table(frame: Any) -> Any:
    return pa.Table.from_pandas(frame, preserve_index=False)
