"""What the benchmarks ask of a library; one module of this package serves each.

Imported by the worker, the runner and the modules beside it. A module imports the one library that it serves,
and fails with ImportError where that is not installed.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Mapping
from typing import Any, BinaryIO, Literal, Protocol, TypeAlias, cast

from benchmarks.workloads import Record, SchemaObject, Workload

PEERS = ("avrojet", "fastavro", "avro", "cavro", "msgspec", "orjson")
FACADES = ("fastavro_facade", "avro_facade")
"""avrojet in the place of another library; measured where it is asked for."""
BASELINE = "fastavro"

SYNC_INTERVAL = 64_000
"""Bytes of encoded records per block, for every writer: the fixed value of Apache avro for Python."""

LEVELS: Mapping[str, int | None] = {
    "null": None,
    "deflate": 6,
    "snappy": None,
    "zstandard": 3,
    "bzip2": 9,
    "xz": 6,
}
"""The level of each codec, for every library that lets it be set: what fastavro's own default comes to."""

Wire: TypeAlias = Literal["avro", "msgpack", "json"]


class Bound(Protocol):
    """A library made ready for the schema of one workload."""

    def encode(self, value: Record) -> bytes: ...

    def decode(self, data: bytes) -> Any: ...


class AvroBound(Bound, Protocol):
    """A library of Avro, which also has container files. A reader schema is given as a JSON object."""

    def write_file(self, target: BinaryIO, values: Iterable[Record], codec: str) -> None: ...

    def read_file(self, source: BinaryIO, reader_schema: SchemaObject | None = None) -> Iterable[Any]: ...


class Library(Protocol):
    """What each module of this package defines.

    ``distributions`` are the installed distributions whose versions a result records; ``codecs`` the codecs
    of container files, none for other formats. ``lacks`` says what keeps the library from a workload, ''
    where nothing does.
    """

    label: str
    distributions: tuple[str, ...]
    wire: Wire
    codecs: frozenset[str]

    def lacks(self, workload: Workload) -> str: ...

    def prepare(self, workload: Workload) -> Bound: ...


class AvroLibrary(Library, Protocol):
    """A library of Avro, whose cold start can be measured: ``first`` parses a schema and decodes a datum."""

    def prepare(self, workload: Workload) -> AvroBound: ...

    def parse(self, schema: SchemaObject) -> object: ...

    def first(self, schema: SchemaObject, datum: bytes) -> Any: ...


def load(name: str) -> Library:
    """The module of a library; ImportError where the library is not installed."""
    return cast(Library, importlib.import_module(f"{__name__}.{name}"))
