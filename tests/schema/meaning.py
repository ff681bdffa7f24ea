"""What JSON of schemas and protocols says, whatever its order of attributes and places of definitions."""

from __future__ import annotations

from typing import Any

JSON = Any

PRIMITIVES = {"null", "boolean", "int", "long", "float", "double", "bytes", "string"}


def meaning(data: JSON) -> JSON:
    """The data with each named type defined once, apart, and named by its fullname elsewhere.

    :param data: a schema's or a protocol's.
    """
    types: dict[str, JSON] = {}
    if isinstance(data, dict) and "protocol" in data:
        namespace = data.get("namespace", "")
        rest = {key: value for key, value in data.items() if key not in ("types", "messages")}
        for type in data["types"]:
            _schema(type, namespace, types)
        messages = {name: _message(message, namespace, types) for name, message in data["messages"].items()}
        return {**rest, "messages": messages, "types": types}
    return {"schema": _schema(data, "", types), "types": types}


def definitions(schemas: list[JSON]) -> JSON:
    """What the schemas of named types say together, in whatever order they come."""
    types: dict[str, JSON] = {}
    for schema in schemas:
        _schema(schema, "", types)
    return types


def _message(message: JSON, namespace: str, types: dict[str, JSON]) -> JSON:
    new = {**message, "request": [_field(field, namespace, types) for field in message["request"]]}
    for part in ("response", "errors"):
        if part in message:
            new[part] = _schema(message[part], namespace, types)
    return new


def _field(field: JSON, namespace: str, types: dict[str, JSON]) -> JSON:
    return {**field, "type": _schema(field["type"], namespace, types)}


def _schema(schema: JSON, namespace: str, types: dict[str, JSON]) -> JSON:
    if isinstance(schema, str):
        return schema if schema in PRIMITIVES else _fullname(schema, namespace)
    if isinstance(schema, list):
        return [_schema(branch, namespace, types) for branch in schema]
    new = dict(schema)
    if "name" in schema:
        own = new.pop("namespace", namespace)
        full = _fullname(new.pop("name"), own)
        inside = full.rpartition(".")[0]
        types[full] = new
        if "fields" in new:
            new["fields"] = [_field(field, inside, types) for field in new["fields"]]
        return full
    for part in ("items", "values"):
        if part in new:
            new[part] = _schema(new[part], namespace, types)
    if not isinstance(new["type"], str):
        new["type"] = _schema(new["type"], namespace, types)
    return new["type"] if set(new) == {"type"} else new


def _fullname(name: str, namespace: str) -> str:
    return name if "." in name or not namespace else f"{namespace}.{name}"
