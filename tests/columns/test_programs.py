"""Programs that fill columns: nested in all ways, and what a program must fit before it is run."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from avrojet import ArrowTypes, Decoder, Encoder, parse_schema
from avrojet.columns.plan import ColumnPlan
from avrojet.core.arrow.producer import Batch
from avrojet.core.columns.column_set import ColumnSet
from avrojet.core.plan.plan import freeze
from avrojet.plan.arrow.layout import is_wrapped, table_column
from avrojet.plan.resolve import resolve
from tests.compare import exact
from tests.strategies import FIXED, LOGICAL, PRIMITIVES
from tests.vectors import array, enum, mapping, record, wrapper

shown = pytest.importorskip("tests.columns.shown", exc_type=ImportError)

LEAVES: dict[str, tuple[Any, Any]] = {
    "null": ("null", None),
    "boolean": ("boolean", True),
    "int": ("int", -70),
    "long": ("long", 1 << 40),
    "float": ("float", 0.5),
    "double": ("double", -1.5),
    "bytes": ("bytes", b"\0\xff"),
    "string": ("string", "aé"),
    "no text": ("string", ""),
    "long text": ("string", "x" * 100),
    "date": ({"type": "int", "logicalType": "date"}, 7),
    "time": ({"type": "long", "logicalType": "time-micros"}, 7),
    "decimal": ({"type": "bytes", "logicalType": "decimal", "precision": 4, "scale": 2}, b"\1\2"),
    "uuid": ({"type": "string", "logicalType": "uuid"}, "00112233-4455-6677-8899-aabbccddeeff"),
    "fixed": ({"type": "fixed", "name": "F", "size": 3}, b"abc"),
    "enum": (enum("A", "B"), "B"),
    "array": (array("int"), [1, 2]),
    "map": (mapping("boolean"), {"a": True}),
    "nullable": (["null", "double"], ("double", 1.5)),
}

# The schema around a nullable one, the same of a reader's schema, and the value around one of its values.
NESTED: dict[str, tuple[Any, Any, Any]] = {
    "top": (lambda s: s, None, lambda v: v),
    "array": (array, None, lambda v: [v, None, v]),
    "map": (mapping, None, lambda v: {"a": v, "b": None}),
    "record": (lambda s: record("Top", f=s), None, lambda v: {"f": v}),
    "first": (lambda s: record("Top", f=s, g="int"), None, lambda v: {"f": v, "g": 1}),
    "last": (lambda s: record("Top", f="string", g=s), None, lambda v: {"f": "", "g": v}),
    "empty": (lambda s: record("Top", f=record("None"), g=s), None, lambda v: {"f": {}, "g": v}),
    "array of records": (lambda s: array(record("Item", f=s)), None, lambda v: [{"f": v}, {"f": None}]),
    "default": (
        lambda s: record("Top", f=s),
        lambda s: {
            **record("Top", f=s),
            "fields": [{"name": "x", "type": "string", "default": "d"}, {"name": "f", "type": s}],
        },
        lambda v: {"f": v},
    ),
}


# Kind of strings, and which rows have a value: few, all, none, every other.
RUNS: list[tuple[Any, list[bool]]] = [
    ("small", [row % 97 == 3 for row in range(5_000)]),
    ("small", [row % 17 == 3 for row in range(50)]),
    ("small", [True] * 50),
    ("small", [False] * 50),
    ("small", [row % 2 == 0 for row in range(50)]),
    ("large", [row % 17 == 3 for row in range(50)]),
    ("view", [row % 17 == 3 for row in range(50)]),
]


@pytest.mark.slow
@pytest.mark.parametrize("nested", NESTED)
@pytest.mark.parametrize("leaf", LEAVES)
def test_nullable_records_of_one_field(leaf, nested):
    type, value = LEAVES[leaf]
    around, reader_around, wrapped = NESTED[nested]
    inner = record("Inner", v=type)
    for one, there in ((wrapper(type), {"v": value}), (record("Outer", w=inner), {"w": {"v": value}})):
        for nullable in (["null", one], [one, "null"]):
            writer = parse_schema(around(nullable))
            reader = parse_schema(reader_around(nullable)) if reader_around else writer
            values = [wrapped(None), wrapped((one["name"], there))]
            check(writer, reader, values)


def check(writer: Any, reader: Any, values: list[Any]) -> None:
    encoder = Encoder(writer, logical_types=False)
    decoder = Decoder(writer, reader, logical_types=False, unions="tagged")
    encoded = [encoder.encode(value) for value in values]
    rows = [shown.expected(reader, decoder.decode(each)) for each in encoded]
    for strings, pattern in RUNS:
        plan = ColumnPlan(writer, reader, types=ArrowTypes(strings=strings))
        columns = plan.column_set()
        count = len(pattern)
        columns.fill(b"".join([encoded[there] for there in pattern]), count, 0, count)
        places = [0, 1, 2, 3, 4, count // 2, count - 2, count - 1]
        got = shown.rows_of(Batch(columns), places)
        got = [row["value"] for row in got] if is_wrapped(reader) else got
        assert exact(got) == exact([rows[pattern[place]] for place in places])


@pytest.mark.parametrize("unions", ["struct", "sparse", "dense"])
def test_nulls_of_a_union_of_more_types_are_its_null_member(unions):
    for writer in (["null", "int"], ["int", "null"], ["int", "boolean", "null"], "null"):
        decoder = Decoder(writer, ["string", "null", "int", "boolean"])
        batch = decoder.decode_arrow([Encoder(writer).encode(None)] * 3, types=ArrowTypes(unions=unions))
        union = shown.pa.record_batch(batch).column(0)
        if unions == "struct":
            assert union.to_pylist() == [None] * 3
        else:
            assert union.type_codes.to_pylist() == [1, 1, 1]


# A plan and columns that are not of the same schema: nothing but a mistake in avrojet brings them together.

TYPES: list[Any] = [
    *PRIMITIVES,
    *LOGICAL,
    *({"name": "F", **each} for each in FIXED),
    enum("A", "B"),
    array("long"),
    mapping("int"),
    record("One", a="string"),
    ["null", "string"],
    ["null", "boolean", "int"],
]


@pytest.mark.parametrize("choice", range(3))
@pytest.mark.parametrize("wrap", ["plain", "nullable", "array", "record", "map"])
def test_a_program_that_does_not_fit_its_columns_is_never_run(wrap, choice):
    wraps: dict[str, Any] = {
        "plain": lambda t: t,
        "nullable": lambda t: t if isinstance(t, list) or t == "null" else ["null", t],
        "array": array,
        "record": lambda t: record("Wrap", w=t),
        "map": mapping,
    }
    types = [
        ArrowTypes(),
        ArrowTypes(strings="large", unions="sparse", durations="interval"),
        ArrowTypes(strings="view", unions="dense"),
    ][choice]
    refused = 0
    schemas = [parse_schema(wraps[wrap](type)) for type in TYPES]
    layouts = [table_column(schema, types=types) for schema in schemas]
    for (schema, own), layout in product(zip(schemas, layouts, strict=True), layouts):
        plan = freeze(resolve(schema), tagged=lambda branch: True)
        try:
            ColumnSet(plan, layout, is_wrapped(schema))
        except (RuntimeError, ValueError, IndexError, KeyError, TypeError) as error:
            assert layout is not own, error
            refused += isinstance(error, RuntimeError)
    assert refused > 200
