"""Columns of pandas as Arrow's, by the Avro schema that they are written with: nothing is guessed.

Columns of Python objects are encoded as rows and decoded as columns, so they accept the same values as rows,
and raise the same errors.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import numpy as np
import pandas as pd
import pyarrow as pa

from avrojet.columns.plan import ColumnPlan
from avrojet.core.arrow.producer import Batch
from avrojet.datum import Encoder
from avrojet.errors import AvroError, EncodeError, facts_of
from avrojet.failures import EncodeFailure
from avrojet.limits import Limits
from avrojet.plan.arrow.layout import VALUE, is_wrapped
from avrojet.plan.arrow.names import replaced_names
from avrojet.plan.arrow.options import ArrowTypes
from avrojet.plan.arrow.properties import column_names, duration_format, is_map
from avrojet.plan.match import branch_name
from avrojet.schema.logical import CLOCKS
from avrojet.schema.model import (
    NO_DEFAULT,
    ArraySchema,
    Field,
    MapSchema,
    RecordSchema,
    Schema,
    UnionSchema,
)

# How many values are encoded before they become columns: enough to be fast, few enough to save memory.
_VALUES_AT_ONCE = 1 << 14
_TYPES = ArrowTypes(strings="large")
_PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
_DURATION_UNITS = {"tDs": "s", "tDm": "ms", "tDu": "us", "tDn": "ns"}
_ENCODER_OPTIONS = ("logical_types", "truncate_times", "naive_datetimes")


def arrow_table(
    frame: pd.DataFrame, schema: Schema, *, index: bool | None, options: Mapping[str, Any], limits: Limits
) -> Any:
    """The columns of a frame, and those of its index if they are to be written, of types that fit the schema.

    :param options: those of :func:`avrojet.write_arrow`.
    """
    names = pa.Table.from_pandas(frame.iloc[:0], preserve_index=index).column_names
    series = [frame.iloc[:, position] for position in range(frame.shape[1])]
    if len(names) > len(series):
        series += [frame.index.get_level_values(level).to_series() for level in range(frame.index.nlevels)]
    types = _types_by_name(schema, replaced=options.get("names") == "replace", names=names)
    made = [
        _Maker(types[name], f"$.{name}", options, limits).column(each)
        if name in types
        else pa.nulls(len(frame))  # not a field of the schema: writing reports it, or leaves it out
        for name, each in zip(names, series, strict=True)
    ]
    fields = [pa.field(name, column.type) for name, column in zip(names, made, strict=True)]
    return pa.Table.from_arrays(made, schema=pa.schema(fields))


def _types_by_name(schema: Schema, *, replaced: bool, names: list[str]) -> dict[str, Schema]:
    """Return the type for each column, by the names that writing looks for."""
    if not isinstance(schema, RecordSchema):
        return {VALUE: schema}
    types: dict[str, Schema] = {}
    for field, shown in reversed(list(zip(schema.fields, column_names(schema), strict=True))):
        for name in (*reversed(field.aliases), field.name, shown):
            types[name] = field.type
    if replaced:
        for name, new in zip(names, replaced_names(names), strict=True):
            if new in types:
                types.setdefault(name, types[new])
    return types


class _Maker:
    """Makes the Arrow column for values of a schema."""

    def __init__(self, schema: Schema, path: str, options: Mapping[str, Any], limits: Limits) -> None:
        self._schema = schema
        self._path = path
        self._logical = options.get("logical_types", True) is not False
        self._options = {name: options[name] for name in _ENCODER_OPTIONS if name in options}
        self._options["extra_fields"] = "ignore" if options.get("extra_columns") == "ignore" else "error"
        self._limits = limits

    def column(self, series: pd.Series[Any]) -> Any:
        branches = _others(self._schema)
        only = branches[0] if len(branches) == 1 else None
        if series.dtype == object:
            return self._of_objects(series)
        is_real = only is not None and only.type in {"float", "double"}
        if is_real and not isinstance(self._schema, UnionSchema) and series.dtype.kind == "f":
            return pa.array(series.to_numpy())  # NaN stays a number if the type has no null
        if not is_real and series.isna().all():
            return pa.nulls(len(series))
        if only is not None and only.type in {"int", "long"} and series.dtype.kind == "f":
            return self._of_whole_numbers(series)
        return pa.Array.from_pandas(series)

    def _of_whole_numbers(self, series: pd.Series[Any]) -> Any:
        """Convert integers, which pandas stores as floats if one is missing."""
        there = series.notna().to_numpy()
        values = series.to_numpy(dtype="float64", na_value=np.nan)
        whole = np.zeros(len(values), dtype="int64")
        fits = there & (np.trunc(values) == values) & (np.abs(values) < 2.0**63)
        if not fits[there].all():
            row = int(np.flatnonzero(there & ~fits)[0])
            reason = f"{values[row]} is not a 64-bit integer"
            raise EncodeError(
                f"at {self._path}, row {row}: {reason}",
                kind=EncodeFailure.RANGE,
                reason=reason,
                path=self._path,
                row=row,
            )
        whole[fits] = values[fits].astype("int64")
        return pa.array(whole, mask=~there)

    def _of_objects(self, series: pd.Series[Any]) -> Any:
        encoder = Encoder(self._schema, defaults=True, limits=self._limits, **self._options)
        plan = ColumnPlan(self._schema, logical_types=self._logical, types=_TYPES, limits=self._limits)
        columns = plan.column_set()
        values = series.to_numpy(dtype=object)
        parts = []
        for start in range(0, max(len(values), 1), _VALUES_AT_ONCE):
            part = values[start : start + _VALUES_AT_ONCE]
            data = [self._encode(encoder, value, row) for row, value in enumerate(part, start)]
            columns.fill(b"".join(data), len(data), 0, len(data))
            batch = pa.record_batch(Batch(columns))
            parts.append(batch.column(0) if is_wrapped(self._schema) else batch.to_struct_array())
        return pa.chunked_array(parts)

    def _encode(self, encoder: Encoder, value: Any, row: int) -> bytes:
        try:
            return encoder.encode(row_value(value, self._schema))
        except AvroError as error:
            facts = facts_of(error)
            facts["path"] = path = self._path + (error.path or "$").removeprefix("$")
            facts["row"] = row
            raise type(error)(f"at {path}, row {row}: {error.reason}", **facts) from None


def _others(schema: Schema) -> list[Schema]:
    """The types beside null."""
    branches = schema.branches if isinstance(schema, UnionSchema) else (schema,)
    return [branch for branch in branches if branch.type != "null"]


def _takes_nan(schema: Schema) -> bool:
    return not isinstance(schema, UnionSchema) and schema.type in {"float", "double"}


def row_value(value: Any, schema: Schema) -> Any:
    """Return an object of a data frame as rows have it. It may come from :func:`read_avro`, or from the
    user.
    """
    if isinstance(schema, UnionSchema):
        return _union_value(value, schema)
    if isinstance(schema, RecordSchema) and isinstance(value, Mapping):
        return _record_value(value, schema)
    if isinstance(schema, MapSchema) and isinstance(value, Mapping | list | np.ndarray):
        return {key: row_value(each, schema.values) for key, each in _pairs(value)}
    if isinstance(schema, ArraySchema):
        return _array_value(value, schema)
    return _leaf_value(value, schema)


def _union_value(value: Any, schema: UnionSchema) -> Any:
    others = _others(schema)
    # As in columns of numbers, NaN is a null if the type allows null.
    if _is_null(value, () if len(others) < len(schema.branches) else others):
        return None
    if len(others) == 1:
        return row_value(value, others[0])
    members = [f"member{position}" for position in range(len(others))]
    if isinstance(value, Mapping) and list(value) == members:
        there = [
            (branch, value[member])
            for branch, member in zip(others, members, strict=True)
            if not _is_null(value[member], [branch])
        ]
        if len(there) > 1:
            reason = "more than one member of the union is set"
            raise EncodeError(f"at $: {reason}", kind=EncodeFailure.BRANCH, reason=reason, path="$")
        return (branch_name(there[0][0]), row_value(there[0][1], there[0][0])) if there else None
    nested = [branch for branch in others if _may_be_of(value, branch)]
    return (branch_name(nested[0]), row_value(value, nested[0])) if len(nested) == 1 else value


def _is_null(value: Any, branches: Iterable[Schema]) -> bool:
    """Whether a value is None or its counterpart in pandas; NaN counts too, if the type has no floating-point
    numbers.
    """
    if value is None or value is pd.NA or value is pd.NaT:
        return True
    if isinstance(value, np.datetime64 | np.timedelta64):
        return bool(np.isnat(value))
    is_nan = isinstance(value, float | np.floating) and value != value
    return bool(is_nan) and not any(map(_takes_nan, branches))


def _may_be_of(value: Any, branch: Schema) -> bool:
    """Whether a composite value belongs to a branch, as far as its own type and keys show."""
    if isinstance(branch, RecordSchema):
        return isinstance(value, Mapping) and list(value) == column_names(branch)
    if isinstance(branch, MapSchema):
        return isinstance(value, Mapping)
    return isinstance(branch, ArraySchema) and isinstance(value, np.ndarray | list)


def _record_value(value: Mapping[str, Any], schema: RecordSchema) -> dict[str, Any]:
    row = dict(value)
    for field, shown in zip(schema.fields, column_names(schema), strict=True):
        name = shown if shown in value else field.name
        if name in value:
            row.pop(name)
            row[field.name] = row_value(value[name], field.type)
        elif field.default is NO_DEFAULT and _may_be_null(field):
            row[field.name] = None
    return row


def _may_be_null(field: Field) -> bool:
    branches = field.type.branches if isinstance(field.type, UnionSchema) else (field.type,)
    return any(branch.type == "null" for branch in branches)


def _pairs(value: Any) -> Iterable[tuple[Any, Any]]:
    """The entries of a dict, or of a list of keys and values, which some libraries use for a map."""
    return value.items() if isinstance(value, Mapping) else value


def _array_value(value: Any, schema: ArraySchema) -> Any:
    if isinstance(value, Mapping) and is_map(schema):
        value = [{"key": key, "value": each} for key, each in value.items()]
    if isinstance(value, np.ndarray | list | tuple | pd.Series):
        return [row_value(item, schema.items) for item in value]
    return value


def _leaf_value(value: Any, schema: Schema) -> Any:
    if _is_null(value, [schema]):
        return None
    logical = schema.logical.name if schema.logical else None
    if isinstance(value, np.datetime64) and logical is not None and logical in CLOCKS:
        return _number_of_units(value, CLOCKS[logical].per_second)
    if isinstance(value, np.timedelta64 | timedelta):
        unit = _DURATION_UNITS.get(duration_format(schema) or "")
        return value if unit is None else _number_of_units(np.timedelta64(value), _PER_SECOND[unit])
    if logical == "uuid" and schema.type == "string" and isinstance(value, bytes) and len(value) == 16:
        return UUID(bytes=value)
    if isinstance(value, float) and schema.type in {"int", "long"} and value.is_integer():
        return int(value)
    return value


def _number_of_units(value: np.datetime64 | np.timedelta64, per_second: int) -> int:
    """The number of a time of numpy, which has no zone, in other units; 0 in a second: of days.

    :raises EncodeError: if it is no whole number of them.
    """
    unit, count = np.datetime_data(value.dtype)
    have = _PER_SECOND.get(unit)
    if have is None:  # longer ones
        value, have, count = value.astype(f"{value.dtype.kind}8[s]"), 1, 1
    number = int(value.astype("int64")) * count * (per_second or 1)
    divisor = have if per_second else have * 86_400
    if number % divisor:
        reason = f"{value} is not a whole number of the schema's unit of time"
        raise EncodeError(f"at $: {reason}", kind=EncodeFailure.VALUE, reason=reason, path="$")
    return number // divisor
