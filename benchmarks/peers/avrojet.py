"""avrojet: one Encoder and one Decoder per schema, container files in memory.

Imported by ``peers.load`` alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, BinaryIO

import avrojet
from benchmarks.peers import LEVELS, SYNC_INTERVAL, Wire
from benchmarks.workloads import Record, SchemaObject, Workload

label = "avrojet"
distributions = ("avrojet", "deflate", "isal", "cramjam", "backports.zstd")
wire: Wire = "avro"
codecs = frozenset(LEVELS)


def lacks(workload: Workload) -> str:
    return ""


class Prepared:
    def __init__(self, workload: Workload) -> None:
        self.schema = avrojet.parse_schema(json.dumps(workload.schema))
        self.encode = avrojet.Encoder(self.schema).encode
        self.decode = avrojet.Decoder(self.schema).decode

    def write_file(self, target: BinaryIO, values: Iterable[Record], codec: str) -> None:
        with avrojet.DataFileWriter(
            target, self.schema, codec, level=LEVELS[codec], sync_interval=SYNC_INTERVAL
        ) as writer:
            writer.extend(values)

    def read_file(self, source: BinaryIO, reader_schema: SchemaObject | None = None) -> Iterable[Any]:
        return avrojet.DataFileReader(source, reader_schema)


def prepare(workload: Workload) -> Prepared:
    return Prepared(workload)


def parse(schema: SchemaObject) -> object:
    return avrojet.parse_schema(schema)


def first(schema: SchemaObject, datum: bytes) -> Any:
    return avrojet.Decoder(avrojet.parse_schema(schema)).decode(datum)
