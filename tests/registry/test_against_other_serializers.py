"""Byte for byte against the serializers of others, both ways: Confluent's, AWS Glue's, Azure's."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from avrojet.registry import Deserializer, MemoryRegistry, RegisteredSchema, Serializer
from avrojet.wire.framing import frame, unframe

RECORD = {
    "type": "record",
    "name": "a.R",
    "fields": [
        {"name": "x", "type": "int"},
        {"name": "s", "type": "string"},
        {"name": "u", "type": ["null", "double", "string"], "default": None},
        {"name": "m", "type": {"type": "map", "values": "long"}},
    ],
}
VALUE = {"x": 5, "s": "hi", "u": 1.5, "m": {"a": 1}}
GUID = "0f9a8b7c-1122-3344-5566-778899aabbcc"


class Named:
    """A registry that has one schema, by whatever it is asked for."""

    def __init__(self, schema: Any, guid: str) -> None:
        from avrojet import parse_schema

        self._one = RegisteredSchema(parse_schema(schema), 1, guid, "t-value", 1)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name in ("find", "use_id"):
            raise AttributeError(name)
        return lambda *arguments, **options: self._one


@pytest.fixture(scope="module")
def confluent() -> SimpleNamespace:
    pytest.importorskip("confluent_kafka.schema_registry.avro", reason="confluent-kafka is not installed")
    from confluent_kafka import schema_registry, serialization
    from confluent_kafka.schema_registry import avro

    return SimpleNamespace(avro=avro, registry=schema_registry, serialization=serialization)


def context_of(confluent: Any, kind: str, headers: Any = None) -> Any:
    return confluent.serialization.SerializationContext(
        "t", confluent.serialization.MessageField(kind), headers
    )


def both(schema: Any) -> tuple[Any, MemoryRegistry]:
    """Confluent's client in memory, and a registry."""
    from confluent_kafka.schema_registry import SchemaRegistryClient

    return SchemaRegistryClient.new_client({"url": "mock://avrojet"}), MemoryRegistry()


@pytest.mark.parametrize("kind", ["key", "value"])
@pytest.mark.parametrize(
    ("schema", "value"),
    [(RECORD, VALUE), ("bytes", b"abc"), ({"type": "bytes"}, b""), ("string", "x"), (["null", "int"], 4)],
    ids=["record", "bytes", "bytes in an object", "string", "union"],
)
def test_confluents_with_the_id_in_front(confluent, schema, value, kind):
    client, registry = both(schema)
    context = context_of(confluent, kind)
    theirs = confluent.avro.AvroSerializer(client, json.dumps(schema))
    message = theirs(value, context)
    # Ids of both count from 1.
    ours = Serializer(registry, schema)(value, context)
    assert ours[5:] == message[5:]
    assert Deserializer(registry)(ours, context) == value
    their_id = int.from_bytes(message[1:5], "big")
    assert frame(their_id, ours[5:])[0] == message
    if len(message) > 5:  # it takes no shorter ones
        assert confluent.avro.AvroDeserializer(client)(frame(their_id, ours[5:])[0], context) == value


@pytest.mark.parametrize("holder", [list, dict])
def test_confluents_with_the_guid_in_headers(confluent, holder):
    client, _ = both(RECORD)
    headers = holder()
    context = context_of(confluent, "value", headers)
    conf = {"schema.id.serializer": confluent.registry.header_schema_id_serializer}
    message = confluent.avro.AvroSerializer(client, json.dumps(RECORD), conf=conf)(VALUE, context)
    (found,) = headers.items() if holder is dict else headers
    guid = unframe(message, headers, "confluent").schema_id.value
    assert UUID(guid).bytes == found[1][1:]
    registry = Named(RECORD, guid)
    assert Deserializer(registry)(message, context) == VALUE
    ours = holder()
    conf = {"schema.id.serializer": confluent.registry.header_schema_id_serializer}
    assert Serializer(registry, RECORD, conf=conf)(VALUE, context_of(confluent, "value", ours)) == message
    assert ours == headers
    in_front = Serializer(registry, RECORD, framing="confluent-guid")(VALUE, context_of(confluent, "value"))
    assert confluent.avro.AvroDeserializer(client)(in_front, context_of(confluent, "value")) == VALUE


def test_clients_take_ours_as_they_take_theirs(confluent):
    from confluent_kafka import DeserializingConsumer, SerializingProducer

    registry = MemoryRegistry()
    producer = SerializingProducer({"value.serializer": Serializer(registry, RECORD)})
    consumer = DeserializingConsumer({"group.id": "g", "value.deserializer": Deserializer(registry)})
    consumer.close()
    producer.produce("t", value=VALUE)
    assert registry.subjects() == ["t-value"]


