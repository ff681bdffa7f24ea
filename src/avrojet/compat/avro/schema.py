"""Schemas: parsing, their JSON, canonical form and fingerprints, and which data fit them."""

from __future__ import annotations

import abc
import datetime as dt
import decimal
import hashlib
import json
import math
import uuid
import warnings
from collections.abc import Callable, Hashable, Mapping, MutableMapping, Sequence
from contextvars import ContextVar
from pathlib import Path
from typing import Any, Final, cast

from avrojet.compat.avro import _translate, constants
from avrojet.compat.avro.errors import (
    AvroException,
    IgnoredLogicalType,
    InvalidDefault,
    InvalidName,
    SchemaParseException,
    UnknownFingerprintAlgorithmException,
)
from avrojet.compat.avro.name import Name, Names, validate_basename  # noqa: F401 (programs find Name here)
from avrojet.plan.match import PROMOTIONS

SCHEMA_RESERVED_PROPS: Final = (
    "type",
    "name",
    "namespace",
    "fields",
    "items",
    "size",
    "symbols",
    "values",
    "doc",
)
FIELD_RESERVED_PROPS: Final = ("default", "name", "doc", "order", "type")
VALID_FIELD_SORT_ORDERS: Final = ("ascending", "descending", "ignore")
CANONICAL_FIELD_ORDER: Final = ("name", "type", "fields", "symbols", "items", "values", "size")

INT_MIN_VALUE: Final = -(1 << 31)
INT_MAX_VALUE: Final = (1 << 31) - 1
LONG_MIN_VALUE: Final = -(1 << 63)
LONG_MAX_VALUE: Final = (1 << 63) - 1

SUPPORTED_ALGORITHMS: Final = frozenset({"CRC-64-AVRO", *hashlib.algorithms_guaranteed})
"""The algorithms of :meth:`Schema.fingerprint`."""

_ANY_LENGTH: Final = {"shake_128": 16, "shake_256": 32}  # bytes of the digest, after their names
_UNIONS: Final = ("union", "error_union")


class PropertiesMixin:
    """Attributes, as in the JSON.

    Attributes set by :meth:`set_prop` affect readers and writers that are created afterwards.
    """

    _reserved_properties: Sequence[str] = ()
    _props: MutableMapping[str, Any] | None = None

    @property
    def props(self) -> MutableMapping[str, Any]:
        if self._props is None:
            self._props = {}
        return self._props

    def get_prop(self, key: str) -> Any:
        """An attribute, None if there is none."""
        return self.props.get(key)

    def set_prop(self, key: str, value: Any) -> None:
        """Set an attribute."""
        self.props[key] = value
        _translate.schema_has_changed()

    def check_props(self, other: PropertiesMixin, props: Sequence[str]) -> bool:
        """Whether all these Python attributes are the same in both."""
        return all(getattr(self, prop) == getattr(other, prop) for prop in props)

    @property
    def other_props(self) -> Mapping[str, Any]:
        """The attributes that the specification leaves to users."""
        return get_other_props(self.props, self._reserved_properties)

    def __getstate__(self) -> dict[str, Any]:
        return {key: value for key, value in self.__dict__.items() if key != "_known"}  # compiled code


class EqualByJsonMixin(Hashable):
    """Equal if the JSON is."""

    fingerprint: Callable[..., bytes]

    def __eq__(self, that: object) -> bool:
        return _same_json(self, that)

    def __hash__(self) -> int:
        return hash(self.fingerprint())


class EqualByPropsMixin(Hashable, PropertiesMixin):
    """Equal if the attributes are."""

    fingerprint: Callable[..., bytes]

    def __eq__(self, that: object) -> bool:
        return hasattr(that, "props") and bool(self.props == that.props)

    def __hash__(self) -> int:
        return hash(self.fingerprint())


class CanonicalPropertiesMixin(PropertiesMixin):
    """Attributes, some of which are those of the canonical form."""

    @property
    def canonical_properties(self) -> Mapping[str, Any]:
        """The attributes that affect data, in the order of the canonical form."""
        return {key: self.props[key] for key in CANONICAL_FIELD_ORDER if key in self.props}


