"""Names that other libraries import from fastavro's module of this name."""

from __future__ import annotations

from avrojet.compat.fastavro._read_common import HEADER_SCHEMA, MAGIC, SYNC_SIZE
from avrojet.compat.fastavro._write import BLOCK_WRITERS, Writer, schemaless_writer, writer
from avrojet.compat.fastavro._write_common import _is_appendable
from avrojet.compat.fastavro.io.binary_encoder import BinaryEncoder
from avrojet.compat.fastavro.io.json_encoder import AvroJSONEncoder
from avrojet.compat.fastavro.logical_writers import LOGICAL_WRITERS
from avrojet.compat.fastavro.schema import parse_schema
from avrojet.compat.fastavro.validation import _validate

__all__ = [
    "BLOCK_WRITERS",
    "HEADER_SCHEMA",
    "LOGICAL_WRITERS",
    "MAGIC",
    "SYNC_SIZE",
    "AvroJSONEncoder",
    "BinaryEncoder",
    "Writer",
    "_is_appendable",
    "_validate",
    "parse_schema",
    "schemaless_writer",
    "writer",
]
