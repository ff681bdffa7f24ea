"""Hostile values to encode, writers that go on after one, and JSON text."""

from __future__ import annotations

import io
from collections import UserDict
from collections.abc import Callable, Iterator
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from tests.hostile.case import Case, Either, Gives, Outcome, Refused, encoding
from tests.objects import Hostile, Lying, Mapped, RaisingMapping, Sequential
from tests.vectors import LIST, POINT, SUIT, array, fixed, logical, mapping, record

# type: values that it must not take
WRONG: dict[str, tuple[Any, list[Any]]] = {
    "null": ("null", [0, False, "", {}]),
    "boolean": ("boolean", [None, "true", [], 1.0]),
    "int": ("int", [None, "1", 1.5, 2**31, -(2**31) - 1, 2**1000, [], b"1", float("nan"), Decimal("1.5")]),
    "long": ("long", [None, "1", 1.5, 2**63, -(2**63) - 1, 10**5000, float("inf")]),
    "float": ("float", [None, "1.0", [], 10**400]),
    "double": ("double", [None, "1.0", {}, 10**400, -(10**400)]),
    "string": ("string", [None, 1, b"\xff", [], "\ud800", "a\udfff"]),
    "bytes": ("bytes", [None, 1, [1], {}]),
    "fixed": (fixed(2), [None, b"", b"a", b"abc", "ab", 2]),
    "enum": (SUIT, [None, "", "JOKER", 0, b"CLUBS", ["CLUBS"]]),
    "array": (array("int"), [None, 1, "ab", [None], ["a"], [2**31]]),
    "map": (mapping("int"), [None, 1, "ab", {1: 1}, {None: 1}, {"a": None}, {"a": "x"}, {"\ud800": 1}]),
    "record": (POINT, [None, 1, "ab", {}, {"x": 1}, {"x": None, "y": 1}, {"x": 1, "y": "a"}, object()]),
    "union": (["null", "int"], ["a", 1.5, [], 2**31, object()]),
    "date": (logical("int", "date"), ["2020", 1.5, 2**31]),
    "time-millis": (logical("int", "time-millis"), ["1:00", 1.5, date(2020, 1, 1)]),
    "time-micros": (logical("long", "time-micros"), ["1:00", 2**63]),
    "timestamp-micros": (logical("long", "timestamp-micros"), ["now", 1.5, time(1)]),
    "timestamp-nanos": (logical("long", "timestamp-nanos"), [datetime(1, 1, 1), 2**63]),
    "decimal": (
        logical("bytes", "decimal", precision=4, scale=2),
        [Decimal("NaN"), Decimal("inf"), Decimal(100), Decimal("1.234"), Decimal("1e1000000"), "x", 1.5],
    ),
    "decimal in a fixed": (
        fixed(1, logicalType="decimal", precision=2),
        [Decimal(100), Decimal(-200), Decimal("sNaN"), "x"],
    ),
    "uuid": (logical("string", "uuid"), [1, b"x"]),
    "uuid in a fixed": (fixed(16, logicalType="uuid"), [1, b"x", "x"]),
}


class Short(Mapped):
    """A mapping that says it has fewer entries than it gives."""

    def __init__(self) -> None:
        super().__init__({"a": 1, "b": 2}, 1)


def nested_lists(levels: int) -> Any:
    value: Any = []
    for _ in range(levels):
        value = [value]
    return value


def nested_records(levels: int) -> Any:
    value: Any = None
    for _ in range(levels):
        value = {"head": 1, "tail": value}
    return value


def nested_mappings(levels: int) -> Any:
    value: Any = None
    for _ in range(levels):
        value = UserDict(head=1, tail=value)
    return value


def endless_list() -> Any:
    value: list[Any] = []
    value.append(value)
    return value


def endless_record() -> Any:
    value: dict[str, Any] = {"head": 1}
    value["tail"] = value
    return value


class Grows(list):
    """A list that grows while it is encoded."""

    def __iter__(self) -> Any:
        for _ in range(5):
            self.append(1)
            yield 1


NESTED: Any = array(["null", record("N", a="int"), "int"])
LISTS: Any = record("L", l=array(["null", "L", "int"]))
MINE = (ZeroDivisionError,)

