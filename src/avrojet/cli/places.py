"""The line of a file that a place in its schema comes from."""

from __future__ import annotations

import re
from bisect import bisect_left
from functools import lru_cache
from pathlib import Path

from avrojet.plan.places import along, end_of
from avrojet.schema.model import Field, NamedSchema, RecordSchema, Schema


def line_of(file: Path, schema: Schema, path: str) -> int:
    """The line, counted from 1, that a place in the file's schema is at; 1 if that cannot be seen.

    Types and fields are looked for by their names, in JSON and in IDL, so it is the line of the field that a
    person would look for. A type that another file defines is looked for where it is used.

    :param path: place in the schema, as a :class:`avrojet.Reason` has it.
    """
    return _names_in(file.absolute()).line(_names_on(schema, path))


def _names_on(schema: Schema, path: str) -> list[tuple[str, bool]]:
    """The names on the way to a place, the innermost last, and of each whether it is that of a type."""
    names: list[tuple[str, bool]] = []
    for each, taken in along(schema, path):
        if isinstance(each, RecordSchema) and isinstance(taken, Field):
            names += [(each.name, True), (taken.name, False)]
    end = end_of(schema, path)
    if isinstance(end, NamedSchema):
        names.append((end.name, True))
    return [(name, is_type) for name, is_type in names if name]


_NAME = re.compile(
    r'"name"\s*:\s*"(?P<json>[^"]*)"'
    r"|\b(?:record|error|enum|fixed)\s+`?(?P<type>\w+)"
    r"|(?P<member>\b\w+)`?(?=\s*[=;,])"
)


class _Names:
    """The positions of names in the text of a file."""

    def __init__(self, text: str) -> None:
        self._ends = [found.start() for found in re.finditer("\n", text)]
        self._types: dict[str, int] = {}
        self._members: dict[str, list[int]] = {}
        for found in _NAME.finditer(text):
            if found["type"] is None:
                name = found["member"] if found["json"] is None else found["json"]
                self._members.setdefault(name, []).append(found.start())
            if found["member"] is None:
                name = found["type"] if found["json"] is None else found["json"]
                self._types.setdefault(name.rpartition(".")[2], found.start())

    def line(self, names: list[tuple[str, bool]]) -> int:
        """The line of the last name that is found, each searched for after the ones before it."""
        position = 0
        for name, is_type in names:
            if is_type:
                position = self._types.get(name, position)
                continue
            places = self._members.get(name, [])
            index = bisect_left(places, position)
            position = places[index] if index < len(places) else position
        return bisect_left(self._ends, position) + 1


@lru_cache(maxsize=16)
def _names_in(file: Path) -> _Names:
    try:
        return _Names(file.read_bytes().decode("utf-8", "replace"))
    except OSError:
        return _Names("")
