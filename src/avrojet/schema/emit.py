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
"""Text, or a schema and the enclosing namespace."""

_dumps = json.JSONEncoder(
    ensure_ascii=False, separators=(",", ":"), allow_nan=False, check_circular=False
).encode
_SURROGATE: Final = re.compile("[\ud800-\udfff]")


def to_json(schema: Schema) -> str:
    """The schema as self-contained JSON text: a named type is defined where it first occurs.

    Attributes come in the specification's order, users' attributes last. NaN and the infinities, which JSON
    cannot express, are written as the strings ``"NaN"``, ``"Infinity"`` and ``"-Infinity"``, in users'
    attributes too. In defaults they are read as numbers again, here and in Java.

    :raises LimitError: if a default or an attribute nests too deep for Python's stack.
    """
    return Emission().text((schema, ""))


def to_portable_json(schema: Schema) -> str:
    """The same for other implementations: without what some of them refuse.

    Attributes of a union, and of a reference to a named type, have no place in the specification's JSON, and
    Java cannot open a file with such a schema. They are left out, unless they include a logical type, which
    data may need.
    """
    return Emission(portable=True).text((schema, ""))


def named_types(schemas: Iterable[Schema]) -> tuple[NamedSchema, ...]:
    """The named types in the schemas, in the order in which JSON text defines them one after another."""
    emission = Emission()
    emission.text(*((schema, "") for schema in schemas))
    return tuple(emission.defined.values())


def to_python(schema: Schema) -> Any:
    """The schema as JSON data: new dicts, lists and strings."""
    return loads(schema.json, sys.maxsize)


def escape_surrogates(text: str) -> str:
    """The JSON text with lone surrogates escaped, so that it can be encoded in UTF-8."""
    if text.isascii():
        return text
    return _SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


class Emission:
    """Writes schemas into one text.

    :param portable: see :func:`to_portable_json`.
    :ivar defined: the named types defined in the text so far, by fullname, in its order.
    """

    def __init__(self, *, portable: bool = False) -> None:
        self._portable = portable
        self.defined: dict[str, NamedSchema] = {}

    def text(self, *parts: Part) -> str:
        """The parts as text; types that are already defined are referred to by name.

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
        """The attributes to write where the specification has no place for any."""
        return {} if self._portable and "logicalType" not in props else props

    def _named(self, schema: NamedSchema, namespace: str) -> list[Part]:
        if schema.fullname in self.defined:
            return [self._reference(schema, namespace)]
        if schema.name:  # a type without a name is never referred to
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
            # The fullname: a short name could be that of a complex type, and would define one here.
            return f'{{"type":{encode_basestring(schema.fullname)}{attributes(props)}}}'
        text = relative_name(schema.fullname, namespace)
        if text[0] == "." and fullname(schema.name, namespace) not in self.defined:
            return encode_basestring(schema.name)  # in the null namespace; this one has no such type
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
        text = _common_text(field.type)
        if text is not None:
            parts.append(f"{begin}{text}{_field_attributes(field)}")
        else:
            parts += begin, (field.type, namespace), _field_attributes(field)
    return parts


def _common_text(schema: Schema) -> str | None:
    """The text of a primitive type, or of its union with null, which is the same everywhere; else None."""
    if isinstance(schema, PrimitiveSchema):
        return None if schema.props else f'"{schema.type}"'
    if not isinstance(schema, UnionSchema) or schema.props or len(schema.branches) != 2:
        return None
    first, second = map(_common_text, schema.branches)
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
    """The attributes as members of an object, each after a comma."""
    return "".join(_attribute(name, value) for name, value in props.items()) if props else ""


def _attribute(name: str, value: Any) -> str:
    return f",{encode_basestring(name)}:{dump_json(value)}"


def dump_json(value: Any) -> str:
    """Valid JSON text of JSON data; NaN and the infinities are written as strings.

    :raises LimitError: if they nest too deep for Python's stack.
    """
    if is_deep(value):
        raise SchemaLimitError(TOO_DEEP)
    try:
        return _dumps(value)
    except ValueError:
        return _dumps(in_words(value))