class Schema(abc.ABC, CanonicalPropertiesMixin):
    """An Avro schema.

    :ivar type: the name of its type, as in the JSON.
    """

    _reserved_properties = SCHEMA_RESERVED_PROPS

    def __init__(
        self, type_: str, other_props: Mapping[str, Any] | None = None, validate_names: bool = True
    ) -> None:
        if not isinstance(type_, str):
            raise SchemaParseException(f"the type of a schema is a string, not {type_!r}")
        if type_ not in constants.VALID_TYPES:
            raise SchemaParseException(f"{type_} is not a type of Avro")
        self.type = type_
        self.validate_names = validate_names
        self.props.update(type=type_, **(other_props or {}))

    @abc.abstractmethod
    def match(self, writer: Schema) -> bool:
        """Whether data of the writer's schema may be read as this one; nested types are not checked."""

    @abc.abstractmethod
    def to_json(self, names: Names | None = None) -> Any:
        """The schema as JSON data.

        :param names: the named types that are already defined, which it may refer to; the types of this
            schema are added.
        """

    @abc.abstractmethod
    def validate(self, datum: Any) -> Schema | None:
        """Return the schema that a datum fits: this one, or a union's branch; None if it fits none.

        The contents of the datum are not checked; :func:`avro.io.validate` does that.
        """

    def to_canonical_json(self, names: Names | None = None) -> Any:
        """The Parsing Canonical Form as JSON data.

        :param names: named types that are defined already.
        """
        if names is not None and isinstance(self, NamedSchema):
            if self.fullname in names.names:
                return self.fullname
            names.names[self.fullname] = self
        return json.loads(self.canonical_form)

    @property
    def canonical_form(self) -> str:
        """The Parsing Canonical Form (specification: Parsing Canonical Form for Schemas)."""
        return _translate.canonical_form(self)

    @abc.abstractmethod
    def __eq__(self, that: object) -> bool: ...

    def __hash__(self) -> int:
        return hash(self.fingerprint())

    def fingerprint(self, algorithm: str = "CRC-64-AVRO") -> bytes:
        """The fingerprint of the canonical form.

        :param algorithm: ``"CRC-64-AVRO"`` (8 bytes, little-endian), or one that ``hashlib`` guarantees.
        :raises UnknownFingerprintAlgorithmException: for another algorithm.
        """
        if algorithm == "CRC-64-AVRO":
            return _translate.canonical_fingerprint(self)
        name = algorithm.lower().replace("sha-", "sha")
        if name not in SUPPORTED_ALGORITHMS:
            raise UnknownFingerprintAlgorithmException(
                f"there is no fingerprint of the algorithm {algorithm}"
            )
        made: Any = hashlib.new(name, self.canonical_form.encode(), usedforsecurity=False)
        return cast(bytes, made.digest(_ANY_LENGTH[name]) if name in _ANY_LENGTH else made.digest())

    def __str__(self) -> str:
        return json.dumps(self.to_json())


class NamedSchema(Schema):
    """A record, error, enum or fixed."""

    def __init__(
        self,
        type_: str,
        name: str,
        namespace: str | None = None,
        names: Names | None = None,
        other_props: Mapping[str, Any] | None = None,
        validate_names: bool = True,
    ) -> None:
        super().__init__(type_, other_props, validate_names=validate_names)
        if not name or not isinstance(name, str):
            raise SchemaParseException(f"the name of a type is a string that is not empty, not {name!r}")
        if namespace is not None and not isinstance(namespace, str):
            raise SchemaParseException(f"a namespace is a string, not {namespace!r}")
        if names is None:
            names = Names(validate_names=validate_names)
        added = names.add_name(name, namespace, self)
        self.props["name"] = added.name
        if added.space:
            self.props["namespace"] = added.space
        self._fullname = cast(str, added.fullname)

    def name_ref(self, names: Names) -> str:
        """Its name in references: without the namespace within its own namespace."""
        return self.name if self.namespace == names.default_namespace else self.fullname

    @property
    def name(self) -> str:
        return cast(str, self.get_prop("name"))

    @property
    def namespace(self) -> str | None:
        return cast("str | None", self.get_prop("namespace"))

    @property
    def fullname(self) -> str:
        return self._fullname

    @property
    def doc(self) -> str | None:
        return cast("str | None", self.get_prop("doc"))

    def match(self, writer: Schema) -> bool:
        return self.type == writer.type and self._is_named_as(cast(NamedSchema, writer))

    def _is_named_as(self, writer: NamedSchema) -> bool:
        """Unqualified names are the same, or an alias of this is the writer's name."""
        return self.name == writer.name or writer.fullname in _translate.aliases(self)

    def to_json(self, names: Names | None = None) -> Any:
        if names is None:
            names = Names(validate_names=self.validate_names)
        if self.fullname in names.names:
            return self.name_ref(names)
        names.names[self.fullname] = self
        around = _translate.namespace_around(names)
        props = dict(names.prune_namespace(self.props))
        if around and not self.namespace:
            props["namespace"] = ""  # else it would get that of the enclosing type
        return self._definition(props, names)

    def _definition(self, props: dict[str, Any], names: Names) -> dict[str, Any]:
        return props


