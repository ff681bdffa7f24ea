"""Reading, as fastavro.read."""

from __future__ import annotations

from avrojet.compat.fastavro import _read
from avrojet.compat.fastavro._read import (
    BLOCK_READERS,
    HEADER_SCHEMA,
    LOGICAL_READERS,
    MAGIC,
    SYNC_SIZE,
    block_reader,
    is_avro,
    reader,
    schemaless_reader,
)
from avrojet.compat.fastavro._read_common import SchemaResolutionError
from avrojet.compat.fastavro.json_read import json_reader

__all__ = [
    "BLOCK_READERS",
    "HEADER_SCHEMA",
    "LOGICAL_READERS",
    "MAGIC",
    "SYNC_SIZE",
    "SchemaResolutionError",
    "_read",
    "block_reader",
    "is_avro",
    "iter_avro",
    "json_reader",
    "reader",
    "schemaless_reader",
]

iter_avro = reader
