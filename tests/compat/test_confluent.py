"""The facade of confluent-kafka's Avro serializers gives what theirs do, message by message."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from typing import Any

import pytest

pytest.importorskip("confluent_kafka.schema_registry.avro", reason="confluent-kafka is not installed")

from confluent_kafka.schema_registry import (
    AsyncSchemaRegistryClient,
    Schema,
    SchemaRegistryClient,
    header_schema_id_serializer,
    prefix_schema_id_deserializer,
    record_subject_name_strategy,
    topic_subject_name_strategy,
)
from confluent_kafka.schema_registry._async import avro as their_async
from confluent_kafka.schema_registry._sync import avro as theirs
from confluent_kafka.schema_registry.rule_registry import RuleRegistry
from confluent_kafka.schema_registry.serde import RuleExecutor, get_original_key
from confluent_kafka.serialization import MessageField, SerializationContext

from avrojet.compat import confluent as ours

OLD = {
    "type": "record",
    "name": "a.R",
    "fields": [{"name": "x", "type": "int"}, {"name": "s", "type": "string"}],
}
NEW = {**OLD, "fields": [*OLD["fields"], {"name": "y", "type": "long", "default": 7}]}
UNION = [OLD, {"type": "record", "name": "a.Q", "fields": [{"name": "q", "type": "int"}]}]
VALUE = {"x": 5, "s": "hi"}


@pytest.fixture
def client() -> Any:
    return SchemaRegistryClient.new_client({"url": "mock://facade"})


def context(kind: str = "value", headers: Any = None) -> SerializationContext:
    return SerializationContext("t", MessageField(kind), headers)


def outcome(call: Any, *arguments: Any) -> tuple[Any, Any]:
    """What a call returns, or the kind of its error."""
    try:
        return "value", call(*arguments)
    except Exception as error:  # noqa: BLE001
        kinds = (TypeError, ValueError, EOFError, IndexError, Exception)
        return "error", next(kind for kind in kinds if isinstance(error, kind))


WRITING = {
    "as it comes": {},
    "strict": {"validate.strict": True},
    "strict, defaults allowed": {"validate.strict.allow.default": True},
    "by record": {"subject.name.strategy": record_subject_name_strategy},
    "by topic": {"subject.name.strategy.type": "TOPIC"},
    "by a function": {"subject.name.strategy": lambda ctx, name: f"{ctx.topic}-{name}"},
    "looked up": {"auto.register.schemas": False},
    "latest": {"auto.register.schemas": False, "use.latest.version": True},
}
VALUES = [
    VALUE,
    {**VALUE, "y": 1},
    {"x": 5},
    {**VALUE, "z": 1},
    {**VALUE, "x": "five"},
    {**VALUE, "x": 2**40},
    7,
]


@pytest.mark.parametrize("conf", WRITING.values(), ids=WRITING)
@pytest.mark.parametrize("kind", ["value", "key"])
def test_values_are_written_as_theirs_are(client, conf, kind):
    for subject in (f"t-{kind}", "a.R"):
        client.register_schema(subject, Schema(json.dumps(NEW)))
    pair = [library.AvroSerializer(client, json.dumps(NEW), conf=conf) for library in (theirs, ours)]
    for value in VALUES * 2:
        expected, found = (outcome(serializer, value, context(kind)) for serializer in pair)
        if value.get("x") != 2**40 if isinstance(value, dict) else True:  # which fastavro cuts off
            assert found == expected, value
    assert pair[1](None, context(kind)) is None
    with pytest.raises(ValueError, match="Unrecognized properties"):
        ours.AvroSerializer(client, json.dumps(NEW), conf={"auto.register": True})


SAMPLES = [
    (OLD, VALUE),
    (NEW, VALUE),
    (UNION, VALUE),
    ("bytes", b"abc"),
    ({"type": "bytes"}, b"abc"),
    ("string", "abcd"),
    (["null", "int"], 70_000),
]


@pytest.mark.parametrize("schema", [schema for schema, _ in SAMPLES], ids=str)
def test_messages_go_from_one_to_the_other(client, schema):
    value = next(value for known, value in SAMPLES if known == schema)
    writers = [library.AvroSerializer(client, json.dumps(schema)) for library in (theirs, ours)]
    messages = [writer(value, context()) for writer in writers for _ in range(2)]
    assert len(set(messages)) == 1
    for options in ({}, {"return_record_name": True}):
        readers = [library.AvroDeserializer(client, **options) for library in (theirs, ours)]
        values = [reader(messages[0], context()) for reader in readers for _ in range(2)]
        assert all(each == values[0] for each in values)
        assert readers[1](messages[0]) == values[0]


READING = {
    "as it comes": {},
    "reader's schema": {"schema_str": json.dumps(NEW)},
    "reader's schema object": {"schema_str": Schema(json.dumps(NEW))},
    "latest": {"conf": {"use.latest.version": True}},
    "in front only": {"conf": {"schema.id.deserializer": prefix_schema_id_deserializer}},
    "by topic": {"conf": {"subject.name.strategy": topic_subject_name_strategy}},
    "from_dict": {"from_dict": lambda value, ctx: (ctx.topic, value)},
}


@pytest.mark.parametrize("options", READING.values(), ids=READING)
def test_messages_are_read_as_theirs_are(client, options):
    message = theirs.AvroSerializer(client, json.dumps(OLD))(VALUE, context())
    client.register_schema("t-value", Schema(json.dumps(NEW)))
    pair = [library.AvroDeserializer(client, **options) for library in (theirs, ours)]
    for data in (
        message,
        message + b"junk",
        message[:-1],
        message[:5],
        message[:3],
        b"",
        b"\x05" + message,
        None,
    ):
        expected, found = (outcome(reader, data, context()) for reader in pair)
        # Data that end too early are an IndexError of fastavro's, or none at all.
        assert found == expected or data == message[:-1], data
        assert outcome(pair[1], data, context()) == found


def test_the_newest_version_is_seen_when_it_comes(client):
    client.register_schema("t-value", Schema(json.dumps(OLD)))
    conf = {"use.latest.version": True}
    serializer = ours.AvroSerializer(client, conf={**conf, "auto.register.schemas": False})
    deserializer = ours.AvroDeserializer(client, conf=conf)
    message = serializer(VALUE, context())
    assert deserializer(message, context()) == VALUE
    client.register_schema("t-value", Schema(json.dumps(NEW)))
    client.clear_latest_caches()
    assert deserializer(message, context()) == {**VALUE, "y": 7}
    assert deserializer(serializer(VALUE, context()), context()) == {**VALUE, "y": 7}


@pytest.mark.parametrize("holder", [list, dict])
def test_the_guid_in_headers(client, holder):
    schema = {"type": "record", "name": "Small", "fields": [{"name": "x", "type": "int"}]}
    headers = holder()
    serializer = ours.AvroSerializer(
        client, json.dumps(schema), conf={"schema.id.serializer": header_schema_id_serializer}
    )
    for _ in range(2):
        data = serializer({"x": 1}, context(headers=headers))
        # Theirs takes no data of fewer than six bytes, wherever the id is.
        assert ours.AvroDeserializer(client)(data, context(headers=headers)) == {"x": 1}
    assert data == b"\2"


def test_rules_are_left_to_their_engine(client):
    class Shout(RuleExecutor):
        def type(self) -> str:
            return "SHOUT"

        def transform(self, ctx: Any, message: Any) -> Any:
            return {**message, "s": message["s"].swapcase()}

    rules = RuleRegistry()
    rules.register_executor(Shout())
    rule = {"name": "shout", "kind": "TRANSFORM", "mode": "WRITEREAD", "type": "SHOUT"}
    schema = Schema.from_dict({"schema": json.dumps(OLD), "ruleSet": {"domainRules": [rule]}})
    client.register_schema("t-value", schema)
    conf = {"auto.register.schemas": False, "use.latest.version": True}
    serializer = ours.AvroSerializer(client, conf=conf, rule_registry=rules)
    for _ in range(2):
        message = serializer(VALUE, context())
        assert message.endswith(b"HI")
        assert ours.AvroDeserializer(client, rule_registry=rules)(message, context()) == VALUE


def test_keys_are_remembered_for_the_rules_of_values(client):
    serializer = ours.AvroSerializer(client, json.dumps(OLD))
    for _ in range(2):
        message = serializer(VALUE, context("key"))
        assert get_original_key() == VALUE
        ours.AvroDeserializer(client)(message, context("key"))
        assert get_original_key() == message
        serializer(VALUE, context())
        assert get_original_key() is None


def test_they_are_theirs_and_built_by_builders(client):
    assert issubclass(ours.AvroSerializer, theirs.AvroSerializer)
    serializer, conf = ours.AvroSerializerBuilder(
        schema_registry_client=client, schema=json.dumps(OLD)
    ).build({"a": 1}, False)
    deserializer, _ = ours.AvroDeserializerBuilder().set_schema_registry_client(client).build({}, False)
    assert (type(serializer), type(deserializer), conf) == (
        ours.AvroSerializer,
        ours.AvroDeserializer,
        {"a": 1},
    )
    assert deserializer(serializer(VALUE, context()), context()) == VALUE
    serializer.close()


def test_those_of_asyncio():
    async def work() -> None:
        client = AsyncSchemaRegistryClient.new_client({"url": "mock://facade-async"})
        serializer = await ours.AsyncAvroSerializer(client, json.dumps(OLD))
        expected = await (await their_async.AsyncAvroSerializer(client, json.dumps(OLD)))(VALUE, context())
        deserializer = await ours.AsyncAvroDeserializer(client, json.dumps(NEW))
        for _ in range(2):
            assert await serializer(VALUE, context()) == expected
            assert await deserializer(expected, context()) == {**VALUE, "y": 7}
        assert (await serializer(None), await deserializer(None)) == (None, None)
        latest = await ours.AsyncAvroSerializer(
            client, conf={"use.latest.version": True, "auto.register.schemas": False}
        )
        for _ in range(2):
            assert await latest(VALUE, context()) == expected
        builder = ours.AsyncAvroSerializerBuilder(schema_registry_client=client, schema=json.dumps(OLD))
        built, _ = await builder.build({}, False)
        assert type(built) is ours.AsyncAvroSerializer

    asyncio.run(work())


PROGRAM = """
import sys
THEIRS = "confluent_kafka.schema_registry._sync.avro"
if {first!r} == "install":
    import avrojet.compat
    avrojet.compat.install("confluent")
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer, transform
from confluent_kafka.schema_registry import avro
from confluent_kafka import avro as old, Producer
from confluent_kafka.avro import AvroProducer, load, loads, MessageSerializer, SerializerError
from confluent_kafka.avro.serializer.message_serializer import MessageSerializer as same
from confluent_kafka.avro.cached_schema_registry_client import CachedSchemaRegistryClient
assert AvroSerializer.__module__ == avro.AvroSerializer.__module__ == "avrojet.compat.confluent.serializers"
assert same is MessageSerializer and old.load is load and issubclass(AvroProducer, Producer)
assert AvroProducer.__module__.startswith("avrojet.")
if {first!r} == "install":
    avrojet.compat.uninstall("confluent")
    from confluent_kafka.schema_registry.avro import AvroSerializer
    from confluent_kafka.schema_registry import avro
    assert AvroSerializer.__module__ == avro.AvroSerializer.__module__ == THEIRS
print("done", *sys.argv[1:])
"""


@pytest.mark.slow
@pytest.mark.parametrize("first", ["install", "run"])
def test_a_process_gets_the_facade(first, tmp_path):
    program = tmp_path / "program.py"
    program.write_text(PROGRAM.format(first=first))
    way = [] if first == "install" else ["-m", "avrojet.compat", "confluent"]
    done = subprocess.run(
        [sys.executable, *way, str(program), "x"], capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.returncode) == ("done x\n", 0), done.stderr
