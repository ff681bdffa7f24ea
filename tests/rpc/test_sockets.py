"""Calls over sockets, in every framing: connections, credentials, time, ends, and what is no message."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avrojet import rpc
from avrojet.errors import LimitError
from avrojet.rpc import socket_server
from avrojet.rpc.framing import frame
from avrojet.rpc.handshake import HandshakeResponse, Match
from avrojet.rpc.netty import NumberedUnframer, frame_numbered
from avrojet.rpc.sasl import SaslClient, SaslServer
from tests.rpc.test_calls import NEWER, SEND, Mail, protocol

FRAMINGS = ["sasl", "socket", "netty"]
SECRET = "a secret of the user"


@contextmanager
def serving(responder=None, address=("127.0.0.1", 0), framing="sasl", **options):
    server = rpc.SocketServer(responder or rpc.Responder(protocol(), Mail()), address, framing, **options)
    thread = threading.Thread(target=server.serve)
    thread.start()
    try:
        yield server
    finally:
        server.close()
        thread.join()


def client_of(server, framing="sasl", ours=None, **options):
    transport = rpc.SocketTransport(server.address, framing, **{"timeout": 20, **options})
    return rpc.Client(ours or protocol(), transport)


def in_threads(work, count):
    threads = [threading.Thread(target=work, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.parametrize("framing", FRAMINGS)
def test_calls_over_a_connection_have_one_handshake(framing, monkeypatch):
    handshakes = []
    decode = HandshakeResponse.decode
    monkeypatch.setattr(
        HandshakeResponse, "decode", lambda data: handshakes.append(decode(data)) or handshakes[-1]
    )
    mail = Mail()
    with (
        serving(rpc.Responder(protocol(NEWER), mail), framing=framing) as server,
        client_of(server, framing) as client,
    ):
        for _ in range(3):
            assert client.send(letter={"to": "ann"}) == '{"to": "ann", "stamp": null}'
        assert client.fire(at=1) is None
        with pytest.raises(rpc.RemoteError, match="no box"):
            client.send(letter={"to": "nobody"})
        assert client.ping() == protocol(NEWER)
        assert client.send(letter={"to": "x" * 300_000})
        assert [answer.match for answer, _ in handshakes] == [Match.NONE, Match.BOTH][: len(handshakes)]
        assert mail.fired == [1]
    assert "user" not in repr(client._transport)


@pytest.mark.parametrize("framing", FRAMINGS)
def test_threads_share_a_client(framing):
    seen = []
    with serving(framing=framing) as server, client_of(server, framing) as client:

        def work(number):
            for again in range(30):
                name = f"{number}.{again}"
                seen.append((name, client.send(letter={"to": name})))
                client.fire()

        in_threads(work, 8)
    assert len(seen) == 240
    assert all(answer == f'{{"to": "{name}"}}' for name, answer in seen)


def test_answers_in_another_order():
    order, gate = [], threading.Event()

    def send(letter):
        if letter["to"] == "slow":
            gate.wait(20)
        return letter["to"]

    responder = rpc.Responder(protocol(send=SEND), {"send": send})
    with serving(responder, framing="netty") as server, client_of(server, "netty") as client:
        client.ping()

        def work(number):
            order.append(client.send(letter={"to": "quick" if number else "slow"}))
            gate.set()

        in_threads(work, 2)
        assert len(server._open) == 1
    assert order == ["quick", "slow"]


@pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="this system has no Unix sockets")
def test_a_unix_socket(tmp_path):
    path = tmp_path / "mail.socket"
    with serving(address=path) as server, client_of(server) as client:
        assert server.url == str(path)
        assert client.send(letter={"to": "ann"})
    assert not path.exists()
    with pytest.raises(rpc.ConnectionClosedError, match="cannot be reached"):
        rpc.Client(protocol(), rpc.SocketTransport(Path(path))).ping()


def test_addresses():
    for address in ("host:1", "http://host:1", "avro://host", "avro://u:p@host:1", "avro://host:port"):
        with pytest.raises(ValueError, match=r"avro://|Port"):
            rpc.SocketTransport(address)
    with pytest.raises(ValueError, match="framings are sasl, socket, netty"):
        rpc.SocketTransport("avro://host:1", "http")
    with pytest.raises(ValueError, match="credentials go with the framing sasl"):
        rpc.SocketTransport("avro://host:1", "netty", credentials=lambda: ("u", "p"))
    assert repr(rpc.SocketTransport("avro://host:1")) == "<avrojet.rpc.SocketTransport sasl host:1>"
    assert repr(rpc.SocketTransport(("::1", 2), "netty")) == "<avrojet.rpc.SocketTransport netty [::1]:2>"


@pytest.mark.parametrize("framing", FRAMINGS)
def test_tls(framing, certificates):
    theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    theirs.load_cert_chain(certificates / "server.pem", certificates / "server.key")
    ours = ssl.create_default_context(cafile=certificates / "ca.pem")
    with serving(framing=framing, tls=theirs) as server:
        with client_of(server, framing, tls=ours) as client:

            def work(number):
                for _ in range(5):
                    assert client.send(letter={"to": "ann" * 10_000})

            in_threads(work, 4)
        with client_of(server, framing, timeout=2) as client, pytest.raises(rpc.ConnectionClosedError):
            client.ping()  # in the clear
        with (
            client_of(server, framing, tls=ssl.create_default_context()) as client,
            pytest.raises(rpc.ConnectionClosedError, match="certificate"),
        ):
            client.ping()


def who(letter):
    return str(rpc.current_call().user)


def test_credentials():
    users = {"ann": SECRET}
    responder = rpc.Responder(protocol(send=SEND), {"send": who})
    ours, letter = protocol(send=SEND), {"to": "x"}
    with serving(responder, authenticate=lambda user, password: users.get(user) == password) as server:
        with client_of(server, ours=ours, credentials=lambda: ("ann", SECRET)) as client:
            assert client.send(letter=letter) == "ann"
            assert client.send(letter=letter) == "ann"
        for credentials in (lambda: ("ann", "wrong"), lambda: ("bob", SECRET)):
            with client_of(server, ours=ours, credentials=credentials) as client:
                with pytest.raises(rpc.AuthenticationError, match="is wrong") as caught:
                    client.send(letter=letter)
                assert SECRET not in str(caught.value)
        with client_of(server, ours=ours) as client, pytest.raises(rpc.AuthenticationError, match="PLAIN"):
            client.send(letter=letter)
        with (
            client_of(server, ours=ours, credentials=lambda: ("a\0", "")) as client,
            pytest.raises(rpc.AuthenticationError, match="NUL"),
        ):
            client.send(letter=letter)
    with serving(responder) as server:
        with client_of(server, ours=ours) as client:
            assert client.send(letter=letter) == "None"
        with (
            client_of(server, ours=ours, credentials=lambda: ("ann", SECRET)) as client,
            pytest.raises(rpc.AuthenticationError, match="ANONYMOUS"),
        ):
            client.send(letter=letter)

    def broken(user, password):
        raise RuntimeError(SECRET)

    with (
        serving(responder, authenticate=broken) as server,
        client_of(server, ours=ours, credentials=lambda: ("ann", SECRET)) as client,
        pytest.raises(rpc.AuthenticationError, match="failed to check the credentials"),
    ):
        client.send(letter=letter)


@given(st.integers(1, 9), st.binary(max_size=9), st.booleans())
def test_sasl_in_any_pieces(step, rest, anonymous):
    server = SaslServer(None if anonymous else lambda user, password: (user, password) == ("u", "p"))
    client = SaslClient(None if anonymous else lambda: ("u", "p"))
    data, left = client.begin() + rest, b""
    for start in range(0, len(data), step):
        piece = data[start : start + step]
        left += piece if server.is_complete else server.receive(piece)
    assert (server.is_complete, server.user, left) == (True, None if anonymous else "u", rest)
    assert client.receive(server.to_send() + rest) == rest
    assert client.is_complete


def test_sasl_after_a_challenge():
    server = SaslServer(lambda user, password: password == "p")
    assert server.receive(b"\0\0\0\0\5PLAIN\0\0\0\0") == b""
    assert server.to_send() == b"\1\0\0\0\0"
    assert server.receive(b"\3\0\0\0\4\0u\0p!") == b"!"
    assert (server.user, server.to_send()) == ("u", b"\3\0\0\0\0")


@given(st.lists(st.tuples(st.integers(0, 2**31 - 1), st.binary(max_size=20)), max_size=5), st.integers(1, 7))
def test_numbered_messages_come_in_any_pieces(messages, step):
    data = b"".join(frame_numbered(message, serial) for serial, message in messages)
    unframer, seen = NumberedUnframer(), []
    for start in range(0, len(data), step):
        seen += unframer.feed(data[start : start + step])
    assert seen == messages
    assert unframer.is_between


def test_numbered_messages_of_many_buffers():
    data = b"\0\0\0\7\0\0\0\3\0\0\0\1a\0\0\0\0\0\0\0\2bc" + b"\0\0\0\x08\0\0\0\0"
    assert NumberedUnframer().feed(data) == [(7, b"abc"), (8, b"")]
    for data in (b"\0\0\0\1\0\0\0\1\x7f\xff\xff\xff", b"\0\0\0\1\xff\xff\xff\xff" + bytes(4000)):
        with pytest.raises(LimitError, match="block_bytes"):
            NumberedUnframer(1000).feed(data)


def open_to(server):
    connection = socket.create_connection(server.address, 20)
    connection.settimeout(20)
    return connection


def rest_of(connection):
    pieces = []
    while piece := connection.recv(65536):
        pieces.append(piece)
    return b"".join(pieces)


BAD = {
    "sasl": [(b"\x07" + bytes(8), b"does not begin"), (b"\0\0\0\0\4GSSA\0\0\0\0", b"mechanism")],
    "socket": [(b"\x7f\xff\xff\xff", b"block_bytes")],
    "netty": [
        (b"\0\0\0\5\0\0\0\1\x7f\xff\xff\xff", b"block_bytes"),
        (b"\0\0\0\5\x7f\xff\xff\xff" + bytes(2000), b"block_bytes"),
    ],
}


@pytest.mark.parametrize("framing", FRAMINGS)
def test_what_is_no_message_is_answered_and_the_server_goes_on(framing):
    begin = SaslClient(None).begin() if framing == "sasl" else b""
    pack = (lambda data: frame_numbered(data, 5)) if framing == "netty" else frame
    with serving(framing=framing, most=1000) as server, client_of(server, framing) as client:
        for data, told in BAD[framing]:
            with open_to(server) as connection:
                connection.sendall(data)
                assert told in rest_of(connection)
        with open_to(server) as connection:
            connection.sendall(begin + pack(b"garbage") + pack(b"") + pack(b"\0"))
            connection.shutdown(socket.SHUT_WR)
            # These are refusals with the protocol. Without serials, no bytes are no message.
            assert rest_of(connection).count(b"org.post") == (3 if framing == "netty" else 2)
        for data in (begin, pack(b"abc")[:-2], b""):
            with open_to(server) as connection:
                connection.sendall(data)  # and gone
        with client_of(server, framing) as other, pytest.raises(rpc.RemoteError, match="block_bytes"):
            other.send(letter={"to": "x" * 1000})
        assert client.send(letter={"to": "ann"})


@contextmanager
def answering(*answers):
    """A server that sends what it is told, whatever it is asked, and ends the connection after it."""
    listening = socket.create_server(("127.0.0.1", 0))
    taken = []

    def work():
        for answer in answers:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            taken.append(connection)
            connection.recv(65536)
            if answer is None:
                continue
            connection.sendall(answer)
            connection.shutdown(socket.SHUT_WR)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield listening.getsockname()
    finally:
        with suppress(OSError):
            listening.shutdown(socket.SHUT_RDWR)  # which wakes who accepts
        thread.join(20)
        for connection in taken:
            connection.close()
        listening.close()


WRONG = {
    "sasl": [
        (b"", "closed the connection"),
        (b"HTTP/1.1 400 Bad", "speaks HTTP"),
        (b"\2\0\0\0\3who", "refuses this client: who"),
        (b"\3\0\0\0\0\0\0", "closed the connection"),
        (b"\3\xff\0\0\0", "more than"),
    ],
    "socket": [
        (frame(b"garbage"), "does not begin with a handshake"),
        (frame(b"a") * 2, "more than one answer"),
        (frame(b"") * 2, "closed the connection"),
        (b"\xff\xff\xff\xff", "block_bytes"),
        (b"\0\0", "closed the connection"),
    ],
    "netty": [
        (frame_numbered(b"garbage", 0), "does not begin with a handshake"),
        (frame_numbered(b"another's", 77), "closed the connection"),
        (b"\0\0\0\0\0\0\0\1\xff\xff\xff\xff", "block_bytes"),
    ],
}


@pytest.mark.parametrize("framing", FRAMINGS)
def test_answers_that_are_none_are_told(framing):
    data, told = zip(*WRONG[framing], strict=True)
    with answering(*data) as address:
        for text in told:
            with (
                rpc.Client(protocol(), rpc.SocketTransport(address, framing, timeout=20)) as client,
                pytest.raises((rpc.RpcError, LimitError), match=text),
            ):
                client.send(letter={"to": "ann"})


@pytest.mark.parametrize("framing", FRAMINGS)
def test_a_reply_that_never_comes(framing):
    with (
        answering(None) as address,
        rpc.Client(protocol(), rpc.SocketTransport(address, framing, timeout=20)) as client,
        pytest.raises(rpc.TimedOutError),
    ):
        client.call("send", letter={"to": "ann"}, timeout=0.1)


@pytest.mark.parametrize("framing", FRAMINGS)
def test_a_late_reply_is_nobodys(framing):
    gate = threading.Event()

    def send(letter):
        if letter["to"] == "late":
            gate.wait(20)
        return letter["to"]

    responder = rpc.Responder(protocol(send=SEND), {"send": send})
    with serving(responder, framing=framing) as server, client_of(server, framing) as client:
        client.ping()
        with pytest.raises(rpc.TimedOutError):
            client.call("send", letter={"to": "late"}, timeout=0.1)
        gate.set()
        for number in range(20):
            assert client.send(letter={"to": str(number)}) == str(number)


@pytest.mark.parametrize("framing", FRAMINGS)
def test_a_one_way_message_that_the_server_lacks_shifts_no_answer(framing):
    with (
        serving(rpc.Responder(protocol(send=SEND), Mail()), framing=framing) as server,
        client_of(server, framing, protocol()) as client,
    ):
        assert client.send(letter={"to": "ann"})
        client.fire()
        assert client.send(letter={"to": "bob"}) == '{"to": "bob"}'


@pytest.mark.parametrize("framing", FRAMINGS)
def test_calls_that_are_being_answered_when_the_server_closes(framing):
    begun, answers = threading.Event(), []

    def send(letter):
        begun.set()
        time.sleep(0.2)
        return "whole"

    responder = rpc.Responder(protocol(send=SEND), {"send": send})
    with serving(responder, framing=framing) as server, client_of(server, framing) as client:
        thread = threading.Thread(target=lambda: answers.append(client.send(letter={"to": "ann"})))
        thread.start()
        assert begun.wait(20)
        server.close()
        thread.join()
        with pytest.raises(rpc.ConnectionClosedError):
            client.send(letter={"to": "ann"})
    assert answers == ["whole"]


@pytest.mark.parametrize("framing", FRAMINGS)
def test_a_server_that_comes_back(framing):
    with serving(framing=framing) as server, client_of(server, framing) as client:
        client.ping()
        server.close()
        with serving(rpc.Responder(protocol(NEWER), Mail()), server.address, framing):
            for attempt in count():
                try:
                    assert "stamp" in client.send(letter={"to": "ann"})
                    break
                except rpc.ConnectionClosedError:
                    assert attempt == 0  # where the end has not been seen before


def test_bounds_of_connections(caplog):
    with serving(connections=1, timeout=20) as server, client_of(server) as client:
        client.ping()
        with client_of(server) as other, pytest.raises(rpc.ConnectionClosedError):
            other.ping()
        assert client.send(letter={"to": "ann"})
    with serving(timeout=0.2) as server, open_to(server) as connection:
        connection.sendall(b"\0")
        assert rest_of(connection) == b""  # it does not begin in time


def test_a_connection_without_a_thread_is_closed_and_not_kept(monkeypatch):
    class NoThread(threading.Thread):
        def start(self):
            raise RuntimeError("can't start new thread")

    with serving() as server:
        with monkeypatch.context() as patched, client_of(server, timeout=10) as client:
            patched.setattr(socket_server, "Thread", NoThread)
            with pytest.raises(rpc.ConnectionClosedError):
                client.ping()
        assert not server._open
        with client_of(server) as client:
            client.ping()


def test_an_answer_that_is_read_by_a_call_that_only_looks(monkeypatch):
    answers = []
    with serving(framing="netty") as server, client_of(server, "netty") as client:
        client.ping()
        wire = client._transport._shared._wire
        other = threading.Thread(target=lambda: answers.append(client.send(letter={"to": "other"})))
        look = wire.receive_at_once

        def look_late():
            monkeypatch.undo()
            other.start()
            assert wire._wait_readable(20)  # the answer to the other call
            return look()

        monkeypatch.setattr(wire, "receive_at_once", look_late)
        assert client.send(letter={"to": "ann"}) == '{"to": "ann"}'
        other.join(20)
    assert answers == ['{"to": "other"}']


@pytest.mark.parametrize("framing", FRAMINGS)
def test_a_connection_of_the_process_that_was_forked_is_left_to_it(framing, monkeypatch):
    with serving(framing=framing) as server, client_of(server, framing) as client:
        client.ping()
        transport = client._transport
        parents = transport._shared or transport._idle[0]
        ends = []
        monkeypatch.setattr(parents._wire, "end", lambda **ways: ends.append(ways))
        parents._process = -1
        assert client.send(letter={"to": "ann"}) == '{"to": "ann"}'
        assert (transport._shared or transport._idle[0]) is not parents
    assert not ends


def test_an_interrupted_call_closes_its_connection(monkeypatch):
    with serving(framing="netty") as server, client_of(server, "netty") as client:
        client.ping()
        shared = client._transport._shared
        with monkeypatch.context() as patch:
            patch.setattr(shared, "_parse", lambda data: (_ for _ in ()).throw(KeyboardInterrupt))
            with pytest.raises(KeyboardInterrupt):
                client.send(letter={"to": "ann"})
        assert shared.is_closed
        assert client.send(letter={"to": "ann"})