class LogicalSchema:
    """A base class for schemas with a logical type.

    :ivar logical_type: its name.
    """

    def __init__(self, logical_type: str) -> None:
        self.logical_type = logical_type


class DecimalLogicalSchema(LogicalSchema):
    """A decimal.

    :raises IgnoredLogicalType: if precision or scale are not valid.
    """

    def __init__(self, precision: int, scale: int = 0, max_precision: int = 0) -> None:
        problem = ""
        if not isinstance(precision, int) or precision <= 0:
            problem = f"Invalid decimal precision {precision}. Must be a positive integer."
        elif precision > max_precision:
            problem = f"Invalid decimal precision {precision}. Max is {max_precision}."
        elif not isinstance(scale, int) or scale < 0:
            problem = f"Invalid decimal scale {scale}. Must be a non-negative integer."
        elif scale > precision:
            problem = f"Invalid decimal scale {scale}. Cannot be greater than precision {precision}."
        if problem:
            raise IgnoredLogicalType(problem)
        super().__init__(constants.DECIMAL)


class Field(CanonicalPropertiesMixin, EqualByJsonMixin):
    """A field of a record, or a parameter of a message."""

    _reserved_properties: Sequence[str] = FIELD_RESERVED_PROPS

    def __init__(
        self,
        type_: Any,
        name: str,
        has_default: bool,
        default: Any = None,
        order: str | None = None,
        names: Names | None = None,
        doc: str | None = None,
        other_props: Mapping[str, Any] | None = None,
        validate_names: bool = True,
    ) -> None:
        if not name or not isinstance(name, str):
            raise SchemaParseException(f"the name of a field is a string that is not empty, not {name!r}")
        if order is not None and order not in VALID_FIELD_SORT_ORDERS:
            raise SchemaParseException(f"the order of field {name} is none: {order!r}")
        self.name = name
        self.validate_names = validate_names
        self._has_default = has_default
        self.type = _inner(type_, names, f"the type of field {name}", validate_names)
        self.props.update(other_props or {})
        self.props.update(type=self.type, name=name)
        optional = {"order": order, "doc": doc}
        self.props.update({key: value for key, value in optional.items() if value is not None})
        if has_default:
            self.props["default"] = default

    @property
    def default(self) -> Any:
        return self.get_prop("default")

    @property
    def has_default(self) -> bool:
        return self._has_default

    @property
    def order(self) -> str | None:
        return cast("str | None", self.get_prop("order"))

    @property
    def doc(self) -> str | None:
        return cast("str | None", self.get_prop("doc"))

    def __str__(self) -> str:
        return json.dumps(self.to_json())

    def __hash__(self) -> int:
        return hash((self.name, self.type))

    def to_json(self, names: Names | None = None) -> Any:
        if names is None:
            names = Names(validate_names=self.validate_names)
        return {**self.props, "type": self.type.to_json(names)}

    def to_canonical_json(self, names: Names | None = None) -> Any:
        return {"name": self.name, "type": self.type.to_canonical_json(names)}


class PrimitiveSchema(EqualByPropsMixin, Schema):
    """null, boolean, int, long, float, double, bytes or string."""

    def __init__(self, type: str, other_props: Mapping[str, Any] | None = None) -> None:
        if type not in constants.PRIMITIVE_TYPES:
            raise AvroException(f"{type} is not a primitive type")
        Schema.__init__(self, type, other_props)
        self.fullname = type

    def match(self, writer: Schema) -> bool:
        return self.type == writer.type or self.type in PROMOTIONS.get(writer.type, ())

    def to_json(self, names: Names | None = None) -> Any:
        return self.type if len(self.props) == 1 else dict(self.props)

    def validate(self, datum: Any) -> Schema | None:
        return self if _IS_OF[self.type](datum) else None


_IS_OF: Final[Mapping[str, Callable[[Any], bool]]] = {
    "null": lambda datum: datum is None,
    "boolean": lambda datum: isinstance(datum, bool),
    "string": lambda datum: isinstance(datum, str),
    "bytes": lambda datum: isinstance(datum, bytes),
    "int": lambda datum: isinstance(datum, int) and INT_MIN_VALUE <= datum <= INT_MAX_VALUE,
    "long": lambda datum: isinstance(datum, int) and LONG_MIN_VALUE <= datum <= LONG_MAX_VALUE,
    "float": lambda datum: isinstance(datum, int | float),
    "double": lambda datum: isinstance(datum, int | float),
}


