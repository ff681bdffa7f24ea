"""Collects the statements of an IDL text and of the files that it imports."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from avrojet.errors import IdlError, LimitError, SchemaError
from avrojet.limits import Limits, excess
from avrojet.messages import show
from avrojet.schema.idl.declarations import read_text
from avrojet.schema.idl.source import Source
from avrojet.schema.idl.statements import Definition, Import, MessageStatement, Text
from avrojet.schema.parser import NameMode
from avrojet.schema.protocol import Message, Protocol
from avrojet.schema.protocol_json import protocol_of
from avrojet.schema.text import read_file, read_json


class ImportedSchema(NamedTuple):
    """JSON data of a schema, and the import that names their file."""

    data: Any
    by: Import


class ImportedProtocol(NamedTuple):
    """A protocol of a JSON file, and the import that names the file."""

    protocol: Protocol
    by: Import


class ImportedMessage(NamedTuple):
    """A message of an imported JSON protocol."""

    name: str
    message: Message
    by: Import


@dataclass(slots=True)
class Gathered:
    """The contents of a text, with the contents of imported files in the places of their imports.

    :ivar texts: the texts of IDL, each once.
    :ivar types: the sources of named types, in order.
    :ivar messages: by name, in order.
    """

    texts: list[Text] = field(default_factory=list)
    types: list[Definition | ImportedSchema | ImportedProtocol] = field(default_factory=list)
    messages: dict[str, MessageStatement | ImportedMessage] = field(default_factory=dict)


class _Open(NamedTuple):
    """A text with statements that are not processed yet.

    :ivar messages: whether to keep its messages: only if it and the files that led to it define protocols.
    """

    statements: Iterator[Definition | MessageStatement | Import]
    folder: Path | None
    messages: bool


class Importer:
    """Collects the statements of a text and of the files that it imports, each file once.

    Files may import each other in a circle: as in Java, a file that was read before is skipped.

    :param path: the text's own file, which is not read again.
    """

    def __init__(self, names: NameMode, limits: Limits, path: Path | None = None) -> None:
        self._names = names
        self._limits = limits
        self._read: set[Path] = set() if path is None else {path.resolve()}
        self._gathered = Gathered()
        self._definitions: dict[str, Definition] = {}
        self._open: list[_Open] = []

    def gather(self, text: Text, folder: Path | None) -> Gathered:
        """Collect the contents of the text and its imports.

        :param folder: the folder that names of imported files are relative to; None forbids imports.
        :raises IdlError: if a file is missing or not valid, or something is declared twice.
        """
        self._begin(text, folder, messages=text.protocol is not None)
        while self._open:
            here = self._open[-1]
            statement = next(here.statements, None)
            if statement is None:
                self._open.pop()
            elif isinstance(statement, Definition):
                self._define(statement)
            elif isinstance(statement, MessageStatement):
                if here.messages:
                    self._declare(statement)
            else:
                self._import(statement, here)
        return self._gathered

    def _begin(self, text: Text, folder: Path | None, *, messages: bool) -> None:
        self._gathered.texts.append(text)
        self._open.append(_Open(iter(text.statements), folder, messages))

    def _define(self, definition: Definition) -> None:
        name, at = definition.fullname, definition.data.at
        first = self._definitions.setdefault(name, definition)
        if first is not definition:
            place = first.source.say(first.data.at)
            raise definition.source.error(at, f"{show(name)} is defined twice, first at {place}")
        self._gathered.types.append(definition)

    def _declare(self, message: MessageStatement | ImportedMessage) -> None:
        messages = self._gathered.messages
        if message.name in messages:
            source, at = _place(message)
            first, first_at = _place(messages[message.name])
            what = f"the message {show(message.name)} is declared twice"
            raise source.error(at, f"{what}, first at {first.say(first_at)}")
        messages[message.name] = message

    def _import(self, wanted: Import, here: _Open) -> None:
        path = self._path(wanted, here.folder)
        if path is None:
            return
        try:
            data = read_file(path, self._limits)
        except OSError as error:
            raise _cannot_import(wanted, str(error)) from error
        if wanted.kind == "idl":
            text = read_text(decoded(data, str(path), self._limits), self._limits)
            self._begin(text, path.parent, messages=here.messages and text.protocol is not None)
            return
        try:
            if wanted.kind == "schema":
                self._gathered.types.append(
                    ImportedSchema(read_json(data, self._limits, comments=True), wanted)
                )
            else:
                self._take_protocol(wanted, here, data)
        except (IdlError, LimitError):
            raise
        except SchemaError as error:
            message = f"in the imported {show(wanted.file)}: {error}"
            raise wanted.source.error(wanted.at, message, error.path) from error

    def _take_protocol(self, wanted: Import, here: _Open, data: bytes) -> None:
        protocol = protocol_of(data, self._names, self._limits)
        self._gathered.types.append(ImportedProtocol(protocol, wanted))
        if here.messages:
            for message in protocol.messages.values():
                self._declare(ImportedMessage(message.name, message, wanted))

    def _path(self, wanted: Import, folder: Path | None) -> Path | None:
        """The file to read; None if it was read before."""
        if folder is None:
            raise _cannot_import(wanted, "no folder is given, as base, to look for files in")
        path = folder / wanted.file
        try:
            if not path.is_file():
                raise _cannot_import(wanted, f"there is no file {path}")
            own = path.resolve()
        except OSError as error:
            raise _cannot_import(wanted, str(error)) from error
        if own in self._read:
            return None
        self._read.add(own)
        return path


def _cannot_import(wanted: Import, why: str) -> IdlError:
    return wanted.source.error(wanted.at, f"cannot import {show(wanted.file)}: {why}")


def _place(message: MessageStatement | ImportedMessage) -> tuple[Source, int]:
    if isinstance(message, MessageStatement):
        return message.source, message.data.at
    return message.by.source, message.by.at


def decoded(data: bytes | bytearray, file: str | None, limits: Limits) -> Source:
    """The text of a file.

    :raises IdlError: if it is not UTF-8.
    :raises LimitError: if it is too long.
    """
    if len(data) > limits.schema_bytes:
        raise excess(limits, "schema_bytes", f"{file or 'IDL'}: text of so many bytes")
    try:
        return Source(data.decode().removeprefix("\N{BYTE ORDER MARK}"), file)
    except UnicodeDecodeError as error:
        before = data[: error.start].decode()
        raise Source(before, file).error(len(before), f"the text is not UTF-8: {error}") from error
