"""Avro files as data frames of polars, and back.

>>> import avrojet.polars
>>> orders = avrojet.polars.scan_avro("orders/*.avro")
>>> orders.filter(pl.col("total") > 100).select("id").collect()
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from avrojet.columns.stream import BATCH_ROWS, ArrowStream, read_arrow
from avrojet.container.files import write_arrow
from avrojet.container.source import is_reopened
from avrojet.container.split import path_of
from avrojet.container.target import Writable
from avrojet.errors import SchemaError
from avrojet.plan.arrow.layout import Column
from avrojet.scan.listing import Source, expanded
from avrojet.schema.model import Schema

try:
    import polars as pl
    from polars.io.plugins import register_io_source
except ImportError as error:
    raise ImportError("avrojet.polars needs polars: pip install avrojet[polars]") from error

__all__ = ["read_avro", "scan_avro", "write_avro"]


def read_avro(
    source: Source,
    *,
    columns: Sequence[str] | None = None,
    n_rows: int | None = None,
    reader_schema: Schema | Any = None,
    **options: Any,
) -> pl.DataFrame:
    """Read container files as a data frame.

    :param source: a path, which may have wildcards (``"orders/*.avro"``), something with ``open()`` that
        gives a binary file, a :class:`avrojet.Split`, or a list of them; or a binary file.
    :param columns: the columns to read, in this order, those of records within as ``"customer.name"``.
    :param n_rows: most rows to read; None: all.
    :param reader_schema: what rows should look like; None: as the first file's.
    :param options: others of :func:`avrojet.read_arrow`, whose errors this raises too.
    :raises SchemaError: if there is a decimal of more than 38 digits, which polars cannot hold.
    """
    stream = _stream(expanded(source), reader_schema, columns, n_rows, options)
    if n_rows is None:
        return pl.DataFrame(stream)
    frames = list(_frames(stream, n_rows))
    return pl.concat(frames) if frames else pl.DataFrame(schema=pl.Schema(stream))


def scan_avro(
    source: Source,
    *,
    columns: Sequence[str] | None = None,
    reader_schema: Schema | Any = None,
    **options: Any,
) -> pl.LazyFrame:
    """Read container files lazily: columns that a query does not use are skipped, and reading ends where its
    limit of rows does.

    The first file's header is read at once, for the schema; all is read anew whenever the frame is collected.
    The parameters are those of :func:`read_avro`, but `source` is no open file, which can be read only once.
    """
    files = expanded(source)
    for each in files if isinstance(files, list) else [files]:
        if not is_reopened(path_of(each)):
            raise TypeError(f"scan_avro takes paths, which can be read more than once, not {each!r}")
    schema = pl.Schema(_stream(files, reader_schema, columns, None, options))

    def frames(
        with_columns: list[str] | None, predicate: pl.Expr | None, n_rows: int | None, batch_size: int | None
    ) -> Iterator[pl.DataFrame]:
        chosen = columns if with_columns is None else _narrowed(columns, schema, with_columns)
        stream = _stream(
            files, reader_schema, chosen, n_rows, {"batch_rows": batch_size or BATCH_ROWS, **options}
        )
        for frame in _frames(stream, n_rows):
            wanted = frame if with_columns is None else frame.select(with_columns)
            yield wanted if predicate is None else wanted.filter(predicate)

    return register_io_source(frames, schema=schema)


def write_avro(
    frame: pl.DataFrame | pl.LazyFrame,
    target: Writable,
    *,
    schema: Schema | Any = None,
    codec: str = "null",
    **options: Any,
) -> None:
    """Write a data frame as a container file; a lazy one is collected first.

    Every column of polars may have nulls: without `schema` each becomes a union with null.

    :param target: a path, which appears only when the file is whole, or a binary file.
    :param schema: what to write; None: one made of the columns.
    :param options: others of :func:`avrojet.write_arrow`, whose errors this raises too.
    """
    data = frame.collect() if isinstance(frame, pl.LazyFrame) else frame
    write_arrow(target, data, schema, codec, **options)


def _stream(
    source: Any,
    reader_schema: Any,
    columns: Sequence[str] | None,
    n_rows: int | None,
    options: dict[str, Any],
) -> ArrowStream:
    if n_rows is not None:
        most = max(1, n_rows)
        options = {**options, "batch_rows": min(most, options.get("batch_rows", BATCH_ROWS))}
        if most <= options["batch_rows"]:
            options = {"threads": 0, **options}  # others would decode ahead what nobody asks for
    stream = read_arrow(source, reader_schema, columns=columns, **options)
    _refuse_wide_decimals(stream.layout, "$")
    return stream


def _frames(stream: ArrowStream, n_rows: int | None) -> Iterator[pl.DataFrame]:
    """Frames of the batches, of so many rows in all."""
    left = n_rows
    batches = iter(stream)  # dropped midway, it ends its threads
    while left != 0 and (batch := next(batches, None)) is not None:
        frame = pl.DataFrame(batch)
        if left is not None:
            frame = frame.head(left)
            left -= frame.height
        yield frame


def _narrowed(columns: Sequence[str] | None, schema: pl.Schema, wanted: list[str]) -> Sequence[str] | None:
    """The columns to read, of those that were asked for, to have those that a query uses."""
    if len(wanted) == len(schema):
        return columns
    if columns is None:
        return wanted
    return [column for name in wanted for column in columns if column.partition(".")[0] == name]


def _refuse_wide_decimals(column: Column, path: str) -> None:
    """Tell that polars panics over them."""
    if column.precision > 38:
        raise SchemaError(
            f"at {path}: polars has no decimals of {column.precision} digits, but of 38 at most;"
            " logical_types=False reads decimals as bytes, and columns= leaves them out"
        )
    for kid in column.kids:
        _refuse_wide_decimals(kid, f"{path}.{kid.name}")
