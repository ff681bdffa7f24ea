"""Arrow types that an engine does not have, replaced by types that it has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyarrow as pa

from avrojet.integrations.batches import batch_of


def mapped_schema(schema: Any, change: Callable[[Any], Any]) -> Any:
    """The schema with other types in it.

    :param change: called with a type; returns the type to use instead, or None to keep it and look at the
        types within.
    """
    return pa.schema([field.with_type(mapped(field.type, change)) for field in schema])


def mapped(type: Any, change: Callable[[Any], Any]) -> Any:
    """Return a type after replacements, in itself or at any depth within it."""
    changed = change(type)
    if changed is not None:
        return changed
    if pa.types.is_struct(type):
        return pa.struct([field.with_type(mapped(field.type, change)) for field in type])
    if pa.types.is_list(type):
        return pa.list_(type.value_field.with_type(mapped(type.value_type, change)))
    if pa.types.is_large_list(type):
        return pa.large_list(type.value_field.with_type(mapped(type.value_type, change)))
    if pa.types.is_map(type):
        key, item = type.key_field, type.item_field
        return pa.map_(key, item.with_type(mapped(item.type, change)))
    return type


def converted(batch: Any, schema: Any) -> Any:
    """A record batch of the schema, whose columns are those of the batch."""
    columns = zip(batch.columns, schema, strict=True)
    return batch_of([as_type(column, field.type) for column, field in columns], schema, batch.num_rows)


def as_type(column: Any, type: Any) -> Any:
    """An array as another type. pyarrow casts no nested dictionaries and extensions: each is cast alone."""
    if column.type == type:
        return column
    if isinstance(column, pa.ExtensionArray):
        return as_type(column.storage, type)
    if pa.types.is_struct(type):
        columns = [as_type(column.field(number), field.type) for number, field in enumerate(type)]
        valid = column.is_null() if column.null_count else None
        return pa.StructArray.from_arrays(columns, fields=list(type), mask=valid)
    if pa.types.is_list(type) or pa.types.is_large_list(type) or pa.types.is_map(type):
        return _as_list(column, type)
    return column.cast(type)


def _as_list(column: Any, type: Any) -> Any:
    start, end = column.offsets[0].as_py(), column.offsets[-1].as_py()
    offsets = pa.compute.subtract(column.offsets, start)
    valid = column.is_null() if column.null_count else None
    if not pa.types.is_map(type):
        values = as_type(column.values.slice(start, end - start), type.value_type)
        lists = pa.LargeListArray if pa.types.is_large_list(type) else pa.ListArray
        return lists.from_arrays(offsets, values, type=type, mask=valid)
    keys = as_type(column.keys.slice(start, end - start), type.key_type)
    items = as_type(column.items.slice(start, end - start), type.item_type)
    return pa.MapArray.from_arrays(offsets, keys, items, type=type, mask=valid)
