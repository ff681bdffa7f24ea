"""A file with a column for every type of the vectors, and what each engine has to make of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import avrojet
from avrojet.scanning.recursion import is_recursive
from tests.vectors import WRITTEN


def usable() -> list[Any]:
    """Vectors that are written, whose types Arrow has, and whose names can stand in any namespace."""
    return [
        vector
        for vector in WRITTEN
        if "geo" not in json.dumps(vector.schema) and not is_recursive(avrojet.parse_schema(vector.schema))
    ]


def write_vectors(folder: Path, **options: Any) -> Path:
    """Two files, of a few rows each; every vector is in a record of its own, so that names do not meet."""
    vectors = usable()
    fields = [
        {
            "name": f"f{number}",
            "type": {
                "type": "record",
                "name": f"n{number}.Vector",
                "fields": [{"name": "value", "type": vector.schema}],
            },
        }
        for number, vector in enumerate(vectors)
    ]
    schema = {"type": "record", "name": "Vectors", "fields": [{"name": "id", "type": "long"}, *fields]}
    values = {f"f{number}": {"value": vector.value} for number, vector in enumerate(vectors)}
    folder.mkdir()
    for number in range(2):
        rows = [{"id": 3 * number + row, **values} for row in range(3)]
        avrojet.write(folder / f"{number}.avro", schema, rows, **options)
    return folder


ORDER = {
    "type": "record",
    "name": "Order",
    "fields": [
        {"name": "id", "type": "long"},
        {"name": "shop", "type": "string"},
        {"name": "total", "type": ["null", "double"]},
        {"name": "place", "type": {"type": "record", "name": "Place", "fields": [
            {"name": "city", "type": ["null", "string"]}, {"name": "size", "type": "int"}]}},
    ],
}  # fmt: skip


def write_orders(folder: Path) -> Path:
    """3,000 orders in 3 files of several blocks."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(3):
        rows = [
            {"id": row, "shop": f"s{row % 3}", "total": float(row), "place": {"city": None, "size": row}}
            for row in range(1000 * number, 1000 * number + 1000)
        ]
        avrojet.write(folder / f"{number}.avro", ORDER, rows, sync_interval=2000)
    return folder


def same(table: Any, source: Any) -> None:
    """That the table has the columns and values that avrojet reads; bit patterns of NaN do not count."""
    import pyarrow as pa

    wanted = pa.RecordBatchReader.from_stream(avrojet.read_arrow(source)).read_all()
    assert table.column_names == wanted.column_names
    for name, found, column in zip(wanted.column_names, table.columns, wanted.columns, strict=True):
        found = found if found.type == column.type else found.cast(column.type)  # which breaks lists of nulls
        assert str(found.to_pylist()) == str(column.to_pylist()), name
