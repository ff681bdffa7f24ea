"""Blocks: what is collected, and that what fails leaves nothing behind."""

from __future__ import annotations

import pytest

from avrojet import (
    EncodeError,
    Encoder,
    EncodeTypeError,
    encode,
)
from tests.objects import (
    Hostile,
    Meddler,
)
from tests.vectors import POINT, array, mapping, record

ROW = record("Row", id="long", tags=mapping("int"), note=["null", "string", POINT])
GOOD = {"id": 1, "tags": {"a": 1}, "note": "x" * 2000}
BAD_ROWS = [
    None,
    {},
    {"id": "1", "tags": {}, "note": None},
    {"id": 1, "tags": {"a": 1, "b": "2"}, "note": None},
    {"id": 1, "tags": {}, "note": 5},
    {"id": 1, "tags": {"x" * 5000: 1}, "note": {"x": 1, "y": "2"}},
    {"id": 1, "tags": {"a": Hostile(ZeroDivisionError)}, "note": None},
]


@pytest.mark.parametrize("bad", BAD_ROWS, ids=lambda it: str(it)[:30])
def test_a_value_that_fails_leaves_nothing_after(bad):
    encoder = Encoder(ROW)
    one = encoder.encode(GOOD)
    block = encoder._block()
    for count in range(3):
        with pytest.raises((EncodeError, ZeroDivisionError)):
            block.append(bad)
        assert (block.count, block.size) == (count, count * len(one))
        block.append(GOOD)
    with pytest.raises((EncodeError, ZeroDivisionError)):
        block.append(bad)
    assert block.take() == one * 3
    with pytest.raises((EncodeError, ZeroDivisionError)):
        encoder.encode_many([GOOD, bad, GOOD])
    target = bytearray(b"before")
    with pytest.raises((EncodeError, ZeroDivisionError)):
        encoder.encode_into(target, bad)
    assert target == b"before"


def test_extending_a_block():
    block = Encoder("int")._block()
    values = iter(range(10))
    assert block.extend(values, 4)
    assert (block.count, block.size) == (4, 4)
    assert block.extend(values, 1)  # already there: one value and out
    assert not block.extend(values, 100)
    assert block.take() == bytes(range(0, 20, 2))
    assert not block.extend(iter([]), 1)


def test_an_iterator_that_fails_between_values():
    def values():
        yield 1
        yield 2
        raise ZeroDivisionError("mine")

    block = Encoder("int")._block()
    with pytest.raises(ZeroDivisionError, match="mine"):
        block.extend(values(), 100)
    assert block.take() == b"\2\4"
    with pytest.raises(ZeroDivisionError, match="mine"):
        Encoder("int").encode_many(values())


def test_a_value_that_fails_within_an_iterator():
    block = Encoder("int")._block()
    values = iter([1, "bad", 3])
    with pytest.raises(EncodeTypeError):
        block.extend(values, 100)
    assert not block.extend(values, 100)
    assert block.take() == b"\2\6"


def test_what_is_no_iterable():
    with pytest.raises(TypeError):
        Encoder("int").encode_many(5)
    with pytest.raises(TypeError):
        Encoder("int")._block().extend(5, 1)
    assert Encoder("string").encode_many("ab") == b"\2a\2b"


@pytest.mark.parametrize("name", ["append", "take", "extend"])
def test_a_block_that_is_used_by_a_value_that_it_encodes(name):
    block = Encoder(array("int"))._block()
    block.append([1])
    use = {
        "append": lambda: block.append([2]),
        "take": block.take,
        "extend": lambda: block.extend(iter([[2]]), 9),
    }
    with pytest.raises(RuntimeError, match="already being written"):
        block.append([5, Meddler(use[name])])
    block.append([3])
    assert block.take() == b"\2\2\0\2\6\0"


def test_an_encoder_that_is_used_by_a_value_that_it_encodes():
    encoder = Encoder(array("int"))
    inner: list[bytes] = []
    value = [1, Meddler(lambda: inner.append(encoder.encode([7, 8]))), 3]
    assert encoder.encode(value) == b"\6\2\2\6\0"
    assert inner == [b"\4\x0e\x10\0"]


def test_encoding_into_what_is_held_or_moves():
    encoder = Encoder("int")
    target = bytearray(b"ab")
    with memoryview(target), pytest.raises(BufferError):
        encoder.encode_into(target, 1)
    assert target == b"ab"
    encoder.encode_into(target, Meddler(lambda: target.extend(b"x" * 5000)))
    assert target == b"ab" + b"x" * 5000 + b"\2"
    with pytest.raises(TypeError):
        encoder.encode_into(b"ab", 1)
    with pytest.raises(TypeError):
        encoder.encode_into(None, 1)


def test_the_one_shot_function():
    assert encode(5, "int") == encode(5, '"int"') == encode(5, {"type": "int"}) == b"\x0a"
    with pytest.raises(EncodeTypeError):
        encode("5", "int")
