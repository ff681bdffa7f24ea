"""What a schema is: immutable nodes, one class per kind of Avro type. Knows no bytes and no JSON text.

A named type is one node, however often it is referred to; a recursive schema is a graph with cycles.
Nodes are built by :mod:`avrojet.schema.parse` only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any, Final, Literal, NamedTuple, Self, final

PrimitiveType = Literal["null", "boolean", "int", "long", "float", "double", "bytes", "string"]
Order = Literal["ascending", "descending", "ignore"]

PRIMITIVE_TYPES: Final = ("null", "boolean", "int", "long", "float", "double", "bytes", "string")
NO_PROPS: Final[Mapping[str, Any]] = MappingProxyType({})


class NoDefault:
    """The type of :data:`NO_DEFAULT`; a field without default is not one whose default is null."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "NO_DEFAULT"

    def __reduce__(self) -> str:
        return "NO_DEFAULT"


NO_DEFAULT: Final = NoDefault()


@dataclass(frozen=True, slots=True)
class LogicalType:
    """A logical type of the specification that is valid for its underlying type.

    Invalid and unknown ones leave ``Schema.logical`` None (specification: Logical Types); their
    attributes stay in ``Schema.props``.
    """

    name: str
    precision: int = 0
    scale: int = 0


class Schema:
    """An Avro schema. Immutable, hashable, picklable, safe to share between threads.

    Two schemas are equal if their JSON says the same, documentation and unknown attributes included;
    compare ``canonical_form`` to ask whether they read the same bytes.

    :ivar type: the specification's name of the type: ``"record"``, ``"array"``, ``"int"``, ...
    :ivar props: attributes that the specification leaves to users, and those of the logical type, as
        they stood in the JSON.
    :ivar logical: the logical type in force, or None.
    """

    type: str
    props: Mapping[str, Any]
    logical: LogicalType | None

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a schema is immutable: cannot set {name!r}")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"a schema is immutable: cannot delete {name!r}")

    @cached_property
    def json(self) -> str:
        """The schema as JSON text, nothing of its meaning and of its unknown attributes lost."""
        from avrojet.schema.emit import to_json

        return to_json(self)

    @cached_property
    def canonical_form(self) -> str:
        """The Parsing Canonical Form (specification: Parsing Canonical Form for Schemas)."""
        from avrojet.schema.canonical import to_canonical_form

        return to_canonical_form(self)

    def fingerprint(self, algorithm: str = "CRC-64-AVRO") -> bytes:
        """Fingerprint of the canonical form (specification: Schema Fingerprints).

        :param algorithm: ``"CRC-64-AVRO"`` (8 bytes, little-endian as single-object encoding has it),
            ``"MD5"`` or ``"SHA-256"``.
        :raises ValueError: for another algorithm.
        """
        from avrojet.schema.canonical import fingerprint

        return fingerprint(self.canonical_form, algorithm)

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        return self.json == other.json if isinstance(other, Schema) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.json)

    def __repr__(self) -> str:
        return f"<avrojet.Schema {shorten(self.json)}>"

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        from avrojet.schema.parse import restore_schema

        return restore_schema, (self.json,)


def shorten(text: str, width: int = 120) -> str:
    return text if len(text) <= width else text[: width - 1] + "\N{HORIZONTAL ELLIPSIS}"


@final
class PrimitiveSchema(Schema):
    """null, boolean, int, long, float, double, bytes or string."""

    type: PrimitiveType

    def __init__(
        self,
        type: PrimitiveType,
        props: Mapping[str, Any] = NO_PROPS,
        logical: LogicalType | None = None,
    ) -> None:
        self.__dict__.update(type=type, props=props, logical=logical)


@final
class ArraySchema(Schema):
    """A sequence of ``items``."""

    items: Schema

    def __init__(self, items: Schema, props: Mapping[str, Any] = NO_PROPS) -> None:
        self.__dict__.update(type="array", props=props, logical=None, items=items)


