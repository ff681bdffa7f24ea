"""Resolution: which pairs of schemas fit, which step each makes, and what is said where they do not."""

from __future__ import annotations

from typing import Any

import pytest

from avrojet.errors import ResolutionError
from avrojet.plan.resolve import resolve
from avrojet.plan.steps import (
    Array,
    Branch,
    Convert,
    Default,
    Enum,
    Fail,
    Fixed,
    Map,
    Promote,
    Read,
    Record,
    Union,
)
from avrojet.schema.defaults import encode_default
from avrojet.schema.model import PRIMITIVE_TYPES, ArraySchema, Field, MapSchema, RecordSchema, UnionSchema
from avrojet.schema.parse import parse_schema
from tests.cases import for_each

DECIMAL = {"type": "bytes", "logicalType": "decimal", "precision": 4, "scale": 2}
DATE = {"type": "int", "logicalType": "date"}


def record(*fields: Any, name: str = "R", **attributes: Any) -> dict[str, Any]:
    fields = [field if isinstance(field, dict) else {"name": field[0], "type": field[1]} for field in fields]
    return {"type": "record", "name": name, "fields": fields, **attributes}


def fixed(name: str, size: int, **attributes: Any) -> dict[str, Any]:
    return {"type": "fixed", "name": name, "size": size, **attributes}


def enum(name: str, symbols: str, **attributes: Any) -> dict[str, Any]:
    return {"type": "enum", "name": name, "symbols": symbols.split(), **attributes}


def plan(writer: Any, reader: Any = None, **options: Any) -> Any:
    return resolve(parse_schema(writer), None if reader is None else parse_schema(reader), **options)


def refusal(writer: Any, reader: Any) -> str:
    with pytest.raises(ResolutionError) as caught:
        plan(writer, reader)
    return str(caught.value)


def outline(step: Any) -> Any:
    """A step as plain data: what a table of expectations can hold."""
    match step:
        case Read(type):
            return type
        case Promote(writer, reader):
            return f"{writer} to {reader}"
        case Fixed(name, size):
            return (name, size)
        case Enum(name, symbols):
            return (name, *symbols)
        case Array(items):
            return [outline(items)]
        case Map(values):
            return {"": outline(values)}
        case Branch(index, name, _, inner):
            return (index, name, outline(inner))
        case Union(branches):
            return tuple(outline(branch) for branch in branches)
        case Convert(inner, logical, _):
            return ("convert", outline(inner), logical and logical.name)
        case Default(data, inner):
            return ("default", data, outline(inner))
        case Record(_, _, fields):
            return {field.name: (field.slot, outline(field.step)) for field in fields}
        case Fail(reason, inner):
            return ("fail", reason.rpartition(": ")[2], outline(inner))
    raise AssertionError(step)


PROMOTED = {
    ("int", "long"): "int",
    ("int", "float"): "int to float",
    ("int", "double"): "int to double",
    ("long", "float"): "long to float",
    ("long", "double"): "long to double",
    ("float", "double"): "float to double",
    ("string", "bytes"): "string to bytes",
    ("bytes", "string"): "bytes to string",
}


@for_each("reader", PRIMITIVE_TYPES)
@for_each("writer", PRIMITIVE_TYPES)
def test_primitives_are_read_as_themselves_or_promoted(writer, reader):
    if writer == reader:
        assert outline(plan(writer, reader)) == writer
    elif (writer, reader) in PROMOTED:
        assert outline(plan(writer, reader)) == PROMOTED[writer, reader]
    else:
        assert refusal(writer, reader) == f"writer root, reader root: {writer} cannot be read as {reader}"


