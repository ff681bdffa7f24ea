"""Annotations: attributes written before a declaration or a type, ``@name(value)``."""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import Any, NamedTuple

from avrojet.limits import Limits
from avrojet.schema.idl.lexer import Lexer
from avrojet.schema.idl.source import Located
from avrojet.schema.idl.values import json_value


class Annotation(NamedTuple):
    """An annotation.

    :ivar at: the place of its name.
    :ivar value_at: the place of its value.
    """

    name: str
    value: Any
    at: int
    value_at: int


def take_annotations(lexer: Lexer, limits: Limits) -> Sequence[Annotation]:
    """Take the annotations that come next, if any.

    :raises IdlError: if two have one name.
    """
    if not lexer.is_next("@"):
        return ()
    taken: dict[str, Annotation] = {}
    while lexer.accept("@"):
        name = lexer.identifier("the name of an annotation")
        lexer.expect("(", "'(' and the annotation's value")
        value_at = lexer.token.at
        value = json_value(lexer, limits)
        lexer.expect(")", "')'")
        if name.text in taken:
            raise lexer.source.error(name.at, f"the annotation @{name.text} stands here twice")
        taken[name.text] = Annotation(name.text, value, name.at, value_at)
    return tuple(taken.values())


def annotate(
    data: Located, lexer: Lexer, notes: Sequence[Annotation], structure: Container[str] = ()
) -> None:
    """Add the annotations to JSON data as attributes.

    :param structure: attributes that have a syntax of their own, and may not be annotations.
    :raises IdlError: for those, and for attributes that the data already have.
    """
    for note in notes:
        if note.name in data or note.name in structure:
            raise lexer.source.error(
                note.at, f"@{note.name} cannot be set here: the declaration itself says it"
            )
        data.put(note.name, note.value, note.value_at)
