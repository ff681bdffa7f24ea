"""Serializer and Deserializer: subjects, versions, options, what the registry is asked, what goes wrong."""

from __future__ import annotations

import copy
import decimal
import pickle
import threading
from dataclasses import dataclass, field
from typing import Any

import pytest

from avrojet import (
    DecodeError,
    Decoder,
    EncodeError,
    Encoder,
    LimitError,
    ResolutionError,
    TruncatedError,
    parse_schema,
)
from avrojet.registry import (
    Context,
    Deserializer,
    IncompatibleError,
    MemoryRegistry,
    NotFoundError,
    RegisteredSchema,
    RuleError,
    SchemaReference,
    Serializer,
    UnavailableError,
)
from avrojet.wire.framing import FRAMINGS
from tests.cases import for_each
from tests.registry.scripted import Scripted
from tests.vectors import WRITTEN, by_name, record

PRICE = {"type": "record", "name": "shop.Price", "fields": [{"name": "price", "type": "int"}]}
NEWER = {
    "type": "record",
    "name": "shop.Price",
    "fields": [{"name": "price", "type": "long"}, {"name": "currency", "type": "string", "default": "EUR"}],
}
CONTEXT = Context("prices")


@dataclass
class Message:
    """As aiokafka has them."""

    value: Any
    key: Any = None
    topic: str = "prices"
    partition: int = 3
    offset: int = 0
    headers: tuple[tuple[str, bytes], ...] = ()


@dataclass
class Called:
    """As confluent-kafka has them."""

    message: Message = field()

    def __getattr__(self, name: str) -> Any:
        return lambda: getattr(self.message, name)


def messages_of(registry: Any) -> list[bytes]:
    old, new = Serializer(registry, PRICE), Serializer(registry, NEWER)
    return [old({"price": 1}, CONTEXT), new({"price": 2, "currency": "USD"}, CONTEXT)]


@for_each("vector", WRITTEN, ids=by_name)
def test_vectors_go_both_ways(vector):
    registry = MemoryRegistry()
    message = Serializer(registry, vector.schema).serialize(vector.value, "t")
    if parse_schema(vector.schema).type == "bytes" or vector.value is None:
        data = None if vector.value is None else message[5:]
        assert data is None or vector.data.endswith(data)
    else:
        assert message == b"\0\0\0\0\x01" + vector.data
    assert repr(Deserializer(registry)(message)) == repr(vector.value)


@pytest.mark.parametrize("name", sorted(FRAMINGS.keys() - {"auto"}))
@pytest.mark.parametrize("kind", ["value", "key"])
def test_every_framing_goes_both_ways(name, kind):
    registry, headers = MemoryRegistry(), []
    serializer = Serializer(registry, PRICE, framing=name, field=kind)
    deserializer = Deserializer(registry, framing=name, field=kind, store=[PRICE], writer_schema=PRICE)
    for number in range(2):
        del headers[:]
        message = serializer.serialize({"price": number}, "prices", headers)
        assert deserializer.deserialize(message, "prices", headers) == {"price": number}
        assert bool(headers) == FRAMINGS[name].uses_headers
    assert registry.subjects() in ([f"prices-{kind}"], [])


def test_a_top_level_bytes_has_no_length_and_none_is_a_tombstone():
    registry = MemoryRegistry()
    raw = Serializer(registry, "bytes")
    assert raw(b"abc", CONTEXT) == b"\0\0\0\0\x01abc"
    assert Deserializer(registry)(b"\0\0\0\0\x01abc") == b"abc"
    assert Deserializer(registry, "string")(b"\0\0\0\0\x01abc") == "abc"
    price = {"type": "bytes", "logicalType": "decimal", "precision": 4, "scale": 2}
    message = Serializer(registry, price)(decimal.Decimal("1.25"), Context("other"))
    assert message == b"\0\0\0\0\x02\x7d"
    assert Deserializer(registry)(message) == decimal.Decimal("1.25")
    assert Serializer(registry, "bytes", framing="glue").serialize(b"abc", "x")[18:] == b"\x06abc"
    assert (raw(None), Deserializer(registry)(None)) == (None, None)


