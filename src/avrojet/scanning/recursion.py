"""Recursive schemas cut off, since Arrow's types cannot contain themselves."""

from __future__ import annotations

from collections.abc import Iterator

from avrojet.limits import Limits, excess
from avrojet.schema.model import ArraySchema, Field, MapSchema, RecordSchema, Schema, UnionSchema


def is_recursive(schema: Schema) -> bool:
    """Whether a record of it contains itself."""
    open_records: set[int] = set()
    done: set[int] = set()
    waiting: list[tuple[RecordSchema, bool]] = [(each, False) for each in _named_records(schema)]
    while waiting:
        record, is_left = waiting.pop()
        key = id(record.definition)
        if is_left:
            open_records.discard(key)
            done.add(key)
        elif key in open_records:
            return True
        elif key not in done:
            open_records.add(key)
            waiting.append((record, True))
            waiting += [(each, False) for field in record.fields for each in _named_records(field.type)]
    return False


def cut_schema(schema: Schema, depth: int, limits: Limits) -> Schema:
    """Return the reader's schema in which records contain themselves `depth` times, and then no more.

    A field whose type leads to a record once too often is left out, and so is a field whose record has no
    fields left. Deeper copies of a record have names of their own, ``Node_2``, and the first name as an
    alias.

    :raises LimitError: if that makes more fields than ``limits.columns``: they multiply with the depth.
    """
    return _Cutting(depth, limits).type(schema, {})


class _Cutting:
    def __init__(self, depth: int, limits: Limits) -> None:
        self._most = depth + 1
        self._limits = limits
        self._looks = 0
        self._names: set[str] = set()

    def type(self, schema: Schema, above: dict[int, int]) -> Schema:
        """Return the type, which must fit here: see :meth:`_fits`.

        :param above: how often each record is around it, by the id of its definition.
        """
        match schema:
            case RecordSchema():
                return self._record(schema, above)
            case ArraySchema():
                return ArraySchema(self.type(schema.items, above), schema.props)
            case MapSchema():
                return MapSchema(self.type(schema.values, above), schema.props)
            case UnionSchema():
                return UnionSchema(
                    tuple([self.type(branch, above) for branch in schema.branches]), schema.props
                )
            case _:
                return schema

    def _record(self, record: RecordSchema, above: dict[int, int]) -> Schema:
        key = id(record.definition)
        count = above.get(key, 0) + 1
        within = {**above, key: count}
        fields = [
            field._replace(type=self.type(field.type, within))
            for field in record.fields
            if self._fits(field, within)
        ]
        name = self._name(record.fullname, count)
        aliases = record.definition.aliases if name == record.fullname else (record.fullname, *record.aliases)
        copy = RecordSchema(name, aliases, record.definition.doc, record.definition.props)
        copy.close(tuple(fields))
        return copy

    def _name(self, fullname: str, count: int) -> str:
        """Return a name that no other copy has: a record may be reached in several ways."""
        name = fullname
        while name in self._names:
            count += 1
            name = f"{fullname}_{count}"
        self._names.add(name)
        return name

    def _fits(self, field: Field, above: dict[int, int]) -> bool:
        """Whether no record in the field's type is nested too often, and each has a field left."""
        self._looks += 1
        if self._looks > self._limits.columns:
            raise excess(self._limits, "columns", "the recursive schema has too many columns at this depth")
        for record in _named_records(field.type):
            count = above.get(id(record.definition), 0)
            if count >= self._most:
                return False
            within = {**above, id(record.definition): count + 1}
            if record.fields and not any(self._fits(each, within) for each in record.fields):
                return False
        return True


def _named_records(schema: Schema) -> Iterator[RecordSchema]:
    """The records of a type, not those in them."""
    waiting = [schema]
    while waiting:
        part = waiting.pop()
        match part:
            case RecordSchema():
                yield part
            case ArraySchema():
                waiting.append(part.items)
            case MapSchema():
                waiting.append(part.values)
            case UnionSchema():
                waiting += part.branches
            case _:
                pass
