"""What the examples of the documentation have before they begin: orders, and clients of no broker."""

from __future__ import annotations

from typing import Any

import pytest

import avrojet
from avrojet.container import codecs

ORDER = {
    "type": "record",
    "name": "Order",
    "fields": [
        {"name": "id", "type": "long"},
        {"name": "total", "type": "double"},
        {
            "name": "customer",
            "type": {"type": "record", "name": "Customer", "fields": [{"name": "name", "type": "string"}]},
        },
        {
            "name": "items",
            "type": {
                "type": "array",
                "items": {"type": "record", "name": "Item", "fields": [{"name": "price", "type": "double"}]},
            },
        },
    ],
}
ORDERS = [
    {"id": number, "total": number * 2.0, "customer": {"name": f"n{number}"}, "items": [{"price": 1.0}]}
    for number in range(100)
]


class Message:
    """A message of Kafka's, as confluent_kafka has them."""

    def __init__(self, value: Any) -> None:
        self._value = value

    def value(self) -> Any:
        return self._value

    def topic(self) -> str:
        return "orders"

    def partition(self) -> int:
        return 0

    offset = partition

    def headers(self) -> None:
        return None

    key = error = headers


class Consumer:
    def __init__(self, values: list[bytes | None]) -> None:
        self._messages = [Message(value) for value in values]

    def consume(self, num_messages: int) -> list[Message]:
        return self._messages[:num_messages]


class DeserializingConsumer(Consumer):
    """Of a broker with one message."""

    def __init__(self, message: bytes, conf: dict[str, Any]) -> None:
        super().__init__([message])
        self.deserialize = conf["value.deserializer"]

    def subscribe(self, topics: list[str]) -> None:
        self.left = self._messages[:]

    def poll(self, timeout: float) -> Message | None:
        return Message(self.deserialize(self.left.pop().value(), None)) if self.left else None


class Producer:
    def __init__(self) -> None:
        self.produced: list[bytes | None] = []

    def produce(self, topic: str, value: bytes | None, headers: dict[str, str]) -> None:
        assert topic.endswith(".dead")
        assert "message 101" in headers["error"]
        self.produced.append(value)


def ensure(library: str) -> None:
    """Skip where a library, or that of a codec, is not installed."""
    if library.startswith("codec "):
        try:
            codecs.make_compress(library.removeprefix("codec "))
        except avrojet.CodecError as error:
            pytest.skip(str(error))
    else:
        pytest.importorskip(library)
