"""Copies of damaged files that have their whole blocks."""

from __future__ import annotations

import io

import pytest
from hypothesis import given

import avrojet
from avrojet import DataFileError, DataFileReader, TruncatedError, repair_file
from avrojet.container.framing import build_block, build_header
from avrojet.varint import encode_long
from tests.container.samples import CODECS, SYNC, OnlyRead
from tests.container.test_salvage import (
    BAD,
    DAMAGE,
    OTHER_ROWS,
    SIZES,
    another,
    damage,
    flipped,
    rows_but,
    sample,
    skipping,
    told,
)


def repaired(data: bytes) -> tuple[bytes, avrojet.Repair]:
    target = io.BytesIO()
    repair = repair_file(io.BytesIO(data), target)
    return target.getvalue(), repair


@pytest.mark.parametrize("codec", CODECS)
def test_a_whole_file_is_copied_byte_for_byte(codec):
    file = sample(codec)
    copy, repair = repaired(file.data)
    assert copy == file.data
    assert not repair.losses
    assert (repair.blocks, repair.records, repair.size) == (len(SIZES), sum(SIZES), len(file.data))


@pytest.mark.parametrize("codec", CODECS)
def test_whole_blocks_are_copied_as_they_stand(codec):
    file = sample(codec)
    copy, repair = repaired(flipped(file.data, file.offsets[BAD + 1] - 1))
    assert copy == file.header + b"".join(block for n, block in enumerate(file.blocks) if n != BAD)
    assert repair.losses.records == SIZES[BAD]
    assert avrojet.read(io.BytesIO(copy)) == rows_but(BAD)


@pytest.mark.parametrize("codec", CODECS)
def test_joined_files_become_one(codec, tmp_path):
    first, second = sample(codec), another(codec)
    copy, repair = repaired(first.data + second.data)
    assert avrojet.read(copy) == rows_but() + OTHER_ROWS
    assert DataFileReader(copy).sync_marker == SYNC
    assert (repair.blocks, repair.records) == (len(SIZES) + 4, sum(SIZES) + 12)
    assert repair.size + repair.losses.size == len(first.data + second.data)
    assert [(loss.size, loss.records) for loss in repair.losses] == [(len(second.header), 0)]


def test_blocks_of_nothing_are_copied():
    header = build_header({"avro.schema": b'"long"'}, SYNC)
    file = (
        header + build_block(0, b"", SYNC) * 100 + build_block(1, b"\x02", SYNC) + build_block(0, b"", SYNC)
    )
    copy, repair = repaired(file)
    assert copy == file
    assert (repair.blocks, repair.records, repair.size) == (102, 1, len(file))


@given(DAMAGE)
def test_the_copy_is_whole_and_has_what_a_reader_that_skips_has(changes):
    data, _ = damage(sample(), changes)
    copy, repair = repaired(data)
    reader = skipping(data)
    assert avrojet.read(io.BytesIO(copy)) == list(reader)
    assert told(repair.losses) == told(reader.losses)
    assert repair.size + repair.losses.size == len(data)
    told_only = repair_file(OnlyRead(data))
    assert (told_only.blocks, told_only.records, told_only.size) == (
        repair.blocks,
        repair.records,
        repair.size,
    )
    assert told(told_only.losses) == told(repair.losses)


def test_metadata_and_marker_are_kept():
    entries = {"avro.schema": b'"long"', "image": b"\xff\x00", "avro.odd": b"x"}
    copy, _ = repaired(build_header(entries, SYNC) + b"\x02\x01" + SYNC + build_block(1, b"\x02", SYNC))
    with DataFileReader(io.BytesIO(copy)) as reader:
        assert dict(reader.metadata) == entries
        assert reader.sync_marker == SYNC
        assert list(reader) == [1]


def test_values_that_python_has_no_type_for_are_kept():
    schema = b'{"type": "int", "logicalType": "date"}'
    block = build_block(1, encode_long(2**31 - 1), SYNC)
    copy, repair = repaired(build_header({"avro.schema": schema}, SYNC) + block)
    assert not repair.losses
    assert avrojet.read(io.BytesIO(copy), logical_types=False) == [2**31 - 1]


def test_paths(tmp_path):
    source, target = tmp_path / "damaged.avro", tmp_path / "whole.avro"
    data = flipped(sample().data, sample().offsets[BAD + 1] - 1)
    source.write_bytes(data)
    repair = repair_file(source, target)
    assert avrojet.read(target) == rows_but(BAD)
    assert [loss.source for loss in repair.losses] == [str(source)]
    assert source.read_bytes() == data
    assert set(tmp_path.iterdir()) == {source, target}


def test_a_file_is_not_repaired_in_its_place(tmp_path):
    source, link = tmp_path / "a.avro", tmp_path / "b.avro"
    source.write_bytes(sample().data[:-1])
    link.symlink_to(source)
    for target in (source, str(source), link, tmp_path / ".." / tmp_path.name / "a.avro"):
        with pytest.raises(DataFileError, match="in place"):
            repair_file(source, target)
    file = io.BytesIO(sample().data)
    with pytest.raises(DataFileError, match="in place"):
        repair_file(file, file)
    assert source.read_bytes() == sample().data[:-1]


@pytest.mark.parametrize("data", [b"", b"PAR1", sample().header[:-1]])
def test_nothing_appears_where_nothing_can_be_repaired(tmp_path, data):
    source, target = tmp_path / "a.avro", tmp_path / "b.avro"
    source.write_bytes(data)
    with pytest.raises((DataFileError, TruncatedError)):
        repair_file(source, target)
    assert list(tmp_path.iterdir()) == [source]


def test_nothing_appears_if_the_source_fails_midway(tmp_path):
    class Failing(OnlyRead):
        def read(self, size):
            data = super().read(size)
            if not data:
                raise OSError("gone")
            return data

    with pytest.raises(OSError, match="gone"):
        repair_file(Failing(sample().data[:-1]), tmp_path / "b.avro")
    assert list(tmp_path.iterdir()) == []
