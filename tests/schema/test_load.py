"""load_schema: types from the files beside."""

from __future__ import annotations

import json

import pytest

from avrojet.errors import LimitError, SchemaError
from avrojet.limits import Limits
from avrojet.schema.load import load_schema
from avrojet.schema.logical import IgnoredLogicalTypeWarning
from avrojet.schema.parse import parse_schema


def record(name, *types, **attributes):
    fields = [{"name": f"f{index}", "type": type} for index, type in enumerate(types)]
    return {"type": "record", "name": name, "fields": fields, **attributes}


@pytest.fixture
def write(tmp_path):
    def write(name, schema):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(schema), encoding="utf-8")
        return path

    return write


def test_a_file_alone(write):
    path = write("x.avsc", record("R", "int"))
    assert load_schema(path) == load_schema(str(path)) == parse_schema(record("R", "int"))


@pytest.mark.parametrize("file", ["a.b.Item.avsc", "Item.avsc", "a/b/Item.avsc"])
@pytest.mark.parametrize("item", [record("Item", "int", namespace="a.b"), record("a.b.Item", "int")])
def test_a_type_beside(write, file, item):
    write(file, item)
    schema = load_schema(write("Order.avsc", record("a.b.Order", "Item", ["null", "a.b.Item"])))
    assert schema.fields[0].type.fullname == "a.b.Item"
    assert schema.fields[1].type.branches[1] is schema.fields[0].type
    assert parse_schema(schema.json) == schema


def test_a_file_counts_if_it_defines_the_type(write):
    write("Item.avsc", record("other.Item"))
    path = write("Order.avsc", record("a.Order", "Item"))
    with pytest.raises(SchemaError, match=r"^fields\[0\]\.type: 'Item' is neither"):
        load_schema(path)
    write("a.Item.avsc", record("a.Item"))
    assert load_schema(path).fields[0].type.fullname == "a.Item"


@pytest.mark.parametrize(
    "item",
    [
        {"type": "array", "items": "int", "name": "Item"},
        {"type": {"type": "fixed", "name": "Other", "size": 1}, "name": "Item"},
        ["int"],
        "int",
    ],
)
def test_a_file_that_defines_no_such_type_does_not_count(write, item):
    write("Item.avsc", item)
    with pytest.raises(SchemaError, match="'Item' is neither"):
        load_schema(write("Order.avsc", record("Order", "Item")))


def test_a_types_own_namespace_counts_and_not_that_of_the_place(write):
    write("Item.avsc", record("Item", {"type": "fixed", "name": "Id", "size": 1}))
    schema = load_schema(write("Order.avsc", record("a.Order", "Item", "Id")))
    assert [field.type.fullname for field in schema.fields] == ["Item", "Id"]


def test_files_that_need_each_other(write):
    write("a.Person.avsc", record("a.Person", {"type": "array", "items": "Firm"}, "Firm"))
    write("a.Firm.avsc", record("a.Firm", ["null", "Person"], {"type": "map", "values": "Firm"}))
    person = load_schema(
        write("a.Person.avsc", record("a.Person", {"type": "array", "items": "Firm"}, "Firm"))
    )
    firm = person.fields[1].type
    assert firm.fields[0].type.branches[1] is person
    assert firm.fields[1].type.values is person.fields[0].type.items is firm
    assert parse_schema(person.json) == person


def test_each_type_of_a_diamond_is_one(write):
    write("Id.avsc", {"type": "fixed", "name": "Id", "size": 4})
    write("L.avsc", record("L", "Id"))
    write("R.avsc", record("R", "Id"))
    top = load_schema(write("T.avsc", record("T", "L", "R")))
    assert top.fields[0].type.fields[0].type is top.fields[1].type.fields[0].type


def test_an_error_names_the_file_and_the_place(write, tmp_path):
    write("Item.avsc", record("Item", "int", "nothing"))
    path = write("Order.avsc", record("Order", "Item"))
    with pytest.raises(SchemaError, match=r"^Item\.avsc: fields\[1\]\.type: 'nothing' is neither"):
        load_schema(path)
    (tmp_path / "Item.avsc").write_text("{")
    with pytest.raises(SchemaError, match=r"Item\.avsc: the schema is not JSON"):
        load_schema(path)


def test_a_warning_names_the_file_and_comes_from_the_caller(write):
    write("Item.avsc", record("Item", {"type": "int", "logicalType": "uuid"}))
    path = write("Order.avsc", record("Order", "Item"))
    with pytest.warns(IgnoredLogicalTypeWarning, match=r"^Item\.avsc: fields\[0\]\.type: ") as caught:
        load_schema(path)
    assert caught[0].filename == __file__


