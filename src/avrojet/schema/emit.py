"""From schemas to their JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from json.encoder import encode_basestring
from typing import Any, Final, TypeAlias

from avrojet.errors import LimitError
from avrojet.schema.defaults import in_words
from avrojet.schema.model import (
    NO_DEFAULT,
    ArraySchema,
    EnumSchema,
    Field,
    FixedSchema,
    MapSchema,
    NamedSchema,
    RecordSchema,
    Schema,
    UnionSchema,
)
from avrojet.schema.names import fullname, relative_name
from avrojet.schema.places import TOO_DEEP

Part: TypeAlias = "str | tuple[Schema, str]"
"""Text, or a schema and the namespace around it."""

_dumps = json.JSONEncoder(
    ensure_ascii=False, separators=(",", ":"), allow_nan=False, check_circular=False
).encode
_SURROGATE: Final = re.compile("[\ud800-\udfff]")


def to_json(schema: Schema) -> str:
    """The schema as JSON text that stands by itself: a named type is defined where it is met first.

    Attributes come in the specification's order, those of users last. NaN and the infinities, which JSON has
    no form for, stand as the strings ``"NaN"``, ``"Infinity"`` and ``"-Infinity"``, in attributes of users
    too: as defaults they are read as the numbers again, here and in Java.

    :raises LimitError: if a default or an attribute nests too deep for Python's stack.
    """
    defined: set[str] = set()
    text: list[str] = []
    waiting: list[Part] = [(schema, "")]
    try:
        while waiting:
            part = waiting.pop()
            if isinstance(part, str):
                text.append(part)
            else:
                waiting += reversed(_parts(*part, defined))
    except RecursionError:
        raise LimitError(TOO_DEEP) from None
    return escape_surrogates("".join(text))


def to_python(schema: Schema) -> Any:
    """The schema as JSON data: dicts, lists and strings, made afresh.

    :raises LimitError: if it nests too deep for Python's stack.
    """
    try:
        return json.loads(schema.json)
    except RecursionError:
        raise LimitError(TOO_DEEP) from None


def escape_surrogates(text: str) -> str:
    """JSON text that has a UTF-8 form: half a surrogate pair stands as its escape."""
    if text.isascii():
        return text
    return _SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _parts(schema: Schema, namespace: str, defined: set[str]) -> list[Part]:
    if isinstance(schema, NamedSchema):
        return _named(schema, namespace, defined)
    if isinstance(schema, UnionSchema):
        branches = _union(schema, namespace)
        return ['{"type":', *branches, _attributes(schema.props), "}"] if schema.props else branches
    if isinstance(schema, ArraySchema):
        return ['{"type":"array","items":', (schema.items, namespace), _attributes(schema.props), "}"]
    if isinstance(schema, MapSchema):
        return ['{"type":"map","values":', (schema.values, namespace), _attributes(schema.props), "}"]
    if schema.props:
        return [f'{{"type":"{schema.type}"{_attributes(schema.props)}}}']
    return [f'"{schema.type}"']


def _union(schema: UnionSchema, namespace: str) -> list[Part]:
    parts: list[Part] = ["["]
    for branch in schema.branches:
        if len(parts) > 1:
            parts.append(",")
        parts.append((branch, namespace))
    parts.append("]")
    return parts


def _named(schema: NamedSchema, namespace: str, defined: set[str]) -> list[Part]:
    if schema.fullname in defined:
        return [encode_basestring(_reference(schema.fullname, namespace, defined))]
    defined.add(schema.fullname)
    own = schema.namespace
    head = f'{{"type":"{schema.type}","name":{encode_basestring(schema.name)}'
    if own != namespace:
        head += _attribute("namespace", own)
    if schema.doc is not None:
        head += _attribute("doc", schema.doc)
    if schema.aliases:
        head += _attribute("aliases", [relative_name(alias, own) for alias in schema.aliases])
    tail = f"{_attributes(schema.props)}}}"
    if isinstance(schema, RecordSchema):
        return [head, ',"fields":[', *_fields(schema, own), "]", tail]
    if isinstance(schema, EnumSchema):
        head += _attribute("symbols", schema.symbols)
        if schema.default is not None:
            head += _attribute("default", schema.default)
    elif isinstance(schema, FixedSchema):
        head += _attribute("size", schema.size)
    return [head, tail]


def _reference(name: str, namespace: str, defined: set[str]) -> str:
    text = relative_name(name, namespace)
    if text[0] == "." and fullname(name, namespace) not in defined:
        return name  # a bare name that the namespace does not have is one of the null namespace
    return text


def _fields(schema: RecordSchema, namespace: str) -> list[Part]:
    parts: list[Part] = []
    for field in schema.fields:
        parts.append(f'{"," if parts else ""}{{"name":{encode_basestring(field.name)},"type":')
        parts.append((field.type, namespace))
        parts.append(_field_attributes(field))
    return parts


def _field_attributes(field: Field) -> str:
    text = ""
    if field.doc is not None:
        text += _attribute("doc", field.doc)
    if field.default is not NO_DEFAULT:
        text += _attribute("default", field.default)
    if field.order != "ascending":
        text += _attribute("order", field.order)
    if field.aliases:
        text += _attribute("aliases", field.aliases)
    return f"{text}{_attributes(field.props)}}}"


def _attributes(props: Mapping[str, Any]) -> str:
    return "".join(_attribute(name, value) for name, value in props.items()) if props else ""


def _attribute(name: str, value: Any) -> str:
    return f",{encode_basestring(name)}:{dump_json(value)}"


def dump_json(value: Any) -> str:
    """Text of JSON data that is JSON, whatever the numbers."""
    try:
        return _dumps(value)
    except ValueError:
        return _dumps(in_words(value))