class BytesDecimalSchema(PrimitiveSchema, DecimalLogicalSchema):
    """A decimal in bytes."""

    def __init__(self, precision: int, scale: int = 0, other_props: Mapping[str, Any] | None = None) -> None:
        DecimalLogicalSchema.__init__(self, precision, scale, max_precision=INT_MAX_VALUE)
        PrimitiveSchema.__init__(self, "bytes", other_props)
        self.props.update(precision=precision, scale=scale)

    @property
    def precision(self) -> int:
        return cast(int, self.get_prop("precision"))

    @property
    def scale(self) -> int:
        return cast(int, self.get_prop("scale"))

    def validate(self, datum: Any) -> Schema | None:
        return self if isinstance(datum, decimal.Decimal) else None


class FixedSchema(EqualByPropsMixin, NamedSchema):
    """A fixed number of bytes."""

    def __init__(
        self,
        name: str,
        namespace: str | None,
        size: int,
        names: Names | None = None,
        other_props: Mapping[str, Any] | None = None,
        validate_names: bool = True,
    ) -> None:
        if not isinstance(size, int) or size < 0:
            raise AvroException(f"the size of a fixed is a number of bytes, not {size!r}")
        NamedSchema.__init__(self, "fixed", name, namespace, names, other_props, validate_names)
        self.props["size"] = size

    @property
    def size(self) -> int:
        return cast(int, self.get_prop("size"))

    def match(self, writer: Schema) -> bool:
        return super().match(writer) and self.size == cast(FixedSchema, writer).size

    def validate(self, datum: Any) -> Schema | None:
        return self if isinstance(datum, bytes) and len(datum) == self.size else None


class FixedDecimalSchema(FixedSchema, DecimalLogicalSchema):
    """A decimal in a fixed."""

    def __init__(
        self,
        size: int,
        name: str,
        precision: int,
        scale: int = 0,
        namespace: str | None = None,
        names: Names | None = None,
        other_props: Mapping[str, Any] | None = None,
        validate_names: bool = True,
    ) -> None:
        digits = math.floor(math.log10(2) * (8 * size - 1)) if isinstance(size, int) and size > 0 else 0
        DecimalLogicalSchema.__init__(self, precision, scale, digits)
        FixedSchema.__init__(self, name, namespace, size, names, other_props, validate_names)
        self.props.update(precision=precision, scale=scale)

    @property
    def precision(self) -> int:
        return cast(int, self.get_prop("precision"))

    @property
    def scale(self) -> int:
        return cast(int, self.get_prop("scale"))

    def validate(self, datum: Any) -> Schema | None:
        return self if isinstance(datum, decimal.Decimal) else None


class EnumSchema(EqualByPropsMixin, NamedSchema):
    """One of some symbols.

    :param validate_enum_symbols: False accepts any text as a symbol, and a default that is not a symbol.
    """

    def __init__(
        self,
        name: str,
        namespace: str | None,
        symbols: Sequence[str],
        names: Names | None = None,
        doc: str | None = None,
        other_props: Mapping[str, Any] | None = None,
        validate_enum_symbols: bool = True,
        validate_names: bool = True,
    ) -> None:
        if validate_enum_symbols:
            _check_symbols(symbols, (other_props or {}).get("default"))
        if len(set(symbols)) < len(symbols):
            raise AvroException(f"a symbol of enum {name} is there twice: {symbols}")
        NamedSchema.__init__(self, "enum", name, namespace, names, other_props, validate_names)
        self.props["symbols"] = symbols
        if doc is not None:
            self.props["doc"] = doc

    @property
    def symbols(self) -> Sequence[str]:
        return cast("Sequence[str]", self.get_prop("symbols"))

    @property
    def default(self) -> str | None:
        default = self.get_prop("default")
        if default is not None and not isinstance(default, str):
            raise InvalidDefault(f"the default of an enum is one of its symbols, not {default!r}")
        return default

    def validate(self, datum: Any) -> Schema | None:
        return self if datum in self.symbols else None


