"""The blocks of one container file to Arrow record batches, in order, in threads.

Each worker in turn reads a piece of the file, and decompresses and decodes it without the GIL.
"""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice
from typing import Any, TypeAlias, TypeVar

from avrojet.columns.plan import ColumnPlan, taken
from avrojet.container.block import RowBudget, decode, located, restore
from avrojet.container.blockreader import BlockReader
from avrojet.container.codecs import Buffer, Decompress, make_decompress
from avrojet.container.framing import RawBlock, Run
from avrojet.container.salvage import Salvager
from avrojet.container.threads import Pool
from avrojet.core.arrow.producer import Batch
from avrojet.core.columns.column_set import ColumnSet
from avrojet.core.ground.exclusive import Place, Steps
from avrojet.core.rows.rows import RowDecoder
from avrojet.errors import AvroError, DataFileError, in_file
from avrojet.limits import Limits
from avrojet.plan.arrow.layout import Column

# Blocks as they are read: one, or many in one piece.
Piece: TypeAlias = RawBlock | Run

Item = TypeVar("Item")

# No bound.
_ANY = sys.maxsize

# Bytes of decoded data, or of values of wide types, after which a batch ends, however few its rows are.
_BATCH_BYTES = 64 << 20

# Rows and bytes of the blocks that go to a thread at once: enough that it seldom asks for more, few enough to
# stay in its cache.
_GROUP_ROWS = 1 << 15
_GROUP_BYTES = 2 << 20

# The same for the first group, so that all threads soon have work.
_FIRST_GROUP_BYTES = 256 << 10


def ensure_batch_rows(batch_rows: int) -> None:
    """Raise unless it is a number of rows that a batch can have."""
    if batch_rows < 1:
        raise ValueError(f"batch_rows must be positive: {batch_rows}")


