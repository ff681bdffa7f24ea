"""Exceptions that come from outside, at any point of a writer's work: nothing that was taken is lost."""

from __future__ import annotations

import contextlib
import io
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

import pytest

import avrojet
from avrojet import DataFileError, DataFileWriter
from avrojet.compat.fastavro import _write as facade
from avrojet.container import append, delivery, locks, target, threads, writer
from tests.container.limited import largest_file
from tests.container.samples import file_of

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
