"""How far a command has come, on stderr, if that is a terminal and the work takes more than a second."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Any, Final, Self

from avrojet.cli.terminal import Terminal, When, clean

_PATIENCE: Final = 1.0  # seconds after which a bar is worth showing (and the import of rich)
_INTERVAL: Final = 0.1  # seconds between two updates of the bar
_UNITS: Final = ("B", "kB", "MB", "GB", "TB", "PB")


class Progress:
    """Shows bytes, records, rate and the remaining time.

    >>> with Progress("orders.avro", total=size) as progress:
    ...     progress.update(done, records)

    Frequent updates cost little. Nothing is shown in a pipe, or if rich is not installed.

    :param what: what is being done, shown before the bar.
    :param total: bytes in all; None if unknown.
    """

    def __init__(self, what: str, total: int | None = None, *, color: When = "auto") -> None:
        self._terminal = Terminal(sys.stderr, color)
        self._what = clean(what)
        self._total = total
        self._begun = self._shown = time.monotonic()
        self._bar: Any = None
        self._task: Any = None
        self._is_quiet = not self._terminal.is_terminal

    def update(self, done: int, records: int, *, total: int | None = None, what: str | None = None) -> None:
        """Report how many bytes and records have been processed since the beginning."""
        if self._is_quiet:
            return
        if total is not None:
            self._total = total
        if what is not None:
            self._what = clean(what)
        now = time.monotonic()
        if now - self._shown < (_INTERVAL if self._bar is not None else _PATIENCE):
            return
        self._shown = now
        if self._bar is None and not self._start():
            return
        seconds = max(now - self._begun, 1e-9)
        told = f"{bytes_text(done)}  {records:,} records  {bytes_text(done / seconds)}/s"
        self._bar.update(self._task, completed=done, total=self._total, description=self._what, told=told)

    def close(self) -> None:
        """Remove the bar."""
        self._is_quiet = True
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _start(self) -> bool:
        """Show the bar, if rich is installed."""
        try:
            from rich import progress
        except ImportError:
            self._is_quiet = True
            return False
        self._bar = progress.Progress(
            progress.TextColumn("{task.description}", markup=False),
            progress.BarColumn(),
            progress.TextColumn("{task.fields[told]}", markup=False),
            progress.TimeRemainingColumn(elapsed_when_finished=True),
            console=self._terminal.console(),
            transient=True,
        )
        self._task = self._bar.add_task(self._what, total=self._total, told="")
        self._bar.start()
        return True


def bytes_text(number: float) -> str:
    """A number of bytes as people say it, ``1.2 MB``: units of 1000."""
    power = 0
    while number >= 999.95 and power < len(_UNITS) - 1:
        number /= 1000
        power += 1
    return f"{number:.0f} B" if power == 0 else f"{number:.1f} {_UNITS[power]}"
