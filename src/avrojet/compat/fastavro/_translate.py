"""fastavro's parsed schemas as avrojet's.

Schemas that :func:`avrojet.compat.fastavro.schema.parse_schema` accepted are built without further checks:
old schemas with odd names, fields and branches are read, as fastavro reads them.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from avrojet.compat.fastavro._schema_common import PRIMITIVES, UnknownType
from avrojet.compat.fastavro.types import NamedSchemas
from avrojet.schema.defaults import check_default
from avrojet.schema.logical import logical_type
from avrojet.schema.model import (
    NO_DEFAULT,
    NO_PROPS,
    PRIMITIVE_TYPES,
    ArraySchema,
    EnumSchema,
    Field,
    FixedSchema,
    LogicalType,
    MapSchema,
    NamedSchema,
    PrimitiveSchema,
    RecordSchema,
    Schema,
    UnionSchema,
)

SOURCE: Final = "avrojet.source"
"""The attribute under which a Schema with a user's logical type keeps its JSON data."""

BY_NAME: Final = "avrojet.by-name"
"""The attribute that marks an enum or fixed that a union's branch gives by its name (see `_compile`)."""

WIDE_FLOAT: Final = "avrojet.wide-float"
"""The attribute that marks a double that represents a float."""

_PLAIN: Final[dict[str, Schema]] = {name: PrimitiveSchema(name) for name in PRIMITIVE_TYPES}
_WIDE_FLOAT: Final = PrimitiveSchema("double", {WIDE_FLOAT: True})


@dataclass(frozen=True, slots=True)
class Wishes:
    """The purpose for which a Schema is made.

    :ivar logical: the logical types in force: ``"<type>-<logical type>"`` -> whether it is the core's.
    :ivar wide_floats: floats are doubles, so that they are as exact as in JSON text.
    :ivar writer_names: fullnames in the writer's schema, for the aliases of a reader's.
    """

    logical: Mapping[str, bool] = field(default_factory=dict)
    wide_floats: bool = False
    writer_names: frozenset[str] = frozenset()


def translate(schema: Any, named: NamedSchemas, wishes: Wishes) -> Schema:
    """Build the Schema of a parsed schema.

    :param named: the named types, by fullname.
    """
    translator = _Translator(named, wishes)
    made = translator.whole(schema)
    if not translator.bad_defaults:
        return made
    # A default that does not fit cannot be used: the field becomes one without a default.
    return _Translator(named, wishes, translator.bad_defaults).whole(schema)


class _Translator:
    def __init__(
        self, named: NamedSchemas, wishes: Wishes, without_default: Container[tuple[str, str]] = ()
    ) -> None:
        self._named = named
        self._wishes = wishes
        self._plain = {**_PLAIN, "float": _WIDE_FLOAT} if wishes.wide_floats else _PLAIN
        self._without_default = without_default  # the record's and the field's name
        self.bad_defaults: set[tuple[str, str]] = set()
        self._made: dict[str, NamedSchema] = {}
        self._records: list[tuple[RecordSchema, Any]] = []  # whose fields are still to be made

    def whole(self, source: Any) -> Schema:
        made = self._schema(source)
        records = []
        while self._records:
            record, fields = self._records.pop()
            record.close(tuple([self._field(record, field) for field in fields]))
            records.append(record)
        self.bad_defaults.update(
            (record.fullname, field.name)
            for record in records
            for field in record.fields
            if field.default is not NO_DEFAULT and check_default(field.type, field.default)
        )
        return made

    def _schema(self, source: Any) -> Schema:
        if isinstance(source, str):
            return self._plain.get(source) or self._reference(source)
        if isinstance(source, list):
            return UnionSchema(tuple([self._branch(branch) for branch in source]))
        kind = source["type"]
        if kind in PRIMITIVES:
            props, logical = self._attributes(source)
            return PrimitiveSchema(kind, props, logical) if props or logical else self._plain[kind]
        if kind == "array":
            return ArraySchema(self._schema(source["items"]), self._attributes(source)[0])
        if kind == "map":
            return MapSchema(self._schema(source["values"]), self._attributes(source)[0])
        return self._made.get(source["name"]) or self._define(source)

    def _reference(self, name: str) -> NamedSchema:
        made = self._made.get(name)
        if made is not None:
            return made
        if name not in self._named:
            raise UnknownType(name)
        return self._define(self._named[name])

    def _branch(self, source: Any) -> Schema:
        made = self._schema(source)
        if not isinstance(source, str):
            return made
        props = {**made.props, BY_NAME: True}
        if isinstance(made, EnumSchema):
            return EnumSchema(made.fullname, made.symbols, made.default, made.aliases, None, props)
        if isinstance(made, FixedSchema):
            return FixedSchema(made.fullname, made.size, made.aliases, None, props, made.logical)
        return made

    def _define(self, source: Any) -> NamedSchema:
        name = source["name"]
        aliases = self._aliases(name, source.get("aliases"))
        props, logical = self._attributes(source)
        made: NamedSchema
        if source["type"] == "enum":
            symbols = tuple(source["symbols"])
            made = EnumSchema(name, symbols, source.get("default"), aliases, None, props)
        elif source["type"] == "fixed":
            made = FixedSchema(name, source["size"], aliases, None, props, logical)
        else:
            made = RecordSchema(name, aliases, None, props, source["type"])
            self._records.append((made, source["fields"]))
        self._made[name] = made
        return made

    def _aliases(self, name: str, given: Any) -> tuple[str, ...]:
        """Return aliases as fullnames. fastavro compares an unchanged alias with both full and unqualified
        names.
        """
        if not given:
            return ()
        aliases = {given} if isinstance(given, str) else set(given)
        namespace = name.rpartition(".")[0]
        full = {f"{namespace}.{alias}" for alias in aliases if namespace and "." not in alias}
        foreign = {writer for writer in self._wishes.writer_names if writer.rpartition(".")[2] in aliases}
        return tuple(sorted(aliases | full | foreign))

    def _attributes(self, source: Any) -> tuple[Mapping[str, Any], LogicalType | None]:
        """Return the attributes of a schema that the plan needs: its logical type.

        A logical type that a user's function converts is named after its key, so that the function is found
        by it.
        """
        name = source.get("logicalType")
        if not name:
            return NO_PROPS, None
        key = f"{source['type']}-{name}"
        built_in = self._wishes.logical.get(key)
        if built_in is None:
            return NO_PROPS, None
        if built_in:
            return NO_PROPS, logical_type(source["type"], source, source.get("size", -1), _ignore)
        return {"logicalType": key, SOURCE: source}, None

    def _field(self, record: RecordSchema, source: Any) -> Field:
        schema = self._schema(source["type"])
        aliases = source.get("aliases") or ()
        default = source.get("default", NO_DEFAULT)
        if (record.fullname, source["name"]) in self._without_default:
            default = NO_DEFAULT
        elif default is not NO_DEFAULT:
            default = _number_of_text(schema, default)
        return Field(source["name"], schema, default, aliases=tuple(aliases))


def _ignore(problem: str) -> None:
    """Do nothing: like fastavro, use the plain type without a warning."""


def _number_of_text(schema: Schema, default: Any) -> Any:
    """Return a default; for float and double, fastavro also accepts texts such as ``"NaN"``."""
    if schema.type in ("float", "double") and isinstance(default, str):
        try:
            return float(default)
        except ValueError:
            return default
    return default
