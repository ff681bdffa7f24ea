"""Locks that a forked child process finds free; any module may import this one."""

from __future__ import annotations

import os
from threading import RLock
from weakref import WeakSet


class ProcessLock:
    """A lock that nobody holds in a forked child process.

    If one thread holds an ordinary lock while another one forks, the child does not have the first thread,
    and would wait for ever.

    :ivar lock: for ``with``. (It is the library's own: an interruption cannot come between taking it and the
        block, as it could in a method of this class, or before a ``try``.) Its thread may take it again, as
        handlers of signals and finalizers do, which come anywhere.
    """

    __slots__ = ("__weakref__", "lock")

    def __init__(self) -> None:
        self.lock = RLock()
        _made.add(self)


_made: WeakSet[ProcessLock] = WeakSet()


def _renew() -> None:
    """Free all locks, in a child: its only thread is the one that has forked."""
    for each in list(_made):
        each.lock = RLock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew)
