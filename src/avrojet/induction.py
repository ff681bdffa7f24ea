"""Schemas for data that have none: Python values, JSON lines, CSV, Arrow data."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from avrojet.columns.source import ColumnSource
from avrojet.schema.induce import Wishes, induced, json_values
from avrojet.schema.model import Schema


def induce(
    data: Any,
    *,
    name: str = "Record",
    namespace: str = "",
    enums: int = 0,
    text_types: bool = True,
    notes: bool = False,
) -> Schema:
    """The schema that holds all of some data, with the narrowest types that do.

    Dicts become records, with nullable fields (default null) for what is null or missing now and then, and
    lists arrays. Dates, times, UUIDs and Decimals of Python get the logical types. Types that differ make a
    union, but integers and floats together are doubles. Whole numbers are longs, and decimals beyond 64 bits.

    :param data: an iterable of values, as ``json.loads`` or a database gives them; the path of a ``.csv``
        file with names in its first line, or of a file of JSON texts, one on a line or not; or Arrow data,
        whose types decide.
    :param name: of the outermost record; those within are named after their fields.
    :param namespace: of all names.
    :param enums: a text field of at most so many different values, each a name and seen twice on the average,
        is an enum; 0: none is.
    :param text_types: text that is always a date, a time, a timestamp (with a zone or never with one) or a
        UUID gets the logical type.
    :param notes: record in the attribute ``seen`` of each field what was seen of it: values, nulls, the range
        of whole numbers, different texts.
    :raises SchemaError: if there are no values, or a value or key that Avro has no type or name for; or if a
        file is not JSON, where ``line`` and ``column`` name the place.

    >>> induce([{"tag": "a"}, {"tag": None}]).json
    '{"type":"record","name":"Record","fields":[{"name":"tag","type":["null","string"],"default":null}]}'
    """
    if hasattr(data, "__arrow_c_stream__") or hasattr(data, "__arrow_c_array__"):
        return ColumnSource(data).schema()
    is_csv = isinstance(data, str | os.PathLike) and Path(data).suffix.lower() == ".csv"
    wishes = Wishes(name, namespace, enums, text_types, is_csv, notes)
    if not isinstance(data, str | os.PathLike):
        return induced(data, wishes)
    return induced(_csv_rows(Path(data)) if is_csv else json_values(Path(data).read_bytes()), wishes)


def _csv_rows(path: Path) -> Iterator[dict[str, str]]:
    import csv

    with path.open(encoding="utf-8-sig", newline="") as file:
        yield from csv.DictReader(file)
