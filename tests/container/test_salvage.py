"""Reading on after damage: all whole blocks come back, and the losses account for the rest."""

from __future__ import annotations

import io
import random
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

import avrojet
from avrojet import CodecError, DataFileError, DataFileReader, DecodeError, LimitError, Limits, TruncatedError
from avrojet.container import salvage as salvage_module
from avrojet.container.codecs import make_compress
from avrojet.container.framing import MAGIC, SYNC_SIZE, FileParser, build_block, build_header
from avrojet.container.losses import Losses
from avrojet.container.salvage import Salvager
from avrojet.container.source import ByteSource, read_header
from avrojet.errors import DecodeLimitError
from avrojet.varint import encode_long
from tests.container.samples import CODECS, SYNC, OnlyRead, ShortReads

SCHEMA = avrojet.parse_schema(
    {
        "type": "record",
        "name": "Row",
        "fields": [
            {"name": "block", "type": "long"},
            {"name": "number", "type": "long"},
            {"name": "text", "type": "string"},
        ],
    }
)
SIZES = (5, 1, 12, 3, 40, 2, 7)  # records of the blocks
CHECKED = "xz"  # has checksums: damage does not decode to other rows; and it is always installed


@cache
def rows_of_block(block: int) -> list[dict]:
    words = random.Random(block)
    return [
        {"block": block, "number": number, "text": words.randbytes(words.randrange(9)).hex()}
        for number in range(SIZES[block])
    ]


def block_of(rows: list, codec: str = CHECKED) -> bytes:
    return build_block(len(rows), make_compress(codec)(encoded(rows)), SYNC)


def encoded(rows: list) -> bytes:
    return avrojet.Encoder(SCHEMA).encode_many(rows)


def header_of(codec: str, marker: bytes = SYNC) -> bytes:
    return build_header({"avro.schema": SCHEMA.json.encode(), "avro.codec": codec.encode()}, marker)


@dataclass(frozen=True)
class Sample:
    """A file, and where its parts are."""

    header: bytes
    blocks: tuple[bytes, ...]

    @property
    def data(self) -> bytes:
        return self.header + b"".join(self.blocks)

    @property
    def offsets(self) -> list[int]:
        """Of the blocks, and of the end."""
        offsets = [len(self.header)]
        for block in self.blocks:
            offsets.append(offsets[-1] + len(block))
        return offsets


@cache
def sample(codec: str = CHECKED) -> Sample:
    blocks = tuple(block_of(rows_of_block(number), codec) for number in range(len(SIZES)))
    return Sample(header_of(codec), blocks)


def skipping(data: bytes | object, **options) -> DataFileReader:
    source = io.BytesIO(data) if isinstance(data, bytes) else data
    return DataFileReader(source, on_error="skip", **options)


def salvage(data: bytes, **options) -> tuple[list, avrojet.Losses]:
    with skipping(data, **options) as reader:
        return list(reader), reader.losses


def rows_but(*lost: int) -> list[dict]:
    return [row for block in range(len(SIZES)) if block not in lost for row in rows_of_block(block)]


def flipped(data: bytes, place: int, bits: int = 1) -> bytes:
    changed = bytearray(data)
    changed[place] ^= bits
    return bytes(changed)


def with_block(number: int, block: bytes, codec: str = CHECKED) -> bytes:
    """The sample's data, one block replaced."""
    blocks = list(sample(codec).blocks)
    blocks[number] = block
    return sample(codec).header + b"".join(blocks)


# What is whole is read as ever


@pytest.mark.parametrize("codec", CODECS)
def test_a_whole_file_loses_nothing(codec):
    rows, losses = salvage(sample(codec).data)
    assert rows == rows_but()
    assert not losses
    assert (losses.total, losses.size, losses.records, losses.unknown) == (0, 0, 0, 0)


