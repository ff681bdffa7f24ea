"""Which branch of a union a value goes to."""

from __future__ import annotations

from collections import UserDict
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from avrojet import (
    CustomLogicalType,
    Decoder,
    EncodeError,
    Encoder,
    EncodeTypeError,
    LimitError,
)
from tests.cases import for_each
from tests.objects import (
    Number,
    Point,
    Str,
)
from tests.vectors import POINT, array, enum, fixed, logical, mapping, record

TWO = record("Two", a="int", b="int")
THREE = record("Three", a="int", b="int", c="int")
OTHER = record("Other", a="string", b="string")
DATE = logical("int", "date")
MICROS = logical("long", "timestamp-micros")

# union, value, index of its branch
CHOSEN: list[tuple[list[Any], Any, int]] = [
    (["null", "int"], None, 0),
    (["int", "null"], None, 1),
    (["int", "long"], 5, 0),
    (["long", "int"], 5, 0),
    (["int", "long"], 2**31, 1),
    (["long", "int"], 2**31, 0),
    (["double", "long"], 5, 1),
    (["float", "double", "int"], 5, 2),
    (["float", "double"], 5, 1),
    (["float", "double"], 0.5, 1),
    (["float", "long"], 0.5, 0),
    (["float", "string"], 1, 0),
    (["double", "long"], np.int64(2**53 + 1), 1),
    (["double", "long"], np.float32(1), 0),
    (["long", "double"], np.float32(1), 1),
    (["long", "boolean"], np.True_, 1),
    (["double", "long"], Number.FIVE, 1),
    (["int", "boolean"], True, 1),
    (["double", "boolean", "int"], False, 1),
    (["string", "bytes"], b"a", 1),
    (["bytes", "string"], "a", 1),
    (["bytes", fixed(2)], b"ab", 0),
    ([fixed(2), "bytes"], b"ab", 0),
    ([fixed(2), "bytes"], b"abc", 1),
    ([fixed(2, "F2"), fixed(3, "F3")], b"abc", 1),
    ([fixed(2, "F2"), fixed(3, "F3")], bytearray(b"abc"), 1),
    ([enum("A", "B"), "string"], "A", 0),
    ([enum("A", "B"), "string"], "C", 1),
    (["string", enum("A", "B")], "A", 0),
    ([enum("A", name="E1"), enum("B", name="E2")], "B", 1),
    (["string", array("string")], ["a"], 1),
    ([array("int"), mapping("int")], {}, 1),
    ([array("int"), mapping("int")], [], 0),
    ([mapping("int"), TWO], {"a": 1, "b": 2}, 1),
    ([mapping("int"), TWO], {"a": 1, "c": 2}, 0),
    ([TWO, mapping("int")], {"a": 1}, 1),
    ([TWO, THREE], {"a": 1, "b": 2}, 0),
    ([TWO, THREE], {"a": 1, "b": 2, "c": 3}, 1),
    ([THREE, TWO], {"a": 1, "b": 2}, 1),
    ([THREE, TWO], {"a": 1, "b": 2, "c": 3}, 0),
    ([TWO, THREE], {"a": 1, "b": 2, "c": 3, "d": 4}, 1),
    ([TWO, OTHER], {"a": "x", "b": "y"}, 1),
    ([OTHER, TWO], {"a": 1, "b": 2}, 1),
    ([TWO, OTHER], ("a", "b"), 1),
    ([TWO, OTHER], (1, 2), 0),
    ([record("A", x="double"), record("B", x="long")], {"x": 2**53 + 1}, 1),
    ([record("A", x=DATE), record("B", x="int")], {"x": 5}, 1),
    ([record("A", x=DATE), record("B", x="string")], {"x": 5}, 0),
    ([TWO, array("int")], (1, 2), 0),
    ([TWO, array("int")], (1, 2, 3), 1),
    ([TWO, array("int")], Point(1, 2), 0),
    (["string", array("string")], ("array", ["x"]), 1),
    (["string", array("string")], ("string", "x"), 0),
    (["string", array("string")], ("other", "x"), 1),
    ([mapping("int"), TWO], UserDict(a=1, b=2), 0),
    ([DATE, "long"], 5, 1),
    ([DATE, "string"], 5, 0),
    (["long", DATE], Decoder(DATE).decode(b"\2"), 1),
    ([DATE, MICROS], Decoder(MICROS).decode(b"\2"), 1),
    ([logical("long", "local-timestamp-micros"), DATE, "string"], Decoder(DATE).decode(b"\2"), 1),
    (["string", logical("bytes", "decimal", precision=4)], Decimal(5), 1),
    ([logical("bytes", "decimal", precision=4), "double"], Decimal(5), 0),
    (["double", logical("bytes", "decimal", precision=4)], 5, 0),
]


