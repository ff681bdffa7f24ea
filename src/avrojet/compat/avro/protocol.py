"""Protocols (specification: Protocol Declaration)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any, Final, TypedDict, cast

from avrojet.compat.avro import schema
from avrojet.compat.avro.errors import ProtocolParseException
from avrojet.compat.avro.name import Name, Names
from avrojet.schema.protocol import Protocol as CoreProtocol
from avrojet.schema.protocol_json import parse_protocol

VALID_TYPE_SCHEMA_TYPES: Final = ("enum", "record", "error", "fixed")
_PROTOCOL_ATTRIBUTES: Final = ("protocol", "namespace", "types", "messages")
_MESSAGE_ATTRIBUTES: Final = ("request", "response", "errors", "one-way")


class MessageObject(TypedDict, total=False):
    """A message as JSON data."""

    request: Sequence[Mapping[str, Any]]
    response: Any
    errors: Sequence[Any] | None


class ProtocolObject(TypedDict, total=False):
    """A protocol as JSON data."""

    protocol: str
    namespace: str
    types: Sequence[Any]
    messages: Mapping[str, MessageObject]


class Protocol:
    """Named types and messages.

    :param other_props: the rest of its attributes, documentation among them.
    :raises ProtocolParseException: if it is not valid.
    """

    def __init__(
        self,
        name: str,
        namespace: str | None = None,
        types: Sequence[Any] | None = None,
        messages: Mapping[str, Any] | None = None,
        validate_names: bool = True,
        other_props: Mapping[str, Any] | None = None,
    ) -> None:
        if not name or not isinstance(name, str):
            raise ProtocolParseException(f"the name of a protocol is a string that is not empty: {name!r}")
        if namespace is not None and not isinstance(namespace, str):
            raise ProtocolParseException(f"the namespace of a protocol is a string, not {namespace!r}")
        if types is not None and not isinstance(types, list):
            raise ProtocolParseException(f"the types of a protocol are a list, not {types!r}")
        if messages is not None and not isinstance(messages, Mapping):
            raise ProtocolParseException(f"the messages of a protocol are an object, not {messages!r}")
        self._validate_names = validate_names
        self._name = name
        self._namespace = namespace
        self._other_props = dict(other_props or {})
        names = Names(namespace, validate_names=validate_names)
        self._types = _types(types, names, validate_names) if types else None
        self._messages = _messages(messages, names, validate_names) if messages else None
        self._md5 = hashlib.md5(str(self).encode(), usedforsecurity=False).digest()
        self._core: CoreProtocol | None = None

    @property
    def name(self) -> str:
        return self._name

    @property
    def namespace(self) -> str | None:
        return self._namespace

    @property
    def fullname(self) -> str | None:
        return Name(self.name, self.namespace, None, validate_name=self._validate_names).fullname

    @property
    def types(self) -> Sequence[schema.NamedSchema] | None:
        return self._types

    @property
    def types_dict(self) -> Mapping[str, schema.NamedSchema] | None:
        """The types by name."""
        return None if self.types is None else {each.name: each for each in self.types}

    @property
    def messages(self) -> Mapping[str, Message] | None:
        return self._messages

    @property
    def md5(self) -> bytes:
        """The hash by which the handshake names it."""
        return self._md5

    @property
    def other_props(self) -> Mapping[str, Any]:
        return self._other_props

    def to_json(self) -> Mapping[str, Any]:
        names = Names(self.namespace, validate_names=self._validate_names)
        data: dict[str, Any] = {"protocol": self.name}
        if self.namespace:
            data["namespace"] = self.namespace
        data.update(self._other_props)
        if self.types:
            data["types"] = [each.to_json(names) for each in self.types]
        if self.messages:
            data["messages"] = {name: message.to_json(names) for name, message in self.messages.items()}
        return data

    def __str__(self) -> str:
        return json.dumps(self.to_json())

    def __eq__(self, that: object) -> bool:
        try:
            return bool(self.to_json() == json.loads(str(that)))
        except ValueError:
            return False

    __hash__ = None  # type: ignore[assignment]


class Message:
    """A message: its parameters, its response, its errors.

    :param one_way: there is no response; it must be null, and there are no errors.
    """

    def __init__(
        self,
        name: str,
        request: Sequence[Mapping[str, Any]],
        response: Any,
        errors: Sequence[Any] | None = None,
        names: Names | None = None,
        validate_names: bool = True,
        one_way: bool = False,
        other_props: Mapping[str, Any] | None = None,
    ) -> None:
        if names is None:
            names = Names(validate_names=validate_names)
        if not isinstance(request, list):
            raise ProtocolParseException(f"the parameters of message {name} are a list, not {request!r}")
        if not isinstance(errors, list | None):
            raise ProtocolParseException(f"the errors of message {name} are a list, not {errors!r}")
        self._name = name
        self._validate_names = validate_names
        self._one_way = one_way
        self._other_props = dict(other_props or {})
        self._request = schema.RecordSchema(
            None, None, request, names, "request", validate_names=validate_names
        )
        self._response = schema._inner(response, names, f"the response of {name}", validate_names)
        self._errors = schema.ErrorUnionSchema(errors or [], names, validate_names)
        if one_way and (errors or self._response.type != "null"):
            raise ProtocolParseException(
                f"the message {name} is one-way, so it has no response and no errors"
            )

    @property
    def name(self) -> str:
        return self._name

    @property
    def request(self) -> schema.RecordSchema:
        return self._request

    @property
    def response(self) -> schema.Schema:
        return self._response

    @property
    def errors(self) -> schema.ErrorUnionSchema:
        """The union of a string, for errors that are not declared, and of those that are."""
        return self._errors

    @property
    def one_way(self) -> bool:
        return self._one_way

    @property
    def other_props(self) -> Mapping[str, Any]:
        return self._other_props

    def to_json(self, names: Names | None = None) -> Any:
        if names is None:
            names = Names(validate_names=self._validate_names)
        data = {
            **self._other_props,
            "request": self.request.to_json(names),
            "response": self.response.to_json(names),
            "errors": self.errors.to_json(names),
        }
        if self._one_way:
            data["one-way"] = True
        return data

    def __str__(self) -> str:
        return json.dumps(self.to_json())

    def __eq__(self, that: object) -> bool:
        return isinstance(that, Message) and self.name == that.name and self.to_json() == that.to_json()

    __hash__ = None  # type: ignore[assignment]


def core_protocol(protocol: Any) -> CoreProtocol:
    """A protocol of this interface as avrojet's."""
    found = protocol.__dict__.get("_core")
    if found is None:
        found = protocol._core = parse_protocol(str(protocol), names="lax")
    return cast(CoreProtocol, found)


