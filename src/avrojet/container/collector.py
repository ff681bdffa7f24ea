"""The cyclic garbage collector, paused while all rows of a file are put into a list."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from typing import Any


class CollectorPause:
    """Lets the rows of blocks pass, the collector switched off for a consumer that keeps all of them.

    Rows are trees of fresh objects. Where millions of them are kept, the collector would walk them again
    and again, for several times as long as it takes to make them, and find nothing.

    It stays on until :meth:`ask` says that such a consumer is at work, and comes on again behind the last
    row, at an error, and when the reader is closed or dropped. It is never touched where it is off already.
    """

    __slots__ = ("_asked", "_paused")

    def __init__(self) -> None:
        self._asked = False
        self._paused = False

    def ask(self) -> None:
        """The consumer of the rows is about to take and keep them all."""
        self._asked = True

    def release(self) -> None:
        """Switch the collector on again if it was switched off here."""
        if self._paused:
            self._paused = False
            gc.enable()

    def passing(self, blocks: Iterator[Iterator[Any]]) -> Iterator[Iterator[Any]]:
        """The rows of each block, unchanged."""
        try:
            for rows in blocks:
                if self._asked:
                    self._begin()
                yield rows
        finally:
            self.release()

    def _begin(self) -> None:
        self._asked = False
        if gc.isenabled():
            self._paused = True
            gc.disable()
