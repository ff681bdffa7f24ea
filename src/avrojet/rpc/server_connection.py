"""One connection of a socket server: bytes to calls, answers to bytes."""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from queue import SimpleQueue
from threading import Event, Thread
from typing import Final

from avrojet.errors import AvroError, LimitError
from avrojet.rpc.failures import ConnectionClosedError, TimedOutError
from avrojet.rpc.responder import Incoming, Responder, Session
from avrojet.rpc.streams import ServerStream
from avrojet.rpc.timed_socket import Outbox, TimedSocket

_log: Final = logging.getLogger("avrojet.rpc")
_MOST_WORKERS: Final = 1024  # threads of all connections of a server
_LINGER: Final = 2.0  # seconds for which a refused client may still send, so that it receives the reason


class Workers:
    """Threads that answer calls of one connection concurrently. They are started when needed.

    :param most: how many.
    :param of_all: the threads of all connections, which are bounded as well.
    """

    def __init__(self, most: int, of_all: set[Thread]) -> None:
        self._most = most
        self._of_all = of_all
        self._threads: list[Thread] = []
        self._work: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._unfinished: deque[None] = deque()  # one for each call
        self._is_ending = False
        self._has_ended = Event()

    @property
    def is_idle(self) -> bool:
        return not self._unfinished

    def submit(self, work: Callable[[], None]) -> bool:
        """Pass a call to a thread, if one is free."""
        if len(self._unfinished) >= len(self._threads) and not self._add():
            return False
        self._unfinished.append(None)
        self._work.put(work)
        return True

    def _add(self) -> bool:
        if len(self._threads) >= self._most or len(self._of_all) >= _MOST_WORKERS:
            return False
        thread = Thread(target=self._run, daemon=True)
        self._of_all.add(thread)
        try:
            thread.start()
        except RuntimeError:  # the system has no more
            self._of_all.discard(thread)
            return False
        self._threads.append(thread)
        return True

    def _run(self) -> None:
        while (work := self._work.get()) is not None:
            try:
                work()
            except Exception:  # noqa: BLE001 (the others continue)
                _log.exception("a call could not be answered")
            finally:
                self._unfinished.pop()
                if self._is_ending:
                    self._has_ended.set()

    def end(self) -> None:
        """Let the threads end when all calls are done, and wait for that."""
        self._is_ending = True
        while self._unfinished:
            self._has_ended.wait(1.0)
            self._has_ended.clear()
        for thread in self._threads:
            self._work.put(None)
            self._of_all.discard(thread)


class ServerConnection:
    """Answers the calls of a connection.

    :param workers: answer calls concurrently; None: calls are answered one after the other.
    :param timeout: seconds after which a client is no longer waited for.
    :param answered: called after each answer.
    """

    def __init__(
        self,
        wire: TimedSocket,
        stream: ServerStream,
        responder: Responder,
        workers: Workers | None,
        timeout: float,
        answered: Callable[[], None],
    ) -> None:
        self._wire = wire
        self._stream = stream
        self._responder = responder
        self._workers = workers
        self._timeout = timeout
        self._answered = answered
        self._session = Session(is_stateful=True)
        self._outbox = Outbox(wire)
        self._is_finishing = False

    def serve(self) -> None:
        """Answer until the client disconnects.

        :raises AvroError: if the client is refused, sends something that is not a message, or stops sending.
        :raises OSError: if it does not begin with TLS, although that is required.
        """
        try:
            self._wire.shake_hands(self._deadline())
            self._serve()
        finally:
            if self._workers is not None:
                self._workers.end()

    def _serve(self) -> None:
        deadline = self._deadline()
        while not self._is_finishing:
            try:
                data = self._wire.receive(deadline)
            except TimedOutError:
                if self._workers is None or self._workers.is_idle or not self._stream.is_between:
                    raise
                deadline = self._deadline()  # the client waits for an answer
                continue
            if not data:
                return
            is_whole = self._take(data)
            del data  # if kept while the connection waits, it would fragment the memory for other buffers
            if is_whole:  # else the deadline stays: a client may send a request byte by byte
                deadline = self._deadline()

    def _take(self, data: bytes) -> bool:
        """Take bytes, and answer the calls that are complete with them. Return whether there are any."""
        try:
            requests = self._stream.feed(data)
        except LimitError as error:
            refusal = self._responder.refusal(self._session, str(error), is_final=True)
            self._send(self._stream.to_send() + self._stream.frame(refusal, self._stream.serial))
            self._linger()
            raise
        except Exception:  # from SASL, or from the function that checks a user
            self._send(self._stream.to_send())
            self._linger()
            raise
        if reply := self._stream.to_send():
            self._send(reply)
            self._session.user = self._stream.user
        for serial, request in requests:
            incoming = self._responder.receive(request, self._session)
            answer = partial(self._answer, serial, incoming)
            if self._workers is None or incoming.context is None or not self._workers.submit(answer):
                answer()
        return bool(requests)

    def _answer(self, serial: int, incoming: Incoming) -> None:
        answer = self._responder.handle(incoming)
        if answer is not None:
            self._send(self._stream.frame(answer, serial))
        self._answered()

    def _send(self, data: bytes) -> None:
        try:
            self._outbox.send(data, self._deadline())
        except ConnectionClosedError as error:
            _log.info("a client does not take its answers: %s", error)
            self.abort()

    def _deadline(self) -> float:
        return time.monotonic() + self._timeout

    def _linger(self) -> None:
        """Let a refused client read the reason: closing a connection with unread data would reset it."""
        self._wire.end(reading=False)
        deadline = time.monotonic() + _LINGER
        with suppress(AvroError):
            while self._wire.receive(deadline):
                pass

    def finish(self) -> None:
        """End the connection after the calls that are being answered; called from another thread."""
        self._is_finishing = True
        self._wire.end(writing=False)

    def abort(self) -> None:
        """End the connection at once; called from another thread."""
        self._is_finishing = True
        self._wire.end()

    def close(self) -> None:
        """Release the connection, after :meth:`serve`."""
        self._wire.close()
