"""Every Arrow type as every Avro type: what the table in docs/arrow.md says, and the right values."""

from __future__ import annotations

import io
import re
import struct
from pathlib import Path
from typing import Any

import pytest

from avrojet import (
    AvroError,
    DecodeError,
    Decoder,
    EncodeError,
    Encoder,
    LimitError,
    Schema,
    SchemaError,
    read,
    read_arrow,
    write_arrow,
)
from avrojet.columns.source import ColumnSource
from avrojet.plan.arrow.pairs import Options, leaf

pa = pytest.importorskip("pyarrow")
pairs = pytest.importorskip("tests.columns.pairs", exc_type=ImportError)
shown = pytest.importorskip("tests.columns.shown", exc_type=ImportError)

CASES = pairs.arrow_cases()
ROOT = Path(__file__).parents[2]
MARKS = {"exact": "=", "rounded": "~", "checked": "?", "refused": ""}
BY_SCHEMA = pytest.mark.parametrize(
    ("column", "schema"), pairs.SCHEMAS, ids=[schema.json for _, schema in pairs.SCHEMAS]
)


def verdict(case: Any, schema: Schema) -> str:
    found = leaf(schema, ColumnSource(case.array([])).field, Options())
    return "refused" if found is None else found.verdict


def written(array: Any, schema: Schema) -> bytes:
    (data,) = pa.array(Encoder(schema).encode_arrow(array)).to_pylist()
    return data


def plain_of(data: bytes, schema: Schema) -> Any:
    return data if schema.type in {"float", "double"} else Decoder(schema, logical_types=False).decode(data)


def expected(case: Any, value: Any, schema: Schema) -> Any:
    """What is written; ``"unfit"`` or ``"refused"``."""
    try:
        return pairs.plain(case, value, schema)
    except pairs.UnfitError:
        return "unfit"
    except TypeError:
        return "refused"


def outcome(case: Any, value: Any, schema: Schema) -> Any:
    try:
        return plain_of(written(case.array([value]), schema), schema)
    except SchemaError:
        return "refused"
    except (EncodeError, LimitError) as error:
        assert str(error).startswith("at $, row 0: ")
        return "unfit"


@BY_SCHEMA
@pytest.mark.parametrize("case", CASES, ids=str)
def test_values_of_every_pair(case, column, schema):
    judged = verdict(case, schema)
    outcomes = []
    for value in case.values:
        result = outcome(case, value, schema)
        wanted = expected(case, value, schema)
        both_nan = schema.type in {"float", "double"} and is_nan(wanted) and is_nan(result)
        assert result == wanted or both_nan, value
        outcomes.append(result)
    refused = [result == "refused" for result in outcomes]
    assert all(refused) if judged == "refused" else not any(refused)
    if judged == "exact":
        assert "unfit" not in outcomes


def is_nan(data: bytes | str) -> bool:
    if isinstance(data, str):
        return False
    (number,) = struct.unpack("<f" if len(data) == 4 else "<d", data)
    return bool(number != number)


@BY_SCHEMA
@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_is_written_can_be_read(case, column, schema):
    """Rows and columns of the same file, but for years that Python's dates do not have."""
    for value in case.values:
        file = io.BytesIO()
        try:
            write_arrow(file, case.array([value, value]), schema)
        except AvroError:
            continue
        (column,) = pa.table(read_arrow(io.BytesIO(file.getvalue()))).columns
        assert len(shown.shown(column.combine_chunks())) == 2
        try:
            first, second = read(io.BytesIO(file.getvalue()))
        except DecodeError as error:
            assert "of the years 1 to 9999" in str(error) or "is out of range" in str(error)
        else:
            assert first == second or first != first


@BY_SCHEMA
@pytest.mark.parametrize("case", CASES, ids=str)
def test_columns_take_what_rows_take(case, column, schema):
    encoder = Encoder(schema)
    for value in case.values:
        array = case.array([value])
        try:
            (row,) = array.to_pylist()
            wanted = encoder.encode(row)
        except (AvroError, ValueError, OverflowError):
            continue  # Python or rows do not take it
        if case.row == "duration" and schema.type == "long":
            continue  # rows have no numbers of durations
        data = written(array, schema)
        assert data == wanted or case.row.startswith(("int", "uint")) and schema.type == "float"


# The table of the documentation


def documented() -> dict[str, dict[str, str]]:
    text = (ROOT / "docs/arrow.md").read_text(encoding="utf-8")
    table = re.search(r"^\| Arrow +\| null .*?\n\n", text, re.MULTILINE | re.DOTALL)
    assert table
    lines = [[cell.strip() for cell in line.strip("| ").split("|")] for line in table[0].strip().splitlines()]
    lines = [[cell.strip() for cell in line.strip()[1:-1].split("|")] for line in table[0].strip().splitlines()]
    head, _, *body = lines
    return {line[0]: dict(zip(head[1:], line[1:], strict=True)) for line in body}


def judged() -> dict[str, dict[str, str]]:
    """The weakest verdict for each row and column of the table; that on sizes which do not agree does not count."""
    order = ["exact", "rounded", "checked"]
    table: dict[str, dict[str, str]] = {}
    for case in CASES:
        row = table.setdefault(case.row, dict.fromkeys(pairs.AVRO, ""))
        for column, schema in pairs.SCHEMAS:
            found = verdict(case, schema)
            if found != "refused":
                worst = max(order.index(found), *[order.index(v) for v, mark in MARKS.items() if mark == row[column] != ""], 0)
                row[column] = MARKS[order[worst]]
    return table


def test_the_table_of_the_documentation():
    assert documented() == {row: marks for row, marks in judged().items() if any(marks.values())}


def test_every_mark_has_its_cases():
    """What is called checked does refuse a value, and what is called rounded does round one."""
    found: dict[tuple[str, str], set[str]] = {}
    for case in CASES:
        for column, schema in pairs.SCHEMAS:
            results = [expected(case, value, schema) for value in case.values]
            kinds = {"unfit" if result == "unfit" else "taken" for result in results if result != "refused"}
            found.setdefault((case.row, column), set()).update(kinds)
    for row, marks in judged().items():
        for column, mark in marks.items():
            if mark == "?" and row != "null":
                assert found[row, column] == {"unfit", "taken"}, (row, column)
            if mark == "=":
                assert found[row, column] == {"taken"}, (row, column)
