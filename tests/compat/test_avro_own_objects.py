"""Decoders, encoders, readers and writers of a program's own: they make the same bytes and values."""

from __future__ import annotations

import io
import json
import warnings

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from avrojet.compat.avro import errors
from avrojet.compat.avro.datafile import DataFileReader, DataFileWriter
from avrojet.compat.avro.io import BinaryDecoder, BinaryEncoder, DatumReader, DatumWriter, validate
from avrojet.compat.avro.schema import parse
from tests.cases import for_each
from tests.vectors import VECTORS

MEANT = [
    vector
    for vector in VECTORS
    if not any(
        word in json.dumps(vector.schema) for word in ("local-", "nanos", "duration", "big-decimal", "uuid")
    )
]


class Counting(BinaryDecoder):
    """Counts the values that are read."""

    values = 0

    def read_long(self):
        self.values += 1
        return super().read_long()

    def read_utf8(self):
        return super().read_utf8()


class Pipe:
    """A stream that cannot seek."""

    def __init__(self, data):
        self._stream = io.BytesIO(data)

    def read(self, size):
        return self._stream.read(min(size, 3))


class Kept(BinaryEncoder):
    """Keeps what is written, in its pieces."""

    def __init__(self):
        super().__init__(None)
        self.pieces = []

    def write(self, datum):
        self.pieces.append(bytes(datum))

    def write_utf8(self, datum):
        super().write_utf8(datum)


class Stepping(DatumReader):
    """Reads records in its own way: it notes their names."""

    def __init__(self, *schemas):
        super().__init__(*schemas)
        self.names = []

    def read_record(self, writers_schema, readers_schema, decoder):
        self.names.append(writers_schema.name)
        return super().read_record(writers_schema, readers_schema, decoder)


class Upper(DatumWriter):
    """Writes enums in its own way."""

    def write_enum(self, writers_schema, datum, encoder):
        super().write_enum(writers_schema, datum.upper(), encoder)


def schema_of(vector):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return parse(json.dumps(vector.schema))


@for_each("vector", MEANT, ids=lambda vector: vector.name)
def test_values_take_their_way_through_the_objects(vector):
    schema = schema_of(vector)
    for decoder in (
        Counting(io.BytesIO(vector.data)),
        BinaryDecoder(Pipe(vector.data)),
        Counting(Pipe(vector.data)),
    ):
        assert repr(DatumReader(schema).read(decoder)) == repr(vector.value)
    assert repr(Stepping(schema).read(BinaryDecoder(io.BytesIO(vector.data)))) == repr(vector.value)
    decoder = Counting(io.BytesIO(vector.data + b"more"))
    DatumReader(schema).skip_data(schema, decoder)
    assert decoder.reader.read() == b"more"
    if vector.written and "signalling" not in vector.name:  # which Python's struct makes quiet
        encoder = Kept()
        DatumWriter(schema).write(vector.value, encoder)
        assert b"".join(encoder.pieces) == vector.data


@for_each("vector", [each for each in MEANT if each.data], ids=lambda vector: vector.name)
def test_data_that_end_too_early_are_malformed(vector):
    schema = schema_of(vector)
    for size in range(len(vector.data)):
        data = vector.data[:size]
        for decoder in (
            BinaryDecoder(io.BytesIO(data)),
            Counting(io.BytesIO(data)),
            BinaryDecoder(Pipe(data)),
        ):
            with pytest.raises(errors.InvalidAvroBinaryEncoding):
                DatumReader(schema).read(decoder)


NEW = {
    "type": "record",
    "name": "b.R",
    "fields": [
        {"name": "renamed", "type": "double", "aliases": ["number"]},
        {"name": "text", "type": ["null", "bytes"]},
        {"name": "kind", "type": {"type": "enum", "name": "K", "symbols": ["X", "A"], "default": "X"}},
        {"name": "more", "type": "bytes", "default": "\u00ff"},
        {"name": "items", "type": {"type": "array", "items": "float"}},
    ],
}
OLD = {
    "type": "record",
    "name": "a.R",
    "fields": [
        {"name": "gone", "type": {"type": "map", "values": ["string", "null"]}},
        {"name": "number", "type": "int"},
        {"name": "text", "type": ["string", "null"]},
        {"name": "kind", "type": {"type": "enum", "name": "K", "symbols": ["A", "B"]}},
        {"name": "items", "type": {"type": "array", "items": ["int", "long"]}},
    ],
}
VALUES = st.fixed_dictionaries(
    {
        "gone": st.dictionaries(st.text(max_size=3), st.none() | st.text(max_size=3), max_size=3),
        "number": st.integers(-(2**31), 2**31 - 1),
        "text": st.none() | st.text(max_size=3),
        "kind": st.sampled_from("AB"),
        "items": st.lists(st.integers(-(2**63), 2**63 - 1), max_size=3),
    }
)


