"""Lists of numbers, which columns take many at a time: the same values and the same refusals as rows."""

from __future__ import annotations

import struct
from random import Random

import pytest

import avrojet
from avrojet import AvroError
from avrojet.varint import encode_long
from tests.cases import for_each

pa = pytest.importorskip("pyarrow")


def list_of(items: str) -> dict:
    return {
        "type": "record",
        "name": "R",
        "fields": [{"name": "v", "type": {"type": "array", "items": items}}, {"name": "end", "type": "int"}],
    }


def block(values: list[bytes]) -> bytes:
    return encode_long(len(values)) + b"".join(values)


def outcome(read, message: bytes):
    try:
        return read(message)
    except AvroError as error:
        return type(error)


def agree(schema: dict, message: bytes) -> None:
    decoder = avrojet.Decoder(schema)

    def columns(data: bytes):
        return pa.record_batch(decoder.decode_arrow([data])).to_pylist()[0]

    def end_alone(data: bytes):
        return pa.record_batch(passing.decode_arrow([data])).to_pylist()[0]

    passing = avrojet.Decoder(schema, {**schema, "fields": schema["fields"][1:]})
    assert repr(outcome(columns, message)) == repr(outcome(decoder.decode, message))
    assert repr(outcome(end_alone, message)) == repr(outcome(passing.decode, message))


def numbers(random: Random, bits: int, count: int) -> list[int]:
    """Some of one byte in a row, some of any size."""
    found = []
    while len(found) < count:
        if random.random() < 0.3:
            found += [random.randrange(-64, 64) for _ in range(random.randrange(20))]
        size = random.randrange(1, bits)
        found.append(random.randrange(-(1 << size), 1 << size))
    return found[:count]


@pytest.mark.parametrize(("items", "bits"), [("int", 31), ("long", 63)])
@pytest.mark.parametrize("count", [0, 1, 7, 8, 9, 16, 17, 100])
def test_numbers_of_every_size(items, bits, count):
    schema = list_of(items)
    encoder = avrojet.Encoder(schema)
    for seed in range(20):
        values = {"v": numbers(Random(seed), bits, count), "end": seed}
        message = encoder.encode(values)
        rows = pa.record_batch(avrojet.Decoder(schema).decode_arrow([message] * 3)).to_pylist()
        assert rows == [values] * 3


@pytest.mark.parametrize("items", ["int", "long"])
@for_each("size", range(1, 12))
@for_each("last", [0, 1, 2, 7, 8, 15, 16, 0x7F])
def test_numbers_of_more_bytes_than_they_need(items, size, last):
    odd = b"\x80" * (size - 1) + bytes([last])
    for before in (0, 3, 8):
        for after in (0, 3, 8):
            values = [encode_long(1)] * before + [odd] + [encode_long(-1)] * after
            agree(list_of(items), block(values) + b"\x00\x02")


@pytest.mark.parametrize("items", ["int", "long", "float", "double"])
def test_every_truncation_and_changed_byte(items):
    random = Random(5)
    if items in ("int", "long"):
        values = [encode_long(n) for n in numbers(random, 31 if items == "int" else 63, 30)]
    else:
        values = [struct.pack("<f" if items == "float" else "<d", n / 8) for n in range(30)]
    message = block(values[:11]) + block(values[11:]) + b"\x00\x02"
    for place in range(len(message)):
        agree(list_of(items), message[:place])
        for byte in (0x00, 0x7F, 0x80, 0xFF, message[place] ^ 0x80):
            agree(list_of(items), message[:place] + bytes([byte]) + message[place + 1 :])
