"""What was interrupted goes on where it stood, or says that it cannot; it never takes that for the end."""

from __future__ import annotations

import io
import itertools
import json
import os
import random
import signal
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import avrojet
from avrojet import CustomLogicalType, DataFileError, DataFileReader, read_arrow
from avrojet.compat import fastavro
from tests.container.samples import OnlyRead, ShortReads, file_of
from tests.interrupts import Interruption, Interrupts, interrupted_everywhere

pytestmark = pytest.mark.slow

COUNT = 120
STRIDE = int(os.environ.get("AVROJET_STRIDE", "17"))  # 1: every place, which takes minutes
SCHEMA = {"type": "record", "name": "R", "fields": [{"name": "n", "type": "long"}]}
ROWS = [{"n": number} for number in range(COUNT)]
FILES = {
    "null": file_of(ROWS, SCHEMA, sync_interval=40),
    "deflate": file_of(ROWS, SCHEMA, sync_interval=60, codec="deflate"),
}


class Again:
    """An iterator whose source is asked again after an error, as generators cannot be."""

    def __init__(self, items: Any, unpack: Callable[[Any], Any]) -> None:
        self.items = iter(items)
        self.unpack = unpack
        self.item: Any = None
        self.ready: list[Any] = []

    def __iter__(self) -> Again:
        return self

    def __next__(self) -> Any:
        while not self.ready:
            if self.item is None:
                self.item = next(self.items)
            self.ready = list(self.unpack(self.item))
            self.item = None
        return self.ready.pop(0)


def rows_of_batch(batch: Any) -> list[Any]:
    return pytest.importorskip("pyarrow").record_batch(batch).to_pylist()


def rows_of_lines(lines: bytes) -> list[Any]:
    return [json.loads(line) for line in lines.splitlines()]


WAYS: dict[str, Callable[[Any], Iterator[Any]]] = {
    "rows": lambda source: iter(DataFileReader(source)),
    "rows, threads": lambda source: iter(DataFileReader(source, threads=2)),
    "rows, skip": lambda source: iter(DataFileReader(source, on_error="skip")),
    "blocks": lambda source: Again(DataFileReader(source).blocks(), list),
    "blocks, skip": lambda source: Again(DataFileReader(source, on_error="skip").blocks(), list),
    "to_json": lambda source: Again(DataFileReader(source).to_json(), rows_of_lines),
    "to_json, threads": lambda source: Again(DataFileReader(source, threads=2).to_json(), rows_of_lines),
    "to_json, skip": lambda source: Again(DataFileReader(source, on_error="skip").to_json(), rows_of_lines),
    "to_arrow": lambda source: Again(
        DataFileReader(source).to_arrow(batch_rows=30, threads=0), rows_of_batch
    ),
    "to_arrow, threads": lambda source: Again(
        DataFileReader(source).to_arrow(batch_rows=30, threads=2), rows_of_batch
    ),
    "read_arrow": lambda source: Again(read_arrow(source, batch_rows=30, threads=0), rows_of_batch),
    "facade": lambda source: iter(fastavro.reader(source)),
    "facade, blocks": lambda source: Again(fastavro.block_reader(source), list),
}
RESUMED = ("rows", "rows, threads", "rows, skip", "blocks", "blocks, skip")
SOURCES: dict[str, Callable[[bytes], Any]] = {
    "BytesIO": io.BytesIO,
    "only read": OnlyRead,
    "short reads": lambda data: ShortReads(data, 50),
}


class Taken:
    """What an iterator gives, taken in C's loop: nothing is lost between it and this."""

    def __init__(self, items: Iterator[Any]) -> None:
        self.items = items
        self.rows: list[Any] = []
        self.errors: list[BaseException] = []

    def take(self, interrupts: Interrupts | None = None) -> bool:
        """Whether the iterator says that this is the end."""
        try:
            if interrupts is None:
                self.rows.extend(self.items)
            else:
                with interrupts.on():
                    self.rows.extend(self.items)
        except (Interruption, Exception) as error:  # noqa: BLE001 (the test tells)
            self.errors.append(error)
            return False
        return True


