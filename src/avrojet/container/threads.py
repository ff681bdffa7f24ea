"""Runs a function over items in threads, for compression and decompression, which release the GIL.

An interruption (Ctrl-C) may come anywhere in the main thread. It can leave tools that are written in Python,
such as the standard library's conditions, executors and threads, locked for ever. So all that threads share
here is a queue implemented in C, and locks that are taken by a single call, where it does no harm if they are
never released.
"""

from __future__ import annotations

import os
import sys
from _thread import start_new_thread
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import partial
from itertools import islice
from queue import Empty, SimpleQueue
from threading import Lock, local
from typing import Any, Final, Generic, Literal, TypeAlias, TypeVar
from weakref import ref

from avrojet.core.ground.foreign import call
from avrojet.errors import DataFileError
from avrojet.messages import WarningPlace, set_warning_place, warning_place

Item = TypeVar("Item")
Result = TypeVar("Result")

# Entries of the threads' queue: work, which returns what interrupted it, or the signal to end.
Work: TypeAlias = Callable[[], object]

# Items per thread: one that it works on, and one that it finds when it is done.
_PER_THREAD = 2

# Seconds after which a caller checks again, in case an interruption swallowed the notification.
_LOOK_AGAIN = 0.5

# Drawn after the last item.
_END: Final[Any] = object()

# In a thread of a pool: the signal that ends it.
_here = local()


def thread_count(threads: int | None) -> int:
    """How many threads to use. None: one per processor; none if there is one, where they could not help."""
    if threads is None:
        processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        return processors if processors > 1 else 0
    if threads < 0:
        raise ValueError(f"threads must not be negative: {threads}")
    return threads


class _CancelledError(Exception):
    """The pool was closed before there was a result."""


class Task(Generic[Result]):
    """Work that is done in another thread, and its result."""

    __slots__ = ("_lock", "_outcome", "_work")
    _interpreter_ends = staticmethod(sys.is_finalizing)  # modules may be gone when it is called

    def __init__(self, work: Callable[[], Result] | None = None) -> None:
        self._work = work
        self._outcome: tuple[Result | None, BaseException | None] | None = None
        self._lock = Lock()  # released when there is an outcome
        self._lock.acquire()

    def run(self, work: Callable[[], Result] | None = None) -> BaseException | None:
        """Do the work, which may become known only now.

        :returns: what interrupted it: an exception that is not an error.
        """
        work = work or self._work
        if work is None or self._outcome is not None:
            return None
        outcome: tuple[Result | None, BaseException | None]
        try:
            outcome = call(work), None
        except BaseException as error:  # noqa: BLE001 (raised where the result is requested)
            outcome = None, error
        try:
            self._settle(outcome)
            return None if isinstance(outcome[1], Exception) else outcome[1]
        finally:
            del outcome, self  # the error's traceback refers to this frame

    def fail(self, error: BaseException) -> None:
        """Give up the work: whoever waits for the result gets the error."""
        self._settle((None, error))

    def done(self) -> bool:
        """Whether there is a result or an error."""
        return self._outcome is not None

    def result(self) -> Result:
        """Wait for the work; raises what it raised."""
        self.wait()
        assert self._outcome is not None
        result, error = self._outcome
        try:
            if error is not None:
                raise error
            return result  # type: ignore[return-value]
        finally:
            del error, self  # the error's traceback refers to this frame

    def wait(self) -> None:
        """Wait for the work."""
        while self._outcome is None:
            if self._interpreter_ends():  # and the threads with it
                self.run()
                self.fail(DataFileError("the program is ending, and its threads have ended"))
            elif self._lock.acquire(timeout=_LOOK_AGAIN):
                self._wake()  # another caller may be waiting, too

    def _settle(self, outcome: tuple[Result | None, BaseException | None]) -> None:
        if self._outcome is None:
            self._outcome = outcome
        self._work = None
        self._wake()

    def _wake(self) -> None:
        with suppress(RuntimeError):  # another caller has done so
            self._lock.release()


def _serve(works: SimpleQueue[Work], end: Work, place: WarningPlace | None) -> None:
    """The loop of a thread, until it finds the end signal, which it puts back for the others.

    :param place: what warnings name as their place.
    """
    _here.end = end
    set_warning_place(place)
    while (work := works.get()) is not end:
        work()
        del work  # not kept while waiting for the next
    works.put(end)


