"""Produce items in one thread, ahead of the thread that uses them."""

from __future__ import annotations

from _thread import start_new_thread
from collections.abc import Generator, Iterable, Iterator
from contextlib import suppress
from itertools import repeat
from typing import Final, TypeVar

from avrojet.container.threads import Pool

Item = TypeVar("Item")

_DONE: Final = object()

# Items that are held at a time: the one that the caller uses, and the next.
_HELD: Final = 2


def ahead(items: Iterable[Item], *, stalls: bool = False) -> Generator[Item, None, None]:
    """Yield the items; while the caller uses one, a thread reads the next. An error is raised where its item
    would be.

    :param stalls: reading may take for ever: a caller that has failed, or is interrupted, does not wait for
        the thread.
    """
    pool: Pool[Iterator[Item], object] = Pool(_next, 1, "reader")
    pool.depth = _HELD
    try:
        for item in pool.map(repeat(iter(items))):
            if item is _DONE:
                return
            yield item  # type: ignore[misc]
    finally:
        pool.close(wait=not stalls)
        held = [items]
        del items  # an error's traceback refers to this frame, and what reads them may have threads
        if stalls:
            with suppress(RuntimeError):  # the interpreter ends
                start_new_thread(held.clear, ())  # and waits for them
        else:
            held.clear()


def _next(items: Iterator[object]) -> object:
    return next(items, _DONE)
