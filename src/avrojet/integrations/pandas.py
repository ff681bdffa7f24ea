"""Avro files as data frames of pandas, and back.

>>> import avrojet.pandas
>>> orders = avrojet.pandas.read_avro("orders.avro", columns=["id", "customer.name"])
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, TypeAlias

from avrojet.columns.stream import read_arrow
from avrojet.container.files import write_arrow
from avrojet.container.target import Writable
from avrojet.scan.listing import Source, expanded
from avrojet.schema.model import Schema

try:
    import pandas as pd
    import pyarrow as pa
except ImportError as error:
    raise ImportError("avrojet.pandas needs pandas and pyarrow: pip install avrojet[pandas]") from error

__all__ = ["read_avro", "to_avro"]

DtypeBackend: TypeAlias = Literal["numpy_nullable", "pyarrow"]

# What can hold nulls. The default of pandas for integers with nulls is float64, which has no room for them.
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
    columns: Sequence[str] | None = None,
    reader_schema: Schema | Any = None,
    dtype_backend: DtypeBackend | None = None,
    **options: Any,
) -> pd.DataFrame:
    """Read container files as a data frame.

    By default columns have the types that pandas gives them, but for integers and booleans with nulls, which
    become ``Int64``, ``Int32`` and ``boolean``: as floating-point numbers they would lose digits. Enums are
    categories, dates and decimals are Python's, arrays are numpy's, records and maps are dicts.

    :param source: a path, which may have wildcards (``"orders/*.avro"``), something with ``open()`` that
        gives a binary file, a :class:`avrojet.Split`, or a list of them; or a binary file.
    :param columns: the columns to read, in this order, those of records within as ``"customer.name"``.
    :param reader_schema: what rows should look like; None: as the first file's.
    :param dtype_backend: ``"pyarrow"`` for Arrow's types, which cost no conversion; ``"numpy_nullable"`` for
        pandas' own nullable types everywhere.
    :param options: others of :func:`avrojet.read_arrow`, whose errors this raises too.
    """
    if dtype_backend not in {None, "numpy_nullable", "pyarrow"}:
        raise ValueError(f"dtype_backend must be 'numpy_nullable' or 'pyarrow', not {dtype_backend!r}")
    table = pa.table(read_arrow(expanded(source), reader_schema, columns=columns, **options))
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

    As everywhere in pandas, NaN in a column of numbers is a null.

    :param target: a path, which appears only when the file is whole, or a binary file.
    :param schema: what to write; None: one made of the columns.
    :param index: whether to write the index as columns; None: unless it is a mere count of the rows.
    :param options: others of :func:`avrojet.write_arrow`, whose errors this raises too.
    """
    table = pa.Table.from_pandas(frame, preserve_index=index)
    write_arrow(target, table, schema, codec, **options)


def _converted(table: Any, types: Callable[[Any], Any] | None) -> pd.DataFrame:
    # As in rows, the last of a map's equal keys counts, and an integer within another type stays one.
    return table.to_pandas(types_mapper=types, maps_as_pydicts="lossy", integer_object_nulls=True)


def _without_loss(table: Any) -> pd.DataFrame:
    """The default types, but for columns of integers and booleans that have nulls."""
    columns = zip(table.column_names, table.columns, strict=True)
    nullable = {name: column for name, column in columns if column.null_count and column.type in _INTEGERS}
    frame = _converted(table.drop_columns(list(nullable)), None)
    for name, column in nullable.items():
        frame.insert(table.column_names.index(name), name, column.to_pandas(types_mapper=_INTEGERS.get))
    return frame
