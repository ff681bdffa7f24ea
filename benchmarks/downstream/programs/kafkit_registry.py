"""kafkit: its serializer and deserializer, with the registry's mock."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from typing import Any

from kafkit.registry import Deserializer, Serializer
from kafkit.registry.sansio import MockRegistryApi

from benchmarks.downstream.schemas import SMALL, SMALL_RECORD, WIDE, WIDE_RECORD

DISTRIBUTION = "kafkit"


def cases() -> Iterator[tuple[str, Callable[[], Any]]]:
    for size, schema, record in (("small", SMALL, SMALL_RECORD), ("wide", WIDE, WIDE_RECORD)):
        serializer = Serializer(schema=schema, schema_id=1)
        yield f"Serializer, {size}", _call(serializer, record)
        registry = MockRegistryApi(body=json.dumps({"schema": json.dumps(schema)}).encode())
        yield f"Deserializer, {size}", _decode(Deserializer(registry=registry), serializer(record))


def _decode(deserializer: Any, message: bytes) -> Callable[[], Any]:
    loop = asyncio.new_event_loop()
    return lambda: loop.run_until_complete(deserializer.deserialize(message))


def _call(function: Callable[..., Any], *arguments: Any) -> Callable[[], Any]:
    return lambda: function(*arguments)