def read_on(taken: Taken, interrupts: Interrupts) -> bool:
    """Read with an interruption, and go on as often as it takes; whether the end was said."""
    ended = taken.take(interrupts)
    for _ in range(3):
        if ended:
            break
        ended = taken.take()
    return ended


def pairs(*left_out: tuple[str, str]) -> list[tuple[str, str]]:
    return [pair for pair in itertools.product(WAYS, SOURCES) if pair not in left_out]


# A file that only reads does not tell its place, which the facade's blocks ask for.
PAIRS = pairs(("facade, blocks", "only read"), ("facade, blocks", "short reads"))


@pytest.mark.parametrize(("way", "source"), PAIRS)
def test_the_ways_of_reading_read(way, source):
    for data in FILES.values():
        assert list(WAYS[way](SOURCES[source](data))) == ROWS


@pytest.mark.parametrize("codec", FILES)
@pytest.mark.parametrize(("way", "source"), PAIRS)
def test_an_interruption_anywhere(way, source, codec):
    """At each place where CPython would run a signal's handler."""
    outcomes = []

    def run(interrupts: Interrupts) -> None:
        taken = Taken(WAYS[way](SOURCES[source](FILES[codec])))
        ended = read_on(taken, interrupts)
        where = interrupts.where
        assert taken.rows == ROWS[: len(taken.rows)], where
        if ended:
            assert len(taken.rows) == COUNT, where
        else:
            assert all(isinstance(error, avrojet.AvroError) for error in taken.errors[-3:]), where
            assert len(set(map(str, taken.errors[-3:]))) == 1, where
        assert len(taken.errors) == bool(where) + 3 * (not ended), where
        if way in RESUMED and source == "BytesIO":
            assert ended, where
        outcomes.append(ended)

    for _ in interrupted_everywhere(run, STRIDE):
        pass
    assert True in outcomes[1:]


MANY = [{"n": number} for number in range(30_000)]
LARGE = {
    "null": file_of(MANY, SCHEMA, sync_interval=1000),
    "deflate": file_of(MANY, SCHEMA, sync_interval=1000, codec="deflate"),
}


@pytest.fixture
def alarm(request) -> Iterator[Callable[[float], None]]:
    """Interrupts this thread after so many seconds."""
    if not hasattr(signal, "setitimer"):
        pytest.skip("the system has no timers that send signals")

    def interrupt(*_: Any) -> None:
        raise Interruption

    before = signal.signal(signal.SIGALRM, interrupt)
    yield lambda seconds: signal.setitimer(signal.ITIMER_REAL, seconds)
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


# Blocks are taken as they come: what makes rows of them is the test's own, and could be interrupted too.
INTERRUPTED = {
    "rows": DataFileReader,
    "rows, threads": lambda source: DataFileReader(source, threads=2),
    "rows, skip": lambda source: DataFileReader(source, on_error="skip"),
    "blocks": lambda source: DataFileReader(source).blocks(),
    "blocks, skip": lambda source: DataFileReader(source, on_error="skip").blocks(),
}


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # CPython drops some of them
@pytest.mark.parametrize("codec", LARGE)
@pytest.mark.parametrize("way", INTERRUPTED)
def test_signals(alarm, way, codec):
    delays = random.Random(way + codec)
    interrupted = turns = 0
    while turns < 15 or not interrupted:  # where all blocks come at once, hardly any signal is in time
        turns += 1
        assert turns < 5000
        taken = Taken(iter(INTERRUPTED[way](io.BytesIO(LARGE[codec]))))
        ended = False
        while not ended:
            try:
                alarm(delays.uniform(0.00005, 0.003))
                ended = taken.take()
                alarm(0)
            except Interruption:  # it came when the reading was over
                ended = False
        interrupted += len(taken.errors)
        found = [row for block in taken.rows for row in block] if "blocks" in way else taken.rows
        assert found == MANY


