"""fastavro 1.13.1's interface on avrojet's core: change one import, and the program is faster.

>>> from avrojet.compat import fastavro

docs/moving/fastavro.md lists where the two differ.
"""

from __future__ import annotations

from avrojet.compat.fastavro import (
    const,
    io,
    json_read,
    json_write,
    logical_readers,
    logical_writers,
    read,
    repository,
    schema,
    types,
    validation,
    write,
)
from avrojet.compat.fastavro.json_read import json_reader
from avrojet.compat.fastavro.json_write import json_writer
from avrojet.compat.fastavro.read import block_reader, is_avro, iter_avro, reader, schemaless_reader
from avrojet.compat.fastavro.schema import parse_schema
from avrojet.compat.fastavro.validation import validate
from avrojet.compat.fastavro.write import schemaless_writer, writer

__version_info__ = (1, 13, 1)
"""The version of fastavro that this reports."""
__version__ = "1.13.1"

__all__ = [
    "__version__",
    "block_reader",
    "const",
    "io",
    "is_avro",
    "iter_avro",
    "json_read",
    "json_reader",
    "json_write",
    "json_writer",
    "logical_readers",
    "logical_writers",
    "parse_schema",
    "read",
    "reader",
    "repository",
    "schema",
    "schemaless_reader",
    "schemaless_writer",
    "types",
    "validate",
    "validation",
    "write",
    "writer",
]
