"""Ranges of bytes that have a name, and the sections of a file or message that they belong to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from avrojet.core.rows.trace import Trace
from avrojet.errors import AvroError

# Kinds of ranges outside of data, which traces do not have.
DATA = "data"  # of a block, as the codec left it
SYNC = "sync marker"
SKIPPED = "not shown"
ERROR = "error"


@dataclass(frozen=True, slots=True)
class ByteRange:
    """Bytes with one meaning.

    :ivar start: offset of the first byte: in the file or message, or in the restored data of a block.
    :ivar end: offset after the last one.
    :ivar where: the part that the bytes belong to: ``"header"``, ``"block 2"``, ``"block 2 record 17"``;
        ``""`` for the datum of a message.
    :ivar path: the place in the datum, e.g. ``$.customer.name``; ``""`` outside of data.
    :ivar kind: the part of the value: ``"value"``, ``"length"`` and ``"content"`` of text and bytes,
        ``"count"``, ``"size"`` and ``"end"`` of blocks of items, ``"key length"`` and ``"key"`` of a map's
        entry, ``"branch"`` of a union. Outside of data ``"count"``, ``"size"``, ``"data"`` and ``"sync
        marker"`` of a block, the parts of a message's frame; ``"not shown"`` for what was not selected, and
        ``"error"`` for the bytes from the first invalid one on.
    :ivar type: the type's name in the schema; ``""`` outside of data.
    :ivar text: the value as JSON, cut short where it is long; of an error, what is wrong.
    """

    start: int
    end: int
    where: str
    path: str
    kind: str
    type: str
    text: str

    @property
    def name(self) -> str:
        """A description of the bytes: ``block 2 record 17 $.customer.name length``."""
        return " ".join(filter(None, (self.where, self.path, "" if self.kind == "value" else self.kind)))


@dataclass(frozen=True, slots=True)
class Section:
    """Consecutive bytes, each in exactly one range.

    :ivar title: what they are.
    :ivar data: the bytes.
    :ivar origin: offset of the first byte, as in the ranges.
    :ivar ranges: in the order of the bytes.
    :ivar error: what is wrong with them, or None.
    :ivar is_restored: whether these are the decompressed data of a block; then offsets count from their
        beginning.
    """

    title: str
    data: memoryview
    origin: int
    ranges: Sequence[ByteRange]
    error: AvroError | None = None
    is_restored: bool = field(default=False, kw_only=True)

    def bytes_of(self, found: ByteRange) -> memoryview:
        """The bytes of one of the ranges."""
        return self.data[found.start - self.origin : found.end - self.origin]


def ranges_of(trace: Trace, where: str, origin: int = 0) -> Iterator[ByteRange]:
    """Return the ranges that a trace found.

    :param origin: what to add to its offsets.
    """
    for start, end, kind, path, type, text in trace.parts():
        yield ByteRange(start + origin, end + origin, where, path, kind, type, text)


def reason_of(error: Exception) -> str:
    """Return the reason of the error, without the place, which the range already has."""
    return getattr(error, "reason", None) or str(error)