def test_a_marker_inside_of_a_whole_block_is_data():
    file = build_header({"avro.schema": b'"bytes"'}, SYNC) + build_block(
        1, encode_long(60) + SYNC + b"\x02\x02\x02" + SYNC + bytes(25), SYNC
    )
    rows, losses = salvage(file)
    assert [len(row) for row in rows] == [60]
    assert not losses


def test_on_error_has_two_values():
    with pytest.raises(ValueError, match="'raise' or 'skip', not 'ignore'"):
        DataFileReader(io.BytesIO(sample().data), on_error="ignore")
    with pytest.raises(ValueError, match="losses"):
        avrojet.read(io.BytesIO(sample().data), on_error="skip")


def test_damage_still_raises_where_nothing_else_was_asked_for():
    with pytest.raises(DataFileError):
        list(DataFileReader(io.BytesIO(flipped(sample().data, sample().offsets[3] - 1))))


# One kind of damage at a time, to block 2 of the file: what is lost, and what is known of it


def as_block(count: int, data: bytes, marker: bytes = SYNC, size: int | None = None) -> bytes:
    return encode_long(count) + encode_long(len(data) if size is None else size) + data + marker


BAD = 2
GOOD_DATA = make_compress(CHECKED)(encoded(rows_of_block(BAD)))
TEXT_BAD = [{**row, "text": "ab"} for row in rows_of_block(BAD)]
# A row in the middle says that its text has -1 bytes.
BAD_ROW = encoded(TEXT_BAD[:5]) + b"\x04\x0a\x01ab" + encoded(TEXT_BAD[6:])
COUNT = SIZES[BAD]

DAMAGED_BLOCKS = {
    # name: (the block, blocks and records known to be lost, the error)
    "count too small": (as_block(COUNT - 1, GOOD_DATA), 1, None, DataFileError),
    "count too large": (as_block(COUNT + 1, GOOD_DATA), 1, None, TruncatedError),
    "count is huge": (as_block(1 << 60, GOOD_DATA), 1, None, DecodeLimitError),
    "count is negative": (as_block(-COUNT, GOOD_DATA), None, None, DataFileError),
    "count of 11 bytes": (b"\xff" * 10 + b"\x01" + GOOD_DATA + SYNC, None, None, DataFileError),
    "size too small": (as_block(COUNT, GOOD_DATA, size=len(GOOD_DATA) - 1), None, None, DataFileError),
    "size too large": (as_block(COUNT, GOOD_DATA, size=len(GOOD_DATA) + 1), None, None, DataFileError),
    "size over the next block": (
        as_block(COUNT, GOOD_DATA, size=len(GOOD_DATA) + 99), None, None, DataFileError),
    "size after the end": (as_block(COUNT, GOOD_DATA, size=100_000), None, None, TruncatedError),
    "size over the limit": (as_block(COUNT, GOOD_DATA, size=1 << 60), None, None, DecodeLimitError),
    "size is negative": (as_block(COUNT, GOOD_DATA, size=-5), None, None, DataFileError),
    "marker is wrong": (as_block(COUNT, GOOD_DATA, flipped(SYNC, 3)), 1, COUNT, DataFileError),
    "marker misses a byte": (as_block(COUNT, GOOD_DATA, SYNC[1:]), None, None, DataFileError),
    "does not decompress": (as_block(COUNT, b"\xff" * 20), 1, COUNT, DataFileError),
    "checksum is wrong": (as_block(COUNT, flipped(GOOD_DATA, -1)), 1, COUNT, DataFileError),
    "no data": (as_block(COUNT, b""), 1, COUNT, DataFileError),
    "a row in the middle": (as_block(COUNT, make_compress(CHECKED)(BAD_ROW)), 1, COUNT, DecodeError),
    "zeros": (bytes(len(sample().blocks[BAD])), None, None, DataFileError),
    "nothing but a marker": (SYNC, None, None, DataFileError),
}  # fmt: skip

# Without its marker the block that follows begins nobody knows where.
TAKES_THE_NEXT = {"marker misses a byte", "zeros"}


