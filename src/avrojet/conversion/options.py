"""The options of a conversion, and the reports of its progress."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Final, Literal, TypeAlias

from avrojet.errors import DataFileError
from avrojet.limits import Limits
from avrojet.plan.project import ColumnName
from avrojet.schema.model import Schema

OnError: TypeAlias = Literal["raise", "skip"]
Nested: TypeAlias = Literal["error", "json"]

# Seconds between two calls of a user's function.
_INTERVAL: Final = 0.05


@dataclass(frozen=True, slots=True)
class Options:
    """How each file is converted; see :func:`avrojet.convert`.

    :ivar threads: how many threads work on one file, besides the one that writes.
    """

    limits: Limits
    source_format: str | None = None
    target_format: str | None = None
    schema: Schema | None = None
    reader_schema: Schema | None = None
    columns: tuple[ColumnName, ...] | None = None
    head: int | None = None
    codec: str | None = None
    level: int | None = None
    on_error: OnError = "raise"
    sample: int = 10_000
    names: Literal["strict", "replace"] = "strict"
    threads: int = 0
    nested: Nested = "error"
    storage_options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Advance:
    """How far a conversion has come.

    :ivar file: the source that is being read.
    :ivar bytes: bytes of sources that have been read.
    :ivar total_bytes: bytes of all sources; None if the size of one is unknown.
    :ivar records: records that have been written.
    :ivar files: files that are done.
    :ivar total_files: all files.
    """

    file: str
    bytes: int
    total_bytes: int | None
    records: int
    files: int
    total_files: int


ProgressCallback: TypeAlias = Callable[[Advance], object]


class CancelledError(DataFileError):
    """Another file failed, or the user interrupted: the files being made are abandoned."""


class Meter:
    """Adds up the progress of several files in parallel, reports it, and can stop all of them.

    :param tell: called now and then, from any thread, but never from two at once; None: no reports.
    :ivar ends: the conversion was stopped, or `tell` has raised an exception, which ends it.
    """

    def __init__(self, tell: ProgressCallback | None, total_bytes: int | None, total_files: int) -> None:
        self._tell = tell
        self._total_bytes = total_bytes
        self._total_files = total_files
        self._lock = Lock()
        self._bytes = self._records = self._files = 0
        self._told = 0.0
        self._stopped = False
        self.ends = False

    def stop(self) -> None:
        """Make the next call of :meth:`add` or :meth:`check` in each thread fail."""
        self._stopped = self.ends = True

    def check(self) -> None:
        """Check that the conversion goes on.

        :raises CancelledError: if it was stopped.
        """
        if self._stopped:
            raise CancelledError("the conversion was cancelled")

    def add(self, file: str, size: int, records: int, *, done: bool = False) -> None:
        """Add what was done since the last call.

        :raises CancelledError: if the conversion was stopped.
        """
        self.check()
        with self._lock:
            self._bytes += size
            self._records += records
            self._files += done
            now = time.monotonic()
            if self._tell is None or (now - self._told < _INTERVAL and not done):
                return
            self._told = now
            advance = Advance(
                file, self._bytes, self._total_bytes, self._records, self._files, self._total_files
            )
            try:
                self._tell(advance)
            except BaseException:
                self.ends = True
                raise
