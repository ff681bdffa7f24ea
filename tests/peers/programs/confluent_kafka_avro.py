"""Records through a topic of librdkafka's mock broker, with confluent-kafka's Avro serializers."""

import datetime
import decimal

from confluent_kafka import Consumer, Producer
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.serialization import MessageField, SerializationContext

TOPIC = "orders"
SCHEMA = """{
  "type": "record", "name": "Order", "namespace": "shop", "fields": [
    {"name": "id", "type": "long"},
    {"name": "price", "type": {"type": "bytes", "logicalType": "decimal", "precision": 12, "scale": 2}},
    {"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"}},
    {"name": "note", "type": ["null", "string"], "default": null},
    {"name": "buyer", "type": [
      {"type": "record", "name": "Person", "fields": [{"name": "name", "type": "string"}]},
      {"type": "record", "name": "Company", "fields": [{"name": "vat", "type": "string"}]}]}
  ]}"""
READER = """{
  "type": "record", "name": "Order", "namespace": "shop", "fields": [
    {"name": "id", "type": "double"},
    {"name": "state", "type": {"type": "enum", "name": "State", "symbols": ["NEW", "OLD"]}, "default": "NEW"}
  ]}"""
ORDERS = [
    {
        "id": number,
        "price": decimal.Decimal(number) / 4,
        "at": datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc) + datetime.timedelta(hours=number),
        "note": None if number % 2 else f"number {number}",
        "buyer": {"name": "Ann"} if number % 3 else {"vat": "X1"},
    }
    for number in range(20)
]

registry = SchemaRegistryClient.new_client({"url": "mock://"})
context = SerializationContext(TOPIC, MessageField.VALUE)
serialize = AvroSerializer(registry, SCHEMA)
deserialize = AvroDeserializer(registry, return_record_name=True)
deserialize_as = AvroDeserializer(registry, READER)

producer = Producer({"bootstrap.servers": "localhost", "test.mock.num.brokers": 1})
(broker,) = producer.list_topics(timeout=20).brokers.values()
for order in ORDERS:
    producer.produce(TOPIC, value=serialize(order, context))
producer.flush(20)

consumer = Consumer(
    {"bootstrap.servers": f"{broker.host}:{broker.port}", "group.id": "shop", "auto.offset.reset": "earliest"}
)
consumer.subscribe([TOPIC])
got = []
while len(got) < len(ORDERS):
    message = consumer.poll(20)
    assert message is not None, "the mock broker is silent"
    assert message.error() is None, message.error()
    got.append(message.value())
consumer.close()

plain = AvroDeserializer(registry)
got.sort(key=lambda value: plain(value, context)["id"])  # the topic has several partitions
assert [plain(value, context) for value in got] == ORDERS
for value in got[:4]:
    print(deserialize(value, context))
    print(deserialize_as(value, context))
try:
    serialize({"id": "x"}, context)
except Exception as error:
    print("refused:", isinstance(error.__cause__ or error, (ValueError, TypeError)))
