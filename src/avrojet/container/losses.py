"""What a reader that passes over damage has lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import overload

from avrojet.errors import AvroError

# Damage at every few bytes must not cost more memory than the file itself has: about 3 MB are kept.
_MOST_KEPT = 10_000


@dataclass(frozen=True, slots=True)
class Loss:
    """A stretch of a container file that gave no rows, from behind a sync marker to behind the next one.

    :ivar offset: place of its first byte in the file.
    :ivar size: bytes.
    :ivar blocks: 1 if it is just one block, whose size is right; None if that is not known.
    :ivar records: records in it; None if the damage may have changed their count too.
    :ivar error: what would have been raised.
    :ivar source: path of the file; None if it was read from a file object.
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
        last = self.offset + self.size - 1
        return f"{place}bytes {self.offset} to {last}, records: {records}; {self.error}"


class Losses(Sequence[Loss]):
    """The losses of a reader so far, in the order of the file; false if there are none.

    Of more than 10,000 the rest is only counted.

    :ivar total: how many there are, those included that are only counted.
    :ivar size: bytes lost.
    :ivar records: records lost, as far as they are known.
    :ivar unknown: losses of an unknown number of records.
    """

    def __init__(self) -> None:
        self._kept: list[Loss] = []
        self.clear()

    def clear(self) -> None:
        """Forget all, before another reading."""
        self._kept.clear()
        self.total: int = 0
        self.size: int = 0
        self.records: int = 0
        self.unknown: int = 0

    def add(self, loss: Loss) -> None:
        """Take a loss up."""
        self.total += 1
        self.size += loss.size
        self.records += loss.records or 0
        self.unknown += loss.records is None
        if len(self._kept) < _MOST_KEPT:
            self._kept.append(loss)

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
