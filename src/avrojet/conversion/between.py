"""Files that stand between pyarrow and a user's file: pyarrow would lose the errors of the latter."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any


class Calm:
    """A file whose errors are raised by :meth:`check`.

    An error raised in a write (a full disk, say) would abort the process in pyarrow's ORC. And writers write
    the end of the file even if it is abandoned.
    """

    closed = False

    def __init__(self, file: Any) -> None:
        self._file = file
        self._failure: BaseException | None = None
        self._broken = False

    def write(self, data: Any) -> int:
        """Write, unless a write has failed before."""
        if not self._broken:
            try:
                self._file.write(data)
            except BaseException as error:  # noqa: BLE001 (raised by the next check)
                self._broken, self._failure = True, error
        return memoryview(data).nbytes

    def flush(self) -> None:
        """Do nothing: the code that opened the file closes it."""

    def give_up(self) -> None:
        """Write no more."""
        self._broken, self._failure = True, None

    def check(self) -> None:
        """Raise the error of a write that failed, and keep it no longer: its traceback refers to pyarrow's
        writer, which keeps this file.
        """
        failure, self._failure = self._failure, None
        try:
            if failure is not None:
                raise failure
        finally:
            del failure


class Noting:
    """A file that keeps the error that it raises: pyarrow would raise it as one of its own, as for a damaged
    file. Its ORC does so even at Ctrl-C.
    """

    closed = False

    def __init__(self, file: Any) -> None:
        self._file = file
        self._failure: BaseException | None = None

    def read(self, size: int = -1) -> Any:
        """Some bytes; none only at the end."""
        return self._noted(self._file.read, size)

    def seek(self, place: int, whence: int = 0) -> Any:
        """Go to a place."""
        return self._noted(self._file.seek, place, whence)

    def tell(self) -> Any:
        """Return the place."""
        return self._noted(self._file.tell)

    def taken(self) -> BaseException | None:
        """Return the error, which is kept no longer: its traceback refers to this file."""
        failure, self._failure = self._failure, None
        return failure

    def _noted(self, call: Callable[..., Any], *arguments: int) -> Any:
        try:
            return call(*arguments)
        except BaseException as error:
            self._failure = error
            raise


def is_plain(file: Any) -> bool:
    """Whether no code of Python serves a file: then Ctrl-C is met after pyarrow's call, not within it."""
    if type(file) in (io.BufferedReader, io.BufferedRandom):
        file = file.raw
    return type(file) in (io.FileIO, io.BytesIO)