def test_schemas_are_asked_for_once():
    registry = Scripted()
    serializer = Serializer(registry, PRICE)
    messages = [serializer.serialize({"price": n}, topic) for n in range(3) for topic in ("a", "b")]
    assert registry.asked == {"register": 2}
    deserializer = Deserializer(registry, NEWER)
    assert (
        deserializer.decode_many(messages * 2)
        == [{"price": n, "currency": "EUR"} for n in range(3) for _ in "ab"] * 2
    )
    assert registry.asked == {"register": 2, "by_id": 1}


def test_a_registry_that_is_down_stops_no_known_schema():
    registry = Scripted()
    message, newer = messages_of(registry)
    deserializer = Deserializer(registry, use_latest=True, refresh_seconds=1e-9)
    serializer = Serializer(registry, use_latest=True, refresh_seconds=1e-9)
    assert deserializer(message, CONTEXT) == {"price": 1, "currency": "EUR"}
    expected = serializer({"price": 1}, CONTEXT)
    registry.failing = UnavailableError("it is down")
    asked = sum(registry.asked.values())
    assert deserializer(message, CONTEXT) == {"price": 1, "currency": "EUR"}
    assert serializer({"price": 1}, CONTEXT) == expected
    assert sum(registry.asked.values()) > asked
    with pytest.raises(UnavailableError, match="topic prices"):
        Deserializer(registry, on_error="skip")(newer, CONTEXT)
    with pytest.raises(UnavailableError):
        Deserializer(registry, on_error="skip").decode_many([newer])


def test_poison_messages_cost_one_request():
    registry = Scripted()
    registry.registry.register("x-value", {**PRICE, "name": "Other"})
    deserializer = Deserializer(registry, NEWER)
    for message, kind in ((b"\0\0\0\0\x63x", NotFoundError), (b"\0\0\0\0\x01\0", ResolutionError)):
        before = registry.asked["by_id"]
        for _ in range(5):
            with pytest.raises(kind) as caught:
                deserializer.deserialize(message, "prices", partition=1, offset=7)
            told = caught.value
            assert (told.topic, told.partition, told.message_offset) == ("prices", 1, 7)
            assert told.schema_id == int.from_bytes(message[1:5], "big")
            assert str(told).count("topic prices") == 1
        assert registry.asked["by_id"] == before + 1
    impatient = Deserializer(registry, NEWER, forget_seconds=0.0)
    before = registry.asked["by_id"]
    for _ in range(3):
        with pytest.raises(NotFoundError):
            impatient(b"\0\0\0\0\x63x")
    assert registry.asked["by_id"] == before + 3


def test_what_is_kept_of_unknown_ids_is_bounded():
    deserializer = Deserializer(MemoryRegistry(), on_error="skip")
    assert deserializer.decode_many(b"\0" + n.to_bytes(4, "big") for n in range(1500)) == []
    assert len(deserializer._refused) <= 1000


def test_errors_tell_the_message_and_the_place_in_it():
    registry = MemoryRegistry()
    message = messages_of(registry)[1]
    deserializer = Deserializer(registry)
    for source in (Message(message[:-1], offset=9), Called(Message(message[:-1], offset=9))):
        with pytest.raises(TruncatedError) as caught:
            deserializer.decode_many([source])
        told = caught.value
        assert (told.topic, told.partition, told.message_offset, told.schema_id, told.path) == (
            "prices", 3, 9, 2, "$.currency",
        )  # fmt: skip
    with pytest.raises(DecodeError, match="1 bytes follow the datum"):
        deserializer(message + b"x")
    with pytest.raises(EncodeError) as encoding:
        Serializer(registry, PRICE)({"price": "much"}, CONTEXT)
    assert (encoding.value.topic, encoding.value.schema_id, encoding.value.path) == ("prices", 1, "$.price")


