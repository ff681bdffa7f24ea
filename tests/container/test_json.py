"""JSON lines of container files, and container files of JSON texts."""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Callable
from typing import Any

import pytest

import avrojet
from avrojet import DataFileError, DataFileReader, DataFileWriter, DecodeError, Encoder, LimitError, Limits
from tests.cases import for_each
from tests.container.samples import CODECS, SCHEMA, file_of, rows
from tests.interrupts import Interruption, interrupted_everywhere

UNION = ["null", "int", {"type": "record", "name": "n.R", "fields": [{"name": "a", "type": "string"}]}]
VALUES = [None, 1, {"a": "é"}, {"a": "x" * 100}]
LINES = ["null", '{"int":1}', '{"n.R":{"a":"é"}}', '{"n.R":{"a":"' + "x" * 100 + '"}}']
STREAM = "\n".join(LINES).encode()


class Trickle(io.BytesIO):
    """Gives one byte after the other."""

    def read(self, size: int | None = -1) -> bytes:
        return super().read(1)


def lines_of(source: Any, *, options: Any = None, **shown: Any) -> list[str]:
    with DataFileReader(source, **(options or {})) as reader:
        return b"".join(reader.to_json(**shown)).decode().splitlines()


def written(source: Any, schema: Any = UNION, plain: bool = False, **options: Any) -> bytes:
    target = io.BytesIO()
    with DataFileWriter(target, schema, **options) as writer:
        writer.write_json(source, plain=plain)
    return target.getvalue()


@pytest.mark.parametrize("options", [{}, {"threads": 2}, {"on_error": "skip"}], ids=str)
@pytest.mark.parametrize("codec", CODECS)
def test_lines_are_the_texts_of_the_rows(codec, options):
    file = file_of(rows(200), codec=codec, sync_interval=100)
    decoder, encoder = avrojet.Decoder(SCHEMA), Encoder(SCHEMA)
    for plain in (False, True):
        expected = [decoder.to_json(encoder.encode(row), plain=plain) for row in rows(200)]
        assert lines_of(file, options=options, plain=plain) == expected


def test_lines_are_as_the_reader_sees_the_rows():
    reader = {"type": "record", "name": "Visit", "fields": [{"name": "new", "type": "int", "default": 7}]}
    file = file_of([{"x": 1}], {"type": "record", "name": "Visit", "fields": [{"name": "x", "type": "int"}]})
    assert lines_of(file, options={"reader_schema": reader}) == ['{"new":7}']


def test_lines_begin_where_the_reader_stands():
    with DataFileReader(file_of([1, 2, 3], "long", sync_interval=1)) as reader:
        assert list(next(reader.blocks())) == [1]
        pieces = reader.to_json()
        assert next(pieces) == b"2\n"
        assert list(reader.to_json()) == [b"3\n"]
        with pytest.raises(DataFileError, match="JSON lines of this reader are being read"):
            next(iter(reader))


def test_rows_and_lines_do_not_take_from_each_other():
    with DataFileReader(file_of([1, 2, 3], "long")) as reader:
        assert next(reader) == 1
        with pytest.raises(DataFileError, match="rows of this reader"):
            reader.to_json()


def test_a_block_with_much_text_comes_in_pieces():
    file = file_of(["\0" * 1000] * 500, "string", sync_interval=1 << 20)
    with DataFileReader(file) as reader:
        pieces = list(reader.to_json())
    assert len(pieces) > 5
    assert all(piece.endswith(b"\n") for piece in pieces)
    assert b"".join(pieces) == (b'"' + b"\\u0000" * 1000 + b'"\n') * 500


def test_lines_before_a_damaged_row_come_first():
    file = file_of(["a", "b", "c"], "string").replace(b"\x02c", b"\x02\xff")
    for _ in range(2):
        with DataFileReader(file) as reader:
            pieces = reader.to_json()
            assert next(pieces) == b'"a"\n"b"\n'
            for _ in range(2):
                with pytest.raises(DecodeError, match=r"block 0 at byte \d+, record 2: ") as raised:
                    next(pieces)
                assert raised.value.block == 0


@pytest.mark.parametrize("count", [1, 2, 3])
def test_the_last_row_of_a_block_whose_count_lies_is_not_given(count):
    file = file_of([1, 2, 3, 4], "long")
    file = file.replace(b"\x08\x08\x02\x04\x06\x08", bytes([2 * count]) + b"\x08\x02\x04\x06\x08")
    pieces: list[bytes] = []
    with DataFileReader(file) as reader, pytest.raises(DataFileError, match="the count is wrong"):
        pieces.extend(reader.to_json())
    assert b"".join(pieces) == b"".join(b"%d\n" % number for number in range(1, count))
    assert lines_of(file, options={"on_error": "skip"}) == []


