"""Where container files are read from: paths and binary files, whole reads or short ones."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from typing import Any, Protocol, TypeAlias

from avrojet.container.framing import FileParser, Header, RawBlock
from avrojet.errors import DataFileError
from avrojet.limits import Limits

# Large enough that system calls cost nothing, small enough to stay in the processor's cache.
CHUNK = 256 << 10

# The same where data are sought over. Blocks are about 64 KB: reading more than a few pages would read them.
SKIM_CHUNK = 4 << 10

# A block may claim more bytes than there are; no single read asks for more than this at once.
_MOST_AT_ONCE = 4 << 20


_READ_INTO = (io.FileIO, io.BytesIO)


class BinaryReadable(Protocol):
    """A binary file, of which only ``read(n)`` is needed; it may return fewer bytes, none at the end."""

    def read(self, size: int, /) -> bytes | None: ...


class Openable(Protocol):
    """Something to open a binary file with, as often as it is read: what ``fsspec.open`` gives."""

    def open(self) -> Any: ...


Readable: TypeAlias = str | os.PathLike[str] | BinaryReadable | Openable


class ByteSource:
    """Reads a path, what can be opened, or a binary file from where it stands.

    :ivar seekable: whether :meth:`seek` and :meth:`skip` work.
    """

    __slots__ = ("_closed", "_file", "_owned", "_read_into", "_read_some", "_start", "seekable")

    def __init__(self, source: Readable) -> None:
        self._owned = is_reopened(source)
        self._file = _opened(source)
        # read1 gives what a pipe or socket has; read would wait until the whole chunk is there.
        self._read_some = getattr(self._file, "read1", self._file.read)
        # Only where what it does is known: other files may do with the memory what they like.
        self._read_into = self._file.readinto if type(self._file) in _READ_INTO else None
        self._closed = False
        self.seekable = hasattr(self._file, "seekable") and self._file.seekable()
        self._start: int = self._file.tell() if self.seekable else 0

    def read(self, size: int) -> bytes:
        """Up to `size` bytes; none only at the end.

        :raises DataFileError: if the source is closed, not binary, or non-blocking without data.
        """
        self._check_open()
        data = self._read_some(size) or self._file.read(size)
        if isinstance(data, bytes):
            return data
        if data is None:
            raise _no_data_now()
        if isinstance(data, bytearray | memoryview):
            return bytes(data)
        raise DataFileError(f"the source reads as {type(data).__name__}, not bytes: open it in binary mode")

    def read_to(self, parser: FileParser, size: int) -> int:
        """Feed the parser with about `size` bytes, 4 MiB at most; how many, 0 only at the end.

        Errors are those of :meth:`read`.
        """
        size = min(size, _MOST_AT_ONCE)
        if self._read_into is None:
            data = self.read(size)
            parser.feed(data)
            return len(data)
        self._check_open()
        count: int | None = self._read_into(parser.room(size))
        if count is None:
            raise _no_data_now()
        parser.filled(count)
        return count

    def seek(self, offset: int) -> None:
        """Go to a place, counted from where the source stood at first."""
        self._check_open()
        self._file.seek(self._start + offset)

    def size(self) -> int:
        """Bytes in all. Where the source stands is lost."""
        return int(self._file.seek(0, os.SEEK_END)) - self._start

    def known_size(self) -> int | None:
        """Bytes in all, where the system tells without a move."""
        return os.fstat(self._file.fileno()).st_size if type(self._file) is io.FileIO else None

    def skip(self, size: int) -> None:
        """Go forward."""
        self._file.seek(size, os.SEEK_CUR)

    def close(self) -> None:
        """Close the file if it was opened here."""
        self._closed = True
        if self._owned:
            self._file.close()

    def _check_open(self) -> None:
        if self._closed:
            raise DataFileError("the reader is closed")


def _no_data_now() -> DataFileError:
    return DataFileError("the source is non-blocking and has no data now: give one that blocks")


def is_reopened(source: Any) -> bool:
    """Whether each reading opens the source anew, and closes it."""
    return isinstance(source, str | os.PathLike) or (hasattr(source, "open") and not hasattr(source, "read"))


def _opened(source: Any) -> Any:
    if isinstance(source, str | os.PathLike):
        return io.FileIO(source)
    if is_reopened(source):
        return source.open()
    if not hasattr(source, "read"):
        raise DataFileError(f"cannot read from {source!r}: give a path or a binary file")
    return source


def file_header(source: Readable, limits: Limits | None = None) -> Header:
    """The header of a file, whatever follows it.

    :raises DataFileError: if it is no container file, or its header is damaged.
    :raises TruncatedError: if it ends inside the header.
    """
    file = ByteSource(source)
    try:
        return read_header(file, FileParser(limits))
    finally:
        file.close()


def read_header(source: ByteSource, parser: FileParser, chunk: int = CHUNK) -> Header:
    """Read until the parser has the header.

    :raises TruncatedError: if the source ends before.
    """
    header = read_event(source, parser, chunk)
    assert isinstance(header, Header)
    return header


def skim_blocks(source: ByteSource, parser: FileParser) -> Iterator[RawBlock]:
    """The blocks from here on without their data, which are sought over where the source can seek.

    :param parser: one that skips data.
    """
    while (block := read_event(source, parser, SKIM_CHUNK)) is not None:
        assert isinstance(block, RawBlock)
        yield block
        if source.seekable and parser.skippable:
            source.skip(parser.skippable)
            parser.skipped()


def read_event(source: ByteSource, parser: FileParser, chunk: int = CHUNK) -> Header | RawBlock | None:
    """Feed the parser until it has its next event; None at the end of a whole file."""
    while (event := parser.next_event()) is None:
        if not source.read_to(parser, max(chunk, parser.wanted)):
            parser.close()
            return None
    return event
