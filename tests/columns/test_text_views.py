"""Text in each kind of column that Arrow has for it: of every length, at the data's end, null, malformed."""

from __future__ import annotations

import io

import pytest

import avrojet

pa = pytest.importorskip("pyarrow")

KINDS = ["small", "large", "view"]
# Views have short text in themselves, and the loop copies 32 bytes at once.
LENGTHS = range(70)
UNITS = {"string": ["a", "é", "😀"], "bytes": [b"a", b"\xff", b"\0"]}


def record(type):
    fields = [
        {"name": "plain", "type": type},
        {"name": "maybe", "type": ["null", type]},
        {"name": "many", "type": {"type": "array", "items": type}},
    ]
    return {"type": "record", "name": "R", "fields": fields}


def rows_of(type):
    for unit in UNITS[type]:
        for length in LENGTHS:
            value = (unit * length)[:length]
            yield {"plain": value, "maybe": value if length % 3 else None, "many": [value] * (length % 4)}


@pytest.mark.parametrize("strings", KINDS)
@pytest.mark.parametrize("type", UNITS)
def test_every_length(type, strings):
    rows = list(rows_of(type))
    file = io.BytesIO()
    avrojet.write(file, record(type), rows)
    types = avrojet.ArrowTypes(strings=strings)
    file.seek(0)
    table = pa.table(avrojet.read_arrow(file, types=types))
    table.validate(full=True)
    assert table.to_pylist() == rows
    encode = avrojet.Encoder(record(type)).encode
    for row in rows:  # each at the end of its data
        batch = pa.record_batch(avrojet.Decoder(record(type)).decode_arrow([encode(row)], types=types))
        assert batch.to_pylist() == [row]


@pytest.mark.parametrize("strings", KINDS)
@pytest.mark.parametrize("field", ["plain", "maybe", "many"])
@pytest.mark.parametrize(
    "bad", [b"\xff", b"ab\x80", b"abcdefghijk\xc3", b"a" * 40 + b"\xed\xa0\x80"], ids=len
)
def test_what_is_not_utf_8(bad, field, strings):
    encode = avrojet.Encoder(record("bytes")).encode
    row = {"plain": b"", "maybe": None, "many": []}
    damaged = encode({**row, field: [b"good", bad] if field == "many" else bad})
    for after in ([], [encode(row)]):
        with pytest.raises(avrojet.DecodeError, match=rf"\$\.{field}.*'utf-8' codec"):
            avrojet.Decoder(record("string")).decode_arrow(
                [damaged, *after], types=avrojet.ArrowTypes(strings=strings)
            )


@pytest.mark.parametrize("strings", KINDS)
@pytest.mark.parametrize("field", ["plain", "maybe"])
def test_a_limit_of_bytes(field, strings):
    decoder = avrojet.Decoder(record("string"), limits=avrojet.Limits(value_bytes=8))
    types = avrojet.ArrowTypes(strings=strings)
    for size in (8, 9, 30):
        row = {"plain": "", "maybe": None, "many": ["x"] * 9, field: "x" * size}
        messages = [avrojet.Encoder(record("string")).encode(row)] * 2
        if size == 8:
            assert pa.record_batch(decoder.decode_arrow(messages, types=types)).to_pylist() == [row, row]
        else:
            with pytest.raises(avrojet.AvroError, match=rf"\$\.{field}.*value_bytes"):
                decoder.decode_arrow(messages, types=types)
