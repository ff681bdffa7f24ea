"""What a file already holds before records are appended to it."""

from __future__ import annotations

import os
from typing import Any

from avrojet.container.framing import FileParser, Header
from avrojet.container.source import ByteSource, read_header
from avrojet.container.target import ByteTarget, check_end
from avrojet.limits import Limits


def existing_header(target: ByteTarget, limits: Limits) -> Header | None:
    """The header of a file that can be read; None if it is empty. Afterwards the file stands at its end.

    :raises DataFileError: if it is no container file, or does not end with a block.
    """
    try:
        target.take_turn()
        if not target.file.seek(0, os.SEEK_END):
            return None
        return _header_of_whole(target.file, limits)
    finally:
        target.end_turn()


def _header_of_whole(file: Any, limits: Limits) -> Header:
    """The header of a file, once the end of the file is seen to be the end of a block."""
    file.seek(0)
    header = read_header(ByteSource(file), FileParser(limits))
    check_end(file, header.sync_marker)
    return header
