"""Hypothesis: protocols and schemas as JSON data, with all that IDL has words for."""

from __future__ import annotations

import re
from math import isinf
from typing import Any

from hypothesis import strategies as st

from avrojet.schema.idl.comments import commentable
from avrojet.schema.idl.words import WORDS
from avrojet.schema.protocol_json import MESSAGE_ATTRIBUTES
from tests.strategies import JSON, PRIMITIVES, Names, _record, _schema, writers

# Whatever makes comments hard to read: line ends, stars, blanks of many kinds, comments' ends.
DOCS = st.text("ab*/ \t\n\r\x0b\x85\xa0\u2028é", max_size=12).map(commentable)
TEXTS = st.text(st.characters(codec="utf-8"), max_size=4) | st.sampled_from(
    ['"', "\\", "\x00\x1a\x7f", "\u2028"]
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3)
)
PROPS = st.dictionaries(
    st.sampled_from(["x", "java-class", "a.b-c", "error", "NaN", "é"]), VALUES, max_size=2
)
ORDERS = ["ascending", "descending", "ignore"]


@st.composite
def schemas(draw: st.DrawFn, *, plain: bool = False) -> JSON:
    """A schema's JSON data, any of its parts with documentation, attributes, aliases and defaults.

    :param plain: without what Java's IDL has no words for, though avrojet's has.
    """
    data = _decorated(draw, draw(writers()))
    return _plain(data) if plain else data


@st.composite
def protocols(draw: st.DrawFn, *, plain: bool = False) -> JSON:
    """A protocol's JSON data; ``plain`` as for schemas."""
    data = _protocol(draw)
    return _plain(data) if plain else data


def _plain(data: JSON) -> JSON:
    """The data without integers of more than 64 bits and attributes of unions; all names in one namespace."""
    if isinstance(data, dict):
        if isinstance(data.get("type"), list) and "name" not in data:
            return _plain(data["type"])
        if "request" in data and isinstance(data["response"], str) and data["response"] not in PRIMITIVES:
            # Java takes the attributes of the message for those of the reference.
            data = {key: value for key, value in data.items() if key in MESSAGE_ATTRIBUTES}
        return {key: _plain(value) for key, value in data.items() if (key, value) != ("namespace", "")}
    if isinstance(data, list):
        return [_plain(item) for item in data]
    if isinstance(data, str):
        return re.sub(r"^(?:[ab]\.)?(N\d+)$", r"a.\1", data)
    if isinstance(data, int):
        return data if data.bit_length() < 64 else 0
    return data


def _protocol(draw: st.DrawFn) -> JSON:
    names = Names()
    protocol = {"protocol": "P", **draw(st.sampled_from([{}, {"namespace": "a"}, {"namespace": "x.y"}]))}
    types = [_record(draw, 2, names, []) for _ in range(draw(st.integers(0, 3)))]
    errors = [{**_record(draw, 1, names, []), "type": "error"} for _ in range(draw(st.integers(0, 2)))]
    if draw(st.booleans()):
        protocol["doc"] = draw(DOCS)
    protocol |= draw(PROPS)
    # A type without a namespace cannot be referred to from within one, if that has one of the same name;
    # names here are all different.
    referred = [type["name"] for type in types]
    messages = {
        name: _message(draw, names, referred, [error["name"] for error in errors])
        for name in draw(st.lists(st.sampled_from(["m", "error", "int", "oneway"]), max_size=3, unique=True))
    }
    protocol["types"] = [_decorated(draw, type) for type in (*types, *errors)]
    return {**protocol, "messages": messages}


def _message(draw: st.DrawFn, names: Names, types: list[str], errors: list[str]) -> JSON:
    fields = [{"name": f"p{i}", "type": _schema(draw, 1, names, [])} for i in range(draw(st.integers(0, 2)))]
    message = {**draw(PROPS), "request": [_decorated_field(draw, field) for field in fields]}
    if draw(st.booleans()):
        message["doc"] = draw(DOCS)
    if draw(st.integers(0, 3)) == 0:
        return {**message, "response": "null", "one-way": True}
    message["response"] = draw(st.sampled_from([*PRIMITIVES, *types, ["null", "int"], ["int", "null"]]))
    if draw(st.booleans()):
        message["response"] = {"type": "array", "items": _decorated(draw, message["response"])}
    if errors and draw(st.booleans()):
        message["errors"] = draw(st.lists(st.sampled_from(errors), unique=True, min_size=1))
    return message


