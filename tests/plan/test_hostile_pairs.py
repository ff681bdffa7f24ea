"""Pairs of schemas that are made to cost much, to confuse, or to end Python's stack."""

from __future__ import annotations

from typing import Any

import pytest

from avrojet import (
    Decoder,
    Limits,
    ResolutionError,
    SchemaError,
    check_compatibility,
    parse_schema,
    random_values,
)

pytestmark = pytest.mark.filterwarnings("ignore::avrojet.UnreadableDefaultWarning")


def record(*fields, name="R", **attributes):
    made = [field if isinstance(field, dict) else {"name": field[0], "type": field[1]} for field in fields]
    return {"type": "record", "name": name, "fields": made, **attributes}


def told(reader, writer):
    found = check_compatibility(reader, writer, witness=True)
    return [*found.reasons, *found.warnings]


def test_five_thousand_fields():
    writer = record(*[(f"f{number}", "string") for number in range(5000)])
    reader = record(*[(f"f{number}", "int") for number in range(0, 5000, 100)])
    found = check_compatibility(reader, writer, witness=True)
    assert len(found.reasons) == 50
    assert len(found.warnings) == 4950
    assert len(found.reasons[0].witness.value) == 5000


@pytest.mark.slow
@pytest.mark.parametrize("type", ["string", ["null", "string"], None])
def test_witnesses_are_bounded_together(type):
    writer = record(*[(f"f{number}", ["null", "int"]) for number in range(5000)])
    reader = record(*[(f"f{number}", type) for number in range(5000) if type is not None])
    found = check_compatibility(reader, writer, witness=True)
    told = found.reasons or found.warnings
    assert len(told) >= 5000
    assert 5 < len([reason for reason in told if reason.witness is not None]) < 100
    assert told[-1].unwitnessed.startswith("the witnesses of the other reasons")


def chain(length: int, last: Any) -> list[Any]:
    """Records that hold one another, defined one after the other."""
    types = [record(("x", last), name="R0")]
    types += [record(("x", f"R{number - 1}"), name=f"R{number}") for number in range(1, length)]
    return types


@pytest.mark.slow
def test_a_chain_of_records_that_is_deeper_than_the_stack():
    writer, reader = chain(3000, "int"), chain(3000, "string")
    (reason,) = told(reader, writer)
    assert reason.witness.error is not None
    deep, other = (
        record(("top", "null"), ("x", writer), name="T"),
        record(("top", "null"), ("x", reader), name="T"),
    )
    (reason,) = told(other, deep)
    assert reason.path.startswith("$.x")


def test_a_place_that_is_deeper_than_any_value():
    """The only way there is through all the records."""
    writer: Any = record(("x", "int"), name="R0")
    reader: Any = record(("x", "string"), name="R0")
    for number in range(1, 60):
        writer = record(("x", ["null", writer]), name=f"R{number}")
        reader = record(("x", ["null", reader]), name=f"R{number}")
    limits = Limits(depth=300)
    found = told(parse_schema(reader, limits=limits), parse_schema(writer, limits=limits))
    assert len(found) == 1
    assert found[0].witness is not None or found[0].unwitnessed


def diamond(levels: int, last: Any) -> Any:
    made = last
    for level in range(levels):
        second = f"R{level - 1}" if level else last
        made = record(("a", made), ("b", second), name=f"R{level}")
    return made


@pytest.mark.parametrize("levels", [15, 40])
def test_diamonds_take_no_exponential_time(levels):
    found = told(diamond(levels, "string"), diamond(levels, "int"))
    assert [reason.kind for reason in found] == ["TYPE_MISMATCH"] * 2
    for reason in found:
        assert (reason.witness is not None) == (levels < 20)
        assert levels < 20 or "more than a million parts" in reason.unwitnessed


@pytest.mark.slow
def test_diamonds_of_python_data():
    """One object in many places: what is told is bounded, and nothing is walked without end."""
    writer: Any = "int"
    reader: Any = "string"
    for _ in range(12):
        writer = [{"type": "array", "items": writer}, {"type": "map", "values": writer}]
        reader = [{"type": "array", "items": reader}, {"type": "map", "values": reader}]
    assert 0 < len(check_compatibility(reader, writer).reasons) <= 2**13
    wide = {"type": "array", "items": "int"}
    found = check_compatibility(
        record(*[(f"f{number}", {"type": "array", "items": "string"}) for number in range(50)]),
        record(*[(f"f{number}", wide) for number in range(50)]),
    )
    assert len(found.reasons) == 50


def test_random_values_of_diamonds_are_refused():
    with pytest.raises(SchemaError, match="a million parts"):
        next(random_values(diamond(30, "int"), 1))


def test_unions_in_unions_by_name():
    """Records whose fields are unions of the records that they are in."""
    names = [f"N{number}" for number in range(40)]

    def types(last):
        made: Any = last
        for name in names:
            made = record(("u", ["null", made, "string"]), ("v", last), name=name)
        return made

    found = told(types("long"), types("int"))
    assert not found
    found = told(types("int"), types("long"))
    assert {reason.kind for reason in found} == {"TYPE_MISMATCH", "MISSING_UNION_BRANCH"}


def test_many_aliases():
    writer = record(*[(f"f{number}", "int") for number in range(300)])
    many = [f"f{number}" for number in range(300)]
    reader = record(*[{"name": f"g{number}", "type": "int", "aliases": many} for number in range(300)])
    found = told(reader, writer)
    assert {reason.kind for reason in found} == {"AMBIGUOUS_ALIAS", "FIELD_DROPPED"}


def test_long_and_strange_names():
    name = "\u540d\u524d" * 500 + "\n\x1b[31m" + "{0}{}%s"
    writer = parse_schema(record((name, "string"), name=name), names="lax")
    reader = parse_schema(record((name, "int"), name=name), names="lax")
    found = check_compatibility(reader, writer, witness=True)
    assert found.reasons[0].witness.value == {name: ""}
    assert found.reasons[0].path == f"$.{name}"
    assert str(found).isprintable()


def test_defaults_with_braces_in_their_keys():
    uuids = {"type": "map", "values": {"type": "string", "logicalType": "uuid"}}
    field = {"name": "m", "type": uuids, "default": {"{": "", "{0.__class__}": "x"}}
    (reason,) = told(record(field), record())
    assert reason.reader_path == "fields[0].default['{']"
    assert reason.path == "$.m"
    with pytest.raises(ResolutionError):
        Decoder(record(), record(field))


def test_types_without_names():
    writer = parse_schema([record(("x", "int"), name=""), "null"], names="lax")
    reader = parse_schema([record(("x", "string"), name=""), "null"], names="lax")
    (reason,) = told(reader, writer)
    assert reason.witness is not None


def test_decimals_of_huge_precision():
    huge = {"type": "bytes", "logicalType": "decimal", "precision": 2**31 - 1}
    (warning,) = told(huge, "bytes")
    assert warning.kind == "UNREADABLE_VALUES"


def test_an_enum_of_many_symbols():
    symbols = [f"S{number}" for number in range(20_000)]
    (reason,) = told(
        {"type": "enum", "name": "E", "symbols": symbols[::2]},
        {"type": "enum", "name": "E", "symbols": symbols},
    )
    assert reason.witness.value == "S1"
    assert len(reason.message) < 300
