"""Locks of the whole process; any module may import this one."""

from __future__ import annotations

import os
from threading import RLock


class ProcessLock:
    """A lock that nobody holds in a forked child process.

    If one thread holds an ordinary lock while another one forks, the child does not have the first thread,
    and would wait for ever. Make it once, for as long as the process lives.

    :ivar lock: for ``with``. (It is the library's own: an interruption cannot come between taking it and the
        block, as it could in a method of this class, or before a ``try``.) Its thread may take it again, as
        handlers of signals and finalizers do, which come anywhere.
    """

    def __init__(self) -> None:
        self._renew()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._renew)

    def _renew(self) -> None:
        self.lock = RLock()
