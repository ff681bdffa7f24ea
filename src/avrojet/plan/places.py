"""Places in schemas, as reasons have them (``fields[1].type.items``), and in data (``$.orders[]``)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from avrojet.plan.match import branch_name
from avrojet.schema.model import ArraySchema, Field, MapSchema, RecordSchema, Schema, UnionSchema

_SEGMENT: Final = re.compile(r"fields\[(\d+)\](\.type)?|items|values|\[(\d+)\]")


def along(schema: Schema, path: str) -> Iterator[tuple[Schema, Field | int | None]]:
    """Each schema on the way to a place, and what of it the way takes: a field, a branch, or all there is.

    What follows the last schema of a place, such as a place in a default, is no part of the way. Nor is
    anything a path of which the beginning has been left out.
    """
    position = 0
    while (segment := _SEGMENT.match(path, position)) is not None:
        position = segment.end() + path.startswith(".", segment.end())
        taken: Field | int | None = None
        if isinstance(schema, RecordSchema) and segment[1] is not None:
            taken = schema.fields[int(segment[1])]
        elif isinstance(schema, UnionSchema) and segment[3] is not None:
            taken = int(segment[3])
        elif not isinstance(schema, ArraySchema | MapSchema) or segment[0] not in ("items", "values"):
            return
        yield schema, taken
        schema = inner(schema, taken)


def inner(schema: Schema, taken: Field | int | None) -> Schema:
    """The schema that a step of :func:`along` leads to."""
    if isinstance(taken, Field):
        return taken.type
    match schema:
        case UnionSchema():
            assert isinstance(taken, int)
            return schema.branches[taken]
        case ArraySchema():
            return schema.items
        case MapSchema():
            return schema.values
    raise AssertionError(schema.type)


def end_of(schema: Schema, path: str) -> Schema:
    """The schema at a place."""
    for each, taken in along(schema, path):
        schema = inner(each, taken)
    return schema


def data_path(schema: Schema, path: str) -> str:
    """The place in the data, as differences and lint name it; ``path`` is that in the schema."""
    text = ["$"]
    for each, taken in along(schema, path):
        if isinstance(taken, Field):
            text.append(f".{taken.name}")
        elif isinstance(each, UnionSchema):
            assert isinstance(taken, int)
            text.append(f"<{branch_name(each.branches[taken])}>")
        else:
            text.append("[]" if isinstance(each, ArraySchema) else "{}")
    return "".join(text)
