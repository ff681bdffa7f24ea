"""The vectors: schema, value and bytes of every type, which every operation and every facade is held to.

The bytes were written by hand or by other implementations, never by the code under test.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

from avrojet import Duration, NanoDatetime

JSON = Any  # a schema


class Same:
    """Marks a form of a value that looks like the value itself."""

    def __repr__(self) -> str:
        return "SAME"


SAME = Same()


@dataclass(frozen=True)
class Vector:
    """One datum.

    :ivar plain: the value with logical types off.
    :ivar tagged: the value with the unions in it shown as (branch name, value).
    :ivar row: the value with the records in it shown as tuples.
    :ivar written: False for bytes that a reader takes but no writer of ours makes.
    """

    name: str
    schema: JSON
    value: Any
    hex: str
    plain: Any = SAME
    tagged: Any = SAME
    row: Any = SAME
    written: bool = True

    @property
    def data(self) -> bytes:
        return bytes.fromhex(self.hex)

    def form(self, name: str) -> Any:
        """The value in the form ``"plain"``, ``"tagged"`` or ``"row"``."""
        form = getattr(self, name)
        return self.value if form is SAME else form


def double(bits: int) -> float:
    """The double of a bit pattern: the way to a NaN with a payload."""
    return struct.unpack("<d", struct.pack("<Q", bits))[0]


def logical(type: str, name: str, **attributes: Any) -> JSON:
    return {"type": type, "logicalType": name, **attributes}


def fixed(size: int, name: str = "F", **attributes: Any) -> JSON:
    return {"type": "fixed", "name": name, "size": size, **attributes}


def array(items: JSON) -> JSON:
    return {"type": "array", "items": items}


def mapping(values: JSON) -> JSON:
    return {"type": "map", "values": values}


def enum(*symbols: str, name: str = "E", **attributes: Any) -> JSON:
    return {"type": "enum", "name": name, "symbols": list(symbols), **attributes}


def record(name: str = "R", /, **fields: JSON) -> JSON:
    return {
        "type": "record",
        "name": name,
        "fields": [{"name": field, "type": type} for field, type in fields.items()],
    }


def wrapper(type: JSON, name: str = "One") -> JSON:
    """A record of one field, as other formats' nullable types become (StringValue)."""
    return record(name, v=type)


LIST = record("List", head="long", tail=["null", "List"])
TREE = record("org.trees.Tree", label="string", children=array("Tree"))
SUIT = enum("SPADES", "HEARTS", "DIAMONDS", "CLUBS", name="Suit")
MANY = enum(*(f"S{i}" for i in range(70)))
SHAPES = [
    "null",
    record("geo.Circle", r="double"),
    record("geo.Box", x="int", y="int"),
    SUIT,
    fixed(2, "geo.Tag"),
    array("int"),
    mapping("int"),
    "string",
    "bytes",
]
WIDE = record("Wide", **dict.fromkeys("abcdefgh", "int"))
POINT = record("Point", x="int", y="int")
ORDER = record(
    "shop.Order",
    id="long",
    customer=record("Customer", name="string", mail=["null", "string"]),
    lines=array(record("Line", sku="string", price="double", count="int")),
    tags=mapping("string"),
)
DECIMAL = logical("bytes", "decimal", precision=6, scale=2)
ALL_BYTES = bytes(range(256))
UUID_1 = UUID("00112233-4455-6677-8899-aabbccddeeff")
UUID_1_TEXT = "48" + str(UUID_1).encode().hex()
DUPLICATE_KEYS = "04 02 61 02 02 61 04 00"

