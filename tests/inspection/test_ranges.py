"""What an inspection finds in files and messages: each byte has one range, and damage is marked."""

from __future__ import annotations

import io
import random
from uuid import UUID

import pytest

import avrojet
from avrojet.container.framing import build_block, build_header
from avrojet.inspection.message import FRAMES
from avrojet.wire.framing import FRAMINGS
from avrojet.wire.framing import frame as frame_message
from avrojet.wire.single_object import MARKER
from tests.cases import for_each
from tests.container.samples import CODECS, DATA, SYNC, file_of, rows
from tests.fuzz.mutate import mutated
from tests.vectors import VECTORS, record

ORDERS = DATA / "orders.avro"
INTS = record("R", a="int", b="string")


def int_file(*blocks, codec=b"null", schema=b'"int"'):
    header = build_header({"avro.schema": schema, "avro.codec": codec}, SYNC)
    return header + b"".join(build_block(count, data, SYNC) for count, data in blocks)


def check(found):
    """Each byte of a section is in one range; the ranges follow one another."""
    for section in found.sections:
        at = section.origin
        for each in section.ranges:
            assert each.start == at
            assert each.end >= each.start
            assert each.end > each.start or each.kind in {"error", "not shown"}
            at = each.end
        assert at == section.origin + len(section.data), section.title
        assert (section.error is not None) == any(each.kind == "error" for each in section.ranges)
    # All forms can be made of whatever it is.
    assert found.hex().isprintable() or "\n" in found.hex()
    assert found.html().endswith("</html>\n")
    found.mermaid()
    return found


def names(found):
    return [f"{each.name} {each.text}".rstrip() for each in found.ranges()]


@pytest.mark.parametrize("codec", CODECS)
def test_a_file(codec):
    data = file_of(rows(6), codec=codec, sync_interval=40)
    found = check(avrojet.inspect(data, head=100))
    assert found.error is None
    assert found.header.codec == codec
    restored = [section for section in found.sections if section.is_restored]
    assert bool(restored) == (codec != "null")
    if codec == "null":  # the sections are the file
        assert b"".join(section.data for section in found.sections) == data
    blocks = list(found.blocks())
    assert blocks[-1].end == len(data)
    assert {f"block {block.index}" for block in blocks} <= {each.where for each in found.ranges()}


def test_names_and_selections():
    found = check(avrojet.inspect(ORDERS, record=6))
    assert [section.title for section in found.sections] == ["block 1", "block 1, restored (deflate)"]
    said = names(found)
    assert "block 1 record 1 $.customer.name length 11" in said
    assert 'block 1 record 1 $.customer.name content "Greta Vogel"' in said
    assert "block 1 not shown record 0" in said
    assert names(avrojet.inspect(ORDERS, block=1, record=1)) == said
    assert [s.title for s in avrojet.inspect(ORDERS, head=0).sections] == ["header"]
    both = avrojet.inspect(ORDERS, head=6)
    assert [s.title for s in both.sections][1::2] == ["block 0", "block 1"]
    assert "block 1 not shown records 1 to 2" in names(both)
    whole = avrojet.inspect(ORDERS.read_bytes(), head=6)
    assert list(whole.ranges()) == list(both.ranges())
    with ORDERS.open("rb") as file:
        assert list(avrojet.inspect(file, head=6).ranges()) == list(both.ranges())


class Pipe(io.RawIOBase):
    def __init__(self, data):
        self._file = io.BytesIO(data)

    def read(self, size=-1):
        return self._file.read(min(size, 100) if size >= 0 else size)

    def seekable(self):
        return False


def test_a_source_that_cannot_seek():
    piped = avrojet.inspect(Pipe(ORDERS.read_bytes()), record=6)
    assert list(piped.ranges()) == list(avrojet.inspect(ORDERS, record=6).ranges())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"block": 2}, "no block 2"),
        ({"record": 8}, "no record 8: the file has 8"),
        ({"head": -1}, "negative"),
    ],
)
def test_what_is_not_there(options, message):
    with pytest.raises((avrojet.DataFileError, ValueError), match=message):
        avrojet.inspect(ORDERS, **options)


@for_each("vector", VECTORS, ids=lambda vector: vector.name)
def test_messages(vector):
    schema = avrojet.parse_schema(vector.schema)
    found = check(avrojet.inspect(vector.data, schema, frame="none"))
    assert found.error is None
    framed = check(avrojet.inspect(MARKER + schema.fingerprint() + vector.data, schema))
    assert [each.kind for each in framed.ranges()][:2] == ["marker", "fingerprint"]
    assert [each.text for each in framed.ranges()][2:] == [each.text for each in found.ranges()]


def test_frames():
    data = avrojet.encode({"a": 1, "b": "x"}, INTS)
    assert names(avrojet.inspect(b"\0\0\0\1\2" + data, INTS)) == [
        "frame marker 00",
        "frame schema id 258",
        "$.a 1",
        "$.b length 1",
        '$.b content "x"',
    ]
    wrong = check(avrojet.inspect(b"\xc3\x01" + bytes(8) + data, INTS))
    assert "not that of the schema" in names(wrong)[1]
    assert wrong.error is None
    for frame in ("confluent", "single-object"):
        short = check(avrojet.inspect(b"\x01" + data, INTS, frame=frame))
        assert short.error.kind == "HEADER"
    with pytest.raises(ValueError, match="frame"):
        avrojet.inspect(data, INTS, frame="kafka")


