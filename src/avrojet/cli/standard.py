"""What the command line sets for the process: output in UTF-8 on every system, streams in place of those that
it was started without (`<&-`, `>&-`), and an end in order if a signal asks for it.
"""

from __future__ import annotations

import _signal as signals  # type: ignore[import-not-found]  # signal makes enums of its constants, which takes long
import errno
import io
import os
import sys
from typing import Any


class Ended(KeyboardInterrupt):
    """A signal that ends the process. Like after Ctrl-C, what is unfinished is removed.

    :ivar status: the exit status, as shells have it for a process that a signal has ended.
    """

    def __init__(self, number: int) -> None:
        super().__init__()
        self.status = 128 + number


def end_in_order() -> None:
    """Have SIGTERM and SIGHUP end the process by an exception, unless they are ignored, as by nohup."""
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signals, name, None)  # Windows has no SIGHUP
        if number is not None and signals.getsignal(number) == signals.SIG_DFL:
            signals.signal(number, _end)


def _end(number: int, _frame: object) -> None:
    signals.signal(number, signals.SIG_DFL)  # a second one ends the process at once
    raise Ended(number)


class _ClosedInput(io.RawIOBase):
    """Refuses to be read."""

    def readable(self) -> bool:
        return True

    def readinto(self, _buffer: object) -> int:
        raise OSError(errno.EBADF, "the standard input is closed")


class _Nowhere(io.RawIOBase):
    """Discards whatever is written."""

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        return len(data)


class _ClosedOutput(io.RawIOBase):
    """Refuses whatever is written."""

    def writable(self) -> bool:
        return True

    def write(self, _data: object) -> int:
        raise OSError(errno.EBADF, "the standard output is closed")


def use_utf8() -> None:
    """Have the standard output take any text, whatever the locale: UTF-8, and in names of files their own
    bytes.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):  # None if it is closed
        sys.stdout.reconfigure(encoding="utf-8", errors="surrogateescape")


def replace_closed_streams() -> None:
    """Replace a missing standard input or output by one that raises a clear error when it is used.

    Commands that do not use it still work. The descriptor is occupied, so that a file opened later does not
    get it and become the standard stream. Text for a missing standard error is discarded; print() would put
    it into the output.
    """
    if sys.stdin is None:
        os.open(os.devnull, os.O_RDONLY)
        sys.stdin = io.TextIOWrapper(io.BufferedReader(_ClosedInput()), "utf-8")
    if sys.stdout is None:
        os.open(os.devnull, os.O_WRONLY)
        sys.stdout = io.TextIOWrapper(_ClosedOutput(), "utf-8", write_through=True)
    if sys.stderr is None:
        os.open(os.devnull, os.O_WRONLY)
        sys.stderr = io.TextIOWrapper(_Nowhere(), "utf-8", write_through=True)
