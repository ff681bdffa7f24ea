"""Oracles for what comes over the connections of remote calls, in every framing, on both sides. No I/O."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import avrojet
from avrojet import rpc
from avrojet.errors import AvroError
from avrojet.rpc.calls import PING_REQUEST
from avrojet.rpc.framing import frame, unframe
from avrojet.rpc.handshake import HandshakeRequest, HandshakeResponse, Match
from avrojet.rpc.requestor import Exchange, Requestor
from avrojet.rpc.responder import Session
from avrojet.rpc.streams import ClientStream, ServerStream
from tests.fuzz.finding import Finding

FRAMINGS = ["http", "sasl", "plain", "socket", "netty"]
"""``plain``: ``sasl`` with a password."""

MOST = 1 << 16  # bytes of a message
PIECE = 7
USER = ("ann", "secret")
_LETTER = {"type": "record", "name": "Letter", "fields": [{"name": "to", "type": "string"}]}
_BAD = {"type": "error", "name": "Bad", "fields": [{"name": "why", "type": "string"}]}
_STAMP = {"name": "stamp", "type": ["null", "string"], "default": None}
_MESSAGES = {
    "send": {"request": [{"name": "letter", "type": "Letter"}], "response": "string", "errors": ["Bad"]},
    "fire": {"request": [{"name": "at", "type": "int", "default": 7}], "response": "null", "one-way": True},
    "count": {"request": [], "response": {"type": "array", "items": "long"}},
}


def _protocol(letter: dict[str, Any]) -> avrojet.Protocol:
    return avrojet.parse_protocol(
        {"protocol": "Mail", "namespace": "org.post", "types": [letter, _BAD], "messages": _MESSAGES}
    )


OURS = _protocol(_LETTER)
NEWER = _protocol({**_LETTER, "fields": [*_LETTER["fields"], _STAMP]})


class Mail:
    """The handlers."""

    def send(self, letter: dict[str, Any]) -> str:
        if letter["to"] == "nobody":
            raise rpc.RemoteError({"why": "no box"}, name="org.post.Bad")
        return json.dumps(letter)

    def fire(self, at: int) -> None:
        """Nothing."""

    def count(self) -> list[int]:
        return [1, 2, 1 << 40]


RESPONDER = rpc.Responder(OURS, Mail())
logging.getLogger("avrojet.rpc").addHandler(logging.NullHandler())


def server_stream(framing: str) -> ServerStream:
    if framing == "plain":
        return ServerStream("sasl", MOST, lambda user, password: (user, password) == USER)
    return ServerStream(framing, MOST, None)  # type: ignore[arg-type]


def client_stream(framing: str) -> ClientStream:
    return ClientStream(
        "sasl" if framing == "plain" else framing,  # type: ignore[arg-type]
        MOST,
        (lambda: USER) if framing == "plain" else None,
    )


def answers_to(framing: str, data: bytes, piece: int | None = None) -> list[bytes]:
    """What a server sends to a client that sends this, some bytes at once.

    :raises AvroError: if it ends the connection.
    :raises ValueError: if it is no body of a request.
    """
    if framing == "http":
        return [RESPONDER.respond(unframe(data, MOST)) or b""]
    stream, session, sasl = server_stream(framing), Session(is_stateful=True), b""
    sent: list[bytes] = []
    for start in range(0, len(data), piece or max(1, len(data))):
        for serial, request in stream.feed(data[start : start + (piece or len(data))]):
            answer = RESPONDER.respond(request, session)
            if answer is not None:
                sent.append(stream.frame(answer, serial))
        sasl += stream.to_send()
    return [sasl, *sent]


def check_calls(framing: str, data: bytes) -> bool:
    """What a client sends: the same is answered in whatever pieces it comes, and other clients are too."""
    outcomes: list[Any] = []
    for piece in (None, PIECE):
        try:
            outcomes.append(answers_to(framing, data, piece))
        except (AvroError, ValueError) as error:
            outcomes.append((type(error), str(error)))
    if outcomes[0] != outcomes[1]:
        raise Finding(f"other answers to pieces: {outcomes[0]!r} and {outcomes[1]!r}")
    if not is_unchanged():
        raise Finding("the server has been changed")
    return isinstance(outcomes[0], list) and any(outcomes[0])


def is_unchanged() -> bool:
    """Whether the server answers others as before."""
    return RESPONDER.respond(_GOOD) == _GOOD_ANSWER


class _Recorded:
    """A connection over which a server sends what is given, whatever it is sent."""

    def __init__(self, framing: str, data: bytes) -> None:
        self.server = None
        if framing == "http":
            self._answers = [unframe(data, MOST)]
        else:
            self._answers = [answer for _, answer in client_stream(framing).feed(data)]

    @contextmanager
    def connection(self, timeout: float | None = None) -> Iterator[_Recorded]:
        yield self

    def exchange(self, request: bytes, /) -> bytes:
        if not self._answers:
            raise rpc.ConnectionClosedError("there is no answer")
        return self._answers.pop(0)

    send = exchange

    def settle(self, server: Any, /) -> None:
        self.server = server

    def close(self) -> None:
        self._answers = []


def response_of(framing: str, data: bytes) -> Any:
    """What a call returns to which a server sends this.

    :raises AvroError: if it is no answer.
    """
    return rpc.Client(OURS, _Recorded(framing, data)).send(letter={"to": "ann"})


def check_answers(framing: str, data: bytes) -> bool:
    """What a server sends: a client returns it, or raises what is documented."""
    try:
        client = rpc.Client(OURS, _Recorded(framing, data))
        answer = client.send(letter={"to": "ann"})
        if not isinstance(answer, str):
            raise Finding(f"the response is {answer!r}")
        if framing != "http":
            client.count()
    except AvroError:
        return False
    except ValueError:
        if framing != "http":
            raise
        return False
    return True


def _requests(ours: avrojet.Protocol, *, whole: bool) -> list[bytes]:
    """A connection's requests: one with a handshake, then others."""
    requestor = Requestor(ours)
    first, later = Exchange(), Exchange(requestor._handshake.server)
    first.send_protocol = whole
    calls = [("send", {"letter": {"to": "ann"}}), ("send", {"letter": {"to": "nobody"}}), ("fire", {"at": 1})]
    made = [requestor.request(requestor.context(name, given, {"k": b"v"}), later) for name, given in calls]
    made.append(PING_REQUEST)
    return [requestor.request(requestor.context("send", {"letter": {"to": "ann"}}), first), *made]


