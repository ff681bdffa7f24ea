"""Schemas from files that refer to one another."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from avrojet.errors import SchemaError, tell_place
from avrojet.limits import Limits, limits_in_force
from avrojet.messages import warn
from avrojet.schema.definitions import defined_name
from avrojet.schema.model import Schema
from avrojet.schema.parser import NameMode, Parser
from avrojet.schema.places import Place
from avrojet.schema.text import read_file, read_json

if TYPE_CHECKING:
    from pathlib import Path  # a tenth of the time of importing avrojet, for a function that few call


def load_schema(
    path: str | os.PathLike[str], *, names: NameMode = "strict", limits: Limits | None = None
) -> Schema:
    """Parse a schema file; the named types that it does not define come from files beside it.

    The type ``org.foo.Bar`` is looked for in ``org.foo.Bar.avsc``, ``Bar.avsc`` and ``org/foo/Bar.avsc``, in
    the directory of ``path``. A file is used if it defines that type. Files may refer to each other
    in a circle.

    :param path: a file of JSON text in UTF-8, usually ``*.avsc``. It may have comments,
        ``/* */`` and ``//``, as those of Java projects do. A file whose name ends in ``.avdl`` is one of IDL
        (see :func:`avrojet.load_idl`) that declares ``schema ...;``.
    :param names: see :func:`avrojet.parse_schema`.
    :param limits: see :func:`avrojet.parse_schema`; they hold for each file.
    :raises SchemaError: if a schema is not valid, or a type is in none of the files.
    :raises LimitError: if a schema exceeds a limit.
    :raises OSError: if a file cannot be read.
    """
    from pathlib import Path

    path = Path(path)
    limits = limits_in_force(limits)
    if path.suffix == ".avdl":
        return _schema_of_idl(path, names, limits)
    parser = Parser(names, limits, find=_Siblings(path.parent, limits).find)
    schema = parser.parse(_read(path, limits))
    for category, text in parser.warnings:
        warn(category, text)
    return schema


def _schema_of_idl(path: Path, names: NameMode, limits: Limits) -> Schema:
    from avrojet.schema.idl import load_idl

    schema = load_idl(path, names=names, limits=limits).schema
    if schema is None:
        raise SchemaError(f"{path}: it does not say 'schema ...;'; avrojet.load_idl reads what it defines")
    return schema


class _Siblings:
    """The files of a directory, by the named types that they define."""

    def __init__(self, directory: Path, limits: Limits) -> None:
        self._directory = directory
        self._limits = limits

    def find(self, name: str) -> tuple[Any, Place] | None:
        """The JSON data that define the type, and the file as the place to name in errors."""
        if not name.isprintable() or {"/", "\\", ":"} & set(name):
            return None  # a lax name must not lead to other directories
        for file in (f"{name}.avsc", f"{name.rpartition('.')[2]}.avsc", f"{name.replace('.', '/')}.avsc"):
            path = self._directory / file
            if path.is_file():
                source = _read(path, self._limits)
                if defined_name(source) == name:
                    return source, (None, "{}: ", file)
        return None


def _read(path: Path, limits: Limits) -> Any:
    try:
        return read_json(read_file(path, limits), limits, comments=True)
    except SchemaError as error:
        tell_place(error, str(path), file=str(path))
        raise
