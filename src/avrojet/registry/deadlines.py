"""A bound on the time of a whole answer for clients of httpx, which only bound each wait for more of it.

Otherwise a server that sends a byte now and then, in headers or after the body, could block a caller forever.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class UnfitError(Exception):
    """An answer was refused; the message says why."""


def too_slow() -> UnfitError:
    """Return the error for an answer that takes longer than its time."""
    return UnfitError("the answer takes too long: longer than 60 times the timeout")


class Deadlines:
    """The times by which the answers that threads wait for must be complete.

    :param client: of httpx; its reads from sockets are bounded from now on. None: there is no such client.
    """

    def __init__(self, client: Any) -> None:
        self._local = threading.local()
        for transport in () if client is None else (client._transport, *client._mounts.values()):
            # httpx has no option for the network backend, which its connection pools do have.
            pool = getattr(transport, "_pool", None)
            if pool is not None:
                pool._network_backend = _Backend(pool._network_backend, self)

    @contextmanager
    def within(self, seconds: float | None) -> Iterator[None]:
        """Bound the time that this thread's reads in the block may take, in seconds; None: no bound."""
        self._local.ends = None if seconds is None else time.monotonic() + seconds
        try:
            yield
        finally:
            self._local.ends = None

    def left(self, timeout: float | None) -> float | None:
        """Return the seconds to wait for more: at most `timeout`, and not beyond the deadline.

        :raises UnfitError: if the deadline has passed.
        """
        ends = getattr(self._local, "ends", None)
        if ends is None:
            return timeout
        left: float = ends - time.monotonic()
        if left <= 0:
            raise too_slow()
        return left if timeout is None else min(timeout, left)


class _Stream:
    """A connection of httpcore."""

    def __init__(self, stream: Any, deadlines: Deadlines) -> None:
        self._stream = stream
        self._deadlines = deadlines
        self.write = stream.write
        self.close = stream.close
        self.get_extra_info = stream.get_extra_info

    def read(self, max_bytes: int, timeout: float | None = None) -> Any:
        try:
            return self._stream.read(max_bytes, self._deadlines.left(timeout))
        except Exception:
            self._deadlines.left(timeout)  # its error is clearer than that of a timeout
            raise

    def start_tls(
        self, ssl_context: Any, server_hostname: Any = None, timeout: float | None = None
    ) -> _Stream:
        made = self._stream.start_tls(ssl_context, server_hostname, self._deadlines.left(timeout))
        return _Stream(made, self._deadlines)


class _Backend:
    """Makes connections for httpcore."""

    def __init__(self, backend: Any, deadlines: Deadlines) -> None:
        self._backend = backend
        self._deadlines = deadlines
        self.sleep = backend.sleep

    def connect_tcp(self, *arguments: Any, **options: Any) -> _Stream:
        return _Stream(self._backend.connect_tcp(*arguments, **options), self._deadlines)

    def connect_unix_socket(self, *arguments: Any, **options: Any) -> _Stream:
        return _Stream(self._backend.connect_unix_socket(*arguments, **options), self._deadlines)
