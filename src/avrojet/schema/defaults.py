"""Defaults against their types (specification: Complex Types, the table of field defaults). Floor 1."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from avrojet.schema.model import (
    NO_DEFAULT,
    ArraySchema,
    EnumSchema,
    FixedSchema,
    MapSchema,
    RecordSchema,
    Schema,
    UnionSchema,
    shorten,
)

_INT_BITS: Final = {"int": 31, "long": 63}


def check_default(schema: Schema, value: Any) -> str | None:
    """Why ``value`` (JSON data) is no default for ``schema``; None if it is one.

    bytes and fixed are strings of the code points 0 to 255; a union's default may be of any branch, as
    the specification has it since 1.12; a record's default may leave out fields that have defaults.
    """
    if isinstance(schema, UnionSchema):
        if any(check_default(branch, value) is None for branch in schema.branches):
            return None
        return f"the default {_show(value)} fits no branch of the union"
    if isinstance(schema, RecordSchema):
        return _check_record(schema, value)
    if isinstance(schema, ArraySchema):
        if not isinstance(value, Sequence) or isinstance(value, str):
            return _mismatch(schema, value)
        return next(_reasons(schema.items, value), None)
    if isinstance(schema, MapSchema):
        if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
            return _mismatch(schema, value)
        return next(_reasons(schema.values, value.values()), None)
    return None if _fits_leaf(schema, value) else _mismatch(schema, value)


def _reasons(schema: Schema, values: Any) -> Iterator[str]:
    for value in values:
        reason = check_default(schema, value)
        if reason is not None:
            yield reason


def _check_record(schema: RecordSchema, value: Any) -> str | None:
    if not isinstance(value, Mapping):
        return _mismatch(schema, value)
    for field in schema.fields:
        given = value.get(field.name, NO_DEFAULT)
        if given is NO_DEFAULT:
            if field.default is NO_DEFAULT:
                return f"the default {_show(value)} lacks the field {field.name!r} of {schema.fullname}"
            continue
        reason = check_default(field.type, given)
        if reason is not None:
            return reason
    return None


def _fits_leaf(schema: Schema, value: Any) -> bool:
    kind = schema.type
    if kind == "null":
        return value is None
    if kind == "boolean":
        return isinstance(value, bool)
    if kind in _INT_BITS:
        bound = 1 << _INT_BITS[kind]
        return _is_int(value) and -bound <= value < bound
    if kind in ("float", "double"):
        return isinstance(value, float) or _is_int(value)
    if not isinstance(value, str):
        return False
    if kind == "string":
        return True
    if isinstance(schema, EnumSchema):
        return value in schema.symbols
    if not all(character <= "\xff" for character in value):
        return False
    return not isinstance(schema, FixedSchema) or len(value) == schema.size


def _is_int(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _mismatch(schema: Schema, value: Any) -> str:
    return f"the default {_show(value)} is no {schema.type}"


def _show(value: Any) -> str:
    return shorten(repr(value), 60)
