"""Single-object encoding (`avrojet.wire.single_object`)."""

from avrojet.wire.single_object import (
    FolderStore,
    MemoryStore,
    Reader,
    SchemaStore,
    Writer,
    fingerprint_of,
)

__all__ = ["FolderStore", "MemoryStore", "Reader", "SchemaStore", "Writer", "fingerprint_of"]
