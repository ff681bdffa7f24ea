"""What a reader that skips damage has lost."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, overload

from avrojet.errors import AvroError
from avrojet.frozen import frozen

# Damage at every few bytes must not cost more memory than the file itself: about 3 MB are kept.
_MOST_KEPT = 10_000


@frozen
class Loss:
    """A stretch of a container file without rows, from the end of a sync marker to the end of the next one.

    That may be the header of another file, if files were joined byte by byte; or, if several files are read,
    the whole of one that is not a container file.

    :ivar offset: offset of its first byte in the file.
    :ivar size: size in bytes.
    :ivar blocks: 1 if it is exactly one block, whose size is right; 0 if it has none; None if unknown.
    :ivar records: records in it; None if the damage may have changed their count, too.
    :ivar error: the error that would have been raised.
    :ivar source: path or URL of the file; None if it was read from a file object or from bytes.
    """

    offset: int
    size: int
    blocks: int | None
    records: int | None
    error: AvroError
    source: str | None = None

    def __str__(self) -> str:
        place = f"{self.source}: " if self.source is not None else ""
        records = "unknown" if self.records is None else self.records
        stretch = f"bytes {self.offset} to {self.offset + self.size - 1}" if self.size else "no bytes"
        return f"{place}{stretch}, records: {records}; {self.error}"


class _Totals(NamedTuple):
    total: int
    size: int
    records: int
    unknown: int
    reading: object  # which had the last loss
    end: int  # the offset after it


_NOTHING = _Totals(0, 0, 0, 0, None, 0)


class Losses(Sequence[Loss]):
    """The losses of a reader so far, in the order of the file; false if there are none.

    Beyond 10,000 they are only counted.
    """

    def __init__(self) -> None:
        self._kept: list[Loss] = []
        self._totals = _NOTHING

    def clear(self) -> None:
        """Drop all, before another reading."""
        self._kept.clear()
        self._totals = _NOTHING

    def add(self, loss: Loss, reading: object = None) -> None:
        """Add a loss, once.

        :param reading: its losses come in the order of their offsets, so one that comes again, after an
            interruption, is recognized.
        """
        totals = self._totals
        if reading is not None and totals.reading is reading and loss.offset < totals.end:
            return
        if totals.total < _MOST_KEPT:
            self._kept[totals.total :] = [loss]
        self._totals = _Totals(  # all at once, as separate steps could be interrupted
            totals.total + 1,
            totals.size + loss.size,
            totals.records + (loss.records or 0),
            totals.unknown + (loss.records is None),
            reading,
            loss.offset + loss.size,
        )

    @property
    def total(self) -> int:
        """Number of losses, including those that are only counted."""
        return self._totals.total

    @property
    def size(self) -> int:
        """Bytes lost."""
        return self._totals.size

    @property
    def records(self) -> int:
        """Records lost, as far as known."""
        return self._totals.records

    @property
    def unknown(self) -> int:
        """Number of losses with an unknown number of records."""
        return self._totals.unknown

    @overload
    def __getitem__(self, index: int) -> Loss: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Loss]: ...
    def __getitem__(self, index: int | slice) -> Loss | Sequence[Loss]:
        return self._kept[index]

    def __len__(self) -> int:
        return len(self._kept)

    def __str__(self) -> str:
        """A summary on one line."""
        losses = "1 loss" if self.total == 1 else f"{self.total} losses"
        return f"{losses}, bytes: {self.size}, records: {self.records}{' at least' if self.unknown else ''}"

    def __repr__(self) -> str:
        return f"<avrojet.Losses: {self}>"
