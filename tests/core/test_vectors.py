"""The vector table through every operation of the row codec."""

from __future__ import annotations

from io import BytesIO

import pytest

from avrojet import Decoder, Encoder, decode, encode
from tests import reference
from tests.cases import for_each
from tests.compare import exact
from tests.vectors import VECTORS, WRITTEN, by_name

all_vectors = for_each("vector", VECTORS, ids=by_name)
written_vectors = for_each("vector", WRITTEN, ids=by_name)
BEHIND = b"\x80\xff\0"  # bytes that no varint should run into


def test_each_vector_has_its_name():
    assert len({vector.name for vector in VECTORS}) == len(VECTORS)


@all_vectors
def test_the_reference_agrees(vector):
    """Two hands wrote the table and the reference; here they meet."""
    schema = Decoder(vector.schema).writer_schema
    plain, end = reference.decode(schema, vector.data, logical=False)
    assert end == len(vector.data)
    # The reference has not the care for the bits of a NaN.
    assert repr(plain) == repr(vector.form("plain"))
    if vector.written:
        assert "NaN" in vector.name or reference.encode(schema, vector.value) == vector.data


@all_vectors
def test_decode(vector):
    assert exact(Decoder(vector.schema).decode(vector.data)) == exact(vector.value)
    assert exact(decode(vector.data, vector.schema)) == exact(vector.value)


@all_vectors
def test_decode_plain(vector):
    decoder = Decoder(vector.schema, logical_types=False)
    assert exact(decoder.decode(vector.data)) == exact(vector.form("plain"))


@all_vectors
def test_decode_tagged(vector):
    decoder = Decoder(vector.schema, unions="tagged")
    assert exact(decoder.decode(vector.data)) == exact(vector.form("tagged"))


@all_vectors
def test_decode_rows(vector):
    decoder = Decoder(vector.schema, records="tuple")
    assert exact(decoder.decode(vector.data)) == exact(vector.form("row"))


@all_vectors
def test_decode_with_an_equal_reader(vector):
    reader = Decoder(vector.schema).writer_schema.json
    assert exact(Decoder(vector.schema, reader).decode(vector.data)) == exact(vector.value)


@all_vectors
def test_decode_from(vector):
    decoder = Decoder(vector.schema)
    value, end = decoder.decode_from(BEHIND + vector.data + BEHIND, 3)
    assert exact(value) == exact(vector.value)
    assert end == 3 + len(vector.data)


@all_vectors
def test_decode_block(vector):
    values, end = Decoder(vector.schema)._decode_block(BEHIND + vector.data * 3 + BEHIND, 3, 3)
    assert exact(values) == exact([vector.value] * 3)
    assert end == 3 + 3 * len(vector.data)


@all_vectors
def test_decode_many(vector):
    values = Decoder(vector.schema).decode_many(vector.data * 3)
    assert exact(values) == exact([vector.value] * 3 if vector.data else [])


@all_vectors
def test_skip(vector):
    end = Decoder(vector.schema)._skip_block(BEHIND + vector.data * 3 + BEHIND, 3, 3)
    assert end == 3 + 3 * len(vector.data)


@all_vectors
def test_skip_as_a_field(vector):
    """A field that the reader lacks goes another way than a whole row."""
    names = {"type": "record", "name": "Outer"}
    before, after = {"name": "before", "type": "boolean"}, {"name": "after", "type": "boolean"}
    writer = {**names, "fields": [before, {"name": "it", "type": vector.schema}, after]}
    decoder = Decoder(writer, {**names, "fields": [after, before]})
    assert exact(decoder.decode(b"\1" + vector.data + b"\0")) == exact({"after": False, "before": True})


@written_vectors
def test_encode(vector):
    assert Encoder(vector.schema).encode(vector.value).hex(" ") == vector.data.hex(" ")
    assert encode(vector.value, vector.schema) == vector.data


@written_vectors
@pytest.mark.parametrize("form", ["plain", "tagged", "row"])
def test_encode_another_form(vector, form):
    encoder = Encoder(vector.schema, logical_types=form != "plain")
    assert encoder.encode(vector.form(form)).hex(" ") == vector.data.hex(" ")


@written_vectors
def test_encode_the_plain_form_with_logical_types(vector):
    """The plain encoding of a logical type is taken wherever it is not ambiguous."""
    if not isinstance(vector.schema, list):
        assert Encoder(vector.schema).encode(vector.form("plain")) == vector.data


@written_vectors
def test_encode_many(vector):
    assert Encoder(vector.schema).encode_many([vector.value] * 3) == vector.data * 3


@written_vectors
def test_encode_into(vector):
    target = bytearray(BEHIND)
    Encoder(vector.schema).encode_into(target, vector.value)
    assert target == BEHIND + vector.data


@written_vectors
def test_a_block(vector):
    block = Encoder(vector.schema)._block()
    block.append(vector.value)
    assert not block.extend(iter([vector.value] * 2), 1 << 30)
    assert (block.count, block.size) == (3, 3 * len(vector.data))
    assert block.take() == vector.data * 3
    assert (block.count, block.size, block.take()) == (0, 0, b"")


WITHOUT_LOGICAL_TYPES = [vector for vector in VECTORS if "logicalType" not in str(vector.schema)]


@for_each("vector", WITHOUT_LOGICAL_TYPES, ids=by_name)
def test_fastavro_reads_the_same(vector):
    """A third hand. It does not keep the bits of a float's NaN."""
    fastavro = pytest.importorskip("fastavro")
    value = fastavro.schemaless_reader(BytesIO(vector.data), vector.schema)
    assert repr(value) == repr(vector.value)
