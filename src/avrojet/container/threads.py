"""A function that runs over blocks in threads, for compression and its reverse, which release the GIL.

An interruption (Ctrl-C) may come anywhere in the main thread. Tools that are written in Python, as the
standard library's conditions and executors are, can be left locked by it for ever. So all that threads share
here is a queue of C's, and locks that are taken by one call, where nobody minds if they are not given back.
"""

from __future__ import annotations

import os
import sys
from _thread import allocate_lock, start_new_thread
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from queue import SimpleQueue
from threading import Lock, Thread, get_ident, main_thread
from typing import Any, Final, Generic, Literal, TypeVar

from avrojet.core.ground.foreign import call
from avrojet.errors import DataFileError

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


class _CancelledError(Exception):
    """The pool was closed before there was a result."""


class Task(Generic[Result]):
    """Work that is done in another thread, and what comes of it."""

    __slots__ = ("_lock", "_outcome", "_work")
    _interpreter_ends = staticmethod(sys.is_finalizing)  # modules may be gone when it is asked for

    def __init__(self, work: Callable[[], Result] | None = None) -> None:
        self._work = work
        self._outcome: tuple[Result | None, BaseException | None] | None = None
        self._lock = allocate_lock()  # released when the outcome is there
        self._lock.acquire()

    def run(self, work: Callable[[], Result] | None = None) -> None:
        """Do the work, which may be known only now."""
        work = work or self._work
        if work is None or self._outcome is not None:
            return
        try:
            self._settle(call(work), None)
        except BaseException as error:  # noqa: BLE001 (raised where the result is asked for)
            self._settle(None, error)
        finally:
            del self  # the error's traceback leads here

    def fail(self, error: BaseException) -> None:
        """There will be no result: whoever waits gets the error."""
        self._settle(None, error)

    def done(self) -> bool:
        """Whether there is a result or an error."""
        return self._outcome is not None

    def result(self) -> Result:
        """Wait for the work; raises what it raised."""
        error = self.exception()
        try:
            if error is not None:
                raise error
            assert self._outcome is not None
            return self._outcome[0]  # type: ignore[return-value]
        finally:
            del error, self

    def exception(self) -> BaseException | None:
        """Wait for the work; what it raised."""
        while self._outcome is None:
            if self._interpreter_ends():  # and the threads with it
                self.run()
            else:
                self._lock.acquire()
        return self._outcome[1]

    def _settle(self, result: Result | None, error: BaseException | None) -> None:
        if self._outcome is None:
            self._outcome = result, error
        self._work = None
        with suppress(RuntimeError):  # if it is cancelled at that moment
            self._lock.release()


def _serve(tasks: SimpleQueue[Task[Any] | None]) -> None:
    """What a thread does, until it finds None, which it leaves to the others."""
    while True:
        task = tasks.get()
        if task is None:
            tasks.put(None)
            return
        task.run()
        del task  # its result need not wait for another


class _Worker:
    """A thread that is started without a wait for it, which an interruption could leave half done."""

    def __init__(self, tasks: SimpleQueue[Task[Any] | None], name: str) -> None:
        self._tasks = tasks
        self._thread = Thread(target=_serve, args=(tasks,), name=name, daemon=True)
        self._asked = self._started = False
        self._lock = allocate_lock()  # released when the thread is there
        self._lock.acquire()

    def start(self) -> None:
        """Start it: from the main thread, where handlers of signals run, by way of another one.

        :raises RuntimeError: if the interpreter ends, or the system has no more threads.
        """
        if get_ident() == main_thread().ident:
            start_new_thread(self._start, ())
        else:
            self._start()
        self._asked = True

    def _start(self) -> None:
        try:
            self._thread.start()
        except RuntimeError:  # the system has no thread more than this one
            self._note_start()
            _serve(self._tasks)
        else:
            self._note_start()

    def _note_start(self) -> None:
        self._started = True
        self._lock.release()

    def join(self) -> None:
        """Wait for its end."""
        while self._asked and not self._started:
            self._lock.acquire()
        if self._thread.is_alive():
            self._thread.join()


