"""Writing object container files, new or longer. Specification: Object Container Files."""

from __future__ import annotations

import atexit
import os
import warnings
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from itertools import islice
from types import TracebackType
from typing import Any, Literal, Self
from weakref import WeakSet

from avrojet.columns.source import ColumnSource, ExtraColumns, column_options
from avrojet.container.append import existing_header
from avrojet.container.block import Block
from avrojet.container.codecs import Buffer, Compress, make_compress
from avrojet.container.framing import SYNC_SIZE, Header, build_block, build_header
from avrojet.container.matching import same_data
from avrojet.container.target import Writable, open_target
from avrojet.container.threads import OrderedPool
from avrojet.core.arrow.encode_columns import ColumnEncoder
from avrojet.core.files.container_blocks import FrameBuilder
from avrojet.datum import Encoder
from avrojet.errors import DataFileError
from avrojet.limits import Limits, limits_in_force
from avrojet.plan.arrow.names import NamesOfColumns
from avrojet.schema.model import Schema
from avrojet.schema.parse import parse_schema

# Records of no bytes (nulls) would never fill a block; readers refuse blocks with too many of them.
_MOST_RECORDS = 1_000_000

# Bytes of blocks that are written at once, if there are many: the system takes them faster than single ones.
_WRITE_SIZE = 256 << 10