FITS = {
    "array": ({"type": "array", "items": "int"}, {"type": "array", "items": "double"}, ["int to double"]),
    "map": ({"type": "map", "values": "int"}, {"type": "map", "values": "float"}, {"": "int to float"}),
    "fixed": (fixed("F", 4), fixed("F", 4), ("F", 4)),
    "fixed by unqualified name": (fixed("a.F", 4), fixed("b.F", 4), ("b.F", 4)),
    "fixed by alias": (fixed("a.F", 4), fixed("b.G", 4, aliases=["a.F"]), ("b.G", 4)),
    "enum": (enum("E", "A B"), enum("E", "B A"), ("E", "A", "B")),
    "enum by alias": (enum("E", "A"), enum("G", "A", aliases=["E"]), ("G", "A")),
    "enum with unknown symbols": (enum("E", "A B"), enum("E", "B C"), ("E", None, "B")),
    "enum with a default": (enum("E", "A B"), enum("E", "B C", default="C"), ("E", "C", "B")),
    "record by unqualified name": (record(name="a.R"), record(name="b.R"), {}),
    "record by relative alias": (record(name="a.R"), record(name="a.S", aliases=["R"]), {}),
    "error and record": (record(name="R"), {**record(name="R"), "type": "error"}, {}),
    "the writer is a union": (["int", "long"], "long", ("int", "long")),
    "the reader is a union": ("int", ["null", "int"], (1, "int", "int")),
    "both are unions": (["null", "int"], ["int", "null"], ((1, "null", "null"), (0, "int", "int"))),
    "null only in the reader's union": (["int"], ["null", "int"], ((1, "int", "int"),)),
    "a branch of its own name": (
        [fixed("a.F", 4), fixed("b.F", 4)],
        [fixed("b.F", 4), fixed("a.F", 4)],
        ((1, "a.F", ("a.F", 4)), (0, "b.F", ("b.F", 4))),
    ),
    "an alias before an unqualified name": (
        fixed("a.F", 4),
        [fixed("b.F", 4), fixed("G", 4, aliases=["a.F"])],
        (1, "G", ("G", 4)),
    ),
    "a fixed of the right size": (
        fixed("a.F", 4),
        [fixed("b.F", 3), fixed("c.F", 4)],
        (1, "c.F", ("c.F", 4)),
    ),
    "the type itself before a promotion": ("int", ["float", "int"], (1, "int", "int")),
    "the first promotion": ("int", ["null", "double", "float", "long"], (1, "double", "int to double")),
    "an array by its items": (
        {"type": "array", "items": "string"},
        ["null", {"type": "array", "items": "bytes"}],
        (1, "array", ["string to bytes"]),
    ),
}


@pytest.mark.parametrize(("writer", "reader", "expected"), FITS.values(), ids=FITS)
def test_schemas_that_match(writer, reader, expected):
    assert outline(plan(writer, reader)) == expected


MISFITS = {
    "type": (
        {"type": "array", "items": "int"},
        {"type": "map", "values": "int"},
        "array cannot be read as map",
    ),
    "complex as primitive": (record(name="R"), "int", "record R cannot be read as int"),
    "record name": (record(name="a.R"), record(name="a.S"), "record a.R cannot be read as record a.S"),
    "alias in another namespace": (
        record(name="a.R"),
        record(name="b.S", aliases=["R"]),
        "an alias 'a.R' in the reader's schema would make them match",
    ),
    "alias in its own namespace": (record(name="a.R"), record(name="a.S"), "; an alias 'R' in"),
    "alias of no namespace": (record(name="R"), record(name="b.S", aliases=["R"]), "; an alias '.R' in"),
    "alias of no name": (record(name="R"), fixed("F", 1), "cannot be read as fixed F"),
    "fixed size": (fixed("F", 4), fixed("F", 5), "fixed F has 4 bytes, the reader's has 5"),
    "enum name": (enum("E", "A"), enum("G", "A"), "enum E cannot be read as enum G"),
    "field without default": (record(), record(("x", "int")), "'x' is not in record R and has no default"),
    "no branch": ("string", ["null", "int"], "no branch of the reader's union of null, int matches string"),
    "no array in the union": (
        {"type": "array", "items": "string"},
        [{"type": "array", "items": "int"}],
        "no branch of the reader's union of array matches array",
    ),
    "no branch of the writer": (
        ["null", "string"],
        "int",
        "no branch of the writer's union of null, string can be read as int",
    ),
    "decimal scale": (
        DECIMAL,
        {**DECIMAL, "scale": 1},
        "scale 2 cannot be read with precision 4 and scale 1",
    ),
    "decimal precision": (
        DECIMAL,
        {**DECIMAL, "precision": 5},
        "cannot be read with precision 5 and scale 2",
    ),
    "decimal on bytes and fixed": (DECIMAL, {**DECIMAL, **fixed("F", 4)}, "bytes cannot be read as fixed F"),
}