@final
class MapSchema(Schema):
    """String keys to ``values``."""

    values: Schema

    def __init__(self, values: Schema, props: Mapping[str, Any] = NO_PROPS) -> None:
        self.__dict__.update(type="map", props=props, logical=None, values=values)


@final
class UnionSchema(Schema):
    """One of ``branches``; no two of one unnamed type, none a union."""

    branches: tuple[Schema, ...]

    def __init__(self, branches: tuple[Schema, ...], props: Mapping[str, Any] = NO_PROPS) -> None:
        self.__dict__.update(type="union", props=props, logical=None, branches=branches)


class NamedSchema(Schema):
    """A record, enum or fixed.

    :ivar fullname: namespace and name, e.g. ``org.foo.Bar``; no dot where there is no namespace.
    :ivar aliases: fullnames.
    :ivar doc: documentation, or None.
    """

    fullname: str
    aliases: tuple[str, ...]
    doc: str | None

    @property
    def name(self) -> str:
        """The name without its namespace."""
        return self.fullname.rpartition(".")[2]

    @property
    def namespace(self) -> str:
        """The namespace, ``""`` for none."""
        return self.fullname.rpartition(".")[0]


@final
class FixedSchema(NamedSchema):
    """``size`` bytes."""

    size: int

    def __init__(
        self,
        fullname: str,
        size: int,
        aliases: tuple[str, ...] = (),
        doc: str | None = None,
        props: Mapping[str, Any] = NO_PROPS,
        logical: LogicalType | None = None,
    ) -> None:
        self.__dict__.update(
            type="fixed",
            fullname=fullname,
            size=size,
            aliases=aliases,
            doc=doc,
            props=props,
            logical=logical,
        )


@final
class EnumSchema(NamedSchema):
    """One of ``symbols``; ``default`` (a symbol or None) stands for symbols that a reader does not know."""

    symbols: tuple[str, ...]
    default: str | None

    def __init__(
        self,
        fullname: str,
        symbols: tuple[str, ...],
        default: str | None = None,
        aliases: tuple[str, ...] = (),
        doc: str | None = None,
        props: Mapping[str, Any] = NO_PROPS,
    ) -> None:
        self.__dict__.update(
            type="enum",
            fullname=fullname,
            symbols=symbols,
            default=default,
            aliases=aliases,
            doc=doc,
            props=props,
            logical=None,
        )


@final
class RecordSchema(NamedSchema):
    """Named fields in order. ``type`` is ``"error"`` for the errors of protocols, else ``"record"``."""

    fields: tuple[Field, ...]

    def __init__(
        self,
        fullname: str,
        aliases: tuple[str, ...] = (),
        doc: str | None = None,
        props: Mapping[str, Any] = NO_PROPS,
        type: Literal["record", "error"] = "record",
    ) -> None:
        self.__dict__.update(
            type=type, fullname=fullname, aliases=aliases, doc=doc, props=props, logical=None
        )

    @property
    def is_closed(self) -> bool:
        """Whether the fields are set; those of a parsed schema always are."""
        return "fields" in self.__dict__

    def close(self, fields: tuple[Field, ...]) -> None:
        """Set the fields, once: they may refer to this record, so it exists before them."""
        if self.is_closed:
            raise AttributeError("a schema is immutable: its fields are set")
        self.__dict__["fields"] = fields


class Field(NamedTuple):
    """A field of a record.

    :ivar default: the default as plain JSON data, NaN and the infinities as floats, or :data:`NO_DEFAULT`.
    :ivar order: how the field takes part in sorting.
    :ivar aliases: other names that writers may have used.
    :ivar props: attributes that the specification leaves to users.
    """

    name: str
    type: Schema
    default: Any = NO_DEFAULT
    doc: str | None = None
    order: Order = "ascending"
    aliases: tuple[str, ...] = ()
    props: Mapping[str, Any] = NO_PROPS
