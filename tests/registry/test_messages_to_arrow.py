"""Messages to Arrow columns and back: a batch for each schema, one table with a reader's schema."""

from __future__ import annotations

import pytest

from avrojet import DecodeError, LimitError
from avrojet.registry import Deserializer, MemoryRegistry, NotFoundError, Serializer
from avrojet.wire import framing as framing_module
from tests.registry.test_serdes import CONTEXT, NEWER, PRICE, Called, Message, messages_of

pa = pytest.importorskip("pyarrow")


def test_a_batch_for_each_schema():
    registry = MemoryRegistry()
    old, new = messages_of(registry)
    batches = Deserializer(registry).to_arrow([old, new, old, None])
    assert [(batch.schema_id.value, batch.numbers, len(batch)) for batch in batches] == [
        (1, [0, 2], 2),
        (2, [1], 1),
    ]
    assert batches[1].schema.fullname == "shop.Price"
    assert pa.record_batch(batches[0]).to_pylist() == [{"price": 1}, {"price": 1}]
    assert pa.record_batch(batches[1]).to_pylist() == [{"price": 2, "currency": "USD"}]
    assert pa.schema(batches[0]).names == ["price"]
    assert (len(batches), batches.tombstones, batches.errors) == (2, [3], [])
    shown = "<MessageBatch of 2 rows, id 1>, <MessageBatch of 1 row, id 2>"
    assert repr(batches) == f"<MessageBatches [{shown}]; 1 tombstone, 0 errors>"
    assert repr(Serializer(registry, PRICE).from_arrow(batches[0], "t")) == "<ArrowMessages of 2 messages>"
    with pytest.raises(ValueError, match="cannot be one table"):
        pa.table(batches)


@pytest.mark.parametrize("wrap", [bytes, bytearray, Message, lambda data: Called(Message(data))])
def test_one_table_with_a_readers_schema(wrap):
    registry = MemoryRegistry()
    messages = [message for _ in range(3) for message in messages_of(registry)]
    deserializer = Deserializer(registry, NEWER)
    batches = deserializer.to_arrow(map(wrap, messages))
    rows = pa.table(batches).to_pylist()
    values = deserializer.decode_many(messages)
    assert [values[number] for number in batches.numbers] == rows
    assert sorted(batches.numbers) == list(range(6))
    assert pa.schema(batches) == pa.table(batches).schema
    assert pa.table(deserializer.to_arrow([])).schema == pa.schema(batches)


@pytest.mark.parametrize("name", ["glue-zlib", "confluent-headers", "single-object", "apicurio"])
def test_other_framings(name):
    registry, headers = MemoryRegistry(), []
    serializer = Serializer(registry, PRICE, framing=name)
    data = [serializer.serialize({"price": n}, "t", headers) for n in range(3)]
    messages = [Message(each, headers=tuple(headers[:1])) for each in data]
    deserializer = Deserializer(registry, framing=name, store=[PRICE])
    assert pa.table(deserializer.to_arrow(messages)).to_pylist() == [{"price": n} for n in range(3)]


def test_bytes_of_confluent_without_a_length():
    registry = MemoryRegistry()
    serializer = Serializer(registry, "bytes", topic="t")
    messages = [serializer(value) for value in (b"", b"abc")]
    table = pa.table(Deserializer(registry).to_arrow(messages))
    assert table.column(0).to_pylist() == [b"", b"abc"]


def test_messages_that_fail():
    registry = MemoryRegistry()
    good, _ = messages_of(registry)
    messages = [good, Message(good + b"x", offset=7), b"\0\0\0\0\x63x", b"", good]
    with pytest.raises(DecodeError, match="topic prices, partition 3, offset 7") as caught:
        Deserializer(registry).to_arrow(messages[:2])
    assert (caught.value.message_offset, caught.value.schema_id) == (7, 1)
    with pytest.raises(NotFoundError):
        Deserializer(registry).to_arrow(messages[2:])
    failed = []
    for on_error in ("skip", failed.append):
        batches = Deserializer(registry, on_error=on_error).to_arrow(messages)
        assert pa.table(batches).to_pylist() == [{"price": 1}] * 2
        assert batches.numbers == [0, 4]
        assert [number for number, _ in batches.errors] == [1, 2, 3]
        assert batches.errors[0][1].message_offset == 7
    assert [one.data for one in failed] == [b"\0\0\0\0\x63x", b"", good + b"x"]
    with pytest.raises(ValueError, match="from_dict"):
        Deserializer(registry, from_dict=lambda value, context: value).to_arrow([good])


def test_a_topic_that_makes_a_difference():
    registry = MemoryRegistry()
    old, _ = messages_of(registry)
    registry.register("other-value", PRICE)
    deserializer = Deserializer(registry, use_latest=True)
    batches = deserializer.to_arrow([Message(old), Message(old, topic="other"), Message(old)])
    assert [batch.numbers for batch in batches] == [[0, 2], [1]]
    assert pa.record_batch(batches[1]).to_pylist() == [{"price": 1}]


def test_the_size_is_bounded_for_each():
    registry = MemoryRegistry()
    serializer = Serializer(registry, "string", topic="t")
    messages = [serializer("x"), serializer("x" * 50), serializer("y")]
    batches = Deserializer(registry, max_bytes=20, on_error="skip").to_arrow(messages)
    assert batches.numbers == [0, 2]


def test_a_frame_becomes_messages():
    registry = MemoryRegistry()
    serializer = Serializer(registry, NEWER)
    frame = pa.table({"price": [1, 2], "currency": ["EUR", "USD"]})
    messages = pa.array(serializer.from_arrow(frame, "prices")).to_pylist()
    assert messages == [serializer(row, CONTEXT) for row in frame.to_pylist()]
    assert pa.table(Deserializer(registry).to_arrow(messages)).to_pylist() == frame.to_pylist()
    with pytest.raises(LimitError, match="row 1: the message has 11 bytes, more than max_bytes = 10"):
        Serializer(registry, NEWER, max_bytes=10).from_arrow(
            pa.table({"price": [1, 2], "currency": ["", "EURO"]}), "prices"
        )
    with pytest.raises(ValueError, match="cannot be used with to_dict"):
        Serializer(registry, NEWER, to_dict=lambda value, context: value).from_arrow(frame, "prices")


FRAMINGS = [name for name, framing in framing_module.FRAMINGS.items() if framing.head is not None]


@pytest.mark.parametrize("framing", FRAMINGS)
@pytest.mark.parametrize("encoding", ["binary", "json"])
def test_a_frame_becomes_messages_in_all_framings(framing, encoding):
    registry = MemoryRegistry()
    options = {"framing": framing, "encoding": encoding}
    frame = pa.table({"price": [1, -2, 3], "currency": ["EUR", "", "D" * 300]})
    serializer = Serializer(registry, NEWER, **options)
    messages = serializer.from_arrow(pa.Table.from_batches(frame.to_batches(1)), "prices")
    expected, headers = [], []
    for row in frame.to_pylist():
        headers.clear()
        expected.append(serializer.serialize(row, "prices", headers))
    assert pa.array(messages).to_pylist() == expected
    assert messages.headers == headers
    assert len(messages) == 3


def test_a_column_of_bytes_becomes_messages_without_lengths():
    serializer = Serializer(MemoryRegistry(), "bytes")
    values = [b"", b"abc", b"x" * 1000]
    messages = serializer.from_arrow(pa.array(values, pa.binary()), "t")
    assert pa.array(messages).to_pylist() == [serializer.serialize(value, "t") for value in values]
