"""Calls without a network: protocols that differ, errors, metadata, handshakes, and bytes that are none."""

from __future__ import annotations

import json
import logging
import pickle
import threading
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

import avrojet
from avrojet import rpc
from avrojet.errors import DecodeError, EncodeError, LimitError
from avrojet.rpc.framing import Unframer, frame, unframe
from avrojet.rpc.handshake import HandshakeRequest, HandshakeResponse, Match
from avrojet.rpc.requestor import Exchange, Requestor
from avrojet.rpc.responder import Session

LETTER = {"type": "record", "name": "Letter", "fields": [{"name": "to", "type": "string"}]}
BAD = {"type": "error", "name": "Bad", "fields": [{"name": "why", "type": "string"}]}
SEND = {"request": [{"name": "letter", "type": "Letter"}], "response": "string", "errors": ["Bad"]}
FIRE = {"request": [{"name": "at", "type": "int", "default": 7}], "response": "null", "one-way": True}


def protocol(letter=LETTER, **messages):
    messages = messages or {"send": SEND, "fire": FIRE}
    return avrojet.parse_protocol(
        {"protocol": "Mail", "namespace": "org.post", "types": [letter, BAD], "messages": messages}
    )


class Mail:
    """The handlers."""

    def __init__(self):
        self.fired = []

    def send(self, letter):
        if letter["to"] == "nobody":
            raise rpc.RemoteError({"why": "no box"}, name="org.post.Bad")
        if letter["to"] == "wrong":
            raise rpc.RemoteError({"why": 5}, name="org.post.Bad")
        if letter["to"] == "plain":
            raise rpc.RemoteError("just so")
        if letter["to"] == "odd":
            return 5
        if letter["to"] == "boom":
            raise RuntimeError("the secret of the server")
        return json.dumps(letter)

    def fire(self, at):
        self.fired.append(at)


NEWER = {
    **LETTER,
    "fields": [*LETTER["fields"], {"name": "stamp", "type": ["null", "string"], "default": None}],
}


@pytest.fixture
def mail():
    return Mail()


@pytest.fixture
def client(mail):
    return rpc.Client(protocol(), rpc.LocalTransport(rpc.Responder(protocol(), mail)))


def test_a_call_by_name_and_by_method(client, mail):
    assert client.call("send", {"letter": {"to": "ann"}}) == '{"to": "ann"}'
    assert client.send(letter={"to": "ann"}) == '{"to": "ann"}'
    assert client.fire() is None
    assert client.fire(at=8) is None
    assert mail.fired == [7, 8]
    assert "send" in dir(client)
    with pytest.raises(AttributeError, match="no message 'sent'"):
        client.sent()


@pytest.mark.parametrize(("ours", "theirs"), [(LETTER, NEWER), (NEWER, LETTER)])
def test_protocols_may_differ_both_ways(ours, theirs, mail):
    client = rpc.Client(protocol(ours), rpc.LocalTransport(rpc.Responder(protocol(theirs), mail)))
    letter = {"to": "ann"} if ours is LETTER else {"to": "ann", "stamp": "red"}
    expected = {"to": "ann", "stamp": None} if theirs is NEWER else {"to": "ann"}
    for _ in range(2):
        assert json.loads(client.send(letter=letter)) == expected


def test_the_handshake_is_made_once(mail):
    requests = []

    class Watched(rpc.LocalTransport):
        def exchange(self, request, /):
            answer = super().exchange(request)
            requests.append((HandshakeRequest.decode(request)[0], HandshakeResponse.decode(answer)[0].match))
            return answer

    client = rpc.Client(protocol(), Watched(rpc.Responder(protocol(NEWER), mail)))
    for _ in range(2):
        client.send(letter={"to": "ann"})
    assert [match for _, match in requests] == [Match.NONE, Match.BOTH, Match.BOTH]
    assert [request.client_protocol is None for request, _ in requests] == [True, False, True]
    other = rpc.Client(protocol(), Watched(rpc.Responder(protocol(NEWER), mail)))
    assert other.ping() == protocol(NEWER)


