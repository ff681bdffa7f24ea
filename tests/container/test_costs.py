"""What small things cost when there are many of them: calls are counted, not seconds."""

from __future__ import annotations

import io
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

import avrojet
from avrojet import DataFileReader, LimitError, Limits
from avrojet.container.block import RowBudget
from avrojet.container.framing import MAGIC, RawBlock, build_block, build_header
from avrojet.varint import encode_long
from tests.container.samples import SYNC, OnlyRead
from tests.interrupts import Interruption, Interrupts, interrupted_everywhere

MANY = 20_000
HEADER = build_header({"avro.schema": b'"long"'}, SYNC)
EMPTY = build_block(0, b"", SYNC)
FILE = HEADER + EMPTY * MANY + build_block(1, b"\x02", SYNC)
# The same, but written in more bytes than needed.
ODD = HEADER + (b"\x80\x00\x80\x00" + SYNC) * MANY + build_block(1, b"\x02", SYNC)


def calls(work: Callable[[], Any]) -> int:
    """Calls of Python functions that the work makes."""
    count = 0

    def note(frame: Any, event: str, argument: Any) -> None:
        nonlocal count
        count += event == "call"

    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


WAYS: dict[str, Callable[[Any], Any]] = {
    "rows": lambda source: list(DataFileReader(source)),
    "rows, skip": lambda source: list(DataFileReader(source, on_error="skip")),
    "count": avrojet.count_records,
    "repair": lambda source: avrojet.repair_file(source, io.BytesIO()),
    "columns": lambda source: list(avrojet.read_arrow(source, threads=0)),
    "columns, skip": lambda source: list(avrojet.read_arrow(source, threads=0, on_error="skip")),
    "a split": lambda source: avrojet.read(avrojet.Split(Opener(source), len(HEADER), len(FILE))),
}


class Opener:
    def __init__(self, file: Any) -> None:
        self.file = file

    def open(self) -> Any:
        return self.file


@pytest.mark.parametrize("data", [FILE, ODD], ids=["plain", "odd"])
@pytest.mark.parametrize("make", [io.BytesIO, OnlyRead])
@pytest.mark.parametrize("way", WAYS)
def test_blocks_of_nothing(way, make, data):
    if way == "a split" and make is OnlyRead:
        pytest.skip("splits need a source that seeks")
    assert calls(lambda: WAYS[way](make(data))) < MANY


@pytest.mark.slow
def test_blocks_of_nothing_lose_nothing():
    for data in (FILE, ODD):
        assert avrojet.read(data) == [1]
        assert avrojet.count_records(data) == 1
        reader = DataFileReader(data, on_error="skip")
        assert list(reader) == [1]
        assert not reader.losses
        blocks = list(DataFileReader(data).blocks())
        assert [block.index for block in blocks] == [*range(MANY + 1)]
        assert [block.offset for block in blocks] == [
            block.offset for block in DataFileReader(data, on_error="skip").blocks()
        ]


def test_entries_of_a_header():
    entries = b"\x02k\x00" * MANY
    for data in (
        encode_long(MANY) + entries,
        b"\x02\x02k\x00" * MANY,
        (encode_long(-1) + encode_long(3) + b"\x02k\x00") * MANY,
    ):
        header = MAGIC + data + HEADER[4:]
        assert calls(lambda header=header: DataFileReader(header)) < 2000


def block_of_nothing(count: int, offset: int) -> RawBlock:
    return RawBlock(0, offset, count, 0, memoryview(b""), offset)


def test_threads_share_a_budget_of_rows():
    budget = RowBudget(Limits(empty_items=4000))

    def take(first: int) -> None:
        for number in range(100):
            budget.take(block_of_nothing(10, first + number), 0)

    threads = [threading.Thread(target=take, args=(1000 * number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with pytest.raises(LimitError):
        budget.take(block_of_nothing(1, 9999), 0)


def test_an_interruption_leaves_a_budget_of_rows_as_it_was():
    """A block that was interrupted is taken again, and counts once; others find the budget free."""

    def run(interrupts: Interrupts) -> None:
        budget = RowBudget(Limits(empty_items=20))
        with suppress(Interruption), interrupts.on():
            budget.take(block_of_nothing(10, 0), 0)
        budget.take(block_of_nothing(10, 0), 0)
        thread = threading.Thread(target=budget.take, args=(block_of_nothing(10, 1), 0))
        thread.start()
        thread.join()
        with pytest.raises(LimitError):
            budget.take(block_of_nothing(1, 2), 0)

    assert all(each.where for each in interrupted_everywhere(run))
