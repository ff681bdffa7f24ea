"""What a reading leaves: no file stays open, and no thread runs on, until the collector comes by."""

from __future__ import annotations

import contextlib
import gc
import io
import itertools
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

import avrojet
from avrojet import DataFileReader, DataFileWriter, read_arrow
from avrojet.compat import fastavro
from avrojet.container import codecs
from tests.container.samples import OnlyRead, file_of, rows

pytestmark = pytest.mark.slow

ROWS = rows(3000)
FILE = file_of(ROWS, sync_interval=1000, codec="deflate")
PLAIN = file_of(ROWS, sync_interval=1000)
BROKEN = {
    "empty": b"",
    "no Avro": b"hello, this is text",
    "cut in its header": FILE[:20],
    "cut in a block": FILE[:-5],
    "cut early": FILE[: len(FILE) // 2],
    "damaged": FILE[:-16] + bytes(16),
    "damaged within": FILE[: len(FILE) // 2] + bytes(100) + FILE[len(FILE) // 2 + 100 :],
    "of rows that are none": PLAIN[: len(PLAIN) // 2] + b"\xff" * 100 + PLAIN[len(PLAIN) // 2 + 100 :],
    "joined": FILE + FILE,
    "of another schema": file_of(["a"], "string"),
}


def consumed(items: Any) -> None:
    with closing(items) if hasattr(items, "close") else items:
        for _ in items:
            pass


def drained(stream: Any) -> None:
    for _ in stream:
        pass


def by_pyarrow(stream: Any) -> None:
    pytest.importorskip("pyarrow").table(stream)


def by_polars(path: Path) -> None:
    pytest.importorskip("avrojet.polars", exc_type=ImportError).read_avro(path)


def scanned(paths: list[Path]) -> None:
    pytest.importorskip("avrojet.polars", exc_type=ImportError).scan_avro(paths).collect()


def by_pandas(path: Path) -> None:
    pytest.importorskip("avrojet.pandas", exc_type=ImportError).read_avro(path)


def of_reader(path: Path, threads: int) -> None:
    with DataFileReader(path) as reader:
        drained(reader.to_arrow(threads=threads))


def by_facade(path: Path) -> None:
    with path.open("rb") as file:
        drained(fastavro.reader(file))


# Of a whole file and a broken one.
WAYS: dict[str, Callable[[Path, Path], None]] = {
    "rows": lambda whole, broken: consumed(DataFileReader(broken)),
    "rows, threads": lambda whole, broken: consumed(DataFileReader(broken, threads=2)),
    "rows, skip": lambda whole, broken: consumed(DataFileReader(broken, on_error="skip")),
    "rows, converted": lambda whole, broken: consumed(DataFileReader(broken, '"long"')),
    "read": lambda whole, broken: avrojet.read(broken),
    "splits": lambda whole, broken: [avrojet.read(part) for part in avrojet.splits(broken, count=3)],
    "to_arrow": lambda whole, broken: of_reader(broken, 0),
    "to_arrow, threads": lambda whole, broken: of_reader(broken, 2),
    "columns": lambda whole, broken: drained(read_arrow(broken, threads=0)),
    "columns, threads": lambda whole, broken: drained(read_arrow(broken, threads=2)),
    "columns, skip": lambda whole, broken: drained(read_arrow(broken, threads=2, on_error="skip")),
    "columns, last": lambda whole, broken: drained(read_arrow([whole] * 3 + [broken], threads=0)),
    "columns, last, threads": lambda whole, broken: drained(read_arrow([whole] * 3 + [broken], threads=2)),
    "columns, amid": lambda whole, broken: drained(
        read_arrow([whole, whole, broken, *[whole] * 9], threads=2)
    ),
    "columns, first": lambda whole, broken: drained(read_arrow([broken, whole, whole], threads=2)),
    "columns of splits": lambda whole, broken: drained(
        read_arrow([whole, *avrojet.splits(broken, count=3)], threads=2)
    ),
    "pyarrow": lambda whole, broken: by_pyarrow(read_arrow([whole, broken, whole], threads=2)),
    "polars": lambda whole, broken: by_polars(broken),
    "polars, scan": lambda whole, broken: scanned([whole, broken, whole]),
    "pandas": lambda whole, broken: by_pandas(broken),
    "facade": lambda whole, broken: by_facade(broken),
    "count": lambda whole, broken: avrojet.count_records(broken),
    "repair": lambda whole, broken: avrojet.repair_file(broken, io.BytesIO()),
    "concat": lambda whole, broken: avrojet.concat_files([whole, broken], io.BytesIO()),
    "recode": lambda whole, broken: avrojet.recode_file(broken, io.BytesIO(), "null"),
}


@pytest.fixture
def _no_collector() -> Iterator[None]:
    gc.disable()
    gc.freeze()  # what was there before is not looked at
    yield
    gc.enable()


def open_files(folder: Path) -> list[str]:
    return [
        str(each.name)
        for each in gc.get_objects()
        if type(each) is io.FileIO and not each.closed and str(each.name).startswith(str(folder))
    ]


def cycles() -> list[Any]:
    """What only the collector finds of what can hold a file or threads."""
    gc.set_debug(gc.DEBUG_SAVEALL)
    try:
        gc.collect()
        return [each for each in gc.garbage if type(each).__module__.startswith("avrojet")]
    finally:
        gc.set_debug(0)
        gc.garbage.clear()


@pytest.mark.usefixtures("_no_collector")
@pytest.mark.parametrize("kind", BROKEN)
@pytest.mark.parametrize("way", WAYS)
def test_a_reading_that_fails_closes_its_files_and_ends_its_threads(way, kind, tmp_path, started):
    whole, broken = tmp_path / "whole.avro", tmp_path / "broken.avro"
    whole.write_bytes(FILE)
    broken.write_bytes(BROKEN[kind])
    try:
        WAYS[way](whole, broken)
    except Exception:  # noqa: BLE001 (skipping raises nothing)
        assert open_files(tmp_path) == []
    assert open_files(tmp_path) == []
    assert not started.running or started.all_end()
    assert cycles() == []


class Failing(OnlyRead):
    """Fails for once, in the read of a number."""

    def __init__(self, data: bytes, error: type[BaseException], number: int) -> None:
        super().__init__(data)
        self.error = error
        self.left = number

    def read(self, size: int, /) -> bytes:
        self.left -= 1
        if self.left == 0:
            raise self.error("mine")
        return super().read(min(size, 500))


OPEN: dict[str, Callable[[Any], Any]] = {
    "rows": DataFileReader,
    "rows, threads": lambda source: DataFileReader(source, threads=2),
    "rows, skip": lambda source: DataFileReader(source, on_error="skip"),
    "blocks": lambda source: DataFileReader(source).blocks(),
    "to_arrow": lambda source: iter(DataFileReader(source).to_arrow(threads=2)),
    "columns": lambda source: iter(read_arrow(source, threads=0)),
    "columns, threads": lambda source: iter(read_arrow(source, threads=2)),
    "facade": fastavro.reader,
}


@pytest.mark.usefixtures("_no_collector")
@pytest.mark.parametrize("error", [TimeoutError, avrojet.DataFileError, KeyboardInterrupt])
@pytest.mark.parametrize("number", [20, 21, 40])
@pytest.mark.parametrize("way", OPEN)
def test_a_reader_that_has_failed_is_gone_when_it_is_dropped(way, number, error, started):
    items = OPEN[way](Failing(FILE, error, number))
    with pytest.raises((error, avrojet.DataFileError), match="mine|interrupted"):
        drained(items)
    with contextlib.suppress(avrojet.DataFileError, TimeoutError):  # columns say it again
        next(items)
    del items
    assert not started.running or started.all_end()
    assert cycles() == []


@pytest.mark.usefixtures("_no_collector")
@pytest.mark.parametrize("taken", [1, 2, 5])
@pytest.mark.parametrize("kind", ["whole", *BROKEN])
def test_columns_that_are_dropped_midway_close_their_files(kind, taken, tmp_path, started):
    whole, broken = tmp_path / "whole.avro", tmp_path / "broken.avro"
    whole.write_bytes(FILE)
    broken.write_bytes(BROKEN.get(kind, FILE))
    for threads in (0, 2):
        batches = iter(read_arrow([whole, broken, *[whole] * 5], threads=threads, batch_rows=100))
        for _ in range(taken):
            next(batches)
        del batches
        assert open_files(tmp_path) == []
    assert started.all_end()
    assert cycles() == []


class Full(io.RawIOBase):
    """A target that takes nothing."""

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        if self.full:
            raise OSError("mine")
        return len(data)

    full = False


@pytest.mark.filterwarnings("ignore:.* was not closed:ResourceWarning")
@pytest.mark.usefixtures("_no_collector")
@pytest.mark.parametrize("threads", [0, 2])
def test_a_writer_whose_target_fails_is_gone_when_it_is_dropped(threads, started):
    target = Full()
    writer = DataFileWriter(target, "long", "deflate", threads=threads, sync_interval=10)
    target.full = True
    with pytest.raises((OSError, avrojet.DataFileError), match="mine|earlier write"):
        writer.extend(range(1000))
    with pytest.raises(avrojet.DataFileError, match="mine") as caught:
        writer.close()
    assert isinstance(caught.value.__cause__, OSError)
    del writer, caught
    assert not threads or started.all_end()
    assert cycles() == []


class Collecting:
    """A codec that in one of its calls waits until its owner is dropped, and collects it."""

    def __init__(self) -> None:
        self.calls: Iterator[int] = itertools.count()
        self.dropped = threading.Event()
        self.collected = threading.Event()

    def work(self, data: Any) -> bytes:
        if next(self.calls) == 1:
            self.dropped.wait(20)
            gc.collect()
            self.collected.set()
        return bytes(data)


def reading(path: Path, codec: str) -> Any:
    items = iter(DataFileReader(path.read_bytes(), threads=1))
    next(items)
    return items


def columns(path: Path, codec: str) -> Any:
    batches = iter(read_arrow(path, threads=1, batch_rows=2))
    next(batches)
    return batches


def columns_of_files(path: Path, codec: str) -> Any:
    batches = iter(read_arrow([path] * 9, threads=1, batch_rows=2))
    next(batches)
    return batches


def writing(path: Path, codec: str) -> Any:
    writer = DataFileWriter(path, "long", codec, threads=1, sync_interval=2)
    for number in range(4):
        writer.append(number)
    return writer


@pytest.mark.filterwarnings("ignore:.* was not closed:ResourceWarning")
@pytest.mark.usefixtures("_no_collector")
@pytest.mark.parametrize("begin", [reading, columns, columns_of_files, writing])
def test_what_is_collected_in_a_thread_of_its_own_hangs_nobody(begin, tmp_path, started, monkeypatch):
    """The collector comes in any thread, also in one that the owner would wait for."""
    codec = Collecting()
    monkeypatch.setattr(codecs._Register, "codecs", MappingProxyType({}))
    avrojet.register_codec("collecting", codec.work, codec.work)
    path = tmp_path / "a.avro"
    path.write_bytes(
        file_of(range(100), "long", sync_interval=3, codec="null").replace(b"\x08null", b"\x14collecting")
    )
    ring: list[Any] = [begin(path, "collecting")]
    ring.append(ring)
    del ring
    codec.dropped.set()
    assert codec.collected.wait(20)
    assert started.all_end()
    assert open_files(tmp_path) == []
    if begin is writing:
        assert avrojet.read(path) == [0, 1, 2, 3]
