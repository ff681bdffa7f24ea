"""What a registry has answered, kept for a time, and asked for once at a time."""

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
    """An answer that is kept: a value, or that there is none.

    :ivar error: why there is none.
    :ivar until: when it has to be asked for again, on the clock of :func:`time.monotonic`.
    """

    value: T | None
    error: RegistryError | None
    until: float

    def result(self) -> T:
        """The value, or the error as one of its own: a traceback grows on what is raised."""
        if self.error is not None:
            raise copy(self.error)
        return self.value  # type: ignore[return-value]


class Answers:
    """The answers of a registry, bounded in number and time. Threads may share them.

    :param number: the most that are kept.
    :param seconds: how long what may change is taken for true.
    :param missing: how long it is taken for true that something is not there.
    """

    def __init__(self, number: int, seconds: float, missing: float) -> None:
        self._kept: PlanCache[Kept[Any]] = PlanCache(max(2, number), _ROOM)
        self.seconds = seconds
        self._missing = missing

    def get(self, key: Hashable) -> Kept[Any] | None:
        """What was answered, be it out of date."""
        return self._kept.get(key)

    def keep(self, key: Hashable, value: Any, seconds: float, size: int = 100) -> None:
        """Keep a value."""
        self._kept.keep(key, Kept(value, None, monotonic() + seconds), size)

    def failed(self, key: Hashable, error: RegistryError, before: Kept[Any] | None) -> Any:
        """What is taken for the answer where asking has failed: what was true before, or the error, raised.

        That something is not there, or not valid, is kept: there may be many messages of it.
        """
        if isinstance(error, NotFoundError | InvalidSchemaError):
            self._kept.keep(key, Kept(None, untraced(error), monotonic() + self._missing), 100)
        elif before is not None and before.error is None:
            self.keep(key, before.value, self.seconds)
            return before.value
        raise error

    def forget(self, key: Hashable) -> None:
        """Let an answer be out of date, and not even good where the registry is down."""
        self._kept.keep(key, Kept(None, NotFoundError("it was deleted"), 0.0), 100)

    def clear(self) -> None:
        """Forget all."""
        self._kept.clear()


class Flight:
    """Something that is being asked for, by one for all: who has the lock.

    An interruption may come at any place: it leaves a flight that has not arrived and whose lock is free, so
    the next one asks. (``with`` lets go of a lock wherever an interruption comes.)
    """

    def __init__(self, lock: Any) -> None:
        self.lock = lock
        self.arrived = False
        self._value: Any = None
        self._error: Exception | None = None

    def arrive(self, value: Any) -> None:
        """It came to this."""
        self._value = value
        self.arrived = True

    def crash(self, error: Exception) -> None:
        """It came to an error."""
        self._error = untraced(error)
        self.arrived = True

    def result(self) -> Any:
        """What came of it; an error as one of its own."""
        if self._error is not None:
            raise copy(self._error)
        return self._value


class Flights:
    """What is being asked for at the moment, by key."""

    def __init__(self) -> None:
        self._open: dict[Hashable, Flight] = {}

    def __contains__(self, key: Hashable) -> bool:
        return key in self._open

    def board(self, key: Hashable, lock: Callable[[], Any] = RLock) -> Flight:
        """The flight of a key that is still on its way, or a new one."""
        with _lock.lock:
            flight = self._open.get(key)
            if flight is None or flight.arrived:
                flight = self._open[key] = Flight(lock())
            return flight

    def land(self, key: Hashable, flight: Flight) -> None:
        """Let no others board a flight."""
        with _lock.lock:
            if self._open.get(key) is flight:
                del self._open[key]
