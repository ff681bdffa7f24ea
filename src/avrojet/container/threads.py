"""A function that runs over blocks in threads, for compression and its reverse, which release the GIL."""

from __future__ import annotations

import os
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, Generic, Literal, TypeVar

from avrojet.core.ground.foreign import call
from avrojet.errors import DataFileError

if TYPE_CHECKING:
    from concurrent.futures import Future

Item = TypeVar("Item")
Result = TypeVar("Result")

# Items in the hands of each thread: one that it works on, and one that it finds when it is done.
_PER_THREAD = 2

# What a thread finds behind the last item.
_END: Final[Any] = object()


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

    :param owner: what errors call whoever uses it.
    """

    def __init__(
        self,
        function: Callable[[Item], Result],
        threads: int,
        owner: Literal["reader", "writer"] = "writer",
    ) -> None:
        # 10 ms, only for those who use it.
        from concurrent.futures import CancelledError, Future, InvalidStateError, ThreadPoolExecutor

        self._new_future: Callable[[], Future[Any]] = Future
        self._cancelled = CancelledError
        self._invalid = InvalidStateError
        self._function = function
        self._owner = owner
        self._depth = _PER_THREAD * threads
        self._executor = ThreadPoolExecutor(threads, "avrojet")
        self._futures: deque[Future[Result]] = deque()
        self._unsettled: set[Future[Any]] = set()
        self._closed = False
        self._process = os.getpid()
        self._interpreter_ends = sys.is_finalizing  # modules may be gone by the time that it is asked for

    def __len__(self) -> int:
        """Items that were put and not yet got back."""
        return len(self._futures)

    @property
    def depth(self) -> int:
        """Items that may be in the hands of the threads: memory stays bounded by this."""
        return self._depth

    @property
    def full(self) -> bool:
        """Whether a result should be got before the next item is put."""
        return len(self._futures) >= self._depth

    @property
    def ready(self) -> bool:
        """Whether :meth:`get` returns at once."""
        return bool(self._futures) and self._futures[0].done()

    def put(self, item: Item) -> None:
        """Start work on an item."""
        self._futures.append(self.start(item))

    def get(self) -> Result:
        """The result of the oldest item; raises what the function raised."""
        return self.result_of(self._futures.popleft())

    def start(self, item: Item) -> Future[Result]:
        """Start work on an item, apart from those that are put."""
        future = self._future()
        self._submit(partial(self._settle, future, item))
        return future

    def result_of(self, future: Future[Result]) -> Result:
        """Wait for what was started; raises what the function raised.

        :raises DataFileError: if the pool is closed meanwhile, or its threads are in another process.
        """
        self._check_process()
        try:
            return future.result()
        except self._cancelled:
            if self._closed and future.cancelled():
                raise self._is_closed() from None
            raise

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
        empty: deque[Future[Any]] = deque()  # of items that are not drawn yet

        def work() -> None:
            with turn:
                future = empty.popleft()
                try:
                    item = next(iterator, _END)
                except BaseException as error:  # noqa: BLE001 (raised by the future)
                    self._finish(future, error=error)
                    return
            if item is _END:
                self._finish(future, item)
            else:
                self._settle(future, item)

        while True:
            while not self.full:
                future = self._future()
                empty.append(future)
                self._futures.append(future)
                self._submit(work)
            result = self.get()
            if result is _END:
                return
            yield result

    def close(self) -> None:
        """Drop what has not begun, and wait for the rest. Whoever waits for a result gets an error."""
        self._closed = True
        # Threads have ended with the interpreter, or are in the process that this one was forked from.
        has_threads = not self._interpreter_ends() and os.getpid() == self._process
        if has_threads:
            self._executor.shutdown(wait=False, cancel_futures=True)
        # Now nothing begins any more, and what was dropped will never be settled.
        for future in list(self._unsettled):
            future.cancel()
        if has_threads:
            self._executor.shutdown()
        self._futures.clear()

    def _future(self) -> Future[Any]:
        self._check_process()
        future = self._new_future()
        self._unsettled.add(future)
        return future

    def _submit(self, work: Callable[[], None]) -> None:
        try:
            self._executor.submit(work)
        except RuntimeError:  # the interpreter ends, which starts no more threads
            if self._closed:
                raise self._is_closed() from None
            work()

    def _settle(self, future: Future[Result], item: Item) -> None:
        try:
            result = call(self._function, item)
        except BaseException as error:  # noqa: BLE001 (raised by the future)
            self._finish(future, error=error)
        else:
            self._finish(future, result)
        finally:
            del future, item  # the error's traceback leads here

    def _finish(self, future: Future[Any], result: Any = None, *, error: BaseException | None = None) -> None:
        self._unsettled.discard(future)
        try:
            if error is None:
                future.set_result(result)
            else:
                future.set_exception(error)
        except self._invalid:
            pass  # the pool was closed meanwhile
        finally:
            del future, error

    def _is_closed(self) -> DataFileError:
        return DataFileError(f"the {self._owner} is closed")

    def _check_process(self) -> None:
        if os.getpid() != self._process:
            raise DataFileError(
                f"the {self._owner}'s threads are in the process that this one was forked from: open it anew"
            )


@dataclass(slots=True)
class _Ahead(Generic[Result]):
    """What was found at a place.

    :ivar behind: the place behind it.
    :ivar future: the result; None if nothing is there: the end, or an error.
    """

    at: Any
    behind: Any = None
    future: Future[Result] | None = None
    error: Exception | None = None


class ReadAhead(Generic[Item, Result]):
    """Results of a function for what is found at places that follow one another, worked on ahead by threads.

    :param find: called with a place; returns an item and the place behind it, or None at the end. It is
        called again with a place where it has raised.
    """

    def __init__(
        self, find: Callable[[Any], tuple[Item, Any] | None], function: Callable[[Item], Result], threads: int
    ) -> None:
        self._find = find
        self._pool: OrderedPool[Item, Result] = OrderedPool(function, threads, "reader")
        self._ahead: deque[_Ahead[Result]] = deque()

    def result_at(self, at: Any) -> tuple[Result, Any] | None:
        """The result at a place, and the place behind it; None at the end. Errors come in their place.

        To ask for the same place again gives the same again, unless `find` has raised: that is tried again.
        """
        ahead = self._ahead
        while ahead and ahead[0].at != at:
            ahead.popleft()
        while len(ahead) < self._pool.depth and (not ahead or ahead[-1].future is not None):
            ahead.append(self._look(ahead[-1].behind if ahead else at))
        first = ahead[0]
        if first.error is not None:
            ahead.clear()
            raise first.error
        return None if first.future is None else (self._pool.result_of(first.future), first.behind)

    def close(self) -> None:
        """End the threads; whoever waits for a result gets an error."""
        self._pool.close()

    def _look(self, at: Any) -> _Ahead[Result]:
        try:
            found = self._find(at)
            if found is None:
                return _Ahead(at)
            item, behind = found
            return _Ahead(at, behind, self._pool.start(item))
        except Exception as error:  # noqa: BLE001 (raised in its place)
            return _Ahead(at, error=error)
