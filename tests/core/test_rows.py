"""The rows of a block one at a time."""

from __future__ import annotations

import re
from typing import Any

import pytest

from avrojet import CustomLogicalType, DecodeError, Decoder, LimitError, Limits, TruncatedError
from avrojet.core.rows.rows import RowIterator
from tests.cases import for_each
from tests.compare import exact
from tests.vectors import LIST, VECTORS, array, by_name, logical


class ComplaintError(Exception):
    """What a container makes of an error: the cause, and the number or the offset that it was told."""


def complain(error: Exception | None, place: int) -> ComplaintError:
    return ComplaintError(error, place)


@for_each("vector", VECTORS, ids=by_name)
def test_vectors(vector):
    rows = Decoder(vector.schema)._rows(vector.data * 3, 3, complain)
    assert exact(list(rows)) == exact([vector.value] * 3)
    assert list(rows) == []


@for_each("vector", [vector for vector in VECTORS if vector.data], ids=by_name)
def test_a_row_that_is_cut(vector):
    rows = Decoder(vector.schema)._rows(vector.data * 2 + vector.data[:-1], 3, complain)
    assert exact([next(rows), next(rows)]) == exact([vector.value] * 2)
    with pytest.raises(ComplaintError) as caught:
        next(rows)
    error, number = caught.value.args
    assert type(error) is TruncatedError
    assert error.offset >= 2 * len(vector.data)
    assert number == 2
    with pytest.raises(ComplaintError, match=re.escape(str(error))):  # whoever asks again is told again
        next(rows)


def test_no_rows():
    assert list(Decoder("int")._rows(b"", 0, complain)) == []
    with pytest.raises(ComplaintError) as caught:
        next(Decoder("int")._rows(b"\2", 0, complain))
    assert caught.value.args == (None, 0)


def test_bytes_after_the_last_row():
    """That row is not given: the block is not what it says."""
    rows = Decoder("int")._rows(b"\2\4\6", 2, complain)
    assert next(rows) == 1
    with pytest.raises(ComplaintError) as caught:
        next(rows)
    assert caught.value.args == (None, 2)
    with pytest.raises(ComplaintError):
        next(rows)


def test_a_negative_count():
    with pytest.raises(ValueError, match="negative"):
        Decoder("int")._rows(b"", -1, complain)


def test_what_is_no_complaint():
    with pytest.raises(TypeError):
        next(Decoder("int")._rows(b"", 1, lambda error, place: None))
    with pytest.raises(ZeroDivisionError):
        next(Decoder("int")._rows(b"", 1, lambda error, place: 1 // 0))


def test_depth_and_empty_items_are_counted_anew_for_each_row():
    rows = Decoder(LIST, limits=Limits(depth=2))._rows(b"\0\2\0\0" * 20, 20, complain)
    assert len(list(rows)) == 20
    rows = Decoder(array("null"), limits=Limits(empty_items=2))._rows(b"\4\0" * 20 + b"\6\0", 21, complain)
    for _ in range(20):
        assert next(rows) == [None, None]
    with pytest.raises(ComplaintError) as caught:
        next(rows)
    assert isinstance(caught.value.args[0], LimitError)


def test_the_data_are_held_until_the_iterator_is_gone():
    data = bytearray(b"\2\4")
    rows = Decoder("int")._rows(data, 2, complain)
    with pytest.raises(BufferError):
        data.clear()
    assert list(rows) == [1, 2]
    del rows
    data.clear()


def test_a_reader_of_other_things():
    with pytest.raises(TypeError):
        Decoder("int")._rows("text", 1, complain)
    with pytest.raises(TypeError):
        RowIterator(None, b"", 1, complain)
    with pytest.raises(TypeError):
        RowIterator(Decoder.__new__(Decoder), b"", 1, complain)


class Reentrant(CustomLogicalType):
    name = "reentrant"
    rows: Any = None

    def decode(self, value, schema):
        with pytest.raises(ValueError, match="in use"):
            next(self.rows)
        return value

    def encode(self, value, schema):
        return value


def test_an_iterator_that_is_used_by_its_own_conversion():
    custom = Reentrant()
    custom.rows = Decoder(logical("int", "reentrant"), logical_types=[custom])._rows(b"\2\4", 2, complain)
    assert list(custom.rows) == [1, 2]


class Interrupting(CustomLogicalType):
    name = "interrupting"

    def decode(self, value, schema):
        if value == 2:
            raise KeyboardInterrupt
        return value

    def encode(self, value, schema):
        return value


def test_an_interrupt_is_no_complaint():
    """What is no error of the data goes through as it is, or as the cause of the complaint."""
    rows = Decoder(logical("int", "interrupting"), logical_types=[Interrupting()])._rows(
        b"\2\4\6", 3, complain
    )
    assert next(rows) == 1
    with pytest.raises((KeyboardInterrupt, ComplaintError)) as caught:
        next(rows)
    assert isinstance(caught.value, KeyboardInterrupt) or not isinstance(caught.value.args[0], DecodeError)
