"""Exceptions that come from outside, at any point of a writer's work: nothing that was taken is lost."""

from __future__ import annotations

import contextlib
import gc
import io
import itertools
import os
import random
import re
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, Self

import pytest

import avrojet
from avrojet import DataFileError, DataFileWriter
from avrojet.compat.fastavro import _write as facade
from avrojet.container import append, codecs, delivery, locks, target, threads, writer
from tests.container.limited import largest_file
from tests.container.samples import file_of

pytestmark = pytest.mark.slow

SCHEMA = avrojet.parse_schema('"long"')
SOURCES = {module.__file__ for module in (append, delivery, facade, locks, target, threads, writer)}


class Interrupted(BaseException):
    """What the handler of a signal raises."""


class Interruption:
    """Raises before the bytecode of a number, counted in the files of the writer only.

    The interpreter runs handlers of signals after calls and at loops: fewer places than here.
    """

    def __init__(self, place: int) -> None:
        self.left = place

    def __enter__(self) -> Self:
        self._before = sys.gettrace()
        # CPython 3.12 looks, when a tracer is set, whether any frame wants to see its instructions.
        sys._getframe().f_trace_opcodes = True
        sys.settrace(self._enter)
        return self

    def __exit__(self, *_: object) -> None:
        sys.settrace(self._before)

    @property
    def came(self) -> bool:
        return self.left < 0

    def _enter(self, frame: Any, event: str, argument: Any) -> Any:
        if frame.f_code.co_filename not in SOURCES or self.came:
            return None
        frame.f_trace = self._step  # CPython 3.13 shows instructions at once only where there is a tracer
        frame.f_trace_opcodes = True
        frame.f_trace_lines = False
        return self._step

    def _step(self, frame: Any, event: str, argument: Any) -> Any:
        if event == "opcode" and not self.came:
            self.left -= 1
            if self.came:
                raise Interrupted
        return self._step


class Halves(io.RawIOBase):
    """A target that is no file of the system, and takes a few bytes a time."""

    def __init__(self) -> None:
        self.taken = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.taken += data[:7]
        return len(data[:7])


class Opened:
    """A target, and what it holds in the end."""

    def __init__(self, target: Any, content: Callable[[], bytes], **options: Any) -> None:
        self.target, self._content, self.options = target, content, options

    def rows(self) -> list[Any]:
        data = self._content()
        if hasattr(self.target, "close"):
            self.target.close()
        return avrojet.read(io.BytesIO(data))


def path_target(folder: Path, **options: Any) -> Opened:
    path = folder / "a.avro"
    path.unlink(missing_ok=True)
    if options.get("mode") == "a":
        avrojet.write(path, SCHEMA, [], codec=options.get("codec", "null"))
    return Opened(path, path.read_bytes, **options)


def file_target(mode: str, **options: Any) -> Callable[..., Opened]:
    def make(folder: Path, **more: Any) -> Opened:
        path = folder / "a.avro"
        return Opened(path.open(mode, **options), path.read_bytes, **more)

    return make


def memory(folder: Path, **options: Any) -> Opened:
    target = io.BytesIO()
    return Opened(target, target.getvalue, **options)


def halves(folder: Path, **options: Any) -> Opened:
    target = Halves()
    return Opened(target, lambda: bytes(target.taken), **options)


TARGETS = {
    "path": path_target,
    "path to append to": lambda folder, **more: path_target(folder, mode="a", **more),
    "locked path": lambda folder, **more: path_target(folder, lock=True, fsync=True, **more),
    "BytesIO": memory,
    "FileIO": file_target("wb", buffering=0),
    "BufferedWriter": file_target("wb"),
    "BufferedRandom": file_target("w+b"),
    "halves": halves,
}
OPTIONS = {"null": {}, "deflate": {"codec": "deflate"}, "threads": {"codec": "deflate", "threads": 1}}
CASES = [
    *(("path", options) for options in OPTIONS),
    ("path to append to", "null"),
    ("path to append to", "threads"),
    ("locked path", "null"),
    ("BytesIO", "deflate"),
    ("FileIO", "null"),
    ("BufferedWriter", "threads"),
    ("BufferedRandom", "null"),
    ("halves", "deflate"),
]


