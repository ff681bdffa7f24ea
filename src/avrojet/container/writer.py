"""Writing object container files, new or longer. Specification: Object Container Files."""

from __future__ import annotations

import atexit
import os
import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, suppress
from operator import index
from reprlib import repr as short
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, NoReturn, Self, TypeVar
from weakref import WeakSet

from avrojet.container.append import existing_header
from avrojet.container.block import Block
from avrojet.container.codecs import Compress, codec_of, make_compress
from avrojet.container.delivery import Delivery
from avrojet.container.framing import (
    SYNC_SIZE,
    Header,
    Run,
    build_block,
    build_header,
    metadata_entry,
    with_marker,
)
from avrojet.container.matching import same_data
from avrojet.container.target import ByteTarget, PathTarget, Writable, number_of, open_existing, open_new
from avrojet.container.threads import thread_count
from avrojet.core.files.block_writer import BlockWriter, InUseError, OutgoingBlock, note_taken
from avrojet.datum import Decoder, Encoder
from avrojet.errors import DataFileError, DecodeError, EncodeError, EncodeTypeError, LimitError
from avrojet.keywords import ensure_known
from avrojet.limits import Limits, limits_in_force
from avrojet.plan.arrow.options import ExtraColumns, NamesOfColumns, column_options
from avrojet.schema.model import Schema
from avrojet.schema.parse import parse_schema
from avrojet.typed import is_annotation

if TYPE_CHECKING:
    from avrojet.json.stream import TextStream

# Records of no bytes (nulls) would never fill a block; readers refuse blocks with too many of them.
MOST_RECORDS = 1_000_000

# How often, and after how many seconds, closing a writer in use is tried again when the program ends.
_TRIES_AT_EXIT = 1000
_PAUSE_AT_EXIT = 0.001

# More bytes than any block has: the largest interval.
MOST_BYTES = 1 << 62

Prepared = TypeVar("Prepared")


