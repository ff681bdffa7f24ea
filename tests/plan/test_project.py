"""Projection: the reader's schema for some of the columns."""

from __future__ import annotations

import pytest

from avrojet.errors import SchemaError
from avrojet.plan.project import project
from avrojet.plan.resolve import resolve
from avrojet.schema.model import ArraySchema, MapSchema, RecordSchema, UnionSchema
from avrojet.schema.parse import parse_schema


def record(name, /, **types):
    fields = [{"name": field, "type": type} for field, type in types.items()]
    return {"type": "record", "name": name, "fields": fields}


PERSON = record("Person", name="string", age="int", mail=["null", "string"])
ITEM = record("Item", price="double", count="int")
ORDER = record(
    "shop.Order",
    id="long",
    customer=["null", PERSON],
    items={"type": "array", "items": ITEM},
    notes={"type": "map", "values": ["null", record("Note", text="string", by="Person")]},
    paid=[record("Cash", amount="int"), record("Card", amount="int", number="string"), "string"],
)


def shape(schema):
    """Names only: nested dicts of fields, the containers left out."""
    if isinstance(schema, RecordSchema):
        return {field.name: shape(field.type) for field in schema.fields}
    if isinstance(schema, ArraySchema):
        return shape(schema.items)
    if isinstance(schema, MapSchema):
        return shape(schema.values)
    if isinstance(schema, UnionSchema):
        shapes = [shape(branch) for branch in schema.branches if branch.type != "null"]
        return shapes[0] if len(shapes) == 1 else shapes
    return schema.type


WHOLE_PERSON = {"name": "string", "age": "int", "mail": "string"}
SELECTED = {
    "one": (["id"], {"id": "long"}),
    "none": ([], {}),
    "a whole record": (["customer"], {"customer": WHOLE_PERSON}),
    "through a nullable union": (["customer.age"], {"customer": {"age": "int"}}),
    "through an array": (["items.price"], {"items": {"price": "double"}}),
    "through a map": (["notes.text"], {"notes": {"text": "string"}}),
    "three levels": (["notes.by.name"], {"notes": {"by": {"name": "string"}}}),
    "of one record among several": (["paid.number"], {"paid": [{}, {"number": "string"}, "string"]}),
    "of several records": (["paid.amount"], {"paid": [{"amount": "int"}, {"amount": "int"}, "string"]}),
    "twice": (["id", "id"], {"id": "long"}),
    "a part and the whole": (["customer.age", "customer"], {"customer": WHOLE_PERSON}),
    "one type in two places": (
        ["notes.by.name", "customer.age"],
        {
            "notes": {"by": {"name": "string", "age": "int"}},
            "customer": {"name": "string", "age": "int"},
        },
    ),
    "one type in two places, once whole": (
        ["notes.by.name", "customer"],
        {"notes": {"by": WHOLE_PERSON}, "customer": WHOLE_PERSON},
    ),
}


@pytest.mark.parametrize(("columns", "expected"), SELECTED.values(), ids=SELECTED)
def test_columns(columns, expected):
    assert shape(project(parse_schema(ORDER), columns)) == expected


def test_fields_stand_in_the_order_asked_for():
    narrowed = project(parse_schema(ORDER), ["items.count", "id", "items.price", "customer"])
    assert [field.name for field in narrowed.fields] == ["items", "id", "customer"]
    assert [field.name for field in narrowed.fields[0].type.items.fields] == ["count", "price"]


def test_what_is_not_narrowed_stays_the_same_object():
    schema = parse_schema(ORDER)
    narrowed = project(schema, ["customer", "items.price"])
    assert narrowed.fields[0] == schema.fields[1]
    assert narrowed.fields[0].type is schema.fields[1].type


