"""What threads do at once is what one does after the other, errors and their places included."""

from __future__ import annotations

import gc
import io
import json
import sys
import threading

import pytest

import avrojet
from avrojet.container.text_ahead import lines_ahead
from avrojet.container.threads import Pool
from avrojet.conversion.ahead import ahead
from avrojet.conversion.parallel_text import parallel_steps
from tests.container.samples import SCHEMA, file_of, rows, rows_of
from tests.vectors import record

ROWS = rows(4000)
LONG = record(n="long", text="string")
FILE = file_of(ROWS, sync_interval=2000, codec="deflate")


def lines_of(file: bytes, threads: int, **options) -> tuple[bytes, str]:
    """The lines, and the error after them."""
    pieces: list[bytes] = []
    try:
        with avrojet.DataFileReader(file) as reader:
            made = lines_ahead(reader, threads, **options) if threads else reader.to_json(**options)
            pieces.extend(made)
    except avrojet.AvroError as error:
        return b"".join(pieces), str(error)
    return b"".join(pieces), ""


@pytest.mark.parametrize(
    "options", [{}, {"plain": True}, {"plain": True, "columns": ["who"], "spaced": True}]
)
def test_lines_ahead(options):
    assert lines_of(FILE, 3, **options) == lines_of(FILE, 0, **options)


@pytest.mark.parametrize("at", [10, 300, len(FILE) // 2, len(FILE) - 5])
@pytest.mark.parametrize("cut", [True, False])
def test_lines_of_damaged_files(at, cut):
    damaged = FILE[:at] if cut else FILE[:at] + bytes([FILE[at] ^ 0x41]) + FILE[at + 1 :]
    assert lines_of(damaged, 3, plain=True) == lines_of(damaged, 0, plain=True)


def test_rows_of_no_bytes_are_bounded():
    file = file_of([None] * 5000, "null")
    limits = avrojet.Limits(empty_items=100)
    for threads in (0, 3):
        with avrojet.DataFileReader(file, limits=limits) as reader, pytest.raises(avrojet.LimitError):
            list(lines_ahead(reader, threads) if threads else reader.to_json())


def written(text: bytes, threads: int, size: int = 1000) -> tuple[list, str]:
    """The records that a writer has taken, and the error after them."""
    target = io.BytesIO()
    told = ""
    done = None
    with avrojet.DataFileWriter(target, SCHEMA, sync_interval=500) as writer:
        try:
            if threads:
                lines = text.splitlines(keepends=True)
                count = max(1, len(lines) * size // max(1, len(text)))
                pieces = [b"".join(lines[at : at + count]) for at in range(0, len(lines), count)]
                done = sum(parallel_steps(writer, pieces, threads, plain=True))
            else:
                done = writer.write_json(io.BytesIO(text), plain=True)
        except avrojet.AvroError as error:
            told = str(error)
    got = rows_of(target.getvalue())
    assert done in (None, len(got))
    return got, told


TEXT = lines_of(FILE, 0, plain=True)[0]


@pytest.mark.parametrize(
    "text",
    [
        TEXT,
        TEXT.rstrip(b"\n"),
        b"",
        b"\n\n",
        b"\n".join(json.dumps(json.loads(line), indent=1).encode() for line in TEXT.splitlines()[:300]),
        TEXT[:50_000] + b"\n{",
        TEXT[:90_000].rpartition(b"\n")[0] + b'\n{"id": "x"}\n' + TEXT[:5000],
        TEXT[:90_000].rpartition(b"\n")[0] + b'\n{"id": "\xff"}\n' + TEXT[:5000],
    ],
    ids=["lines", "no end of line", "nothing", "blank", "over lines", "open", "wrong", "not UTF-8"],
)
@pytest.mark.parametrize("threads", [1, 3])
def test_texts_in_threads(text, threads):
    expected, told = written(text, 0)
    assert written(text, threads) == (expected, told)
    assert bool(told) == (b"{" in text[-2:] or b'"x"' in text or b"\xff" in text)


def test_errors_come_in_their_turn():
    def items():
        yield from range(5)
        raise ValueError("after them")

    found: list[int] = []
    with pytest.raises(ValueError, match="after them"):
        found.extend(ahead(items()))
    assert found == [0, 1, 2, 3, 4]


def test_the_next_item_is_read_while_one_is_used():
    read = [threading.Event() for _ in range(3)]

    def items():
        for number, event in enumerate(read):
            event.set()
            yield number

    taken = ahead(items())
    for number in range(2):
        assert next(taken) == number
        assert read[number + 1].wait(timeout=10)
    assert list(taken) == [2]


class Broken(io.RawIOBase):
    """A target that takes some bytes only; it keeps its error, as a debugger would."""

    def __init__(self, most: int) -> None:
        self._left = most
        self.error: OSError | None = None

    def writable(self) -> bool:
        return True

    def write(self, data) -> int:
        self._left -= len(data)
        if self._left < 0:
            self.error = OSError("no space")
            raise self.error
        return len(data)


def open_pools() -> set[int]:
    """Those whose making other tests have interrupted are not yet open."""
    pools = [each for each in gc.get_objects() if isinstance(each, Pool)]
    return {id(pool) for pool in pools if not getattr(pool, "_closed", True)}


@pytest.mark.parametrize("most", [0, 50, 20_000])
@pytest.mark.parametrize("format", ["jsonl", "csv", "parquet", "orc", "arrow"])
def test_no_thread_outlives_a_failure(format, most, monkeypatch):
    """Even if the error is kept, whose traceback refers to what was working."""
    pytest.importorskip("polars")
    pytest.importorskip("pyarrow")
    file = file_of(({"n": number, "text": "t" * 20} for number in range(200_000)), LONG, codec="deflate")
    ignored: list = []
    monkeypatch.setattr(sys, "unraisablehook", ignored.append)
    before = open_pools()
    target = Broken(most)
    with pytest.raises(OSError, match="no space") as caught:
        avrojet.convert(file, target, source_format="avro", target_format=format)
    gc.collect()
    assert open_pools() <= before
    del caught, target
    gc.collect()
    assert ignored == []


@pytest.mark.parametrize("on_error", ["raise", "skip"])
@pytest.mark.parametrize("format", ["jsonl", "csv", "parquet", "orc", "arrow"])
def test_no_thread_outlives_a_failure_of_avro(format, on_error):
    """Of the target, when some of the source has been written to it."""
    pytest.importorskip("polars")
    pytest.importorskip("pyarrow")
    file = file_of(({"n": number, "text": f"t{number % 9973}" * 5} for number in range(100_000)), LONG)
    made = io.BytesIO()
    avrojet.convert(file, made, source_format="avro", target_format=format)
    before = open_pools()
    with pytest.raises(OSError, match="no space") as caught:
        avrojet.convert(
            made.getvalue(),
            Broken(20_000),
            source_format=format,
            target_format="avro",
            schema=LONG,
            on_error=on_error,
        )
    gc.collect()
    assert open_pools() <= before
    del caught
