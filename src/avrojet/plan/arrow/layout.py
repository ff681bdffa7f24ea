"""The Arrow columns for data of a schema: the one place that knows the mapping.

The reader's schema determines the columns; docs/reference/arrow.md shows the mapping as a table.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from avrojet.errors import SchemaError, SchemaLimitError
from avrojet.limits import Limits, excess, limits_in_force
from avrojet.plan.arrow.options import STANDARD_TYPES, ArrowTypes
from avrojet.plan.arrow.properties import (
    SCHEMA_KEY,
    column_names,
    dictionary_of,
    duration_format,
    is_map,
    timezone_of,
)
from avrojet.schema.logical import CLOCKS
from avrojet.schema.model import (
    ArraySchema,
    EnumSchema,
    Field,
    FixedSchema,
    LogicalType,
    MapSchema,
    NamedSchema,
    RecordSchema,
    Schema,
    UnionSchema,
)

Kind = Literal["null", "bits", "values", "bytes", "views", "list", "struct", "members", "sparse", "dense"]

# The column for data whose schema is not a record.
VALUE = "value"
# Bytes of the widest numbers: decimals of 38 digits.
_NARROW = 16
# Digits that fit a decimal128 and a decimal256.
_DECIMAL_128, _DECIMAL_256 = 38, 76
_UUID = {"ARROW:extension:name": "arrow.uuid", "ARROW:extension:metadata": ""}


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """An Arrow field, and how its values are stored.

    :ivar kind: how values are stored: bits, ``values`` of ``width`` bytes, ``bytes`` located by offsets, or
        children.
    :ivar format: the type as a format string (Arrow C data interface: Data type description).
    :ivar text: bytes that must be UTF-8.
    :ivar precision: digits of a decimal, else 0.
    :ivar branches: of a union, the names of the branches of its children (as in the JSON encoding).
    :ivar symbols: of an enum, which is a dictionary with the symbols' indices as values.
    :ivar dictionary: of text that was a dictionary when it was written, the values that it could have, as far
        as known.
    :ivar record: the record that is kept as one value, as text or bytes, as it contains itself.
    """

    name: str
    kind: Kind
    format: str
    nullable: bool = False
    width: int = 0
    text: bool = False
    precision: int = 0
    children: tuple[Column, ...] = ()
    branches: tuple[str, ...] = ()
    symbols: tuple[str, ...] | None = None
    dictionary: tuple[str, ...] | None = None
    record: RecordSchema | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)


def table_column(
    schema: Schema, *, logical: bool = True, types: ArrowTypes = STANDARD_TYPES, limits: Limits | None = None
) -> Column:
    """The struct whose members are the columns: the fields of a record, or else one column ``value``.

    Its metadata contain the schema.

    :param logical: False for the plain encoding of logical types.
    :raises SchemaError: if the schema is recursive, which Arrow's types cannot be, or it has a decimal for
        which ``types`` has no type.
    :raises LimitError: if it has more columns than ``limits.columns``, or is nested too deeply.
    """
    layout = _Layout(logical=logical, types=types, limits=limits_in_force(limits))
    try:
        if isinstance(schema, RecordSchema):
            layout.begin(schema)
            children = layout.fields(schema, "$")
        else:
            children = (layout.column(schema, VALUE, "$"),)
    except RecursionError:
        raise SchemaLimitError("the schema nests too deep for Python's stack: choose columns") from None
    return Column("", "struct", "+s", children=children, metadata={SCHEMA_KEY: schema.json})


def wide_bytes(column: Column) -> int:
    """Bytes per row in types wider than numbers, without the contents of lists."""
    within = () if column.kind == "list" else column.children
    return (column.width if column.width > _NARROW else 0) + sum([wide_bytes(child) for child in within])


def nullable_columns(table: Column) -> Column:
    """The same table with all columns nullable; in Arrow's unions it is their members that are."""
    children = [
        child if child.kind in ("sparse", "dense") else replace(child, nullable=True)
        for child in table.children
    ]
    return replace(table, children=tuple(children))


def narrows(logical: LogicalType) -> bool:
    """Whether the plain encoding has values that the column of the logical type cannot hold.

    Dates and timestamps may be any number; in Python they end with the year 9999.
    """
    return logical.name in ("time-millis", "time-micros", "uuid") or (
        logical.name == "decimal" and logical.precision <= _DECIMAL_256
    )


def is_wrapped(schema: Schema) -> bool:
    """Whether :func:`table_column` puts the schema's values into a column of their own."""
    return not isinstance(schema, RecordSchema)


