"""From schemas and protocols to text of IDL."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, TypeAlias

from avrojet.errors import SchemaError, SchemaLimitError
from avrojet.levels import is_deep
from avrojet.messages import show
from avrojet.schema.emit import named_types
from avrojet.schema.idl.comments import comment_of, commentable
from avrojet.schema.idl.values import emit_value
from avrojet.schema.idl.words import LOGICAL_WORDS, is_identifier, quoted
from avrojet.schema.model import (
    NO_DEFAULT,
    PRIMITIVE_TYPES,
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
from avrojet.schema.protocol import Message, Protocol

Part: TypeAlias = "str | Schema"

_STEP: Final = "    "
_WIDTH: Final = 100


def protocol_to_idl(protocol: Protocol) -> str:
    """The protocol as IDL."""
    return _Writer(protocol.namespace, protocol.types, _STEP).protocol(protocol)


def schema_to_idl(schema: Schema) -> str:
    """The schema, with all named types in it, as IDL."""
    types = named_types([schema])
    # Within a namespace, Java does not find types that have none.
    namespace = types[0].namespace if all(type.namespace for type in types) and types else ""
    return _Writer(namespace, types, "").schema(schema)


class _Writer:
    """Writes one text.

    :param namespace: the default one of the text.
    :param types: all named types.
    :param indent: the indentation of the definitions.
    """

    def __init__(self, namespace: str, types: Sequence[NamedSchema], indent: str) -> None:
        self._namespace = namespace
        self._types = types
        self._names = frozenset(type.fullname for type in types)
        self._indent = indent

    def protocol(self, protocol: Protocol) -> str:
        """The whole text of a protocol."""
        text = self._doc(protocol.doc, "") + self._notes(protocol.props, "")
        if self._namespace:
            text += f"@namespace({_value(self._namespace)})\n"
        text += f"protocol {self._name(protocol.name)} {{\n"
        parts = [self._definition(type) for type in self._types]
        if protocol.messages:
            parts.append("".join(map(self._message, protocol.messages.values())))
        return text + "\n".join(parts) + "}\n"

    def schema(self, schema: Schema) -> str:
        """The whole text of a schema."""
        head = f"namespace {self._name(self._namespace)};\n" if self._namespace else ""
        head += f"schema {self._type(schema, self._namespace)};\n"
        return "\n".join([head, *map(self._definition, self._types)])

    # -- named types -------------------------------------------------------------------------------

    def _definition(self, type: NamedSchema) -> str:
        indent = self._indent
        text = self._doc(type.doc, indent) + self._notes(type.props, indent)
        if type.namespace != self._namespace:
            text += f"{indent}@namespace({_value(type.namespace)})\n"
        if type.aliases:
            aliases = [relative_name(alias, type.namespace) for alias in type.aliases]
            text += f"{indent}@aliases({_value(aliases)})\n"
        name = self._name(type.name)
        if isinstance(type, RecordSchema):
            fields = "".join(self._field(field, type.namespace) for field in type.fields)
            return f"{text}{indent}{type.type} {name} {{\n{fields}{indent}}}\n"
        if isinstance(type, EnumSchema):
            return f"{text}{indent}enum {name} {self._symbols(type)}"
        assert isinstance(type, FixedSchema)
        return f"{text}{indent}fixed {name}({type.size});\n"

    def _symbols(self, type: EnumSchema) -> str:
        indent = self._indent
        symbols = [self._name(symbol) for symbol in type.symbols]
        line = ", ".join(symbols)
        if len(line) > _WIDTH:
            line = f",\n{indent}{_STEP}".join(symbols)
        body = f"{{\n{indent}{_STEP}{line}\n{indent}}}" if symbols else "{}"
        default = "" if type.default is None else f" = {self._name(type.default)};"
        return f"{body}{default}\n"

    def _field(self, field: Field, namespace: str) -> str:
        indent = self._indent + _STEP
        return f"{self._doc(field.doc, indent)}{indent}{self._variable(field, namespace)};\n"

    def _variable(self, field: Field, namespace: str) -> str:
        """A field or parameter without its documentation."""
        nulls_last = field.default is not NO_DEFAULT and field.default is not None
        notes = self._inline_notes(field.props)
        if field.order != "ascending":
            notes += f"@order({_value(field.order)}) "
        if field.aliases:
            notes += f"@aliases({_value(list(field.aliases))}) "
        default = "" if field.default is NO_DEFAULT else f" = {_value(field.default)}"
        type = self._type(field.type, namespace, nulls_last=nulls_last)
        return f"{type} {notes}{self._name(field.name)}{default}"

    # -- messages ----------------------------------------------------------------------------------

    def _message(self, message: Message) -> str:
        indent = self._indent
        text = self._doc(message.doc, indent) + self._notes(message.props, indent)
        response = self._response(message)
        parameters = self._parameters(message.request)
        text += f"{indent}{response} {self._name(message.name)}({parameters})"
        if message.one_way:
            text += " oneway"
        elif message.declared_errors:
            errors = [self._type(error, self._namespace) for error in message.declared_errors]
            text += f" throws {', '.join(errors)}"
        return f"{text};\n"

    def _response(self, message: Message) -> str:
        response = message.response
        if response.type == "null" and not response.props:
            return "void"
        text = self._type(response, self._namespace)
        if text.startswith("@"):
            what = f"attributes of the response of {show(message.name)}"
            raise _inexpressible(f"{what}: annotations there are the message's")
        return text

    def _parameters(self, request: RecordSchema) -> str:
        variables = [self._variable(field, self._namespace) for field in request.fields]
        if not any(field.doc is not None for field in request.fields):
            return ", ".join(variables)
        indent = self._indent + _STEP
        documented = [
            f"\n{self._doc(field.doc, indent)}{indent}{variable}"
            for field, variable in zip(request.fields, variables, strict=True)
        ]
        return f"{','.join(documented)}\n{self._indent}"

    # -- types -------------------------------------------------------------------------------------

    def _type(self, schema: Schema, namespace: str, *, nulls_last: bool = False) -> str:
        """A type where one is used.

        :param namespace: the enclosing one.
        :param nulls_last: whether a question mark means that null is the last branch.
        """
        text: list[str] = []
        waiting: list[Part] = [schema]
        while waiting:
            part = waiting.pop()
            if isinstance(part, str):
                text.append(part)
            else:
                waiting += reversed(self._parts(part, namespace, nulls_last=nulls_last and part is schema))
        return "".join(text)

    def _parts(self, schema: Schema, namespace: str, *, nulls_last: bool) -> list[Part]:
        if isinstance(schema, NamedSchema):
            return [self._reference(schema, namespace)]
        if isinstance(schema, UnionSchema):
            return self._union(schema, nulls_last=nulls_last)
        notes = self._inline_notes(schema.props)
        if isinstance(schema, ArraySchema):
            return [f"{notes}array<", schema.items, ">"]
        if isinstance(schema, MapSchema):
            return [f"{notes}map<", schema.values, ">"]
        word, props = _keyword(schema)
        return [self._inline_notes(props) + word]

    def _union(self, schema: UnionSchema, *, nulls_last: bool) -> list[Part]:
        branches = schema.branches
        if not branches:
            raise _inexpressible("a union of no types")
        if len(branches) == 2 and not schema.props:
            null, other = reversed(branches) if nulls_last else branches
            simple = not isinstance(other, ArraySchema | MapSchema)
            if null.type == "null" and not null.props and simple:
                return [other, "?"]
        parts: list[Part] = [f"{self._inline_notes(schema.props)}union {{ "]
        for branch in branches:
            parts += [branch, ", "]
        parts[-1] = " }"
        return parts

    def _reference(self, schema: NamedSchema, namespace: str) -> str:
        if schema.reference:
            raise _inexpressible(f"attributes of a reference to a type, {schema.fullname} here")
        name = relative_name(schema.fullname, namespace)
        if name.startswith("."):
            name = name[1:]
            if fullname(name, namespace) in self._names:
                what = f"in the namespace {namespace} there is a {name} too"
                raise _inexpressible(f"a reference to the type {name}, which has no namespace: {what}")
        if name in PRIMITIVE_TYPES:
            name = schema.fullname
        return self._name(name)

    # -- names, comments, annotations --------------------------------------------------------------

    def _name(self, name: str) -> str:
        if not is_identifier(name):
            raise _inexpressible(f"the name {show(name)}")
        return quoted(name)

    def _doc(self, doc: str | None, indent: str) -> str:
        return "" if doc is None else comment_of(commentable(doc), indent)

    def _notes(self, props: Mapping[str, Any], indent: str) -> str:
        return "".join(f"{indent}{note}\n" for note in self._annotations(props))

    def _inline_notes(self, props: Mapping[str, Any]) -> str:
        return "".join(f"{note} " for note in self._annotations(props))

    def _annotations(self, props: Mapping[str, Any]) -> Iterable[str]:
        for name, value in props.items():
            if not is_identifier(name):
                raise _inexpressible(f"the attribute {show(name)}")
            yield f"@{quoted(name)}({_value(value)})"


_WORDS: Final = {(meant["type"], meant["logicalType"]): word for word, meant in LOGICAL_WORDS.items()}


def _keyword(schema: Schema) -> tuple[str, Mapping[str, Any]]:
    """The keyword of a primitive type, or of its logical type, and the remaining attributes."""
    if schema.logical is not None:
        attributes = list(schema.props.items())
        if attributes[0] == ("logicalType", schema.logical.name):
            word = _WORDS.get((schema.type, schema.logical.name))
            if word is not None:
                return word, dict(attributes[1:])
            if [name for name, _ in attributes[1:3]] == ["precision", "scale"] and schema.type == "bytes":
                return f"decimal({schema.logical.precision}, {schema.logical.scale})", dict(attributes[3:])
    return schema.type, schema.props


def _value(value: Any) -> str:
    if is_deep(value):
        raise SchemaLimitError(TOO_DEEP)
    return emit_value(value)


def _inexpressible(what: str) -> SchemaError:
    return SchemaError(f"IDL cannot say {what}")