class OrderedPool(Generic[Item, Result]):
    """Results leave in the order in which the items came, errors in the place of their result.

    The threads only ever run `function`; they end on :meth:`close`, when the pool is dropped, and with
    the interpreter.

    :param owner: what errors call whoever uses it.
    :ivar depth: items to have begun before the first result is waited for: memory stays bounded by this.
    """

    _interpreter_ends = staticmethod(sys.is_finalizing)

    def __init__(
        self,
        function: Callable[[Item], Result],
        threads: int,
        owner: Literal["reader", "writer"] = "writer",
    ) -> None:
        self._tasks: SimpleQueue[Task[Any] | None] = SimpleQueue()
        self.depth = _PER_THREAD * threads
        self._function = function
        self._owner = owner
        self._most = threads
        self._workers: list[_Worker] = []
        self._begun: deque[Task[Result]] = deque()  # in order
        self._unsettled: deque[Task[Any]] = deque()
        self._closed = False
        self._process = os.getpid()

    def __len__(self) -> int:
        """Items that were put and not yet got back."""
        return len(self._begun)

    @property
    def full(self) -> bool:
        """Whether a result should be got before the next item is put."""
        return len(self._begun) >= self.depth

    @property
    def ready(self) -> bool:
        """Whether :meth:`get` returns at once."""
        return bool(self._begun) and self._begun[0].done()

    def put(self, item: Item) -> None:
        """Start work on an item."""
        self._begun.append(self.begin(item))

    def get(self) -> Result:
        """The result of the oldest item; raises what the function raised."""
        return self.result_of(self._begun.popleft())

    def begin(self, item: Item) -> Task[Result]:
        """Start work on an item whose result its owner gets himself."""
        function = self._function
        return self._submit(Task(lambda: function(item)))

    def result_of(self, task: Task[Result]) -> Result:
        """Wait for what was begun; raises what the function raised.

        :raises DataFileError: if the pool is closed meanwhile, or its threads are in another process.
        """
        if not task.done():
            self._check_process()
        try:
            return task.result()
        except _CancelledError:
            raise self._is_closed() from None
        finally:
            del task  # whose error has a traceback that leads here

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
            if not self._begun:
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
        empty: deque[Task[Any]] = deque()  # those whose items are not drawn yet
        function = self._function

        def work() -> None:
            with turn:
                task = empty.popleft()
                try:
                    item = next(iterator, _END)
                except BaseException as error:  # noqa: BLE001 (raised where the result is asked for)
                    task.fail(error)
                    return
            task.run(lambda: item if item is _END else function(item))

        while True:
            while not self.full:
                task: Task[Any] = Task()
                empty.append(task)
                self._begun.append(task)
                self._unsettled.append(task)
                self._submit(Task(work))
            result = self.get()
            if result is _END:
                return
            yield result

    def close(self) -> None:
        """Drop what has not begun, and wait for the rest. Whoever waits for a result gets an error."""
        self._closed = True
        while self._unsettled:
            with suppress(IndexError):  # another thread has taken it
                self._unsettled.popleft().fail(_CancelledError())
        self._tasks.put(None)
        # Threads have ended with the interpreter, or are in the process that this one was forked from.
        if not self._interpreter_ends() and os.getpid() == self._process:
            for worker in self._workers:
                worker.join()
        self._begun.clear()

    def __del__(self) -> None:
        self._tasks.put(None)

    def _submit(self, task: Task[Any]) -> Task[Any]:
        self._check_process()
        unsettled = self._unsettled
        with suppress(IndexError):  # another thread closes the pool
            while unsettled[0].done():
                unsettled.popleft()
        unsettled.append(task)
        if self._closed:
            raise self._is_closed()
        if self._interpreter_ends() or not self._has_workers():
            task.run()
        else:
            self._tasks.put(task)
        return task

    def _has_workers(self) -> bool:
        """Whether there are threads, after one more was started if there are not enough."""
        if len(self._workers) < self._most:
            worker = _Worker(self._tasks, f"avrojet_{len(self._workers)}")
            try:
                worker.start()
            except RuntimeError:
                return bool(self._workers)
            self._workers.append(worker)
        return True

    def _is_closed(self) -> DataFileError:
        return DataFileError(f"the {self._owner} is closed")

    def _check_process(self) -> None:
        if os.getpid() != self._process:
            raise DataFileError(
                f"the {self._owner}'s threads are in the process that this one was forked from: open it anew"
            )


@dataclass(slots=True)
class _Ahead(Generic[Item, Result]):
    """What was found at a place: the end, if there is neither an item nor an error.

    :ivar behind: the place behind it.
    :ivar task: the work on it; None before it begins, and after it has failed.
    """

    at: Any
    behind: Any = None
    item: Item | None = None
    task: Task[Result] | None = None
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
        self._ahead: deque[_Ahead[Item, Result]] = deque()

    def result_at(self, at: Any) -> tuple[Result, Any] | None:
        """The result at a place, and the place behind it; None at the end. Errors come in their place.

        To ask for the same place again gives the same again; what has failed is tried again.
        """
        ahead = self._ahead
        while ahead and ahead[0].at != at:
            ahead.popleft()
        while len(ahead) < self._pool.depth and (not ahead or ahead[-1].item is not None):
            ahead.append(self._look(ahead[-1].behind if ahead else at))
        first = ahead[0]
        if first.error is not None:
            ahead.clear()
            raise first.error
        if first.item is None:
            return None
        if first.task is None:
            first.task = self._pool.begin(first.item)
        try:
            return self._pool.result_of(first.task), first.behind
        except BaseException:
            if first.task.done():  # else it was the waiting that was interrupted
                first.task = None  # nothing here holds an error, whose traceback leads here
            raise

    def close(self) -> None:
        """End the threads; whoever waits for a result gets an error."""
        self._pool.close()

    def _look(self, at: Any) -> _Ahead[Item, Result]:
        try:
            found = self._find(at)
            if found is None:
                return _Ahead(at)
            item, behind = found
            return _Ahead(at, behind, item, self._pool.begin(item))
        except Exception as error:  # noqa: BLE001 (raised in its place)
            return _Ahead(at, error=error)
