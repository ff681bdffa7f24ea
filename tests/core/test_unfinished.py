"""Values that are being made are out of reach: not even the gc module finds them before they are whole."""

from __future__ import annotations

import _thread
import gc
import operator
import signal
import sys
import sysconfig
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from avrojet import CustomLogicalType, Decoder
from tests.vectors import array, logical, mapping, record

# Elsewhere rows are filled by the public API, which is safe whatever others do with them meanwhile.
ROWS_ARE_HIDDEN = sys.version_info < (3, 14) and not sysconfig.get_config_var("Py_GIL_DISABLED")

FIELDS = {f"unfinished{index}": array("int") for index in range(23)}
SPOT = logical("int", "spot")


class Spot(CustomLogicalType):
    """Runs code of the caller's in the middle of a value."""

    name = "spot"

    def __init__(self, act: Callable[[], None]) -> None:
        self.act = act

    def decode(self, value: Any, schema: Any) -> Any:
        self.act()
        return value

    def encode(self, value: Any, schema: Any) -> Any:
        return value


CASES: dict[str, tuple[Any, bytes, dict[str, Any]]] = {
    "record": (record("R", **FIELDS, spot=SPOT), bytes(24), {}),
    "record, spot first": (record("R", spot=SPOT, **FIELDS), bytes(24), {}),
    "record of few": (record("R", unfinished0=array("int"), spot=SPOT), bytes(2), {}),
    "tuple": (record("R", **FIELDS, spot=SPOT), bytes(24), {"records": "tuple"}),
    "array": (array(SPOT), b"\x30" + bytes(25), {}),
    "array of nullables": (array(["null", SPOT]), b"\x30" + b"\2\0" * 24 + b"\0", {}),
    "array of arrays": (array(array(SPOT)), b"\x30" + b"\2\0\0" * 24 + b"\0", {}),
    "records in an array": (array(record("R", **FIELDS, spot=SPOT)), b"\x30" + bytes(24 * 24 + 1), {}),
    "records in a map": (mapping(record("R", **FIELDS, spot=SPOT)), b"\2\2k" + bytes(25), {}),
}


def unfinished() -> list[Any]:
    """Rows and lists like those of the cases, of whatever the collector knows."""
    return [
        each
        for each in gc.get_objects()
        if (ROWS_ARE_HIDDEN and type(each) is dict and "unfinished0" in each and "spot" in each)
        or (type(each) in {list, tuple} and len(each) == 24)
    ]


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES)
def test_no_code_finds_them(case):
    schema, data, options = CASES[case]
    found: list[int] = []

    def look() -> None:
        found.append(len([each for each in unfinished() if id(each) not in known]))

    looking = Decoder(schema, logical_types=[Spot(look)], **options)
    plain = Decoder(schema, logical_types=[], **options)
    # What is whole is found: the records of an array but its last.
    whole = range(24) if case == "records in an array" else [0]
    known = {id(each) for each in unfinished()}
    value = looking.decode(data)
    if ROWS_ARE_HIDDEN or case != "records in an array":
        assert sorted(set(found)) == [*whole]
    assert value == plain.decode(data)
    assert gc.is_tracked(value)


@pytest.mark.slow
def test_code_that_clears_whatever_it_finds():
    schema, data, _ = CASES["records in an array"]

    def clear() -> None:
        for each in gc.get_objects():
            if type(each) is dict and "unfinished0" in each and "spot" in each:
                each.clear()

    rows = Decoder(schema, logical_types=[Spot(clear)]).decode(data)
    if ROWS_ARE_HIDDEN:
        assert [len(row) for row in rows] == [0] * 23 + [24]


def test_a_signal_handlers_code_finds_no_long_list():
    """A long list of numbers is one between two looks for signals too."""
    found: list[int] = []
    count = 300_000

    def look(*_: Any) -> None:
        found.append(sum(type(each) is list and len(each) == count for each in gc.get_objects()))

    before = signal.signal(signal.SIGINT, look)
    gc.disable()  # its callbacks would see the signal first
    try:
        data = b"\xc0\xcf\x24" + b"\xff\xff\xff\xff\x0f" * count + b"\0"
        decoder = Decoder(array("int"))
        value = list(
            map(
                operator.call, [partial(_thread.interrupt_main, signal.SIGINT), partial(decoder.decode, data)]
            )
        )
    finally:
        gc.enable()
        signal.signal(signal.SIGINT, before)
    assert len(value[1]) == count
    assert found == [0]
