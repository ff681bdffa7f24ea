"""From the contents of IDL texts to schemas and a protocol. Types may be used before they are defined."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Final, NamedTuple

from avrojet.errors import IdlError, LimitError, SchemaError
from avrojet.limits import Limits
from avrojet.messages import show
from avrojet.schema.definitions import defined_name
from avrojet.schema.emit import named_types
from avrojet.schema.idl.imports import Gathered, ImportedMessage, ImportedProtocol, ImportedSchema
from avrojet.schema.idl.source import Located, LocatedList, Source
from avrojet.schema.idl.statements import Definition, MessageStatement, Text
from avrojet.schema.model import NamedSchema, Schema
from avrojet.schema.parser import NameMode, Parser
from avrojet.schema.places import Place
from avrojet.schema.protocol import Message, Protocol
from avrojet.schema.protocol_json import PROTOCOL_ATTRIBUTES, ProtocolReader


class _Origin(NamedTuple):
    """Where JSON data come from.

    :ivar file: the JSON file, as its import names it; empty for data from the text itself.
    """

    data: Any
    source: Source
    at: int
    file: str = ""

    def prefix(self, path: str) -> str:
        """The place in the JSON file, as the beginning of an error's text."""
        if not self.file:
            return ""
        return f"in the imported {show(self.file)}: {path}{': ' if path else ''}"


class Resolver:
    """Makes the schemas of the gathered contents: call :meth:`types` first, :meth:`close` last.

    The parser's errors and warnings have paths in JSON data. Each path begins with the number of an origin,
    from which the place in a text is found.

    :ivar warnings: what was ignored, as category and text.
    """

    def __init__(self, gathered: Gathered, names: NameMode, limits: Limits) -> None:
        self._gathered = gathered
        self._names: NameMode = names
        self._limits = limits
        self._origins: list[_Origin] = []
        self._index = _index(gathered)
        self._begun: set[int] = set()
        self._parser = Parser(names, limits, find=self._find)
        self._messages = ProtocolReader(self._parser, strict=names == "strict")
        self.warnings: list[tuple[type[UserWarning], str]] = []

    def types(self) -> list[NamedSchema]:
        """Named types in the order of the texts; all others are within these."""
        entries = self._gathered.types
        schemas: dict[int, Iterable[Schema]] = {}
        # JSON files first: they can refer only to files that were imported before.
        for index, entry in enumerate(entries):
            if isinstance(entry, ImportedProtocol):
                schemas[index] = self._adopted(entry.protocol.types, entry)
            elif isinstance(entry, ImportedSchema) and index not in self._begun:
                schemas[index] = self._adopted([self._imported(entry, index)], entry)
        for index, entry in enumerate(entries):
            if isinstance(entry, Definition):
                schemas[index] = [self._defined(entry, index)]
        named: list[NamedSchema] = []
        for index in sorted(schemas):
            for schema in schemas[index]:
                named += [schema] if isinstance(schema, NamedSchema) else named_types([schema])
        return named

    def schema(self, text: Text) -> Schema | None:
        """The schema that the text declares."""
        if text.schema is None:
            return None
        with self._errors_in_text():
            place = self._place(_Origin(text.schema.data, text.source, text.schema.at))
            return self._parser.part(text.schema.data, text.namespace, place)

    def protocol(self, text: Text, types: Iterable[NamedSchema]) -> Protocol | None:
        """The protocol that the text defines."""
        head = text.protocol
        if head is None:
            return None
        with self._errors_in_text():
            place = self._place(_Origin(head, text.source, head.at))
            name = self._messages.name(head, place)
            doc, props = self._parser.description(head, PROTOCOL_ATTRIBUTES, place)
            messages = [self._message(message) for message in self._gathered.messages.values()]
        return Protocol(name, types, messages, doc, props)

    def close(self) -> None:
        """Check all defaults."""
        with self._errors_in_text():
            self._parser.close()
        self._take_warnings(self._parser)

    # -- parts -------------------------------------------------------------------------------------

    def _find(self, name: str) -> tuple[Any, Place] | None:
        """The definition of a type that is not defined yet."""
        index = self._index.get(name)
        if index is None or index in self._begun:
            return None
        entry = self._gathered.types[index]
        assert not isinstance(entry, ImportedProtocol)
        self._begun.add(index)
        return entry.data, self._place(_origin(entry))

    def _defined(self, definition: Definition, index: int) -> Schema:
        if index not in self._begun:
            self._begun.add(index)
            with self._errors_in_text():
                return self._parser.part(definition.data, "", self._place(_origin(definition)))
        return self._parser.known[definition.fullname]

    def _imported(self, entry: ImportedSchema, index: int) -> Schema:
        """A schema of a JSON file; other files may contain the same definitions."""
        self._begun.add(index)
        parser = Parser(self._names, self._limits, self._parser.known, self._find)
        with self._errors_in_text():
            schema = parser.part(entry.data, "", self._place(_origin(entry)))
            parser.close()
        self._take_warnings(parser)
        return schema

    def _adopted(
        self, schemas: Iterable[Schema], entry: ImportedSchema | ImportedProtocol
    ) -> Iterable[Schema]:
        """Make the types of the schemas known, and return the schemas."""
        with self._errors_in_text():
            place = self._place(_origin(entry))
            for schema in schemas:
                self._parser.part(schema, "", place)
        return schemas

    def _message(self, entry: MessageStatement | ImportedMessage) -> Message:
        if isinstance(entry, ImportedMessage):
            return entry.message
        place = self._place(_Origin(entry.data, entry.source, entry.data.at))
        return self._messages.message(entry.name, entry.data, entry.namespace, place)

    # -- places ------------------------------------------------------------------------------------

    def _place(self, origin: _Origin) -> Place:
        self._origins.append(origin)
        return None, "[{}]", len(self._origins) - 1

    @contextmanager
    def _errors_in_text(self) -> Iterator[None]:
        """Raise a parser's errors as errors with the place in the text."""
        try:
            yield
        except (IdlError, LimitError):
            raise
        except SchemaError as error:
            found = _ORIGIN.match(error.path or "")
            if found is None:
                raise
            origin = self._origins[int(found[1])]
            path = found[2]
            message = error.reason or str(error)
            raise origin.source.error(_within(origin, path), origin.prefix(path) + message, path) from error

    def _take_warnings(self, parser: Parser) -> None:
        for category, text in parser.warnings:
            path, separator, problem = text.partition(": ")
            found = _ORIGIN.match(path)
            if found is not None and separator:
                origin = self._origins[int(found[1])]
                place = origin.source.say(_within(origin, found[2]))
                text = f"{place}: {origin.prefix(found[2])}{problem}"
            self.warnings.append((category, text))
        parser.warnings.clear()