def check(written: list[int], returned: list[int], given: int) -> None:
    """What was taken is there once and in order; so may be what was being given when it was interrupted."""
    assert written == sorted(set(written))
    assert set(returned) <= set(written) <= set(range(given))


def interrupted_everywhere(run: Callable[[Interruption], None]) -> int:
    """Run it with an interruption at every place; how many there are."""
    place = 0
    while True:
        interruption = Interruption(place)
        run(interruption)
        if not interruption.came:
            return place
        place += 1


@pytest.mark.parametrize(("kind", "options"), CASES)
def test_append_flush_and_close(tmp_path, kind, options):
    """From the first record to the end of close(), which is called again where it was interrupted."""

    def run(interruption):
        opened = TARGETS[kind](tmp_path, **OPTIONS[options])
        writer = DataFileWriter(opened.target, SCHEMA, sync_interval=2, **opened.options)
        returned = []
        with interruption, contextlib.suppress(Interrupted):
            for number in range(4):
                writer.append(number)
                returned.append(number)
            writer.flush()
            writer.append(4)
            returned.append(4)
            writer.close()
        with contextlib.suppress(DataFileError):  # where it was closed already
            for number in range(len(returned) + 1, 7):
                writer.append(number)
                returned.append(number)
        writer.close()
        check(opened.rows(), returned, 7)

    assert interrupted_everywhere(run) > 100


@pytest.mark.parametrize("options", OPTIONS)
def test_a_with_block(tmp_path, options):
    """Once __exit__ has begun its work, an interruption comes out when the file is finished."""
    path = tmp_path / "a.avro"

    def run(interruption):
        try:
            with DataFileWriter(path, SCHEMA, sync_interval=2, **OPTIONS[options]) as writer:
                for number in range(5):
                    writer.append(number)
                interruption.__enter__()
        except Interrupted:
            pass
        finally:
            interruption.__exit__()
        early.append(not writer._closed)
        writer.close()
        assert avrojet.read(path) == [0, 1, 2, 3, 4]

    early: list[bool] = []
    assert interrupted_everywhere(run) > 100
    assert sum(early) < 80  # before it has begun: then close() may be called again


@pytest.mark.parametrize("options", OPTIONS)
def test_extend(tmp_path, options):
    def run(interruption):
        opened = path_target(tmp_path, **OPTIONS[options])
        values = iter(range(6))
        with DataFileWriter(opened.target, SCHEMA, sync_interval=2, **opened.options) as writer:
            with interruption, contextlib.suppress(Interrupted):
                writer.extend(values)
            writer.extend(values)
        assert opened.rows() == list(range(6))

    assert interrupted_everywhere(run) > 100


@pytest.mark.parametrize("options", OPTIONS)
def test_write_block(tmp_path, options):
    blocks = list(avrojet.DataFileReader(io.BytesIO(file_of([1, 2], SCHEMA, sync_interval=1))).blocks())

    def run(interruption):
        opened = path_target(tmp_path, **OPTIONS[options])
        writer = DataFileWriter(opened.target, SCHEMA, **opened.options)
        returned = []
        with interruption, contextlib.suppress(Interrupted):
            writer.append(0)
            returned.append(0)
            for number, block in enumerate(blocks, 1):
                writer.write_block(block)
                returned.append(number)
            writer.append(3)
            returned.append(3)
        writer.append(4)
        writer.close()
        check(opened.rows(), [*returned, 4], 5)

    assert interrupted_everywhere(run) > 100


