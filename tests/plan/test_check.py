"""Compatibility: the same mismatches as in resolution, all of them, with their kinds and places."""

from __future__ import annotations

import pickle

import pytest

from avrojet.errors import ResolutionError
from avrojet.plan.check import Compatibility, Incompatibility, Reason, check_compatibility
from avrojet.plan.resolve import resolve
from avrojet.schema.parse import parse_schema


def record(**types):
    fields = [{"name": name, "type": type} for name, type in types.items()]
    return {"type": "record", "name": "R", "fields": fields}


def fixed(name, size):
    return {"type": "fixed", "name": name, "size": size}


def enum(symbols, **attributes):
    return {"type": "enum", "name": "E", "symbols": symbols.split(), **attributes}


def decimal(precision):
    return {"type": "bytes", "logicalType": "decimal", "precision": precision}


def check(writer, reader):
    return check_compatibility(parse_schema(reader), parse_schema(writer))


# Writer, reader, and the kind and places (in writer and reader) of each reason.
INCOMPATIBLE = {
    "type": ("string", "int", [("TYPE_MISMATCH", "", "")]),
    "name": (fixed("F", 2), fixed("G", 2), [("NAME_MISMATCH", "", "")]),
    "name and size": (
        fixed("F", 2),
        fixed("G", 3),
        [("NAME_MISMATCH", "", ""), ("FIXED_SIZE_MISMATCH", "", "")],
    ),
    "name and symbols": (
        enum("A B"),
        {**enum("A"), "name": "G"},
        [("NAME_MISMATCH", "", ""), ("MISSING_ENUM_SYMBOLS", "", "")],
    ),
    "name and fields": (
        record(a="int", b="string", c={"type": "array", "items": {**record(d="int"), "name": "S"}}),
        {
            **record(a="int", b="int", c={"type": "array", "items": {**record(e="int"), "name": "T"}}),
            "name": "Q",
        },
        [
            ("NAME_MISMATCH", "", ""),
            ("TYPE_MISMATCH", "fields[1].type", "fields[1].type"),
            ("NAME_MISMATCH", "fields[2].type.items", "fields[2].type.items"),
            ("READER_FIELD_MISSING_DEFAULT_VALUE", "fields[2].type.items", "fields[2].type.items.fields[0]"),
        ],
    ),
    "name in itself": (
        record(x="int", next=["null", "R"]),
        {**record(x="int", next=["null", "Q"]), "name": "Q"},
        [("NAME_MISMATCH", "", ""), ("MISSING_UNION_BRANCH", "fields[1].type[1]", "fields[1].type")],
    ),
    "size": (fixed("F", 2), fixed("F", 3), [("FIXED_SIZE_MISMATCH", "", "")]),
    "symbols": (enum("A B C"), enum("B"), [("MISSING_ENUM_SYMBOLS", "", "")]),
    "field": (record(), record(x="int"), [("READER_FIELD_MISSING_DEFAULT_VALUE", "", "fields[0]")]),
    "decimal": (decimal(3), decimal(4), [("DECIMAL_MISMATCH", "", "")]),
    "branch": (
        ["null", "int", "string"],
        ["null", "long"],
        [("MISSING_UNION_BRANCH", "[2]", "")],
    ),
    "one branch of a union": (["null", "int"], "int", [("TYPE_MISMATCH", "[0]", "")]),
    "every branch of a union": (
        ["null", "string"],
        "int",
        [("TYPE_MISMATCH", "[0]", ""), ("TYPE_MISMATCH", "[1]", "")],
    ),
    "all in one": (
        record(a="int", b={"type": "array", "items": ["null", enum("A B")]}, c="string"),
        record(c="int", b={"type": "array", "items": ["null", enum("A")]}, d="int"),
        [
            ("TYPE_MISMATCH", "fields[2].type", "fields[0].type"),
            ("READER_FIELD_MISSING_DEFAULT_VALUE", "", "fields[2]"),
            ("MISSING_ENUM_SYMBOLS", "fields[1].type.items[1]", "fields[1].type.items[1]"),
        ],
    ),
    "a record used twice": (
        record(a={**record(x="int"), "name": "S"}, b="S"),
        record(a={**record(x="string"), "name": "S"}, b="S"),
        [("TYPE_MISMATCH", "fields[0].type.fields[0].type", "fields[0].type.fields[0].type")],
    ),
    "a record within itself": (
        record(x="int", next=["null", "R"]),
        record(x="null", next=["null", "R"]),
        [("TYPE_MISMATCH", "fields[0].type", "fields[0].type")],
    ),
}


@pytest.mark.parametrize(("writer", "reader", "expected"), INCOMPATIBLE.values(), ids=INCOMPATIBLE)
def test_reasons(writer, reader, expected):
    compatibility = check(writer, reader)
    assert not compatibility
    found = [(reason.kind.value, reason.writer_path, reason.reader_path) for reason in compatibility.reasons]
    assert sorted(found) == sorted(expected)


COMPATIBLE = [
    ("int", "double"),
    (enum("A B"), enum("B", default="B")),
    (record(x="int", y="int"), record(y=["null", "long"])),
    (record(next=["null", "R"]), record(next=["null", "R"])),
    (decimal(3), "bytes"),
]


@pytest.mark.parametrize(("writer", "reader"), COMPATIBLE)
def test_compatible_schemas_have_no_reasons(writer, reader):
    compatibility = check(writer, reader)
    assert compatibility
    assert compatibility.reasons == ()
    assert str(compatibility).split("\n")[0] == "compatible"


# What only some data meet; resolution lets it pass.
RESOLVED = {"symbols", "branch", "one branch of a union"}


@pytest.mark.parametrize("name", sorted(INCOMPATIBLE.keys() - RESOLVED))
def test_what_resolution_refuses_is_among_the_reasons(name):
    writer, reader, expected = INCOMPATIBLE[name]
    with pytest.raises(ResolutionError) as caught:
        resolve(parse_schema(writer), parse_schema(reader))
    assert caught.value.path in [path for _, _, path in expected]


@pytest.mark.parametrize("name", sorted(RESOLVED))
def test_what_only_some_data_meet_is_resolved(name):
    writer, reader, _ = INCOMPATIBLE[name]
    resolve(parse_schema(writer), parse_schema(reader))


def test_documentation_and_attributes_count_for_nothing():
    plain = record(x="int")
    told = {**plain, "doc": "A record.", "unit": "m"}
    told["fields"] = [{**plain["fields"][0], "doc": "A field.", "order": "ignore", "unit": "m"}]
    assert check(plain, told) == check(told, plain) == Compatibility()


def test_a_reason_says_it_all_in_a_line():
    reason = check(record(x="string"), record(x="int")).reasons[0]
    place = "fields[0].type"
    assert reason == Reason(
        Incompatibility.TYPE_MISMATCH,
        place,
        place,
        "string cannot be read as int",
        path="$.x",
        writer_type="string",
        reader_type="int",
        remedy="keep string, or make the reader's type a union of both",
    )
    assert str(reason) == f"writer {place}, reader {place}: {reason.message}; {reason.remedy}"
    assert pickle.loads(pickle.dumps(reason)) == reason


def test_the_answer_is_a_value():
    assert check("string", "int") == check("string", "int") != Compatibility()
    assert str(check("string", "int")).startswith("writer root, reader root: string cannot be read as int; ")
