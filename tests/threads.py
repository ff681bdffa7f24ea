"""The threads that avrojet starts in a test."""

from __future__ import annotations

import time
from _thread import start_new_thread
from collections.abc import Callable


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
