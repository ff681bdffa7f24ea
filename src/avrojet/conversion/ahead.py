"""Produce items in one thread, a few ahead of the thread that uses them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, TypeVar

from avrojet.container.threads import Pool

Item = TypeVar("Item")

_DONE: Final = object()


def ahead(items: Iterable[Item], depth: int = 1) -> Iterator[Item]:
    """Yield the items, which a thread of their own reads a few ahead. An error is raised where its item would
    be.
    """
    source = iter(items)
    pool: Pool[int, object] = Pool(lambda _: next(source, _DONE), 1, "reader")
    pool.depth = depth
    try:
        for item in pool.map(iter(int, 1)):
            if item is _DONE:
                return
            yield item  # type: ignore[misc]
    finally:
        pool.close()
