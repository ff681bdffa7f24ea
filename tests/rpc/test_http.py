"""Calls over HTTP: avrojet's client and servers, Apache's client, and what neither expects."""

from __future__ import annotations

import http.client
import io
import signal
import socket
import ssl
import subprocess
import sys
import threading
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest

import avrojet
from avrojet import rpc
from avrojet.cli import main
from avrojet.rpc.framing import frame
from tests.rpc.test_calls import Mail, protocol

pytestmark = pytest.mark.usefixtures("parser")


@contextmanager
def running(responder=None, **options):
    server = rpc.HttpServer(responder or rpc.Responder(protocol(), Mail()), **options)
    thread = threading.Thread(target=server.serve)
    thread.start()
    try:
        yield server
    finally:
        server.close()
        thread.join()


@pytest.fixture
def server():
    with running() as server:
        yield server


def test_a_call_over_http(server):
    with rpc.Client(protocol(), rpc.HttpTransport(server.url)) as client:
        for _ in range(3):
            assert client.send(letter={"to": "ann"}) == '{"to": "ann"}'
        assert client.fire() is None
        with pytest.raises(rpc.RemoteError, match="no box"):
            client.send(letter={"to": "nobody"})
        assert len(client._transport._idle) == 1
        assert client.send(letter={"to": "x" * 200_000})


def test_one_write_for_each_request():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        transport = rpc.HttpTransport(
            f"http://127.0.0.1:{silent.getsockname()[1]}/mail?x=1", headers={"X-Key": "k"}, timeout=0.2
        )
        writes = []

        class Watched:
            def send(self, data):
                writes.append(data)
                return len(data)

            def __getattr__(self, name):
                return getattr(self.socket, name)

        connect = transport._connect

        def watched(deadline):
            connection, watch = connect(deadline), Watched()
            watch.socket, connection.wire._wire._socket = connection.made.sock, watch
            assert watch.socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
            return connection

        transport._connect = watched
        with pytest.raises(rpc.TimedOutError):
            rpc.Client(protocol(), transport).ping()
    head, _, body = writes[0].partition(b"\r\n\r\n")
    assert len(writes) == 1
    assert head.startswith(b"POST /mail?x=1 HTTP/1.1\r\nHost: 127.0.0.1:")
    assert b"X-Key: k\r\n" in head
    assert head.endswith(b"Content-Length: %d" % len(body))


def test_threads_have_connections_of_their_own(server):
    seen = []
    with rpc.Client(protocol(), rpc.HttpTransport(server.url)) as client:

        def call():
            seen.extend(client.send(letter={"to": str(number)}) for number in range(20))

        threads = [threading.Thread(target=call) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(seen) == 80


def test_a_server_that_went_away_and_came_back():
    with running() as server:
        port = urlsplit(server.url).port
        client = rpc.Client(protocol(), rpc.HttpTransport(server.url, timeout=5))
        client.ping()
        connection = client._transport._idle[0]
    connection.made.sock.shutdown(socket.SHUT_RDWR)  # as the system does when the server ends
    with pytest.raises(rpc.ConnectionClosedError):
        client.ping()
    with running(port=port):
        assert client.send(letter={"to": "ann"})
    client.close()


def test_a_call_that_is_there_when_the_server_ends_is_answered():
    arrived, go_on, answers = threading.Event(), threading.Event(), []

    class Slow(Mail):
        def send(self, letter):
            arrived.set()
            go_on.wait(30)
            return super().send(letter)

    with running(rpc.Responder(protocol(), Slow)) as server:
        client = rpc.Client(protocol(), rpc.HttpTransport(server.url))
        calling = threading.Thread(target=lambda: answers.append(client.send(letter={"to": "ann"})))
        calling.start()
        arrived.wait(30)
        threading.Timer(0.1, go_on.set).start()
    assert go_on.is_set()  # so long has the end of the server waited
    calling.join()
    assert answers == ['{"to": "ann"}']
    client.close()


def test_a_connection_that_is_kept_ends_with_the_server():
    with running() as server:
        client = rpc.Client(protocol(), rpc.HttpTransport(server.url, timeout=20))
        client.ping()
    with pytest.raises(rpc.ConnectionClosedError):
        client.ping()
    client.close()


class Ending(Mail):
    """Calls that close their server."""

    server = None

    def send(self, letter):
        self.server.close(wait=0)
        return super().send(letter)


@pytest.mark.parametrize(
    "kind", [rpc.HttpServer, lambda responder: rpc.SocketServer(responder, ("127.0.0.1", 0))]
)
@pytest.mark.parametrize("times", [1, 2])
def test_a_server_that_never_serves_is_closed(kind, times):
    with kind(rpc.Responder(protocol(), Mail())) as server:
        for _ in range(times):
            server.close()
        server.serve()
    server.serve()


def test_a_call_closes_its_server():
    mail = Ending()
    with running(rpc.Responder(protocol(), mail)) as mail.server:
        with rpc.Client(protocol(), rpc.HttpTransport(mail.server.url, timeout=20)) as client:
            assert client.send(letter={"to": "ann"}) == '{"to": "ann"}'
            with pytest.raises(rpc.ConnectionClosedError):
                client.ping()
        mail.server.serve()


@pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="this system has no such signals")
def test_a_server_is_closed_by_the_handler_of_a_signal():
    server = rpc.HttpServer(rpc.Responder(protocol(), Mail()))
    before = signal.signal(signal.SIGUSR1, lambda *signal: server.close())
    try:
        with rpc.Client(protocol(), rpc.HttpTransport(server.url, timeout=20)) as client:
            main = threading.get_ident()

            def call():
                client.ping()
                signal.pthread_kill(main, signal.SIGUSR1)

            calling = threading.Thread(target=call)
            calling.start()
            server.serve()
            calling.join()
    finally:
        signal.signal(signal.SIGUSR1, before)


