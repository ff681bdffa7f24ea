"""Arrow's types as Avro's, in every layout that a type has; schemas that are given; what does not fit."""

from __future__ import annotations

import datetime as dt
import io
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from avrojet import Duration, EncodeError, NanoDatetime, SchemaError, parse_schema, read, write_arrow
from avrojet.columns.source import ColumnSource
from tests.cases import for_each

pa = pytest.importorskip("pyarrow")

UTC = dt.UTC
DAY = dt.date(2024, 2, 29)
NOON = dt.datetime(2024, 2, 29, 12, 0, 1)
ID = UUID("12345678-1234-5678-1234-567812345678")


def logical(type: str, name: str) -> dict[str, Any]:
    return {"type": type, "logicalType": name}


def decimal(precision: int, scale: int) -> dict[str, Any]:
    return {"type": "bytes", "logicalType": "decimal", "precision": precision, "scale": scale}


def column(values: Any, type: Any) -> Any:
    return pa.array(values, type)


def union(*, dense: bool) -> Any:
    ids, ints, texts = (
        pa.array([0, 1, 0, 1], pa.int8()),
        pa.array([7, None], pa.int64()),
        pa.array(["a", "b"]),
    )
    if dense:
        return pa.UnionArray.from_dense(ids, pa.array([0, 0, 1, 1], pa.int32()), [ints, texts], ["i", "s"])
    ints, texts = pa.array([7, 0, None, 0], pa.int64()), pa.array(["", "a", "", "b"])
    return pa.UnionArray.from_sparse(ids, [ints, texts], ["i", "s"])


def runs(ends: list[int], values: list[Any], type: Any) -> Any:
    return pa.RunEndEncodedArray.from_arrays(pa.array(ends, type), pa.array(values))


DICTIONARY = {"type": "string", "arrow.dictionary": True}

