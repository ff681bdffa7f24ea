"""The bytes of a container file, taken apart without any I/O."""

from __future__ import annotations

import pytest

from avrojet import DataFileError, LimitError, Limits, TruncatedError
from avrojet.container.framing import (
    MAGIC,
    FileParser,
    Header,
    RawBlock,
    build_block,
    build_header,
)
from avrojet.varint import encode_long
from tests.cases import for_each

SYNC = bytes(range(16))
METADATA = {"avro.schema": b'"long"', "avro.codec": b"null", "image": b"\xff\xfe\x00"}
HEADER = build_header(METADATA, SYNC)
BLOCKS = [(3, b"abc"), (0, b""), (200, b"x" * 300)]
FILE = HEADER + b"".join(build_block(count, data, SYNC) for count, data in BLOCKS)


def parse(pieces, **options) -> list[Header | RawBlock]:
    parser = FileParser(**options)
    events = []
    for piece in pieces:
        parser.feed(piece)
        while (event := parser.next_event()) is not None:
            events.append(event)
    parser.close()
    return events


def split(data: bytes, size: int) -> list[bytes]:
    return [data[start : start + size] for start in range(0, len(data), size)]


def seen(events) -> list[tuple]:
    header, *blocks = events
    return [
        (dict(header.metadata), header.sync_marker, header.size),
        *((block.index, block.offset, block.count, block.size, bytes(block.data)) for block in blocks),
    ]


@for_each("size", range(1, len(FILE) + 1))
def test_every_size_of_pieces_gives_the_same_events(size):
    events = seen(parse(split(FILE, size)))
    assert events[0] == (METADATA, SYNC, len(HEADER))
    assert [(count, data) for _, _, count, _, data in events[1:]] == BLOCKS
    assert [index for index, *_ in events[1:]] == [0, 1, 2]
    for _, offset, count, size_, data in events[1:]:
        assert FILE[offset:].startswith(encode_long(count) + encode_long(size_) + data)


@pytest.mark.parametrize("size", [1, 7, 16, 100, 1000])
def test_bytes_that_are_put_into_the_parser_itself(size):
    """Blocks that were given keep their bytes, whatever is put there after them."""
    parser = FileParser()
    events = []
    for piece in split(FILE, size):
        room = parser.room(size)
        assert len(room) >= size
        assert not room.readonly
        room[: len(piece)] = piece
        parser.filled(len(piece))
        while (event := parser.next_event()) is not None:
            events.append(event)
    parser.close()
    assert seen(events) == seen(parse([FILE]))
    assert all(block.data.readonly for block in events[1:])


def test_pieces_of_any_buffer_type():
    assert seen(parse([bytearray(FILE[:50]), memoryview(FILE)[50:]])) == seen(parse([FILE]))


def test_data_offset_is_where_the_data_stand():
    for block in parse([FILE])[1:]:
        assert FILE[block.data_offset :].startswith(bytes(block.data))


def test_every_cut_but_those_after_a_block_is_truncation():
    ends = {block.offset for block in parse([FILE])[1:]} | {len(FILE)}
    for end in range(len(FILE)):
        if end in ends:
            parse([FILE[:end]])
        else:
            with pytest.raises(TruncatedError) as caught:
                parse([FILE[:end]])
            assert caught.value.offset is not None
            assert (caught.value.block is None) == (end < len(HEADER))


def map_block(entries: dict[bytes, bytes], *, sized: bool) -> bytes:
    data = b"".join(encode_long(len(part)) + part for entry in entries.items() for part in entry)
    if sized:
        return encode_long(-len(entries)) + encode_long(len(data)) + data
    return encode_long(len(entries)) + data


@pytest.mark.parametrize("sized", [False, True])
@pytest.mark.parametrize("piece", [1, 1000])
def test_metadata_in_several_map_blocks(sized, piece):
    blocks = map_block({b"a": b"1", b"b": b""}, sized=sized), map_block({"é".encode(): b"3"}, sized=not sized)
    data = MAGIC + b"".join(blocks) + encode_long(0) + SYNC
    assert parse(split(data, piece))[0].metadata == {"a": b"1", "b": b"", "é": b"3"}