def test_a_server_serves_again_after_the_last_call():
    with rpc.HttpServer(rpc.Responder(protocol(), Mail())) as server:
        for _ in range(2):
            # On a connection of its own: a kept one is answered before the server serves again.
            with rpc.Client(protocol(), rpc.HttpTransport(server.url, timeout=20)) as client:
                calling = threading.Thread(target=client.ping)
                calling.start()
                server.serve(until=lambda: True)
                calling.join()


def test_a_server_that_does_not_answer():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        transport = rpc.HttpTransport(f"http://127.0.0.1:{silent.getsockname()[1]}/", timeout=0.2)
        with pytest.raises(rpc.ConnectionClosedError, match="did not answer"):
            rpc.Client(protocol(), transport).ping()
    for url in ("ftp://host/", "http:///x", "host"):
        with pytest.raises(ValueError, match="must begin with http"):
            rpc.HttpTransport(url)


def post(server, body, method="POST", **headers):
    parts = urlsplit(server.url)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=5)
    try:
        connection.request(method, "/", body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def test_requests_that_are_no_calls():
    with running(most=1000) as server:
        assert post(server, None, "GET")[0] == 405
        assert post(server, b"abc")[0] == 400
        assert post(server, b"")[0] == 400
        assert post(server, frame(b"x" * 2000))[0] == 413
        assert post(server, b"\x7f\xff\xff\xff")[0] == 413
        status, answer = post(server, frame(b"garbage"))
        assert status == 200
        assert b"org.post" in answer
        with socket.create_connection(urlsplit(server.url).netloc.split(":")) as client:
            client.sendall(b"POST / HTTP/1.1\r\nContent-Length: 100\r\n\r\nabc")  # and goes away
        with rpc.Client(protocol(), rpc.HttpTransport(server.url)) as client:
            assert client.send(letter={"to": "ann"})  # the server goes on


def test_answers_that_are_too_large(server):
    with rpc.Client(protocol(), rpc.HttpTransport(server.url, most=10)) as client:
        with pytest.raises(rpc.RpcError, match="more than 18 bytes"):
            client.send(letter={"to": "x" * 100})
        assert not client._transport._idle


def test_an_application_of_wsgi():
    application, started = rpc.WsgiApplication(rpc.Responder(protocol(), Mail())), []

    class Transport:
        def exchange(self, request, /):
            body = frame(request)
            environ = {
                "REQUEST_METHOD": "POST",
                "wsgi.input": io.BytesIO(body),
                "CONTENT_LENGTH": str(len(body)),
            }
            answer = b"".join(application(environ, lambda *given: started.append(given)))
            assert dict(started[-1][1]) == {"Content-Type": "avro/binary", "Content-Length": str(len(answer))}
            return avrojet.rpc.framing.unframe(answer)

    assert rpc.Client(protocol(), Transport()).send(letter={"to": "ann"})
    assert {status for status, _ in started} == {"200 OK"}
    streamed = {
        "REQUEST_METHOD": "POST",
        "wsgi.input": io.BytesIO(frame(b"x")),
        "wsgi.input_terminated": True,
    }
    assert b"org.post" in b"".join(application(streamed, lambda *given: None))


def test_tls(certificates):
    ours = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ours.load_cert_chain(certificates / "server.pem", certificates / "server.key")
    theirs = ssl.create_default_context(cafile=certificates / "ca.pem")
    with running(tls=ours) as server:
        with rpc.Client(protocol(), rpc.HttpTransport(server.url, tls=theirs)) as client:
            for _ in range(2):
                assert client.send(letter={"to": "ann"})
        with pytest.raises(rpc.ConnectionClosedError, match="certificate"):
            rpc.Client(protocol(), rpc.HttpTransport(server.url)).ping()


def test_apaches_client_calls(server):
    ipc = pytest.importorskip("avro.ipc")
    apache = pytest.importorskip("avro.protocol")
    parts = urlsplit(server.url)
    transceiver = ipc.HTTPTransceiver(parts.hostname, parts.port)
    requestor = ipc.Requestor(apache.parse(protocol().json), transceiver)
    assert requestor.request("send", {"letter": {"to": "ann"}}) == '{"to": "ann"}'
    transceiver.close()


def test_the_facade_calls(server):
    from avrojet.compat.avro import errors, ipc
    from avrojet.compat.avro import protocol as facade

    parts = urlsplit(server.url)
    transceiver = ipc.HTTPTransceiver(parts.hostname, parts.port)
    requestor = ipc.Requestor(facade.parse(protocol().json), transceiver)
    for _ in range(2):
        assert requestor.request("send", {"letter": {"to": "ann"}}) == '{"to": "ann"}'
    with pytest.raises(errors.AvroRemoteException) as caught:
        requestor.request("send", {"letter": {"to": "nobody"}})
    assert caught.value.datum == {"why": "no box"}
    first = transceiver.conn.sock
    first.shutdown(socket.SHUT_RDWR)  # as if the server had closed it
    assert requestor.request("send", {"letter": {"to": "ann"}})
    assert transceiver.conn.sock is not first
    transceiver.req_resource = "/\r\nX: y"
    with pytest.raises(ValueError, match="percent-encoded"):
        requestor.request("send", {"letter": {"to": "ann"}})
    transceiver.close()
    with pytest.raises(errors.ConnectionClosedException, match="nothing was asked"):
        ipc.HTTPTransceiver("127.0.0.1", 1).read_framed_message()


@pytest.fixture
def avpr(tmp_path):
    path = tmp_path / "mail.avpr"
    path.write_text(protocol().json)
    return str(path)


def test_the_commands(server, avpr, capsys):
    assert main(["rpc", "send", server.url, avpr, "send", "--data", '{"letter": {"to": "ann"}}']) == 0
    assert capsys.readouterr().out == '"{\\"to\\": \\"ann\\"}"\n'
    assert main(["rpc", "send", server.url, avpr, "fire"]) == 0
    assert capsys.readouterr().out == "null\n"
    assert main(["rpc", "protocol", server.url]) == 0
    assert avrojet.parse_protocol(capsys.readouterr().out) == protocol()
    for words, told in (
        (["send", "--data", '{"letter": {"to": "nobody"}}'], "no box"),
        (["sent"], "no message 'sent'"),
        (["send"], "letter"),
    ):
        assert main(["rpc", "send", server.url, avpr, *words]) == 1
        assert told in capsys.readouterr().err


@pytest.mark.parametrize("url", ["localhost:8080", "http://", "http://localhost:port/", "avro://localhost"])
def test_a_wrong_url_is_wrong_usage(avpr, capsys, url):
    for words in (["send", url, avpr, "send"], ["receive", url, avpr, "send"], ["protocol", url]):
        with pytest.raises(SystemExit) as caught:
            main(["rpc", *words])
        assert caught.value.code == 2
        assert "argument URL: " in capsys.readouterr().err


def spawn(*words):
    command = [sys.executable, "-m", "avrojet", "rpc", *words]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.parametrize("url", ["http://127.0.0.1:0/", "avro://127.0.0.1:0"])
def test_a_message_is_received(avpr, url, capsys):
    with spawn("receive", url, avpr, "send", "--data", '"sent"') as process:
        url = process.stderr.readline().strip()
        assert main(["rpc", "send", url, avpr, "send", "--data", '{"letter": {"to": "ann"}}']) == 0
        assert capsys.readouterr().out == '"sent"\n'
        out, err = process.communicate(timeout=30)
    assert (out, err, process.returncode) == ('{"letter":{"to":"ann"}}\n', "", 0)


def test_a_class_is_served(avpr):
    with spawn("serve", avpr, "tests.rpc.test_calls:Mail", "--port", "0") as process:
        url = process.stdout.readline().strip()
        with rpc.Client(protocol(), rpc.HttpTransport(url)) as client:
            assert client.send(letter={"to": "ann"}) == '{"to": "ann"}'
        process.terminate()
        process.communicate(timeout=30)
    with spawn("serve", avpr, "tests.rpc.nothing:Mail") as process:
        assert "no handlers tests.rpc.nothing:Mail" in process.communicate(timeout=30)[1]