@for_each(("union", "value", "index"), CHOSEN, ids=lambda it: str(it)[:40])
def test_the_branch_that_is_chosen(union, value, index):
    for data in (Encoder(union).encode(value), Encoder(array(union)).encode([value])[1:-1]):
        assert data[0] == 2 * index


def test_a_branch_is_chosen_for_each_value():
    schema = array(["null", "string", TWO, THREE])
    values = [{"a": 1, "b": 2}, None, {"a": 1, "b": 2, "c": 3}, "x", {"b": 2, "a": 1}]
    tagged = Decoder(schema, unions="tagged").decode(Encoder(schema).encode(values))
    assert [each and each[0] for each in tagged] == ["Two", None, "Three", "string", "Two"]


@pytest.mark.parametrize(
    ("union", "tag", "value", "index"),
    [
        (["null", "int", "long"], "long", 5, 2),
        (["null", "int", "long"], "null", None, 0),
        (["string", enum("A")], "E", "A", 1),
        ([TWO, mapping("int")], "map", {"a": 1, "b": 2}, 1),
        ([TWO, mapping("int")], Str("map"), {"a": 1, "b": 2}, 1),
        ([record("n.A", a="int"), record("m.A", a="int")], "m.A", {"a": 1}, 1),
        (["null", "double"], "double", 5, 1),
        ([array("int"), "null"], "array", (1, 2), 0),
    ],
)
def test_tags(union, tag, value, index):
    assert Encoder(union).encode((tag, value))[0] == 2 * index


@pytest.mark.parametrize("value", [("int", "x"), ("string", None), ("Point", {"x": 1})])
def test_a_tag_is_not_overruled(value):
    with pytest.raises(EncodeError):
        Encoder(["null", "int", "string", POINT]).encode(value)


@pytest.mark.parametrize(
    "value", [("float", 1.0), ("geo.Point", {}), ("int",), ("int", 1, 2), (1, "int"), ("", 1)]
)
def test_what_is_no_tag(value):
    with pytest.raises(EncodeTypeError, match="union of null, int"):
        Encoder(["null", "int"]).encode(value)


def test_the_error_of_the_record_that_is_meant():
    """A dict that has just the keys of one record is told of that record's own trouble."""
    union = Encoder(record("R", u=["null", TWO, OTHER, record("Last", z="int")]))
    with pytest.raises(EncodeError) as caught:
        union.encode({"u": {"z": "bad"}})
    assert (caught.value.path, type(caught.value)) == ("$.u.z", EncodeTypeError)
    with pytest.raises(EncodeError) as caught:
        union.encode({"u": {"a": "x", "b": None}})
    assert caught.value.path == "$.u.b"
    with pytest.raises(EncodeError, match="no branch of union of null, Two, Other, Last") as caught:
        union.encode({"u": {"y": 1}})
    assert caught.value.path == "$.u"


def test_nothing_of_a_branch_that_does_not_fit_stays():
    schema = array([record("A", x=array("int"), y="int"), record("B", x=array("int"), y="string")])
    value = [{"x": [1, 2], "y": "s"}, {"x": [3], "y": 4}]
    data = Encoder(schema).encode(value)
    assert data == bytes.fromhex("04 02 04 02 04 00 02 73 00 02 06 00 08 00")
    assert Decoder(schema).decode(data) == value


class Even(CustomLogicalType):
    """Even numbers are written halved; odd ones are none of its business."""

    name = "even"

    def decode(self, value, schema):
        return value * 2

    def encode(self, value, schema):
        if value % 2:
            raise ValueError(f"{value} is odd")
        return value // 2


