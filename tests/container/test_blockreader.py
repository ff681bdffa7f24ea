"""Blocks in pieces: found, framed many at a time, and never other ones than the parser finds one by one."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import closing

import pytest

from avrojet import AvroError, DataFileError, LimitError, Limits, TruncatedError
from avrojet.container.blockreader import At, BlockReader
from avrojet.container.framing import FileParser, RawBlock, Run, build_block
from avrojet.container.source import ByteSource, read_header
from avrojet.core.files.container_blocks import frame, scan
from tests.cases import for_each
from tests.container.test_framing import BLOCKS, FILE, HEADER, SYNC

ANY = 1 << 62


class Pieces(io.RawIOBase):
    """A file that gives a few bytes at a time."""

    def __init__(self, data: bytes, most: int) -> None:
        self._file = io.BytesIO(data)
        self._most = most

    def read(self, size: int = -1) -> bytes:
        return self._file.read(min(size, self._most))

    def seek(self, place: int, whence: int = 0) -> int:
        return self._file.seek(place, whence)

    def tell(self) -> int:
        return self._file.tell()

    def seekable(self) -> bool:
        return True


def reader_of(data: bytes, piece: int = ANY, limits: Limits | None = None, **options) -> BlockReader:
    source = ByteSource(Pieces(data, piece))
    parser = FileParser(limits)
    read_header(source, parser, chunk=min(piece, 1 << 18))
    return BlockReader(source, parser, **options)


def seen(block: RawBlock) -> tuple:
    return block.index, block.offset, block.count, block.size, bytes(block.data), block.data_offset


def in_runs(reader: BlockReader, rows: int = ANY, size: int = ANY, least: int = 0) -> Iterator[RawBlock]:
    while (run := reader.next_run(rows, size, least)) is not None:
        index, position, count = run.index, 0, 0
        while position < run.size:
            block, position = run.block(index, position)
            index, count = index + 1, count + block.count
            yield block
        assert count == run.count


def one_by_one(reader: BlockReader, stop: int | None = None, at: At = None) -> Iterator[RawBlock]:
    while (found := reader.block_at(at, stop)) is not None:
        block, at = found
        yield block


ONE_BY_ONE = [seen(block) for block in one_by_one(reader_of(FILE))]


@pytest.mark.parametrize("piece", [1, 5, 16, 17, 100, ANY])
@pytest.mark.parametrize("least", [0, 10, ANY])
def test_runs_have_the_blocks(piece, least):
    assert [seen(block) for block in in_runs(reader_of(FILE, piece), least=least)] == ONE_BY_ONE


@pytest.mark.parametrize(
    ("bounds", "lengths"),
    [((3, ANY), [2, 1]), ((203, ANY), [3]), ((0, ANY), [1] * 3), ((ANY, 40), [2, 1]), ((ANY, 1), [1] * 3)],
)  # fmt: skip
def test_runs_are_bounded_but_have_a_block(bounds, lengths):
    reader = reader_of(FILE)
    found = []
    while (run := reader.next_run(*bounds, least=ANY)) is not None:
        found.append(run.index)
    ends = [*found[1:], len(BLOCKS)]
    assert [end - index for index, end in zip(found, ends, strict=True)] == lengths


@pytest.mark.parametrize("piece", [1, 5, 16, 17, 1000])
def test_blocks_are_found_by_the_marker_before_them(piece):
    for start in range(len(HEADER) - 16, len(FILE)):
        reader = reader_of(FILE, piece)
        after = one_by_one(reader, at=reader.place_after(start))
        assert [block.offset for block in after] == [b[1] for b in ONE_BY_ONE if b[1] - 16 >= start]


@for_each("stop", range(len(HEADER) - 17, len(FILE) + 1))
def test_a_stop(stop):
    expected = [block for block in ONE_BY_ONE if block[1] - 16 < stop]
    assert [seen(block) for block in one_by_one(reader_of(FILE, stop=stop))] == expected
    assert [seen(block) for block in in_runs(reader_of(FILE, stop=stop), least=ANY)] == expected
    reader = reader_of(FILE)
    assert [seen(block) for block in one_by_one(reader, stop)] == expected
    for _, offset, *_ in ONE_BY_ONE[len(expected) : len(expected) + 1]:
        rest = one_by_one(reader, at=(offset, len(expected)))
        assert [seen(block) for block in rest] == ONE_BY_ONE[len(expected) :], "those after can be read then"


def test_nothing_is_read_where_there_is_no_beginning():
    reader = reader_of(FILE, begin=lambda: None)
    assert reader.next_run(ANY, ANY, 0) is None
    assert reader.block_at(None) is None


def outcome(read) -> tuple:
    """What is found, and the error that it ends with."""
    found: list[tuple] = []
    try:
        found.extend(map(seen, read))
    except AvroError as error:
        return found, type(error), str(error), error.offset, error.block
    return found, None


@for_each("place", range(len(HEADER), len(FILE)))
@pytest.mark.parametrize("least", [0, ANY])
def test_damage_and_truncation_are_told_as_one_by_one(place, least):
    flipped = bytearray(FILE)
    flipped[place] ^= 0xFF
    for data in (bytes(flipped), FILE[:place]):
        assert outcome(in_runs(reader_of(data), least=least)) == outcome(one_by_one(reader_of(data)))


def test_a_block_over_the_limit():
    reader = reader_of(FILE, limits=Limits(block_bytes=100))
    assert reader.next_run(ANY, ANY, ANY).count == 3
    with pytest.raises(LimitError, match="block_bytes"):
        reader.next_run(ANY, ANY, ANY)


def test_a_block_that_claims_much_is_not_waited_for():
    with pytest.raises(TruncatedError):
        reader_of(HEADER + b"\x02" + b"\x80\x80\x80\x80\x01" + b"x" * 1000).next_run(ANY, ANY, 0)


class Failing(Pieces):
    """The same, but reading fails where it would end."""

    def read(self, size: int = -1) -> bytes:
        data = super().read(size)
        if not data:
            raise OSError("the disk is gone")
        return data


@pytest.mark.parametrize("least", [0, ANY])
@pytest.mark.parametrize("piece", [7, ANY])
def test_a_source_that_fails_does_so_after_the_blocks_before(piece, least):
    end = ONE_BY_ONE[2][1]
    with closing(ByteSource(Failing(FILE[: end + 20], piece))) as source:
        parser = FileParser()
        read_header(source, parser, chunk=min(piece, 1 << 18))
        found = []
        with pytest.raises(OSError, match="gone"):
            found.extend(map(seen, in_runs(BlockReader(source, parser), least=least)))
    assert found == ONE_BY_ONE[:2]


@pytest.mark.parametrize("piece", [5, 100, ANY])
def test_a_place_gives_the_same_again(piece):
    """Whether the block or an error is there; also after others were asked for, where the source can seek."""
    reader = reader_of(FILE[:-1], piece)
    places: list[At] = [None]
    for expected in ONE_BY_ONE[:-1]:
        found = reader.block_at(places[-1])
        again = reader.block_at(places[-1])
        assert seen(found[0]) == seen(again[0]) == expected
        assert found[1] == again[1]
        places.append(found[1])
    for _ in range(2):
        with pytest.raises(TruncatedError):
            reader.block_at(places[-1])
    for place, expected in zip(places, ONE_BY_ONE[:-1], strict=False):
        assert seen(reader.block_at(place)[0]) == expected


def empty_file(count: int) -> bytes:
    return HEADER + build_block(0, b"", SYNC) * count + build_block(3, b"abc", SYNC)


@pytest.mark.parametrize("piece", [1, 17, 100, ANY])
def test_blocks_of_nothing_come_many_in_one_piece(piece):
    reader = reader_of(empty_file(50), piece)
    at, blocks, places = None, 0, [len(HEADER)]
    while (found := reader.blocks_at(at)) is not None:
        each, at = found
        blocks += each.blocks if isinstance(each, Run) else 1
        assert each.index + (each.blocks if isinstance(each, Run) else 1) == at[1]
        assert each.offset == places[-1]
        places.append(at[0])
    assert (blocks, places[-1]) == (51, len(empty_file(50)))
    if piece == ANY:
        assert len(places) == 4  # the first one tells that there are perhaps many


def test_an_empty_block_that_is_odd_is_told():
    data = empty_file(3) + b"\0\0" + SYNC[::-1]
    reader = reader_of(data)
    at = None
    with pytest.raises(DataFileError, match="block 4 at byte .* sync marker"):
        while (found := reader.blocks_at(at)) is not None:
            at = found[1]


# The scanner itself


def test_scan_tells_why_it_ended():
    data = FILE[len(HEADER) :]
    whole = (len(BLOCKS), 203, len(data))
    bounds = (1000, ANY, ANY, ANY)
    assert scan(data, 0, len(data), SYNC, *bounds) == (*whole, 1)
    first = len(build_block(*BLOCKS[0], SYNC))
    for end in range(1, first):
        blocks, rows, after, missing = scan(data, 0, end, SYNC, *bounds)
        assert (blocks, rows, after) == (0, 0, 0)
        assert missing == (1 if end < 2 else first - end)
    assert scan(data, 0, len(data), SYNC, 2, ANY, ANY, ANY) == (0, 0, 0, 0)
    assert scan(data, 0, len(data), bytes(16), *bounds) == (0, 0, 0, 0)
    assert scan(b"\xff" * 11, 0, 11, SYNC, *bounds) == (0, 0, 0, 0)
    assert scan(b"\x01\x00", 0, 2, SYNC, *bounds) == (0, 0, 0, 0)
    assert scan(data, 0, len(data), SYNC, 1000, ANY, ANY, 0) == (0, 0, 0, -1)
    assert scan(b"\x00" + b"\xfe" + b"\xff" * 8 + b"\x01", 0, 11, SYNC, ANY, ANY, ANY, ANY) == (0, 0, 0, 0)


@pytest.mark.parametrize(("start", "end"), [(-1, 2), (3, 2), (0, 4)])
def test_scan_stays_within_its_data(start, end):
    with pytest.raises(ValueError, match="bytes"):
        scan(b"abc", start, end, SYNC, 1, 1, 1, 1)


def test_a_marker_has_16_bytes():
    with pytest.raises(ValueError, match="marker"):
        scan(b"", 0, 0, SYNC[:15], 1, 1, 1, 1)


@pytest.mark.parametrize("start", [-1, 1, 4, 5])
def test_no_frame(start):
    with pytest.raises(ValueError, match="byte"):
        frame(b"\x00\x02\x00\x00", start)


def test_runs_of_a_path_that_is_cut_while_it_is_read(tmp_path):
    path = tmp_path / "cut.avro"
    path.write_bytes(FILE)
    with closing(ByteSource(path)) as source:
        parser = FileParser()
        read_header(source, parser, chunk=len(HEADER))
        path.write_bytes(FILE[:-20])
        with pytest.raises(TruncatedError):
            list(in_runs(BlockReader(source, parser)))
