"""Data of a writer's schema read as another's: what resolution plans is what the codec does."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from avrojet import (
    CustomLogicalType,
    DecodeError,
    Decoder,
    Duration,
    Encoder,
    LimitError,
    Limits,
    ResolutionError,
    TruncatedError,
    parse_schema,
)
from tests import reference
from tests.cases import for_each
from tests.compare import exact
from tests.vectors import (
    LIST,
    ORDER,
    POINT,
    TREE,
    VECTORS,
    array,
    by_name,
    enum,
    fixed,
    logical,
    mapping,
    record,
)

JSON = Any


def fields(name: str = "R", /, *fields: JSON, **attributes: Any) -> JSON:
    """A record whose fields are ``(name, type)``, ``(name, type, default)`` or JSON data."""
    made = [
        each if isinstance(each, dict) else dict(zip(("name", "type", "default"), each, strict=False))
        for each in fields
    ]
    return {"type": "record", "name": name, "fields": made, **attributes}


def alias(schema: JSON, *aliases: str) -> JSON:
    return {**schema, "aliases": list(aliases)}


DATE = logical("int", "date")
UUID_TEXT = logical("string", "uuid")
AMOUNT = logical("bytes", "decimal", precision=4, scale=2)
MICROS = logical("long", "timestamp-micros")
AB = record(a="int", b="string")
ONE_AND_X = {"a": 1, "b": "x"}
INF = float("inf")

# name: (writer, reader, written value, read value)
READ: dict[str, tuple[JSON, JSON, Any, Any]] = {
    # Promotions
    "int as long": ("int", "long", -5, -5),
    "int as float": ("int", "float", 7, 7.0),
    "int as float, rounded": ("int", "float", 2**24 + 1, float(2**24)),
    "int as float, rounded up": ("int", "float", 2**24 + 3, float(2**24 + 4)),
    "int as double": ("int", "double", -(2**31), -(2.0**31)),
    "long as float": ("long", "float", 2**63 - 1, 2.0**63),
    "long as float, once rounded": ("long", "float", 2**60 + 2**36 + 1, 2.0**60 + 2.0**37),
    "long as double": ("long", "double", 2**53 + 1, 2.0**53),
    "long as double, least": ("long", "double", -(2**63), -(2.0**63)),
    "float as double": ("float", "double", 0.1, 0.10000000149011612),
    "float as double, infinite": ("float", "double", -INF, -INF),
    "string as bytes": ("string", "bytes", "é", b"\xc3\xa9"),
    "bytes as string": ("bytes", "string", b"\xc3\xa9", "é"),
    "array of ints as doubles": (array("int"), array("double"), [1, 2], [1.0, 2.0]),
    "map of strings as bytes": (mapping("string"), mapping("bytes"), {"k": "v"}, {"k": b"v"}),
    "empty array of what does not fit": (array(["int"]), array(["int", "string"]), [], []),
    # Records
    "as itself": (AB, AB, ONE_AND_X, ONE_AND_X),
    "fields in another order": (AB, record(b="string", a="int"), ONE_AND_X, {"b": "x", "a": 1}),
    "a field less": (AB, record(b="string"), ONE_AND_X, {"b": "x"}),
    "the other field less": (AB, record(a="int"), ONE_AND_X, {"a": 1}),
    "no field": (AB, record(), ONE_AND_X, {}),
    "a field more": (
        AB, fields("R", ("a", "int"), ("n", "int", 9), ("b", "string")),
        ONE_AND_X, {"a": 1, "n": 9, "b": "x"},
    ),
    "a field more at the end": (
        AB, fields("R", ("a", "int"), ("b", "string"), ("n", "null", None)),
        ONE_AND_X, {"a": 1, "b": "x", "n": None},
    ),
    "only other fields": (
        AB, fields("R", ("c", "int", 1), ("d", "string", "y")), ONE_AND_X, {"c": 1, "d": "y"},
    ),
    "a field by alias": (AB, fields("R", alias({"name": "z", "type": "long"}, "a")), ONE_AND_X, {"z": 1}),
    "two fields that change places": (
        AB,
        fields("R", alias({"name": "c", "type": "string"}, "b"), alias({"name": "d", "type": "int"}, "a")),
        ONE_AND_X, {"c": "x", "d": 1},
    ),
    "another namespace": (record("n.R", a="int"), record("m.R", a="int"), {"a": 1}, {"a": 1}),
    "another name": (record("n.R", a="int"), alias(record("m.S", a="int"), "n.R"), {"a": 1}, {"a": 1}),
    "eight fields as three": (
        record(**dict.fromkeys("abcdefgh", "double")), record(h="double", a="double", d="double"),
        {name: float(i) for i, name in enumerate("abcdefgh")}, {"h": 7.0, "a": 0.0, "d": 3.0},
    ),
    "skips of known width in a row": (
        record(a="double", b=fixed(3), c="boolean", d="null", e="int", f="float", g=record("S", x="float")),
        record(e="int"),
        {"a": 1.0, "b": b"abc", "c": True, "d": None, "e": 5, "f": 1.0, "g": {"x": 1.0}}, {"e": 5},
    ),
    "array of records as empty ones": (array(AB), array(record()), [ONE_AND_X] * 3, [{}, {}, {}]),
    "array of empty records with a default": (
        array(record()), array(fields("R", ("x", "int", 3))), [{}, {}], [{"x": 3}, {"x": 3}],
    ),
    "list with more": (
        LIST, fields("List", ("tail", ["null", "List"]), ("n", "int", 5)),
        {"head": 1, "tail": {"head": 2, "tail": None}},
        {"tail": {"tail": None, "n": 5}, "n": 5},
    ),
    "tree without labels": (
        TREE, record("Tree", children=array("Tree")),
        {"label": "a", "children": [{"label": "b", "children": []}]}, {"children": [{"children": []}]},
    ),
    "order in part": (
        ORDER,
        fields("Order", ("tags", mapping("string")), ("lines", array(fields("Line", ("count", "double"),
               ("note", ["null", "string"], None)))), ("id", "double")),
        {"id": 7, "customer": {"name": "Z", "mail": "m"}, "lines": [{"sku": "A", "price": 0.5, "count": 2}],
         "tags": {"k": "v"}},
        {"tags": {"k": "v"}, "lines": [{"count": 2.0, "note": None}], "id": 7.0},
    ),
    # Enums and fixed
    "enum in another order": (enum("A", "B"), enum("B", "A"), "A", "A"),
    "enum with more": (enum("A"), enum("Z", "A"), "A", "A"),
    "enum with a default": (enum("A", "B"), enum("Z", "B", default="Z"), "A", "Z"),
    "enum with a default, known": (enum("A", "B"), enum("Z", "B", default="Z"), "B", "B"),
    "enum that lacks what is not met": (enum("A", "B"), enum("B"), "B", "B"),
    "enum by alias": (enum("A"), alias(enum("A", name="X"), "E"), "A", "A"),
    "fixed in another namespace": (fixed(2, "n.F"), fixed(2, "m.F"), b"ab", b"ab"),
    # Unions
    "into a union": ("int", ["string", "int"], 5, 5),
    "into a union, promoted": ("int", ["string", "double"], 5, 5.0),
    "into a union, own type first": ("int", ["double", "int"], 5, 5),
    "out of a union": (["null", "int"], "int", 5, 5),
    "out of a union, promoted": (["int", "null"], "double", 5, 5.0),
    "union in another order": (["null", "int"], ["int", "null"], 5, 5),
    "union in another order, null": (["null", "int"], ["int", "null"], None, None),
    "union with more": (["int", "string"], ["null", "string", "long"], 5, 5),
    "union with less": (["null", "int", "string"], ["null", "string"], "x", "x"),
    "union with promotions": (["int", "float", "string"], ["double", "bytes"], "x", b"x"),
    "union of records": (
        [record("n.A", x="int"), record("n.B", y="int")],
        [record("m.B", y="long"), record("m.A", x="double")],
        {"x": 1}, {"x": 1.0},
    ),
    "record into a union by alias": (
        record("A", x="int"), ["null", alias(record("Z", x="int"), "A")], {"x": 1}, {"x": 1},
    ),
    "array into a union": (array("int"), ["null", array("long")], [1], [1]),
    "nullable in a record": (
        record(a=["null", "int"]), record(a=["double", "null"]), {"a": 1}, {"a": 1.0},
    ),
    # Logical types: the reader's
    "int as date": ("int", DATE, 1, date(1970, 1, 2)),
    "date as int": (DATE, "int", date(1970, 1, 2), 1),
    "date as long": (DATE, "long", date(1970, 1, 2), 1),
    "date as double": (DATE, "double", date(1970, 1, 2), 1.0),
    "int as timestamp": ("int", MICROS, 5, datetime(1970, 1, 1, 0, 0, 0, 5, UTC)),
    "millis as micros": (
        logical("long", "timestamp-millis"), MICROS, 5, datetime(1970, 1, 1, 0, 0, 0, 5000, UTC),
    ),
    "string as uuid": ("string", UUID_TEXT, str(UUID(int=5)), UUID(int=5)),
    "uuid as string": (UUID_TEXT, "string", UUID(int=5), str(UUID(int=5))),
    "uuid as bytes": (UUID_TEXT, "bytes", UUID(int=5), str(UUID(int=5)).encode()),
    "bytes as uuid": ("bytes", UUID_TEXT, str(UUID(int=5)).encode(), UUID(int=5)),
    "bytes as decimal": ("bytes", AMOUNT, b"\x7b", Decimal("1.23")),
    "string as decimal": ("string", AMOUNT, "{", Decimal("1.23")),
    "decimal as bytes": (AMOUNT, "bytes", Decimal("1.23"), b"\x7b"),
    "decimal as string": (AMOUNT, "string", Decimal("1.23"), "{"),
    "decimal as itself": (AMOUNT, AMOUNT, Decimal("1.23"), Decimal("1.23")),
    "fixed as duration": (fixed(12), fixed(12, logicalType="duration"), b"\1\0\0\0" * 3, Duration(1, 1, 1)),
    "fixed as uuid": (fixed(16), fixed(16, logicalType="uuid"), bytes(16), UUID(int=0)),
    "date into a union": (DATE, ["null", MICROS, DATE], date(1970, 1, 2), date(1970, 1, 2)),
    "int into a union of a date": ("int", ["null", DATE], 1, date(1970, 1, 2)),
}  # fmt: skip


def pair(case: str) -> tuple[Decoder, bytes, Any]:
    writer, reader, written, read = READ[case]
    return Decoder(writer, reader), Encoder(writer).encode(written), read


@for_each("case", READ)
def test_what_is_read(case):
    decoder, data, expected = pair(case)
    assert exact(decoder.decode(data)) == exact(expected)
    assert exact(decoder.decode_many(data * 3)) == exact([expected] * 3 if data else [])
    assert exact(decoder.decode_from(b"\xff" + data + b"\xff", 1)) == exact((expected, 1 + len(data)))
    assert decoder._skip_block(data * 3, 3) == 3 * len(data)


@for_each("case", READ)
def test_the_reference_reads_the_same(case):
    writer, reader, _, expected = READ[case]
    _, data, _ = pair(case)
    shown = reference.read_resolved(parse_schema(writer), parse_schema(reader), data)
    # The order of a dict's keys is the reader's; the reference does not care.
    assert shown == expected


@for_each("case", READ)
def test_every_strict_prefix_is_truncated(case):
    decoder, data, _ = pair(case)
    for size in range(len(data)):
        for read in (decoder.decode, lambda it, to=decoder: to._skip_block(it, 1)):
            with pytest.raises(TruncatedError):
                read(data[:size])


@for_each("case", READ)
def test_within_other_types(case):
    """The same in an array, a map, a union and a record, where another routine calls."""
    writer, reader, written, read = READ[case]
    around = [
        (array(writer), array(reader), [written] * 2, [read] * 2),
        (mapping(writer), mapping(reader), {"k": written}, {"k": read}),
        (
            record("Outer", before="int", it=writer, after="int"), record("Outer", after="int", it=reader),
            {"before": 1, "it": written, "after": 2}, {"after": 2, "it": read},
        ),
    ]  # fmt: skip
    if not isinstance(writer, list) and not isinstance(reader, list) and written is not None:
        around.append((["null", writer], ["null", reader], written, read))
    for outer_writer, outer_reader, outer_written, outer_read in around:
        data = Encoder(outer_writer).encode(outer_written)
        assert exact(Decoder(outer_writer, outer_reader).decode(data)) == exact(outer_read)


# Defaults

DEFAULTS: list[tuple[JSON, Any, Any]] = [  # type, default in JSON, value
    ("null", None, None),
    ("boolean", True, True),
    ("int", -5, -5),
    ("long", 2**63 - 1, 2**63 - 1),
    ("float", 1, 1.0),
    ("float", 0.1, 0.10000000149011612),
    ("double", 0.1, 0.1),
    ("double", 3, 3.0),
    ("bytes", "\xff\0a", b"\xff\0a"),
    ("string", "é€", "é€"),
    (fixed(2), "\xffb", b"\xffb"),
    (enum("A", "B"), "B", "B"),
    (array("int"), [1, 2], [1, 2]),
    (array("int"), [], []),
    (array(["null", "int"]), [None, 3], [None, 3]),
    (mapping("string"), {"k": "v"}, {"k": "v"}),
    (POINT, {"x": 1, "y": 2}, {"x": 1, "y": 2}),
    (fields("In", ("a", "int"), ("b", "int", 7)), {"a": 1}, {"a": 1, "b": 7}),
    (array(fields("In", ("b", array("int"), [7]))), [{}, {"b": []}], [{"b": [7]}, {"b": []}]),
    (["null", "int"], None, None),
    (["int", "null"], 5, 5),
    (["null", "string"], "second", "second"),
    (["null", mapping("int")], {"k": 1}, {"k": 1}),
    (DATE, 1, date(1970, 1, 2)),
    (MICROS, 1, datetime(1970, 1, 1, 0, 0, 0, 1, UTC)),
    (AMOUNT, "{", Decimal("1.23")),
    (UUID_TEXT, str(UUID(int=5)), UUID(int=5)),
    (fixed(12, logicalType="duration"), "\1\0\0\0" * 3, Duration(1, 1, 1)),
    (LIST, {"head": 1, "tail": {"head": 2, "tail": None}}, {"head": 1, "tail": {"head": 2, "tail": None}}),
]


@pytest.mark.parametrize(("type", "default", "value"), DEFAULTS, ids=lambda it: str(it)[:30])
def test_defaults(type, default, value):
    writer, data = record(a="int", b="int"), b"\2\4"
    places = [
        (fields("R", ("d", type, default), ("a", "int"), ("b", "int")), {"d": value, "a": 1, "b": 2}),
        (fields("R", ("a", "int"), ("d", type, default), ("b", "int")), {"a": 1, "d": value, "b": 2}),
        (fields("R", ("a", "int"), ("b", "int"), ("d", type, default)), {"a": 1, "b": 2, "d": value}),
        (fields("R", ("d", type, default)), {"d": value}),
        (fields("R", ("b", "int"), ("d", type, default), ("a", "int")), {"b": 2, "d": value, "a": 1}),
    ]
    for reader, expected in places:
        assert exact(Decoder(writer, reader).decode(data)) == exact(expected)
        if "record" not in str(type):
            rows = Decoder(writer, reader, records="tuple").decode(data)
            assert exact(rows) == exact(tuple(expected.values()))
    first, second = Decoder(writer, places[0][0]).decode_many(data * 2)
    if isinstance(value, list | dict):
        assert first["d"] is not second["d"]


def test_each_row_has_its_own_default():
    """Whatever a caller does to one row, the next is as the schema says."""
    deep = fields("In", ("xs", array("int"), [1]), ("m", mapping(array("int")), {"k": [2]}))
    reader = fields("R", ("a", "int"), ("d", deep, {}), ("e", array("In"), [{}]))
    decoder = Decoder(record(a="int"), reader)
    pristine = {"a": 1, "d": {"xs": [1], "m": {"k": [2]}}, "e": [{"xs": [1], "m": {"k": [2]}}]}
    for _ in range(3):
        row = decoder.decode(b"\2")
        assert row == pristine
        row["d"]["xs"].append("spoilt")
        row["d"]["m"]["k"].clear()
        row["d"]["new"] = 1
        row["e"][0]["m"].clear()
        row["e"].append(5)
        row.clear()
    rows = decoder.decode_many(b"\2\2")
    rows[0]["d"]["m"]["k"].append(9)
    assert rows[1] == pristine


def test_defaults_in_other_forms():
    reader = fields("R", ("u", ["null", "string"], "s"), ("p", POINT, {"x": 1, "y": 2}), ("d", DATE, 1))
    decode = {
        options: Decoder(record(), reader, **dict(options)).decode(b"")
        for options in [(("records", "tuple"),), (("unions", "tagged"),), (("logical_types", False),)]
    }
    assert decode[(("records", "tuple"),)] == ("s", (1, 2), date(1970, 1, 2))
    assert decode[(("unions", "tagged"),)] == {
        "u": ("string", "s"),
        "p": {"x": 1, "y": 2},
        "d": date(1970, 1, 2),
    }
    assert decode[(("logical_types", False),)] == {"u": "s", "p": {"x": 1, "y": 2}, "d": 1}


def test_a_default_counts_in_depth():
    reader = fields("R", ("d", array(array("int")), [[1]]))
    assert Decoder(record(), reader, limits=Limits(depth=3)).decode(b"") == {"d": [[1]]}
    with pytest.raises(LimitError, match="depth"):
        Decoder(record(), reader, limits=Limits(depth=2)).decode(b"")


class Twice(CustomLogicalType):
    name = "twice"

    def decode(self, value, schema):
        if value < 0:
            raise ValueError("negative")
        return [value, value]

    def encode(self, value, schema):
        return value[0]


def test_a_default_of_a_custom_logical_type():
    twice = logical("int", "twice")
    decoder = Decoder(record(), fields("R", ("d", twice, 5)), logical_types=[Twice()])
    first, second = decoder._decode_block(b"", 2)[0]
    assert first == second == {"d": [5, 5]}
    assert first["d"] is not second["d"]
    with pytest.raises(DecodeError, match="negative"):
        Decoder(record(), fields("R", ("d", twice, -5)), logical_types=[Twice()]).decode(b"")
    assert Decoder("int", twice, logical_types=[Twice()]).decode(b"\2") == [1, 1]
    assert Decoder(twice, "int", logical_types=[Twice()]).decode(b"\2") == 1
    assert Decoder(twice, "double", logical_types=[Twice()]).decode(b"\2") == 1.0


# What does not fit

UNREADABLE: list[tuple[JSON, JSON]] = [
    ("long", "int"),
    ("string", "int"),
    ("double", "float"),
    ("int", ["string", "null"]),
    (["string", "bytes"], "int"),
    (enum("A"), enum("A", name="X")),
    (fixed(2), fixed(3)),
    (record(a="int"), record(b="int")),
    (record(a="int"), record(a="string")),
    (array("string"), array("int")),
    (AMOUNT, {**AMOUNT, "scale": 1}),
    (AMOUNT, {**AMOUNT, "precision": 5}),
]


@pytest.mark.parametrize(("writer", "reader"), UNREADABLE, ids=lambda it: str(it)[:30])
def test_what_cannot_be_read_at_all(writer, reader):
    with pytest.raises(ResolutionError):
        Decoder(writer, reader)


# writer, reader, a value that fits and what it reads as, a value that does not, the path, the offset
SOMETIMES: dict[str, tuple[JSON, JSON, Any, Any, Any, str, int]] = {
    "a branch less": (["null", "int", "string"], ["null", "int"], 5, 5, "x", "$", 1),
    "out of a nullable": (["null", "int"], "int", 5, 5, None, "$", 1),
    "out of a nullable record": (["null", POINT], POINT, {"x": 1, "y": 2}, {"x": 1, "y": 2}, None, "$", 1),
    "within a record": (
        record(a="int", u=["int", "string"]), record(u="int"),
        {"a": 1, "u": 5}, {"u": 5}, {"a": 1, "u": "x"}, "$.u", 2,
    ),
    "within an array": (array(["int", "string"]), array("int"), [5], [5], [5, "x"], "$[1]", 4),
    "within a map": (mapping(["int", "string"]), mapping("int"), {}, {}, {"k": "x"}, "$['k']", 4),
    "a branch that lacks a field": (
        [record("A", a="int"), record("B", b="int")], record("A", a="int"),
        {"a": 1}, {"a": 1}, {"b": 1}, "$", 1,
    ),
    "an enum's symbol": (enum("A", "B"), enum("B"), "B", "B", "A", "$", 0),
    "an enum's symbol in a record": (
        record(a="int", e=enum("A", "B")), record(e=enum("B")),
        {"a": 1, "e": "B"}, {"e": "B"}, {"a": 1, "e": "A"}, "$.e", 1,
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", SOMETIMES)
def test_what_cannot_be_read_when_it_is_met(case):
    writer, reader, good, read, bad, path, offset = SOMETIMES[case]
    encoder, decoder = Encoder(writer), Decoder(writer, reader)
    assert exact(decoder.decode(encoder.encode(good))) == exact(read)
    data = encoder.encode(bad)
    for decode in (decoder.decode, decoder.decode_from, decoder.decode_many):
        with pytest.raises(ResolutionError) as caught:
            decode(data)
        assert caught.value.path == path
        assert caught.value.offset == offset
        assert not isinstance(caught.value, DecodeError)
    assert decoder._skip_block(data, 1) == len(data)
    assert decoder.decode(encoder.encode(good)) == read


def test_the_reason_is_told():
    decoder = Decoder(record(a=["int", "string"]), record(a="int"))
    with pytest.raises(ResolutionError, match="string cannot be read as int"):
        decoder.decode(b"\2\2x")
    with pytest.raises(ResolutionError, match="B"):
        Decoder(enum("A", "B"), enum("A")).decode(b"\2")


def test_bytes_that_are_no_text():
    with pytest.raises(DecodeError, match="utf-8"):
        Decoder("bytes", "string").decode(b"\2\xff")
    assert Decoder("bytes", "string", unicode_errors="replace").decode(b"\2\xff") == "\ufffd"


# How it is shown


@pytest.mark.parametrize(
    ("writer", "reader", "data", "shown"),
    [
        ("int", ["null", "int"], b"\2", ("int", 1)),
        ("int", ["null", "double"], b"\2", ("double", 1.0)),
        (["null", "int"], "int", b"\2\2", 1),
        (["null", "int"], ["long", "null"], b"\2\2", ("long", 1)),
        (["null", "int"], ["long", "null"], b"\0", None),
        (["int", "string"], ["string", "long"], b"\0\2", ("long", 1)),
        (record("n.A", x="int"), ["null", record("m.A", x="int")], b"\2", ("m.A", {"x": 1})),
        (array("int"), array(["null", "int"]), b"\2\2\0", [("int", 1)]),
        (DATE, ["null", DATE], b"\2", ("int", date(1970, 1, 2))),
    ],
    ids=lambda it: str(it)[:30],
)
def test_tags_are_the_readers(writer, reader, data, shown):
    assert exact(Decoder(writer, reader, unions="tagged").decode(data)) == exact(shown)


def test_tuples_are_in_the_readers_order():
    writer = record(a="int", b="string", c=record("In", x="int", y="int"), d="double")
    inner = fields("In", ("y", "int"), ("z", "int", 3), ("x", "int"))
    reader = fields("R", ("d", "double"), ("n", array("int"), [1]), ("c", inner), ("a", "double"))
    data = Encoder(writer).encode((1, "s", (2, 3), 0.5))
    assert exact(Decoder(writer, reader, records="tuple").decode(data)) == exact((0.5, [1], (3, 3, 2), 1.0))
    assert exact(Decoder(writer, record(), records="tuple").decode(data)) == exact(())


@for_each("vector", VECTORS, ids=by_name)
def test_a_writer_with_more_before_and_after(vector):
    """Each type is kept where its neighbours go, and the other way round."""
    writer = record("Outer", a="string", it=vector.schema, b=array("double"), c="long")
    data = b"\4xy" + vector.data + b"\2" + bytes(8) + b"\0" + b"\x0a"
    assert exact(Decoder(writer, record("Outer", it=vector.schema)).decode(data)) == exact(
        {"it": vector.value}
    )
    assert Decoder(writer, record("Outer", c="long", a="string")).decode(data) == {"c": 5, "a": "xy"}
    rows = Decoder(writer, record("Outer", c="long", it=vector.schema), records="tuple").decode(data)
    assert exact(rows) == exact((5, vector.form("row")))


def test_sized_blocks_are_jumped_over():
    """A skip by size does not look inside: that is what the sizes are for."""
    decoder = Decoder(record(a=array("boolean"), m=mapping("boolean"), b="int"), record(b="int"))
    assert decoder.decode(b"\3\4\x07\x07\0" + b"\1\6\2k\x07\0" + b"\2") == {"b": 1}
