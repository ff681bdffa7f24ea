"""Hostile data of one datum."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from tests.core.test_hostile_bytes import BAD, DEEP, NOT_UTF8, deep_data
from tests.hostile.case import Case, Gives, decoding
from tests.reference import number
from tests.vectors import LIST, ORDER, RECORDS, VECTORS, array, fixed, mapping, record

TAILS = {
    "null": (None, "null"),
    "boolean": (b"\1", "boolean"),
    "int": (b"\2", "int"),
    "double": (bytes(8), "double"),
    "string": (b"\2a", "string"),
    "array": (b"\0", array("int")),
    "map": (b"\0", mapping("int")),
    "record": (b"\2\2", record(a="int", b="int")),
    "union": (b"\0", ["null", "int"]),
    "fixed": (b"ab", fixed(2)),
}
MULTIPLIED = number(1000) + number(10**6) * 1000 + b"\0"


def cases() -> Iterator[Case]:
    for name, (schema, hex, *_) in BAD.items():
        yield decoding(name, schema, bytes.fromhex(hex))
    for vector in VECTORS:
        if not vector.written:
            yield decoding(vector.name, vector.schema, vector.data, Gives(vector.value))
    order = next(vector for vector in RECORDS if vector.name == "order")
    for end in range(len(order.data)):
        yield decoding(f"an order cut at byte {end}", ORDER, order.data[:end])
    for name, (data, schema) in TAILS.items():
        yield decoding(f"a byte after a {name}", schema, (data or b"") + b"\0")
    for name, hex in NOT_UTF8.items():
        raw = b"abc" + bytes.fromhex(hex)
        yield decoding(f"text with {name}", "string", number(len(raw)) + raw)
        yield decoding(f"key with {name}", mapping("null"), b"\2" + number(len(raw)) + raw + b"\0")
    for name, (schema, *_) in DEEP.items():
        for levels in (500, 5_000, 1_000_000):
            yield Case(f"{levels} levels of {name}", "bytes", partial(_decode_deep, schema, name, levels))
    for name, items in {"nulls": "null", "empty records": record(), "empty fixed": fixed(0)}.items():
        yield decoding(f"a thousand arrays of a million {name}", array(array(items)), MULTIPLIED)
    yield decoding("a list without an end", LIST, b"\0\2" * 3_000_000)
    yield decoding("a million blocks of no item but a size", array("int"), b"\1\0" * 1_000_000)


def _decode_deep(schema, name, levels, library):
    return library.decode(schema, deep_data(name, levels))
