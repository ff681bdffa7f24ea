"""Schemas induced from data hold the data, and are as narrow as they can be."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avrojet import Encoder, SchemaError, induce, parse_schema

NAMES = st.from_regex(r"[a-z_][a-z0-9_]{0,3}", fullmatch=True)
JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False)
    | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.slow
@given(st.lists(st.dictionaries(NAMES, JSON_VALUES, max_size=4), min_size=1, max_size=5))
def test_the_schema_holds_what_it_was_made_of(rows):
    schema = induce(rows, text_types=False)
    encoder = Encoder(schema, defaults=True)
    for row in rows:
        encoder.from_json(json.dumps(row), plain=True)


def types(*rows: object, **options: object) -> dict[str, object]:
    schema = json.loads(induce(list(rows), **options).json)
    return {field["name"]: field["type"] for field in schema["fields"]}


def test_nulls_and_missing_fields():
    assert types({"a": 1}, {"b": "x"}, {"a": None, "b": "y"}) == {
        "a": ["null", "long"],
        "b": ["null", "string"],
    }
    schema = induce([{"a": None}, {"a": 1}])
    assert json.loads(schema.json)["fields"][0]["default"] is None


def test_numbers():
    found = types({"i": 1, "f": 1.5, "m": 1, "h": 2**63}, {"i": -(2**40), "f": 2.0, "m": 0.5, "h": 1})
    decimal = {"type": "bytes", "logicalType": "decimal", "precision": 19, "scale": 0}
    assert found == {"i": "long", "f": "double", "m": "double", "h": decimal}


def test_values_of_python():
    found = types(
        {
            "d": date(2024, 1, 1),
            "t": time(1),
            "z": datetime(2024, 1, 1, tzinfo=UTC),
            "l": datetime(2024, 1, 1),
            "u": UUID(int=1),
            "n": Decimal("12.345"),
            "b": b"",
        }
    )
    assert {name: type if isinstance(type, str) else type["logicalType"] for name, type in found.items()} == {
        "d": "date",
        "t": "time-micros",
        "z": "timestamp-micros",
        "l": "local-timestamp-micros",
        "u": "uuid",
        "n": "decimal",
        "b": "bytes",
    }
    assert found["n"]["scale"] == 3


def test_decimals_have_room_for_all_of_them():
    found = types({"n": Decimal("1E+40")}, {"n": Decimal("0.00001")})
    assert (found["n"]["precision"], found["n"]["scale"]) == (46, 5)
    with pytest.raises(SchemaError):
        induce([Decimal("NaN")])


@pytest.mark.parametrize(
    ("texts", "logical"),
    [
        (["2024-01-01", "1999-12-31"], "date"),
        (["2024-01-01T00:00:00Z", "2024-01-01 10:00:00.123+02:00"], "timestamp-micros"),
        (["2024-01-01T00:00:00"], "local-timestamp-micros"),
        (["10:00:00", "23:59:59.5"], "time-micros"),
        ([str(UUID(int=5))], "uuid"),
    ],
)
def test_texts_of_one_form_get_its_type(texts, logical):
    rows = [{"a": text} for text in texts]
    assert types(*rows)["a"]["logicalType"] == logical
    assert types(*rows, text_types=False)["a"] == "string"
    assert types(*rows, {"a": "x"})["a"] == "string"
    encoder = Encoder(induce(rows))
    for row in rows:
        encoder.from_json(json.dumps(row), plain=True)


@pytest.mark.parametrize(
    "text", ["2024-02-30", "24:00:00", "2024-01-01T24:00", "2024-01-01T00:00:00+99:00", "1e999", ""]
)
def test_texts_of_no_form(text):
    assert types({"a": text})["a"] == "string"


def test_enums_by_threshold():
    rows = [{"a": symbol} for symbol in "XYXY"]
    assert types(*rows, enums=2)["a"] == {"type": "enum", "name": "A", "symbols": ["X", "Y"]}
    assert types(*rows, enums=1)["a"] == "string"
    assert types(*rows[:3], enums=2)["a"] == "string"
    assert types(*rows, {"a": "no name"}, {"a": "no name"}, enums=3)["a"] == "string"


def test_what_differs_is_a_union_and_records_get_names_of_their_own():
    found = types({"a": {"x": 1}}, {"a": {"x": {"a": 1}}}, {"a": [1]}, {"a": "s"}, {"a": True})
    record, array, *rest = found["a"]
    assert array == {"type": "array", "items": "long"}
    assert rest == ["string", "boolean"]
    names = {record["name"], record["fields"][0]["type"][1]["name"]}
    assert names == {"A", "X"}
    parse_schema(json.dumps({"type": "record", "name": "n.R", "fields": [{"name": "a", "type": found["a"]}]}))


def test_names_and_notes():
    schema = induce([{"a": 1}, {"a": None}], name="Row", namespace="n", notes=True)
    assert schema.fullname == "n.Row"
    assert schema.fields[0].props["seen"] == {"values": 2, "nulls": 1, "least": 1, "most": 1}


@pytest.mark.parametrize(
    ("data", "message", "column"),
    [
        (b'{"a": 1}\n\n {"a": no}\n', "not JSON: line 3, column 8: expecting value", 8),
        (b'{"a": 1}\n\n{"a": "\xff"}\n', "line 3 is not UTF-8: invalid start byte", None),
    ],
)
def test_files_that_are_not_json(tmp_path: Path, data, message, column):
    path = tmp_path / "rows.jsonl"
    path.write_bytes(data)
    with pytest.raises(SchemaError) as caught:
        induce(path)
    assert str(caught.value) == message
    assert (caught.value.line, caught.value.column) == (3, column)


def test_files(tmp_path: Path):
    lines = tmp_path / "rows.jsonl"
    lines.write_text('{"a": 1}\n{"a": 2}\n')
    pretty = tmp_path / "rows.json"
    pretty.write_text(json.dumps({"a": 1}, indent=2) + json.dumps({"a": 2}, indent=2))
    assert induce(lines) == induce(pretty) == induce([{"a": 1}, {"a": 2}])
    table = tmp_path / "rows.csv"
    table.write_text("id,ok,when,price,name\n1,true,2024-01-01,1.5,x\n2,,2024-01-02,2,7\n")
    found = {field.name: field.type.json for field in induce(str(table)).fields}
    assert found == {
        "id": '"long"',
        "ok": '["null","boolean"]',
        "when": '{"type":"int","logicalType":"date"}',
        "price": '"double"',
        "name": '"string"',
    }


def test_arrow_data_have_types_of_their_own():
    pa = pytest.importorskip("pyarrow")
    assert induce(pa.table({"a": pa.array([1, None], pa.int32())})).fields[0].type.json == '["null","int"]'


@pytest.mark.parametrize("rows", [[], [{"a b": 1}], [{1: 2}], [object()]])
def test_what_no_schema_is_for(rows):
    with pytest.raises(SchemaError):
        induce(rows)
