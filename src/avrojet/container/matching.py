"""Whether two schemas give the same bytes the same meaning, so that blocks can be copied undecoded."""

from __future__ import annotations

from collections.abc import Iterator

from avrojet.schema.model import (
    ArraySchema,
    MapSchema,
    NamedSchema,
    RecordSchema,
    Schema,
    UnionSchema,
)


def same_data(one: Schema, other: Schema) -> bool:
    """True if the canonical forms and the logical types agree; docs, defaults and aliases may differ."""
    if one is other:
        return True
    return one.canonical_form == other.canonical_form and list(_logical(one)) == list(_logical(other))


def _logical(schema: Schema) -> Iterator[object]:
    """The logical types, valid or not, in the order of the canonical form."""
    seen: set[int] = set()
    stack = [schema]
    while stack:
        node = stack.pop()
        yield node.logical or node.props.get("logicalType")
        if isinstance(node, NamedSchema):
            if id(node.definition) in seen:
                continue
            seen.add(id(node.definition))
        stack += reversed(_children(node))


def _children(schema: Schema) -> tuple[Schema, ...]:
    match schema:
        case RecordSchema():
            return tuple(field.type for field in schema.fields)
        case UnionSchema():
            return schema.branches
        case ArraySchema():
            return (schema.items,)
        case MapSchema():
            return (schema.values,)
        case _:
            return ()
