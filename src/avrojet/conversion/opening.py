"""Sources as binary files that report how much of them has been read."""

from __future__ import annotations

import io
import os
import select
import stat
from collections.abc import Mapping
from typing import Any, Final

from avrojet.container.source import (
    ensure_blocks,
    is_data,
    is_path,
    is_url,
    name_of,
    open_url,
    plain_bytes,
    reader_of,
)
from avrojet.errors import DataFileError, DataFileTypeError

# Milliseconds that a thread waits for a pipe before it looks whether it should go on.
_PATIENCE: Final = 100


class OpenSource:
    """A source that is open.

    :ivar name: its path or URL; ``-`` if it has none.
    :ivar file: a binary file.
    :ivar stalls: a read of it may take for ever.
    """

    def __init__(self, source: Any, storage_options: Mapping[str, Any]) -> None:
        self.name = source_name(source)
        opened = _opened(source, storage_options)
        self._owned = opened is not source
        # If the system or memory shows how far reading has come, no wrapper is needed.
        self._tells = type(opened) in (io.FileIO, io.BytesIO) and opened.seekable()
        # A pipe gives nothing until somebody writes to it.
        self.stalls = not self._tells and not (hasattr(opened, "seekable") and opened.seekable())
        raw = opened.raw if self.stalls and type(opened) is io.BufferedReader else None
        self.file: Any = opened if self._tells else Counting(opened, owned=self._owned, raw=raw)
        self._spool: Any = None
        self._seen: int = opened.tell() if self._tells else 0
        self._given = 0

    def taken(self) -> int:
        """Return the number of bytes read since the last call."""
        now: int = self.file.tell() if self._tells else self.file.count
        new, self._seen = now - self._seen, now
        self._given += new
        return new

    @property
    def total(self) -> int:
        """The number of bytes read so far, as :meth:`taken` has returned them."""
        return self._given

    def seekable(self) -> Any:
        """Return the file itself if it can seek; else a temporary file with all of its bytes."""
        file = self.file.file if isinstance(self.file, Counting) else self.file
        if hasattr(file, "seekable") and file.seekable():
            return file
        import shutil
        import tempfile

        self._spool = tempfile.TemporaryFile()  # noqa: SIM115 (closed with the source)
        shutil.copyfileobj(self.file, self._spool, 1 << 20)
        self._spool.seek(0)
        return self._spool

    def stop(self) -> None:
        """Let the thread that waits for a pipe wait no longer: its read fails."""
        if self.stalls:
            self.file.close()

    def close(self) -> None:
        """Close what was opened here."""
        if self._spool is not None:
            self._spool.close()
        if self._owned or not self._tells:
            self.file.close()


class Counting:
    """A binary file that counts the bytes read through it.

    :param owned: it is closed with this.
    :param raw: what the file buffers, to be read when the buffer is empty: a thread that waits for a pipe
        in the buffered file keeps it locked, and the interpreter, which closes stdin at its end, aborts.
    """

    def __init__(self, file: Any, *, owned: bool, raw: Any = None) -> None:
        self.file = file
        self.count = 0
        self._read, self._read_again = reader_of(file), file.read
        self._owned = owned
        self._raw = raw
        self._closed = self._reading = False
        self._poll = _poll_of(file)

    def read(self, size: int = -1) -> bytes:
        """Some bytes; none only at the end.

        :raises DataFileError: if another thread closes it, or it is non-blocking and has no data now.
        """
        self._reading = True
        try:
            self._check_open()
            while self._poll is not None and not self._poll.poll(_PATIENCE):
                self._check_open()
            data = plain_bytes(self._read(size))
            if not data:  # without data for now, read1 returns the same as at the end
                again = self._read_again(size)
                ensure_blocks(again)
                data = plain_bytes(again)
            self._check_open()
        finally:
            self._reading = False
            if self._closed:
                self.close()
        if self._raw is not None and len(data) < size:  # the buffer would have given more
            self._read = self._read_again = self._raw.read
            self._poll, self._raw = _poll_of(self._raw), None
        self.count += len(data)
        return data

    def close(self) -> None:
        """Read no more. The file is closed if it was opened here: by a thread that reads, after that."""
        self._closed = True
        if self._owned and not self._reading:
            self.file.close()

    def _check_open(self) -> None:
        if self._closed:
            raise DataFileError("the source is closed")


def _poll_of(file: Any) -> Any:
    """What tells whether a pipe has something to read; None for other files, and where there is no such.

    A pipe that does not block is not waited for: its reads say what is wrong.
    """
    if type(file) is not io.FileIO or not hasattr(select, "poll") or not os.get_blocking(file.fileno()):
        return None
    poll = select.poll()
    poll.register(file, select.POLLIN)
    return poll


class Behind:
    """A binary file whose first bytes, already read, are returned again before the rest."""

    def __init__(self, data: bytes, file: Any) -> None:
        self._data = data
        self._file = file

    def read(self, size: int = -1) -> bytes:
        """Some bytes; none only at the end."""
        if not self._data:
            return plain_bytes(self._file.read(size))
        data = self._data if size < 0 else self._data[:size]
        self._data = self._data[len(data) :]
        return data


def source_name(source: Any) -> str:
    """Return the name of a source or target for messages."""
    return name_of(source) or "-"


def size_at(place: Any) -> int | None:
    """Return the size in bytes of a file of the operating system; None for others."""
    if is_data(place):
        return len(place)
    if not is_path(place) or is_url(place):
        return None
    try:
        found = os.stat(place)  # noqa: PTH116 (asked for each of many files)
    except OSError:
        return None
    return found.st_size if stat.S_ISREG(found.st_mode) else None


def _opened(source: Any, storage_options: Mapping[str, Any]) -> Any:
    if is_data(source):
        return io.BytesIO(plain_bytes(source))
    if is_url(source):
        opener = open_url(source, **storage_options)
        file = opener.open()
        # A file in fsspec's memory is one object, with one position, for everyone who opens it.
        return io.BytesIO(file.getvalue()) if isinstance(file, io.BytesIO) else file
    if is_path(source):
        return io.FileIO(os.fspath(source))
    if hasattr(source, "read"):
        return source
    if hasattr(source, "open"):
        return source.open()
    raise DataFileTypeError(
        f"cannot read from {type(source).__name__}: pass a path, a URL, bytes or a binary file"
    )