# name, array, Avro type, rows (None: what pyarrow shows)
TYPES: list[tuple[str, Any, Any, list[Any] | None]] = [
    ("null", column([None, None], pa.null()), "null", None),
    ("bool", column([True, False, None] * 7, pa.bool_()), "boolean", None),
    *(
        (str(type), column([low, 0, None, high], type), "int", None)
        for type, low, high in [
            (pa.int8(), -128, 127),
            (pa.int16(), -(2**15), 2**15 - 1),
            (pa.int32(), -(2**31), 2**31 - 1),
            (pa.uint8(), 1, 255),
            (pa.uint16(), 1, 2**16 - 1),
        ]
    ),
    *(
        (str(type), column([low, 0, None, high], type), "long", None)
        for type, low, high in [
            (pa.int64(), -(2**63), 2**63 - 1),
            (pa.uint32(), 1, 2**32 - 1),
            (pa.uint64(), 1, 2**63 - 1),
        ]
    ),
    (
        "all lengths",
        column([1 << n for n in range(63)] + [-(1 << n) for n in range(64)], pa.int64()),
        "long",
        None,
    ),
    ("float16", pa.array([1.5, -0.0, 6e-8, 65504, float("inf")], pa.float16()), "float", None),
    ("float32", column([1.5, None, -2.25], pa.float32()), "float", None),
    ("float64", column([1.5, None, 0.1], pa.float64()), "double", None),
    *(
        (str(type), column(["", "a", None, "häß" * 9, "x" * 12, "y" * 13, "z" * 300], type), "string", None)
        for type in (pa.string(), pa.large_string(), pa.string_view())
    ),
    *(
        (str(type), column([b"", b"\xff", None, b"x" * 300, b"y" * 12], type), "bytes", None)
        for type in (pa.binary(), pa.large_binary(), pa.binary_view())
    ),
    ("fixed", column([b"abc", None], pa.binary(3)), {"type": "fixed", "name": "Row.c", "size": 3}, None),
    ("decimal32", column([Decimal("1.25"), None], pa.decimal32(5, 2)), decimal(5, 2), None),
    ("decimal64", column([Decimal("-1.25"), None], pa.decimal64(12, 2)), decimal(12, 2), None),
    (
        "decimal128",
        column(
            [Decimal(n) for n in ("-12345678901234567890.12", "0.00", "1.27", "1.28", "-1.28", "-1.29")],
            pa.decimal128(30, 2),
        ),
        decimal(30, 2),
        None,
    ),
    (
        "decimal256",
        column([Decimal(-(10**59)), Decimal(10**59), Decimal(-1)], pa.decimal256(60)),
        decimal(60, 0),
        None,
    ),
    (
        "decimal of scale above precision",
        pa.array([Decimal("0.0012")], pa.decimal128(4, 4)).view(pa.decimal128(2, 4)),
        decimal(4, 4),
        [Decimal("0.0012")],
    ),
    ("date32", column([DAY, None], pa.date32()), logical("int", "date"), None),
    ("date64", column([DAY, None], pa.date64()), logical("int", "date"), None),
    ("time32 s", column([NOON.time(), None], pa.time32("s")), logical("int", "time-millis"), None),
    ("time32 ms", column([NOON.time(), None], pa.time32("ms")), logical("int", "time-millis"), None),
    ("time64 us", column([NOON.time(), None], pa.time64("us")), logical("long", "time-micros"), None),
    ("time64 ns", column([NOON.time(), None], pa.time64("ns")), logical("long", "time-micros"), None),
    *(
        (
            f"timestamp {unit}",
            column([NOON, None], pa.timestamp(unit)),
            logical("long", f"local-timestamp-{name}"),
            None,
        )
        for unit, name in [("s", "millis"), ("ms", "millis"), ("us", "micros")]
    ),
    *(
        (
            f"instant {unit}",
            column([NOON, None], pa.timestamp(unit, "Europe/Berlin")),
            {**logical("long", f"timestamp-{name}"), "arrow.timezone": "Europe/Berlin"},
            [NOON.replace(tzinfo=UTC), None],
        )
        for unit, name in [("s", "millis"), ("ms", "millis"), ("us", "micros")]
    ),
    (
        "instant ns",
        column([10**18 + 1, None], pa.timestamp("ns", "UTC")),
        logical("long", "timestamp-nanos"),
        [NanoDatetime(2001, 9, 9, 1, 46, 40, tzinfo=UTC, nanosecond=1), None],
    ),
    ("duration", column([5, None], pa.duration("us")), {"type": "long", "arrow.format": "tDu"}, [5, None]),
    (
        "interval",
        column([pa.MonthDayNano([1, 2, 3_000_000]), None], pa.month_day_nano_interval()),
        {"type": "fixed", "name": "Row.c", "size": 12, "logicalType": "duration"},
        [Duration(1, 2, 3), None],
    ),
    *(
        (
            str(type),
            column([[1, 2], [], None, [None, 3]], type),
            {"type": "array", "items": ["null", "long"]},
            None,
        )
        for type in (
            pa.list_(pa.int64()),
            pa.large_list(pa.int64()),
            pa.list_view(pa.int64()),
            pa.large_list_view(pa.int64()),
        )
    ),
    (
        "fixed size list",
        column([[1, 2], None, [None, 3]], pa.list_(pa.int64(), 2)),
        {"type": "array", "items": ["null", "long"]},
        None,
    ),
    (
        "doubles",
        column([[1.0, 2.0], [], None, [3.0] * 40], pa.list_(pa.field("x", pa.float64(), nullable=False))),
        {"type": "array", "items": "double"},
        None,
    ),
    (
        "lists of lists",
        column([[["a"], None], [], None], pa.list_(pa.list_(pa.string()))),
        {"type": "array", "items": ["null", {"type": "array", "items": ["null", "string"]}]},
        None,
    ),
    (
        "map",
        column([[("a", 1), ("b", None)], None, []], pa.map_(pa.string(), pa.int32())),
        {"type": "map", "values": ["null", "int"]},
        [{"a": 1, "b": None}, None, {}],
    ),
    (
        "map of integers",
        column([[(2, "a"), (1, None)], None, []], pa.map_(pa.int32(), pa.string())),
        {
            "type": "array",
            "logicalType": "map",
            "items": {
                "type": "record",
                "name": "Row.c",
                "fields": [
                    {"name": "key", "type": "int"},
                    {"name": "value", "type": ["null", "string"], "default": None},
                ],
            },
        },
        [[{"key": 2, "value": "a"}, {"key": 1, "value": None}], None, []],
    ),
    (
        "decimal of a negative scale",
        column([Decimal(100), Decimal(-1200)], pa.decimal128(3, -2)),
        decimal(5, 0),
        [Decimal(100), Decimal(-1200)],
    ),
    (
        "struct",
        column(
            [{"x": 1, "y": "a"}, None, {"x": None, "y": "b"}],
            pa.struct([("x", pa.int32()), pa.field("y", pa.string(), nullable=False)]),
        ),
        {
            "type": "record",
            "name": "Row.c",
            "fields": [
                {"name": "x", "type": ["null", "int"], "default": None},
                {"name": "y", "type": "string"},
            ],
        },
        None,
    ),
    ("dictionary", pa.array(["a", "b", None, "a"]).dictionary_encode(), DICTIONARY, None),
    ("dictionary of int64", pa.array([7, None, 7]).dictionary_encode(), "long", None),
    (
        "dictionary of int8",
        pa.array(["a", "b", None] * 20).dictionary_encode().cast(pa.dictionary(pa.int8(), pa.string())),
        DICTIONARY,
        None,
    ),
    (
        "dictionary with a null",
        pa.DictionaryArray.from_arrays(pa.array([0, 1, None]), pa.array(["a", None])),
        DICTIONARY,
        None,
    ),
    ("dense union", union(dense=True), ["null", "long", "string"], None),
    ("sparse union", union(dense=False), ["null", "long", "string"], None),
    *(
        (f"runs {type}", runs([2, 5, 6], ["a", None, "b"], type), "string", None)
        for type in (pa.int16(), pa.int32(), pa.int64())
    ),
    (
        "uuid",
        pa.ExtensionArray.from_storage(pa.uuid(), pa.array([ID.bytes, None], pa.binary(16))),
        logical("string", "uuid"),
        [ID, None],
    ),
]
types = for_each(("array", "schema", "rows"), [each[1:] for each in TYPES], ids=[each[0] for each in TYPES])


