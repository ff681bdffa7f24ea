"""The reader of a schema's JSON text: it returns what json does, and refuses what json refuses."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avrojet.schema.jsonreader import read_value

TEXTS = st.text(max_size=6) | st.sampled_from(
    ["type", "name", "record", "tipe", "naem", "", "é", "日本", "\\"]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


def same(one, other):
    return type(one) is type(other) and repr(one) == repr(other)


@given(VALUES, st.booleans(), st.sampled_from([None, 1, "\t"]))
def test_what_json_writes_is_read(value, ascii, indent):
    text = json.dumps(value, ensure_ascii=ascii, indent=indent)
    assert same(read_value(text, 100), json.loads(text))


PIECES = st.lists(
    st.sampled_from([*'{}[],:"1- \n\\\x01\0é', '"type"', '"a"', "null"]),
    max_size=9,
).map("".join)


@given(PIECES)
def test_what_json_refuses_is_refused(text):
    try:
        expected = json.loads(text)
    except ValueError:
        with pytest.raises(ValueError, match=r"line \d+ column \d+"):
            read_value(text, 100)
    else:
        assert same(read_value(text, 100), expected)


@pytest.mark.parametrize(
    "text",
    [
        "[NaN, Infinity, -Infinity]",
        '{"a": 1, "b": 2, "a": 3}',
        '["\\ud800", "\\n\\u0041"]',
        "[1e400, -0.0, 1E2]",
    ],
)
def test_what_json_has_of_its_own(text):
    assert same(read_value(text, 100), json.loads(text))


def test_levels_are_counted_and_take_no_stack():
    text = "[" * 100_000 + "]" * 100_000
    data = read_value(text, 100_000)
    for _ in range(99_999):
        (data,) = data
    assert data == []
    with pytest.raises(RecursionError):
        read_value(text, 99_999)
    assert read_value("[[],[],[[]]]", 3) == [[], [], [[]]]


def test_words_of_schemas_are_not_made_again():
    one, other = read_value('["record", "record"]', 2)
    assert one is other
    assert math.isnan(read_value("NaN", 0))
