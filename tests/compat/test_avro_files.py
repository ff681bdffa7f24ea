"""Container files of the facade: written, appended to, damaged, limited; and the documentation's program."""

from __future__ import annotations

import io
import json
import warnings
import zlib

import pytest

import avrojet
from avrojet.compat.avro import codecs, datafile, errors
from avrojet.compat.avro.codecs import Codec
from avrojet.compat.avro.datafile import DataFileReader, DataFileWriter
from avrojet.compat.avro.io import BinaryDecoder, BinaryEncoder, DatumReader, DatumWriter
from avrojet.compat.avro.schema import parse

USER = json.dumps(
    {
        "namespace": "example.avro",
        "type": "record",
        "name": "User",
        "fields": [
            {"name": "name", "type": "string"},
            {"name": "favorite_number", "type": ["int", "null"]},
            {"name": "favorite_color", "type": ["string", "null"]},
        ],
    }
)


def test_the_program_of_the_documentation(tmp_path, capsys):
    (tmp_path / "user.avsc").write_text(USER)
    schema = parse((tmp_path / "user.avsc").read_bytes())
    path = tmp_path / "users.avro"
    writer = DataFileWriter(path.open("wb"), DatumWriter(), schema)
    writer.append({"name": "Alyssa", "favorite_number": 256})
    writer.append({"name": "Ben", "favorite_number": 7, "favorite_color": "red"})
    writer.close()
    reader = DataFileReader(path.open("rb"), DatumReader())
    for user in reader:
        print(user)  # noqa: T201 (as the documentation has it)
    reader.close()
    assert capsys.readouterr().out == (
        "{'name': 'Alyssa', 'favorite_number': 256, 'favorite_color': None}\n"
        "{'name': 'Ben', 'favorite_number': 7, 'favorite_color': 'red'}\n"
    )
    with avrojet.DataFileReader(path) as rows:
        assert len(list(rows)) == 2


@pytest.mark.parametrize("codec", datafile.VALID_CODECS)
def test_files_are_written_appended_to_and_read(tmp_path, codec):
    path = tmp_path / "users.avro"
    rows = [{"name": "x" * 100, "favorite_number": number, "favorite_color": None} for number in range(3000)]
    with DataFileWriter(path.open("wb"), DatumWriter(), parse(USER), codec) as writer:
        writer.set_meta("owner", b"me")
        for row in rows[:2000]:
            writer.append(row)
        place = writer.sync()
        assert place == path.stat().st_size
    with DataFileWriter(path.open("ab+"), DatumWriter()) as writer:
        assert writer.codec == codec
        for row in rows[2000:]:
            writer.append(row)
    with DataFileReader(path.open("rb"), DatumReader()) as reader:
        assert (reader.codec, reader.get_meta("owner"), reader.schema) == (codec, b"me", str(parse(USER)))
        assert reader.file_length == path.stat().st_size
        assert next(reader) == rows[0]
        assert reader.datum_decoder is not None
        assert [rows[0], *reader] == rows
        with pytest.raises(StopIteration):
            next(reader)


def test_a_reader_schema_is_kept_to():
    target = io.BytesIO()
    writer = DataFileWriter(target, DatumWriter(), parse(USER))
    writer.append({"name": "Ben", "favorite_number": 7, "favorite_color": "red"})
    writer.flush()
    new = json.loads(USER)
    new["fields"] = [{"name": "age", "type": "int", "default": 5}, new["fields"][0]]
    reader = DataFileReader(io.BytesIO(target.getvalue()), DatumReader(readers_schema=parse(json.dumps(new))))
    assert list(reader) == [{"age": 5, "name": "Ben"}]


def test_a_datum_that_does_not_fit_leaves_no_trace():
    target = io.BytesIO()
    writer = DataFileWriter(target, DatumWriter(), parse('{"type": "array", "items": "int"}'))
    writer.append([1])
    with pytest.raises(errors.AvroTypeException):
        writer.append([1, 2, "x"])
    writer.append([True])  # which is an int, too
    writer.flush()
    assert list(DataFileReader(io.BytesIO(target.getvalue()), DatumReader())) == [[1], [1]]


def test_no_file_of_avro(tmp_path):
    for data, error in ((b"no file", errors.AvroException), (b"", errors.AvroException)):
        with pytest.raises(error):
            DataFileReader(io.BytesIO(data), DatumReader())
    with pytest.raises(errors.DataFileException, match="nope"):
        DataFileWriter(io.BytesIO(), DatumWriter(), parse('"int"'), "nope")
    with pytest.raises(errors.UnsupportedCodec):
        codecs.get_codec("nope")
    path = tmp_path / "text"
    with pytest.warns(errors.AvroWarning, match="open for text"), path.open("w") as file:
        DataFileWriter(file, DatumWriter(), parse('"int"')).flush()
    with pytest.warns(errors.AvroWarning), path.open() as file:
        assert list(DataFileReader(file, DatumReader())) == []


