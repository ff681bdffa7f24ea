"""A server for connections that remember their handshake, each in a thread."""

from __future__ import annotations

import errno
import logging
import os
import selectors
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Thread, current_thread
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

from avrojet.errors import AvroError
from avrojet.limits import limits_in_force
from avrojet.locks import ProcessLock
from avrojet.rpc.addresses import SocketAddress, place_of, send_at_once
from avrojet.rpc.responder import Responder
from avrojet.rpc.sasl import Authenticate
from avrojet.rpc.server_connection import ServerConnection, Workers
from avrojet.rpc.streams import Framing, ServerStream, check_framing
from avrojet.rpc.timed_socket import TimedSocket

if TYPE_CHECKING:
    import ssl

_log: Final = logging.getLogger("avrojet.rpc")
_PAUSE: Final = 0.1  # seconds to wait if the system has no more sockets
_SCARCE: Final = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}


class SocketServer:
    """Serves a responder over TCP or a Unix socket, each connection in a thread of its own.

    >>> with SocketServer(responder, ("127.0.0.1", 9090)) as server:
    ...     server.serve()

    With the framing ``netty``, calls of one connection are answered concurrently, each in a thread, and in
    any order; otherwise one after the other.

    :param address: ``avro://host:port``, a pair of host and port (port 0: any free one, see :attr:`address`),
        or the path of a Unix socket as a path object.
    :param framing: ``sasl``, which avro-tools uses for ``avro://``; ``socket`` or ``netty``.
    :param tls: the SSL context; connections use TLS.
    :param authenticate: returns whether a user has a password, for SASL's PLAIN; handlers find the user as
        ``current_call().user``. None: all are anonymous.
    :param timeout: a connection that sends no complete message, or does not read its answers, is closed after
        this many seconds.
    :param most: bytes that a request may have; None: ``limits.block_bytes``.
    :param connections: how many there may be; others are closed at once.
    :param threads: how many threads answer the calls of one connection, with the framing ``netty``.
    :raises OSError: if the address is taken.
    :raises ValueError: if there is no such address or framing.
    """

    def __init__(
        self,
        responder: Responder,
        address: SocketAddress,
        framing: Framing = "sasl",
        *,
        tls: ssl.SSLContext | None = None,
        authenticate: Authenticate | None = None,
        timeout: float = 60.0,
        most: int | None = None,
        connections: int = 1024,
        threads: int = 16,
    ) -> None:
        check_framing(framing, has_credentials=authenticate is not None)
        self._responder = responder
        self._framing: Framing = framing
        self._tls = tls
        self._authenticate = authenticate
        self._timeout = timeout
        self._most = limits_in_force().block_bytes if most is None else most
        self._connections = connections
        self._threads = threads
        self._open: dict[ServerConnection, Thread] = {}
        self._workers: set[Thread] = set()
        self._until: Callable[[], bool] = lambda: False
        self._is_closing = False
        self._serving = ProcessLock()
        self._owner = os.getpid()
        place = place_of(address)
        self._listening = place.listen()
        self._listening.settimeout(0)
        self._place = place.of(self._listening)
        self._woken, self._waker = socket.socketpair()

    @property
    def address(self) -> tuple[str, int] | Path:
        """The address for clients: host and port, or the path of the Unix socket."""
        if self._place.path is not None:
            return Path(self._place.path)
        return self._place.host, self._place.port

    @property
    def url(self) -> str:
        """The address for clients, as a URL if it has a host; else the path."""
        return self._place.path or f"avro://{self._place}"

    def serve(self, until: Callable[[], bool] = lambda: False) -> None:
        """Answer until :meth:`close` is called, from another thread; not at all if it was called before.

        :param until: called after each answer; returns whether that was the last.
        """
        self._until = until
        with self._serving.lock, selectors.DefaultSelector() as selector:
            if self._is_closing:
                return
            selector.register(self._listening, selectors.EVENT_READ)
            selector.register(self._woken, selectors.EVENT_READ)
            while not self._is_closing:
                selector.select()
                self._accept()

    def _accept(self) -> None:
        """Accept the waiting connections."""
        while not self._is_closing:
            try:
                accepted, _ = self._listening.accept()
            except BlockingIOError:
                return
            except OSError as error:
                if error.errno in _SCARCE:  # until another connection ends
                    _log.error("no connection can be accepted: %s", error)
                    time.sleep(_PAUSE)
                return
            self._welcome(accepted)

    def _welcome(self, accepted: socket.socket) -> None:
        """Start the thread of a connection."""
        if len(self._open) >= self._connections:
            _log.warning("a connection is refused, as there are %d", self._connections)
            accepted.close()
            return
        try:
            send_at_once(accepted)
            accepted.settimeout(None)  # some systems inherit another; TLS begins in the thread
            if self._tls is not None:
                accepted = self._tls.wrap_socket(accepted, server_side=True, do_handshake_on_connect=False)
            connection = self._connection(accepted)
            thread = Thread(target=self._attend, args=(connection,), daemon=True)
            self._open[connection] = thread
            try:
                thread.start()
            except RuntimeError:
                del self._open[connection]
                raise
        except (OSError, RuntimeError) as error:  # it is closed already, or there are too many threads
            _log.warning("a connection cannot be served: %s", error)
            accepted.close()

    def _connection(self, accepted: socket.socket) -> ServerConnection:
        stream = ServerStream(self._framing, self._most, self._authenticate)
        workers = Workers(self._threads, self._workers) if self._framing == "netty" else None
        wire = TimedSocket(accepted)
        return ServerConnection(wire, stream, self._responder, workers, self._timeout, self._answered)

    def _attend(self, connection: ServerConnection) -> None:
        try:
            connection.serve()
        except (AvroError, OSError) as error:
            _log.info("a connection has ended: %s", error)
        except Exception:  # noqa: BLE001 (the server continues)
            _log.exception("a connection has ended")
        finally:
            connection.close()
            self._open.pop(connection, None)

    def _answered(self) -> None:
        if self._until():
            Thread(target=self.close, daemon=True).start()

    def close(self, grace: float = 5.0) -> None:
        """Stop, and release the port. Calls that are being answered are completed.

        :param grace: seconds that they may still take; after that, their connections are closed.
        """
        deadline = time.monotonic() + grace
        self._is_closing = True
        is_owner = os.getpid() == self._owner  # else the parent's server continues, with its connections
        with suppress(OSError):
            if is_owner:
                self._waker.send(b"\0")
        with self._serving.lock:
            if is_owner and self._listening.fileno() >= 0:
                self._place.remove()
            for made in (self._listening, self._woken, self._waker):
                made.close()
        if not is_owner:
            return
        for connection in list(self._open):
            connection.finish()
        for thread in list(self._open.values()):
            if thread is not current_thread():
                thread.join(max(0.0, deadline - time.monotonic()))
        for connection in list(self._open):
            connection.abort()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
