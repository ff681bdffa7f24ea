"""Definitions of named types: where they are in JSON data, and whether two of them agree."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, TypeAlias

from avrojet.schema.model import (
    ArraySchema,
    EnumSchema,
    FixedSchema,
    MapSchema,
    NamedSchema,
    RecordSchema,
    Schema,
    UnionSchema,
)
from avrojet.schema.names import fullname, namespace_of
from avrojet.schema.places import Place

Definition: TypeAlias = "tuple[Any, str, Place | None]"
"""The JSON data of a definition, the enclosing namespace, and its place."""

_NAMED: Final = frozenset({"record", "error", "enum", "fixed"})


def all_definitions(source: Any, fullname: Callable[[str, str], str]) -> dict[str, Definition]:
    """The definitions in a schema's JSON data, by fullname; of several with one name, the first.

    Invalid parts are skipped: the parser will report them.

    :param fullname: :func:`avrojet.schema.names.fullname`, or a function that bounds it.
    """
    found: dict[str, Definition] = {}
    seen: set[int] = set()
    waiting: list[Definition] = [(source, "", None)]
    while waiting:
        part, namespace, place = waiting.pop()
        if id(part) in seen:
            continue
        seen.add(id(part))
        if isinstance(part, Mapping):
            inner = namespace
            name, kind = part.get("name"), part.get("type")
            if isinstance(name, str) and name and isinstance(kind, str) and kind in _NAMED:
                own = part.get("namespace")
                full = fullname(name, own if isinstance(own, str) else namespace)
                found.setdefault(full, (part, namespace, place))
                inner = namespace_of(full)
            waiting += reversed([(child, inner, at) for child, at in _children(part, place)])
        elif isinstance(part, list | tuple):
            waiting += reversed([(item, namespace, (place, "[{}]", i)) for i, item in enumerate(part)])
    return found


def defined_name(source: Any, namespace: str = "") -> str | None:
    """The fullname of the type that JSON data define; None if they define none.

    :param namespace: the enclosing one.
    """
    name = source.get("name") if isinstance(source, Mapping) else None
    if not isinstance(name, str):
        return None
    own = source.get("namespace")
    return fullname(name, own if isinstance(own, str) else namespace)


def _children(source: Mapping[str, Any], place: Place | None) -> Iterator[tuple[Any, Place]]:
    for name in ("type", "items", "values"):
        if not isinstance(source.get(name, ""), str):
            yield source[name], (place, name, 0)
    fields = source.get("fields")
    if isinstance(fields, list | tuple):
        for index, field in enumerate(fields):
            if isinstance(field, Mapping):
                yield field.get("type"), (place, "fields[{}].type", index)


def same_definition(one: NamedSchema, other: NamedSchema) -> bool:
    """Whether two definitions of one name, in one schema, agree; documentation is ignored.

    Named types in them are compared by identity, as equal ones are the same object in one schema.
    """
    if isinstance(one, RecordSchema) and isinstance(other, RecordSchema):
        return one.is_closed and other.is_closed and _head(one) == _head(other) and _same_fields(one, other)
    return _head(one) == _head(other)


def _head(schema: NamedSchema) -> tuple[Any, ...]:
    body: tuple[Any, ...] = ()
    if isinstance(schema, EnumSchema):
        body = schema.symbols, schema.default
    elif isinstance(schema, FixedSchema):
        body = (schema.size,)
    return schema.type, schema.fullname, schema.aliases, schema.props, *body


def _same_fields(one: RecordSchema, other: RecordSchema) -> bool:
    if len(one.fields) != len(other.fields):
        return False
    return all(
        ours._replace(type=theirs.type, doc=None) == theirs._replace(doc=None)
        and _same_type(ours.type, theirs.type)
        for ours, theirs in zip(one.fields, other.fields, strict=True)
    )


def _same_type(one: Schema, other: Schema) -> bool:
    waiting = [(one, other)]
    while waiting:
        one, other = waiting.pop()
        if one is other:
            continue
        if type(one) is not type(other) or one.props != other.props:
            return False
        match one, other:
            case NamedSchema(), NamedSchema():
                if one.definition is not other.definition:
                    return False
            case ArraySchema(), ArraySchema():
                waiting.append((one.items, other.items))
            case MapSchema(), MapSchema():
                waiting.append((one.values, other.values))
            case UnionSchema(), UnionSchema() if len(one.branches) == len(other.branches):
                waiting += zip(one.branches, other.branches, strict=True)
            case _ if one.type != other.type or isinstance(one, UnionSchema):
                return False
    return True
