"""Hostile schemas, and pairs of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from tests.hostile.case import Case, Either, Gives, Outcome, Refused, parsing, resolving
from tests.reference import number
from tests.vectors import LIST, array, enum, fixed, logical, mapping, record

ACCEPTED = Gives(None)
OPEN = Either(None)

TEXTS: dict[str, str | bytes] = {
    "no text": "",
    "a blank": " ",
    "half a string": '"int',
    "half an object": '{"type":',
    "two schemas": '"int" "int"',
    "single quotes": "'int'",
    "a comma too many": '["int",]',
    "NaN": "NaN",
    "a NUL": '"int"\0',
    "bytes that are not UTF-8": b'"\xff"',
    "a lone surrogate": '"\ud800"',
    "an escaped lone surrogate as a name": '{"type":"fixed","size":1,"name":"\\ud800"}',
    "100,000 open brackets": "[" * 100_000,
    "100,000 open objects": '{"type":' * 100_000,
    "100,000 arrays": '{"type":"array","items":' * 100_000 + '"int"' + "}" * 100_000,
    "an integer of 10,000 digits": '{"type":"fixed","name":"F","size":1' + "0" * 10_000 + "}",
    "a name of 20 million letters": '"' + "x" * 20_000_000 + '"',
}
BAD: dict[str, Any] = {
    "null": None,
    "true": True,
    "a number": 1,
    "no branches in a map": {"type": "map"},
    "an object": {},
    "an unknown type": "lung",
    "a type in capitals": "INT",
    "a type that is a number": {"type": 1},
    "a type that is null": {"type": None},
    "an array without items": {"type": "array"},
    "items that are null": {"type": "array", "items": None},
    "a record without fields": {"type": "record", "name": "R"},
    "a record without a name": {"type": "record", "fields": []},
    "fields that are an object": {"type": "record", "name": "R", "fields": {}},
    "a field that is text": {"type": "record", "name": "R", "fields": ["int"]},
    "a field without a name": {"type": "record", "name": "R", "fields": [{"type": "int"}]},
    "a field without a type": {"type": "record", "name": "R", "fields": [{"name": "a"}]},
    "a field name with a dash": record(**{"a-b": "int"}),
    "a field name of nothing": record(**{"": "int"}),
    "a field name that is a number": {"type": "record", "name": "R", "fields": [{"name": 1, "type": "int"}]},
    "a field twice": {"type": "record", "name": "R", "fields": [{"name": "a", "type": "int"}] * 2},
    "a field of the wrong order": {
        "type": "record",
        "name": "R",
        "fields": [{"name": "a", "type": "int", "order": "up"}],
    },
    "a name with a digit first": record("1R"),
    "a name with a dash": record("a-b"),
    "a name of nothing": record(""),
    "a name with two dots": record("a..b"),
    "a name that ends with a dot": record("a."),
    "a name that is a list": {"type": "fixed", "name": ["F"], "size": 1},
    "a name that is no ASCII": record("É"),
    "a namespace that is a number": {**record(), "namespace": 1},
    "a namespace with a dash": {**record(), "namespace": "a-b"},
    "the name of a primitive": record("int"),
    "a type defined twice": record(a=record("X"), b=record("X")),
    "a type before it is defined": record(a="X", b=record("X")),
    "a type that is nowhere": record(a="Nowhere"),
    "aliases that are text": {**record(), "aliases": "X"},
    "an alias that is a number": {**record(), "aliases": [1]},
    "an enum without symbols": {"type": "enum", "name": "E"},
    "an enum of text": {"type": "enum", "name": "E", "symbols": "AB"},
    "a symbol twice": enum("A", "A"),
    "a symbol with a dash": enum("a-b"),
    "a symbol that is a number": {"type": "enum", "name": "E", "symbols": [1]},
    "an enum's default that is no symbol": enum("A", default="B"),
    "a fixed without a size": {"type": "fixed", "name": "F"},
    "a fixed of -1": fixed(-1),
    "a fixed of 1.5": {"type": "fixed", "name": "F", "size": 1.5},
    "a fixed of text": {"type": "fixed", "name": "F", "size": "1"},
    "a fixed of true": {"type": "fixed", "name": "F", "size": True},
    "a fixed of 2^62": fixed(2**62),
    "a fixed of 2^64": fixed(2**64),
    "a union in a union": ["null", ["int"]],
    "a union of the same": ["int", "int"],
    "a union of two arrays": [array("int"), array("string")],
    "a union of two maps": [mapping("int"), mapping("string")],
    "a union of a type twice": [fixed(1, "X"), "X"],
    "a union of the same with other attributes": ["int", {"type": "int", "doc": "x"}],
    "a union of logical types of one type": ["long", logical("long", "timestamp-millis")],
    "a bytes key": {b"type": "int"},
    "a set": {"int"},
    "an object of Python": object(),
}
DEFAULTS: list[tuple[Any, Any]] = [
    ("null", 0),
    ("boolean", 0),
    ("boolean", "true"),
    ("int", "1"),
    ("int", 1.5),
    ("int", 2**31),
    ("int", True),
    ("int", None),
    ("long", 2**63),
    ("long", -(2**63) - 1),
    ("float", "x"),
    ("double", True),
    ("string", 1),
    ("string", None),
    ("bytes", 1),
    ("bytes", "\u0100"),
    (fixed(2), "a"),
    (fixed(2), "\u0100\u0100"),
    (enum("A"), "B"),
    (enum("A"), 0),
    (array("int"), {}),
    (array("int"), ["x"]),
    (mapping("int"), []),
    (mapping("int"), {"a": "x"}),
    (["null", "int"], "x"),
    (["null", "string"], 1),
    (record("X", a="int"), {}),
    (record("X", a="int"), {"a": None}),
    (record("X", a="int"), []),
]
GOOD: dict[str, Any] = {
    "a list": LIST,
    "a record of no fields": record(),
    "a union of one": ["int"],
    "a decimal of a bad precision": logical("bytes", "decimal", precision=-1),
    "a decimal of text": logical("bytes", "decimal", precision="4"),
    "a decimal whose scale is above its precision": logical("bytes", "decimal", precision=1, scale=2),
    "a decimal of a precision of 400 digits": logical("bytes", "decimal", precision=10**400),
    "a logical type that is a list": logical("bytes", ["decimal"]),  # type: ignore[arg-type]
    "a date of strings": logical("string", "date"),
    "a duration of 11 bytes": fixed(11, logicalType="duration"),
    "unknown attributes": {"type": "int", "x": {"y": [None]}},
}


def doubling(levels: int) -> Any:
    """Each record has two fields of the one before: 2^levels of them to one who follows every path."""
    inner: Any = record("R0", a="int")
    for level in range(1, levels):
        inner = record(f"R{level}", a=inner, b=f"R{level - 1}")
    return inner


def nested(levels: int) -> Any:
    schema: Any = "int"
    for _ in range(levels):
        schema = array(schema)
    return schema


def endless() -> Any:
    schema: dict[str, Any] = {"type": "array"}
    schema["items"] = schema
    return schema


def endless_union() -> Any:
    schema: list[Any] = ["null"]
    schema.append(array(schema))
    return schema


def _schema_cases() -> Iterator[Case]:
    for name, text in TEXTS.items():
        yield parsing(f"text: {name}", lambda text=text: text)
    for name, schema in BAD.items():
        yield parsing(name, lambda schema=schema: schema)
    for type, default in DEFAULTS:
        schema = {"type": "record", "name": "R", "fields": [{"name": "a", "type": type, "default": default}]}
        kind = type if isinstance(type, str) else type["type"] if isinstance(type, dict) else "/".join(type)
        yield parsing(f"{kind} with default {json.dumps(default)}", lambda schema=schema: schema)
    for name, schema in GOOD.items():
        yield parsing(name, lambda schema=schema: schema, ACCEPTED)
    # Valid by the letter of the specification, though there is no such value.
    yield parsing("a record that contains itself", lambda: record("R", r="R"), OPEN)
    yield parsing("records that contain each other", lambda: record("A", b=record("B", a="A")), OPEN)
    yield parsing("an array that contains itself", endless)
    yield parsing("a union that contains itself", endless_union)
    yield parsing("20,000 arrays", lambda: nested(20_000))
    yield parsing("300 arrays", lambda: nested(300), ACCEPTED)
    yield parsing("records that double 60 times", lambda: doubling(60), ACCEPTED)
    yield parsing("a union of 20,000", lambda: [fixed(1, f"F{i}") for i in range(20_000)])
    yield parsing("a union of 1,000", lambda: [fixed(1, f"F{i}") for i in range(1_000)], ACCEPTED)
    yield parsing("an enum of 20,000", lambda: enum(*(f"S{i}" for i in range(20_000))), ACCEPTED)
    yield parsing("a record of 5,000", lambda: record(**{f"f{i}": "int" for i in range(5_000)}), ACCEPTED)


def defaulted(type: Any, default: Any) -> Any:
    return {"type": "record", "name": "R", "fields": [{"name": "a", "type": type, "default": default}]}


# name: writer, reader, data, outcome
PAIRS: dict[str, tuple[Any, Any, bytes, Outcome]] = {
    **{
        f"{writer} as {reader}": (writer, reader, data, Refused())
        for writer, reader, data in [
            ("null", "int", b""),
            ("boolean", "int", b"\1"),
            ("int", "boolean", b"\2"),
            ("int", "string", b"\2"),
            ("long", "int", b"\2"),
            ("float", "int", bytes(4)),
            ("float", "long", bytes(4)),
            ("double", "float", bytes(8)),
            ("double", "long", bytes(8)),
            ("string", "int", b"\2a"),
            ("bytes", "int", b"\2a"),
            ("string", "null", b"\2a"),
            ("null", "string", b""),
            ("int", "null", b"\2"),
        ]
    },
    "int as long": ("int", "long", b"\3", Gives(-2)),
    "int as double": ("int", "double", b"\3", Gives(-2.0)),
    "long as float": ("long", "float", number(2**24 + 1), Gives(float(2**24))),
    "bytes as string": ("bytes", "string", b"\4ab", Gives("ab")),
    "bytes that are not UTF-8 as string": ("bytes", "string", b"\2\xff", Refused()),
    "string as bytes": ("string", "bytes", b"\4ab", Gives(b"ab")),
    "array as map": (array("int"), mapping("int"), b"\0", Refused()),
    "items that do not fit": (array("string"), array("int"), b"\2\2a\0", Refused()),
    "values that do not fit": (mapping("string"), mapping("int"), b"\2\2a\2a\0", Refused()),
    "fixed of another size": (fixed(2), fixed(3), b"abc", Refused()),
    "fixed of another name": (fixed(2, "A"), fixed(2, "B"), b"ab", Refused()),
    "fixed as bytes": (fixed(2), "bytes", b"\2a", Refused()),
    "enum of another name": (enum("A", name="X"), enum("A", name="Y"), b"\0", Refused()),
    "enum without the symbol": (enum("A", "B"), enum("A"), b"\2", Refused()),
    "enum with a default": (enum("A", "B"), enum("A", default="A"), b"\2", Gives("A")),
    "enum as string": (enum("A"), "string", b"\2a", Refused()),
    "field without a default": (record(), record(a="int"), b"", Refused()),
    "field with a default": (record(), defaulted("int", 5), b"", Gives({"a": 5})),
    "field with a default list": (record(), defaulted(array("int"), [1]), b"", Gives({"a": [1]})),
    "field with a default of the wrong type": (record(), defaulted("int", "x"), b"", Refused()),
    "record of another name": (record("A", a="int"), record("B", a="int"), b"\2", Refused()),
    "union without the branch": (["null", "int"], ["null", "string"], b"\2\2", Refused()),
    "union with the other branch": (["null", "int"], ["null", "string"], b"\0", Gives(None)),
    "union as one of it": (["null", "int"], "int", b"\0", Refused()),
    "int as union without it": ("int", ["null", "string"], b"\2", Refused()),
    "skipped data that end": (record(a="string", b="int"), record(b="int"), b"\6ab", Refused()),
    "skipped string of 2^62 bytes": (record(a="string", b="int"), record(b="int"), number(2**62), Refused()),
    "skipped string of -1 bytes": (record(a="string", b="int"), record(b="int"), b"\1\2", Refused()),
    "skipped array without end": (
        record(a=array("int"), b="int"),
        record(b="int"),
        b"\2\2" * 10_000,
        Refused(),
    ),
    "skipped block whose size overflows": (
        record(a=array("int"), b="int"),
        record(b="int"),
        b"\1" + number(2**63 - 1),
        Refused(),
    ),
    "skipped block of a negative size": (
        record(a=array("int"), b="int"),
        record(b="int"),
        b"\1\1\2\0\2",
        Refused(),
    ),
    "skipped nulls by the trillion": (
        record(a=array("null"), b="int"),
        record(b="int"),
        number(2**40) + b"\0\2",
        Refused(),
    ),
    "skipped union of no branch": (record(a=["null", "int"], b="int"), record(b="int"), b"\4\2", Refused()),
    "skipped list without end": (record(a=LIST, b="int"), record(b="int"), b"\0\2" * 1_000_000, Refused()),
    "records that double, to themselves": (doubling(40), doubling(40), b"", Refused()),
    "skipped records that double": (
        record("T", a=doubling(30), b="int"),
        record("T", b="int"),
        b"\2",
        Refused(),
    ),
}


def cases() -> Iterator[Case]:
    yield from _schema_cases()
    for name, (writer, reader, data, outcome) in PAIRS.items():
        yield resolving(name, writer, reader, data, outcome)
