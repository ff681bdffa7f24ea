"""Decimals and UUIDs through columns and back: every size, the ends of every precision, every character."""

from __future__ import annotations

import io
import string
from uuid import UUID

import pytest

import avrojet
from avrojet import AvroError, DecodeError
from tests.cases import for_each

pa = pytest.importorskip("pyarrow")


def decimal_of(precision: int, size: int | None = None) -> dict:
    logical = {"logicalType": "decimal", "precision": precision, "scale": 0}
    if size is None:
        return {"type": "bytes", **logical}
    return {"type": "fixed", "name": "F", "size": size, **logical}


def unscaled(schema: dict, data: bytes) -> int:
    """The number that a column shows for these bytes."""
    message = data if schema["type"] == "fixed" else bytes([2 * len(data)]) + data
    record = {"type": "record", "name": "R", "fields": [{"name": "d", "type": schema}]}
    return int(pa.record_batch(avrojet.Decoder(record).decode_arrow([message]))["d"][0].as_py())


def shortest(number: int) -> bytes:
    return number.to_bytes((number if number >= 0 else ~number).bit_length() // 8 + 1, "big", signed=True)


def pairs(precisions: list[int], sizes: list[int]) -> list[tuple[int, int | None]]:
    """Precisions and sizes of a fixed that holds them, None for bytes."""
    fixed = [(digits, size) for digits in precisions for size in sizes if 10**digits <= 1 << 8 * size - 1]
    return [*fixed, *((precision, None) for precision in precisions)]


@for_each(("precision", "size"), pairs([1, 2, 9, 17, 18, 19, 20, 37, 38, 39, 76], [1, 7, 8, 9, 16, 17, 32]))
def test_the_ends_of_a_precision(precision, size):
    schema = decimal_of(precision, size)
    most = 10**precision - 1
    for number in {0, 1, -1, 127, 128, -128, -129, most, -most, most // 3, -most // 3}:
        if abs(number) > most:
            continue
        data = shortest(number)
        padded = data if size is None else number.to_bytes(size, "big", signed=True)
        assert unscaled(schema, padded) == number
        if size is None and len(data) < 9:
            for longer in range(len(data), 10):
                assert unscaled(schema, number.to_bytes(longer, "big", signed=True)) == number
    for number in (most + 1, -most - 1):
        wide = (number if number >= 0 else ~number).bit_length() // 8 + 1
        if size is None or wide <= size:
            data = shortest(number) if size is None else number.to_bytes(size, "big", signed=True)
            with pytest.raises(DecodeError, match="precision"):
                unscaled(schema, data)


@pytest.mark.parametrize(("precision", "size"), pairs([1, 2, 9, 17, 18, 19, 38], [1, 2, 7, 8, 9, 17]))
def test_decimals_are_written_as_rows_write_them(precision, size):
    schema = {"type": "record", "name": "R", "fields": [{"name": "d", "type": decimal_of(precision, size)}]}
    numbers = sorted(
        {n for k in range(precision + 1) for n in (10**k - 1, 1 - 10**k, 10**k // 2, -(10**k) // 2)}
    )
    values = [{"d": n} for n in numbers if abs(n) < 10**precision]
    table = pa.table({"d": pa.array([row["d"] for row in values], pa.decimal128(max(precision, 1)))})
    options = {"sync_marker": bytes(16)}
    by_columns, by_rows = io.BytesIO(), io.BytesIO()
    avrojet.write_arrow(by_columns, table, schema, **options)
    avrojet.write(by_rows, schema, values, **options)
    assert by_columns.getvalue() == by_rows.getvalue()


UUID_SCHEMA = {"type": "string", "logicalType": "uuid"}
RECORD = {"type": "record", "name": "R", "fields": [{"name": "u", "type": UUID_SCHEMA}]}
KEY = UUID("01234567-89ab-cdef-FEDC-BA9876543210")


@pytest.mark.slow
@pytest.mark.parametrize("text", [str(KEY), str(KEY).upper(), KEY.hex, KEY.hex.upper()])
@for_each("place", range(36))
def test_every_character_of_a_uuid(text, place):
    if place >= len(text):
        return
    rows, columns = avrojet.Decoder(UUID_SCHEMA), avrojet.Decoder(RECORD)
    for code in range(128):
        changed = text[:place] + chr(code) + text[place + 1 :]
        hyphens = len(text) == 36 and place in (8, 13, 18, 23)
        message = bytes([2 * len(text)]) + changed.encode()
        if chr(code) in ("-" if hyphens else string.hexdigits):
            assert rows.decode(message) == UUID(changed)
            shown = columns.decode_arrow([message])
            assert pa.record_batch(shown)["u"].storage[0].as_py() == UUID(changed).bytes
            continue
        for read in (rows.decode, lambda data: columns.decode_arrow([data])):
            with pytest.raises(AvroError, match="UUID"):
                read(message)


def test_a_uuid_of_other_bytes_than_ascii():
    for bad in ("é" + "0" * 34, "0" * 34 + "é", "0" * 30, "0" * 40, ""):
        message = bytes([2 * len(bad.encode())]) + bad.encode()
        with pytest.raises(AvroError, match="UUID"):
            avrojet.Decoder(UUID_SCHEMA).decode(message)
