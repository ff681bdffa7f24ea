"""Reading object container files: rows, or blocks. Specification: Object Container Files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from threading import Lock
from types import MappingProxyType, TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self

from avrojet.container.block import Block, RowBudget, decode, restore
from avrojet.container.codecs import Buffer, make_decompress
from avrojet.container.collector import CollectorPause
from avrojet.container.framing import SYNC_SIZE, FileParser, RawBlock
from avrojet.container.losses import Losses
from avrojet.container.salvage import Salvager, name_of
from avrojet.container.source import ByteSource, Readable, read_header
from avrojet.container.split import Split, blocks_of, path_of
from avrojet.container.threads import OrderedPool
from avrojet.core.ground.exclusive import Chain, in_turns
from avrojet.datum import Decoder
from avrojet.errors import DataFileError
from avrojet.limits import Limits, limits_in_force
from avrojet.plan.arrow.layout import STANDARD_TYPES, ArrowTypes
from avrojet.schema.model import Schema
from avrojet.schema.parse import parse_schema

if TYPE_CHECKING:
    from avrojet.columns.stream import ArrowStream
    from avrojet.plan.project import ColumnName


class DataFileReader:
    """Reads an object container file: iterate it for its rows, or over :meth:`blocks`.

    >>> with DataFileReader("orders.avro") as orders:
    ...     for order in orders:
    ...         print(order["id"])

    :param source: a path; or a binary file (or pipe, or anything with ``read(n)``), read from where it
        stands and not closed; or something with ``open()`` that gives one, as ``fsspec.open`` does; or a
        :class:`avrojet.Split` of a file. A file opened here is closed behind its last row.
    :param reader_schema: what rows should look like (specification: Schema Resolution); None: as written.
    :param threads: threads that decompress ahead while rows are decoded; none with ``on_error="skip"``.
    :param on_error: ``"raise"`` at the first damage; or ``"skip"`` each block that is not whole, and go on at
        the next sync marker. No row of such a block is given, and :attr:`losses` tells what is missing. The
        header must be whole.
    :param limits: bounds on what hostile data may cost; None: the process's.
    :param options: those of :class:`avrojet.Decoder`.
    :ivar schema: the writer's schema.
    :ivar codec: name of the codec.
    :ivar metadata: the file metadata, ``avro.*`` included; values are bytes.
    :ivar sync_marker: 16 bytes.
    :ivar losses: what was skipped so far, a sequence of :class:`avrojet.Loss`.
    :raises DataFileError: if this is no container file, or it is damaged; with block and offset.
    :raises TruncatedError: if it ends anywhere but behind a block.
    :raises DecodeError: if a row is damaged; the rows before it are given first.
    :raises LimitError: if a block or the header exceeds the limits.
    :raises CodecError: (at the first block) if the codec is unknown or its library not installed.
    :raises SchemaError: if the file's schema is invalid; old files with invalid names are read.
    :raises ResolutionError: if the reader's schema does not fit.

    Not to be shared: threads that use one reader at once lose rows to each other, or get a ValueError.
    """

    def __init__(
        self,
        source: Readable | Split,
        reader_schema: Schema | Any = None,
        *,
        limits: Limits | None = None,
        threads: int = 0,
        on_error: Literal["raise", "skip"] = "raise",
        **options: Any,
    ) -> None:
        if on_error not in {"raise", "skip"}:
            raise ValueError(f"on_error must be 'raise' or 'skip', not {on_error!r}")
        self._limits = limits = limits_in_force(limits)
        self._threads = threads
        self._logical_types = options.get("logical_types") is not False
        self._pool: OrderedPool[RawBlock, tuple[RawBlock, Buffer]] | None = None
        self._rows: Iterator[Any] | None = None
        self._budget = RowBudget(limits)
        self._pause = CollectorPause()
        self._lock = Lock()
        self._parser = FileParser(limits)
        self._source = ByteSource(path_of(source))
        try:
            header = self._header = read_header(self._source, self._parser)
            self.schema: Schema = parse_schema(header.schema_text, names="lax", limits=limits)
            if reader_schema is not None:
                reader_schema = parse_schema(reader_schema, limits=limits)
            self._decoder = Decoder(self.schema, reader_schema, limits=limits, **options)
            self._blocks = blocks_of(source, self._source, self._parser, limits)
        except BaseException:
            self._source.close()
            raise
        self.codec: str = header.codec
        self.metadata: Mapping[str, bytes] = MappingProxyType(dict(header.metadata))
        self.sync_marker: bytes = header.sync_marker
        self.losses = Losses()
        self._salvager: Salvager | None = None
        if on_error == "skip":
            unread = self._parser.take_unread()
            self._salvager = Salvager(self._source, header, unread, limits, self.losses, name_of(source))
            if isinstance(source, Split):
                self._salvager.keep_to(source)

    def __iter__(self) -> Iterator[Any]:
        """The rows. There is one such iterator: a second call goes on where the first stands."""
        with self._lock:  # threads that share the reader by mistake must not make two
            if self._rows is None:
                self._rows = Chain(self._pause.passing(self._rows_of_blocks()))
        return self._rows

    def __next__(self) -> Any:
        return next(self.__iter__())

    def __length_hint__(self) -> Any:
        """Unknown. But ``list(reader)`` and its like ask for it, which are about to keep every row."""
        self._pause.ask()
        return NotImplemented

    def blocks(self, start: int | None = None, stop: int | None = None) -> Iterator[Block]:
        """The blocks from where the reader stands, their rows not yet decoded.

        With `start` or `stop`, those of a part of the file: a block belongs to the part in which the
        sync marker before it begins. So parts that do not overlap share no block, and parts that cover
        the file together have all of them. Such a part's blocks are counted from 0.

        :param start: byte offset, counted from where the source stood at first; needs a source that can
            seek. None: go on where the reader stands.
        :param stop: byte offset behind the part; None: the end of the file.
        :raises DataFileError: if rows have been read, or the source cannot seek.
        """
        if self._rows is not None:
            raise DataFileError("the rows of this reader are being read: open another for its blocks")
        if start is not None:
            self._seek(start)
        decompress = make_decompress(self.codec, self._limits.block_bytes)
        if self._salvager is not None:
            for raw, _ in self._salvager.blocks(self._all_rows, stop):
                yield Block(raw, self.schema, self.codec, decompress, self._decoder, self._limits)
            return
        for raw in self._blocks.until(stop):
            yield Block(raw, self.schema, self.codec, decompress, self._decoder, self._limits)

    def to_arrow(
        self,
        columns: Sequence[ColumnName] | None = None,
        *,
        batch_rows: int | None = None,
        threads: int | None = None,
        types: ArrowTypes = STANDARD_TYPES,
    ) -> ArrowStream:
        """The rows from where the reader stands as Arrow columns, to be read once.

        >>> with DataFileReader("orders.avro") as orders:
        ...     table = pyarrow.table(orders.to_arrow(["id", "customer.name"]))

        Custom logical types show their plain encoding. For the parameters and errors see
        :func:`avrojet.read_arrow`.

        :raises DataFileError: if rows have been read.
        """
        from avrojet.columns.file import Part
        from avrojet.columns.plan import ColumnPlan
        from avrojet.columns.stream import BATCH_ROWS, stream_part

        if self._rows is not None:
            raise DataFileError("the rows of this reader are being read: open another for its columns")
        plan = ColumnPlan(
            self.schema,
            self._decoder.reader_schema,
            columns=columns,
            logical_types=self._logical_types,
            types=types,
            limits=self._limits,
        )
        rows = BATCH_ROWS if batch_rows is None else batch_rows
        part = Part(
            plan, self.codec, self._blocks, self._limits, rows, self._salvager, self._source.known_size()
        )
        return stream_part(part, threads, self.losses, self.metadata)

    def close(self) -> None:
        """Stop the threads; close the file if it was opened here."""
        self._pause.release()
        if self._pool is not None:
            self._pool.close()
        self._source.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<avrojet.DataFileReader codec={self.codec} schema={self.schema!r}>"

    def _rows_of_blocks(self) -> Iterator[Iterator[Any]]:
        if self._salvager is not None:
            return _whole_blocks(in_turns(self._salvager.blocks(self._all_rows)), self._source)
        decompress = make_decompress(self.codec, self._limits.block_bytes)

        def restore_block(raw: RawBlock) -> tuple[RawBlock, Buffer]:
            return raw, restore(raw, decompress)

        if self._threads:
            self._pool = OrderedPool(restore_block, self._threads)
            restored = self._pool.map(self._blocks)
        else:
            restored = map(restore_block, self._blocks)
        return _decode_all(restored, self._decoder, self._budget, self._source, self._pool)

    def _all_rows(self, raw: RawBlock, data: Buffer) -> list[Any]:
        """The rows of a block, made before the first is given: they are given all or not at all."""
        return list(decode(raw, data, self._decoder, self._budget))

    def _seek(self, start: int) -> None:
        if not self._source.seekable:
            raise DataFileError("the source cannot seek: read its blocks from the first on")
        place = max(start, self._header.size - SYNC_SIZE)
        if self._salvager is not None:
            self._salvager.go_to(place)
            return
        self._blocks.go_to(place)


def _whole_blocks(
    salvaged: Iterator[tuple[RawBlock, list[Any]]], source: ByteSource
) -> Iterator[Iterator[Any]]:
    """The rows of each block; the source is closed behind the last."""
    for _, rows in salvaged:
        yield iter(rows)
    source.close()


def _decode_all(
    restored: Iterator[tuple[RawBlock, Buffer]],
    decoder: Decoder,
    budget: RowBudget,
    source: ByteSource,
    pool: OrderedPool[RawBlock, tuple[RawBlock, Buffer]] | None,
) -> Iterator[Iterator[Any]]:
    """The rows of each block. No method: a reader that is dropped midway ends its threads."""
    try:
        for raw, data in restored:
            yield decode(raw, data, decoder, budget)
        source.close()
    finally:
        if pool is not None:
            pool.close()