def test_confluents_engine_applies_the_rules(confluent):
    from confluent_kafka.schema_registry.rule_registry import RuleRegistry
    from confluent_kafka.schema_registry.serde import RuleExecutor

    from avrojet.registry import ConfluentRules

    class Shout(RuleExecutor):
        def type(self) -> str:
            return "SHOUT"

        def transform(self, ctx: Any, message: Any) -> Any:
            if isinstance(message, bytes):
                return message[::-1]
            return {**message, "s": message["s"].swapcase()}

    engine = RuleRegistry()
    engine.register_executor(Shout())
    rule = {"name": "shout", "kind": "TRANSFORM", "mode": "WRITEREAD", "type": "SHOUT"}
    registry = MemoryRegistry()
    registry.register("t-value", RECORD, rules={"domainRules": [rule], "encodingRules": [rule]})
    rules = ConfluentRules(engine)
    message = Serializer(registry, use_latest=True, rules=rules).serialize(VALUE, "t")
    assert b"IH" in message
    assert Deserializer(registry, rules=rules).deserialize(message, "t") == VALUE


@pytest.fixture(scope="module")
def glue() -> SimpleNamespace:
    codec = pytest.importorskip(
        "aws_schema_registry.codec", reason="aws-glue-schema-registry is not installed"
    )
    from aws_schema_registry.avro import AvroSchema

    return SimpleNamespace(codec=codec, schema=AvroSchema)


@pytest.mark.parametrize("compressed", [False, True])
def test_glues(glue, compressed):
    schema = glue.schema(json.dumps(RECORD))
    message = glue.codec.encode(schema.write(VALUE), UUID(GUID), compression=compressed)
    registry = Named(RECORD, GUID)
    name = "glue-zlib" if compressed else "glue"
    assert Serializer(registry, RECORD, framing=name).serialize(VALUE, "t") == message
    for framing in ("glue", "glue-zlib", "auto"):
        assert Deserializer(registry, framing=framing)(message) == VALUE
    data, guid = glue.codec.decode(message)
    assert (schema.read(data), guid) == (VALUE, UUID(GUID))


def test_azures():
    avroencoder = pytest.importorskip(
        "azure.schemaregistry.encoder.avroencoder", reason="azure-schemaregistry-avroencoder is not installed"
    )
    digits = UUID(GUID).hex
    properties = SimpleNamespace(id=digits)

    class Client:
        def register_schema(self, group: str, name: str, definition: str, kind: str, **more: Any) -> Any:
            return properties

        def get_schema(self, schema_id: str, **more: Any) -> Any:
            assert schema_id == digits
            return SimpleNamespace(properties=properties, definition=json.dumps(RECORD))

    encoder = avroencoder.AvroEncoder(client=Client(), group_name="g", auto_register=True)
    theirs = encoder.encode(VALUE, schema=json.dumps(RECORD))
    registry, headers = Named(RECORD, digits), []
    ours = Serializer(registry, RECORD, framing="azure").serialize(VALUE, "t", headers)
    assert (ours, headers) == (theirs["content"], [("content-type", theirs["content_type"].encode())])
    for told in (headers, {"content-type": theirs["content_type"]}):
        assert Deserializer(registry, framing="azure").deserialize(ours, "t", told) == VALUE
    assert encoder.decode({"content": ours, "content_type": headers[0][1].decode()}) == VALUE


def test_rules_are_told_the_subject_of_each_topic(confluent):
    from confluent_kafka.schema_registry.rule_registry import RuleRegistry
    from confluent_kafka.schema_registry.serde import RuleExecutor

    from avrojet.registry import ConfluentRules

    subjects = []

    class Noting(RuleExecutor):
        def type(self) -> str:
            return "NOTE"

        def transform(self, ctx: Any, message: Any) -> Any:
            subjects.append(ctx.subject)
            return message

    engine = RuleRegistry()
    engine.register_executor(Noting())
    rule = {"name": "note", "kind": "TRANSFORM", "mode": "READ", "type": "NOTE"}
    registry = MemoryRegistry()
    one = registry.register("t-value", RECORD, rules={"domainRules": [rule]})
    message = frame(one.id, Serializer(None, RECORD, framing="none")(VALUE))[0]
    deserializer = Deserializer(registry, rules=ConfluentRules(engine))
    for topic in ("a", "b", "a"):
        context = confluent.serialization.SerializationContext(
            topic, confluent.serialization.MessageField.VALUE
        )
        assert deserializer(message, context) == VALUE
    assert deserializer(message) == VALUE
    assert subjects == ["a-value", "b-value", "a-value", ""]


def test_rules_in_the_attributes_of_a_schema(confluent):
    from avrojet.registry import RuleError

    class Positive:
        def execute(self, rule: Any, schema: Any, message: Any) -> Any:
            return message > 0

    field = {"name": "x", "type": "int", "confluent:rules": [{"name": "positive", "expr": "this > 0"}]}
    schema = {**RECORD, "fields": [field, *RECORD["fields"][1:]]}
    conf = {"validation.rules.execution": "BEFORE_DOMAIN_RULES", "validation.rules.executor": Positive()}
    serializer = Serializer(MemoryRegistry(), schema, conf=conf, topic="t")
    assert serializer(VALUE) == Serializer(MemoryRegistry(), RECORD, topic="t")(VALUE)
    with pytest.raises(RuleError, match="x: positive"):
        serializer({**VALUE, "x": -1})
