"""A subset of columns is a narrowed reader's schema: resolution then skips the rest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from operator import is_
from typing import Any, Literal, TypeAlias

from avrojet.errors import SchemaError
from avrojet.plan.match import describe
from avrojet.schema.model import ArraySchema, Field, MapSchema, RecordSchema, Schema, UnionSchema
from avrojet.schema.parse import parse_schema
from avrojet.unstacked import Work, finish


def project(schema: Any, columns: Sequence[str]) -> Schema:
    """The schema with the fields of ``columns`` only, to be the reader's schema of data of ``schema``.

    A column is a field, or a path of fields, ``"customer.name"``. A path goes through unions, arrays and
    maps to the records in them: ``"items.price"`` is the price of each item. Of a union with several
    records, each keeps what it has of the column. Fields come in the order in which they are asked for;
    names, aliases, defaults and unknown attributes stay.

    A named type has one definition. Where it is used twice, or in itself, and different columns of it are
    asked for in different places, all these columns are read in each place.

    :param schema: a Schema, JSON text or JSON data.
    :raises SchemaError: if no record has a field of that name; ``path`` is the column.
    """
    if isinstance(columns, str):
        raise TypeError(f"columns is a sequence of names: [{columns!r}]")
    schema = parse_schema(schema)
    selection = _Selection()
    for column in columns:
        selection.add(schema, column)
    return _Narrowing(selection).root(schema)


_Key: TypeAlias = int
"""The id of a record's definition, which the schema that is projected keeps alive."""


class _Selection:
    """What is asked of each record: some fields, in order, or all."""

    def __init__(self) -> None:
        self._fields: dict[_Key, dict[str, Field]] = {}
        self._names: dict[_Key, dict[str, Field]] = {}
        self._whole: set[_Key] = set()

    def is_whole(self, record: RecordSchema) -> bool:
        return id(record.definition) in self._whole

    def fields(self, record: RecordSchema) -> Iterable[Field]:
        return self._fields.get(id(record.definition), {}).values()

    def add(self, schema: Schema, column: str) -> None:
        types = [schema]
        parts = column.split(".")
        for depth, part in enumerate(parts):
            records = [record for type in types for record in _records(type)]
            named = [(record, self._by_name(record).get(part)) for record in records]
            found = [(record, field) for record, field in named if field is not None]
            if not found:
                raise self._unknown(column, parts[:depth], types, records)
            for record, field in found:
                self._fields.setdefault(id(record.definition), {})[part] = field
            types = [field.type for _, field in found]
        self._add_whole(types)

    def _add_whole(self, types: list[Schema]) -> None:
        """A column without further parts is read with all that it contains."""
        waiting = [record for type in types for record in _records(type)]
        while waiting:
            record = waiting.pop()
            if id(record.definition) not in self._whole:
                self._whole.add(id(record.definition))
                waiting += [inner for field in record.fields for inner in _records(field.type)]

    def _by_name(self, record: RecordSchema) -> dict[str, Field]:
        names = self._names.get(id(record.definition))
        if names is None:
            names = self._names[id(record.definition)] = {field.name: field for field in record.fields}
        return names

    def _unknown(
        self, column: str, above: list[str], types: list[Schema], records: list[RecordSchema]
    ) -> SchemaError:
        from difflib import get_close_matches

        place = f"{'.'.join(above)!r} ({describe(types[0])})" if above else describe(types[0])
        name = column.split(".")[len(above)]
        if not records:
            return SchemaError(f"no column {column!r}: {place} has no fields", path=column)
        known = list(dict.fromkeys(name for record in records for name in self._by_name(record)))
        close = get_close_matches(name, known) or known[:10]
        hint = f"; did you mean {' or '.join(map(repr, close))}?" if close else ""
        return SchemaError(f"no column {column!r}: {place} has no field {name!r}{hint}", path=column)


def _records(schema: Schema) -> Iterator[RecordSchema]:
    """The records that a path goes on in."""
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

    def __init__(self, selection: _Selection) -> None:
        self._selection = selection
        self._copies: dict[_Key, RecordSchema] = {}
        self._waiting: list[tuple[RecordSchema, RecordSchema]] = []

    def root(self, schema: Schema) -> Schema:
        narrowed: Schema = finish(self._narrow(schema))
        for record, copy in self._waiting:  # it grows meanwhile
            selected = self._selection.fields(record)
            fields = [field._replace(type=finish(self._narrow(field.type))) for field in selected]
            copy.close(tuple(fields))
        return narrowed

    def _narrow(self, schema: Schema) -> Schema | Work[Schema]:
        """The schema itself where nothing in it changes."""
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
