"""Calls over HTTP: a client on the standard library. Each request is a POST with a framed message."""

from __future__ import annotations

import http.client
import selectors
import socket
from collections import deque
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from avrojet.limits import limits_in_force
from avrojet.rpc.failures import ConnectionClosedError, RpcError
from avrojet.rpc.framing import frame, unframe

if TYPE_CHECKING:
    import ssl

CONTENT_TYPE: Final = "avro/binary"

_Selector: Final = getattr(selectors, "PollSelector", selectors.SelectSelector)


class _Connection(http.client.HTTPConnection):
    """Sends the head and the body of a request in one write: the system may wait between two."""

    _pieces: list[bytes] | None = None

    def send_request(self, path: str, body: bytes, headers: Mapping[str, str]) -> None:
        self._pieces = []
        try:
            self.request("POST", path, body, dict(headers))
            data = b"".join(self._pieces)
        finally:
            self._pieces = None
        super().send(data)

    def send(self, data: Any) -> None:
        if self._pieces is None:
            super().send(data)
        else:
            self._pieces.append(data)

    def is_usable(self) -> bool:
        """Whether the server has not closed it meanwhile: then there would be something to read."""
        with _Selector() as selector:
            selector.register(self.sock, selectors.EVENT_READ)
            return not selector.select(0)


class _TlsConnection(_Connection, http.client.HTTPSConnection):
    """The same with TLS."""


class HttpTransport:
    """Carries calls to a server over HTTP or HTTPS. Threads may share it: each has a connection of its own.

    Connections are kept and used again, unless the server has closed them. No request is sent twice.

    :param url: of the server, ``http://host:port/path``.
    :param timeout: seconds without any bytes after which a call fails.
    :param headers: that go with each request.
    :param tls: for HTTPS; None: the system's certificates.
    :param most: bytes that an answer may have; None: ``limits.block_bytes``.
    :raises ValueError: if the URL is none.
    """

    def __init__(
        self,
        url: str,
        *,
        timeout: float = 30.0,
        headers: Mapping[str, str] | None = None,
        tls: ssl.SSLContext | None = None,
        most: int | None = None,
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("the URL of a server begins with http:// or https:// and has a host")
        self._host, self._port, self._is_tls = parts.hostname, parts.port, parts.scheme == "https"
        self._path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self._headers = {"Content-Type": CONTENT_TYPE, **(headers or {})}
        self._timeout = timeout
        self._tls = tls
        self._most = limits_in_force().block_bytes if most is None else most
        self._idle: deque[_Connection] = deque()

    def exchange(self, request: bytes, /) -> bytes:
        """The answer to a request.

        :raises ConnectionClosedError: if the server cannot be reached, or does not answer in time.
        :raises RpcError: if it answers with no Avro.
        """
        connection = self._idle_connection() or self._connect()
        try:
            connection.send_request(self._path, frame(request), self._headers)
            response = connection.getresponse()
            body = response.read(self._most + 8)
            whole = response.isclosed()
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            raise ConnectionClosedError(f"{self._host} does not answer: {error}") from error
        except BaseException:
            connection.close()
            raise
        if whole and not response.will_close:
            self._idle.append(connection)
        else:
            connection.close()
        if response.status != http.client.OK:
            raise RpcError(f"{self._host} answers with HTTP status {response.status} {response.reason}")
        return _message(body, self._most)

    def _idle_connection(self) -> _Connection | None:
        while True:
            try:
                connection = self._idle.pop()
            except IndexError:
                return None
            if connection.is_usable():
                return connection
            connection.close()

    def _connect(self) -> _Connection:
        connection: _Connection
        if self._is_tls:
            connection = _TlsConnection(self._host, self._port, timeout=self._timeout, context=self._tls)
        else:
            connection = _Connection(self._host, self._port, timeout=self._timeout)
        try:
            connection.connect()
            connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except OSError as error:
            raise ConnectionClosedError(
                f"{self._host}:{connection.port} cannot be reached: {error}"
            ) from error
        return connection

    def close(self) -> None:
        """Close the connections that are not in use."""
        while self._idle:
            self._idle.popleft().close()

    def __repr__(self) -> str:
        return f"<avrojet.rpc.HttpTransport {self._host}>"


def _message(body: bytes, most: int) -> bytes:
    try:
        return unframe(body, most)
    except ValueError as error:
        raise RpcError(f"the answer is no framed message: {error}") from error