def test_errors_that_are_declared(client):
    with pytest.raises(rpc.RemoteError) as caught:
        client.send(letter={"to": "nobody"})
    assert (caught.value.name, caught.value.value) == ("org.post.Bad", {"why": "no box"})
    assert pickle.loads(pickle.dumps(caught.value)).value == {"why": "no box"}
    with pytest.raises(rpc.RemoteError) as caught:
        client.send(letter={"to": "plain"})
    assert (caught.value.name, caught.value.value) == (None, "just so")


@pytest.mark.parametrize("to", ["boom", "odd", "wrong"])
def test_failures_of_the_server_are_its_own(client, caplog, to):
    with caplog.at_level(logging.ERROR, "avrojet.rpc"), pytest.raises(rpc.RemoteError) as caught:
        client.send(letter={"to": to})
    assert "secret" not in str(caught.value)
    assert caught.value.name is None
    assert caplog.records[0].exc_info


def test_what_is_not_a_call(client):
    with pytest.raises(EncodeError):
        client.send(letter={"to": 5})
    with pytest.raises(EncodeError):
        client.send(letter={"to": "ann"}, more=1)
    with pytest.raises(rpc.RpcError, match="no message 'sent'"):
        client.call("sent")
    with pytest.raises(rpc.RpcError, match="no handler"):
        rpc.Responder(protocol(), {"send": print})


def test_messages_that_one_side_lacks(mail):
    more = protocol(send=SEND, more=SEND)
    client = rpc.Client(more, rpc.LocalTransport(rpc.Responder(protocol(), mail)))
    with pytest.raises(rpc.RemoteError, match="no message 'more'"):
        client.more(letter={"to": "ann"})
    server = rpc.Responder(protocol(send=SEND, more=SEND), {"send": mail.send, "more": mail.send})
    client._transport._responder = server  # it was replaced by a newer one
    assert client.more(letter={"to": "ann"})
    other = protocol(send={**SEND, "response": "int"})
    client = rpc.Client(other, rpc.LocalTransport(rpc.Responder(protocol(), mail)))
    with pytest.raises(rpc.RpcError, match="cannot be read"):
        client.send(letter={"to": "ann"})


def test_metadata_and_middleware():
    seen = []

    def token(context, call_next):
        context.request_metadata["token"] = b"x"
        value = call_next(context)
        seen.append(context.response_metadata)
        return value

    def check(context, call_next):
        if context.request_metadata.get("token") != b"x":
            raise rpc.RemoteError("who are you?")
        context.response_metadata["took"] = b"1"
        return call_next(context)

    responder = rpc.Responder(protocol(), Mail(), middleware=[check])
    assert rpc.Client(protocol(), rpc.LocalTransport(responder), middleware=[token]).send(letter={"to": "a"})
    assert seen == [{"took": b"1"}]
    client = rpc.Client(protocol(), rpc.LocalTransport(responder))
    with pytest.raises(rpc.RemoteError, match="who are you"):
        client.send(letter={"to": "a"})
    assert client.call("send", {"letter": {"to": "a"}}, metadata={"token": b"x"})


def test_a_connection_that_remembers_its_handshake(mail):
    requestor, responder, session = (
        Requestor(protocol()),
        rpc.Responder(protocol(), mail),
        Session(is_stateful=True),
    )
    for number, name in enumerate(("send", "send", "fire")):
        exchange = Exchange(requestor._handshake.server if number > 0 else None)
        context = requestor.context(name, {"letter": {"to": "a"}} if name == "send" else {})
        reply = responder.respond(requestor.request(context, exchange), session)
        if name == "fire":
            assert reply is None
        else:
            assert not requestor.is_to_repeat(reply, exchange)
            assert requestor.response(context, reply, exchange) == '{"to": "a"}'
    assert mail.fired == [7]


def request_of(name="send", **parameters):
    requestor = Requestor(protocol())
    return requestor.request(requestor.context(name, parameters), Exchange())


REQUEST = request_of(letter={"to": "ann"})


