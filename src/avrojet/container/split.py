"""Parts of container files that are read independently, by other threads, processes, machines.

Specification: Object Container Files, whose sync markers serve this purpose.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, Final, TypeAlias

from avrojet.container.blockreader import At, BlockReader
from avrojet.container.framing import SYNC_SIZE, FileParser, Header, RawBlock
from avrojet.container.source import (
    CHUNK,
    ByteSource,
    Readable,
    Reopened,
    is_reopened,
    is_url,
    name_of,
    skim_blocks,
)
from avrojet.errors import AvroError, DataFileError
from avrojet.frozen import frozen
from avrojet.limits import Limits

SplitSource: TypeAlias = Reopened

# Default size of a part in bytes: large enough that the header, which every part reads, costs nothing.
SPLIT_SIZE = 64 << 20

# The end of a part that ends with its file, however large that is when it is read.
NO_END: Final = 1 << 62


@frozen
class Split:
    """A part of a container file: the blocks whose preceding sync marker begins in it.

    Splits that do not overlap share no record, and splits that cover a file together have all of them. A
    split can be pickled if its path can. :class:`DataFileReader`, :func:`read` and :func:`read_arrow` accept
    it in place of a path; they read the file's header and the part.

    :ivar path: the path or URL, the file's bytes, or an opener of it: ``fsspec.open("s3://orders/1.avro")``.
    :ivar start: offset of the first byte.
    :ivar end: offset after the last byte. It may be beyond the end of the file.
    """

    path: SplitSource
    start: int
    end: int

    def __repr__(self) -> str:
        shown = name_of(self.path) or f"<{type(self.path).__name__}>"
        return f"Split(path={shown!r}, start={self.start}, end={self.end})"


def splits(
    source: SplitSource | Sequence[SplitSource], *, size: int | None = None, count: int | None = None
) -> list[Split]:
    """Parts of a file, or of several, that can be read independently and together have each record once.

    >>> with ProcessPoolExecutor() as pool:
    ...     parts = pool.map(avrojet.read, avrojet.splits("orders.avro", count=8))

    Nothing is read here; only the file's size is determined. A part has the blocks that begin in it, so parts
    much smaller than a block are mostly empty.

    :param source: a path, a URL, bytes, or an object whose ``open()`` returns a binary file that can seek,
        like those of ``fsspec.open``; or a list of them.
    :param size: size of a part in bytes, the last one may be smaller; 64 MiB unless `count` is given.
    :param count: number of parts of each file; fewer if it has fewer bytes.
    """
    if size is not None and count is not None:
        raise ValueError("give the size of the splits or their count, not both")
    if (size is not None and size < 1) or (count is not None and count < 1):
        raise ValueError("the size and the count of splits must be positive")
    sources: Sequence[Any] = source if isinstance(source, list | tuple) else [source]
    return [split for each in sources for split in _splits_of(each, size, count)]


def path_of(source: Readable | Split) -> Readable:
    """The source to open."""
    return source.path if isinstance(source, Split) else source


def blocks_of(source: Readable | Split, file: ByteSource, parser: FileParser, limits: Limits) -> BlockReader:
    """All blocks after the header, which has been read from the file, or those of the split.

    :raises DataFileError: if a file that cannot seek is to be read in splits.
    """
    if not isinstance(source, Split):
        return BlockReader(file, parser)
    if not file.seekable:
        raise DataFileError("the source cannot seek: it cannot be read in splits")
    header = parser.header
    assert header is not None
    return BlockReader(file, parser, lambda: _begin_of(source, file, header, limits), source.end)


def _begin_of(split: Split, source: ByteSource, header: Header, limits: Limits) -> At:
    """The first block of a split; None if it has none. Blocks are counted from it.

    Bytes equal to the sync marker may occur inside a block. If no whole block follows them, the sizes of all
    blocks before lead to the true one, or to the damage. (A file made to deceive, with its marker and a whole
    block inside a block, misleads this function, as it does all readers of splits.)

    :raises DataFileError: as in reading the whole file.
    """
    marker = _find_marker(source, header.sync_marker, max(split.start, header.size - SYNC_SIZE), split.end)
    if marker is not None and not _leads_to_block(source, header, limits, marker):
        marker = _walk_to_marker(source, header, limits, split.start)
    if marker is None or marker >= split.end:
        return None
    return marker + SYNC_SIZE, 0


def _find_marker(source: ByteSource, marker: bytes, start: int, end: int) -> int | None:
    """The offset of the first sync marker that begins in the range; no more than needed is read."""
    source.seek(start)
    place, window, left = start, b"", end - start + SYNC_SIZE - 1
    while left > 0 and (data := source.read(min(left, CHUNK))):
        left -= len(data)
        window += data
        found = window.find(marker)
        if found >= 0:
            return place + found
        place += max(0, len(window) - (SYNC_SIZE - 1))
        window = window[-(SYNC_SIZE - 1) :]
    return None


def size_of(source: Any) -> int | None:
    """The size in bytes of a source that can be reopened, or of a split; None if unknown."""
    if isinstance(source, Split):
        if source.end < NO_END:
            return source.end - source.start
        whole = size_of(source.path)
        return None if whole is None else max(0, whole - source.start)
    if not is_reopened(source):
        return None
    try:
        return _file_size(source)
    except OSError:
        return None


def _splits_of(source: SplitSource, size: int | None, count: int | None) -> Iterator[Split]:
    total = _file_size(source)
    if count is None:
        step = SPLIT_SIZE if size is None else size
        bounds = [*range(0, total, step), total]
    else:
        bounds = [total * number // count for number in range(count + 1)]
    parts = [Split(source, start, end) for start, end in pairwise(bounds) if start < end]
    return iter(parts or [Split(source, 0, 0)])  # an empty file, so that reading it is an error


def _file_size(source: Any) -> int:
    if isinstance(source, str | os.PathLike) and not is_url(source):
        return os.stat(source).st_size  # noqa: PTH116 (pathlib is slow to import)
    file = ByteSource(source)
    try:
        return file.size()
    finally:
        file.close()


def _leads_to_block(source: ByteSource, header: Header, limits: Limits, marker: int) -> bool:
    """Whether a whole block, or the end of the file, follows what looks like a sync marker."""
    blocks = _skim(source, header, limits, marker + SYNC_SIZE)
    try:
        next(blocks, None)
        next(blocks, None)  # the marker after a block is checked when the next is requested
    except AvroError:
        return False
    return True


def _walk_to_marker(source: ByteSource, header: Header, limits: Limits, start: int) -> int | None:
    """Where the first true sync marker at or after `start` begins; None if no block follows it."""
    for block in _skim(source, header, limits, header.size, start):
        if block.offset - SYNC_SIZE >= start:
            return block.offset - SYNC_SIZE
    return None


def _skim(
    source: ByteSource, header: Header, limits: Limits, offset: int, empty_from: int = 0
) -> Iterator[RawBlock]:
    """The blocks from a place on without their data, which are skipped by seeking.

    :param empty_from: as in :class:`FileParser`.
    """
    parser = FileParser(limits, skip_data=True, empty_from=empty_from)
    parser.header = header
    parser.go_to(offset, 0)
    source.seek(offset)
    return skim_blocks(source, parser)
