"""Protocols from JSON text and data, and back (specification: Protocol Declaration)."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from json.encoder import encode_basestring
from typing import Any, Final

from avrojet.errors import SchemaError, tell_place
from avrojet.limits import Limits, limits_in_force
from avrojet.messages import show, warn
from avrojet.schema.definitions import defined_name
from avrojet.schema.emit import Emission, Part, attributes, escape_surrogates, field_parts
from avrojet.schema.jsondata import is_array
from avrojet.schema.model import NamedSchema, Schema, UnionSchema
from avrojet.schema.names import are_texts, fullname, is_fullname, is_name
from avrojet.schema.parse import NO_LIMITS
from avrojet.schema.parser import NameMode, Parser
from avrojet.schema.places import Place, invalid
from avrojet.schema.protocol import Message, Protocol
from avrojet.schema.text import read_file, read_json

PROTOCOL_ATTRIBUTES: Final = frozenset({"protocol", "namespace", "doc", "types", "messages"})
MESSAGE_ATTRIBUTES: Final = frozenset({"doc", "request", "response", "errors", "one-way"})

_TEXT: Final = (str, bytes, bytearray)


def parse_protocol(source: Any, *, names: NameMode = "strict", limits: Limits | None = None) -> Protocol:
    """Make a Protocol of its JSON (specification: Protocol Declaration).

    :param source: JSON text (str, or bytes in UTF-8), JSON data, or a Protocol, which is returned as it is.
        Named types must be defined before they are used. Attributes that are null count as absent.
    :param names: see :func:`avrojet.parse_schema`.
    :param limits: ``depth``, ``schema_bytes`` and ``union_branches`` bound the source; None: the process's.
    :raises SchemaError: if the source breaks a rule; its path and its message name the place.
    :raises LimitError: if it exceeds a limit.

    >>> protocol = parse_protocol('{"protocol": "Mail", "namespace": "org.foo"}')
    >>> protocol.fullname
    'org.foo.Mail'
    """
    if isinstance(source, Protocol):
        return source
    limits = limits_in_force(limits)
    if isinstance(source, _TEXT):
        source = read_json(source, limits, comments=names == "lax", decode=_decode)
    return _made(source, names, limits)


def load_protocol(
    path: str | os.PathLike[str], *, names: NameMode = "strict", limits: Limits | None = None
) -> Protocol:
    """Parse a file that defines a protocol.

    :param path: JSON text in UTF-8, usually ``*.avpr``, or IDL if its name ends in ``.avdl``
        (see :func:`avrojet.load_idl`).
    :param names: see :func:`avrojet.parse_schema`.
    :param limits: see :func:`avrojet.parse_protocol`.
    :raises SchemaError: if the protocol is not valid; its message names the file.
    :raises LimitError: if it exceeds a limit.
    :raises OSError: if a file cannot be read.
    """
    from pathlib import Path

    path = Path(path)
    limits = limits_in_force(limits)
    if path.suffix == ".avdl":
        from avrojet.schema.idl import load_idl

        protocol = load_idl(path, names=names, limits=limits).protocol
        if protocol is None:
            raise SchemaError(f"{path}: there is no protocol in it, only types; avrojet.load_idl reads them")
        return protocol
    try:
        return protocol_of(read_file(path, limits), names, limits)
    except SchemaError as error:
        tell_place(error, str(path), file=str(path))
        raise


def protocol_of(text: bytes, names: NameMode, limits: Limits) -> Protocol:
    """The protocol of a file's text, which may have comments."""
    return _made(read_json(text, limits, comments=True, decode=_decode), names, limits)


def restore_protocol(text: str) -> Protocol:
    """The protocol with this ``json``, for pickle."""
    return _made(read_json(text, NO_LIMITS), "lax", NO_LIMITS)


def _made(source: Any, names: NameMode, limits: Limits) -> Protocol:
    """The protocol of JSON data."""
    later: dict[str, tuple[Any, Place]] = {}
    parser = Parser(names, limits, find=lambda name: later.pop(name, None))
    protocol = ProtocolReader(parser, strict=names == "strict", later=later).protocol(source)
    for category, text in parser.warnings:
        warn(category, text)
    return protocol


