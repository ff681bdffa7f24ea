"""Reading object container files: rows, or blocks. Specification: Object Container Files."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType, TracebackType
from typing import TYPE_CHECKING, Any, Generic, Literal, NoReturn, Self, TypeVar, overload

from avrojet.container.block import Block
from avrojet.container.finder import Finder
from avrojet.container.framing import SYNC_SIZE, FileParser, Run
from avrojet.container.losses import Losses
from avrojet.container.source import ByteSource, Readable, read_header
from avrojet.container.split import Split, blocks_of, path_of
from avrojet.core.ground.exclusive import Chain, Place, Steps
from avrojet.datum import Decoder
from avrojet.errors import DataFileError, errors_in
from avrojet.keywords import ensure_known
from avrojet.limits import Limits, limits_in_force
from avrojet.plan.arrow.options import STANDARD_TYPES, ArrowTypes
from avrojet.schema.model import Schema
from avrojet.schema.parse import parse_schema
from avrojet.typed import is_annotation

if TYPE_CHECKING:
    from avrojet.columns.stream import ArrowStream
    from avrojet.container.salvage import Salvager
    from avrojet.core.text.rows import TextDecoder
    from avrojet.json.encoding import Decimals
    from avrojet.plan.project import ColumnName

if TYPE_CHECKING:
    from typing_extensions import TypeVar as TypeVarWithDefault

    T = TypeVarWithDefault("T", default=Any)
else:
    T = TypeVar("T")


class DataFileReader(Generic[T]):
    """Reads an object container file: iterate it for its rows, or over :meth:`blocks`.

    >>> with DataFileReader("orders.avro") as orders:
    ...     total = sum(order["total"] for order in orders)

    An error or an interruption (Ctrl-C, a source that times out) does not move a reader: iterating again
    returns the remaining rows, or raises the same error again if the file is damaged.

    :param source: a path or URL (opened with fsspec); the bytes of a file; or a binary file (or pipe, or
        anything with ``read(n)``), read from its current position and not closed; or an object with
        ``open()`` that returns one, like those of ``fsspec.open``; or a :class:`avrojet.Split` of a file. A
        file opened here is closed after its last row.
    :param reader_schema: the schema to read rows as (specification: Schema Resolution); None: as written.
        With a class, rows are its instances.
    :param threads: threads that decompress ahead while rows are decoded; none with ``on_error="skip"``.
    :param on_error: ``"raise"`` at the first damage; or ``"skip"`` each damaged block, and continue at the
        next sync marker. No row of such a block is returned, and :attr:`losses` says what is missing. The
        header must be whole. If files were joined byte by byte, those with the same schema and codec are
        read, too.
    :param limits: bounds on what hostile data may cost; None: those of the process.
    :param options: those of :class:`avrojet.Decoder`.
    :ivar schema: the writer's schema.
    :ivar codec: name of the codec.
    :ivar metadata: the file metadata, including ``avro.*``; values are bytes.
    :ivar sync_marker: 16 bytes.
    :ivar losses: what has been skipped so far, a sequence of :class:`avrojet.Loss`.
    :raises DataFileError: if this is not a container file, or it is damaged; with file, block and offset.
        Also in the thread that reads, if another thread closes the reader.
    :raises TruncatedError: if it does not end with a whole block.
    :raises DecodeError: if a row is damaged; the rows before it are returned first.
    :raises LimitError: if a block or the header exceeds the limits.
    :raises CodecError: (at the first block) if the codec is unknown or its library not installed.
    :raises SchemaError: if the file's schema is invalid; old files with invalid names are read.
    :raises ResolutionError: if the reader's schema does not fit.

    Do not share a reader: threads that use it at once take rows from each other, or get a ValueError. Do not
    share it with a forked process either: both would read from the same file.
    """

    @overload
    def __init__(
        self,
        source: Readable | Split,
        reader_schema: type[T],
        *,
        limits: Limits | None = None,
        threads: int = 0,
        on_error: Literal["raise", "skip"] = "raise",
        **options: Any,
    ) -> None: ...
    @overload
    def __init__(
        self: DataFileReader[Any],
        source: Readable | Split,
        reader_schema: Schema | Any = None,
        *,
        limits: Limits | None = None,
        threads: int = 0,
        on_error: Literal["raise", "skip"] = "raise",
        **options: Any,
    ) -> None: ...
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
        ensure_known("DataFileReader", options, DataFileReader.__init__, Decoder.__init__)
        if on_error not in {"raise", "skip"}:
            raise ValueError(f"on_error must be 'raise' or 'skip', not {on_error!r}")
        self._limits = limits = limits_in_force(limits)
        self._logical_types = options.get("logical_types") is not False
        if reader_schema is not None and not is_annotation(reader_schema):
            reader_schema = parse_schema(reader_schema, limits=limits)
        self._reading: Literal["rows", "columns", "JSON lines"] | None = None
        self._place = Place()
        self._lines = Place()  # for JSON lines
        parser = FileParser(limits)
        self._source = ByteSource(path_of(source))
        try:
            with errors_in(self._source.name):
                header = self._header = read_header(self._source, parser)
                self.schema: Schema = parse_schema(header.schema_text, names="lax", limits=limits)
                self._decoder = Decoder(self.schema, reader_schema, limits=limits, **options)
                self._blocks = blocks_of(source, self._source, parser, limits)
        except BaseException:
            self._source.close()
            raise
        self.codec: str = header.codec
        self.metadata: Mapping[str, bytes] = MappingProxyType(dict(header.metadata))
        self.sync_marker: bytes = header.sync_marker
        self.losses = Losses()
        self._salvager: Salvager | None = None
        if on_error == "skip":
            from avrojet.container.salvage import Salvager

            unread, name = parser.take_unread(), self._source.name
            self._salvager = Salvager(self._source, header, unread, limits, self.losses, name)
            if isinstance(source, Split):
                self._salvager.keep_to(source)
        self._finder = Finder(
            self._source, self._blocks, self._salvager, self._decoder, self.codec, limits, threads
        )
        self._rows: Iterator[Any] = Chain(self._finder.rows_at, self._place)

    def __iter__(self) -> Iterator[T]:
        """The rows. There is only one such iterator: a second call continues where the first stopped."""
        self._begin("rows")
        return self._rows

    def __next__(self) -> T:
        return next(self.__iter__())

    def blocks(self, start: int | None = None, stop: int | None = None) -> Iterator[Block]:
        """The blocks from the reader's position, their rows not yet decoded.

        With `start` or `stop`, those of a part of the file: a block belongs to the part in which its
        preceding sync marker begins. So parts that do not overlap share no block, and parts that cover the
        file together have all of them. Such a part's blocks are counted from 0.

        :param start: byte offset, counted from the source's initial position; needs a source that can seek.
            None: continue from the reader's position.
        :param stop: byte offset after the part; None: the end of the file.
        :raises DataFileError: (from the iterator) if rows have been read, or the source cannot seek.
        """
        return Steps(_BlockSteps(self, start, stop), self._place)

    def to_arrow(
        self,
        columns: Sequence[ColumnName] | None = None,
        *,
        batch_rows: int | None = None,
        threads: int | None = None,
        types: ArrowTypes = STANDARD_TYPES,
    ) -> ArrowStream:
        """The remaining rows as Arrow columns, to be read once.

        >>> with DataFileReader("orders.avro") as orders:
        ...     table = pyarrow.table(orders.to_arrow(["id", "customer.name"]))

        Custom logical types show their plain encoding. For the parameters and errors see
        :func:`avrojet.read_arrow`.

        :raises DataFileError: if rows have been read.
        """
        from avrojet.columns.file import Part
        from avrojet.columns.plan import PlanOptions
        from avrojet.columns.stream import BATCH_ROWS, named, stream_part, with_metadata

        self._check("columns")
        options = PlanOptions(named(columns), self._logical_types, types, self._limits)
        decoder = self._decoder
        own = decoder.reader_schema is decoder.writer_schema
        plan = options.plan(self._header.schema_text, None if own else decoder.reader_schema)
        rows = BATCH_ROWS if batch_rows is None else batch_rows
        part = Part(
            plan,
            self.codec,
            self._blocks,
            self._limits,
            rows,
            self._salvager,
            size=self._source.known_size(),
            file=self._source.name,
        )

        def start() -> Part:
            self._begin("columns")
            part.begin_at(self._place.at)
            return part

        return stream_part(with_metadata(plan.layout, self.metadata), start, threads, self.losses)

    def to_json(
        self,
        *,
        plain: bool = False,
        columns: Sequence[ColumnName] | None = None,
        decimals: Decimals = "text",
        spaced: bool = False,
        wide_floats: bool = False,
    ) -> Iterator[bytes]:
        """The remaining rows as JSON lines, directly from their bytes and without the GIL.

        >>> with DataFileReader("orders.avro") as orders:
        ...     sys.stdout.buffer.writelines(orders.to_json(plain=True))

        :param plain: and `decimals`: as for :meth:`avrojet.Decoder.to_json`.
        :param columns: the fields to show, as for :func:`avrojet.read_arrow`.
        :param spaced: a blank after commas and colons, as Python's json module has them.
        :param wide_floats: floats with all the digits of the doubles that Python has for them.
        :returns: pieces of UTF-8 text: whole lines, about 256 KiB together at most, or one longer line. There
            is only one such iterator: a second call continues where the first stopped. Errors are those of
            iteration; the lines of the rows before come first. Custom logical types show their plain
            encoding; ``records``, ``unions`` and ``unicode_errors`` do not apply.
        :raises DataFileError: if rows or columns of this reader have been read.
        :raises SchemaError: if there is no such column.
        :raises DecodeError: (from the iterator) if a row is damaged, or has text that is not UTF-8.
        """
        text = self._text_decoder(
            columns, plain=plain, decimals=decimals, spaced=spaced, wide_floats=wide_floats
        )
        self._begin("JSON lines")
        if self._lines.at is None:
            self._lines.at = self._place.at, 0, 0
        finder = self._finder
        return Steps(lambda at: finder.lines_at(at, text), self._lines)

    def _text_decoder(self, columns: Sequence[ColumnName] | None, **options: Any) -> TextDecoder:
        from avrojet.json.encoding import text_decoder

        reader_schema: Schema | None = self._decoder.reader_schema
        if columns is not None:
            from avrojet.plan.project import project

            reader_schema = project(reader_schema or self.schema, columns)
        return text_decoder(
            self.schema, reader_schema, logical_types=self._logical_types, limits=self._limits, **options
        )

    def close(self) -> None:
        """Stop the threads; close the file if it was opened here. A thread that is reading gets an error."""
        self._finder.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<avrojet.DataFileReader codec={self.codec} schema={self.schema!r}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            "a DataFileReader cannot be copied or pickled: it reads a file that is open; "
            "avrojet.splits makes parts of files that can be"
        )

    @property
    def _skips_damage(self) -> bool:
        return self._salvager is not None

    def _runs(self, size: int) -> Iterator[Run]:
        """The remaining blocks, many in one piece of about `size` bytes."""
        self._check("blocks")
        with errors_in(self._source.name):
            self._blocks.start_runs(self._place.at)
            while (run := self._blocks.next_run(sys.maxsize, size, size)) is not None:
                yield run

    def _check(self, what: Literal["rows", "blocks", "columns", "JSON lines"]) -> None:
        """Refuse two ways of reading at once, as each would take the file's data from the other."""
        if self._reading is not None and self._reading != what:
            raise DataFileError(
                f"the {self._reading} of this reader are being read: open another for its {what}"
            )

    def _begin(self, what: Literal["rows", "columns", "JSON lines"]) -> None:
        self._check(what)
        if self._reading == "columns":
            raise DataFileError("the columns of this reader have been read: open another to read them again")
        self._reading = what

    def _seek(self, start: int) -> Any:
        """Go to the first block of a part; returns its place."""
        if not self._source.seekable:
            raise DataFileError("the source cannot seek: read its blocks from the first one")
        self._place.at = self._finder.place_after(max(start, self._header.size - SYNC_SIZE))
        return self._place.at


class _BlockSteps:
    """Finds the blocks of a part of a file, or those remaining."""

    def __init__(self, reader: DataFileReader[Any], start: int | None, stop: int | None) -> None:
        self._reader = reader
        self._start = start  # None: the reader is already there
        self._stop = stop

    def __call__(self, at: Any) -> tuple[Block, Any] | None:
        reader = self._reader
        reader._check("blocks")
        if self._start is not None:
            at = reader._seek(self._start)
            self._start = None
        return reader._finder.block_at(at, self._stop)
