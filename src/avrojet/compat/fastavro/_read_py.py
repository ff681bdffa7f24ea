"""Names that other libraries import from fastavro's module of this name."""

from __future__ import annotations

from avrojet.compat.fastavro._match import match_schemas, match_types
from avrojet.compat.fastavro._read import (
    BLOCK_READERS,
    Block,
    block_reader,
    file_reader,
    is_avro,
    read_long,
    schemaless_reader,
)
from avrojet.compat.fastavro._read_common import HEADER_SCHEMA, MAGIC, SYNC_SIZE, SchemaResolutionError
from avrojet.compat.fastavro.io.binary_decoder import BinaryDecoder
from avrojet.compat.fastavro.io.json_decoder import AvroJSONDecoder
from avrojet.compat.fastavro.json_read import reader
from avrojet.compat.fastavro.logical_readers import LOGICAL_READERS
from avrojet.compat.fastavro.schema import parse_schema

__all__ = [
    "BLOCK_READERS",
    "HEADER_SCHEMA",
    "LOGICAL_READERS",
    "MAGIC",
    "SYNC_SIZE",
    "AvroJSONDecoder",
    "BinaryDecoder",
    "Block",
    "SchemaResolutionError",
    "block_reader",
    "file_reader",
    "is_avro",
    "match_schemas",
    "match_types",
    "parse_schema",
    "read_long",
    "reader",
    "schemaless_reader",
]
