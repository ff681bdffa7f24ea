"""Suggestions for the error that a schema names an unknown type."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from avrojet.messages import show
from avrojet.schema.logical import plain_logical_types
from avrojet.schema.model import PRIMITIVE_TYPES

_SHAPES: Final = {
    "record": '{"type": "record", "name": ..., "fields": [...]}',
    "error": '{"type": "error", "name": ..., "fields": [...]}',
    "enum": '{"type": "enum", "name": ..., "symbols": [...]}',
    "fixed": '{"type": "fixed", "name": ..., "size": ...}',
    "array": '{"type": "array", "items": ...}',
    "map": '{"type": "map", "values": ...}',
    "union": '["null", ...]',
}
_LOGICAL: Final = {
    **{
        logical.name: f'{{"type": "{type}", "logicalType": "{logical.name}"}}'
        for type in PRIMITIVE_TYPES
        for logical in plain_logical_types(type)
    },
    "decimal": '{"type": "bytes", "logicalType": "decimal", "precision": ..., "scale": ...}',
    "duration": '{"type": "fixed", "name": ..., "size": 12, "logicalType": "duration"}',
}
# What other languages call Avro's types.
_OTHERS: Final = {
    "bool": "boolean", "integer": "int", "int32": "int", "int64": "long", "bigint": "long",
    "float32": "float", "float64": "double", "real": "double", "number": "double", "str": "string",
    "text": "string", "varchar": "string", "char": "string", "binary": "bytes", "byte": "bytes",
    "blob": "bytes", "none": "null", "list": "array", "dict": "map", "object": "record", "struct": "record",
    "datetime": "timestamp-millis", "timestamp": "timestamp-millis", "time": "time-millis", "guid": "uuid",
}  # fmt: skip

# Suffixes of schema files.
_FILES: Final = (".avsc", ".avdl")

# Bounds for names that are compared letter by letter, which takes the square of their length.
_LONGEST: Final = 200
_COMPARED: Final = 500


def unknown_type(name: str, known: Iterable[str], later: str | None = None) -> str:
    """The message for a name that is not the name of a type.

    :param known: fullnames of the types that are known.
    :param later: the place of its definition, if it comes later.
    """
    message = f"{show(name)} is neither a primitive type nor the name of a type defined before"
    if later is not None:
        place = f", at {later}" if later else ""
        return f"{message}; it is defined later{place}: define it where it is used first"
    hint = _hint(name, known)
    return f"{message}: {hint}" if hint else message


def _hint(name: str, known: Iterable[str]) -> str:
    if len(name) > _LONGEST:
        return ""
    word = name.lower()
    if word.endswith(_FILES):
        return "that looks like the name of a file, which avrojet.load_schema reads"
    word = _OTHERS.get(word, word)
    if word in _SHAPES:
        return f'the type must be an object of its own: "type": {_SHAPES[word]}'
    if word in _LOGICAL:
        return f'a logical type stands beside the type that it is of: "type": {_LOGICAL[word]}'
    if word in PRIMITIVE_TYPES:
        return f"did you mean {word!r}?"
    likely = _likely(name, [each for each in known if len(each) <= _LONGEST])
    return f"did you mean {' or '.join(map(repr, likely))}?" if likely else ""


def _likely(name: str, known: list[str]) -> list[str]:
    """Types of the same name in other namespaces, or else types of similar names."""
    from difflib import get_close_matches

    bare = name.rpartition(".")[2].lower()
    same = [each for each in known if each.rpartition(".")[2].lower() == bare]
    return same[:3] or get_close_matches(name, [*known[-_COMPARED:], *PRIMITIVE_TYPES], cutoff=0.75)