def _decorated(draw: st.DrawFn, schema: JSON) -> JSON:
    """The same schema with what may stand beside it."""
    if isinstance(schema, list):
        branches = [_decorated(draw, branch) for branch in schema]
        return {"type": branches, **draw(PROPS)} if draw(st.integers(0, 5)) == 0 else branches
    if isinstance(schema, str):
        plain = schema not in PRIMITIVES or draw(st.integers(0, 3))
        return schema if plain else {"type": schema, **draw(PROPS)}
    new = {**schema, **(draw(PROPS) if draw(st.booleans()) else {})}
    for part in ("items", "values"):
        if part in new:
            new[part] = _decorated(draw, new[part])
    if "name" in new:
        if draw(st.booleans()):
            new["doc"] = draw(DOCS)
        if draw(st.integers(0, 3)) == 0:
            new["aliases"] = draw(st.lists(st.sampled_from(["Old", "q.Old", "x.y.Older"]), unique=True))
    if "symbols" in new and draw(st.booleans()):
        new["symbols"] = [*new["symbols"], "error"]
        new["default"] = draw(st.sampled_from(new["symbols"]))
    if "fields" in new:
        new["fields"] = [_decorated_field(draw, field) for field in new["fields"]]
    return new


def _decorated_field(draw: st.DrawFn, field: JSON) -> JSON:
    new = {**field, "type": _decorated(draw, field["type"])}
    if draw(st.booleans()):
        new["doc"] = draw(DOCS)
    if draw(st.integers(0, 3)) == 0:
        new["name"] = new["name"] + draw(st.sampled_from(sorted(WORDS)))
    if draw(st.booleans()):
        new |= {"order": draw(st.sampled_from(ORDERS)), **draw(PROPS)}
    if draw(st.booleans()):
        found, default = _default(draw, field["type"])
        new |= {"default": default} if found else {}
    return new


def _default(draw: st.DrawFn, schema: JSON) -> tuple[bool, Any]:
    """Whether there is a default that is easy to say, and which."""
    if isinstance(schema, list):
        found, default = _default(draw, draw(st.sampled_from(schema)))
        # JSON has a word for an infinity, which is text where a branch may be text.
        is_word = isinstance(default, float) and isinf(default)
        return found and not (is_word and any(map(_may_be_text, schema))), default
    if isinstance(schema, dict):
        if schema["type"] in ("array", "map"):
            found, inner = _default(draw, schema.get("items", schema.get("values")))
            inside = found and draw(st.booleans())
            if schema["type"] == "array":
                return True, [inner] if inside else []
            return True, {draw(TEXTS): inner} if inside else {}
        if schema["type"] == "enum":
            return True, draw(st.sampled_from(schema["symbols"]))
        if "logicalType" in schema or schema["type"] not in PRIMITIVES:
            return False, None
        schema = schema["type"]
    return (True, draw(DEFAULTS[schema])) if schema in DEFAULTS else (False, None)


def _may_be_text(schema: JSON) -> bool:
    kind = schema["type"] if isinstance(schema, dict) else schema
    return kind in ("bytes", "string", "enum", "fixed")


DEFAULTS: dict[str, st.SearchStrategy[Any]] = {
    "null": st.none(),
    "boolean": st.booleans(),
    "int": st.integers(-(2**31), 2**31 - 1),
    "long": st.integers(-(2**63), 2**63 - 1),
    "float": st.floats(width=32, allow_nan=False),
    "double": st.floats(allow_nan=False) | st.integers(-(2**60), 2**60),
    "bytes": st.text(st.characters(max_codepoint=255), max_size=3),
    "string": TEXTS,
}
