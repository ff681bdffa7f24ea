"""The facade's json_writer and json_reader: their text, and their errors in fastavro's words."""

from __future__ import annotations

import json
import math
from datetime import date
from io import StringIO

import pytest

from avrojet.compat import fastavro
from tests.compat.test_fastavro_differences import field, json_text, read_json, record


def test_lines_that_are_no_json_raise_what_the_json_module_does():
    rows = fastavro.json_reader(StringIO("1\n{\n2"), "int")
    assert next(rows) == 1
    with pytest.raises(json.JSONDecodeError):
        next(rows)


def test_a_field_without_value_and_default_is_told_as_fastavro_tells_it():
    with pytest.raises(ValueError, match="no value and no default for x"):
        read_json("{}", record(field("int")))


def test_many_rows_of_json_are_those_of_the_json_module():
    schema = record(field(["null", "string", "double"]), {"name": "a", "type": "bytes"})
    rows = [
        {"x": value, "a": b"\x00\xff"} for value in (None, "é\n\u2028", 0.1, 1e300, math.nan, -0.0)
    ] * 5000
    names = {str: "string", float: "double"}
    for tagged in (True, False):
        lines = []
        for row in rows:
            value = row["x"]
            if tagged and value is not None:
                value = {names[type(value)]: value}
            lines.append(json.dumps({"x": value, "a": "\x00\xff"}))
        assert json_text(schema, rows, write_union_type=tagged) == "\n".join(lines)


def test_nothing_is_written_if_a_row_does_not_fit():
    file = StringIO()
    with pytest.raises((TypeError, ValueError)):
        fastavro.json_writer(file, "int", [*range(50_000), "a"])
    assert file.getvalue() == ""


def test_logical_types_are_shown_as_the_plain_types():
    schema = {"type": "int", "logicalType": "date"}
    assert json_text(schema, [date(1970, 1, 3)]) == "2"
    assert read_json("2", schema) == [date(1970, 1, 3)]


def test_own_logical_types_convert_on_the_way(monkeypatch):
    monkeypatch.setitem(fastavro.write.LOGICAL_WRITERS, "string-upper", lambda data, schema: data.upper())
    monkeypatch.setitem(fastavro.read.LOGICAL_READERS, "string-upper", lambda data, *schemas: data.lower())
    schema = {"type": "string", "logicalType": "upper"}
    assert json_text(schema, ["a"]) == '"A"'
    assert read_json('"A"', schema) == ["a"]
