"""Apache avro for Python: DatumReader and DatumWriter over a BytesIO.

Imported by ``peers.load`` alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from io import BytesIO
from typing import Any, BinaryIO

import avro.codecs
import avro.schema
from avro.datafile import DataFileReader, DataFileWriter
from avro.io import BinaryDecoder, BinaryEncoder, DatumReader, DatumWriter

from benchmarks.peers import Wire
from benchmarks.workloads import Record, SchemaObject, Workload

label = "Apache avro"
distributions = ("avro", "python-snappy", "zstandard")
wire: Wire = "avro"
codecs = frozenset(avro.codecs.KNOWN_CODECS)


def lacks(workload: Workload) -> str:
    if "uuid" in workload.types:
        return "a UUID stays text"
    return "no local timestamps" if "local-timestamp-millis" in workload.types else ""


class Prepared:
    def __init__(self, workload: Workload) -> None:
        self.schema = parse(workload.schema)
        self.reader = DatumReader(self.schema)
        self.writer = DatumWriter(self.schema)

    def encode(self, value: Record) -> bytes:
        sink = BytesIO()
        self.writer.write(value, BinaryEncoder(sink))
        return sink.getvalue()

    def decode(self, data: bytes) -> Any:
        return self.reader.read(BinaryDecoder(BytesIO(data)))

    def write_file(self, target: BinaryIO, values: Iterable[Record], codec: str) -> None:
        writer = DataFileWriter(target, DatumWriter(), self.schema, codec)
        for value in values:
            writer.append(value)
        writer.flush()

    def read_file(self, source: BinaryIO, reader_schema: SchemaObject | None = None) -> Iterable[Any]:
        readers_schema = None if reader_schema is None else parse(reader_schema)
        return DataFileReader(source, DatumReader(readers_schema=readers_schema))


def prepare(workload: Workload) -> Prepared:
    return Prepared(workload)


def parse(schema: SchemaObject) -> avro.schema.Schema:
    return avro.schema.parse(json.dumps(schema))


def first(schema: SchemaObject, datum: bytes) -> Any:
    return DatumReader(parse(schema)).read(BinaryDecoder(BytesIO(datum)))
