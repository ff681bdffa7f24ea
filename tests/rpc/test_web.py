"""The applications of ASGI and WSGI, alone and mounted in frameworks, and the client of httpx."""

from __future__ import annotations

import asyncio
import socket
import sys
import threading
import time
from contextlib import asynccontextmanager, contextmanager
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest

from avrojet import rpc
from avrojet.errors import AvroError
from avrojet.rpc.framing import frame, unframe
from tests.rpc.test_async import AsyncMail, asynchronous
from tests.rpc.test_calls import REQUEST as CALL
from tests.rpc.test_calls import Mail, protocol

REQUEST = frame(CALL)


def application(handlers=None, **options):
    return rpc.AsgiApplication(rpc.AsyncResponder(protocol(), handlers or AsyncMail()), **options)


class Server:
    """What an ASGI server does with one request."""

    def __init__(self, *pieces, leaves=False, method="POST", headers=()):
        self.scope = {"type": "http", "method": method, "headers": list(headers)}
        self._coming = [
            {"type": "http.request", "body": piece, "more_body": number + 1 < len(pieces)}
            for number, piece in enumerate(pieces)
        ]
        self._leaves = leaves
        self.sent = []
        self.waiting = asyncio.Event()

    async def receive(self):
        if self._coming:
            return self._coming.pop(0)
        if not self._leaves:
            self.waiting.set()
            await asyncio.Event().wait()
        return {"type": "http.disconnect"}

    async def send(self, event):
        self.sent.append(event)

    async def answer(self, application):
        await asyncio.wait_for(application(self.scope, self.receive, self.send), 30)
        if not self.sent:
            return None, b""
        start, body = self.sent
        assert dict(start["headers"])[b"content-length"] == str(len(body["body"])).encode()
        return start["status"], body["body"]


@asynchronous
async def test_requests_of_asgi():
    made = application(most=1000, timeout=0.1)
    status, whole = await Server(REQUEST).answer(made)
    assert (status, b"ann" in unframe(whole)) == (200, True)
    pieces = [REQUEST[at : at + 7] for at in range(0, len(REQUEST), 7)]
    assert await Server(*pieces, b"").answer(made) == (200, whole)
    for version, closes in (("1.1", True), ("2", False)):
        refused = Server(b"", method="GET")
        refused.scope["http_version"] = version
        assert (await refused.answer(made))[0] == 405
        assert ((b"connection", b"close") in refused.sent[0]["headers"]) is closes
    for odd in (b"", b"abc", REQUEST[:-1], REQUEST + b"x", REQUEST * 2):
        assert (await Server(odd).answer(made))[0] == 400
    for length, told in ((b"2000", 413), (b"9" * 99, 413), (b"-1", 400), (b"1e3", 400), (b"\xb2", 400)):
        refused = Server(headers=[(b"Content-Length", length)])
        assert (await refused.answer(made))[0] == told
        assert not refused.waiting.is_set()  # nothing of it was read
    assert (await Server(*[b"x" * 100] * 1000).answer(made))[0] == 413
    endless = Server(*[b"x"] * 10)
    endless._coming[-1]["more_body"] = True
    assert (await endless.answer(made))[0] == 408
    for leaves in (Server(leaves=True), Server(REQUEST[:5], leaves=True)):
        leaves.scope["headers"] = [(b"content-length", b"100")]
        leaves._coming[:1] = [{**each, "more_body": True} for each in leaves._coming[:1]]
        assert await leaves.answer(made) == (None, b"")


@asynchronous
async def test_a_client_that_leaves_has_its_call_cancelled():
    from avrojet.rpc.requestor import Exchange, Requestor

    mail, requestor = AsyncMail(), Requestor(protocol())
    slow = requestor.request(requestor.context("send", {"letter": {"to": "slow"}}), Exchange())
    leaving = Server(frame(slow), leaves=True)
    assert await leaving.answer(application(mail)) == (None, b"")
    staying = Server(frame(slow))
    task = asyncio.ensure_future(staying.answer(application(mail)))
    await mail.started.wait()
    task.cancel()  # as a server does that ends
    with pytest.raises(asyncio.CancelledError):
        await task
    assert mail.cancelled in (["slow"], ["slow", "slow"])
    assert len(asyncio.all_tasks()) == 1  # none is left behind


@asynchronous
async def test_the_life_of_a_server():
    events, sent = [], []

    @asynccontextmanager
    async def lifespan():
        events.append("opened")
        yield
        events.append("closed")
        if "bad" in events:
            raise OSError("no")

    async def receive():
        events.append("asked")
        return {"type": "lifespan.?"}

    async def send(event):
        sent.append(event["type"])

    for made in (application(lifespan=lifespan), application()):
        await made({"type": "lifespan"}, receive, send)
    assert events == ["asked", "opened", "asked", "closed", "asked", "asked"]
    assert sent == ["lifespan.startup.complete", "lifespan.shutdown.complete"] * 2
    events.append("bad")
    with pytest.raises(OSError, match="no"):
        await application(lifespan=lifespan)({"type": "lifespan"}, receive, send)
    assert sent[-1] == "lifespan.shutdown.failed"
    await application()({"type": "websocket"}, receive, send)
    assert sent[-1] == "websocket.close"


