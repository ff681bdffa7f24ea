"""Reads a subset of columns by narrowing the reader's schema: resolution then skips the rest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from operator import is_
from typing import Any, Literal, TypeAlias

from avrojet.errors import SchemaError
from avrojet.messages import did_you_mean
from avrojet.plan.arrow.properties import column_names
from avrojet.plan.match import describe
from avrojet.schema.model import ArraySchema, Field, MapSchema, RecordSchema, Schema, UnionSchema
from avrojet.schema.parse import parse_schema
from avrojet.unstacked import Work, finish

ColumnName: TypeAlias = str | Sequence[str]
"""A field, or a path of fields separated by dots; or such a path as a sequence of names."""


def project(schema: Any, columns: Sequence[ColumnName]) -> Schema:
    """The schema with only the fields of ``columns``, to be the reader's schema for data of ``schema``.

    A column is a field, or a path of fields, ``"customer.name"``. A path goes through unions, arrays and maps
    to the records in them: ``"items.price"`` is the price of each item. In a union of several records, each
    keeps what it has of the column. Fields come in the order in which they are requested; names, aliases,
    defaults and unknown attributes stay.

    Old schemas have fields whose names have dots. A field with exactly the name requested takes precedence
    over a path; ``("a.b", "c")`` is the field ``c`` of the field ``a.b`` and nothing else. A field that was
    renamed for Avro (``arrow.name``) is found by its column's name, too.

    A named type has one definition. If it is used twice, or in itself, and different columns of it are
    requested in different places, all these columns are read in each place.

    :param schema: a Schema, JSON text or JSON data.
    :raises SchemaError: if no record has a field of that name; ``path`` is the column.
    """
    ensure_columns(columns)
    schema = parse_schema(schema)
    selection = _Selection()
    for column in columns:
        selection.add(schema, column)
    return _Narrowing(selection).root(schema)


def project_kept(schema: Schema, columns: Sequence[ColumnName]) -> Schema:
    """Like :func:`project`; but if the outermost record also contains itself, only its outermost use is
    narrowed.

    That then has a name of its own, and the record's as an alias.
    """
    narrowed = project(schema, columns)
    if not isinstance(schema, RecordSchema) or not isinstance(narrowed, RecordSchema):
        return narrowed
    wanted = dict.fromkeys(first_field(schema, column) for column in columns)
    fields = dict(zip(column_names(narrowed), narrowed.fields, strict=True))
    if len(wanted) == len(fields):
        return narrowed
    definition = narrowed.definition
    aliases = (definition.fullname, *definition.aliases)
    copy = RecordSchema(f"{definition.fullname}_columns", aliases, definition.doc, definition.props)
    copy.close(tuple([fields[name] for name in wanted]))
    return copy


def project_without(schema: Any, columns: Sequence[ColumnName]) -> Schema:
    """The schema without the fields of ``columns``, which are given as for :func:`project`.

    :raises SchemaError: if no record has a field of that name; ``path`` is the column.
    """
    ensure_columns(columns)
    schema = parse_schema(schema)
    selection = _Selection()
    left_out = {
        (id(record.definition), field.name)
        for column in columns
        for record, field in selection.steps(schema, column)[-1]
    }
    return _Narrowing(_Rest(left_out)).root(schema)


def first_field(schema: Schema, column: ColumnName) -> str:
    """The name, as in columns, of the outermost record's field that a column is or belongs to."""
    (record, field), *_ = _Selection().steps(schema, column)[0]
    return next(name for name, each in zip(column_names(record), record.fields, strict=True) if each is field)


def ensure_columns(columns: Sequence[ColumnName]) -> None:
    """Raise a TypeError, saying what is expected, for anything but names and paths."""
    if isinstance(columns, str | bytes) or not isinstance(columns, Sequence):
        raise TypeError(f"columns must be a sequence of names, such as ['id'], not {columns!r}")
    for column in columns:
        parts = [column] if isinstance(column, str) else column
        if not isinstance(parts, tuple | list) or not parts or {*map(type, parts)} != {str}:
            raise TypeError(
                "a column must be a name, such as 'id' or 'customer.name', or a path, such as "
                f"('customer', 'name'), not {column!r}"
            )