def _check_symbols(symbols: Sequence[str], default: Any) -> None:
    for symbol in symbols:
        try:
            validate_basename(symbol)
        except InvalidName as error:
            raise InvalidName(f"a symbol of an enum is a name, which {symbol!r} is not") from error
    if default is not None and default not in symbols:
        raise InvalidDefault(f"the default of an enum is one of its symbols {list(symbols)}, not {default!r}")


class ArraySchema(EqualByJsonMixin, Schema):
    """A sequence of items."""

    def __init__(
        self,
        items: Any,
        names: Names | None = None,
        other_props: Mapping[str, Any] | None = None,
        validate_names: bool = True,
    ) -> None:
        Schema.__init__(self, "array", other_props, validate_names=validate_names)
        self.props["items"] = _inner(items, names, "the items of an array", validate_names)

    @property
    def items(self) -> Schema:
        return cast(Schema, self.get_prop("items"))

    def match(self, writer: Schema) -> bool:
        return self.type == writer.type

    def to_json(self, names: Names | None = None) -> Any:
        if names is None:
            names = Names(validate_names=self.validate_names)
        return {**self.props, "items": self.items.to_json(names)}

    def validate(self, datum: Any) -> Schema | None:
        return self if isinstance(datum, list) else None


class MapSchema(EqualByJsonMixin, Schema):
    """A mapping from strings to values."""

    def __init__(
        self,
        values: Any,
        names: Names | None = None,
        other_props: Mapping[str, Any] | None = None,
        validate_names: bool = True,
    ) -> None:
        Schema.__init__(self, "map", other_props, validate_names=validate_names)
        self.props["values"] = _inner(values, names, "the values of a map", validate_names)

    @property
    def values(self) -> Schema:
        return cast(Schema, self.get_prop("values"))

    def match(self, writer: Schema) -> bool:
        return self.type == writer.type

    def to_json(self, names: Names | None = None) -> Any:
        if names is None:
            names = Names(validate_names=self.validate_names)
        return {**self.props, "values": self.values.to_json(names)}

    def validate(self, datum: Any) -> Schema | None:
        return self if isinstance(datum, dict) and all(isinstance(key, str) for key in datum) else None


class UnionSchema(EqualByJsonMixin, Schema):
    """One of some schemas, the branches."""

    def __init__(self, schemas: list[Any], names: Names | None = None, validate_names: bool = True) -> None:
        if not isinstance(schemas, list):
            raise SchemaParseException(f"a union is a list of schemas, not {schemas!r}")
        Schema.__init__(self, "union", validate_names=validate_names)
        self._schemas = [_inner(schema, names, "a branch of a union", validate_names) for schema in schemas]
        unnamed = [branch.type for branch in self._schemas if not isinstance(branch, NamedSchema)]
        for kind in unnamed:
            if kind in _UNIONS:
                raise SchemaParseException("a union has no other union in it")
            if unnamed.count(kind) > 1:
                raise SchemaParseException(f"the type {kind} is in a union twice")

    @property
    def schemas(self) -> list[Schema]:
        return self._schemas

    def match(self, writer: Schema) -> bool:
        return writer.type in _UNIONS or any(branch.match(writer) for branch in self.schemas)

    def to_json(self, names: Names | None = None) -> Any:
        if names is None:
            names = Names(validate_names=self.validate_names)
        return [branch.to_json(names) for branch in self.schemas]

    def validate(self, datum: Any) -> Schema | None:
        return next((branch for branch in self.schemas if branch.validate(datum) is not None), None)


class ErrorUnionSchema(UnionSchema):
    """The errors of a message: a string for those that are not declared, and those that are."""

    def __init__(self, schemas: list[Any], names: Names | None = None, validate_names: bool = True) -> None:
        UnionSchema.__init__(self, ["string", *schemas], names, validate_names)

    def to_json(self, names: Names | None = None) -> Any:
        """The declared ones."""
        return super().to_json(names)[1:]