@pytest.mark.parametrize("options", OPTIONS)
def test_write_arrow(tmp_path, options):
    """Of rows that were being written the first ones are there; those before and after them are whole."""
    pyarrow = pytest.importorskip("pyarrow")
    schema = {"type": "record", "name": "R", "fields": [{"name": "a", "type": "long"}]}
    batches = [pyarrow.record_batch({"a": range(start, start + 4)}) for start in (1, 5)]
    table = pyarrow.Table.from_batches(batches)

    def run(interruption):
        opened = path_target(tmp_path, **OPTIONS[options])
        opened.target.unlink(missing_ok=True)
        with DataFileWriter(opened.target, schema, sync_interval=3, **opened.options) as writer:
            writer.append({"a": 0})
            returned = False
            with interruption, contextlib.suppress(Interrupted):
                writer.write_arrow(table)
                returned = True
            writer.append({"a": 9})
        numbers = [row["a"] for row in opened.rows()]
        assert numbers == [*range(len(numbers) - 1), 9]
        assert not returned or len(numbers) == 10

    assert interrupted_everywhere(run) > 50


@pytest.mark.parametrize("kind", ["BytesIO", "FileIO", "BufferedWriter"])
@pytest.mark.parametrize("codec", ["null", "deflate"])
def test_the_writer_of_the_facade(tmp_path, kind, codec):
    def run(interruption):
        opened = TARGETS[kind](tmp_path)
        writer = facade.Writer(opened.target, "long", codec, sync_interval=2)
        returned = []
        with interruption, contextlib.suppress(Interrupted):
            for number in range(4):
                writer.write(number)
                returned.append(number)
            writer.dump()
            writer.flush()
        for number in range(len(returned) + 1, 7):
            writer.write(number)
            returned.append(number)
        writer.flush()
        check(opened.rows(), returned, 7)

    assert interrupted_everywhere(run) > 100


@pytest.mark.parametrize("mode", ["w", "a"])
def test_half_a_block_being_taken_back(tmp_path, mode):
    """The disk is full first, so that a part of a block is written; it is interrupted wherever that leads."""
    path = tmp_path / "a.avro"

    def run(interruption):
        opened = path_target(tmp_path, mode=mode)
        writer = DataFileWriter(path, SCHEMA, sync_interval=6, **opened.options)
        returned = []
        with (
            largest_file(path.stat().st_size + 40),
            interruption,
            contextlib.suppress(Interrupted, OSError),
        ):
            for number in range(20):
                writer.append(number)
                returned.append(number)
        writer.append(20)
        writer.close()
        check(opened.rows(), [*returned, 20], 21)

    assert interrupted_everywhere(run) > 100


@pytest.mark.parametrize("kind", ["path", "path to append to", "FileIO", "BufferedWriter", "BufferedRandom"])
@pytest.mark.parametrize("options", OPTIONS)
def test_a_disk_that_is_full_at_every_byte(tmp_path, kind, options):
    """It is full for a while: what was written of a block is taken back, or the rest follows."""
    header = len(file_of([], SCHEMA, **OPTIONS[options]))
    for size in range(header, header + 1000):
        was_full = True
        opened = TARGETS[kind](tmp_path, **OPTIONS[options])
        writer = DataFileWriter(opened.target, SCHEMA, sync_interval=2, **opened.options)
        returned = []
        with largest_file(size), contextlib.suppress(OSError):
            for number in range(6):
                writer.append(number)
                returned.append(number)
            writer.flush()
            was_full = False
        for number in range(len(returned) + 1, 8):
            writer.append(number)
            returned.append(number)
        writer.close()
        if kind.startswith("Buffered"):
            opened.target.flush()
        check(opened.rows(), returned, 8)
        if not was_full:
            break
    assert 50 < size - header < 999


@pytest.mark.parametrize("threads", [0, 2])
def test_a_compressor_that_fails_at_every_call(monkeypatch, threads):
    monkeypatch.setattr(codecs._Register, "codecs", MappingProxyType({}))
    for failing in range(6):
        calls = itertools.count()

        def compress(data, failing=failing, calls=calls):
            if next(calls) == failing:
                raise Interrupted
            return data

        avrojet.register_codec("mine", compress, bytes)
        target = io.BytesIO()
        writer = DataFileWriter(target, SCHEMA, "mine", sync_interval=2, threads=threads)
        returned, interruptions = [], 0
        for number in range(8):
            try:
                writer.append(number)
            except Interrupted:
                interruptions += 1
            else:
                returned.append(number)
        try:
            writer.close()
        except Interrupted:
            interruptions += 1
        writer.close()
        assert interruptions == (failing < 4)
        check(avrojet.read(io.BytesIO(target.getvalue())), returned, 8)


