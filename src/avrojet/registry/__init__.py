"""Schema registries: where the schemas of messages are found by id, and kept by subject and version.

>>> from avrojet.registry import MemoryRegistry
>>> registry = MemoryRegistry()
>>> registry.register("trips-value", {"type": "array", "items": "long"}).version
1
"""

from __future__ import annotations

from avrojet.registry.apicurio import ApicurioRegistry, AsyncApicurioRegistry
from avrojet.registry.auth import Basic, Bearer, OAuth
from avrojet.registry.azure import AsyncAzureRegistry, AzureRegistry
from avrojet.registry.base import AsyncRegistry, Registry, ThreadedRegistry
from avrojet.registry.clients import AsyncClientRegistry, ClientRegistry
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
from avrojet.registry.failing import FailedMessage
from avrojet.registry.folder import FolderRegistry
from avrojet.registry.glue import GlueRegistry
from avrojet.registry.memory import MemoryRegistry
from avrojet.registry.messages import Context
from avrojet.registry.model import RegisteredSchema, RegistryCheck, SchemaReference
from avrojet.registry.rules import ConfluentRules, RuleError
from avrojet.registry.serdes import AsyncDeserializer, AsyncSerializer, Deserializer, Serializer

__all__ = [
    "ApicurioRegistry",
    "AsyncApicurioRegistry",
    "AsyncAzureRegistry",
    "AsyncClientRegistry",
    "AsyncConfluentRegistry",
    "AsyncDeserializer",
    "AsyncRegistry",
    "AsyncSerializer",
    "AzureRegistry",
    "Basic",
    "Bearer",
    "ClientRegistry",
    "ConfluentRegistry",
    "ConfluentRules",
    "Context",
    "DeniedError",
    "Deserializer",
    "FailedMessage",
    "FolderRegistry",
    "GlueRegistry",
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
    "RuleError",
    "SchemaReference",
    "SchemaReferenceError",
    "Serializer",
    "ThreadedRegistry",
    "UnavailableError",
]
