"""Schema registries: they store schemas by subject and version, and find those of messages by id.

>>> from avrojet.registry import MemoryRegistry
>>> registry = MemoryRegistry()
>>> registry.register("trips-value", {"type": "array", "items": "long"}).version
1
"""

from __future__ import annotations

from importlib import import_module

# The module of each name, which is imported on the first use of one of its names, so that a program imports
# only the clients that it needs. (Type checkers read __init__.pyi instead.)
_NAMES = {
    "apicurio": (
        "ApicurioRegistry",
        "AsyncApicurioRegistry",
    ),
    "auth": (
        "Basic",
        "Bearer",
        "OAuth",
    ),
    "azure": (
        "AsyncAzureRegistry",
        "AzureRegistry",
    ),
    "base": (
        "AsyncRegistry",
        "Registry",
        "ThreadedRegistry",
    ),
    "clients": (
        "AsyncClientRegistry",
        "ClientRegistry",
    ),
    "confluent": (
        "AsyncConfluentRegistry",
        "ConfluentRegistry",
    ),
    "errors": (
        "DeniedError",
        "IncompatibleError",
        "InvalidSchemaError",
        "NotFoundError",
        "RegistryError",
        "SchemaReferenceError",
        "UnavailableError",
    ),
    "exchange": ("Retries",),
    "failing": ("FailedMessage",),
    "folder": ("FolderRegistry",),
    "glue": ("GlueRegistry",),
    "memory": ("MemoryRegistry",),
    "messages": ("Context",),
    "model": (
        "RegisteredSchema",
        "RegistryCheck",
        "SchemaReference",
    ),
    "rules": (
        "ConfluentRules",
        "RuleError",
    ),
    "serdes": (
        "AsyncDeserializer",
        "AsyncSerializer",
        "Deserializer",
        "Serializer",
    ),
}
_HOMES = {name: module for module, names in _NAMES.items() for name in names}

__all__ = sorted(_HOMES)  # noqa: PLE0605 (it is a list of text)


def __getattr__(name: str) -> object:
    if name == "testing":
        return import_module("avrojet.registry.testing")
    if name not in _HOMES:
        raise AttributeError(f"module 'avrojet.registry' has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(f"avrojet.registry.{_HOMES[name]}"), name)
    return value


def __dir__() -> list[str]:
    return [*globals().keys() | _HOMES.keys()]
