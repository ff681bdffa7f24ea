"""Calls over HTTP: a client on the standard library. Each request is a POST with a framed message."""

from __future__ import annotations

import http.client
import os
import time
from collections import deque
from collections.abc import Mapping
from typing import TYPE_CHECKING

from avrojet.rpc.failures import ConnectionClosedError, RpcError, TimedOutError
from avrojet.rpc.framing import frame
from avrojet.rpc.http1 import HttpSocket, request_head
from avrojet.rpc.http_caller import HttpCaller, message_of
from avrojet.rpc.timed_socket import TimedSocket
from avrojet.rpc.web import FRAME_SIZE

if TYPE_CHECKING:
    import ssl


class HttpTransport(HttpCaller):
    """Carries calls to a server over HTTP or HTTPS. Threads may share it: each has a connection of its own.

    Connections are kept and used again, unless the server has closed them. No request is sent twice, and no
    redirection is followed.

    :param url: of the server, ``http://host:port/path``.
    :param timeout: seconds that the answer to a request may take, to its last byte.
    :param headers: sent with each request.
    :param tls: the SSL context for HTTPS; None: the system's certificates.
    :param most: bytes that an answer may have; None: ``limits.block_bytes``.
    :raises ValueError: if the URL or a header is not valid.
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
        super().__init__(url, timeout=timeout, headers=headers, tls=tls, most=most)
        path, query = self._url.path or "/", self._url.query
        self._head = request_head(self._url.netloc, f"{path}?{query}" if query else path, self._headers)
        self._idle: deque[_Connection] = deque()

    def exchange(self, request: bytes, /, *, timeout: float | None = None) -> bytes:
        """The answer to a request.

        :param timeout: seconds, if those are fewer than the transport's own.
        :raises TimedOutError: if it does not arrive in time.
        :raises ConnectionClosedError: if the server cannot be reached, or does not answer.
        :raises HttpStatusError: if it answers with another status than 200.
        :raises RpcError: if the answer is not Avro.
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
        self._check_status(answer.status)
        return message_of(answer.body, self._most)

    def _idle_connection(self) -> _Connection | None:
        while True:
            try:
                connection = self._idle.pop()
            except IndexError:
                return None
            if connection.process == os.getpid():  # a connection must not be shared with a child
                if connection.wire.is_usable():
                    return connection
                connection.close()

    def _connect(self, deadline: float) -> _Connection:
        made: http.client.HTTPConnection
        timeout = max(0.001, deadline - time.monotonic())
        if self._url.scheme == "https":
            made = http.client.HTTPSConnection(self._host, self._url.port, timeout=timeout, context=self._tls)
        else:
            made = http.client.HTTPConnection(self._host, self._url.port, timeout=timeout)
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


class _Connection:
    """A connection, and the process that made it."""

    __slots__ = ("made", "process", "wire")

    def __init__(self, made: http.client.HTTPConnection, most: int) -> None:
        self.made = made
        self.wire = HttpSocket(TimedSocket(made.sock), most)
        self.process = os.getpid()

    def close(self) -> None:
        self.made.close()
