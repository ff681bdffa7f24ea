"""Reading container files: sources, rows, blocks, and what is damaged."""

from __future__ import annotations

import gc
import io
import operator
import os
import socket
import threading

import pytest

import avrojet
from avrojet import DataFileError, DataFileReader, DecodeError, LimitError, Limits, TruncatedError
from avrojet.container.codecs import make_compress
from avrojet.container.framing import SYNC_SIZE, build_block, build_header
from avrojet.varint import encode_long
from tests.container.samples import (
    CODECS,
    DATA,
    SCHEMA,
    SYNC,
    OnlyRead,
    ShortReads,
    file_of,
    rows,
    rows_of,
)

ROWS = rows(500)
FILE = file_of(ROWS, codec="deflate", sync_interval=1000, sync_marker=SYNC, metadata={"a": "1", "b": b"\xff"})


def hand_made(blocks, schema='"long"', **metadata: bytes) -> bytes:
    entries = {"avro.schema": schema.encode(), **{f"avro.{k}": v for k, v in metadata.items()}}
    return build_header(entries, SYNC) + b"".join(build_block(count, data, SYNC) for count, data in blocks)


CHECKED = {"snappy", "bzip2", "xz"}  # the codecs with a checksum


# What a reader has


def test_attributes():
    with DataFileReader(io.BytesIO(FILE)) as reader:
        assert reader.schema == SCHEMA
        assert reader.codec == "deflate"
        assert reader.sync_marker == SYNC
        assert reader.metadata["a"] == b"1"
        assert reader.metadata["b"] == b"\xff"
        assert set(reader.metadata) == {"a", "b", "avro.schema", "avro.codec"}
        with pytest.raises(TypeError):
            reader.metadata["a"] = b"2"
        assert "deflate" in repr(reader)


def test_a_file_without_codec_is_null():
    with DataFileReader(io.BytesIO(hand_made([(1, b"\x02")]))) as reader:
        assert reader.codec == "null"
        assert list(reader) == [1]


def test_reader_schema_and_options():
    narrow = {"type": "record", "name": "Visit", "fields": [{"name": "day", "type": "int"}]}
    assert rows_of(FILE, reader_schema=narrow)[:2] == [{"day": 20454}, {"day": 20455}]
    assert rows_of(FILE, records="tuple", logical_types=False)[0] == (0, "visitor 0", 20454, [])


def test_rows_by_next_and_in_parts():
    with DataFileReader(io.BytesIO(FILE)) as reader:
        assert next(reader) == ROWS[0]
        some = [row for row, _ in zip(reader, range(9), strict=False)]
        assert some == ROWS[1:10]
        assert list(reader) == ROWS[11:]  # zip has taken one more
        assert list(reader) == []


# Sources


@pytest.fixture
def path(tmp_path):
    place = tmp_path / "visits.avro"
    place.write_bytes(FILE)
    return place


def test_paths(path):
    assert list(DataFileReader(path)) == list(DataFileReader(str(path))) == ROWS
    assert avrojet.read(path) == ROWS


def test_open_files(path):
    for buffering in (0, -1):
        with path.open("rb", buffering=buffering) as file:
            assert list(DataFileReader(file)) == ROWS
            assert not file.closed


@pytest.mark.parametrize("most", [1, 2, 3, 17, 1000, 1 << 20])
def test_short_reads(most):
    assert list(DataFileReader(ShortReads(FILE, most))) == ROWS
    assert list(DataFileReader(io.BufferedReader(ShortReads(FILE, most), 64))) == ROWS


def test_nothing_but_read():
    assert list(DataFileReader(OnlyRead(FILE))) == ROWS


def feed(write, close):
    for start in range(0, len(FILE), 999):
        write(FILE[start : start + 999])
    close()


def test_pipe():
    reading, writing = os.pipe()
    with os.fdopen(writing, "wb", 0) as pipe, os.fdopen(reading, "rb") as source:
        thread = threading.Thread(target=feed, args=(pipe.write, pipe.close))
        thread.start()
        assert list(DataFileReader(source)) == ROWS
        thread.join()


def test_socket():
    here, there = socket.socketpair()
    with here, there, here.makefile("rb") as source:
        thread = threading.Thread(target=feed, args=(there.sendall, there.close))
        thread.start()
        assert list(DataFileReader(source)) == ROWS
        thread.join()


