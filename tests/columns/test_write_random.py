"""What columns of any schema become again: the data that they were read from."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avrojet import ArrowTypes, DecodeError, Decoder, EncodeError, Encoder, SchemaError, parse_schema
from avrojet.columns.plan import ColumnPlan
from avrojet.columns.source import ColumnSource
from avrojet.core.arrow.producer import Batch
from tests import reference
from tests.cases import for_each
from tests.columns.schemas import arrow_writers
from tests.compare import exact
from tests.strategies import many
from tests.vectors import VECTORS, by_name

pa = pytest.importorskip("pyarrow")
shown = pytest.importorskip("tests.columns.shown", exc_type=ImportError)


STANDARD = ArrowTypes()
TYPES = [
    STANDARD,
    ArrowTypes(strings="large", unions="sparse", durations="interval", decimals="decimal256"),
    ArrowTypes(strings="view", unions="dense", decimals="text"),
]


def batch_of(schema: Any, data: bytes, count: int, *, logical: bool, types: Any = STANDARD) -> Any:
    columns = ColumnPlan(schema, logical_types=logical, types=types).column_set()
    columns.fill(data, count, 0, count)
    return pa.record_batch(Batch(columns))


def written(schema: Any, table: Any, *, logical: bool) -> bytes:
    return b"".join(pa.array(Encoder(schema, logical_types=logical).encode_arrow(table)).to_pylist())


def check(schema: Any, data: bytes, count: int, rows: list[int], *, logical: bool, types: Any) -> None:
    """Look at the rows with those numbers."""
    try:
        batch = batch_of(schema, data, count, logical=logical, types=types)
    except (SchemaError, DecodeError):
        return  # a recursive schema, or values that the columns' types cannot hold
    assert ColumnSource(batch).schema() == schema
    try:
        again = written(schema, batch, logical=logical)
    except EncodeError:
        # Columns show the plain encoding of what Arrow has no type for, be it one or not.
        with pytest.raises(DecodeError):
            Decoder(schema, logical_types=logical)._decode_block(data, count)
        return
    read_again = batch_of(schema, again, count, logical=logical, types=types)
    assert exact(shown.rows_of(read_again, rows)) == exact(shown.rows_of(batch, rows))
    if types is STANDARD:  # pyarrow does not join batches with unions
        assert written(schema, cut_up(batch), logical=logical) == again


def cut_up(batch: Any) -> Any:
    """The same rows in batches that are slices of a larger one."""
    rows = batch.num_rows
    twice = pa.Table.from_batches([batch.slice(0, min(2, rows)), batch]).combine_chunks()
    whole = twice.to_batches()[0] if rows else batch
    skip = min(2, rows)
    cuts = [0, rows // 3, rows // 2, rows]
    parts = [whole.slice(skip + start, end - start) for start, end in pairwise(cuts)]
    return pa.Table.from_batches(parts, whole.schema)


@pytest.mark.slow
@pytest.mark.parametrize("count", [7, 500])
@pytest.mark.parametrize("types", TYPES, ids=str)
@pytest.mark.parametrize("logical", [True, False])
@for_each("vector", VECTORS, ids=by_name)
def test_vectors(vector, logical, types, count):
    rows = [0, 3, count - 1]
    check(parse_schema(vector.schema), vector.data * count, count, rows, logical=logical, types=types)


@pytest.mark.slow
@given(st.data(), st.booleans(), st.sampled_from(TYPES))
def test_random_schemas(data, logical, types):
    schema = parse_schema(data.draw(arrow_writers()))
    rows = data.draw(many(schema))
    encoded = [reference.encode(schema, value, logical=False) for value in rows.values]
    joined = b"".join(rows.all_of(encoded))
    check(schema, joined, len(rows), rows.shown, logical=logical, types=types)