@pytest.mark.parametrize(("writer", "reader", "message"), MISFITS.values(), ids=MISFITS)
def test_schemas_that_do_not_match(writer, reader, message):
    assert message in refusal(writer, reader)


def test_a_refusal_names_both_places():
    array = {"type": "array", "items": ["null", "int"]}
    wrong = {"type": "array", "items": ["null", {"type": "map", "values": "int"}]}
    writer = record(("a", "int"), ("b", {"type": "map", "values": array}))
    reader = record(("b", {"type": "map", "values": {**array, "items": "string"}}))
    with pytest.raises(ResolutionError) as caught:
        plan(writer, reader)
    assert caught.value.path == "fields[0].type.values.items"
    assert str(caught.value).startswith(
        "writer fields[1].type.values.items, reader fields[0].type.values.items: "
    )
    steps = plan(record(("b", wrong)), record(("b", ["null", array])))
    assert (
        steps.fields[0]
        .step.step.items.branches[1]
        .reason.startswith("writer fields[0].type.items[1], reader fields[0].type[1].items: ")
    )


def test_a_path_of_very_many_parts_is_cut_short():
    writer, reader = parse_schema("string"), parse_schema("int")
    for _ in range(5000):
        writer, reader = ArraySchema(writer), ArraySchema(reader)
    with pytest.raises(ResolutionError) as caught:
        resolve(writer, reader)
    assert caught.value.path.startswith("….items.")
    assert len(str(caught.value)) < 1000


FIELDS = {
    "reordered": ("a b", "b a", {"a": 1, "b": 0}),
    "skipped": ("a b c", "b", {"a": -1, "b": 0, "c": -1}),
    "by alias": ("a", "b/a", {"b": 0}),
    "no field serves two": ("a", "a=0 b/a", {"b": 1, "a": 0}),
    "the second alias": ("z", "c/a/z", {"c": 0}),
    "defaults come last": ("b c", "a=0 c d=0 b", {"b": 3, "c": 1, "a": 0, "d": 2}),
}


@pytest.mark.parametrize(("writer", "reader", "slots"), FIELDS.values(), ids=FIELDS)
def test_fields(writer, reader, slots):
    def fields(text: str) -> dict[str, Any]:
        made = []
        for part in text.split():
            names, _, default = part.partition("=")
            name, *aliases = names.split("/")
            made.append({"name": name, "type": "int", "aliases": aliases})
            if default:
                made[-1]["default"] = int(default)
        return record(*made)

    step = plan(fields(writer), fields(reader))
    assert {field.name: field.slot for field in step.fields} == slots
    assert list(slots) == [field.name for field in step.fields]
    assert step.slots == tuple(part[0] for part in reader.split())
    assert [isinstance(field.step, Default) for field in step.fields] == [
        index >= len(writer.split()) for index in range(len(slots))
    ]


def test_a_default_is_encoded_and_read_by_the_plain_plan_of_its_type():
    reader = record({"name": "d", "type": DATE, "default": -1})
    assert outline(plan(record(), reader)) == {"d": (0, ("default", b"\1", ("convert", "int", "date")))}


