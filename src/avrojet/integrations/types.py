"""Arrow types that an engine does not have, replaced by types that it has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from avrojet.errors import SchemaError
from avrojet.integrations.batches import batch_of
from avrojet.messages import did_you_mean


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


def converted(batch: Any, schema: Any, *, by_position: bool = False) -> Any:
    """A record batch of the schema, whose columns are those of the batch.

    :param by_position: the fields of structs are matched in their order, whatever they are called.
    :raises SchemaError: if a struct has no field of a name.
    """
    columns = zip(batch.columns, schema, strict=True)
    made = [as_type(column, field.type, by_position=by_position) for column, field in columns]
    return batch_of(made, schema, batch.num_rows)


def as_type(column: Any, type: Any, *, by_position: bool = False) -> Any:
    """An array as another type. pyarrow casts no nested dictionaries and extensions: each is cast alone."""
    if column.type == type:
        return column
    if isinstance(column, pa.ExtensionArray):
        return as_type(column.storage, type, by_position=by_position)
    if pa.types.is_struct(type) and pa.types.is_struct(column.type):
        places = _places(column.type, type, by_position=by_position)
        columns = [
            as_type(column.field(place), field.type, by_position=by_position)
            for place, field in zip(places, type, strict=True)
        ]
        valid = column.is_null() if column.null_count or not columns else None  # which has the number of rows
        return pa.StructArray.from_arrays(columns, fields=list(type), mask=valid)
    if any(kind(type) and kind(column.type) for kind in (_is_list, pa.types.is_map)):
        return _as_list(column, type, by_position)
    return column.cast(type)


def _places(there: Any, wanted: Any, *, by_position: bool) -> list[int]:
    """Where the fields of a struct are in another."""
    known = [field.name for field in there]
    names = [field.name for field in wanted]
    are_members = known == [f"member{number}" for number in range(len(names))]
    if by_position or (are_members and not {*known} & {*names}):  # unions whose members have other names
        if len(names) > len(known):
            raise SchemaError(f"a struct has {len(known)} fields, of which {len(names)} are asked for")
        return list(range(len(names)))
    for name in names:
        if name not in known:
            raise SchemaError(f"no field {name!r} in a struct{did_you_mean(name, known)}", path=name)
    return [known.index(name) for name in names]


def _is_list(type: Any) -> bool:
    return bool(pa.types.is_list(type) or pa.types.is_large_list(type))


def _as_list(column: Any, type: Any, by_position: bool) -> Any:  # noqa: FBT001 (within this file)
    start, end = column.offsets[0].as_py(), column.offsets[-1].as_py()
    offsets = pc.subtract(column.offsets, start)
    valid = column.is_null() if column.null_count else None
    if not pa.types.is_map(type):
        values = as_type(column.values.slice(start, end - start), type.value_type, by_position=by_position)
        lists = pa.LargeListArray if pa.types.is_large_list(type) else pa.ListArray
        return lists.from_arrays(offsets, values, type=type, mask=valid)
    keys = as_type(column.keys.slice(start, end - start), type.key_type)
    items = as_type(column.items.slice(start, end - start), type.item_type, by_position=by_position)
    return pa.MapArray.from_arrays(offsets, keys, items, type=type, mask=valid)