# name: schema, value, outcome
OBJECTS: dict[str, tuple[Any, Callable[[], Any], Outcome]] = {
    "a list in a list, ten thousand times": (array(array("int")), lambda: nested_lists(10_000), Refused()),
    "a list that contains itself": (array(array("int")), endless_list, Refused()),
    "records, ten thousand deep": (LIST, lambda: nested_records(10_000), Refused()),
    "mappings, ten thousand deep": (LIST, lambda: nested_mappings(10_000), Refused()),
    "a record that contains itself": (LIST, endless_record, Refused()),
    "records, three hundred deep": (LIST, lambda: nested_records(300), Gives(b"\2\2" * 299 + b"\2\0")),
    "a sequence that raises midway": (array("int"), lambda: Lying([1, 2]), Refused(MINE)),
    "a sequence that says it is longer": (array("int"), lambda: Sequential([1], 5), Gives(b"\2\2\0")),
    "a sequence that says it is shorter": (array("int"), lambda: Sequential([1, 2], 1), Gives(b"\4\2\4\0")),
    "a sequence of a negative length": (array("int"), lambda: Sequential([1], -1), Refused((ValueError,))),
    "a mapping that raises": (mapping("int"), lambda: RaisingMapping({"a": 1}), Refused(MINE)),
    "a mapping that says it is shorter": (mapping("int"), Short, Gives(b"\4\2a\2\2b\4\0")),
    "a record that raises": (POINT, lambda: RaisingMapping({"x": 1, "y": 1}), Refused(MINE)),
    "an unknown tag": (["null", "int"], lambda: ("long", 1), Refused()),
    "a tag of a wrong value": (["null", "int"], lambda: ("int", "a"), Refused()),
    "a tag of null with a value": (["null", "int"], lambda: ("null", 1), Refused()),
    "a tuple of three": (["null", "int"], lambda: ("int", 1, 2), Refused()),
    "a string of a hundred million, and then a wrong one": (
        array("string"),
        lambda: ["x" * 10**8, None],
        Refused(),
    ),
    "a generator": (array("int"), lambda: (number for number in [1]), Refused()),
}


def _value_cases() -> Iterator[Case]:
    for name, (schema, wrong) in WRONG.items():
        for value in wrong:
            yield encoding(f"{name} of {_shown(value)}", schema, lambda value=value: value)
    for name, (schema, make, outcome) in OBJECTS.items():
        yield encoding(name, schema, make, outcome)
    for name, (schema, _) in WRONG.items():
        raising = lambda: Hostile(ZeroDivisionError)  # noqa: E731 (a name says what it is)
        yield encoding(f"{name} of an object that raises", schema, raising, Refused(MINE))


def _shown(value: Any) -> str:
    if type(value) is object:
        return "an object"
    if isinstance(value, int) and abs(value) > 2**64:
        return f"an int of {value.bit_length()} bits, {'below' if value < 0 else 'above'} 0"
    return repr(value)


# Writers that go on: what fails between good rows, each of schema ROW

ROW = record("Row", id="long", name="string", tags=array("string"), more=["null", mapping("int")])


def row(number: int, **other: Any) -> dict[str, Any]:
    return {"id": number, "name": f"n{number}", "tags": ["a", "b"], "more": {"k": number}, **other}


FAILING: dict[str, Callable[[], Any]] = {
    "no record": lambda: None,
    "no fields": dict,
    "the first field": lambda: row(1, id="x"),
    "the first field, too large": lambda: row(1, id=2**63),
    "the second field": lambda: row(1, name=None),
    "an item of the third": lambda: row(1, tags=["a", "b", None]),
    "the third, deep in memory": lambda: row(1, tags=["x" * 10_000] * 100 + [1]),
    "the last field": lambda: row(1, more="x"),
    "an entry of the last field": lambda: row(1, more={"a": 1, "b": "x"}),
    "a key of the last field": lambda: row(1, more={"a": 1, 2: 2}),
    "a lone surrogate": lambda: row(1, name="\ud800"),
    "a missing last field": lambda: {"id": 1, "name": "n", "tags": []},
    "a sequence that raises": lambda: row(1, tags=Lying(["a"])),
    "a mapping that raises": lambda: row(1, more=RaisingMapping({"a": 1})),
    "a list that contains itself": lambda: row(1, tags=endless_list()),
}


def _writer_cases() -> Iterator[Case]:
    for name, make in FAILING.items():
        for place, good_before in {"first": 0, "between": 2}.items():

            def do(library: Any, make: Any = make, before: int = good_before) -> Any:
                target = io.BytesIO()
                values = [*map(row, range(before)), make(), make(), *map(row, range(before, 4))]
                library.write(target, ROW, values)
                return library.read(io.BytesIO(target.getvalue()))

            yield Case(f"{name}, {place}", "writers", do, Gives([row(number) for number in range(4)]))


