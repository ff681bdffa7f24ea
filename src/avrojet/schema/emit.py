"""Schemas to JSON. Floor 1."""

from __future__ import annotations

import json
from typing import Any

from avrojet.schema.model import (
    NO_DEFAULT,
    ArraySchema,
    EnumSchema,
    Field,
    FixedSchema,
    MapSchema,
    NamedSchema,
    RecordSchema,
    Schema,
    UnionSchema,
)


def to_json(schema: Schema) -> str:
    """The schema as JSON text that stands by itself: a named type is defined where it is met first."""
    return json.dumps(to_python(schema), ensure_ascii=False, separators=(",", ":"))


def to_python(schema: Schema) -> Any:
    """The schema as JSON data."""
    return _emit(schema, set(), "")


def _emit(schema: Schema, defined: set[str], namespace: str) -> Any:
    if isinstance(schema, NamedSchema):
        return _emit_named(schema, defined, namespace)
    if isinstance(schema, UnionSchema):
        return [_emit(branch, defined, namespace) for branch in schema.branches]
    if isinstance(schema, ArraySchema):
        return {"type": "array", "items": _emit(schema.items, defined, namespace), **schema.props}
    if isinstance(schema, MapSchema):
        return {"type": "map", "values": _emit(schema.values, defined, namespace), **schema.props}
    return {"type": schema.type, **schema.props} if schema.props else schema.type


def _emit_named(schema: NamedSchema, defined: set[str], namespace: str) -> Any:
    if schema.fullname in defined:
        return _reference(schema, namespace)
    defined.add(schema.fullname)
    made: dict[str, Any] = {"type": schema.type, "name": schema.name}
    if schema.namespace != namespace:
        made["namespace"] = schema.namespace
    if schema.doc is not None:
        made["doc"] = schema.doc
    if schema.aliases:
        made["aliases"] = [_alias(alias) for alias in schema.aliases]
    if isinstance(schema, RecordSchema):
        made["fields"] = [_emit_field(field, defined, schema.namespace) for field in schema.fields]
    elif isinstance(schema, EnumSchema):
        made["symbols"] = list(schema.symbols)
        if schema.default is not None:
            made["default"] = schema.default
    elif isinstance(schema, FixedSchema):
        made["size"] = schema.size
    return {**made, **schema.props}


def _reference(schema: NamedSchema, namespace: str) -> str:
    if schema.namespace == namespace:
        return schema.name
    # A bare name would be taken as one of the enclosing namespace.
    return schema.fullname if schema.namespace else "." + schema.name


def _alias(fullname: str) -> str:
    return fullname if "." in fullname else "." + fullname


def _emit_field(field: Field, defined: set[str], namespace: str) -> dict[str, Any]:
    made: dict[str, Any] = {"name": field.name, "type": _emit(field.type, defined, namespace)}
    if field.doc is not None:
        made["doc"] = field.doc
    if field.default is not NO_DEFAULT:
        made["default"] = field.default
    if field.order != "ascending":
        made["order"] = field.order
    if field.aliases:
        made["aliases"] = list(field.aliases)
    return {**made, **field.props}
