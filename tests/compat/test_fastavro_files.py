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


@pytest.mark.slow
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


def number(value):
    target = BytesIO()
    fastavro.schemaless_writer(target, "long", value)
    return target.getvalue()


def text_of(value):
    data = value if isinstance(value, bytes) else value.encode()
    return number(len(data)) + data


MARKER = b"0123456789abcdef"
ENTRIES = {"avro.schema": json.dumps(SCHEMA), "avro.codec": "null", "a": "b" * 200, "é": "ü", "": ""}


def in_one_map_block(entries):
    return number(len(entries)) + b"".join(text_of(key) + text_of(value) for key, value in entries)


def in_a_sized_map_block(entries):
    data = b"".join(text_of(key) + text_of(value) for key, value in entries)
    return number(-len(entries)) + number(len(data)) + data


def with_header(*map_blocks, blocks=b""):
    return b"Obj\x01" + b"".join(map_blocks) + b"\x00" + MARKER + blocks


BLOCKS = (
    b"".join(number(2) + text_of(b"\x02\x04") + MARKER for _ in range(3)) + number(0) + text_of(b"") + MARKER
)
HEADERS = {
    "one": with_header(in_one_map_block(ENTRIES.items())),
    "one for each": with_header(*(in_one_map_block([entry]) for entry in ENTRIES.items())),
    "with sizes": with_header(in_a_sized_map_block(ENTRIES.items())),
    "both": with_header(*(part([one]) for one in ENTRIES.items() for part in (in_one_map_block,))),
    "long": with_header(in_one_map_block([*ENTRIES.items(), ("long", "x" * 100_000)])),
    "many": with_header(in_one_map_block([*ENTRIES.items(), *((f"k{n}", "v") for n in range(5000))])),
}


class Short(BytesIO):
    """A file that gives one byte at a time, and cannot go back."""

    def read(self, size=-1):
        return super().read(min(size, 1))


@pytest.mark.parametrize("header", HEADERS.values(), ids=HEADERS.keys())
@pytest.mark.parametrize("opened", [BytesIO, Short])
def test_headers_however_they_are_laid_out(header, opened):
    file = opened(header + BLOCKS)
    rows = reader(file)
    assert file.tell() == len(header)
    assert rows.metadata | ENTRIES == rows.metadata
    assert rows._header["sync"] == MARKER
    assert list(rows) == [{"x": 1}, {"x": 2}] * 3
    file.seek(0)
    found = list(block_reader(file))
    assert [block.num_records for block in found] == [2, 2, 2, 0]
    assert [block.offset for block in found][:2] == [len(header), len(header) + 20]