class _Members(dict[str, Any]):
    """An object of JSON text.

    :ivar twice: a name that occurs twice (``dict`` keeps the last), or None.
    """

    twice: str | None = None


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = _Members(pairs)
    if len(members) != len(pairs):
        counts = Counter(name for name, _ in pairs)
        members.twice = next(name for name, count in counts.items() if count > 1)
    return members


_decode: Final = json.JSONDecoder(object_pairs_hook=_members).decode


class ProtocolReader:
    """Makes a protocol, or single messages, from JSON data.

    :param parser: makes the types.
    :param later: where it finds types that are used before they are defined, in lax mode.
    """

    def __init__(
        self, parser: Parser, *, strict: bool, later: dict[str, tuple[Any, Place]] | None = None
    ) -> None:
        self._parser = parser
        self._strict = strict
        self._later = {} if later is None else later

    def protocol(self, source: Any) -> Protocol:
        """The protocol of the data.

        :raises SchemaError: if they break a rule.
        """
        if not isinstance(source, Mapping):
            raise invalid(f"a protocol must be an object, not {show(source)}", None)
        name = self.name(source, None)
        namespace = name.rpartition(".")[0]
        self._types(_array(source, "types", None), namespace)
        messages = source.get("messages")
        if messages is not None and not isinstance(messages, Mapping):
            raise invalid(f"messages must be an object, not {show(messages)}", (None, "messages", 0))
        if isinstance(messages, _Members) and messages.twice is not None:
            raise invalid(f"the message {show(messages.twice)} is declared twice", (None, "messages", 0))
        made = [
            self.message(name, message, namespace, (None, "messages.{}", name))
            for name, message in (messages or {}).items()
        ]
        self._parser.close()
        doc, props = self._parser.description(source, PROTOCOL_ATTRIBUTES, None)
        return Protocol(name, self._parser.known.values(), made, doc, props)

    def name(self, source: Mapping[str, Any], place: Place | None) -> str:
        """The fullname of the protocol."""
        name = source.get("protocol")
        if not isinstance(name, str):
            raise invalid(f"a protocol needs a name, the string 'protocol', not {show(name)}", place)
        if not name or not self._is_valid(name, is_fullname):
            raise _no_name("name of the protocol", name, (place, "protocol", 0))
        namespace = source.get("namespace")
        if namespace is None:
            namespace = ""
        if namespace != "" and not self._is_valid(namespace, is_fullname):
            raise _no_name("namespace of the protocol", namespace, (place, "namespace", 0))
        return fullname(name, namespace)

    def _is_valid(self, name: Any, is_by_rule: Callable[[str], bool]) -> bool:
        """Whether it is a name by the rule; in lax mode, any text."""
        return isinstance(name, str) and (is_by_rule(name) if self._strict else are_texts((name,)))

    def _types(self, sources: Sequence[Any], namespace: str) -> None:
        early = {} if self._strict else self._offer(sources, namespace)
        for index, source in enumerate(sources):
            place: Place = None, "types[{}]", index
            name = early.get(index)
            if name is not None and self._later.pop(name, None) is None:
                continue  # it was made where it is first used
            made = self._parser.part(source, namespace, place)
            if not isinstance(made, NamedSchema) or not made.name:
                raise invalid("a protocol's types are records, errors, enums and fixed, with names", place)

    def _offer(self, sources: Sequence[Any], namespace: str) -> dict[int, str]:
        """Make types findable before they are parsed. Returns fullnames by index: the first of each name."""
        offered = {}
        for index, source in enumerate(sources):
            name = defined_name(source, namespace)
            if name is not None and name not in self._later:
                whole = {**source, "namespace": name.rpartition(".")[0]}
                self._later[name] = whole, (None, "types[{}]", index)
                offered[index] = name
        return offered

    def message(self, name: Any, source: Any, namespace: str, place: Place) -> Message:
        """The message of JSON data.

        :param namespace: the protocol's.
        """
        if not name or not self._is_valid(name, is_name):
            raise _no_name("name of the message", name, place)
        if not isinstance(source, Mapping):
            raise invalid(f"a message must be an object, not {show(source)}", place)
        if source.get("request") is None:
            raise invalid("a message needs the attribute 'request', an array of parameters", place)
        one_way = source.get("one-way") or False
        if not isinstance(one_way, bool):
            raise invalid(f"'one-way' must be true or false, not {show(one_way)}", (place, "one-way", 0))
        request = self._parser.parameters(source["request"], namespace, (place, "request", 0))
        response = source.get("response", "null" if one_way else None)
        if response is None:
            raise invalid("a message needs the attribute 'response', or 'one-way' if there is none", place)
        answer = self._parser.part(response, namespace, (place, "response", 0))
        if one_way and answer.type != "null":
            raise invalid("the response of a one-way message is null", (place, "response", 0))
        if one_way and source.get("errors"):
            raise invalid("a one-way message has no errors", (place, "errors", 0))
        errors = self._errors(source, namespace, place)
        doc, props = self._parser.description(source, MESSAGE_ATTRIBUTES, place)
        return Message(name, request, answer, errors, one_way, doc, props)

    def _errors(self, source: Mapping[str, Any], namespace: str, place: Place) -> UnionSchema:
        """The effective union of errors."""
        at = place, "errors", 0
        errors: dict[str, Schema] = {}
        for index, declared in enumerate(_array(source, "errors", place)):
            here = at, "[{}]", index
            error = self._parser.part(declared, namespace, here)
            if not isinstance(error, NamedSchema) or (self._strict and error.type != "error"):
                raise invalid(f"{show(declared)} is not an error: a record with the type 'error'", here)
            if error.fullname in errors:
                raise invalid(f"the error {show(error.fullname)} is declared twice", here)
            errors[error.fullname] = error
        union = self._parser.part(["string", *errors.values()], namespace, at)
        assert isinstance(union, UnionSchema)
        return union


