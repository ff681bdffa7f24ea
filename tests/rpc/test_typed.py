"""Classes in the place of a protocol's records, enums and errors."""

from __future__ import annotations

import asyncio
import inspect
import json
import logging
from dataclasses import dataclass, field
from enum import Enum

import pytest

import avrojet
from avrojet import rpc

PROTOCOL = avrojet.parse_idl("""
@namespace("shop")
protocol Shop {
    enum State { OPEN, PAID }
    record Order { int id; State state = "OPEN"; array<string> tags = []; }
    error SoldOut { string what; int left = 0; }
    error Closed { string why; }
    /** Order it. */
    Order place(Order order, int times = 1) throws SoldOut, Closed;
    array<Order> all();
    union { null, Order } find(int id);
}
""").protocol


class State(Enum):
    OPEN = "OPEN"
    PAID = "PAID"


@avrojet.record(namespace="shop")
@dataclass
class Order:
    id: int
    state: State = State.OPEN
    tags: list[str] = field(default_factory=list)


@avrojet.record(namespace="shop")
@dataclass
class SoldOut(Exception):  # noqa: N818 (the name is the protocol's)
    what: str
    left: int = 0


@dataclass
class Closed:
    """A record that is no exception."""

    why: str


CLASSES = {"shop.Order": Order, "shop.SoldOut": SoldOut, "shop.Closed": Closed}


class Shop:
    def place(self, order, times):
        assert type(order) is Order
        if order.id == 0:
            raise SoldOut("shoes", 3)
        if order.id == 1:
            raise rpc.RemoteError(Closed("night"))
        if order.id == 2:
            raise rpc.RemoteError(Closed("day"), "shop.Closed")
        if order.id == 3:
            raise rpc.RemoteError({"what": "hats", "left": 0}, "shop.SoldOut")
        return Order(order.id, State.PAID, order.tags * times)

    def all(self):
        return [Order(7), Order(8, tags=["x"])]

    def find(self, id):
        if id == 5:
            raise SoldOut("none that this message declares")
        return Order(id) if id else None


def clients(classes=CLASSES, theirs=CLASSES):
    server = rpc.Responder(PROTOCOL, Shop, classes=theirs)
    yield rpc.Client(PROTOCOL, rpc.LocalTransport(server), classes=classes).call
    server = rpc.AsyncResponder(PROTOCOL, Shop(), classes=theirs, threads=False)
    client = rpc.AsyncClient(PROTOCOL, rpc.AsyncLocalTransport(server), classes=classes)
    yield lambda *words, **named: asyncio.run(client.call(*words, **named))


@pytest.mark.parametrize("classes", [CLASSES, [Order, SoldOut]], ids=["by name", "listed"])
def test_instances_come_and_go(classes):
    for call in clients(classes):
        assert call("place", order=Order(9, tags=["a"]), times=2) == Order(9, State.PAID, ["a", "a"])
        assert call("place", order={"id": 9, "state": "OPEN", "tags": ["a"]}) == Order(9, State.PAID, ["a"])
        assert call("all") == [Order(7), Order(8, tags=["x"])]
        assert call("find", id=7) == Order(7)
        assert call("find", id=0) is None
        with pytest.raises(avrojet.EncodeError):
            call("place", order=Order("7"))


def test_declared_errors_are_exceptions(caplog):
    for call in clients():
        with pytest.raises(SoldOut) as raised:
            call("place", order=Order(0))
        assert raised.value == SoldOut("shoes", 3)
        with pytest.raises(SoldOut):
            call("place", order=Order(3))
        for number, why in ((1, "night"), (2, "day")):
            with pytest.raises(rpc.RemoteError) as raised:
                call("place", order=Order(number))
            assert (raised.value.name, raised.value.value) == ("shop.Closed", Closed(why))
        assert not caplog.records
        with caplog.at_level(logging.ERROR, "avrojet.rpc"), pytest.raises(rpc.RemoteError, match="its log"):
            call("find", id=5)
        caplog.clear()


def test_a_side_without_classes():
    for call in clients(classes=None):
        assert call("find", id=7) == {"id": 7, "state": "OPEN", "tags": []}
        with pytest.raises(rpc.RemoteError) as raised:
            call("place", order={"id": 0, "state": "OPEN", "tags": []})
        assert (raised.value.name, raised.value.value) == ("shop.SoldOut", {"what": "shoes", "left": 3})


def test_classes_and_a_protocol_of_another_version():
    newer = json.loads(PROTOCOL.json)
    order = next(each for each in newer["types"] if each["name"] == "Order")
    order["fields"].append({"name": "note", "type": "string", "default": "none"})
    newer = avrojet.parse_protocol(newer)

    class Newer(Shop):
        def find(self, id):
            return {"id": id, "state": "PAID", "tags": [], "note": "new"}

        def place(self, order, times):
            return order

    for ours, theirs, classes in ((PROTOCOL, newer, (CLASSES, None)), (newer, PROTOCOL, (None, CLASSES))):
        server = rpc.Responder(theirs, Newer if theirs is newer else Shop, classes=classes[1])
        client = rpc.Client(ours, rpc.LocalTransport(server), classes=classes[0])
        if ours is PROTOCOL:
            assert client.find(id=7) == Order(7, State.PAID)
            assert client.place(order=Order(7)) == Order(7)
        else:
            assert client.find(id=7) == {"id": 7, "state": "OPEN", "tags": [], "note": "none"}


def test_classes_that_do_not_fit():
    @dataclass
    class Wrong:
        id: str

    for make in (
        lambda: rpc.Responder(PROTOCOL, Shop, classes={"shop.Order": Wrong}),
        lambda: rpc.Client(PROTOCOL, None, classes={"shop.Order": Wrong}),
    ):
        with pytest.raises(avrojet.SchemaError, match="Wrong lacks"):
            make()
    with pytest.raises(avrojet.SchemaError, match="no name"):
        rpc.Client(PROTOCOL, None, classes=[int])


def test_a_message_is_a_function_that_explains_itself():
    client = rpc.Client(PROTOCOL, None)
    assert str(inspect.signature(client.place)) == "(*, order, times=1)"
    assert client.place.__doc__ == "Order it."
    assert client.all.__doc__ == "Send the message all."
    assert client.place.__name__ == "place"
    assert repr(client.find) == "<message find(*, id)>"
