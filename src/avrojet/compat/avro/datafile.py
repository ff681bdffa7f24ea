"""Object container files (specification: Object Container Files)."""

from __future__ import annotations

import io
import json
import os
import warnings
from collections.abc import Iterator, MutableMapping
from dataclasses import replace
from types import TracebackType
from typing import Any, Final, Self, TypedDict, cast

from avrojet.compat.avro import _plans
from avrojet.compat.avro import schema as avro_schema
from avrojet.compat.avro.codecs import KNOWN_CODECS, codec_error, get_codec, max_decompress_length, own_codec
from avrojet.compat.avro.errors import (
    AvroException,
    AvroWarning,
    DataFileException,
    InvalidAvroBinaryEncoding,
)
from avrojet.compat.avro.io import BinaryDecoder, BinaryEncoder, DatumReader, DatumWriter
from avrojet.container.block import RowBudget, decode, restore
from avrojet.container.codecs import Decompress, codec_of, make_compress
from avrojet.container.delivery import Delivery
from avrojet.container.framing import MAGIC as _MAGIC
from avrojet.container.framing import SYNC_SIZE as _SYNC_SIZE
from avrojet.container.framing import FileParser, Header, RawBlock, build_block, build_header
from avrojet.container.target import FileTarget
from avrojet.core.files.block_writer import BlockWriter, OutgoingBlock, note_taken
from avrojet.core.ground.exclusive import Chain, Place
from avrojet.core.rows.row_encoder import RowEncoder
from avrojet.errors import (
    AvroError,
    DataFileError,
    DecodeError,
    EncodeError,
    EncodeLimitError,
    LimitError,
    ResolutionError,
)
from avrojet.limits import Limits
from avrojet.varint import encode_long

VERSION: Final = 1
MAGIC: Final = _MAGIC
MAGIC_SIZE: Final = len(MAGIC)
SYNC_SIZE: Final = _SYNC_SIZE
SYNC_INTERVAL: Final = 4000 * SYNC_SIZE
"""Bytes of records at which a block is finished."""

META_SCHEMA: Final = avro_schema.parse(
    json.dumps(
        {
            "type": "record",
            "name": "org.apache.avro.file.Header",
            "fields": [
                {"name": "magic", "type": {"type": "fixed", "name": "magic", "size": MAGIC_SIZE}},
                {"name": "meta", "type": {"type": "map", "values": "bytes"}},
                {"name": "sync", "type": {"type": "fixed", "name": "sync", "size": SYNC_SIZE}},
            ],
        }
    )
)

NULL_CODEC: Final = "null"
VALID_CODECS: Final = KNOWN_CODECS.keys()
VALID_ENCODINGS: Final = ["binary"]
CODEC_KEY: Final = "avro.codec"
SCHEMA_KEY: Final = "avro.schema"

# A block may claim more bytes than exist; no single read asks for more than this.
_AT_ONCE: Final = 4 << 20

# Records of no bytes would never fill a block.
_MOST_RECORDS: Final = 1_000_000


class HeaderType(TypedDict):
    """The contents of the header of a file."""

    magic: bytes
    meta: MutableMapping[str, bytes]
    sync: bytes


class _DataFileMetadata:
    """The metadata of a file: bytes by name; ``avro.*`` is the specification's."""

    _meta: MutableMapping[str, bytes]

    @property
    def meta(self) -> MutableMapping[str, bytes]:
        """All of it."""
        return self._meta

    def get_meta(self, key: str) -> bytes | None:
        return self.meta.get(key)

    def set_meta(self, key: str, val: bytes) -> None:
        self.meta[key] = val

    def del_meta(self, key: str) -> None:
        del self.meta[key]

    @property
    def schema(self) -> str:
        """The JSON text of the file's schema."""
        text = self.get_meta(SCHEMA_KEY)
        if not text:
            raise DataFileException(f"the file's metadata has no {SCHEMA_KEY}")
        return text.decode()

    @schema.setter
    def schema(self, value: str) -> None:
        self.set_meta(SCHEMA_KEY, value.encode())

    @property
    def codec(self) -> str:
        """The name of the file's codec."""
        return (self.get_meta(CODEC_KEY) or b"null").decode()

    @codec.setter
    def codec(self, value: str) -> None:
        if value not in VALID_CODECS:
            raise DataFileException(f"Unknown codec: {value!r}; there is {', '.join(VALID_CODECS)}")
        self.set_meta(CODEC_KEY, value.encode())

    @codec.deleter
    def codec(self) -> None:
        self.del_meta(CODEC_KEY)


