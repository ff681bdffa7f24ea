"""Readers and writers that threads share against their rules: refused or right, never a crash or a lie."""

from __future__ import annotations

import io
import threading

import pytest

import avrojet
from avrojet import DataFileError, DataFileReader, DataFileWriter
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


def test_a_writer():
    for _ in range(5):
        target = io.BytesIO()
        writer = DataFileWriter(target, SCHEMA, sync_interval=500)

        def work(writer=writer):
            for row in ROWS[:500]:
                writer.append(row)

        at_once(work)
        try:
            writer.close()
            written = avrojet.read(io.BytesIO(target.getvalue()))
        except DataFileError:
            continue  # it said so
        assert all(row == ROWS[row["id"]] for row in written)


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
