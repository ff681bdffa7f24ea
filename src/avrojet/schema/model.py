# cython: annotation_typing=False, wraparound=True
"""Schemas as immutable nodes, one class for each kind of Avro type. It knows no data and no JSON text.

A named type is one node, however often it is referred to; a recursive schema is a graph with cycles.
Nodes are built by :mod:`avrojet.schema.parse` only.

This file is compiled; model.pxd declares the nodes' members in C. Assignments to these bypass
``__setattr__``, which only assignments in Python code reach. The classes of Avro's types have no subclasses.
Constructors check what C relies on in the members; :mod:`avrojet.plan.plain` checks fields.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, Literal, NamedTuple, Self

from avrojet.derived import derived
from avrojet.frozen import frozen
from avrojet.messages import shorten, show

PrimitiveType = Literal["null", "boolean", "int", "long", "float", "double", "bytes", "string"]
Order = Literal["ascending", "descending", "ignore"]

PRIMITIVE_TYPES: Final = ("null", "boolean", "int", "long", "float", "double", "bytes", "string")
NO_PROPS: Final[Mapping[str, Any]] = MappingProxyType({})


class NoDefault:
    """The type of :data:`NO_DEFAULT`: a field without a default differs from one whose default is null."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "NO_DEFAULT"

    def __reduce__(self) -> str:
        return "NO_DEFAULT"


NO_DEFAULT: Final = NoDefault()


def schema_of(value: Any, what: str) -> Schema:
    """The value, if it is a schema."""
    if not isinstance(value, Schema):
        raise TypeError(f"{what} must be a Schema, not {show(value)}")
    return value


def text_of(value: Any, what: str) -> str:
    """The value, if it is text."""
    if not isinstance(value, str):
        raise TypeError(f"{what} must be a str, not {show(value)}")
    return value


@frozen
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

    Two schemas are equal if their JSON is, documentation and unknown attributes included. Compare
    ``canonical_form`` to find out whether they read the same bytes.

    :ivar type: the specification's name of the type: ``"record"``, ``"array"``, ``"int"``, ...
    :ivar props: attributes that the specification leaves to users, and those of the logical type, as they
        were in the JSON.
    :ivar logical: the logical type in force, or None.
    """

    type: str
    props: Mapping[str, Any]
    logical: LogicalType | None

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a schema is immutable: cannot set {name!r}")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"a schema is immutable: cannot delete {name!r}")

    @derived
    def json(self) -> str:
        """The complete schema as JSON text, unknown attributes included."""
        from avrojet.schema.emit import to_json

        return to_json(self)

    @derived
    def _portable_json(self) -> str:
        """The same for files that other implementations read."""
        from avrojet.schema.emit import to_portable_json

        return to_portable_json(self)

    @derived
    def canonical_form(self) -> str:
        """The Parsing Canonical Form (specification: Parsing Canonical Form for Schemas).

        The errors of protocols are records in it, as Java writes them.
        """
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


class PrimitiveSchema(Schema):
    """null, boolean, int, long, float, double, bytes or string."""

    type: PrimitiveType

    def __init__(
        self,
        type: PrimitiveType,
        props: Mapping[str, Any] = NO_PROPS,
        logical: LogicalType | None = None,
    ) -> None:
        if type not in PRIMITIVE_TYPES:
            raise ValueError(f"{show(type)} is no primitive type")
        self.type = type
        self.props = props
        self.logical = logical


class ArraySchema(Schema):
    """A sequence of ``items``."""

    items: Schema

    def __init__(self, items: Schema, props: Mapping[str, Any] = NO_PROPS) -> None:
        self.type = "array"
        self.props = props
        self.logical = None
        self.items = schema_of(items, "items")


class MapSchema(Schema):
    """String keys to ``values``."""

    values: Schema

    def __init__(self, values: Schema, props: Mapping[str, Any] = NO_PROPS) -> None:
        self.type = "map"
        self.props = props
        self.logical = None
        self.values = schema_of(values, "values")


class UnionSchema(Schema):
    """One of ``branches``. No two are of the same unnamed type, and none is a union."""

    branches: tuple[Schema, ...]

    def __init__(self, branches: tuple[Schema, ...], props: Mapping[str, Any] = NO_PROPS) -> None:
        self.type = "union"
        self.props = props
        self.logical = None
        self.branches = branches
        for branch in branches:
            schema_of(branch, "a branch")


class NamedSchema(Schema):
    """A record, enum or fixed.

    A reference to the type with attributes, ``{"type": "org.foo.Bar", "x": 1}``, is a node of its own; its
    ``props`` are those of the definition and of the reference.

    :ivar fullname: namespace and name, e.g. ``org.foo.Bar``; without a dot if there is no namespace. Types
        without a name exist only with ``names="lax"``.
    :ivar aliases: fullnames.
    :ivar doc: documentation, or None.
    """

    fullname: str
    aliases: tuple[str, ...]
    doc: str | None

    _definition: NamedSchema | None
    _reference: Mapping[str, Any] | None

    @property
    def name(self) -> str:
        """The name without its namespace."""
        return self.fullname.rpartition(".")[2]

    @property
    def namespace(self) -> str:
        """The namespace, ``""`` for none."""
        return self.fullname.rpartition(".")[0]

    @property
    def definition(self) -> NamedSchema:
        """The node of the type's definition: another one than this for a reference with attributes."""
        return self if self._definition is None else self._definition

    @property
    def reference(self) -> Mapping[str, Any]:
        """The attributes of this reference to the type; none for its definition."""
        return NO_PROPS if self._reference is None else self._reference

    def referred(
        self, reference: Mapping[str, Any], props: Mapping[str, Any], logical: LogicalType | None
    ) -> Self:
        """A node for a reference to the type with attributes.

        :param reference: the attributes of the reference.
        :param props: those of the definition and of the reference.
        :param logical: the logical type that `props` name.
        """
        copy: Any = self._again(props)
        copy.logical = logical
        copy._reference = reference
        copy._definition = self.definition
        return copy  # type: ignore[no-any-return]

    def _again(self, props: Mapping[str, Any]) -> NamedSchema:
        """A node of the same type with other attributes."""
        raise NotImplementedError


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
        self.type = "fixed"
        self.fullname = text_of(fullname, "the name")
        if not isinstance(size, int):
            raise TypeError(f"the size must be an int, not {show(size)}")
        self.size = size
        self.aliases = aliases
        self.doc = doc
        self.props = props
        self.logical = logical

    def _again(self, props: Mapping[str, Any]) -> FixedSchema:
        return FixedSchema(self.fullname, self.size, self.aliases, self.doc, props)