def file_of(data: Any, *args: Any, **options: Any) -> Any:
    file = io.BytesIO()
    write_arrow(file, data, *args, **options)
    file.seek(0)
    return file


def rows_of(data: Any, *args: Any, **options: Any) -> list[Any]:
    rows = read(file_of(data, *args, **options))
    return [row["c"] if isinstance(row, dict) and list(row) == ["c"] else row for row in rows]


def table(array: Any, *, nullable: bool = True) -> Any:
    return pa.table([array], schema=pa.schema([pa.field("c", array.type, nullable=nullable)]))


@types
def test_a_type_and_its_values(array, schema, rows):
    rows = array.to_pylist() if rows is None else rows
    made = ColumnSource(table(array)).schema()
    wanted = schema if schema == "null" or isinstance(schema, list) else ["null", schema]
    field = {"name": "c", "type": wanted, **({} if schema == "null" else {"default": None})}
    assert made == parse_schema({"type": "record", "name": "Row", "fields": [field]})
    assert rows_of(table(array)) == rows


@types
def test_slices_and_chunks(array, schema, rows):
    rows = array.to_pylist() if rows is None else rows
    for start in range(len(array) + 1):
        assert rows_of(table(array.slice(start))) == rows[start:]
    chunks = pa.chunked_array([array, array.slice(1, 1), array.slice(0, 0), array])
    assert rows_of(table(chunks)) == rows + rows[1:2] + rows


@types
def test_within_structs_and_lists(array, schema, rows):
    rows = array.to_pylist() if rows is None else rows
    if not pa.types.is_run_end_encoded(array.type) and not pa.types.is_union(array.type):
        offsets = pa.array([0, 1, 1, len(array)], pa.int32())
        lists = pa.ListArray.from_arrays(offsets, array)
        assert rows_of(table(lists.slice(1))) == [[], rows[1:]]
    struct = pa.StructArray.from_arrays([array], ["inner"]).slice(1)
    assert rows_of(table(struct)) == [{"inner": row} for row in rows[1:]]


@types
def test_an_array_by_itself(array, schema, rows):
    rows = array.to_pylist() if rows is None else rows
    if isinstance(schema, dict) and schema["type"] == "record":
        return  # a struct is a table
    assert rows_of(array) == rows
    assert rows_of(pa.chunked_array([array])) == rows


