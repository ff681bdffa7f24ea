"""The rules of lint_schema: each finds what it is for, and nothing in a schema that keeps to it."""

from __future__ import annotations

from typing import Any

import pytest

from avrojet import lint_schema, parse_schema
from avrojet.schema.lint import RULES

FIELD = {"name": "id", "type": "string", "default": "", "doc": "The key."}
CLEAN: Any = {"type": "record", "name": "shop.Order", "doc": "An order.", "fields": [FIELD]}


def with_field(**changes: Any) -> Any:
    field = {**FIELD, **changes}
    return {**CLEAN, "fields": [{key: value for key, value in field.items() if value is not ...}]}


def of_type(type: Any) -> Any:
    return with_field(type=type, default=...)


@pytest.mark.parametrize(
    ("rule", "schema", "path", "part"),
    [
        ("doc", {**CLEAN, "doc": ""}, "$", "record shop.Order has no doc"),
        ("doc", with_field(doc=...), "$", "field id has no doc"),
        ("namespace", {**CLEAN, "name": "Order"}, "$", "has no namespace"),
        ("field-default", with_field(default=...), "$", "field id has no default"),
        ("null-default", of_type(["null", "string"]), "$", "field id may be null"),
        ("null-first", with_field(type=["string", "null"], default=None), "$", "does not begin with null"),
        ("enum-default", {"type": "enum", "name": "n.E", "symbols": ["A"]}, "$", "enum n.E has no default"),
        ("union-order", of_type(["int", "long"]), "$.id", "int and long"),
        (
            "union-order",
            of_type({"type": "array", "items": ["string", "bytes"]}),
            "$.id[]",
            "string and bytes",
        ),
        ("union-size", of_type({"type": "map", "values": ["int"]}), "$.id{}", "one branch"),
        ("reserved-name", with_field(name="class"), "$", "the field class is a reserved word"),
        ("reserved-name", {**CLEAN, "name": "shop.import.Order"}, "$", "the name import"),
        ("reserved-name", {"type": "enum", "name": "n.E", "symbols": ["__A"]}, "$", "two underscores"),
        (
            "similar-names",
            {"type": "enum", "name": "n.E", "symbols": ["SentBack", "SENT_BACK"]},
            "$",
            "SENT_BACK",
        ),
        (
            "alias-collision",
            {**CLEAN, "fields": [FIELD, {**FIELD, "name": "key", "aliases": ["id", "key"]}]},
            "$",
            "the alias id of field key is a field itself",
        ),
        (
            "alias-collision",
            {**CLEAN, "fields": [{**FIELD, "name": name, "aliases": ["old"]} for name in ("a", "b")]},
            "$",
            "fields a and b both have the alias old",
        ),
        ("logical-type-unknown", of_type({"type": "int", "logicalType": "celsius"}), "$.id", "celsius"),
    ],
)
def test_each_rule(rule, schema, path, part):
    found = lint_schema(schema, rules=[rule])
    assert [(finding.rule, finding.path) for finding in found] == [(rule, path)]
    assert part in str(found[0])
    assert lint_schema(schema, rules=[rule], ignore=[rule]) == ()
    assert lint_schema(CLEAN, rules=[rule]) == ()


@pytest.mark.filterwarnings("ignore::avrojet.IgnoredLogicalTypeWarning")
@pytest.mark.parametrize(
    ("schema", "path"),
    [(of_type({"type": "string", "logicalType": "date"}), "$.id"), (with_field(logicalType="uuid"), "$")],
)
def test_misplaced_logical_types(schema, path):
    found = lint_schema(schema, rules=["logical-type-misplaced"])
    assert [finding.path for finding in found] == [path]


def test_records_of_the_same_fields_in_a_union():
    records = [{"type": "record", "name": name, "fields": [FIELD]} for name in ("n.A", "n.B")]
    assert "n.A and n.B have the same fields" in str(lint_schema(records, rules=["union-order"])[0])


def test_a_clean_schema_has_no_findings():
    assert lint_schema(parse_schema(CLEAN)) == ()


def test_rules_that_are_none():
    with pytest.raises(ValueError, match="no rule is called 'docs'; the rules are doc, "):
        lint_schema(CLEAN, ignore=["docs"])


def test_every_rule_says_why():
    assert all(rule.why.endswith(".") for rule in RULES.values())
