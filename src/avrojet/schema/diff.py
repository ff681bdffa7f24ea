"""Differences between two schemas, by meaning and not by text."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from avrojet.errors import SchemaLimitError
from avrojet.levels import is_deep
from avrojet.messages import readable, represent, shorten
from avrojet.schema.model import (
    NO_DEFAULT,
    ArraySchema,
    EnumSchema,
    Field,
    FixedSchema,
    MapSchema,
    NamedSchema,
    RecordSchema,
    Schema,
    UnionSchema,
)
from avrojet.schema.parse import parse_schema
from avrojet.schema.places import TOO_DEEP


class ChangeKind(StrEnum):
    """What kind of thing changed."""

    TYPE = "type"
    NAME = "name"
    LOGICAL_TYPE = "logical type"
    SIZE = "size"
    FIELD_ADDED = "field added"
    FIELD_REMOVED = "field removed"
    FIELD_RENAMED = "field renamed"
    FIELD_MOVED = "field moved"
    DEFAULT = "default"
    ORDER = "order"
    SYMBOL_ADDED = "symbol added"
    SYMBOL_REMOVED = "symbol removed"
    SYMBOLS_REORDERED = "symbols reordered"
    BRANCH_ADDED = "branch added"
    BRANCH_REMOVED = "branch removed"
    BRANCHES_REORDERED = "branches reordered"
    ALIASES = "aliases"
    DOC = "doc"
    ATTRIBUTE = "attribute"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between two schemas.

    :ivar path: place in the data, e.g. ``$.items[].price``; ``[]`` is any item, ``{}`` any value of a map,
        and ``<name>`` a branch of a union.
    :ivar old: what it was, as JSON data or a name; None if it was not there.
    :ivar new: what it is, likewise.
    """

    kind: ChangeKind
    path: str
    old: Any
    new: Any

    def __str__(self) -> str:
        what = " -> ".join(_show(value) for value in (self.old, self.new) if value is not None)
        return readable(f"{self.path}: {self.kind}: {what}")


def schema_diff(old: Any, new: Any) -> tuple[Change, ...]:
    """What changed from `old` to `new`, in the order of the old schema, with additions last.

    How a schema is written makes no difference: where a type is defined, whether a name is spelt out, white
    space and the order of attributes. A field is renamed where the new one has the old name as an alias.

    :param old: a Schema, JSON text or JSON data; so is `new`.
    :raises SchemaError: if a schema is not valid.

    >>> old = {"type": "fixed", "name": "F", "size": 1}
    >>> print(*schema_diff(old, {**old, "size": 2}))
    $: size: 1 -> 2
    """
    return tuple(_Walk().differences(parse_schema(old), parse_schema(new)))


def _show(value: Any) -> str:
    return shorten(value if isinstance(value, str) else represent(value), 60)


class _Walk:
    """A walk over both schemas side by side; each pair of types is compared once, where it is first met."""

    def __init__(self) -> None:
        self.seen: set[tuple[int, int]] = set()
        self.waiting: list[tuple[Schema, Schema, str]] = []

    def differences(self, old: Schema, new: Schema) -> Iterator[Change]:
        self.waiting.append((old, new, "$"))
        while self.waiting:
            before, after, path = self.waiting.pop()
            if before is not after and (id(before), id(after)) not in self.seen:
                self.seen.add((id(before), id(after)))
                yield from self.pair(before, after, path)

    def later(self, pairs: Sequence[tuple[Schema, Schema, str]]) -> None:
        self.waiting.extend(reversed(pairs))

    def pair(self, old: Schema, new: Schema, path: str) -> Iterator[Change]:
        if type(old) is not type(new) or old.type != new.type:
            yield Change(ChangeKind.TYPE, path, _name_of(old), _name_of(new))
            return
        if old.logical != new.logical:
            yield Change(ChangeKind.LOGICAL_TYPE, path, _logical(old), _logical(new))
        if isinstance(old, NamedSchema) and isinstance(new, NamedSchema):
            yield from _named(old, new, path)
        yield from _attributes(old.props, new.props, path)
        inner = _INNER.get(type(old))
        if inner is not None:
            yield from inner(self, old, new, path)

    def array(self, old: ArraySchema, new: ArraySchema, path: str) -> Iterator[Change]:
        self.later([(old.items, new.items, f"{path}[]")])
        return iter(())

    def map(self, old: MapSchema, new: MapSchema, path: str) -> Iterator[Change]:
        self.later([(old.values, new.values, path + "{}")])
        return iter(())

    def fixed(self, old: FixedSchema, new: FixedSchema, path: str) -> Iterator[Change]:
        if old.size != new.size:
            yield Change(ChangeKind.SIZE, path, old.size, new.size)

    def enum(self, old: EnumSchema, new: EnumSchema, path: str) -> Iterator[Change]:
        yield from _members(old.symbols, new.symbols, path, _SYMBOLS)
        if old.default != new.default:
            yield Change(ChangeKind.DEFAULT, path, old.default, new.default)

    def union(self, old: UnionSchema, new: UnionSchema, path: str) -> Iterator[Change]:
        before = {_name_of(branch): branch for branch in old.branches}
        after = {_name_of(branch): branch for branch in new.branches}
        yield from _members(tuple(before), tuple(after), path, _BRANCHES)
        self.later([(before[name], after[name], f"{path}<{name}>") for name in before if name in after])

    def record(self, old: RecordSchema, new: RecordSchema, path: str) -> Iterator[Change]:
        pairs, removed, added = _matched(old.fields, new.fields)
        for before, after in pairs:
            place = f"{path}.{after.name}"
            if before.name != after.name:
                yield Change(ChangeKind.FIELD_RENAMED, place, before.name, after.name)
            yield from _field(before, after, place)
        for field in removed:
            yield Change(ChangeKind.FIELD_REMOVED, f"{path}.{field.name}", _name_of(field.type), None)
        for field in added:
            yield Change(ChangeKind.FIELD_ADDED, f"{path}.{field.name}", None, _name_of(field.type))
        yield from _moved(pairs, new.fields, path)
        self.later([(before.type, after.type, f"{path}.{after.name}") for before, after in pairs])


