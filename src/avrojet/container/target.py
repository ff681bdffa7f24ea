"""Where container files are written to: paths and binary files, and files that replace others at the end."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Protocol, TypeAlias

from avrojet.errors import DataFileError


class BinaryWritable(Protocol):
    """A binary file; ``write`` returns how many bytes it took, or None for all of them."""

    def write(self, data: bytes, /) -> int | None: ...


Writable: TypeAlias = str | os.PathLike[str] | BinaryWritable


class ByteTarget:
    """Writes whole pieces to a binary file.

    :ivar broken: whether a write has failed; the target then refuses more.
    :param owned: close the file in :meth:`close`, and take a piece that failed off it again.
    """

    __slots__ = ("_file", "_owned", "broken")

    def __init__(self, file: Any, *, owned: bool) -> None:
        if not hasattr(file, "write"):
            raise DataFileError(f"cannot write to {file!r}: give a path or a binary file")
        self._file = file
        self._owned = owned
        self.broken = False

    def write(self, data: bytes) -> None:
        """Write all of `data`; after a failure the target refuses more, which would follow half a piece.

        :raises DataFileError: if the target takes nothing, is not binary, or has failed before.
        :raises OSError: as the file does.
        """
        if self.broken:
            raise DataFileError("an earlier write has failed: the file may end in half a block")
        self.broken = True
        start = self._file.tell() if self._owned else 0
        try:
            self._write_all(data)
        except BaseException:
            if self._owned:
                with suppress(OSError):
                    self._file.truncate(start)
            raise
        self.broken = False

    def _write_all(self, data: bytes) -> None:
        while data:
            try:
                written = self._file.write(data)
            except TypeError as error:
                raise DataFileError(f"cannot write bytes to {self._file!r}: {error}") from error
            if written is None and not isinstance(self._file, io.RawIOBase):
                return
            if not written:
                raise DataFileError("the target takes no data now: give one that blocks")
            if not isinstance(written, int) or not 0 < written <= len(data):
                raise DataFileError(f"the target says that it took {written!r} of {len(data)} bytes")
            data = data[written:]

    def flush(self) -> None:
        """Hand on what the file itself buffers."""
        if hasattr(self._file, "flush"):
            self._file.flush()

    def close(self) -> None:
        """Flush; close the file if it is owned."""
        if self._owned:
            self._file.close()
        else:
            self.flush()


def open_target(target: Any, *, append: bool = False) -> ByteTarget:
    """Open a path, which is then owned, or take a binary file as it is.

    :param append: go to the end instead of writing a path anew.
    """
    if isinstance(target, str | os.PathLike):
        file: Any = io.FileIO(target, "r+" if append else "w")
        owned = True
    else:
        file, owned = target, False
    if append:
        file.seek(0, os.SEEK_END)
    return ByteTarget(file, owned=owned)


@contextmanager
def replacing(target: Writable) -> Iterator[Writable]:
    """A place for a whole file that appears under its path only if all went well.

    For a path the body gets another one, beside it, which replaces the first when the body ends without
    an exception, and is removed otherwise. Other targets, and paths of devices and pipes, are given as
    they are.
    """
    if not isinstance(target, str | os.PathLike):
        yield target
        return
    # Here, as they would take a tenth of the time of importing avrojet.
    import shutil
    import tempfile
    from pathlib import Path

    final = Path(target).resolve()
    exists = final.exists()
    if exists and not final.is_file():
        yield final
        return
    with tempfile.TemporaryDirectory(prefix=f".{final.name}.", dir=final.parent) as beside:
        part = Path(beside, final.name)
        yield part
        if exists:
            shutil.copymode(final, part)
        part.replace(final)
