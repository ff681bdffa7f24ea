"""Every Arrow type as every Avro type: what the table in docs/reference/arrow.md says, and its values."""

from __future__ import annotations

import io
import re
import struct
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from avrojet import (
    AvroError,
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
from avrojet.plan.arrow.options import Options
from avrojet.plan.arrow.pairs import leaf

pa = pytest.importorskip("pyarrow")
pairs = pytest.importorskip("tests.columns.pairs", exc_type=ImportError)
shown = pytest.importorskip("tests.columns.shown", exc_type=ImportError)

CASES = pairs.arrow_cases()
ROOT = Path(__file__).parents[2]
MARKS = {"refused": "", "exact": "=", "rounded": "~", "checked": "?"}  # the weakest last
every_schema = pytest.mark.parametrize(
    "schema", [schema for _, schema in pairs.SCHEMAS], ids=[schema.json for _, schema in pairs.SCHEMAS]
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


@pytest.mark.slow
@every_schema
def test_values_of_every_pair(schema):
    for case in CASES:
        judged = verdict(case, schema)
        outcomes = [outcome(case, value, schema) for value in values_for(case, schema)]
        for value, result in zip(values_for(case, schema), outcomes, strict=True):
            wanted = expected(case, value, schema)
            both_nan = schema.type in {"float", "double"} and is_nan(wanted) and is_nan(result)
            assert result == wanted or both_nan, (str(case), value)
        refused = [result == "refused" for result in outcomes]
        assert all(refused) if judged == "refused" else not any(refused), str(case)
        assert judged != "exact" or "unfit" not in outcomes, str(case)


def values_for(case: Any, schema: Schema) -> tuple[Any, ...]:
    return (*case.values, None) if schema.type == "null" else case.values


def is_nan(data: bytes | str) -> bool:
    if isinstance(data, str):
        return False
    (number,) = struct.unpack("<f" if len(data) == 4 else "<d", data)
    return bool(number != number)


@every_schema
def test_what_is_written_can_be_read(schema):
    """Rows and columns of the same file, but for years that Python's dates do not have."""
    for case in CASES:
        values = [value for value in case.values if expected(case, value, schema) not in ("unfit", "refused")]
        if not values:
            continue
        file = io.BytesIO()
        write_arrow(file, case.array(values), schema)
        table = pa.table(read_arrow(io.BytesIO(file.getvalue())))
        assert len(shown.shown(table["value"].combine_chunks())) == len(values)
        values = [value for value in values if has_date(schema, pairs.plain(case, value, schema))]
        file = io.BytesIO()
        write_arrow(file, case.array(values), schema)
        file.seek(0)
        assert len(read(file)) == len(values)


def has_date(schema: Schema, number: Any) -> bool:
    """Whether the value's year is one of Python's."""
    name = schema.logical.name if schema.logical else ""
    if "timestamp" not in name and name != "date":
        return True
    first, after = (date(1, 1, 1) - date(1970, 1, 1)).days, (date(9999, 12, 31) - date(1970, 1, 1)).days + 1
    per_day = pairs.DAY * pairs.SECOND_OF[name.rpartition("-")[2]] if name != "date" else 1
    return bool(first * per_day <= number < after * per_day)


@pytest.mark.slow
@every_schema
def test_columns_take_what_rows_take(schema):
    encoder = Encoder(schema)
    for case in CASES:
        for value in case.values:
            array = case.array([value])
            try:
                (row,) = array.to_pylist()
                wanted = encoder.encode(row)
            except (AvroError, ValueError, OverflowError):
                continue  # Python or rows do not take it
            if same_value(case, array, row) and not differs(case, schema):
                assert written(array, schema) == wanted, (str(case), value)


def same_value(case: Any, array: Any, row: Any) -> bool:
    """Whether Python's value is the array's: some of Python's types have fewer digits, or other units."""
    return case.row != "intervals" and pa.array([row], case.type).equals(array)


def differs(case: Any, schema: Schema) -> bool:
    """What rows write in another form: UUIDs without capitals, integers rounded by way of a double."""
    name = schema.logical.name if schema.logical else schema.type
    return name == "uuid" or (name == "float" and pa.types.is_integer(case.type))


# The table of the documentation


def documented() -> dict[str, dict[str, str]]:
    text = (ROOT / "docs/reference/arrow.md").read_text(encoding="utf-8")
    table = re.search(r"^\| Arrow \\ Avro .*?\n\n", text, re.MULTILINE | re.DOTALL)
    assert table
    head, _, *body = [
        [cell.strip() for cell in line.strip()[1:-1].split("|")] for line in table[0].strip().splitlines()
    ]
    return {line[0]: dict(zip(head[1:], line[1:], strict=True)) for line in body}


def judged() -> dict[str, dict[str, str]]:
    """The weakest verdict of each cell of the table, but for sizes that do not agree."""
    table: dict[str, dict[str, str]] = {}
    for case in CASES:
        row = table.setdefault(case.row, dict.fromkeys(pairs.AVRO, ""))
        for column, schema in pairs.SCHEMAS:
            mark = MARKS[verdict(case, schema)]
            row[column] = max(row[column], mark, key=list(MARKS.values()).index)
    return table


def test_the_table_of_the_documentation():
    wanted = judged()
    assert documented() == wanted, "\n" + as_text(wanted)


def as_text(table: dict[str, dict[str, str]]) -> str:
    lines = [["Arrow \\ Avro", *pairs.AVRO], ["---"] * (len(pairs.AVRO) + 1)]
    lines += [[row, *marks.values()] for row, marks in table.items()]
    return "\n".join(["| " + " | ".join(line) + " |" for line in lines])


def test_every_mark_has_its_cases():
    """What is called checked does refuse a value, and what is called rounded does round one."""
    found: dict[tuple[str, str], set[str]] = {}
    for case in CASES:
        for column, schema in pairs.SCHEMAS:
            results = [expected(case, value, schema) for value in values_for(case, schema)]
            kinds = {"unfit" if result == "unfit" else "taken" for result in results if result != "refused"}
            found.setdefault((case.row, column), set()).update(kinds)
    for row, marks in judged().items():
        for column, mark in marks.items():
            if mark == "?" and row != "null":
                assert found[row, column] == {"unfit", "taken"}, (row, column)
            if mark == "=":
                assert found[row, column] == {"taken"}, (row, column)
