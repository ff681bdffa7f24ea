"""The blocks of a container file in their order: one by one, or many in one piece."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from threading import Lock

from avrojet.container.framing import SYNC_SIZE, FileParser, Header, RawBlock, Run
from avrojet.container.source import CHUNK, ByteSource, read_event
from avrojet.errors import AvroError

# Bytes that are read for a run at once: few system calls and blocks that are cut, in half of an outer cache.
_RUN_CHUNK = 512 << 10


class BlockReader:
    """Reads blocks from where a parser stands. A thread that finds another one in it gets a ValueError.

    :param source: stands behind the bytes that the parser has.
    :param begin: goes to the first block, before that is read; False if there is none.
    :param stop: end before the first block whose sync marker before it does not begin before this offset.
    """

    def __init__(
        self,
        source: ByteSource,
        parser: FileParser,
        begin: Callable[[], bool] = lambda: True,
        stop: int | None = None,
    ) -> None:
        self._source = source
        self._parser = parser
        self._begin: Callable[[], bool] | None = begin
        self._ended = False
        self._stop = stop
        self._busy = Lock()

    def __iter__(self) -> Iterator[RawBlock]:
        return self

    def __next__(self) -> RawBlock:
        block = self._next_block(None)
        if block is None:
            raise StopIteration
        return block

    def until(self, stop: int | None) -> Iterator[RawBlock]:
        """The blocks before this offset, as for the parameter; those behind can be read then."""
        while (block := self._next_block(stop)) is not None:
            yield block

    def next_run(self, rows: int, size: int, least: int) -> Run | None:
        """Many blocks in one piece, see :meth:`FileParser.next_run`; None if there are no more."""
        self._enter()
        try:
            return None if self._is_over(None) else self._read_run(rows, size, least)
        finally:
            self._busy.release()

    def go_to(self, offset: int) -> None:
        """Go on behind the first sync marker that begins at `offset` of the file or behind it."""
        self._begin = None
        self._source.seek(offset)
        self._parser.go_to(offset, 0)
        self._ended = False
        while not (self._ended or self._parser.next_marker()):
            self._ended = not self._source.read_to(self._parser, CHUNK)

    def _next_block(self, stop: int | None) -> RawBlock | None:
        self._enter()
        try:
            event = None if self._is_over(stop) else read_event(self._source, self._parser)
        finally:
            self._busy.release()
        assert not isinstance(event, Header)
        return event

    def _read_run(self, rows: int, size: int, least: int) -> Run | None:
        parser = self._parser
        while not isinstance(found := parser.next_run(rows, size, least, self._stop), Run):
            if not found:
                parser.next_event()  # which raises: the next block is damaged
            elif not self._read_on(max(_RUN_CHUNK, found, least - parser.unread), least):
                if not least:
                    parser.close()
                    return None
                least = 0  # there are no more bytes
        return found

    def _read_on(self, size: int, least: int) -> bool:
        """Read more bytes; False if there are none. A failure is left to the next call if some are there."""
        try:
            return self._source.read_to(self._parser, size) > 0
        except (AvroError, OSError):
            if least:
                return False
            raise

    def _enter(self) -> None:
        if not self._busy.acquire(blocking=False):
            raise ValueError("the blocks are being read by another thread: each needs a reader of its own")

    def _is_over(self, stop: int | None) -> bool:
        """Whether no block is left before the offset."""
        if self._begin is not None:
            begin, self._begin = self._begin, None
            self._ended = not begin()
        place = self._parser.offset - SYNC_SIZE
        return self._ended or any(end is not None and place >= end for end in (stop, self._stop))
