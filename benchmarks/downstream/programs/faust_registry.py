"""faust-streaming: the codec of python-schema-registry-client, as a stream's values go through it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from schema_registry.client import schema
from schema_registry.serializers.faust import FaustSerializer

from benchmarks.downstream.programs.schema_registry_client import Registry
from benchmarks.downstream.schemas import SMALL, SMALL_RECORD

DISTRIBUTION = "faust-streaming"


def cases() -> Iterator[tuple[str, Callable[[], Any]]]:
    known = schema.AvroSchema(SMALL)
    codec = FaustSerializer(Registry(known), "subject", known)
    message = codec.dumps(SMALL_RECORD)
    yield "dumps", lambda: codec.dumps(SMALL_RECORD)
    yield "loads", lambda: codec.loads(message)