class Part:
    """Blocks of one file, and how to make batches of them. Thread-safe.

    :param salvager: finds the blocks that are whole; None: take `blocks`.
    :param size: size of the file in bytes, if known.
    :param file: its name, for errors.
    :param add: adds to each batch the columns that no datum has.
    """

    def __init__(
        self,
        plan: ColumnPlan,
        codec: str,
        blocks: BlockReader,
        limits: Limits,
        batch_rows: int,
        salvager: Salvager | None,
        *,
        size: int | None,
        file: str | None,
        add: Callable[[Batch], None] | None = None,
    ) -> None:
        ensure_batch_rows(batch_rows)
        self._add_columns = add
        self._plan = plan
        self._decompress: Decompress = make_decompress(codec, limits.block_bytes)
        self._is_plain = codec == "null"
        self._blocks = blocks
        self._salvager = salvager
        self._place = Place()
        self._file = file
        self._limits = limits
        self._budget = RowBudget(limits)
        # A null of a wide type takes a byte in the file, but as many in its column as any other value.
        self._batch_rows = max(1, min(batch_rows, _BATCH_BYTES // max(1, plan.wide_bytes)))
        self._size = size
        self._idle: deque[ColumnSet] = deque()
        self._groups: Iterator[list[Piece]] | None = None

    @property
    def layout(self) -> Column:
        """The columns of the batches."""
        return self._plan.layout

    def begin_at(self, place: Any) -> None:
        """Begin at the block at a place that the blocks or the salvager returned, instead of the first."""
        self._place.at = place
        self._blocks.start_runs(place)

    def named(self, error: Exception) -> None:
        """Add the file's name to an error."""
        in_file(error, self._file)

    def read_ahead(self) -> None:
        """Read the first group now."""
        groups = self._group_pieces()
        self._groups = chain(list(_naming(self, islice(groups, 1))), groups)

    def groups(self) -> Iterator[list[Piece]]:
        """The blocks, in groups that each go to one thread."""
        return self._group_pieces() if self._groups is None else self._groups

    def _group_pieces(self) -> Iterator[list[Piece]]:
        most_rows = min(self._batch_rows, _GROUP_ROWS)
        if self._salvager is None:
            size = _FIRST_GROUP_BYTES
            while (run := self._blocks.next_run(most_rows, size, size)) is not None:
                yield [run]
                size = min(2 * size, _GROUP_BYTES)
            return
        group: list[Piece] = []
        rows = size = 0
        try:
            for block in self._whole(self._salvager):
                if group and (rows + block.count > most_rows or size + block.size > _GROUP_BYTES):
                    yield group
                    group, rows, size = [], 0, 0
                group.append(block)
                rows += block.count
                size += block.size
        except Exception:
            if group:
                yield group
            raise
        if group:
            yield group

    def _whole(self, salvager: Salvager) -> Iterator[RawBlock]:
        """The blocks that are whole and not empty."""

        def step(at: Any) -> tuple[RawBlock | None, Any] | None:
            found = salvager.blocks_at(at, self._check)
            if found is None:
                return None
            whole, after = found
            return (None if isinstance(whole, Run) else whole[0]), after

        return (block for block in Steps(step, self._place) if block is not None)

    def _pieces(self) -> Iterator[Piece]:
        """The blocks, in pieces as they are read."""
        if self._salvager is not None:
            yield from self._whole(self._salvager)
            return
        while (run := self._blocks.next_run(_ANY, _ANY, 0)) is not None:
            yield run

    def all_batches(self) -> Iterator[Batch]:
        """The batches of all blocks, each block decoded as soon as it is read."""
        pieces = self._pieces()
        for piece in pieces:
            rows = self._batch_rows
            if self._size is not None and piece.size:
                rows = min(rows, piece.count * (self._size // piece.size + 1))
            yield from self._batches(chain((piece,), pieces), rows)

    def group_batches(self, group: list[Piece]) -> Iterator[Batch]:
        """The batches of some blocks, usually one."""
        return self._batches(group, min(sum([piece.count for piece in group]), self._batch_rows))

    def _batches(self, pieces: Iterable[Piece], rows: int) -> Iterator[Batch]:
        columns = taken(self._idle) or self._plan.column_set()
        try:
            for piece in pieces:
                if isinstance(piece, Run):
                    yield from self._add_run(columns, piece, rows)
                else:
                    yield from self._add(columns, piece, rows)
        except Exception:
            if columns.rows:
                yield self._batch(columns)
            raise
        if columns.rows:
            yield self._batch(columns)
        self._idle.append(columns)

    def _batch(self, columns: ColumnSet) -> Batch:
        batch = Batch(columns)
        if self._add_columns is not None:
            self._add_columns(batch)
        return batch

    def _add_run(self, columns: ColumnSet, run: Run, rows: int) -> Iterator[Batch]:
        """Add blocks to the columns; returns the batches that are filled before or by them."""
        index, position = run.index, 0
        while True:
            if self._is_plain:
                data = run.data
                taken, position = columns.fill_run(data, position, self._batch_rows, _BATCH_BYTES, rows)
                index += taken
                if columns.rows == self._batch_rows:
                    yield self._batch(columns)
            if position == run.size:
                return
            block, position = run.block(index, position)
            yield from self._add(columns, block, rows)
            index += 1

    def _add(self, columns: ColumnSet, block: RawBlock, rows: int) -> Iterator[Batch]:
        """Add a whole block to the columns, or none of it; returns the batches that are filled before or by
        it.
        """
        data = restore(block, self._decompress)
        if self._salvager is None:
            self._budget.take(block, len(data))
        if columns.rows and columns.bytes + len(data) > _BATCH_BYTES:
            yield self._batch(columns)
        yield from self._fill(columns, block, data, rows)

    def _fill(self, columns: ColumnSet, block: RawBlock, data: Buffer, rows: int) -> Iterator[Batch]:
        """Add a block's rows to the columns; returns the batches that are filled."""
        left = block.count
        position = 0
        before = columns.rows
        while left:
            count = min(left, self._batch_rows - columns.rows)
            try:
                position = columns.fill(data, count, position, rows)
            except AvroError as error:
                self._explain(block, data)
                raise located(error, block) from None
            left -= count
            if columns.rows == self._batch_rows:
                yield self._batch(columns)
                before = 0
        if position != len(data):
            columns.cut(before)
            self._explain(block, data)
            raise located(DataFileError("its records do not end where its data end"), block)

    def _check(self, block: RawBlock, data: Buffer) -> None:
        """Make the block's columns once, to see if that fails: then none of its rows may be in a batch."""
        self._budget.take(block, len(data))
        for _ in self._fill(self._plan.column_set(), block, data, min(block.count, self._batch_rows)):
            pass

    def _explain(self, block: RawBlock, data: Buffer) -> None:
        def read(decoder: RowDecoder) -> None:
            for _ in decode(block, data, decoder, RowBudget(self._limits)):
                pass

        self._plan.explain(read)


def read_batches(parts: Iterable[Part], threads: int) -> Iterator[Batch]:
    """The batches of all parts in order. A generator: if it is dropped midway, its threads end."""
    if threads == 0:
        for part in parts:
            yield from _naming(part, part.all_batches())
        return
    tasks = ((part, group) for part in parts for group in _naming(part, part.groups()))
    ahead: list[tuple[Part, list[Piece]]] = []
    failure: Exception | None = None
    try:
        ahead.extend(islice(tasks, 2))
    except Exception as error:  # noqa: BLE001 (raised in its turn)
        failure = error
    if len(ahead) < 2:
        for part, group in ahead:
            yield from _naming(part, part.group_batches(group))
        try:
            if failure is not None:
                raise failure
            return
        finally:
            del failure  # its traceback refers to this frame
    pool = Pool(_first_batch, threads, "reader")
    try:
        for results in pool.pull(chain(ahead, tasks)):
            yield from results
    finally:
        pool.close()


def _first_batch(task: tuple[Part, list[Piece]]) -> Iterable[Batch]:
    """The work of a thread. Only huge blocks make more than one batch; these are made on demand."""
    part, group = task
    batches = _naming(part, part.group_batches(group))
    return chain(list(islice(batches, 1)), batches)


def _naming(part: Part, items: Iterable[Item]) -> Iterator[Item]:
    """The same items; errors are given the file's name."""
    try:
        yield from items
    except Exception as error:
        part.named(error)
        raise