@pytest.mark.parametrize("name", DAMAGED_BLOCKS)
def test_only_the_damaged_block_is_lost(name):
    block, blocks, records, error = DAMAGED_BLOCKS[name]
    rows, losses = salvage(with_block(BAD, block))
    lost = (BAD, BAD + 1) if name in TAKES_THE_NEXT else (BAD,)
    assert rows == rows_but(*lost)
    assert losses.size == len(block) + sum(len(sample().blocks[number]) for number in lost[1:])
    assert losses[0].offset == sample().offsets[BAD]
    assert type(losses[0].error) is error
    assert (losses[0].blocks, losses[0].records) == (blocks, records)
    assert losses.records == (records or 0)
    assert losses.unknown == len([loss for loss in losses if loss.records is None])


def test_decompressed_size_over_the_limit():
    huge = [{"block": BAD, "number": 0, "text": "x" * 100_000}]
    rows, losses = salvage(with_block(BAD, block_of(huge)), limits=Limits(block_bytes=50_000))
    assert rows == rows_but(BAD)
    assert [(loss.blocks, loss.records) for loss in losses] == [(1, 1)]
    assert isinstance(losses[0].error, LimitError)


def test_no_row_of_a_damaged_block_is_given():
    """Also none of those before the damage, which the other way of reading gives."""
    file = with_block(BAD, DAMAGED_BLOCKS["a row in the middle"][0])
    given_before = []
    with pytest.raises(DecodeError):
        given_before.extend(DataFileReader(io.BytesIO(file)))
    assert any(row["block"] == BAD for row in given_before)
    assert not any(row["block"] == BAD for row in skipping(file))


def test_a_truncated_tail():
    file, offsets = sample().data, sample().offsets
    for end in range(offsets[-2], offsets[-1]):
        rows, losses = salvage(file[:end])
        assert rows == rows_but(len(SIZES) - 1)
        assert losses.size == end - offsets[-2]
        assert losses.total == (end > offsets[-2])
        assert all(isinstance(loss.error, TruncatedError) for loss in losses)


@pytest.mark.parametrize(
    "garbage", [b"\x00", b"\xff" * 99, bytes(300), SYNC, SYNC * 3, SYNC[:9], b"\x02\x02" + SYNC]
)
def test_garbage_between_blocks(garbage):
    cut = sample().offsets[BAD]
    rows, losses = salvage(sample().data[:cut] + garbage + sample().data[cut:])
    last = [BAD] if SYNC not in garbage else []  # its beginning is not after a marker
    assert rows == rows_but(*last)
    assert losses.size == len(garbage) + sum(len(sample().blocks[number]) for number in last)


@pytest.mark.parametrize("garbage", [b"\x00", b"\xff" * 99, SYNC])
def test_garbage_after_the_last_block(garbage):
    rows, losses = salvage(sample().data + garbage)
    assert rows == rows_but()
    assert [(loss.offset, loss.size) for loss in losses] == [(len(sample().data), len(garbage))]


def test_damaged_blocks_in_a_row_are_one_loss_each():
    offsets = sample().offsets
    file = sample().data
    for number in (1, 2, 3):
        file = flipped(file, offsets[number + 1] - SYNC_SIZE - 1)
    rows, losses = salvage(file)
    assert rows == rows_but(1, 2, 3)
    assert [(loss.offset, loss.size) for loss in losses] == [
        (offsets[number], offsets[number + 1] - offsets[number]) for number in (1, 2, 3)
    ]
    assert losses.records == sum(SIZES[1:4])


@pytest.mark.parametrize("numbers", [(0,), (6,), (2, 3), (1, 2, 3, 4), (4, 5, 6), tuple(range(7))])
def test_blocks_whose_markers_alone_are_damaged_show_where_the_next_begins(numbers):
    file, offsets = sample().data, sample().offsets
    for number in numbers:
        file = flipped(file, offsets[number + 1] - 1)
    rows, losses = salvage(file)
    assert rows == rows_but(*numbers)
    assert losses.records == sum(SIZES[number] for number in numbers)
    assert losses.unknown == 0


