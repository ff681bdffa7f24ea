"""Whether a file is to be appended to; fastavro's module of this name is read by others."""

from __future__ import annotations

from typing import Any


def _is_appendable(file_like: Any) -> bool:
    """Whether there is something before the place of `file_like`, and it can be read.

    :raises ValueError: if it cannot be read.
    """
    if not file_like.seekable() or not file_like.tell():
        return False
    if getattr(file_like, "name", "") == "<stdout>":  # some terminals have a place
        return False
    if not file_like.readable():
        raise ValueError("When appending to an avro file you must use the 'a+' mode, not just 'a'")
    return True