class RecordSchema(EqualByJsonMixin, NamedSchema):
    """Fields in order; a record, an error, or the parameters of a message (``schema_type="request"``)."""

    def __init__(
        self,
        name: Any,
        namespace: str | None,
        fields: Any,
        names: Names | None = None,
        schema_type: str = "record",
        doc: str | None = None,
        other_props: Mapping[str, Any] | None = None,
        validate_names: bool = True,
    ) -> None:
        if not isinstance(fields, list):
            raise SchemaParseException(f"the fields of a record are a list, not {fields!r}")
        if names is None:
            names = Names(validate_names=validate_names)
        around = names.default_namespace
        if schema_type == "request":
            Schema.__init__(self, schema_type, other_props)
        else:
            NamedSchema.__init__(
                self, schema_type, name, namespace, names, other_props, validate_names=validate_names
            )
            names.default_namespace = self.namespace
        try:
            self.props["fields"] = self.make_field_objects(fields, names, validate_names)
        finally:
            names.default_namespace = around
        if doc is not None:
            self.props["doc"] = doc

    @staticmethod
    def make_field_objects(
        field_data: Sequence[Mapping[str, Any]], names: Names, validate_names: bool = True
    ) -> list[Field]:
        """The fields, or parameters, of JSON data."""
        fields: dict[str, Field] = {}
        for data in field_data:
            if not _is_object(data):
                raise SchemaParseException(f"a field is an object, not {data!r}")
            field = Field(
                data.get("type"),
                cast(str, data.get("name")),
                "default" in data,
                data.get("default"),
                data.get("order"),
                names,
                data.get("doc"),
                get_other_props(data, FIELD_RESERVED_PROPS),
                validate_names=validate_names,
            )
            if field.name in fields:
                raise SchemaParseException(f"there is a field {field.name} already")
            fields[field.name] = field
        return list(fields.values())

    @property
    def fields(self) -> list[Field]:
        return cast("list[Field]", self.get_prop("fields"))

    @property
    def fields_dict(self) -> dict[str, Field]:
        """The fields by name."""
        return {field.name: field for field in self.fields}

    def match(self, writer: Schema) -> bool:
        return self.type == writer.type == "request" or (
            {self.type, writer.type} <= {"record", "error"} and self._is_named_as(cast(NamedSchema, writer))
        )

    def to_json(self, names: Names | None = None) -> Any:
        if self.type != "request":
            return super().to_json(names)
        if names is None:
            names = Names(validate_names=self.validate_names)
        return [field.to_json(names) for field in self.fields]

    def _definition(self, props: dict[str, Any], names: Names) -> dict[str, Any]:
        with _translate.within(names, self.namespace):
            props["fields"] = [field.to_json(names) for field in self.fields]
        return props

    def to_canonical_json(self, names: Names | None = None) -> Any:
        if self.type == "request":
            raise NotImplementedError("the parameters of a message have no canonical form")
        return super().to_canonical_json(names)

    def validate(self, datum: Any) -> Schema | None:
        if not isinstance(datum, dict):
            return None
        return self if {field.name for field in self.fields}.issuperset(datum) else None


class _LogicalPrimitive(PrimitiveSchema, LogicalSchema):
    """A primitive type with a logical type that needs no attributes."""

    _logical = ""
    _primitive = ""

    def __init__(self, other_props: Mapping[str, Any] | None = None) -> None:
        LogicalSchema.__init__(self, self._logical)
        PrimitiveSchema.__init__(self, self._primitive, other_props)

    def to_json(self, names: Names | None = None) -> Any:
        return {**self.props, "logicalType": self._logical}


class DateSchema(_LogicalPrimitive):
    """Days since 1970-01-01: ``datetime.date``."""

    _logical, _primitive = constants.DATE, "int"

    def validate(self, datum: Any) -> Schema | None:
        return self if isinstance(datum, dt.date) else None


class TimeMillisSchema(_LogicalPrimitive):
    """Milliseconds since midnight: ``datetime.time``."""

    _logical, _primitive = constants.TIME_MILLIS, "int"

    def validate(self, datum: Any) -> Schema | None:
        return self if isinstance(datum, dt.time) else None


class TimeMicrosSchema(_LogicalPrimitive):
    """Microseconds since midnight: ``datetime.time``."""

    _logical, _primitive = constants.TIME_MICROS, "long"

    def validate(self, datum: Any) -> Schema | None:
        return self if isinstance(datum, dt.time) else None


class TimestampMillisSchema(_LogicalPrimitive):
    """Milliseconds since 1970 in UTC: ``datetime.datetime`` with a zone."""

    _logical, _primitive = constants.TIMESTAMP_MILLIS, "long"

    def validate(self, datum: Any) -> Schema | None:
        return self if _is_instant(datum) else None


class TimestampMicrosSchema(_LogicalPrimitive):
    """Microseconds since 1970 in UTC: ``datetime.datetime`` with a zone."""

    _logical, _primitive = constants.TIMESTAMP_MICROS, "long"

    def validate(self, datum: Any) -> Schema | None:
        return self if _is_instant(datum) else None