class DataFileWriter:
    """Writes an object container file.

    >>> with DataFileWriter("orders.avro", schema, codec="zstandard") as orders:
    ...     orders.extend(rows)

    A record that cannot be encoded raises and leaves no trace: the records before it stay, and more can be
    written. Leaving the ``with`` block by an exception finishes the file with them.

    A record that was taken is written, whatever is raised in between: an error of the target, Ctrl-C, or an
    exception of a signal handler. A write that failed is tried again by the next call that writes, at the
    latest by :meth:`close`. That holds for paths, files of the system and BytesIO. For other targets it is
    unknown how much they have taken when their ``write`` raises: then nothing more is written, and
    :meth:`close` raises and says how many records are missing.

    If it is raised by ``append``, ``extend`` or ``write_arrow`` after records were taken, a note on it says
    how many, and :attr:`taken` grew by them: do not give them again. ``extend`` called again with the same
    iterator goes on after them, and so does ``write_json`` with the same file.

    :param target: a path, or a binary file, which is written from its current position and not closed.
    :param schema: a :class:`Schema`, JSON text or JSON data, or a class, whose instances are written; with
        ``mode="a"`` None means the file's. Attributes of unions, and of references to named types, are not
        written to the file, as Java could not open it then, unless a logical type is among them.
    :param codec: ``null`` (None means that in a new file), ``deflate``, ``snappy``, ``zstandard``,
        ``bzip2`` or ``xz``; ``lz4``, which few others read; or one of :func:`avrojet.register_codec`.
    :param level: of compression, by the codec's own scale; None: its default.
    :param metadata: more entries for the file metadata, text or bytes; ``avro.*`` is reserved.
    :param sync_interval: number of encoded bytes at which a block is finished. Larger blocks compress a
        little better; smaller ones cost readers less memory and let them skip more finely.
    :param sync_marker: 16 bytes for the same file every time; None: random ones, as the specification
        requires.
    :param mode: ``"w"`` for a new file, which replaces an existing one at the path once the other arguments
        are found valid; ``"a"`` to append to one (with ``read``, ``seek`` and ``write``, if it is a file
        object), which must end with a whole block and agree in schema and codec. If there is no file, or an
        empty one, ``"a"`` makes a new one. Several processes may append to one path: each block is written as
        a whole, at the file's current end.
    :param threads: threads that compress while the next records are encoded; None: one per processor. Only
        the caller's thread writes to the target.
    :param lock: until this writer is closed, no other one can append to the path, or lock it.
    :param fsync: have :meth:`flush` and :meth:`close` return when the system has written the file to the
        disk, so that a power cut does not harm it.
    :param options: those of :class:`avrojet.Encoder`.
    :ivar schema: the schema of the file.
    :ivar codec: name of the codec.
    :ivar sync_marker: 16 bytes.
    :raises SchemaError: if the schema is invalid.
    :raises CodecError: if the codec is unknown, not installed, or has no such level.
    :raises DataFileError: for wrong arguments, a file that cannot be appended to, or one that is locked.
    :raises TypeError: if an entry of the metadata is neither text nor bytes.
    :raises EncodeError: (when writing) if a value does not fit the schema.
    :raises LimitError: (when writing) if a record could not be read again: it exceeds one of the limits for a
        datum, or ``limits.block_bytes``; or there are more records of no bytes than ``limits.empty_items``.

    Do not share a writer: threads that use it at once may get a ValueError, and the records of that call are
    then not taken. In a child process, a writer of the parent process raises a DataFileError, and writes
    nothing.
    """

    _closed = True  # for __del__, if __init__ has failed

    def __init__(
        self,
        target: Writable,
        schema: Schema | Any = None,
        codec: str | None = None,
        level: int | None = None,
        metadata: Mapping[str, str | bytes] | None = None,
        *,
        sync_interval: int = 64_000,
        sync_marker: bytes | None = None,
        mode: Literal["w", "a"] = "w",
        threads: int | None = 0,
        lock: bool = False,
        fsync: bool = False,
        limits: Limits | None = None,
        **options: Any,
    ) -> None:
        ensure_known("DataFileWriter", options, DataFileWriter.__init__, Encoder.__init__)
        if mode not in {"w", "a"}:
            raise DataFileError(f"mode must be 'w' or 'a', not {mode!r}")
        if fsync and not isinstance(target, str | os.PathLike):
            number_of(target)
        limits = limits_in_force(limits)
        parsed = None if schema is None else parse_schema(schema, limits=limits)
        sync_interval, threads = index(sync_interval), thread_count(threads)
        request = _Request(parsed, codec, metadata or {}, sync_marker, limits)

        def prepare(header: Header) -> tuple[Schema, Compress, Encoder[Any]]:
            agreed = request.agreed_schema(header)
            compress = make_compress(header.codec, level)
            return (
                agreed,
                compress,
                Encoder(schema if is_annotation(schema) else agreed, limits=limits, **options),
            )

        self._target, header, prepared = _open_target(target, request, prepare, append=mode == "a", only=lock)
        self.schema, compress, self._encoder = prepared
        self.codec: str = header.codec
        self.sync_marker: bytes = header.sync_marker
        self._limits = limits
        self._column_options = column_options(options, limits)
        self._fsync = fsync
        if fsync and isinstance(self._target, PathTarget):
            from pathlib import Path  # slow to import, so only if needed

            self._target.folder = Path(self._target.file.name).absolute().parent
        self._matching: Schema = self.schema  # the last schema of a foreign block found to agree
        is_plain = self.codec == "null"
        self._writer = BlockWriter(
            self._encoder._block(),
            max(1, min(sync_interval, MOST_BYTES)),  # a block has a record at least
            MOST_RECORDS,
            self.sync_marker if is_plain else None,
            limits,
        )
        self._delivery = Delivery(
            self._writer.waiting,
            self._target,
            _framing(compress, self.sync_marker),
            0 if is_plain else threads,
        )
        self._writer.advance = self._delivery.advance
        self._texts: tuple[TextStream, bool] | None = None  # for a file not read to its end
        self._closed = False
        _open.add(self)

    @property
    def taken(self) -> int:
        """Number of records that this writer has taken so far, whatever was raised meanwhile: those that are
        in the file, and those that the next calls, at the latest :meth:`close`, write.
        """
        return self._writer.taken

    def append(self, value: Any) -> None:
        """Write one record.

        :raises EncodeError: if it does not fit the schema; nothing of it is written.
        """
        self._writer.append(value)

    def extend(self, values: Iterable[Any]) -> None:
        """Write records.

        :raises EncodeError: at the first one that does not fit the schema, with its index, counted from 0;
            those before it are written.
        """
        if isinstance(values, Mapping | str):
            kind = type(values).__name__
            raise EncodeTypeError(f"records must be in a list or another iterable, not in a {kind}")
        if hasattr(values, "columns") and hasattr(values, "__arrow_c_stream__"):
            raise EncodeTypeError(f"a {type(values).__name__} is not a list of records: use write_arrow")
        self._writer.extend(values)

    def write_arrow(
        self, data: Any, *, extra_columns: ExtraColumns = "error", names: NamesOfColumns = "strict"
    ) -> int:
        """Write the rows of Arrow columns, without a Python object for each value.

        Columns are matched to fields by name, in any order, with lossless promotions; a field without a
        column takes its default, or null. docs/reference/arrow.md has the table of types.

        :param data: a table, batch, frame or stream of any library with ``__arrow_c_stream__`` or
            ``__arrow_c_array__``: pyarrow, polars, pandas, duckdb, nanoarrow, or :func:`avrojet.read_arrow`.
        :param extra_columns: what to do with columns that are not fields: ``"error"`` or ``"ignore"``.
        :param names: ``"replace"``: columns with names that Avro does not allow go to the fields with their
            replacement names.
        :returns: how many rows were written.
        :raises TypeError: if the data have neither method.
        :raises SchemaError: if a column does not fit the schema, or contradicts itself; then no row is
            written.
        :raises LimitError: if there are more columns than ``limits.columns``, or more rows of no bytes, or
            items of no bytes in one row, than ``limits.empty_items``; the rows before them are written.
        :raises EncodeError: at the first row with a value that does not fit, with its index (counted from 0
            over the whole input) and the column's path; the rows before it are written.
        """
        return sum(self._arrow_steps(data, extra_columns, names))

    def _arrow_steps(
        self,
        data: Any,
        extra_columns: ExtraColumns = "error",
        names: NamesOfColumns = "strict",
        first_row: int = 0,
    ) -> Iterator[int]:
        """Write one array of the data at each step; yields its number of rows.

        :param first_row: index of the first row, for errors.
        """
        self._writer.settle()
        from avrojet.columns.source import ColumnSource

        source = data if isinstance(data, ColumnSource) else ColumnSource(data, self._limits)
        encoder = source.encoder(self.schema, extra_columns, names, self._column_options)
        encoder.before = first_row
        try:
            for arrays in source:
                encoder.bind(arrays)
                self._writer.fill(encoder)
                yield len(arrays)
            self._writer.end_call()
        except (Exception, KeyboardInterrupt) as error:
            if not isinstance(error, EncodeError):  # which says the row
                note_taken(error, encoder.rows - first_row)
            raise

    def write_json(self, source: Any, *, plain: bool = False) -> int:
        """Write the records of consecutive JSON texts: JSON lines, or texts separated by any white space.
        They become bytes without a Python object for each value.

        >>> with DataFileWriter("orders.avro", schema) as orders, open("orders.jsonl", "rb") as lines:
        ...     orders.write_json(lines, plain=True)
        100

        The writer's ``defaults``, ``extra_fields``, ``truncate_times`` and ``naive_datetimes="utc"`` apply.

        After Ctrl-C, a timeout or an error of the source, another call with the same file continues with the
        record after the last one taken.

        :param source: text; UTF-8 in bytes or another buffer; or a text or binary file, which is read in
            pieces from its current position, and not closed.
        :param plain: JSON as people write it: a value of a union goes to the branch that it fits best. Else
            the specification's JSON Encoding. See :meth:`avrojet.Decoder.to_json`.
        :returns: how many records were written.
        :raises DecodeError: at the first text that is not JSON, or does not fit the schema; ``path``,
            ``line``, ``column`` and ``offset`` say where in the stream. The records before it are written.
        :raises LimitError: if a text exceeds a limit, or is longer than ``limits.block_bytes``.
        """
        return sum(self._json_steps(source, plain=plain))

    def _json_steps(self, source: Any, *, plain: bool, **beginning: Any) -> Iterator[int]:
        """Write some records of the texts at each step; yields their number.

        :param beginning: where the source begins, see :class:`avrojet.json.stream.TextStream`.
        """
        writer = self._writer
        writer.settle()
        texts = self._texts_of(source, plain=plain, **beginning)
        try:
            while (found := texts.next(max(writer.limit - writer.size, 1))) is not None:
                data, count, at = found
                writer.adopt(count, data, texts.place, at, 0 if data else self._empty_row_cost())
                yield count
        except (DecodeError, LimitError):
            self._texts = None
            raise
        self._texts = None
        writer.end_call()

    def _texts_of(self, source: Any, *, plain: bool, **beginning: Any) -> TextStream:
        """The reader of the source, which may have been interrupted before."""
        from avrojet.json.stream import TextStream

        if self._texts is None or self._texts[1] is not plain or not self._texts[0].goes_on(source):
            encoder = self._encoder._text_encoder(plain=plain)
            self._texts = TextStream(source, encoder, self._limits, **beginning), plain
        return self._texts[0]

    def _empty_row_cost(self) -> int:
        return Decoder(self.schema, logical_types=False, limits=self._limits)._empty_row_cost()

    def write_block(self, block: Block, *, recompress: bool = False) -> None:
        """Write the records of another file's block, without decoding them.

        :param recompress: compress anew even if the codec is the same, for another level.
        :raises DataFileError: if the schemas give the same bytes different meanings.
        """
        self._writer.settle()
        self._ensure_same_data(block.schema)
        if recompress or block.codec != self.codec:
            self._hand_over(OutgoingBlock(block.count, block.decompressed()))
        else:
            framed = build_block(block.count, block.data, self.sync_marker)
            self._hand_over(OutgoingBlock(block.count, None, framed))

    def _write_run(self, run: Run, schema: Schema) -> None:
        """Write blocks of another file with this one's codec, unchanged."""
        self._writer.settle()
        self._ensure_same_data(schema)
        self._hand_over(OutgoingBlock(run.count, None, with_marker(run.data, self.sync_marker)))

    def _ensure_same_data(self, schema: Schema) -> None:
        if schema is not self._matching:
            if not same_data(schema, self.schema):
                raise DataFileError(f"the block's schema is not the file's: {schema!r}")
            self._matching = schema

    def _hand_over(self, outgoing: OutgoingBlock) -> None:
        def take() -> None:
            self._writer.move()
            self._writer.put(outgoing)
            self._delivery.advance()

        self._writer.hold(take)

    def flush(self) -> None:
        """Finish the current block and pass all blocks on, so that a reader sees every record so far.

        With ``fsync`` they are then on the disk.
        """
        self._writer.hold(self._flush)

    def close(self) -> None:
        """Finish the file; close it if it was opened here. A second call does nothing.

        An exception meanwhile (Ctrl-C, for example) is raised after the file is finished. If it cannot be
        finished, a note on the exception says how many records are not in the file, and the writer stays
        open, so that a later call may finish it.

        :raises DataFileError: if an earlier write has left half a block, after which nothing can be written;
            the message says how many records are missing, and the writer is closed.
        """
        self._finish(for_good=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._finish(for_good=True)

    def __del__(self) -> None:
        self._finish_forgotten()

    def __repr__(self) -> str:
        return f"<avrojet.DataFileWriter codec={self.codec} schema={self.schema!r}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a DataFileWriter cannot be copied or pickled: it writes to a file that is open")

    def _flush(self) -> None:
        self._write_all()
        self._target.flush()
        if self._fsync:
            self._target.sync()

    def _write_all(self) -> None:
        self._writer.move()
        self._delivery.finish()

    def _finish(self, *, for_good: bool) -> None:
        """Close the writer.

        :param for_good: even if records cannot be written.
        """
        if self._closed:
            return
        if self._writer.is_foreign:
            self._leave()
            return
        self._writer.hold(lambda: self._close(for_good=for_good), refused=True)

    def _finish_forgotten(self) -> None:
        """Close the writer for good, and warn that the caller has not. A child process does neither."""
        if self._closed:
            return
        is_foreign = self._writer.is_foreign
        try:
            self._finish(for_good=True)
        finally:
            if self._closed and not is_foreign:
                warnings.warn(f"{self!r} was not closed", ResourceWarning, source=self, stacklevel=3)

    def _close(self, *, for_good: bool) -> None:
        if self._delivery.is_lost:
            missing = self._writer.unwritten
            self._release()
            reason = self._delivery.failure
            raise DataFileError(
                f"the file lacks up to {_records(missing)}, and may end in half a block: "
                f"a write has failed ({short(reason)})"
            ) from reason
        try:
            self._write_all()
            self._release()
        except BaseException as error:
            if not self._closed:
                self._close_after(error, for_good=for_good)
            raise

    def _close_after(self, error: BaseException, *, for_good: bool) -> None:
        """Close the writer after an exception, which may have nothing to do with the file: try once more."""
        if not self._delivery.is_lost:
            with suppress(BaseException):
                self._write_all()
        missing = self._writer.unwritten
        if missing and not (for_good or self._delivery.is_lost):
            error.add_note(f"the file still lacks {_records(missing)}: close() may be called again")
            return
        if missing:
            error.add_note(f"the file lacks up to {_records(missing)}")
        self._release()

    def _release(self) -> None:
        """Release the file and the threads. Can be called again after an interruption."""
        self._writer.refusal = "the writer is closed"
        try:
            self._delivery.close()
            if self._fsync:
                self._target.sync()
        finally:
            try:
                self._target.close()
            except (OSError, ValueError):  # from a file that cannot be flushed, or was closed by others
                self._forget()
                raise
        self._forget()

    def _forget(self) -> None:
        _open.discard(self)
        self._closed = True

    def _leave(self) -> None:
        """Drop the file, which the parent process writes, and the threads, which are not in this process."""
        self._forget()
        self._target.leave()