_GOOD = _requests(OURS, whole=False)[0]
_GOOD_ANSWER = RESPONDER.respond(_GOOD)


def call_streams() -> Iterator[tuple[str, bytes]]:
    """Framings, and what clients send in them."""
    for ours, whole in ((OURS, False), (NEWER, True)):
        requests = _requests(ours, whole=whole)
        for framing in FRAMINGS:
            if framing == "http":
                yield framing, frame(requests[0])
                continue
            stream = client_stream(framing)
            framed = [stream.frame(request, serial) for serial, request in enumerate(requests)]
            yield framing, stream.begin() + b"".join(framed)
    yield "http", frame(HandshakeRequest(b"c" * 16, "{}", b"s" * 16, {"k": b"v"}).encode())


def answer_streams() -> Iterator[tuple[str, bytes]]:
    """Framings, and what servers send in them."""
    body = b"\0\0" + avrojet.Encoder("string").encode("sent")
    count = b"\0\0" + avrojet.Encoder({"type": "array", "items": "long"}).encode([1, 2])
    for match in Match:
        head = HandshakeResponse(match, *(() if match is Match.BOTH else (NEWER.json, NEWER.md5))).encode()
        messages = [head + body, count] if match is not Match.NONE else [head, b"\0\0\0\0" + body, count]
        for framing in FRAMINGS:
            if framing == "http":
                if match is not Match.NONE:
                    yield framing, frame(messages[0])
                continue
            stream = server_stream(framing)
            stream.feed(client_stream(framing).begin())
            framed = [stream.frame(message, serial) for serial, message in enumerate(messages)]
            yield framing, stream.to_send() + b"".join(framed)