def test_rows_of_no_bytes_are_bounded():
    file = file_of([None] * 2000, "null")
    assert lines_of(file) == ["null"] * 2000
    with pytest.raises(LimitError):
        lines_of(file, options={"limits": Limits(empty_items=1000)})


@pytest.mark.parametrize(
    "source",
    [
        STREAM.decode(),
        STREAM,
        memoryview(STREAM),
        io.BytesIO(STREAM),
        io.StringIO(STREAM.decode()),
        Trickle(STREAM),
        " ".join(LINES),
        "\r\n".join(LINES) + "\r\n\n",
    ],
    ids=["text", "bytes", "buffer", "file", "text file", "trickle", "blanks", "CRLF"],
)
@pytest.mark.parametrize("codec", CODECS)
def test_texts_become_records(source, codec):
    if hasattr(source, "seek"):
        source.seek(0)
    file = written(source, codec=codec)
    assert list(DataFileReader(file)) == VALUES
    assert lines_of(file) == LINES


def test_plain_texts_become_records():
    schema = {"type": "record", "name": "R", "fields": [{"name": "t", "type": ["null", "string"]}]}
    file = written('{"t": "a"} {"t": null}', schema, plain=True)
    assert list(DataFileReader(file)) == [{"t": "a"}, {"t": None}]


def test_the_options_of_the_writer_apply():
    schema = {"type": "record", "name": "R", "fields": [{"name": "t", "type": "int", "default": 5}]}
    assert list(DataFileReader(written("{}", schema, defaults=True))) == [{"t": 5}]
    with pytest.raises(DecodeError, match=r"\$\.t.*missing"):
        written("{}", schema)
    with pytest.raises(DecodeError, match="not a field"):
        written('{"t": 1, "u": 2}', schema, extra_fields="error")


def test_blocks_are_as_large_as_those_of_records():
    numbers = list(range(5000))
    text = "\n".join(map(str, numbers))
    for interval in (1, 100, 1 << 20):
        options = {"sync_marker": bytes(16), "sync_interval": interval}
        assert written(text, "long", **options) == file_of(numbers, "long", **options)


def test_records_and_texts_mix():
    target = io.BytesIO()
    with DataFileWriter(target, "long") as writer:
        writer.append(1)
        writer.write_json("2 3")
        writer.append(4)
        writer.write_json("")
        writer.write_json("5")
    (block,) = DataFileReader(target.getvalue()).blocks()
    assert list(block) == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("make", [io.BytesIO, Trickle])
@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        (b'1\n2\n"x"', 3, 1, r"at \$, line 3, column 1 of text 2: expected long, got"),
        ("1 \n 2  é".encode(), 2, 5, "text 2: expected long, got "),
        (b"1\n2\n\xff", 3, 1, "not UTF-8"),
        (b"1\n2\n\xc3", 3, 1, "not UTF-8"),
        (b"1\n2\n-", 3, 2, "the text ends where a number should come"),
        (b"1\n2 " + b"9" * 30 + b" ", 2, 3, "out of range"),
    ],
)
def test_what_is_wrong_is_told_with_its_place_in_the_stream(make, text, line, column, message):
    target = io.BytesIO()
    with DataFileWriter(target, "long") as writer, pytest.raises(DecodeError, match=message) as raised:
        writer.write_json(make(text))
    assert (raised.value.line, raised.value.column) == (line, column)
    assert list(DataFileReader(target.getvalue())) == [1, 2]


def test_the_offset_is_that_in_the_stream():
    text = b"1\n" * 300_000 + b"x"
    with pytest.raises(DecodeError) as raised:
        written(text, "long")
    assert (raised.value.line, raised.value.column, raised.value.offset) == (300_001, 1, 600_000)


def test_a_text_that_has_no_end_is_refused():
    class Endless:
        def __init__(self, first: bytes, then: bytes) -> None:
            self.first, self.then = first, then

        def read(self, size: int) -> bytes:
            first, self.first = self.first, b""
            return first or self.then * size

    limits = Limits(block_bytes=1 << 20)
    with pytest.raises(LimitError, match="block_bytes"):
        written(Endless(b"[", b" "), {"type": "array", "items": "int"}, limits=limits)
    with pytest.raises(LimitError, match="block_bytes"):
        list(Encoder("string", limits=limits).from_json_stream(Endless(b'"', b"a")))


def test_a_record_longer_than_a_block_is_refused():
    texts = '"a" "' + "b" * 2000 + '" "c"'
    target = io.BytesIO()
    with (
        DataFileWriter(target, "string", limits=Limits(block_bytes=1000)) as writer,
        pytest.raises(LimitError, match="block_bytes"),
    ):
        writer.write_json(texts)
    assert list(DataFileReader(target.getvalue())) == ["a"]


def test_records_of_no_bytes_are_bounded():
    limits = Limits(empty_items=10)
    assert len(list(DataFileReader(written("null " * 10, "null", limits=limits)))) == 10
    with pytest.raises(LimitError):
        written("null " * 11, "null", limits=limits)
    with pytest.raises(LimitError):
        written("{} " * 9, {"type": "record", "name": "R", "fields": []}, limits=Limits(empty_items=10))


