"""Caches of the schemas and plans used last; any module may import this one."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Generic, TypeVar

from avrojet.locks import ProcessLock

T = TypeVar("T")

# Of all caches: plans are seldom kept.
_lock = ProcessLock()


class PlanCache(Generic[T]):
    """Plans, or schemas, keyed by what they were made of; bounded in number and in size.

    What is too large by itself is not kept, and is made anew each time.

    Threads may share it. Threads that look for the same plan at the same time may each make one. Finding a
    plan takes no lock. There are two generations: when the younger one has grown to half of the bound, the
    older one is dropped, with the plans that were not used meanwhile.

    :param plans: the most plans that are kept; one of a hundred fields takes some 20 KB.
    :param size: the most that their sizes may add up to, in the unit that is passed to :meth:`keep`. The
        default is of characters of schemas: a schema and its plan take some ten bytes for each, fifty at
        worst.
    """

    def __init__(self, plans: int = 256, size: int = 4 << 20) -> None:
        self._plans = plans // 2
        self._size = size // 2
        self._young: dict[Hashable, tuple[T, int]] = {}
        self._old: dict[Hashable, tuple[T, int]] = {}
        self._held = 0  # the size of the young

    def __len__(self) -> int:
        return len(self._young.keys() | self._old.keys())

    def get(self, key: Hashable) -> T | None:
        """The plan of a key, None if there is none."""
        found = self._young.get(key)
        if found is None:
            found = self._old.get(key)
            if found is None:
                return None
            self.keep(key, *found)
        return found[0]

    def keep(self, key: Hashable, plan: T, size: int) -> None:
        """Keep a plan, while there is room."""
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
        """Forget all plans."""
        # Without the lock, as the caller may have another: a plan that is kept at this moment may stay.
        self._young, self._old, self._held = {}, {}, 0
