"""Which Python values each Avro type takes and refuses, with what words, and under which options."""

from __future__ import annotations

from array import array as number_array
from collections import ChainMap, Counter, OrderedDict, UserDict, UserList, UserString, defaultdict, deque
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType, SimpleNamespace
from typing import Any

import numpy as np
import pytest

from avrojet import (
    Decoder,
    EncodeError,
    Encoder,
    EncodeTypeError,
)
from tests.cases import for_each
from tests.objects import (
    Bytes,
    DataPoint,
    Float,
    Index,
    Int,
    Letter,
    List,
    Mapped,
    Number,
    Plain,
    Point,
    Sequential,
    Str,
    area,
)
from tests.vectors import LIST, POINT, SUIT, WIDE, array, enum, fixed, mapping, record

# schema, value, and the plain value with the same encoding
TAKEN: list[tuple[Any, Any, Any]] = [
    ("boolean", np.True_, True),
    ("boolean", np.False_, False),
    *[(type, value, 5) for type in ("int", "long") for value in (Number.FIVE, Int(5), Index(5))],
    *[
        (type, np.dtype(kind).type(5), 5)
        for type in ("int", "long")
        for kind in "bhilqBHILQ"
    ],
    ("long", np.int64(-(2**63)), -(2**63)),
    ("long", np.uint64(2**63 - 1), 2**63 - 1),
    *[
        (type, value, 1.5)
        for type in ("float", "double")
        for value in (Float(1.5), np.float32(1.5), np.float16(1.5))
    ],
    *[
        (type, value, 2.0)
        for type in ("float", "double")
        for value in (2, Int(2), np.int64(2), np.uint8(2), Index(2))
    ],
    ("double", np.float64(0.1), 0.1),
    ("double", np.longdouble(0.5), 0.5),
    ("double", 2**53 + 1, 2.0**53),
    ("double", 10**308, 1e308),
    ("float", 16777217, 16777216.0),
    ("float", 0.1, float(np.float32(0.1))),
    ("float", 1e-60, 0.0),
    ("string", Str("é"), "é"),
    ("string", Letter.A, "A"),
    ("string", np.str_("ab"), "ab"),
    *[
        (type, value, b"abcd")
        for type in ("bytes", fixed(4))
        for value in (
            Bytes(b"abcd"), bytearray(b"abcd"), memoryview(b"abcd"), memoryview(b"a-b-c-d-")[::2],
            memoryview(b"dcba")[::-1], memoryview(b"-abcd-")[1:5], memoryview(b"abcd").cast("B", (2, 2)),
            number_array("B", b"abcd"), np.frombuffer(b"abcd", np.uint8), np.frombuffer(b"abcd", np.uint16),
            np.frombuffer(b"axbxcxdx", np.uint8)[::2], np.asfortranarray([[97, 98], [99, 100]], np.uint8),
            area(b"abcd"), np.bytes_(b"abcd"),
        )
    ],
    (SUIT, Str("CLUBS"), "CLUBS"),
    (enum("A", "B"), Letter.A, "A"),
    *[
        (array("int"), value, [1, 2, 3])
        for value in (
            (1, 2, 3), deque([1, 2, 3]), range(1, 4), List([1, 2, 3]), UserList([1, 2, 3]),
            number_array("h", [1, 2, 3]), np.array([1, 2, 3]), np.array([1, 9, 2, 9, 3])[::2],
            memoryview(number_array("l", [1, 2, 3])), memoryview(b"\1\2\3"), Sequential([1, 2, 3]),
            np.array([1, 2, 3], np.uint8),
        )
    ],
    (array("double"), np.array([1, 0.5], np.float32), [1.0, 0.5]),
    (array("double"), [1, 2.0, np.float32(3)], [1.0, 2.0, 3.0]),
    (array("long"), [1, Int(2), np.int8(3), Index(4)], [1, 2, 3, 4]),
    (array("boolean"), np.array([True, False]), [True, False]),
    (array("string"), np.array(["a", "bc"]), ["a", "bc"]),
    (array(array("int")), np.array([[1, 2], [3, 4]]), [[1, 2], [3, 4]]),
    (array("int"), np.array([], int), []),
    *[
        (mapping("int"), value, {"a": 1, "b": 2})
        for value in (
            OrderedDict(a=1, b=2), Counter(a=1, b=2), UserDict(a=1, b=2), MappingProxyType({"a": 1, "b": 2}),
            Mapped({"a": 1, "b": 2}), defaultdict(int, a=1, b=2), {Str("a"): 1, Str("b"): 2},
        )
    ],
    (mapping("int"), ChainMap({"a": 1}, {"a": 2}), {"a": 1}),
    (mapping("int"), {Letter.A: 1}, {"A": 1}),
    (mapping("int"), Mapped({"a": 1}, length=10**9), {"a": 1}),
    *[
        (POINT, value, {"x": 1, "y": 2})
        for value in (
            {"y": 2, "x": 1}, {"x": 1, "y": 2, "z": 3}, {"z": 3, "y": 2, "x": 1}, (1, 2), Point(1, 2),
            OrderedDict(y=2, x=1), UserDict(y=2, x=1), MappingProxyType({"x": 1, "y": 2}),
            ChainMap({"x": 1}, {"y": 2}), Mapped({"x": 1, "y": 2}), defaultdict(int, x=1, y=2),
            {Str("x"): 1, Str("y"): 2}, {5: 5, "x": 1, "y": 2},
        )
    ],
    (
        WIDE, dict(zip("hgfedcba", range(8), strict=True)),
        dict(zip("abcdefgh", range(7, -1, -1), strict=True)),
    ),
    (array("int"), Sequential([1, 2], length=2), [1, 2]),
    (["null", array("int")], deque([1]), [1]),
    (["null", mapping("int")], UserDict(a=1), {"a": 1}),
    (["null", POINT], UserDict(x=1, y=2), {"x": 1, "y": 2}),
    (["null", POINT], Point(1, 2), {"x": 1, "y": 2}),
    (["null", "long"], np.int64(5), 5),
    (["null", "double"], np.float32(0.5), 0.5),
    (["null", "boolean"], np.True_, True),
    (["null", "bytes"], bytearray(b"a"), b"a"),
    (["null", "bytes"], area(b"a"), b"a"),
    (["null", "int"], Number.FIVE, 5),
    (["null", "string"], Letter.A, "A"),
]  # fmt: skip


