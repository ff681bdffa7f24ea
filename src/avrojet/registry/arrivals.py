"""Messages of Kafka clients: their bytes, and where they come from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, TypeAlias

from avrojet.registry.messages import Arrived, Context

Arrival: TypeAlias = tuple[Any, Context | Arrived]


def arrivals(messages: Iterable[Any], field: str) -> Iterator[Arrival]:
    """Yield the bytes and the context of each message.

    :param messages: bytes, other buffers and None; messages of confluent-kafka, records of aiokafka or
        kafka-python: objects with ``value``, ``key``, ``topic``, ``partition``, ``offset`` and ``headers``,
        as attributes or as methods.
    :param field: which of the two to take, ``"value"`` or ``"key"``.
    """
    bare = Context(None, field)
    for message in messages:
        if message is None or isinstance(message, bytes | bytearray | memoryview):
            yield message, bare
        else:
            arrived = Arrived(message, field)
            yield arrived.data(), arrived
