"""A cache of a registry's answers, and the requests under way, which their callers share."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from copy import copy
from dataclasses import dataclass
from threading import RLock
from time import monotonic
from typing import Any, Final, Generic, TypeVar

from avrojet.cache import PlanCache
from avrojet.errors import untraced
from avrojet.locks import ProcessLock
from avrojet.registry.errors import InvalidSchemaError, NotFoundError, RegistryError

T = TypeVar("T")

FOR_EVER: Final = float("inf")
_ROOM: Final = 64 << 20  # characters of schemas
_lock = ProcessLock()


@dataclass(frozen=True, slots=True)
class Kept(Generic[T]):
    """A kept answer: a value, or the fact that there is none.

    :ivar error: why there is no value.
    :ivar until: when it must be requested again, on the clock of :func:`time.monotonic`.
    """

    value: T | None
    error: RegistryError | None
    until: float

    def result(self) -> T:
        """Return the value, or raise a copy of the error: each raise adds to a traceback."""
        if self.error is not None:
            raise copy(self.error)
        return self.value  # type: ignore[return-value]


class Answers:
    """The answers of a registry, bounded in number and time. Threads may share them.

    :param number: the most answers to keep.
    :param seconds: how long an answer that may change is used.
    :param missing: how long something missing is assumed to be missing.
    """

    def __init__(self, number: int, seconds: float, missing: float) -> None:
        self._kept: PlanCache[Kept[Any]] = PlanCache(max(2, number), _ROOM)
        self.seconds = seconds
        self._missing = missing

    def get(self, key: Hashable) -> Kept[Any] | None:
        """Return the kept answer, even if it is out of date."""
        return self._kept.get(key)

    def keep(self, key: Hashable, value: Any, seconds: float, size: int = 100) -> None:
        """Keep a value."""
        self._kept.keep(key, Kept(value, None, monotonic() + seconds), size)

    def failed(self, key: Hashable, error: RegistryError, before: Kept[Any] | None) -> Any:
        """Return the answer to use when a request has failed: the earlier answer, or raise the error.

        The errors for something missing or invalid are kept, as many messages may refer to it.
        """
        if isinstance(error, NotFoundError | InvalidSchemaError):
            self._kept.keep(key, Kept(None, untraced(error), monotonic() + self._missing), 100)
        elif before is not None and before.error is None:
            self.keep(key, before.value, self.seconds)
            return before.value
        raise error

    def forget(self, key: Hashable) -> None:
        """Discard an answer, so that it is not used even while the registry is down."""
        self._kept.keep(key, Kept(None, NotFoundError("it was deleted"), 0.0), 100)

    def clear(self) -> None:
        """Discard all answers."""
        self._kept.clear()


class Flight:
    """A request under way, made by one caller for all: the one that holds the lock.

    If that caller is interrupted, the flight has not arrived and its lock is free, so the next caller makes
    the request. (``with`` releases a lock wherever an interruption comes.)
    """

    def __init__(self, lock: Any) -> None:
        self.lock = lock
        self.arrived = False
        self._value: Any = None
        self._error: Exception | None = None

    def arrive(self, value: Any) -> None:
        """Set the value."""
        self._value = value
        self.arrived = True

    def crash(self, error: Exception) -> None:
        """Set the error."""
        self._error = untraced(error)
        self.arrived = True

    def result(self) -> Any:
        """Return the result; an error is raised as a copy."""
        if self._error is not None:
            raise copy(self._error)
        return self._value


class Flights:
    """The requests under way, by key."""

    def __init__(self) -> None:
        self._open: dict[Hashable, Flight] = {}

    def __contains__(self, key: Hashable) -> bool:
        return key in self._open

    def board(self, key: Hashable, lock: Callable[[], Any] = RLock) -> Flight:
        """Return the flight of a key that is under way, or a new one."""
        with _lock.lock:
            flight = self._open.get(key)
            if flight is None or flight.arrived:
                flight = self._open[key] = Flight(lock())
            return flight

    def land(self, key: Hashable, flight: Flight) -> None:
        """End a flight, so that other callers can no longer join it."""
        with _lock.lock:
            if self._open.get(key) is flight:
                del self._open[key]