PRIMITIVES = [
    Vector("null", "null", None, ""),
    Vector("boolean false", "boolean", False, "00"),
    Vector("boolean true", "boolean", True, "01"),
    Vector("int 0", "int", 0, "00"),
    Vector("int -1", "int", -1, "01"),
    Vector("int 1", "int", 1, "02"),
    Vector("int -2", "int", -2, "03"),
    Vector("int 63", "int", 63, "7e"),
    Vector("int -64", "int", -64, "7f"),
    Vector("int 64", "int", 64, "80 01"),
    Vector("int -65", "int", -65, "81 01"),
    Vector("int 8191", "int", 8191, "fe 7f"),
    Vector("int -8192", "int", -8192, "ff 7f"),
    Vector("int 8192", "int", 8192, "80 80 01"),
    Vector("int max", "int", 2**31 - 1, "fe ff ff ff 0f"),
    Vector("int min", "int", -(2**31), "ff ff ff ff 0f"),
    Vector("int 0, padded", "int", 0, "80 80 80 80 00", written=False),
    Vector("long 0", "long", 0, "00"),
    Vector("long -1", "long", -1, "01"),
    Vector("long 64", "long", 64, "80 01"),
    Vector("long above int", "long", 2**31, "80 80 80 80 10"),
    Vector("long below int", "long", -(2**31) - 1, "81 80 80 80 10"),
    Vector("long 2^53 + 1", "long", 2**53 + 1, "82 80 80 80 80 80 80 20"),
    Vector("long max", "long", 2**63 - 1, "fe ff ff ff ff ff ff ff ff 01"),
    Vector("long min", "long", -(2**63), "ff ff ff ff ff ff ff ff ff 01"),
    Vector("long -1, padded", "long", -1, "81 80 80 80 80 80 80 80 80 00", written=False),
    Vector("float 0", "float", 0.0, "00 00 00 00"),
    Vector("float -0", "float", -0.0, "00 00 00 80"),
    Vector("float 1", "float", 1.0, "00 00 80 3f"),
    Vector("float least", "float", 2.0**-149, "01 00 00 00"),
    Vector("float max", "float", 2.0**128 - 2.0**104, "ff ff 7f 7f"),
    Vector("float infinity", "float", float("inf"), "00 00 80 7f"),
    Vector("float -infinity", "float", float("-inf"), "00 00 80 ff"),
    Vector("float NaN", "float", double(0x7FF8000000000000), "00 00 c0 7f"),
    Vector("float signalling NaN", "float", double(0x7FF0000020000000), "01 00 80 7f"),
    Vector("float -NaN, payload", "float", double(0xFFF8246880000000), "44 23 c1 ff"),
    Vector("double 0", "double", 0.0, "00 00 00 00 00 00 00 00"),
    Vector("double -0", "double", -0.0, "00 00 00 00 00 00 00 80"),
    Vector("double 0.1", "double", 0.1, "9a 99 99 99 99 99 b9 3f"),
    Vector("double least", "double", 5e-324, "01 00 00 00 00 00 00 00"),
    Vector("double max", "double", 1.7976931348623157e308, "ff ff ff ff ff ff ef 7f"),
    Vector("double infinity", "double", float("inf"), "00 00 00 00 00 00 f0 7f"),
    Vector("double -infinity", "double", float("-inf"), "00 00 00 00 00 00 f0 ff"),
    Vector("double signalling NaN", "double", double(0x7FF0000000000001), "01 00 00 00 00 00 f0 7f"),
    Vector("double -NaN, payload", "double", double(0xFFFABCDEF0123456), "56 34 12 f0 de bc fa ff"),
    Vector("bytes none", "bytes", b"", "00"),
    Vector("bytes one", "bytes", b"\xff", "02 ff"),
    Vector("bytes 64", "bytes", b"ab" * 32, "80 01" + "6162" * 32),
    Vector("bytes all", "bytes", ALL_BYTES, "80 04" + ALL_BYTES.hex()),
    Vector("string none", "string", "", "00"),
    Vector("string foo", "string", "foo", "06 66 6f 6f"),
    Vector("string NUL", "string", "\0", "02 00"),
    Vector("string 2 bytes", "string", "é", "04 c3 a9"),
    Vector("string 3 bytes", "string", "€", "06 e2 82 ac"),
    Vector("string 4 bytes", "string", "\U0001f600", "08 f0 9f 98 80"),
    Vector("string ends of ranges", "string", "\x7f\x80\u07ff\u0800", "10 7f c2 80 df bf e0 a0 80"),
    Vector("string beside surrogates", "string", "\ud7ff\ue000", "0c ed 9f bf ee 80 80"),
    Vector(
        "string last of planes", "string", "\uffff\U00010000\U0010ffff", "16 ef bf bf f0 90 80 80 f4 8f bf bf"
    ),
    Vector("string 63 letters", "string", "abc" * 21, "7e" + "616263" * 21),
    Vector("string 64 letters", "string", "x" * 64, "80 01" + "78" * 64),
    Vector("string late letter", "string", "x" * 31 + "é" + "x" * 9, "54" + "78" * 31 + "c3a9" + "78" * 9),
]
NAMED_AND_COLLECTIONS = [
    Vector("fixed none", fixed(0), b"", ""),
    Vector("fixed 3", fixed(3), b"\0\xff\x80", "00 ff 80"),
    Vector("enum first", SUIT, "SPADES", "00"),
    Vector("enum last", SUIT, "CLUBS", "06"),
    Vector("enum index of two bytes", MANY, "S69", "8a 01"),
    Vector("enum, padded", SUIT, "HEARTS", "82 00", written=False),
    Vector("array none", array("long"), [], "00"),
    Vector("array of longs", array("long"), [3, 27], "04 06 36 00"),
    Vector("array of nulls", array("null"), [None] * 3, "06 00"),
    Vector("array of strings", array("string"), ["", "é"], "04 00 04 c3 a9 00"),
    Vector("array of booleans", array("boolean"), [True, False], "04 01 00 00"),
    Vector("array of doubles", array("double"), [1.0], "02 00 00 00 00 00 00 f0 3f 00"),
    Vector("array of 64", array("int"), [0] * 64, "80 01" + "00" * 64 + "00"),
    Vector("array of arrays", array(array("int")), [[], [1], [2, 3]], "06 00 02 02 00 04 04 06 00 00"),
    Vector("array, sized block", array("long"), [3, 27], "03 04 06 36 00", written=False),
    Vector("array, sized block of nulls", array("null"), [None] * 2, "03 00 00", written=False),
    Vector("array, blocks", array("long"), [1, 2, 3], "02 02 04 04 06 00", written=False),
    Vector("array, mixed blocks", array("int"), [1, 2, 3], "01 02 02 02 04 01 02 06 00", written=False),
    Vector("map none", mapping("long"), {}, "00"),
    Vector("map of longs", mapping("long"), {"a": 1, "b": -1}, "04 02 61 02 02 62 01 00"),
    Vector("map of nulls", mapping("null"), {"": None}, "02 00 00"),
    Vector("map, keys not ASCII", mapping("int"), {"é": 1, "\U0001f600": 2}, "04 04c3a9 02 08f09f9880 04 00"),
    Vector("map, long key", mapping("int"), {"k" * 40: 7}, "02 50" + "6b" * 40 + "0e 00"),
    Vector(
        "map of maps", mapping(mapping("int")), {"a": {"b": 1}, "c": {}}, "04 0261 02026202 00 0263 00 00"
    ),
    Vector("map, sized block", mapping("int"), {"a": 1, "b": 2}, "03 0c 026102 026204 00", written=False),
    Vector("map, blocks", mapping("int"), {"a": 1, "b": 2}, "02 026102 01 06 026204 00", written=False),
    Vector("map, key twice", mapping("int"), {"a": 2}, DUPLICATE_KEYS, written=False),
]
UNIONS = [
    Vector("union of one", ["long"], 1, "00 02", tagged=("long", 1)),
    Vector("null first, null", ["null", "string"], None, "00"),
    Vector("null first, string", ["null", "string"], "a", "02 02 61", tagged=("string", "a")),
    Vector("null last, null", ["string", "null"], None, "02"),
    Vector("null last, string", ["string", "null"], "a", "00 02 61", tagged=("string", "a")),
    Vector("null first, padded tag", ["null", "int"], 1, "82 00 02", tagged=("int", 1), written=False),
    Vector("null of two nullables", ["null", "int", "string"], None, "00"),
    Vector("last of three", ["null", "int", "string"], "a", "04 02 61", tagged=("string", "a")),
    Vector("long beside int", ["int", "long"], 2**31, "02 80 80 80 80 10", tagged=("long", 2**31)),
    Vector("boolean beside int", ["int", "boolean"], True, "02 01", tagged=("boolean", True)),
    Vector("double beside long", ["long", "double"], 1.0, "02 000000000000f03f", tagged=("double", 1.0)),
    Vector(
        "record in a union",
        SHAPES,
        {"x": 3, "y": 0},
        "04 06 00",
        tagged=("geo.Box", {"x": 3, "y": 0}),
        row=(3, 0),
    ),
    Vector(
        "other record",
        SHAPES,
        {"r": 1.0},
        "02 000000000000f03f",
        tagged=("geo.Circle", {"r": 1.0}),
        row=(1.0,),
    ),
    Vector("fixed in a union", SHAPES, b"ab", "08 61 62", tagged=("geo.Tag", b"ab")),
    Vector("array in a union", SHAPES, [1], "0a 02 02 00", tagged=("array", [1])),
    Vector("map in a union", SHAPES, {"x": 1}, "0c 02 02 78 02 00", tagged=("map", {"x": 1})),
    Vector("enum in a union", SHAPES, "CLUBS", "06 06", tagged=("Suit", "CLUBS")),
    Vector("string in a union", SHAPES, "CLUB", "0e 08 43 4c 55 42", tagged=("string", "CLUB")),
    Vector("bytes in a union", SHAPES, b"abc", "10 06 61 62 63", tagged=("bytes", b"abc")),
    Vector(
        "branch of 65",
        ["null", *(fixed(i, f"F{i}") for i in range(1, 66))],
        b"x" * 64,
        "80 01" + "78" * 64,
        tagged=("F64", b"x" * 64),
    ),
    Vector(
        "array of unions",
        array(["null", "int", "string"]),
        [None, 1, "a", None],
        "08 00 02 02 04 02 61 00 00",
        tagged=[None, ("int", 1), ("string", "a"), None],
    ),
    Vector("map of unions", mapping(["int", "null"]), {"a": None}, "02 02 61 02 00"),
    *(
        Vector(f"nullable record of one {name}", ["null", wrapper(type)], *rest)
        for name, type, *rest in [
            ("string, null", "string", None, "00"),
            ("string", "string", {"v": "a"}, "02 02 61", SAME, ("One", {"v": "a"}), ("a",)),
            ("string, empty", "string", {"v": ""}, "02 00", SAME, ("One", {"v": ""}), ("",)),
            ("bytes, null", "bytes", None, "00"),
            ("bytes", "bytes", {"v": b"ab"}, "02 04 61 62", SAME, ("One", {"v": b"ab"}), (b"ab",)),
            ("boolean, null", "boolean", None, "00"),
            ("boolean", "boolean", {"v": True}, "02 01", SAME, ("One", {"v": True}), (True,)),
            ("double, null", "double", None, "00"),
            ("double", "double", {"v": 1.0}, "02 000000000000f03f", SAME, ("One", {"v": 1.0}), (1.0,)),
            ("long", "long", {"v": 1}, "02 02", SAME, ("One", {"v": 1}), (1,)),
            ("null", "null", {"v": None}, "02", SAME, ("One", {"v": None}), (None,)),
        ]
    ),
    Vector("record of one string or null, null", [wrapper("string"), "null"], None, "02"),
    Vector(
        "nullable record of a record of one boolean",
        ["null", record("Around", w=wrapper("boolean"))],
        {"w": {"v": True}},
        "02 01",
        tagged=("Around", {"w": {"v": True}}),
        row=((True,),),
    ),
    Vector(
        "nullable record of one double beside one of nothing",
        ["null", record("Two", n=record("None"), v="double")],
        None,
        "00",
    ),
    Vector(
        "array of nullable records of one string",
        array(["null", wrapper("string")]),
        [None, {"v": "a"}, None],
        "06 00 02 02 61 00 00",
        tagged=[None, ("One", {"v": "a"}), None],
        row=[None, ("a",), None],
    ),
    Vector(
        "map of nullable records of one boolean",
        mapping(["null", wrapper("boolean")]),
        {"a": None, "b": {"v": True}},
        "04 02 61 00 02 62 02 01 00",
        tagged={"a": None, "b": ("One", {"v": True})},
        row={"a": None, "b": (True,)},
    ),
    Vector(
        "record of nullable records of one field",
        record(a=["null", wrapper("double")], b=["null", wrapper("bytes", "Bytes")], c="int"),
        {"a": None, "b": {"v": b"a"}, "c": 1},
        "00 02 02 61 02",
        tagged={"a": None, "b": ("Bytes", {"v": b"a"}), "c": 1},
        row=(None, (b"a",), 1),
    ),
]
RECORDS = [
    Vector("record of nothing", record(), {}, "", row=()),
    Vector("record", record(a="long", b="string"), {"a": 27, "b": "foo"}, "36 06 66 6f 6f", row=(27, "foo")),
    Vector(
        "record of eight",
        WIDE,
        dict(zip("abcdefgh", range(8), strict=True)),
        "00 02 04 06 08 0a 0c 0e",
        row=tuple(range(8)),
    ),
    Vector("array of empty records", array(record()), [{}, {}], "04 00", row=[(), ()]),
    Vector("map of records", mapping(record(a="int")), {"k": {"a": 1}}, "02 02 6b 02 00", row={"k": (1,)}),
    Vector("error", {**record("Bad", why="string"), "type": "error"}, {"why": "no"}, "04 6e 6f", row=("no",)),
    Vector(
        "same type twice",
        record(a=fixed(2, "n.Two"), b="n.Two", c=["null", "n.Two"]),
        {"a": b"ab", "b": b"cd", "c": b"ef"},
        "61 62 63 64 02 65 66",
        tagged={"a": b"ab", "b": b"cd", "c": ("n.Two", b"ef")},
        row=(b"ab", b"cd", b"ef"),
    ),
    Vector(
        "list",
        LIST,
        {"head": 1, "tail": {"head": 2, "tail": None}},
        "02 02 04 00",
        tagged={"head": 1, "tail": ("List", {"head": 2, "tail": None})},
        row=(1, (2, None)),
    ),
    Vector(
        "tree",
        TREE,
        {"label": "a", "children": [{"label": "b", "children": []}, {"label": "c", "children": []}]},
        "02 61 04 02 62 00 02 63 00 00",
        row=("a", [("b", []), ("c", [])]),
    ),
    Vector(
        "order",
        ORDER,
        {
            "id": 7,
            "customer": {"name": "Zoë", "mail": "z@x"},
            "lines": [{"sku": "A", "price": 0.5, "count": 2}, {"sku": "", "price": -1.0, "count": 0}],
            "tags": {"k": "v"},
        },
        "0e 08 5a6fc3ab 02 06 7a4078 04 02 41 000000000000e03f 04 00 000000000000f0bf 00 00 02 026b 0276 00",
        tagged={
            "id": 7,
            "customer": {"name": "Zoë", "mail": ("string", "z@x")},
            "lines": [{"sku": "A", "price": 0.5, "count": 2}, {"sku": "", "price": -1.0, "count": 0}],
            "tags": {"k": "v"},
        },
        row=(7, ("Zoë", "z@x"), [("A", 0.5, 2), ("", -1.0, 0)], {"k": "v"}),
    ),
]
DATES_AND_TIMES = [
    Vector("date 0", logical("int", "date"), date(1970, 1, 1), "00", plain=0),
    Vector("date before 1970", logical("int", "date"), date(1969, 12, 31), "01", plain=-1),
    Vector("date leap day", logical("int", "date"), date(2000, 2, 29), "90 ac 01", plain=11016),
    Vector("date first", logical("int", "date"), date.min, "f3 e4 57", plain=-719162),
    Vector("date last", logical("int", "date"), date.max, "c0 82 e6 02", plain=2932896),
    Vector("time-millis 0", logical("int", "time-millis"), time(), "00", plain=0),
    Vector(
        "time-millis last",
        logical("int", "time-millis"),
        time(23, 59, 59, 999000),
        "fe ef b2 52",
        plain=86_399_999,
    ),
    Vector("time-micros 1", logical("long", "time-micros"), time(microsecond=1), "02", plain=1),
    Vector(
        "time-micros last",
        logical("long", "time-micros"),
        time.max,
        "fe ff ba dd 83 05",
        plain=86_399_999_999,
    ),
    Vector(
        "timestamp-millis",
        logical("long", "timestamp-millis"),
        datetime(2026, 1, 2, 3, 4, 5, 678000, UTC),
        "dc bc cc ca ef 66",
        plain=1_767_323_045_678,
    ),
    Vector(
        "timestamp-millis before 1970",
        logical("long", "timestamp-millis"),
        datetime(1969, 12, 31, 23, 59, 59, 999000, UTC),
        "01",
        plain=-1,
    ),
    Vector(
        "timestamp-millis first",
        logical("long", "timestamp-millis"),
        datetime(1, 1, 1, tzinfo=UTC),
        "ff df e6 a2 e2 a0 1c",
        plain=-62_135_596_800_000,
    ),
    Vector(
        "timestamp-millis last",
        logical("long", "timestamp-millis"),
        datetime(9999, 12, 31, 23, 59, 59, 999000, UTC),
        "fe ef fe a1 fa 9d 73",
        plain=253_402_300_799_999,
    ),
    Vector(
        "timestamp-micros",
        logical("long", "timestamp-micros"),
        datetime(2026, 1, 2, 3, 4, 5, 678901, UTC),
        "ea bc ba e5 de d7 a3 06",
        plain=1_767_323_045_678_901,
    ),
    Vector(
        "timestamp-micros first",
        logical("long", "timestamp-micros"),
        datetime(1, 1, 1, tzinfo=UTC),
        "ff ff dd f2 df ff df dc 01",
        plain=-62_135_596_800_000_000,
    ),
    Vector(
        "timestamp-micros last",
        logical("long", "timestamp-micros"),
        datetime.max.replace(tzinfo=UTC),
        "fe ff 9a c7 99 83 a2 84 07",
        plain=253_402_300_799_999_999,
    ),
    Vector(
        "timestamp-nanos",
        logical("long", "timestamp-nanos"),
        NanoDatetime(2026, 1, 2, 3, 4, 5, 678901, UTC, nanosecond=234),
        "e4 9f eb d0 c8 bc e5 86 31",
        plain=1_767_323_045_678_901_234,
    ),
    Vector(
        "timestamp-nanos before 1970",
        logical("long", "timestamp-nanos"),
        NanoDatetime(1969, 12, 31, 23, 59, 59, 999999, UTC, nanosecond=999),
        "01",
        plain=-1,
    ),
    Vector(
        "timestamp-nanos first",
        logical("long", "timestamp-nanos"),
        NanoDatetime(1677, 9, 21, 0, 12, 43, 145224, UTC, nanosecond=192),
        "ff ff ff ff ff ff ff ff ff 01",
        plain=-(2**63),
    ),
    Vector(
        "timestamp-nanos last",
        logical("long", "timestamp-nanos"),
        NanoDatetime(2262, 4, 11, 23, 47, 16, 854775, UTC, nanosecond=807),
        "fe ff ff ff ff ff ff ff ff 01",
        plain=2**63 - 1,
    ),
    Vector(
        "local-timestamp-millis",
        logical("long", "local-timestamp-millis"),
        datetime(2026, 1, 2, 3, 4, 5, 678000),
        "dc bc cc ca ef 66",
        plain=1_767_323_045_678,
    ),
    Vector(
        "local-timestamp-micros",
        logical("long", "local-timestamp-micros"),
        datetime(2026, 1, 2, 3, 4, 5, 678901),
        "ea bc ba e5 de d7 a3 06",
        plain=1_767_323_045_678_901,
    ),
    Vector(
        "local-timestamp-micros first",
        logical("long", "local-timestamp-micros"),
        datetime.min,
        "ff ff dd f2 df ff df dc 01",
        plain=-62_135_596_800_000_000,
    ),
    Vector(
        "local-timestamp-nanos",
        logical("long", "local-timestamp-nanos"),
        NanoDatetime(1970, 1, 1, 0, 0, 0, 999999, nanosecond=999),
        "fe a7 d6 b9 07",
        plain=999_999_999,
    ),
]
OTHER_LOGICAL = [
    Vector("decimal 0", DECIMAL, Decimal("0.00"), "02 00", plain=b"\0"),
    Vector("decimal", DECIMAL, Decimal("12.34"), "04 04 d2", plain=b"\x04\xd2"),
    Vector("decimal below 0", DECIMAL, Decimal("-0.01"), "02 ff", plain=b"\xff"),
    Vector("decimal sign bit", DECIMAL, Decimal("1.28"), "04 00 80", plain=b"\0\x80"),
    Vector("decimal -128", DECIMAL, Decimal("-1.28"), "02 80", plain=b"\x80"),
    Vector("decimal most", DECIMAL, Decimal("9999.99"), "06 0f 42 3f", plain=b"\x0f\x42\x3f"),
    Vector("decimal least", DECIMAL, Decimal("-9999.99"), "06 f0 bd c1", plain=b"\xf0\xbd\xc1"),
    Vector(
        "decimal, sign extended",
        DECIMAL,
        Decimal("-0.01"),
        "08 ff ff ff ff",
        plain=b"\xff" * 4,
        written=False,
    ),
    Vector(
        "decimal of 38 digits",
        logical("bytes", "decimal", precision=38),
        Decimal(10**38 - 1),
        "20 4b3b4ca85a86c47a098a223fffffffff",
        plain=bytes.fromhex("4b3b4ca85a86c47a098a223fffffffff"),
    ),
    Vector(
        "decimal on fixed",
        fixed(4, logicalType="decimal", precision=9, scale=9),
        Decimal("-0.000000002"),
        "ff ff ff fe",
        plain=b"\xff\xff\xff\xfe",
    ),
    Vector(
        "big-decimal",
        logical("bytes", "big-decimal"),
        Decimal("12.34"),
        "08 04 04 d2 04",
        plain=b"\4\4\xd2\4",
    ),
    Vector(
        "big-decimal, exponent",
        logical("bytes", "big-decimal"),
        Decimal("-1E+3"),
        "06 02 ff 05",
        plain=b"\2\xff\5",
    ),
    Vector("big-decimal 0", logical("bytes", "big-decimal"), Decimal(0), "06 02 00 00", plain=b"\2\0\0"),
    Vector("uuid", logical("string", "uuid"), UUID_1, UUID_1_TEXT, plain=str(UUID_1)),
    Vector(
        "uuid, capitals",
        logical("string", "uuid"),
        UUID_1,
        "48" + str(UUID_1).upper().encode().hex(),
        plain=str(UUID_1).upper(),
        written=False,
    ),
    *(
        Vector(
            f"uuid as {text}",
            logical("string", "uuid"),
            UUID_1,
            bytes([2 * len(text), *text.encode()]).hex(),
            plain=text,
            written=False,
        )
        for text in (
            f"{{{UUID_1}}}",
            f"urn:uuid:{UUID_1}",
            UUID_1.hex,
            f"urn:uuid:{UUID_1.hex}",
            f"{{{UUID_1.hex}}}",
        )
    ),
    Vector("uuid on fixed", fixed(16, logicalType="uuid"), UUID_1, UUID_1.hex, plain=UUID_1.bytes),
    Vector("duration 0", fixed(12, logicalType="duration"), Duration(0, 0, 0), "00" * 12, plain=bytes(12)),
    Vector(
        "duration",
        fixed(12, logicalType="duration"),
        Duration(1, 2**32 - 1, 256),
        "01 00 00 00 ff ff ff ff 00 01 00 00",
        plain=bytes.fromhex("01000000ffffffff00010000"),
    ),
    Vector("unknown logical type", logical("int", "fortnight"), 3, "06"),
    Vector(
        "nullable date",
        ["null", logical("int", "date")],
        date(1970, 1, 2),
        "02 02",
        plain=1,
        tagged=("int", date(1970, 1, 2)),
    ),
    Vector("array of dates", array(logical("int", "date")), [date(1970, 1, 2)], "02 02 00", plain=[1]),
    Vector(
        "logical types in a union",
        ["null", "string", DECIMAL, logical("long", "timestamp-micros")],
        datetime(1970, 1, 1, 0, 0, 0, 1, UTC),
        "06 02",
        plain=1,
        tagged=("long", datetime(1970, 1, 1, 0, 0, 0, 1, UTC)),
    ),
]

VECTORS = [
    *PRIMITIVES,
    *NAMED_AND_COLLECTIONS,
    *UNIONS,
    *RECORDS,
    *DATES_AND_TIMES,
    *OTHER_LOGICAL,
]
WRITTEN = [vector for vector in VECTORS if vector.written]


def by_name(vector: Vector) -> str:
    """How pytest calls a test of the vector."""
    return vector.name.replace(" ", "-").replace(",", "")
