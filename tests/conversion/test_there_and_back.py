"""What a format can hold comes back from it as it was, given the schema."""

from __future__ import annotations

import io
import math

import pytest

import avrojet
from tests.vectors import WRITTEN, Vector, record

FORMATS = ["jsonl", "json", "csv", "parquet", "orc", "arrow"]
NESTED = "csv, nested"  # the same, what is nested as JSON
# What a format has no room for, and is refused; and what it cannot tell from something else.
RECURSIVE = {"list", "tree"}
NO_FIELDS = {
    "fixed none",
    "nullable record of one double beside one of nothing",
    "record of nothing",
    "array of empty records",
}
REFUSED = {
    "parquet": RECURSIVE | NO_FIELDS,
    "orc": RECURSIVE,
    "arrow": RECURSIVE,
    "csv": RECURSIVE | {"fixed none"},
    NESTED: RECURSIVE | {"fixed none"},
}
# pyarrow's ORC reads nanoseconds, which end in 1677 and 2262.
UNREADABLE = {
    "orc": {
        f"{kind} {end}"
        for kind in ("timestamp-millis", "timestamp-micros", "local-timestamp-micros")
        for end in ("first", "last")
    }
}
# In plain JSON bytes are text, which the branch of a union for text takes first.
ANOTHER_BRANCH = {
    NESTED: {"fixed in a union", "bytes in a union"},
    "jsonl": {"fixed in a union", "bytes in a union"},
}


def is_nested(schema) -> bool:
    """Whether columns of it have parts, for which CSV has no room."""
    if isinstance(schema, list):
        others = [branch for branch in schema if branch != "null"]
        return len(others) > 1 or any(map(is_nested, others))
    kind = schema["type"] if isinstance(schema, dict) else schema
    return kind in ("record", "error", "array", "map")


def library_of(format: str) -> None:
    if format not in ("json", "jsonl"):
        pytest.importorskip("polars" if format.startswith("csv") else "pyarrow")


def data_of(file: bytes) -> bytes:
    with avrojet.DataFileReader(file) as reader:
        return b"".join(bytes(block.decompressed()) for block in reader.blocks())


def there_and_back(vector: Vector, format: str) -> str:
    """What became of it: ``same``, ``refused``, ``unreadable`` or ``another``."""
    nested = "json" if format == NESTED else "error"
    format = "csv" if format == NESTED else format
    schema = avrojet.parse_schema(record("Outer", value=vector.schema, n="int"))
    source, middle, back = io.BytesIO(), io.BytesIO(), io.BytesIO()
    avrojet.write(source, schema, [{"value": vector.value, "n": n} for n in range(2)])
    try:
        avrojet.convert(source.getvalue(), middle, source_format="avro", target_format=format, nested=nested)
    except avrojet.AvroError:
        return "refused"
    try:
        avrojet.convert(
            *(middle.getvalue(), back),
            source_format=format,
            target_format="avro",
            schema=schema,
            nested=nested,
        )
    except avrojet.AvroError:
        return "unreadable"
    if data_of(back.getvalue()) == data_of(source.getvalue()):
        return "same"
    value = avrojet.read(back.getvalue())[0]["value"]
    same_nan = isinstance(value, float) and math.isnan(value) and math.isnan(vector.value)
    return "same" if same_nan else "another"


@pytest.mark.slow
@pytest.mark.parametrize("format", [*FORMATS, NESTED])
def test_vectors_come_back(format):
    library_of(format)
    expected = {
        vector.name: "refused"
        if vector.name in REFUSED.get(format, ()) or (format == "csv" and is_nested(vector.schema))
        else "unreadable"
        if vector.name in UNREADABLE.get(format, ())
        else "another"
        if vector.name in ANOTHER_BRANCH.get(format, ())
        else "same"
        for vector in WRITTEN
    }
    assert {vector.name: there_and_back(vector, format) for vector in WRITTEN} == expected


@pytest.mark.parametrize("format", FORMATS)
def test_what_is_no_record_comes_back(format, tmp_path):
    """A file of other values is one column."""
    if format == "csv":
        pytest.skip("rows of CSV are records")
    library_of(format)
    avrojet.write(tmp_path / "a.avro", ["null", "string"], ["a", None, ""])
    avrojet.convert(tmp_path / "a.avro", tmp_path / f"b.{format}")
    schema = ["null", "string"]
    avrojet.convert(tmp_path / f"b.{format}", tmp_path / "c.avro", schema=schema)
    assert avrojet.read(tmp_path / "c.avro") == ["a", None, ""]


@pytest.mark.parametrize("other", FORMATS)
@pytest.mark.parametrize("format", FORMATS)
def test_every_pair_of_formats(format, other, tmp_path):
    library_of(format)
    library_of(other)
    schema = record("R", id="long", name=["null", "string"], rate="double", ok="boolean")
    rows = [{"id": n, "name": None if n % 2 else f'é "{n}",\n', "rate": n / 8, "ok": n > 2} for n in range(5)]
    avrojet.write(tmp_path / "a.avro", schema, rows)
    given = {"schema": schema}
    avrojet.convert(tmp_path / "a.avro", tmp_path / f"b.{format}")
    outcome = avrojet.convert(tmp_path / f"b.{format}", tmp_path / f"c.{other}", **given)
    back = avrojet.convert(tmp_path / f"c.{other}", tmp_path / "d.avro", **given)
    assert (outcome.records, back.records) == (5, 5)
    assert avrojet.read(tmp_path / "d.avro") == rows