class Source:
    """A file whose reads fail at times: `errors` has the numbers of the reads, and with what."""

    def __init__(self, data: bytes, errors: dict[int, BaseException], size: int = 500) -> None:
        self.file = io.BytesIO(data)
        self.errors = dict(errors)
        self.size = size
        self.reads = 0

    def read(self, size: int = -1, /) -> bytes:
        self.reads += 1
        if self.reads in self.errors:
            raise self.errors.pop(self.reads)
        return self.file.read(min(size, self.size) if size >= 0 else self.size)


def timed_out(*reads: int) -> dict[int, BaseException]:
    return {read: TimeoutError("timed out") for read in reads}


@pytest.mark.parametrize("data", LARGE.values(), ids=LARGE)
@pytest.mark.parametrize(
    "error", [TimeoutError, KeyError, Interruption, DataFileError, StopIteration, EOFError]
)
@pytest.mark.parametrize("way", [*RESUMED, "facade"])
def test_a_source_that_fails_at_times(way, error, data):
    """It is asked again, and gives what it has then."""
    source = Source(data, {})
    reader = WAYS[way](source)
    # After the header, of which the facade reads a little at a time.
    source.errors.update({source.reads + read: error("mine") for read in (2, 3, 5, 8)})
    taken = Taken(reader)
    ended = [taken.take() for _ in range(5)]
    assert ended == [False] * 4 + [True]
    expected = RuntimeError if error is StopIteration else error
    assert [type(failure) for failure in taken.errors] == [expected] * 4
    assert all("mine" in str(failure) for failure in taken.errors)
    assert taken.rows == MANY


@pytest.mark.parametrize("data", LARGE.values(), ids=LARGE)
@pytest.mark.parametrize("way", ["to_arrow", "to_arrow, threads", "read_arrow"])
def test_columns_come_up_to_the_failure_of_a_source_and_no_further(way, data):
    taken = Taken(WAYS[way](Source(data, timed_out(30))))
    assert [taken.take() for _ in range(3)] == [False] * 3
    assert [type(failure) for failure in taken.errors] == [TimeoutError] * 3
    given = 30 * 500 // 2  # of so many bytes two thirds are rows, at least
    assert taken.rows == MANY[: len(taken.rows)]
    if data == LARGE["null"]:
        assert len(taken.rows) > given // 3


@pytest.mark.parametrize("way", [way for way in WAYS if "skip" not in way and way != "facade, blocks"])
@pytest.mark.parametrize("source", ["BytesIO", "only read"])
def test_damage_is_told_each_time(way, source):
    """To go on after it would lose rows that nobody accounts for."""
    damaged = bytearray(FILES["null"])
    place = damaged.index(b"\x78\x7a\x7c")  # rows 60 to 62
    damaged[place : place + 11] = b"\xff" * 11
    for data in (bytes(damaged), FILES["null"][:-3], FILES["null"] + b"\x02", FILES["null"] * 2):
        taken = Taken(WAYS[way](SOURCES[source](data)))
        assert [taken.take() for _ in range(3)] == [False] * 3
        first, *others = taken.errors
        assert isinstance(first, avrojet.AvroError)
        assert [(type(other), str(other)) for other in others] == [(type(first), str(first))] * 2
        assert taken.rows == ROWS[: len(taken.rows)]


@pytest.mark.parametrize("way", [way for way in (*RESUMED, "facade") if "skip" not in way])
def test_a_source_that_fails_within_a_block_that_is_cut(way):
    """Wherever that is, it is asked again, and the damage is told then."""
    data = FILES["null"][:-3]
    counted = Source(data, {}, 7)
    whole = Taken(WAYS[way](counted))
    assert not whole.take()
    for read in range(1, counted.reads + 1):
        source = Source(data, {}, 7)
        taken = Taken(WAYS[way](source))
        if read <= source.reads:  # of the header
            continue
        source.errors.update(timed_out(read))
        assert [taken.take() for _ in range(4)] == [False] * 4
        assert [type(error) for error in taken.errors] == [TimeoutError, *[type(whole.errors[0])] * 3]
        assert len(set(map(str, taken.errors[1:]))) == 1
        assert taken.rows == whole.rows


