"""The source of iterators over a file: finds the rows of blocks, or the blocks, at a place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, TypeAlias

from avrojet.container.block import Block, RowBudget, decode, json_lines, restore
from avrojet.container.blockreader import BlockReader
from avrojet.container.codecs import Buffer, Decompress, make_decompress
from avrojet.container.framing import RawBlock, Run
from avrojet.container.source import ByteSource
from avrojet.container.threads import ReadAhead
from avrojet.core.text.rows import TextDecoder
from avrojet.datum import Decoder
from avrojet.errors import AvroError, errors_in, in_file
from avrojet.limits import Limits

if TYPE_CHECKING:
    from avrojet.container.salvage import Salvager

# Where JSON lines continue: the place of a block, and the offset in its data and the index of the next row.
LinesAt: TypeAlias = tuple[Any, int, int]


class Finder:
    """Finds the rows or blocks at a place, and the place after them. Places are values returned earlier; None
    is the beginning.

    It holds no reference to the reader: if a reader is dropped midway, its threads end. Errors say which file
    they are about.

    :param blocks: reads the blocks, unless there is a `salvager`.
    :param salvager: finds the blocks that are whole.
    :param threads: the number of threads that decompress ahead.
    """

    def __init__(
        self,
        source: ByteSource,
        blocks: BlockReader,
        salvager: Salvager | None,
        decoder: Decoder,
        codec: str,
        limits: Limits,
        threads: int,
    ) -> None:
        self._file = source.name
        self._errors = errors_in(source.name)
        self._source = source
        self._blocks = blocks
        self._salvager = salvager
        self._decoder = decoder
        self._codec = codec
        self._limits = limits
        self._threads = threads
        self._budget = RowBudget(limits)
        self._decompress: Decompress | None = None
        # The block whose lines are being made: its place, the block, its data, the place after it.
        self._opened: tuple[Any, RawBlock, Buffer, Any] | None = None
        # Other codecs produce some bytes for no data; for them a block without data is damaged.
        self._found_at: Callable[[Any], tuple[RawBlock | Run, Any] | None]
        self._found_at = blocks.blocks_at if codec == "null" else blocks.block_at
        self._restored: Callable[[RawBlock | Run], tuple[RawBlock | Run, Buffer]] | None = None
        self._ahead: ReadAhead[RawBlock | Run, tuple[RawBlock | Run, Buffer]] | None = None

    def rows_at(self, at: Any) -> tuple[Iterator[Any], Any] | None:
        """The rows of the next block; at the end the source is closed."""
        with self._errors:
            found = self._decoded(at) if self._salvager is None else self._salvaged(self._salvager, at)
            if found is None:
                self.close()
            return found

    def block_at(self, at: Any, stop: int | None) -> tuple[Block, Any] | None:
        """The next block before an offset of the file."""
        with self._errors:
            decompress = self._make_decompress()
            found: tuple[RawBlock, Any] | None
            if self._salvager is None:
                found = self._blocks.block_at(at, stop)
            else:
                whole = self._salvager.block_at(at, self._all_rows, stop)
                found = None if whole is None else (whole[0][0], whole[1])
            if found is None:
                return None
            raw, after = found
            schema = self._decoder.writer_schema
            return Block(raw, schema, self._codec, decompress, self._decoder, self._limits, self._file), after

    def lines_at(self, at: LinesAt, text: TextDecoder) -> tuple[bytes, LinesAt] | None:
        """JSON lines of the next rows; at the end the source is closed."""
        with self._errors:
            find = self._lines if self._salvager is None else self._salvaged_lines
            while (found := find(at, text)) is not None and not found[0]:
                at = found[1]
            if found is None:
                self.close()
            return found

    def place_after(self, offset: int) -> Any:
        """The place after the first sync marker at or after an offset of the file."""
        with self._errors:
            if self._salvager is not None:
                return self._salvager.stand_after(offset)
            return self._blocks.place_after(offset)

    def close(self) -> None:
        """End the threads, and close the source."""
        if self._ahead is not None:
            self._ahead.close()
        self._source.close()

    def _salvaged(self, salvager: Salvager, at: Any) -> tuple[Iterator[Any], Any] | None:
        found = salvager.blocks_at(at, self._all_rows)
        if found is None:
            return None
        whole, after = found
        return iter(() if isinstance(whole, Run) else whole[1]), after

    def _lines(self, at: LinesAt, text: TextDecoder) -> tuple[bytes, LinesAt] | None:
        place, offset, row = at
        if self._opened is None or self._opened[0] != place:
            self._opened = None
            found = self._restored_at(place)
            if found is None:
                return None
            (raw, data), after = found
            if isinstance(raw, Run):
                return b"", (after, 0, 0)
            self._take(raw, data)
            self._opened = place, raw, data, after
        _, raw, data, after = self._opened
        lines, offset, row = json_lines(raw, data, text, offset, row, file=self._file)
        return lines, ((after, 0, 0) if row == raw.count else (place, offset, row))

    def _salvaged_lines(self, at: LinesAt, text: TextDecoder) -> tuple[bytes, LinesAt] | None:
        assert self._salvager is not None
        found = self._salvager.blocks_at(at[0], lambda raw, data: self._all_lines(raw, data, text))
        if found is None:
            return None
        whole, after = found
        return b"" if isinstance(whole, Run) else whole[1], (after, 0, 0)

    def _all_lines(self, raw: RawBlock, data: Buffer, text: TextDecoder) -> bytes:
        """The lines of a block, all made before any is returned: either all are returned, or none."""
        self._take(raw, data)
        pieces: list[bytes] = []
        offset = row = 0
        while True:
            lines, offset, row = json_lines(raw, data, text, offset, row)
            pieces.append(lines)
            if row == raw.count:
                return b"".join(pieces)

    def _take(self, raw: RawBlock, data: Buffer) -> None:
        try:
            self._budget.take(raw, len(data), self._decoder._empty_row_cost)
        except AvroError as error:
            in_file(error, self._file)
            raise

    def _decoded(self, at: Any) -> tuple[Iterator[Any], Any] | None:
        found = self._restored_at(at)
        if found is None:
            return None
        (raw, data), after = found
        if isinstance(raw, Run):
            return iter(()), after
        return decode(raw, data, self._decoder, self._budget, file=self._file), after

    def _restored_at(self, at: Any) -> tuple[tuple[RawBlock | Run, Buffer], Any] | None:
        if self._ahead is not None:
            return self._ahead.result_at(at)
        if self._restored is None:
            self._restored = _restoring(self._make_decompress(), self._file)
        if self._threads:  # without references to this: if it is dropped, they end at once
            self._ahead = ReadAhead(self._found_at, self._restored, self._threads)
            return self._ahead.result_at(at)
        found = self._found_at(at)
        return None if found is None else (self._restored(found[0]), found[1])

    def _make_decompress(self) -> Decompress:
        if self._decompress is None:
            self._decompress = make_decompress(self._codec, self._limits.block_bytes)
        return self._decompress

    def _all_rows(self, raw: RawBlock, data: Buffer) -> list[Any]:
        """The rows of a block, all made before any is returned: either all are returned, or none."""
        return list(decode(raw, data, self._decoder, self._budget))


def _restoring(
    decompress: Decompress, file: str | None
) -> Callable[[RawBlock | Run], tuple[RawBlock | Run, Buffer]]:
    """A function that decompresses the records of blocks."""
    return lambda raw: (raw, b"" if isinstance(raw, Run) else restore(raw, decompress, file))
