"""Errors of foreign code, whatever their type: they come out; none is taken for an end, or for damage."""

from __future__ import annotations

import asyncio
import concurrent.futures
import io
from collections.abc import Callable
from typing import Any

import pytest

import avrojet
from avrojet import CustomLogicalType, DataFileReader, Decoder, read_arrow
from avrojet.compat import fastavro
from avrojet.container.codecs import make_decompress
from tests.cases import for_each
from tests.container.samples import file_of

SCHEMA = {"type": "record", "name": "R", "fields": [{"name": "n", "type": "long"}]}
ROWS = [{"n": number} for number in range(2000)]
FILE = file_of(ROWS, SCHEMA, sync_interval=500, codec="deflate")

# Those that some machinery on the way could have a meaning of its own for.
ERRORS: dict[str, BaseException] = {
    type(error).__name__: error
    for error in (
        StopIteration("mine"),
        StopAsyncIteration("mine"),
        GeneratorExit("mine"),
        concurrent.futures.CancelledError("mine"),
        concurrent.futures.InvalidStateError("mine"),
        asyncio.CancelledError("mine"),
        concurrent.futures.TimeoutError("mine"),
        EOFError("mine"),
        IndexError("mine"),
        KeyError("mine"),
        AttributeError("mine"),
        BlockingIOError("mine"),
        InterruptedError("mine"),
        RuntimeError("mine"),
        RecursionError("mine"),
        MemoryError("mine"),
        SystemExit("mine"),
        avrojet.DataFileError("mine"),
        avrojet.TruncatedError("mine"),
        avrojet.LimitError("mine"),
    )
}


def first_batches(stream: Any) -> list[Any]:
    return list(stream)


def arrow_table(stream: Any) -> Any:
    pa = pytest.importorskip("pyarrow")
    try:
        return pa.table(stream)
    except (pa.ArrowException, OSError, ValueError, MemoryError, NotImplementedError) as error:
        raise AssertionError(f"told: {error}") from None


READERS: dict[str, Callable[[Any], Any]] = {
    "read": avrojet.read,
    "read, threads": lambda source: avrojet.read(source, threads=2),
    "iteration": lambda source: list(DataFileReader(source)),
    "a loop": lambda source: [row for row in DataFileReader(source)],  # noqa: C416
    "a generator": lambda source: list(row for row in DataFileReader(source)),  # noqa: C400
    "map": lambda source: list(map(dict, DataFileReader(source, threads=1))),
    "zip": lambda source: list(zip(DataFileReader(source), range(10**6), strict=False)),
    "skip": lambda source: list(DataFileReader(source, on_error="skip")),
    "blocks": lambda source: [list(block) for block in DataFileReader(source).blocks()],
    "blocks, skip": lambda source: list(DataFileReader(source, on_error="skip").blocks()),
    "to_arrow": lambda source: list(DataFileReader(source).to_arrow(threads=0)),
    "read_arrow": lambda source: list(read_arrow(source, threads=0)),
    "read_arrow, threads": lambda source: list(read_arrow(source, threads=2)),
    "read_arrow, skip": lambda source: list(read_arrow(source, threads=2, on_error="skip")),
    "read_arrow of several": lambda source: list(read_arrow([io.BytesIO(FILE), source], threads=2)),
    "a consumer": lambda source: arrow_table(read_arrow(source, threads=2)),
    "count": avrojet.count_records,
    "repair": avrojet.repair_file,
    "concat": lambda source: avrojet.concat_files([source], io.BytesIO()),
    "recode": lambda source: avrojet.recode_file(source, io.BytesIO(), "null"),
    "facade": lambda source: list(fastavro.reader(source)),
    "facade, blocks": lambda source: list(fastavro.block_reader(source)),
}


