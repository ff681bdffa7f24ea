"""The bytes of an object container file: its header and blocks parsed and built, no I/O.

Specification: Object Container Files.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from reprlib import repr as short
from typing import Any, TypeAlias

from avrojet.core.files.container_blocks import frame, pass_empty, scan
from avrojet.core.files.file_header import read_entries
from avrojet.core.ground.input_buffer import InputBuffer
from avrojet.errors import DataFileError, DecodeLimitError, TruncatedError
from avrojet.failures import DecodeFailure
from avrojet.frozen import frozen
from avrojet.limits import Limits, exceeded, limits_in_force
from avrojet.varint import encode_long

MAGIC = b"Obj\x01"
SYNC_SIZE = 16

# Size of a zig-zag varint of 64 bits.
_LONG_SIZE = 10

# Least size of a block's header: two such numbers.
_LEAST_HEADER = 2

# Bytes after the last entry of the metadata: the end of the map and the sync marker.
_HEADER_REST = 1 + SYNC_SIZE

# Metadata entries that are not counted; more are bounded by the least memory that each takes.
_MOST_ENTRIES = 1000
_ENTRY_BYTES = 100
_MOST_LEFT = 1 << 62


@frozen
class Header:
    """The header of a file, before the first block.

    :ivar metadata: every entry of the file metadata, including ``avro.*``; values are the raw bytes.
    :ivar sync_marker: 16 bytes.
    :ivar size: size of the header in bytes, which is the offset of the first block.
    """

    metadata: Mapping[str, bytes]
    sync_marker: bytes
    size: int

    @property
    def codec(self) -> str:
        """Name of the codec; ``null`` if the file does not name one (specification: Required Codecs)."""
        return self.metadata.get("avro.codec", b"null").decode("utf-8", "backslashreplace")

    @property
    def schema_text(self) -> str:
        """The text of the writer's schema in the file.

        :raises DataFileError: if the file has none, or it is not UTF-8.
        """
        try:
            return self.metadata["avro.schema"].decode()
        except KeyError:
            raise DataFileError("the file's metadata has no avro.schema") from None
        except UnicodeDecodeError as error:
            raise DataFileError(f"the file's avro.schema is not UTF-8: {error}") from None


class RawBlock:
    """A block as it is in the file. Not `frozen`, because that would triple the cost of making one.

    :ivar index: counted from 0, from where reading began.
    :ivar offset: offset of the block in the file.
    :ivar count: number of records that the block states; not negative.
    :ivar size: size of `data` in the file, in bytes.
    :ivar data: the records, compressed by the codec; empty if the parser skips data.
    :ivar data_offset: offset of `data` in the file.
    """

    __slots__ = ("count", "data", "data_offset", "index", "offset", "size")

    def __init__(
        self, index: int, offset: int, count: int, size: int, data: memoryview, data_offset: int
    ) -> None:
        self.index = index
        self.offset = offset
        self.count = count
        self.size = size
        self.data = data
        self.data_offset = data_offset


class Run:
    """Consecutive whole blocks, as they are in the file.

    :ivar index: index of the first block.
    :ivar offset: offset of the first block in the file.
    :ivar blocks: number of blocks.
    :ivar count: number of records that they state together.
    :ivar data: the blocks, each with its header and the sync marker after it.
    """

    __slots__ = ("blocks", "count", "data", "index", "offset")

    def __init__(self, index: int, offset: int, blocks: int, count: int, data: memoryview) -> None:
        self.index = index
        self.offset = offset
        self.blocks = blocks
        self.count = count
        self.data = data

    @property
    def size(self) -> int:
        """Size of `data` in bytes."""
        return len(self.data)

    def block(self, index: int, position: int) -> tuple[RawBlock, int]:
        """The block at a position in `data`, and the position after it."""
        count, start, size = frame(self.data, position)
        end = start + size
        offset = self.offset
        raw = RawBlock(index, offset + position, count, size, self.data[start:end], offset + start)
        return raw, end + SYNC_SIZE


def metadata_entry(key: Any, value: Any) -> bytes:
    """An entry of the file's metadata in the form to be written.

    :raises TypeError: if the key is not text, or the value neither text nor bytes.
    :raises DataFileError: if they are text that cannot be encoded in UTF-8.
    """
    if not isinstance(key, str):
        raise TypeError(f"the keys of the metadata must be str, not {type(key).__name__}: {short(key)}")
    try:
        key.encode()
        if isinstance(value, str):
            return value.encode()
    except UnicodeEncodeError as error:
        raise DataFileError(f"the metadata entry {short(key)} cannot be encoded in UTF-8: {error}") from None
    try:
        return bytes(memoryview(value))
    except TypeError:
        raise TypeError(
            f"the metadata value of {short(key)} must be str or bytes, not {type(value).__name__}"
        ) from None


def build_header(metadata: Mapping[str, bytes], sync_marker: bytes) -> bytes:
    """The header of a file: magic, metadata as one map block, sync marker."""
    parts = [MAGIC]
    if metadata:
        parts.append(encode_long(len(metadata)))
    for key, value in metadata.items():
        name = key.encode()
        parts += encode_long(len(name)), name, encode_long(len(value)), value
    parts += encode_long(0), sync_marker
    return b"".join(parts)


def build_block(count: int, data: bytes | bytearray | memoryview, sync_marker: bytes) -> bytes:
    """A block of `count` records; `data` is the codec's output."""
    return b"".join((encode_long(count), encode_long(len(data)), data, sync_marker))