@pytest.mark.parametrize("header", [HEADERS["one"], HEADERS["one for each"], HEADERS["with sizes"]])
@pytest.mark.parametrize("opened", [BytesIO, Short])
def test_every_file_that_ends_early_is_told(header, opened):
    data = header + BLOCKS
    whole = {len(header) + 20 * block for block in range(4)} | {len(data)}
    for size in range(len(data)):
        file = opened(data[:size])
        if size < len(header):
            with pytest.raises(ValueError, match="cannot read header"):
                reader(file)
        elif size in whole:
            assert len(list(reader(file))) == 2 * ((size - len(header)) // 20)
        else:
            with pytest.raises(EOFError):
                list(reader(file))


BAD_HEADERS = {
    "magic": b"Obj\x02" + HEADERS["one"][4:],
    "text": b"no container file at all, but a long text",
    "a number too long": b"Obj\x01" + b"\xff" * 30,
    "a negative size": b"Obj\x01\x02\x01" + bytes(40),
    "a negative size of a value": b"Obj\x01\x02\x02a\x01" + bytes(40),
    "a huge size": b"Obj\x01\x02" + number(1 << 60) + bytes(40),
    "a huge count": b"Obj\x01" + number(1 << 60) + bytes(20),
    "a key that is no text": b"Obj\x01\x02\x02\xff\x02a\x00" + MARKER,
}


@pytest.mark.parametrize("data", BAD_HEADERS.values(), ids=BAD_HEADERS.keys())
@pytest.mark.parametrize("opened", [BytesIO, Short])
def test_bad_headers_are_told(data, opened):
    with pytest.raises(ValueError, match="cannot read header|limits.header_bytes"):
        reader(opened(data))


def test_a_header_without_schema_is_told():
    with pytest.raises(ValueError, match=r"avro\.schema"):
        reader(BytesIO(with_header(in_one_map_block([("a", "b")]))))


BAD_BLOCKS = {
    "marker": (number(1) + text_of(b"\x02") + MARKER[::-1], "sync marker"),
    "negative count": (number(-1) + text_of(b"\x02") + MARKER, "claims -1 records"),
    "negative size": (number(1) + number(-1) + MARKER * 2, "in -1 bytes"),
    "number too long": (b"\xff" * 30, "64 bits"),
    "huge": (number(1) + number(1 << 40) + MARKER, "block_bytes"),
    "count that lies": (number(2) + text_of(b"\x02") + MARKER, "record 1"),
}


def rows_of_blocks(file):
    return (row for block in block_reader(file) for row in block)


@pytest.mark.parametrize(("data", "message"), BAD_BLOCKS.values(), ids=BAD_BLOCKS.keys())
@pytest.mark.parametrize(
    "read", [reader, lambda file: (row for block in block_reader(file) for row in block)]
)
def test_bad_blocks_are_told_with_their_place(data, message, read):
    good = HEADERS["one"] + BLOCKS[:20]
    rows = read(BytesIO(good + data + BLOCKS))
    assert [next(rows), next(rows)] == [{"x": 1}, {"x": 2}]
    with pytest.raises(ValueError, match=message) as caught:
        list(rows)
    assert f"block 1 at byte {len(good)}" in str(caught.value)


def test_the_limit_of_headers_counts():
    import avrojet

    before = avrojet.set_default_limits(avrojet.Limits(header_bytes=300))
    try:
        with pytest.raises(ValueError, match="header_bytes"):
            reader(BytesIO(HEADERS["one"]))
        assert list(reader(written())) == ROWS
    finally:
        avrojet.set_default_limits(before)


def test_what_a_reader_shows_is_its_own():
    data = written().getvalue()
    for _ in range(5):
        first = reader(BytesIO(data))
        assert first.writer_schema == SCHEMA
        assert first._schema == SCHEMA
        assert first._named_schemas["writer"]["r"] is first.writer_schema
        first.writer_schema["fields"].clear()
        first._schema.clear()
        assert list(first) == ROWS
    with pytest.raises(AttributeError, match="no attribute 'no'"):
        reader(BytesIO(data)).no  # noqa: B018
    shown = reader(BytesIO(data), SCHEMA)
    assert shown._named_schemas["reader"].keys() == {"r"}


def test_a_writer_that_appends_shows_the_schema_of_the_file():
    file = written(ROWS[:1])
    file.seek(0, 2)
    output = Writer(file, None)
    assert output.schema["fields"] == SCHEMA["fields"]
    assert output.schema["__fastavro_parsed"]
    output.write(ROWS[1])
    output.flush()
    file.seek(0)
    assert list(reader(file)) == ROWS[:2]
    with pytest.raises(AttributeError, match="no attribute 'no'"):
        output.no  # noqa: B018


def test_files_of_one_schema_and_other_tables(logical_tables):
    day = {"type": "int", "logicalType": "date"}
    file = BytesIO()
    writer(file, day, [5])
    for expected in (5, "day 5", 5):
        logical_tables[0].pop("int-date", None)
        if expected == "day 5":
            logical_tables[0]["int-date"] = lambda value, *_: f"day {value}"
        file.seek(0)
        assert list(reader(file)) == [expected]


def test_fields_come_in_the_order_of_the_file():
    new = [{"name": "c", "default": 5}, {"name": "b"}, {"name": "z", "aliases": ["a"]}]
    for field in new:
        field["type"] = "int"
    old = {"type": "record", "name": "r", "fields": [{"name": n, "type": "int"} for n in "ab"]}
    file = written([{"a": 1, "b": 2}], old)
    (row,) = reader(file, {"type": "record", "name": "r", "fields": new})
    assert list(row.items()) == [("z", 1), ("b", 2), ("c", 5)]
    nested = {"type": "array", "items": ["null", old]}
    file = written([[{"a": 1, "b": 2}]], nested)
    inner = {"type": "record", "name": "r", "fields": new}
    ((row,),) = reader(file, {"type": "array", "items": ["null", inner]})
    assert list(row) == ["z", "b", "c"]
    peer = pytest.importorskip("fastavro")
    file.seek(0)
    ((theirs,),) = peer.reader(file, {"type": "array", "items": ["null", inner]})
    assert list(theirs) == list(row)