def test_defaults_of_all_fields_are_encoded_only_where_asked_for():
    schema = record({"name": "a", "type": "int", "default": 3}, ("b", "int"))
    assert [field.default for field in plan(schema).fields] == [None, None]
    assert [field.default for field in plan(schema, defaults=True).fields] == [b"\6", None]
    assert [field.default for field in plan(schema, schema, defaults=True).fields] == [b"\6", None]
    assert [field.default for field in plan(record(("b", "int")), schema, defaults=True).fields] == [
        None,
        b"\6",
    ]


def test_logical_types_are_the_readers():
    convert = ("convert", "int", "date")
    assert outline(plan(DATE)) == convert
    assert outline(plan("int", DATE)) == convert
    assert outline(plan(DATE, "int")) == "int"
    assert outline(plan(DATE, logical=False)) == "int"
    assert outline(plan(DATE, ["null", DATE])) == (1, "int", convert)
    assert outline(plan(["int", "null"], DATE)) == (convert, ("fail", "null cannot be read as int", "null"))
    assert outline(plan("string", DECIMAL)) == ("convert", "string to bytes", "decimal")
    assert outline(plan(DECIMAL, "bytes")) == "bytes"
    step = plan("int", DATE)
    assert step.schema.logical is step.logical


def test_skipped_values_are_not_converted():
    inner = record(("d", DATE), ("u", ["null", DATE]), name="S")
    step = plan(record(("s", inner), ("d", DATE)), record())
    assert outline(step) == {"s": (-1, {"d": (-1, "int"), "u": (-1, ("null", "int"))}), "d": (-1, "int")}


@pytest.mark.parametrize("kind", ["record", "array", "map", "enum", "fixed", "string", "int"])
def test_custom_logical_types_stand_on_any_type_and_before_the_specifications(kind):
    schemas = {
        "record": record(("x", "int")),
        "array": {"type": "array", "items": "int"},
        "map": {"type": "map", "values": "int"},
        "enum": enum("E", "A"),
        "fixed": fixed("F", 2),
        "string": {"type": "string"},
        "int": {"type": "int"},
    }
    schema = {**schemas[kind], "logicalType": "date" if kind == "int" else "custom-type"}
    step = plan(schema, custom={"custom-type": None, "date": None})
    assert isinstance(step, Convert)
    assert step.logical is None
    assert step.schema.type == kind
    assert not isinstance(plan(schema, custom={"custom-type", "date"}, logical=False), Convert)


def test_the_plain_plan_of_a_union_has_branches():
    expected = ((0, "null", "null"), (1, "R", {"x": (0, "int")}), (2, "array", ["int"]))
    schema = parse_schema(["null", record(("x", "int")), {"type": "array", "items": "int"}])
    assert outline(resolve(schema)) == outline(resolve(schema, schema)) == expected
    copy = parse_schema(["null", record(("x", "int")), {"type": "array", "items": "int"}])
    assert outline(resolve(schema, copy)) == expected


def test_an_empty_union_is_a_plan_too():
    assert plan([]).branches == ()
    assert plan([], "int").branches == ()


def test_a_mismatch_after_a_union_fails_only_there():
    writer = ["null", record(("x", "string"), ("y", "int"))]
    reader = ["null", record(("x", "int"), ("z", "int"))]
    fields = plan(writer, reader).branches[1].step.fields
    assert [field.name for field in fields] == ["x", "y", "z"]
    assert outline(fields[0].step) == ("fail", "string cannot be read as int", "string")
    assert isinstance(fields[1].step, Read)
    assert outline(fields[2].step)[0::2] == ("fail", "null")
    assert outline(plan(["int", "string"], "int")) == (
        "int",
        ("fail", "string cannot be read as int", "string"),
    )


def test_a_mismatch_met_both_ways_is_met_by_all():
    inner = record(("x", "string"), name="S")
    wrong = record(("x", "int"), name="S")
    assert "string cannot be read as int" in refusal(
        record(("maybe", ["null", inner]), ("always", "S")),
        record(("maybe", ["null", wrong]), ("always", "S")),
    )


