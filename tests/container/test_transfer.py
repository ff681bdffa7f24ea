"""Blocks from file to file, whole files in one call, and counting."""

from __future__ import annotations

import io
import os
import stat

import pytest

import avrojet
from avrojet import CodecError, DataFileError, DataFileReader, TruncatedError
from avrojet.container import source as source_module
from tests.container.samples import CODECS, SCHEMA, OnlyRead, ShortReads, file_of, rows, rows_of

ROWS = rows(400)


def parts(codec="deflate", **options) -> list[bytes]:
    pieces = [ROWS[:150], [], ROWS[150:]]
    return [file_of(piece, codec=codec, sync_interval=500, **options) for piece in pieces]


def raw_blocks(data: bytes) -> list[bytes]:
    return [bytes(block.data) for block in DataFileReader(io.BytesIO(data)).blocks()]


# concat_files


@pytest.mark.parametrize("codec", CODECS)
def test_concat_copies_blocks_as_they_stand(codec):
    sources = parts(codec, metadata={"mine": "1"})
    target = io.BytesIO()
    avrojet.concat_files(map(io.BytesIO, sources), target)
    assert rows_of(target.getvalue()) == ROWS
    assert raw_blocks(target.getvalue()) == [block for source in sources for block in raw_blocks(source)]
    reader = DataFileReader(io.BytesIO(target.getvalue()))
    assert (reader.codec, reader.metadata["mine"], reader.schema) == (codec, b"1", SCHEMA)


def test_concat_of_other_codecs():
    target = io.BytesIO()
    avrojet.concat_files([io.BytesIO(parts("null")[0]), io.BytesIO(parts("xz")[2])], target)
    assert rows_of(target.getvalue()) == ROWS


def test_concat_of_nothing_and_of_other_schemas(tmp_path):
    path = tmp_path / "all.avro"
    with pytest.raises(DataFileError, match="no files"):
        avrojet.concat_files([], path)
    with pytest.raises(DataFileError, match="schema is not the file's"):
        avrojet.concat_files([io.BytesIO(parts()[0]), io.BytesIO(file_of([1], '"long"'))], path)
    assert list(tmp_path.iterdir()) == []


# recode_file


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("threads", [0, 2])
def test_recode(codec, threads):
    data = file_of(ROWS, codec="deflate", sync_interval=500, metadata={"mine": "1"})
    target = io.BytesIO()
    avrojet.recode_file(io.BytesIO(data), target, codec, threads=threads)
    reader = DataFileReader(io.BytesIO(target.getvalue()))
    assert (reader.codec, reader.metadata["mine"]) == (codec, b"1")
    assert list(reader) == ROWS


def test_recode_in_place_to_another_level(tmp_path):
    path = tmp_path / "a.avro"
    path.write_bytes(file_of(ROWS, codec="deflate", level=0))
    before = path.stat().st_size
    avrojet.recode_file(path, path, "deflate", 9)
    assert path.stat().st_size < before / 2
    assert avrojet.read(path) == ROWS


def test_what_fails_leaves_the_target_as_it_was(tmp_path):
    path = tmp_path / "a.avro"
    path.write_bytes(file_of(ROWS)[:-1])
    before = path.read_bytes()
    with pytest.raises(TruncatedError):
        avrojet.recode_file(path, path, "deflate")
    with pytest.raises(CodecError):
        avrojet.recode_file(path, path, "lzo")
    with pytest.raises(avrojet.EncodeError):
        avrojet.write(path, SCHEMA, [*ROWS, 5])
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


# read and write


def test_write_and_read(tmp_path):
    path = tmp_path / "a.avro"
    avrojet.write(path, SCHEMA, iter(ROWS), codec="deflate", metadata={"mine": "1"})
    assert avrojet.read(path) == ROWS
    assert avrojet.read(path, {"type": "record", "name": "Visit", "fields": []}) == [{}] * len(ROWS)
    target = io.BytesIO()
    avrojet.write(target, SCHEMA, ROWS)
    assert avrojet.read(io.BytesIO(target.getvalue()), records="tuple")[0][0] == 0


def test_write_keeps_mode_and_links(tmp_path):
    path, link = tmp_path / "a.avro", tmp_path / "link.avro"
    path.write_bytes(b"old")
    path.chmod(0o640)
    link.symlink_to(path)
    avrojet.write(link, SCHEMA, ROWS)
    assert link.is_symlink()
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert avrojet.read(path) == ROWS


# count_records


@pytest.mark.parametrize("codec", CODECS)
def test_count(codec, tmp_path):
    data = file_of(ROWS, codec=codec, sync_interval=3000)
    path = tmp_path / "a.avro"
    path.write_bytes(data)
    for source in (path, io.BytesIO(data), OnlyRead(data), ShortReads(data, 7)):
        assert avrojet.count_records(source) == 400


def test_count_seeks_over_the_data(monkeypatch):
    data = file_of([b"x" * 1_000_000] * 5, '"bytes"')
    skipped = []
    skip = source_module.ByteSource.skip
    monkeypatch.setattr(
        source_module.ByteSource, "skip", lambda self, size: (skipped.append(size), skip(self, size))
    )
    assert avrojet.count_records(io.BytesIO(data)) == 5
    assert sum(skipped) > 4_900_000


def test_count_needs_neither_codec_nor_schema():
    data = file_of([1, 2], '"long"').replace(b"null", b"lzo\0").replace(b'"long"', b'"lung"')
    assert avrojet.count_records(io.BytesIO(data)) == 2


@pytest.mark.parametrize("codec", ["null", "deflate"])
@pytest.mark.parametrize("sync_interval", [1, 5000, 1 << 20])
def test_blocks_of_all_sizes_are_copied(tmp_path, codec, sync_interval):
    """Also more of them than are copied at once, and a block that is larger than that."""
    values = [os.urandom(100).hex() for _ in range(3000)]
    files = [tmp_path / "1.avro", tmp_path / "2.avro"]
    for file in files:
        avrojet.write(file, "string", values, codec=codec, sync_interval=sync_interval)
    avrojet.concat_files(files, tmp_path / "all.avro")
    assert avrojet.read(tmp_path / "all.avro") == values * 2
    with avrojet.DataFileReader(tmp_path / "all.avro") as all_of_it:
        blocks = [(block.count, block.size) for block in all_of_it.blocks()]
    with avrojet.DataFileReader(files[0]) as first:
        assert [(block.count, block.size) for block in first.blocks()] * 2 == blocks


def test_damage_while_blocks_are_copied(tmp_path):
    data = bytearray(file_of(rows(500), sync_interval=1000))
    data[-8] ^= 1
    (tmp_path / "a.avro").write_bytes(data)
    with pytest.raises(avrojet.DataFileError, match=r"a\.avro: .*sync marker") as caught:
        avrojet.concat_files([tmp_path / "a.avro"], tmp_path / "b.avro")
    assert caught.value.block > 3
    (tmp_path / "a.avro").write_bytes(data[:-20])
    with pytest.raises(avrojet.TruncatedError, match=r"a\.avro: "):
        avrojet.concat_files([tmp_path / "a.avro"], tmp_path / "b.avro")
    assert [path.name for path in tmp_path.iterdir()] == ["a.avro"]
