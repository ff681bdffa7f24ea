"""Messages that become instances."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NotRequired, TypedDict

import pytest

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


def test_serializers_take_classes_by_name_for_schemas_that_the_registry_has():
    registry = MemoryRegistry()
    registry.register("orders-value", avrojet.schema_of(Order))
    registry.register("others-value", "long")
    serialize = Serializer(registry, use_latest=True, classes=[Order])
    deserialize = Deserializer(registry, classes={"shop.Order": Order})
    for topic, value in (("orders", Order(7, "x")), ("others", 5)):
        assert deserialize.deserialize(serialize.serialize(value, topic), topic) == value


class Partial(TypedDict):
    id: int
    note: NotRequired[str]


def test_messages_of_dicts_whose_keys_may_be_missing():
    registry = MemoryRegistry()
    serialize = Serializer(registry, Partial, topic="partial")
    messages = [serialize(value) for value in ({"id": 1}, {"id": 2, "note": "x"})]
    assert Deserializer(registry, Partial).decode_many(messages) == [{"id": 1}, {"id": 2, "note": "x"}]
    assert Deserializer(registry).decode_many(messages)[0] == {"id": 1, "note": None}


def test_columns_need_no_instances_and_take_the_schema_of_a_class(tmp_path):
    pa = pytest.importorskip("pyarrow")
    table = pa.table({"id": [7, 8], "note": ["x", None]})
    path = tmp_path / "orders.avro"
    avrojet.write_arrow(path, table, avrojet.schema_of(Order))
    assert avrojet.read(path, Order) == [Order(7, "x"), Order(8)]
    with avrojet.DataFileReader(path, Order) as reader:
        assert pa.table(reader.to_arrow()).to_pylist() == table.to_pylist()
    assert pa.table(avrojet.scan(path, reader_schema=Order).to_arrow()).to_pylist() == table.to_pylist()
    data = [avrojet.encode(order, Order) for order in (Order(7, "x"), Order(8))]
    for decoder in (avrojet.Decoder(Order), avrojet.Decoder(avrojet.schema_of(Order), classes=[Order])):
        assert pa.record_batch(decoder.decode_arrow(data)).to_pylist() == table.to_pylist()
    assert pa.array(avrojet.Encoder(Order).encode_arrow(table)).to_pylist() == data
    registry = MemoryRegistry()
    messages = pa.array(Serializer(registry, Order, topic="orders").from_arrow(table))
    batches = Deserializer(registry, Order).to_arrow(messages.to_pylist())
    assert pa.table(batches).to_pylist() == table.to_pylist()