def test_a_marker_that_overlaps_itself():
    marker = b"A" * SYNC_SIZE
    whole = build_block(1, b"\x02", marker)
    file = build_header({"avro.schema": b'"long"'}, marker) + b"\x01\x01A" + marker + whole + whole
    rows, losses = salvage(file)
    assert rows == [1, 1]
    assert losses.size == 3 + SYNC_SIZE


def test_a_false_marker_costs_just_itself():
    inside = b"\x02\x02\x02" + SYNC + b"\x7f" * 20
    file = sample().header + as_block(1, inside, size=3) + sample().blocks[0]
    rows, losses = salvage(file)
    assert rows == rows_of_block(0)
    assert losses.size == len(as_block(1, inside, size=3))


# Files that were joined byte by byte


def another(codec: str = CHECKED, marker: bytes = bytes(range(16)), **changes) -> Sample:
    """A file of other rows, with a marker of its own."""
    header = build_header(
        {"avro.schema": SCHEMA.json.encode(), "avro.codec": codec.encode(), **changes}, marker
    )
    rows = [[{"block": 100 + number, "number": 0, "text": "other"}] * 3 for number in range(4)]
    blocks = [build_block(3, make_compress(codec)(encoded(each)), marker) for each in rows]
    return Sample(header, tuple(blocks))


OTHER_ROWS = [{"block": 100 + number, "number": 0, "text": "other"} for number in range(4) for _ in range(3)]


def arrow(data: bytes, threads: int) -> tuple[list, avrojet.Losses]:
    pa = pytest.importorskip("pyarrow")
    stream = avrojet.read_arrow(data, on_error="skip", threads=threads)
    return pa.table(stream).to_pylist(), stream.losses


SKIPPING = {
    "rows": salvage,
    "columns": lambda data: arrow(data, 0),
    "columns, threads": lambda data: arrow(data, 2),
}


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("way", SKIPPING)
def test_joined_files_are_read_on(way, codec):
    first, second = sample(codec), another(codec)
    rows, losses = SKIPPING[way](first.data + second.data + first.data)
    assert rows == rows_but() + OTHER_ROWS + rows_but()
    place = len(first.data) + len(second.data)
    assert [(loss.offset, loss.size, loss.blocks, loss.records) for loss in losses] == [
        (len(first.data), len(second.header), 0, 0),
        (place, len(first.header), 0, 0),
    ]
    assert losses.records == losses.unknown == 0
    assert all("header of another file" in str(loss.error) for loss in losses)


def test_joined_files_of_a_source_that_cannot_seek():
    data = sample().data + another().data
    for source in (OnlyRead(data), ShortReads(data, 11)):
        reader = skipping(source)
        assert list(reader) == rows_but() + OTHER_ROWS
        assert reader.losses.size == len(another().header)


def test_joined_files_are_told_where_nothing_is_skipped():
    data = sample().data + another().data
    for read in (
        lambda: list(DataFileReader(data)),
        lambda: list(DataFileReader(data, threads=2)),
        lambda: list(DataFileReader(data).blocks()),
        lambda: list(avrojet.read_arrow(data, threads=2)),
        lambda: avrojet.count_records(data),
    ):
        with pytest.raises(DataFileError, match="another file's header .* avrojet.concat_files") as caught:
            read()
        assert (caught.value.block, caught.value.offset) == (len(SIZES), len(sample().data))
    for end in range(1, 4):
        with pytest.raises(TruncatedError):
            list(DataFileReader(sample().data + MAGIC[:end]))


def test_damage_in_joined_files_is_found_by_the_marker_in_force():
    first, second = sample(), another()
    data = bytearray(first.data + second.data)
    data[first.offsets[BAD] + 5] ^= 0xFF
    place = len(first.data) + second.offsets[1]
    data[place + 5] ^= 0xFF
    rows, losses = salvage(bytes(data))
    assert rows == rows_but(BAD) + OTHER_ROWS[:3] + OTHER_ROWS[6:]
    assert [loss.offset for loss in losses] == [first.offsets[BAD], len(first.data), place]
    check_account(bytes(data), first.header, list(skipping(bytes(data)).blocks()), losses)