def test_what_becomes_of_a_message_that_fails():
    registry = MemoryRegistry()
    good, _ = messages_of(registry)
    bad = Message(good + b"x", offset=5, headers=(("a", b"b"),))
    assert Deserializer(registry, on_error="skip")(bad.value) is None
    assert Deserializer(registry, on_error="skip").decode_many([good, bad, None]) == [{"price": 1}, None]
    failed = []
    deserializer = Deserializer(registry, on_error=failed.append)
    assert deserializer.decode_many([bad, good]) == [None, {"price": 1}]
    (one,) = failed
    assert (one.data, one.topic, one.partition, one.offset, one.field) == (
        bad.value, "prices", 3, 5, "value",
    )  # fmt: skip
    data, headers = one.dead_letter()
    assert data == bad.value
    assert dict(headers)["a"] == b"b"
    assert dict(headers)["__connect.errors.offset"] == b"5"
    assert b"follow the datum" in dict(headers)["__connect.errors.exception.message"]

    def broken(value: Any, context: Any) -> Any:
        raise LookupError("no such price")

    assert Deserializer(registry, from_dict=broken, on_error="skip")(good) is None
    with pytest.raises(LookupError) as caught:
        Deserializer(registry, from_dict=broken)(good, CONTEXT)
    assert "topic prices" in caught.value.__notes__[0]


def test_reader_schemas_of_a_topic_with_several_records():
    registry = MemoryRegistry()
    other = {"type": "record", "name": "shop.Gone", "fields": [{"name": "id", "type": "int"}]}
    messages = [
        Serializer(registry, schema, subject="record")(value)
        for schema, value in ((PRICE, {"price": 1}), (other, {"id": 2}))
    ]
    assert registry.subjects() == ["shop.Gone", "shop.Price"]
    deserializer = Deserializer(registry, reader_schemas={"shop.Price": NEWER})
    assert deserializer.decode_many(messages) == [{"price": 1, "currency": "EUR"}, {"id": 2}]


def test_subjects():
    registry = MemoryRegistry()
    Serializer(registry, PRICE, subject="topic-record")({"price": 1}, CONTEXT)
    Serializer(registry, PRICE, subject=lambda context, name: f"{context.topic}/{name}")(
        {"price": 1}, CONTEXT
    )
    Serializer(registry, PRICE, topic="usual", field="key")({"price": 1})
    Serializer(registry, PRICE, topic="usual").serialize({"price": 1}, field="key")
    assert registry.subjects() == ["prices-shop.Price", "prices/shop.Price", "usual-key"]
    with pytest.raises(ValueError, match="topic, which is not known"):
        Serializer(registry, PRICE)({"price": 1})
    with pytest.raises(ValueError, match="is not a named type"):
        Serializer(registry, "int", subject="record")(1)
    with pytest.raises(ValueError, match="subject must be one of"):
        Serializer(registry, PRICE, subject="topics")


def test_which_schema_is_written():
    registry = Scripted()
    with pytest.raises(NotFoundError):
        Serializer(registry, PRICE, auto_register=False)({"price": 1}, CONTEXT)
    first = registry.registry.register("prices-value", PRICE, metadata={"properties": {"stage": "old"}})
    registry.registry.register("prices-value", NEWER)
    value = {"price": 1}
    assert Serializer(registry, PRICE, auto_register=False)(value, CONTEXT)[4] == 1
    assert Serializer(registry, use_latest=True)(value, CONTEXT) == b"\0\0\0\0\2\2\6EUR"
    assert Serializer(registry, use_metadata={"stage": "old"})(value, CONTEXT) == b"\0\0\0\0\1\2"
    assert Serializer(registry, use_id=first.id)(value, CONTEXT) == b"\0\0\0\0\1\2"
    assert "register" not in registry.asked
    older = Deserializer(registry, use_metadata={"stage": "old"})
    assert older(b"\0\0\0\0\1\2", CONTEXT) == value
    with pytest.raises(ResolutionError, match="long cannot be read as int"):
        older(b"\0\0\0\0\2\2\6EUR", CONTEXT)