@for_each(("schema", "value", "plain"), TAKEN)
def test_what_is_taken(schema, value, plain):
    encoder = Encoder(schema)
    assert encoder.encode(value) == encoder.encode(plain)
    assert encoder.encode_many([value]) == encoder.encode(plain)


def generate():
    yield 1


NO_TYPE: list[tuple[Any, list[Any]]] = [
    ("null", [0, False, "", (), [], "null", object()]),
    ("boolean", [0, 1, 1.0, "true", None, np.int8(1), Index(1), b"\1"]),
    *[
        (
            type,
            [
                True, False, 1.0, "1", None, b"1", Decimal(1), Fraction(1), np.float64(1), np.True_, 1j, [1],
                Plain.A,
            ],
        )
        for type in ("int", "long")
    ],
    *[
        (
            type,
            [
                True, "1", None, b"1", Decimal("1.5"), Fraction(1, 2), 1j, np.True_, np.complex64(1), [1.0],
                object(),
            ],
        )
        for type in ("float", "double")
    ],
    ("string", [b"a", bytearray(b"a"), 1, None, ["a"], UserString("a"), Plain.A, object()]),
    *[(type, ["ab", 1, None, [97, 98], (1, 2), {}, object()]) for type in ("bytes", fixed(2))],
    (SUIT, [0, 3, None, b"CLUBS", ["CLUBS"]]),
    (
        array("int"),
        [
            generate(), iter([1]), map(int, "1"), {1}, frozenset([1]), {1: 1}, {}, {}.keys(), {1: 1}.values(),
            "12", b"12", bytearray(b"12"), None, 5, np.array(5), np.int64(5), UserDict(), object(), Plain,
        ],
    ),
    (
        mapping("int"),
        [
            [("a", 1)], (("a", 1),), None, "a", b"a", 5, {"a"}, {"a": 1}.items(), Point(1, 2),
            DataPoint(1, 2), object(), SimpleNamespace(a=1),
        ],
    ),
    (
        POINT,
        [
            [1, 2], None, "xy", 5, DataPoint(1, 2), SimpleNamespace(x=1, y=2), {"x", "y"}, object(), (1,),
            (1, 2, 3), (), {"x": 1}.items(), DataPoint,
        ],
    ),
    (["null", "int"], [1.0, "1", b"1", [], {}, True, Decimal(1), object(), (1, 2), ()]),
    (["int", "string"], [None, 1.0, b"a", True, [1], (1,), ("bytes", b"a")]),
    (["null", POINT, array("int")], ["a", 1, {1}, generate(), b"ab", True]),
]  # fmt: skip