class _Layout:
    """One walk over a schema."""

    def __init__(self, *, logical: bool, types: ArrowTypes, limits: Limits) -> None:
        self._logical = logical
        self._types = types
        self._limits = limits
        self._left = limits.columns
        self._above: set[int] = set()
        self._outermost: tuple[str, ...] = ()

    def begin(self, schema: RecordSchema) -> None:
        self._outermost = schema.aliases

    def column(self, schema: Schema, name: str, path: str, *, nullable: bool = False) -> Column:
        self._left -= 1
        if self._left < 0:
            raise excess(self._limits, "columns", "the schema has too many columns; choose some", path=path)
        match schema:
            case UnionSchema():
                return self._union(schema, name, path, nullable=nullable)
            case RecordSchema() if self._types.recursion != "error" and self._is_within_itself(schema):
                kept = self._bytes(_KEPT[self._types.recursion], name, nullable=nullable)
                return replace(kept, record=schema)
            case RecordSchema():
                return Column(name, "struct", "+s", nullable, children=self.fields(schema, path))
            case ArraySchema() if self._logical and is_map(schema) and not _may_be_null(schema):
                return self._map_of_records(schema, name, path, nullable=nullable)
            case ArraySchema():
                item = self.column(schema.items, "item", f"{path}[]")
                lists = self._types.strings if self._types.lists == "auto" else self._types.lists
                format, width = ("+L", 8) if lists == "large" else ("+l", 4)
                return Column(name, "list", format, nullable, width, children=(item,))
            case MapSchema():
                return self._map(schema, name, path, nullable=nullable)
            case EnumSchema():
                return Column(name, "values", "i", nullable, 4, symbols=schema.symbols)
        if self._logical:
            column = self._logical_column(schema, name, path, nullable=nullable)
            if column is not None:
                return column
        if isinstance(schema, FixedSchema):
            return Column(name, "values", f"w:{schema.size}", nullable, schema.size)
        if schema.type in {"string", "bytes"}:
            return self._bytes(schema.type, name, nullable=nullable)
        kind, format, width = _PRIMITIVES[schema.type]
        return Column(name, kind, format, nullable or kind == "null", width)

    def _is_within_itself(self, record: RecordSchema) -> bool:
        """Whether it encloses this place, or some columns of it do (:func:`avrojet.plan.project_kept`)."""
        return id(record.definition) in self._above or record.fullname in self._outermost

    def fields(self, record: RecordSchema, path: str) -> tuple[Column, ...]:
        if id(record.definition) in self._above:
            raise SchemaError(
                f"{path}: the record {record.fullname} contains itself, and Arrow's types cannot:"
                ' choose columns without it, or recursion="json" (text), "bytes", "drop" (without those'
                " fields) or a number (how often to follow it) in avrojet.scan and read_arrow",
                path=path,
            )
        self._above.add(id(record.definition))
        names = column_names(record)
        fields = tuple(
            [
                self._field(field, name, f"{path}.{field.name}")
                for field, name in zip(record.fields, names, strict=True)
            ]
        )
        self._above.remove(id(record.definition))
        return fields

    def _field(self, field: Field, name: str, path: str) -> Column:
        column = self.column(field.type, name, path)
        metadata = dict(column.metadata)
        if field.doc:
            metadata["avro.doc"] = field.doc
        if field.aliases:
            metadata["avro.aliases"] = json.dumps(field.aliases)
        return replace(column, metadata=metadata) if metadata else column

    def _bytes(self, type: str, name: str, *, nullable: bool) -> Column:
        kind, formats, width = _BYTES[self._types.strings]
        return Column(name, kind, formats[type == "string"], nullable, width, text=type == "string")

    def _map(self, schema: MapSchema, name: str, path: str, *, nullable: bool) -> Column:
        key = self._bytes("string", "key", nullable=False)
        value = self.column(schema.values, "value", f"{path}[]")
        entries = Column("entries", "struct", "+s", children=(key, value))
        return Column(name, "list", "+m", nullable, 4, children=(entries,))

    def _map_of_records(self, schema: ArraySchema, name: str, path: str, *, nullable: bool) -> Column:
        """A map whose keys are not strings: records of keys and values."""
        assert isinstance(schema.items, RecordSchema)
        entries = Column("entries", "struct", "+s", children=self.fields(schema.items, f"{path}[]"))
        return Column(name, "list", "+m", nullable, 4, children=(entries,))

    def _logical_column(self, schema: Schema, name: str, path: str, *, nullable: bool) -> Column | None:
        """None if Arrow has no such type: the plain encoding is shown then."""
        type = schema.logical
        if type is None:
            return self._kept_column(schema, name, nullable=nullable)
        if type.name in _TEMPORAL:
            format, width = _TEMPORAL[type.name]
            if type.name.startswith("timestamp-"):
                format = format.removesuffix("UTC") + timezone_of(schema)
            return Column(name, "values", format, nullable, width)
        if type.name == "uuid":
            return Column(name, "values", "w:16", nullable, 16, metadata=_UUID)
        if type.name == "duration" and self._types.durations == "interval":
            return Column(name, "values", "tin", nullable, 16)
        return self._decimal(type, name, path, nullable=nullable) if type.name == "decimal" else None

    def _kept_column(self, schema: Schema, name: str, *, nullable: bool) -> Column | None:
        """The column of an Arrow type that Avro lacks, from what avrojet wrote for it."""
        format = duration_format(schema)
        if format is not None:
            return Column(name, "values", format, nullable, 8)
        dictionary = dictionary_of(schema)
        if dictionary is None:
            return None
        return replace(self._bytes("string", name, nullable=nullable), dictionary=dictionary)

    def _decimal(self, type: LogicalType, name: str, path: str, *, nullable: bool) -> Column | None:
        choice = self._types.decimals
        digits = type.precision
        if digits > _DECIMAL_128 and choice in {"text", "double"}:
            if choice == "double":
                return Column(name, "values", "g", nullable, 8)
            return self._bytes("string", name, nullable=nullable)
        if digits > _DECIMAL_256 and choice == "exact":
            return None
        if choice != "exact":
            digits = min(digits, _DECIMAL_128 if choice == "decimal128" else _DECIMAL_256)
        wide = digits > _DECIMAL_128
        if type.scale > digits:
            raise SchemaError(
                f"{path}: a decimal of the scale {type.scale} does not fit into {digits} digits: "
                'ArrowTypes(decimals="text") or "double" reads it',
                path=path,
            )
        format = f"d:{digits},{type.scale}" + ",256" * wide
        return Column(name, "values", format, nullable, 32 if wide else 16, precision=digits)

    def _union(self, schema: UnionSchema, name: str, path: str, *, nullable: bool) -> Column:
        """Null and one other type: a nullable column. Any other union: a struct with a member each."""
        others = [branch for branch in schema.branches if branch.type != "null"]
        nullable = nullable or len(others) < len(schema.branches)
        if not others:
            return Column(name, "null", "n", nullable=True)
        if len(others) == 1:
            return self.column(others[0], name, path, nullable=nullable)
        if self._types.unions != "struct":
            return self._arrow_union(schema, name, path)
        members = tuple(
            [
                self.column(branch, f"member{index}", path, nullable=True)
                for index, branch in enumerate(others)
            ]
        )
        return Column(name, "members", "+s", nullable, children=members, branches=_branch_names(others))

    def _arrow_union(self, schema: UnionSchema, name: str, path: str) -> Column:
        """An Arrow union, which has no nulls of its own."""
        kind = self._types.unions
        assert kind != "struct"
        branches = _branch_names(schema.branches)
        if len(branches) > _MOST_MEMBERS:
            raise SchemaError(
                f"{path}: Arrow's unions have at most {_MOST_MEMBERS} members, this one has {len(branches)}:"
                ' ArrowTypes(unions="struct") takes any number',
                path=path,
            )
        members = tuple(
            [
                self.column(branch, branch_name, path, nullable=True)
                for branch, branch_name in zip(schema.branches, branches, strict=True)
            ]
        )
        codes = ",".join(map(str, range(len(members))))
        format = f"+u{kind[0]}:{codes}"
        return Column(name, kind, format, width=1, children=members, branches=branches)


