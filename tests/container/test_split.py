"""Splits of a file have each of its records once, wherever they are cut."""

from __future__ import annotations

import io
import pickle
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

import avrojet
from avrojet.container.framing import SYNC_SIZE, build_block, build_header
from avrojet.errors import DataFileError, TruncatedError

SCHEMA = {
    "type": "record",
    "name": "R",
    "fields": [{"name": "n", "type": "long"}, {"name": "b", "type": "bytes"}],
}
MARKER = bytes(range(100, 116))
ENCODER = avrojet.Encoder(SCHEMA)


def file_of(blocks, marker=MARKER):
    """A file with these blocks, each a list of records."""
    parts = [build_header({"avro.schema": avrojet.parse_schema(SCHEMA).json.encode()}, marker)]
    parts += [build_block(len(records), ENCODER.encode_many(records), marker) for records in blocks]
    return b"".join(parts)


def record(number, data=b""):
    return {"n": number, "b": data}


class Opener:
    """What remote file systems give: something to open; it counts the bytes that are read."""

    def __init__(self, data):
        self.data = data
        self.bytes_read = 0
        self.open_files = 0

    def open(self):
        self.open_files += 1
        return _Counted(self)


class _Counted(io.BytesIO):
    def __init__(self, opener):
        super().__init__(opener.data)
        self._opener = opener

    def read(self, size=-1):
        data = super().read(size)
        self._opener.bytes_read += len(data)
        return data

    read1 = read

    def close(self):
        if not self.closed:
            self._opener.open_files -= 1
        super().close()


def numbers(split):
    return [row["n"] for row in avrojet.read(split)]


@pytest.fixture
def path(tmp_path):
    place = tmp_path / "records.avro"
    avrojet.write(place, SCHEMA, [record(n, b"x" * (n % 50)) for n in range(400)], sync_interval=100)
    return place


# What a file holds, however it is cut

# After a marker in the data stands what cannot begin a block: a negative count, or more than 64 bits. A
# marker with a whole block after it, inside of a block, could not be told from a true one.
NO_BLOCK = b"\xff" * 12

blocks_of_records = st.lists(
    st.lists(
        st.sampled_from([
            b"", b"x", MARKER[:9], NO_BLOCK * 4 + b"\x01", MARKER + NO_BLOCK, MARKER * 2 + NO_BLOCK,
            MARKER[:3] + MARKER + NO_BLOCK,
        ]),
        max_size=4,
    ),
    max_size=6,
)  # fmt: skip


def numbered(blocks):
    count = iter(range(1000))
    return [[record(next(count), data) for data in block] for block in blocks]


@given(
    blocks_of_records,
    st.one_of(st.lists(st.integers(0, 700), max_size=8), st.integers(1, 40)),
    st.sampled_from([MARKER, b"\xff" * SYNC_SIZE]),
)
def test_any_partition_has_each_record_once(blocks, cuts, marker):
    blocks = numbered(blocks)
    source = Opener(file_of(blocks, marker))
    size = len(source.data)
    if isinstance(cuts, int):
        parts = avrojet.splits(source, size=cuts)
    else:
        bounds = sorted({0, size, *(cut for cut in cuts if cut < size)})
        parts = [avrojet.Split(source, start, end) for start, end in pairwise(bounds)]
    assert [n for part in parts for n in numbers(part)] == [each["n"] for block in blocks for each in block]
    assert source.open_files == 0


@pytest.mark.slow
@pytest.mark.parametrize("count", [1, 2, 5])
def test_files_larger_than_what_is_read_at_once(tmp_path, count):
    values = [bytes([number]) * 100_000 for number in range(20)]
    avrojet.write(tmp_path / "x.avro", "bytes", values, sync_interval=200_000)
    parts = avrojet.splits(tmp_path / "x.avro", count=count)
    assert [value for part in parts for value in avrojet.read(part)] == values
    batches = [list(avrojet.read_arrow(part)) for part in parts]
    assert sum(len(batch) for part in batches for batch in part) == len(values)


@pytest.mark.slow
def test_splits_of_one_byte(path):
    parts = avrojet.splits(path, size=1)
    assert len(parts) == path.stat().st_size
    found = [n for part in parts for n in numbers(part)]
    assert found == list(range(400))


@pytest.mark.parametrize("codec", ["null", "deflate"])
def test_columns_of_splits(tmp_path, codec):
    pa = pytest.importorskip("pyarrow")
    place = tmp_path / "records.avro"
    avrojet.write(place, SCHEMA, [record(n) for n in range(3000)], sync_interval=500, codec=codec)
    parts = avrojet.splits(place, count=7)
    whole = pa.table(avrojet.read_arrow(place))
    for threads in (0, 2):
        each = [pa.table(avrojet.read_arrow(part, threads=threads)) for part in parts]
        assert pa.concat_tables(each).equals(whole)
        assert all(table.num_rows for table in each)
        assert pa.table(avrojet.read_arrow(parts, threads=threads)).equals(whole)
        stream = avrojet.read_arrow(parts[2], threads=threads)
        assert pa.table(stream).equals(pa.table(stream))  # a split is read again each time


