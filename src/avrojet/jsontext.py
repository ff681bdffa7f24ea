"""The JSON encoding (specification: JSON Encoding), between JSON data and the values of the core.

The values are plain ones, those of an Encoder or Decoder with ``logical_types=False``, and each value of
a union is tagged ``(branch name, value)``, null excepted, as with ``unions="tagged"``. So logical types,
defaults and resolution stay the core's: JSON text is one more way in and out of Avro bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn

from avrojet.errors import DecodeError
from avrojet.failures import DecodeFailure
from avrojet.messages import shorten
from avrojet.plan.match import branch_name
from avrojet.schema.model import (
    NO_DEFAULT,
    ArraySchema,
    MapSchema,
    RecordSchema,
    Schema,
    UnionSchema,
)


def to_json_data(schema: Schema, value: Any, *, tag_unions: bool = True) -> Any:
    """The JSON data of a value.

    :param tag_unions: show a union's value as ``{branch name: value}``, as the specification wants it;
        without the tags the data cannot always be read back.
    """
    if isinstance(schema, RecordSchema):
        return {
            field.name: to_json_data(field.type, value[field.name], tag_unions=tag_unions)
            for field in schema.fields
        }
    if isinstance(schema, ArraySchema):
        return [to_json_data(schema.items, item, tag_unions=tag_unions) for item in value]
    if isinstance(schema, MapSchema):
        return {key: to_json_data(schema.values, item, tag_unions=tag_unions) for key, item in value.items()}
    if isinstance(schema, UnionSchema):
        if value is None:
            return None
        name, inner = value
        data = to_json_data(_branch(schema, name), inner, tag_unions=tag_unions)
        return {name: data} if tag_unions else data
    return value.decode("latin-1") if schema.type in ("bytes", "fixed") else value


def _branch(schema: UnionSchema, name: str) -> Schema:
    return next(branch for branch in schema.branches if branch_name(branch) == name)


def from_json_data(schema: Schema, data: Any) -> Any:
    """The value of JSON data, for an encoder that takes tagged unions and fills in defaults.

    What the encoder checks is not checked here.

    :raises DecodeError: if the data have not the form that the specification gives them; ``path`` is set.
    """
    try:
        return _value(schema, data, "$")
    except RecursionError:
        raise DecodeError(
            "the JSON data are nested more deeply than Python's stack goes",
            kind=DecodeFailure.LIMIT,
            path="$",
        ) from None


def _value(schema: Schema, data: Any, path: str) -> Any:
    if isinstance(schema, RecordSchema):
        return _record(schema, data, path)
    if isinstance(schema, ArraySchema):
        if not isinstance(data, list):
            _fail(path, schema, data)
        return [_value(schema.items, item, f"{path}[{place}]") for place, item in enumerate(data)]
    if isinstance(schema, MapSchema):
        if not isinstance(data, Mapping):
            _fail(path, schema, data)
        return {key: _value(schema.values, item, f"{path}[{key!r}]") for key, item in data.items()}
    if isinstance(schema, UnionSchema):
        return _tagged(schema, data, path)
    if schema.type in ("bytes", "fixed"):
        return _bytes(schema, data, path)
    return data


def _record(schema: RecordSchema, data: Any, path: str) -> dict[str, Any]:
    if not isinstance(data, Mapping):
        _fail(path, schema, data)
    values = {}
    for field in schema.fields:
        if field.name in data:
            values[field.name] = _value(field.type, data[field.name], f"{path}.{field.name}")
        elif field.default is NO_DEFAULT:
            raise DecodeError(
                f"at {path}.{field.name}: no value and no default for {field.name}",
                kind=DecodeFailure.MISSING_FIELD,
                path=path,
                field=field.name,
            )
    return values


def _tagged(schema: UnionSchema, data: Any, path: str) -> Any:
    if data is None:
        return None
    if isinstance(data, Mapping) and len(data) == 1:
        ((name, inner),) = data.items()
        for branch in schema.branches:
            if branch_name(branch) == name:
                return name, _value(branch, inner, f"{path}.{name}")
    names = ", ".join(map(branch_name, schema.branches))
    raise DecodeError(
        f"at {path}: not null or an object of one branch ({names}): {_show(data)}",
        kind=DecodeFailure.BRANCH,
        path=path,
    )


def _bytes(schema: Schema, data: Any, path: str) -> bytes:
    try:
        if isinstance(data, str):
            return data.encode("latin-1")
    except UnicodeEncodeError:
        pass
    return _fail(path, schema, data)


def _fail(path: str, schema: Schema, data: Any) -> NoReturn:
    raise DecodeError(
        f"at {path}: not the JSON encoding of {schema.type}: {_show(data)}",
        kind=DecodeFailure.TYPE,
        path=path,
        expected=schema.type,
    )


def _show(data: Any) -> str:
    return shorten(repr(data), 60)