class Source(io.BytesIO):
    """A file of which a method raises the second time, or thereabouts, that it is called."""

    def __init__(self, data: bytes, method: str, error: BaseException, first: int) -> None:
        super().__init__(data)
        self.method = method
        self.error = error
        self.left = first

    def _call(self, method: str) -> None:
        if method == self.method:
            self.left -= 1
            if self.left < 0:
                raise self.error

    def read(self, size: int | None = -1, /) -> bytes:
        self._call("read")
        return super().read(size if size is None or size < 0 else min(size, 3000))

    read1 = read

    def tell(self) -> int:
        self._call("tell")
        return super().tell()

    def seek(self, place: int, whence: int = 0, /) -> int:
        self._call("seek")
        return super().seek(place, whence)

    def seekable(self) -> bool:
        self._call("seekable")
        return True


def check_raises(use: Callable[[], Any], error: BaseException) -> None:
    """That the error comes out, and not as a StopIteration, which would be an end to others."""
    try:
        use()
    except BaseException as raised:  # noqa: BLE001 (the test tells)
        assert not isinstance(raised, StopIteration)
        assert "mine" in str(raised) or "mine" in str(raised.__cause__)
        if not isinstance(raised, (type(error), AssertionError)):
            assert isinstance(raised, RuntimeError | avrojet.AvroError)
            assert type(raised.__cause__) is type(error)  # a copy, where the error was kept for a while
            assert raised.__cause__.args == error.args
    else:
        pytest.fail("it is taken for the end")


@for_each("error", ERRORS.values(), ids=ERRORS)
@pytest.mark.parametrize("way", READERS)
def test_of_a_source(way, error):
    if way == "a consumer":
        pytest.importorskip("pyarrow")
    use = READERS[way]
    for first in (0, 1, 3):
        check_raises(lambda first=first: use(Source(FILE, "read", error, first)), error)


@pytest.mark.parametrize("method", ["tell", "seek", "seekable"])
@pytest.mark.parametrize("way", ["iteration", "skip", "count", "splits", "parts", "concat"])
def test_of_other_methods_of_a_source(way, method):
    uses: dict[str, Callable[[Any], Any]] = {
        **READERS,
        "splits": lambda source: [
            avrojet.read(split) for split in avrojet.splits(Opener(lambda: source), size=3000)
        ],
        "parts": lambda source: list(DataFileReader(source).blocks(start=1000)),
    }
    for name in ("StopIteration", "KeyError", "DataFileError"):
        source = Source(FILE, method, ERRORS[name], 0)
        used = method == "seek" and way in {"iteration", "skip", "concat"}
        if used:  # they do not seek
            uses[way](source)
        else:
            check_raises(lambda source=source: uses[way](source), ERRORS[name])


class Opener:
    def __init__(self, open_file: Callable[[], Any]) -> None:
        self._open = open_file

    def open(self) -> Any:
        return self._open()


def raising(error: BaseException) -> Any:
    def fail() -> Any:
        raise error

    return fail


class Unclosable(io.BytesIO):
    def __init__(self, data: bytes, error: BaseException) -> None:
        super().__init__(data)
        self.error: BaseException | None = error

    def close(self) -> None:
        error, self.error = self.error, None
        if error is not None:
            raise error
        super().close()


# Where nobody closes the reader.
LEFT_OPEN = {"blocks", "blocks, skip", "to_arrow"}


@for_each("error", ERRORS.values(), ids=ERRORS)
@pytest.mark.parametrize("way", READERS)
def test_of_opening_and_closing(way, error):
    if way.startswith("facade"):
        pytest.skip("it takes files that are open")
    check_raises(lambda: READERS[way](Opener(raising(error))), error)
    if way not in LEFT_OPEN:
        check_raises(lambda: READERS[way](Opener(lambda: Unclosable(FILE, error))), error)


class Odd(CustomLogicalType):
    name = "odd"

    def __init__(self, error: BaseException) -> None:
        self.error = error

    def decode(self, value: Any, schema: Any) -> Any:
        if value == 700:
            raise self.error
        return value

    def encode(self, value: Any, schema: Any) -> Any:
        return self.decode(value, schema)