@pytest.mark.parametrize(
    "second",
    [
        another(**{"avro.codec": b"null"}),
        another(**{"avro.schema": b'"long"'}),
        another(**{"avro.schema": b'"lonG"'}),
        another(**{"avro.schema": SCHEMA.json.replace("text", "tex2").encode()}),
        Sample(MAGIC, ()),
        Sample(another().header[:-5], ()),
        Sample(MAGIC + b"\x02\xff\xff\xff\xff\x0f", ()),
    ],
    ids=["codec", "schema", "no schema", "field", "magic only", "cut", "huge"],
)
def test_joined_files_of_another_kind_are_lost_whole(second):
    data = sample().data + second.data
    rows, losses = salvage(data)
    assert rows == rows_but()
    assert [(loss.offset, loss.size, loss.records) for loss in losses] == [
        (len(sample().data), len(second.data), None)
    ]
    rows, losses = salvage(data + sample().data)  # after the first marker of the last file's own
    assert rows == rows_but() + rows_but()
    assert losses.size == len(second.data) + len(sample().header)


def test_docs_and_aliases_of_joined_files_may_differ():
    text = SCHEMA.json.replace('"name":"Row"', '"name":"Row","doc":"newer","aliases":["Old"]')
    assert avrojet.parse_schema(text) != SCHEMA
    rows, _ = salvage(sample().data + another(**{"avro.schema": text.encode()}).data)
    assert rows == rows_but() + OTHER_ROWS


def test_a_header_within_data_is_data():
    """Only where a block should begin is another file looked for: no row comes out of another one's bytes."""
    inner = another("null")
    outer = build_header({"avro.schema": SCHEMA.json.encode()}, SYNC)
    whole = [{"block": 0, "number": 0, "text": "x"}]
    nested = build_block(2, encoded(whole) + inner.data, SYNC)
    rows, losses = salvage(outer + nested + build_block(1, encoded(whole), SYNC))
    assert rows == whole
    assert losses.size == len(nested)


def test_parts_of_joined_files_account_for_what_the_whole_would():
    """A part does not know which file it is in."""
    data = sample().data + another().data
    whole = skipping(data)
    part = skipping(data)
    assert len(list(part.blocks(0, len(data)))) == len(SIZES)
    assert part.losses.size == len(another().data)
    assert len(list(whole.blocks())) == len(SIZES) + 4
    splits = avrojet.splits(data, count=3)
    readers = [DataFileReader(split, on_error="skip") for split in splits]
    assert [row for reader in readers for row in reader] == rows_but()
    assert sum(reader.losses.size for reader in readers) == len(another().data)


def test_many_headers_do_not_cost_the_square_of_the_file(monkeypatch):
    """Each claims all that follows, and is looked at from a marker before it."""
    marker = b"M" * SYNC_SIZE
    header = build_header({"avro.schema": b'"bytes"'}, marker)
    part = marker + MAGIC + b"\x02" + encode_long(1 << 20)
    file = header + build_block(1, b"\x02x", marker) + part * 3000
    looked = []
    get = salvage_module._Window.get

    def counted(window, offset, size):
        data = get(window, offset, size)
        looked.append(len(data))
        return data

    monkeypatch.setattr(salvage_module._Window, "get", counted)
    reader = skipping(file, limits=Limits(block_bytes=100_000))
    assert list(reader) == [b"x"]
    assert reader.losses.size == len(part) * 3000
    assert sum(looked) < 100 * len(file)


# What cannot be salvaged


@pytest.mark.parametrize(
    "header", [b"", b"Obj", MAGIC, b"Obj\x02" + sample().header[4:], sample().header[:-1]]
)
def test_a_damaged_header_is_an_error(header):
    with pytest.raises((DataFileError, TruncatedError)):
        skipping(header)