class EnumSchema(NamedSchema):
    """One of ``symbols``; ``default`` (a symbol or None) replaces symbols that a reader does not know."""

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
        self.type = "enum"
        self.fullname = text_of(fullname, "the name")
        self.symbols = symbols
        for symbol in symbols:
            text_of(symbol, "a symbol")
        self.default = default
        self.aliases = aliases
        self.doc = doc
        self.props = props
        self.logical = None

    def _again(self, props: Mapping[str, Any]) -> EnumSchema:
        return EnumSchema(self.fullname, self.symbols, self.default, self.aliases, self.doc, props)


class RecordSchema(NamedSchema):
    """Named fields in order. ``type`` is ``"error"`` for the errors of protocols, else ``"record"``."""

    type: Literal["record", "error"]
    fields: tuple[Field, ...]
    _definition: RecordSchema | None
    _open: list[RecordSchema] | None
    """References made before its fields are set, which will get the same fields."""

    def __init__(
        self,
        fullname: str,
        aliases: tuple[str, ...] = (),
        doc: str | None = None,
        props: Mapping[str, Any] = NO_PROPS,
        type: Literal["record", "error"] = "record",
    ) -> None:
        self.type = type
        self.fullname = text_of(fullname, "the name")
        self.aliases = aliases
        self.doc = doc
        self.props = props
        self.logical = None

    @property
    def is_closed(self) -> bool:
        """Whether the fields are set; those of a parsed schema always are."""
        return self.fields is not None

    def close(self, fields: tuple[Field, ...]) -> None:
        """Set the fields, once. They may refer to this record, so it is made before them."""
        if self.fields is not None:
            raise AttributeError("a schema is immutable: its fields are set")
        self.correct(fields)
        self._open = None

    def correct(self, fields: tuple[Field, ...]) -> None:
        """Replace the fields, while the schema is still being parsed."""
        self.fields = fields
        for reference in self._open or ():
            reference.fields = fields

    def _again(self, props: Mapping[str, Any]) -> RecordSchema:
        copy = RecordSchema(self.fullname, self.aliases, self.doc, props, self.type)
        copy.fields = self.fields
        if self.fields is None:
            definition = self if self._definition is None else self._definition
            definition._open = [*(definition._open or ()), copy]
        return copy


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

    def __reduce__(self) -> tuple[Any, ...]:
        return restore_field, (self[:-1], dict(self.props))


def restore_field(members: tuple[Any, ...], props: dict[str, Any]) -> Field:
    """A field from its members and attributes, for pickle."""
    whole: Any = (*members, props_of(props))
    return Field(*whole)


def props_of(attributes: dict[str, Any]) -> Mapping[str, Any]:
    """Attributes that nobody changes."""
    return MappingProxyType(attributes) if attributes else NO_PROPS
