"""JSON lines of a whole file, its blocks decompressed and converted in threads."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from avrojet.container.block import Block, RowBudget, json_lines
from avrojet.container.threads import Pool
from avrojet.errors import AvroError, in_file

if TYPE_CHECKING:
    from avrojet.container.reader import DataFileReader
    from avrojet.core.text.rows import TextDecoder
    from avrojet.plan.project import ColumnName


def lines_ahead(
    reader: DataFileReader, threads: int, columns: Sequence[ColumnName] | None = None, **options: Any
) -> Iterator[bytes]:
    """The lines of a reader's remaining rows, in order; an error comes after the lines of the rows before it.

    :param threads: 1 or more, the caller's among them; besides these the reader needs none.
    :param options: and `columns`: those of :meth:`avrojet.DataFileReader.to_json`.
    """
    text = reader._text_decoder(columns, **options)
    return _ahead(reader, text, threads)


def _ahead(reader: DataFileReader, text: TextDecoder, threads: int) -> Iterator[bytes]:
    make = _making(text, RowBudget(reader._limits), reader._decoder._empty_row_cost, reader._source.name)
    pool: Pool[Block | Exception, tuple[list[bytes], Exception | None]] = Pool(
        make, threads, "reader", helped=True
    )
    try:
        for pieces, error in pool.map(_in_place(reader.blocks())):
            yield from pieces
            if error is not None:
                raise error
    finally:
        pool.close()


def _in_place(blocks: Iterator[Block]) -> Iterator[Block | Exception]:
    """The blocks, and then the exception raised after them: it is met ahead of its turn."""
    try:
        yield from blocks
    except Exception as error:  # noqa: BLE001 (raised in its turn)
        yield error


def _making(
    text: TextDecoder, budget: RowBudget, empty_row_cost: Callable[[], int], file: str | None
) -> Callable[[Block | Exception], tuple[list[bytes], Exception | None]]:
    def make(block: Block | Exception) -> tuple[list[bytes], Exception | None]:
        pieces: list[bytes] = []
        if isinstance(block, Exception):
            return pieces, block
        raw = block._raw
        try:
            data = block.decompressed()
            budget.take(raw, len(data), empty_row_cost)
            offset = row = 0
            while row < raw.count:
                lines, offset, row = json_lines(raw, data, text, offset, row, file=file)
                pieces.append(lines)
        except AvroError as error:
            in_file(error, file)
            return pieces, error
        return pieces, None

    return make
