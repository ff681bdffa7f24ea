"""librdkafka's mock broker: a broker in this process that other clients and processes use."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def mock_broker() -> Iterator[str]:
    """The address of a broker, for as long as it is used."""
    from confluent_kafka import Producer

    owner = Producer({"bootstrap.servers": "unused:1", "test.mock.num.brokers": 1})
    broker = next(iter(owner.list_topics(timeout=10).brokers.values()))
    yield f"{broker.host}:{broker.port}"
    del owner
