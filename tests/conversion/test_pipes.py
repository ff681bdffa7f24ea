"""Sources that give nothing until somebody writes to them: nobody waits for that after a failure."""

from __future__ import annotations

import io
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest

import avrojet
from avrojet.conversion.ahead import ahead
from avrojet.conversion.opening import OpenSource
from tests.container.samples import file_of
from tests.vectors import record

SCHEMA = record(n="long", text="string")
ROWS = [{"n": number, "text": "t" * 100} for number in range(80_000)]
WAIT = 30  # seconds, after which a test has failed

fionread = pytest.importorskip("termios", reason="Windows tells nothing of pipes").FIONREAD


def contents() -> dict[str, bytes]:
    avro = file_of(ROWS, SCHEMA, sync_interval=20_000)
    made = {"avro": avro}
    for format in ("jsonl", "csv"):
        target = io.BytesIO()
        avrojet.convert(avro, target, source_format="avro", target_format=format)
        made[format] = target.getvalue()
    return made


@pytest.fixture(scope="module")
def files():
    pytest.importorskip("polars")
    pytest.importorskip("pyarrow")
    return contents()


class Broken(io.RawIOBase):
    def writable(self) -> bool:
        return True

    def write(self, data) -> int:
        raise OSError("no space")


@pytest.mark.parametrize("target", ["avro", "jsonl", "csv", "parquet", "arrow"])
@pytest.mark.parametrize("source", ["avro", "jsonl", "csv"])
def test_a_broken_target_is_told_at_once(files, source, target):
    """With three quarters of the source, and no more to come."""
    reading, writing = os.pipe()
    ended = threading.Event()

    def feed() -> None:
        with io.FileIO(writing, "wb") as pipe:
            data = memoryview(files[source])[: len(files[source]) * 3 // 4]
            while data and not ended.is_set():
                data = data[pipe.write(data) :]
            ended.wait(WAIT)
            late.append(not ended.is_set())

    late: list[bool] = []
    feeder = threading.Thread(target=feed)
    with io.BufferedReader(io.FileIO(reading)) as pipe:
        feeder.start()
        try:
            with pytest.raises(OSError, match="no space"):
                avrojet.convert(
                    pipe, Broken(), source_format=source, target_format=target, schema=schema_for(source)
                )
        finally:
            ended.set()
    feeder.join()
    assert late == [False]


def schema_for(format: str) -> dict | None:
    return None if format == "avro" else SCHEMA


def unread(pipe: int) -> int:
    import fcntl

    return int.from_bytes(fcntl.ioctl(pipe, fionread, bytes(4)), sys.byteorder)


def interrupt(process: subprocess.Popen[bytes]) -> None:
    """Ctrl-C to a command that waits, most likely: it ends at once, and says nothing."""
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    try:
        assert process.wait(WAIT) == 130
    finally:
        process.kill()
    assert process.stderr.read() == b""
    process.stderr.close()


@pytest.mark.parametrize("target", ["avro", "jsonl", "csv", "parquet", "orc"])
@pytest.mark.parametrize("source", ["avro", "jsonl", "csv"])
def test_an_interruption_ends_a_command_that_waits(files, tmp_path, source, target):
    """By Ctrl-C, at once, and as otherwise: polars takes signals over, and stdin belongs to a thread."""
    command = [sys.executable, "-m", "avrojet", "convert", "-", f"out.{target}", "--from", source]
    process = subprocess.Popen(
        command, cwd=tmp_path, stdin=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0
    )
    data = memoryview(files[source])[: len(files[source]) // 2]
    while data:
        data = data[process.stdin.write(data) :]
    began = time.monotonic()
    while unread(process.stdin.fileno()) and time.monotonic() - began < WAIT:
        time.sleep(0.01)
    with process.stdin:
        interrupt(process)
    assert list(tmp_path.iterdir()) == []


class Fifos:
    """Named pipes that get a part of a file, and then nothing until :meth:`end`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._ended = threading.Event()
        self._feeders: list[threading.Thread] = []
        self.fed = threading.Semaphore(0)
        self.late = False

    def make(self, name: str, data: bytes) -> Path:
        path = self._folder / name
        os.mkfifo(path)
        self._feeders.append(threading.Thread(target=self._feed, args=(path, data[: len(data) // 2])))
        self._feeders[-1].start()
        return path

    def end(self) -> None:
        self._ended.set()
        for feeder in self._feeders:
            feeder.join()

    def _feed(self, path: Path, data: bytes) -> None:
        with path.open("wb", buffering=0) as pipe:
            left = memoryview(data)
            with suppress(BrokenPipeError):
                while left:
                    left = left[pipe.write(left) :]
            self.fed.release()
            self.late = not self._ended.wait(WAIT) or self.late


@pytest.fixture
def fifos(tmp_path):
    made = Fifos(tmp_path)
    yield made
    made.end()


@pytest.mark.parametrize("source", ["avro", "jsonl", "csv"])
def test_an_interruption_ends_files_side_by_side_that_wait(files, fifos, tmp_path, source):
    paths = [fifos.make(f"{name}.{source}", files[source]) for name in "ab"]
    command = [sys.executable, "-m", "avrojet", "convert", *paths, "out/", "--to", "parquet", "--jobs", "2"]
    process = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE)
    for _ in paths:
        assert fifos.fed.acquire(timeout=WAIT)
    interrupt(process)
    assert list((tmp_path / "out").iterdir()) == []
    fifos.end()
    assert not fifos.late


@pytest.mark.parametrize("on_error", ["raise", "skip"])
def test_the_end_of_a_conversion_ends_files_side_by_side_that_wait(fifos, tmp_path, on_error):
    path = fifos.make("a.jsonl", b'{"n": 1, ' * 2)  # no record yet
    small = tmp_path / "b.jsonl"
    small.write_bytes(b'{"n": 1, "text": ""}')

    def end(advance) -> None:
        if advance.file == str(small) and fifos.fed.acquire(timeout=WAIT):
            time.sleep(0.1)  # the other waits now, most likely
            raise KeyboardInterrupt

    done = {"target_format": "avro", "schema": SCHEMA, "on_error": on_error, "progress": end, "jobs": 2}
    with pytest.raises(KeyboardInterrupt):
        avrojet.convert([small, path], tmp_path / "out", **done)
    fifos.end()
    assert not fifos.late
    assert list((tmp_path / "out").iterdir()) == []


def test_a_buffered_pipe_is_read_to_its_end():
    """Also what was in the buffer before."""
    reading, writing = os.pipe()
    with io.FileIO(writing, "wb") as pipe:
        pipe.write(b"x" * 10_000)
    with io.BufferedReader(io.FileIO(reading)) as pipe:
        assert pipe.read(10) == b"x" * 10
        source = OpenSource(pipe, {})
        found = []
        while data := source.file.read(100):
            found.append(len(data))
        assert sum(found) == 9990
        assert source.taken() == 9990
        source.close()
        with pytest.raises(avrojet.DataFileError, match="closed"):
            source.file.read(1)
        assert not pipe.closed


@pytest.mark.parametrize("buffering", [-1, 0])
@pytest.mark.parametrize("format", ["avro", "jsonl", "csv"])
def test_a_source_without_data_now_has_not_ended(files, tmp_path, format, buffering):
    for size in (0, 1000):
        reading, writing = os.pipe()
        os.set_blocking(reading, False)
        with io.FileIO(writing, "wb") as pipe, os.fdopen(reading, "rb", buffering) as source:
            pipe.write(files[format][:size])
            with pytest.raises(avrojet.DataFileError, match="no data now"):
                avrojet.convert(source, tmp_path / "out.parquet", source_format=format)
    assert list(tmp_path.iterdir()) == []


def test_nobody_waits_for_what_reads_ahead_to_be_closed():
    """Its own threads may be reading a pipe, though the thread ahead has its item."""
    closed = threading.Event()
    waited: queue.SimpleQueue[bool] = queue.SimpleQueue()

    def items():
        try:
            yield from range(3)
        finally:
            waited.put(closed.wait(WAIT))

    steps = ahead(items(), stalls=True)
    assert next(steps) == 0
    time.sleep(0.1)  # until the next item is there
    steps.close()
    closed.set()
    assert waited.get(timeout=WAIT)
