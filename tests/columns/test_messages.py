"""Single messages as the rows of a batch."""

from __future__ import annotations

import pytest

from avrojet import DecodeError, Decoder, EncodeError, Encoder, SchemaError, TruncatedError
from tests.container.samples import SCHEMA
from tests.container.samples import rows as rows_of

pa = pytest.importorskip("pyarrow")

ROWS = rows_of(20)
MESSAGES = [Encoder(SCHEMA).encode(row) for row in ROWS]


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_messages(kind):
    batch = Decoder(SCHEMA).decode_arrow(kind(message) for message in MESSAGES)
    record_batch = pa.record_batch(batch)
    record_batch.validate(full=True)
    assert record_batch.to_pylist() == ROWS


def test_a_prefix_is_left_out():
    decoder = Decoder(SCHEMA)
    for _ in range(2):
        batch = decoder.decode_arrow([b"\0\0\0\0\x07" + message for message in MESSAGES], prefix=5)
        assert pa.record_batch(batch).to_pylist() == ROWS
    with pytest.raises(ValueError, match="prefix"):
        decoder.decode_arrow(MESSAGES, prefix=-1)


def test_no_messages():
    assert len(Decoder(SCHEMA).decode_arrow([])) == 0


def test_a_message_that_fails_has_its_number_and_path():
    short = [*MESSAGES[:3], MESSAGES[3][:-1]]
    with pytest.raises(TruncatedError, match=r"message 3: at \$\.scores"):
        Decoder(SCHEMA).decode_arrow(short)
    with pytest.raises(DecodeError, match="message 1: .*1 bytes follow"):
        Decoder(SCHEMA).decode_arrow([MESSAGES[0], MESSAGES[1] + b"\0"])
    with pytest.raises(TruncatedError, match="message 0"):
        Decoder(SCHEMA).decode_arrow([b"\0\0"], prefix=5)


KINDS = ["binary", "large_binary", "binary_view"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_column_of_messages(kind):
    column = pa.array([b"\0\1" + message for message in MESSAGES], getattr(pa, kind)())
    decoder = Decoder(SCHEMA)
    table = pa.table({"value": pa.chunked_array([column.slice(0, 3), column.slice(3)])})
    for messages, rows in [
        (column, ROWS),
        (column.slice(7, 5), ROWS[7:12]),
        (column.slice(0, 0), []),
        (table, ROWS),
        (table["value"], ROWS),
    ]:
        batch = pa.record_batch(decoder.decode_arrow(messages, prefix=2))
        batch.validate(full=True)
        assert batch.to_pylist() == rows


def test_a_column_of_messages_that_fails():
    decoder = Decoder(SCHEMA)
    with pytest.raises(TruncatedError, match=r"message 3: at \$\.scores"):
        decoder.decode_arrow(
            pa.chunked_array([pa.array(MESSAGES[:2]), pa.array([MESSAGES[2], MESSAGES[3][:-1]])])
        )
    with pytest.raises(DecodeError, match="message 1: .*1 bytes follow"):
        decoder.decode_arrow(pa.array([MESSAGES[0], MESSAGES[1] + b"\0"]))
    with pytest.raises(DecodeError, match="message 1: null"):
        decoder.decode_arrow(pa.array([MESSAGES[0], None]))
    with pytest.raises(TruncatedError, match="message 0"):
        decoder.decode_arrow(pa.array([b"\0\0"]), prefix=5)
    with pytest.raises(DecodeError, match="message 1: .*utf-8"):
        Decoder('"string"').decode_arrow(pa.array([b"\2a", b"\2\xff", b"\2b"]))
    for column in (pa.array([1]), pa.table({"a": [b""], "b": [b""]}), pa.array([b""]).dictionary_encode()):
        with pytest.raises(SchemaError, match="messages are"):
            decoder.decode_arrow(column)


def test_rows_to_messages_and_back():
    encoder = Encoder(SCHEMA)
    column = encoder.encode_arrow(pa.Table.from_pylist(ROWS).slice(5), prefix=b"\0id")
    array = pa.array(column)
    array.validate(full=True)
    assert len(column) == 15
    assert array.to_pylist() == [b"\0id" + message for message in MESSAGES[5:]]
    assert pa.record_batch(Decoder(SCHEMA).decode_arrow(column, prefix=3)).to_pylist() == ROWS[5:]


def test_many_messages():
    rows = rows_of(5000)
    encoder = Encoder(SCHEMA)
    column = encoder.encode_arrow(pa.Table.from_pylist(rows))
    assert pa.array(column).to_pylist() == [encoder.encode(row) for row in rows]


def test_no_rows_to_messages():
    table = pa.Table.from_pylist(ROWS).slice(0, 0)
    assert pa.array(Encoder(SCHEMA).encode_arrow(table)).to_pylist() == []
    assert pa.array(Encoder('"null"').encode_arrow(pa.nulls(3))).to_pylist() == [b""] * 3


def test_a_row_that_is_no_message_has_its_number():
    table = pa.table({"value": pa.chunked_array([[1, 2], [3, None]])})
    with pytest.raises(EncodeError, match=r"at \$, row 3: null"):
        Encoder('"long"').encode_arrow(table)