def test_names_aliases_and_attributes_stay():
    source = {
        **record("a.R", x="int", y="int"),
        "aliases": ["Q"],
        "doc": "text",
        "team": "blue",
    }
    source["fields"][1] |= {"default": 3, "aliases": ["z"], "order": "ignore", "unit": "m"}
    schema = parse_schema(source)
    narrowed = project(schema, ["y"])
    assert (narrowed.fullname, narrowed.aliases, narrowed.doc) == ("a.R", ("a.Q",), "text")
    assert dict(narrowed.props) == {"team": "blue"}
    assert narrowed.fields == (schema.fields[1],)


def test_a_type_of_errors_stays_one():
    assert project(parse_schema({**record("R", x="int"), "type": "error"}), ["x"]).type == "error"


@pytest.mark.parametrize("columns", [columns for columns, _ in SELECTED.values()], ids=SELECTED)
def test_the_writers_data_can_be_read(columns):
    schema = parse_schema(ORDER)
    narrowed = project(schema, columns)
    slots = {field.name: field.slot for field in resolve(schema, narrowed).fields}
    assert {name for name, slot in slots.items() if slot >= 0} == {column.split(".")[0] for column in columns}


TREE = record("Node", value="int", weight="int", next=["null", "Node"])


def test_a_recursive_type_keeps_one_definition():
    leaf = project(parse_schema(TREE), ["value"])
    assert shape(leaf) == {"value": "int"}
    inner = project(parse_schema(TREE), ["next.value"])
    assert [field.name for field in inner.fields] == ["next", "value"]
    assert inner.fields[0].type.branches[1] is inner
    schema = parse_schema(TREE)
    assert project(schema, ["next"]) is schema


def test_the_result_is_a_schema_like_any_other():
    narrowed = project(parse_schema(ORDER), ["notes.by.name", "customer.age", "items.price"])
    assert parse_schema(narrowed.json) == narrowed


UNKNOWN = {
    "a typing error": ("idd", "no column 'idd': record shop.Order has no field 'idd'; did you mean 'id'"),
    "a nested one": (
        "customer.nmae",
        "'customer' (union of null, shop.Person) has no field 'nmae'; did you mean 'name'",
    ),
    "nothing like it": ("items.qqq", "has no field 'qqq'; its fields are 'price', 'count'"),
    "a part of a string": ("id.x", "no column 'id.x': 'id' (long) has no fields"),
    "an empty name": ("", "has no field ''"),
}


@pytest.mark.parametrize(("column", "message"), UNKNOWN.values(), ids=UNKNOWN)
def test_unknown_columns(column, message):
    with pytest.raises(SchemaError) as caught:
        project(parse_schema(ORDER), ["id", column])
    assert message in str(caught.value)
    assert caught.value.path == column


def test_a_schema_without_records_has_no_columns():
    with pytest.raises(SchemaError, match="int has no fields"):
        project(parse_schema("int"), ["x"])


def test_one_string_is_no_list_of_columns():
    with pytest.raises(TypeError, match="sequence"):
        project(parse_schema(ORDER), "id")


def test_schemas_nest_to_any_depth():
    schema = parse_schema(ITEM)
    for _ in range(2500):
        schema = ArraySchema(UnionSchema((MapSchema(schema), parse_schema("null")), {"x": 1}))
    narrowed = project(schema, ["price"])
    for _ in range(2500):
        assert narrowed.items.props == {"x": 1}
        narrowed = narrowed.items.branches[0].values
    assert [field.name for field in narrowed.fields] == ["price"]


def test_attributes_at_a_reference_stay():
    item = {
        "type": "record",
        "name": "I",
        "fields": [{"name": "a", "type": "int"}, {"name": "b", "type": "int"}],
    }
    source = {
        "type": "record",
        "name": "R",
        "fields": [{"name": "x", "type": item}, {"name": "y", "type": {"type": "I", "note": 1}}],
    }
    narrowed = project(source, ["x.b", "y.b"])
    assert [field.name for field in narrowed.fields[0].type.fields] == ["b"]
    assert narrowed.fields[1].type.definition is narrowed.fields[0].type
    assert narrowed.fields[1].type.fields == narrowed.fields[0].type.fields
    assert narrowed.fields[1].type.props == {"note": 1}
    assert parse_schema(narrowed.json) == narrowed