_ORIGIN: Final = re.compile(r"\[(\d+)\]\.?(.*)", re.DOTALL)
_STEP: Final = re.compile(r"\[(\d+)\]|([^.\[\]]+)")


def _within(origin: _Origin, path: str) -> int:
    """The place in the text of the deepest part of the path that has one."""
    data, at = origin.data, origin.at
    for step in _STEP.finditer(path):
        key: Any = int(step[1]) if step[1] else step[2]
        if isinstance(data, list) and isinstance(key, str):
            continue  # the "fields" of parameters
        if isinstance(data, Located | LocatedList):
            place = data.place_of(key)
            at = at if place is None else place
        try:
            data = data[key]
        except (LookupError, TypeError):
            break
        if isinstance(data, Located) and key not in ("type", "items", "values"):
            at = data.at
    return at


def _origin(entry: Definition | ImportedSchema | ImportedProtocol) -> _Origin:
    if isinstance(entry, Definition):
        return _Origin(entry.data, entry.source, entry.data.at)
    return _Origin(None, entry.by.source, entry.by.at, entry.by.file)


def _index(gathered: Gathered) -> dict[str, int]:
    """The indexes of types that others may refer to before they are made, by fullname."""
    index: dict[str, int] = {}
    for place, entry in enumerate(gathered.types):
        if isinstance(entry, Definition):
            index[entry.fullname] = place
        elif isinstance(entry, ImportedSchema):
            name = defined_name(entry.data)
            if name is not None:
                index.setdefault(name, place)
    return index