def test_an_unknown_codec_is_an_error():
    with pytest.raises(CodecError):
        list(skipping(header_of("lzma2") + sample().blocks[0]))


def test_errors_that_are_not_avros_pass():
    class Breaking(io.RawIOBase):
        def __init__(self, data):
            self.data = data

        def read(self, size=-1):
            if not self.data:
                raise OSError("the disk is gone")
            data, self.data = self.data, b""
            return data

    reader = skipping(Breaking(sample().data))
    with pytest.raises(OSError, match="the disk is gone"):
        list(reader)
    assert not reader.losses


# Any damage


DAMAGE = st.lists(
    st.tuples(
        st.sampled_from(("flip", "cut", "insert", "delete", "double")),
        st.floats(0, 1),  # place
        st.integers(1, 200),  # size
        st.integers(0, 2**32),  # seed of what is inserted
    ),
    min_size=1,
    max_size=6,
)


def damage(file: Sample, changes) -> tuple[bytes, list[int]]:
    """The file's bytes with damage after the header, and where each came from (-1: from nowhere)."""
    begin = len(file.header)
    data = bytearray(file.data)
    origins = list(range(len(data)))
    for kind, where, size, seed in changes:
        place = begin + int(where * (len(data) - begin))
        end = min(place + size, len(data))
        match kind:
            case "flip" if place < len(data):
                data[place] ^= 1 << seed % 8
                origins[place] = -1
            case "cut":
                del data[end:], origins[end:]
            case "insert":
                data[place:place] = random.Random(seed).randbytes(size)
                origins[place:place] = [-1] * size
            case "delete":
                del data[place:end], origins[place:end]
            case "double":
                data[end:end] = data[place:end]
                origins[end:end] = origins[place:end]
    return bytes(data), origins


def undamaged(file: Sample, origins: list[int]) -> dict[int, int]:
    """Offset -> number of the blocks that stand whole after a whole marker."""
    found = {}
    offsets = file.offsets
    markers = [list(range(offset - SYNC_SIZE, offset)) for offset in offsets]
    for place in range(len(file.header), len(origins)):
        if origins[place - SYNC_SIZE : place] in markers and origins[place] in offsets[:-1]:
            number = offsets.index(origins[place])
            stood = list(range(offsets[number], offsets[number + 1]))
            if origins[place : place + len(stood)] == stood:
                found[place] = number
    return found


def check_account(data: bytes, header: bytes, blocks, losses) -> None:
    """Blocks and losses follow one another from the header to the end."""
    parts = [(block.offset, block_end(block)) for block in blocks]
    parts += [(loss.offset, loss.offset + loss.size) for loss in losses]
    place = len(header)
    for start, end in sorted(parts):
        assert start == place
        assert end > start
        place = end
    assert place == len(data)
    assert losses.size == len(data) - len(header) - sum(block_end(block) - block.offset for block in blocks)


def block_end(block) -> int:
    return block.offset + len(encode_long(block.count) + encode_long(block.size)) + block.size + SYNC_SIZE


@given(DAMAGE)
def test_all_that_is_whole_comes_back(changes):
    pa = pytest.importorskip("pyarrow")
    file = sample()
    data, origins = damage(file, changes)
    whole = undamaged(file, origins)
    reader = skipping(data)
    blocks = list(reader.blocks())
    given_rows = [list(block) for block in blocks]
    by_offset = {block.offset: rows for block, rows in zip(blocks, given_rows, strict=True)}
    assert whole.keys() <= by_offset.keys()
    for offset, rows in by_offset.items():
        assert rows == rows_of_block(rows[0]["block"]), "rows of a block that is not whole"
        assert whole.get(offset, rows[0]["block"]) == rows[0]["block"]
    check_account(data, file.header, blocks, reader.losses)

    expected = [row for rows in given_rows for row in rows]
    for source in (data, OnlyRead(data), ShortReads(data, 7)):
        again = skipping(source)
        assert list(again) == expected
        assert told(again.losses) == told(reader.losses)
    for threads in (0, 2):
        stream = avrojet.read_arrow(io.BytesIO(data), on_error="skip", threads=threads)
        assert pa.table(stream).to_pylist() == expected
        assert told(stream.losses) == told(reader.losses)
    stream = (columns := skipping(data)).to_arrow()
    assert pa.table(stream).to_pylist() == expected
    assert told(columns.losses) == told(stream.losses) == told(reader.losses)