def test_custom_logical_types():
    even = logical("int", "even")
    encoder = Encoder(even, logical_types=[Even()])
    assert encoder.encode(6) == b"\6"
    with pytest.raises(EncodeError, match="ValueError: 7 is odd") as caught:
        encoder.encode(7)
    assert isinstance(caught.value.__cause__, ValueError)
    with pytest.raises(EncodeTypeError, match="TypeError"):
        encoder.encode(None)
    with pytest.raises(EncodeError, match="out of range"):
        encoder.encode(2**40)
    assert Encoder(even).encode(7) == b"\x0e"
    assert Encoder(even, logical_types=False).encode(7) == b"\x0e"
    with pytest.raises(EncodeError) as caught:
        Encoder(array(even), logical_types=[Even()]).encode([2, 3])
    assert caught.value.path == "$[1]"


def test_custom_logical_types_in_a_union():
    encoder = Encoder(["null", logical("int", "even"), "long"], logical_types=[Even()])
    assert encoder.encode(6) == b"\2\6"
    assert encoder.encode(7) == b"\4\x0e"
    assert encoder.encode(None) == b"\0"
    with pytest.raises(EncodeTypeError):
        encoder.encode("text")


class Raising(CustomLogicalType):
    name = "raising"

    def __init__(self, kind: type[BaseException]) -> None:
        self.kind = kind

    def decode(self, value, schema):
        return value

    def encode(self, value, schema):
        raise self.kind("stop")


@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit, MemoryError, RuntimeError, RecursionError])
@pytest.mark.parametrize("schema", [logical("int", "raising"), [logical("int", "raising"), "long"]])
def test_what_a_converter_raises_goes_through(kind, schema):
    encoder = Encoder(schema, logical_types=[Raising(kind)])
    with pytest.raises(kind, match="stop"):
        encoder.encode(5)
    with pytest.raises(kind, match="stop"):
        encoder.encode_many([5])


def test_trials_are_limited():
    union = [record("A", x="int"), record("B", x="string")]
    encoder = Encoder(array(union))
    assert len(encoder.encode([{"x": "s"}] * 1000)) == 3003
    with pytest.raises(LimitError, match=r"tag the values with \(branch name, value\)"):
        encoder.encode([{"x": "s"}] * 200_000)
    assert encoder.encode([("B", {"x": "s"})] * 200_000)
    block = encoder._block()
    with pytest.raises(LimitError):
        block.append([{"x": "s"}] * 200_000)
    block.append([{"x": "s"}])
    assert block.count == 1


def test_unions_in_unions_do_not_double_the_work():
    schema: Any = "int"
    value: Any = "neither"
    for level in range(60):
        inner = schema if level == 0 else f"A{level - 1}"
        schema = [record(f"A{level}", x=schema), record(f"B{level}", x=inner)]
        value = {"x": value}
    with pytest.raises((LimitError, EncodeError)):
        Encoder(schema).encode(value)


@pytest.mark.parametrize(
    ("first", "second", "value", "index"),
    [
        ("double", "long", 2**53 + 1, 1),
        ("double", "long", 1.5, 0),
        ("double", "string", 5, 0),
        ("float", "double", 0.1, 1),
        ("float", "double", 0.5, 0),
        (DATE, "int", 5, 1),
        (logical("bytes", "decimal", precision=4), "bytes", b"\0", 1),
    ],
)
def test_of_records_with_the_same_fields_the_one_that_keeps_the_types(first, second, value, index):
    schema = [record("First", x=first), record("Second", x=second)]
    assert Encoder(schema).encode({"x": value})[0] == 2 * index


NONE_SHARED = [
    ([record("Empty"), mapping("float")], {"k": 1.0}, 1),
    ([mapping("float"), record("Empty")], {"k": 1.0}, 0),
    ([record("Empty"), mapping("float")], {}, 0),
    ([record("Point", a="int"), mapping("float"), record("Empty")], {"k": 1.0}, 1),
    ([mapping("long"), record("Point", a="int")], {"a": 1, "k": 2}, 1),
    ([record("Empty"), mapping("float")], {"k": "text"}, 0),
]


@pytest.mark.parametrize(("schema", "value", "index"), NONE_SHARED, ids=range(len(NONE_SHARED)))
def test_a_map_comes_before_a_record_that_would_leave_out_all(schema, value, index):
    assert Encoder(schema, defaults=True).encode(value)[0] == 2 * index
