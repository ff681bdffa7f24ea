"""What a file that is to be appended to holds already."""

from __future__ import annotations

import os
from typing import Any

from avrojet.container.framing import SYNC_SIZE, FileParser, Header
from avrojet.container.source import ByteSource, read_header
from avrojet.errors import DataFileError
from avrojet.limits import Limits


def existing_header(target: Any, limits: Limits) -> Header | None:
    """The header of the file at a path, or of a whole file object; None if there is none, or it is empty.

    :raises DataFileError: if it is no container file, does not end with a block, or cannot seek.
    """
    if isinstance(target, str | os.PathLike):
        from pathlib import Path  # as in `target`: not worth the time it takes to import

        path = Path(target)
        if not path.exists() or (path.is_file() and not path.stat().st_size):
            return None
        with path.open("rb") as file:
            return _header_of_whole(file, limits)
    if not (hasattr(target, "seekable") and target.seekable() and hasattr(target, "read")):
        raise DataFileError("to append, a file must be read, written and sought in: open it as 'r+b'")
    return _header_of_whole(target, limits) if target.seek(0, os.SEEK_END) else None


def _header_of_whole(file: Any, limits: Limits) -> Header:
    """The header, once the end of the file is seen to be the end of a block."""
    file.seek(0)
    header = read_header(ByteSource(file), FileParser(limits))
    end = file.seek(0, os.SEEK_END)
    file.seek(end - SYNC_SIZE)
    if file.read(SYNC_SIZE) != header.sync_marker:
        raise DataFileError("the file does not end with its sync marker: it is damaged", offset=end)
    return header
