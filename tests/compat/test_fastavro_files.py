from __future__ import annotations

import json
import subprocess
import sys
from io import BytesIO

import pytest

from avrojet.compat import fastavro
from avrojet.compat.fastavro import block_reader, is_avro, reader, writer
from avrojet.compat.fastavro._write import BLOCK_WRITERS
from avrojet.compat.fastavro.write import Writer

SCHEMA = {"type": "record", "name": "r", "fields": [{"name": "x", "type": "long"}]}
ROWS = [{"x": number} for number in range(1000)]


def written(rows=ROWS, schema=SCHEMA, **options):
    file = BytesIO()
    writer(file, schema, rows, sync_interval=100, **options)
    file.seek(0)
    return file


@pytest.mark.parametrize("codec", ["null", "deflate", "bzip2", "xz", "snappy", "zstandard", "lz4"])
def test_codecs(codec):
    pytest.importorskip({"snappy": "cramjam", "zstandard": "backports.zstd", "lz4": "lz4"}.get(codec, "io"))
    file = written(codec=codec)
    got = reader(file)
    assert got.codec == codec
    assert list(got) == ROWS


def test_a_level_is_for_the_codecs_that_fastavro_gives_one():
    assert list(reader(written(codec="deflate", codec_compression_level=-1))) == ROWS
    assert list(reader(written(codec="bzip2", codec_compression_level=99))) == ROWS
    with pytest.raises(ValueError, match="level"):
        written(codec="deflate", codec_compression_level=99)


def test_unknown_codecs(monkeypatch):
    with pytest.raises(ValueError, match="unrecognized codec: odd"):
        written(codec="odd")
    file = written()
    damaged = file.getvalue().replace(b"\x08null", b"\x06odd")
    with pytest.raises(ValueError, match="Unrecognized codec: odd"):
        next(reader(BytesIO(damaged)))


def test_a_codec_of_somebody_else(monkeypatch):
    def write_reversed(fo, block_bytes, compression_level):
        fastavro.schemaless_writer(fo, "bytes", block_bytes[::-1])

    def read_reversed(fo):
        return BytesIO(fastavro.schemaless_reader(fo, "bytes")[::-1])

    monkeypatch.setitem(BLOCK_WRITERS, "reversed", write_reversed)
    monkeypatch.setitem(fastavro.read.BLOCK_READERS, "reversed", read_reversed)
    assert list(reader(written(codec="reversed"))) == ROWS


def test_blocks_are_read_to_the_byte():
    file = written()
    blocks = block_reader(file)
    first = next(blocks)
    assert file.tell() == first.offset + first.size
    assert first.num_records == len(list(first))
    second = next(blocks)
    file.seek(first.offset)
    again = next(blocks)
    assert (again.offset, list(again)) == (first.offset, ROWS[: first.num_records])
    assert second.offset == first.offset + first.size
    with pytest.raises(EOFError):
        list(first)  # once is enough, as its bytes_ are a file


def test_a_reader_takes_no_more_than_the_blocks_it_gives():
    file = written()
    rows = reader(file)
    offset = file.tell()
    file.seek(0)
    assert next(block_reader(file)).offset == offset
    assert rows._header["sync"] in file.getvalue()
    assert rows.metadata.keys() == {"avro.codec", "avro.schema"}
    with pytest.warns(DeprecationWarning, match="writer_schema"):
        assert rows.schema == SCHEMA


def test_files_that_end_early():
    data = written().getvalue()
    with pytest.raises(ValueError, match="cannot read header"):
        reader(BytesIO(b""))
    with pytest.raises(EOFError):
        list(reader(BytesIO(data[:-1])))


def test_a_reader_schema():
    new = {**SCHEMA, "fields": [{"name": "x", "type": "double"}, {"name": "y", "type": "int", "default": 1}]}
    assert next(reader(written(), new)) == {"x": 0.0, "y": 1}
    odd = {**SCHEMA, "name": "other"}
    with pytest.raises(fastavro.read.SchemaResolutionError):
        next(reader(written(), odd))


def test_appending(tmp_path):
    path = tmp_path / "rows.avro"
    path.write_bytes(written(ROWS[:1], codec="deflate", metadata={"a": "b"}).getvalue())
    with path.open("a+b") as file:
        writer(file, None, ROWS[1:2])
    with path.open("rb") as file:
        rows = reader(file)
        assert list(rows) == ROWS[:2]
        assert rows.metadata["a"] == "b"
        assert rows.codec == "deflate"
    with path.open("ab") as file, pytest.raises(ValueError, match="a\\+"):
        writer(file, SCHEMA, ROWS)


def test_a_writer_shows_what_waits():
    file = BytesIO()
    output = Writer(file, SCHEMA, sync_interval=4, sync_marker=b"s" * 16)
    output.write(ROWS[0])
    assert (output.block_count, output.io.tell()) == (1, 1)
    for row in ROWS[1:4]:
        output.write(row)
    assert output.block_count == 0
    output.write_block(next(block_reader(written(ROWS[:3]))))
    output.flush()
    file.seek(0)
    assert [row["x"] for row in reader(file)] == [0, 1, 2, 3, 0, 1, 2]


@pytest.mark.parametrize("marker", [b"short", bytes(17)])
def test_a_sync_marker_has_16_bytes(marker):
    with pytest.raises(ValueError, match="16 bytes"):
        Writer(BytesIO(), SCHEMA, sync_marker=marker)


def test_records_are_validated_first():
    with pytest.raises(fastavro.validation.ValidationError) as caught:
        written([{"x": 1}, {"x": "no"}], validator=True)
    assert caught.value.errors[0].field == "r.x"
    with pytest.raises(ValueError, match="iterable, not dict"):
        written({"x": 1})


def test_is_avro(tmp_path):
    file = written()
    assert is_avro(file)
    assert file.tell() == 4
    path = tmp_path / "text"
    path.write_text("Object")
    assert not is_avro(str(path))


def test_errors_of_rows_say_where_they_are():
    file = written(["a"], "string")
    data = file.getvalue().replace(b"\x02a", b"\x02\xff")
    with pytest.raises(UnicodeDecodeError):
        list(reader(BytesIO(data)))
    assert list(reader(BytesIO(data), handle_unicode_errors="ignore")) == [""]


def command(*arguments, stdin=None):
    done = subprocess.run(
        [sys.executable, "-m", "avrojet.compat", "fastavro", "-m", "fastavro", *map(str, arguments)],
        input=stdin,
        capture_output=True,
        check=False,
    )
    assert not done.stderr
    return done.stdout.decode()


def test_the_command_line(tmp_path):
    path = tmp_path / "rows.avro"
    path.write_bytes(written(ROWS[:2], metadata={"a": "b"}).getvalue())
    assert [json.loads(line) for line in command(path).splitlines()] == ROWS[:2]
    assert [json.loads(line) for line in command("-", stdin=path.read_bytes()).splitlines()] == ROWS[:2]
    assert command(path, "--pretty").startswith('{\n    "x": 0\n}\n')
    assert json.loads(command(path, "--schema")) == SCHEMA
    assert json.loads(command(path, "--metadata")) == {"a": "b", "avro.codec": "null"}
    assert "deflate" in command("--codecs").split()
    assert command("--version").startswith("fastavro 1.13.1")
