"""Whether classes fit a schema, and the shapes of their values: from annotation and schema to Shape."""

from __future__ import annotations

import operator
import typing
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any, Final
from uuid import UUID

from avrojet.core.objects.convert import OneOf, OptionalKeys, from_duration, items, positions, to_duration
from avrojet.core.objects.form import Shape
from avrojet.errors import SchemaError
from avrojet.plan.match import describe
from avrojet.schema.model import (
    ArraySchema,
    EnumSchema,
    MapSchema,
    RecordSchema,
    Schema,
    UnionSchema,
)
from avrojet.typed.annotations import (
    Choice,
    Entries,
    Fields,
    Kind,
    Many,
    Meaning,
    Members,
    Plain,
    Positions,
    Values,
    Variables,
    meaning_of,
    merged,
    shown,
)
from avrojet.typed.classes import Attribute, attributes_of, kind_of
from avrojet.typed.making import form_of
from avrojet.typed.options import RecordOptions
from avrojet.typed.schema import record_name, root_of_model, symbols_of
from avrojet.typed.variables import variables_of
from avrojet.values import Duration, NanoDatetime
from avrojet.varint import encode_long

_TIMES: Final = {"timestamp-millis", "timestamp-micros", "local-timestamp-millis", "local-timestamp-micros"}
_NANOS: Final = {"timestamp-nanos", "local-timestamp-nanos"}
# What a class is decoded from: plain types, or logical types.
_FITS: Final[Mapping[type, frozenset[str]]] = {
    base: frozenset(names)
    for base, names in {
        type(None): {"null"},
        bool: {"boolean"},
        int: {"int", "long"},
        float: {"float", "double"},
        str: {"string", "enum"},
        bytes: {"bytes", "fixed"},
        datetime: _TIMES | _NANOS,
        NanoDatetime: _NANOS,
        date: {"date"},
        time: {"time-millis", "time-micros"},
        timedelta: {"duration"},
        Duration: {"duration"},
        UUID: {"uuid"},
        Decimal: {"decimal", "big-decimal"},
    }.items()
}


