"""The last blocks of a container file, found from its end."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from avrojet.container.block import Block
from avrojet.container.reader import DataFileReader
from avrojet.errors import AvroError

# Bytes read first, from the end.
_SPAN = 256 << 10


def last_blocks(reader: DataFileReader, size: int | None, records: int) -> list[Block]:
    """The last blocks of a file that have that many records together, or all of them.

    Blocks are found by the sync markers before them, so only the end of the file is read. They are numbered
    from the first one that was found.

    :param reader: one that has not read any block.
    :param size: size of the file in bytes; None: it cannot seek, and is read from the beginning.
    :raises DataFileError: if the file is damaged there.
    """
    if not records:
        return []
    span = _SPAN
    while size is not None and span < size:
        try:
            found = _enough(reader.blocks(size - span), records)
        except AvroError:  # either the sync marker was really data, or real damage will be met again
            found = []
        if sum(block.count for block in found) >= records:
            return found
        span *= 4
    return _enough(reader.blocks(None if size is None else 0), records)


def _enough(blocks: Iterable[Block], records: int) -> list[Block]:
    """The last of the blocks, as many as have that many records."""
    kept: deque[Block] = deque()
    total = 0
    for block in blocks:
        if not block.count:
            continue
        kept.append(block)
        total += block.count
        while total - kept[0].count >= records:
            total -= kept.popleft().count
    return list(kept)
