"""Schema objects: immutable, equal by their JSON, hashable, picklable, shared by threads; and their JSON."""

from __future__ import annotations

import copy
import json
import pickle
import warnings
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given

from avrojet.limits import Limits
from avrojet.schema.defaults import IgnoredDefaultWarning
from avrojet.schema.emit import to_python
from avrojet.schema.model import (
    NO_DEFAULT,
    ArraySchema,
    EnumSchema,
    Field,
    FixedSchema,
    MapSchema,
    PrimitiveSchema,
    RecordSchema,
    UnionSchema,
)
from avrojet.schema.parse import parse_schema
from tests.strategies import writers

ORDER = {
    "type": "record",
    "name": "Order",
    "namespace": "shop",
    "doc": "What was b\u00f6ught \U0001f600",
    "aliases": ["Purchase", "old.Order"],
    "fields": [
        {
            "name": "id",
            "type": {"type": "fixed", "name": "Id", "size": 16, "logicalType": "uuid"},
            "doc": "d",
        },
        {
            "name": "kind",
            "type": {
                "type": "enum",
                "name": "Kind",
                "namespace": "",
                "symbols": ["A", "B"],
                "default": "A",
                "x": 1,
            },
            "default": "B",
            "order": "descending",
            "aliases": ["sort"],
            "custom": {"a": [1, None]},
        },
        {"name": "parent", "type": ["null", "Order"], "default": None},
        {"name": "note", "type": ["null", "string"], "default": None},
        {"name": "remark", "type": ["null", "string"], "doc": "d", "default": None},
        {"name": "again", "type": ["Id", {"type": "map", "values": "Kind", "y": True}]},
        {"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"}},
    ],
    "z": "last",
}


def test_json_is_the_source():
    schema = parse_schema(ORDER)
    assert to_python(schema) == json.loads(schema.json) == ORDER
    assert to_python(schema) is not to_python(schema)


def test_json_is_compact_and_in_the_order_of_the_specification():
    source = {"x": 1, "size": 4, "aliases": ["G"], "doc": "d", "namespace": "a", "name": "F", "type": "fixed"}
    assert parse_schema(source).json == (
        '{"type":"fixed","name":"F","namespace":"a","doc":"d","aliases":["G"],"size":4,"x":1}'
    )


def test_json_is_readable_beyond_ascii():
    text = parse_schema({"type": "int", "x": "b\u00f6\ud800"}).json
    assert text == '{"type":"int","x":"b\u00f6\\ud800"}'
    assert parse_schema(text).props == {"x": "b\u00f6\ud800"}


def test_each_part_has_json_that_stands_by_itself():
    fields = {field.name: field.type for field in parse_schema(ORDER).fields}
    assert '"name":"Id","namespace":"shop"' in fields["again"].json
    for part in fields.values():
        assert parse_schema(part.json) == part


@given(writers())
def test_parse_and_json_are_inverse(source):
    schema = parse_schema(source)
    again = parse_schema(schema.json)
    assert again == schema
    assert again.json == schema.json
    assert again.canonical_form == schema.canonical_form


@pytest.mark.parametrize("node", ["order", "int", "array", "map", "union", "fixed", "enum"])
def test_a_schema_is_immutable(node):
    order = parse_schema(ORDER)
    schema = {
        "order": order,
        "int": parse_schema("int"),
        "array": parse_schema({"type": "array", "items": "int"}),
        "map": order.fields[5].type.branches[1],
        "union": order.fields[2].type,
        "fixed": order.fields[0].type,
        "enum": order.fields[1].type,
    }[node]
    for name in ("type", "json", "logical", "props", "fields", "items", "branches", "new"):
        with pytest.raises(AttributeError):
            setattr(schema, name, None)
        with pytest.raises(AttributeError):
            delattr(schema, name)


@pytest.mark.parametrize(
    "make",
    [
        lambda: PrimitiveSchema("array"),
        lambda: ArraySchema("int"),
        lambda: MapSchema(None),
        lambda: UnionSchema([parse_schema("int")]),
        lambda: UnionSchema((parse_schema("int"), None)),
        lambda: FixedSchema(None, 1),
        lambda: FixedSchema("F", "1"),
        lambda: EnumSchema(b"E", ("A",)),
        lambda: EnumSchema("E", ("A", 1)),
        lambda: RecordSchema(1),
        lambda: RecordSchema("R").close([]),
    ],
)
def test_a_node_takes_no_members_of_another_kind(make):
    """Compiled code reads them without looking."""
    with pytest.raises((TypeError, ValueError), match=r"must be|[Ee]xpected tuple|is no primitive type"):
        make()


def test_a_record_is_closed_once():
    with pytest.raises(AttributeError, match="immutable"):
        parse_schema(ORDER).close(())


def test_a_field_is_immutable():
    with pytest.raises(AttributeError):
        parse_schema(ORDER).fields[0].name = "other"


