"""Sources of container files: paths, URLs, bytes and binary files, which may return fewer bytes than asked
for.
"""

from __future__ import annotations

import io
import os
import re
from collections.abc import Callable, Iterator
from typing import Any, Protocol, TypeAlias

from avrojet.container.framing import FileParser, Header, RawBlock
from avrojet.core.ground.foreign import Intake, call
from avrojet.errors import DataFileError, DataFileTypeError, errors_in
from avrojet.limits import Limits

# Large enough that system calls cost nothing, small enough to stay in the processor's cache.
CHUNK = 256 << 10

# The same if data are skipped by seeking. Blocks are about 64 KB: reading more than a few pages would read
# them.
SKIM_CHUNK = 4 << 10

# A block may state more bytes than there are; no single read asks for more than this at once.
_MOST_AT_ONCE = 4 << 20

_READ_INTO = (io.FileIO, io.BytesIO)

# "s3://orders/1.avro", "simplecache::s3://orders/1.avro"; not "C:\\orders".
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.:-]+://")


class BinaryReadable(Protocol):
    """A binary file, of which only ``read(n)`` is needed; it may return fewer bytes, none at the end."""

    def read(self, size: int, /) -> bytes | None: ...


class Openable(Protocol):
    """An object with ``open()``, called for each reading, such as ``fsspec.open`` returns."""

    def open(self) -> Any: ...


# Sources that can be read more than once: a path or URL, all bytes of a file, or an object that opens it.
Reopened: TypeAlias = str | os.PathLike[str] | bytes | bytearray | memoryview | Openable
Readable: TypeAlias = Reopened | BinaryReadable


def reader_of(file: Any) -> Callable[[int], Any]:
    """The method of a binary file that reads some bytes.

    ``read1`` returns what a pipe or socket has; ``read`` would wait for the whole chunk. Where ``read`` is
    made anew and ``read1`` is inherited, or passed on to another file, that may return other bytes.
    """
    for owner in (file, *type(file).__mro__):
        members = getattr(owner, "__dict__", ())
        if "read1" in members:
            break
        if "read" in members:
            return file.read  # type: ignore[no-any-return]
    return getattr(file, "read1", file.read)  # type: ignore[no-any-return]


