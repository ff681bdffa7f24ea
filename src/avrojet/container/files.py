"""A whole file in one call."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, TypeVar, overload

from avrojet.container.reader import DataFileReader
from avrojet.container.replacing import replacing
from avrojet.container.source import Readable
from avrojet.container.split import Split
from avrojet.container.target import Writable
from avrojet.container.threads import thread_count
from avrojet.container.writer import DataFileWriter
from avrojet.core.ground.collector import keep_all
from avrojet.datum import Decoder, Encoder
from avrojet.keywords import ensure_known
from avrojet.limits import limits_in_force
from avrojet.plan.arrow.options import ExtraColumns, NamesOfColumns, column_options
from avrojet.schema.model import Schema
from avrojet.schema.parse import parse_schema

T = TypeVar("T")

# What takes the options of the functions that write.
WRITERS: Final = (DataFileWriter.__init__, Encoder.__init__)


@overload
def read(source: Readable | Split, reader_schema: type[T], **options: Any) -> list[T]: ...
@overload
def read(source: Readable | Split, reader_schema: Schema | Any = None, **options: Any) -> list[Any]: ...
def read(source: Readable | Split, reader_schema: Schema | Any = None, **options: Any) -> list[Any]:
    """All rows of a container file.

    The cyclic garbage collector is paused meanwhile, if it was on (it affects all threads): traversing the
    growing number of rows would take longer than making them.

    :param source: a path or URL, the bytes of a file, a binary file, or anything else that
        :class:`DataFileReader` reads.
    :param options: those of :class:`DataFileReader`, except ``on_error``; this raises its errors, too.
    """
    ensure_known("read", options, read, DataFileReader.__init__, Decoder.__init__)
    if options.get("on_error", "raise") != "raise":
        raise ValueError("a list cannot tell what is missing: use DataFileReader, which has losses")
    with DataFileReader(source, reader_schema, **options) as reader:
        return keep_all(reader)


def write(
    target: Writable,
    schema: Schema | Any,
    values: Iterable[Any],
    *,
    fsync: bool | None = None,
    **options: Any,
) -> None:
    """Write a container file of all `values`.

    A path is created, or replaced, only when all are written: after an error it is as it was. Until then the
    file is in a folder ``.NAME.part`` beside it. If the process is killed, the folder stays until the same
    file is written again.

    :param target: a path or a binary file.
    :param values: records, in a list or any other iterable.
    :param fsync: return when the system has written the file to the disk, so that a power cut does not harm
        it. None: only if it replaces another, so that one of them always survives.
    :param options: those of :class:`DataFileWriter`; this raises its errors, too.
    """
    ensure_known("write", options, write, *WRITERS)
    with (
        replacing(target, fsync=fsync) as place,
        DataFileWriter(place, schema, fsync=bool(fsync) and place is target, **options) as writer,
    ):
        writer.extend(values)


def write_arrow(
    target: Writable,
    data: Any,
    schema: Schema | Any = None,
    codec: str = "null",
    *,
    threads: int | None = None,
    extra_columns: ExtraColumns = "error",
    names: NamesOfColumns = "strict",
    fsync: bool | None = None,
    **options: Any,
) -> None:
    """Write a container file of Arrow columns, without a Python object for each value.

    >>> avrojet.write_arrow("orders.avro", polars_frame, codec="zstandard")

    A path is created, or replaced, only when all rows are written, as with :func:`write`.

    :param target: a path or a binary file.
    :param data: a table, batch, frame or stream of any library with ``__arrow_c_stream__`` or
        ``__arrow_c_array__``: pyarrow, polars, pandas, duckdb, nanoarrow, or :func:`avrojet.read_arrow`.
        A column that is not a struct makes a file of its values.
    :param schema: the schema of the file; columns are matched to fields by name. None: the schema that
        :func:`avrojet.read_arrow` left in the metadata, if the columns still match it, else one derived from
        them as docs/reference/arrow.md describes.
    :param threads: threads that compress while the next rows are encoded; 0: none. None: one per processor,
        if the codec compresses.
    :param extra_columns: what to do with columns that are not fields: ``"error"`` or ``"ignore"``.
    :param names: what to do with columns whose names Avro does not allow (``order id``, ``0``): ``"strict"``
        refuses them, ``"replace"`` writes them as fields with other names (``order_id``, ``_0``), which
        record the columns' own for reading.
    :param fsync: as for :func:`write`.
    :param options: those of :class:`DataFileWriter`; this raises its errors, too. ``truncate_times``,
        ``naive_datetimes="utc"`` and ``logical_types=False`` apply to columns as to rows. A file's own
        metadata are copied from :func:`avrojet.read_arrow` if its schema is; `metadata` takes precedence over
        them.
    :raises TypeError: if the data have neither method.
    :raises SchemaError: if no schema can be derived from the columns, or they do not fit the one given, or
        their types contradict themselves.
    :raises LimitError: if there are more columns than ``limits.columns``, or more rows of no bytes, or items
        of no bytes in one row, than ``limits.empty_items``.
    :raises EncodeError: at the first row with a value that does not fit, with its index (counted from 0 over
        the whole input) and the column's path.
    """
    ensure_known("write_arrow", options, write_arrow, *WRITERS)
    limits = limits_in_force(options.get("limits"))
    from avrojet.columns.source import ColumnSource

    source = ColumnSource(data, limits)
    chosen = source.schema(names) if schema is None else parse_schema(schema, limits=limits)
    # Raise its errors before a file is made.
    source.encoder(chosen, extra_columns, names, column_options(options, limits))
    if source.file_metadata:
        options["metadata"] = {**source.file_metadata, **(options.get("metadata") or {})}
    threads = thread_count(0 if threads is None and codec == "null" else threads)
    with (
        replacing(target, fsync=fsync) as place,
        DataFileWriter(
            place, chosen, codec, threads=threads, fsync=bool(fsync) and place is target, **options
        ) as writer,
    ):
        writer.write_arrow(source, extra_columns=extra_columns, names=names)
