"""confluent-kafka's Avro serializers, those for asyncio, and its old ``confluent_kafka.avro``, on avrojet.

>>> from avrojet.compat.confluent import AvroDeserializer, AvroSerializer
>>> avrojet.compat.install("confluent")     # or, first thing, for every module of the process

Everything else remains confluent-kafka's own: the client of the registry, rules, builders. The serializers
need its extras ``avro`` and ``schemaregistry``; the modules in ``legacy`` need neither.
"""

from __future__ import annotations

from importlib import import_module

_HOMES = {
    "AsyncAvroDeserializer": "serializers",
    "AsyncAvroDeserializerBuilder": "serializers",
    "AsyncAvroSerializer": "serializers",
    "AsyncAvroSerializerBuilder": "serializers",
    "AvroConsumer": "legacy",
    "AvroDeserializer": "serializers",
    "AvroDeserializerBuilder": "serializers",
    "AvroProducer": "legacy",
    "AvroSerializer": "serializers",
    "AvroSerializerBuilder": "serializers",
    "CachedSchemaRegistryClient": "legacy",
    "ClientError": "legacy",
    "KeySerializerError": "legacy",
    "MessageSerializer": "legacy",
    "SerializerError": "legacy",
    "ValueSerializerError": "legacy",
    "load": "legacy",
    "loads": "legacy",
}
__all__ = sorted(_HOMES)  # noqa: PLE0605 (it is a list of text)

# Which module replaces which module of confluent-kafka; see avrojet.compat.install.
INSTALLED = {
    "confluent_kafka.schema_registry.avro": "serializers",
    "confluent_kafka.avro": "legacy",
    "confluent_kafka.avro.load": "legacy.load",
    "confluent_kafka.avro.error": "legacy.error",
    "confluent_kafka.avro.serializer": "legacy.serializer",
    "confluent_kafka.avro.serializer.message_serializer": "legacy.message_serializer",
    "confluent_kafka.avro.cached_schema_registry_client": "legacy.cached_schema_registry_client",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    return value