# What is given: an Arrow array, a schema, what is written.
GIVEN: list[tuple[Any, Any, list[Any]]] = [
    (column([1, 2], pa.int8()), "long", [1, 2]),
    (column([1, 2], pa.int64()), "int", [1, 2]),
    (column([1, 2], pa.uint64()), "float", [1.0, 2.0]),
    (column([2**53, -(2**53)], pa.int64()), "double", [2.0**53, -(2.0**53)]),
    (column([1.5], pa.float16()), "double", [1.5]),
    (column([1.5], pa.float32()), "double", [1.5]),
    (column(["b", "a"], pa.string()), {"type": "enum", "name": "E", "symbols": ["a", "b"]}, ["b", "a"]),
    (
        column(["b", None], pa.string_view()),
        ["null", {"type": "enum", "name": "E", "symbols": ["a", "b"]}],
        ["b", None],
    ),
    (
        pa.array(["b", "a", "b"]).dictionary_encode(),
        {"type": "enum", "name": "E", "symbols": ["x", "a", "b"]},
        ["b", "a", "b"],
    ),
    (column(["a"], pa.string()), "bytes", [b"a"]),
    (column(["ä".encode()], pa.large_binary()), "string", ["ä"]),
    (column([b"abc"], pa.binary(3)), "bytes", [b"abc"]),
    (column([b"abc"], pa.binary()), {"type": "fixed", "name": "F", "size": 3}, [b"abc"]),
    (column([str(ID)], pa.string()), logical("string", "uuid"), [ID]),
    (column([ID.bytes], pa.binary(16)), logical("string", "uuid"), [ID]),
    (column([ID.bytes], pa.binary_view()), logical("string", "uuid"), [ID]),
    (column([str(ID)], pa.string()), {"type": "fixed", "name": "F", "size": 16, "logicalType": "uuid"}, [ID]),
    (
        column([ID.bytes], pa.binary()),
        {"type": "fixed", "name": "F", "size": 16, "logicalType": "uuid"},
        [ID],
    ),
    (
        column([Decimal("-1.50")], pa.decimal128(9, 2)),
        {"type": "fixed", "name": "F", "size": 5, "logicalType": "decimal", "precision": 4, "scale": 2},
        [Decimal("-1.50")],
    ),
    (
        column([1500], pa.timestamp("us", "UTC")),
        logical("long", "timestamp-nanos"),
        [NanoDatetime(1970, 1, 1, 0, 0, 0, 1500, tzinfo=UTC)],
    ),
    (
        column([-1_000_000], pa.timestamp("ns")),
        logical("long", "local-timestamp-millis"),
        [dt.datetime(1969, 12, 31, 23, 59, 59, 999000)],
    ),
    (column([59708], pa.int32()), logical("int", "date"), [dt.date(2133, 6, 23)]),
    (
        column([pa.MonthDayNano([0, 0, 0])], pa.month_day_nano_interval()),
        {"type": "fixed", "name": "F", "size": 12, "logicalType": "duration"},
        [Duration(0, 0, 0)],
    ),
    (column([1, None], pa.int32()), ["long", "null"], [1, None]),
    (column(["a"], pa.string()), ["null", "bytes", "string"], ["a"]),
    (column([1], pa.int32()), ["null", "long", "int"], [1]),
    (column([1], pa.int32()), ["string", "double"], [1.0]),
    (column([None], pa.null()), ["string", "null"], [None]),
    (union(dense=True), ["string", "long", "null"], [7, "a", None, "b"]),
    (
        column(
            [[{"key": "a", "value": 1}]], pa.list_(pa.struct([("key", pa.string()), ("value", pa.int64())]))
        ),
        {"type": "map", "values": "long"},
        [{"a": 1}],
    ),
]


@pytest.mark.parametrize(
    ("array", "schema", "rows"), GIVEN, ids=lambda value: None if isinstance(value, list) else str(value)[:40]
)
def test_a_schema_that_is_given(array, schema, rows):
    record = {"type": "record", "name": "R", "fields": [{"name": "c", "type": schema}]}
    assert rows_of(table(array), record) == rows
    assert rows_of(table(array.slice(1)), record) == rows[1:]
    assert rows_of(array, schema) == rows


ENUM = {"type": "enum", "name": "E", "symbols": ["a", "b", "longer"]}
SYMBOLS = ["b", "none of them", "a", None, "longer"]


@pytest.mark.parametrize("type", [pa.string(), pa.large_string(), pa.string_view()], ids=str)
@pytest.mark.parametrize("rows", [1, 4, 5, 300], ids="{} rows".format)
@pytest.mark.parametrize("nullable", [True, False])
def test_symbols_of_a_dictionary(type, rows, nullable):
    """They are found once, if there are as many rows. What is no symbol may be there for no row."""
    indices: list[int | None] = [(0, 2, 4, 2)[row % 4] for row in range(rows)]
    expected = [SYMBOLS[index] for index in indices]
    if nullable and rows > 3:
        indices[1], expected[1] = 3, None
        indices[2], expected[2] = None, None
    array = pa.DictionaryArray.from_arrays(pa.array(indices, pa.int8()), pa.array(SYMBOLS, type))
    schema = {"type": "record", "name": "R", "fields": [{"name": "c", "type": ["null", ENUM]}]}
    if not nullable:
        schema["fields"] = [{"name": "c", "type": ENUM}]
    assert rows_of(table(array), schema) == expected
    assert rows_of(table(array.slice(1)), schema) == expected[1:]
    # Another dictionary in each batch.
    other = pa.DictionaryArray.from_arrays(pa.array([0] * 3, pa.int8()), pa.array(["longer"], type))
    both = pa.Table.from_batches([*table(array).to_batches(), *table(other).to_batches()])
    assert rows_of(both, schema) == [*expected, *["longer"] * 3]


