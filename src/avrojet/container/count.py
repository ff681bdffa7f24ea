"""Counting the records of a container file by the headers of its blocks."""

from __future__ import annotations

import sys
from contextlib import closing

from avrojet.container.framing import SYNC_SIZE, FileParser
from avrojet.container.source import SKIM_CHUNK, ByteSource, Readable, read_header, skim_blocks
from avrojet.errors import errors_in
from avrojet.limits import Limits


def count_records(source: Readable, *, limits: Limits | None = None) -> int:
    """How many records the blocks of a file say they have.

    Nothing is decompressed or decoded, and the data of blocks are not even read where `source` (a path, a
    URL, bytes, or a binary file, read from where it stands) can seek. The block sizes and sync markers are
    checked.

    :raises DataFileError: if it is no container file, or damaged.
    :raises TruncatedError: if it ends anywhere but after a block.
    """
    parser = FileParser(limits, skip_data=True, empty_from=sys.maxsize - SYNC_SIZE)
    with closing(ByteSource(source)) as file, errors_in(file.name):
        read_header(file, parser, SKIM_CHUNK)
        return sum(block.count for block in skim_blocks(file, parser))
