"""What a file already holds before records are appended to it."""

from __future__ import annotations

import os
from typing import Any

from avrojet.container.framing import FileParser, Header
from avrojet.container.source import ByteSource, read_header
from avrojet.container.target import ByteTarget, check_end
from avrojet.limits import Limits


def existing_header(target: ByteTarget, limits: Limits) -> Header | None:
    """The header of an existing file; None if it is empty. Leaves the file at its end.

    :raises DataFileError: if it is not a container file, or does not end with a whole block.
    """
    try:
        target.take_turn()
        if not target.file.seek(0, os.SEEK_END):
            return None
        return _header_of_whole(target.file, limits)
    finally:
        target.end_turn()


def _header_of_whole(file: Any, limits: Limits) -> Header:
    """The header of a file, after checking that the file ends with a whole block."""
    file.seek(0)
    header = read_header(ByteSource(file), FileParser(limits))
    check_end(file, header.sync_marker)
    return header