class _Request:
    """The settings of a writer."""

    __slots__ = ("_made", "codec", "limits", "metadata", "schema", "sync_marker")

    def __init__(
        self,
        schema: Schema | None,
        codec: str | None,
        metadata: Mapping[str, str | bytes],
        sync_marker: bytes | None,
        limits: Limits,
    ) -> None:
        self.schema = schema
        self.codec = codec
        self.metadata = metadata
        self.sync_marker = sync_marker
        self.limits = limits
        self._made: Header | None = None

    def new_header(self) -> Header:
        """The header of a new file."""
        if self.schema is None:
            raise DataFileError("a new file needs a schema")
        marker = os.urandom(SYNC_SIZE) if self.sync_marker is None else bytes(self.sync_marker)
        if len(marker) != SYNC_SIZE:
            raise DataFileError(f"a sync marker has {SYNC_SIZE} bytes, not {len(marker)}")
        if not isinstance(self.metadata, Mapping):
            raise TypeError(f"the metadata must be a dict, not {type(self.metadata).__name__}")
        codec = self.codec or "null"
        codec_of(codec)
        entries = {"avro.schema": self.schema._portable_json.encode(), "avro.codec": codec.encode()}
        for key, value in self.metadata.items():
            entry = metadata_entry(key, value)
            if key.startswith("avro."):
                raise DataFileError(f"the metadata key {key!r} is reserved: avro.* is the specification's")
            entries[key] = entry
        self._made = Header(entries, marker, 0)
        return self._made

    def agreed_schema(self, header: Header) -> Schema:
        """The schema to write with: the caller's, so that custom logical types work, else the file's."""
        if header is self._made:
            assert self.schema is not None
            return self.schema
        if self.codec not in (None, header.codec):
            raise DataFileError(
                f"the file's codec is {header.codec}, not {self.codec}: leave it out, or recode it"
            )
        if self.metadata or self.sync_marker not in (None, header.sync_marker):
            raise DataFileError("a file that is appended to keeps its metadata and its sync marker")
        written = parse_schema(header.schema_text, names="lax", limits=self.limits)
        if self.schema is None:
            return written
        if not same_data(self.schema, written):
            raise DataFileError(f"the schema is not the file's, which is {written!r}")
        return self.schema


