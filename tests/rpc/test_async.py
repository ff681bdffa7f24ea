"""Calls in asyncio without a network: handlers of both kinds, middleware, time limits, cancellation."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from functools import partial, wraps

import pytest

from avrojet import rpc
from avrojet.rpc.handshake import HandshakeResponse, Match
from tests.rpc.test_calls import NEWER, SEND, Mail, protocol


class AsyncMail:
    """The handlers: one of each kind."""

    def __init__(self):
        self.fired = []
        self.cancelled = []
        self.started = asyncio.Event()

    async def send(self, letter):
        self.started.set()
        if letter["to"] == "slow":
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                self.cancelled.append("slow")
                raise
        if letter["to"] == "late":
            raise TimeoutError("of the handler's own")
        await asyncio.sleep(0)
        return Mail().send(letter)

    def fire(self, at):
        self.fired.append((at, threading.current_thread() is threading.main_thread()))


def asynchronous(test):
    """A test that is a coroutine function."""

    @wraps(test)
    def run(*arguments, **named):
        asyncio.run(test(*arguments, **named))

    return run


def client_of(handlers, theirs=None, ours=None, **options):
    responder = rpc.AsyncResponder(theirs or protocol(), handlers, **options)
    return rpc.AsyncClient(ours or protocol(), rpc.AsyncLocalTransport(responder))


@asynchronous
async def test_handlers_of_both_kinds():
    mail = AsyncMail()
    async with client_of(mail, protocol(NEWER)) as client:
        assert (await client.ping()).messages.keys() == {"send", "fire"}
        assert await client.send(letter={"to": "ann"}) == '{"to": "ann", "stamp": null}'
        assert await client.call("send", letter={"to": "ann"})
        assert await client.fire() is None
        with pytest.raises(rpc.RemoteError, match="no box"):
            await client.send(letter={"to": "nobody"})
    assert mail.fired == [(7, False)]
    await client_of(mail, threads=False).fire(at=8)
    assert mail.fired[-1] == (8, True)
    await client_of({"send": mail.send, "fire": partial(mail.fire)}).fire(at=9)
    assert mail.fired[-1] == (9, False)


@asynchronous
async def test_calls_go_on_at_the_same_time():
    waiting, together = 0, asyncio.Event()

    async def send(letter):
        nonlocal waiting
        waiting += 1
        if waiting == 20:
            together.set()
        await together.wait()
        return letter["to"]

    client = client_of({"send": send}, protocol(send=SEND), protocol(send=SEND))
    letters = [{"to": str(number)} for number in range(20)]
    answers = await asyncio.gather(*(client.send(letter=letter) for letter in letters))
    assert answers == [letter["to"] for letter in letters]


@asynchronous
async def test_middleware_of_both_kinds():
    seen = []

    async def token(context, call_next):
        context.request_metadata["token"] = b"x"
        value = await call_next(context)
        seen.append(context.response_metadata)
        return value

    def plain(context, call_next):
        context.request_metadata["trace"] = b"7"
        return call_next(context)

    async def check(context, call_next):
        context.response_metadata["trace"] = context.request_metadata["trace"]
        if context.request_metadata.get("token") != b"x":
            raise rpc.RemoteError("who are you?")
        return await call_next(context)

    async def cached(context, call_next):
        return "kept" if context.message.name == "send" else await call_next(context)

    def user(letter):  # in a thread
        return rpc.current_call().request_metadata["token"].decode()

    responder = rpc.AsyncResponder(
        protocol(),
        {"send": user, "fire": user},
        middleware=[check, lambda context, call_next: call_next(context)],
    )
    transport = rpc.AsyncLocalTransport(responder)
    client = rpc.AsyncClient(protocol(), transport, middleware=[token, plain])
    assert await client.send(letter={"to": "a"}) == "x"
    assert seen == [{"trace": b"7"}]
    noted = []

    async def note(context, call_next):
        try:
            return await call_next(context)
        finally:
            noted.append(context.response_metadata)

    with pytest.raises(rpc.RemoteError, match="who are you"):
        await rpc.AsyncClient(protocol(), transport, middleware=[note, plain]).send(letter={"to": "a"})
    assert noted == [{"trace": b"7"}]  # which comes with an error too
    kept = rpc.AsyncClient(protocol(), transport, middleware=[note, cached])
    assert await kept.send(letter={"to": "a"}) == "kept"


@asynchronous
async def test_time_limits(caplog):
    mail = AsyncMail()
    client = client_of(mail, timeout=0.05)
    with pytest.raises(rpc.RemoteError, match="send was not answered in time"):
        await client.send(letter={"to": "slow"})
    assert mail.cancelled == ["slow"]
    with caplog.at_level(logging.ERROR, "avrojet.rpc"), pytest.raises(rpc.RemoteError, match="its log"):
        await client_of(mail, timeout=30).send(letter={"to": "late"})  # a TimeoutError of its own

    with pytest.raises((rpc.TimedOutError, rpc.RemoteError), match="in time"):  # whoever is first
        await client_of(mail).call("send", letter={"to": "slow"}, timeout=0.05)
    assert mail.cancelled == ["slow", "slow"]

    class Silent:
        async def exchange(self, request, /):
            await asyncio.sleep(60)

    for timeout in (0.02, 0):
        with pytest.raises(rpc.TimedOutError, match="no answer to send in time"):
            await rpc.AsyncClient(protocol(), Silent()).call("send", letter={"to": "a"}, timeout=timeout)

    seen = []

    async def send(letter):
        seen.append(rpc.current_call().seconds_left)
        return ""

    await client_of({"send": send, "fire": send}).call("send", letter={"to": "a"}, timeout=50)
    await client_of({"send": send, "fire": send}, timeout=10).call("send", letter={"to": "a"}, timeout=50)
    await client_of({"send": send, "fire": send}).send(letter={"to": "a"})
    assert 40 < seen[0] <= 50
    assert 5 < seen[1] <= 10
    assert seen[2] is None
    for odd in (b"", b"-1", b"1e9", b"9" * 13, b"\xd9\xa1", b"1.5"):
        client = client_of({"send": send, "fire": send})
        await client.call("send", letter={"to": "a"}, metadata={"avrojet.timeout": odd})
    assert seen[3:] == [None] * 6
    with pytest.raises(rpc.RpcError, match="outside|handlers"):
        rpc.current_call()


def test_time_limits_of_threads():
    seen = []

    class Slow:
        def send(self, letter):
            seen.append(rpc.current_call().seconds_left)
            return "sent"

        fire = send

    class Late(rpc.LocalTransport):
        def exchange(self, request, /, *, timeout=None):
            seen.append(timeout)
            time.sleep(0.02)
            return super().exchange(request)

    client = rpc.Client(protocol(), Late(rpc.Responder(protocol(NEWER), Slow)))
    assert client.call("send", letter={"to": "a"}, timeout=50) == "sent"
    first, second, handler = seen  # the handshake takes its time
    assert second < first <= 50
    assert 0 < handler <= 50
    with pytest.raises(rpc.TimedOutError, match="no time left"):
        client.call("send", letter={"to": "a"}, timeout=0)
    with pytest.raises(rpc.RemoteError, match="too late"):
        client.call("send", letter={"to": "a"}, metadata={"avrojet.timeout": b"0"})
    assert len(seen) == 4  # no handler was called


@asynchronous
async def test_a_call_that_is_cancelled():
    mail = AsyncMail()
    call = asyncio.ensure_future(client_of(mail).send(letter={"to": "slow"}))
    await mail.started.wait()
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert mail.cancelled == ["slow"]


@asynchronous
async def test_a_server_that_never_agrees():
    class Never:
        calls = 0

        async def exchange(self, request, /):
            self.calls += 1
            return HandshakeResponse(Match.NONE, protocol().json, protocol().md5).encode()

    with pytest.raises(rpc.HandshakeError, match="does not accept it"):
        await rpc.AsyncClient(protocol(), never := Never()).ping()
    assert never.calls == 2


def test_a_coroutine_needs_asyncio(caplog):
    async def send(letter):
        return ""

    class Sender:
        async def __call__(self, letter):
            return ""

    for handler in (send, partial(send), Sender()):
        with pytest.raises(rpc.RpcError, match="'send' is a coroutine function"):
            rpc.Responder(protocol(), {"send": handler, "fire": print})
        kept = rpc.AsyncResponder(protocol(), {"send": handler, "fire": print})
        assert kept._in_threads == {"fire"}
    with caplog.at_level(logging.ERROR, "avrojet.rpc"), pytest.raises(rpc.RemoteError):
        responder = rpc.Responder(protocol(), {"send": lambda letter: send(letter=letter), "fire": print})
        rpc.Client(protocol(), rpc.LocalTransport(responder)).send(letter={"to": "a"})
    assert "AsyncResponder" in str(caplog.records[0].exc_info[1])
    client = client_of({"send": lambda letter: send(letter=letter), "fire": print})
    assert asyncio.run(client.send(letter={"to": "a"})) == ""