class UUIDSchema(_LogicalPrimitive):
    """The text of a UUID; a ``uuid.UUID`` is written, too, but text is read."""

    _logical, _primitive = constants.UUID, "string"

    def validate(self, datum: Any) -> Schema | None:
        try:
            uuid.UUID(datum if isinstance(datum, str) else str(datum))
        except ValueError:
            return None
        return self


def _is_instant(datum: Any) -> bool:
    return isinstance(datum, dt.datetime) and datum.utcoffset() is not None


def get_other_props(all_props: Mapping[str, Any], reserved_props: Sequence[str]) -> dict[str, Any]:
    """The attributes that are not reserved."""
    return {key: value for key, value in all_props.items() if key not in reserved_props}


def make_bytes_decimal_schema(other_props: Mapping[str, Any]) -> BytesDecimalSchema:
    """The decimal in bytes that attributes describe."""
    return BytesDecimalSchema(
        cast(int, other_props.get("precision")), other_props.get("scale", 0), other_props
    )


_LOGICAL: Final[Mapping[tuple[str, str], Callable[[Mapping[str, Any]], Schema | None]]] = {
    (constants.DATE, "int"): DateSchema,
    (constants.DECIMAL, "bytes"): make_bytes_decimal_schema,
    (constants.DECIMAL, "fixed"): lambda other_props: None,  # which is made where its name is known
    (constants.TIMESTAMP_MICROS, "long"): TimestampMicrosSchema,
    (constants.TIMESTAMP_MILLIS, "long"): TimestampMillisSchema,
    (constants.TIME_MICROS, "long"): TimeMicrosSchema,
    (constants.TIME_MILLIS, "int"): TimeMillisSchema,
    (constants.UUID, "string"): UUIDSchema,
}


def make_logical_schema(logical_type: str, type_: str, other_props: Mapping[str, Any]) -> Schema | None:
    """The schema of a logical type; None if it is ignored, with an :class:`IgnoredLogicalType` warning."""
    try:
        make = _LOGICAL.get((logical_type, type_))
        if make is not None:
            return make(other_props)
    except IgnoredLogicalType as warning:
        _warn(warning)
        return None
    expected = sorted(literal for logical, literal in _LOGICAL if logical == logical_type)
    problem = f"Unknown {logical_type}, using {type_}."
    if expected:
        types = "/".join(expected)
        problem = f"Logical type {logical_type} requires literal type {types}, not {type_}."
    _warn(IgnoredLogicalType(problem))
    return None


_is_quiet: Final[ContextVar[bool]] = ContextVar("avrojet.compat.avro.schema.is_quiet", default=False)
"""Whether no warnings are wanted. (``warnings.catch_warnings`` may change the filters of other threads.)"""


def _warn(warning: IgnoredLogicalType) -> None:
    if not _is_quiet.get():
        warnings.warn(warning, stacklevel=3)


def _is_object(data: Any) -> bool:
    """Whether JSON data are an object: a mapping of any class."""
    return callable(getattr(data, "get", None))


def _inner(data: Any, names: Names | None, what: str, validate_names: bool) -> Schema:
    """The schema of a part: a name that is known, or a definition."""
    if isinstance(data, str) and names is not None and data not in constants.PRIMITIVE_TYPES:
        known = names.get_name(data, None) if data else None
        if known is not None:
            return known
    try:
        return make_avsc_object(data, names, validate_names=validate_names)
    except (AvroException, RecursionError):
        raise
    except Exception as error:  # any error that odd data cause in Python
        raise SchemaParseException(f"{what} is no schema: {data!r} ({error})") from error


def make_avsc_object(
    json_data: Any,
    names: Names | None = None,
    validate_enum_symbols: bool = True,
    validate_names: bool = True,
) -> Schema:
    """The schema of JSON data.

    :param names: the named types that it may refer to, and the enclosing namespace; its own types are added.
    :param validate_enum_symbols: False accepts any text as an enum's symbol.
    :raises SchemaParseException: if the data are not a schema.
    """
    if names is None:
        names = Names(validate_names=validate_names)
    if _is_object(json_data):
        return _of_object(json_data, names, validate_enum_symbols, validate_names)
    if isinstance(json_data, list):
        return UnionSchema(json_data, names, validate_names)
    if isinstance(json_data, str) and json_data in constants.PRIMITIVE_TYPES:
        return PrimitiveSchema(json_data)
    raise SchemaParseException(f"there is no schema and no type that is called {json_data!r}")