COMMENTED = """/* Licensed to you
 * under a licence. */
// Of an order.
{ "type": "record", /**/ "name": "Order", // "name": "Other",
  "doc": "see http://x.y/*.html // and \\" /* there */",
  "fields": [ /* none yet: { } */ ]
} // the end"""


def test_comments_are_passed_over_as_java_does(tmp_path):
    path = tmp_path / "Order.avsc"
    path.write_text(COMMENTED)
    schema = load_schema(path)
    assert (schema.fullname, schema.doc) == ("Order", 'see http://x.y/*.html // and " /* there */')
    assert parse_schema(COMMENTED, names="lax") == schema
    with pytest.raises(SchemaError, match=r"a comment stands at line 1, column 1"):
        parse_schema(COMMENTED)


def test_what_is_wrong_beside_a_comment_is_told_at_its_place(tmp_path):
    path = tmp_path / "Order.avsc"
    path.write_text('/* two\nlines */ {"type": "int",\n"x": }')
    with pytest.raises(
        SchemaError, match=r"Order\.avsc: the schema is not JSON: Expecting value: line 3 column 6"
    ):
        load_schema(path)


@pytest.mark.parametrize("text", ["/* no end", "// no schema", "/**/", '{"type": "int"} /* no end'])
def test_comments_alone(tmp_path, text):
    path = tmp_path / "x.avsc"
    path.write_text(text)
    if text[0] == "{":
        assert load_schema(path).type == "int"
    else:
        with pytest.raises(SchemaError, match=r"x\.avsc: the schema is empty"):
            load_schema(path)


@pytest.mark.parametrize(
    "text", ['"' * 100_001, '"\\"' * 50_000, "{/*" * 50_000, "{//" * 50_000, "[/" * 100_000]
)
def test_looking_for_comments_takes_time_in_proportion(text):
    """A string or comment without end is looked at once."""
    with pytest.raises(SchemaError):
        parse_schema(text, names="lax")


def test_no_file(tmp_path):
    with pytest.raises(FileNotFoundError):
        load_schema(tmp_path / "none.avsc")


@pytest.mark.parametrize("name", ["../secret", "..\\secret", "/etc/secret", "c:secret", "sub/secret"])
def test_a_name_leads_to_no_other_directory(write, name):
    write("secret.avsc", {"type": "fixed", "name": name, "size": 1})
    write("sub/secret.avsc", {"type": "fixed", "name": name, "size": 1})
    with pytest.raises(SchemaError, match="is neither"):
        load_schema(write("sub/R.avsc", record("R", name)), names="lax")


def test_the_modes_and_limits_hold_for_each_file(write):
    write("a-b.avsc", record("a-b", "int"))
    path = write("R.avsc", record("R", "a-b"))
    with pytest.raises(SchemaError, match="names='lax'"):
        load_schema(path)
    assert load_schema(path, names="lax").fields[0].type.fullname == "a-b"
    write("a-b.avsc", record("a-b", "int", doc="long" * 100))
    with pytest.raises(LimitError, match="Limits.schema_bytes"):
        load_schema(path, names="lax", limits=Limits(schema_bytes=300))


def test_a_chain_of_files_that_is_too_long_is_an_error(write):
    for n in range(50):
        write(f"R{n}.avsc", record(f"R{n}", f"R{n + 1}"))
    write("R50.avsc", record("R50"))
    path = write("R.avsc", record("R", "R0"))
    assert load_schema(path).fullname == "R"
    with pytest.raises(LimitError, match="Limits.depth"):
        load_schema(path, limits=Limits(depth=30))


def test_schemas_of_other_implementations(shared_testdata):
    paths = sorted((shared_testdata / "apache-avro").rglob("*.avsc"))
    assert len(paths) > 5
    for path in paths:
        schema = load_schema(path)
        assert parse_schema(schema.json) == schema


def test_a_file_of_idl(tmp_path):
    path = tmp_path / "a.avdl"
    path.write_text("schema array<R>; record R { int f0; }", encoding="utf-8")
    assert load_schema(path) == parse_schema({"type": "array", "items": record("R", "int")})
    path.write_text("record R { int i; }", encoding="utf-8")
    with pytest.raises(SchemaError, match="does not say 'schema"):
        load_schema(path)
