"""Counting the records of a container file by the headers of its blocks. Floor 5."""

from __future__ import annotations

from avrojet.container.framing import FileParser, RawBlock
from avrojet.container.source import ByteSource, Readable, read_event, read_header
from avrojet.limits import DEFAULT_LIMITS, Limits

# Blocks are about 64 KB: reading more than a few pages would read what is sought over.
_CHUNK = 4 << 10


def count_records(source: Readable, *, limits: Limits = DEFAULT_LIMITS) -> int:
    """How many records the blocks of a file say they have.

    Nothing is decompressed or decoded, and the data of blocks are not even read where `source` (a path,
    or a binary file, read from where it stands) can seek. The block sizes and sync markers are checked.

    :raises DataFileError: if it is no container file, or damaged.
    :raises TruncatedError: if it ends anywhere but behind a block.
    """
    parser = FileParser(limits, skip_data=True)
    file = ByteSource(source)
    total = 0
    try:
        read_header(file, parser, _CHUNK)
        while (block := read_event(file, parser, _CHUNK)) is not None:
            assert isinstance(block, RawBlock)
            total += block.count
            if file.seekable and parser.skippable:
                file.skip(parser.skippable)
                parser.skipped()
    finally:
        file.close()
    return total