def with_marker(blocks: memoryview, sync_marker: bytes) -> bytes:
    """Consecutive whole blocks, with the sync marker of another file."""
    pieces: list[bytes | memoryview] = []
    place, end = 0, len(blocks)
    while place < end:
        _, start, size = frame(blocks, place)
        pieces += blocks[place : start + size], sync_marker
        place = start + size + SYNC_SIZE
    return b"".join(pieces)


class _Incomplete(Exception):  # noqa: N818 (not an error)
    """The buffer ends inside a part that needs at least that many unread bytes."""

    def __init__(self, wanted: int) -> None:
        self.wanted = wanted


# The next step of a parser.
_State: TypeAlias = "Callable[[FileParser], Header | RawBlock | None]"


class FileParser:
    """Takes a container file as bytes in pieces of any size and returns its header and blocks.

    Feed bytes, then ask :meth:`next_event` until it has no more; at the end of the input call :meth:`close`,
    which detects a truncated file. After an error the parser cannot continue, until :meth:`go_to` sends it
    elsewhere.

    :ivar header: None until it is complete.
    :ivar wanted: unread bytes that the next event needs at least.
    :ivar steady: whether the last call did all of its work; false during one, and after one that was
        interrupted.
    :param skip_data: return blocks without their data, and let the caller seek over it
        (see :attr:`skippable`).
    :param empty_from: with `skip_data`, leave out most blocks with neither records nor data, up to the one
        whose preceding sync marker begins at this offset of the file or later.
    """

    __slots__ = (
        "_after",
        "_after_empty",
        "_block",
        "_buffer",
        "_empty_from",
        "_end",
        "_entries_allowed",
        "_entries_left",
        "_limits",
        "_metadata",
        "_offset",
        "_position",
        "_skip",
        "_skip_data",
        "_space",
        "_state",
        "header",
        "next_index",
        "steady",
        "wanted",
    )

    header: Header | None
    wanted: int
    steady: bool

    def __init__(self, limits: Limits | None = None, *, skip_data: bool = False, empty_from: int = 0) -> None:
        self.header = None
        self.steady = True
        self.wanted = len(MAGIC)
        self._after = SYNC_SIZE  # least number of bytes after those wanted
        self._limits = limits_in_force(limits)
        self._skip_data = skip_data
        self._empty_from = empty_from
        self._after_empty = False  # an empty block was read: there may be many
        self._buffer = _NO_DATA
        self._space = _NO_DATA  # the same memory, writable; or none, if the buffer is the caller's
        self._position = 0  # of the next unread byte in the buffer
        self._end = 0  # of the bytes in the buffer
        self._offset = 0  # of the buffer's first byte in the file
        self._metadata: dict[str, bytes] = {}
        self._entries_left = 0  # in the current block of the metadata map
        self._entries_allowed = max(_MOST_ENTRIES, self._limits.header_bytes // _ENTRY_BYTES)
        self._skip = 0  # bytes of data still to skip
        self.next_index = 0
        self._block: RawBlock | None = None  # the block whose data or sync marker comes next
        self._state: _State = FileParser._read_magic

    def feed(self, data: bytes | bytearray | memoryview) -> None:
        """Append bytes to those fed before."""
        if isinstance(data, bytes) and self._position == self._end:
            self.steady = False
            self._drop_input(self.offset)
            self._buffer = memoryview(data)
        else:
            self.room(len(data))[: len(data)] = data
        self.filled(len(data))

    def room(self, size: int) -> memoryview:
        """Memory for the next bytes, to be filled by the caller: at least `size`, writable.

        Then call :meth:`filled` with the number of bytes put there, before any other method.
        """
        if len(self._space) - self._end < size:
            self.steady = False
            self._move(size)
            self.steady = True
        return self._space[self._end :]

    def filled(self, size: int) -> None:
        """Note how many bytes were put at the start of the last :meth:`room`."""
        self._end += size
        self.steady = True

    def next_event(self) -> Header | RawBlock | None:
        """The header, then the blocks in order; None if more bytes have to be fed first.

        :raises DataFileError: for damage, with block number and file offset.
        :raises LimitError: if the header or a block states more than the limits allow.
        """
        self.steady = False
        event = None
        while event is None and self.unread >= self.wanted:
            try:
                event = self._state(self)
            except _Incomplete as incomplete:
                self.wanted = incomplete.wanted
        self.steady = True
        return event

    def next_run(self, rows: int, size: int, least: int, stop: int | None) -> Run | int:
        """Whole blocks in one piece; or how many bytes have to be fed first, 0 to ask :meth:`next_event`.

        :param rows: the most records in all, if there is more than one block; likewise
        :param size: bytes.
        :param least: unread bytes to wait for, if more blocks could be added.
        :param stop: end with the block whose sync marker is at this offset of the file or later.
        """
        assert self.header is not None
        if self._state is not FileParser._read_block_header:
            return 0
        self.steady = False
        found = self._scan(rows, size, least, stop)
        self.steady = True
        return found

    def _scan(self, rows: int, size: int, least: int, stop: int | None) -> Run | int:
        assert self.header is not None
        start = self._position
        blocks, count, end, missing = scan(
            self._buffer,
            start,
            self._end,
            self.header.sync_marker,
            self._limits.block_bytes,
            rows,
            size,
            self._end + 1 if stop is None else max(0, stop + SYNC_SIZE - self._offset),
        )
        if not blocks:
            self.wanted = self.unread + missing if missing > 0 else 1
            return max(0, missing)
        if missing > 0 and self.unread < least:
            return missing
        return self._pass(Run(self.next_index, self.offset, blocks, count, self._buffer[start:end]))

    def next_empty(self, stop: int | None = None) -> Run | None:
        """The next blocks, if they have neither records nor data: a million need not be parsed one by one.

        :param stop: as in :meth:`next_run`.
        """
        if self.header is None or self._state is not FileParser._read_block_header:
            return None
        self.steady = False
        start = self._position
        stop = self._end if stop is None else max(0, stop + SYNC_SIZE - self._offset)
        blocks, end = pass_empty(self._buffer, start, self._end, self.header.sync_marker, stop)
        run = Run(self.next_index, self.offset, blocks, 0, self._buffer[start:end])
        found = self._pass(run) if blocks else None
        self.steady = True
        return found

    def _pass(self, run: Run) -> Run:
        """Take blocks off the buffer."""
        self._position += run.size
        self.next_index += run.blocks
        self.wanted = _LEAST_HEADER
        return run

    def next_marker(self) -> bool:
        """Continue at the first sync marker in the unread bytes; False if more have to be fed."""
        assert self.header is not None
        found = self._unread_bytes().find(self.header.sync_marker)
        if found < 0:
            self._position = max(self._position, self._end - (SYNC_SIZE - 1))
            return False
        self._position += found + SYNC_SIZE
        return True

    def close(self) -> None:
        """End the input.

        :raises TruncatedError: unless it ended right after the header or a block.
        """
        if self._state is FileParser._read_block_header and not self.unread:
            return
        if self._state is FileParser._read_magic:
            start = self._unread_bytes()
            if not start:
                raise TruncatedError("the file is empty", kind=DecodeFailure.NO_DATA, offset=0)
            if not MAGIC.startswith(start):
                raise _not_avro(start)
        end = self.end + self.skippable
        if self.header is None:
            raise TruncatedError(f"the file ends inside its header, at byte {end}", offset=end)
        index = self._block.index if self._block else self.next_index
        start_of_block = self._block.offset if self._block else self.offset
        raise TruncatedError(
            f"the file ends inside block {index}, which begins at byte {start_of_block}",
            offset=start_of_block,
            block=index,
        )

    @property
    def offset(self) -> int:
        """Offset in the file of the next unread byte: after a block, where the next one begins."""
        return self._offset + self._position

    @property
    def end(self) -> int:
        """Offset in the file after all bytes that were fed or sought over."""
        return self._offset + self._end

    @property
    def place(self) -> tuple[int, int]:
        """Offset in the file of the next block, or of the one being read; and its index."""
        return (self.offset if self._block is None else self._block.offset), self.next_index

    @property
    def unread(self) -> int:
        """Number of bytes that were fed and are not yet part of an event."""
        return self._end - self._position

    @property
    def missing(self) -> int:
        """Least number of bytes that have to be fed before the next event: it needs each of them."""
        return max(1, self.wanted + self._after - self.unread)

    @property
    def skippable(self) -> int:
        """Number of bytes after those fed so far that the caller may seek over instead of feeding them."""
        return max(0, self._skip - self.unread)

    def skipped(self) -> None:
        """Note that the caller has sought over all bytes of :attr:`skippable`."""
        self.steady = False
        self._drop_input(self.offset + self._skip)
        self._skip = 0
        self.steady = True

    def go_to(self, offset: int, index: int) -> None:
        """Continue with the block that begins at `offset` of the file, even after an error.

        The next bytes fed are those at `offset`.

        :param index: the block's index.
        """
        self.steady = False
        self._drop_input(offset)
        self._block = None
        self._skip = 0
        self.next_index = index
        self._enter_block()
        self.steady = True

    def take_unread(self) -> bytes:
        """The bytes that were fed and are not yet part of an event, for another parser to take over."""
        unread = self._unread_bytes()
        self._drop_input(self.offset + len(unread))
        return unread

    @property
    def unfinished(self) -> RawBlock | None:
        """The block whose header was read but whose sync marker was not found where it should be."""
        return self._block

    # The states: each takes its part off the buffer and sets the next. One that raises _Incomplete has taken
    # nothing that it needs again. (They are kept unbound: a parser that refers to itself would keep its
    # buffer until the collector runs.)

    def _read_magic(self) -> None:
        magic = self._taken(len(MAGIC))
        if magic != MAGIC:
            raise _not_avro(magic)
        self._enter(FileParser._read_metadata_count)

    def _read_metadata_count(self) -> None:
        count, position = self._read_long(self._position)
        if count < 0:
            count = -count
            size, position = self._read_long(position)
            if size < 0:
                raise self._damage(f"the metadata map has a block of {size} bytes")
        self._position = position
        self._entries_left = min(count, _MOST_LEFT)  # never reached, because of the limit
        if count:
            self._enter(FileParser._read_metadata_entry)
        else:
            self._enter(FileParser._read_header_end, SYNC_SIZE, after=0)

    def _read_metadata_entry(self) -> None:
        self._read_metadata_entries()
        if not self._entries_left:
            self._enter(FileParser._read_metadata_count)
            return
        key, position = self._read_bytes(self._position)
        value, position = self._read_bytes(position)
        try:
            self._metadata[key.decode()] = value
        except UnicodeDecodeError:
            raise self._damage(f"a key of the metadata is not UTF-8: {key[:40]!r}") from None
        self._position = position
        self._entries_left -= 1
        self._allow_entries(1)
        self._enter(
            FileParser._read_metadata_entry if self._entries_left else FileParser._read_metadata_count
        )

    def _read_metadata_entries(self) -> None:
        """Read the entries that are complete and regular."""
        # Entries that end after this exceed the limit.
        end = max(self._position, min(self._end, self._limits.header_bytes - _HEADER_REST - self._offset))
        self._position, read, self._entries_left = read_entries(
            self._buffer, self._position, end, self._entries_left, self._entries_allowed + 1, self._metadata
        )
        self._allow_entries(read)

    def _allow_entries(self, count: int) -> None:
        self._entries_allowed -= count
        if self._entries_allowed < 0:
            claim = f"the file's metadata has too many entries, which take {_ENTRY_BYTES} bytes each at least"
            raise self._over_limit("header_bytes", claim, self.offset)

    def _read_header_end(self) -> Header:
        marker = self._taken(SYNC_SIZE)
        self.header = Header(self._metadata, marker, self.offset)
        self._enter_block()
        return self.header

    def _read_block_header(self) -> RawBlock | None:
        if self._after_empty:
            self._pass_empty()
        count, position = self._read_long(self._position)
        size, position = self._read_long(position)
        offset = self.offset
        if count < 0 or size < 0:
            self._look_for_header()
            raise self._damage(f"the block claims {count} records in {size} bytes")
        if size > self._limits.block_bytes:
            claim = f"block {self.next_index} at byte {offset} claims {size} bytes"
            raise self._over_limit("block_bytes", claim, offset, self.next_index)
        self._position = position
        self._block = RawBlock(self.next_index, offset, count, size, _NO_DATA, self.offset)
        if not self._skip_data:
            self._enter(FileParser._read_block_data, size + SYNC_SIZE, after=0)
            return self._read_block_data() if self._end - position >= self.wanted else None
        self._skip = size
        self._after_empty = not (count or size) and offset < self._empty_from
        self._enter(FileParser._skip_block_data, 0, after=0)
        return self._block

    def _pass_empty(self) -> None:
        assert self.header is not None
        stop = max(0, self._empty_from + SYNC_SIZE - self._offset)
        marker = self.header.sync_marker
        blocks, self._position = pass_empty(
            self._buffer, self._position, self._end, marker, min(stop, self._end)
        )
        self.next_index += blocks
        if self.unread < _LEAST_HEADER:
            raise _Incomplete(_LEAST_HEADER)

    def _look_for_header(self) -> None:
        """Raise if another file begins here, as happens if files were joined byte by byte."""
        start = self._buffer[self._position : min(self._end, self._position + len(MAGIC))]
        if start == MAGIC:
            raise self._damage(
                "another file's header stands here: files cannot be joined byte by byte, as cat does, but"
                ' avrojet.concat_files joins them; on_error="skip" and avrojet.repair_file continue after it'
            )
        if MAGIC.startswith(start):
            raise _Incomplete(len(MAGIC))

    def _read_block_data(self) -> RawBlock:
        block = self._block
        assert block is not None
        start = self._position
        self._position = start + block.size
        block.data = self._buffer[start : self._position]
        self._read_sync_marker()
        return block

    def _skip_block_data(self) -> None:
        step = min(self._skip, self._end - self._position)
        self._position += step
        self._skip -= step
        if self._skip:
            raise _Incomplete(1)
        self._enter(FileParser._read_sync_marker, SYNC_SIZE, after=0)

    def _read_sync_marker(self) -> None:
        assert self.header is not None
        marker = self._buffer[self._position : self._position + SYNC_SIZE]
        if marker != self.header.sync_marker:
            raise self._damage(
                "the sync marker after the block is wrong: the block is damaged, or its size is wrong"
            )
        self._position += SYNC_SIZE
        self._block = None
        self.next_index += 1
        self._enter_block()

    # Parts of the binary encoding. Positions are in the buffer; nothing is taken off it here.

    def _read_long(self, position: int) -> tuple[int, int]:
        """A long and the position after it."""
        buffer = self._buffer
        end = position + _LONG_SIZE
        result = shift = 0
        while position < end:
            if position >= self._end:
                raise _Incomplete(position + 1 - self._position)
            byte = buffer[position]
            position += 1
            result |= (byte & 0x7F) << shift
            if byte < 0x80:
                if result >> 64:
                    break
                return (result >> 1) ^ -(result & 1), position
            shift += 7
        raise self._damage("a number has more than 64 bits")

    def _read_bytes(self, position: int) -> tuple[bytes, int]:
        """A bytes or string value of the header and the position after it."""
        size, start = self._read_long(position)
        if size < 0:
            raise self._damage(f"the metadata has a value of {size} bytes")
        end = start + size
        least = self._offset + end + _HEADER_REST
        if least > self._limits.header_bytes:
            claim = f"the file's header claims {least} bytes or more"
            raise self._over_limit("header_bytes", claim, self._offset + position)
        if end > self._end:
            raise _Incomplete(end - self._position)
        return bytes(self._buffer[start:end]), end

    def _enter_block(self) -> None:
        self._enter(FileParser._read_block_header, _LEAST_HEADER)

    def _enter(self, state: _State, wanted: int = 1, *, after: int = SYNC_SIZE) -> None:
        self._state = state
        self.wanted = wanted
        self._after = after

    def _taken(self, size: int) -> bytes:
        """The next bytes, taken off the buffer."""
        start = self._position
        self._position += size
        return bytes(self._buffer[start : self._position])

    def _move(self, size: int) -> None:
        """Continue in a new chunk with the unread bytes and room for `size` more, or more than that.

        Blocks that were returned keep the old chunk. The room is bounded by the bytes wanted, but a false
        size may want many, so it is at most twice the bytes present: enough that a block in many pieces is
        moved only a few times.
        """
        unread = self._buffer[self._position : self._end]
        room = max(size, min(self.wanted + self._after - len(unread), 2 * len(unread)))
        space = memoryview(InputBuffer(len(unread) + room))
        space[: len(unread)] = unread
        self._drop_input(self.offset)
        self._end = len(unread)
        self._space = space
        self._buffer = space.toreadonly()

    def _unread_bytes(self) -> bytes:
        return bytes(self._buffer[self._position : self._end])

    def _drop_input(self, offset: int) -> None:
        self._buffer = self._space = _NO_DATA
        self._position = self._end = 0
        self._offset = offset

    def _over_limit(self, name: str, claim: str, offset: int, block: int | None = None) -> DecodeLimitError:
        message = exceeded(name, getattr(self._limits, name), claim)
        return DecodeLimitError(message, limit=name, offset=offset, block=block)

    def _damage(self, reason: str) -> DataFileError:
        """The error for damage in the part being read."""
        if self.header is None:
            place = self.offset
            return DataFileError(f"the file's header is damaged at byte {place}: {reason}", offset=place)
        block = self._block
        place = block.offset if block else self.offset
        message = f"block {self.next_index} at byte {place}: {reason}"
        return DataFileError(message, offset=place, block=self.next_index)


def _not_avro(start: bytes) -> DataFileError:
    message = f"not an Avro object container file: it starts with {start!r}, not {MAGIC!r}"
    for magic, hint in _OTHER_FILES.items():
        if start.startswith(magic):
            message = f"{message}; that is {hint}"
    return DataFileError(message, offset=0)


# What to do with files of records in other formats, in Python and in the shell.
_CONVERT = "avrojet.convert, or avrojet convert, makes Avro of"

# Files that are often mistaken for container files, by their first four bytes.
_OTHER_FILES = {
    b"\x1f\x8b": "gzip: pass gzip.open(path) instead of the path",
    b"BZh": "bzip2: pass bz2.open(path) instead of the path",
    b"\xfd7zX": "xz: pass lzma.open(path) instead of the path",
    b"\x28\xb5\x2f\xfd": "zstandard: decompress the file first",
    b"PK\x03\x04": "a zip archive: pass a file that zipfile.ZipFile(path).open(name) opens",
    b"PAR1": f"a Parquet file: {_CONVERT} it",
    b"ORC": f"an ORC file: {_CONVERT} it",
    b"ARRO": f"an Arrow file: {_CONVERT} it",
    b"Obj\x00": "an Avro file from before version 1.3 of the specification",
    b"\xc3\x01": "a single-object encoded datum",
    b"{": f"JSON text: {_CONVERT} lines that are records",
    b"[": "JSON text",
}

_NO_DATA = memoryview(b"")
