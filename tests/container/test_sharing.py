"""Readers and writers that threads share against their rules: refused or right, never a crash or a lie."""

from __future__ import annotations

import io
import itertools
import json
import sys
import threading
from functools import partial

import pytest

import avrojet
from avrojet import DataFileError, DataFileReader, DataFileWriter
from avrojet.compat import fastavro
from avrojet.core.ground.exclusive import Chain, Turns
from tests.container.samples import SCHEMA, file_of, rows

ROWS = rows(3000)
FILE = file_of(ROWS, codec="deflate", sync_interval=500)
REFUSALS = (ValueError, RuntimeError)  # DataFileError is a ValueError


def at_once(work, threads=4) -> None:
    start = threading.Barrier(threads)
    failures = []

    def run():
        start.wait()
        try:
            work()
        except REFUSALS:
            pass
        except BaseException as error:  # noqa: BLE001 (the test tells)
            failures.append(error)

    running = [threading.Thread(target=run) for _ in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    assert not failures


OPTIONS = {"plain": {}, "skip": {"on_error": "skip"}, "threads": {"threads": 1}}


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
def test_a_reader(options):
    for _ in range(5):
        reader = DataFileReader(io.BytesIO(FILE), **options)
        given: list[int] = []

        def work(reader=reader, given=given):
            for row in reader:
                assert row == ROWS[row["id"]]
                given.append(row["id"])

        at_once(work)
        reader.close()
        assert len(given) == len(set(given)), "a row was given twice"


CASES = {"null": {}, "deflate": {"codec": "deflate"}, "threads": {"codec": "deflate", "threads": 2}}


@pytest.fixture
def _restless_threads():
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("_restless_threads")
@pytest.mark.parametrize("options", CASES.values(), ids=CASES)
@pytest.mark.parametrize("facade", [False, True])
def test_a_writer(options, facade):
    """What the calls that returned were given is in the file, and nothing of the calls that were refused."""
    for _ in range(5):
        target = io.BytesIO()
        if facade:
            writer = fastavro.write.Writer(target, json.loads(SCHEMA.json), options.get("codec", "null"), 500)
            write, finish = writer.write, writer.flush
        else:
            writer = DataFileWriter(target, SCHEMA, sync_interval=500, **options)
            write, finish = writer.append, writer.close
        taken: list[int] = []
        numbers = iter(range(3000))

        def work(write=write, taken=taken, numbers=numbers):
            for number in numbers:
                try:
                    write(ROWS[number])
                except ValueError as error:
                    assert "in use" in str(error)
                else:
                    taken.append(number)

        at_once(work)
        finish()
        written = [row["id"] for row in avrojet.read(io.BytesIO(target.getvalue()))]
        assert sorted(written) == sorted(taken)


@pytest.mark.usefixtures("_restless_threads")
@pytest.mark.parametrize("options", CASES.values(), ids=CASES)
def test_a_writer_in_every_way(options):
    """Rows, columns, blocks and flushes side by side; in the end it is closed while others write."""
    pyarrow = pytest.importorskip("pyarrow")
    table = pyarrow.table({"a": [1]})
    schema = {"type": "record", "name": "R", "fields": [{"name": "a", "type": "long"}]}
    blocks = list(DataFileReader(io.BytesIO(file_of([{"a": 1}] * 3, schema))).blocks())
    for _ in range(5):
        target = io.BytesIO()
        writer = DataFileWriter(target, schema, sync_interval=50, **options)
        # What is called, and how many records are taken if it returns.
        ways = itertools.cycle(
            [
                (partial(writer.append, {"a": 1}), 1),
                (partial(writer.extend, [{"a": 1}]), 1),
                (partial(writer.write_arrow, table), 1),
                (partial(writer.write_block, blocks[0]), 3),
                (writer.flush, 0),
            ]
        )
        taken: list[int] = []
        start = threading.Lock()
        tries = itertools.count()

        def work(start=start, ways=ways, taken=taken, tries=tries, writer=writer):
            while next(tries) < 2000:
                with start:
                    way, count = next(ways)
                try:
                    way()
                except ValueError as error:
                    assert "in use" in str(error) or "is closed" in str(error)
                else:
                    taken.append(count)
            while True:
                try:
                    writer.close()
                except ValueError as error:
                    assert "in use" in str(error)
                else:
                    return

        at_once(work)
        assert avrojet.count_records(io.BytesIO(target.getvalue())) == sum(taken)


def test_a_writer_is_not_used_by_what_it_calls():
    """A target, a value or a converter that writes with the writer that is writing it."""

    class Target(io.BytesIO):
        def write(self, data):
            if uses:
                uses.pop()()
            return super().write(data)

    class Odd(avrojet.CustomLogicalType):
        name = "odd"

        def decode(self, value, schema):
            return value

        def encode(self, value, schema):
            writer.append(1)
            return value

    writer = DataFileWriter(
        io.BytesIO(), {"type": "long", "logicalType": "odd"}, logical_types=[Odd()], sync_interval=1
    )
    for _ in range(2):
        with pytest.raises(ValueError, match="in use, by another thread or by code that it calls"):
            writer.append(1)
    writer.close()

    uses: list = []
    for name, arguments in {"append": [1], "extend": [[1]], "flush": [], "close": []}.items():
        writer = DataFileWriter(Target(), '"long"', sync_interval=1)
        uses.append(partial(getattr(writer, name), *arguments))
        with pytest.raises(ValueError, match="in use"):
            writer.append(0)
        with pytest.raises(DataFileError, match="lacks up to 1 record"):
            writer.close()


def test_an_iterator_refuses_whoever_comes_while_another_is_in_it():
    def inner():
        yield 1
        with pytest.raises(ValueError, match="in use by another thread"):
            next(turns)
        yield 2

    turns = Turns(inner())
    assert list(turns) == [1, 2]
    assert list(turns) == []


def test_a_chain_gives_what_its_iterators_have():
    def failing():
        yield 3
        raise KeyError("mine")

    chain = Chain(iter([iter([1, 2]), iter([]), failing(), iter([4])]))
    assert [next(chain) for _ in range(3)] == [1, 2, 3]
    with pytest.raises(KeyError, match="mine"):
        next(chain)
    assert list(chain) == [4]
    assert list(chain) == []


def test_a_chain_refuses_whoever_comes_while_another_is_in_it():
    def inner():
        yield 1
        with pytest.raises(ValueError, match="in use by another thread"):
            next(chain)
        yield 2

    chain = Chain(iter([inner()]))
    assert list(chain) == [1, 2]
