"""The Avro schema for data of an Arrow type: the one place that knows this direction of the mapping.

:mod:`avrojet.plan.arrow.layout` knows the other direction; docs/reference/arrow.md shows both.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from avrojet.errors import AvroError, SchemaError
from avrojet.limits import Limits, excess, limits_in_force
from avrojet.plan.arrow.layout import Column, table_column
from avrojet.plan.arrow.names import replaced_names
from avrojet.plan.arrow.options import ArrowTypes, NamesOfColumns
from avrojet.plan.arrow.path import TOP, Path
from avrojet.plan.arrow.properties import (
    DICTIONARY,
    FORMAT,
    NAME,
    SCHEMA_KEY,
    TIMEZONE,
    UTC_NAMES,
    is_zone,
)
from avrojet.plan.arrow.words import type_name
from avrojet.schema.model import Schema
from avrojet.schema.names import are_names, is_name
from avrojet.schema.parse import parse_schema

# The name of the record for a table's rows.
ROW = "Row"

# Formats that differ only in how values are stored.
_PLAIN: Final = {
    "U": "u", "vu": "u", "Z": "z", "vz": "z", "+L": "+l", "+vl": "+l", "+vL": "+l",
}  # fmt: skip
_SIMPLE: Final = {
    "n": "null", "b": "boolean", "c": "int", "C": "int", "s": "int", "S": "int", "i": "int", "I": "long",
    "l": "long", "L": "long", "e": "float", "f": "float", "g": "double", "z": "bytes", "u": "string",
}  # fmt: skip
_TEMPORAL: Final = {
    "tdD": ("int", "date"), "tdm": ("int", "date"),
    "tts": ("int", "time-millis"), "ttm": ("int", "time-millis"),
    "ttu": ("long", "time-micros"), "ttn": ("long", "time-micros"),
}  # fmt: skip
_TIMESTAMPS: Final = {"tss": "millis", "tsm": "millis", "tsu": "micros", "tsn": "nanos"}
_INTERVALS: Final = ("tiM", "tiD", "tin")
_MOST_DIGITS: Final = (1 << 31) - 1


@dataclass(frozen=True, slots=True)
class ArrowField:
    """A field of an Arrow schema (C data interface: ArrowSchema).

    :ivar format: its type as a format string; for a dictionary that of the indices.
    :ivar symbols: all values that a dictionary of text may have, if its library says so.
    """

    format: str
    name: str
    nullable: bool
    metadata: Mapping[str, str] = field(default_factory=dict)
    children: tuple[ArrowField, ...] = ()
    dictionary: ArrowField | None = None
    symbols: tuple[str, ...] | None = None

    def key(self) -> Hashable:
        """Equal for two fields that are alike in everything."""
        return (
            self.format,
            self.name,
            self.nullable,
            tuple(self.metadata.items()),
            tuple([child.key() for child in self.children]),
            None if self.dictionary is None else self.dictionary.key(),
            self.symbols,
        )

    @property
    def plain(self) -> str:
        """The format, the same for all layouts of a type."""
        return _PLAIN.get(self.format, self.format)

    @property
    def value(self) -> ArrowField:
        """The field of the values: dictionaries and run ends only encode others."""
        if self.dictionary is not None:
            return self.dictionary.value
        return self.children[1].value if self.format == "+r" else self

    @property
    def simple(self) -> str | None:
        """The primitive Avro type that has the same values, or more; else None."""
        return _SIMPLE.get(self.plain)

    @property
    def items(self) -> ArrowField | None:
        """The field of a list's items; None if it is not a list."""
        return self.children[0] if self.plain == "+l" or self.format.startswith("+w:") else None

    @property
    def type_ids(self) -> tuple[int, ...] | None:
        """The type ids of a union's children; None if it is not a union."""
        if not self.format.startswith("+u"):
            return None
        return tuple([int(part) for part in self.format[4:].split(",") if part])

    @property
    def decimal(self) -> tuple[int, int, int] | None:
        """Precision, scale and bytes of a decimal; None if it is not a decimal."""
        if not self.format.startswith("d:"):
            return None
        precision, scale, *bits = [int(part) for part in self.format[2:].split(",")]
        return precision, scale, bits[0] // 8 if bits else 16

    @property
    def is_uuid(self) -> bool:
        return self.format == "w:16" and self.metadata.get("ARROW:extension:name") == "arrow.uuid"


def schema_of(table: ArrowField, limits: Limits | None = None, names: NamesOfColumns = "strict") -> Schema:
    """The schema for the types of a table (a struct of its columns), or of an array of another type.

    :param names: what to do with names that Avro does not allow: refuse or replace them.
    :raises SchemaError: if a column has a name that Avro does not allow, or a type without an Avro
        equivalent.
    :raises LimitError: if names of its types have more characters than ``limits.schema_bytes``.
    """
    limits = limits_in_force(limits)
    return parse_schema(_Mapping(limits, names).root(table), limits=limits)


