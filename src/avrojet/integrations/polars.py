"""Avro files as data frames of polars, and back.

>>> import avrojet.polars
>>> orders = avrojet.polars.scan_avro("orders/*.avro")
>>> dear = orders.filter(pl.col("total") > 100).select("id").collect()
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from avrojet.columns.stream import ArrowStream
from avrojet.container.files import WRITERS, write_arrow
from avrojet.container.source import is_reopened
from avrojet.container.split import path_of
from avrojet.container.target import Writable
from avrojet.errors import SchemaError
from avrojet.keywords import ensure_known
from avrojet.plan.arrow.layout import Column
from avrojet.plan.arrow.options import ArrowTypes
from avrojet.plan.project import ColumnName
from avrojet.scanning.listing import Source
from avrojet.scanning.scan import Scan, scan
from avrojet.schema.model import Schema

try:
    import polars as pl
    from polars.io.plugins import register_io_source
except ImportError as error:
    raise ImportError("avrojet.polars needs polars: pip install 'avrojet[polars]'") from error

__all__ = ["read_avro", "scan_avro", "write_avro"]

# Text and lists as polars itself keeps them, as other kinds are converted. Most decimals that are declared
# with more digits have values of fewer: Kafka Connect's have 64.
_TYPES = ArrowTypes(strings="view", lists="large", decimals="decimal128")


def read_avro(
    source: Source,
    *,
    columns: Sequence[ColumnName] | None = None,
    n_rows: int | None = None,
    row_index_name: str | None = None,
    row_index_offset: int = 0,
    reader_schema: Schema | Any = None,
    **options: Any,
) -> pl.DataFrame:
    """Read container files as a data frame.

    The frame has a chunk for each batch that was read; ``frame.rechunk()`` copies them into one.

    Enums become polars' Enum. Decimals have 38 digits at most, as polars has no others: a value with more is
    an error, and ``types=avrojet.ArrowTypes(decimals="text")`` or ``"double"`` reads it.

    :param source: a path, which may have wildcards (``"orders/*.avro"``), a folder, a URL, something with
        ``open()`` that returns a binary file, a :class:`avrojet.Split`, or a list of them; or a binary file.
    :param columns: the columns to read, in this order, those of records within as ``"customer.name"``.
    :param n_rows: most rows to read; None: all.
    :param row_index_name: the name of a first column with the numbers of the rows.
    :param row_index_offset: the number of the first row.
    :param reader_schema: what rows should look like; None: as the first file's.
    :param options: others of :func:`avrojet.scan`, whose errors this raises too: what to do with files of
        several schemas, folders that are partitions, recursive schemas, damage.
    :raises SchemaError: if a decimal has more than 38 digits after the point, or ``types`` asks for decimals
        that polars does not have; or if a fixed has no bytes.
    """
    ensure_known("read_avro", options, scan)
    stream = _stream(_scan(source, columns, reader_schema, row_index_name, {**options, "n_rows": n_rows}))
    # Not of the whole stream: polars would raise an error of its own, and copy all batches into one.
    dtypes = _dtypes(stream)
    frames = [pl.DataFrame(batch) for batch in stream]
    frame = pl.concat(frames, rechunk=False).cast(dtypes) if frames else pl.DataFrame(schema=dtypes)
    return frame if row_index_name is None else _with_index(frame, row_index_name, row_index_offset)


def scan_avro(
    source: Source,
    *,
    columns: Sequence[ColumnName] | None = None,
    n_rows: int | None = None,
    row_index_name: str | None = None,
    row_index_offset: int = 0,
    reader_schema: Schema | Any = None,
    **options: Any,
) -> pl.LazyFrame:
    """Read container files lazily: columns that a query does not use are skipped, files in partitions that it
    filters out are not opened, and reading stops at its limit of rows.

    The first file's header is read at once, for the schema; the data are read again each time the frame is
    collected. The parameters are those of :func:`read_avro`, but `source` must not be an open file, which can
    be read only once.
    """
    ensure_known("scan_avro", options, scan)
    whole = _scan(source, columns, reader_schema, row_index_name, {**options, "n_rows": n_rows})
    for file in whole.files:
        if not is_reopened(path_of(file.source)):
            raise TypeError(f"scan_avro takes paths, which can be read more than once, not {file.source!r}")
    stream = _stream(whole)
    schema = _dtypes(stream)
    if row_index_name is not None:
        schema = pl.Schema({row_index_name: schema[row_index_name], **schema})
    is_limited, row_column = n_rows is not None, row_index_name or options.get("row_column")

    def frames(
        with_columns: list[str] | None, predicate: pl.Expr | None, n_rows: int | None, batch_size: int | None
    ) -> Iterator[pl.DataFrame]:
        names = schema.names() if with_columns is None else with_columns
        scan = whole
        if len(names) < len(schema):
            scan = scan.only(names)
        if n_rows is not None:
            scan = scan.head(n_rows)
        elif predicate is not None and not is_limited and row_column not in names:
            # Rows that are counted are those of all files.
            some = _without_files(scan, predicate, schema)
            if some is None:
                return
            scan = some
        wanted = pl.Schema({name: schema[name] for name in names})
        # To select or cast is a query, which would take longer than all else here if done for each batch.
        is_wanted = None
        for frame in _frames(scan, batch_size):
            if row_index_name is not None and row_index_name in frame.columns:
                frame = _with_index(frame, row_index_name, row_index_offset)
            if is_wanted is None:
                is_wanted = frame.schema == wanted  # and so are those that follow
            if not is_wanted:
                frame = frame.select(names).cast(wanted)
            yield frame if predicate is None else frame.filter(predicate)

    return register_io_source(frames, schema=schema)


def write_avro(
    frame: pl.DataFrame | pl.LazyFrame,
    target: Writable,
    *,
    schema: Schema | Any = None,
    codec: str = "null",
    **options: Any,
) -> None:
    """Write a data frame as a container file; a lazy one as its query makes rows, which need not fit into
    memory.

    Every column of polars may have nulls: without `schema` each becomes a union with null. An Enum whose
    values are valid Avro names becomes an enum, and any other a string. It comes back from :func:`read_avro`,
    and so do categoricals, durations and time zones.

    :param target: a path, which appears only when the file is whole, or a binary file.
    :param schema: what to write; None: one made of the columns.
    :param options: others of :func:`avrojet.write_arrow`, whose errors this raises too.
    :raises SchemaError: if a column holds Python objects: Arrow has only their addresses.
    :raises EncodeError: if the query of a lazy frame fails; the message has its error.
    """
    ensure_known("write_avro", options, write_arrow, *WRITERS)
    data = _Query(frame) if isinstance(frame, pl.LazyFrame) else frame
    write_arrow(target, data, schema, codec, **options)


class _Query:
    """The rows of a lazy frame, while it makes them."""

    def __init__(self, frame: pl.LazyFrame) -> None:
        self.schema = frame.collect_schema()
        self._frame = frame

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        return self._frame.collect_batches(lazy=True).__arrow_c_stream__(requested_schema)


def _scan(
    source: Any,
    columns: Sequence[ColumnName] | None,
    reader_schema: Any,
    row_column: str | None,
    options: dict[str, Any],
) -> Scan:
    chosen = {"types": _TYPES, **options}
    if row_column is not None:
        if chosen.get("row_column") is not None:
            raise ValueError("row_index_name and row_column are one column: give one of the two names")
        chosen["row_column"] = row_column
    return scan(source, columns=columns, reader_schema=reader_schema, **chosen)


def _stream(scan: Scan) -> ArrowStream:
    stream = scan.to_arrow()
    _refuse_unknown_types(stream.layout, "$")
    return stream


def _with_index(frame: pl.DataFrame, name: str, offset: int) -> pl.DataFrame:
    """The frame with the numbers of its rows in front."""
    return frame.select(pl.col(name) + offset, pl.exclude(name))


def _without_files(whole: Scan, predicate: pl.Expr, schema: pl.Schema) -> Scan | None:
    """Return the scan without the files whose partitions show that no row is wanted; None if no file is
    left.

    :param schema: the types of the partitions, and of other columns.
    """
    types = {name: schema[name] for name in whole.files[0].partitions if name in schema}
    known = [each for each in _conjuncts(predicate) if set(each.meta.root_names()) <= types.keys()]
    if not types or not known:
        return whole
    found: dict[tuple[Any, ...], bool] = {}

    def wanted(values: dict[str, Any]) -> bool:
        key = tuple([values[name] for name in types])
        if key not in found:
            found[key] = not pl.DataFrame([key], types, orient="row").filter(*known).is_empty()
        return found[key]

    try:
        return whole.where(wanted)
    except ValueError:
        return None


def _conjuncts(predicate: pl.Expr) -> Iterator[pl.Expr]:
    """The conditions that must all be true."""
    waiting = [predicate]
    while waiting:
        condition = waiting.pop()
        inputs = condition.meta.pop()
        if len(inputs) == 2 and condition.meta.eq(inputs[1] & inputs[0]):
            waiting += inputs
        else:
            yield condition


def _frames(scan: Scan, batch_size: int | None) -> Iterator[pl.DataFrame]:
    """Yield frames of the batches; polars itself cuts or joins batches of other sizes."""
    for batch in scan:
        frame = pl.DataFrame(batch)
        if batch_size is None or frame.height <= batch_size:
            yield frame
        else:
            yield from frame.iter_slices(batch_size)


def _dtypes(stream: ArrowStream) -> pl.Schema:
    """The types of the frame: those that polars uses for Arrow's, except for enums."""
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
    if hasattr(dtype, "key"):  # a map, which is a list in older versions
        key, value = column.children[0].children
        return type(dtype)(_dtype(key, dtype.key), _dtype(value, dtype.value))
    return dtype


def _refuse_unknown_types(column: Column, path: str) -> None:
    """Raise a clear error for types that would make polars panic."""
    if column.format == "w:0":
        raise SchemaError(
            f"at {path}: polars has no values of 0 bytes (fixed): exclude leaves the column out"
        )
    if column.precision > 38:
        raise SchemaError(
            f"at {path}: polars has decimals of 38 digits at most, not {column.precision}:"
            ' ArrowTypes(decimals="decimal128") reads values that have no more, "text" and "double" all'
        )
    for child in column.children:
        _refuse_unknown_types(child, f"{path}.{child.name}")