def test_the_newest_version_is_asked_for_again():
    registry = MemoryRegistry()
    message, _ = messages_of(registry)
    deserializer = Deserializer(registry, use_latest=True, refresh_seconds=1e-9)
    kept = Deserializer(registry, use_latest=True, refresh_seconds=None)
    assert deserializer(message, CONTEXT) == kept(message, CONTEXT) == {"price": 1, "currency": "EUR"}
    more = {**NEWER, "fields": [*NEWER["fields"], {"name": "more", "type": "int", "default": 0}]}
    registry.register("prices-value", more)
    assert deserializer(message, CONTEXT) == {"price": 1, "currency": "EUR", "more": 0}
    assert kept(message, CONTEXT) == {"price": 1, "currency": "EUR"}


def test_compatibility_is_looked_at_before_registering():
    registry = Scripted()
    serializer = Serializer(registry, PRICE, check=True)
    serializer({"price": 1}, CONTEXT)
    broken = {**PRICE, "fields": [*PRICE["fields"], {"name": "more", "type": "int"}]}
    with pytest.raises(IncompatibleError, match="more") as caught:
        Serializer(registry, broken, check=True)({"price": 1, "more": 2}, CONTEXT)
    assert caught.value.history is not None
    assert caught.value.topic == "prices"
    assert registry.asked["register"] == 1


def test_a_schema_that_refers_to_others():
    registry = MemoryRegistry()
    registry.register("price", PRICE)
    order = {"type": "record", "name": "Order", "fields": [{"name": "price", "type": "shop.Price"}]}
    references = [SchemaReference("shop.Price", "price", 1)]
    for subject in ("topic", "record"):
        serializer = Serializer(registry, order, references=references, subject=subject)
        message = serializer({"price": {"price": 4}}, CONTEXT)
        assert Deserializer(registry)(message) == {"price": {"price": 4}}
    assert "Order" in registry.subjects()


def test_objects_go_through_functions():
    registry = MemoryRegistry()
    serializer = Serializer(
        registry, PRICE, to_dict=lambda price, context: {"price": price + len(context.topic)}
    )
    message = serializer(1, CONTEXT)
    deserializer = Deserializer(registry, from_dict=lambda value, context: (value["price"], context.field))
    assert deserializer(message) == (7, "value")
    union = Serializer(registry, [PRICE, "null"], topic="u")
    named = Deserializer(registry, return_record_name=True)
    assert named(union({"price": 1})) == ("shop.Price", {"price": 1})


def test_json_text_as_apicurio_has_it():
    registry, headers = MemoryRegistry(), []
    schema = {**PRICE, "fields": [{"name": "price", "type": ["null", "int"]}]}
    serializer = Serializer(registry, schema, framing="apicurio-headers", encoding="json")
    assert serializer.serialize({"price": 1}, "p", headers) == b'{"price":{"int":1}}'
    assert headers[1] == ("apicurio.value.encoding", b"JSON")
    deserializer = Deserializer(registry, framing="apicurio")
    assert deserializer.deserialize(b'{"price": {"int":1}}', "p", headers) == {"price": 1}
    with pytest.raises(DecodeError):
        deserializer.deserialize(b'{"price": {', "p", headers)
    framed = Serializer(registry, schema, framing="apicurio", encoding="json").serialize({"price": None}, "p")
    assert framed == b"\0" + bytes(7) + b'\x01{"price":null}'
    assert Deserializer(registry, framing="apicurio", encoding="json")(framed) == {"price": None}


