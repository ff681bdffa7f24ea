"""Columns hold what rows show: vectors, random schemas, readers' schemas, subsets of columns."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from hypothesis import assume, event, given
from hypothesis import strategies as st

from avrojet import (
    ArrowTypes,
    AvroError,
    DecodeError,
    Decoder,
    Encoder,
    ResolutionError,
    SchemaError,
    TruncatedError,
    parse_schema,
)
from avrojet.columns.plan import ColumnPlan
from avrojet.core.arrow.producer import Batch
from avrojet.plan.arrow.layout import is_wrapped
from avrojet.schema.model import Schema
from tests import reference
from tests.cases import for_each
from tests.columns.schemas import arrow_writers
from tests.compare import exact
from tests.strategies import Rows, many, readers, values, writers
from tests.vectors import VECTORS, by_name

shown = pytest.importorskip("tests.columns.shown", exc_type=ImportError)
# Readers have defaults that are of no use, too.
pytestmark = pytest.mark.filterwarnings("ignore::avrojet.UnreadableDefaultWarning")


def column_plan(*args: Any, **options: Any) -> ColumnPlan:
    """The plan, if the drawn schemas have one."""
    try:
        return ColumnPlan(*args, **options)
    except ResolutionError:
        assume(False)
        raise
    except SchemaError as error:
        assert "contains itself" in str(error) or "is none of" in str(error)
        assume(False)
        raise


def columns_of(plan: ColumnPlan, data: bytes, count: int, rows: list[int] | None = None) -> list[Any]:
    """What the columns show of the rows with those numbers, by default of all."""
    columns = plan.column_set()
    assert columns.fill(data, count, 0, count) == len(data)
    shown_rows = shown.rows_of(Batch(columns), rows)
    return [row["value"] for row in shown_rows] if is_wrapped(plan.reader) else shown_rows


def outcome(read: Any) -> Any:
    try:
        return exact(read())
    except (AvroError, shown.UnfitError, reference.MismatchError, reference.MalformedError):
        return "refused"


def row_as_columns(plan: ColumnPlan, encoded: bytes, *, logical: bool) -> Any:
    decoder = Decoder(plan.writer, plan.reader, logical_types=False, unions="tagged")
    return shown.expected(plan.reader, decoder.decode(encoded), logical=logical)


class Plain(reference.Shown):
    """Plain values, found by the rules for logical types: in the reader's unit, its defaults of use."""

    def leaf(self, schema: Schema, value: Any) -> Any:
        return value

    def default(self, schema: Schema, value: Any) -> Any:
        super().leaf(schema, value)
        return value


def resolved_as_columns(writer: Schema, reader: Schema, data: bytes, *, logical: bool) -> Any:
    source = reference.Reader(data, 0, Plain(logical, tagged=True))
    return shown.expected(reader, reference.resolved(writer, reader, source), logical=logical)


CHOICES = [
    ArrowTypes(),
    ArrowTypes(strings="large", unions="sparse"),
    ArrowTypes(strings="view", lists="large", unions="dense", durations="interval"),
]


