"""writer, Writer and schemaless_writer."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from io import BytesIO
from typing import Any, Final, NoReturn

from avrojet.compat.fastavro import _compile
from avrojet.compat.fastavro._codecs import BLOCK_WRITERS, writer_of
from avrojet.compat.fastavro._codecs import BlockWriter as OwnBlockWriter
from avrojet.compat.fastavro._errors import write_error
from avrojet.compat.fastavro._fast import schemaless_writer
from avrojet.compat.fastavro._known import Known, known
from avrojet.compat.fastavro._read import reader
from avrojet.compat.fastavro._schemas import parse_schema, parsed_with_names
from avrojet.compat.fastavro._stream import opened
from avrojet.compat.fastavro._write_common import _is_appendable
from avrojet.compat.fastavro.io.json_encoder import AvroJSONEncoder
from avrojet.compat.fastavro.logical_writers import LOGICAL_WRITERS
from avrojet.compat.fastavro.schema import without_hints
from avrojet.compat.fastavro.types import NamedSchemas
from avrojet.compat.fastavro.validation import _validate
from avrojet.container.delivery import Delivery
from avrojet.container.framing import SYNC_SIZE, build_block, build_header, metadata_entry
from avrojet.container.target import FileTarget, check_end
from avrojet.container.writer import MOST_RECORDS
from avrojet.core.files.block_writer import BlockWriter, OutgoingBlock
from avrojet.errors import DataFileError, DataFileTypeError, EncodeError, facts_of
from avrojet.schema.defaults import in_words
from avrojet.schema.text import dumps
from avrojet.varint import encode_long

__all__ = [
    "BLOCK_WRITERS",
    "CYTHON_MODULE",
    "LOGICAL_WRITERS",
    "SYNC_INTERVAL",
    "Writer",
    "schemaless_writer",
    "writer",
]

CYTHON_MODULE: Final = 1  # how other libraries recognize fastavro's compiled modules
SYNC_INTERVAL: Final = 1000 * SYNC_SIZE


class Writer:
    """Writes a new container file, or appends to one, if the file has data before its position.

    A record that does not fit raises an error and is not written; others may be written after it.

    :param fo: a binary file.
    :param schema: the schema; ignored when appending.
    :param codec: null, deflate, bzip2, xz, snappy, zstandard or lz4; ignored when appending.
    :param sync_interval: encoded bytes at which a block is finished.
    :param metadata: more entries for the file's metadata.
    :param validator: true: validate each record first (:func:`avrojet.compat.fastavro.validation.validate`).
    :param sync_marker: 16 bytes, to get the same file every time; random if not given.
    :param compression_level: of deflate and zstandard.
    :param options: ``strict``, ``strict_allow_default`` and ``disable_tuple_notation`` of
        :func:`schemaless_writer`.
    :ivar block_count: number of records in the unfinished block.
    """

    schema: Any

    def __init__(
        self,
        fo: Any,
        schema: Any,
        codec: str = "null",
        sync_interval: int = SYNC_INTERVAL,
        metadata: dict[str, str] | None = None,
        validator: Any = None,
        sync_marker: bytes | None = None,
        compression_level: int | None = None,
        options: dict[str, Any] | None = None,
    ) -> None:
        self.fo = opened(fo)
        self.compression_level = compression_level
        self.options = options or {}
        self.validate_fn = _validate if validator else None
        self.metadata: dict[str, str] | None = None
        appends = hasattr(self.fo, "seekable") and _is_appendable(self.fo)
        if appends:
            codec, said = self._continue()
        else:
            said = known(schema)
            self.schema = parse_schema(schema)
        self.block_writer = writer_of(codec)
        self._strict = _compile.is_strict(self.options)
        flags = _compile.flags_of(self.options, _compile.WRITE_OPTIONS)
        self._records = BlockWriter(_compile.writing_of(said, flags)._block(), sync_interval, MOST_RECORDS)
        self.io = _Waiting(self._records)
        target = FileTarget(self.fo, append=appends)
        if not appends:
            _begin(target, self._header(said, codec, metadata, sync_marker))
        self._delivery = Delivery(
            self._records.waiting, target, _framing(self.block_writer, compression_level, self.sync_marker)
        )
        self._records.advance = self._delivery.advance

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Writer cannot be copied or pickled: it writes to a file that is open")

    def _continue(self) -> tuple[str, Known]:
        """Go to the end of a file; return its codec and schema."""
        self.fo.seek(0)
        header = reader(self.fo)
        self.sync_marker: bytes = header._header["sync"]
        check_end(self.fo, self.sync_marker)
        self._file_schema = header._file_schema
        return header.codec, self._file_schema.known

    def __getattr__(self, name: str) -> Any:
        """The schema of a file that is appended to is made only when it is needed."""
        if name != "schema" or "_file_schema" not in self.__dict__:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        self.schema = self._file_schema.hinted.copy()
        return self.schema

    def _header(self, schema: Known, codec: str, metadata: Any, sync_marker: bytes | None) -> bytes:
        self.sync_marker = sync_marker or os.urandom(SYNC_SIZE)
        if len(self.sync_marker) != SYNC_SIZE:
            raise ValueError(f"a sync marker has {SYNC_SIZE} bytes, not {len(self.sync_marker)}")
        self.metadata = {**(metadata or {}), "avro.codec": codec, "avro.schema": schema_text(schema)}
        entries = {key: metadata_entry(key, value) for key, value in self.metadata.items()}
        return build_header(entries, self.sync_marker)

    @property
    def _named_schemas(self) -> NamedSchemas:
        return parsed_with_names(self.schema)[1]

    @property
    def block_count(self) -> int:
        return self._records.count

    @property
    def sync_interval(self) -> int:
        return self._records.limit

    @sync_interval.setter
    def sync_interval(self, size: int) -> None:
        self._records.limit = size

    def write(self, record: Any) -> None:
        """Write one record.

        :raises ValidationError: if it is to be validated and is not valid.
        :raises ValueError: if it does not fit the schema.
        """
        if self.validate_fn is not None:
            self.validate_fn(record, self.schema, self._named_schemas, "", True, self.options)
        try:
            self._records.append(record)
        except EncodeError as error:
            raise write_error(error, strict=self._strict) from error.__cause__

    def write_many(self, records: Iterable[Any]) -> None:
        """Write records, like repeated calls of :meth:`write`."""
        try:
            self._records.extend(records if self.validate_fn is None else map(self._validator(), records))
        except EncodeError as error:
            raise write_error(error, strict=self._strict) from error.__cause__

    def _validator(self) -> Callable[[Any], Any]:
        """Return a function that checks a record and returns it."""
        schema, named, validate = self.schema, self._named_schemas, self.validate_fn
        assert validate is not None

        def validated(record: Any) -> Any:
            validate(record, schema, named, "", True, self.options)
            return record

        return validated

    def write_block(self, block: Any) -> None:
        """Write the records of another file's block without decoding them."""
        self._put(OutgoingBlock(block.num_records, block.bytes_.getvalue()))

    def dump(self) -> None:
        """Finish the block of the records so far, even if there are none."""
        self._put(None if self._records.count else OutgoingBlock(0, b""))

    def flush(self) -> None:
        """Finish the block if there is one, and flush everything."""
        self._put(None)
        self.fo.flush()

    def _put(self, block: OutgoingBlock | None) -> None:
        """Write the block of the records so far, and another one."""

        def put() -> None:
            self._records.move()
            if block is not None:
                self._records.put(block)
            self._delivery.finish()

        self._records.hold(put)

    def _finish_blocks(self) -> None:
        """Write the rest of unfinished blocks."""
        self._records.hold(self._delivery.finish)


