"""Servers and clients that mean harm, or are broken: it ends in an error, soon, and touches no other."""

from __future__ import annotations

import asyncio
import gzip
import http.client
import itertools
import json
import logging
import pickle
import re
import socket
import sys
import threading
import time
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

import avrojet
from avrojet import rpc
from avrojet.errors import AvroError
from avrojet.rpc.calls import encode_name
from avrojet.rpc.framing import frame
from avrojet.rpc.handshake import HandshakeRequest, HandshakeResponse, Match
from avrojet.rpc.http1 import HttpSocket
from avrojet.rpc.http_answers import FastAnswers, PlainAnswers, _noted, kind_of_answers
from tests.interrupts import Interruption
from tests.rpc.test_calls import LETTER, REQUEST, SEND, Mail, protocol
from tests.rpc.test_http import running

pytestmark = pytest.mark.usefixtures("parser")

OK = b"HTTP/1.1 200 OK\r\n"


def answered(text):
    """The body of an answer to send."""
    return frame(b"\0\0\0\0" + b"\0\0" + avrojet.Encoder("string").encode(text))


def whole(body, head=OK):
    return head + b"Content-Length: %d\r\n\r\n" % len(body) + body


GOOD = whole(answered("good"))


LENGTH = re.compile(rb"content-length: (\d+).*?\r\n\r\n", re.DOTALL | re.IGNORECASE)


def request_from(connection):
    """The bytes of a whole request, none at the end of the connection."""
    data = b""
    while not (found := LENGTH.search(data)) or len(data) < found.end() + int(found[1]):
        came = connection.recv(1 << 20)
        if not came:
            return b""
        data += came
    return data


@contextmanager
def serving(*scripts):
    """A server whose connections have a script each, those after the last one its script."""
    listening = socket.create_server(("127.0.0.1", 0))
    listening.settimeout(30)
    ended = threading.Event()
    accepted = []

    def one(connection, script):
        with connection, suppress(OSError):
            connection.settimeout(30)
            for part in script:
                if callable(part):
                    part(connection, ended)
                else:
                    if not request_from(connection):
                        return
                    connection.sendall(part)
            ended.wait(0.01)

    def accept():
        with suppress(OSError):
            for number in itertools.count():
                connection = listening.accept()[0]
                accepted.append(connection)
                script = scripts[min(number, len(scripts) - 1)]
                thread = threading.Thread(target=one, args=(connection, script))
                thread.start()
                threads.append(thread)

    threads = [threading.Thread(target=accept)]
    threads[0].start()
    url = f"http://127.0.0.1:{listening.getsockname()[1]}/"
    try:
        yield url, accepted
    finally:
        ended.set()
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        for thread in threads:
            thread.join()


def drip(start, piece, pause=0.0):
    """Sends the same again and again, as long as somebody takes it."""

    def send(connection, ended):
        request_from(connection)
        connection.sendall(start)
        while not ended.wait(pause):
            connection.sendall(piece)

    return [send]


class Sync:
    def __init__(self, url, **options):
        self.client = rpc.Client(protocol(), rpc.HttpTransport(url, **options))

    def send(self, to="ann"):
        return self.client.send(letter={"to": to})

    def close(self):
        self.client.close()


class Async:
    def __init__(self, url, **options):
        pytest.importorskip("httpx")
        self.runner = asyncio.Runner()
        self.client = rpc.AsyncClient(protocol(), rpc.AsyncHttpTransport(url, **options))

    def send(self, to="ann"):
        return self.runner.run(self.client.send(letter={"to": to}))

    def close(self):
        self.runner.run(self.client.close())
        self.runner.close()  # and what httpx has left open of answers


@pytest.fixture(params=[Sync, Async], ids=["sync", "async"])
def client(request):
    made = []

    def make(url, **options):
        made.append(request.param(url, **options))
        return made[-1]

    yield make
    for each in made:
        each.close()


