"""Random values are values of the schema, and the same for the same seed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avrojet import Decoder, Encoder, SchemaError, random_values
from tests.cases import for_each
from tests.strategies import writers
from tests.vectors import VECTORS, by_name


@for_each("vector", VECTORS, ids=by_name)
def test_values_of_each_type_are_written_and_read(vector):
    encoder, decoder = Encoder(vector.schema), Decoder(vector.schema, unions="tagged")
    for value in random_values(vector.schema, 40, seed=3):
        data = encoder.encode(value)
        assert encoder.encode(decoder.decode(data)) == data


@given(writers(), st.integers(0, 100))
def test_values_of_any_schema_are_written(schema, seed):
    encoder = Encoder(schema)
    try:
        made = list(random_values(schema, 3, seed))
    except SchemaError as error:
        assert "no finite value" in str(error)
        return
    assert len(made) == 3
    for value in made:
        encoder.encode(value)


def test_a_seed_makes_the_same_values():
    schema = {"type": "map", "values": ["null", "double", "string"]}
    assert list(random_values(schema, 20, seed=5)) == list(random_values(schema, 20, seed=5))
    assert list(random_values(schema, 20, seed=5)) != list(random_values(schema, 20, seed=6))


def test_sizes_and_nulls_are_as_wanted():
    rows = list(
        random_values({"type": "array", "items": ["null", "string"]}, 200, 1, items=3, text=2, null_rate=1)
    )
    assert max(map(len, rows)) == 3
    assert {item for row in rows for item in row} == {None}
    texts = list(random_values("string", 200, 1, text=4))
    assert max(map(len, texts)) == 4


def test_recursive_values_end():
    tree = {
        "type": "record",
        "name": "T",
        "fields": [
            {"name": "next", "type": ["null", "T"]},
            {"name": "all", "type": {"type": "array", "items": "T"}},
        ],
    }
    for value in random_values(tree, 20, 1, depth=4, null_rate=0):
        Encoder(tree).encode(value)
    twice = {"type": "record", "name": "A", "fields": [{"name": "x", "type": ["A", "int"]}]}
    assert list(random_values(twice, 5, 1, depth=0)) == list(random_values(twice, 5, 1, depth=0))


def test_a_record_that_always_holds_itself_has_no_values():
    with pytest.raises(SchemaError, match="no finite value"):
        next(random_values({"type": "record", "name": "A", "fields": [{"name": "x", "type": "A"}]}, 1))
