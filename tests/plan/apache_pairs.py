"""The pairs of schemas that Apache Avro's own tests of compatibility ask about, and what they expect.

They are those of its Java, Python and Ruby implementations, by rule and not by file: what several of them ask
about stands here once. Readers come first, as there.
"""

from __future__ import annotations

from typing import Any, NamedTuple

JSON = Any


class Pair(NamedTuple):
    """:ivar kinds: of the reasons why the reader cannot read the writer's data; none if it can."""

    reader: JSON
    writer: JSON
    kinds: tuple[str, ...] = ()


def array(items: JSON) -> JSON:
    return {"type": "array", "items": items}


def map_(values: JSON) -> JSON:
    return {"type": "map", "values": values}


def enum(name: str, symbols: str, **attributes: Any) -> JSON:
    return {"type": "enum", "name": name, "symbols": list(symbols), **attributes}


def fixed(size: int, name: str = "Fixed", **attributes: Any) -> JSON:
    return {"type": "fixed", "name": name, "size": size, **attributes}


def record(*fields: JSON, name: str = "Record1", **attributes: Any) -> JSON:
    """Fields are ``(name, type)`` or ``(name, type, default)``."""
    made = [dict(zip(("name", "type", "default"), field, strict=False)) for field in fields]
    return {"type": "record", "name": name, "fields": made, **attributes}


TYPE, NAME, SIZE = "TYPE_MISMATCH", "NAME_MISMATCH", "FIXED_SIZE_MISMATCH"
SYMBOLS, BRANCH, FIELD = "MISSING_ENUM_SYMBOLS", "MISSING_UNION_BRANCH", "READER_FIELD_MISSING_DEFAULT_VALUE"

PRIMITIVES = ["null", "boolean", "int", "long", "float", "double", "bytes", "string"]
NUMBERS = ["int", "long", "float", "double"]


def _promoted(reader: str, writer: str) -> bool:
    if {reader, writer} == {"bytes", "string"}:
        return True
    return reader in NUMBERS and writer in NUMBERS and NUMBERS.index(writer) < NUMBERS.index(reader)


def _primitives() -> list[Pair]:
    """Alone, alone and as the one branch of a union, in unions, in arrays and in maps."""
    made = []
    for reader in PRIMITIVES:
        for writer in PRIMITIVES:
            fits = reader == writer or _promoted(reader, writer)
            other, missing = (() if fits else (TYPE,)), (() if fits else (BRANCH,))
            made += [
                Pair(reader, writer, other),
                Pair(array(reader), array(writer), other),
                Pair(map_(reader), map_(writer), other),
                Pair([reader], [writer], missing),
                Pair([reader], writer, missing),
                Pair(reader, [writer], other),
                Pair(array(reader), map_(writer), (TYPE,)),
                Pair(map_(reader), array(writer), (TYPE,)),
            ]
        made.append(Pair([reader], []))
    return made


AB, ABC, BC = enum("Enum1", "AB"), enum("Enum1", "ABC"), enum("Enum1", "BC")
ABC_A, AB_A = enum("Enum", "ABC", default="A"), enum("Enum", "AB", default="A")
ENUMS = [
    Pair(AB, AB),
    Pair(ABC, AB),
    Pair(AB, ABC, (SYMBOLS,)),
    Pair(BC, ABC, (SYMBOLS,)),
    Pair({**AB, "default": "A"}, ABC),
    Pair(AB, enum("Enum2", "AB"), (NAME,)),
    Pair(AB, {**AB, "namespace": "namespace1"}),
    Pair({**AB, "namespace": "namespace1"}, AB),
    Pair({**AB, "namespace": "namespace1"}, {**AB, "namespace": "namespace2"}),
    Pair(enum("Enum2", "AB", aliases=["Enum1"]), AB),
    Pair(AB, enum("Enum2", "AB", aliases=["Enum1"]), (NAME,)),
    Pair("int", AB, (TYPE,)),
    Pair(AB, "int", (TYPE,)),
    Pair(record(("field1", AB)), record(("field1", ABC)), (SYMBOLS,)),
    # The default of the enum stands for a symbol that is unknown; that of the field only for a field.
    Pair(record(("field1", AB_A)), record(("field1", ABC_A))),
    Pair(record(("field1", enum("Enum", "AB", default="B"), "A")), record(("field1", ABC_A, "B"))),
    Pair(record(("field1", AB, "A")), record(("field1", ABC)), (SYMBOLS,)),
    Pair(record(("field1", AB_A)), record(("field2", enum("Enum2", "AB"))), (FIELD,)),
]

FIXED = [
    Pair(fixed(4), fixed(4)),
    Pair(fixed(4), fixed(8), (SIZE,)),
    Pair(fixed(8), fixed(4), (SIZE,)),
    Pair(fixed(4), fixed(4, "AnotherName"), (NAME,)),
    Pair(fixed(4, "AnotherName", aliases=["Fixed"]), fixed(4)),
    Pair(fixed(4), fixed(4, "AnotherName", aliases=["Fixed"]), (NAME,)),
    Pair(fixed(4), "string", (TYPE,)),
    Pair(record(("a", "int", 0), ("b", fixed(8))), record(("a", "int", 0), ("b", fixed(4))), (SIZE,)),
]

