"""The schemas of files and folders, by name: all that one version of a program reads and writes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from avrojet.cli.schemas import read_schema
from avrojet.errors import AvroError, SchemaError

if TYPE_CHECKING:
    from avrojet.schema.model import NamedSchema, Schema
    from avrojet.schema.protocol import Protocol

SUFFIXES = (".avsc", ".avpr", ".avdl")


@dataclass(frozen=True, slots=True)
class Found:
    """A schema and the file that it is from.

    :ivar name: its fullname; if it has none, its role in its protocol, or the path of its file.
    :ivar file: the path as users know it.
    :ivar text: where it can be read.
    """

    name: str
    schema: Schema
    file: str
    text: Path


@dataclass(slots=True)
class Snapshot:
    """The schemas of a file or folder.

    :ivar schemas: by name.
    :ivar root: the schema of a file that has one schema, and is not a set of types.
    :ivar broken: the files that cannot be read, and why.
    """

    schemas: dict[str, Found] = field(default_factory=dict)
    root: Found | None = None
    broken: list[tuple[str, str]] = field(default_factory=list)

    def add(self, found: Found) -> None:
        """Add a schema; if several files define a type in the same way, the first is kept.

        :raises SchemaError: if they define it differently.
        """
        known = self.schemas.setdefault(found.name, found)
        if known.schema != found.schema:
            raise SchemaError(f"it defines {found.name} otherwise than {known.file} does: keep one of them")


def snapshot(place: Path, shown: str, into: Snapshot | None = None, inside: str = "") -> Snapshot:
    """The schemas of a file or folder.

    :param place: where it is.
    :param shown: its path as users know it.
    :param into: add them to this.
    :param inside: what the names of schemas without a fullname begin with.
    :raises AvroError: if a file is broken; those of a folder are only noted.
    :raises OSError: if there is no such file or folder.
    """
    result = Snapshot() if into is None else into
    if not place.is_dir():
        _add(result, place, shown, inside or place.name)
        return result
    for file in schema_files(place):
        inner = file.relative_to(place).as_posix()
        path = inner if shown in ("", ".") else f"{shown.rstrip('/')}/{inner}"
        try:
            _add(result, file, path, f"{inside}/{inner}" if inside else inner)
        except (AvroError, OSError) as error:
            result.broken.append((path, _without_path(str(error), file)))
    result.root = None
    return result


def _without_path(message: str, file: Path) -> str:
    """The message without the path at its start, which may be there twice."""
    while message.startswith(f"{file}: "):
        message = message.removeprefix(f"{file}: ")
    return message


def schema_files(folder: Path) -> Iterator[Path]:
    """The files of schemas in a folder and those below it, sorted; hidden ones are left out."""
    for above, folders, files in os.walk(folder):
        folders[:] = sorted(each for each in folders if not each.startswith("."))
        for name in sorted(files):
            if name.endswith(SUFFIXES) and not name.startswith("."):
                yield Path(above, name)


def read_types(place: Path) -> tuple[Protocol | None, Schema | None, tuple[NamedSchema, ...]]:
    """The protocol of a file, its schema, and its other named types, as far as it has them.

    :raises AvroError: if the file is broken.
    """
    from avrojet.schema.idl import load_idl
    from avrojet.schema.protocol_json import load_protocol

    if place.suffix == ".avpr":
        protocol = load_protocol(place)
        return protocol, None, protocol.types
    if place.suffix == ".avdl":
        return load_idl(place)
    return None, read_schema(str(place)), ()


def _add(result: Snapshot, place: Path, shown: str, inner: str) -> None:
    """Add the schemas of a file."""
    protocol, root, types = read_types(place)
    if root is not None:
        result.root = Found(getattr(root, "fullname", "") or inner, root, shown, place)
        result.add(result.root)
    for type in types:
        if type != root:
            result.add(Found(type.fullname, type, shown, place))
    if protocol is not None:
        for name, schema in _messages(protocol):
            result.add(Found(name, schema, shown, place))


def _messages(protocol: Protocol) -> Iterator[tuple[str, Schema]]:
    """Add the requests and responses of messages: each has a writer and a reader, which may be of different
    versions.
    """
    for message in protocol.messages.values():
        name = f"{protocol.fullname}.{message.name}"
        yield f"{name} (request)", message.request
        if not message.one_way:
            yield f"{name} (response)", message.response
        if message.declared_errors:
            yield f"{name} (errors)", message.errors