@given(st.binary(max_size=200) | st.integers(0, len(REQUEST)).map(lambda size: REQUEST[:size]))
def test_bytes_that_are_no_call_are_answered(data):
    answer = rpc.Responder(protocol(), Mail()).respond(data)
    end = HandshakeResponse.decode(answer)[1]
    if data != REQUEST and end < len(answer):
        assert answer[end : end + 3] == b"\x00\x01\x00"  # no metadata, an error, a string


@given(st.integers(0, len(REQUEST) - 1), st.integers(1, 255))
def test_a_changed_byte_does_no_harm(place, change):
    data = bytearray(REQUEST)
    data[place] ^= change
    HandshakeResponse.decode(rpc.Responder(protocol(), Mail()).respond(bytes(data)))


@given(st.binary(max_size=100))
def test_answers_that_are_none_are_told(data):
    class Odd:
        def exchange(self, request, /):
            return data

    with pytest.raises((rpc.RpcError, DecodeError)):
        rpc.Client(protocol(), Odd()).send(letter={"to": "a"})


ANSWERS = [
    rpc.Responder(protocol(), Mail()).respond(request_of(letter={"to": to}))
    for to in ("ann", "nobody", "plain")
]


@given(st.sampled_from(ANSWERS), st.integers(0, 60), st.binary(max_size=20), st.booleans())
def test_answers_that_are_almost_right(answer, place, other, inserted):
    class Almost:
        def exchange(self, request, /):
            return answer[:place] + other + answer[place if inserted else place + len(other) :]

    with suppress(rpc.RpcError, DecodeError):
        assert isinstance(rpc.Client(protocol(), Almost()).send(letter={"to": "a"}), str)


def test_a_server_that_never_agrees(mail):
    class Never:
        def exchange(self, request, /):
            return HandshakeResponse(Match.NONE, protocol().json, protocol().md5).encode()

    with pytest.raises(rpc.HandshakeError, match="does not accept it"):
        rpc.Client(protocol(), Never()).send(letter={"to": "a"})


def test_protocols_that_are_none_are_refused():
    bad = HandshakeRequest(b"x" * 16, '{"protocol": 5}', b"y" * 16).encode() + b"\x00\x08send"
    answer = rpc.Responder(protocol(), Mail()).respond(bad)
    response, end = HandshakeResponse.decode(answer)
    assert response.match is Match.NONE
    assert b"a protocol needs a name" in answer[end:]


def test_what_clients_send_is_not_kept_for_ever(mail):
    responder = rpc.Responder(protocol(), mail)
    for number in range(300):
        text = json.dumps({"protocol": f"P{number}"})
        responder.respond(
            HandshakeRequest(number.to_bytes(16, "big"), text, b"y" * 16).encode() + b"\x00\x00"
        )
    assert len(responder._handshake._known._known) <= 128


def test_threads_share_a_client(client):
    seen = []

    def call():
        seen.extend(client.send(letter={"to": str(number)}) for number in range(100))

    threads = [threading.Thread(target=call) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(seen) == sorted([f'{{"to": "{number}"}}' for number in range(100)] * 4)


@given(st.lists(st.binary(max_size=20), max_size=5), st.integers(1, 7))
def test_framed_messages_come_in_any_pieces(messages, step):
    data = b"".join(map(frame, messages))
    unframer, seen = Unframer(), []
    for start in range(0, len(data), step):
        seen += unframer.feed(data[start : start + step])
    assert seen == messages
    assert unframer.is_between


def test_frames_that_are_none():
    assert unframe(b"\0\0\0\1a\0\0\0\2bc\0\0\0\0") == b"abc"
    assert unframe(frame(b"abc") + frame(b"")) == b"abc"  # as Avro for Java ends it
    for data in (b"", b"\0\0\0\1a", frame(b"a") + b"x", frame(b"a") * 2):
        with pytest.raises(ValueError, match="one framed message"):
            unframe(data)
    with pytest.raises(LimitError, match="block_bytes"):
        unframe(b"\x7f\xff\xff\xff")
    with pytest.raises(LimitError):
        Unframer(10).feed(frame(b"x" * 6)[:-4] + frame(b"x" * 6))
