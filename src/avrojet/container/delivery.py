"""Blocks on their way into a file: compressed, in threads if there are any, and written in their order."""

from __future__ import annotations

from collections.abc import Callable

from avrojet.container.target import ByteTarget
from avrojet.container.threads import OrderedPool
from avrojet.core.files.block_writer import OutgoingBlock


class Delivery:
    """Writes the blocks of a list, the oldest first, and removes what is written.

    A call that is interrupted, or fails, may be followed by another one, which goes on where the first has
    ended: each step can be done twice, or is one that nothing interrupts.

    :param waiting: the blocks.
    :param frame: the bytes of a block as the file is to have it, compressed.
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
        self._pool = OrderedPool(frame, threads) if threads else None

    def advance(self) -> None:
        """Write what is ready, and what is too much to wait."""
        if self._pool is None:
            self.finish()
            return
        for block in self._waiting:
            if block.framed is None and block.future is None:
                block.future = self._pool.begin(block)
        while self._waiting and (len(self._waiting) >= self._pool.depth or _is_ready(self._waiting[0])):
            self._write_first()

    def finish(self) -> None:
        """Write all."""
        while self._waiting:
            self._write_first()

    @property
    def is_lost(self) -> bool:
        """Whether the file may have a part of a block, and nobody knows which."""
        return bool(self._waiting) and self._target.is_lost(self._waiting[0])

    @property
    def failure(self) -> BaseException | None:
        """What the target's ``write`` has raised at last."""
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
        """What the thread has made, or what it was not asked to make or has failed to."""
        if block.future is None:
            return self._frame(block)
        error = block.future.exception()
        if error is not None:
            block.future = None  # so that it is tried again
            raise error
        return block.future.result()


def _is_ready(block: OutgoingBlock) -> bool:
    return block.framed is not None or (block.future is not None and block.future.done())