RECORD = record(("field1", "int"))
OTHER = record(("field1", "int"), name="Record2")
NUMBERS_UNION: JSON = ["int", "long", "float", "double"]
UNIONS = [
    Pair([], []),
    Pair(["float"], ["int", "long"]),
    Pair(["int", "string"], ["string", "int"]),
    Pair(["double"], ["int", "float"]),
    Pair("float", ["int", "float"]),
    Pair("long", ["int", "long"]),
    Pair("double", ["int", "float"]),
    Pair("double", NUMBERS_UNION),
    Pair("float", NUMBERS_UNION, (TYPE,)),
    Pair("long", ["int", "float"], (TYPE,)),
    Pair("int", ["int", "float"], (TYPE,)),
    Pair(["int"], ["int", "string"], (BRANCH,)),
    Pair(["string"], ["int", "string"], (BRANCH,)),
    Pair(["int", "string"], ["int"]),
    Pair(["int", "string"], ["int", "string", "long"], (BRANCH,)),
    Pair(["int"], NUMBERS_UNION, (BRANCH,) * 3),
    Pair(["int"], ["int", RECORD], (BRANCH,)),
    Pair(["int"], ["int", OTHER], (BRANCH,)),
    Pair(["int", RECORD], ["int", OTHER], (BRANCH,)),
    Pair(["int"], ["int", AB], (BRANCH,)),
    Pair(["int"], ["int", fixed(4)], (BRANCH,)),
    Pair(["int"], ["int", array("int")], (BRANCH,)),
    Pair(["int"], ["int", map_("int")], (BRANCH,)),
    Pair(["int"], ["int", "boolean"], (BRANCH,)),
    Pair(["int"], ["int", "null"], (BRANCH,)),
    Pair(
        record(("a", "int", 0), ("b", ["int"], 0)),
        record(("a", "int", 0), ("b", ["int", "string"], 0)),
        (BRANCH,),
    ),
    Pair(record(("age", "int")), record(("age", ["null", "int"], None)), (TYPE,)),
    Pair(record(("age", ["null", "int"], None)), record(("age", "int"))),
]


def _list(head: str) -> JSON:
    return record(("head", head), ("tail", "List"), name="List")


def _nested(namespace: str) -> JSON:
    inner = record(("a", "int"), name="InnerRecord1", namespace=namespace)
    return record(("f1", ["null", array(inner)]))


OLD = record(("oldfield1", "int"), ("oldfield2", "string"))
A, A_LONG, A_DEFAULT = record(("a", "int")), record(("a", "long")), record(("a", "int", 0))
A_B, A_B_DEFAULT = record(("a", "int"), ("b", "int")), record(("a", "int"), ("b", "int", 0))
DEFAULTS = record(("a", "int", 0), ("b", "int", 0))
EMPTY = record()
RECORDS = [
    Pair(EMPTY, EMPTY),
    Pair(EMPTY, A),
    Pair(A, A),
    Pair(A, EMPTY, (FIELD,)),
    Pair(A_B_DEFAULT, EMPTY, (FIELD,)),
    Pair(A_DEFAULT, A),
    Pair(A_DEFAULT, A_DEFAULT),
    Pair(A, A_DEFAULT),
    Pair(A_LONG, A),
    Pair(A, A_LONG, (TYPE,)),
    Pair(A, A_B),
    Pair(A_DEFAULT, A_B),
    Pair(A_B_DEFAULT, A),
    Pair(DEFAULTS, EMPTY),
    Pair(DEFAULTS, A),
    Pair(A_B, DEFAULTS),
    Pair(A, "int", (TYPE,)),
    Pair(record(name="Record2"), EMPTY, (NAME,)),
    Pair(record(name="Record2", aliases=["Record1"]), EMPTY),
    Pair(EMPTY, record(name="Record2", aliases=["Record1"]), (NAME,)),
    Pair(record(("oldfield1", "int")), OLD),
    Pair(record(("oldfield2", "string")), OLD),
    Pair(OLD, record(("oldfield1", "int")), (FIELD,)),
    Pair(record(("oldfield1", "int"), ("newfield1", "int", 42)), OLD),
    Pair(record(("oldfield1", "int"), ("newfield1", "int")), OLD, (FIELD,)),
    Pair(record(("field1", "string")), record(("field1", "int")), (TYPE,)),
    Pair(_list("int"), _list("int")),
    Pair(_list("long"), _list("int")),
    Pair(_list("int"), _list("long"), (TYPE,)),
    Pair(_nested("ns1"), _nested("ns2")),
    Pair(record(("f1", "int"), name="Record"), record(("f1", "int"), name="ns.Record")),
    Pair(record(("a", "int", 0), ("b", AB)), record(("a", "int", 0), ("b", enum("Enum2", "AB"))), (NAME,)),
]


def _aliased(name: str, alias: str, type: str) -> JSON:
    return {"name": name, "aliases": [alias], "type": type}


