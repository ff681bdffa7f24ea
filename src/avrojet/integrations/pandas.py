"""Avro files as data frames of pandas, and back.

>>> import avrojet.pandas
>>> orders = avrojet.pandas.read_avro("orders.avro", columns=["id", "customer.name"])
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, TypeAlias

from avrojet.container.files import WRITERS, write_arrow
from avrojet.container.target import Writable
from avrojet.keywords import ensure_known
from avrojet.limits import Limits, limits_in_force
from avrojet.plan.arrow.layout import Column
from avrojet.plan.project import ColumnName
from avrojet.scanning.listing import Source
from avrojet.scanning.scan import read_arrow, scan
from avrojet.schema.model import Schema
from avrojet.schema.parse import parse_schema

try:
    import numpy as np
    import pandas as pd
    import pyarrow as pa
    import pyarrow.compute as pc
except ImportError as error:
    raise ImportError("avrojet.pandas needs pandas and pyarrow: pip install 'avrojet[pandas]'") from error

from avrojet.integrations.batches import arrow_batches
from avrojet.integrations.pandas_columns import arrow_table

__all__ = ["read_avro", "to_avro"]

DtypeBackend: TypeAlias = Literal["numpy_nullable", "pyarrow"]

# Types that can hold nulls. The default of pandas for integers with nulls is float64, which loses digits of
# large ones.
_INTEGERS: Mapping[Any, Any] = {
    pa.int32(): pd.Int32Dtype(),
    pa.int64(): pd.Int64Dtype(),
    pa.bool_(): pd.BooleanDtype(),
}
_NULLABLE: Mapping[Any, Any] = {
    **_INTEGERS,
    pa.float32(): pd.Float32Dtype(),
    pa.float64(): pd.Float64Dtype(),
    pa.string(): pd.StringDtype(),
}


def read_avro(
    source: Source,
    *,
    columns: Sequence[ColumnName] | None = None,
    n_rows: int | None = None,
    reader_schema: Schema | Any = None,
    dtype_backend: DtypeBackend | None = None,
    **options: Any,
) -> pd.DataFrame:
    """Read container files as a data frame.

    By default columns have the types that pandas uses, except integers and booleans with nulls, which become
    ``Int64``, ``Int32`` and ``boolean``: as floating-point numbers they would lose digits. Enums are
    categories, dates and decimals are Python's, arrays are numpy's, records and maps are dicts.

    :param source: a path, which may have wildcards (``"orders/*.avro"``), a folder, a URL, something with
        ``open()`` that returns a binary file, a :class:`avrojet.Split`, or a list of them; or a binary file.
    :param columns: the columns to read, in this order, those of records within as ``"customer.name"``.
    :param n_rows: most rows to read; None: all.
    :param reader_schema: what rows should look like; None: as the first file's.
    :param dtype_backend: ``"pyarrow"`` for Arrow's types, which cost no conversion; ``"numpy_nullable"`` for
        pandas' own nullable types everywhere.
    :param options: others of :func:`avrojet.scan`, whose errors this raises too.
    """
    if dtype_backend not in {None, "numpy_nullable", "pyarrow"}:
        raise ValueError(f"dtype_backend must be 'numpy_nullable' or 'pyarrow', not {dtype_backend!r}")
    ensure_known("read_avro", options, scan)
    stream = read_arrow(source, reader_schema, columns=columns, n_rows=n_rows, **options)
    table = pa.Table.from_batches(arrow_batches(stream), pa.schema(stream))
    return frame_of(table, stream.layout, dtype_backend)


def frame_of(table: Any, layout: Column, dtype_backend: DtypeBackend | None) -> pd.DataFrame:
    """Return the data frame of a table whose Avro types are known."""
    table = _with_categories(table, layout)
    if dtype_backend == "pyarrow":
        return _converted(table, pd.ArrowDtype)
    if dtype_backend == "numpy_nullable":
        return _converted(table, _NULLABLE.get)
    return _without_loss(table)


def to_avro(
    frame: pd.DataFrame,
    target: Writable,
    *,
    schema: Schema | Any = None,
    codec: str = "null",
    index: bool | None = None,
    **options: Any,
) -> None:
    """Write a data frame as a container file.

    As everywhere in pandas, NaN in a column of numbers is a null, unless the schema has a number there that
    may not be null.

    With a schema, columns of Python objects are written as rows would be: dicts as records or maps, None and
    NaN as null, decimals of any scale that loses no digit, and the values that :func:`read_avro` returns for
    unions. Without one, their types are guessed from their values, and dicts are always records.

    :param target: a path, which appears only when the file is whole, or a binary file.
    :param schema: what to write; None: one made of the columns.
    :param index: whether to write the index as columns; None: only if it is more than a count of the rows.
    :param options: others of :func:`avrojet.write_arrow`, whose errors this raises too.
    """
    ensure_known("to_avro", options, write_arrow, *WRITERS)
    if schema is None:
        table = pa.Table.from_pandas(frame, preserve_index=index)
    else:
        limits: Limits = limits_in_force(options.get("limits"))
        schema = parse_schema(schema, limits=limits)
        table = arrow_table(frame, schema, index=index, options=options, limits=limits)
    write_arrow(target, table, schema, codec, **options)


def _with_categories(table: Any, layout: Column) -> Any:
    """Return the table, with the dictionary columns that it had when the file was written."""
    for position, column in enumerate(layout.children):
        if column.dictionary is not None:
            field = table.schema.field(position)
            encoded = _encoded(table.column(position), column.dictionary)
            table = table.set_column(position, field.with_type(encoded.type), encoded)
    return table


def _encoded(column: Any, values: tuple[str, ...]) -> Any:
    """Return a column as a dictionary with the given values, if it has no others."""
    known = pa.array(values, column.type)
    indexes = pc.index_in(column, known)
    if not values or indexes.null_count != column.null_count:
        return column.dictionary_encode()
    parts = [pa.DictionaryArray.from_arrays(part, known) for part in indexes.chunks]
    return pa.chunked_array(parts, pa.dictionary(pa.int32(), column.type))


def _converted(table: Any, types: Callable[[Any], Any] | None) -> pd.DataFrame:
    # As in rows, the last of equal keys of a map wins, and an integer nested in another type stays an
    # integer.
    options: dict[str, Any] = {"types_mapper": types, "maps_as_pydicts": "lossy"}
    options["integer_object_nulls"] = True
    try:
        if types is pd.ArrowDtype or not any(map(_has_uuids, table.schema.types)):
            return table.to_pandas(**options)
    except pa.ArrowNotImplementedError:
        pass
    names = table.column_names
    columns = [_series(column, options) for column in table.columns]
    return pd.DataFrame(dict(enumerate(columns)), index=range(table.num_rows)).set_axis(names, axis=1)


def _series(column: Any, options: dict[str, Any]) -> pd.Series[Any]:
    """Convert a column. UUIDs, of which pyarrow makes bytes in some places, and lists that it does not
    convert (of fixed) go through Python objects.
    """
    if options["types_mapper"] is pd.ArrowDtype or not _has_uuids(column.type):
        try:
            return column.to_pandas(**options)
        except pa.ArrowNotImplementedError:
            pass
    values = column.to_pylist(maps_as_pydicts="lossy")
    return pd.Series(_object_array(list(map(_with_arrays, values))), dtype=object)


def _has_uuids(type: Any) -> bool:
    """Whether there are UUIDs in a type, at any depth."""
    if isinstance(type, pa.BaseExtensionType):
        return bool(type.extension_name == "arrow.uuid")
    return any(_has_uuids(type.field(number).type) for number in range(type.num_fields))


def _with_arrays(value: Any) -> Any:
    """Return lists as numpy arrays, as pyarrow does for other types."""
    if isinstance(value, list):
        return _object_array(list(map(_with_arrays, value)))
    return {key: _with_arrays(each) for key, each in value.items()} if isinstance(value, dict) else value


def _object_array(values: list[Any]) -> Any:
    # Not np.array(values): lists of equal length would become one two-dimensional array.
    made = np.empty(len(values), dtype=object)
    made[:] = values
    return made


def _without_loss(table: Any) -> pd.DataFrame:
    """Return the default types, except for columns of integers and booleans that have nulls."""
    columns = zip(table.column_names, table.columns, strict=True)
    nullable = {name: column for name, column in columns if column.null_count and column.type in _INTEGERS}
    frame = _converted(table.drop_columns(list(nullable)), None)
    for name, column in nullable.items():
        frame.insert(table.column_names.index(name), name, column.to_pandas(types_mapper=_INTEGERS.get))
    return frame