MEGABYTE = b"x" * (1 << 20)
TOO_MUCH = {
    "chunks": drip(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"100000\r\n" + MEGABYTE + b"\r\n"),
    "no length": drip(OK + b"\r\n", MEGABYTE),
    "lying length": [OK + b"Content-Length: 1000000000000000\r\n\r\nabc", b""],
    "headers": drip(OK, b"X-More: " + b"x" * 10_000 + b"\r\n"),
    "many digits": [OK + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n", b""],
}


@pytest.mark.parametrize("name", TOO_MUCH)
def test_answers_without_end(client, name):
    with serving(TOO_MUCH[name]) as (url, _), pytest.raises(rpc.RpcError) as raised:
        client(url, most=1000, timeout=20).send()
    assert not isinstance(raised.value, rpc.TimedOutError)


SLOW = {
    "silence": [lambda connection, ended: ended.wait()],
    "status": [lambda connection, ended: (connection.sendall(b"HTTP/1.1 2"), ended.wait())],
    "headers": drip(OK, b"X: y\r\n", 0.02),
    "body": drip(OK + b"Content-Length: 1000\r\n\r\n", b"x", 0.02),
    "chunks": drip(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n", 0.02),
    "trailers": drip(OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"X: y\r\n", 0.02),
}


@pytest.mark.parametrize("name", SLOW)
def test_answers_that_never_end_in_time(client, name):
    with serving(SLOW[name]) as (url, _), pytest.raises(rpc.TimedOutError):
        client(url, timeout=0.2).send()


def test_a_time_limit_of_a_call_counts_for_all_of_it():
    with serving(SLOW["headers"]) as (url, _):
        made = rpc.Client(protocol(), rpc.HttpTransport(url, timeout=60))
        with pytest.raises(rpc.TimedOutError):
            made.call("send", letter={"to": "ann"}, timeout=0.1)


def encoded(body, coding):
    return whole(body, OK + b"Content-Encoding: " + coding + b"\r\n")


ODD = {
    "nothing": b"\0\0\0\0",
    "no http": b"220 mail.example ESMTP\r\n\r\n",
    "other version": b"HTTP/3.0 200 OK\r\n\r\n",
    "no status": b"HTTP/1.1 OK\r\n\r\n",
    "no colon": OK + b"odd\r\n\r\n",
    "two lengths": OK + b"Content-Length: 3\r\nContent-Length: 5\r\n\r\nabcde",
    "the same length twice": OK + b"Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
    "a list of lengths": OK + b"Content-Length: 3, 3\r\n\r\nabc",
    "length of other digits": OK + "Content-Length: \u0663\r\n\r\nabc".encode(),
    "length with a sign": whole(answered("a"), OK).replace(b"Length: ", b"Length: +"),
    "length after a lone return": OK + b"X: a\rContent-Length: 3\r\n\r\nabc",
    "negative length": OK + b"Content-Length: -3\r\n\r\nabc",
    "length and chunks": OK + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
    "chunks twice": OK + b"Transfer-Encoding: chunked, chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
    "other coding": OK + b"Transfer-Encoding: gzip\r\n\r\nabc",
    "chunk without size": OK + b"Transfer-Encoding: chunked\r\n\r\nxyz\r\n0\r\n\r\n",
    "chunk that lies": OK + b"Transfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n0\r\n\r\n",
    "chunk that ends otherwise": OK + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabcXX0\r\n\r\n",
    "other protocol": b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n" + GOOD,
    "negative chunk": OK + b"Transfer-Encoding: chunked\r\n\r\n-1\r\nabc\r\n0\r\n\r\n",
    "short": OK + b"Content-Length: 100\r\n\r\nabc",
    "announcements": b"HTTP/1.1 103 Early Hints\r\n\r\n" * 5_000,
    "a bomb": encoded(gzip.compress(answered("x" * 1_000_000)), b"gzip"),
    "no frame": whole(b"abc"),
    "lying frame": whole(b"\x7f\xff\xff\xff" + b"abc"),
    "more than a frame": whole(answered("a") + answered("b")),
    "no handshake": whole(frame(b"\x0e")),
    "not found": whole(b"", b"HTTP/1.1 404 Not Found\r\n"),
    "no content": b"HTTP/1.1 204 No Content\r\n\r\n",
}


@pytest.mark.parametrize("name", ODD)
def test_answers_that_are_none(client, name):
    with serving([ODD[name]]) as (url, _), pytest.raises(rpc.RpcError):
        client(url, timeout=20).send()


def test_redirections_lead_nowhere(client):
    with serving([GOOD]) as (other, visitors):
        head = b"HTTP/1.1 307 Temporary Redirect\r\nLocation: %b\r\n" % other.encode()
        with serving([whole(b"", head)]) as (url, _), pytest.raises(rpc.HttpStatusError) as raised:
            client(url).send()
        assert pickle.loads(pickle.dumps(raised.value)).status == 307
    assert not visitors


def test_an_answer_is_of_its_own_call(client):
    """What a server sends unasked is not taken for the answer to the next call."""
    stale = whole(answered("stale"))
    with serving([GOOD + stale], [GOOD]) as (url, accepted):
        made = Sync(url, timeout=20)  # httpx cannot tell the two apart
        assert made.send() == "good"
        assert made.send() == "good"
        assert len(accepted) == 2
        made.close()

    def late(connection, ended):
        time.sleep(0.05)
        connection.sendall(stale)
        ended.wait()

    with serving([GOOD, late], [GOOD]) as (url, accepted):
        made = client(url, timeout=20)
        assert made.send() == "good"
        time.sleep(0.2)
        assert made.send() == "good"
        assert len(accepted) == 2


def test_a_request_is_not_sent_twice(client):
    seen = []

    def vanish(connection, ended):
        seen.append(request_from(connection))

    with serving([GOOD, vanish], [vanish]) as (url, _):
        made = client(url, timeout=20)
        assert made.send() == "good"
        with pytest.raises(rpc.ConnectionClosedError):
            made.send("twice")
    assert b"".join(seen).count(b"twice") == 1


KINDS = [PlainAnswers, FastAnswers] if find_spec("httptools") else [PlainAnswers]


class Pieces:
    """A socket whose bytes come in pieces of some size."""

    def __init__(self, data, size):
        self.data, self.size = data, size

    def send(self, data, deadline):
        pass

    def acknowledge_at_once(self):
        pass

    def receive(self, deadline):
        piece, self.data = self.data[: self.size], self.data[self.size :]
        return piece


def read(data, size, most=1000):
    wire = HttpSocket(Pieces(data, size), most)
    wire.send(b"", b"", time.monotonic() + 60)
    return wire.answer()


@given(
    st.lists(st.binary(min_size=1, max_size=50), max_size=5),
    st.integers(1, 40),
    st.sampled_from(["chunks", "length", "end"]),
)
def test_answers_come_in_any_pieces(parts, size, way):
    body = b"".join(parts)
    if way == "chunks":
        chunks = b"".join(b"%X;x=y\r\n%b\r\n" % (len(part), part) for part in parts)
        data = OK + b"transfer-encoding:  Chunked\r\n\r\n" + chunks + b"0\r\nX: y\r\n\r\n"
    elif way == "length":
        data = whole(body, b"HTTP/1.1 100 Continue\r\n\r\n" + OK)
    else:
        data = OK + b"X: y\r\n\r\n" + body
    answer = read(data, size)
    assert (answer.status, answer.body, answer.is_last) == (200, body, way == "end")
    for odd in (data[:-1], data[: len(data) // 2]) if way != "end" else ():
        with pytest.raises(rpc.ConnectionClosedError):
            read(odd, size)


LENGTHS = [b"3", b" 3 ", b"\t3", b"-3", b"+3", b"3_0", b"\xb2", b"3, 3", b"03", b"9" * 20, b"\0", b"a\rX: 3"]
CODINGS = [
    b"chunked",
    b"Chunked\t",
    b"gzip",
    b"gzip, chunked",
    b"chunked, chunked",
    b"identity",
    b"\r\n chunked",
]
FRAMING = [b"Content-Length:" + value for value in LENGTHS] + [
    b"Transfer-Encoding:" + value for value in CODINGS
]
OTHERS = [
    b"X: y",
    b"Content-Length : 5",
    b" Content-Length: 5",
    b"odd",
    b"From x",
    b":",
    b"Connection: upgrade",
]
BODIES = [b"abc", b"abcde", b"3\r\nabcXX0\r\n\r\n", b"3;x=y\r\nabc\r\n0\r\nContent-Length: 7\r\n\r\n", GOOD]
BODIES += [
    size + b"\r\nabc\r\n0\r\n\r\n" for size in (b"3", b"-1", b"+3", b"0x3", b"3_", b" 3", b"1", b"f" * 17)
]


def test_which_library_parses(monkeypatch):
    choose = kind_of_answers.__wrapped__
    assert choose() is KINDS[-1] or not getattr(sys, "_is_gil_enabled", lambda: True)()
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "httptools", None)
        assert choose() is PlainAnswers
    monkeypatch.setattr(sys, "_is_gil_enabled", lambda: False, raising=False)
    assert choose() is PlainAnswers


@given(st.lists(st.sampled_from(FRAMING + OTHERS), max_size=3), st.sampled_from(BODIES), st.integers(1, 50))
def test_an_answer_is_read_in_one_way_only(headers, body, size):
    """Whichever library parses: what it takes for an answer, the other does not take for another one."""
    data = b"\r\n".join([OK[:-2], *headers, b"", body])
    found = []
    for kind in KINDS:
        with suppress(rpc.RpcError):
            answers, pieces = kind(1000), Pieces(data, size)
            answer = answers.next(lambda pieces=pieces: pieces.receive(0))
            found.append((answer.status, answer.body))
    assert len(set(found)) <= 1


@given(st.binary(max_size=60), st.integers(0, len(GOOD)), st.integers(1, 50))
def test_bytes_that_are_no_answer(odd, at, size):
    for data in (odd, GOOD[:at] + odd + GOOD[at + len(odd) :], OK + odd):
        with suppress(rpc.RpcError):
            read(data, size)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "data",
    [
        OK + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcde",
        OK + b"Content-Length: 9999\r\n\r\n",
        OK + b"Transfer-Encoding: gzip\r\n\r\n",
        OK + b"\r\n" + b"x" * 2000,
        b"SMTP hi\r\n\r\n",
        GOOD,
        GOOD + GOOD,
    ],
)
def test_what_is_wrong_is_told_where_another_exception_is_handled(kind, data):
    """By a caller that calls again, say: its own exception is not taken for a reason."""

    def told():
        answers, pieces = kind(1000), Pieces(data, 30)
        try:
            return answers.next(lambda: pieces.receive(0))
        except rpc.RpcError as error:
            return str(error)

    told_alone = told()
    try:
        raise KeyError("of the caller")
    except KeyError:
        assert told() == told_alone


@pytest.mark.skipif(len(KINDS) < 2, reason="httptools is not installed")
@pytest.mark.parametrize("method", ["on_message_begin", "on_header", "on_headers_complete", "on_body"])
def test_an_interruption_while_httptools_calls(method, monkeypatch):
    """Within a method that it calls, and between the call and the method's first step."""

    def interrupted(*arguments):
        raise Interruption

    def run():
        with pytest.raises((Interruption, KeyboardInterrupt)) as caught:
            FastAnswers(1000).next(lambda: GOOD)
        return caught.type

    monkeypatch.setattr(FastAnswers, method, _noted(interrupted))
    assert run() is Interruption
    try:
        raise KeyError("of the caller")
    except KeyError:
        assert run() is Interruption
        monkeypatch.setattr(FastAnswers, method, interrupted)
        assert run() is KeyboardInterrupt  # what it was is not known any more
    assert run() is Interruption


@pytest.mark.parametrize("head", [b"Connection: close\r\n", b"Connection: Close\r\n"])
def test_connections_that_end(head):
    assert read(whole(b"", OK + head), 9).is_last
    assert not read(whole(b"", OK + b"Connection: keep-alive\r\n"), 9).is_last
    assert read(whole(b"", b"HTTP/1.0 200 OK\r\n"), 9).is_last
    assert not read(whole(b"", b"HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\n"), 9).is_last


@pytest.mark.parametrize("rest", [GOOD, b"x", b"HTTP/1.1 101 Switching\r\n\r\n", b"\0"])
def test_nothing_waits_when_a_connection_is_used_again(rest):
    for size in (9, 1000):
        wire = HttpSocket(Pieces(GOOD + rest, size), 1000)
        wire.send(b"", b"", time.monotonic() + 60)
        answer = wire.answer()
        assert answer.body == answered("good")
        wire._wire.receive_at_once = lambda pieces=wire._wire: pieces.data or None
        assert answer.is_last or not wire.is_usable()


def test_requests_that_would_say_more():
    for headers in ({"X": "a\r\nY: b"}, {"X\r\nY": "b"}, {"X": "\0"}, {"": "b"}, {"X:": "b"}, {"X": "√"}):
        with pytest.raises(ValueError, match="header"):
            rpc.HttpTransport("http://host/", headers=headers)
    for name in ("Host", "content-length", "Transfer-Encoding", "connection"):
        with pytest.raises(ValueError, match="set by the transport"):
            rpc.HttpTransport("http://host/", headers={name: "5"})
    with pytest.raises(ValueError, match="percent-encoded"):
        rpc.HttpTransport("http://host/a b")
    with pytest.raises(ValueError, match="headers=") as raised:
        rpc.HttpTransport("http://me:s3cret@host/")
    assert "s3cret" not in str(raised.value)


# Handshakes, metadata and caches: what one stranger sends must not reach another.

OTHER = protocol({**LETTER, "fields": [{"name": "to", "type": "bytes"}]}, send=SEND)


class Saying:
    """A server that says the same, whatever it is asked."""

    def __init__(self, *answers):
        self.answers = list(answers)

    def exchange(self, request, /):
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def test_a_server_does_not_say_what_the_hash_of_another_means():
    theirs = protocol(send=SEND, more=SEND)
    lie = HandshakeResponse(Match.CLIENT, OTHER.json, theirs.md5).encode() + b"\0\0\0"
    with suppress(AvroError):
        rpc.Client(protocol(), Saying(lie)).send(letter={"to": "a"})
    responder = rpc.Responder(theirs, {"send": Mail().send, "more": Mail().send})
    client = rpc.Client(protocol(send=SEND), rpc.LocalTransport(responder))
    assert client.ping() == theirs
    assert client.send(letter={"to": "ann"}) == '{"to": "ann"}'


def test_a_client_does_not_say_what_the_hash_of_another_means():
    responder = rpc.Responder(protocol(), Mail())
    older = protocol(send=SEND)
    lie = HandshakeRequest(older.md5, OTHER.json, b"y" * 16).encode() + b"\0" + encode_name("")
    responder.respond(lie)
    assert rpc.Client(older, rpc.LocalTransport(responder)).send(letter={"to": "é"}) == '{"to": "\\u00e9"}'
    responder.respond(lie)
    assert rpc.Client(older, rpc.LocalTransport(responder)).send(letter={"to": "é"}) == '{"to": "\\u00e9"}'


def test_strangers_protocols_do_not_drive_out_all_others():
    responder = rpc.Responder(protocol(), Mail())
    older = protocol(send=SEND)
    client = rpc.Client(older, rpc.LocalTransport(responder))
    for number in range(400):
        stranger = avrojet.parse_protocol({"protocol": f"P{number}", "doc": "x" * 1000})
        told = HandshakeRequest(stranger.md5, stranger.json, b"y" * 16).encode()
        responder.respond(told + b"\0" + encode_name("send"))
        if number % 100 == 0:
            assert client.send(letter={"to": "ann"})
    assert len(responder._handshake._known._known) <= 128


def metadata_bomb(entries):
    names = b"".join(b"\x06%03x\x00" % number for number in range(entries))
    return avrojet.varint.encode_long(entries) + names + b"\0"


def test_metadata_without_bounds():
    """Entries of five bytes would take a hundred each."""
    start = HandshakeRequest(protocol().md5, None, protocol().md5).encode()
    for entries, told in ((1000, b"ann"), (1001, b"items")):
        call = start + metadata_bomb(entries) + REQUEST[len(start) + 1 :]
        assert told in rpc.Responder(protocol(), Mail()).respond(call)
    rest = b"\0" + avrojet.Encoder("string").encode("x")
    known = b"\0\0\0\0"
    assert rpc.Client(protocol(), Saying(known + metadata_bomb(1000) + rest)).send(letter={"to": "a"}) == "x"
    with pytest.raises(avrojet.LimitError, match="items"):
        rpc.Client(protocol(), Saying(known + metadata_bomb(1001) + rest)).send(letter={"to": "a"})


def test_protocols_of_others_are_short():
    long = json.dumps({"protocol": "P", "doc": "x" * (1 << 20)})
    answer = rpc.Responder(protocol(), Mail()).respond(HandshakeRequest(b"x" * 16, long, b"y" * 16).encode())
    assert b"schema_bytes" in answer
    with pytest.raises(rpc.RpcError, match="schema_bytes"):
        rpc.Client(protocol(), Saying(HandshakeResponse(Match.NONE, long, b"x" * 16).encode())).ping()


def test_a_long_protocol_does_not_hold_up_the_event_loop(monkeypatch):
    stranger = avrojet.parse_protocol({"protocol": "P", "doc": "x" * 100_000})
    bomb = HandshakeRequest(stranger.md5, stranger.json, b"y" * 16).encode() + b"\0\0"
    responder = rpc.AsyncResponder(protocol(), Mail())
    receive, loops = responder.receive, []

    def watched(data, session):
        loops.append(threading.current_thread() is threading.main_thread())
        return receive(data, session)

    monkeypatch.setattr(responder, "receive", watched)
    for request in (bomb, REQUEST):
        assert HandshakeResponse.decode(asyncio.run(responder.respond(request)))[0].match is not Match.NONE
    assert loops == [False, True]


def test_protocols_that_cost_too_much():
    deep = '{"type": "array", "items": ' * 2000 + '"int"' + "}" * 2000
    record = f'{{"type": "record", "name": "R", "fields": [{{"name": "f", "type": {deep}}}]}}'
    types = f'{{"protocol": "P", "types": [{record}]}}'
    answer = rpc.Responder(protocol(), Mail()).respond(HandshakeRequest(b"x" * 16, types, b"y" * 16).encode())
    assert HandshakeResponse.decode(answer)[0].match is Match.NONE
    assert b"depth" in answer
    with pytest.raises(rpc.RpcError, match="not valid"):
        rpc.Client(protocol(), Saying(HandshakeResponse(Match.NONE, types, b"x" * 16).encode())).ping()


@pytest.mark.parametrize(
    "start", [b"POST", b"POST / HTTP/1.1\r\n", b"POST / HTTP/1.1\r\nContent-Length: 1000\r\n\r\n"]
)
def test_a_server_does_not_wait_for_requests_that_drip(start):
    with running(timeout=0.3) as server:
        place = urlsplit(server.url)
        with socket.create_connection((place.hostname, place.port)) as slow:
            slow.sendall(start)
            slow.settimeout(0.02)
            until = time.monotonic() + 30
            while time.monotonic() < until:
                try:
                    slow.sendall(b"x")
                    if not slow.recv(1000):
                        break
                except TimeoutError:
                    continue
                except ConnectionError:
                    break
            else:
                pytest.fail("the server still waits")
        with rpc.Client(protocol(), rpc.HttpTransport(server.url)) as client:
            assert client.send(letter={"to": "ann"})


def test_a_client_that_vanishes_leaves_no_trace(caplog):
    with running() as server, caplog.at_level(logging.ERROR):
        place = urlsplit(server.url)
        for _ in range(5):
            connection = http.client.HTTPConnection(place.hostname, place.port)
            connection.request("POST", "/", frame(REQUEST))
            connection.sock.close()
        with rpc.Client(protocol(), rpc.HttpTransport(server.url)) as client:
            assert json.loads(client.send(letter={"to": "ann"})) == {"to": "ann"}
    assert not caplog.records
