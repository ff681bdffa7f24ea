"""Witnesses: what is called incompatible has a value that fails, what is called compatible has none."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from avrojet import (
    Alteration,
    AvroError,
    CustomLogicalType,
    DecodeError,
    Decoder,
    Encoder,
    Incompatibility,
    ResolutionError,
    check_compatibility,
    custom,
    parse_schema,
    random_values,
)
from tests.strategies import readers, values, writers

# Readers have defaults that are of no use, too.
pytestmark = pytest.mark.filterwarnings("ignore::avrojet.UnreadableDefaultWarning")


def record(*types, name="R", **attributes):
    fields = [{"name": f"f{index}", "type": type} for index, type in enumerate(types)]
    return {"type": "record", "name": name, "fields": fields, **attributes}


def logical(type, name, **attributes):
    return {"type": type, "logicalType": name, **attributes}


def enum(symbols, **attributes):
    return {"type": "enum", "name": "E", "symbols": symbols.split(), **attributes}


def fixed(size, **attributes):
    return {"type": "fixed", "name": "F", "size": size, **attributes}


def array(items):
    return {"type": "array", "items": items}


def same(one, other):
    """Also of one type: dates and numbers are never equal, but ints and floats may be."""
    return repr(one) == repr(other)


# Whatever a schema's data: only these values are unlike others.
CHANCES = (Alteration.UNREADABLE_VALUES,)


@given(st.data())
def test_a_witness_fails_and_what_is_compatible_does_not(data):
    source = data.draw(writers())
    writer, reader = parse_schema(source), parse_schema(data.draw(readers(source)))
    found = check_compatibility(reader, writer, witness=True)
    event("compatible" if found else "incompatible")
    for reason in found.reasons:
        event(f"{reason.kind}: {'shown' if reason.witness else reason.unwitnessed[:40]}")
        if reason.witness is None:
            assert reason.unwitnessed.startswith(
                ("no value can stand there", "the writer's schema has no finite value")
            )
            continue
        assert reason.witness.error is not None
        with pytest.raises((DecodeError, ResolutionError)):
            Decoder(writer, reader).decode(reason.witness.data)
    for warning in found.warnings:
        check_warning(writer, reader, warning, bool(found))
    if found:
        check_all_is_read(data, writer, reader, [warning.kind for warning in found.warnings])


def check_warning(writer, reader, warning, compatible):
    event(f"{warning.kind}: {'shown' if warning.witness else warning.unwitnessed[:40]}")
    shown = warning.witness
    if shown is None:
        # A value of nothing has nothing to lose, and other reasons may be in the way.
        assert warning.kind is Alteration.FIELD_DROPPED or not compatible or "tried" in warning.unwitnessed
        return
    decoder = Decoder(writer, reader)
    if shown.error is None:
        assert same(decoder.decode(shown.data), shown.read)
    else:
        assert warning.kind is Alteration.UNREADABLE_VALUES
        with pytest.raises(AvroError) as caught:
            decoder.decode(shown.data)
        names = [part for part in re.split(r"<[^>]*>|[.\[\]{}$]", warning.path) if part]
        assert [name for name in names if name in caught.value.path] == names


def check_all_is_read(data, writer, reader, kinds):
    decoder, encoder = Decoder(writer, reader), Encoder(writer)
    for _ in range(5):
        datum = encoder.encode(data.draw(values(writer, logical=True)))
        try:
            decoder.decode(datum)
        except DecodeError:
            assert set(kinds) & set(CHANCES)


@given(st.data())
def test_what_reads_itself_has_nothing_to_tell(data):
    source = data.draw(writers())
    found = check_compatibility(parse_schema(source), parse_schema(source), witness=True)
    assert found
    assert not found.warnings


@given(st.data())
def test_a_witness_is_a_value_that_the_writer_takes(data):
    source = data.draw(writers())
    writer, reader = parse_schema(source), parse_schema(data.draw(readers(source)))
    found = check_compatibility(reader, writer, witness=True)
    for reason in (*found.reasons, *found.warnings):
        if reason.witness is not None:
            assert Encoder(writer).encode(reason.witness.value) == reason.witness.data


ANY_UUID = "00000000-0000-4000-8000-000000000000"

# Writer, reader, kind, place in the data, and what the reader makes of the witness; None if it fails.
WARNINGS: list[tuple[Any, Any, str, str, Any]] = [
    (record("int", "string"), record("long"), "FIELD_DROPPED", "$.f1", {"f0": 0}),
    ("long", "double", "PRECISION_LOST", "$", float(2**53)),
    ("long", "float", "PRECISION_LOST", "$", float(2**24)),
    (array("int"), array("float"), "PRECISION_LOST", "$[]", [float(2**24)]),
    (["null", "long"], ["null", "double"], "PRECISION_LOST", "$<double>", float(2**53)),
    (enum("A B C"), enum("A B", default="A"), "SYMBOL_REPLACED", "$", "A"),
    (logical("int", "date"), "int", "LOGICAL_TYPE_CHANGED", "$", 0),
    (logical("bytes", "decimal", precision=3), "bytes", "LOGICAL_TYPE_CHANGED", "$", b"\0"),
    (
        logical("string", "uuid"),
        "string",
        "LOGICAL_TYPE_CHANGED",
        "$",
        ANY_UUID,
    ),
    ("int", logical("int", "date"), "UNREADABLE_VALUES", "$", None),
    ("long", logical("long", "time-micros"), "UNREADABLE_VALUES", "$", None),
    ("int", logical("long", "time-micros"), "UNREADABLE_VALUES", "$", None),
    ("string", logical("string", "uuid"), "UNREADABLE_VALUES", "$", None),
    ("bytes", logical("string", "uuid"), "UNREADABLE_VALUES", "$", None),
    ("bytes", logical("bytes", "decimal", precision=40), "UNREADABLE_VALUES", "$", None),
    ("string", logical("bytes", "decimal", precision=2), "UNREADABLE_VALUES", "$", None),
    ("bytes", logical("bytes", "big-decimal"), "UNREADABLE_VALUES", "$", None),
    (fixed(2), fixed(2, logicalType="decimal", precision=4), "UNREADABLE_VALUES", "$", None),
    ("bytes", "string", "UNREADABLE_VALUES", "$", None),
    (logical("long", "timestamp-micros"), logical("long", "timestamp-nanos"), "UNREADABLE_VALUES", "$", None),
]


@pytest.mark.parametrize(("writer", "reader", "kind", "path", "read"), WARNINGS)
def test_what_is_compatible_may_lose_something(writer, reader, kind, path, read):
    found = check_compatibility(reader, writer, witness=True)
    assert found
    (warning,) = found.warnings
    assert (warning.kind, warning.path) == (kind, path)
    assert warning.remedy
    assert same(warning.witness.read, read)
    assert (warning.witness.error is not None) == (read is None)


@pytest.mark.parametrize(
    ("writer", "reader"),
    [
        ("int", "long"),
        ("int", "double"),
        ("float", "double"),
        ("string", "bytes"),
        (logical("int", "date"), logical("int", "date")),
        (record(logical("int", "time-millis")), record(logical("long", "time-micros"))),
        (logical("long", "timestamp-millis"), logical("long", "timestamp-micros")),
        (record("null"), record()),
        (enum("A B"), enum("B A C")),
        (record(), {**record("int"), "fields": [{"name": "f0", "type": "int", "default": 0}]}),
    ],
)
def test_nothing_is_lost(writer, reader):
    found = check_compatibility(reader, writer, witness=True)
    assert found
    assert not found.warnings


@pytest.mark.parametrize(
    ("writer", "reader"),
    [
        ("int", logical("long", "timestamp-nanos")),
        ("int", logical("long", "timestamp-micros")),
        ("long", logical("long", "timestamp-nanos")),
        (fixed(16), fixed(16, logicalType="uuid")),
        (fixed(12), fixed(12, logicalType="duration")),
    ],
)
def test_plain_values_may_all_be_some_of_a_logical_type(writer, reader):
    (warning,) = check_compatibility(reader, writer, witness=True).warnings
    assert warning.kind == "LOGICAL_TYPE_CHANGED"
    assert warning.witness.error is None


def test_no_date_is_rounded():
    kinds = [w.kind for w in check_compatibility("float", logical("int", "date")).warnings]
    assert kinds == ["LOGICAL_TYPE_CHANGED"]
    kinds = [w.kind for w in check_compatibility("float", logical("long", "time-micros")).warnings]
    assert kinds == ["PRECISION_LOST", "LOGICAL_TYPE_CHANGED"]


ENDLESS = record("int", "R")


@pytest.mark.parametrize(
    ("writer", "reader", "said"),
    [
        (ENDLESS, record("string", "R"), "the writer's schema has no finite value"),
        (
            ["null", ENDLESS],
            ["null", record("string", "R")],
            "no value can stand there: record R always",
        ),
        (
            {"type": "map", "values": ["null", record(enum(""), name="S")]},
            {"type": "map", "values": ["null", record("int", name="S")]},
            "no value can stand there: enum E has no symbols",
        ),
    ],
)
def test_values_that_cannot_exist_are_told(writer, reader, said):
    (reason,) = check_compatibility(reader, writer, witness=True).reasons
    assert reason.witness is None
    assert reason.unwitnessed.startswith(said)


def test_where_nothing_can_be_read_any_value_is_a_witness():
    found = check_compatibility(array(record("string", "R")), array(ENDLESS), witness=True)
    assert [reason.witness.value for reason in found.reasons] == [[]]


def test_the_smallest_value_may_be_too_large():
    doubled: Any = "int"
    for level in range(60):
        doubled = record(doubled, f"R{level - 1}" if level else "int", name=f"R{level}")
    longer = {**doubled, "fields": [*doubled["fields"], {"name": "new", "type": "int"}]}
    (reason,) = check_compatibility(longer, doubled, witness=True).reasons
    assert "more than a million parts" in reason.unwitnessed


def test_a_witness_reaches_the_place():
    writer = record({"type": "map", "values": array(["null", record(enum("A B"), name="S")])}, "string")
    reader = record({"type": "map", "values": array(["null", record(enum("A"), name="S")])}, "string")
    (reason,) = check_compatibility(reader, writer, witness=True).reasons
    assert reason.path == "$.f0{}[]<S>.f0"
    assert reason.witness.value == {"f0": {"key": [{"f0": "B"}]}, "f1": ""}
    assert "'B'" in reason.witness.error


def test_a_witness_shows_its_own_reason():
    uuid = logical("string", "uuid")
    (reason,) = check_compatibility(
        record(uuid, ["null", "int"]), record("string", ["null", "string"]), witness=True
    ).reasons
    assert reason.witness.error.startswith("at $.f1,")
    found = check_compatibility(
        record(uuid, uuid, ["int"]), record("string", "string", ["int"]), witness=True
    )
    assert [warning.witness.error[:8] for warning in found.warnings] == ["at $.f0,", "at $.f1,"]
    held = {"type": "map", "values": array(record("bytes", "string", name="S"))}
    read = {"type": "map", "values": array(record("string", uuid, name="S"))}
    found = check_compatibility(read, held, witness=True)
    assert [
        "$['key'][0].f0" in found.warnings[0].witness.error,
        "$['key'][0].f1" in found.warnings[1].witness.error,
    ] == [True, True]


def test_a_witness_of_a_union_says_its_branch_where_it_must():
    writer, reader = ["int", "long", "string"], ["int", "string"]
    (reason,) = check_compatibility(reader, writer, witness=True).reasons
    assert reason.witness.value == ("long", 0)
    assert reason.kind is Incompatibility.MISSING_UNION_BRANCH
    assert reason.remedy == "add long to the reader's union"


def test_each_place_is_told():
    writer = record("string", "string", ["null", "string"])
    found = check_compatibility(record("int", "int", ["null", "int"]), writer)
    assert [reason.path for reason in found.reasons] == ["$.f0", "$.f1", "$.f2<string>"]


def test_generated_values_need_no_endless_record():
    """Arrays and unions of what has no value are empty, or another branch."""
    schema = record(array(record("S", name="S")), ["S", enum(""), "int"], {"type": "map", "values": "E"})
    for value in random_values(schema, 20, seed=1):
        assert value["f0"] == []
        assert value["f1"][0] == "int"
        assert value["f2"] == {}


class Never(CustomLogicalType):
    name = "never"

    def encode(self, value, schema):
        raise ValueError("never written")

    def decode(self, value, schema):
        raise ValueError("never read")


def test_custom_logical_types_are_in_force_for_witnesses(monkeypatch):
    monkeypatch.setattr(custom._Register, "types", {"never": Never()})
    writer = record(logical("string", "never"), "int")
    (reason,) = check_compatibility({**writer, "name": "S"}, writer, witness=True).reasons
    assert reason.witness.value == {"f0": "", "f1": 0}
    (warning,) = check_compatibility(record("string"), writer, witness=True).warnings
    assert warning.witness.value["f0"] == ""
    (warning,) = check_compatibility(record(logical("string", "never")), writer, witness=True).warnings
    assert "never read" in warning.unwitnessed
