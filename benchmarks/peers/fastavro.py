"""fastavro: schemaless_reader and schemaless_writer over a BytesIO, with a schema parsed beforehand.

Imported by ``peers.load`` alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO
from typing import Any, BinaryIO

from fastavro import parse_schema, reader, schemaless_reader, schemaless_writer, writer

from benchmarks.peers import LEVELS, SYNC_INTERVAL, Wire
from benchmarks.workloads import Record, SchemaObject, Workload

label = "fastavro"
distributions = ("fastavro", "cramjam", "backports.zstd")
wire: Wire = "avro"
codecs = frozenset(LEVELS)


def lacks(workload: Workload) -> str:
    return ""


class Prepared:
    def __init__(self, workload: Workload) -> None:
        self.schema = parse_schema(workload.schema)

    def encode(self, value: Record) -> bytes:
        sink = BytesIO()
        schemaless_writer(sink, self.schema, value)
        return sink.getvalue()

    def decode(self, data: bytes) -> Any:
        return schemaless_reader(BytesIO(data), self.schema, None)

    def write_file(self, target: BinaryIO, values: Iterable[Record], codec: str) -> None:
        level = LEVELS[codec] if codec in ("deflate", "zstandard") else None
        writer(target, self.schema, values, codec, sync_interval=SYNC_INTERVAL, codec_compression_level=level)

    def read_file(self, source: BinaryIO, reader_schema: SchemaObject | None = None) -> Iterable[Any]:
        return reader(source, reader_schema)


def prepare(workload: Workload) -> Prepared:
    return Prepared(workload)


def parse(schema: SchemaObject) -> object:
    return parse_schema(schema)


def first(schema: SchemaObject, datum: bytes) -> Any:
    return schemaless_reader(BytesIO(datum), parse_schema(schema), None)
