"""Writing, as fastavro.write."""

from __future__ import annotations

from avrojet.compat.fastavro import _write
from avrojet.compat.fastavro._write import LOGICAL_WRITERS, Writer, schemaless_writer, writer
from avrojet.compat.fastavro.json_write import json_writer

__all__ = ["LOGICAL_WRITERS", "Writer", "_write", "json_writer", "schemaless_writer", "writer"]
