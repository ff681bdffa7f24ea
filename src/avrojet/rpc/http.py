"""Calls over HTTP: a client on the standard library. Each request is a POST with a framed message."""

from __future__ import annotations

import http.client
import os
import time
from collections import deque
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final
from urllib.parse import SplitResult, urlsplit

from avrojet.limits import limits_in_force
from avrojet.rpc.failures import ConnectionClosedError, HttpStatusError, RpcError, TimedOutError
from avrojet.rpc.framing import frame, unframe
from avrojet.rpc.http1 import HttpSocket, request_head
from avrojet.rpc.timed_socket import TimedSocket
from avrojet.rpc.web import FRAME_SIZE

if TYPE_CHECKING:
    import ssl

_OK: Final = 200


class HttpTransport:
    """Carries calls to a server over HTTP or HTTPS. Threads may share it: each has a connection of its own.

    Connections are kept and used again, unless the server has closed them. No request is sent twice, and no
    redirection is followed.

    :param url: of the server, ``http://host:port/path``.
    :param timeout: seconds that the answer to a request may take, to its last byte.
    :param headers: that go with each request.
    :param tls: for HTTPS; None: the system's certificates.
    :param most: bytes that an answer may have; None: ``limits.block_bytes``.
    :raises ValueError: if the URL is none, or a header.
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
        parts = parts_of(url)
        assert parts.hostname is not None
        self._host, self._port, self._is_tls = parts.hostname, parts.port, parts.scheme == "https"
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self._head = request_head(parts.netloc, target, headers or {})
        self._timeout = timeout
        self._tls = tls
        self._most = limits_in_force().block_bytes if most is None else most
        self._idle: deque[_Connection] = deque()

    def exchange(self, request: bytes, /, *, timeout: float | None = None) -> bytes:
        """The answer to a request.

        :param timeout: seconds, if those are fewer than the transport's own.
        :raises TimedOutError: if it is not there in time.
        :raises ConnectionClosedError: if the server cannot be reached, or does not answer.
        :raises HttpStatusError: if it answers with another status than 200.
        :raises RpcError: if it answers with no Avro.
        """
        deadline = time.monotonic() + (self._timeout if timeout is None else min(timeout, self._timeout))
        connection = self._idle_connection() or self._connect(deadline)
        try:
            connection.wire.send(self._head, frame(request), deadline)
            answer = connection.wire.answer()
        except BaseException as error:
            connection.close()
            if isinstance(error, RpcError):
                raise type(error)(f"{self._host}: {error}") from error
            raise
        if answer.is_last:
            connection.close()
        else:
            self._idle.append(connection)
        if answer.status != _OK:
            raise HttpStatusError(self._host, answer.status)
        return message_of(answer.body, self._most)

    def _idle_connection(self) -> _Connection | None:
        while True:
            try:
                connection = self._idle.pop()
            except IndexError:
                return None
            if connection.process == os.getpid():  # a connection is not to be shared with a child
                if connection.wire.is_usable():
                    return connection
                connection.close()

    def _connect(self, deadline: float) -> _Connection:
        made: http.client.HTTPConnection
        timeout = max(0.001, deadline - time.monotonic())
        if self._is_tls:
            made = http.client.HTTPSConnection(self._host, self._port, timeout=timeout, context=self._tls)
        else:
            made = http.client.HTTPConnection(self._host, self._port, timeout=timeout)
        place = f"{self._host}:{made.port}"
        try:
            made.connect()  # which sends small pieces at once (TCP_NODELAY)
        except TimeoutError as error:
            raise TimedOutError(f"{place} cannot be reached in time") from error
        except OSError as error:
            raise ConnectionClosedError(f"{place} cannot be reached: {error}") from error
        return _Connection(made, self._most + FRAME_SIZE)

    def close(self) -> None:
        """Close the connections that are not in use."""
        while self._idle:
            self._idle.popleft().close()

    def __repr__(self) -> str:
        return f"<avrojet.rpc.HttpTransport {self._host}>"


class _Connection:
    """A connection, and whose it is."""

    __slots__ = ("made", "process", "wire")

    def __init__(self, made: http.client.HTTPConnection, most: int) -> None:
        self.made = made
        self.wire = HttpSocket(TimedSocket(made.sock), most)
        self.process = os.getpid()

    def close(self) -> None:
        self.made.close()


def parts_of(url: str) -> SplitResult:
    """The parts of a server's URL.

    :raises ValueError: if it is none. It is not told, as there may be credentials in it.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("the URL of a server begins with http:// or https:// and has a host")
    if parts.username is not None:
        raise ValueError("a URL with credentials is not used: give them as a header, headers={...}")
    return parts


def message_of(body: bytes, most: int) -> bytes:
    """The framed message that a body is.

    :raises RpcError: if it is none, or too large.
    """
    try:
        return unframe(body, most)
    except ValueError as error:
        raise RpcError(f"the answer is no framed message: {error}") from error
