"""Differences of schemas, by meaning."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from avrojet import schema_diff
from avrojet.schema.diff import ChangeKind
from tests.cases import for_each
from tests.vectors import VECTORS, by_name

ORDER: Any = {
    "type": "record",
    "name": "shop.Order",
    "fields": [
        {"name": "id", "type": "string"},
        {"name": "total", "type": {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2}},
        {"name": "state", "type": {"type": "enum", "name": "State", "symbols": ["NEW", "PAID"]}},
        {"name": "note", "type": ["null", "string"], "default": None},
        {"name": "tags", "type": {"type": "map", "values": {"type": "array", "items": "int"}}},
        {"name": "code", "type": {"type": "fixed", "name": "Code", "size": 2}},
    ],
}


def changed(path: list[Any], value: Any) -> Any:
    schema = deepcopy(ORDER)
    place = schema
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return schema


@for_each("vector", VECTORS, ids=by_name)
def test_a_schema_does_not_differ_from_itself(vector):
    assert schema_diff(vector.schema, deepcopy(vector.schema)) == ()


def test_how_a_schema_is_written_makes_no_difference():
    spelt = deepcopy(ORDER)
    spelt.update(name="Order", namespace="shop")
    spelt["fields"][0]["type"] = {"type": "string"}
    spelt["fields"][2]["type"]["name"] = "shop.State"
    assert schema_diff(ORDER, spelt) == ()


@pytest.mark.parametrize(
    ("path", "value", "change"),
    [
        (["name"], "shop.Sale", "$: name: shop.Order -> shop.Sale"),
        (["fields", 0, "name"], "key", "$.id: field removed: string|$.key: field added: string"),
        (
            ["fields", 0],
            {"name": "key", "aliases": ["id"], "type": "string"},
            "$.key: field renamed: id -> key|aliases",
        ),
        (["fields", 0, "type"], "bytes", "$.id: type: string -> bytes"),
        (["fields", 0, "default"], "x", "$.id: default: 'x'"),
        (["fields", 3], {"name": "note", "type": ["null", "string"]}, "$.note: default: None"),
        (["fields", 0, "order"], "ignore", "$.id: order: ascending -> ignore"),
        (["fields", 0, "doc"], "The key.", "$.id: doc: The key."),
        (["fields", 0, "pii"], True, "$.id@pii: attribute: True"),
        (["fields", 1, "type", "scale"], 3, "$.total: logical type: decimal(9, 2) -> decimal(9, 3)"),
        (["fields", 1, "type"], "bytes", "$.total: logical type: decimal(9, 2)"),
        (["fields", 2, "type", "symbols"], ["PAID", "SENT"], "symbol removed: NEW|symbol added: SENT"),
        (["fields", 2, "type", "symbols"], ["PAID", "NEW"], "symbols reordered: NEW, PAID -> PAID, NEW"),
        (["fields", 2, "type", "default"], "NEW", "$.state: default: NEW"),
        (["fields", 3, "type"], ["null", "int", "string"], "$.note: branch added: int"),
        (["fields", 3, "type"], ["string", "null"], "branches reordered: null, string -> string, null"),
        (["fields", 4, "type", "values", "items"], "long", "$.tags{}[]: type: int -> long"),
        (["fields", 5, "type", "size"], 3, "$.code: size: 2 -> 3"),
        (["fields", 5, "type", "aliases"], ["Key"], "$.code: aliases: shop.Key"),
        (["fields"], ORDER["fields"][::-1], "$: field moved: id, total, state"),
    ],
)
def test_each_kind_of_change(path, value, change):
    found = [str(each) for each in schema_diff(ORDER, changed(path, value))]
    wanted = change.split("|")
    assert len(found) == len(wanted)
    assert all(part in text for part, text in zip(wanted, found, strict=True)), found
    assert schema_diff(changed(path, value), ORDER)


def test_recursive_schemas_end():
    tree = {"type": "record", "name": "T", "fields": [{"name": "next", "type": ["null", "T"]}]}
    other = deepcopy(tree)
    other["fields"].append({"name": "x", "type": "int"})
    assert [change.kind for change in schema_diff(tree, other)] == [ChangeKind.FIELD_ADDED]
