"""Blocks on their way into a file: compressed, possibly in threads, and written in order."""

from __future__ import annotations

from collections.abc import Callable

from avrojet.container.target import ByteTarget
from avrojet.container.threads import Pool
from avrojet.core.files.block_writer import OutgoingBlock


class Delivery:
    """Writes the blocks of a list, the oldest first, and removes those written.

    A call that is interrupted, or fails, can be followed by another one, which continues where the first
    stopped: each step can be repeated, or cannot be interrupted.

    :param waiting: the blocks.
    :param frame: makes the bytes of a compressed block in the file.
    :param threads: threads to do that in.
    """

    def __init__(
        self,
        waiting: list[OutgoingBlock],
        target: ByteTarget,
        frame: Callable[[OutgoingBlock], bytes],
        threads: int = 0,
    ) -> None:
        self._waiting = waiting
        self._target = target
        self._frame = frame
        self._pool = Pool(frame, threads, "writer") if threads else None

    def advance(self) -> None:
        """Write the blocks that are ready, and also the oldest ones if too many are waiting."""
        if self._pool is None:
            self.finish()
            return
        for block in self._waiting:
            if block.framed is None and block.task is None:
                block.task = self._pool.begin(block)  # done again if an exception comes before the assignment
        while self._waiting and (len(self._waiting) >= self._pool.depth or _is_ready(self._waiting[0])):
            self._write_first()

    def finish(self) -> None:
        """Write all blocks."""
        while self._waiting:
            self._write_first()

    @property
    def is_lost(self) -> bool:
        """Whether an unknown part of a block may be in the file."""
        return bool(self._waiting) and self._target.is_lost(self._waiting[0])

    @property
    def failure(self) -> BaseException | None:
        """The last exception of the target's ``write``."""
        return self._target.failure

    def close(self) -> None:
        """End the threads."""
        if self._pool is not None:
            self._pool.close()

    def _write_first(self) -> None:
        block = self._waiting[0]
        if block.framed is None:
            block.framed = self._framed(block)
        self._target.write(block)
        del self._waiting[0]

    def _framed(self, block: OutgoingBlock) -> bytes:
        if self._pool is None or block.task is None:
            return self._frame(block)
        try:
            return self._pool.result_of(block.task)
        except BaseException:
            if block.task.done():  # else only the waiting was interrupted
                block.task = None
            raise


def _is_ready(block: OutgoingBlock) -> bool:
    return block.framed is not None or (block.task is not None and block.task.done())
