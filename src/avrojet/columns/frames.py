"""What a data frame's own schema says about its columns beyond their Arrow types."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from avrojet.errors import SchemaError
from avrojet.plan.arrow.path import TOP, Path
from avrojet.plan.arrow.schema import ArrowField

# What polars exports Python objects as: their addresses, without any mark.
_ADDRESS: Final = "w:8"


def with_frame_types(data: Any, field: ArrowField) -> ArrowField:
    """The type of the arrays that a frame exports, completed from its own schema.

    That is the values of an enumeration, and whether a column holds Python objects, of which Arrow sees only
    the addresses.

    :raises SchemaError: if a column holds Python objects.
    """
    schema = getattr(data, "schema", None)
    if isinstance(schema, Mapping) and field.format == "+s":
        if list(schema) != [child.name for child in field.children]:
            return field
        return _with_children(field, list(schema.values()), [TOP + f".{name}" for name in schema])
    dtype = getattr(data, "dtype", None)  # set for a series
    return field if dtype is None else _typed(dtype, field, TOP)


def _typed(dtype: Any, field: ArrowField, path: Path) -> ArrowField:
    name = dtype.__name__ if isinstance(dtype, type) else type(dtype).__name__
    match name:
        case "Object" if field.format == _ADDRESS:
            raise SchemaError(
                f"{path}: the column holds Python objects, which Arrow cannot store: cast it, "
                "or leave it out",
                path=str(path),
            )
        case "Enum" if field.dictionary is not None and hasattr(dtype, "categories"):
            return replace(field, symbols=tuple(map(str, dtype.categories)))
        case "List" | "Array" if field.items is not None and hasattr(dtype, "inner"):
            return _with_children(field, [dtype.inner], [path + "[]"])
        case "Struct" if field.format == "+s" and hasattr(dtype, "fields"):
            return _with_children(
                field,
                [each.dtype for each in dtype.fields],
                [path + f".{each.name}" for each in dtype.fields],
            )
        case "Map" if field.format == "+m" and hasattr(dtype, "key"):
            entries = _with_children(
                field.children[0], [dtype.key, dtype.value], [path + ".key", path + "[]"]
            )
            return replace(field, children=(entries,))
    return field


def _with_children(field: ArrowField, dtypes: list[Any], paths: list[Path]) -> ArrowField:
    if len(dtypes) != len(field.children):
        return field
    children = [
        _typed(dtype, child, path) for dtype, child, path in zip(dtypes, field.children, paths, strict=True)
    ]
    return replace(field, children=tuple(children))