def _open_target(
    target: Writable, request: _Request, prepare: Callable[[Header], Prepared], *, append: bool, only: bool
) -> tuple[ByteTarget, Header, Prepared]:
    """Open a target, writing a header if it is new, once `prepare` has found nothing wrong.

    :param only: lock it.
    """
    opened = open_existing(target, only=only) if append else None
    try:
        header = None if opened is None else existing_header(opened, request.limits)
        begins = header is None
        header = header or request.new_header()
        prepared = prepare(header)
        opened = opened or open_new(target, append=append, only=only)
        if begins and not opened.begin(build_header(header.metadata, header.sync_marker)):
            header = existing_header(opened, request.limits)
            assert header is not None
            prepared = prepare(header)
    except BaseException:
        if opened is not None:
            opened.leave()
        raise
    if isinstance(opened, PathTarget):
        opened.sync_marker = header.sync_marker
    return opened, header, prepared


def _records(count: int) -> str:
    return "1 record" if count == 1 else f"{count} records"


def _framing(compress: Compress, sync_marker: bytes) -> Callable[[OutgoingBlock], bytes]:
    return lambda block: build_block(block.count, compress(block.data), sync_marker)


_open: WeakSet[DataFileWriter] = WeakSet()


@atexit.register
def _close_forgotten() -> None:
    """Close writers at exit, as the interpreter then takes modules apart, and files could not be finished."""
    with ExitStack() as stack:
        for writer in list(_open):
            stack.callback(_close_at_exit, writer)


def _close_at_exit(writer: DataFileWriter) -> None:
    """Close a writer; if a daemon thread is in a call of it, after that call."""
    writer._writer.refusal = "the program ends"
    for _ in range(_TRIES_AT_EXIT):
        try:
            writer._finish_forgotten()
        except InUseError:
            time.sleep(_PAUSE_AT_EXIT)
        else:
            return
    writer._finish_forgotten()