@pytest.mark.parametrize("rows", [2, 300])
def test_a_dictionary_of_what_is_no_symbol(rows):
    array = pa.DictionaryArray.from_arrays(
        pa.array([0] * (rows - 1) + [1], pa.int32()), pa.array(SYMBOLS[:2])
    )
    schema = {"type": "record", "name": "R", "fields": [{"name": "c", "type": ENUM}]}
    with pytest.raises(EncodeError, match="not a symbol") as caught:
        rows_of(table(array), schema)
    assert caught.value.row == rows - 1
    plain = table(array.dictionary_decode())
    with pytest.raises(EncodeError) as expected:
        rows_of(plain, schema)
    assert str(caught.value) == str(expected.value)


def test_members_become_a_union_again():
    type = pa.struct([("member0", pa.int32()), ("member1", pa.string())])
    array = pa.array([{"member0": 1}, {"member1": "a"}, None, {}], type)
    assert rows_of(
        table(array),
        {"type": "record", "name": "R", "fields": [{"name": "c", "type": ["int", "null", "string"]}]},
    ) == [1, "a", None, None]


RECORD = {
    "type": "record",
    "name": "R",
    "fields": [
        {"name": "a", "type": "long"},
        {"name": "b", "type": ["null", "string"]},
        {"name": "c", "type": {"type": "array", "items": "int"}, "default": [1, 2]},
        {"name": "d", "type": "double", "aliases": ["delta"], "default": 0.5},
    ],
}


def test_columns_go_by_their_names():
    data = pa.table({"delta": [1.5, 2.5], "a": [1, 2]})
    assert read(file_of(data, RECORD)) == [
        {"a": 1, "b": None, "c": [1, 2], "d": 1.5},
        {"a": 2, "b": None, "c": [1, 2], "d": 2.5},
    ]
    with pytest.raises(SchemaError, match=r"^\$\.a: there is no such column"):
        file_of(pa.table({"b": ["x"]}), RECORD)
    extra = pa.table({"a": [1], "x": [1]})
    with pytest.raises(SchemaError, match="no field 'x'.*extra_columns"):
        file_of(extra, RECORD)
    assert len(read(file_of(extra, RECORD, extra_columns="ignore"))) == 1
    with pytest.raises(ValueError, match="extra_columns"):
        file_of(extra, RECORD, extra_columns="drop")


# Arrow array, schema, the place and what the message says
NO_SCHEMA: list[tuple[Any, Any, str]] = [
    (pa.StructArray.from_arrays([pa.array([1])], ["a b"]), None, r"^\$\.c\.a b: .*rename it"),
    (pa.StructArray.from_arrays([pa.array([1])] * 2, ["a", "a"]), None, r"^\$\.c\.a: .*two columns"),
    (
        column([1.5], pa.float64()),
        "long",
        r"^\$\.c: the column is double, which does not fit long: cast it to int64",
    ),
    (column(["a"], pa.string()), "int", "does not fit int"),
    (column([[1]], pa.list_(pa.int64())), {"type": "array", "items": "string"}, r"^\$\.c\[\]: "),
    (
        column([{"x": 1}], pa.struct([("x", pa.int64())])),
        {"type": "record", "name": "S", "fields": [{"name": "x", "type": "string"}]},
        r"^\$\.c\.x: ",
    ),
    (column([0], pa.timestamp("us")), logical("long", "timestamp-micros"), "no time zone"),
    (column([0], pa.timestamp("us", "UTC")), logical("long", "local-timestamp-micros"), "has a time zone"),
    (column([0], pa.timestamp("us", "UTC")), "long", "does not fit long"),
    (column([b"ab"], pa.binary(2)), {"type": "fixed", "name": "F", "size": 3}, "does not fit fixed F"),
    (column([True], pa.bool_()), ["null", "string", "long"], "does not fit union"),
    (
        pa.UnionArray.from_sparse(
            pa.array([0], pa.int8()), [pa.array([1], pa.int32()), pa.array([1], pa.int16())]
        ),
        None,
        "two members of Avro's type int",
    ),
]


