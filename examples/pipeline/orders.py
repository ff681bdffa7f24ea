"""Orders: what they are, under two schemas, and how they get to Kafka."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

TOPIC = "orders"
PARTITIONS = 3
SCHEMAS = [Path(__file__).with_name(f"order-{version}.avsc") for version in (1, 2)]
_FIRST_DAY = date(2024, 3, 1)


def orders(count: int, version: int) -> Iterator[dict[str, Any]]:
    """As many orders; those of version 2 have a currency, and totals that no int holds."""
    for number in range(count):
        order = {
            "id": number,
            "shop": f"shop {number % 7}",
            "day": _FIRST_DAY + timedelta(days=number % 4 + version - 1),
            "cents": number % 1000 + (3_000_000_000 if version == 2 else 0),
        }
        yield order if version == 1 else {**order, "currency": "EUR" if number % 2 else "CHF"}


def totals(count: int) -> Counter[tuple[date, str, str]]:
    """What the pipeline has to find: cents by day, shop and currency, of the orders of both versions."""
    found: Counter[tuple[date, str, str]] = Counter()
    for version in (1, 2):
        for order in orders(count, version):
            found[order["day"], order["shop"], order.get("currency", "EUR")] += order["cents"]
    return found


def produce(servers: str, registry: str, count: int, version: int) -> None:
    """Send orders under a schema, which is registered by that."""
    from confluent_kafka import Producer

    from avrojet.registry import ConfluentRegistry, Serializer

    with ConfluentRegistry(registry) as schemas:
        serializer = Serializer(schemas, SCHEMAS[version - 1].read_text())
        producer = Producer({"bootstrap.servers": servers, "enable.idempotence": True, "linger.ms": 50})
        for number, order in enumerate(orders(count, version)):
            message = serializer.serialize(order, topic=TOPIC)
            while True:
                try:
                    producer.produce(TOPIC, message, partition=number % PARTITIONS)
                    break
                except BufferError:  # its queue is full
                    producer.poll(0.1)
        if producer.flush(120):
            raise RuntimeError(f"messages that Kafka at {servers} did not take")


def make_topic(servers: str) -> None:
    """Make the topic."""
    from confluent_kafka.admin import AdminClient, NewTopic

    admin = AdminClient({"bootstrap.servers": servers})
    for made in admin.create_topics([NewTopic(TOPIC, PARTITIONS, 1)]).values():
        made.result(60)
