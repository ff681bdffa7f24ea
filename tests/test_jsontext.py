from __future__ import annotations

import json

import pytest

from avrojet import Decoder, Encoder, parse_schema
from avrojet.errors import DecodeError
from avrojet.jsontext import from_json_data, to_json_data

TREE = {
    "type": "record",
    "name": "n.Tree",
    "fields": [
        {"name": "raw", "type": "bytes"},
        {"name": "code", "type": {"type": "fixed", "name": "Code", "size": 2}},
        {"name": "items", "type": {"type": "array", "items": ["null", "long", "Tree", "Code"]}},
        {"name": "map", "type": {"type": "map", "values": "double"}},
        {"name": "kind", "type": {"type": "enum", "name": "Kind", "symbols": ["A"]}, "default": "A"},
    ],
}
LEAF = {"raw": "\u00ff", "code": "ab", "items": [], "map": {}, "kind": "A"}
DATA = {
    **LEAF,
    "items": [None, {"long": 1}, {"n.Tree": LEAF}, {"n.Code": "\u0000\u0001"}],
    "map": {"k": 1.5},
}


def test_data_go_both_ways():
    schema = parse_schema(TREE)
    value = from_json_data(schema, DATA)
    assert value["items"][3] == ("n.Code", b"\0\1")
    data = Encoder(schema, logical_types=False).encode(value)
    shown = Decoder(schema, logical_types=False, unions="tagged").decode(data)
    assert to_json_data(schema, shown) == DATA
    assert json.loads(json.dumps(DATA)) == DATA


def test_union_tags_can_be_left_out():
    assert to_json_data(parse_schema(["null", "bytes"]), ("bytes", b"a"), tag_unions=False) == "a"


def test_a_missing_field_is_left_to_its_default():
    rest = {key: value for key, value in LEAF.items() if key != "kind"}
    assert "kind" not in from_json_data(parse_schema(TREE), rest)


@pytest.mark.parametrize(
    ("schema", "data", "path"),
    [
        (TREE, 1, r"\$"),
        (TREE, {**LEAF, "raw": 1}, r"\$\.raw"),
        (TREE, {**LEAF, "raw": "\u0100"}, r"\$\.raw"),
        (TREE, {**LEAF, "items": {}}, r"\$\.items"),
        (TREE, {**LEAF, "items": [1]}, r"\$\.items\[0\]"),
        (TREE, {**LEAF, "items": [{"int": 1}]}, r"\$\.items\[0\]"),
        (TREE, {**LEAF, "items": [{"n.Tree": {}}]}, r"\$\.items\[0\]\.n\.Tree\.raw"),
        (TREE, {**LEAF, "map": []}, r"\$\.map"),
    ],
)
def test_data_of_another_form_are_refused_with_their_place(schema, data, path):
    with pytest.raises(DecodeError, match=f"^at {path}: "):
        from_json_data(parse_schema(schema), data)