def _array(source: Mapping[str, Any], name: str, place: Place | None) -> Sequence[Any]:
    value = source.get(name)
    if value is None:
        return ()
    if not is_array(value):
        raise invalid(f"{name} are an array, not {show(value)}", (place, name, 0))
    return value


def _no_name(what: str, text: Any, place: Place) -> SchemaError:
    dots = "" if "message" in what else " with dots between"
    return invalid(f"the {what} is [A-Za-z_][A-Za-z0-9_]*{dots}, not {show(text)}", place)


# -- to JSON text ----------------------------------------------------------------------------------


def to_json(protocol: Protocol) -> tuple[str, tuple[NamedSchema, ...]]:
    """The protocol as JSON text, and its types in the order in which the text defines them.

    Attributes come in the order in which Java writes them. Each type is defined in ``types``, where it first
    occurs.

    :raises LimitError: if a default or an attribute nests too deep for Python's stack.
    """
    namespace = protocol.namespace
    emission = Emission()
    text = [f'{{"protocol":{encode_basestring(protocol.name)}']
    if namespace:
        text.append(attributes({"namespace": namespace}))
    text.append(_description(protocol))
    types = [
        emission.text((type, namespace)) for type in protocol.types if type.fullname not in emission.defined
    ]
    text.append(f',"types":[{",".join(types)}],"messages":{{')
    messages = (_message(message, namespace, emission) for message in protocol.messages.values())
    text.append(",".join(messages) + "}}")
    return "".join(text), tuple(emission.defined.values())


def _description(described: Protocol | Message) -> str:
    doc = {} if described.doc is None else {"doc": described.doc}
    return escape_surrogates(attributes({**doc, **described.props}))


def _message(message: Message, namespace: str, emission: Emission) -> str:
    parts: list[Part] = ['"request":[', *field_parts(message.request, namespace), '],"response":']
    parts.append((message.response, namespace))
    if message.one_way:
        parts.append(',"one-way":true')
    elif message.declared_errors:
        parts += [',"errors":', (UnionSchema(message.declared_errors), namespace)]
    description = _description(message)
    head = f"{description[1:]}," if description else ""
    return f"{encode_basestring(message.name)}:{{{head}{emission.text(*parts)}}}"
