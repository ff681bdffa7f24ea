"""Schema registries: where the schemas of messages are found by id, and kept by subject and version.

>>> from avrojet.registry import MemoryRegistry
>>> registry = MemoryRegistry()
>>> registry.register("trips-value", {"type": "array", "items": "long"}).version
1
"""

from __future__ import annotations

from avrojet.registry.apicurio import ApicurioRegistry, AsyncApicurioRegistry
from avrojet.registry.auth import Basic, Bearer, OAuth
from avrojet.registry.base import AsyncRegistry, Registry, ThreadedRegistry
from avrojet.registry.confluent import AsyncConfluentRegistry, ConfluentRegistry
from avrojet.registry.errors import (
    DeniedError,
    IncompatibleError,
    InvalidSchemaError,
    NotFoundError,
    RegistryError,
    SchemaReferenceError,
    UnavailableError,
)
from avrojet.registry.exchange import Retries
from avrojet.registry.memory import MemoryRegistry
from avrojet.registry.model import RegisteredSchema, RegistryCheck, SchemaReference

__all__ = [
    "ApicurioRegistry",
    "AsyncApicurioRegistry",
    "AsyncConfluentRegistry",
    "AsyncRegistry",
    "Basic",
    "Bearer",
    "ConfluentRegistry",
    "DeniedError",
    "IncompatibleError",
    "InvalidSchemaError",
    "MemoryRegistry",
    "NotFoundError",
    "OAuth",
    "RegisteredSchema",
    "Registry",
    "RegistryCheck",
    "RegistryError",
    "Retries",
    "SchemaReference",
    "SchemaReferenceError",
    "ThreadedRegistry",
    "UnavailableError",
]
