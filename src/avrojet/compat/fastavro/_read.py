"""reader, block_reader, schemaless_reader and is_avro.

Files are read without reading ahead: a reader reads exactly the header when it is created, and exactly one
block when it is needed.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any, Final
from weakref import ref

from avrojet.cache import PlanCache
from avrojet.compat.fastavro import _compile
from avrojet.compat.fastavro._codecs import BLOCK_READERS, restore_block
from avrojet.compat.fastavro._copies import Copies
from avrojet.compat.fastavro._fast import schemaless_reader
from avrojet.compat.fastavro._input import (
    READ_AT_ONCE,
    NotReadyError,
    as_bytes,
    is_avro,
    read_exactly,
    read_header,
    read_number,
)
from avrojet.compat.fastavro._known import known
from avrojet.compat.fastavro._match import match_schemas, match_types
from avrojet.compat.fastavro._read_common import HEADER_SCHEMA, MAGIC, SYNC_SIZE
from avrojet.compat.fastavro._schemas import parse_schema
from avrojet.compat.fastavro._stream import opened
from avrojet.compat.fastavro.logical_readers import LOGICAL_READERS
from avrojet.compat.fastavro.types import NamedSchemas
from avrojet.container.block import RowBudget, decode
from avrojet.container.framing import FileParser, Header, RawBlock
from avrojet.core.files.container_blocks import frame, scan
from avrojet.core.ground.exclusive import Chain, Place, Steps
from avrojet.core.ground.foreign import Intake, call
from avrojet.derived import derived
from avrojet.errors import DataFileError, DataFileTypeError, TruncatedError
from avrojet.limits import limits_in_force, on_new_defaults
from avrojet.schema.text import loads

__all__ = [
    "BLOCK_READERS",
    "CYTHON_MODULE",
    "HEADER_SCHEMA",
    "LOGICAL_READERS",
    "MAGIC",
    "SYNC_SIZE",
    "Block",
    "block_reader",
    "file_reader",
    "is_avro",
    "match_schemas",
    "match_types",
    "read_long",
    "reader",
    "schemaless_reader",
]

CYTHON_MODULE: Final = 1  # how other libraries recognize fastavro's compiled modules

_LEAST_BLOCK: Final = 2 + SYNC_SIZE  # bytes: a count, a size and the sync marker


def read_long(fo: Any, *ignored: Any) -> int:
    """The int or long that comes next in a binary file, or where a BinaryDecoder is.

    :param ignored: the other parameters of fastavro's functions of this name.
    """
    return read_number(opened(fo))


class FileSchema:
    """The results made from the schema in a file's header.

    :ivar known: its content.
    :ivar raw: copies of it, unchanged.
    :ivar parsed: copies of it parsed, with its named types by fullname.
    :ivar hinted: copies of it parsed, and marked as parsed.
    """

    def __init__(self, raw: Any, *, lenient: bool) -> None:
        named: NamedSchemas = {}
        parsed = parse_schema(raw, named, _write_hint=False, _force=True, _ignore_default_error=lenient)
        self.known = known(raw)
        self.raw = Copies(raw)
        self.parsed = Copies([parsed, named])

    @derived
    def hinted(self) -> Copies:
        return Copies(parse_schema(self.raw.copy()))


_file_schemas: Final[PlanCache[FileSchema]] = PlanCache()
on_new_defaults(_file_schemas.clear)


def file_schema(text: str, *, lenient: bool) -> FileSchema:
    """Return the results for the schema in a file's header, made once for files with the same schema.

    :param lenient: defaults that do not fit are not errors.
    """
    made = _file_schemas.get((text, lenient))
    if made is None:
        try:
            made = FileSchema(loads(text, 3 * limits_in_force().depth), lenient=lenient)
        except RecursionError:
            raise DataFileError("the file's schema is nested too deep for Python's stack") from None
        _file_schemas.keep((text, lenient), made, len(text))
    return made


class file_reader:
    """The parts that the readers of rows and of blocks share.

    :ivar metadata: the entries of the file's metadata as text.
    :ivar codec: name of the codec.
    :ivar writer_schema: the schema of the file, parsed.
    :ivar reader_schema: the schema that was given, parsed, or None.
    """

    writer_schema: Any
    _schema: Any
    _named_schemas: dict[str, NamedSchemas]
    _iterator: type[Chain[Any] | Steps[Any]] = Steps

    def __init__(self, fo: Any, reader_schema: Any = None, options: dict[str, Any] | None = None) -> None:
        self.fo = fo
        self.options = options or {}
        self.reader_schema: Any = parse_schema(reader_schema, _write_hint=False) if reader_schema else None
        self._given_schema = reader_schema
        self._limits = limits_in_force()
        self._open()
        self._index = 0  # of the next block
        self._intake = Intake()
        self._data = bytearray()  # what has been read of it
        self._last: tuple[int, RawBlock | None, int] | None = None  # the last block, and the place after it
        self._place = Place()
        self._elems = self._iterator(_weakly(self), self._place)

    def _open(self) -> None:
        meta, sync, data = read_header(self.fo, self._limits.header_bytes)
        if meta is None:
            meta, sync, self._offset = self._odd_header(data)
        else:
            self._offset = len(data)  # of the next block, from where reading began
        self._header: dict[str, Any] = {"magic": MAGIC, "meta": meta, "sync": sync}
        self.metadata = {key: value.decode() for key, value in meta.items()}
        self.codec = self.metadata.get("avro.codec", "null")
        try:
            text = self.metadata["avro.schema"]
        except KeyError:
            raise DataFileError("the file's metadata has no avro.schema") from None
        # Old files may have defaults that do not fit, which do not matter where the reader has a schema.
        self._file_schema = file_schema(text, lenient=self.reader_schema is not None)

    def _odd_header(self, data: bytes) -> tuple[dict[str, bytes], bytes, int]:
        parser = FileParser(self._limits)
        parser.feed(data)
        try:
            header = _event(parser, lambda size: read_exactly(self.fo, size))
        except (DataFileTypeError, NotReadyError):
            raise
        except (DataFileError, TruncatedError) as error:
            raise DataFileError(f"cannot read header - is it an avro file? ({error})") from error
        assert isinstance(header, Header)
        return dict(header.metadata), header.sync_marker, header.size

    def _block_at(self, at: int | None) -> tuple[RawBlock, int] | None:
        """Return the block with a number, and the next number. After an error it can be called again, and
        continues if the error is over.

        :param at: None: the first.
        """
        number = at or 0
        if self._last is not None and self._last[0] != number:  # it was passed on already
            self._data, self._offset, self._index = bytearray(), self._last[2], number
            self._last = None
        if self._last is None:
            self._last = (number, *self._next_block())
        raw = self._last[1]
        return None if raw is None else (raw, number + 1)

    def _next_block(self) -> tuple[RawBlock | None, int]:
        """The next block, None if there is none, and the place after it."""
        data = self._data
        wanted = _LEAST_BLOCK
        while True:
            if not self._fill(wanted):
                return (None, self._offset) if not data else self._odd_block()
            blocks, count, end, missing = scan(
                data, 0, len(data), self._header["sync"], self._limits.block_bytes, 0, 0, 1
            )
            if blocks:
                break
            if missing <= 0:
                return self._odd_block()
            wanted = len(data) + missing
        _, start, size = frame(data, 0)
        records = memoryview(data).toreadonly()[start : start + size]
        raw = RawBlock(self._index, self._offset, count, size, records, self._offset + start)
        return raw, self._offset + end

    def _fill(self, size: int) -> bool:
        """Make sure that this many bytes of the next block have been read; False if the file ends before."""
        intake = self._intake
        while (missing := size - len(self._data)) > 0:
            if intake.data is None:
                intake.call(self.fo.read, min(missing, READ_AT_ONCE))
            data = as_bytes(intake.data)
            if len(data) > missing:
                raise DataFileError(f"read() gave {len(data) - missing} bytes more than it was asked for")
            intake.move_to(self._data, data)
            if not data:
                return False
        return True

    def _odd_block(self) -> tuple[RawBlock | None, int]:
        """Return the block that begins with irregular data, or raise the error that says what is wrong.

        Everything read is kept, so that asking again has the same result.
        """
        parser = FileParser(self._limits)
        parser.header = Header(self._header["meta"], self._header["sync"], self._offset)
        parser.go_to(self._offset, self._index)
        parser.feed(bytes(self._data))
        block = _event(parser, self._more)
        assert not isinstance(block, Header)
        return block, parser.offset

    def _more(self, size: int) -> bytes:
        """Return up to this many of the next bytes, and keep them with the block; empty at the end of the
        file.
        """
        start = len(self._data)
        self._fill(start + size)
        return bytes(self._data[start:])

    @derived
    def _reading(self) -> _compile.Reading:
        errors = self.options.get("handle_unicode_errors", "strict")
        flags = _compile.flags_of(self.options, _compile.READ_OPTIONS)
        reader = known(self._given_schema) if self._given_schema else None
        return _compile.reading_of(self._file_schema.known, reader, flags, errors)

    def __getattr__(self, name: str) -> Any:
        """Make rarely used attributes when they are needed."""
        if name in ("writer_schema", "_named_schemas"):
            self.writer_schema, written = self._file_schema.parsed.copy()
            self._named_schemas = {"writer": written, "reader": {}}
            if self.reader_schema:
                names = self._named_schemas["reader"]
                parse_schema(self.reader_schema, names, _write_hint=False, _force=True)
        elif name == "_schema":
            self._schema = self._file_schema.raw.copy()
        else:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        return self.__dict__[name]

    @property
    def schema(self) -> Any:
        """The schema of the file, unchanged; use `writer_schema` instead."""
        warnings.warn(
            "The 'schema' attribute is deprecated. Please use 'writer_schema'",
            DeprecationWarning,
            stacklevel=2,
        )
        return self._schema

    def _found_at(self, at: int | None) -> tuple[Any, int] | None:
        """Return the next item of the iteration, and the place after it; None at the end."""
        return None

    def __iter__(self) -> Iterator[Any]:
        return self._iterator(self._found_at, self._place)

    def __next__(self) -> Any:
        return next(self._elems)


def _event(parser: FileParser, read: Callable[[int], bytes]) -> Header | RawBlock | None:
    """Return the header, then the blocks; None at the end of the file.

    :param read: called with a number; returns up to that many bytes, none at the end.
    """
    while (event := parser.next_event()) is None:
        data = read(parser.missing)
        if not data:
            parser.close()
            return None
        parser.feed(data)
    return event


def _weakly(reader: file_reader) -> Callable[[Any], tuple[Any, int] | None]:
    """The state of a reader, for its iterator, which must not refer to the reader itself: dropping the reader
    must release the file.
    """
    known = ref(reader)

    def found_at(at: Any) -> tuple[Any, int] | None:
        reader = known()
        return None if reader is None else reader._found_at(at)

    return found_at


def _decode(raw: RawBlock, data: Any, reading: _compile.Reading, budget: RowBudget) -> Iterator[Any]:
    """The rows of a block."""
    return decode(raw, data, reading.decoder, budget, reading.error)


class reader(file_reader):
    """Iterates over the rows of a container file.

    :param fo: a binary file, of which only ``read(n)`` is used.
    :param reader_schema: the schema to read the rows as; None: the file's.
    :param options: those of :func:`schemaless_reader`.
    :raises ValueError: if the file is not a container file, or is damaged.
    :raises EOFError: if it ends inside a block.
    """

    _iterator = Chain

    def __init__(
        self,
        fo: Any,
        reader_schema: Any = None,
        return_record_name: bool = False,
        return_record_name_override: bool = False,
        handle_unicode_errors: str = "strict",
        return_named_type: bool = False,
        return_named_type_override: bool = False,
    ) -> None:
        options = {
            "return_record_name": return_record_name,
            "return_record_name_override": return_record_name_override,
            "handle_unicode_errors": handle_unicode_errors,
            "return_named_type": return_named_type,
            "return_named_type_override": return_named_type_override,
        }
        super().__init__(fo, reader_schema, options)
        self._budget = RowBudget(self._limits)

    def _found_at(self, at: int | None) -> tuple[Iterator[Any], int] | None:
        """The rows of a block, and the next one's number."""
        reading = self._reading
        found = self._block_at(at)
        if found is None:
            return None
        raw, after = found
        return _decode(raw, call(restore_block, self.codec, raw), reading, self._budget), after