def test_the_size_of_messages_is_bounded():
    registry = MemoryRegistry()
    message = Serializer(registry, "string", max_bytes=16).serialize("x" * 10, "t")
    with pytest.raises(LimitError) as caught:
        Serializer(registry, "string", max_bytes=15).serialize("x" * 10, "t")
    assert (caught.value.limit, caught.value.number) == ("max_bytes", 16)
    assert Deserializer(registry, max_bytes=16)(message) == "x" * 10
    with pytest.raises(LimitError):
        Deserializer(registry, max_bytes=15)(message)


def test_headers_have_to_be_there_to_be_written():
    serializer = Serializer(MemoryRegistry(), PRICE, framing="confluent-headers")
    with pytest.raises(TypeError, match="the id of the schema goes into the headers"):
        serializer.serialize({"price": 1}, "t")
    headers = {}
    assert serializer.serialize({"price": 1}, "t", headers) == b"\2"
    assert list(headers) == ["__value_schema_id"]
    with pytest.raises(EncodeError):
        serializer.serialize({"price": "x"}, "t", headers := [])
    assert headers == []


RULES = {
    "domainRules": [
        {"name": "check", "kind": "CONDITION", "mode": "WRITEREAD", "type": "CEL", "expr": "true"}
    ]
}


@pytest.mark.parametrize("place", ["domainRules", "encodingRules"])
def test_rules_are_not_ignored(place):
    registry = MemoryRegistry()
    rules = {place: RULES["domainRules"]}
    registered = registry.register("prices-value", PRICE, rules=rules)
    frame = b"\0" + registered.id.to_bytes(4, "big")
    with pytest.raises(RuleError):
        Deserializer(registry)(frame + b"\2", CONTEXT)
    with pytest.raises(RuleError):
        Serializer(registry, use_latest=True)({"price": 1}, CONTEXT)
    off = {place: [{**RULES["domainRules"][0], "disabled": True}], "migrationRules": []}
    registry.register("off-value", PRICE, rules=off)
    assert Serializer(registry, use_latest=True).serialize({"price": 1}, "off")[5:] == b"\2"


def test_migrations_are_not_ignored():
    registry = MemoryRegistry()
    message, _ = messages_of(registry)
    rule = {"name": "up", "kind": "TRANSFORM", "mode": "UPGRADE", "type": "JSONATA", "expr": "$"}
    registry.register("prices-value", {**NEWER, "doc": "3"}, rules={"migrationRules": [rule]})
    with pytest.raises(RuleError, match="rule of migration 'up'"):
        Deserializer(registry, use_latest=True)(message, CONTEXT)


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        (Serializer, {"framing": "auto"}),
        (Serializer, {"field": "both"}),
        (Serializer, {"max_bytes": 0}),
        (Serializer, {"encoding": "xml"}),
        (Serializer, {"to_dict": 1}),
        (Serializer, {"use_latest": True, "auto_register": True}),
        (Serializer, {"schema": None}),
        (Serializer, {"conf": {"auto.register.schema": True}}),
        (Serializer, {"conf": {"auto.register.schemas": "yes"}}),
        (Serializer, {"conf": {"use.latest.version": True, "auto.register.schemas": True}}),
        (Serializer, {"conf": {"subject.name.strategy.type": "ASSOCIATED"}}),
        (Serializer, {"conf": {"schema.id.serializer": print}}),
        (Deserializer, {"on_error": "ignore"}),
        (Deserializer, {"framing": "none"}),
        (Deserializer, {"framing": []}),
        (Deserializer, {"conf": {"validate.strict": True}}),
        (Deserializer, {"conf": {"use.latest.version": 1}}),
    ],
)
def test_options_that_contradict_or_are_none(kind, options):
    with pytest.raises(ValueError, match=r"must be|not known in|contradict|without|give|for reading only"):
        kind(MemoryRegistry(), **{"schema": PRICE, **options} if kind is Serializer else options)


