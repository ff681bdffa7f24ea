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
from avrojet.core.ground.exclusive import Chain, Place, Steps
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


def numbers(*found):
    """A step that finds these, one after the other."""

    def step(at):
        number = at or 0
        return (found[number], number + 1) if number < len(found) else None

    return step


def test_steps_refuse_whoever_comes_while_another_is_in_them():
    def step(at):
        if at is None:
            return 1, 1
        with pytest.raises(ValueError, match="in use, by another thread or by code that it calls"):
            next(steps)
        with pytest.raises(ValueError, match="in use, by another thread or by code that it calls"):
            next(Chain(numbers(iter([5])), place))
        return (2, 2) if at == 1 else None

    place = Place()
    steps = Steps(step, place)
    assert list(steps) == [1, 2]
    assert list(steps) == []


def test_iterators_that_share_a_place_go_on_where_the_other_stands():
    place = Place()
    first, second = Steps(numbers(*"abc"), place), Steps(numbers(*"abc"), place)
    assert (next(first), next(second), next(first)) == ("a", "b", "c")
    assert list(second) == []


def test_a_step_that_raises_is_taken_again():
    fails = [KeyError("mine"), KeyboardInterrupt(), StopIteration(5), None]

    def step(at):
        if at == 1 and fails[0] is not None:
            raise fails.pop(0)
        return numbers(*"abc")(at)

    steps = Steps(step, Place())
    assert next(steps) == "a"
    with pytest.raises(KeyError, match="mine"):
        next(steps)
    with pytest.raises(KeyboardInterrupt):
        next(steps)
    with pytest.raises(RuntimeError, match="StopIteration: 5"):
        next(steps)
    assert list(steps) == ["b", "c"]


class Failing:
    """An iterator that can be asked again."""

    def __init__(self, *items):
        self.items = list(items)

    def __iter__(self):
        return self

    def __next__(self):
        if not self.items:
            raise StopIteration
        item = self.items.pop(0)
        if isinstance(item, BaseException):
            raise item
        return item


def test_a_chain_gives_what_its_iterators_have():
    rows = Failing(3, KeyError("mine"), 4)
    chain = Chain(numbers(iter([1, 2]), iter([]), rows, iter([5])), Place())
    assert [next(chain) for _ in range(3)] == [1, 2, 3]
    with pytest.raises(KeyError, match="mine"):
        next(chain)
    assert list(chain) == [4, 5]
    assert list(chain) == []


def test_a_chain_refuses_whoever_comes_while_another_is_in_it():
    def inner():
        yield 1
        with pytest.raises(ValueError, match="in use, by another thread or by code that it calls"):
            next(chain)
        yield 2

    chain = Chain(numbers(inner()), Place())
    assert list(chain) == [1, 2]