def test_a_stream_of_texts_becomes_data():
    encoder, decoder = Encoder(UNION), avrojet.Decoder(UNION)
    for source in (STREAM, io.StringIO(STREAM.decode()), Trickle(STREAM)):
        assert [decoder.decode(data) for data in encoder.from_json_stream(source)] == VALUES
    assert list(Encoder("null").from_json_stream("null null")) == [b"", b""]
    assert list(Encoder("null").from_json_stream(" ")) == []
    texts = encoder.from_json_stream('null {"int": 2} 3')
    assert [next(texts), next(texts)] == [b"\0", b"\2\4"]
    with pytest.raises(DecodeError, match="text 2"):
        next(texts)


def test_an_error_of_the_source_comes_as_it_is_and_loses_nothing():
    class Failing(io.BytesIO):
        failed = False

        def read(self, size: int | None = -1) -> bytes:
            if self.tell() == 4 and not self.failed:
                self.failed = True
                raise TimeoutError
            return super().read(2)

    source = Failing(b"1\n2\n3\n4")
    target = io.BytesIO()
    with DataFileWriter(target, "long") as writer:
        with pytest.raises(TimeoutError):
            writer.write_json(source)
        writer.write_json(source)
    assert list(DataFileReader(target.getvalue())) == [1, 2, 3, 4]


@for_each("cut", range(len(STREAM)))
def test_a_stream_that_ends_anywhere(cut):
    whole = [
        json.loads(line) for line in STREAM[:cut].decode("utf-8", "ignore").splitlines() if line in LINES
    ]
    target = io.BytesIO()
    with DataFileWriter(target, UNION) as writer:
        try:
            writer.write_json(Trickle(STREAM[:cut]))
        except DecodeError as error:
            assert error.line == STREAM[:cut].count(b"\n") + 1
    shown = [json.loads(line) for line in lines_of(target.getvalue())]
    assert shown == whole


MARK = "\ufeff"


@pytest.mark.parametrize("source", [str, str.encode, io.StringIO, lambda text: Trickle(text.encode())])
def test_a_byte_order_mark_is_passed_over_at_the_beginning(source):
    encoder = Encoder("int")
    assert list(encoder.from_json_stream(source(f"{MARK} 1\n2"))) == [b"\x02", b"\x04"]
    assert list(encoder.from_json_stream(source(MARK))) == []
    assert avrojet.read(io.BytesIO(written(source(f"{MARK}1"), "int"))) == [1]
    for text, offset in [(f"{MARK}{MARK}1", 3), (f" {MARK}1", 1), (f"1 {MARK}2", 2), (f"1\n{MARK}", 2)]:
        with pytest.raises(DecodeError) as raised:
            list(encoder.from_json_stream(source(text)))
        assert raised.value.offset == offset


class Pieces(io.BytesIO):
    """Gives some bytes at a time."""

    def read(self, size: int | None = -1) -> bytes:
        return super().read(4)


class OnlyPieces:
    """The same, and nobody knows where it stands."""

    def __init__(self, text: bytes) -> None:
        self.read = Pieces(text).read


SOURCES: dict[str, Callable[[bytes], Any]] = {
    "binary": Pieces,
    "no place": OnlyPieces,
    "text": lambda text: io.StringIO(text.decode()),
}


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.slow
@pytest.mark.parametrize("options", [{}, {"codec": "deflate"}, {"codec": "deflate", "threads": 2}], ids=str)
def test_an_interruption_loses_nothing_that_was_read(source, options):
    def run(interrupts):
        texts, target = SOURCES[source](b"0 1 22\n3 4444 5 6\n"), io.BytesIO()
        with DataFileWriter(target, "long", sync_interval=2, **options) as writer:
            with contextlib.suppress(Interruption), interrupts.on():
                writer.write_json(texts)
            writer.write_json(texts)
        assert avrojet.read(io.BytesIO(target.getvalue())) == [0, 1, 22, 3, 4444, 5, 6], interrupts.where

    assert len(list(interrupted_everywhere(run))) > 100


def test_a_file_that_was_moved_is_read_from_there(tmp_path):
    texts = Pieces(b"1 2 3 ")
    path = tmp_path / "a.avro"
    with DataFileWriter(path, "long") as writer:
        writer.write_json(texts)
        texts.seek(2)
        writer.write_json(texts)
        for text in (b"4 5 x 6 ", b"7 8"):
            source = Pieces(text)
            with contextlib.suppress(avrojet.DecodeError):
                writer.write_json(source)
        writer.write_json("9")
        writer.write_json("9")
    assert avrojet.read(path) == [1, 2, 3, 2, 3, 4, 5, 7, 8, 9, 9]
