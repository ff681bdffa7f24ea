"""A registry over HTTP for tests: Confluent's interface, in memory, on the standard library.

    registry_url = avrojet.registry.testing.fixture()       # a fixture of pytest

    with RegistryServer() as url:
        registry = ConfluentRegistry(url)

It can be made to fail as real registries do: see :meth:`RegistryServer.fail`.
"""

from __future__ import annotations

import json
import socket
import time
from base64 import b64decode
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any, Final, Literal, Self
from urllib.parse import parse_qsl, urlsplit

from avrojet.registry.memory import MemoryRegistry
from avrojet.registry.routes import answer_to

if TYPE_CHECKING:
    from ssl import SSLContext

Failure = Literal["drop", "html", "garbage"]

_HTML: Final = b"<!DOCTYPE html><html><body><h1>Sign in</h1></body></html>"
_JSON: Final = "application/vnd.schemaregistry.v1+json"


@dataclass(slots=True)
class _Fault:
    """A failure of the next answers.

    :ivar left: how many; None: all.
    """

    status: int | None
    kind: Failure | None
    seconds: float
    headers: Mapping[str, str]
    left: int | None


class RegistryServer:
    """A registry with Confluent's interface at a port of this machine. ``with`` starts it, and returns its
    URL.

    :param registry: the registry that it serves; None: a new one.
    :param port: the port; 0: any free one.
    :param auth: the credentials that requests must have: user and password, or a bearer token; None: none.
    :param tls: the SSL context, which makes it HTTPS.

    :ivar registry: the registry that it serves.
    :ivar requests: the requests that it received, such as ``"GET /subjects"``.

    >>> with RegistryServer() as url:
    ...     url.startswith("http://127.0.0.1:")
    True
    """

    def __init__(
        self,
        registry: MemoryRegistry | None = None,
        *,
        port: int = 0,
        auth: tuple[str, str] | str | None = None,
        tls: SSLContext | None = None,
    ) -> None:
        self.registry = MemoryRegistry() if registry is None else registry
        self.requests: list[str] = []
        self._port = port
        self._auth = auth
        self._tls = tls
        self._faults: list[_Fault] = []
        self._lock = Lock()
        self._server: _Server | None = None

    @property
    def url(self) -> str:
        """Its URL, after it was started."""
        return f"{'http' if self._tls is None else 'https'}://127.0.0.1:{self._port}"

    def start(self) -> str:
        """Start it, at the same port as before; return its URL."""
        if self._server is None:
            self._server = _Server(self, self._port, self._tls)
            self._port = self._server.server_address[1]
        return self.url

    def stop(self) -> None:
        """Stop it, and break its connections; its schemas are kept."""
        server, self._server = self._server, None
        if server is not None:
            server.end()

    def __enter__(self) -> str:
        return self.start()

    def __exit__(self, *error: object) -> None:
        self.stop()

    def fail(
        self,
        status: int | None = None,
        kind: Failure | None = None,
        *,
        seconds: float = 0.0,
        headers: Mapping[str, str] | None = None,
        times: int | None = None,
    ) -> Self:
        """Make the next answers fail, until :meth:`heal`. Several failures take effect one after another.

        :param status: the status of the answers, such as 503, or 429; None: that of the correct answer.
        :param kind: ``"drop"``: the connection ends without an answer; ``"html"``: a page in place of JSON;
            ``"garbage"``: half of the correct answer.
        :param seconds: delay the answer by this time.
        :param headers: additional headers, such as ``{"Retry-After": "1"}``.
        :param times: how many requests; None: all from now on.
        """
        with self._lock:
            self._faults.append(_Fault(status, kind, seconds, dict(headers or {}), times))
        return self

    def heal(self) -> None:
        """Answer correctly again."""
        with self._lock:
            self._faults.clear()

    def _fault(self) -> _Fault | None:
        with self._lock:
            while self._faults:
                fault = self._faults[0]
                if fault.left is None:
                    return fault
                if fault.left > 0:
                    fault.left -= 1
                    return fault
                self._faults.pop(0)
        return None

    def _is_welcome(self, authorization: str) -> bool:
        scheme, _, value = authorization.partition(" ")
        if self._auth is None:
            return True
        if isinstance(self._auth, str):
            return scheme.lower() == "bearer" and value == self._auth
        with suppress(ValueError):
            return scheme.lower() == "basic" and b64decode(value).decode() == ":".join(self._auth)
        return False


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128
    allow_reuse_address = True

    def __init__(self, owner: RegistryServer, port: int, tls: SSLContext | None) -> None:
        self.owner = owner
        self.connections: set[socket.socket] = set()
        super().__init__(("127.0.0.1", port), _Handler)
        if tls is not None:  # each connection agrees on its keys in its own thread
            self.socket = tls.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
        self._thread = Thread(target=self.serve_forever, args=(0.01,), name="avrojet registry", daemon=True)
        self._thread.start()

    def end(self) -> None:
        self.shutdown()
        self._thread.join()
        self.server_close()
        for connection in list(self.connections):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: object, client_address: object) -> None:
        """Do not report clients that disconnect."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # connections stay open
    wbufsize = -1  # so that an answer is one packet
    disable_nagle_algorithm = True
    server: _Server

    def setup(self) -> None:
        self.server.connections.add(self.request)
        super().setup()

    def finish(self) -> None:
        self.server.connections.discard(self.request)
        with suppress(OSError):
            super().finish()

    def log_message(self, format: str, *arguments: object) -> None:
        """Do not log requests in tests."""

    def _do(self) -> None:
        owner = self.server.owner
        length = int(self.headers.get("content-length") or 0)
        body = self.rfile.read(length)
        owner.requests.append(f"{self.command} {self.path}")
        fault = owner._fault()
        if fault is not None and fault.seconds:
            time.sleep(fault.seconds)
        if fault is not None and fault.kind == "drop":
            self.close_connection = True
            return
        status, data = self._true_answer(body)
        text, content_type, headers = json.dumps(data).encode(), _JSON, {}
        if fault is not None:
            status, headers = fault.status or status, dict(fault.headers)
            if fault.status is not None:
                text = json.dumps({"error_code": fault.status, "message": "made to fail"}).encode()
            if fault.kind == "html":
                text, content_type = _HTML, "text/html; charset=utf-8"
            elif fault.kind == "garbage":
                text = text[: len(text) // 2]
        self._send(status, text, {"Content-Type": content_type, **headers})

    do_GET = do_POST = do_PUT = do_DELETE = _do  # noqa: N815

    def _true_answer(self, body: bytes) -> tuple[int, Any]:
        owner = self.server.owner
        if not owner._is_welcome(self.headers.get("authorization") or ""):
            return 401, {"error_code": 401, "message": "Unauthorized"}
        parts = urlsplit(self.path)
        return answer_to(owner.registry, self.command, parts.path, parse_qsl(parts.query), body)

    def _send(self, status: int, text: bytes, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)


def fixture(scope: Any = "function", **options: Any) -> Callable[..., Any]:
    """Return a pytest fixture: the URL of a registry that runs as long as the fixture exists.

        registry_url = avrojet.registry.testing.fixture()

    :param scope: pytest's: ``"function"``, ``"module"``, ``"session"``, ...
    :param options: those of :class:`RegistryServer`.
    """
    import pytest

    @pytest.fixture(scope=scope)
    def registry_url() -> Iterator[str]:
        with RegistryServer(**options) as url:
            yield url

    return registry_url