def test_the_configuration_of_confluent():
    registry = MemoryRegistry()
    strict = Serializer(
        registry, NEWER, conf={"validate.strict": True, "subject.name.strategy.type": "RECORD"}
    )
    with pytest.raises(EncodeError):
        strict({"price": 1})
    with pytest.raises(EncodeError):
        strict({"price": 1, "currency": "EUR", "more": 1})
    filling = Serializer(registry, NEWER, conf={"validate.strict.allow.default": True}, topic="t")
    assert filling({"price": 1})[5:] == b"\2\6EUR"
    with pytest.raises(EncodeError):
        filling({"price": 1, "more": 1})
    latest = Serializer(
        registry, conf={"auto.register.schemas": False, "use.latest.version": True}, topic="t"
    )
    assert latest({"price": 1})[5:] == b"\2\6EUR"
    by_id = Serializer(registry, conf={"auto.register.schemas": False, "use.schema.id": 1}, topic="t")
    assert by_id({"price": 1})[:5] == b"\0\0\0\0\1"


def test_schemas_take_turns():
    """A plan of each kind, after that of another: what is fetched of them in advance has an end."""
    itself = record("R", **{f"f{number}": ["null", "R"] for number in range(40)})
    wide = record("W", **{f"f{number}": ["null", "long", "string"] for number in range(300)})
    inner = record("I", **{f"f{number}": "string" for number in range(30)})
    nested = record("N", list={"type": "array", "items": inner}, map={"type": "map", "values": "I"})
    nothing = dict.fromkeys(f"f{number}" for number in range(40))
    values = [
        (itself, {**nothing, "f0": nothing}),
        (wide, {f"f{number}": number for number in range(300)}),
        (nested, {"list": [{f"f{number}": "x" for number in range(30)}], "map": {}}),
        (record("E"), {}),
        ("string", "x"),
    ]
    registry = MemoryRegistry()
    for options in ({}, {"records": "tuple"}, {"unions": "tagged"}):
        messages = [Serializer(registry, schema, subject="record")(value) for schema, value in values[:4]]
        messages.append(Serializer(registry, "string").serialize("x", topic="t"))
        data = [Encoder(schema).encode(value) for schema, value in values]
        expected = [
            Decoder(schema, **options).decode(datum) for (schema, _), datum in zip(values, data, strict=True)
        ]
        deserializer = Deserializer(registry, **options)
        assert deserializer.decode_many(messages * 3) == expected * 3


def test_threads_share_one():
    registry = Scripted()
    registry.registry.set_level("NONE")
    schemas = [{**PRICE, "name": f"P{number}"} for number in range(20)]
    messages = [Serializer(registry, schema)({"price": n}, CONTEXT) for n, schema in enumerate(schemas)]
    deserializer = Deserializer(registry)
    failures = []

    def work() -> None:
        try:
            for _ in range(50):
                assert deserializer.decode_many(messages) == [{"price": n} for n in range(20)]
        except BaseException as error:  # noqa: BLE001
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert registry.asked["by_id"] <= 8 * 20


@pytest.mark.parametrize("make", [copy.copy, copy.deepcopy, pickle.dumps])
def test_they_are_not_copied(make):
    registry = MemoryRegistry()
    for each in (Serializer(registry, "long"), Deserializer(registry)):
        with pytest.raises(TypeError, match=f"{type(each).__name__}s cannot be copied or pickled"):
            make(each)


@for_each("answer", [None, 5, {"schema": "int"}, RegisteredSchema("int"), object.__new__(RegisteredSchema)])
def test_a_registry_of_ones_own_that_returns_something_else(answer):
    class Own(MemoryRegistry):
        def _answer(self, *_arguments, **_options):
            return answer

        by_id = register = latest = _answer

    message = Serializer(MemoryRegistry(), "int")(1, CONTEXT)
    for use in (
        lambda: Deserializer(Own())(message),
        lambda: Serializer(Own(), "int")(1, CONTEXT),
        lambda: Serializer(Own(), use_latest=True)(1, CONTEXT),
    ):
        with pytest.raises(TypeError, match=r"the registry's \w+\(\) must return a RegisteredSchema"):
            use()
