"""Data cut short, changed or followed by more, and the kinds of objects that data come in."""

from __future__ import annotations

import mmap
from array import array as number_array
from functools import partial
from itertools import product

import numpy as np
import pytest

from avrojet import CustomLogicalType, DecodeError, Decoder, Limits, TruncatedError
from tests.cases import for_each
from tests.compare import exact
from tests.vectors import ORDER, RECORDS, VECTORS, array, by_name, logical, record

all_vectors = for_each("vector", VECTORS, ids=by_name)
order = next(vector for vector in RECORDS if vector.name == "order")
# A changed count may claim millions of nulls, which is neither wrong nor worth the wait.
FEW = Limits(empty_items=1000)


@all_vectors
def test_every_strict_prefix_is_truncated(vector):
    decoders = [
        Decoder(vector.schema),
        Decoder(vector.schema, records="tuple", unions="tagged", logical_types=False),
    ]
    for size, decoder in product(range(len(vector.data)), decoders):
        prefix = vector.data[:size]
        for read in (decoder.decode, decoder.decode_from, partial(decoder._decode_block, count=1)):
            with pytest.raises(TruncatedError) as caught:
                read(prefix)
            assert 0 <= caught.value.offset <= size


@all_vectors
def test_skip_of_every_strict_prefix_is_truncated(vector):
    decoder = Decoder(vector.schema)
    for size in range(len(vector.data)):
        with pytest.raises(TruncatedError) as caught:
            decoder._skip_block(vector.data[:size], 1)
        assert 0 <= caught.value.offset <= size


@all_vectors
def test_a_later_datum_that_is_cut_is_truncated(vector):
    decoder = Decoder(vector.schema)
    for size in range(1, len(vector.data)):
        with pytest.raises(TruncatedError, match="datum 2") as caught:
            decoder.decode_many(vector.data * 2 + vector.data[:size])
        assert caught.value.offset >= 2 * len(vector.data)


def outcome(read, *arguments):
    try:
        return read(*arguments)
    except DecodeError as error:
        assert 0 <= error.offset <= len(arguments[0])
        return None


@pytest.mark.slow
@all_vectors
def test_every_changed_byte_decodes_or_is_a_decode_error(vector):
    """And where it decodes, a skip ends at the same place: neither reads what the other does not."""
    decoder = Decoder(vector.schema, limits=FEW)
    plain = Decoder(vector.schema, limits=FEW, logical_types=False)
    data = bytearray(vector.data + b"\0" * 8)
    for position in range(len(vector.data)):
        kept = data[position]
        for byte in range(256):
            data[position] = byte
            decoded = outcome(plain.decode_from, data)
            skipped = outcome(plain._skip_block, data, 1)
            if decoded is not None:
                assert skipped == decoded[1]
            outcome(decoder.decode, data)
        data[position] = kept


@all_vectors
@pytest.mark.parametrize("after", [b"\0", b"\xff" * 20])
def test_bytes_after_the_datum_are_an_error(vector, after):
    with pytest.raises(DecodeError, match=f"{len(after)} bytes follow") as caught:
        Decoder(vector.schema).decode(vector.data + after)
    assert caught.value.offset == len(vector.data)
    assert not isinstance(caught.value, TruncatedError)


def test_data_of_no_bytes_leave_nothing_to_many():
    decoder = Decoder("null")
    assert decoder.decode_many(b"") == []
    assert decoder._decode_block(b"ab", 3, 1) == ([None] * 3, 1)
    with pytest.raises(DecodeError):
        decoder.decode_many(b"a")


class Bytes(bytes):
    pass


def mapped(data):
    area = mmap.mmap(-1, len(data))
    area[:] = data
    return area


SOURCES = {
    "bytes": bytes,
    "a subclass of bytes": Bytes,
    "bytearray": bytearray,
    "memoryview": memoryview,
    "a slice of a memoryview": lambda data: memoryview(b"\xff" + data + b"\xff")[1:-1],
    "a writable memoryview": lambda data: memoryview(bytearray(data)),
    "mmap": mapped,
    "array.array": lambda data: number_array("B", data),
    "numpy": lambda data: np.frombuffer(data, np.uint8),
    "memoryview of two dimensions": lambda data: memoryview(data).cast("B", (1, len(data))),
}


