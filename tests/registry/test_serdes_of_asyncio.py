"""The twins for asyncio: the same values, and waiting for the first message of a schema only."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from avrojet import DecodeError
from avrojet.registry import (
    AsyncDeserializer,
    AsyncSerializer,
    Context,
    NotFoundError,
    ThreadedRegistry,
    UnavailableError,
)
from tests.registry.scripted import Scripted
from tests.registry.test_serdes import CONTEXT, NEWER, PRICE, Message, messages_of

pa = pytest.importorskip("pyarrow")


def run(work: Any) -> Any:
    return asyncio.run(work)


def test_they_give_the_same():
    registry = Scripted()
    messages = messages_of(registry)

    async def work() -> None:
        threaded = ThreadedRegistry(registry)
        serializer = AsyncSerializer(threaded, PRICE)
        assert await serializer({"price": 1}, CONTEXT) == messages[0]
        assert await serializer.serialize({"price": 1}, "prices") == messages[0]
        deserializer = AsyncDeserializer(threaded, NEWER)
        values = [{"price": 1, "currency": "EUR"}, {"price": 2, "currency": "USD"}]
        assert await deserializer.decode_many([*messages, None]) == [*values, None]
        assert [await deserializer(message, CONTEXT) for message in messages] == values
        assert await deserializer.deserialize(messages[0], "prices") == values[0]
        assert pa.table(await deserializer.to_arrow(messages)).to_pylist() == values
        fresh = AsyncDeserializer(threaded, NEWER)
        assert pa.table(await fresh.to_arrow(messages * 2)).num_rows == 4
        assert (await serializer(None), await deserializer(None)) == (None, None)
        frame = pa.table({"price": [1, 2]})
        column = pa.array(await AsyncSerializer(threaded, PRICE).from_arrow(frame, "prices"))
        assert column.to_pylist()[0] == messages[0]

    run(work())
    assert registry.asked["by_id"] == 4


def test_what_goes_wrong_is_told_and_remembered():
    registry = Scripted()
    good, _ = messages_of(registry)
    unknown = b"\0\0\0\0\x63x"

    async def work() -> None:
        deserializer = AsyncDeserializer(ThreadedRegistry(registry))
        for _ in range(3):
            with pytest.raises(NotFoundError, match="topic prices, partition 3, offset 1: schema id 99"):
                await deserializer.decode_many([Message(unknown, offset=1)])
            with pytest.raises(NotFoundError):
                await deserializer(unknown)
        assert registry.asked["by_id"] == 1
        skipping = AsyncDeserializer(ThreadedRegistry(registry), on_error="skip")
        bad = [good, unknown, b"", good + b"x", None]
        assert await skipping.decode_many(bad) == [{"price": 1}, None]
        assert await skipping(unknown) is None
        batches = await skipping.to_arrow(bad)
        assert (pa.table(batches).num_rows, batches.numbers, batches.tombstones) == (1, [0], [4])
        assert [number for number, _ in batches.errors] == [1, 2, 3]
        with pytest.raises(DecodeError):
            await AsyncDeserializer(ThreadedRegistry(registry))(b"\5")
        registry.failing = UnavailableError("it is down")
        for call in (skipping.decode_many, skipping.to_arrow):
            with pytest.raises(UnavailableError):
                await call([b"\0\0\0\0\2x"])
        with pytest.raises(UnavailableError, match="topic prices"):
            await AsyncSerializer(ThreadedRegistry(registry), PRICE)({"price": 1}, Context("prices"))

    run(work())
