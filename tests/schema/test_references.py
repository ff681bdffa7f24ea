"""Attributes where a named type is referred to, and those of unions: kept, but left out of files."""

from __future__ import annotations

import io
import json
import pickle

import pytest

import avrojet
from avrojet import CustomLogicalType, DataFileReader, DataFileWriter, Decoder, Encoder, parse_schema
from avrojet.container.matching import same_data
from avrojet.plan.resolve import resolve
from avrojet.schema.emit import to_python

FIXED = {"type": "fixed", "name": "n.F", "size": 2, "x": 1}
ENUM = {"type": "enum", "name": "n.F", "symbols": ["A", "B"], "x": 1}
POINT = {"type": "record", "name": "n.F", "fields": [{"name": "a", "type": "int"}], "x": 1}


def holding(*types, name="n.R"):
    fields = [{"name": f"f{index}", "type": type} for index, type in enumerate(types)]
    return {"type": "record", "name": name, "fields": fields}


@pytest.mark.parametrize("definition", [FIXED, ENUM, POINT], ids=lambda schema: schema["type"])
@pytest.mark.parametrize("wrap", [lambda inner: inner, lambda inner: {"type": inner}])
def test_they_are_kept_where_they_stand(definition, wrap):
    source = holding(definition, wrap({"type": "n.F", "y": [2]}), "n.F", ["null", {"type": "F", "z": {}}])
    schema = parse_schema(source)
    first, second, third, union = (field.type for field in schema.fields)
    assert third is first
    assert (first.reference, second.reference) == ({}, {"y": [2]})
    assert (first.props, second.props, union.branches[1].props) == (
        {"x": 1},
        {"x": 1, "y": [2]},
        {"x": 1, "z": {}},
    )
    assert second.definition is union.branches[1].definition is first.definition is first
    assert to_python(schema)["fields"][1]["type"] == {"type": "n.F", "y": [2]}
    assert parse_schema(schema.json) == schema == pickle.loads(pickle.dumps(schema))
    assert schema != parse_schema(holding(definition, "n.F", "n.F", ["null", "n.F"]))
    assert (
        schema.canonical_form
        == parse_schema(holding(definition, "n.F", "n.F", ["null", "n.F"])).canonical_form
    )


def test_a_part_stands_by_itself():
    second = parse_schema(holding(POINT, {"type": "n.F", "y": 2})).fields[1].type
    assert json.loads(second.json)["fields"] == POINT["fields"]
    assert parse_schema(second.json) == second
    again = parse_schema(holding(second, "F"))
    assert again.fields[1].type.fields == second.fields
    assert parse_schema(again.json) == again


def test_a_record_may_refer_to_itself_with_attributes():
    source = holding(
        ["null", {"type": "R", "next": True}], {"type": "array", "items": {"type": "R", "all": 1}}
    )
    schema = parse_schema(source)
    inner = schema.fields[0].type.branches[1]
    assert inner.fields is schema.fields
    assert inner.definition is schema
    assert to_python(schema)["fields"][1]["type"]["items"] == {"type": "n.R", "all": 1}
    data = Encoder(schema).encode({"f0": {"f0": None, "f1": []}, "f1": []})
    assert Decoder(schema).decode(data) == {"f0": {"f0": None, "f1": []}, "f1": []}
    for reader in (schema, parse_schema(source), parse_schema(holding(["null", "R"]))):
        assert Decoder(schema, reader).decode(data)["f0"]["f0"] is None
    with pytest.raises(avrojet.SchemaError, match="contains itself"):
        avrojet.Decoder(schema).decode_arrow([data])


class Reversed(CustomLogicalType):
    name = "reversed"

    def encode(self, value, schema):
        return value[::-1] if isinstance(value, bytes) else {name: -item for name, item in value.items()}

    def decode(self, value, schema):
        return self.encode(value, schema)


@pytest.mark.parametrize(
    ("definition", "value", "plain"),
    [(FIXED, b"ab", b"ba"), (POINT, {"a": 3}, {"a": -3})],
    ids=["fixed", "record"],
)
def test_a_custom_logical_type_counts_where_it_stands(definition, value, plain):
    schema = holding(definition, {"type": "n.F", "logicalType": "reversed"})
    data = Encoder(schema, logical_types=[Reversed()]).encode({"f0": value, "f1": value})
    assert Decoder(schema).decode(data) == {"f0": value, "f1": plain}
    assert Decoder(schema, logical_types=[Reversed()]).decode(data) == {"f0": value, "f1": value}
    assert Decoder(schema, json.dumps(schema), logical_types=[Reversed()]).decode(data) == {
        "f0": value,
        "f1": value,
    }


def test_a_logical_type_of_the_specification_counts_where_it_stands():
    twelve = {"type": "fixed", "name": "T", "size": 12}
    schema = parse_schema(holding(twelve, {"type": "n.T", "logicalType": "duration"}))
    assert [field.type.logical and field.type.logical.name for field in schema.fields] == [None, "duration"]
    with pytest.warns(
        avrojet.IgnoredLogicalTypeWarning, match=r"^fields\[1\]\.type: .*needs a fixed of 16 bytes"
    ):
        parse_schema(holding(twelve, {"type": "n.T", "logicalType": "uuid"}))


def test_many_references_cost_no_more_than_they_are_long():
    """A record of many fields that thousands refer to has one plan."""
    wide = {
        "type": "record",
        "name": "W",
        "fields": [{"name": f"f{index}", "type": "int"} for index in range(1000)],
    }
    source = holding(wide, *({"type": "W", "x": index} for index in range(1000)), name="R")
    schema = parse_schema(source)
    steps = resolve(schema)
    assert len({id(field.step) for field in steps.fields}) == 1
    again = resolve(schema, parse_schema(source))
    assert len({id(field.step) for field in again.fields}) == 1
    assert same_data(schema, parse_schema(source))


def written(schema, rows=()):
    file = io.BytesIO()
    avrojet.write(file, schema, rows)
    return json.loads(DataFileReader(io.BytesIO(file.getvalue())).metadata["avro.schema"])


def test_others_can_open_the_file():
    """Java, fastavro and others refuse attributes of unions, and an object that names a type."""
    schema = holding(POINT, {"type": "F", "y": 2}, {"type": ["null", "F"], "note": "x"})
    assert written(schema) == holding({**POINT, "name": "F"}, "F", ["null", "F"]) | {
        "namespace": "n",
        "name": "R",
    }
    kept = parse_schema(schema)
    assert to_python(kept)["fields"][1]["type"] == {"type": "n.F", "y": 2}
    assert to_python(kept)["fields"][2]["type"] == {"type": ["null", "F"], "note": "x"}


def test_a_logical_type_goes_into_the_file():
    logical = {"logicalType": "reversed", "more": 1}
    schema = holding(FIXED, {"type": "n.F", **logical}, {"type": ["null", "n.F"], **logical})
    fields = written(schema)["fields"]
    assert fields[1]["type"] == {"type": "n.F", **logical}
    assert fields[2]["type"] == {"type": ["null", "F"], **logical}


def test_a_file_can_be_appended_to_with_the_same_schema():
    schema = parse_schema(holding(POINT, {"type": "F", "y": 2}, {"type": ["null", "F"], "note": "x"}))
    row = {"f0": {"a": 1}, "f1": {"a": 2}, "f2": None}
    file = io.BytesIO()
    avrojet.write(file, schema, [row])
    file.seek(0)
    with DataFileWriter(file, schema, mode="a") as writer:
        writer.append(row)
    assert avrojet.read(io.BytesIO(file.getvalue())) == [row, row]
