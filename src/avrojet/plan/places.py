"""Places in schemas, as in reasons (``fields[1].type.items``), and in data (``$.orders[]``)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from avrojet.plan.match import branch_name
from avrojet.plan.resolve import Place
from avrojet.schema.model import ArraySchema, Field, MapSchema, RecordSchema, Schema, UnionSchema

_SEGMENT: Final = re.compile(r"fields\[(\d+)\](\.type)?|items|values|\[(\d+)\]")

_LONGEST: Final = 5_000  # characters of a place's name


def along(schema: Schema, path: str) -> Iterator[tuple[Schema, Field | int | None]]:
    """Each schema on the way to a place, and the part of it that the way takes: a field, a branch, or the
    only one.

    What follows the last schema of a place, such as a place in a default, is not part of the way. Nor is any
    part of a path whose beginning has been left out.
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
    """The schema to which a step of :func:`along` leads."""
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


class Names:
    """The names of places in two schemas: the reader's, or the writer's if only that has them.

    The beginning of very long ones is left out.
    """

    def __init__(self, writer: Schema, reader: Schema) -> None:
        self._root = _Named("$", "$", writer, reader)
        self._known: dict[int, tuple[Place, _Named]] = {}

    def of(self, place: Place | None) -> str:
        """A place in the data, e.g. ``$.items[].price``, as in differences and lint."""
        above: list[Place] = []
        while place is not None and id(place) not in self._known:
            above.append(place)
            place = place[0]
        named = self._root if place is None else self._known[id(place)][1]
        for each in reversed(above):
            named = _below(named, each)
            self._known[id(each)] = each, named
        return named.text


class _Named(NamedTuple):
    """:ivar text: the name shown.
    :ivar stem: the part of it that the reader's schema has.
    """

    text: str
    stem: str
    writer: Schema
    reader: Schema


def _below(above: _Named, place: Place) -> _Named:
    text, stem, writer, reader = above
    _, _, theirs, ours = place
    if theirs is not None:
        segment, writer = _segment(writer, theirs)
        text += segment
    if isinstance(ours, int):
        segment, reader = _segment(reader, ours)
        stem = text = stem + segment
    if len(text) > _LONGEST:
        stem = text = "\N{HORIZONTAL ELLIPSIS}" + text[-_LONGEST // 2 :]
    return _Named(text, stem, writer, reader)


def _segment(schema: Schema, number: int) -> tuple[str, Schema]:
    """The name of a step down from a schema, and the schema it leads to."""
    match schema:
        case RecordSchema():
            field = schema.fields[number]
            return f".{field.name}", field.type
        case UnionSchema():
            branch = schema.branches[number]
            return f"<{branch_name(branch)}>", branch
        case ArraySchema():
            return "[]", schema.items
        case MapSchema():
            return "{}", schema.values
    raise AssertionError(schema.type)
