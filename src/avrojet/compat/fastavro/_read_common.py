"""Names that readers share; other libraries import from fastavro's module of this name."""

from __future__ import annotations

from typing import Any, Final

from avrojet.container.framing import MAGIC, SYNC_SIZE
from avrojet.errors import ResolutionError as SchemaResolutionError

__all__ = ["HEADER_SCHEMA", "MAGIC", "SYNC_SIZE", "SchemaResolutionError"]

# Specification: Object Container Files.
HEADER_SCHEMA: Final[dict[str, Any]] = {
    "type": "record",
    "name": "org.apache.avro.file.Header",
    "fields": [
        {"name": "magic", "type": {"type": "fixed", "name": "magic", "size": len(MAGIC)}},
        {"name": "meta", "type": {"type": "map", "values": "bytes"}},
        {"name": "sync", "type": {"type": "fixed", "name": "sync", "size": SYNC_SIZE}},
    ],
}