class DataFileWriter:
    """Writes an object container file.

    >>> with DataFileWriter("orders.avro", schema, codec="zstandard") as orders:
    ...     orders.extend(rows)

    A record that cannot be encoded raises and leaves no trace: the records before it stay, and more can
    be written. Leaving the ``with`` block by an exception finishes the file with them.

    :param target: a path, or a binary file that is written from where it stands and not closed.
    :param schema: a :class:`Schema`, JSON text or JSON data; with ``mode="a"`` None takes the file's.
    :param codec: ``null`` (None means that in a new file), ``deflate``, ``snappy``, ``zstandard``,
        ``bzip2`` or ``xz``.
    :param level: of compression, see :func:`avrojet.container.codecs.make_compress`; None: its default.
    :param metadata: more entries for the file metadata, text or bytes; ``avro.*`` is reserved.
    :param sync_interval: encoded bytes at which a block is finished. Larger blocks compress a little
        better; smaller ones cost readers less memory and let them skip more finely.
    :param sync_marker: 16 bytes for the same file every time; None: random ones, as the specification
        wants them.
    :param mode: ``"w"`` for a new file, which replaces what is at the path once the other arguments are
        found valid; ``"a"`` to append to one (to ``read``, ``seek`` and ``write``, if it is a file
        object), which must end with a whole block and agree in schema and codec. Where there is no file,
        or an empty one, ``"a"`` makes a new one.
    :param threads: threads that compress while the next records are encoded. The target is written by
        the caller's thread only.
    :param options: those of :class:`avrojet.Encoder`.
    :ivar schema: the schema of the file.
    :ivar codec: name of the codec.
    :ivar sync_marker: 16 bytes.
    :raises SchemaError: if the schema is invalid.
    :raises CodecError: if the codec is unknown, not installed, or has no such level.
    :raises DataFileError: for wrong arguments, or a file that cannot be appended to.
    :raises EncodeError: (when writing) if a value does not fit the schema.

    Not to be shared: of threads that use one writer at once, some may get a ValueError.
    """

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
        threads: int = 0,
        limits: Limits | None = None,
        **options: Any,
    ) -> None:
        self._closed = True  # what __del__ finds if this fails
        if mode not in {"w", "a"}:
            raise DataFileError(f"mode must be 'w' or 'a', not {mode!r}")
        self._limits = limits = limits_in_force(limits)
        parsed = None if schema is None else parse_schema(schema, limits=limits)
        header = existing_header(target, limits) if mode == "a" else None
        new = header is None
        if header is None:
            header = _new_header(parsed, codec or "null", metadata or {}, sync_marker)
        else:
            parsed = _agreed_schema(header, parsed, codec, metadata, sync_marker, limits)
        assert parsed is not None
        self.schema: Schema = parsed
        self.codec: str = header.codec
        self.sync_marker: bytes = header.sync_marker
        self._sync_interval = sync_interval
        self._compress = make_compress(self.codec, level)
        self._is_plain = self.codec == "null"
        self._pool = None
        if threads and not self._is_plain:
            self._pool = OrderedPool(_compressing(self._compress), threads)
        self._block = Encoder(parsed, limits=limits, **options).block()
        self._column_options = column_options(options, limits)
        self._matching: Schema = parsed  # the last schema of a foreign block that was found to agree
        self._target = open_target(target, append=not new)
        self._closed = False
        _open.add(self)
        if new:
            try:
                self._target.write(build_header(header.metadata, header.sync_marker))
            except BaseException:
                self.close()
                raise

    def append(self, value: Any) -> None:
        """Write one record.

        :raises EncodeError: if it does not fit the schema; nothing of it is written.
        """
        if self._closed:
            raise _closed()
        block = self._block
        block.append(value)
        if block.size >= self._sync_interval or block.count >= _MOST_RECORDS:
            self._end_block()

    def extend(self, values: Iterable[Any]) -> None:
        """Write records.

        :raises EncodeError: at the first one that does not fit the schema; those before it are written.
        """
        if self._closed:
            raise _closed()
        iterator = iter(values)
        block = self._block
        while block.extend(islice(iterator, _MOST_RECORDS - block.count), self._sync_interval) or (
            block.count >= _MOST_RECORDS
        ):
            self._end_block()

    def write_arrow(
        self, data: Any, *, extra_columns: ExtraColumns = "error", names: NamesOfColumns = "strict"
    ) -> None:
        """Write the rows of Arrow columns, without a Python object for each value.

        Columns go to the fields of their names, in any order, with the promotions that lose nothing; a field
        without a column takes its default, or null. docs/arrow.md has the table of types.

        :param data: a table, batch, frame or stream of any library that has ``__arrow_c_stream__`` or
            ``__arrow_c_array__``: pyarrow, polars, pandas, duckdb, nanoarrow, or :func:`avrojet.read_arrow`.
        :param extra_columns: what to do with columns that are no field: ``"error"`` or ``"ignore"``.
        :param names: ``"replace"``: columns whose names Avro does not take go to the fields of the names that
            stand for them.
        :raises TypeError: if the data have neither method.
        :raises SchemaError: if a column does not fit the schema; no row is written then.
        :raises EncodeError: at the first row with a value that does not fit, with its number (counted from 0
            over the whole input) and the column's path; the rows before it are written.
        """
        if self._closed:
            raise _closed()
        source = data if isinstance(data, ColumnSource) else ColumnSource(data, self._limits)
        encoder = source.encoder(self.schema, extra_columns, names, self._column_options)
        if self._is_plain:
            self._write_frames(source, encoder)
            return
        for arrays in source:
            encoder.bind(arrays)
            while encoder.fill(self._block, self._sync_interval, _MOST_RECORDS):
                self._end_block()

    def _write_frames(self, source: ColumnSource, encoder: ColumnEncoder) -> None:
        """Write rows as blocks without compression, many at a time."""
        bounds = self._sync_interval, _MOST_RECORDS
        frames = FrameBuilder(self.sync_marker, self._limits)
        try:
            for arrays in source:
                encoder.bind(arrays)
                while self._block.count and encoder.fill(self._block, *bounds):
                    self._end_block()
                while not self._block.count and encoder.fill_frames(frames, *bounds, _WRITE_SIZE):
                    self._target.write(frames.take())
        finally:
            if not self._target.broken:
                self._target.write(frames.take())
                self._block.adopt(*frames.take_rest())

    def write_block(self, block: Block, *, recompress: bool = False) -> None:
        """Write the records of another file's block, which are not decoded.

        :param recompress: compress anew even if the codec is the same, for another level.
        :raises DataFileError: if the schemas give the same bytes another meaning.
        """
        if self._closed:
            raise _closed()
        if block.schema is not self._matching:
            if not same_data(block.schema, self.schema):
                raise DataFileError(f"the block's schema is not the file's: {block.schema!r}")
            self._matching = block.schema
        self._end_block()
        if recompress or block.codec != self.codec:
            self._put(block.count, block.decompressed())
        else:
            self._drain()
            self._write(block.count, block.data)

    def flush(self) -> None:
        """Finish the current block and hand all of them on, so that a reader sees every record so far."""
        if self._closed:
            raise _closed()
        self._end_block()
        self._drain()
        self._target.flush()

    def close(self) -> None:
        """Finish the file; close it if it was opened here. A second call does nothing.

        After a write that failed, and said so, there is nothing to finish: the blocks after it are dropped.
        """
        if self._closed:
            return
        try:
            if not self._target.broken:
                self._end_block()
                self._drain()
        finally:
            self._closed = True
            _open.discard(self)
            if self._pool is not None:
                self._pool.close()
            self._target.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __del__(self) -> None:
        if not self._closed:
            try:
                self.close()
            finally:
                warnings.warn(f"{self!r} was not closed", ResourceWarning, source=self, stacklevel=2)

    def __repr__(self) -> str:
        return f"<avrojet.DataFileWriter codec={self.codec} schema={self.schema!r}>"

    def _end_block(self) -> None:
        """Take the records so far as a block."""
        if not self._block.count:
            return
        if self._is_plain:
            self._target.write(self._block.take_framed(self.sync_marker))
        else:
            self._put(*self._block.take_counted())

    def _put(self, count: int, data: Buffer) -> None:
        """Compress and write a block, or have it compressed and write those that are."""
        if self._pool is None:
            self._write(count, self._compress(data))
            return
        self._pool.put((count, data))
        while self._pool.full or self._pool.ready:
            self._write(*self._pool.get())

    def _drain(self) -> None:
        """Write the blocks that are still being compressed."""
        while self._pool:
            self._write(*self._pool.get())

    def _write(self, count: int, data: Buffer) -> None:
        self._target.write(build_block(count, data, self.sync_marker))