def _types(types: Sequence[Any], names: Names, validate_names: bool) -> list[schema.NamedSchema]:
    made = []
    for data in types:
        each = schema.make_avsc_object(data, names, validate_names=validate_names)
        if not isinstance(each, schema.NamedSchema):
            raise ProtocolParseException(f"types of a protocol must have names, this has none: {data!r}")
        made.append(each)
    return made


def _messages(messages: Mapping[str, Any], names: Names, validate_names: bool) -> dict[str, Message]:
    made = {}
    for name, body in messages.items():
        if not isinstance(body, Mapping) or "request" not in body or "response" not in body:
            raise ProtocolParseException(
                f"the message {name} is an object with request and response: {body!r}"
            )
        made[name] = Message(
            name,
            body["request"],
            body["response"],
            body.get("errors"),
            names,
            validate_names=validate_names,
            one_way=body.get("one-way") is True,
            other_props=schema.get_other_props(body, _MESSAGE_ATTRIBUTES),
        )
    return made


def make_avpr_object(json_data: Any, validate_names: bool = True) -> Protocol:
    """The protocol of JSON data.

    :raises ProtocolParseException: if they are not a protocol; errors of its types are those of schemas.
    """
    if not isinstance(json_data, Mapping):
        raise ProtocolParseException(f"a protocol is an object, not {json_data!r}")
    return Protocol(
        cast(str, json_data.get("protocol")),
        json_data.get("namespace"),
        json_data.get("types"),
        json_data.get("messages"),
        validate_names,
        schema.get_other_props(json_data, _PROTOCOL_ATTRIBUTES),
    )


def parse(json_string: str, validate_names: bool = True) -> Protocol:
    """The protocol of JSON text.

    :raises ProtocolParseException: if it is not a protocol.
    """
    try:
        data = json.loads(json_string)
    except ValueError as error:
        raise ProtocolParseException(f"Error parsing JSON: {json_string} ({error})") from error
    except RecursionError:
        raise ProtocolParseException("the protocol is nested too deep for Python's stack") from None
    return make_avpr_object(data, validate_names)