# How many names to list if none resembles the one requested.
_SHOWN = 10

_Key: TypeAlias = int
"""The id of a record's definition, which the projected schema keeps alive."""


_Found: TypeAlias = list[tuple[RecordSchema, Field]]
"""The fields with one name, each with its record."""


class _Selection:
    """What is requested of each record: some fields, in order, or all."""

    def __init__(self) -> None:
        self._fields: dict[_Key, dict[str, Field]] = {}
        self._names: dict[_Key, dict[str, Field]] = {}
        self._whole: set[_Key] = set()

    def is_whole(self, record: RecordSchema) -> bool:
        return id(record.definition) in self._whole

    def fields(self, record: RecordSchema) -> Iterable[Field]:
        return self._fields.get(id(record.definition), {}).values()

    def add(self, schema: Schema, column: ColumnName) -> None:
        steps = self.steps(schema, column)
        for found in steps:
            for record, field in found:
                self._fields.setdefault(id(record.definition), {})[field.name] = field
        self._add_whole([field.type for _, field in steps[-1]])

    def steps(self, schema: Schema, column: ColumnName) -> list[_Found]:
        """The fields through which the column leads, level by level."""
        if not isinstance(column, str):
            return self._walk(schema, list(column), column)
        return self._search(schema, column) or self._walk(schema, column.split("."), column)

    def _search(self, schema: Schema, column: str) -> list[_Found]:
        """A field with exactly that name, or else the first way to split it at its dots that leads to one."""
        waiting: list[tuple[list[Schema], int, list[_Found]]] = [([schema], 0, [])]
        tried: set[tuple[int, ...]] = set()
        while waiting:
            types, start, steps = waiting.pop()
            records = _records_of(types)
            place = start, *[id(record.definition) for record in records]
            if place in tried:
                continue
            tried.add(place)
            further = []
            for end in (len(column), *_dots(column, start)):
                found = self._named(records, column[start:end])
                if found and end == len(column):
                    return [*steps, found]
                if found:
                    further.append(([field.type for _, field in found], end + 1, [*steps, found]))
            waiting += reversed(further)
        return []

    def _walk(self, schema: Schema, parts: list[str], column: ColumnName) -> list[_Found]:
        """A path of these names."""
        types = [schema]
        steps: list[_Found] = []
        for depth, part in enumerate(parts):
            records = _records_of(types)
            found = self._named(records, part)
            if not found:
                raise self._unknown(column, parts[:depth], part, types, records)
            steps.append(found)
            types = [field.type for _, field in found]
        return steps

    def _named(self, records: list[RecordSchema], name: str) -> _Found:
        named = [(record, self._by_name(record).get(name)) for record in records]
        return [(record, field) for record, field in named if field is not None]

    def _add_whole(self, types: list[Schema]) -> None:
        """A column without further parts is read with all its contents."""
        waiting = [record for type in types for record in _records(type)]
        while waiting:
            record = waiting.pop()
            if id(record.definition) not in self._whole:
                self._whole.add(id(record.definition))
                waiting += [inner for field in record.fields for inner in _records(field.type)]

    def _by_name(self, record: RecordSchema) -> dict[str, Field]:
        names = self._names.get(id(record.definition))
        if names is None:
            # The columns' names last: they take precedence over the fields'.
            names = {field.name: field for field in record.fields}
            names.update(zip(column_names(record), record.fields, strict=True))
            self._names[id(record.definition)] = names
        return names

    def _unknown(
        self,
        column: ColumnName,
        above: list[str],
        name: str,
        types: list[Schema],
        records: list[RecordSchema],
    ) -> SchemaError:
        place = f"{'.'.join(above)!r} ({describe(types[0])})" if above else describe(types[0])
        path = column if isinstance(column, str) else ".".join(column)
        if not records:
            return SchemaError(f"no column {column!r}: {place} has no fields", path=path)
        known = list(dict.fromkeys(name for record in records for name in self._by_name(record)))
        some = ", ".join(map(repr, known[:_SHOWN])) + (", ..." if len(known) > _SHOWN else "")
        # The whole path, too, as names may have dots.
        hint = did_you_mean(name, known) or (did_you_mean(path, known) if not above else "")
        hint = hint or (f"; its fields are {some}" if some else "")
        return SchemaError(f"no column {column!r}: {place} has no field {name!r}{hint}", path=path)