@pytest.mark.parametrize("count", [3, 500])
@pytest.mark.parametrize("types", CHOICES, ids=lambda types: types.unions)
@pytest.mark.parametrize("logical", [True, False])
@for_each("vector", VECTORS, ids=by_name)
def test_vectors(vector, logical, types, count):
    schema = parse_schema(vector.schema)
    try:
        plan = ColumnPlan(schema, logical_types=logical, types=types)
    except SchemaError as error:
        assert "contains itself" in str(error) or "is none of" in str(error)
        return
    data = vector.data * count
    if types.durations == "interval" and not fits_intervals(plan, data, count):
        assert vector.name == "duration"
        return
    rows = [0, 1, count // 2, count - 1]
    expected = row_as_columns(plan, vector.data, logical=logical)
    assert exact(columns_of(plan, data, count, rows)) == exact([expected] * len(rows))


TYPES = st.builds(
    ArrowTypes,
    strings=st.sampled_from(["small", "large", "view"]),
    unions=st.sampled_from(["struct", "sparse", "dense"]),
    durations=st.sampled_from(["fixed", "interval"]),
    decimals=st.sampled_from(["exact", "decimal128", "decimal256", "text", "double"]),
)


def check_rows(
    plan: ColumnPlan, rows: Rows, read: Callable[[Any, bytes], Any], *, logical: bool, types: ArrowTypes
) -> None:
    """Columns of the rows show what is expected of each, or are refused where one of these is.

    :param read: what a row of the value and its bytes should show.
    """
    encoded = [reference.encode(plan.writer, value, logical=False) for value in rows.values]
    data = b"".join(rows.all_of(encoded))
    pairs = list(zip(rows.values, encoded, strict=True))
    each = {number: outcome(partial(read, *pairs[number])) for number in set(rows.order)}
    refused = "refused" in each.values()
    if types.durations == "interval" and not refused:
        assume(fits_intervals(plan, data, len(rows)))
    event("refused" if refused else "read")
    got = outcome(lambda: columns_of(plan, data, len(rows), rows.shown))
    assert got == ("refused" if refused else (list, [each[rows.order[row]] for row in rows.shown]))


@pytest.mark.slow
@given(st.data(), st.booleans(), TYPES)
def test_random_schemas(data, logical, types):
    schema = parse_schema(data.draw(arrow_writers()))
    plan = column_plan(schema, logical_types=logical, types=types)
    show = partial(shown.expected, schema, logical=logical, decimals=types.decimals)
    read = lambda value, _: show(value)  # noqa: E731
    check_rows(plan, data.draw(many(schema)), read, logical=logical, types=types)


def fits_intervals(plan: ColumnPlan, data: bytes, count: int) -> bool:
    """Arrow's months and days have a sign, and so half the range."""
    try:
        columns_of(plan, data, count)
    except DecodeError as error:
        assert "cannot hold" in str(error)
        return False
    return True


@pytest.mark.slow
@given(st.data(), st.booleans(), TYPES)
def test_readers_schemas(data, logical, types):
    source = data.draw(writers())
    writer, reader = parse_schema(source), parse_schema(data.draw(readers(source)))
    plan = column_plan(writer, reader, logical_types=logical, types=types)
    read = lambda _, encoded: resolved_as_columns(writer, reader, encoded, logical=logical)  # noqa: E731
    check_rows(plan, data.draw(many(writer)), read, logical=logical, types=types)


@pytest.mark.slow
@given(st.data())
def test_cut_and_changed_bytes(data):
    """Whatever the bytes, columns refuse them where rows of the plain encoding do, and only there."""
    schema = parse_schema(data.draw(writers()))
    plan = column_plan(schema, logical_types=False)
    encoded = bytearray(reference.encode(schema, data.draw(values(schema)), logical=False) * 2)
    assume(encoded)
    place = data.draw(st.integers(0, len(encoded) - 1))
    if data.draw(st.booleans()):
        del encoded[place:]
    else:
        encoded[place] ^= 1 << data.draw(st.integers(0, 7))
    decoder = Decoder(schema, logical_types=False)
    columns = plan.column_set()
    try:
        end = decoder._decode_block(bytes(encoded), 2)[1]
    except DecodeError:
        with pytest.raises(DecodeError):
            columns.fill(bytes(encoded), 2, 0, 2)
    else:
        assert columns.fill(bytes(encoded), 2, 0, 2) == end
        shown.rows_of(Batch(columns))


NESTED = {
    "type": "record",
    "name": "Order",
    "fields": [
        {"name": "id", "type": "long"},
        {"name": "note", "type": ["null", "string"]},
        {
            "name": "customer",
            "type": {
                "type": "record",
                "name": "Customer",
                "fields": [{"name": "name", "type": "string"}, {"name": "age", "type": "int"}],
            },
        },
        {
            "name": "items",
            "type": {
                "type": "array",
                "items": {
                    "type": "record",
                    "name": "Item",
                    "fields": [{"name": "sku", "type": "string"}, {"name": "price", "type": "double"}],
                },
            },
        },
    ],
}
ORDERS = [
    {
        "id": number,
        "note": None if number % 3 else f"ö{number}",
        "customer": {"name": "ab" * number, "age": number},
        "items": [{"sku": f"s{i}", "price": i / 2} for i in range(number % 4)],
    }
    for number in range(50)
]


@pytest.mark.parametrize(
    "columns",
    [["id"], ["note", "id"], ["customer.name"], ["items.price", "customer"], ["items"]],
    ids=",".join,
)
def test_subsets_of_columns(columns):
    schema = parse_schema(NESTED)
    plan = ColumnPlan(schema, columns=columns)
    data = b"".join(reference.encode(schema, order) for order in ORDERS)
    decoder = Decoder(schema, plan.reader)
    assert columns_of(plan, data, len(ORDERS)) == decoder.decode_many(data)


def test_every_prefix_is_cut_short():
    schema = parse_schema(NESTED)
    data = reference.encode(schema, ORDERS[3])
    for end in range(len(data)):
        with pytest.raises(TruncatedError):
            ColumnPlan(schema).column_set().fill(data[:end], 1, 0, 1)


@pytest.mark.parametrize("kind", ["array", "map"])
@pytest.mark.parametrize("plain", ["double", "long", "string"])
def test_items_that_are_records_of_one_field(kind, plain):
    item = {"type": "record", "name": "Item", "fields": [{"name": "only", "type": plain}]}
    value = {"double": 0.5, "long": 3, "string": "x"}[plain]
    schema = parse_schema({"type": kind, "items": item, "values": item})
    row = [{"only": value}] * 3 if kind == "array" else {"a": {"only": value}}
    data = Encoder(schema).encode(row)
    want = row if kind == "array" else list(row.items())
    assert columns_of(ColumnPlan(schema), data * 5, 5) == [want] * 5


@pytest.mark.parametrize(
    "change", [{"strings": "wide"}, {"lists": "view"}, {"unions": "tagged"}, {"durations": None}]
)
def test_types_that_arrow_does_not_offer(change):
    with pytest.raises(ValueError, match=f"ArrowTypes.{next(iter(change))} is one of"):
        ArrowTypes(**change)


def test_arrows_unions_have_at_most_128_members():
    fixeds = [{"type": "fixed", "name": f"F{size}", "size": size} for size in range(1, 129)]
    assert ColumnPlan(parse_schema(fixeds), types=ArrowTypes(unions="dense")).layout.children
    for unions in ("sparse", "dense"):
        with pytest.raises(SchemaError, match="at most 128 members, this one has 129"):
            ColumnPlan(parse_schema(["null", *fixeds]), types=ArrowTypes(unions=unions))


def test_what_fields_say_of_themselves():
    schema = {
        "type": "record",
        "name": "R",
        "fields": [{"name": "f", "type": "long", "doc": "how many", "aliases": ["old", "older"]}],
    }
    (column,) = ColumnPlan(parse_schema(schema)).layout.children
    assert column.metadata == {"avro.doc": "how many", "avro.aliases": '["old", "older"]'}


@pytest.mark.slow
@given(st.data(), TYPES)
def test_data_that_fail_leave_no_trace(data, types):
    """Rows before and after the failure are as if it had not been, whatever it had begun to add."""
    schema = parse_schema(data.draw(writers()))
    plan = column_plan(schema, logical_types=False, types=types)
    good = [reference.encode(schema, value, logical=False) for value in data.draw(st.lists(values(schema)))]
    bad = bytearray(b"".join(good[:3]))
    assume(bad)
    place = data.draw(st.integers(0, len(bad) - 1))
    bad[place:] = data.draw(st.binary(max_size=4))
    columns = plan.column_set()
    assert columns.fill(b"".join(good), len(good), 0, 0) == sum(map(len, good))
    try:
        columns.fill(bytes(bad), 3, 0, 0)
        columns.cut(len(good))
    except AvroError:
        event("failed")
    assert columns.rows == len(good)
    columns.fill(b"".join(good), len(good), 0, 0)
    expected = shown.rows_of(once(plan, b"".join(good) * 2, 2 * len(good)))
    assert exact(shown.rows_of(Batch(columns))) == exact(expected)


def once(plan: ColumnPlan, data: bytes, count: int) -> Batch:
    columns = plan.column_set()
    columns.fill(data, count, 0, count)
    return Batch(columns)


def test_rows_are_cut_from_the_end_only():
    columns = ColumnPlan(parse_schema('"long"')).column_set()
    columns.fill(b"\x02\x04\x06", 3, 0, 0)
    for rows in (-1, 4):
        with pytest.raises(ValueError, match="of 3"):
            columns.cut(rows)
    columns.cut(1)
    assert shown.rows_of(Batch(columns)) == [{"value": 1}]
