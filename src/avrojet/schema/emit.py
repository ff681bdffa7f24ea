"""From schemas to their JSON."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Mapping
from json.encoder import encode_basestring
from typing import Any, Final, TypeAlias

from avrojet.errors import SchemaLimitError
from avrojet.levels import is_deep
from avrojet.schema.defaults import in_words
from avrojet.schema.model import (
    NO_DEFAULT,
    PRIMITIVE_TYPES,
    ArraySchema,
    EnumSchema,
    Field,
    FixedSchema,
    MapSchema,
    NamedSchema,
    PrimitiveSchema,
    RecordSchema,
    Schema,
    UnionSchema,
)
from avrojet.schema.names import fullname, relative_name
from avrojet.schema.places import TOO_DEEP
from avrojet.schema.text import loads

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
    return Emission().text((schema, ""))


def to_portable_json(schema: Schema) -> str:
    """The same for others to read: without what some implementations of Avro refuse to see.

    Attributes of a union, and those that stand where a named type is referred to, have no place in the
    specification's JSON, and Java cannot open a file with such a schema. They are left out, unless they have
    a logical type among them, which data may need.
    """
    return Emission(portable=True).text((schema, ""))


def named_types(schemas: Iterable[Schema]) -> tuple[NamedSchema, ...]:
    """The named types in the schemas, in the order in which JSON text defines them one after another."""
    emission = Emission()
    emission.text(*((schema, "") for schema in schemas))
    return tuple(emission.defined.values())


def to_python(schema: Schema) -> Any:
    """The schema as JSON data: dicts, lists and strings, made afresh."""
    return loads(schema.json, sys.maxsize)


def escape_surrogates(text: str) -> str:
    """JSON text that has a UTF-8 form: half a surrogate pair stands as its escape."""
    if text.isascii():
        return text
    return _SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


class Emission:
    """Schemas on their way to one text.

    :param portable: see :func:`to_portable_json`.
    :ivar defined: the named types that are defined in it, by fullname, in the order of the text.
    """

    def __init__(self, *, portable: bool = False) -> None:
        self._portable = portable
        self.defined: dict[str, NamedSchema] = {}

    def text(self, *parts: Part) -> str:
        """The parts as text; types that are defined already are only named.

        :raises LimitError: as :func:`to_json`.
        """
        text: list[str] = []
        waiting = list(reversed(parts))
        try:
            while waiting:
                part = waiting.pop()
                if isinstance(part, str):
                    text.append(part)
                else:
                    waiting += reversed(self._parts(*part))
        except RecursionError:
            raise SchemaLimitError(TOO_DEEP) from None
        return escape_surrogates("".join(text))

    def _parts(self, schema: Schema, namespace: str) -> list[Part]:
        if isinstance(schema, NamedSchema):
            return self._named(schema, namespace)
        if isinstance(schema, UnionSchema):
            branches = _union(schema, namespace)
            props = self._extra(schema.props)
            return ['{"type":', *branches, attributes(props), "}"] if props else branches
        if isinstance(schema, ArraySchema):
            return ['{"type":"array","items":', (schema.items, namespace), attributes(schema.props), "}"]
        if isinstance(schema, MapSchema):
            return ['{"type":"map","values":', (schema.values, namespace), attributes(schema.props), "}"]
        if schema.props:
            return [f'{{"type":"{schema.type}"{attributes(schema.props)}}}']
        return [f'"{schema.type}"']

    def _extra(self, props: Mapping[str, Any]) -> Mapping[str, Any]:
        """Attributes that stand where the specification has none."""
        return {} if self._portable and "logicalType" not in props else props

    def _named(self, schema: NamedSchema, namespace: str) -> list[Part]:
        if schema.fullname in self.defined:
            return [self._reference(schema, namespace)]
        if schema.name:  # what has none is never referred to
            self.defined[schema.fullname] = schema
        own = schema.namespace
        head = f'{{"type":"{schema.type}","name":{encode_basestring(schema.name)}'
        if own != namespace:
            head += _attribute("namespace", own)
        if schema.doc is not None:
            head += _attribute("doc", schema.doc)
        if schema.aliases:
            head += _attribute("aliases", [relative_name(alias, own) for alias in schema.aliases])
        tail = f"{attributes(schema.props)}}}"
        if isinstance(schema, RecordSchema):
            return [head, ',"fields":[', *field_parts(schema, own), "]", tail]
        if isinstance(schema, EnumSchema):
            head += _attribute("symbols", schema.symbols)
            if schema.default is not None:
                head += _attribute("default", schema.default)
        elif isinstance(schema, FixedSchema):
            head += _attribute("size", schema.size)
        return [head, tail]

    def _reference(self, schema: NamedSchema, namespace: str) -> str:
        props = self._extra(schema.reference)
        if props:
            # In full: a short name could be that of a complex type, which would define one here.
            return f'{{"type":{encode_basestring(schema.fullname)}{attributes(props)}}}'
        text = relative_name(schema.fullname, namespace)
        if text[0] == "." and fullname(schema.name, namespace) not in self.defined:
            return encode_basestring(schema.name)  # one of the null namespace that the namespace has not
        return encode_basestring(schema.fullname if text in PRIMITIVE_TYPES else text)


def _union(schema: UnionSchema, namespace: str) -> list[Part]:
    parts: list[Part] = ["["]
    for branch in schema.branches:
        if len(parts) > 1:
            parts.append(",")
        parts.append((branch, namespace))
    parts.append("]")
    return parts


def field_parts(schema: RecordSchema, namespace: str) -> list[Part]:
    """The fields without the brackets around them."""
    parts: list[Part] = []
    for field in schema.fields:
        begin = f'{"," if parts else ""}{{"name":{encode_basestring(field.name)},"type":'
        text = _alone(field.type)
        if text is not None:
            parts.append(f"{begin}{text}{_field_attributes(field)}")
        else:
            parts += begin, (field.type, namespace), _field_attributes(field)
    return parts


def _alone(schema: Schema) -> str | None:
    """The text of what most fields are, the same everywhere: a primitive type, with null or without."""
    if isinstance(schema, PrimitiveSchema):
        return None if schema.props else f'"{schema.type}"'
    if not isinstance(schema, UnionSchema) or schema.props or len(schema.branches) != 2:
        return None
    first, second = map(_alone, schema.branches)
    return None if first is None or second is None else f"[{first},{second}]"


def _field_attributes(field: Field) -> str:
    text = ""
    if field.doc is not None:
        text += _attribute("doc", field.doc)
    if field.default is None:
        text += ',"default":null'
    elif field.default is not NO_DEFAULT:
        text += _attribute("default", field.default)
    if field.order != "ascending":
        text += _attribute("order", field.order)
    if field.aliases:
        text += _attribute("aliases", field.aliases)
    return f"{text}{attributes(field.props)}}}"


def attributes(props: Mapping[str, Any]) -> str:
    """A comma, name and value for each."""
    return "".join(_attribute(name, value) for name, value in props.items()) if props else ""


def _attribute(name: str, value: Any) -> str:
    return f",{encode_basestring(name)}:{dump_json(value)}"


def dump_json(value: Any) -> str:
    """Text of JSON data that is JSON, whatever the numbers.

    :raises LimitError: if they nest too deep for Python's stack.
    """
    if is_deep(value):
        raise SchemaLimitError(TOO_DEEP)
    try:
        return _dumps(value)
    except ValueError:
        return _dumps(in_words(value))
