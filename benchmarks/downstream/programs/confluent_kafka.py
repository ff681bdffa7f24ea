"""confluent-kafka: AvroSerializer and AvroDeserializer, with its own registry in memory."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.serialization import MessageField, SerializationContext

from benchmarks.downstream.schemas import SMALL, SMALL_RECORD, WIDE, WIDE_RECORD

DISTRIBUTION = "confluent-kafka"


def cases() -> Iterator[tuple[str, Callable[[], Any]]]:
    for size, schema, record in (("small", SMALL, SMALL_RECORD), ("wide", WIDE, WIDE_RECORD)):
        registry = SchemaRegistryClient.new_client({"url": "mock://"})
        context = SerializationContext(f"topic-{size}", MessageField.VALUE)
        text = json.dumps(schema)
        fewer = json.dumps({**schema, "fields": schema["fields"][::2]})
        serialize = AvroSerializer(registry, text)
        strict = AvroSerializer(registry, text, conf={"validate.strict": True})
        message = serialize(record, context)
        for name, deserialize in (
            ("AvroDeserializer", AvroDeserializer(registry)),
            ("AvroDeserializer, reader's schema", AvroDeserializer(registry, fewer)),
            ("AvroDeserializer, record names", AvroDeserializer(registry, return_record_name=True)),
        ):
            yield f"{name}, {size}", _call(deserialize, message, context)
        latest = {"use.latest.version": True}
        newest = AvroDeserializer(registry, conf=latest)
        yield f"AvroDeserializer, newest version, {size}", _call(newest, message, context)
        newest_out = AvroSerializer(registry, conf={**latest, "auto.register.schemas": False})
        yield f"AvroSerializer, newest version, {size}", _call(newest_out, record, context)
        yield f"AvroSerializer, {size}", _call(serialize, record, context)
        yield f"AvroSerializer, strict, {size}", _call(strict, record, context)


def _call(function: Callable[..., Any], *arguments: Any) -> Callable[[], Any]:
    return lambda: function(*arguments)