# Signals


class Slow(io.RawIOBase):
    """A target in Python: a signal may come before, within and after what its `write` does."""

    def __init__(self) -> None:
        self.taken = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        for _ in range(3):
            self.tell_nothing()
        self.taken += data
        for _ in range(3):
            self.tell_nothing()
        return len(data)

    def tell_nothing(self) -> None:
        pass


@pytest.fixture
def ticks() -> Iterator[list[bool]]:
    """Three signals every millisecond, whose handler raises as long as the item of the list is true."""
    if not hasattr(signal, "setitimer"):
        pytest.skip("no timers")
    armed = [False]

    def handler(number: int, frame: Any) -> None:
        if armed[0]:
            raise Interrupted

    before = signal.signal(signal.SIGALRM, handler)
    gc.disable()  # callbacks of the collector would see the exception, and lose it
    signal.setitimer(signal.ITIMER_REAL, 0.0003, 0.0003)
    yield armed
    gc.enable()
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


def interruptible(armed: list[bool], work: Callable[[], Any]) -> bool:
    """Whether the work was done without an interruption."""
    try:
        armed[0] = True
        work()
    except Interrupted:
        armed[0] = False
        return False
    finally:
        armed[0] = False
    return True


@pytest.mark.parametrize("kind", ["path", "path to append to", "BytesIO", "BufferedWriter"])
@pytest.mark.parametrize("options", OPTIONS)
def test_signals(tmp_path, ticks, kind, options):
    opened = TARGETS[kind](tmp_path, **OPTIONS[options])
    writer = DataFileWriter(opened.target, SCHEMA, sync_interval=100, **opened.options)
    returned, interruptions, number = [], 0, 0
    while interruptions < 200:
        if interruptible(ticks, partial(writer.append, number)):
            returned.append(number)
        else:
            interruptions += 1
        number += 1
    while not interruptible(ticks, writer.close):
        pass
    if kind == "BufferedWriter":
        opened.target.flush()
    check(opened.rows(), returned, number)


@pytest.mark.parametrize("threads", [0, 1])
def test_signals_in_a_target_of_which_nobody_knows_what_it_has_taken(ticks, threads):
    told = 0
    for _ in range(20):
        target = Slow()
        writer = DataFileWriter(target, SCHEMA, "deflate", sync_interval=1, threads=threads)
        returned, number = [], 0
        while number < 5000:
            try:
                if interruptible(ticks, partial(writer.append, number)):
                    returned.append(number)
            except DataFileError as error:
                assert "an earlier write has failed" in str(error)
                break
            number += 1
        missing = 0
        try:
            writer.close()
        except DataFileError as error:
            missing = int(re.search(r"lacks up to (\d+) record", str(error))[1])
            told += 1
        with avrojet.DataFileReader(io.BytesIO(bytes(target.taken)), on_error="skip") as reader:
            found = list(reader)
        assert found == sorted(set(found))
        assert len(set(returned) - set(found)) <= missing
    assert told


@pytest.mark.skipif(sys.platform == "win32", reason="signals are others there")
@pytest.mark.parametrize("codec", ["null", "deflate", "xz"])
def test_ctrl_c(tmp_path, codec):
    """As in a program that appends until it is stopped."""
    path = tmp_path / "a.avro"
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    accepted = 0
    noise = random.Random(1).randbytes(1_000_000)
    timer = threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    try:
        with DataFileWriter(path, '"bytes"', codec, sync_interval=1_000_000) as writer:
            while True:
                writer.append(noise[accepted : accepted + 1000])
                accepted += 1
    except KeyboardInterrupt:
        pass
    finally:
        timer.join()
        signal.signal(signal.SIGINT, before)
    assert avrojet.count_records(path) in (accepted, accepted + 1)
