"""Whether a file is to be appended to; other libraries import from fastavro's module of this name."""

from __future__ import annotations

from typing import Any


def _is_appendable(file_like: Any) -> bool:
    """Whether there are data before the position of `file_like`, and they can be read.

    :raises ValueError: if it cannot be read.
    """
    if not file_like.seekable() or not file_like.tell():
        return False
    if getattr(file_like, "name", "") == "<stdout>":  # some terminals report a position
        return False
    if not file_like.readable():
        raise ValueError("When appending to an avro file you must use the 'a+' mode, not just 'a'")
    return True
