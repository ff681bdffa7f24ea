"""The cyclic garbage collector, paused while all rows of a file are put into a list.

Floor 5, importable by `container.reader`.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from typing import Any

# What sys.getrefcount says of a row that only its list holds: the list, and the call itself.
_ONLY_LISTED = 2


class CollectorPause:
    """Lets lists of rows pass, the collector switched off for a consumer that keeps all of them.

    Rows are trees of fresh objects. Where millions of them are kept, the collector would walk them again
    and again, for several times as long as it takes to make them, and find nothing.

    It stays on until :meth:`ask` says that such a consumer is at work, comes on again as soon as one is
    seen to drop rows, and at the end in any case. It is never touched where it is off already.
    """

    __slots__ = ("_asked", "_paused")

    def __init__(self) -> None:
        self._asked = False
        self._paused = False

    def ask(self) -> None:
        """The consumer of the lists is about to take and keep them all."""
        self._asked = True

    def release(self) -> None:
        """Switch the collector on again if it was switched off here."""
        if self._paused:
            self._paused = False
            gc.enable()

    def passing(self, lists: Iterator[list[Any]]) -> Iterator[list[Any]]:
        """The lists, unchanged."""
        try:
            for rows in lists:
                if self._asked:
                    self._begin()
                yield rows
                if self._paused and rows and sys.getrefcount(rows[0]) <= _ONLY_LISTED:
                    self.release()
        finally:
            self.release()

    def _begin(self) -> None:
        self._asked = False
        if gc.isenabled():
            self._paused = True
            gc.disable()
