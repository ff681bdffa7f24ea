"""Counts the records of a container file by the headers of its blocks."""

from __future__ import annotations

import sys
from contextlib import closing

from avrojet.container.framing import SYNC_SIZE, FileParser
from avrojet.container.source import SKIM_CHUNK, ByteSource, Readable, read_header, skim_blocks
from avrojet.errors import errors_in
from avrojet.limits import Limits


def count_records(source: Readable, *, limits: Limits | None = None) -> int:
    """The number of records that the blocks of a file state.

    Nothing is decompressed or decoded, and the data of blocks are not even read if `source` (a path, a URL,
    bytes, or a binary file, read from its current position) can seek. Block sizes and sync markers are
    checked.

    :raises DataFileError: if it is not a container file, or is damaged.
    :raises TruncatedError: if it does not end with a whole block.
    """
    parser = FileParser(limits, skip_data=True, empty_from=sys.maxsize - SYNC_SIZE)
    with closing(ByteSource(source)) as file, errors_in(file.name):
        read_header(file, parser, SKIM_CHUNK)
        return sum(block.count for block in skim_blocks(file, parser))
