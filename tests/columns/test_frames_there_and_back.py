"""What a data frame was read from is written again by it, whatever the types and however they are nested."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

import avrojet
from avrojet import ArrowTypes, DataFileReader, Duration, NanoDatetime, SchemaError, parse_schema
from tests.compare import exact

pytest.importorskip("pyarrow")

IDS = [UUID(int=n) for n in (0, 1, 2**127)]
DAYS = [date(1970, 1, 1), date(2024, 2, 29), date(1, 1, 1)]
CLOCKS = [time(0), time(23, 59, 59, 999_000), time(1, 2, 3)]
NAIVE = [datetime(1970, 1, 1), datetime(2024, 2, 29, 12, 30, 1, 5000), datetime(1999, 12, 31, 23)]


def logical(type: Any, name: str, **attributes: Any) -> Any:
    return {"type": type, "logicalType": name, **attributes}


def fixed(size: int, **attributes: Any) -> Any:
    return {"type": "fixed", "name": f"F{size}", "size": size, **attributes}


def aware(times: list[datetime]) -> list[datetime]:
    return [each.replace(tzinfo=UTC) for each in times]


def nano(times: list[datetime]) -> list[NanoDatetime]:
    return [
        NanoDatetime(*each.timetuple()[:6], each.microsecond, tzinfo=each.tzinfo, nanosecond=0)
        for each in times
    ]


def decimals(*texts: str) -> list[Decimal]:
    return [Decimal(text) for text in texts]


# type -> schema, values that are different from one another
TYPES: dict[str, tuple[Any, list[Any]]] = {
    "null": ("null", [None]),
    "boolean": ("boolean", [True, False]),
    "int": ("int", [1, -(2**31), 2**31 - 1]),
    "long": ("long", [1, -(2**63), 2**63 - 1]),
    "float": ("float", [0.5, -0.0, 3.4028234663852886e38]),
    "double": ("double", [0.1, -0.0, 1e300]),
    "bytes": ("bytes", [b"", b"\xff\0", b"x" * 20]),
    "string": ("string", ["", "ä", "x" * 20]),
    "fixed": (fixed(3), [b"abc", b"\0\0\0"]),
    "enum": ({"type": "enum", "name": "E", "symbols": ["A", "B", "C"]}, ["C", "A"]),
    "date": (logical("int", "date"), DAYS),
    "time-millis": (logical("int", "time-millis"), CLOCKS),
    "time-micros": (logical("long", "time-micros"), CLOCKS),
    **{
        f"{zone}timestamp-{unit}": (
            logical("long", f"{zone}timestamp-{unit}"),
            (nano if unit == "nanos" else list)(NAIVE if zone else aware(NAIVE)),
        )
        for zone in ("", "local-")
        for unit in ("millis", "micros", "nanos")
    },
    "decimal": (logical("bytes", "decimal", precision=9, scale=2), decimals("1.10", "-22.30", "0.00")),
    "decimal of 30": (
        logical("bytes", "decimal", precision=30, scale=9),
        decimals("1.100000000", "-7.000000001"),
    ),
    "decimal of 64": (logical("bytes", "decimal", precision=64, scale=2), decimals("1.10", "-1234567.00")),
    "decimal of 100": (logical("bytes", "decimal", precision=100, scale=2), decimals("1.10", "-1234567.00")),
    "decimal in a fixed": (
        fixed(5, logicalType="decimal", precision=9, scale=3),
        decimals("1.100", "-9.000"),
    ),
    "big-decimal": (logical("bytes", "big-decimal"), decimals("1.5", "-1E+5", "0.000")),
    "uuid": (logical("string", "uuid"), IDS),
    "uuid in a fixed": (fixed(16, logicalType="uuid"), IDS),
    "duration": (fixed(12, logicalType="duration"), [Duration(1, 2, 3), Duration(0, 0, 2**32 - 1)]),
    "arrow duration": ({"type": "long", "arrow.format": "tDu"}, [0, -1, 10**12]),
    "record": (
        {"type": "record", "name": "S", "fields": [{"name": "x", "type": ["null", "long"]}]},
        [{"x": 1}, {"x": None}],
    ),
}
OTHER = {"type": "record", "name": "Other", "fields": [{"name": "o", "type": "int"}]}


def array(items: Any) -> Any:
    return {"type": "array", "items": items}


def mapped(values: Any) -> Any:
    return {"type": "map", "values": values}


def keyed(values: Any) -> Any:
    """A map by integers, as Iceberg writes it."""
    fields = [{"name": "key", "type": "int"}, {"name": "value", "type": values}]
    return {**array({"type": "record", "name": "Entry", "fields": fields}), "logicalType": "map"}


def record(**types: Any) -> Any:
    return {"type": "record", "name": "Nest", "fields": [{"name": n, "type": t} for n, t in types.items()]}


# way to nest -> the schema, and the values, of a type and its values
NESTS: dict[str, tuple[Callable[[Any], Any], Callable[[list[Any]], list[Any]]]] = {
    "plain": (lambda t: t, lambda vs: vs),
    "nullable": (lambda t: ["null", t], lambda vs: [None, *vs]),
    "all null": (lambda t: [t, "null"], lambda vs: [None, None]),
    "array": (array, lambda vs: [vs, [], vs[:1]]),
    "empty arrays": (array, lambda vs: [[], []]),
    "array of nullable": (lambda t: ["null", array(["null", t])], lambda vs: [[None, *vs], None, [], [None]]),
    "map": (mapped, lambda vs: [{f"k{i}": v for i, v in enumerate(vs)}, {}, {"b": vs[0]}]),
    "map by integers": (keyed, lambda vs: [[{"key": i, "value": v} for i, v in enumerate(vs)], []]),
    "record": (lambda t: record(x=t), lambda vs: [{"x": v} for v in vs]),
    "nullable in a record": (
        lambda t: ["null", record(x=["null", t], y="int")],
        lambda vs: [None, {"x": None, "y": 1}, *[{"x": v, "y": 2} for v in vs]],
    ),
    "union": (lambda t: ["null", t, OTHER], lambda vs: [None, {"o": 1}, *vs]),
    "one side of a union": (lambda t: [OTHER, t], lambda vs: [{"o": 1}, {"o": 2}]),
    "array of arrays": (lambda t: array(array(t)), lambda vs: [[vs, []], [], [[vs[0]]]]),
    "array of records": (lambda t: array(record(x=t)), lambda vs: [[{"x": v} for v in vs], []]),
    "map of arrays": (lambda t: mapped(array(t)), lambda vs: [{"a": vs, "b": []}, {}]),
    "map of nullable": (lambda t: mapped(["null", t]), lambda vs: [{"a": None, "b": vs[0]}]),
}


def renamed(schema: Any, number: int) -> Any:
    """The schema with names that no other column has."""
    text = re.sub(r'"name": "([A-Z]\w*)"', rf'"name": "\1_{number}"', json.dumps(schema))
    return json.loads(text)


def is_schema(schema: Any) -> bool:
    try:
        parse_schema(schema)
    except SchemaError:
        return False
    return True


def shape(nest: str) -> tuple[Any, list[Any]]:
    """A schema with a column of every type, and rows: the shorter columns begin again."""
    wrap, fill = NESTS[nest]
    columns = {
        type.replace(" ", "_").replace("-", "_"): (renamed(wrap(schema), number), fill(values))
        for number, (type, (schema, values)) in enumerate(TYPES.items())
        if is_schema(wrap(schema))
    }
    fields = [{"name": name, "type": schema} for name, (schema, _) in columns.items()]
    length = max(len(values) for _, values in columns.values())
    rows = [
        {name: values[row % len(values)] for name, (_, values) in columns.items()} for row in range(length)
    ]
    return {"type": "record", "name": "R", "fields": fields}, rows


def by_pandas(backend: Any) -> Callable[[io.BytesIO, Any, io.BytesIO], None]:
    def again(source: io.BytesIO, schema: Any, target: io.BytesIO) -> None:
        pytest.importorskip("pandas")
        import avrojet.pandas

        avrojet.pandas.to_avro(avrojet.pandas.read_avro(source, dtype_backend=backend), target, schema=schema)

    return again


def by_polars(source: io.BytesIO, schema: Any, target: io.BytesIO) -> None:
    pytest.importorskip("polars")
    import avrojet.polars

    avrojet.polars.write_avro(avrojet.polars.read_avro(source), target, schema=schema)


def by_duckdb(source: io.BytesIO, schema: Any, target: io.BytesIO) -> None:
    duckdb = pytest.importorskip("duckdb")
    stream = avrojet.read_arrow(source, types=ArrowTypes(decimals="decimal128"))  # noqa: F841
    with duckdb.connect() as connection:
        avrojet.write_arrow(target, connection.sql("SELECT * FROM stream"), schema)


def by_pyarrow(source: io.BytesIO, schema: Any, target: io.BytesIO) -> None:
    import pyarrow as pa

    avrojet.write_arrow(target, pa.table(avrojet.read_arrow(source)), schema)


WAYS = {
    "pyarrow": by_pyarrow,
    "pandas": by_pandas(None),
    "pandas, nullable": by_pandas("numpy_nullable"),
    "pandas, pyarrow": by_pandas("pyarrow"),
    "polars": by_polars,
    "duckdb": by_duckdb,
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("nest", NESTS)
def test_there_and_back(way, nest):
    schema, rows = shape(nest)
    source, target = io.BytesIO(), io.BytesIO()
    avrojet.write(source, schema, rows)
    before = [exact(row) for row in avrojet.read(io.BytesIO(source.getvalue()))]
    WAYS[way](io.BytesIO(source.getvalue()), schema, target)
    target.seek(0)
    with DataFileReader(target) as reader:
        assert reader.schema == parse_schema(schema)
        assert [exact(row) for row in reader] == before
