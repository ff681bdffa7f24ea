"""The line of a file that a place in its schema comes from."""

from __future__ import annotations

import re
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
    text = _text_of(file)
    position = 0
    for name, is_type in _names(schema, path):
        pattern = _TYPE if is_type else _FIELD
        found = re.compile(pattern.format(name=re.escape(name)), re.MULTILINE).search(
            text, 0 if is_type else position
        )
        if found is not None:
            position = found.start()
    return text.count("\n", 0, position) + 1


@lru_cache(maxsize=64)
def _text_of(file: Path) -> str:
    try:
        return file.read_bytes().decode("utf-8", "replace")
    except OSError:
        return ""


_TYPE = (
    r'"name"\s*:\s*"(?:[^"]*\.)?{name}"'
    r"|^[^\n/*]*\b(?:record|error|enum|fixed)\s+`?{name}`?(?![\w.])"
)
_FIELD = r'"name"\s*:\s*"{name}"|(?<![\w."])`?{name}`?(?=\s*(?:=|;|,))'


def _names(schema: Schema, path: str) -> list[tuple[str, bool]]:
    """The names on the way, those of types and of fields, the innermost last."""
    names: list[tuple[str, bool]] = []
    for each, taken in along(schema, path):
        if isinstance(each, RecordSchema) and isinstance(taken, Field):
            names += [(each.name, True), (taken.name, False)]
    end = end_of(schema, path)
    if isinstance(end, NamedSchema):
        names.append((end.name, True))
    return [(name, is_type) for name, is_type in names if name]