def _begin(target: FileTarget, header: bytes) -> None:
    try:
        target.begin(header)
    except DataFileError as error:
        if not isinstance(error.__cause__, TypeError):
            raise
        raise DataFileTypeError(str(error), **facts_of(error)) from error.__cause__


def schema_text(schema: Known) -> str:
    """Return a schema in the form that is written to files."""
    text: str | None = schema.made.get("text")
    if text is None:
        text = _json_text(without_hints(schema.schema))
        if schema.shared:
            schema.made["text"] = text
    return text


def _framing(
    write_block: Callable[[BytesIO, Any, int | None], None], level: int | None, sync_marker: bytes
) -> Callable[[OutgoingBlock], bytes]:
    if isinstance(write_block, OwnBlockWriter):

        def build(block: OutgoingBlock) -> bytes:
            return build_block(block.count, write_block.compressed(block.data, level), sync_marker)

        return build

    def frame(block: OutgoingBlock) -> bytes:
        framed = BytesIO()
        framed.write(encode_long(block.count))
        write_block(framed, block.data, level)
        framed.write(sync_marker)
        return framed.getvalue()

    return frame


class _Waiting:
    """The part of fastavro's in-memory file `Writer.io` that other libraries use: how much data is in it."""

    def __init__(self, records: BlockWriter) -> None:
        self._records = records

    def tell(self) -> int:
        return self._records.size

    def clear(self) -> None:
        self._records.clear()


def writer(
    fo: Any,
    schema: Any,
    records: Iterable[Any],
    codec: str = "null",
    sync_interval: int = SYNC_INTERVAL,
    metadata: dict[str, str] | None = None,
    validator: Any = None,
    sync_marker: bytes | None = None,
    codec_compression_level: int | None = None,
    *,
    strict: bool = False,
    strict_allow_default: bool = False,
    disable_tuple_notation: bool = False,
) -> None:
    """Write records to a container file; the parameters are those of :class:`Writer`.

    :raises ValueError: for the first record that does not fit; nothing of the current block is written.
    """
    if isinstance(records, dict):
        raise ValueError('"records" argument should be an iterable, not dict')
    options = {
        "strict": strict,
        "strict_allow_default": strict_allow_default,
        "disable_tuple_notation": disable_tuple_notation,
    }
    if isinstance(fo, AvroJSONEncoder):
        fo.write_all(schema, records, validator=bool(validator), options=options)
        return
    output = Writer(
        fo, schema, codec, sync_interval, metadata, validator, sync_marker, codec_compression_level, options
    )
    try:
        output.write_many(records)
        output.flush()
    except BaseException:
        with suppress(Exception):  # a file that ends in half a block could not be read
            output._finish_blocks()
        raise


def _json_text(schema: Any) -> str:
    """The text of a schema, which is valid JSON even if a default is NaN."""
    try:
        return dumps(schema, _encode)
    except ValueError:
        return dumps(in_words(schema), _encode)


_encode: Final = json.JSONEncoder(allow_nan=False).encode
