"""python-schema-registry-client: its message serializer, with a registry of one process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from schema_registry.client import SchemaRegistryClient, schema
from schema_registry.client.utils import SchemaVersion
from schema_registry.serializers import AvroMessageSerializer

from benchmarks.downstream.schemas import SMALL, SMALL_RECORD, WIDE, WIDE_RECORD

DISTRIBUTION = "python-schema-registry-client"


class Registry(SchemaRegistryClient):
    """One schema, under the id 1."""

    def __init__(self, known: schema.AvroSchema) -> None:
        super().__init__(url="http://localhost:1")
        self.known = known

    def register(self, *args: Any, **kwargs: Any) -> int:
        return 1

    def get_by_id(self, schema_id: int, **kwargs: Any) -> schema.AvroSchema:
        return self.known

    def get_schema(self, subject: str, version: str = "latest", **kwargs: Any) -> SchemaVersion:
        return SchemaVersion(subject, 1, self.known, 1)


def cases() -> Iterator[tuple[str, Callable[[], Any]]]:
    for size, source, record in (("small", SMALL, SMALL_RECORD), ("wide", WIDE, WIDE_RECORD)):
        known = schema.AvroSchema(source)
        serializer = AvroMessageSerializer(Registry(known))
        yield f"encode, {size}", _encode(serializer, known, record)
        message = serializer.encode_record_with_schema("subject", known, record)
        yield f"decode, {size}", _call(serializer.decode_message, message)
        yield f"AvroSchema of a dict, {size}", _shown(source)


def _encode(serializer: Any, known: Any, record: Any) -> Callable[[], Any]:
    return lambda: serializer.encode_record_with_schema("subject", known, record)


def _shown(source: Any) -> Callable[[], Any]:
    def run() -> Any:
        made = schema.AvroSchema(source)
        return made.flat_schema, made.expanded_schema

    return run


def _call(function: Callable[..., Any], *arguments: Any) -> Callable[[], Any]:
    return lambda: function(*arguments)