def _of_object(data: Mapping[str, Any], names: Names, validate_symbols: bool, validate_names: bool) -> Schema:
    kind = data.get("type")
    if kind is None:
        raise SchemaParseException(f"a schema must have a type, and this has none: {dict(data)!r}")
    props = get_other_props(data, SCHEMA_RESERVED_PROPS)
    logical = data.get("logicalType")
    if isinstance(logical, str) and logical and isinstance(kind, str):
        made = make_logical_schema(logical, kind, props)
        if made is not None:
            return made
    if not isinstance(kind, str):
        # {"type": {...}} and {"type": [...]}: the schema itself
        return make_avsc_object(kind, names, validate_symbols, validate_names)
    if kind in constants.PRIMITIVE_TYPES:
        return PrimitiveSchema(kind, props)
    if kind in constants.NAMED_TYPES:
        return _named(kind, data, props, names, validate_symbols, validate_names)
    if kind == "array":
        return ArraySchema(data.get("items"), names, props, validate_names)
    if kind == "map":
        return MapSchema(data.get("values"), names, props, validate_names)
    if kind == "error_union":
        return ErrorUnionSchema(cast("list[Any]", data.get("declared_errors")), names, validate_names)
    return _inner(kind, names, "the type of a schema", validate_names)


def _named(
    kind: str,
    data: Mapping[str, Any],
    props: Mapping[str, Any],
    names: Names,
    validate_symbols: bool,
    validate_names: bool,
) -> Schema:
    name = data.get("name")
    if not isinstance(name, str):
        raise SchemaParseException(f"the name of a type is a string, not {name!r}")
    namespace = data.get("namespace", names.default_namespace)
    doc = data.get("doc")
    if kind == "fixed":
        return _fixed(name, namespace, data, props, names, validate_names)
    if kind == "enum":
        symbols = data.get("symbols")
        if not isinstance(symbols, list | tuple) or not all(isinstance(symbol, str) for symbol in symbols):
            raise SchemaParseException(f"the symbols of enum {name} are a list of strings, not {symbols!r}")
        return EnumSchema(name, namespace, symbols, names, doc, props, validate_symbols, validate_names)
    return RecordSchema(name, namespace, data.get("fields"), names, kind, doc, props, validate_names)


def _fixed(
    name: str,
    namespace: str | None,
    data: Mapping[str, Any],
    props: Mapping[str, Any],
    names: Names,
    validate_names: bool,
) -> FixedSchema:
    size = cast(int, data.get("size"))
    if data.get("logicalType") == constants.DECIMAL:
        precision, scale = cast(int, data.get("precision")), data.get("scale", 0)
        try:
            return FixedDecimalSchema(size, name, precision, scale, namespace, names, props, validate_names)
        except IgnoredLogicalType as warning:
            _warn(warning)
    return FixedSchema(name, namespace, size, names, props, validate_names)


def _same_json(this: Any, that: object) -> bool:
    """Whether the JSON of two schemas is equivalent; `that` may be the text of one."""
    if this is that:
        return True
    if isinstance(that, Schema | Field):
        return bool(this.to_json() == that.to_json())
    try:
        return bool(this.to_json() == json.loads(str(that)))
    except ValueError:
        return False


def parse(json_string: str, validate_enum_symbols: bool = True, validate_names: bool = True) -> Schema:
    """The schema of JSON text.

    :param validate_enum_symbols: False accepts any text as an enum's symbol.
    :param validate_names: False accepts any text as a name.
    :raises SchemaParseException: if it is not a schema.
    """
    try:
        data = json.loads(json_string)
        schema = make_avsc_object(
            data, Names(validate_names=validate_names), validate_enum_symbols, validate_names
        )
    except json.JSONDecodeError as error:
        raise SchemaParseException(f"Error parsing JSON: {json_string}, error = {error}") from error
    except RecursionError:
        raise SchemaParseException("the schema is nested too deep for Python's stack") from None
    if type(json_string) is str:
        _translate.remember_text(schema, json_string)
    return schema


def parse_quietly(json_string: str) -> Schema:
    """The schema of a file's header: names and symbols may be any text, and there are no warnings."""
    token = _is_quiet.set(True)
    try:
        return parse(json_string, validate_enum_symbols=False, validate_names=False)
    finally:
        _is_quiet.reset(token)


def from_path(path: Path | str, validate_enum_symbols: bool = True, validate_names: bool = True) -> Schema:
    """The schema of a file with JSON text in UTF-8; see :func:`parse`."""
    return parse(Path(path).read_text(encoding="utf-8"), validate_enum_symbols, validate_names)