def kept_schema(table: ArrowField, limits: Limits) -> Schema | None:
    """The schema that reading left in the metadata, if the columns are still those derived from it."""
    text = table.metadata.get(SCHEMA_KEY)
    if text is None:
        return None
    try:
        schema = parse_schema(text, names="lax", limits=limits)
        for types, logical in _choices(table):
            if _same_children(table_column(schema, logical=logical, types=types, limits=limits), table):
                return schema
    except AvroError:
        pass
    return None


def _choices(table: ArrowField) -> Iterator[tuple[ArrowTypes, bool]]:
    """The options with which reading may have made these columns, and whether with logical types.

    Decimals as double have lost digits: they are not restored.
    """
    formats = {field.format[:3] for field in _all_fields(table)}
    unions: Literal["struct", "sparse", "dense"] = "struct"
    if "+us" in formats or "+ud" in formats:
        unions = "sparse" if "+us" in formats else "dense"
    durations: Literal["fixed", "interval"] = "interval" if "tin" in formats else "fixed"
    yield ArrowTypes(unions=unions, durations=durations), True
    yield ArrowTypes(unions=unions), False
    yield ArrowTypes(unions=unions, durations=durations, decimals="decimal128"), True
    yield ArrowTypes(unions=unions, durations=durations, decimals="decimal256"), True
    yield ArrowTypes(unions=unions, durations=durations, decimals="text"), True


def _all_fields(field: ArrowField) -> Iterator[ArrowField]:
    yield field
    for child in field.children:
        yield from _all_fields(child)


def _same_children(column: Column, field: ArrowField) -> bool:
    """Names count in structs, but not within lists and maps."""
    return len(column.children) == len(field.children) and all(
        _same(child, other) and (child.name == other.name or column.kind == "list")
        for child, other in zip(column.children, field.children, strict=True)
    )


def _same(column: Column, field: ArrowField) -> bool:
    """Whether a column that reading would make has the field's type, however its values are stored."""
    if field.nullable and not column.nullable:
        return False
    value = field.value
    wanted = "u" if column.symbols is not None else column.format
    return _PLAIN.get(wanted, wanted) == value.plain and _same_children(column, value)