def test_no_metadata_at_all():
    header = parse([build_header({}, SYNC)])[0]
    assert header.metadata == {}
    assert header.codec == "null"
    with pytest.raises(DataFileError, match="no avro.schema"):
        _ = header.schema_text


LONG_RUN = b"\xff" * 9

DAMAGED = {
    "no Avro at all": (b"PAR1....", DataFileError, "not an Avro object container file"),
    "too short to be Avro": (b"PK", DataFileError, "not an Avro object container file"),
    "an older format": (b"Obj\x00" + FILE[4:], DataFileError, "not an Avro object container file"),
    "metadata block of negative size": (
        MAGIC + encode_long(-1) + encode_long(-9), DataFileError, "block of -9 bytes"),
    "key of negative size": (MAGIC + encode_long(1) + encode_long(-2), DataFileError, "value of -2 bytes"),
    "key is not UTF-8": (MAGIC + map_block({b"\xff": b""}, sized=False), DataFileError, "not UTF-8"),
    "key claims more than the limit": (
        MAGIC + encode_long(1) + encode_long(1 << 40), LimitError, "header_bytes"),
    "number of eleven bytes": (MAGIC + LONG_RUN + b"\xff\x00", DataFileError, "64 bits"),
    "number of 65 bits": (MAGIC + LONG_RUN + b"\x02", DataFileError, "64 bits"),
    "negative count": (HEADER + encode_long(-1) + encode_long(3), DataFileError, "-1 records"),
    "negative size": (HEADER + encode_long(1) + encode_long(-3), DataFileError, "-3 bytes"),
    "huge size": (HEADER + encode_long(1) + encode_long(1 << 62), LimitError, "block_bytes"),
    "wrong marker": (HEADER + build_block(1, b"abc", SYNC[::-1]), DataFileError, "sync marker"),
    "size too small": (HEADER + b"\x02\x04" + b"abc" + SYNC, DataFileError, "sync marker"),
}  # fmt: skip


@pytest.mark.parametrize("piece", [1, 1000])
@pytest.mark.parametrize("case", DAMAGED)
def test_damage(case, piece):
    data, error, message = DAMAGED[case]
    with pytest.raises(error, match=message) as caught:
        parse(split(data, piece))
    assert caught.value.offset is not None
    assert caught.value.block == (0 if data.startswith(HEADER) else None)


def test_damage_names_the_block_and_its_offset():
    good = build_block(1, b"abc", SYNC)
    with pytest.raises(DataFileError, match=f"block 1 at byte {len(HEADER + good)}") as caught:
        parse([HEADER, good, build_block(1, b"abc", b"?" * 16)])
    assert (caught.value.block, caught.value.offset) == (1, len(HEADER + good))


def test_limits_bound_what_is_waited_for():
    with pytest.raises(LimitError, match="header_bytes = 66"):
        parse([HEADER], limits=Limits(header_bytes=66))
    with pytest.raises(LimitError, match="block_bytes = 299"):
        parse([FILE], limits=Limits(block_bytes=299))
    parse([FILE], limits=Limits(block_bytes=300, header_bytes=len(HEADER)))


def entries(count: int, *, blocks: int = 1, size: int = 0) -> bytes:
    """Metadata of so many small entries, in so many blocks of the map."""
    step = count // blocks
    keys = [b"%x" % number for number in range(count)]
    parts = [dict.fromkeys(keys[start : start + step], b"v" * size) for start in range(0, count, step)]
    return MAGIC + b"".join(map_block(part, sized=index % 2 == 1) for index, part in enumerate(parts)) + b"\0"


@pytest.mark.parametrize("blocks", [1, 2, 500])
@pytest.mark.parametrize("piece", [1, 3, 1000, 1 << 20])
def test_metadata_of_many_entries(blocks, piece):
    data = entries(1000, blocks=blocks, size=3) + SYNC
    header = parse(split(data, piece))[0]
    assert header.metadata == {f"{number:x}": b"vvv" for number in range(1000)}
    assert header.size == len(data)