@pytest.mark.parametrize(("array", "schema", "message"), NO_SCHEMA, ids=[each[2][:30] for each in NO_SCHEMA])
def test_what_gives_no_schema_or_does_not_fit_it(array, schema, message, tmp_path):
    record = schema and {"type": "record", "name": "R", "fields": [{"name": "c", "type": schema}]}
    target = tmp_path / "none.avro"
    with pytest.raises(SchemaError, match=message) as caught:
        write_arrow(target, table(array), record)
    assert caught.value.path is not None
    assert not target.exists()


# Arrow array whose last value does not fit, schema, what the message says
MISFITS: list[tuple[Any, Any, str]] = [
    (column([1, None], pa.int64()), "long", "null where the schema allows none"),
    (column([1, 2**63], pa.uint64()), "long", "9223372036854775808 is out of range"),
    (column([1, 2**31], pa.int64()), "int", "2147483648 is out of range"),
    (column([1, -(2**31) - 1], pa.int64()), "int", "-2147483649 is out of range"),
    (column([1, 1e39], pa.float64()), "float", r"1e\+39 is out of range"),
    (column([1, -3.5e38], pa.float64()), "float", r"-3\.5e\+38 is out of range"),
    (
        column([0, 1500], pa.timestamp("ns", "UTC")),
        logical("long", "timestamp-micros"),
        "1500 is not a whole number",
    ),
    (column([0, 2**62], pa.timestamp("s", "UTC")), logical("long", "timestamp-nanos"), "is out of range"),
    (column([0, 1], pa.time64("ns")), logical("long", "time-micros"), "1 is not a whole number"),
    (column([0, 86400], pa.int32()).cast(pa.time32("s")), logical("int", "time-millis"), "is out of range"),
    (column([0, 1], pa.int64()).view(pa.date64()), logical("int", "date"), "1 is not a whole number"),
    (column([b"a", b"\xff"], pa.binary()), "string", "not UTF-8"),
    (column([b"a", b"\xff"], pa.large_binary()), "string", "not UTF-8"),
    (column([b"a", b"\xff"], pa.binary_view()), "string", "not UTF-8"),
    (column([b"\xc3\xa4", b"\xc3", b"\xa4"], pa.binary())[:2], "string", "not UTF-8"),
    (column([b"abc", b"ab"], pa.binary()), {"type": "fixed", "name": "F", "size": 3}, "2 bytes"),
    (column(["a", "c"], pa.string()), {"type": "enum", "name": "E", "symbols": ["a", "b"]}, "not a symbol"),
    (column([str(ID), "x"], pa.string()), logical("string", "uuid"), "not a UUID"),
    (
        column([Decimal(1), Decimal(100)], pa.decimal128(9)),
        decimal(2, 0),
        "more digits than the decimal's precision",
    ),
    (
        column([pa.MonthDayNano([0, 0, 0]), pa.MonthDayNano([0, -1, 0])], pa.month_day_nano_interval()),
        {"type": "fixed", "name": "F", "size": 12, "logicalType": "duration"},
        "an interval",
    ),
    (column([[1], [1, 2**31]], pa.list_(pa.int64())), {"type": "array", "items": "int"}, "out of range"),
    (
        column(
            [{"member0": 1}, {"member0": 1, "member1": "a"}],
            pa.struct([("member0", pa.int32()), ("member1", pa.string())]),
        ),
        ["int", "string"],
        "more than one member",
    ),
    (
        column([{"member0": 1}, {}], pa.struct([("member0", pa.int32()), ("member1", pa.string())])),
        ["int", "string"],
        "no member",
    ),
]


@pytest.mark.parametrize(("array", "schema", "message"), MISFITS, ids=[each[2][:30] for each in MISFITS])
def test_a_value_that_does_not_fit(array, schema, message):
    record = {"type": "record", "name": "R", "fields": [{"name": "c", "type": schema}]}
    data = pa.table([pa.chunked_array([array[:1], array])], ["c"])
    with pytest.raises(EncodeError, match=message) as caught:
        file_of(data, record)
    assert "row 2" in str(caught.value)
    assert caught.value.path.startswith("$.c")
