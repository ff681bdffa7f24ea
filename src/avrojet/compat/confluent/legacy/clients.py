"""AvroProducer and AvroConsumer: clients of Kafka that write and read records."""

from __future__ import annotations

import warnings
from typing import Any

from confluent_kafka import Consumer, Producer

from avrojet.compat.confluent.legacy.cached_schema_registry_client import CachedSchemaRegistryClient
from avrojet.compat.confluent.legacy.error import ClientError
from avrojet.compat.confluent.legacy.message_serializer import MessageSerializer
from avrojet.compat.confluent.legacy.serializer import (
    KeySerializerError,
    SerializerError,
    ValueSerializerError,
)

__all__ = ["AvroConsumer", "AvroProducer"]

_PREFIX = "schema.registry."


def _registry(config: dict[str, Any], given: Any, *, registers: bool) -> tuple[Any, dict[str, Any]]:
    """Return the registry for a configuration, and the rest of the configuration for the client."""
    theirs = {key.removeprefix(_PREFIX): value for key, value in config.items() if key.startswith(_PREFIX)}
    ours = {key: value for key, value in config.items() if not key.startswith(_PREFIX)}
    if theirs.get("basic.auth.credentials.source") == "SASL_INHERIT":
        theirs["sasl.mechanism"] = config.get("sasl.mechanism", config.get("sasl.mechanisms", ""))
        theirs["sasl.username"] = config.get("sasl.username", "")
        theirs["sasl.password"] = config.get("sasl.password", "")
        if registers:
            theirs["auto.register.schemas"] = config.get("auto.register.schemas", True)
    if given is None:
        return CachedSchemaRegistryClient(theirs), ours
    if theirs.get("url") is not None:
        raise ValueError("Cannot pass schema_registry along with schema.registry.url config")
    return given, ours


class AvroProducer(Producer):  # type: ignore[misc]
    """A Producer of records.

    :param config: the configuration of Producer, and ``schema.registry.url`` and other keys of the registry.
    :param default_key_schema: the schema of keys, as :func:`load` makes it.
    :param default_value_schema: the schema of values.
    :param schema_registry: a client to use instead of the one in the configuration.
    """

    def __init__(
        self,
        config: dict[str, Any],
        default_key_schema: Any = None,
        default_value_schema: Any = None,
        schema_registry: Any = None,
        **kwargs: Any,
    ) -> None:
        warnings.warn(
            "AvroProducer has been deprecated. Use AvroSerializer instead.", DeprecationWarning, stacklevel=2
        )
        registry, conf = _registry(config, schema_registry, registers=True)
        super().__init__(conf, **kwargs)
        self._serializer = MessageSerializer(registry)
        self._key_schema = default_key_schema
        self._value_schema = default_value_schema

    def produce(self, **kwargs: Any) -> None:
        """Send a record: ``topic``, ``value``, ``key``, ``value_schema``, ``key_schema``, and the arguments
        of Producer.produce.

        :raises SerializerError: if a value or key has no schema, or the registry returns no id.
        :raises ValueError: if it does not fit its schema.
        """
        topic = kwargs.pop("topic", None)
        if not topic:
            raise ClientError("Topic name not specified.")
        key_schema = kwargs.pop("key_schema", self._key_schema)
        value_schema = kwargs.pop("value_schema", self._value_schema)
        value, key = kwargs.pop("value", None), kwargs.pop("key", None)
        if value is not None:
            if not value_schema:
                raise ValueSerializerError("Avro schema required for values")
            value = self._serializer.encode_record_with_schema(topic, value_schema, value)
        if key is not None:
            if not key_schema:
                raise KeySerializerError("Avro schema required for key")
            key = self._serializer.encode_record_with_schema(topic, key_schema, key, is_key=True)
        super().produce(topic, value, key, **kwargs)


class AvroConsumer(Consumer):  # type: ignore[misc]
    """A Consumer of records: ``value()`` and ``key()`` of its messages are decoded.

    :param config: that of Consumer, and ``schema.registry.url`` and other keys of the registry.
    :param schema_registry: a client to use instead of the one in the configuration.
    :param reader_key_schema: the schema to read keys as, as :func:`load` makes it; None: as they were
        written.
    :param reader_value_schema: the same for values.
    """

    def __init__(
        self,
        config: dict[str, Any],
        schema_registry: Any = None,
        reader_key_schema: Any = None,
        reader_value_schema: Any = None,
        **kwargs: Any,
    ) -> None:
        warnings.warn(
            "AvroConsumer has been deprecated. Use AvroDeserializer instead.",
            DeprecationWarning,
            stacklevel=2,
        )
        registry, conf = _registry(config, schema_registry, registers=False)
        super().__init__(conf, **kwargs)
        self._serializer = MessageSerializer(registry, reader_key_schema, reader_value_schema)

    def poll(self, timeout: float | None = None) -> Any:
        """The next message, decoded; None if there is none in time.

        :param timeout: seconds; None: no limit.
        :raises SerializerError: if it cannot be decoded because its frame or schema is missing; the error
            says where.
        """
        message = super().poll(-1 if timeout is None else timeout)
        if message is None or message.error():
            return message
        try:
            if message.value() is not None:
                message.set_value(self._serializer.decode_message(message.value(), is_key=False))
            if message.key() is not None:
                message.set_key(self._serializer.decode_message(message.key(), is_key=True))
        except SerializerError as error:
            raise SerializerError(
                f"Message deserialization failed for message at {message.topic()} "
                f"[{message.partition()}] offset {message.offset()}: {error}"
            ) from error
        return message
