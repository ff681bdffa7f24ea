"""A connected socket whose operations have deadlines, however slowly the other side sends."""

from __future__ import annotations

import select
import socket
import ssl
import time
from collections import deque
from collections.abc import Callable
from contextlib import nullcontext, suppress
from threading import Lock
from typing import Any, Final

from avrojet.rpc.failures import ConnectionClosedError, TimedOutError

# Bytes to read at a time: a buffer of this size is allocated each time, however few bytes come.
_FEW: Final = 16 << 10
_MANY: Final = 256 << 10
_QUICKACK: Final[Any] = getattr(socket, "TCP_QUICKACK", None)  # Linux has it
_MOST_WAITING: Final = 16  # messages that threads may leave to the sending thread


class TimedSocket:
    """One thread may send while another receives.

    :param connected: the socket, which is made non-blocking.
    """

    def __init__(self, connected: socket.socket) -> None:
        connected.settimeout(0)
        self._socket = connected
        self._size = _FEW
        self._is_tls = isinstance(connected, ssl.SSLSocket)
        self._is_tcp = _QUICKACK is not None and connected.family in (socket.AF_INET, socket.AF_INET6)
        # An OpenSSL connection must not be used by two threads at the same time.
        self._turn: Any = Lock() if self._is_tls else nullcontext()
        self._wait_readable = _waiting(connected, writable=False)
        self._wait_writable = _waiting(connected, writable=True)

    def shake_hands(self, deadline: float) -> None:
        """Begin TLS, on the server.

        :raises OSError: if the client does not.
        """
        while self._is_tls:
            try:
                self._socket.do_handshake()  # type: ignore[attr-defined]
                return
            except ssl.SSLWantReadError:
                self._wait(self._wait_readable, deadline)
            except ssl.SSLWantWriteError:
                self._wait(self._wait_writable, deadline)

    def send(self, data: bytes, deadline: float) -> None:
        """Send all bytes.

        :param deadline: a time of :func:`time.monotonic`.
        :raises TimedOutError: if the other side does not take them by then.
        :raises ConnectionClosedError: if it has closed the connection.
        """
        try:
            sent = self._send(data, deadline)
            if sent < len(data):
                left = memoryview(data)[sent:]
                while left:
                    left = left[self._send(left, deadline) :]
        except OSError as error:
            raise _failure(error) from error

    def _send(self, data: bytes | memoryview, deadline: float) -> int:
        while True:
            try:
                with self._turn:
                    return self._socket.send(data)
            except (BlockingIOError, ssl.SSLWantWriteError):
                self._wait(self._wait_writable, deadline)
            except ssl.SSLWantReadError:
                self._wait(self._wait_readable, deadline)

    def receive(self, deadline: float) -> bytes:
        """Return the bytes that come next; empty if the other side has closed the connection.

        :raises TimedOutError: if there are none by then.
        :raises ConnectionClosedError: if the connection is broken.
        """
        try:
            if not self._is_tls:
                self._wait(self._wait_readable, deadline)
            while True:
                try:
                    return self._receive()
                except (BlockingIOError, ssl.SSLWantReadError):
                    self._wait(self._wait_readable, deadline)
                except ssl.SSLWantWriteError:
                    self._wait(self._wait_writable, deadline)
        except ssl.SSLEOFError:
            return b""
        except OSError as error:
            raise _failure(error) from error

    def acknowledge_at_once(self) -> None:
        """Do not delay the acknowledgement of the next bytes.

        Many servers send headers and body separately, and some wait for the acknowledgement of the first in
        between. The system forgets this setting, so it is set again each time.
        """
        if self._is_tcp:
            with suppress(OSError):  # an error shows when the socket is read
                self._socket.setsockopt(socket.IPPROTO_TCP, _QUICKACK, 1)

    def _receive(self) -> bytes:
        with self._turn:
            data = self._socket.recv(self._size)
        self._size = _MANY if len(data) >= _FEW else _FEW
        return data

    @staticmethod
    def _wait(until: Callable[[float], bool], deadline: float) -> None:
        left = deadline - time.monotonic()
        if left <= 0 or not until(left):
            raise TimeoutError("timed out")

    def receive_at_once(self) -> bytes | None:
        """Return the available bytes, empty at the end; None if there are none yet.

        :raises ConnectionClosedError: if the connection is broken.
        """
        try:
            if not self._is_tls and not self._wait_readable(0):  # quicker than the exception below
                return None
            return self._receive()
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return None
        except ssl.SSLEOFError:
            return b""
        except OSError as error:
            raise _failure(error) from error

    def end(self, *, reading: bool = True, writing: bool = True) -> None:
        """End one direction or both: another thread that waits for it is woken."""
        how = socket.SHUT_RDWR if reading and writing else socket.SHUT_RD if reading else socket.SHUT_WR
        with suppress(OSError):
            # Not SSLSocket's own method: with it, a thread that is still sending would send unencrypted.
            socket.socket.shutdown(self._socket, how)

    def close(self) -> None:
        """Close the socket. No other thread may be waiting for it: see :meth:`end`."""
        self._socket.close()


class Outbox:
    """Sends for many threads: while one of them sends, it also sends the messages of the others.

    :ivar sending: the lock, held by the thread that sends.
    """

    def __init__(self, wire: TimedSocket) -> None:
        self._wire = wire
        self._pieces: deque[bytes] = deque()
        self.sending = Lock()

    def send(self, data: bytes, deadline: float) -> None:
        """Send bytes, or leave them to the thread that is sending.

        :raises TimedOutError: if the other side does not take them by then.
        :raises ConnectionClosedError: if that fails. Other threads' bytes are lost with them.
        """
        self._pieces.append(data)
        while self._pieces and self._take_turn(deadline):
            try:
                self._wire.send(self._all(), deadline)
            finally:
                self.sending.release()

    def _take_turn(self, deadline: float) -> bool:
        if len(self._pieces) <= _MOST_WAITING:
            return self.sending.acquire(blocking=False)
        # The other side is slow, and the waiting messages must be bounded.
        if not self.sending.acquire(timeout=max(0.0, deadline - time.monotonic())):
            raise TimedOutError("the other side did not take what was sent in time")
        return True

    def _all(self) -> bytes:
        taken = [self._pieces.popleft() for _ in range(len(self._pieces))]
        return taken[0] if len(taken) == 1 else b"".join(taken)


def _failure(error: OSError) -> ConnectionClosedError:
    if isinstance(error, TimeoutError):
        return TimedOutError("the other side did not answer in time")
    return ConnectionClosedError(f"the connection is broken: {error}")


def _waiting(connected: socket.socket, *, writable: bool) -> Callable[[float], bool]:
    """Return a function that waits some seconds, and returns whether the socket is ready."""
    if not hasattr(select, "poll"):
        if writable:
            return lambda seconds: bool(select.select([], [connected], [], seconds)[1])
        return lambda seconds: bool(select.select([connected], [], [], seconds)[0])
    poll = select.poll()
    poll.register(connected, select.POLLOUT if writable else select.POLLIN)
    return lambda seconds: bool(poll.poll(seconds * 1000))