def test_a_source_without_data_now_has_not_ended():
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    with os.fdopen(writing, "wb", 0) as pipe, os.fdopen(reading, "rb", 0) as source:
        pipe.write(FILE[: len(FILE) // 2])
        with pytest.raises(DataFileError, match="no data now"):
            list(DataFileReader(source))


def test_rows_come_before_the_source_ends():
    """Nothing waits for a whole chunk where a pipe has less."""
    reading, writing = os.pipe()
    with os.fdopen(writing, "wb", 0) as pipe, os.fdopen(reading, "rb") as source:
        pipe.write(FILE[: len(FILE) // 2])
        assert next(DataFileReader(source)) == ROWS[0]


def test_a_source_is_read_from_where_it_stands():
    source = io.BytesIO(b"before" + FILE)
    source.seek(6)
    reader = DataFileReader(source)
    first, second = list(reader.blocks())[:2]
    assert list(reader.blocks(start=second.offset - SYNC_SIZE))[0].data == second.data
    assert first.offset < len(FILE)


def test_sources_that_will_not_do(tmp_path):
    for nothing in (7, None, {"a": 1}, ["a.avro"]):
        with pytest.raises(DataFileError, match=f"cannot read from {type(nothing).__name__}: pass a path"):
            DataFileReader(nothing)
    with pytest.raises(FileNotFoundError):
        DataFileReader(tmp_path / "none")


class NonBlocking(io.RawIOBase):
    def readable(self):
        return True

    def readinto(self, buffer):
        return None


def test_a_source_without_data_now_is_not_at_its_end():
    with pytest.raises(DataFileError, match="non-blocking"):
        DataFileReader(NonBlocking())


def test_closing(path):
    reader = DataFileReader(path)
    reader.close()
    reader.close()
    with pytest.raises(DataFileError, match="closed"):
        list(reader.blocks(0))
    given = DataFileReader(OnlyRead(FILE))
    given.close()
    with pytest.raises(DataFileError, match="closed"):
        list(given)


def test_an_opened_file_is_closed_after_its_last_row(path):
    reader = DataFileReader(path)
    list(reader)
    assert reader._source._file.closed
    given = io.BytesIO(FILE)
    with DataFileReader(given) as reader:
        list(reader)
    assert not given.closed


def test_an_opened_file_is_closed_if_it_is_no_avro(tmp_path):
    place = tmp_path / "no.avro"
    place.write_bytes(b"no Avro")
    with pytest.raises(DataFileError):
        DataFileReader(place)  # a ResourceWarning would be an error


# Blocks


def test_blocks():
    with DataFileReader(io.BytesIO(FILE)) as reader:
        blocks = list(reader.blocks())
    assert len(blocks) > 5
    assert [block.index for block in blocks] == list(range(len(blocks)))
    assert sum(block.count for block in blocks) == 500
    assert [row for block in blocks for row in block] == ROWS
    assert [row for block in blocks for row in block] == ROWS
    for block in blocks:
        assert block.size == len(block.data)
        assert bytes(block.data) in FILE[block.offset : block.offset + 10 + block.size]
        assert bytes(make_compress("deflate")(block.decompressed())) == bytes(block.data)
        assert (block.codec, block.schema) == ("deflate", SCHEMA)
        assert str(block.offset) in repr(block)


@pytest.mark.parametrize("step", [1, 100, 1000, 5000])
def test_parts_of_a_file_share_no_block_and_miss_none(step):
    whole = [block.offset for block in DataFileReader(io.BytesIO(FILE)).blocks()]
    again = DataFileReader(io.BytesIO(FILE))
    found = [
        block.offset for start in range(0, len(FILE), step) for block in again.blocks(start, start + step)
    ]
    assert found == whole


def test_a_stop_keeps_the_next_block():
    reader = DataFileReader(io.BytesIO(FILE))
    half = list(reader.blocks(stop=len(FILE) // 2))
    rest = list(reader.blocks())
    assert [row for block in half + rest for row in block] == ROWS


def test_parts_need_a_source_that_seeks():
    with pytest.raises(DataFileError, match="cannot seek"):
        next(DataFileReader(OnlyRead(FILE)).blocks(start=0))


def test_rows_and_blocks_do_not_mix():
    reader = DataFileReader(io.BytesIO(FILE))
    next(reader)
    with pytest.raises(DataFileError, match="open another"):
        next(reader.blocks())


def test_the_rows_of_a_damaged_block_do_not_stop_the_others():
    data = hand_made([(1, b"\x02"), (1, b"\x80"), (1, b"\x06")])
    good, bad, last = DataFileReader(io.BytesIO(data)).blocks()
    assert (list(good), list(last)) == ([1], [3])
    with pytest.raises(DecodeError):
        list(bad)


# Damage


@pytest.mark.parametrize("codec", CODECS)
def test_a_file_cut_at_any_byte(codec):
    data = file_of(rows(12), codec=codec, sync_interval=60)
    reader = DataFileReader(io.BytesIO(data))
    ends = {block.offset for block in reader.blocks()} | {len(data)}
    assert len(ends) > 3
    for end in range(len(data)):
        if end in ends:
            assert rows_of(data[:end]) == rows(12)[: len(rows_of(data[:end]))]
            continue
        with pytest.raises(TruncatedError):
            rows_of(data[:end])
        with pytest.raises(TruncatedError):
            avrojet.count_records(io.BytesIO(data[:end]))


@pytest.mark.parametrize("codec", CODECS)
def test_a_file_with_any_byte_changed(codec):
    """It raises an error of ours or, without a checksum, gives other rows; nothing else."""
    whole = rows(8)
    data = file_of(whole, codec=codec, sync_interval=80, sync_marker=SYNC)
    start = DataFileReader(io.BytesIO(data))._header.size
    raised = 0
    for place in range(len(data)):
        for flip in (0x01, 0x80, 0xFF):
            damaged = bytearray(data)
            damaged[place] ^= flip
            try:
                found = rows_of(bytes(damaged), limits=Limits(block_bytes=10_000))
            except (DataFileError, DecodeError) as error:
                raised += 1
                assert place < start or error.block is not None
            except (avrojet.SchemaError, avrojet.ResolutionError):
                assert place < start
            except Warning:
                assert place < start  # a logical type that is no more
            else:
                assert place < start or codec not in CHECKED or found == whole
    assert raised > len(data) - start


@pytest.mark.parametrize(
    ("blocks", "error", "message"),
    [
        ([(2, b"\x02")], TruncatedError, "block 0 at byte"),
        (
            [(1, b"\x02"), (1, b"\x02\x04")],
            DataFileError,
            "block 1 at byte .* end at byte 1 of 2: the count is wrong",
        ),
        ([(0, b"\x02")], DataFileError, "the count is wrong"),
        ([(3, b"\x02\x04" + b"\xff" * 10)], DecodeError, "block 0 at byte .*, record 2"),
        ([(1 << 62, b"")], LimitError, "empty_items"),
    ],
)
def test_blocks_that_lie(blocks, error, message):
    with pytest.raises(error, match=message) as caught:
        rows_of(hand_made(blocks))
    assert caught.value.block == len(blocks) - 1
    assert caught.value.offset is not None


def test_rows_before_a_damaged_one_are_given():
    data = hand_made([(700, b"\x02" * 650 + b"\xff" * 10 + b"\x02" * 49)])
    found = []
    with pytest.raises(DecodeError, match="record 650"):
        found.extend(iter(DataFileReader(io.BytesIO(data))))
    assert found == [1] * 650


def test_zero_byte_rows_by_the_trillion():
    data = hand_made([(1 << 50, b"")], '"null"')
    with pytest.raises(LimitError, match="empty_items"):
        next(DataFileReader(io.BytesIO(data)))
    data = hand_made([(5, b"")], '"null"')
    assert rows_of(data) == [None] * 5
    with pytest.raises(LimitError, match="empty_items = 4"):
        rows_of(data, limits=Limits(empty_items=4))


def test_a_block_that_bursts_its_limit():
    data = hand_made([(10_000, bytes(make_compress("deflate")(bytes(10_000))))], codec=b"deflate")
    assert rows_of(data) == [0] * 10_000
    with pytest.raises(LimitError, match="block 0 .* limits.block_bytes = 9999") as caught:
        rows_of(data, limits=Limits(block_bytes=9_999))
    assert caught.value.block == 0


def test_compressed_data_that_are_damaged_name_their_block():
    data = hand_made([(1, b"\x07\x00\xff")], codec=b"deflate")
    with pytest.raises(DataFileError, match="block 0 at byte") as caught:
        rows_of(data)
    assert caught.value.block == 0


def test_a_block_that_claims_more_than_there_is():
    data = hand_made([]) + encode_long(1) + encode_long(100 << 20) + b"abc"
    with pytest.raises(TruncatedError):
        rows_of(data)


@pytest.mark.parametrize(
    ("data", "error", "message"),
    [
        (b"", TruncatedError, "the file is empty"),
        (b"Obj\x01", TruncatedError, "header"),
        (b"Obj\x02abc", DataFileError, "not an Avro"),
        (build_header({}, SYNC), DataFileError, "no avro.schema"),
        (build_header({"avro.schema": b"\xff"}, SYNC), DataFileError, "not UTF-8"),
        (build_header({"avro.schema": b"{"}, SYNC), avrojet.SchemaError, "JSON"),
    ],
)
def test_headers_that_will_not_do(data, error, message):
    with pytest.raises(error, match=message):
        DataFileReader(io.BytesIO(data))


def test_an_unknown_codec_hides_only_the_rows():
    reader = DataFileReader(io.BytesIO(hand_made([], codec=b"lzo")))
    assert reader.codec == "lzo"
    with pytest.raises(avrojet.CodecError, match="unknown codec 'lzo'"):
        list(reader)


def test_converters_fail_with_their_own_error_and_its_place():
    class Picky(avrojet.CustomLogicalType):
        name = "picky"

        def decode(self, value, schema):
            if value == 3:
                raise OSError("three")
            return value

        def encode(self, value, schema):
            raise NotImplementedError

    data = hand_made([(2, b"\x02\x04"), (2, b"\x02\x06")], '{"type": "long", "logicalType": "picky"}')
    found = []
    with pytest.raises(OSError, match="three") as caught:
        found.extend(iter(DataFileReader(io.BytesIO(data), logical_types=[Picky()])))
    assert found == [1, 2, 1]
    assert any("block 1 at byte" in note and "record 1" in note for note in caught.value.__notes__)


# Threads and the collector


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("threads", [1, 3])
def test_threads_keep_the_order(codec, threads):
    data = file_of(ROWS, codec=codec, sync_interval=200)
    assert rows_of(data, threads=threads) == ROWS


def test_threads_keep_the_place_of_errors():
    deflate = make_compress("deflate")
    blocks = [(1, bytes(deflate(bytes([number * 2])))) for number in range(20)]
    blocks[13] = (1, b"\xff\xff")
    found = []
    with pytest.raises(DataFileError, match="block 13"):
        found.extend(iter(DataFileReader(io.BytesIO(hand_made(blocks, codec=b"deflate")), threads=2)))
    assert found == list(range(13))
    cut = hand_made(blocks[:5], codec=b"deflate")[:-1]
    found = []
    with pytest.raises(TruncatedError):
        found.extend(iter(DataFileReader(io.BytesIO(cut), threads=2)))
    assert found == list(range(4))


def test_threads_end_with_the_rows_with_close_and_when_dropped(started):
    list(DataFileReader(io.BytesIO(FILE), threads=2))
    assert started.all_end()
    with DataFileReader(io.BytesIO(FILE), threads=2) as reader:
        next(reader)
        assert started.running == 2
    assert started.all_end()
    reader = DataFileReader(io.BytesIO(FILE), threads=2)
    next(reader)
    assert started.running == 2
    del reader
    assert started.all_end()


@pytest.fixture
def _collector():
    assert gc.isenabled()
    yield
    assert gc.isenabled()


def sorted_ids(rows):
    return sorted(row["id"] for row in rows)


class Watching(io.BytesIO):
    """Notes whether the collector was on when it was read."""

    def __init__(self, data):
        super().__init__(data)
        self.states = []

    def read(self, size=-1):
        self.states.append(gc.isenabled())
        return super().read(100)

    read1 = read


@pytest.mark.usefixtures("_collector")
def test_the_collector_rests_while_all_rows_are_kept():
    source = Watching(FILE)
    assert avrojet.read(source) == ROWS
    assert set(source.states) == {True, False}  # the header comes before


@pytest.mark.usefixtures("_collector")
@pytest.mark.parametrize("consume", [list, tuple, operator.length_hint, sorted_ids])
def test_the_collector_works_while_rows_are_looped_over(consume):
    """Nobody knows whether they are kept: who shows progress asks for the length too."""
    source = Watching(FILE)
    with DataFileReader(source) as reader:
        consume(reader)
        assert all(gc.isenabled() for _ in reader)
    assert set(source.states) == {True}


@pytest.mark.usefixtures("_collector")
def test_the_collector_works_again_after_an_error():
    with pytest.raises(TruncatedError):
        avrojet.read(io.BytesIO(FILE[:-1]))
    assert gc.isenabled()


def test_the_collector_stays_off_where_it_was():
    gc.disable()
    try:
        assert avrojet.read(io.BytesIO(FILE)) == ROWS
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_the_sample_of_another_implementation():
    orders = avrojet.read(DATA / "orders.avro")
    assert [order["customer"]["name"] for order in orders][2] == "Chloé Dubois"
    assert sum(item["price"] * item["quantity"] for order in orders for item in order["items"]).as_tuple()
    assert len(orders) == 8
