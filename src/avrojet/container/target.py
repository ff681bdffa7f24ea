"""Targets of container files: paths, and binary files that the caller has opened.

Writing a block may fail or be interrupted. Then the next call that writes tries again: for a path with the
whole block, after cutting off the part that is in the file; for another file with the rest, if it is known
how much has been written.
"""

from __future__ import annotations

import io
import os
import stat
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import suppress
from reprlib import repr as short
from typing import Any, Protocol, TypeAlias

from avrojet.container.framing import SYNC_SIZE
from avrojet.container.locks import lock, unlock
from avrojet.container.source import Openable, is_url, open_url
from avrojet.core.files.block_writer import OutgoingBlock
from avrojet.errors import DataFileError, untraced

# Seconds to wait for other writers to finish a block, and for a writer that may have locked the whole file.
_TURN_PATIENCE = 10.0
_LOCK_PATIENCE = 0.5


class BinaryWritable(Protocol):
    """A binary file; ``write`` returns how many bytes it took, or None for all of them."""

    def write(self, data: bytes, /) -> int | None: ...


Writable: TypeAlias = str | os.PathLike[str] | BinaryWritable | Openable


class ByteTarget(ABC):
    """A file to which blocks are written.

    :ivar file: the file object.
    :ivar failure: the last exception of its ``write``, if it is unknown how much that has taken.
    """

    file: Any
    failure: BaseException | None = None

    @abstractmethod
    def write(self, block: OutgoingBlock) -> None:
        """Write what the file lacks of a block.

        :raises DataFileError: if the file takes nothing, is not binary, or was changed by another writer.
        :raises OSError: from the file.
        """

    def begin(self, header: bytes) -> bool:
        """Write the header; False if another process has begun the file meanwhile."""
        self.write(OutgoingBlock(0, None, header))
        return True

    def is_lost(self, block: OutgoingBlock) -> bool:
        """Whether it is unknown how much of the block has been written, so that it cannot be finished."""
        return False

    def take_turn(self) -> None:  # noqa: B027 (there may be no others)
        """Keep other writers from writing to the same file until :meth:`end_turn`."""

    def end_turn(self) -> None:  # noqa: B027
        """Let the others write; also called if it is not certain that this writer had its turn."""

    def flush(self) -> None:  # noqa: B027 (there may be nothing to do)
        """Flush the file's own buffer."""

    def sync(self) -> None:
        """Have the system write the file's data to the disk, unless the file is closed."""
        if not self.file.closed:
            self.flush()
            sync_file(self.file)

    @abstractmethod
    def close(self) -> None:
        """Flush; close the file if it was opened here."""

    def leave(self) -> None:  # noqa: B027
        """Release the file as it is, for another process to write."""


