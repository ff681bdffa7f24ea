"""Which schemas match: the rules of the specification's section Schema Resolution, one level at a time.

Knows schemas only; :mod:`avrojet.plan.resolve` walks with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from avrojet.failures import Incompatibility
from avrojet.messages import shorten, show
from avrojet.plan.meaning import Meaning
from avrojet.schema.model import (
    ArraySchema,
    FixedSchema,
    MapSchema,
    NamedSchema,
    Schema,
    UnionSchema,
)
from avrojet.schema.names import relative_name

MEANING: Final = Meaning()
"""All logical types of the specification, and no others."""

PROMOTIONS: Final = {
    "int": ("long", "float", "double"),
    "long": ("float", "double"),
    "float": ("double",),
    "string": ("bytes",),
    "bytes": ("string",),
}


def conflict(
    writer: Schema, reader: Schema, meaning: Meaning = MEANING
) -> tuple[Incompatibility, str] | None:
    """Why two schemas, neither of them a union, do not match by themselves; None if they do.

    Their contents (fields, items, values) are not examined.
    """
    if type(writer) is not type(reader):
        return Incompatibility.TYPE_MISMATCH, _unreadable(writer, reader)
    if isinstance(writer, NamedSchema):
        assert isinstance(reader, NamedSchema)
        if not same_name(writer, reader):
            return Incompatibility.NAME_MISMATCH, _unreadable(writer, reader)
    elif writer.type != reader.type and reader.type not in PROMOTIONS.get(writer.type, ()):
        return Incompatibility.TYPE_MISMATCH, _unreadable(writer, reader)
    return conflict_beside_name(writer, reader, meaning)


def conflict_beside_name(
    writer: Schema, reader: Schema, meaning: Meaning = MEANING
) -> tuple[Incompatibility, str] | None:
    """Why two schemas of one type do not match by themselves, whatever their names; None if they do."""
    if isinstance(writer, FixedSchema) and isinstance(reader, FixedSchema) and writer.size != reader.size:
        message = f"{describe(writer)} has {writer.size} bytes, the reader's has {reader.size}"
        return Incompatibility.FIXED_SIZE_MISMATCH, message
    return _logical_conflict(writer, reader, meaning)


def _logical_conflict(writer: Schema, reader: Schema, meaning: Meaning) -> tuple[Incompatibility, str] | None:
    theirs, ours = writer.logical, reader.logical
    if theirs is None or ours is None:
        return None
    reason = meaning.conflict(writer, reader)
    if reason is None:
        return None
    same = theirs.name == ours.name  # only decimals can differ in more than the name
    return Incompatibility.DECIMAL_MISMATCH if same else Incompatibility.LOGICAL_TYPE_MISMATCH, reason


def remedy_of_names(writer: NamedSchema, reader: NamedSchema) -> str:
    """How to make types match whose names do not."""
    alias = relative_name(writer.fullname, reader.namespace)
    return f"an alias {show(alias)} in the reader's schema would make them match"


def same_name(writer: NamedSchema, reader: NamedSchema) -> bool:
    """Unqualified names are compared; aliases rewrite fullnames (specification: Aliases)."""
    return (
        writer.fullname == reader.fullname or writer.name == reader.name or writer.fullname in reader.aliases
    )


def matches(writer: Schema, reader: Schema, meaning: Meaning = MEANING) -> bool:
    """Whether the specification calls the two a match: it looks into arrays and maps, not into records."""
    while True:
        if isinstance(writer, UnionSchema) or isinstance(reader, UnionSchema):
            return True
        if isinstance(writer, ArraySchema) and isinstance(reader, ArraySchema):
            writer, reader = writer.items, reader.items
        elif isinstance(writer, MapSchema) and isinstance(reader, MapSchema):
            writer, reader = writer.values, reader.values
        else:
            return conflict(writer, reader, meaning) is None


class Branches:
    """Finds the branch of a reader's union that matches, without testing every branch for each writer."""

    __slots__ = ("_branches", "_indexes", "_meaning", "have_aliases")

    def __init__(self, union: UnionSchema, meaning: Meaning = MEANING) -> None:
        self._branches = union.branches
        self._meaning = meaning
        self._indexes: dict[tuple[str, str], list[int]] = {}
        for index, branch in enumerate(union.branches):
            for key in _keys(branch):
                self._indexes.setdefault(key, []).append(index)
        self.have_aliases = any(isinstance(each, NamedSchema) and each.aliases for each in union.branches)

    def have_alias(self, fullname: str) -> bool:
        """Whether it is an alias of a branch."""
        return ("alias", fullname) in self._indexes

    def fit(self, writer: Schema, index: int) -> bool:
        """Whether the branch matches."""
        return matches(writer, self._branches[index], self._meaning)

    def find(self, writer: Schema) -> int | None:
        """Index of the branch that ``writer``, which is not a union, is read as.

        It is the first that matches, but a branch of the writer's own type (primitive type or fullname) comes
        before one that needs an alias, another namespace or a promotion. By order alone the ints of
        ``["float", "int"]`` would be read as floats, losing digits, even with the writer's own schema.
        """
        for key in _wanted(writer):
            for index in self._indexes.get(key, ()):
                if matches(writer, self._branches[index], self._meaning):
                    return index
        promoted = [self._indexes.get(("type", type), [])[:1] for type in PROMOTIONS.get(writer.type, ())]
        fitting = (
            index
            for found in promoted
            for index in found
            if matches(writer, self._branches[index], self._meaning)
        )
        return min(fitting, default=None)


def _keys(branch: Schema) -> Iterator[tuple[str, str]]:
    """The keys by which a branch of a reader's union can be found."""
    if not isinstance(branch, NamedSchema):
        yield "type", branch.type
        return
    yield "fullname", branch.fullname
    yield "name", branch.name
    for alias in branch.aliases:
        yield "alias", alias


def _wanted(writer: Schema) -> tuple[tuple[str, str], ...]:
    """The keys that a writer's schema looks for, best first."""
    if isinstance(writer, NamedSchema):
        return ("fullname", writer.fullname), ("alias", writer.fullname), ("name", writer.name)
    return (("type", writer.type),)


def branch_name(schema: Schema) -> str:
    """The name of a union's branch (specification: JSON Encoding)."""
    return schema.fullname if isinstance(schema, NamedSchema) else schema.type


def describe(schema: Schema) -> str:
    """A schema in a few words for messages."""
    if isinstance(schema, NamedSchema):
        return f"{schema.type} {shorten(schema.fullname) if schema.name else 'without a name'}"
    if isinstance(schema, UnionSchema):
        return shorten(f"union of {', '.join(map(branch_name, schema.branches[:20]))}")
    return schema.type


def in_few_words(schema: Schema) -> str:
    """The type of a schema's values, in the core's words: the logical type, if there is one."""
    logical = schema.logical
    if logical is None:
        return describe(schema)
    return f"decimal({logical.precision}, {logical.scale})" if logical.name == "decimal" else logical.name


def _unreadable(writer: Schema, reader: Schema) -> str:
    return f"{describe(writer)} cannot be read as {describe(reader)}"
