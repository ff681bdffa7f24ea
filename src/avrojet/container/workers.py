"""Threads that compress blocks for a writer."""

from __future__ import annotations

from _thread import start_new_thread
from collections.abc import Callable
from queue import SimpleQueue
from threading import Lock

from avrojet.core.files.block_writer import OutgoingBlock

# Blocks in the hands of each thread: one that it works on, and one that it finds when it is done.
_PER_THREAD = 2

# Seconds after which the caller looks again, should it have missed that something is done.
_LOOK_AGAIN = 0.05


class Workers:
    """Makes what a file is to have of blocks, in the order in which they come.

    The caller's thread, where signals' handlers run, uses only what C does as a whole: an exception that
    comes out of one can leave futures, conditions and threads of Python's library locked for good. Whatever
    it misses here, it finds when it looks again.

    The interpreter does not wait for the threads: a writer that was forgotten is closed when that ends.

    :param frame: what the file is to have of a block.
    :ivar depth: blocks to be given before the first is waited for: memory stays bounded by this.
    """

    def __init__(self, frame: Callable[[OutgoingBlock], bytes], threads: int) -> None:
        self.depth = _PER_THREAD * threads
        self._frame = frame
        self._most = threads
        self._running: list[Lock] = []  # of each thread, which releases it when it ends
        self._tasks: SimpleQueue[OutgoingBlock | None] = SimpleQueue()
        self._done = Lock()
        self._done.acquire()  # who waits acquires it, and who has done something releases it

    def give(self, block: OutgoingBlock) -> None:
        """Have a thread work on a block, if there is one."""
        if len(self._running) < self._most:
            self._start_thread()
        if self._running:
            self._tasks.put(block)  # again, if an exception comes before it is noted
            block.given = True

    def wait(self, block: OutgoingBlock) -> bytes:
        """What was made of a block; or raise what was raised, and then it can be given again."""
        while block.made is None and block.error is None:
            self._done.acquire(timeout=_LOOK_AGAIN)
        if block.made is None:
            error, block.error = block.error, None
            block.given = False
            assert error is not None
            raise error
        return block.made

    def close(self) -> None:
        """End the threads."""
        self._tasks.put(None)
        while any(lock.locked() for lock in self._running):
            self._done.acquire(timeout=_LOOK_AGAIN)

    def _start_thread(self) -> None:
        running = Lock()
        running.acquire()
        try:
            start_new_thread(_work, (self._tasks, self._frame, self._done, running))
        except RuntimeError:  # the system has no more, or the interpreter ends
            self._most = len(self._running)
        else:
            self._running.append(running)


def _work(
    tasks: SimpleQueue[OutgoingBlock | None],
    frame: Callable[[OutgoingBlock], bytes],
    done: Lock,
    running: Lock,
) -> None:
    """What a thread does; it does not know the writer, which can be dropped meanwhile."""
    while (block := tasks.get()) is not None:
        try:
            block.made = frame(block)
        except BaseException as error:  # noqa: BLE001 (raised where the block is waited for)
            block.error = error
        del block
        _wake(done)
    tasks.put(None)  # for the next one, also for one that its caller does not know of
    running.release()
    _wake(done)


def _wake(done: Lock) -> None:
    try:
        done.release()
    except RuntimeError:  # whoever waits has not looked since the last one
        return
