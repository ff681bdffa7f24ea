"""Ctrl-C within one long call: it ends soon, with nothing made and nothing broken.

Every call here is one of C's, and so is what calls them: a signal that has come is seen within the work
itself, or only when all is done.
"""

from __future__ import annotations

import _thread
import gc
import operator
import signal
from collections.abc import Callable, Iterator
from functools import partial
from itertools import repeat
from typing import Any

import pytest

from avrojet import Decoder, Encoder, parse_schema
from avrojet.core.plan.plan import freeze
from avrojet.core.rows.measure import Measure
from avrojet.core.rows.trace import Tracer
from avrojet.plan.resolve import resolve
from tests.reference import number
from tests.vectors import array, mapping, record

MANY = 20_000
TEXT = number(100) + b"x" * 100  # all of them are twice what is read between two looks
PAIR = record("Pair", a="long", b="string")
ROW = b"\2" + TEXT
LONG = {
    "array": (array("string"), number(MANY) + TEXT * MANY + b"\0"),
    "array of two blocks": (array("string"), number(1) + TEXT + number(MANY) + TEXT * MANY + b"\0"),
    "array of arrays": (array(array("string")), number(500) + (number(40) + TEXT * 40 + b"\0") * 500 + b"\0"),
    "map": (
        mapping("string"),
        number(MANY) + (b"\2k" + TEXT) * MANY + b"\0",
    ),
    "array of records": (array(PAIR), number(MANY) + ROW * MANY + b"\0"),
}


@pytest.fixture(autouse=True)
def _interruptible() -> Iterator[None]:
    """A process in the background ignores Ctrl-C; callbacks of the collector would see it, and lose it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    gc.disable()
    yield
    gc.enable()
    signal.signal(signal.SIGINT, before)


def interrupted(*works: Callable[[], Any]) -> bool:
    """Whether the signal that comes before the works ends them."""
    done: list[None] = []
    signal_comes = partial(_thread.interrupt_main, signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        list(
            map(
                operator.call,
                [signal_comes, *works, partial(done.append, None)],
            )
        )
    return not done


def test_short_work_is_done():
    """What is over at once does not look for signals."""
    assert not interrupted(partial(Decoder("int").decode, b"\2"), partial(Encoder("int").encode, 1))


@pytest.mark.parametrize("case", LONG)
def test_one_datum(case):
    schema, data = LONG[case]
    decoder = Decoder(schema)
    value = decoder.decode(data)
    assert interrupted(partial(decoder.decode, data))
    assert interrupted(partial(decoder.decode_from, data))
    assert interrupted(partial(decoder._skip_block, data, 1))
    assert interrupted(partial(decoder._decode_block, data, 1))
    assert interrupted(partial(Decoder(schema, records="tuple").decode, data))
    plan = freeze(resolve(parse_schema(schema)))
    assert interrupted(partial(Tracer(plan).trace, data))
    assert interrupted(partial(Tracer(plan).check, data, 1))
    assert interrupted(partial(Measure(plan).add, data, 1))
    if case != "map":
        assert interrupted(partial(Encoder(schema).encode, value))
    assert decoder.decode(data) == value


def test_a_field_that_is_skipped():
    writer = record("R", a=array("string"), b="int")
    decoder = Decoder(writer, record("R", b="int"))
    data = LONG["array"][1] + b"\2"
    assert interrupted(partial(decoder.decode, data))
    assert decoder.decode(data) == {"b": 1}


def test_many_rows():
    decoder = Decoder(PAIR)
    data = ROW * MANY
    assert interrupted(partial(decoder.decode_many, data))
    assert interrupted(partial(decoder._decode_block, data, MANY))
    assert interrupted(partial(decoder._skip_block, data, MANY))


def test_a_long_dict():
    entries = {str(number): "x" * 100 for number in range(MANY)}
    assert interrupted(partial(Encoder(mapping("string")).encode, entries))


def test_values_without_end():
    assert interrupted(partial(Encoder("null").encode_many, repeat(None)))
    assert interrupted(partial(Encoder("string").encode_many, repeat("x" * (1 << 20))))


def complain(error: Exception | None, place: int) -> Exception:
    return error or ValueError(place)


def test_rows_go_on_after_an_interruption():
    decoder = Decoder(PAIR)
    rows = decoder._rows(ROW * MANY, MANY, complain)
    taken: list[Any] = []
    assert interrupted(partial(taken.extend, rows))
    rest = len(list(rows))
    assert len(taken) + rest == MANY
    assert 0 < rest < MANY


def test_a_row_that_was_interrupted_comes_again():
    decoder = Decoder(array("string"))
    rows = decoder._rows(LONG["array"][1] * 2, 2, complain)
    assert interrupted(partial(next, rows))
    assert [len(row) for row in rows] == [MANY, MANY]


def test_a_block_goes_on_after_an_interruption():
    block = Encoder(array("string"))._block()
    block.append(["a"])
    assert interrupted(partial(block.append, ["x" * 100] * MANY))
    assert (block.count, block.size) == (1, 4)
    block.append(["b"])
    assert Decoder(array("string")).decode_many(block.take()) == [["a"], ["b"]]
