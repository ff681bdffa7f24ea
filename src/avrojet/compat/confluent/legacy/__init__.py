"""``confluent_kafka.avro``, as old programs use it: AvroProducer, AvroConsumer, load, MessageSerializer.

It works with versions of confluent-kafka that no longer have it, and needs nothing of it but Producer and
Consumer.
"""

from __future__ import annotations

from avrojet.compat.confluent.legacy.cached_schema_registry_client import CachedSchemaRegistryClient
from avrojet.compat.confluent.legacy.clients import AvroConsumer, AvroProducer
from avrojet.compat.confluent.legacy.error import ClientError
from avrojet.compat.confluent.legacy.load import load, loads
from avrojet.compat.confluent.legacy.message_serializer import MessageSerializer
from avrojet.compat.confluent.legacy.serializer import (
    KeySerializerError,
    SerializerError,
    ValueSerializerError,
)

__all__ = [
    "AvroConsumer",
    "AvroProducer",
    "CachedSchemaRegistryClient",
    "ClientError",
    "KeySerializerError",
    "MessageSerializer",
    "SerializerError",
    "ValueSerializerError",
    "load",
    "loads",
]