class Fitter:
    """Finds the shapes of one schema.

    :param localns: names that annotations use and that are defined in a function.
    :param trusted: make models of pydantic without validation.
    :param classes: by fullname, the annotation for records and enums that have no annotation otherwise.
    """

    def __init__(
        self,
        localns: Mapping[str, Any] | None = None,
        *,
        trusted: bool = False,
        classes: Mapping[str, Any] | None = None,
    ) -> None:
        self._localns = localns
        self._trusted = trusted
        self._classes = classes or {}
        self._records: dict[Any, Shape] = {}

    def shape(self, hint: Any, schema: Schema, path: str, variables: Variables | None = None) -> Shape | None:
        """Return the shape of values of a schema, for an annotation.

        :raises SchemaError: if values of the schema do not fit the annotation.
        """
        return self._shape(meaning_of(hint, variables or {}, path), schema, path)

    def found(self, schema: Schema) -> Shape | None:
        """Return the shape of values of a schema, given only the classes of its named types."""
        if isinstance(schema, ArraySchema):
            return _whole([self.found(schema.items)])
        if isinstance(schema, MapSchema):
            return _whole([self.found(schema.values)])
        if isinstance(schema, UnionSchema):
            return _whole([self.found(branch) for branch in schema.branches])
        if isinstance(schema, RecordSchema | EnumSchema) and schema.fullname in self._classes:
            cls = self._classes[schema.fullname]
            return self.shape(cls, schema, schema.fullname)
        if isinstance(schema, RecordSchema):
            return self._record_of_dicts(schema)
        return None

    def _record_of_dicts(self, schema: RecordSchema) -> Shape:
        shape = self._records.get(id(schema.definition))
        if shape is None:
            shape = self._records[id(schema.definition)] = Shape()
            shape.parts = [self.found(field.type) for field in schema.fields]
        return shape

    def _shape(self, meaning: Meaning, schema: Schema, path: str) -> Shape | None:
        kind = meaning.kind
        if isinstance(kind, Choice) or isinstance(schema, UnionSchema):
            return self._union(meaning, schema, path)
        if isinstance(kind, Fields) and root_of_model(kind.cls) is not None:
            return self._root(kind.cls, schema, path)
        if not _accepts(kind, schema):
            raise misfit(_shown_kind(kind), schema, path)
        if isinstance(kind, Plain):
            return _plain(kind, schema)
        if isinstance(kind, Many):
            return self._many(kind, meaning.variables, schema, path)
        if isinstance(kind, Entries):
            assert isinstance(schema, MapSchema)
            return _whole([self.shape(kind.values, schema.values, f"{path}[...]", meaning.variables)])
        if isinstance(kind, Members):
            assert isinstance(schema, EnumSchema)
            return _enum(kind.cls, schema, path)
        if isinstance(kind, Values):
            return None if isinstance(schema, EnumSchema) and _same_symbols(kind, schema) else _one_of(kind)
        if isinstance(kind, Positions):
            return self._positions(kind, meaning.variables, schema, path)
        assert isinstance(schema, RecordSchema)
        return self._record(kind, schema, path)

    def _union(self, meaning: Meaning, schema: Schema, path: str) -> Shape | None:
        """Match each branch with one member of the union: by types, and by the names of classes."""
        kind = meaning.kind
        arms = kind.arms if isinstance(kind, Choice) else None
        arm_meanings = (
            [meaning] if arms is None else [meaning_of(arm, meaning.variables, path) for arm in arms]
        )
        branches = schema.branches if isinstance(schema, UnionSchema) else (schema,)
        parts = []
        for branch in branches:
            arm = next((each for each in arm_meanings if _accepts(each.kind, branch, exact=True)), None)
            arm = arm or next((each for each in arm_meanings if _accepts(each.kind, branch)), None)
            if arm is None:
                raise misfit(" | ".join(_shown_kind(each.kind) for each in arm_meanings), branch, path)
            parts.append(self._shape(arm, branch, path))
        return _whole(parts) if isinstance(schema, UnionSchema) else parts[0]

    def _root(self, cls: Any, schema: Schema, path: str) -> Shape:
        inner = self.shape(cls.model_fields["root"].annotation, schema, path)
        validate, get = cls.__pydantic_validator__.validate_python, operator.attrgetter("root")
        if inner is None:
            return Shape(cls, decode=validate, encode=get)
        decode, encode = inner.decode, inner.encode
        return Shape(
            cls,
            form=inner.form,
            parts=inner.parts,
            members=inner.members,
            decode=validate if decode is None else lambda value: validate(decode(value)),
            encode=get if encode is None else lambda value: encode(get(value)),
        )

    def _many(self, kind: Many, variables: Variables, schema: Schema, path: str) -> Shape | None:
        assert isinstance(schema, ArraySchema)
        part = self.shape(kind.items, schema.items, f"{path}[...]", variables)
        if kind.make is None:
            return _whole([part])
        is_set = issubclass(kind.make, set | frozenset)
        return Shape(kind.make, parts=[part], decode=kind.make, encode=items if is_set else None)

    def _positions(self, kind: Positions, variables: Variables, schema: Schema, path: str) -> Shape:
        assert isinstance(schema, RecordSchema)
        parts = [
            self.shape(hint, field.type, f"{path}[{i}]", variables)
            for i, (hint, field) in enumerate(zip(kind.items, schema.fields, strict=True))
        ]
        return Shape(tuple, parts=parts, decode=positions)

    def _record(self, kind: Fields, schema: RecordSchema, path: str) -> Shape:
        key = kind, id(schema.definition)
        known = self._records.get(key)
        if known is not None:
            return known
        shape = self._records[key] = Shape()
        attributes, is_whole = self._attributes_of(kind, schema, path)
        class_kind = kind_of(kind.cls)
        if class_kind is not None and class_kind.name != "typeddict":
            shape.cls = kind.cls
            shape.form = form_of(kind.cls, attributes, whole=is_whole, trusted=self._trusted)
        variables = variables_of(kind.cls, kind.arguments)
        shape.parts = [
            self._field(attribute, field.type, variables, f"{path}.{attribute.name}")
            for attribute, field in zip(attributes, schema.fields, strict=True)
        ]
        for i, field in enumerate(schema.fields):
            null = null_of(field.type)
            if attributes[i].optional and null is not None:
                shape.optional[i] = null
        if shape.optional:
            shape.decode = OptionalKeys(tuple(schema.fields[i].name for i in shape.optional))
        return shape

    def _attributes_of(
        self, kind: Fields, schema: RecordSchema, path: str
    ) -> tuple[tuple[Attribute, ...], bool]:
        """The attribute of each field, and whether the class has no others.

        :raises SchemaError: if a field has none, or another attribute needs a value.
        """
        left = self._by_name(kind)
        attributes = []
        for field in schema.fields:
            attribute = left.pop(field.name, None)
            if attribute is None:
                raise SchemaError(
                    f"{path}: the record {schema.fullname} has a field {field.name!r}, which "
                    f"{shown(kind.cls)} lacks: "
                    f"add it to the class ({describe(field.type)}), or read with the class as reader schema",
                    path=f"{path}.{field.name}",
                    field=field.name,
                )
            attributes.append(attribute)
        for name, attribute in left.items():
            if not attribute.has_default:
                raise SchemaError(
                    f"{path}: {shown(kind.cls)} has a field {attribute.name!r} without default, and the "
                    f"record {schema.fullname} has no {name!r}: give it a default, or read with the class as "
                    "reader schema",
                    path=f"{path}.{name}",
                    field=name,
                )
        return tuple(attributes), not left

    def _field(self, attribute: Attribute, schema: Schema, variables: Variables, path: str) -> Shape | None:
        meaning = meaning_of(attribute.hint, variables, path)
        if attribute.optional and null_of(schema) is not None:
            kind = meaning.kind
            arms = kind.arms if isinstance(kind, Choice) else (attribute.hint,)
            meaning = Meaning(Choice((*arms, type(None))), meaning.options, meaning.variables)
        return self._shape(meaning, schema, path)

    def _by_name(self, kind: Fields) -> dict[str, Attribute]:
        variables = variables_of(kind.cls, kind.arguments)
        found = {}
        for attribute in attributes_of(kind.cls, self._localns):
            meaning = meaning_of(attribute.hint, variables, attribute.name)
            options = merged(meaning.options, attribute.options)
            found[options.name or attribute.name] = attribute
        return found