def test_a_recursive_schema_makes_a_cycle():
    tree = record(("next", ["null", "R"]), ("all", {"type": "array", "items": "R"}))
    plain = plan(tree)
    assert plain.fields[0].step.branches[1].step is plain
    assert plain.fields[1].step.items is plain
    resolved = plan(tree, record(("all", {"type": "array", "items": "R"})))
    assert [field.slot for field in resolved.fields] == [-1, 0]
    assert resolved.fields[1].step.items is resolved
    skipped = resolved.fields[0].step.branches[1]
    assert skipped is not resolved
    assert skipped.fields[1].step.items is skipped


def test_a_custom_type_on_a_recursive_record_is_met_inside_as_well():
    step = plan(record(("next", ["null", "R"]), logicalType="node"), custom={"node"})
    assert step.step.fields[0].step.branches[1].step is step


def doubling(levels: int, leaf: Any, suffix: str) -> RecordSchema:
    """Records that each use the one before twice."""
    schema = RecordSchema(f"R0.{suffix}")
    schema.close((Field("x", leaf),))
    for level in range(1, levels):
        above = RecordSchema(f"R{level}.{suffix}")
        above.close((Field("a", schema), Field("b", UnionSchema((parse_schema("null"), schema)))))
        schema = above
    return schema


@pytest.mark.parametrize("skip", [False, True])
def test_the_cost_is_linear_where_paths_double(skip):
    writer, reader = doubling(200, parse_schema("int"), "W"), doubling(200, parse_schema("long"), "W")
    if skip:
        reader = RecordSchema("W")
        reader.close(())
    for step in (resolve(writer), resolve(writer, reader)):
        for _ in range(199):
            step = step.fields[0].step
        assert step.fields[0].step.type == "int"


@pytest.mark.parametrize("make", [ArraySchema, MapSchema])
def test_schemas_nest_to_any_depth(make):
    writer, reader = parse_schema("int"), parse_schema("double")
    for _ in range(20_000):
        writer, reader = make(writer), make(reader)
    step = resolve(writer, UnionSchema((reader,))).step
    for _ in range(20_000):
        step = step.items if make is ArraySchema else step.values
    assert outline(step) == "int to double"


def test_wide_unions_are_matched_by_name():
    branches = tuple(parse_schema(fixed(f"n{index}.F{index}", 1)) for index in range(5000))
    copies = tuple(parse_schema(fixed(f"n{index}.F{index}", 1)) for index in reversed(range(5000)))
    step = resolve(UnionSchema(branches), UnionSchema(copies))
    assert [branch.index for branch in step.branches] == list(reversed(range(5000)))


def test_a_default_of_a_recursive_type():
    tree = record({"name": "next", "type": ["null", "R"], "default": None}, name="R")
    reader = record({"name": "tree", "type": tree, "default": {}}, name="S")
    step = plan(record(name="S"), reader).fields[0].step
    assert step.data == b"\0"
    assert step.step.fields[0].step.branches[1].step is step.step
    assert step.data == encode_default(parse_schema(tree), {})


@pytest.mark.parametrize("kind", [ArraySchema, MapSchema])
def test_a_node_without_its_contents_is_refused(kind):
    bare = kind.__new__(kind)
    with pytest.raises(TypeError, match="without what it contains"):
        resolve(bare)


@pytest.mark.parametrize(
    "field",
    [
        None,
        "f",
        ("f", parse_schema("int")),
        tuple.__new__(Field, ("f", parse_schema("int"))),
        Field(1, parse_schema("int")),
        Field("f", "int"),
        Field("f", None),
    ],
)
def test_a_record_of_what_is_no_field_is_refused(field):
    bare = RecordSchema("R")
    bare.close((field,))
    with pytest.raises(TypeError):
        resolve(bare)