class _Mapping:
    """One walk over an Arrow schema. Named types are named by their paths, so that each name is unique."""

    def __init__(self, limits: Limits, names: NamesOfColumns) -> None:
        self._limits = limits
        self._replace = names == "replace"
        self._left = limits.schema_bytes
        self._names: set[str] = set()

    def root(self, table: ArrowField) -> Any:
        if table.format == "+s":
            return self._record(table, ROW, TOP)
        return self._nullable(table, ROW, TOP)

    def _nullable(self, field: ArrowField, name: str, path: Path) -> Any:
        schema = self._type(field, name, path)
        if isinstance(schema, list) or schema == "null" or not _may_be_null(field):
            return schema
        return ["null", schema]

    def _type(self, field: ArrowField, name: str, path: Path) -> Any:
        if field.dictionary is not None and field.value.plain == "u":
            return self._dictionary(field, name)
        field = field.value
        if field.simple is not None:
            return field.simple
        if field.is_uuid:
            return {"type": "string", "logicalType": "uuid"}
        if field.type_ids == ():
            return "null"  # a union of no members: no row can have a value
        if field.format.startswith("w:"):
            return {"type": "fixed", "name": self._new(name), "size": int(field.format[2:])}
        if field.format in _INTERVALS:
            return {"type": "fixed", "name": self._new(name), "size": 12, "logicalType": "duration"}
        if field.format[:3] in _TIMESTAMPS:
            return _timestamp(field.format)
        if field.format in _TEMPORAL:
            type, logical = _TEMPORAL[field.format]
            return {"type": type, "logicalType": logical}
        if field.format.startswith("tD"):
            # Avro has no type for a number of seconds; the attribute keeps the unit for Arrow readers.
            return {"type": "long", FORMAT: field.format}
        if field.decimal is not None:
            return _decimal(field.decimal, path)
        return self._nested(field, name, path)

    def _nested(self, field: ArrowField, name: str, path: Path) -> Any:
        if field.format == "+s":
            return self._record(field, name, path)
        if field.items is not None:
            return {"type": "array", "items": self._nullable(field.items, name, path + "[]")}
        if field.format == "+m":
            return self._map(field.children[0], name, path)
        if field.type_ids is not None:
            return self._union(field, name, path)
        raise _unfit(
            path, f"Avro has no type for Arrow's {type_name(field)}: cast the column, or leave it out"
        )

    def _dictionary(self, field: ArrowField, name: str) -> Any:
        """An enum if the values are known and valid Avro names; else a string that was a dictionary."""
        values = field.symbols
        if values and are_names(values) and len(set(values)) == len(values):
            return {"type": "enum", "name": self._new(name), "symbols": values}
        return {"type": "string", DICTIONARY: list(values) if values else True}

    def _map(self, entries: ArrowField, name: str, path: Path) -> Any:
        """A map; if its keys are not strings, an array of keys and values."""
        key, value = entries.children
        if key.value.plain == "u":
            return {"type": "map", "values": self._nullable(value, name, path + "[]")}
        fullname = self._new(name)
        fields = [
            {"name": "key", "type": self._type(key, f"{fullname}.key", path + "[].key")},
            self._field("value", value, f"{fullname}.value", path + "[].value"),
        ]
        items = {"type": "record", "name": fullname, "fields": fields}
        return {"type": "array", "items": items, "logicalType": "map"}

    def _record(self, field: ArrowField, name: str, path: Path) -> Any:
        fullname = self._new(name)
        fields: list[Any] = []
        names: set[str] = set()
        columns = [child.name for child in field.children]
        for child, new in zip(
            field.children, replaced_names(columns) if self._replace else columns, strict=True
        ):
            place = path + f".{child.name}"
            if not is_name(new):
                raise _unfit(
                    place,
                    f"the column name {child.name!r} is not valid in Avro, whose names have the letters A to "
                    'Z, digits (not at the start) and _: rename it, or use names="replace"',
                )
            if child.name in names:
                raise _unfit(place, "there are two columns of this name: rename one")
            names.add(child.name)
            fields.append(self._field(new, child, f"{fullname}.{new}", place))
            if new != child.name:
                fields[-1][NAME] = child.name
        return {"type": "record", "name": fullname, "fields": fields}

    def _field(self, name: str, field: ArrowField, fullname: str, path: Path) -> dict[str, Any]:
        type = self._nullable(field, fullname, path)
        if isinstance(type, list) and type[0] == "null":
            return {"name": name, "type": type, "default": None}
        return {"name": name, "type": type}

    def _union(self, field: ArrowField, name: str, path: Path) -> Any:
        branches: list[Any] = []
        kinds: set[str] = set()
        for position, child in enumerate(field.children):
            part = child.name if is_name(child.name) else f"member{position}"
            branch = self._type(child, f"{name}.{part}", path + f".{child.name}")
            if isinstance(branch, list):
                raise _unfit(path, "a union within a union, which Avro does not have")
            kind = branch if isinstance(branch, str) else branch.get("name", branch["type"])
            if kind in kinds:
                raise _unfit(path, f"a union with two members of Avro's type {kind}: cast one of them")
            kinds.add(kind)
            branches.append(branch)
        if "null" not in kinds and _may_be_null(field):
            branches.insert(0, "null")
        # A default, which for a field is null, must belong to the first branch.
        return sorted(branches, key=lambda branch: branch != "null")

    def _new(self, name: str) -> str:
        """The name, with a number if another type of the same path has it."""
        unique, number = name, 2
        while unique in self._names:
            unique, number = f"{name}{number}", number + 1
        # Each contains the names of those around it: together they may be as long as the square of the
        # columns' names.
        self._left -= len(unique)
        if self._left < 0:
            raise excess(self._limits, "schema_bytes", "the names of the columns are too long")
        self._names.add(unique)
        return unique


def _may_be_null(field: ArrowField) -> bool:
    """Whether there can be nulls; in a union they are in its members."""
    if field.type_ids is not None:
        return any(map(_may_be_null, field.children))
    return field.nullable or field.format == "n"


def _timestamp(format: str) -> Any:
    zone = format[4:]
    schema = {"type": "long", "logicalType": f"timestamp-{_TIMESTAMPS[format[:3]]}"}
    if not zone:
        schema["logicalType"] = f"local-{schema['logicalType']}"
    elif zone not in UTC_NAMES and is_zone(zone):
        schema[TIMEZONE] = zone
    return schema


def _decimal(decimal: tuple[int, int, int], path: Path) -> Any:
    precision, scale, _ = decimal
    if scale < 0:
        # The zeros before the point are digits of Avro's decimal.
        precision, scale = precision - scale, 0
    precision = max(precision, scale)
    if precision > _MOST_DIGITS:
        raise _unfit(path, f"a decimal of {precision} digits, which is more than Avro counts: cast it")
    return {"type": "bytes", "logicalType": "decimal", "precision": precision, "scale": scale}


def _unfit(path: Path, message: str) -> SchemaError:
    return SchemaError(f"{path}: {message}", path=str(path))