def test_the_environment_limits_blocks_and_items(monkeypatch):
    target = io.BytesIO()
    writer = DataFileWriter(target, DatumWriter(), parse('"string"'), "deflate")
    writer.append("x" * 10_000)
    writer.flush()
    monkeypatch.setenv("AVRO_MAX_DECOMPRESS_LENGTH", "1000")
    with pytest.raises(errors.AvroDecompressionSizeException):
        list(DataFileReader(io.BytesIO(target.getvalue()), DatumReader()))
    monkeypatch.setenv("AVRO_MAX_COLLECTION_ITEMS", "10")
    nulls = parse('{"type": "array", "items": "null"}')
    for stream in (io.BytesIO(b"\x28\x00"), io.BufferedReader(io.BytesIO(b"\x28\x00"))):
        with pytest.raises(errors.AvroCollectionSizeException):
            DatumReader(nulls).read(BinaryDecoder(stream))
    monkeypatch.setenv("AVRO_MAX_COLLECTION_ITEMS", "many")
    with pytest.warns(errors.AvroWarning):
        assert len(DatumReader(nulls).read(BinaryDecoder(io.BytesIO(b"\x28\x00")))) == 20


def test_a_codec_of_ones_own(monkeypatch):
    class Zlib(Codec):
        @staticmethod
        def compress(data):
            made = zlib.compress(data)
            return made, len(made)

        @staticmethod
        def decompress(readers_decoder):
            return BinaryDecoder(io.BytesIO(zlib.decompress(readers_decoder.read_bytes())))

    monkeypatch.setitem(codecs.KNOWN_CODECS, "zlib", Zlib)
    target = io.BytesIO()
    writer = DataFileWriter(target, DatumWriter(), parse('"long"'), "zlib")
    for number in range(1000):
        writer.append(number)
    writer.flush()
    assert list(DataFileReader(io.BytesIO(target.getvalue()), DatumReader())) == list(range(1000))


def test_one_reader_reads_from_a_stream_again_and_again(tmp_path):
    schema = parse(USER)
    rows = [{"name": "x" * size, "favorite_number": size, "favorite_color": None} for size in (0, 600, 5000)]
    path = tmp_path / "data"
    with path.open("wb") as file:
        for row in rows:
            DatumWriter(schema).write(row, BinaryEncoder(file))
    reader = DatumReader(schema)
    with path.open("rb") as file:
        decoder = BinaryDecoder(file)
        assert [reader.read(decoder) for _ in rows] == rows
        with pytest.raises(errors.InvalidAvroBinaryEncoding):
            reader.read(decoder)
    with path.open("rb", buffering=0) as file:
        assert [reader.read(BinaryDecoder(file)) for _ in rows] == rows


def test_plans_are_found_again(monkeypatch):
    made = []
    from avrojet.compat.avro import _plans

    freeze = _plans.freeze
    monkeypatch.setattr(_plans, "freeze", lambda *args, **options: made.append(1) or freeze(*args, **options))
    text = '{"type": "array", "items": {"type": "map", "values": "float"}}'
    for _ in range(5):
        target = io.BytesIO()
        DatumWriter(parse(text)).write([{"a": 1.0}], BinaryEncoder(target))
        assert DatumReader(parse(text)).read(BinaryDecoder(io.BytesIO(target.getvalue()))) == [{"a": 1.0}]
    assert len(made) == 2


def test_what_apache_writes_is_read_and_the_other_way_round():
    apache = pytest.importorskip("avro.datafile")
    apache_io, apache_schema = pytest.importorskip("avro.io"), pytest.importorskip("avro.schema")
    rows = [{"name": "x", "favorite_number": number, "favorite_color": None} for number in range(100)]
    for codec in ("null", "deflate", "bzip2"):
        target = io.BytesIO()
        writer = apache.DataFileWriter(target, apache_io.DatumWriter(), apache_schema.parse(USER), codec)
        for row in rows:
            writer.append(row)
        writer.flush()
        assert list(DataFileReader(io.BytesIO(target.getvalue()), DatumReader())) == rows
        target = io.BytesIO()
        writer = DataFileWriter(target, DatumWriter(), parse(USER), codec)
        for row in rows:
            writer.append(row)
        writer.flush()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            assert list(apache.DataFileReader(io.BytesIO(target.getvalue()), apache_io.DatumReader())) == rows


def test_a_header_with_a_logical_type_that_is_ignored_leaves_the_filters_of_warnings_alone(monkeypatch):
    # Its filters are those of the whole process: another thread could take them back in the wrong order.
    text = json.dumps({"type": "string", "logicalType": "date"})
    with pytest.warns(errors.IgnoredLogicalType):
        schema = parse(text)
    target = io.BytesIO()
    writer = DataFileWriter(target, DatumWriter(), schema)
    writer.append("a")
    writer.flush()
    monkeypatch.delattr(warnings, "catch_warnings")
    assert list(DataFileReader(io.BytesIO(target.getvalue()), DatumReader())) == ["a"]
    monkeypatch.undo()
    with pytest.warns(errors.IgnoredLogicalType):
        parse(text)
