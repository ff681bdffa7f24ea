"""The threads that run a function over items, and the caller that works while it waits."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest

from avrojet.container.threads import Pool
from tests.interrupts import Interruption, Interrupts, interrupted_everywhere

WAIT = 20  # seconds, after which a test has failed


def results(function: Callable[[int], Any], count: int, threads: int, *, helped: bool) -> Iterator[Any]:
    with closing(Pool(function, threads, "reader", helped=helped)) as pool:
        yield from pool.map(range(count))


@pytest.mark.parametrize("helped", [True, False])
@pytest.mark.parametrize("threads", [1, 2, 5])
def test_results_and_errors_come_in_their_turn(threads, helped):
    def work(item: int) -> int:
        if item == 40:
            raise ValueError("forty")
        return item * item

    found = []
    with pytest.raises(ValueError, match="forty"):
        found.extend(results(work, 100, threads, helped=helped))
    assert found == [item * item for item in range(40)]


def test_the_caller_works_alone_where_it_is_the_only_thread():
    def work(item: int) -> int:
        return threading.get_ident()

    assert set(results(work, 10, 1, helped=True)) == {threading.get_ident()}
    assert threading.get_ident() not in set(results(work, 10, 1, helped=False))


def test_the_caller_works_while_it_waits():
    last = threading.Event()

    def work(item: int) -> bool:
        """The first item waits for the third: one of the two threads does it, and the other the rest."""
        if item == 2:
            last.set()
        return item != 0 or last.wait(WAIT)

    assert list(results(work, 3, 2, helped=True)) == [True, True, True]


def test_an_interruption_of_the_caller_is_raised_at_once():
    here, ended = threading.get_ident(), threading.Event()

    def work(item: int) -> bool:
        if threading.get_ident() == here:
            raise Interruption
        return ended.wait(WAIT)

    try:
        taken = results(work, 10, 2, helped=True)
        with pytest.raises(Interruption):
            # The other thread is in its item when the caller closes the pool, which waits for it.
            threading.Timer(0.05, ended.set).start()
            next(taken)
    finally:
        ended.set()


def test_what_is_interrupted_anywhere_is_never_taken_for_the_end():
    def run(interrupts: Interrupts) -> None:
        found = None
        try:
            with interrupts.on():
                found = list(results(lambda item: item, 6, 2, helped=True))
        except Interruption:
            return
        assert found == list(range(6))

    assert sum(1 for _ in interrupted_everywhere(run)) > 100