class PathTarget(ByteTarget):
    """A file that was opened here.

    :param append: write at its current end. Others may do so, too: each waits until the other's block is
        whole.
    :param locked: no other writer can write to it.
    :ivar sync_marker: the marker with which others end their blocks; None until it is needed.
    :ivar folder: to be synced, too, if the file is new in it; or None.
    """

    file: io.FileIO
    sync_marker: bytes | None = None
    folder: os.PathLike[str] | None = None

    def __init__(self, file: io.FileIO, *, append: bool = False, locked: bool = False) -> None:
        found = os.fstat(file.fileno())
        self.file = file
        self._append = append
        self._regular = stat.S_ISREG(found.st_mode)
        self._shared = append and not locked and self._regular
        self._linked = found.st_nlink > 0
        self._end = found.st_size if self._regular else 0  # of the last block known here

    def write(self, block: OutgoingBlock) -> None:
        if block.is_written:
            pass
        elif self._shared:
            try:
                self.take_turn()
                self._write(block)
            finally:
                self.end_turn()
        else:
            self._write(block)
        self._end = _end_of(block)

    def begin(self, header: bytes) -> bool:
        block = OutgoingBlock(0, None, header)
        try:
            self.take_turn()
            if self._append and self._size():
                return False
            self._write(block)
        finally:
            self.end_turn()
        self._end = _end_of(block)
        return True

    def take_turn(self) -> None:
        if self._shared:
            lock(self.file.fileno(), _TURN_PATIENCE)

    def end_turn(self) -> None:
        if self._shared:
            unlock(self.file.fileno())

    def sync(self) -> None:
        super().sync()
        if self.folder is not None:
            sync_folder(self.folder)
            self.folder = None

    def close(self) -> None:
        self.file.close()

    def leave(self) -> None:
        self.file.close()

    def _write(self, block: OutgoingBlock) -> None:
        if self._regular:
            self._find_place(block)
        try:
            block.write_to(self.file.write, none_is_nothing=True)
        except BaseException:
            if self._regular:
                with suppress(OSError):
                    self._take_back(block)
            raise

    def _find_place(self, block: OutgoingBlock) -> None:
        """Record where the block begins, if the file is as it was left."""
        if block.taken:
            with suppress(OSError):
                self._take_back(block)
        size = self._size()
        if block.taken:  # it could not be taken back
            if size == block.start + block.taken:
                return
            raise DataFileError(
                f"half a block stands at byte {block.start} of the file, and something else after it: "
                "repair_file copies what is intact",
                offset=block.start,
            )
        if size < self._end or (size > self._end and not self._append):
            raise _changed(size, self._end)
        if size > self._end and self.sync_marker is not None:
            check_end(self.file, self.sync_marker)  # of the blocks that others have written
        block.start = size

    def _size(self) -> int:
        found = os.fstat(self.file.fileno())
        if self._linked and not found.st_nlink:
            raise DataFileError("the file was removed or replaced while it was written")
        return found.st_size

    def _take_back(self, block: OutgoingBlock) -> None:
        """Cut off the part of a block that is in the file, if nothing follows. Can be repeated.

        A whole block stays: an interruption before `taken` is 0 again would make it look written.
        """
        if not block.taken or block.is_written:
            return
        if os.fstat(self.file.fileno()).st_size in (block.start, block.start + block.taken):
            self.file.truncate(block.start)
            self.file.seek(block.start)
            block.go_on_at(0)


# Files whose `write` has taken what it returns, and nothing if it raises.
_EXACT = (io.FileIO, io.BytesIO)
_BUFFERED = (io.BufferedWriter, io.BufferedRandom)


class FileTarget(ByteTarget):
    """A binary file that the caller opened, written from its current position.

    :param append: go to its end; no one else may write there meanwhile.
    """

    def __init__(self, file: Any, *, append: bool = False) -> None:
        if not hasattr(file, "write"):
            raise DataFileError(f"cannot write to {short(file)}: pass a path or a binary file")
        self.file = file
        # The system's files tell how much they have taken, whatever happens; buffered ones do not.
        self._buffer: Any = file if type(file) in _BUFFERED and type(file.raw) is io.FileIO else None
        taker: Any = file if self._buffer is None else file.raw
        self._write: Callable[[bytes], int | None] = taker.write
        self._is_exact = type(taker) in _EXACT
        self._none_is_nothing = isinstance(taker, io.RawIOBase)
        self._end: int = file.seek(0, os.SEEK_END) if append else 0
        # If the system appends all writes at the end, others may append there, too.
        self._keeps_end = append and "a" not in str(getattr(file, "mode", ""))

    def write(self, block: OutgoingBlock) -> None:
        if self.is_lost(block):
            what = "an earlier write has failed: the file may end in half a block"
            raise DataFileError(what) from self.failure
        if not block.is_written:
            if self._keeps_end:
                self._check_end(block)
            self._write_rest(block)
        if self._keeps_end:
            self._end = _end_of(block)

    def is_lost(self, block: OutgoingBlock) -> bool:
        return not (block.sure or self._is_exact)

    def flush(self) -> None:
        if hasattr(self.file, "flush"):
            self.file.flush()

    def close(self) -> None:
        self.flush()

    def _check_end(self, block: OutgoingBlock) -> None:
        end = self.file.seek(0, os.SEEK_END)
        if end != self._end + block.taken:
            raise _changed(end, self._end + block.taken)
        block.start = self._end

    def _write_rest(self, block: OutgoingBlock) -> None:
        if self._buffer is not None:
            self._buffer.flush()
        try:
            block.write_to(self._write, none_is_nothing=self._none_is_nothing)
        except TypeError as error:
            self.failure = untraced(error)
            raise DataFileError(f"cannot write bytes to {short(self.file)}: {error}") from error
        except BaseException as error:
            self.failure = untraced(error)
            raise
        finally:
            if self._buffer is not None and self._buffer.seekable():
                self._buffer.tell()  # updates the file's position


