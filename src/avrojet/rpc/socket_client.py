"""Connections of a client to socket servers. They remember their handshake."""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from itertools import count
from threading import Lock
from typing import TYPE_CHECKING, Any

from avrojet.errors import AvroError
from avrojet.limits import limits_in_force
from avrojet.locks import ProcessLock
from avrojet.rpc.addresses import SocketAddress, place_of
from avrojet.rpc.calls import PING_REQUEST
from avrojet.rpc.failures import ConnectionClosedError, RpcError, TimedOutError
from avrojet.rpc.netty import SERIALS
from avrojet.rpc.sasl import Credentials
from avrojet.rpc.streams import ClientStream, Framing, check_framing
from avrojet.rpc.timed_socket import Outbox, TimedSocket

if TYPE_CHECKING:
    import ssl

    from avrojet.rpc.handshake import Peer
    from avrojet.schema.protocol import Protocol


class Lease:
    """A connection, lent for one call.

    :ivar deadline: the time of :func:`time.monotonic` by which its answer must be complete.
    """

    __slots__ = ("_connection", "deadline")

    def __init__(self, connection: _Connection, deadline: float) -> None:
        self._connection = connection
        self.deadline = deadline

    @property
    def server(self) -> Peer[Protocol] | None:
        """The knowledge of the server from a handshake; None before it."""
        return self._connection.server

    def settle(self, server: Peer[Protocol]) -> None:
        """Remember the handshake, for all calls that follow."""
        self._connection.server = server

    def exchange(self, request: bytes, /) -> bytes:
        """The answer to a request.

        :raises TimedOutError: if it does not arrive in time.
        :raises ConnectionClosedError: if no answer arrives.
        :raises AuthenticationError: if the server refuses this client.
        """
        return self._connection.exchange(request, self.deadline)

    def send(self, request: bytes, /) -> bytes:
        """Send a request that has no answer, and return no bytes.

        :raises ConnectionClosedError: if that fails.
        """
        self._connection.send(request, self.deadline)
        return b""

    def close(self) -> None:
        """Drop the connection: the state of the other side is unknown."""
        self._connection.close()


class SocketTransport:
    """Carries calls to a socket server, such as :class:`avrojet.rpc.SocketServer` and those of Avro for Java.

    Threads may share it. With the framings ``sasl`` and ``socket``, each concurrent call has a connection of
    its own, which is kept for the next one; with ``netty`` all calls share one connection, and answers come
    in any order. The handshake is made once for each connection. No request is sent twice.

    :param address: of the server: ``avro://host:port``, a pair of host and port, or the path of a Unix socket
        as a path object.
    :param framing: ``sasl``, which avro-tools uses for ``avro://``; ``socket`` or ``netty``.
    :param timeout: seconds that a call may take, to the last byte of its answer.
    :param tls: the SSL context; connections use TLS.
    :param credentials: returns a user and a password, for SASL's PLAIN; None: the client is anonymous.
        Without `tls`, whoever sees the connection sees the password.
    :param most: bytes that an answer may have; None: ``limits.block_bytes``.
    :raises ValueError: if there is no such address or framing.
    """

    def __init__(
        self,
        address: SocketAddress,
        framing: Framing = "sasl",
        *,
        timeout: float = 30.0,
        tls: ssl.SSLContext | None = None,
        credentials: Credentials | None = None,
        most: int | None = None,
    ) -> None:
        check_framing(framing, has_credentials=credentials is not None)
        self._place = place_of(address)
        self._framing: Framing = framing
        self._timeout = timeout
        self._tls = tls
        self._credentials = credentials
        self._most = limits_in_force().block_bytes if most is None else most
        self._idle: deque[OwnConnection] = deque()
        self._shared: SharedConnection | None = None
        self._making = ProcessLock()  # of the shared connection

    def connection(self, timeout: float | None = None) -> AbstractContextManager[Lease]:
        """A connection for one call.

        :param timeout: seconds that the call may take, if they are fewer than the transport's own.
        :raises TimedOutError: if there is none in time.
        :raises ConnectionClosedError: if the server cannot be reached.
        """
        deadline = time.monotonic() + (self._timeout if timeout is None else min(timeout, self._timeout))
        return self._share(deadline) if self._framing == "netty" else self._lend(deadline)

    @contextmanager
    def _lend(self, deadline: float) -> Iterator[Lease]:
        connection = self._idle_connection() or OwnConnection(*self._connect(deadline))
        try:
            yield Lease(connection, deadline)
        finally:
            if not connection.is_closed:
                self._idle.append(connection)

    def _idle_connection(self) -> OwnConnection | None:
        while True:
            try:
                connection = self._idle.pop()
            except IndexError:
                return None
            if connection.is_usable():
                return connection
            connection.close()

    @contextmanager
    def _share(self, deadline: float) -> Iterator[Lease]:
        connection = self._shared_connection(deadline)
        while connection.server is None:
            # The first call has the connection to itself: the others need the result of its handshake.
            with _held(connection.settling, deadline):
                if connection.server is None and not connection.is_closed:
                    yield Lease(connection, deadline)
                    return
            connection = self._shared_connection(deadline)
        yield Lease(connection, deadline)

    def _shared_connection(self, deadline: float) -> SharedConnection:
        found = self._shared
        if found is not None and found.is_usable():
            return found
        with _held(self._making.lock, deadline):
            found = self._shared
            if found is None or not found.is_usable():
                if found is not None:
                    found.close()
                found = self._shared = SharedConnection(*self._connect(deadline))
            return found

    def _connect(self, deadline: float) -> tuple[TimedSocket, ClientStream, bytes, str]:
        stream = ClientStream(self._framing, self._most, self._credentials)
        beginning = stream.begin()
        return TimedSocket(self._place.connect(deadline, self._tls)), stream, beginning, str(self._place)

    def close(self) -> None:
        """Close the connections that are not in use, and the shared one, so that its calls fail."""
        while self._idle:
            self._idle.popleft().close()
        shared, self._shared = self._shared, None
        if shared is not None:
            shared.close()

    def __repr__(self) -> str:
        return f"<avrojet.rpc.SocketTransport {self._framing} {self._place}>"