class Pool(Generic[Item, Result]):
    """Threads that run a function over items, and hold references to nothing else.

    They end on :meth:`close`, when the pool is dropped, and with the interpreter.

    :param owner: the name of the pool's user in errors.
    :param helped: one of the threads is the caller of :meth:`map`, which works while it waits for a result.
        With a thread more, it would wait for a processor as well, to use results that are ready.
    :ivar depth: items to begin before the first result is waited for, which bounds memory.
    """

    _interpreter_ends = staticmethod(sys.is_finalizing)

    def __init__(
        self,
        function: Callable[[Item], Result],
        threads: int,
        owner: Literal["reader", "writer"],
        *,
        helped: bool = False,
    ) -> None:
        self.depth = _PER_THREAD * threads
        self._function = function
        self._owner = owner
        self._helped = helped
        self._most = threads - helped
        self._threads: list[Task[None]] = []  # each is done when its thread ends
        self._works: SimpleQueue[Work] = SimpleQueue()
        # Dropping the pool puts it into the queue, with no step of Python in which an interruption is lost.
        self._end: Work = ref(self, self._works.put)
        self._unsettled: set[Task[Any]] = set()
        self._closed = False
        self._process = os.getpid()
        self._warning_place = warning_place()

    def begin(self, item: Item) -> Task[Result]:
        """Start work on an item, for :meth:`result_of`."""
        task = Task(partial(self._function, item))
        self._give(task, task.run)
        return task

    def result_of(self, task: Task[Result]) -> Result:
        """Wait for work that was begun; raises what the function raised.

        :raises DataFileError: if the pool is closed meanwhile, or its threads are in another process.
        """
        if not task.done():
            self._check_process()
            if getattr(_here, "end", None) is self._end:  # the owner is collected in a thread of it
                task.run()
        try:
            return task.result()
        except _CancelledError:
            raise self._is_closed() from None
        finally:
            if task.done():
                self._unsettled.discard(task)
            del task  # its error's traceback refers to this frame

    def map(self, items: Iterable[Item]) -> Iterator[Result]:
        """The results for all items in order, computed ahead; errors come in their turn."""
        left = iter(items)
        begun = deque(map(self.begin, islice(left, self.depth)))
        while begun:
            if self._helped:
                self._help(begun[0])
            yield self.result_of(begun.popleft())
            begun.extend(map(self.begin, islice(left, 1)))

    def _help(self, task: Task[Result]) -> None:
        """Do what no thread has begun, until the task is done or nothing is left; raises what interrupts."""
        while not task.done():
            try:
                work = self._works.get_nowait()
            except Empty:
                return
            if work is self._end:
                self._works.put(work)
                return
            interruption = work()
            if isinstance(interruption, BaseException):
                raise interruption

    def pull(self, items: Iterable[Item]) -> Iterator[Result]:
        """The results for all items, which the threads draw themselves, one at a time; errors in their turn.

        So what is read for an item is in the cache of the processor that works on it.
        """
        begun: deque[Task[Any]] = deque()
        undrawn: deque[Task[Any]] = deque()
        draw = _drawing(iter(items), undrawn, self._function)
        while True:
            while len(begun) < self.depth:
                begun.append(Task())
                undrawn.append(begun[-1])
                self._give(begun[-1], draw)
            result = self.result_of(begun.popleft())
            if result is _END:
                return
            yield result

    def close(self, *, wait: bool = True) -> None:
        """Drop work that has not begun, and wait for the rest. Callers waiting for a result get an error.

        :param wait: False: the threads end when they have done what they are at.
        """
        self._closed = True
        while self._unsettled:
            with suppress(KeyError):  # another thread has removed it
                self._unsettled.pop().fail(_CancelledError())
        self._works.put(self._end)
        # Threads have ended with the interpreter, or are in the process from which this one was forked. And
        # if the owner is collected in a thread of a pool, that may be the one that the others wait for.
        if (
            wait
            and not self._interpreter_ends()
            and os.getpid() == self._process
            and not hasattr(_here, "end")
        ):
            for thread in self._threads:
                thread.wait()

    def _give(self, task: Task[Any], work: Work) -> None:
        """Let a thread do the work that settles a task."""
        self._check_process()
        self._unsettled.add(task)
        if self._closed:  # now at the latest: another thread may be closing it
            raise self._is_closed()
        if self._interpreter_ends() or not self._has_threads():
            work()
        else:
            self._works.put(work)

    def _has_threads(self) -> bool:
        """Whether there are threads, after starting one more if there are not enough."""
        if len(self._threads) < self._most:
            thread = Task(partial(_serve, self._works, self._end, self._warning_place))
            try:
                start_new_thread(thread.run, ())
            except RuntimeError:  # the system cannot start more
                self._most = len(self._threads)
            else:
                self._threads.append(thread)
        return bool(self._threads)

    def _is_closed(self) -> DataFileError:
        return DataFileError(f"the {self._owner} is closed")

    def _check_process(self) -> None:
        if os.getpid() != self._process:
            raise DataFileError(
                f"the {self._owner}'s threads are in the process that this one was forked from: open it again"
            )


