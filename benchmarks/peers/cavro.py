"""cavro: a Schema whose records decode to dicts, container files through its own memory reader and writer.

Imported by ``peers.load`` alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, BinaryIO

import cavro  # type: ignore[import-not-found]

from benchmarks.peers import SYNC_INTERVAL, Wire
from benchmarks.workloads import Record, SchemaObject, Workload

label = "cavro"
distributions = ("cavro", "numpy")
wire: Wire = "avro"
codecs = frozenset(name.decode() for name in cavro.CODECS)

_OPTIONS = cavro.DEFAULT_OPTIONS.replace(
    record_decodes_to_dict=True,
    # The ordinary way rounds some timestamps down to the millisecond before.
    alternate_timestamp_millis_encoding=True,
)


def lacks(workload: Workload) -> str:
    return "no local timestamps" if "local-timestamp-millis" in workload.types else ""


class Prepared:
    def __init__(self, workload: Workload) -> None:
        self.schema = cavro.Schema(workload.schema, _OPTIONS)
        self.encode = self.schema.binary_encode
        self.decode = self.schema.binary_decode

    def write_file(self, target: BinaryIO, values: Iterable[Record], codec: str) -> None:
        memory = cavro.MemoryWriter()
        with cavro.ContainerWriter(memory, self.schema, codec, max_blocksize=SYNC_INTERVAL) as writer:
            writer.write_many(values)
        target.write(memory.buffer[: memory.len])

    def read_file(self, source: BinaryIO, reader_schema: SchemaObject | None = None) -> Iterable[Any]:
        readers_schema = None if reader_schema is None else cavro.Schema(reader_schema, _OPTIONS)
        rows: Iterable[Any] = cavro.ContainerReader(
            cavro.MemoryReader(source.read()), readers_schema, options=_OPTIONS
        )
        return rows


def prepare(workload: Workload) -> Prepared:
    return Prepared(workload)


def parse(schema: SchemaObject) -> object:
    return cavro.Schema(schema, _OPTIONS)


def first(schema: SchemaObject, datum: bytes) -> Any:
    return cavro.Schema(schema, _OPTIONS).binary_decode(datum)