def test_only_the_part_is_read():
    data = file_of([[record(n, b"z" * 1000)] for n in range(3000)])
    source = Opener(data)
    chunk = 256 << 10
    split = avrojet.splits(source, size=300_000)[5]
    assert len(numbers(split)) == pytest.approx(300, abs=30)
    assert source.bytes_read < 300_000 + 4 * chunk


# Which splits there are


def test_bounds():
    source = Opener(b"x" * 10)
    assert [(s.start, s.end) for s in avrojet.splits(source, size=4)] == [(0, 4), (4, 8), (8, 10)]
    assert [(s.start, s.end) for s in avrojet.splits(source, count=3)] == [(0, 3), (3, 6), (6, 10)]
    assert [(s.start, s.end) for s in avrojet.splits(source, count=99)] == [(n, n + 1) for n in range(10)]
    assert [(s.start, s.end) for s in avrojet.splits(source)] == [(0, 10)]


def test_splits_of_several_files(path):
    parts = avrojet.splits([path, path], count=2)
    assert [n for part in parts for n in numbers(part)] == list(range(400)) * 2


@pytest.mark.parametrize("options", [{"size": 0}, {"count": 0}, {"size": 5, "count": 5}])
def test_sizes_that_make_no_sense(path, options):
    with pytest.raises(ValueError, match="split"):
        avrojet.splits(path, **options)


def test_a_split_travels(path):
    for split in avrojet.splits(str(path), count=3):
        again = pickle.loads(pickle.dumps(split))
        assert again == split
        assert numbers(again) == numbers(split)
        assert hash(again) == hash(split)


def test_a_split_cannot_be_changed(path):
    with pytest.raises(AttributeError):
        avrojet.splits(path)[0].start = 3


# Damage


def test_an_empty_file_is_an_error_in_its_split(tmp_path):
    place = tmp_path / "empty.avro"
    place.touch()
    (split,) = avrojet.splits(place)
    with pytest.raises(TruncatedError):
        avrojet.read(split)


def test_a_file_that_cannot_seek():
    class Pipe(_Counted):
        def seekable(self):
            return False

    source = Opener(file_of([[record(1)]]))
    source.open = lambda: Pipe(source)
    source.open_files = 1
    with pytest.raises(DataFileError, match="cannot seek"):
        avrojet.read(avrojet.Split(source, 0, 10))


def test_damage_is_told_by_the_split_that_has_it():
    blocks = [[record(n, b"y" * 30)] for n in range(20)]
    data = bytearray(file_of(blocks))
    whole = len(data)
    step = len(build_block(1, ENCODER.encode(record(1, b"y" * 30)), MARKER))
    data[whole - 5 * step] ^= 0x80  # the count of the fifth block from the end
    source = Opener(bytes(data))
    failed, found = 0, []
    for split in avrojet.splits(source, size=step):
        try:
            found += numbers(split)
        except DataFileError:
            failed += 1
    assert failed
    assert found[:15] == list(range(15))
    assert set(range(16, 20)) <= set(found)


def test_a_truncated_file_is_an_error_in_its_last_split():
    data = file_of([[record(n, b"y" * 30)] for n in range(20)])
    source = Opener(data[:-3])
    *before, last = avrojet.splits(source, count=4)
    for split in before:
        avrojet.read(split)
    with pytest.raises(TruncatedError):
        avrojet.read(last)


def test_what_is_damaged_can_be_skipped_in_each_split():
    blocks = [[record(n, b"y" * 30)] for n in range(20)]
    data = bytearray(file_of(blocks))
    step = len(build_block(1, ENCODER.encode(record(1, b"y" * 30)), MARKER))
    data[-5 * step] ^= 0x80
    source = Opener(bytes(data))
    found = []
    for split in avrojet.splits(source, count=3):
        with avrojet.DataFileReader(split, on_error="skip") as reader:
            found += [row["n"] for row in reader]
    assert found == [n for n in range(20) if n != 15]


# Remote file systems


@pytest.mark.parametrize("protocol", ["memory", "file"])
def test_splits_of_an_fsspec_file(protocol, tmp_path):
    fsspec = pytest.importorskip("fsspec")
    pa = pytest.importorskip("pyarrow")
    url = f"{protocol}://{tmp_path.as_posix()}/records.avro"
    with fsspec.open(url, "wb") as file:
        avrojet.write(file, SCHEMA, [record(n) for n in range(2000)], sync_interval=100)
    remote = fsspec.open(url)
    parts = pickle.loads(pickle.dumps(avrojet.splits(remote, count=5)))
    assert [n for part in parts for n in numbers(part)] == list(range(2000))
    assert pa.table(avrojet.read_arrow(parts))["n"].to_pylist() == list(range(2000))
    assert pa.table(avrojet.read_arrow([remote, remote])).num_rows == 4000
    assert avrojet.read(remote)[-1]["n"] == 1999
