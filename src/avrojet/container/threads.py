"""A function that runs over blocks in threads, for compression and its reverse, which release the GIL.

Floor 5, importable by the rest of `container` and above.
"""

from __future__ import annotations

import os
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from concurrent.futures import Future

Item = TypeVar("Item")
Result = TypeVar("Result")

# Items in the hands of each thread: one that it works on, and one that it finds when it is done.
_PER_THREAD = 2


def thread_count(threads: int | None) -> int:
    """How many threads to use. None: as many as processors; none on one, where they could not help."""
    if threads is None:
        processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        return processors if processors > 1 else 0
    if threads < 0:
        raise ValueError(f"threads must not be negative: {threads}")
    return threads


class OrderedPool(Generic[Item, Result]):
    """Results leave in the order in which the items came, errors in the place of their result.

    The threads only ever run `function`; they end on :meth:`close`, when the pool is dropped, and with
    the interpreter.
    """

    def __init__(self, function: Callable[[Item], Result], threads: int) -> None:
        from concurrent.futures import Future, ThreadPoolExecutor  # 10 ms, only for those who use it

        self._new_future: Callable[[], Future[Result]] = Future
        self._function = function
        self._depth = _PER_THREAD * threads
        self._executor = ThreadPoolExecutor(threads, "avrojet")
        self._futures: deque[Future[Result]] = deque()
        self._interpreter_ends = sys.is_finalizing  # modules may be gone by the time that it is asked for

    def __len__(self) -> int:
        """Items that were put and not yet got back."""
        return len(self._futures)

    @property
    def full(self) -> bool:
        """Whether a result should be got before the next item is put: memory stays bounded by this."""
        return len(self._futures) >= self._depth

    @property
    def ready(self) -> bool:
        """Whether :meth:`get` returns at once."""
        return bool(self._futures) and self._futures[0].done()

    def put(self, item: Item) -> None:
        """Start work on an item."""
        try:
            future = self._executor.submit(self._function, item)
        except RuntimeError:  # the interpreter ends, which starts no more threads
            future = self._new_future()
            future.set_result(self._function(item))
        self._futures.append(future)

    def get(self) -> Result:
        """The result of the oldest item; raises what the function raised."""
        return self._futures.popleft().result()

    def map(self, items: Iterable[Item]) -> Iterator[Result]:
        """The results for all items, drawn ahead; an error in `items` comes after the results before it."""
        iterator = iter(items)
        failure: Exception | None = None
        more = True
        while True:
            while more and not self.full:
                try:
                    self.put(next(iterator))
                except StopIteration:
                    more = False
                except Exception as error:  # noqa: BLE001 (raised below, in its place)
                    failure, more = error, False
            if not self._futures:
                break
            yield self.get()
        if failure is not None:
            raise failure

    def close(self) -> None:
        """Drop the work that has not begun, and wait for the rest."""
        if not self._interpreter_ends():  # which has ended its threads
            self._executor.shutdown(cancel_futures=True)
        self._futures.clear()