class _Rest:
    """The remaining fields of each record."""

    def __init__(self, left_out: set[tuple[_Key, str]]) -> None:
        self._left_out = left_out

    def is_whole(self, record: RecordSchema) -> bool:
        return False

    def fields(self, record: RecordSchema) -> Iterable[Field]:
        key = id(record.definition)
        return [field for field in record.fields if (key, field.name) not in self._left_out]


def _records_of(types: Iterable[Schema]) -> list[RecordSchema]:
    return [record for type in types for record in _records(type)]


def _dots(text: str, start: int) -> Iterator[int]:
    at = text.find(".", start)
    while at >= 0:
        yield at
        at = text.find(".", at + 1)


def _records(schema: Schema) -> Iterator[RecordSchema]:
    """The records in which a path continues."""
    waiting = [schema]
    while waiting:
        part = waiting.pop()
        if isinstance(part, RecordSchema):
            yield part
        elif isinstance(part, ArraySchema):
            waiting.append(part.items)
        elif isinstance(part, MapSchema):
            waiting.append(part.values)
        elif isinstance(part, UnionSchema):
            waiting += reversed(part.branches)


class _Narrowing:
    """Copies a schema with the selected fields; records may contain themselves, so their fields wait."""

    def __init__(self, selection: _Selection | _Rest) -> None:
        self._selection = selection
        self._copies: dict[_Key, RecordSchema] = {}
        self._waiting: list[tuple[RecordSchema, RecordSchema]] = []

    def root(self, schema: Schema) -> Schema:
        narrowed: Schema = finish(self._narrow(schema))
        for record, copy in self._waiting:  # grows meanwhile
            selected = self._selection.fields(record)
            fields = [field._replace(type=finish(self._narrow(field.type))) for field in selected]
            copy.close(tuple(fields))
        return narrowed

    def _narrow(self, schema: Schema) -> Schema | Work[Schema]:
        """The schema itself if nothing in it changes."""
        if isinstance(schema, RecordSchema):
            return schema if self._selection.is_whole(schema) else self._record(schema)
        return self._unnamed(schema)

    def _unnamed(self, schema: Schema) -> Work[Schema]:
        if isinstance(schema, ArraySchema):
            items = yield self._narrow(schema.items)
            return schema if items is schema.items else ArraySchema(items, schema.props)
        if isinstance(schema, MapSchema):
            values = yield self._narrow(schema.values)
            return schema if values is schema.values else MapSchema(values, schema.props)
        if isinstance(schema, UnionSchema):
            branches: list[Schema] = []
            for branch in schema.branches:
                branches.append((yield self._narrow(branch)))  # noqa: PERF401 (no comprehension yields)
            kept = all(map(is_, branches, schema.branches))
            return schema if kept else UnionSchema(tuple(branches), schema.props)
        return schema

    def _record(self, record: RecordSchema) -> RecordSchema:
        definition = record.definition
        copy = self._copies.get(id(definition))
        if copy is None:
            kind: Literal["record", "error"] = "error" if record.type == "error" else "record"
            copy = RecordSchema(
                definition.fullname, definition.aliases, definition.doc, definition.props, type=kind
            )
            self._copies[id(definition)] = copy
            self._waiting.append((record, copy))
        return copy.referred(record.reference, record.props, None) if record.reference else copy
