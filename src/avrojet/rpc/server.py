"""An HTTP server on the standard library, for experiments; in production, mount the WSGI application in
another server.
"""

from __future__ import annotations

import io
import os
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import TYPE_CHECKING, Any, ClassVar, Final, Self

from avrojet.locks import ProcessLock
from avrojet.rpc.responder import Responder
from avrojet.rpc.wsgi import WsgiApplication

if TYPE_CHECKING:
    import ssl

_LOOK: Final = 0.1  # seconds after which the loop checks whether it must end


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
        """The URL for clients."""
        host, port = self._server.server_address[:2]
        return f"{self._scheme}://{host!s}:{port}/"

    def serve(self, until: Callable[[], bool] = lambda: False) -> None:
        """Answer until :meth:`close` is called, from another thread; not at all if it was called before.

        :param until: called after each answer; returns whether that was the last. Then no more connections
            are accepted until the next ``serve``; those that clients keep are still answered.
        """
        self._server.serve(until)

    def close(self, wait: float = 10.0) -> None:
        """Stop, and release the port. Connections end after the call that is being answered on them.

        :param wait: seconds to wait for calls that are already being answered.
        """
        self._server.end(wait)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class _Calls:
    """Counts the calls that are being answered."""

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


class _EndedError(Exception):
    """Ends the server's loop. The library's ``shutdown`` would wait forever if the loop was never begun."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, *arguments: Any) -> None:
        self.calls = _Calls()
        self.is_ending = False
        self._owner = os.getpid()
        self._connections: set[Any] = set()
        self._until: Callable[[], bool] = bool
        self._was_last = False
        self._serving = ProcessLock()
        super().__init__(*arguments)

    def serve(self, until: Callable[[], bool]) -> None:
        """Accept connections until :meth:`end` is called, or the last answer is sent."""
        with self._serving.lock, suppress(_EndedError):
            self._until, self._was_last = until, False
            self.service_actions()
            self.serve_forever(_LOOK)

    def service_actions(self) -> None:
        """End the loop if it must end. The loop calls this regularly."""
        if self.is_ending or self._was_last:
            raise _EndedError

    def answered(self) -> None:
        """Note that an answer was sent."""
        self._was_last = self._was_last or self._until()

    def end(self, wait: float) -> None:
        """Stop accepting connections, and let the open ones end."""
        self.is_ending = True
        with self._serving.lock:
            self.server_close()
        if os.getpid() != self._owner:  # the connections are the parent's
            return
        for each in list(self._connections):
            with suppress(OSError):
                # Not SSLSocket's own method: after it, an answer would be sent unencrypted.
                socket.socket.shutdown(each, socket.SHUT_RD)
        self.calls.wait_for_none(wait)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Serve a connection, in a thread."""
        self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """End a connection."""
        self._connections.discard(request)
        super().shutdown_request(request)

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
            if self.server.is_ending:  # the request came after the end
                self.close_connection = True
                return
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