@pytest.mark.slow
def test_entries_of_the_metadata_are_bounded():
    limits = Limits(header_bytes=200_000)
    parse([entries(2000) + SYNC], limits=limits)
    for data in (
        entries(2001),
        entries(100_000),
        entries(100_000, blocks=50_000),
        MAGIC + b"\xfe\xff\x7f" + b"\2k\0" * 9999,
    ):
        with pytest.raises(LimitError, match="header_bytes = 200000") as caught:
            parse([data + SYNC], limits=limits)
        assert caught.value.limit == "header_bytes"
    parse([entries(1000) + SYNC], limits=Limits(header_bytes=len(entries(1000)) + 16))
    with pytest.raises(LimitError):
        parse([entries(1001) + SYNC], limits=Limits(header_bytes=len(entries(1001)) + 16))


@pytest.mark.parametrize("damage", [b"\2\xff\0", b"\1", b"\2k\1", b"\xff" * 11, b"\2k" + b"\xff" * 11])
def test_damage_within_many_entries_is_told_with_its_place(damage):
    whole = entries(50)[:-1]
    data = MAGIC + encode_long(51) + whole[5:] + damage
    assert parse([whole + b"\0" + SYNC])[0].metadata.keys() == {f"{number:x}" for number in range(50)}
    with pytest.raises(DataFileError, match=f"header is damaged at byte {len(data) - len(damage)}"):
        parse([data + bytes(30)])


@pytest.mark.parametrize("piece", [1, 7, 40, 1000])
def test_data_can_be_skipped_or_sought_over(piece):
    fed = parse(split(FILE, piece), skip_data=True)
    assert [(block.count, block.size) for block in fed[1:]] == [(3, 3), (0, 0), (200, 300)]

    parser = FileParser(skip_data=True)
    place = total = 0
    while place < len(FILE):
        parser.feed(FILE[place : place + piece])
        place += piece
        while (event := parser.next_event()) is not None:
            total += event.count if isinstance(event, RawBlock) else 0
            if parser.skippable:
                place += parser.skippable
                parser.skipped()
    parser.close()
    assert total == 203


def test_truncation_is_found_after_skipped_data():
    parser = FileParser(skip_data=True)
    parser.feed(FILE[:-100])
    while parser.next_event() is not None:
        pass
    parser.skipped()
    with pytest.raises(TruncatedError) as caught:
        parser.close()
    assert caught.value.block == 2


@pytest.mark.parametrize(
    ("value", "data"),
    [(0, "00"), (-1, "01"), (1, "02"), (-64, "7f"), (64, "8001"),
     (2**63 - 1, "feffffffffffffffff01"), (-(2**63), "ffffffffffffffffff01")],
)  # fmt: skip
def test_encode_long(value, data):
    assert encode_long(value).hex() == data


# Going on after damage


def test_a_parser_goes_on_at_a_place_after_an_error():
    second = len(HEADER) + len(build_block(*BLOCKS[0], SYNC))
    damaged = bytearray(FILE)
    damaged[second - 1] ^= 1
    parser = FileParser()
    parser.feed(damaged)
    assert isinstance(parser.next_event(), Header)
    with pytest.raises(DataFileError, match="sync marker"):
        parser.next_event()
    assert (parser.unfinished.offset, bytes(parser.unfinished.data)) == (len(HEADER), b"abc")
    parser.go_to(second, 7)
    assert parser.unfinished is None
    parser.feed(damaged[second:])
    block = parser.next_event()
    assert (block.index, block.offset, block.count) == (7, second, 0)


@pytest.mark.parametrize("piece", [1, 10, 1000])
def test_unread_bytes_are_those_after_the_last_event(piece):
    parser = FileParser()
    pieces = split(FILE, piece)
    while not isinstance(parser.next_event(), Header):
        parser.feed(pieces.pop(0))
    unread = parser.take_unread()
    assert unread + b"".join(pieces) == FILE[len(HEADER) :]
    assert parser.take_unread() == b""
    parser.go_to(len(HEADER), 0)
    parser.feed(FILE[len(HEADER) :])
    assert parser.next_event().offset == len(HEADER)
