"""Messages that become instances."""

from __future__ import annotations

from dataclasses import dataclass

import avrojet
from avrojet.registry import Deserializer, MemoryRegistry, Serializer
from avrojet.single_object import Reader, Writer


@avrojet.record(namespace="shop")
@dataclass
class Order:
    id: int
    note: str | None = None


def test_a_serializer_and_a_deserializer_take_classes():
    registry = MemoryRegistry()
    serialize, deserialize = Serializer(registry, Order), Deserializer(registry, Order)
    message = serialize.serialize(Order(7, "x"), "orders")
    assert deserialize.deserialize(message, "orders") == Order(7, "x")
    assert Deserializer(registry).deserialize(message, "orders") == {"id": 7, "note": "x"}
    latest = Serializer(registry, Order, use_latest=True, auto_register=False)
    assert latest.serialize(Order(7, "x"), "orders") == message


def test_single_objects_are_instances():
    message = Writer(Order).encode(Order(7))
    assert Reader([avrojet.schema_of(Order)], Order).decode(message) == Order(7)