class OwnedTarget(FileTarget):
    """A file that was opened here, at a URL for example; it can be closed, but writes cannot be undone."""

    def close(self) -> None:
        self.file.close()

    def leave(self) -> None:
        self.file.close()


def _changed(size: int, expected: int) -> DataFileError:
    return DataFileError(
        f"the file was changed while it was written: it has {size} bytes, not {expected}. "
        "Several writers may append to one path (mode='a'), or to files that are opened as 'a+b'"
    )


def check_end(file: Any, sync_marker: bytes) -> None:
    """Go to the end of a file, and check that it is the end of a block."""
    end = file.seek(0, os.SEEK_END)
    file.seek(end - SYNC_SIZE)
    if file.read(SYNC_SIZE) != sync_marker:
        raise DataFileError(
            "the file does not end with its sync marker: it is damaged; repair_file copies what is intact",
            offset=end,
        )
    file.seek(0, os.SEEK_END)


def _end_of(block: OutgoingBlock) -> int:
    assert block.framed is not None
    return block.start + len(block.framed)


def open_new(target: Any, *, append: bool = False, only: bool = False) -> ByteTarget:
    """Open a path, a URL or an opener for a new file; a binary file is used as it is.

    :param append: keep what another process has written there meanwhile.
    :param only: lock the file.
    :raises DataFileError: if it is locked, or cannot be.
    """
    if is_url(target):
        target = open_url(target, "wb")
    if not isinstance(target, str | os.PathLike):
        if hasattr(target, "open") and not hasattr(target, "write"):
            return OwnedTarget(_unlocked(target, only=only).open())
        return FileTarget(_unlocked(target, only=only))
    if append:
        return _opened(io.FileIO(target, "a+"), append=True, only=only)
    if not only:
        return PathTarget(io.FileIO(target, "w"))
    # The file's content stays if another writer has the lock.
    return _opened(io.FileIO(target, "w", opener=_without(os.O_TRUNC)), append=False, only=True)


def open_existing(target: Any, *, only: bool = False) -> ByteTarget | None:
    """Open a file to append to it; None if there is none at the path.

    :param only: lock the file.
    :raises DataFileError: if it is locked, or cannot be; if it cannot be read and sought in.
    """
    if is_url(target):
        raise DataFileError(f"{target}: files at URLs cannot be appended to: write another one")
    if isinstance(target, str | os.PathLike):
        try:
            file = io.FileIO(target, "a+", opener=_without(os.O_CREAT))
        except FileNotFoundError:
            return None
        return _opened(file, append=True, only=only)
    if not (hasattr(target, "seekable") and target.seekable() and hasattr(target, "read")):
        raise DataFileError("to append, a file must be readable, writable and seekable: open it as 'r+b'")
    return FileTarget(_unlocked(target, only=only), append=True)


def _without(flag: int) -> Callable[[str, int], int]:
    return lambda path, flags: os.open(path, flags & ~flag, 0o666)


def _opened(file: io.FileIO, *, append: bool, only: bool) -> PathTarget:
    try:
        if append and not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise DataFileError("only a file can be appended to, not a device or a pipe")
        if only and not lock(file.fileno(), _LOCK_PATIENCE):
            raise DataFileError("the file cannot be locked: its file system does not support locks")
        if not append:
            file.truncate(0)
            file.seek(0)
        return PathTarget(file, append=append, locked=only)
    except BaseException:
        file.close()
        raise


def _unlocked(target: Any, *, only: bool) -> Any:
    if only:
        raise DataFileError("lock=True needs a path, not a file that is open already")
    return target


def sync_file(file: Any) -> None:
    """Have the system write a file to the disk.

    :raises DataFileError: if it is not a file of the system.
    """
    os.fsync(number_of(file))


def number_of(file: Any) -> int:
    """The system's file descriptor of a file.

    :raises DataFileError: if it has none.
    """
    try:
        number: int = file.fileno()
    except (AttributeError, OSError):  # io.UnsupportedOperation is an OSError
        raise DataFileError(f"fsync=True needs a path, or a file of the system, not {short(file)}") from None
    return number


def sync_folder(path: str | os.PathLike[str]) -> None:
    """Have the system write a folder's entries to the disk, if the system supports that."""
    if not hasattr(os, "O_DIRECTORY"):  # Windows cannot open a folder
        return
    folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        with suppress(OSError):  # from file systems without support
            os.fsync(folder)
    finally:
        os.close(folder)
