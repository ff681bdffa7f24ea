"""The contents of an IDL text: definitions, messages and imports, as the JSON data of a protocol."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from avrojet.schema.idl.source import Located, Source
from avrojet.schema.idl.types import Type


class Definition(NamedTuple):
    """A named type."""

    fullname: str
    data: Located
    source: Source


class MessageStatement(NamedTuple):
    """A message, whose types are relative to the namespace."""

    name: str
    data: Located
    namespace: str
    source: Source


class Import(NamedTuple):
    """An import.

    :ivar file: as the text names it.
    :ivar at: the place of the name.
    """

    kind: Literal["idl", "protocol", "schema"]
    file: str
    source: Source
    at: int


@dataclass(slots=True)
class Text:
    """The contents of one text.

    :ivar protocol: the protocol without its types and messages, or None.
    :ivar schema: the schema that the text declares, or None.
    :ivar namespace: the one that definitions, messages and the schema are in.
    :ivar ignored: how many comments and annotations are ignored; the first is at ``first_ignored``.
    """

    source: Source
    protocol: Located | None = None
    schema: Type | None = None
    namespace: str = ""
    statements: list[Definition | MessageStatement | Import] = field(default_factory=list)
    ignored: int = 0
    first_ignored: int = 0