@contextmanager
def uvicorn_running(application, **options):
    uvicorn = pytest.importorskip("uvicorn")
    config = uvicorn.Config(application, log_level="error", lifespan="on", **options)
    server = uvicorn.Server(config)
    # As uvicorn makes it for one process: asyncio sends small pieces at once only where the protocol is told.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.bind(("127.0.0.1", 0))
    listening.listen()
    thread = threading.Thread(target=server.run, args=([listening],))
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/"
    finally:
        server.should_exit = True
        thread.join()
        listening.close()


def test_uvicorn_and_both_clients():
    pytest.importorskip("httpx")
    events = []

    @asynccontextmanager
    async def lifespan():
        events.append("opened")
        yield
        events.append("closed")

    class Slow(Mail):
        arrived = threading.Event()

        def send(self, letter):
            if letter["to"] == "late":
                self.arrived.set()
                time.sleep(0.2)
            return super().send(letter)

    handlers, answers = Slow(), []
    with uvicorn_running(application(handlers, lifespan=lifespan)) as url:
        late = rpc.Client(protocol(), rpc.HttpTransport(url))
        with rpc.Client(protocol(), rpc.HttpTransport(url)) as client:
            assert client.send(letter={"to": "ann"}) == '{"to": "ann"}'
            assert client.fire() is None
            assert client.send(letter={"to": "x" * 200_000})
            assert len(client._transport._idle) == 1

        async def calls():
            async with rpc.AsyncClient(protocol(), rpc.AsyncHttpTransport(url)) as client:
                letters = [{"to": str(number)} for number in range(50)]
                answers = await asyncio.gather(*(client.send(letter=letter) for letter in letters))
                assert len(set(answers)) == 50
                with pytest.raises(rpc.RemoteError, match="no box"):
                    await client.send(letter={"to": "nobody"})

        asyncio.run(calls())
        assert handlers.fired == [7]
        last = threading.Thread(target=lambda: answers.append(late.send(letter={"to": "late"})))
        last.start()
        handlers.arrived.wait(30)
    last.join()
    assert answers == ['{"to": "late"}']  # though the server was told to end before
    late.close()
    assert events == ["opened", "closed"]


@asynchronous
async def test_mounted_in_fastapi():
    fastapi, httpx = pytest.importorskip("fastapi"), pytest.importorskip("httpx")
    app = fastapi.FastAPI()
    app.mount("/mail", application())

    @app.get("/health")
    def health():
        return "well"

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app)) as http:
        transport = rpc.AsyncHttpTransport("http://here/mail/", client=http, headers={"X-Key": "k"})
        async with rpc.AsyncClient(protocol(), transport) as client:
            assert await client.send(letter={"to": "ann"}) == '{"to": "ann"}'
        assert not http.is_closed
        assert (await http.get("http://here/health")).json() == "well"
        with pytest.raises(rpc.RpcError, match="HTTP status 404"):
            await rpc.AsyncClient(protocol(), rpc.AsyncHttpTransport("http://here/x", client=http)).ping()


class Quiet(WSGIRequestHandler):
    def log_message(self, *words):
        pass


@contextmanager
def wsgi_running(application):
    with make_server("127.0.0.1", 0, application, handler_class=Quiet) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def test_mounted_in_flask():
    flask = pytest.importorskip("flask")
    from werkzeug.middleware.dispatcher import DispatcherMiddleware

    app = flask.Flask(__name__)
    mail = rpc.WsgiApplication(rpc.Responder(protocol(), Mail()), most=1000)
    app.wsgi_app = DispatcherMiddleware(app.wsgi_app, {"/mail": mail})
    check_mounted(app)


def test_mounted_in_django():
    pytest.importorskip("django")
    import django
    from django.conf import settings
    from django.core.wsgi import get_wsgi_application
    from django.urls import path

    mail = rpc.WsgiApplication(rpc.Responder(protocol(), Mail()), most=1000)
    if not settings.configured:
        settings.configure(ALLOWED_HOSTS=["*"], ROOT_URLCONF="tests_rpc_urls", SECRET_KEY="x", USE_TZ=True)
        django.setup()

    from tests.rpc.test_page import example

    view = example("csrf_exempt", ["django.http", "django.views.decorators.csrf"], mail=mail)["mail_view"]
    urls = type(sys)("tests_rpc_urls")
    urls.urlpatterns = [path("mail/", view)]
    sys.modules["tests_rpc_urls"] = urls
    check_mounted(get_wsgi_application())


def check_mounted(app, *, too_large=True):
    with wsgi_running(app) as url, rpc.Client(protocol(), rpc.HttpTransport(f"{url}/mail/")) as client:
        assert client.send(letter={"to": "ann"}) == '{"to": "ann"}'
        with pytest.raises(rpc.RemoteError, match="no box"):
            client.send(letter={"to": "nobody"})
        if too_large:
            with pytest.raises(rpc.RpcError, match="HTTP status 413"):
                client.send(letter={"to": "x" * 2000})
        with pytest.raises(rpc.RpcError, match="HTTP status 404"):
            rpc.Client(protocol(), rpc.HttpTransport(f"{url}/other")).ping()


def test_without_httpx(monkeypatch):
    monkeypatch.setitem(sys.modules, "httpx", None)
    with pytest.raises(AvroError, match=r"avrojet\[rpc\]"):
        rpc.AsyncHttpTransport("http://here/")
