"""Schemas and files that ask for more columns, or more rows, than there could be."""

from __future__ import annotations

import io
from typing import Any

import pytest

from avrojet import Decoder, LimitError, Limits, read_arrow
from avrojet.columns.plan import ColumnPlan
from avrojet.schema.parse import parse_schema
from tests.hostile.on_containers import file
from tests.stacks import in_a_small_stack
from tests.vectors import array, mapping, record


def twice(levels: int) -> Any:
    """Each record has the one before it twice."""
    schema = record("R0", x="int")
    for level in range(1, levels):
        schema = record(f"R{level}", a=schema, b=f"R{level - 1}")
    return schema


@pytest.mark.slow
def test_columns_that_double_with_each_level():
    with pytest.raises(LimitError, match="more than limits.columns = 65536"):
        Decoder(twice(60)).decode_arrow([])
    with pytest.raises(LimitError, match=r"Limits\(columns=...\)"):
        Decoder(twice(4), limits=Limits(columns=14)).decode_arrow([])
    assert len(Decoder(twice(4), limits=Limits(columns=30)).decode_arrow([bytes(8)])) == 1


def test_branches_that_double_with_each_level():
    """Writer's records of one name in two namespaces both become the reader's; each leads to the next two."""
    levels = 40
    writer: Any = "int"
    reader: Any = "int"
    for level in reversed(range(levels)):
        names = "int" if level == levels - 1 else [f"a.R{level + 1}", f"b.R{level + 1}"]
        writer = [
            {"type": "record", "name": f"a.R{level}", "fields": [{"name": "f", "type": writer}]},
            {"type": "record", "name": f"b.R{level}", "fields": [{"name": "f", "type": names}]},
        ]
        reader = record(f"R{level}", f=reader)
    plan = ColumnPlan(parse_schema(writer), parse_schema(reader))
    columns = plan.column_set()
    data = b"\2\0" * (levels // 2) + b"\x0a"
    assert columns.fill(data, 1, 0, 1) == len(data)
    assert columns.rows == 1


@pytest.mark.parametrize("levels", [100, 250, 399])
@pytest.mark.parametrize("wrap", ["record", "array", "map", "nullable record"])
def test_deep_schemas(wrap, levels):
    schema: Any = "int"
    for level in range(levels):
        match wrap:
            case "record":
                schema = record(f"R{level}", f=schema)
            case "array":
                schema = array(schema)
            case "map":
                schema = mapping(schema)
            case _:
                schema = record(f"R{level}", f=["null", schema])
    try:
        assert len(in_a_small_stack(lambda: Decoder(schema).decode_arrow([b"\0"]))) == 1
    except LimitError as error:
        assert "too deep" in str(error)
        assert levels > 100


@pytest.mark.parametrize("threads", [0, 2])
def test_rows_of_no_bytes(threads):
    def rows(count: int) -> int:
        stream = read_arrow(io.BytesIO(file((count, b""), schema='"null"')), threads=threads)
        return sum(len(batch) for batch in stream)

    assert rows(1_000_000) == 1_000_000
    with pytest.raises(LimitError, match="empty_items"):
        rows(1 << 40)