def _binary(file: Any, verb: str) -> Any:
    """The binary file beneath a file, which may have been opened for text."""
    if "b" not in getattr(file, "mode", "b"):
        warnings.warn(AvroWarning(f"{verb} binary data, and {file!r} is open for text"), stacklevel=3)
    return getattr(file, "buffer", file)


def _limits() -> Limits:
    """Avrojet's limits, with those of the environment."""
    limits = _plans.limits_now()
    most = max_decompress_length()
    if most == limits.block_bytes:
        return limits
    return replace(limits, block_bytes=most)


def _file_error(error: AvroError) -> AvroException:
    """Return the exception to raise for an error of the core."""
    if isinstance(error, LimitError) and error.limit == "block_bytes":
        return codec_error(error)
    if isinstance(error, DecodeError | ResolutionError):
        return _plans.read_error(error)
    return DataFileException(str(error))


class DataFileWriter(_DataFileMetadata):
    """Writes a container file.

    A datum that does not fit the schema raises an error and is not written; data before it are kept, and more
    can be written.

    :param writer: a binary file, which :meth:`close` closes.
    :param datum_writer: receives the schema.
    :param writers_schema: None: append to an existing file, which must be open for reading, too.
    :param codec: one of :data:`VALID_CODECS`.
    :ivar sync_marker: the 16 bytes after each block.
    :raises DataFileException: if there is no such codec.
    """

    def __init__(
        self,
        writer: Any,
        datum_writer: Any,
        writers_schema: Any = None,
        codec: str = NULL_CODEC,
    ) -> None:
        self._writer = _binary(writer, "Writing")
        self._encoder = BinaryEncoder(self._writer)
        self._datum_writer = datum_writer
        self._meta = {}
        self._buffer: io.BytesIO | None = None
        self._foreign_count = 0  # records in the buffer that were written by other code
        self._header: OutgoingBlock | None = None  # once it is being written
        self._header_written = writers_schema is None
        if writers_schema is None:
            self._continue()
        else:
            self.sync_marker = os.urandom(SYNC_SIZE)
            self.codec = codec
            self.schema = str(writers_schema)
            datum_writer.writers_schema = writers_schema
        self._target = FileTarget(self._writer)
        self._foreign_blocks: list[OutgoingBlock] = []
        self._blocks: BlockWriter | None = self._make_blocks()

    def _continue(self) -> None:
        """Take over schema, codec and sync marker of a file, and go to its end."""
        written = DataFileReader(self._writer, DatumReader())
        self.sync_marker = written.sync_marker
        self.codec = written.codec
        self.schema = written.schema
        self._datum_writer.writers_schema = written.datum_reader.writers_schema
        self._writer.seek(0, os.SEEK_END)

    def _make_blocks(self) -> BlockWriter | None:
        """The object that collects blocks in C; None if the datum writer has methods of its own."""
        writer = self._datum_writer
        if type(writer).__dict__.get("write", DatumWriter.write) is not DatumWriter.write:
            return None
        if not isinstance(writer, DatumWriter) or writer._walks:
            return None
        encoder: RowEncoder = writer._plan or writer._make_plan()
        blocks = BlockWriter(encoder._block(), SYNC_INTERVAL, _MOST_RECORDS, None, _limits())
        delivery = Delivery(blocks.waiting, self._target, self._framed)
        blocks.advance = delivery.advance
        self._delivery = delivery
        return blocks

    @property
    def writer(self) -> Any:
        """The file."""
        return self._writer

    @property
    def encoder(self) -> BinaryEncoder:
        """The encoder that writes to the file."""
        return self._encoder

    @property
    def datum_writer(self) -> Any:
        return self._datum_writer

    @property
    def buffer_writer(self) -> io.BytesIO:
        """The data of the block that is being written. The caller may write to this buffer, too, datum by
        datum.
        """
        if self._buffer is None:
            if self._blocks is not None:
                self._finish_block()
                self._blocks = None
            self._buffer = io.BytesIO()
        return self._buffer

    @property
    def buffer_encoder(self) -> BinaryEncoder:
        """The encoder that writes to :attr:`buffer_writer`."""
        return BinaryEncoder(self.buffer_writer)

    @property
    def block_count(self) -> int:
        """How many data are in the block that is being written."""
        return self._foreign_count if self._blocks is None else self._blocks.count

    @block_count.setter
    def block_count(self, count: int) -> None:
        self.buffer_writer  # noqa: B018 (from now on, other code writes there)
        self._foreign_count = count

    def append(self, datum: Any) -> None:
        """Write one datum.

        :raises AvroTypeException: if it does not fit the schema; nothing of it is written.
        """
        blocks = self._blocks
        if blocks is None:
            self._append_by_writer(datum)
            return
        try:
            blocks.append(datum)
        except EncodeLimitError as error:
            raise AvroException(str(error)) from error
        except EncodeError as error:
            self._adopt(blocks, datum, error)

    def _adopt(self, blocks: BlockWriter, datum: Any, refused: EncodeError) -> None:
        """Write a datum that the core refuses, although it is valid here."""
        data = self._datum_writer._encode_otherwise(datum, refused)
        try:
            blocks.append_encoded(data)
        except EncodeLimitError as error:
            raise AvroException(str(error)) from error

    def _append_by_writer(self, datum: Any) -> None:
        buffer = self.buffer_writer
        start = buffer.tell()
        try:
            self._datum_writer.write(datum, self.buffer_encoder)
        except BaseException:
            buffer.seek(start)
            buffer.truncate()
            raise
        self._foreign_count += 1
        if buffer.tell() >= SYNC_INTERVAL:
            try:
                self._finish_block()
            except BaseException as error:
                note_taken(error, 1)
                raise

    def _finish_block(self) -> None:
        """Write the block, and everything that is left of earlier ones, to the file."""
        self._begin()
        if self._blocks is not None:
            blocks, delivery = self._blocks, self._delivery
            blocks.move()
            delivery.finish()
            return
        if self._foreign_count:
            buffer = self.buffer_writer
            self._foreign_blocks.append(OutgoingBlock(self._foreign_count, buffer.getvalue()))
            self._foreign_count = 0
            buffer.seek(0)
            buffer.truncate()
        Delivery(self._foreign_blocks, self._target, self._framed).finish()

    def _begin(self) -> None:
        """Write the header, which may be changed until the first block is written."""
        if not self._header_written:
            self._header = self._header or OutgoingBlock(0, None, build_header(self.meta, self.sync_marker))
            self._target.write(self._header)
            self._header_written = True

    def _framed(self, block: OutgoingBlock) -> bytes:
        self._begin()
        name = own_codec(self.codec)
        if name is None:
            data = get_codec(self.codec).compress(bytes(block.data))[0]
        else:
            data = cast(bytes, make_compress(name)(block.data))
        return build_block(block.count, data, self.sync_marker)

    def sync(self) -> int:
        """Finish the block; return the file's position after it, in bytes."""
        self._finish_block()
        return int(self.writer.tell())

    def flush(self) -> None:
        """Finish the block, and flush the file."""
        self._finish_block()
        self.writer.flush()

    def close(self) -> None:
        """Finish the file and close it."""
        self.flush()
        self.writer.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, type_: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close the file, unless there was an exception."""
        if type_ is None:
            self.close()


class DataFileReader(_DataFileMetadata):
    """Iterates over the data of a container file.

    :param reader: a binary file, which is read from its start; it must be able to ``seek`` and ``tell``.
    :param datum_reader: receives the schema of the file as the writer's; its reader's schema is used.
    :ivar sync_marker: the 16 bytes after each block.
    :raises DataFileException: if it is not a container file.
    :raises InvalidAvroBinaryEncoding: if it ends in the header.
    """

    def __init__(self, reader: Any, datum_reader: Any) -> None:
        self._reader = _binary(reader, "Reading")
        self._raw_decoder = BinaryDecoder(self._reader)
        self._datum_reader = datum_reader
        self._read_header()
        self._file_length = self.determine_file_length()
        datum_reader.writers_schema = avro_schema.parse_quietly(self.schema)

    def _read_header(self) -> None:
        """Read the header, up to the first block."""
        self._reader.seek(0)
        limits = _limits()
        parser = FileParser(limits)
        header = _event(parser, self._reader)
        assert isinstance(header, Header)
        self._meta = dict(header.metadata)
        self.sync_marker = header.sync_marker
        self._rows = _Rows(self._reader, parser, self._datum_reader, self.codec, limits)
        self._place = Place()
        self._chain: Chain[Any] = Chain(self._rows.rows_at, self._place)

    def __iter__(self) -> Iterator[Any]:
        """The data from the reader's position on."""
        return self._chain

    def __next__(self) -> Any:
        return next(self._chain)

    @property
    def reader(self) -> Any:
        """The file. It is read block by block; its position is after the block whose data are being
        returned.
        """
        return self._reader

    @property
    def raw_decoder(self) -> BinaryDecoder:
        """The decoder that reads from the file."""
        return self._raw_decoder

    @property
    def datum_decoder(self) -> BinaryDecoder | None:
        """The decoder that reads the data of the block; None before the first."""
        return self._rows.decoder

    @property
    def datum_reader(self) -> Any:
        return self._datum_reader

    @property
    def block_count(self) -> int:
        """How many data of the block are left."""
        return self._rows.left()

    @property
    def file_length(self) -> int:
        """Bytes of the file."""
        return self._file_length

    def determine_file_length(self) -> int:
        """Bytes of the file, whose position does not change."""
        here = self.reader.tell()
        self.reader.seek(0, os.SEEK_END)
        length = int(self.reader.tell())
        self.reader.seek(here)
        return length

    def is_EOF(self) -> bool:  # noqa: N802 (as it is known)
        """Whether all data have been returned."""
        return self._rows.left() == 0 and bool(self.reader.tell() == self._file_length)

    def close(self) -> None:
        """Close the file."""
        self.reader.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, type_: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close the file, unless there was an exception."""
        if type_ is None:
            self.close()


def _event(parser: FileParser, file: Any) -> Header | RawBlock | None:
    """Return the header, then the blocks, without reading a byte more; None at the end of the file."""
    try:
        while (event := parser.next_event()) is None:
            data = file.read(min(parser.missing, _AT_ONCE))
            if not data:
                parser.close()
                return None
            parser.feed(data)
    except AvroError as error:
        raise _file_error(error) from error
    return event


class _Rows:
    """Finds the blocks of a file and decodes their rows. It must not refer to the reader, which holds it.

    :ivar decoder: reads the data of the last block.
    """

    def __init__(self, file: Any, parser: FileParser, datum_reader: Any, codec: str, limits: Limits) -> None:
        self._file = file
        self._parser = parser
        self._found: tuple[int, RawBlock | None] | None = None  # the last block, and its number
        self._datum_reader = datum_reader
        self._codec = codec
        self._limits = limits
        self._budget = RowBudget(limits)
        self._decompress: Decompress | None = None
        self._last: Any = None  # the iterator over the rows of the last block
        self._data: Any = None

    def left(self) -> int:
        return 0 if self._last is None else int(self._last.__length_hint__())

    @property
    def decoder(self) -> BinaryDecoder | None:
        return None if self._data is None else BinaryDecoder(io.BytesIO(self._data))

    def rows_at(self, at: int | None) -> tuple[Iterator[Any], int] | None:
        """Return the rows of the block with a number, and the next number; asking again returns the same."""
        number = at or 0
        if self._found is None or self._found[0] != number:
            block = _event(self._parser, self._file)
            assert not isinstance(block, Header)
            self._found = number, block
        block = self._found[1]
        if block is None:
            return None
        try:
            self._data = self._restored(block)
            self._last = self._decoded(block)
        except AvroError as error:
            raise _file_error(error) from error
        return self._last, number + 1

    def _restored(self, block: RawBlock) -> Any:
        if self._decompress is None:
            name = own_codec(self._codec)
            if name is None:
                codec = get_codec(self._codec)
                framed = io.BytesIO(encode_long(block.size) + bytes(block.data))
                return codec.decompress(BinaryDecoder(framed)).reader.read()
            self._decompress = codec_of(name).make_decompress(self._limits.block_bytes)
        try:
            return restore(block, self._decompress)
        except AvroError as error:
            raise codec_error(error) from error

    def _decoded(self, block: RawBlock) -> Any:
        reader = self._datum_reader
        plain = isinstance(reader, DatumReader) and type(reader).read is DatumReader.read
        if not plain or reader._walks:
            return _StepByStep(block.count, reader, BinaryDecoder(io.BytesIO(self._data)))
        plan = reader._plan or reader._make_plan()
        return decode(block, self._data, plan, self._budget, _row_error)


def _row_error(error: Exception) -> Exception:
    if not isinstance(error, AvroError):
        return error
    translated = DataFileException(str(error)) if isinstance(error, DataFileError) else _file_error(error)
    translated.__cause__ = error
    return translated


class _StepByStep:
    """The rows of a block, by a datum reader of the program's own."""

    def __init__(self, count: int, datum_reader: Any, decoder: BinaryDecoder) -> None:
        self._count = count
        self._datum_reader = datum_reader
        self._decoder = decoder

    def __iter__(self) -> Self:
        return self

    def __length_hint__(self) -> int:
        return self._count

    def __next__(self) -> Any:
        if not self._count:
            left = self._decoder.bytes_remaining()
            if left:
                raise InvalidAvroBinaryEncoding(f"{left} bytes are left behind the last datum of a block")
            raise StopIteration
        datum = self._datum_reader.read(self._decoder)
        self._count -= 1
        return datum