def told(losses) -> list:
    return [(loss.offset, loss.size, loss.blocks, loss.records, str(loss.error)) for loss in losses]


@given(DAMAGE, st.lists(st.floats(0, 1), max_size=4))
def test_parts_have_all_that_the_whole_has(changes, cuts):
    file = sample()
    data, _ = damage(file, changes)
    whole = skipping(data)
    blocks = [(block.offset, list(block)) for block in whole.blocks()]
    places = [0, *sorted(int(cut * len(data)) for cut in cuts), len(data)]
    found, lost = [], []
    for start, stop in pairwise(places):
        part = skipping(data)
        found += [(block.offset, list(block)) for block in part.blocks(start, stop)]
        lost += told(part.losses)
    assert found == blocks
    assert [loss[:4] for loss in lost] == [loss[:4] for loss in told(whole.losses)]


@given(DAMAGE, st.sampled_from(CODECS))
def test_whole_blocks_come_back_from_every_codec(changes, codec):
    """Without a checksum others may come, too; never one in part, and the account stays true."""
    file = sample(codec)
    data, origins = damage(file, changes)
    reader = skipping(data)
    blocks = list(reader.blocks())
    by_offset = {block.offset: block for block in blocks}
    for offset, number in undamaged(file, origins).items():
        if offset in by_offset:
            assert list(by_offset[offset]) == rows_of_block(number)
        else:
            assert any(block.offset < offset < block_end(block) for block in blocks)
    check_account(data, file.header, blocks, reader.losses)


# Cost


def test_a_lying_size_reads_no_further_than_the_limit():
    lie = as_block(1, b"", size=1 << 40)
    source = io.BytesIO(sample().header + lie + sample().blocks[0] + bytes(4 << 20))
    reader = skipping(source, limits=Limits(block_bytes=1 << 20))
    assert next(reader) == rows_of_block(0)[0]
    assert source.tell() <= 2 << 20


@pytest.mark.slow
def test_many_losses_are_counted_and_not_all_kept():
    file = build_header({"avro.schema": b'"long"'}, SYNC)
    file += (b"\x01\x01" + SYNC + b"\x02\x02\x02" + SYNC) * 12_000
    reader = skipping(file)
    assert sum(reader) == 12_000
    assert len(reader.losses) == 10_000
    assert (reader.losses.total, reader.losses.size) == (12_000, 12_000 * 18)


@pytest.mark.parametrize("last_marker", [SYNC, SYNC[::-1]], ids=["whole", "damaged"])
def test_blocks_within_blocks_do_not_cost_the_square_of_the_file(last_marker):
    """Each block claims all that follows, up to the last marker."""
    header = build_header({"avro.schema": b'"bytes"'}, SYNC)
    blocks, step = 2_000, 40
    parts = []
    for number in range(blocks):
        data = encode_long((blocks - number) * step)
        head = encode_long(1) + data
        parts.append(head + bytes(step - SYNC_SIZE - len(head)) + SYNC)
    file = header + b"".join(parts) + bytes(step) + last_marker
    tried = []

    def refuse(block, data):
        tried.append(len(data))
        raise DecodeError("not whole")

    losses = Losses()
    parser = FileParser()
    source = ByteSource(io.BytesIO(file))
    salvager = Salvager(
        source, read_header(source, parser), parser.take_unread(), Limits(block_bytes=len(file)), losses, None
    )
    assert salvager.blocks_at(None, refuse) is None
    assert losses.size == len(file) - len(header)
    assert len(file) < sum(tried) < 8 * len(file)