@pytest.mark.parametrize("source", SOURCES)
def test_sources_of_data(source):
    decoder = Decoder(ORDER)
    data = SOURCES[source](order.data)
    assert decoder.decode(data) == order.value
    assert decoder.decode_from(data) == (order.value, len(order.data))
    assert decoder.decode_many(data) == [order.value]
    assert decoder._decode_block(data, 1) == ([order.value], len(order.data))
    assert decoder._skip_block(data, 1) == len(order.data)


def test_items_of_a_buffer_are_seen_as_bytes():
    data = number_array("I", [0x04060200])
    assert Decoder(record(a="int", b="int", c="int", d="int")).decode(data.tobytes()) == Decoder(
        record(a="int", b="int", c="int", d="int")
    ).decode(data)


@pytest.mark.parametrize("source", [None, "text", 7, [1, 2], object()])
def test_what_has_no_bytes_is_a_type_error(source):
    decoder = Decoder("int")
    for read in (decoder.decode, decoder.decode_from, decoder.decode_many):
        with pytest.raises(TypeError):
            read(source)


def test_bytes_with_gaps_are_refused():
    with pytest.raises(BufferError):
        Decoder("int").decode(memoryview(b"\2\0\2\0")[::2])


def test_a_released_memoryview_is_refused():
    view = memoryview(b"\2")
    view.release()
    with pytest.raises(ValueError, match="released"):
        Decoder("int").decode(view)


def resizes(data):
    """Whether nobody holds the bytearray any more."""
    data.append(0)
    del data[-1]
    return True


def test_the_source_is_let_go():
    decoder = Decoder(array("int"))
    data = bytearray(b"\2\2\0")
    assert decoder.decode(data) == [1]
    assert decoder.decode_many(data) == [[1]]
    assert resizes(data)
    bad = bytearray(b"\2\2")
    for read in (decoder.decode, decoder.decode_from, decoder.decode_many):
        with pytest.raises(TruncatedError):
            read(bad)
        assert resizes(bad)
    for read in (decoder._decode_block, decoder._skip_block):
        with pytest.raises(TruncatedError):
            read(bad, 1)
        assert resizes(bad)


class Meddler(CustomLogicalType):
    """Tries to take the bytes away while they are read."""

    name = "meddler"
    source: bytearray

    def decode(self, value, schema):
        with pytest.raises(BufferError):
            self.source.clear()
        return value

    def encode(self, value, schema):
        return value


def test_the_source_is_held_while_it_is_read():
    meddler = Meddler()
    meddler.source = bytearray(b"\4\2\4\0")
    decoder = Decoder(array(logical("int", "meddler")), logical_types=[meddler])
    assert decoder.decode(meddler.source) == [1, 2]
    assert decoder.decode_many(meddler.source) == [[1, 2]]
    assert resizes(meddler.source)


@pytest.mark.parametrize("offset", [-1, 4, 1 << 40])
def test_offsets_outside_of_the_data(offset):
    decoder = Decoder("int")
    for read in (
        lambda: decoder.decode_from(b"\0\0\0", offset),
        lambda: decoder._decode_block(b"\0\0\0", 1, offset),
        lambda: decoder._skip_block(b"\0\0\0", 1, offset),
    ):
        with pytest.raises(ValueError, match="outside of the data's 3 bytes"):
            read()


def test_an_offset_at_the_end_is_truncated():
    with pytest.raises(TruncatedError):
        Decoder("int").decode_from(b"\0\0\0", 3)
    assert exact(Decoder("null").decode_from(b"\0\0\0", 3)) == exact((None, 3))


@pytest.mark.parametrize("name", ["_decode_block", "_skip_block"])
def test_a_negative_count_of_rows(name):
    with pytest.raises(ValueError, match="count must not be negative"):
        getattr(Decoder("int"), name)(b"\0", -1)
