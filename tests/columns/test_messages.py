"""Single messages as the rows of a batch."""

from __future__ import annotations

import pytest

from avrojet import DecodeError, Decoder, Encoder, TruncatedError
from tests.container.samples import SCHEMA, rows

pa = pytest.importorskip("pyarrow")

ROWS = rows(20)
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
