"""Whether a library read what the file has: the number of rows, and the values of some of them.

Imported by the worker. Libraries may choose types: a map may be a list of entries, an enum or a UUID may be
text, a time of day a duration. A value that is another value is wrong.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from benchmarks.columns.files import Shape

# Rows that are compared, from both ends and between.
_SAMPLES = 50


class WrongError(Exception):
    """The library gave something else than what the file has."""


def samples(rows: int) -> list[int]:
    """Numbers of the rows to compare, of so many."""
    return sorted({round(step * (rows - 1) / _SAMPLES) for step in range(_SAMPLES + 1)})


def check(
    found: Sequence[Sequence[Any]], shape: Shape, rows: int, columns: Sequence[str] | None, *, text: bool
) -> None:
    """Compare the sampled rows with the records.

    :param text: nested values may be JSON text.
    :raises WrongError: naming the first value that differs.
    """
    for number, values in zip(samples(rows), found, strict=True):
        if text:
            values = [_from_json(value) for value in values]
        wanted = shape.expected(number, columns)
        if columns is not None:  # fields of records may come as columns or in records
            values = list(_leaves(values))
        for value, want in zip(values, wanted, strict=True):
            if not same(value, want):
                raise WrongError(f"row {number}: {value!r:.80} is not {want!r:.80}")


def same(value: Any, want: Any) -> bool:
    """Whether a value read is the value written, up to the choice of a type."""
    value = _plain(value)
    want = _plain(want)
    if isinstance(want, dict) and isinstance(value, list):
        value = {entry["key"]: entry["value"] for entry in value}
    if isinstance(want, dict):
        return isinstance(value, dict) and value.keys() == want.keys() and all(
            same(value[key], want[key]) for key in want
        )  # fmt: skip
    if isinstance(want, list):
        return isinstance(value, list) and len(value) == len(want) and all(map(same, value, want))
    if isinstance(want, float) and isinstance(value, float):
        return math.isclose(value, want, rel_tol=1e-6)
    return bool(value == want)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        value = value if value.tzinfo else value.replace(tzinfo=UTC)
        return round(value.timestamp() * 1_000_000)
    if isinstance(value, time):
        value = timedelta(
            hours=value.hour, minutes=value.minute, seconds=value.second, microseconds=value.microsecond
        )
    if isinstance(value, timedelta):
        return value // timedelta(microseconds=1)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, bytes) and len(value) == 36:
        return value.decode("ascii", "replace")
    if isinstance(value, bytes) and len(value) == 16:
        return str(UUID(bytes=value))
    if isinstance(value, Decimal):
        return value.normalize()
    return value


def _from_json(value: Any) -> Any:
    if isinstance(value, str) and value[:1] in ("{", "["):
        return json.loads(value)
    return value


def _leaves(values: Sequence[Any]) -> Iterator[Any]:
    for value in values:
        if isinstance(value, dict):
            yield from _leaves(list(value.values()))
        else:
            yield value