@pytest.mark.parametrize("name", FRAMES)
def test_each_frame(name):
    schema = avrojet.parse_schema(INTS)
    datum = avrojet.encode({"a": 1, "b": "x"}, schema)
    ids = {"id": 258, "guid": str(UUID(int=7)), "fingerprint": schema.fingerprint(), None: None}
    message, _ = frame_message(ids[FRAMINGS[name].kind], datum, name)
    found = check(avrojet.inspect(message, schema, frame=name))
    assert found.error is None
    assert names(found)[-3:] == ["$.a 1", "$.b length 1", '$.b content "x"']
    if name not in {"apicurio-4", "confluent-guid", "glue-zlib"}:  # which are read as others
        assert found.sections[0].title == avrojet.inspect(message, schema).sections[0].title
    assert names(avrojet.inspect(message, schema))[-1] == '$.b content "x"' or name == "confluent-guid"
    for end in range(len(message)):
        check(avrojet.inspect(message[:end], schema, frame=name))
        check(avrojet.inspect(message[:end], schema))


def test_bytes_without_a_length():
    found = check(avrojet.inspect(b"\0\0\0\0\7\xff\xfe", "bytes"))
    assert names(found)[-1] == "$ content 2 bytes without a length"


def test_damaged_messages():
    data = avrojet.encode({"a": 1, "b": "xyz"}, INTS)
    cut = check(avrojet.inspect(data[:3], INTS))
    assert isinstance(cut.error, avrojet.TruncatedError)
    assert names(cut) == ["$.a 1", "$.b error the data ends before the datum does"]
    more = check(avrojet.inspect(data + b"\0", INTS))
    assert names(more)[-1] == "error 1 byte after the datum"
    empty = check(avrojet.inspect(b"", INTS))
    assert names(empty) == ["$.a error the data ends before the datum does"]


def test_damage_in_files():
    good = (2, b"\x02\x04")
    # A record that is none.
    found = check(avrojet.inspect(int_file(good, (2, b"\x02" + b"\xff" * 9)), block=1))
    assert names(found)[3:] == [
        "block 1 record 1 $ error a variable-length integer has too many bytes",
        "block 1 sync marker",
    ]
    assert [each.kind for each in avrojet.inspect(int_file((2, b"\xff" * 9)), record=1).ranges()][
        2
    ] == "error"
    # A count that lies.
    found = check(avrojet.inspect(int_file((1, b"\x02\x04"))))
    assert "the count is wrong" in names(found)[-2]
    # Data that do not decompress.
    found = check(avrojet.inspect(int_file((1, b"\xff\xff\xff"), codec=b"deflate")))
    assert [each.kind for each in found.ranges()][-2:] == ["error", "sync marker"]
    # A wrong sync marker, an end within a block, and a header that is none.
    data = int_file(good, good)
    found = check(avrojet.inspect(data[:-1] + b"\0"))
    assert "sync marker" in names(found)[-1]
    assert found.sections[-1].title == "block 1"
    found = check(avrojet.inspect(data[:-17]))
    assert found.error is not None
    found = check(avrojet.inspect(b"no Avro"))
    assert (found.header, found.schema) == (None, None)
    assert "not an Avro object container file" in str(found.error)
    found = check(avrojet.inspect(ORDERS.read_bytes()[:100]))
    assert isinstance(found.error, avrojet.TruncatedError)
    assert "header $.meta['avro.codec'] content \"deflate\"" in names(found)
    assert check(avrojet.inspect(b"")).error is not None
    found = check(avrojet.inspect(int_file(good, schema=b"{")))
    assert isinstance(found.error, avrojet.SchemaError)
    assert list(found.blocks())


def test_a_file_of_no_blocks_and_one_of_no_bytes():
    found = check(avrojet.inspect(int_file()))
    assert [section.title for section in found.sections] == ["header"]
    with pytest.raises(avrojet.DataFileError, match="no block 0"):
        avrojet.inspect(int_file(), block=0)
    nulls = check(avrojet.inspect(int_file((3, b""), (0, b""), schema=b'"null"'), record=1))
    assert names(nulls)[2:4] == ["block 0 not shown record 0", "block 0 not shown record 2"]


def test_any_damage():
    chance = random.Random(7)
    for codec in ("null", "deflate"):
        data = file_of(rows(6), codec=codec, sync_interval=40)
        for _ in range(60):
            bad = mutated(data, data, chance)
            found = check(avrojet.inspect(bad, head=50))
            if found.error is None:  # then it is whole
                try:
                    avrojet.read(bad)
                except avrojet.AvroError as error:
                    assert error.kind == "RANGE"


def test_how_it_is_shown():
    assert repr(avrojet.inspect(b"\2", "int")) == "<avrojet.Inspection of bytes: 1 ranges>"


@pytest.mark.parametrize("is_file", [True, False], ids=["file", "message"])
def test_looking_ends_after_so_many_parts(is_file, monkeypatch):
    monkeypatch.setattr("avrojet.inspection.inspect.MOST_PARTS", 100)
    schema = {"type": "array", "items": "int"}
    data = avrojet.encode([0] * 1000, schema)
    if is_file:
        file = io.BytesIO()
        avrojet.write(file, schema, [[0] * 1000])
        data = file.getvalue()
    found = list(avrojet.inspect(data, *([] if is_file else [schema])).ranges())
    assert len(found) < 120
    assert [each.kind for each in found].count("not shown") == 1
    assert found[-1].end == len(data)
