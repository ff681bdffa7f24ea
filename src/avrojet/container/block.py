"""One block of a container file: its records decompressed and decoded, its errors raised with their place."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from threading import Lock
from typing import Any, Final

from avrojet.container.codecs import Buffer, Decompress
from avrojet.container.framing import RawBlock
from avrojet.core.ground.foreign import call
from avrojet.core.rows.rows import RowDecoder
from avrojet.core.text.rows import TextDecoder
from avrojet.datum import Decoder
from avrojet.errors import AvroError, DataFileError, DecodeLimitError, in_file, tell_place
from avrojet.failures import Facts
from avrojet.limits import Limits, excess
from avrojet.schema.model import Schema

# Bytes of JSON lines made at once, if a block has more.
_LINES_BYTES: Final = 1 << 18


class RowBudget:
    """The rows of no bytes that blocks may have together, as their data do not bound them.

    Twenty bytes can claim a block of millions. Iterating such rows costs only time, but a caller may keep
    them all, so there is one budget for the rows of a whole file; each costs as much of it as its records
    cost of the budget of a datum. Thread-safe.
    """

    __slots__ = ("_limits", "_lock", "_state")

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._lock = Lock()
        self._state = limits.empty_items, -1  # rows left, and the offset of the last block

    def take(self, block: RawBlock, size: int, cost: Callable[[], int] = lambda: 1) -> None:
        """Account for the records of a block of `size` bytes, decompressed. Calling this twice in a row
        counts once.

        :param cost: of one record of no bytes.
        :raises LimitError: if there are too many of them.
        """
        unaccounted = block.count - size
        if unaccounted <= 0:
            return
        try:
            unaccounted *= cost()
        except AvroError as error:
            raise located(error, block) from None
        with self._lock:
            left, last = self._state
            if block.offset == last:
                return
            if unaccounted > left:
                what = f"too many rows of no bytes in one file, {block.count} in {size} bytes here"
                raise located(excess(self._limits, "empty_items", what, error=DecodeLimitError), block)
            self._state = left - unaccounted, block.offset


class Block:
    """A block of a container file. Iterate it for its rows, as often as you like.

    :ivar index: number of the block, counted from 0, from where reading began.
    :ivar offset: offset of the block in the file, in bytes.
    :ivar count: number of records that the block states.
    :ivar size: size of `data` in bytes.
    :ivar data: the records as they are in the file, compressed by the codec.
    :ivar codec: name of the codec.
    :ivar schema: the writer's schema.
    """

    __slots__ = (
        "_decoder",
        "_decompress",
        "_file",
        "_limits",
        "_raw",
        "codec",
        "count",
        "data",
        "index",
        "offset",
        "schema",
        "size",
    )

    def __init__(
        self,
        raw: RawBlock,
        schema: Schema,
        codec: str,
        decompress: Decompress,
        decoder: Decoder,
        limits: Limits,
        file: str | None = None,
    ) -> None:
        self.index: int = raw.index
        self.offset: int = raw.offset
        self.count: int = raw.count
        self.size: int = raw.size
        self.data: memoryview = raw.data
        self.codec = codec
        self.schema = schema
        self._raw = raw
        self._decompress = decompress
        self._decoder = decoder
        self._limits = limits
        self._file = file

    def decompressed(self) -> Buffer:
        """The encoded records.

        :raises DataFileError: if they do not decompress.
        :raises LimitError: if they exceed ``limits.block_bytes``.
        """
        return restore(self._raw, self._decompress, self._file)

    def _accounted(self) -> Buffer:
        """The same, after checking that there can be as many as the block states.

        :raises LimitError: if records of no bytes exceed ``limits.empty_items``.
        """
        data = self.decompressed()
        try:
            RowBudget(self._limits).take(self._raw, len(data), self._decoder._empty_row_cost)
        except AvroError as error:
            in_file(error, self._file)
            raise
        return data

    def select(self, numbers: Iterable[int]) -> Block:
        """Some of the records as a block of their own, uncompressed.

        >>> writer.write_block(block.select(range(10)))

        :param numbers: indices of the records, counted from 0 and ascending.
        :raises ValueError: if there are no such records, or they do not ascend.
        :raises DecodeError: if a record before the last one chosen is damaged.
        """
        data = memoryview(self._accounted())
        pieces: list[memoryview] = []
        count = at = record = 0
        for start, stop in _stretches(numbers):
            if not record <= start <= stop <= self.count:
                raise ValueError(f"no record {start} or {stop - 1} after {record} of {self.count}")
            try:
                begin = self._decoder._skip_block(data, start - record, at)
                at = self._decoder._skip_block(data, stop - start, begin)
            except AvroError as error:
                _locate(error, self._raw, file=self._file)
                raise
            pieces.append(data[begin:at])
            count, record = count + stop - start, stop
        chosen = memoryview(pieces[0] if len(pieces) == 1 else b"".join(pieces))
        raw = RawBlock(self.index, self.offset, count, len(chosen), chosen, self._raw.data_offset)
        return Block(raw, self.schema, "null", _same, self._decoder, self._limits, self._file)

    def __iter__(self) -> Iterator[Any]:
        """The rows; errors as for :class:`avrojet.DataFileReader`."""
        budget = RowBudget(self._limits)
        return decode(self._raw, self.decompressed(), self._decoder, budget, file=self._file)

    def __repr__(self) -> str:
        return f"<avrojet Block {self.index} at byte {self.offset}: {self.count} records, {self.size} bytes>"


def _same(data: Buffer) -> Buffer:
    """Decompression for data that are not compressed."""
    return data


def _stretches(numbers: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Runs of consecutive numbers, each as its first and the one after its last."""
    if isinstance(numbers, range) and numbers.step == 1:
        yield numbers.start, numbers.stop
        return
    start = stop = -1
    for number in numbers:
        if number != stop:
            if stop >= 0:
                yield start, stop
            start = number
        stop = number + 1
    if stop >= 0:
        yield start, stop


