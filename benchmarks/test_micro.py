"""Micro-benchmarks, one datum of each type: ``pytest benchmarks/test_micro.py``.

Collected only when this file is named. For a change to one routine: what it does to the type it serves.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

import avrojet

pytest.importorskip("pytest_benchmark")


def _record(count: int, type_: Any) -> Any:
    fields = [{"name": f"f{index:02}", "type": type_} for index in range(count)]
    return {"type": "record", "name": "R", "fields": fields}


def _fields(count: int, value: Any) -> dict[str, Any]:
    return {f"f{index:02}": value for index in range(count)}


def _logical(type_: str, logical_type: str) -> Any:
    return {"type": type_, "logicalType": logical_type}


_DECIMAL = {"type": "bytes", "logicalType": "decimal", "precision": 12, "scale": 2}
_SHAPES = [
    {"type": "record", "name": name, "fields": [{"name": name.lower(), "type": "int"}]} for name in "ABC"
]

# One value says little beside the cost of the call: the cheap types come twenty to a record or an array.
CASES: dict[str, tuple[Any, Any]] = {
    "null": ("null", None),
    "boolean": (_record(20, "boolean"), _fields(20, True)),
    "int, 1 byte": (_record(20, "int"), _fields(20, 7)),
    "long, 8 bytes": (_record(20, "long"), _fields(20, 1 << 54)),
    "float": (_record(20, "float"), _fields(20, 0.5)),
    "double": (_record(20, "double"), _fields(20, 0.1)),
    "bytes": (_record(20, "bytes"), _fields(20, b"0123456789ab")),
    "string, ASCII": (_record(20, "string"), _fields(20, "a dozen let.")),
    "string, not ASCII": (_record(20, "string"), _fields(20, "двенадцать!!")),
    "string, 1 MB": ("string", "word " * 200_000),
    "fixed": ({"type": "array", "items": {"type": "fixed", "name": "F", "size": 8}}, [b"01234567"] * 20),
    "enum": ({"type": "enum", "name": "E", "symbols": ["A", "B", "C"]}, "B"),
    "nullable, null": (_record(20, ["null", "long"]), _fields(20, None)),
    "nullable, long": (_record(20, ["null", "long"]), _fields(20, 1000)),
    "array of longs": ({"type": "array", "items": "long"}, list(range(1000))),
    "array of doubles": ({"type": "array", "items": "double"}, [index / 3 for index in range(1000)]),
    "map of longs": ({"type": "map", "values": "long"}, {f"key-{index}": index for index in range(100)}),
    "union of records": ({"type": "array", "items": _SHAPES}, [{"a": 1}, {"b": 2}, {"c": 3}] * 30),
    "decimal": (_record(20, _DECIMAL), _fields(20, Decimal("12345.67"))),
    "uuid": (_record(20, _logical("string", "uuid")), _fields(20, UUID(int=1 << 100))),
    "date": (_record(20, _logical("int", "date")), _fields(20, date(2024, 2, 29))),
    "time-millis": (_record(20, _logical("int", "time-millis")), _fields(20, time(12, 30, 1, 5000))),
    "time-micros": (_record(20, _logical("long", "time-micros")), _fields(20, time(12, 30, 1, 5))),
    "timestamp-millis": (
        _record(20, _logical("long", "timestamp-millis")),
        _fields(20, datetime(2024, 2, 29, 12, 30, tzinfo=UTC)),
    ),
    "timestamp-micros": (
        _record(20, _logical("long", "timestamp-micros")),
        _fields(20, datetime(2024, 2, 29, 12, 30, 1, 7, tzinfo=UTC)),
    ),
    "local-timestamp-micros": (
        _record(20, _logical("long", "local-timestamp-micros")),
        _fields(20, datetime(2024, 2, 29, 12, 30, 1, 7)),
    ),
}


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest) -> tuple[Any, Any]:
    return CASES[request.param]


def test_decode(benchmark: Any, case: tuple[Any, Any]) -> None:
    schema, value = case
    datum = avrojet.Encoder(schema).encode(value)
    assert benchmark(avrojet.Decoder(schema).decode, datum) == value


def test_encode(benchmark: Any, case: tuple[Any, Any]) -> None:
    schema, value = case
    datum = benchmark(avrojet.Encoder(schema).encode, value)
    assert avrojet.Decoder(schema).decode(datum) == value
