"""Schemas in the files of a folder, as subjects: the types that each defines and needs, and their order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from avrojet.errors import SchemaError, tell_place
from avrojet.limits import Limits, limits_in_force
from avrojet.registry.errors import SchemaReferenceError
from avrojet.registry.model import SchemaReference
from avrojet.schema.definitions import defined_name
from avrojet.schema.model import NamedSchema, Schema
from avrojet.schema.parse import parse_schema
from avrojet.schema.text import read_file, read_json


@dataclass(slots=True)
class SchemaFile:
    """A file that is a version of a subject.

    :ivar subject: the name of the file; for files named by numbers, the name of their folder.
    :ivar version: 1, or the number in the file's name.
    :ivar data: the JSON data of the schema.
    :ivar name: the fullname of the type that it defines; None if it is not a named type.
    :ivar needs: the files that define types which this one only refers to, by the fullname of the type.
    :ivar schema: the schema, with the types that it needs.
    """

    path: Path
    subject: str
    version: int
    data: Any
    name: str | None
    needs: dict[str, SchemaFile] = field(default_factory=dict)
    schema: Schema | None = None

    def references(self) -> tuple[SchemaReference, ...]:
        """The references to the files that it needs, as a registry stores them."""
        needed = sorted(self.needs.items())
        return tuple([SchemaReference(name, file.subject, file.version) for name, file in needed])


def read_schema_files(folder: Path, limits: Limits | None = None) -> list[SchemaFile]:
    """The ``.avsc`` files of a folder and those below it, each after those that it needs.

    ``orders-value.avsc`` is the subject ``orders-value``; ``orders-value/2.avsc`` is version 2 of it.
    Characters that cannot be in a file's name are percent-encoded.

    :raises SchemaError: if a file is not valid, two files are the same version of a subject, or define the
        same type, or files need each other in a circle.
    :raises NotADirectoryError: if there is no such folder.
    :raises OSError: if a file cannot be read.
    """
    if not folder.is_dir():
        raise NotADirectoryError(f"there is no folder {folder}")
    return _Reader(folder, limits_in_force(limits)).ordered()


def file_of(folder: Path, subject: str, version: int) -> Path:
    """Return the path to which a version of a subject is written."""
    name = quote(subject, safe=" ()+,-.=@_~")
    if not name.strip("."):  # "." and ".." would be other folders
        name = name.replace(".", "%2E")
    return folder / name / f"{version}.avsc"


class _Reader:
    def __init__(self, folder: Path, limits: Limits) -> None:
        self._limits = limits
        files = [self._read(folder, path) for path in sorted(folder.rglob("*.avsc"))]
        self._files = sorted(files, key=lambda each: (each.subject, each.version))
        self._definers: dict[str, SchemaFile] = {}
        places: dict[tuple[str, int], SchemaFile] = {}
        for file in self._files:
            other = places.setdefault((file.subject, file.version), file)
            if other is not file:
                raise SchemaError(
                    f"{other.path} and {file.path} are both version {file.version} of {file.subject!r}"
                )
            if file.name is not None:
                self._define(file.name, file)

    def _define(self, name: str, file: SchemaFile) -> None:
        """Note which file defines a type; of several versions of a subject, the newest."""
        other = self._definers.get(name)
        if other is not None and other.subject != file.subject and other.data != file.data:
            raise SchemaError(f"{other.path} and {file.path} both define {name}: keep one of them")
        if other is None or other.subject == file.subject:
            self._definers[name] = file

    def _read(self, folder: Path, path: Path) -> SchemaFile:
        inner = path.relative_to(folder)
        numbered = path.stem.isdecimal() and len(inner.parts) > 1
        subject = unquote(inner.parts[-2] if numbered else path.stem)
        version = int(path.stem) if numbered else 1
        try:
            data = read_json(read_file(path, self._limits), self._limits, comments=True)
        except SchemaError as error:
            tell_place(error, str(path), file=str(path))
            raise
        return SchemaFile(path, subject, version, data, defined_name(data))

    def ordered(self) -> list[SchemaFile]:
        done: list[SchemaFile] = []
        for file in self._files:
            self._parse(file, [], done)
        return done

    def _parse(self, file: SchemaFile, trail: list[SchemaFile], done: list[SchemaFile]) -> Schema:
        if file.schema is not None:
            return file.schema
        if file in trail:
            way = " -> ".join(each.path.name for each in [*trail[trail.index(file) :], file])
            raise SchemaReferenceError(f"the files refer to each other in a circle: {way}")
        needed = _Needed(self, file, [*trail, file], done)
        try:
            file.schema = parse_schema(file.data, named=needed, limits=self._limits)
        except SchemaReferenceError:
            raise
        except SchemaError as error:
            if error.file is None:
                tell_place(error, str(file.path), file=str(file.path))
            raise
        done.append(file)
        return file.schema

    def find(
        self, name: str, file: SchemaFile, trail: list[SchemaFile], done: list[SchemaFile]
    ) -> NamedSchema | None:
        """The type that another file defines."""
        definer = self._definers.get(name)
        if definer is None or definer is file:
            return None
        schema = self._parse(definer, trail, done)
        file.needs[name] = definer
        return schema if isinstance(schema, NamedSchema) else None

    def names(self) -> Iterator[str]:
        return iter(self._definers)


class _Needed(Mapping[str, NamedSchema]):
    """The types that a file may refer to; the ones that it uses are remembered."""

    def __init__(
        self, reader: _Reader, file: SchemaFile, trail: list[SchemaFile], done: list[SchemaFile]
    ) -> None:
        self._reader = reader
        self._place = file, trail, done

    def __getitem__(self, name: str) -> NamedSchema:
        found = self._reader.find(name, *self._place)
        if found is None:
            raise KeyError(name)
        return found

    def __iter__(self) -> Iterator[str]:
        return self._reader.names()

    def __len__(self) -> int:
        return 1  # so that it is true; types are looked up on demand
