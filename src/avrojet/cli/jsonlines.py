"""Records as lines of plain JSON, for people and for tools like jq; not Avro's JSON encoding.

Unions are shown without their branch, dates and times in ISO format, decimals and UUIDs as text, bytes
as text of the code points 0 to 255, and the floats that JSON lacks as ``"NaN"`` and ``"Infinity"``.
"""

from __future__ import annotations

import json
import math
from typing import Any

from avrojet.errors import EncodeLimitError


def json_line(record: Any) -> bytes:
    """A record as JSON and a newline, in UTF-8.

    :raises LimitError: if it nests deeper than Python's stack.
    """
    try:
        try:
            text = _encode(record)
        except ValueError:
            text = _encode(_spell_floats(record))
    except RecursionError:
        raise EncodeLimitError("a record nests too deep to be shown as JSON") from None
    return text.encode() + b"\n"


def _spell_floats(value: Any) -> Any:
    """The value, its floats that JSON lacks as text."""
    match value:
        case float() if math.isnan(value):
            return "NaN"
        case float() if math.isinf(value):
            return "Infinity" if value > 0 else "-Infinity"
        case dict():
            return {key: _spell_floats(item) for key, item in value.items()}
        case list() | tuple():
            return [_spell_floats(item) for item in value]
        case _:
            return value


def _as_text(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode("latin-1")
    if hasattr(value, "isoformat"):
        return str(value.isoformat())
    return str(value)


_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, default=_as_text).encode
