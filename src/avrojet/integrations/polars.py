"""Avro files as data frames of polars, and back.

>>> import avrojet.polars
>>> orders = avrojet.polars.scan_avro("orders/*.avro")
>>> orders.filter(pl.col("total") > 100).select("id").collect()
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from avrojet.columns.stream import BATCH_ROWS, ArrowStream
from avrojet.container.files import write_arrow
from avrojet.container.source import is_reopened
from avrojet.container.split import path_of
from avrojet.container.target import Writable
from avrojet.errors import SchemaError
from avrojet.plan.arrow.layout import Column
from avrojet.plan.arrow.options import ArrowTypes
from avrojet.plan.arrow.properties import SCHEMA_KEY
from avrojet.plan.project import ColumnName, first_field
from avrojet.scanning.listing import Source, expanded
from avrojet.scanning.scan import read_arrow
from avrojet.schema.model import Schema
from avrojet.schema.parse import parse_schema

try:
    import polars as pl
    from polars.io.plugins import register_io_source
except ImportError as error:
    raise ImportError("avrojet.polars needs polars: pip install avrojet[polars]") from error

__all__ = ["read_avro", "scan_avro", "write_avro"]

# Most decimals that are declared with more digits have values of fewer: Kafka Connect's have 64.
_TYPES = ArrowTypes(decimals="decimal128")


def read_avro(
    source: Source,
    *,
    columns: Sequence[ColumnName] | None = None,
    n_rows: int | None = None,
    reader_schema: Schema | Any = None,
    **options: Any,
) -> pl.DataFrame:
    """Read container files as a data frame.

    Enums become polars' Enum. Decimals have 38 digits at most, as polars has no others: a value with more is
    an error, and ``types=avrojet.ArrowTypes(decimals="text")`` or ``"double"`` reads it.

    :param source: a path, which may have wildcards (``"orders/*.avro"``), something with ``open()`` that
        gives a binary file, a :class:`avrojet.Split`, or a list of them; or a binary file.
    :param columns: the columns to read, in this order, those of records within as ``"customer.name"``.
    :param n_rows: most rows to read; None: all.
    :param reader_schema: what rows should look like; None: as the first file's.
    :param options: others of :func:`avrojet.read_arrow`, whose errors this raises too.
    :raises SchemaError: if a decimal has more than 38 digits after the point, or ``types`` asks for decimals
        that polars does not have.
    """
    stream = _scan(source, columns, reader_schema, options, n_rows).to_arrow()
    dtypes = _dtypes(stream)
    if n_rows is None:
        return pl.DataFrame(stream).cast(dtypes)
    frames = [frame.cast(dtypes) for frame in _frames(stream, n_rows)]
    return pl.concat(frames) if frames else pl.DataFrame(schema=dtypes)


def scan_avro(
    source: Source,
    *,
    columns: Sequence[ColumnName] | None = None,
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
    whole = _stream(files, reader_schema, columns, None, options)
    schema = _dtypes(whole)
    roots = _roots(whole, columns)

    def frames(
        with_columns: list[str] | None, predicate: pl.Expr | None, n_rows: int | None, batch_size: int | None
    ) -> Iterator[pl.DataFrame]:
        chosen = columns
        if with_columns is not None and len(with_columns) < len(schema):
            chosen = [column for name in with_columns for column in roots[name]]
        stream = _stream(
            files, reader_schema, chosen, n_rows, {"batch_rows": batch_size or BATCH_ROWS, **options}
        )
        dtypes: dict[Any, Any] = {name: schema[name] for name in pl.Schema(stream)}
        for read in _frames(stream, n_rows):
            frame = read.cast(dtypes)
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

    Every column of polars may have nulls: without `schema` each becomes a union with null. An Enum whose
    values are names to Avro becomes an enum, and any other a string. It comes back from :func:`read_avro`,
    and so do categoricals, durations and time zones.

    :param target: a path, which appears only when the file is whole, or a binary file.
    :param schema: what to write; None: one made of the columns.
    :param options: others of :func:`avrojet.write_arrow`, whose errors this raises too.
    :raises SchemaError: if a column is of Python objects, of which Arrow has but the addresses.
    """
    data = frame.collect() if isinstance(frame, pl.LazyFrame) else frame
    write_arrow(target, data, schema, codec, **options)


def _stream(
    source: Any,
    reader_schema: Any,
    columns: Sequence[ColumnName] | None,
    n_rows: int | None,
    options: dict[str, Any],
) -> ArrowStream:
    if n_rows is not None:
        most = max(1, n_rows)
        options = {**options, "batch_rows": min(most, options.get("batch_rows", BATCH_ROWS))}
        if most <= options["batch_rows"]:
            options = {"threads": 0, **options}  # others would decode ahead what nobody asks for
    stream = read_arrow(source, reader_schema, columns=columns, **{"types": _TYPES, **options})
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


def _roots(stream: ArrowStream, columns: Sequence[ColumnName] | None) -> dict[str, list[ColumnName]]:
    """What to ask for to have a column: of those that were asked for, the ones that are in it."""
    roots: dict[str, list[ColumnName]] = {child.name: [] for child in stream.layout.children}
    if columns is None:
        return {name: [(name,)] for name in roots}  # a path of one name, whatever dots it has
    schema = parse_schema(stream.layout.metadata[SCHEMA_KEY], names="lax")
    for column in columns:
        roots[first_field(schema, column)].append(column)
    return roots


def _dtypes(stream: ArrowStream) -> pl.Schema:
    """The types of the frame: those that polars makes of Arrow's, but for enumerations."""
    children = stream.layout.children
    read = pl.Schema(stream).items()
    return pl.Schema(
        {name: _dtype(child, dtype) for child, (name, dtype) in zip(children, read, strict=True)}
    )


def _dtype(column: Column, dtype: Any) -> Any:
    if column.symbols is not None:
        return pl.Enum(column.symbols)
    if column.dictionary is not None:
        return pl.Enum(column.dictionary) if column.dictionary else pl.Categorical()
    if isinstance(dtype, pl.Struct):
        fields = zip(column.children, dtype.fields, strict=True)
        return pl.Struct({field.name: _dtype(child, field.dtype) for child, field in fields})
    if isinstance(dtype, pl.List):
        return pl.List(_dtype(column.children[0], dtype.inner))
    if hasattr(dtype, "key"):  # a map, which older versions have as a list
        key, value = column.children[0].children
        return type(dtype)(_dtype(key, dtype.key), _dtype(value, dtype.value))
    return dtype


def _refuse_wide_decimals(column: Column, path: str) -> None:
    """Tell that polars panics over them."""
    if column.precision > 38:
        raise SchemaError(
            f"at {path}: polars has no decimals of {column.precision} digits, but of 38 at most:"
            ' ArrowTypes(decimals="decimal128") reads values that have no more, "text" and "double" all'
        )
    for child in column.children:
        _refuse_wide_decimals(child, f"{path}.{child.name}")