class block_reader(file_reader):
    """Iterates over the blocks of a container file; the parameters are those of :class:`reader`.

    The file must support ``tell``. It may be moved to the start of another block in between.
    """

    def __init__(
        self,
        fo: Any,
        reader_schema: Any = None,
        return_record_name: bool = False,
        return_record_name_override: bool = False,
        handle_unicode_errors: str = "strict",
        return_named_type: bool = False,
        return_named_type_override: bool = False,
    ) -> None:
        options = {
            "return_record_name": return_record_name,
            "return_record_name_override": return_record_name_override,
            "handle_unicode_errors": handle_unicode_errors,
            "return_named_type": return_named_type,
            "return_named_type_override": return_named_type_override,
        }
        super().__init__(fo, reader_schema, options)
        self._start: tuple[int | None, int] | None = None  # a block's number, and where it begins

    def _found_at(self, at: int | None) -> tuple[Block, int] | None:
        reading = self._reading
        if self._start is None or self._start[0] != at:
            self._start = at, self.fo.tell()
        offset = self._start[1]
        found = self._block_at(at)
        if found is None:
            return None
        raw, after = found
        data = bytes(call(restore_block, self.codec, raw))
        return Block(self, raw, data, reading, offset, self.fo.tell() - offset), after


class Block:
    """A block of a container file; iterate over it, once, for its rows.

    :ivar num_records: number of records, as the block states it.
    :ivar offset: its place in the file, in bytes.
    :ivar size: its bytes in the file, in all.
    :ivar bytes_: a BytesIO of its records, decompressed.
    """

    def __init__(
        self,
        source: file_reader,
        raw: RawBlock,
        data: bytes,
        reading: _compile.Reading,
        offset: int,
        size: int,
    ) -> None:
        self.bytes_ = BytesIO(data)
        self.num_records = raw.count
        self.codec = source.codec
        self.reader_schema = source.reader_schema
        self.offset = offset
        self.size = size
        self.options = source.options
        self._source = source
        self._raw = raw
        self._reading = reading

    @property
    def writer_schema(self) -> Any:
        return self._source.writer_schema

    @property
    def _named_schemas(self) -> dict[str, NamedSchemas]:
        return self._source._named_schemas

    def __iter__(self) -> Iterator[Any]:
        return _decode(self._raw, self.bytes_.read(), self._reading, RowBudget(limits_in_force()))

    def __str__(self) -> str:
        return (
            f"Avro block: {len(self.bytes_.getvalue())} bytes, {self.num_records} records, "
            f"codec: {self.codec}, position {self.offset}+{self.size}"
        )