def null_of(schema: Schema) -> bytes | None:
    """The encoded null of a union, which represents a missing key; None if it has no null."""
    branches = schema.branches if isinstance(schema, UnionSchema) else ()
    index = next((i for i, branch in enumerate(branches) if branch.type == "null"), None)
    return None if index is None else encode_long(index)


def misfit(python: str, schema: Schema, path: str) -> SchemaError:
    """Return the error for values of the schema that do not fit the class."""
    remedy = f"annotate {python} | None" if schema.type == "null" else "change one of them"
    return SchemaError(
        f"{path}: the class has {python} where the schema has {describe(schema)}: {remedy}", path=path
    )


def _whole(parts: list[Shape | None]) -> Shape | None:
    return Shape(parts=parts) if any(part is not None for part in parts) else None


def _plain(kind: Plain, schema: Schema) -> Shape | None:
    if kind.base is timedelta and schema.logical is not None:
        return Shape(timedelta, decode=from_duration, encode=to_duration)
    if kind.cls is not kind.base:
        return Shape(kind.cls, decode=kind.cls)
    return None


def _enum(cls: type[Enum], schema: EnumSchema, path: str) -> Shape:
    symbols = symbols_of(cls, path)
    if not set(schema.symbols) <= symbols.keys():
        symbols = {**{member.name: member for member in cls}, **symbols}
    unknown = [symbol for symbol in schema.symbols if symbol not in symbols]
    if unknown:
        raise SchemaError(
            f"{path}: no member of {cls.__name__} stands for the symbol {unknown[0]!r} of "
            f"{schema.fullname}: add it",
            path=path,
            symbol=unknown[0],
        )
    return Shape(cls, members=symbols)


def _same_symbols(kind: Values, schema: EnumSchema) -> bool:
    return set(schema.symbols) == set(kind.values)


def _one_of(kind: Values) -> Shape:
    check = OneOf(kind.values)
    return Shape(decode=check, encode=check)


def _accepts(kind: Kind, schema: Schema, *, exact: bool = False) -> bool:
    """Whether values of a schema may be of a kind, judged without looking inside either.

    :param exact: classes by their own names only.
    """
    if isinstance(kind, Plain):
        return _accepts_plain(kind.base, schema) and not (exact and isinstance(schema, EnumSchema))
    if isinstance(kind, Values):
        return _accepts_plain(type(kind.values[0]), schema)
    if isinstance(kind, Many):
        return isinstance(schema, ArraySchema)
    if isinstance(kind, Entries):
        return isinstance(schema, MapSchema)
    if isinstance(kind, Members):
        return isinstance(schema, EnumSchema) and (not exact or schema.name == _own_name(kind))
    if isinstance(kind, Positions):
        return isinstance(schema, RecordSchema) and len(schema.fields) == len(kind.items)
    if isinstance(kind, Choice):
        return True
    if root_of_model(kind.cls) is not None:
        return not exact
    return isinstance(schema, RecordSchema) and (not exact or schema.name == _own_name(kind))


def _own_name(kind: Members | Fields) -> str:
    if isinstance(kind, Fields):
        return record_name(kind, RecordOptions()).rpartition(".")[2]
    from avrojet.typed.options import options_of

    return options_of(kind.cls).name or kind.cls.__name__


def _accepts_plain(base: type, schema: Schema) -> bool:
    if schema.logical is None:
        # A custom logical type shows values of its own.
        return isinstance(schema.props.get("logicalType"), str) or schema.type in _FITS[base]
    return schema.logical.name in _FITS[base]


def _shown_kind(kind: Kind) -> str:
    if isinstance(kind, Plain | Members | Fields):
        return "None" if kind.cls is type(None) else shown(kind.cls)
    if isinstance(kind, Many):
        return f"{'list' if kind.make is None else kind.make.__name__}[{shown(kind.items)}]"
    if isinstance(kind, Entries):
        return f"dict[str, {shown(kind.values)}]"
    if isinstance(kind, Values):
        return shown(typing.Literal[kind.values])
    if isinstance(kind, Positions):
        return f"tuple[{', '.join(map(shown, kind.items))}]"
    return " | ".join(map(shown, kind.arms))