class ByteSource:
    """Reads a path, a URL, bytes, an object with ``open()``, or a binary file from its current position.

    An error or an interruption in a read loses nothing: the next read continues where that one began.

    :ivar seekable: whether :meth:`seek` and :meth:`skip` work.
    :ivar name: path or URL, None if there is none.
    :ivar intake: the data read and not yet taken, and their offset, counted from the source's initial
        position.
    """

    __slots__ = (
        "_closed",
        "_file",
        "_owned",
        "_read_into",
        "_read_some",
        "_reading",
        "_start",
        "intake",
        "name",
        "seekable",
    )

    def __init__(self, source: Readable) -> None:
        self.name = name_of(source)
        self._owned = is_reopened(source)
        self._closed = self._reading = False
        self.intake = Intake()
        file = self._file = _opened(source)
        try:
            self._read_some = reader_of(file)
            # Only for files whose behaviour is known: others may do anything with the memory.
            self._read_into = file.readinto if type(file) in _READ_INTO else None
            self.seekable = bool(hasattr(file, "seekable") and call(file.seekable))
            self._start: int = call(file.tell) if self.seekable else 0
        except BaseException:
            self.close()
            raise

    def read(self, size: int) -> bytes:
        """Up to `size` bytes; none only at the end.

        :raises DataFileError: if the source is closed, not binary, or non-blocking without data.
        """
        data = self._fetch(size)
        self.intake.take(len(data))
        return data

    def read_to(self, parser: FileParser, size: int) -> int:
        """Feed the parser with about `size` bytes, 4 MiB at most; returns how many, 0 only at the end.

        The parser must have all bytes before them. Errors are those of :meth:`read`.
        """
        intake = self.intake
        if self._read_into is None:
            data = self._fetch(min(size, _MOST_AT_ONCE))
            count = len(data)
            if parser.end == intake.at:  # else the parser got them just before an interruption
                parser.feed(data)
        else:
            if intake.data is None:
                self._call(intake.call, self._read_into, parser.room(min(size, _MOST_AT_ONCE)))
                if not intake.data:
                    self._check_end()
            count = intake.data
            if parser.end == intake.at:
                parser.filled(count)
        intake.take(count)
        return count

    def read_onto(self, buffer: bytearray, size: int) -> int:
        """Append up to `size` bytes to a buffer; returns how many, 0 only at the end.

        The buffer has all bytes up to ``intake.at``, even after an error or an interruption.
        """
        data = self._fetch(size)
        self.intake.move_to(buffer, data)
        return len(data)

    def seek(self, offset: int) -> None:
        """Go to an offset, counted from the source's initial position."""
        self._call(self._file.seek, self._start + offset)
        self.intake.go_to(offset)

    def skip(self, size: int) -> None:
        """Go forward."""
        self.seek(self.intake.at + size)

    def size(self) -> int:
        """The size in bytes. The source's position is lost."""
        call(self._file.seek, 0, os.SEEK_END)
        return int(call(self._file.tell)) - self._start

    def known_size(self) -> int | None:
        """The size in bytes, if the system knows it without a seek."""
        return os.fstat(self._file.fileno()).st_size if type(self._file) is io.FileIO else None

    def close(self) -> None:
        """Close the file if it was opened here; a thread in a read does so when that returns."""
        self._closed = True
        if self._owned and not self._reading:
            call(self._file.close)

    def _fetch(self, size: int) -> bytes:
        """Up to `size` bytes, none only at the end; the same again until they are taken."""
        intake = self.intake
        data = plain_bytes(intake.data)
        if not data:
            self._call(intake.call, self._read_some, size)
            data = plain_bytes(intake.data)
        if not data:  # without data for now, read1 returns the same as at the end
            self._call(intake.call, self._file.read, size)
            data = plain_bytes(intake.data)
            if not data:
                self._check_end()
        return data

    def _call(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Call the file, and keep others from closing it meanwhile."""
        self._reading = True
        try:
            self._check_open()
            return call(function, *arguments)
        except Exception as error:
            if self._closed:
                raise _closed() from error
            raise
        finally:
            self._reading = False
            if self._closed:
                self.close()

    def _check_end(self) -> None:
        """Check that the file has ended, and does not only lack data for now."""
        ensure_blocks(self.intake.data)
        if (
            type(self._file) is io.FileIO
            and self.seekable
            and self._call(self._file.tell) != self._start + self.intake.at
        ):
            raise DataFileError("other code moved the source's position: each reader needs a file of its own")

    def _check_open(self) -> None:
        if self._closed:
            raise _closed()


def plain_bytes(data: Any) -> bytes:
    """The data that a file returned, as bytes, whatever type they claim to be; no bytes for None.

    :raises DataFileTypeError: if it is something else.
    """
    if type(data) is bytes:
        return data
    if data is None:
        return b""
    if is_data(data):
        return memoryview(data).tobytes()
    raise DataFileTypeError(f"the source reads as {type(data).__name__}, not bytes: open it in binary mode")


def ensure_blocks(data: Any) -> None:
    """Refuse what a non-blocking file returns that has no data now, which is not its end.

    :raises DataFileError: if it is None.
    """
    if data is None:
        raise DataFileError("the source is non-blocking and has no data now: use one that blocks")


def _closed() -> DataFileError:
    return DataFileError("the reader is closed")


def is_url(source: Any) -> bool:
    """Whether it is a URL as text, to be opened with fsspec."""
    return isinstance(source, str) and _URL.match(source) is not None


def open_url(url: str, mode: str = "rb", **options: Any) -> Any:
    """An opener of the file at a URL.

    :param options: of the file system, such as its keys.
    :raises DataFileError: if fsspec is not installed, or does not support such files.
    """
    return by_fsspec(url, lambda fsspec: fsspec.open(url, mode, **options))


def by_fsspec(url: str, work: Callable[[Any], Any]) -> Any:
    """The result of a function that is passed the fsspec module.

    :raises DataFileError: if fsspec is not installed, or does not support the URL.
    """
    try:
        import fsspec
    except ImportError:
        raise DataFileError(f'{url}: URLs need a library: pip install "avrojet[fsspec]"') from None
    try:
        return work(fsspec)
    except (ImportError, ValueError) as error:
        raise DataFileError(f"{url}: fsspec cannot open it: {error}") from error


def is_path(source: Any) -> bool:
    """Whether it is a path, or a URL."""
    return isinstance(source, str) or hasattr(source, "__fspath__")


def is_data(source: Any) -> bool:
    """Whether it is the bytes of a file."""
    return isinstance(source, (bytes, bytearray, memoryview))


def is_reopened(source: Any) -> bool:
    """Whether each reading opens the source anew, and closes it."""
    return is_path(source) or is_data(source) or (hasattr(source, "open") and not hasattr(source, "read"))


def name_of(source: Any) -> str | None:
    """A source's name in messages and losses: its path or URL."""
    if is_path(source):
        return os.fsdecode(source)
    if is_data(source) or not is_reopened(source):
        return None
    name = getattr(source, "full_name", None) or getattr(source, "path", None)  # as fsspec's have them
    return name if isinstance(name, str) else None


def _opened(source: Any) -> Any:
    """The binary file to read from."""
    if is_data(source):
        return io.BytesIO(plain_bytes(source))
    if is_url(source):
        source = open_url(source)
    elif is_path(source):
        return io.FileIO(source)
    if is_reopened(source):
        file = call(source.open)
        if isinstance(file, io.BytesIO) and hasattr(file, "fs"):
            # A file in fsspec's memory is a single object, with one position, however often it is opened.
            file = io.BytesIO(file.getvalue())
    elif hasattr(source, "read"):
        file = source
    else:
        kind = type(source).__name__
        raise DataFileTypeError(f"cannot read from {kind}: pass a path, a URL, bytes or a binary file")
    if isinstance(file, io.TextIOBase):
        if file is not source:
            file.close()
        raise DataFileTypeError('the source is a text file: open it in binary mode, as open(path, "rb") does')
    return file


def file_header(source: Readable, limits: Limits | None = None) -> Header:
    """The header of a file, whatever follows it.

    :raises DataFileError: if it is not a container file, or its header is damaged.
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
    with errors_in(source.name):
        header = read_event(source, parser, chunk)
    assert isinstance(header, Header)
    return header


def skim_blocks(source: ByteSource, parser: FileParser) -> Iterator[RawBlock]:
    """The blocks from here on without their data, which are skipped by seeking if the source can.

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