def test_equality():
    assert parse_schema(ORDER) == parse_schema(json.dumps(ORDER))
    assert parse_schema(ORDER) != parse_schema({**ORDER, "doc": "other"})
    assert parse_schema(ORDER) != parse_schema({**ORDER, "z": "other"})
    assert parse_schema("int") != "int"
    assert len({parse_schema(ORDER), parse_schema(json.dumps(ORDER)), parse_schema("int")}) == 2


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_pickle(protocol):
    schema = parse_schema(ORDER)
    again = pickle.loads(pickle.dumps(schema, protocol))
    assert again == schema
    assert again.fields[2].type.branches[1] is again
    assert pickle.loads(pickle.dumps(NO_DEFAULT, protocol)) is NO_DEFAULT


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda field: pickle.loads(pickle.dumps(field))])
def test_fields_can_be_copied_and_pickled(again):
    for field in parse_schema(ORDER).fields:
        copied = again(field)
        assert copied == field
        assert type(copied) is Field
        assert type(copied.props) is type(field.props)
        assert (copied.default is NO_DEFAULT) == (field.default is NO_DEFAULT)


def test_pickle_takes_back_what_was_let_pass_once():
    source = {"type": "fixed", "name": "a-b", "size": 1, "logicalType": "date"}
    fields = [{"name": "f g", "type": source, "default": "long"}]
    deep = {"type": "record", "name": "R", "fields": fields}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        schema = parse_schema(deep, names="lax", limits=Limits(depth=5))
    assert pickle.loads(pickle.dumps(schema)) == schema


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy])
def test_copies(copied):
    schema = parse_schema(ORDER)
    assert copied(schema) is schema
    assert copied([schema])[0] is schema


def test_repr_is_readable_and_short():
    assert repr(parse_schema("int")) == '<avrojet.Schema "int">'
    assert repr(parse_schema(ORDER)).startswith('<avrojet.Schema {"type":"record","name":"Order",')
    assert len(repr(parse_schema(ORDER))) < 150
    assert len(repr(parse_schema(ORDER).fields[0])) < 500


def test_threads_may_share_a_schema():
    def work(_):
        return (
            schema.json,
            schema.canonical_form,
            hash(schema),
            schema.fingerprint(),
            parse_schema(schema.json),
        )

    for _ in range(20):
        schema = parse_schema(ORDER)
        with ThreadPoolExecutor(8) as pool:
            results = list(pool.map(work, range(32)))
        assert len(set(results)) == 1


def test_threads_may_parse_at_once():
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(lambda _: parse_schema(ORDER), range(100)))) == 1


def twice(levels):
    """Each record has the one before in two fields: a walk that forgets would take 2^levels steps."""
    schema = {"type": "record", "name": "R0", "fields": []}
    for level in range(1, levels):
        fields = [{"name": "a", "type": schema}, {"name": "b", "type": f"R{level - 1}"}]
        schema = {"type": "record", "name": f"R{level}", "fields": fields}
    return schema


def test_what_is_used_twice_is_walked_once():
    schema = parse_schema(twice(100))
    assert len(schema.json) < 20_000
    assert len(schema.canonical_form) < 20_000
    assert hash(schema) == hash(pickle.loads(pickle.dumps(schema)))
    holder = {
        "type": "record",
        "name": "H",
        "fields": [{"name": "x", "type": schema}, {"name": "y", "type": schema}],
    }
    assert parse_schema(parse_schema(holder).json) == parse_schema(holder)


@pytest.mark.slow
def test_records_that_use_one_another_may_be_many():
    """A chain of any length through names: no walk recurs."""
    chain = [{"type": "record", "name": "R0", "fields": []}]
    for index in range(1, 20_000):
        fields = [{"name": name, "type": f"R{index - 1}"} for name in "ab"]
        chain.append({"type": "record", "name": f"R{index}", "fields": fields})
    schema = parse_schema(chain, limits=Limits(union_branches=len(chain)))
    assert pickle.loads(pickle.dumps(schema)) == schema
    last = schema.branches[-1]
    assert last.json.count('"record"') == last.canonical_form.count('"record"') == len(chain)
    assert hash(last) == hash(last.json)
    assert copy.deepcopy(last) is last
    assert parse_schema({"type": "array", "items": last}).items is last
    assert pickle.loads(pickle.dumps(last)) == last
    assert to_python(last)["name"] == "R19999"


def test_json_of_a_schema_as_deep_as_can_be_parsed():
    source = "int"
    for _ in range(300):
        source = {"type": "array", "items": source}
    schema = parse_schema(source)
    assert schema.json.count("array") == schema.canonical_form.count("array") == 300


def test_a_field_made_by_hand():
    assert Field("a", parse_schema("int")).default is NO_DEFAULT
    assert repr(NO_DEFAULT) == "NO_DEFAULT"


def test_an_ignored_default_is_kept_for_others_to_see():
    source = {"type": "record", "name": "R", "fields": [{"name": "f", "type": "int", "default": "x"}]}
    with pytest.warns(IgnoredDefaultWarning) as caught:
        schema = parse_schema(source, names="lax")
    assert to_python(schema) == source
    assert caught[0].filename == __file__