def _drawing(items: Iterator[Item], undrawn: deque[Task[Any]], function: Callable[[Item], object]) -> Work:
    """Work that draws an item for the next task, and processes it; at the end its result is _END.

    :param undrawn: the tasks that have no items yet.
    """
    turn = Lock()

    def draw() -> None:
        with turn:
            task = undrawn.popleft()
            if task.done():  # the pool was closed
                return
            try:
                item = next(items, _END)
            except BaseException as error:  # noqa: BLE001 (raised where the result is requested)
                task.fail(error)
                del task  # the error's traceback refers to this frame
                return
        task.run(lambda: item if item is _END else function(item))

    return draw


class _Ahead(Generic[Item, Result]):
    """What was found at a place: the end, if there is neither an item nor an error.

    :ivar after: the place after it.
    :ivar task: the work on it; None before it begins, and after it has failed.
    """

    __slots__ = ("after", "at", "error", "item", "task")

    def __init__(
        self,
        at: Any,
        after: Any = None,
        item: Item | None = None,
        task: Task[Result] | None = None,
        error: Exception | None = None,
    ) -> None:
        self.at = at
        self.after = after
        self.item = item
        self.task = task
        self.error = error


class ReadAhead(Generic[Item, Result]):
    """Results of a function for the items at consecutive places, computed ahead by threads.

    :param find: called with a place; returns an item and the place after it, or None at the end. If it
        raises, it is called again with the same place.
    """

    def __init__(
        self, find: Callable[[Any], tuple[Item, Any] | None], function: Callable[[Item], Result], threads: int
    ) -> None:
        self._find = find
        self._pool: Pool[Item, Result] = Pool(function, threads, "reader")
        self._ahead: deque[_Ahead[Item, Result]] = deque()

    def result_at(self, at: Any) -> tuple[Result, Any] | None:
        """The result at a place, and the place after it; None at the end. Errors come in their turn.

        Asking for the same place again returns the same result again; work that failed is tried again.
        """
        ahead = self._ahead
        while ahead and ahead[0].at != at:
            ahead.popleft()
        while len(ahead) < self._pool.depth and (not ahead or ahead[-1].item is not None):
            ahead.append(self._look(ahead[-1].after if ahead else at))
        first = ahead[0]
        try:
            if first.error is not None:
                ahead.clear()
                raise first.error
            if first.item is None:
                return None
            if first.task is None:
                first.task = self._pool.begin(first.item)
            return self._pool.result_of(first.task), first.after
        except BaseException:
            if first.task is not None and first.task.done():  # else only the waiting was interrupted
                first.task = None
            raise
        finally:
            del first  # nothing here keeps an error, whose traceback refers to this frame

    def close(self) -> None:
        """End the threads; whoever waits for a result gets an error."""
        self._pool.close()

    def _look(self, at: Any) -> _Ahead[Item, Result]:
        try:
            found = self._find(at)
            if found is None:
                return _Ahead(at)
            item, after = found
            return _Ahead(at, after, item, self._pool.begin(item))
        except Exception as error:  # noqa: BLE001 (raised in its turn)
            return _Ahead(at, error=error)
        finally:
            del self  # an error's traceback refers to this frame
