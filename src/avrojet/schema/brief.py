"""What a type is in a few words, for tables and diagrams."""

from __future__ import annotations

from typing import Final

from avrojet.schema.model import ArraySchema, MapSchema, NamedSchema, Schema, UnionSchema

_LEVELS: Final = 6


def brief(schema: Schema, levels: int = _LEVELS) -> str:
    """The type in a few words: ``string?`` for one that may be null, ``Line[]``, ``map of long``.

    :param levels: how many levels of nested types to show.
    """
    if not levels:
        return "..."
    if isinstance(schema, UnionSchema):
        others = [each for each in schema.branches if each.type != "null"]
        said = " or ".join(brief(each, levels - 1) for each in others) or "null"
        if len(others) == len(schema.branches) or not others:
            return said
        return f"{said}?" if len(others) == 1 else f"{said} or null"
    if isinstance(schema, ArraySchema):
        return f"{brief(schema.items, levels - 1)}[]"
    if isinstance(schema, MapSchema):
        return f"map of {brief(schema.values, levels - 1)}"
    if schema.logical is not None:
        return schema.logical.name
    return schema.name if isinstance(schema, NamedSchema) else schema.type
