"""``confluent_kafka.avro`` as old programs use it: schemas, the registry's client, messages, clients."""

from __future__ import annotations

import json
from typing import Any

import pytest

pytest.importorskip("confluent_kafka", reason="confluent-kafka is not installed")
pytest.importorskip("httpx", reason="httpx is not installed")

from avrojet.compat.confluent import legacy
from avrojet.compat.confluent.legacy import (
    AvroConsumer,
    AvroProducer,
    CachedSchemaRegistryClient,
    ClientError,
    KeySerializerError,
    MessageSerializer,
    SerializerError,
    ValueSerializerError,
    load,
    loads,
)
from avrojet.registry.testing import RegistryServer

TEXT = json.dumps(
    {"type": "record", "name": "R", "namespace": "a.b", "fields": [{"name": "x", "type": "int"}], "doc": "é"}
)


@pytest.fixture
def client() -> Any:
    with RegistryServer() as url, CachedSchemaRegistryClient({"url": url}) as made:
        yield made


def test_schemas(tmp_path):
    schema = loads(TEXT)
    path = tmp_path / "schema.avsc"
    path.write_text(TEXT, encoding="utf-8")
    assert load(str(path)) == load(path) == schema
    assert hash(load(path)) == hash(schema)
    assert json.loads(str(schema)) == schema.to_json() == json.loads(TEXT)
    assert (schema.type, schema.name, schema.namespace, schema.fullname) == ("record", "R", "a.b", "a.b.R")
    assert (loads('"int"').fullname, loads('"int"').namespace) == ("int", None)
    assert "a.b" in repr(schema)
    with pytest.raises(ClientError, match="Schema parse failed"):
        loads('{"type": "record"}')


def test_the_client_of_the_registry(client):
    schema, other = loads(TEXT), loads('"int"')
    assert client.register("s", schema) == client.check_registration("s", schema) == 1
    assert str(client.get_by_id(1)) == json.dumps(json.loads(TEXT)) or client.get_by_id(1) == schema
    assert client.get_by_id(99) is None
    assert client.get_latest_schema("s") == client.get_by_version("s", "latest") == (1, schema, 1)
    assert client.get_by_version("s", 1) == (1, schema, 1)
    assert client.get_by_version("s", 9) == client.get_latest_schema("t") == (None, None, None)
    assert (client.get_version("s", schema), client.get_version("s", other)) == (1, None)
    assert (client.test_compatibility("s", schema), client.test_compatibility("s", other)) == (True, False)
    with pytest.raises(ClientError) as caught:
        client.register("s", other)
    assert caught.value.http_code == 409
    with pytest.raises(ClientError):
        client.check_registration("s", other)
    assert client.update_compatibility("NONE", "s") == client.get_compatibility("s") == "NONE"
    assert client.get_compatibility() == "BACKWARD"
    with pytest.raises(ClientError, match="Invalid level"):
        client.update_compatibility("SOME")
    assert client.delete_subject("s") == [1]
    assert "error=" in repr(caught.value)


@pytest.mark.parametrize(
    ("conf", "error"),
    [
        ({"url": "ftp://x"}, ValueError),
        ({"url": 7}, TypeError),
        ({"url": "http://x", "more": 1}, ValueError),
        ({"url": "https://x", "ssl.key.location": "k"}, ValueError),
        ({"url": "http://x", "basic.auth.credentials.source": "ME"}, ValueError),
        (
            {"url": "http://x", "basic.auth.credentials.source": "SASL_INHERIT", "sasl.mechanism": "GSSAPI"},
            ValueError,
        ),
    ],
)
def test_configurations_that_are_none(conf, error):
    with pytest.raises(error):
        CachedSchemaRegistryClient(conf)


def test_credentials_go_to_the_registry_and_nowhere_else():
    with RegistryServer(auth=("user", "secret")) as url:
        for conf in (
            {"basic.auth.credentials.source": "USER_INFO", "basic.auth.user.info": "user:secret"},
            {
                "basic.auth.credentials.source": "sasl_inherit",
                "sasl.username": "user",
                "sasl.password": "secret",
            },
        ):
            with CachedSchemaRegistryClient({"url": url, **conf}) as client:
                assert client.register("s", loads(TEXT)) == 1
        with (
            CachedSchemaRegistryClient({"url": url.replace("http://", "http://user:hunter2@")}) as client,
            pytest.raises(ClientError) as caught,
        ):
            client.register("s", loads(TEXT))
        assert "hunter2" not in str(caught.value)
    with pytest.warns(DeprecationWarning, match="as a dict"):
        CachedSchemaRegistryClient("http://localhost:1").close()


def test_messages(client):
    serializer = MessageSerializer(client)
    schema = loads(TEXT)
    for _ in range(2):
        message = serializer.encode_record_with_schema("t", schema, {"x": 5})
        assert message == b"\0\0\0\0\1\x0a"
        assert serializer.decode_message(message) == serializer.decode_message(bytearray(message)) == {"x": 5}
    assert serializer.encode_record_with_schema("t", schema, {"x": 5}, is_key=True) == message
    assert MessageSerializer(client).encode_record_with_schema_id(1, {"x": 5}) == message
    assert serializer.decode_message(None) is None
    wider = json.loads(TEXT)
    wider["fields"].append({"name": "y", "type": "string", "default": "?"})
    reading = MessageSerializer(client, loads(json.dumps(wider)), None)
    assert reading.decode_message(message, is_key=True) == {"x": 5, "y": "?"}
    for data in (b"", message[:5], b"\5" + message, b"\0\0\0\0\x63x"):
        with pytest.raises(SerializerError):
            serializer.decode_message(data)
    with pytest.raises(KeySerializerError, match="Schema does not exist"):
        serializer.encode_record_with_schema_id(99, {}, is_key=True)
    with pytest.raises(ValueError, match="no value and no default for x"):
        serializer.encode_record_with_schema("t", schema, {})
    client.auto_register_schemas = False
    with pytest.raises(ClientError):
        MessageSerializer(client).encode_record_with_schema("new", schema, {"x": 5})


def test_what_a_producer_refuses(client):
    with pytest.warns(DeprecationWarning, match="AvroProducer"):
        producer = AvroProducer({}, default_value_schema=loads(TEXT), schema_registry=client)
    with pytest.raises(ClientError, match="Topic name"):
        producer.produce(value={"x": 1})
    with pytest.raises(KeySerializerError):
        producer.produce(topic="t", key="k")
    with pytest.raises(ValueSerializerError):
        producer.produce(topic="t", value={"x": 1}, value_schema=None)
    producer.produce(topic="t", value={"x": 1}, key="k", key_schema=loads('"string"'))
    assert client.get_latest_schema("t-key")[2] == client.get_latest_schema("t-value")[2] == 1
    conf = {"schema.registry.url": "http://localhost:1", "group.id": "g"}
    for make in (AvroProducer, AvroConsumer):
        with (
            pytest.warns(DeprecationWarning, match=make.__name__),
            pytest.raises(ValueError, match="Cannot pass schema_registry"),
        ):
            make(conf, schema_registry=client)


def test_the_names_are_all_there():
    assert set(legacy.__all__) >= {
        "AvroConsumer",
        "AvroProducer",
        "load",
        "loads",
        "CachedSchemaRegistryClient",
    }