class Moody(CustomLogicalType):
    """Fails once for each of these values."""

    name = "moody"

    def __init__(self, failures: dict[int, BaseException]) -> None:
        self.failures = dict(failures)

    def decode(self, value: Any, schema: Any) -> Any:
        if value in self.failures:
            raise self.failures.pop(value)
        return value

    def encode(self, value: Any, schema: Any) -> Any:
        return value


OPTIONS = {"plain": {}, "threads": {"threads": 2}, "skip": {"on_error": "skip"}}
options = pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)


@options
@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt, StopIteration])
def test_a_row_whose_conversion_fails_comes_again(options, error):
    data = file_of(
        range(100), {"type": "long", "logicalType": "moody"}, sync_interval=20, logical_types=False
    )
    moody = Moody({value: error("mine") for value in (0, 7, 19, 20, 99)})
    reader = DataFileReader(io.BytesIO(data), logical_types=[moody], **options)
    rows: list[int] = []
    for _ in range(5):
        with pytest.raises(RuntimeError if error is StopIteration else error, match="mine"):
            rows.extend(reader)
    rows.extend(reader)
    assert rows == [*range(100)]
    assert not reader.losses


# Closing from another thread


def closed_meanwhile(reader: DataFileReader, consume: Callable[[], Any], delay: float) -> list[BaseException]:
    errors: list[BaseException] = []

    def run() -> None:
        try:
            consume()
        except BaseException as error:  # noqa: BLE001 (the test tells)
            errors.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    time.sleep(delay)
    reader.close()
    thread.join(20)
    assert not thread.is_alive(), "it hangs"
    return errors


@options
def test_closing_wakes_whoever_reads(options, tmp_path):
    path = tmp_path / "a.avro"
    path.write_bytes(LARGE["deflate"])
    closed = 0
    for attempt in range(60):
        source = path if attempt % 2 else io.BytesIO(LARGE["deflate"])
        reader = DataFileReader(source, **options)
        errors = closed_meanwhile(reader, lambda reader=reader: list(reader), 0.0002 * attempt)
        assert [error for error in errors if not isinstance(error, DataFileError)] == []
        assert all("the reader is closed" in str(error) for error in errors)
        closed += len(errors)
    assert closed


def test_closing_wakes_whoever_waits_for_a_thread():
    """The work itself goes on: nobody waits for it."""
    inside, done = threading.Event(), threading.Event()
    reader = DataFileReader(io.BytesIO(LARGE["deflate"]), threads=1)

    def wait(data: Any) -> bytes:
        inside.set()
        done.wait(20)
        return bytes(data)

    reader._finder._decompress = wait
    errors: list[BaseException] = []

    def read() -> None:
        try:
            next(reader)
        except DataFileError as error:
            errors.append(error)
            done.set()

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    assert inside.wait(20)
    reader.close()
    thread.join(20)
    assert str(errors[0]) == "the reader is closed"


def test_a_closed_reader_says_so_whatever_it_was_doing():
    for way in ("rows", "rows, threads", "rows, skip"):
        reader = DataFileReader(OnlyRead(LARGE["null"]), **({"threads": 2} if "threads" in way else {}))
        next(reader)
        reader.close()
        for _ in range(2):
            with pytest.raises(DataFileError, match="closed"):
                list(reader)


# One way at a time


def test_columns_of_a_reader_are_read_once():
    reader = DataFileReader(io.BytesIO(FILES["null"]))
    stream = reader.to_arrow(batch_rows=30, threads=0)
    next(iter(stream))
    for again in (lambda: next(iter(stream)), lambda: next(iter(reader.to_arrow())), lambda: next(reader)):
        with pytest.raises(DataFileError, match="columns of this reader"):
            again()
    with pytest.raises(DataFileError, match="columns of this reader"):
        next(reader.blocks())


def test_columns_begin_where_the_reader_stands():
    reader = DataFileReader(io.BytesIO(FILES["null"]))
    block = next(reader.blocks())
    rest = [row for batch in reader.to_arrow() for row in rows_of_batch(batch)]
    assert list(block) + rest == ROWS