@contextmanager
def _held(lock: Any, deadline: float) -> Iterator[None]:
    if not lock.acquire(timeout=max(0.0, deadline - time.monotonic())):
        raise TimedOutError("there was no connection in time")
    try:
        yield
    finally:
        lock.release()


class _Connection:
    """A connection to a server.

    :param beginning: bytes that are sent with the first message.
    :ivar server: the knowledge of the server from its handshake; None before it.
    :ivar is_closed: whether it is closed, so that nothing can be sent.
    """

    def __init__(self, wire: TimedSocket, stream: ClientStream, beginning: bytes, place: str) -> None:
        self._wire = wire
        self._stream = stream
        self._place = place
        self._process = os.getpid()
        self._beginning = beginning
        self.server: Peer[Protocol] | None = None
        self.is_closed = False

    def exchange(self, request: bytes, deadline: float) -> bytes:
        """The answer to a request."""
        raise NotImplementedError

    def send(self, request: bytes, deadline: float) -> None:
        """Send a request that has no answer."""
        raise NotImplementedError

    def close(self) -> None:
        """Close the connection."""
        raise NotImplementedError

    def _take_beginning(self) -> bytes:
        beginning, self._beginning = self._beginning, b""
        return beginning

    def _parse(self, data: bytes) -> list[tuple[int, bytes]]:
        if not data:
            raise ConnectionClosedError("the server has closed the connection")
        return self._stream.feed(data)

    def _with_address(self, error: BaseException) -> BaseException:
        """Return the error with the address, and what may be wrong if the server has never sent a byte."""
        if isinstance(error, RpcError):
            is_mute = isinstance(error, TimedOutError) and not self._stream.has_heard
            located = type(error)(f"{self._place}: {error}{self._hint() if is_mute else ''}")
            located.__cause__ = error
            return located
        return error

    def _hint(self) -> str:
        return f"; does it speak Avro with the framing {self._stream.framing}, and not HTTP?"


class OwnConnection(_Connection):
    """A connection for one call at a time: the next bytes are its answer."""

    def is_usable(self) -> bool:
        """Whether another call can be made: the server has not closed the connection, nor sent an answer
        without a request.
        """
        if self._process != os.getpid():  # a connection must not be shared with a child process
            return False
        try:
            while (data := self._wire.receive_at_once()) is not None:
                if self._parse(data):
                    return False
            return self._stream.is_between
        except AvroError:
            return False

    def exchange(self, request: bytes, deadline: float) -> bytes:
        try:
            self._stream.takes_empty = request == PING_REQUEST
            self._wire.send(self._take_beginning() + self._stream.frame(request), deadline)
            while not (messages := self._parse(self._wire.receive(deadline))):
                pass
            if len(messages) > 1:
                raise RpcError("the server sends more than one answer")
        except BaseException as error:  # noqa: BLE001 (it is raised)
            self.close()  # a late answer would be read as the answer to the next call
            raise self._with_address(error) from error.__cause__
        self._stream.takes_empty = False
        return messages[0][1]

    def send(self, request: bytes, deadline: float) -> None:
        try:
            self._wire.send(self._take_beginning() + self._stream.frame(request), deadline)
        except BaseException as error:  # noqa: BLE001 (it is raised)
            self.close()
            raise self._with_address(error) from error.__cause__

    def close(self) -> None:
        self.is_closed = True
        self._wire.close()


