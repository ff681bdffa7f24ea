"""A function that runs over blocks in threads, for compression and its reverse, which release the GIL."""

from __future__ import annotations

import os
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from threading import Lock
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
        # 10 ms, only for those who use it.
        from concurrent.futures import CancelledError, Future, ThreadPoolExecutor

        self._new_future: Callable[[], Future[Result]] = Future
        self._cancelled = CancelledError
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
        future = self._new_future()
        self._futures.append(future)
        self._start(lambda: self._settle(future, item))

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

    def pull(self, items: Iterable[Item]) -> Iterator[Result]:
        """The results for all items, which the threads draw themselves, one at a time; errors in their place.

        So what is read for an item is in the cache of the processor that works on it.
        """
        iterator = iter(items)
        turn = Lock()
        empty: deque[Future[Result]] = deque()  # of items that are not drawn yet

        def work() -> None:
            with turn:
                future = empty.popleft()
                try:
                    item = next(iterator)
                except StopIteration:
                    future.cancel()  # which tells the caller that there are no more
                    return
                except BaseException as error:  # noqa: BLE001 (raised by the future)
                    future.set_exception(error)
                    return
            self._settle(future, item)

        while True:
            while not self.full:
                future = self._new_future()
                empty.append(future)
                self._futures.append(future)
                self._start(work)
            try:
                result = self.get()
            except self._cancelled:
                return
            yield result

    def _start(self, work: Callable[[], None]) -> None:
        try:
            self._executor.submit(work)
        except RuntimeError:  # the interpreter ends, which starts no more threads
            work()

    def _settle(self, future: Future[Result], item: Item) -> None:
        try:
            future.set_result(self._function(item))
        except BaseException as error:  # noqa: BLE001 (raised by the future)
            future.set_exception(error)

    def close(self) -> None:
        """Drop the work that has not begun, and wait for the rest."""
        if not self._interpreter_ends():  # which has ended its threads
            self._executor.shutdown(cancel_futures=True)
        self._futures.clear()