ODD = {"type": "long", "logicalType": "odd"}
ODD_FILE = file_of(range(1000), ODD, sync_interval=100, logical_types=False)
ODD_DATA = avrojet.Encoder("long").encode_many(range(1000))
DECODERS: dict[str, Callable[[Any], Any]] = {
    "read": lambda odd: avrojet.read(ODD_FILE, logical_types=[odd]),
    "threads": lambda odd: avrojet.read(ODD_FILE, logical_types=[odd], threads=2),
    "skip": lambda odd: list(DataFileReader(ODD_FILE, logical_types=[odd], on_error="skip")),
    "blocks": lambda odd: [
        row for block in DataFileReader(ODD_FILE, logical_types=[odd]).blocks() for row in block
    ],
    "decode": lambda odd: list(map(Decoder(ODD, logical_types=[odd]).decode, [b"\2", b"\xf8\x0a"])),
    "decode_many": lambda odd: list(Decoder(ODD, logical_types=[odd]).decode_many(ODD_DATA)),
    "decode_block": lambda odd: Decoder(ODD, logical_types=[odd])._decode_block(ODD_DATA, 1000),
    "in an array": lambda odd: list(
        map(Decoder({"type": "array", "items": ODD}, logical_types=[odd]).decode, [b"\2\xf8\x0a\0"])
    ),
    "encode": lambda odd: list(map(avrojet.Encoder(ODD, logical_types=[odd]).encode, [1, 700, 2])),
    "write": lambda odd: avrojet.write(io.BytesIO(), ODD, range(1000), logical_types=[odd]),
}
# These are what conversions are expected to raise; the core says where, and they are the cause.
WRAPPED = (ValueError, TypeError, ArithmeticError, LookupError)
WRAPPED_ENCODING = (*WRAPPED, AttributeError)


@for_each("error", ERRORS.values(), ids=ERRORS)
@pytest.mark.parametrize("way", DECODERS)
def test_of_a_custom_logical_type(way, error):
    odd = Odd(error)
    if isinstance(error, WRAPPED_ENCODING if way in {"encode", "write"} else WRAPPED):
        if way == "skip":  # a value that cannot be converted is damage, and told
            reader = DataFileReader(ODD_FILE, logical_types=[odd], on_error="skip")
            rows = list(reader)
            assert 700 not in rows
            assert len(rows) + reader.losses.records == 1000
            return
        with pytest.raises(avrojet.AvroError) as caught:
            DECODERS[way](odd)
        assert caught.value.__cause__ is error or caught.value is error
        return
    check_raises(lambda: DECODERS[way](odd), error)


@pytest.mark.parametrize("name", ["StopIteration", "CancelledError", "KeyError", "RuntimeError"])
def test_of_the_facades_functions(monkeypatch, name):
    error = ERRORS[name]

    def convert(value, *_):
        if value == 700:
            raise error
        return value

    monkeypatch.setitem(fastavro.read.LOGICAL_READERS, "long-odd", convert)
    check_raises(lambda: list(fastavro.reader(io.BytesIO(ODD_FILE))), error)
    check_raises(lambda: fastavro.schemaless_reader(io.BytesIO(b"\xf8\x0a"), ODD), error)
    monkeypatch.undo()
    monkeypatch.setitem(fastavro.read.BLOCK_READERS, "null", lambda *_: raising(error)())
    check_raises(lambda: list(fastavro.reader(io.BytesIO(ODD_FILE))), error)
    check_raises(lambda: list(fastavro.block_reader(io.BytesIO(ODD_FILE))), error)


@pytest.mark.parametrize("error", ERRORS.values(), ids=ERRORS)
@pytest.mark.parametrize(
    "options", [{}, {"threads": 2}, {"on_error": "skip"}], ids=["plain", "threads", "skip"]
)
def test_of_what_decompresses(monkeypatch, options, error):
    """Codecs may be anybody's."""
    plain = make_decompress("deflate", 1 << 20)
    blocks = iter(range(100))

    def decompress(data):
        if next(blocks) == 3:
            raise error
        return plain(data)

    def make(name, limit):
        return decompress

    monkeypatch.setattr("avrojet.container.finder.make_decompress", make)
    monkeypatch.setattr("avrojet.container.salvage.make_decompress", make)
    reader = DataFileReader(FILE, **options)
    if isinstance(error, avrojet.AvroError) and "on_error" in options:
        rows = list(reader)  # it says that the block is damaged
        assert len(rows) + reader.losses.records == len(ROWS)
        return
    check_raises(lambda: list(reader), error)
