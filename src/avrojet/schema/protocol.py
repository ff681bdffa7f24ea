"""Protocols: named types, and messages that one side sends and the other answers.

Protocols are made by :mod:`avrojet.schema.protocol_json` and :mod:`avrojet.schema.idl`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Self, final

from avrojet.derived import derived
from avrojet.messages import shorten
from avrojet.schema.model import NO_PROPS, NamedSchema, RecordSchema, Schema, UnionSchema, props_of
from avrojet.schema.names import fullname


@final
@dataclass(frozen=True, slots=True)
class Message:
    """A message of a protocol. Immutable and hashable.

    :ivar name: the key in the protocol's ``messages``.
    :ivar request: the parameters: an anonymous record, whose name is empty. It is encoded, decoded and
        resolved like other records.
    :ivar response: the type of the result; ``"null"`` for one-way messages.
    :ivar errors: the effective union of errors: ``"string"``, for errors that are not declared, and the
        declared ones (specification: Protocol Declaration, Messages).
    :ivar one_way: whether there is no answer at all.
    :ivar doc: documentation, or None.
    :ivar props: attributes that the specification leaves to users.
    """

    name: str
    request: RecordSchema
    response: Schema
    errors: UnionSchema
    one_way: bool = False
    doc: str | None = None
    props: Mapping[str, Any] = field(default_factory=lambda: NO_PROPS, hash=False)

    def __reduce__(self) -> tuple[Any, ...]:
        parts = self.name, self.request, self.response, self.errors, self.one_way, self.doc
        return restore_message, (parts, dict(self.props))

    @property
    def declared_errors(self) -> tuple[Schema, ...]:
        """The declared errors, without the ``"string"`` that each message has."""
        return self.errors.branches[1:]


def restore_message(members: tuple[Any, ...], props: dict[str, Any]) -> Message:
    """A message from its members and attributes, for pickle."""
    whole: Any = (*members, props_of(props))
    return Message(*whole)


@final
class Protocol:
    """An Avro protocol. Immutable, hashable, picklable, safe to share between threads.

    Two protocols are equal if their JSON is. :func:`avrojet.parse_protocol`,
    :func:`avrojet.load_protocol` and :func:`avrojet.parse_idl` make them.

    :ivar name: without its namespace.
    :ivar namespace: ``""`` for none. Types are in it unless they have another.
    :ivar doc: documentation, or None.
    :ivar types: every named type, in the order in which ``json`` defines them.
    :ivar messages: by name.
    :ivar props: attributes that the specification leaves to users.

    >>> import avrojet
    >>> ping = {"request": [{"name": "text", "type": "string"}], "response": "string"}
    >>> protocol = avrojet.parse_protocol({"protocol": "Echo", "messages": {"ping": ping}})
    >>> protocol.messages["ping"].response
    <avrojet.Schema "string">
    """

    name: str
    namespace: str
    doc: str | None
    types: tuple[NamedSchema, ...]
    messages: Mapping[str, Message]
    props: Mapping[str, Any]
    json: str

    def __init__(
        self,
        fullname: str,
        types: Iterable[NamedSchema],
        messages: Iterable[Message],
        doc: str | None = None,
        props: Mapping[str, Any] = NO_PROPS,
    ) -> None:
        from avrojet.schema.protocol_json import to_json

        namespace, _, name = fullname.rpartition(".")
        self.__dict__.update(
            name=name,
            namespace=namespace,
            doc=doc,
            types=tuple(types),
            messages=MappingProxyType({message.name: message for message in messages}),
            props=props,
        )
        text, ordered = to_json(self)
        if len(ordered) > len(self.types):
            # Types that are defined within messages belong to the protocol's types as well.
            self.__dict__["types"] = ordered
            text, ordered = to_json(self)
        self.__dict__.update(json=text, types=ordered)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a protocol is immutable: cannot set {name!r}")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"a protocol is immutable: cannot delete {name!r}")

    @property
    def fullname(self) -> str:
        """Namespace and name, e.g. ``org.foo.Mail``; no dot where there is no namespace."""
        return fullname(self.name, self.namespace)

    @derived
    def md5(self) -> bytes:
        """The MD5 hash of ``json``, by which the handshake names a protocol: 16 bytes.

        For the other side it is only a key: it asks for the protocol if it does not know the key
        (specification: Handshake). Java computes the same hash if it writes the same text: not if types have
        aliases, and not if a type is defined within another, which Java writes on its own.
        """
        import hashlib

        return hashlib.md5(self.json.encode(), usedforsecurity=False).digest()

    @derived
    def idl(self) -> str:
        """The protocol in Avro's IDL; see :func:`avrojet.emit_idl`."""
        from avrojet.schema.idl import emit_idl

        return emit_idl(self)

    def type(self, name: str) -> NamedSchema:
        """The named type.

        :param name: a fullname, or one relative to the protocol's namespace.
        :raises KeyError: if the protocol has none of that name.
        """
        for known_as in (fullname(name, self.namespace), name):
            for named in self.types:
                if named.fullname == known_as:
                    return named
        raise KeyError(name)

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        return self.json == other.json if isinstance(other, Protocol) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.json)

    def __repr__(self) -> str:
        return f"<avrojet.Protocol {shorten(self.json)}>"

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        from avrojet.schema.protocol_json import restore_protocol

        return restore_protocol, (self.json,)