def _matched(
    old: Sequence[Field], new: Sequence[Field]
) -> tuple[list[tuple[Field, Field]], list[Field], list[Field]]:
    """Fields of both, those of the old schema alone, and those of the new one alone."""
    after = {field.name: field for field in new}
    names = {field.name for field in old}
    renamed = {alias: field for field in new if field.name not in names for alias in field.aliases}
    pairs, removed = [], []
    for field in old:
        other = after.get(field.name) or renamed.get(field.name)
        if other is None:
            removed.append(field)
        else:
            pairs.append((field, other))
    taken = {other.name for _, other in pairs}
    return pairs, removed, [field for field in new if field.name not in taken]


def _moved(pairs: list[tuple[Field, Field]], new: Sequence[Field], path: str) -> Iterator[Change]:
    """One change if the fields that are in both schemas are in another order."""
    kept = [after.name for _, after in pairs]
    now = [field.name for field in new if field.name in set(kept)]
    if kept != now:
        yield Change(ChangeKind.FIELD_MOVED, path, ", ".join(kept), ", ".join(now))


def _field(old: Field, new: Field, path: str) -> Iterator[Change]:
    if not _same_default(old.default, new.default):
        yield Change(ChangeKind.DEFAULT, path, _default(old), _default(new))
    if old.order != new.order:
        yield Change(ChangeKind.ORDER, path, old.order, new.order)
    yield from _texts(old, new, path)
    yield from _attributes(old.props, new.props, path)


def _named(old: NamedSchema, new: NamedSchema, path: str) -> Iterator[Change]:
    if old.fullname != new.fullname:
        yield Change(ChangeKind.NAME, path, old.fullname, new.fullname)
    yield from _texts(old, new, path)


def _texts(old: NamedSchema | Field, new: NamedSchema | Field, path: str) -> Iterator[Change]:
    if set(old.aliases) != set(new.aliases):
        yield Change(ChangeKind.ALIASES, path, ", ".join(old.aliases) or None, ", ".join(new.aliases) or None)
    if old.doc != new.doc:
        yield Change(ChangeKind.DOC, path, old.doc, new.doc)


def _attributes(old: Any, new: Any, path: str) -> Iterator[Change]:
    """Users' attributes; those of logical types have been compared by meaning."""
    for name in {**old, **new}:
        if name not in _LOGICAL and _differ(old.get(name), new.get(name)):
            yield Change(ChangeKind.ATTRIBUTE, f"{path}@{name}", old.get(name), new.get(name))


def _differ(old: Any, new: Any) -> bool:
    if is_deep(old) or is_deep(new):
        raise SchemaLimitError(TOO_DEEP)
    return bool(old != new)


def _members(
    old: tuple[str, ...], new: tuple[str, ...], path: str, kinds: tuple[ChangeKind, ChangeKind, ChangeKind]
) -> Iterator[Change]:
    added, removed, reordered = kinds
    for name in old:
        if name not in new:
            yield Change(removed, path, name, None)
    for name in new:
        if name not in old:
            yield Change(added, path, None, name)
    kept, now = [name for name in old if name in new], [name for name in new if name in old]
    if kept != now:
        yield Change(reordered, path, ", ".join(kept), ", ".join(now))


def _same_default(old: Any, new: Any) -> bool:
    """Equal as JSON: 1 and 1.0 are the same number, but true is not a number."""
    if isinstance(old, bool) or isinstance(new, bool):
        return old is new
    return bool(old == new)


def _default(field: Field) -> Any:
    return None if field.default is NO_DEFAULT else represent(field.default)


def _logical(schema: Schema) -> str | None:
    logical = schema.logical
    if logical is None:
        return None
    return f"decimal({logical.precision}, {logical.scale})" if logical.name == "decimal" else logical.name


def _name_of(schema: Schema) -> str:
    """The type's name for people."""
    if isinstance(schema, NamedSchema):
        return schema.fullname
    if isinstance(schema, UnionSchema):
        return "union of " + ", ".join(map(_name_of, schema.branches))
    return schema.type


_SYMBOLS: Final = (ChangeKind.SYMBOL_ADDED, ChangeKind.SYMBOL_REMOVED, ChangeKind.SYMBOLS_REORDERED)
_BRANCHES: Final = (ChangeKind.BRANCH_ADDED, ChangeKind.BRANCH_REMOVED, ChangeKind.BRANCHES_REORDERED)
_LOGICAL: Final = frozenset({"logicalType", "precision", "scale"})
_INNER: Final[dict[type, Callable[..., Iterator[Change]]]] = {
    ArraySchema: _Walk.array,
    MapSchema: _Walk.map,
    FixedSchema: _Walk.fixed,
    EnumSchema: _Walk.enum,
    UnionSchema: _Walk.union,
    RecordSchema: _Walk.record,
}
