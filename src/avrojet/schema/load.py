"""Schemas from files that refer to one another. Floor 1."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from avrojet.errors import SchemaError
from avrojet.limits import DEFAULT_LIMITS, Limits
from avrojet.schema.model import Schema
from avrojet.schema.names import PRIMITIVES, fullname
from avrojet.schema.parse import NameMode, parse_schema


def load_schema(
    path: str | os.PathLike[str], *, names: NameMode = "strict", limits: Limits = DEFAULT_LIMITS
) -> Schema:
    """Parse a schema file; named types that it does not define come from files beside it.

    The type ``org.foo.Bar`` is looked for in ``org.foo.Bar.avsc``, then in ``Bar.avsc``, in the folder of
    ``path``. Files may refer to each other in a circle.

    :param path: a file of JSON text in UTF-8, by custom ``*.avsc``.
    :param names: see :func:`avrojet.parse_schema`.
    :raises SchemaError: if a schema is not valid, or a type is in none of the files.
    :raises OSError: if the file cannot be read.
    """
    loader = _Loader(Path(path))
    return parse_schema(loader.inline(loader.read(Path(path)), ""), names=names, limits=limits)


class _Loader:
    """Puts the definition of a type where it is first referred to."""

    def __init__(self, path: Path) -> None:
        self.folder = path.parent
        self.defined: set[str] = set()

    def read(self, path: Path) -> Any:
        text = path.read_text(encoding="utf-8")
        try:
            return json.loads(text)
        except ValueError as error:
            raise SchemaError(f"{path}: not JSON: {error}") from error

    def inline(self, source: Any, namespace: str) -> Any:
        if isinstance(source, str):
            return self.reference(source, namespace)
        if isinstance(source, list):
            return [self.inline(branch, namespace) for branch in source]
        if not isinstance(source, dict):
            return source
        made = dict(source)
        if isinstance(made.get("name"), str):
            full = fullname(made["name"], made.get("namespace") or ("" if "namespace" in made else namespace))
            self.defined.add(full)
            namespace = full.rpartition(".")[0]
        for key in ("type", "items", "values"):
            if key in made and made[key] not in _KINDS:
                made[key] = self.inline(made[key], namespace)
        if isinstance(made.get("fields"), list):
            made["fields"] = [self.field(field, namespace) for field in made["fields"]]
        return made

    def field(self, field: Any, namespace: str) -> Any:
        if not isinstance(field, dict) or "type" not in field:
            return field
        return {**field, "type": self.inline(field["type"], namespace)}

    def reference(self, name: str, namespace: str) -> Any:
        full = fullname(name, namespace)
        if name in PRIMITIVES or full in self.defined:
            return name
        for candidate in (full, full.rpartition(".")[2]):
            path = self.folder / f"{candidate}.avsc"
            if path.is_file():
                # A file's own namespace counts, not that of the place which refers to it.
                found = self.inline(self.read(path), "")
                if full not in self.defined:
                    raise SchemaError(f"{path}: does not define {full!r}")
                return _rooted(found)
        return name


def _rooted(source: Any) -> Any:
    """A definition that means the same in any namespace."""
    if isinstance(source, dict) and "name" in source and "namespace" not in source:
        return {**source, "namespace": ""} if "." not in source["name"] else source
    return source


_KINDS = (*PRIMITIVES, "record", "error", "enum", "fixed", "array", "map")
