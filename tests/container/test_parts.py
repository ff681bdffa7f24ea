"""Parts of files: some records of a block, the last blocks, and whether all is whole."""

from __future__ import annotations

import io

import pytest

import avrojet
from avrojet import DataFileReader
from avrojet.container.ends import last_blocks
from avrojet.container.framing import build_block, build_header
from avrojet.container.validate import validate_file
from tests.container.samples import CODECS, SYNC, file_of, rows


@pytest.fixture(params=CODECS)
def block(request):
    with DataFileReader(file_of(rows(10), codec=request.param)) as reader:
        return next(reader.blocks())


@pytest.mark.parametrize(
    "numbers",
    [range(0), range(10), range(3, 7), [], [0], [9], [1, 2, 5, 9], range(1, 10, 2)],
    ids=str,
)
def test_some_records_of_a_block(block, numbers):
    assert list(block.select(iter(numbers))) == list(block.select(numbers))
    some = block.select(numbers)
    assert list(some) == [rows(10)[number] for number in numbers]
    assert (some.count, some.codec) == (len(numbers), "null")
    target = io.BytesIO()
    with avrojet.DataFileWriter(target, block.schema, "deflate") as writer:
        writer.write_block(some)
    assert avrojet.read(target.getvalue()) == list(some)


@pytest.mark.parametrize("numbers", [range(11), [10], [-1], [2, 1], [1, 1], range(5, 3)], ids=str)
def test_records_that_are_not_there(block, numbers):
    with pytest.raises(ValueError, match="record"):
        block.select(numbers)


def test_records_after_a_damaged_one():
    data = b"\x02a\x02b\xff\x02c"
    file = build_header({"avro.schema": b'"string"'}, SYNC) + build_block(4, data, SYNC)
    with DataFileReader(file) as reader:
        block = next(reader.blocks())
    assert list(block.select([1])) == ["b"]
    with pytest.raises(avrojet.DecodeError, match="block 0"):
        block.select([3])


@pytest.mark.parametrize("span", [1, 100, 1 << 20])
def test_the_last_blocks(span, monkeypatch):
    monkeypatch.setattr("avrojet.container.ends._SPAN", span)
    data = file_of(range(100), "int", sync_interval=3)
    for records in (0, 1, 3, 4, 99, 100, 101):
        for size in (len(data), None):
            with DataFileReader(data) as reader:
                found = last_blocks(reader, size, records)
            values = [value for block in found for value in block]
            assert values == [*range(100)][100 - len(values) :]
            assert len(values) >= min(records, 100)
            assert len(values) - (found[0].count if found else 0) < max(records, 1)


def test_blocks_of_no_records_at_the_end():
    data = file_of(range(10), "int", sync_marker=SYNC) + build_block(0, b"", SYNC) * 1000
    with DataFileReader(data) as reader:
        assert [value for block in last_blocks(reader, len(data), 2) for value in block] == [*range(10)]


def test_validation():
    good = file_of(rows(20), codec="deflate", sync_interval=60)
    found = validate_file(good)
    assert found
    assert found.records == 20
    assert validate_file(io.BytesIO(good)).records == 20
    for end in range(1, len(good)):
        try:
            avrojet.read(good[:end])
        except avrojet.AvroError:
            assert not validate_file(good[:end]), end
        else:
            assert validate_file(good[:end]), end
    bad = bytearray(good)
    for place in range(len(good) - 200, len(good), 7):
        bad[place] ^= 0x55
    assert validate_file(bytes(bad)).total >= 1


def test_many_problems_are_counted():
    header = build_header({"avro.schema": b'"boolean"'}, SYNC)
    found = validate_file(header + build_block(1, b"\2", SYNC) * 1500 + build_block(1, b"\1", SYNC))
    assert (found.total, len(found.problems), found.blocks) == (1500, 1000, 1)
    assert [error.block for error in found.problems[:3]] == [0, 1, 2]


def test_times_that_python_has_not_are_valid():
    schema = {"type": "int", "logicalType": "date"}
    found = validate_file(file_of([2**31 - 1], schema, logical_types=False))
    assert found