@for_each(("schema", "value"), [(schema, value) for schema, values in NO_TYPE for value in values])
def test_what_is_refused_for_its_type(schema, value):
    encoder = Encoder(schema)
    with pytest.raises(EncodeTypeError, match=type(value).__name__) as caught:
        encoder.encode(value)
    assert isinstance(caught.value, EncodeError | TypeError)
    assert isinstance(caught.value, ValueError)
    assert caught.value.path == "$"
    assert caught.value.offset is None


REFUSED: list[tuple[Any, Any, str]] = [
    ("int", 2**31, "int 2147483648 is out of range for int"),
    ("int", -(2**31) - 1, "int -2147483649 is out of range for int"),
    ("int", 2**63, "out of range"),
    ("int", 2**64, "out of range"),
    ("int", 2**32, "out of range"),
    ("int", np.int64(2**31), "out of range"),
    ("int", Index(2**31), "out of range"),
    ("long", 2**63, "int 9223372036854775808 is out of range for long"),
    ("long", -(2**63) - 1, "out of range"),
    ("long", 2**64, "out of range"),
    ("long", 10**5000, "out of range"),
    ("long", np.uint64(2**63), "out of range"),
    ("long", Index(2**70), "out of range"),
    ("float", 3.5e38, "float 3.5e+38 is out of range for float"),
    ("float", -1e300, "out of range"),
    ("float", 10**39, "out of range"),
    ("double", 10**309, "out of range"),
    ("double", -(10**5000), "out of range"),
    (fixed(4), b"abc", "expected 4 bytes for fixed F, got bytes b'abc'"),
    (fixed(4), b"abcde", "expected 4 bytes"),
    (fixed(4), b"", "expected 4 bytes"),
    (fixed(4), bytearray(b"abc"), "expected 4 bytes"),
    (fixed(4), memoryview(b"abcdef")[::2], "expected 4 bytes"),
    (SUIT, "HEART", "str 'HEART' is not a symbol of enum Suit"),
    (SUIT, "hearts", "is not a symbol"),
    (SUIT, "", "is not a symbol"),
    (enum("A", name="org.foo.E"), "B", "enum org.foo.E"),
    ("string", "\ud800", "lone surrogate"),
    ("string", "a\udfff", "lone surrogate"),
    ("string", "x" * 40 + "\udc80" + "é" * 40, "lone surrogate"),
    ("string", "\udc00\ud800", "lone surrogate"),
    ("string", "😀\ud83d", "lone surrogate"),
    ("string", Str("\ud800"), "lone surrogate"),
    (SUIT, "\ud800", "not a symbol"),
    (mapping("int"), {"\ud800": 1}, "lone surrogate"),
    (mapping("int"), {1: 1}, "a map's key must be str, got int 1"),
    (mapping("int"), {None: 1}, "a map's key must be str, got NoneType None"),
    (mapping("int"), {b"a": 1}, "a map's key must be str, got bytes b'a'"),
    (mapping("int"), Mapped({1: 1}), "a map's key must be str"),
    (POINT, {"x": 1}, "field 'y' is missing from dict {'x': 1}; an Encoder with defaults=True uses"),
    (POINT, {}, "field 'x' is missing"),
    (POINT, defaultdict(int), "field 'x' is missing"),
    (POINT, UserDict(x=1), "field 'y' is missing"),
    (["int", "string"], None, "expected union of int, string, got NoneType None"),
    (["null", SUIT, POINT], 5, "expected union of null, Suit, Point, got int 5"),
    ("int", "y" * 1000, "got str 'yyyyyyyy"),
    (array("int"), b"z" * 1000, "got bytes b'zzz"),
]


