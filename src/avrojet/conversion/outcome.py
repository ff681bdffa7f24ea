"""What a conversion has done, and the records that it set aside."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from avrojet.container.losses import Loss
from avrojet.errors import AvroError

# How many reasons are kept in memory; an error file gets all of them.
_MOST_KEPT = 1000


@dataclass(frozen=True, slots=True)
class Converted:
    """A file that was written.

    :ivar sources: the sources it was made from: paths, URLs, or ``-`` for a source without a name.
    :ivar target: its path or URL, or ``-``.
    :ivar records: records that were written.
    :ivar bytes_read: bytes of the sources.
    :ivar bytes_written: bytes of the target; None if unknown.
    """

    sources: tuple[str, ...]
    target: str
    records: int
    bytes_read: int
    bytes_written: int | None


@dataclass(frozen=True, slots=True)
class Aside:
    """A record, a stretch of an Avro file, or a whole file that was left out, and why.

    :ivar file: the source.
    :ivar reason: the error's message.
    :ivar record: its number in the source, counted from 0; None if that is not known.
    :ivar records: how many records were left out; None if that is not known.
    :ivar path: place in the record, such as ``$.items[3].price``.
    :ivar line: line of a text, counted from 1.
    :ivar column: where in that line the text is wrong, in characters counted from 1.
    :ivar offset: place in an Avro file, in bytes; `size` bytes are left out.
    :ivar data: the data as text: the line, or the row's values as JSON; None for Avro files.
    """

    file: str
    reason: str
    record: int | None = None
    records: int | None = 1
    path: str | None = None
    line: int | None = None
    column: int | None = None
    offset: int | None = None
    size: int | None = None
    data: str | None = None

    def json(self) -> bytes:
        """Return one line of JSON, without the values that are not known."""
        told = {name: getattr(self, name) for name in self.__slots__}
        known = {name: value for name, value in told.items() if value is not None}
        return json.dumps(known, ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n"


def aside_of_loss(file: str, loss: Loss) -> Aside:
    """Return the part of an Avro file that a reader skipped."""
    return Aside(
        file, str(loss.error), records=loss.records, path=loss.error.path, offset=loss.offset, size=loss.size
    )


@dataclass(slots=True)
class Conversion:
    """What :func:`avrojet.convert` has done.

    :ivar files: the files that were written, in the order in which they were asked for.
    :ivar kept: targets that existed already, which ``resume`` left as they are.
    :ivar asides: the first thousand things that were set aside, and
    :ivar aside_count: how many there were in all.
    :ivar failed: sources that could not be read at all, with ``on_error="skip"``.
    :ivar seconds: how long it took.
    """

    files: list[Converted] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    asides: list[Aside] = field(default_factory=list)
    aside_count: int = 0
    failed: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def records(self) -> int:
        """Records that were written, in all."""
        return sum(each.records for each in self.files)

    @property
    def bytes_read(self) -> int:
        """Bytes that were read, in all."""
        return sum(each.bytes_read for each in self.files)

    @property
    def bytes_written(self) -> int | None:
        """Bytes that were written, in all; None if the size of one target is unknown."""
        sizes = [each.bytes_written for each in self.files]
        return sum(size for size in sizes if size is not None) if None not in sizes else None


class Asides:
    """Collects the records that are set aside; threads may share it.

    :param target: a path or binary file that gets a line of JSON for each; None: only counted.
    """

    def __init__(self, conversion: Conversion, target: Any) -> None:
        self._conversion = conversion
        self._target = target
        self._file: Any = None
        self._lock = Lock()

    def add(self, aside: Aside) -> None:
        """Set something aside. The error file is created when there is something to write."""
        with self._lock:
            self._conversion.aside_count += 1
            if len(self._conversion.asides) < _MOST_KEPT:
                self._conversion.asides.append(aside)
            if self._target is None:
                return
            if self._file is None:
                self._file = self._target if hasattr(self._target, "write") else open(self._target, "wb")  # noqa: PTH123, SIM115
            self._file.write(aside.json())

    def add_file(self, file: str, error: Exception) -> None:
        """Set a whole file aside."""
        with self._lock:
            self._conversion.failed.append(file)
        path = error.path if isinstance(error, AvroError) else None
        self.add(Aside(file, str(error), records=None, path=path))

    def close(self) -> None:
        """Close the file if it was opened here."""
        if self._file is not None and self._file is not self._target:
            self._file.close()
