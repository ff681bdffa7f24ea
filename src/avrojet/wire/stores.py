"""Stores that find the schemas of messages by their fingerprints."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from time import monotonic
from typing import Any, Protocol

from avrojet.errors import SchemaError
from avrojet.locks import ProcessLock
from avrojet.schema.load import load_schema
from avrojet.schema.model import NamedSchema, Schema
from avrojet.schema.parse import parse_schema

_RESCAN_SECONDS = 1.0  # so that not every message of an unknown schema lists the folder


class SchemaStore(Protocol):
    """Finds schemas by fingerprint. A function that does the same will also do."""

    def find(self, fingerprint: bytes) -> Schema | None:
        """The schema of a CRC-64-AVRO fingerprint (8 bytes, little-endian), or None."""


class MemoryStore:
    """Schemas kept in memory. Thread-safe.

    :param schemas: the initial ones: Schemas, JSON texts or JSON data.

    >>> store = MemoryStore(["string"])
    >>> store.find(parse_schema("string").fingerprint())
    <avrojet.Schema "string">
    """

    def __init__(self, schemas: Iterable[Any] = ()) -> None:
        self._schemas: dict[bytes, Schema] = {}
        for schema in schemas:
            self.add(schema)

    def add(self, schema: Any) -> bytes:
        """Add a schema; returns its fingerprint.

        :raises SchemaError: if it is not valid, or another schema with the same fingerprint is known.
        """
        parsed = parse_schema(schema)
        fingerprint = parsed.fingerprint()
        known = self._schemas.setdefault(fingerprint, parsed)
        if known.canonical_form != parsed.canonical_form:
            raise SchemaError(
                f"two schemas have the fingerprint {fingerprint.hex()}: {known!r} and {parsed!r}"
            )
        return fingerprint

    def find(self, fingerprint: bytes) -> Schema | None:
        """The schema with a fingerprint, or None."""
        return self._schemas.get(bytes(fingerprint))

    def __len__(self) -> int:
        return len(self._schemas)

    def __iter__(self) -> Iterator[Schema]:
        return iter(list(self._schemas.values()))


class FolderStore:
    """The schemas of a folder's ``.avsc`` files, which may refer to each other; subfolders are searched, too.

    Files are read when a schema is first requested, and again, at most once a second, when an unknown schema
    is requested, so that new files are found. Thread-safe.

    :param folder: path of the folder.
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self._folder = Path(folder)
        self._memory = MemoryStore()
        self._read: set[tuple[Path, int]] = set()
        self._scanned = float("-inf")
        self._lock = ProcessLock()

    def find(self, fingerprint: bytes) -> Schema | None:
        """The schema with a fingerprint, or None.

        :raises SchemaError: if a file does not contain a valid schema; the message names it.
        :raises OSError: if the folder cannot be read.
        """
        found = self._memory.find(fingerprint)
        if found is None and monotonic() - self._scanned >= _RESCAN_SECONDS:
            with self._lock.lock:
                self._scan()
            found = self._memory.find(fingerprint)
        return found

    def add(self, schema: Any) -> bytes:
        """Add a schema, as a file of its own if it is new; returns its fingerprint.

        The file is named after the schema and its fingerprint, and is written whole or not at all.
        """
        parsed = parse_schema(schema)
        fingerprint = parsed.fingerprint()
        if self.find(fingerprint) is None:
            name = parsed.fullname if isinstance(parsed, NamedSchema) else parsed.type
            path = self._folder / f"{name}-{fingerprint.hex()}.avsc"
            unfinished = path.with_suffix(f".{os.getpid()}.tmp")
            unfinished.write_text(parsed.json + "\n", encoding="utf-8")
            unfinished.replace(path)
            self._memory.add(parsed)
        return fingerprint

    def _scan(self) -> None:
        for path in sorted(self._folder.rglob("*.avsc")):
            seen = path, path.stat().st_mtime_ns
            if seen not in self._read:
                self._memory.add(load_schema(path))
                self._read.add(seen)
        self._scanned = monotonic()