TWO = record(("field1", "int"), ("field2", "string"))
ALIASES = [
    Pair({**OLD, "fields": [_aliased("newname1", "oldfield1", "int"), OLD["fields"][1]]}, OLD),
    Pair(OLD, {**OLD, "fields": [_aliased("newname1", "oldfield1", "int"), OLD["fields"][1]]}, (FIELD,)),
    Pair({**A, "fields": [_aliased("bar", "a", "int")]}, A),
    # Aliases that exchange two fields leave open what is meant.
    Pair(
        {**TWO, "fields": [_aliased("field1", "field2", "string"), _aliased("field2", "field1", "int")]},
        TWO,
        ("AMBIGUOUS_ALIAS", "AMBIGUOUS_ALIAS"),
    ),
]


def _point(name: str, *rest: JSON, **attributes: Any) -> JSON:
    return record(("x", "double"), ("y", "double"), *rest, name=name, **attributes)


WRITTEN = _point("Point", namespace="written")
FLAT, DEEP = _point("Point2D"), _point("Point3D", ("z", "double", 0.0))
SAME_NAME = _point("Point", ("z", "double", 0.0))
NO_DEFAULT = _point("Point", ("z", "double"))
# What a record in a union is read as: by name, and never by what it looks like.
POINTS = [
    Pair(["null", NO_DEFAULT], WRITTEN, (FIELD,)),
    Pair(["null", NO_DEFAULT, FLAT, DEEP], WRITTEN, (FIELD,)),
    Pair(["null", FLAT, DEEP], WRITTEN, (BRANCH,)),
    Pair(["null", FLAT, SAME_NAME, DEEP, WRITTEN], WRITTEN),
    # The specification compares unqualified names, in unions as elsewhere; Ruby wants the fullname there.
    Pair(["null", FLAT, SAME_NAME, DEEP], WRITTEN),
]


def _many(symbols: str, name: str, mismatched: str, inner: list[JSON], namespace: str, items: str) -> JSON:
    deepest = record(
        ("A_field_0", "boolean", True), ("list", array(items)), name="recordA", namespace=namespace
    )
    sub = record(("same", "long", 42), *inner, ("other", deepest), name="sub_record")
    return record(
        ("symbols", enum("S", symbols)), ("name", enum(name, "ABCD")), ("type", mismatched), ("sub", sub)
    )


MANY = Pair(
    _many(
        "AC",
        "Name",
        "string",
        [("extra", "long"), ("size", fixed(4, "F")), ("lacking", ["boolean"]), ("bare", ["boolean"])],
        "not_nsA",
        "string",
    ),
    _many(
        "ABCD",
        "Name_ERR",
        "long",
        [("size", fixed(8, "F")), ("lacking", ["boolean", "double", "string"]), ("bare", "long")],
        "nsA",
        "boolean",
    ),
    tuple(sorted([SYMBOLS, NAME, TYPE, FIELD, SIZE, BRANCH, BRANCH, BRANCH, TYPE])),
)

PAIRS: list[Pair] = [
    *_primitives(), *ENUMS, *FIXED, *UNIONS, *RECORDS, *ALIASES, *POINTS, MANY,
]  # fmt: skip


def decimal(type: JSON, precision: int, scale: int) -> JSON:
    base = {"type": type} if isinstance(type, str) else type
    return {**base, "logicalType": "decimal", "precision": precision, "scale": scale}


# The specification: decimals match if precision and scale are the same. Ruby lets those of one type pass that
# differ, and bytes be read as fixed; Java compares none of it.
DECIMALS = [
    Pair("bytes", decimal("bytes", 4, 4)),
    Pair(decimal("bytes", 4, 4), "bytes"),
    Pair(decimal("bytes", 4, 4), {"type": "bytes", "logicalType": "unknown"}),
    Pair(decimal("bytes", 4, 4), decimal("bytes", 5, 4), ("DECIMAL_MISMATCH",)),
    Pair(decimal("bytes", 4, 4), decimal("bytes", 4, 0), ("DECIMAL_MISMATCH",)),
    Pair(decimal("bytes", 4, 0), {"type": "bytes", "logicalType": "decimal", "precision": 4}),
    Pair(decimal(fixed(2), 4, 2), fixed(2)),
    Pair(fixed(2), decimal(fixed(2), 4, 2)),
    Pair(fixed(2, "Other"), decimal(fixed(2), 4, 2), (NAME,)),
    Pair(decimal(fixed(2), 4, 2), decimal(fixed(2), 3, 2), ("DECIMAL_MISMATCH",)),
    Pair(decimal(fixed(2), 4, 2), decimal(fixed(3), 4, 2), (SIZE,)),
    Pair(decimal(fixed(2), 4, 2), decimal("bytes", 4, 2), (TYPE,)),
    Pair(decimal("bytes", 4, 2), decimal(fixed(2), 4, 2), (TYPE,)),
    Pair(decimal("bytes", 4, 2), fixed(2), (TYPE,)),
    Pair(fixed(2), decimal("bytes", 4, 2), (TYPE,)),
]  # fmt: skip
