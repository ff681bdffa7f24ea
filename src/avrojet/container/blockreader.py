"""The blocks of a container file in order: one by one, or many in one piece."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from avrojet.container.framing import SYNC_SIZE, FileParser, Header, RawBlock, Run
from avrojet.container.source import CHUNK, ByteSource
from avrojet.errors import AvroError, DataFileError, untraced

# Bytes that are read for a run at once: they take few system calls, cut few blocks in two, and fill half of
# an outer cache.
_RUN_CHUNK = 512 << 10

# Where a block begins: its offset in the file, and its index. None: where reading begins.
At: TypeAlias = tuple[int, int] | None


class BlockReader:
    """Reads blocks from any place. Not thread-safe.

    Reading from the same place again returns the same block, or raises the same error, whatever has happened
    in between; so nothing is lost if a caller is interrupted. Only a source that cannot seek, if interrupted
    within a step of the parser, cannot be read further.

    :param source: its position is after the bytes that the parser has.
    :param begin: finds the first block; None if there is none.
    :param stop: end before the first block whose preceding sync marker begins at this offset or later.
    """

    def __init__(
        self,
        source: ByteSource,
        parser: FileParser,
        begin: Callable[[], At] | None = None,
        stop: int | None = None,
    ) -> None:
        self._source = source
        self._parser = parser
        self._begin = begin
        self._stop = stop
        self._last: tuple[At, tuple[RawBlock | Run, At] | None] | None = (
            None  # the last result, and its place
        )
        self._damage: tuple[At, AvroError] | None = None  # likewise, if an error
        self._after_empty = False  # an empty block was read: there may be many
        self._run_at: At = None  # where the next run begins
        self._failure: Exception | None = None  # of the source, after the bytes that it returned

    def block_at(self, at: At, stop: int | None = None) -> tuple[RawBlock, At] | None:
        """The block at a place, and the place after it; None at the end.

        :param stop: as in the class; later blocks can still be read.
        :raises DataFileError: and others for damage; errors of the source are passed on.
        """
        found = self._find(at, stop, empty=False)
        if found is None:
            return None
        block, after = found
        assert isinstance(block, RawBlock)
        return block, after

    def blocks_at(self, at: At) -> tuple[RawBlock | Run, At] | None:
        """The same, but blocks with neither records nor data are returned many in one piece."""
        return self._find(at, None, empty=True)

    def place_after(self, offset: int) -> At:
        """The place of the block after the first sync marker at or after an offset of the file."""
        self._go_to(offset, 0)
        while not self._parser.next_marker():
            if not self._source.read_to(self._parser, CHUNK):
                self._go_to(self._parser.end, 0)
                break
        return self._parser.place

    def start_runs(self, at: At) -> None:
        """Let :meth:`next_run` begin at a place."""
        self._run_at = at

    def next_run(self, rows: int, size: int, least: int) -> Run | None:
        """Many blocks in one piece, see :meth:`FileParser.next_run`; None at the end."""
        at = self._first(self._run_at)
        if at is None or self._is_over(at[0], None):
            return None
        self._stand_at(at)
        run = self._read_run(rows, size, least)
        self._run_at = self._parser.place
        return run

    def _find(self, at: At, stop: int | None, *, empty: bool) -> tuple[RawBlock | Run, At] | None:
        if self._last is not None and self._last[0] == at:
            return self._last[1]  # the caller was interrupted before it got this
        if self._damage is not None and self._damage[0] == at:
            raise untraced(self._damage[1])
        place = self._first(at)
        if place is None or self._is_over(place[0], stop):
            return None
        self._last = None
        self._stand_at(place)
        found = self._read_block(at, empty=empty)
        self._last = at, (None if found is None else (found, self._parser.place))
        return self._last[1]

    def _first(self, at: At) -> At:
        if at is not None:
            return at
        if self._begin is not None:
            place = self._begin()
            if place is not None:
                self._go_to(*place)  # the search has moved the source without the parser
            return place
        header = self._parser.header
        assert header is not None
        return header.size, 0

    def _stand_at(self, at: At) -> None:
        """Make the parser expect the block at a place, as it already does if nothing was interrupted."""
        assert at is not None
        if self._parser.steady and self._parser.place == at:
            return
        if not self._source.seekable:
            raise DataFileError(
                f"reading was interrupted within block {at[1]}, which begins at byte {at[0]}, and the source"
                " cannot seek back: read it again from the start",
                offset=at[0],
                block=at[1],
            )
        self._go_to(*at)

    def _go_to(self, offset: int, index: int) -> None:
        self._source.seek(offset)
        self._parser.go_to(offset, index)

    def _read_block(self, at: At, *, empty: bool) -> RawBlock | Run | None:
        parser = self._parser
        if empty and self._after_empty and (run := parser.next_empty(self._stop)) is not None:
            return run
        while True:
            try:
                event = parser.next_event()
            except AvroError as error:
                self._damage = at, untraced(error)
                raise
            if event is not None:
                assert not isinstance(event, Header)
                self._after_empty = not (event.count or event.size)
                return event
            if not self._source.read_to(parser, max(CHUNK, parser.wanted)):
                self._end(at)
                return None

    def _end(self, at: At) -> None:
        """Check that the file does not end within a block."""
        try:
            self._parser.close()
        except AvroError as error:
            self._damage = at, untraced(error)
            raise

    def _read_run(self, rows: int, size: int, least: int) -> Run | None:
        parser = self._parser
        while not isinstance(found := parser.next_run(rows, size, least, self._stop), Run):
            if not found:
                parser.next_event()  # raises: the next block is damaged
            elif not self._read_on(max(_RUN_CHUNK, found, least - parser.unread), least):
                if not least:
                    parser.close()
                    return None
                least = 0  # there are no more bytes
        return found

    def _read_on(self, size: int, least: int) -> bool:
        """Read more bytes; False if there are none. A failure after some bytes were read is left to the next
        call.
        """
        failure, self._failure = self._failure, None
        try:
            if failure is not None:
                raise failure
            return self._source.read_to(self._parser, size) > 0
        except Exception as error:
            if not least:
                raise
            self._failure = untraced(error)
            return False
        finally:
            del failure  # its traceback refers to this frame

    def _is_over(self, offset: int, stop: int | None) -> bool:
        """Whether the block at an offset comes after the part that is to be read."""
        marker = offset - SYNC_SIZE
        return (stop is not None and marker >= stop) or (self._stop is not None and marker >= self._stop)
