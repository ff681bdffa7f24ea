"""Caches of recently used schemas and plans; any module may import this one."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Generic, TypeVar

from avrojet.locks import ProcessLock

T = TypeVar("T")

# Shared by all caches: plans are seldom added.
_lock = ProcessLock()


class PlanCache(Generic[T]):
    """Plans, or schemas, keyed by what they were made from; bounded in number and in size.

    A plan that is too large by itself is not kept, but made anew each time.

    Thread-safe. Threads that look for the same plan at the same time may each make one. Finding a plan takes
    no lock. There are two generations: when the younger one has grown to half of the bound, the older one is
    dropped, with the plans that have not been used since.

    :param plans: the most plans that are kept; one of a hundred fields takes about 20 KB.
    :param size: the most that their sizes may add up to, in the unit that is passed to :meth:`keep`. The
        default is in characters of schemas: a schema and its plan take about ten bytes for each, fifty at
        worst.
    """

    def __init__(self, plans: int = 256, size: int = 4 << 20) -> None:
        self._plans = plans // 2
        self._size = size // 2
        self._young: dict[Hashable, tuple[T, int]] = {}
        self._old: dict[Hashable, tuple[T, int]] = {}
        self._held = 0  # total size of the younger generation

    def __len__(self) -> int:
        return len(self._young.keys() | self._old.keys())

    def get(self, key: Hashable) -> T | None:
        """The plan for a key, or None."""
        found = self._young.get(key)
        if found is None:
            found = self._old.get(key)
            if found is None:
                return None
            self.keep(key, *found)
        return found[0]

    def keep(self, key: Hashable, plan: T, size: int) -> None:
        """Keep a plan, if there is room."""
        if size > self._size:
            return
        with _lock.lock:
            if len(self._young) >= self._plans or self._held + size > self._size:
                self._young, self._old, self._held = {}, self._young, 0
            known = len(self._young)
            self._young[key] = plan, size
            if len(self._young) > known:
                self._held += size

    def clear(self) -> None:
        """Drop all plans."""
        # Without the lock, as the caller may hold another one: a plan that is being added may stay.
        self._young, self._old, self._held = {}, {}, 0