@for_each(("schema", "value", "text"), REFUSED)
def test_what_is_refused(schema, value, text):
    with pytest.raises(EncodeError) as caught:
        Encoder(schema).encode(value)
    assert text in str(caught.value)
    assert str(caught.value).startswith("at $: ")
    assert len(str(caught.value)) < 200
    assert caught.value.path == "$"


def test_text_of_every_width():
    """One letter of each kind at each place of a text: words are not mistaken at their ends."""
    encoder, decoder = Encoder("string"), Decoder("string")
    for letter in ("a", "\x7f", "\x80", "é", "\u07ff", "\u0800", "€", "\uffff", "\U00010000", "\U0010ffff"):
        for length in range(36):
            for place in range(length + 1):
                text = "x" * place + letter + "é" * (length % 2) + "y" * (length - place)
                data = encoder.encode(text)
                assert data.endswith(text.encode())
                assert decoder.decode(data) == text


# Paths

NESTED = record(
    "R",
    items=array(record("Item", name="string", tags=mapping(["null", "int"]))),
    point=["null", POINT],
)


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ({"items": 5, "point": None}, "$.items"),
        ({"items": [], "point": 5}, "$.point"),
        ({"items": [], "point": {"x": 1, "y": "2"}}, "$.point.y"),
        ({"items": [], "point": ("Point", {"x": 1})}, "$.point"),
        ({"items": [], "point": (1, None)}, "$.point.y"),
        ({"items": [{"name": "a", "tags": {}}, None], "point": None}, "$.items[1]"),
        ({"items": [{"name": "a", "tags": {}}, {"name": 1, "tags": {}}]}, "$.items[1].name"),
        ({"items": [{"name": "a", "tags": {"k": 1, "l": 2**31}}]}, "$.items[0].tags['l']"),
        ({"items": [{"name": "a", "tags": {"k" * 60: ""}}]}, "$.items[0].tags['" + "k" * 39 + "…']"),
        ({"items": ({"name": "a", "tags": Mapped({"it's": ""})},)}, '$.items[0].tags["it\'s"]'),
        (UserDict(items=deque([UserDict(name="a", tags=[])])), "$.items[0].tags"),
        (([("a", {"k": "v"})], None), "$.items[0].tags['k']"),
    ],
)
def test_paths(value, path):
    encoder = Encoder(NESTED)
    with pytest.raises(EncodeError) as caught:
        encoder.encode(value)
    assert caught.value.path == path
    assert str(caught.value).startswith(f"at {path}: ")
    block = encoder._block()
    with pytest.raises(EncodeError) as caught:
        block.append(value)
    assert caught.value.path == path


def test_a_long_path_keeps_both_ends():
    value: Any = {"head": 1, "tail": {"head": "bad", "tail": None}}
    for _ in range(100):
        value = {"head": 0, "tail": value}
    with pytest.raises(EncodeError) as caught:
        Encoder(LIST).encode(value)
    path = caught.value.path
    assert path.startswith("$.tail...")
    assert path.endswith(".tail.tail.head")
    assert len(path) < 250


