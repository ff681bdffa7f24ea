"""Threads that a test starts, and those that avrojet starts in it."""

from __future__ import annotations

import itertools
import threading
import time
from _thread import start_new_thread
from collections.abc import Callable, Sequence

# What a thread does again and again; it is given its number.
Work = Callable[[int], object]


def at_once(works: Sequence[Work], *, threads: int, until: Callable[[int], bool]) -> None:
    """Each work in threads of its own, all begun together, again and again; what one raises is raised.

    :param until: called with the number of rounds that a thread has done: whether they are enough.
    """
    begin = threading.Barrier(threads * len(works))
    failures: list[BaseException] = []

    def run(work: Work, number: int) -> None:
        begin.wait()
        try:
            for done in itertools.count():
                if failures or until(done):
                    return
                work(number)
        except BaseException as error:  # noqa: BLE001 (raised below)
            failures.append(error)

    running = [
        threading.Thread(target=run, args=(work, number)) for number in range(threads) for work in works
    ]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    if failures:
        raise failures[0]


class Started:
    """Counts them."""

    def __init__(self) -> None:
        self._begun: list[None] = []
        self._ended: list[None] = []

    @property
    def running(self) -> int:
        return len(self._begun) - len(self._ended)

    def all_end(self) -> bool:
        """Whether they end, and there were some. What they do last takes a moment."""
        end = time.monotonic() + 10
        while self.running and time.monotonic() < end:
            time.sleep(0.001)
        return bool(self._begun) and not self.running

    def start(self, function: Callable[[], None], arguments: tuple[()]) -> int:
        def run() -> None:
            try:
                function(*arguments)
            finally:
                self._ended.append(None)

        self._begun.append(None)
        return start_new_thread(run, ())