class _Call:
    """A call on a shared connection, whose thread waits."""

    __slots__ = ("_news", "answer", "error")

    def __init__(self) -> None:
        self.answer: bytes | None = None
        self.error: Exception | None = None
        self._news = Lock()
        self._news.acquire()

    @property
    def is_done(self) -> bool:
        return self.answer is not None or self.error is not None

    def wake(self) -> None:
        """Make its thread check again."""
        with suppress(RuntimeError):  # if it has been woken already
            self._news.release()

    def wait(self, deadline: float) -> None:
        """Wait to be woken.

        :raises TimedOutError: if that does not happen in time.
        """
        if not self._news.acquire(timeout=max(0.0, deadline - time.monotonic())):
            raise TimedOutError("the other side did not answer in time")


class SharedConnection(_Connection):
    """A connection that carries concurrent calls of many threads, identified by their serials.

    One of the waiting threads reads for all. When it has its own answer, it wakes another thread to read.
    While one thread sends, it also sends the messages of other threads, in one piece.
    """

    def __init__(self, wire: TimedSocket, stream: ClientStream, beginning: bytes, place: str) -> None:
        super().__init__(wire, stream, beginning, place)
        self.settling = Lock()
        self._serials = count()
        self._calls: dict[int, _Call] = {}
        self._outbox = Outbox(wire)
        self._reading = Lock()

    def is_usable(self) -> bool:
        """Whether another call can be made. Late answers, or the end of the stream, are read here if no
        thread is reading.
        """
        if self._process != os.getpid():
            return False
        if not self._calls and self._reading.acquire(blocking=False):
            try:
                while (data := self._wire.receive_at_once()) is not None:
                    self._hand_out(data)  # calls may have begun meanwhile
            except AvroError as error:
                self._fail(error)
            finally:
                self._stop_reading()
        return not self.is_closed

    def exchange(self, request: bytes, deadline: float) -> bytes:
        call = _Call()
        serial = next(self._serials) % SERIALS
        self._calls[serial] = call
        try:
            self._send(self._stream.frame(request, serial), deadline)
            while not call.is_done:
                if self._reading.acquire(blocking=False):
                    self._read_for_all(call, deadline)
                else:
                    call.wait(deadline)
        except TimedOutError as error:
            self._wake_reader()  # which may have been about to become this one
            raise self._with_address(error) from error.__cause__
        except BaseException as error:
            self._fail(error)
            raise
        finally:
            self._calls.pop(serial, None)
        if call.error is not None:
            raise self._with_address(call.error)
        assert call.answer is not None
        return call.answer

    def send(self, request: bytes, deadline: float) -> None:
        try:
            self._send(self._stream.frame(request, next(self._serials) % SERIALS), deadline)
        except BaseException as error:  # noqa: BLE001 (it is raised)
            raise self._with_address(error) from error.__cause__

    def _send(self, data: bytes, deadline: float) -> None:
        if self.is_closed:
            raise ConnectionClosedError("the connection has been closed")
        try:
            self._outbox.send(data, deadline)
        except BaseException as error:
            self._fail(error)  # half a message may have been sent
            raise
        finally:
            if self.is_closed:
                self._release()

    def _read_for_all(self, call: _Call, deadline: float) -> None:
        try:
            while not call.is_done:
                try:
                    self._hand_out(self._wire.receive(deadline))
                except TimedOutError:
                    raise  # of this call alone
                except AvroError as error:
                    self._fail(error)
        finally:
            self._stop_reading()

    def _stop_reading(self) -> None:
        self._reading.release()
        self._wake_reader()
        if self.is_closed:
            self._release()

    def _hand_out(self, data: bytes) -> None:
        for serial, answer in self._parse(data):
            call = self._calls.get(serial)
            if call is not None:  # otherwise it has waited too long
                call.answer = answer
                call.wake()

    def _wake_reader(self) -> None:
        """Let one of the waiting threads read. This does no harm if there is a reader already."""
        for call in list(self._calls.values()):
            if not call.is_done:
                call.wake()
                return

    def _fail(self, error: BaseException) -> None:
        """Close the connection, and make all calls fail."""
        self.close()
        if not isinstance(error, Exception):
            error = ConnectionClosedError("another call over the connection was interrupted")
        for call in list(self._calls.values()):
            if not call.is_done:
                call.error = error
                call.wake()

    def close(self) -> None:
        self.is_closed = True
        if self._process != os.getpid():  # it belongs to the parent process, whose connection continues
            self._wire.close()
            return
        self._wire.end()
        self._release()

    def _release(self) -> None:
        """Free the closed socket if no thread is using it; otherwise the last user frees it."""
        if self._outbox.sending.acquire(blocking=False):
            try:
                if self._reading.acquire(blocking=False):
                    try:
                        self._wire.close()
                    finally:
                        self._reading.release()
            finally:
                self._outbox.sending.release()