# Options


def test_defaults():
    schema = record("R", a="int", b=array("int"), c=["null", "int"])
    schema["fields"][0]["default"] = 5
    schema["fields"][1]["default"] = [1, 2]
    schema["fields"][2]["default"] = None
    full = Encoder(schema).encode({"a": 5, "b": [1, 2], "c": None})
    filling = Encoder(schema, defaults=True)
    assert filling.encode({}) == full
    assert filling.encode({"c": None, "other": 1}) == full
    assert filling.encode(UserDict()) == full
    assert filling.encode({"a": 6, "b": []}) == Encoder(schema).encode({"a": 6, "b": [], "c": None})
    with pytest.raises(EncodeError, match="field 'a' is missing"):
        Encoder(schema).encode({})
    with pytest.raises(EncodeTypeError):  # a field that is there is not missing
        filling.encode({"a": None})
    with pytest.raises(EncodeTypeError):  # a tuple has all fields
        filling.encode((5,))
    with pytest.raises(EncodeError, match="field 'b' is missing"):
        Encoder(record("R", b="int"), defaults=True).encode({})


def test_extra_fields():
    refusing = Encoder(POINT, extra_fields="error")
    assert refusing.encode({"y": 2, "x": 1}) == b"\2\4"
    assert refusing.encode(UserDict(x=1, y=2)) == b"\2\4"
    assert refusing.encode((1, 2)) == b"\2\4"
    for extra in ({"x": 1, "y": 2, "z": 3}, UserDict(z=3, x=1, y=2)):
        with pytest.raises(EncodeError, match="has keys that are not fields of record Point: z"):
            refusing.encode(extra)
    with pytest.raises(EncodeError, match="not fields of record Point: 5, None"):
        refusing.encode({"x": 1, "y": 2, 5: 3, None: 4})
    many = {"x": 1, "y": 2, **{f"extra{i:03}": 0 for i in range(1000)}}
    with pytest.raises(EncodeError) as caught:
        refusing.encode(many)
    assert len(str(caught.value)) < 500
    with pytest.raises(EncodeError, match="missing"):
        refusing.encode({"x": 1, "z": 3})


class Slotted:
    __slots__ = ("x", "y")

    def __init__(self, x: int, y: int) -> None:
        self.x, self.y = x, y


class Computed:
    x = 1

    @property
    def y(self) -> int:
        return 2


@pytest.mark.parametrize(
    "point", [DataPoint(1, 2), SimpleNamespace(x=1, y=2, z=3), Slotted(1, 2), Computed()]
)
def test_attributes(point):
    looking = Encoder(POINT, attributes=True)
    assert looking.encode(point) == b"\2\4"
    assert looking.encode({"x": 1, "y": 2}) == b"\2\4"
    assert Encoder(["null", POINT], attributes=True).encode(point) == b"\2\2\4"
    assert Encoder(record("Line", ends=array(POINT)), attributes=True).encode(
        SimpleNamespace(ends=[point])
    ) == (b"\2\2\4\0")
    with pytest.raises(EncodeTypeError):
        Encoder(POINT).encode(point)


def test_attributes_that_are_missing():
    schema = record("R", x="int", d="int")
    schema["fields"][1]["default"] = 7
    assert Encoder(schema, attributes=True, defaults=True).encode(SimpleNamespace(x=1)) == b"\2\x0e"
    with pytest.raises(EncodeError, match="field 'd' is missing"):
        Encoder(schema, attributes=True).encode(SimpleNamespace(x=1))
    with pytest.raises(EncodeError, match="field 'x' is missing from object"):
        Encoder(schema, attributes=True).encode(object())


@pytest.mark.parametrize("option", ["extra_fields", "naive_datetimes"])
def test_options_that_do_not_exist(option):
    with pytest.raises(ValueError, match=f"{option} must be one of"):
        Encoder("int", **{option: "sometimes"})