def restore(block: RawBlock, decompress: Decompress, file: str | None = None) -> Buffer:
    """The block's records, decompressed."""
    try:
        return call(decompress, block.data)
    except AvroError as error:
        _locate(error, block, file=file)
        raise


def decode(
    block: RawBlock,
    data: Buffer,
    decoder: RowDecoder,
    budget: RowBudget,
    translate: Callable[[Exception], Exception] = lambda error: error,
    *,
    file: str | None = None,
) -> Iterator[Any]:
    """The rows of a block; `data` is what :func:`restore` returned, `translate` makes the exception to raise
    for an error.

    :param budget: that of the file.
    :param file: its name, for errors.
    :raises DataFileError: if the data do not end with the rows; the last one is then not returned.
    """
    try:
        budget.take(block, len(data), decoder._empty_row_cost)
    except AvroError as error:
        in_file(error, file)
        raise

    def complain(error: Exception | None, number: int) -> Exception:
        if error is None:
            error = _count_error(block, number, len(data), file)
        else:
            _locate(error, block, number, file=file)
        return translate(error)

    return decoder._rows(data, block.count, complain)


def json_lines(
    block: RawBlock, data: Buffer, text: TextDecoder, offset: int, row: int, *, file: str | None = None
) -> tuple[bytes, int, int]:
    """JSON lines of some rows of a block; `data` is what :func:`restore` returned.

    :param offset: offset in the data of the next row.
    :param row: its index.
    :returns: the lines, and offset and index after them. Rows before a damaged one are returned first.
    :raises DataFileError: if the data do not end with the rows; the last one is then not returned.
    """
    left = block.count - row
    try:
        lines, count, end = text.lines(data, left, offset, _LINES_BYTES)
        if count == left and end != len(data):
            if count <= 1:
                raise _count_error(block, end, len(data), file)
            lines, count, end = text.lines(data, count - 1, offset)
    except DataFileError:
        raise
    except Exception as error:
        _locate(error, block, row, file=file)
        raise
    return lines, end, row + count


def _count_error(block: RawBlock, end: int, size: int, file: str | None) -> DataFileError:
    error = DataFileError(miscounted(block.count, end, size))
    _locate(error, block, file=file)
    return error


def miscounted(count: int, end: int, size: int) -> str:
    """The message that a block's records do not end where its data end."""
    return f"its {count} records end at byte {end} of {size}: the count is wrong"


def located(error: AvroError, block: RawBlock | Block) -> AvroError:
    """The error, with the block's place added to it."""
    _locate(error, block)
    return error


def _locate(
    error: Exception, block: RawBlock | Block, record: int | None = None, file: str | None = None
) -> None:
    """Add its place to an error."""
    place = f"block {block.index} at byte {block.offset}"
    if record is not None:
        place += f", record {record}"
    facts: Facts = {"block": block.index, "offset": block.offset}
    if record is not None:
        facts["row"] = record
    tell_place(error, place, **facts)
    in_file(error, file)