def _may_be_null(schema: ArraySchema) -> bool:
    """Whether the keys of a map are nullable, which is not allowed in Arrow."""
    assert isinstance(schema.items, RecordSchema)
    key = schema.items.fields[0].type
    return isinstance(key, UnionSchema) or key.type == "null"


def _branch_names(branches: Iterable[Schema]) -> tuple[str, ...]:
    """As in the JSON encoding."""
    return tuple([branch.fullname if isinstance(branch, NamedSchema) else branch.type for branch in branches])


# For strings and bytes: how they are stored, the formats of bytes and of text, and the width.
_BYTES: dict[str, tuple[Kind, tuple[str, str], int]] = {
    "small": ("bytes", ("z", "u"), 4),
    "large": ("bytes", ("Z", "U"), 8),
    "view": ("views", ("vz", "vu"), 16),
}
# The type that holds a record that contains itself.
_KEPT: dict[str, str] = {"json": "string", "bytes": "bytes"}
# Arrow columnar format: Union Layout; types are signed bytes.
_MOST_MEMBERS = 128


_PRIMITIVES: dict[str, tuple[Kind, str, int]] = {
    "null": ("null", "n", 0),
    "boolean": ("bits", "b", 0),
    "int": ("values", "i", 4),
    "long": ("values", "l", 8),
    "float": ("values", "f", 4),
    "double": ("values", "g", 8),
}
_TEMPORAL = {name: (clock.arrow, 4 if clock.type == "int" else 8) for name, clock in CLOCKS.items()}


def union_members(schema: Schema) -> frozenset[int]:
    """The ids of the branches of those unions that become a struct of members."""
    found: set[int] = set()
    seen: set[int] = set()
    waiting = [schema]
    while waiting:
        type = waiting.pop()
        match type:
            case RecordSchema() if id(type.definition) not in seen:
                seen.add(id(type.definition))
                waiting += [field.type for field in type.fields]
            case ArraySchema():
                waiting.append(type.items)
            case MapSchema():
                waiting.append(type.values)
            case UnionSchema():
                waiting += type.branches
                others = [id(branch) for branch in type.branches if branch.type != "null"]
                if len(others) > 1:
                    found.update(others)
    return frozenset(found)
