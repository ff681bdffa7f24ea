"""An HTTP server on the standard library, for experiments; in production, mount the WSGI application in
another server.
"""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import TYPE_CHECKING, Any, ClassVar, Self

from avrojet.rpc.responder import Responder
from avrojet.rpc.wsgi import WsgiApplication

if TYPE_CHECKING:
    import socket
    import ssl


class HttpServer:
    """Serves a responder over HTTP, each connection in a thread of its own.

    >>> with HttpServer(responder, port=8080) as server:
    ...     server.serve()

    :param port: the port; 0: any free one, see :attr:`url`.
    :param tls: the SSL context, which makes it HTTPS.
    :param timeout: seconds within which a request must arrive, counted from the connection or the previous
        answer, and within which the client must read the answer; otherwise the connection is closed.
    :param most: bytes that a request may have; None: ``limits.block_bytes``.
    :raises OSError: if the port is taken.
    """

    def __init__(
        self,
        responder: Responder,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        tls: ssl.SSLContext | None = None,
        timeout: float = 60.0,
        most: int | None = None,
    ) -> None:
        handler = type(
            "Handler", (_Handler,), {"application": WsgiApplication(responder, most=most), "timeout": timeout}
        )
        self._server = _Server((host, port), handler)
        self._scheme = "https" if tls else "http"
        if tls is not None:
            self._server.socket = tls.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )

    @property
    def url(self) -> str:
        """Where clients find it."""
        host, port = self._server.server_address[:2]
        return f"{self._scheme}://{host!s}:{port}/"

    def serve(self, until: Callable[[], bool] = lambda: False) -> None:
        """Answer until :meth:`close` is called, from another thread.

        :param until: called after each answer; returns whether that was the last.
        """
        self._server.until = until
        self._server.serve_forever(poll_interval=0.1)

    def close(self, wait: float = 10.0) -> None:
        """Stop, and release the port. Call it from another thread than :meth:`serve`.

        :param wait: seconds to wait for calls that are already being answered.
        """
        self._server.shutdown()
        self._end(wait)

    def _end(self, wait: float = 10.0) -> None:
        self._server.server_close()
        self._server.calls.wait_for_none(wait)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()


class _Calls:
    """How many calls are being answered."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._count = 0

    def __enter__(self) -> None:
        with self._changed:
            self._count += 1

    def __exit__(self, *error: object) -> None:
        with self._changed:
            self._count -= 1
            self._changed.notify_all()

    def wait_for_none(self, seconds: float) -> None:
        """Wait until there are none, or the time is over."""
        with self._changed:
            self._changed.wait_for(lambda: not self._count, seconds)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, *arguments: Any) -> None:
        self.calls = _Calls()
        super().__init__(*arguments)

    until: Callable[[], bool] = staticmethod(lambda: False)

    def answered(self) -> None:
        """An answer was sent."""
        if self.until():
            threading.Thread(target=self.shutdown, daemon=True).start()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that disconnects is not an error; exceptions of a handler are in its answer and in the
        log.
        """


class _Timed(io.RawIOBase):
    """The bytes of a connection, with a deadline."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._deadline = 0.0

    def allow(self, seconds: float) -> None:
        """Set the deadline, counted from now."""
        self._deadline = time.monotonic() + seconds

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        self._connection.settimeout(left)
        return self._connection.recv_into(buffer)


class _Handler(BaseHTTPRequestHandler):
    """Lets the application answer the requests of a connection, one after the other."""

    application: WsgiApplication
    server: _Server
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # an answer is one write
    disable_nagle_algorithm = True
    timeout: ClassVar[float]

    def setup(self) -> None:
        super().setup()
        self.rfile.close()
        self._coming = _Timed(self.connection)
        self.rfile = io.BufferedReader(self._coming)

    def handle_one_request(self) -> None:
        self._coming.allow(self.timeout)
        try:
            super().handle_one_request()
        except (TimeoutError, ConnectionError):
            self.close_connection = True

    def _answer(self) -> None:
        with self.server.calls:
            self._respond()
        self.server.answered()

    def _respond(self) -> None:
        environ = {
            "REQUEST_METHOD": self.command,
            "CONTENT_LENGTH": self.headers.get("Content-Length", ""),
            "wsgi.input": self.rfile,
        }
        body = b"".join(self.application(environ, self._start))
        self.connection.settimeout(self.timeout)
        self.wfile.write(body)
        self.wfile.flush()

    def _start(self, status: str, headers: list[tuple[str, str]]) -> None:
        code, _, reason = status.partition(" ")
        self.send_response(int(code), reason)
        for name, value in headers:
            self.send_header(name, value)
        if code != "200":  # a part of the request may still be unread
            self.send_header("Connection", "close")
            self.close_connection = True
        self.end_headers()

    do_GET = do_PUT = do_POST = _answer  # noqa: N815 (which http.server calls)

    def log_message(self, format: str, *args: Any) -> None:
        """Do not log calls."""