# name: schema, JSON text, outcome
JSON: dict[str, tuple[Any, str, Outcome]] = {
    "int of text": ("int", '"1"', Refused()),
    "int of a fraction": ("int", "1.5", Refused()),
    # Booleans are ints in Python, and fastavro, whose way the facade is, takes either for the other.
    "int of true": ("int", "true", Either(1)),
    "int too large": ("int", str(2**31), Refused()),
    "long too large": ("long", str(2**63), Refused()),
    "long": ("long", str(2**63 - 1), Gives(2**63 - 1)),
    "boolean of a number": ("boolean", "1", Either(True)),
    "null of a number": ("null", "0", Refused()),
    "string of a number": ("string", "1", Refused()),
    "string of a lone surrogate": ("string", '"\\ud800"', Refused()),
    "bytes beyond a byte": ("bytes", '"\\u0100"', Refused()),
    "bytes": ("bytes", '"\\u00ff"', Gives(b"\xff")),
    "bytes of a number": ("bytes", "1", Refused()),
    "fixed of another size": (fixed(2), '"abc"', Refused()),
    "fixed beyond a byte": (fixed(1), '"\\u0100"', Refused()),
    "enum of no symbol": (SUIT, '"JOKER"', Refused()),
    "enum of a number": (SUIT, "1", Refused()),
    "array of an object": (array("int"), "{}", Refused()),
    "array of a wrong item": (array("int"), '[1, "a"]', Refused()),
    "map of a list": (mapping("int"), "[]", Refused()),
    "map of a wrong value": (mapping("int"), '{"a": null}', Refused()),
    "record of a list": (POINT, "[1, 2]", Refused()),
    "record without a field": (POINT, '{"x": 1}', Refused()),
    "union without a tag": (["null", "int"], "1", Refused()),
    "union of an unknown tag": (["null", "int"], '{"long": 1}', Refused()),
    "union of two tags": (["null", "int", "string"], '{"int": 1, "string": "a"}', Refused()),
    "union of no tags": (["null", "int"], "{}", Refused()),
    "union of a wrong value": (["null", "int"], '{"int": "a"}', Refused()),
    "union": (["null", "int"], '{"int": 1}', Gives(1)),
    "a list that is deep": (LIST, '{"head":1,"tail":{"List":' * 900 + "null" + "}}" * 900, Refused()),
    "a field twice": (POINT, '{"x": 1, "x": 1, "y": 2}', Refused()),
    "a field twice, escaped": (POINT, '{"y": 2, "x": 1, "\\u0078": 1}', Refused()),
    "a key twice": (mapping("int"), '{"a": 1, "a": 2}', Either({"a": 2})),
    "arrays that are deep": (array("int"), "[" * 100_000, Refused()),
    "deep members that nobody asks for": (POINT, '{"x": 1, "z": ' + "[" * 100_000, Refused()),
    "a long digit string": ("long", "1" * 1_000_000, Refused()),
    "a long digit string for a double": ("double", "1" * 1_000_000, Refused()),
    "a long fraction": ("double", "0." + "1" * 1_000_000, Gives(0.1111111111111111)),
    "a long exponent": ("double", "1e" + "9" * 1_000_000, Refused()),
    "a long negative exponent": ("double", "1e-" + "9" * 1_000_000, Gives(0.0)),
    "a leading zero": ("int", "01", Refused()),
    "a number and more": ("int", "1x", Refused()),
    "a low surrogate": ("string", '"\\udc00"', Refused()),
    "surrogates in the wrong order": ("string", '"\\udc00\\ud800"', Refused()),
    "a lone surrogate in a key": (mapping("int"), '{"\\ud800": 1}', Refused()),
    "a lone surrogate as a symbol": (SUIT, '"\\ud800"', Refused()),
    "a lone surrogate in bytes": ("bytes", '"\\ud800"', Refused()),
    "a surrogate that is no text": ("string", '"\ud800"', Refused()),
    "an escape that is none": ("string", '"\\x"', Refused()),
    "an escape that is cut": ("string", '"\\u12"', Refused()),
    "a line break in a string": ("string", '"a\nb"', Refused()),
    "text that is cut": (array("int"), "[1, 2", Refused()),
    "no text": ("int", " ", Refused()),
}
_WHOLE = '{"x": 1, "y": [null, {"double": -1.5e3}], "z": {"\\u00e9": "é"}}'
_EVERYTHING = record(x="int", y=array(["null", "double"]), z=mapping("string"))
JSON.update(
    (f"text that is cut after {size} bytes", (_EVERYTHING, _WHOLE[:size], Refused()))
    for size in range(len(_WHOLE))
)
JSON["text that is not cut"] = _EVERYTHING, _WHOLE, Gives({"x": 1, "y": [None, -1500.0], "z": {"é": "é"}})


def cases() -> Iterator[Case]:
    yield from _value_cases()
    yield from _writer_cases()
    for name, (schema, text, outcome) in JSON.items():

        def do(library: Any, schema: Any = schema, text: str = text) -> Any:
            return library.from_json(schema, text)

        yield Case(name, "JSON", do, outcome)