@pytest.mark.slow
@settings(deadline=None, max_examples=50)
@given(VALUES)
def test_the_steps_resolve_schemas_as_the_core_does(value):
    old, new = parse(json.dumps(OLD)), parse(json.dumps(NEW))
    target, kept = io.BytesIO(), Kept()
    DatumWriter(old).write(value, BinaryEncoder(target))
    DatumWriter(old).write(value, kept)
    data = target.getvalue()
    assert b"".join(kept.pieces) == data
    reader = DatumReader(old, new)
    expected = reader.read(BinaryDecoder(io.BytesIO(data)))
    for decoder in (Counting(io.BytesIO(data)), BinaryDecoder(Pipe(data))):
        assert_same(reader.read(decoder), expected)


def assert_same(got, expected):
    assert set(got) == set(expected)
    for key, value in expected.items():
        # A float of the core has 32 bits, while the steps give Python's number.
        assert got[key] == (pytest.approx(value) if key == "items" else value)
        assert type(got[key]) is type(value)


def test_methods_of_subclasses_are_called():
    schema = parse(json.dumps({"type": "array", "items": OLD}))
    kinds = parse('{"type": "enum", "name": "K", "symbols": ["A", "B"]}')
    target = io.BytesIO()
    row = {"gone": {}, "number": 1, "text": None, "kind": "A", "items": []}
    DatumWriter(schema).write([row, row], BinaryEncoder(target))
    reader = Stepping(schema)
    assert reader.read(BinaryDecoder(io.BytesIO(target.getvalue()))) == [row, row]
    assert reader.names == ["R", "R"]
    decoder = Counting(io.BytesIO(target.getvalue()))
    DatumReader(schema).read(decoder)
    assert decoder.values > 10
    target = io.BytesIO()
    Upper(kinds).write("B", BinaryEncoder(target))
    assert target.getvalue() == b"\x02"


def test_files_are_written_and_read_by_objects_of_ones_own():
    schema = parse(json.dumps(OLD))
    row = {"gone": {"k": "v"}, "number": 1, "text": "t", "kind": "B", "items": [1, 2]}
    target = io.BytesIO()

    class Loud(DatumWriter):
        def write(self, datum, encoder):
            super().write({**datum, "number": datum["number"] + 1}, encoder)

    writer = DataFileWriter(target, Loud(), schema, "deflate")
    for _ in range(5000):
        writer.append(row)
    with pytest.raises(errors.AvroTypeException):
        writer.append({**row, "kind": "C"})
    assert writer.block_count
    writer.flush()
    reader = DataFileReader(io.BytesIO(target.getvalue()), Stepping())
    rows = list(reader)
    assert rows == [{**row, "number": 2}] * 5000
    assert reader.datum_reader.names == ["R"] * 5000


def test_the_buffer_can_be_written_to():
    target = io.BytesIO()
    writer = DataFileWriter(target, DatumWriter(), parse('"long"'))
    writer.append(1)
    writer.datum_writer.write(2, writer.buffer_encoder)
    writer.block_count += 1
    writer.append(3)
    writer.flush()
    assert list(DataFileReader(io.BytesIO(target.getvalue()), DatumReader())) == [1, 2, 3]


def test_what_is_not_ready_says_so():
    with pytest.raises(errors.IONotReadyException):
        DatumReader().read(BinaryDecoder(io.BytesIO(b"")))
    with pytest.raises(errors.IONotReadyException):
        DatumWriter().write(1, BinaryEncoder(io.BytesIO()))


def test_validate_looks_at_all_of_a_datum():
    schema = parse(json.dumps(OLD))
    row = {"gone": {"k": "v"}, "number": 1, "text": "t", "kind": "B", "items": [1, 2]}
    assert validate(schema, row)
    for wrong in ({**row, "items": [1, "x"]}, {**row, "more": 1}, {**row, "gone": {"k": 1}}):
        assert not validate(schema, wrong)
        with pytest.raises(errors.AvroTypeException, match="is not an example of the schema"):
            validate(schema, wrong, raise_on_error=True)


def test_nesting_is_bounded():
    schema = parse('{"type": "record", "name": "N", "fields": [{"name": "n", "type": ["null", "N"]}]}')
    data = b"\x02" * 100_000 + b"\x00"
    for decoder in (BinaryDecoder(io.BytesIO(data)), BinaryDecoder(Pipe(data))):
        with pytest.raises(errors.InvalidAvroBinaryEncoding):
            DatumReader(schema).read(decoder)
    with pytest.raises(errors.SchemaParseException):
        parse('{"type": "array", "items": ' * 100_000 + '"int"' + "}" * 100_000)