def _new_header(
    schema: Schema | None, codec: str, metadata: Mapping[str, str | bytes], sync_marker: bytes | None
) -> Header:
    if schema is None:
        raise DataFileError("a new file needs a schema")
    if sync_marker is None:
        sync_marker = os.urandom(SYNC_SIZE)
    elif len(sync_marker) != SYNC_SIZE:
        raise DataFileError(f"a sync marker has {SYNC_SIZE} bytes, not {len(sync_marker)}")
    entries = {"avro.schema": schema.json.encode(), "avro.codec": codec.encode()}
    for key, value in metadata.items():
        if key.startswith("avro."):
            raise DataFileError(f"the metadata key {key!r} is reserved: avro.* is the specification's")
        entries[key] = value.encode() if isinstance(value, str) else bytes(value)
    return Header(entries, bytes(sync_marker), 0)


def _agreed_schema(
    header: Header,
    schema: Schema | None,
    codec: str | None,
    metadata: Mapping[str, str | bytes] | None,
    sync_marker: bytes | None,
    limits: Limits,
) -> Schema:
    """The schema to append with: the caller's, so that custom logical types work, else the file's."""
    if codec not in (None, header.codec):
        raise DataFileError(f"the file's codec is {header.codec}, not {codec}: leave it out, or recode it")
    if metadata or sync_marker not in (None, header.sync_marker):
        raise DataFileError("a file that is appended to keeps its metadata and its sync marker")
    written = parse_schema(header.schema_text, names="lax", limits=limits)
    if schema is None:
        return written
    if not same_data(schema, written):
        raise DataFileError(f"the schema is not the file's, which is {written!r}")
    return schema


def _compressing(compress: Compress) -> Callable[[tuple[int, Buffer]], tuple[int, Buffer]]:
    """The work of the threads: a block's count passes by unchanged."""
    return lambda block: (block[0], compress(block[1]))


def _closed() -> DataFileError:
    return DataFileError("the writer is closed")


_open: WeakSet[DataFileWriter] = WeakSet()


@atexit.register
def _close_forgotten() -> None:
    """Behind here the interpreter takes modules apart, and a file could not be finished any more."""
    with ExitStack() as stack:
        for writer in list(_open):
            stack.callback(writer.__del__)
