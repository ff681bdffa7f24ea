"""Rules for what is legal in a schema but causes trouble. Each has a name and a reason, and is optional."""

from __future__ import annotations

import keyword
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Any, Final, TypeGuard

from avrojet.messages import readable
from avrojet.schema.logical import KNOWN
from avrojet.schema.model import (
    NO_DEFAULT,
    ArraySchema,
    EnumSchema,
    Field,
    MapSchema,
    NamedSchema,
    RecordSchema,
    Schema,
    UnionSchema,
)
from avrojet.schema.parse import parse_schema


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule found.

    :ivar rule: name of the rule, one of those that ``avrojet lint --rules`` prints.
    :ivar path: place in the data, e.g. ``$.items[].price``.
    :ivar message: what is there, and what to do.
    """

    rule: str
    path: str
    message: str

    def __str__(self) -> str:
        return readable(f"{self.path}: {self.message} [{self.rule}]")


def lint_schema(
    schema: Any, *, rules: Collection[str] | None = None, ignore: Collection[str] = ()
) -> tuple[Finding, ...]:
    """Find what is legal in a schema but causes trouble, in the order of the schema.

    :param schema: a Schema, JSON text or JSON data.
    :param rules: names of rules, which ``avrojet lint --rules`` prints; None: all.
    :param ignore: names of rules to leave out.
    :raises SchemaError: if the schema is not valid.
    :raises ValueError: if there is no rule of a name.

    >>> suit = {"type": "enum", "name": "cards.Suit", "symbols": ["HEARTS", "SPADES"], "doc": "Of a card."}
    >>> [finding.rule for finding in lint_schema(suit)]
    ['enum-default']
    """
    return tuple(findings(parse_schema(schema), rules=rules, ignore=ignore))


def findings(
    schema: Schema,
    path: str = "$",
    *,
    rules: Collection[str] | None = None,
    ignore: Collection[str] = (),
    elsewhere: Collection[str] = (),
) -> Iterator[Finding]:
    """The findings of :func:`lint_schema`, for one schema of several.

    :param path: what the places of this one begin with.
    :param elsewhere: fullnames of types that are looked at on their own.
    """
    unknown = sorted({*(rules or ()), *ignore} - set(RULES))
    if unknown:
        raise ValueError(f"no rule is called {unknown[0]!r}; the rules are {', '.join(RULES)}")
    wanted = [name for name in RULES if (rules is None or name in rules) and name not in ignore]
    for place, node in _places(schema, path, elsewhere):
        for name in wanted:
            yield from (Finding(name, place, message) for message in RULES[name].check(node))


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of :func:`lint_schema`.

    :ivar why: what goes wrong if it is broken.
    """

    why: str
    check: Callable[[Schema], Iterator[str]]


def _places(root: Schema, start: str, elsewhere: Collection[str]) -> Iterator[tuple[str, Schema]]:
    """Each part of a schema with the first place where it occurs, without named types that are elsewhere."""
    seen: set[int] = set()
    waiting = [(start, root)]
    while waiting:
        path, schema = waiting.pop()
        if schema is not root and isinstance(schema, NamedSchema) and schema.fullname in elsewhere:
            continue
        definition = schema.definition if isinstance(schema, NamedSchema) else schema
        if id(definition) in seen:
            continue
        seen.add(id(definition))
        yield path, schema
        match schema:
            case RecordSchema():
                inner = [(f"{path}.{field.name}", field.type) for field in schema.fields]
            case ArraySchema():
                inner = [(f"{path}[]", schema.items)]
            case MapSchema():
                inner = [(path + "{}", schema.values)]
            case UnionSchema():
                inner = [(path, branch) for branch in schema.branches]
            case _:
                inner = []
        waiting.extend(reversed(inner))


def _no_doc(schema: Schema) -> Iterator[str]:
    if isinstance(schema, RecordSchema | EnumSchema) and not schema.doc:
        yield f"{schema.type} {schema.fullname} has no doc"
    yield from (f"field {field.name} has no doc" for field in _fields(schema) if not field.doc)


def _no_namespace(schema: Schema) -> Iterator[str]:
    if isinstance(schema, NamedSchema) and not schema.namespace:
        yield f"{schema.type} {schema.fullname} has no namespace: schemas of others may have the same name"


def _no_field_default(schema: Schema) -> Iterator[str]:
    for field in _fields(schema):
        if field.default is NO_DEFAULT:
            yield f"field {field.name} has no default: data without the field cannot be read"


def _no_null_default(schema: Schema) -> Iterator[str]:
    for field in _fields(schema):
        if _is_nullable(field.type) and field.default is NO_DEFAULT:
            yield f'field {field.name} may be null but has no default: give it "default": null'


def _null_not_first(schema: Schema) -> Iterator[str]:
    for field in _fields(schema):
        if field.default is None and _is_nullable(field.type) and field.type.branches[0].type != "null":
            yield f"field {field.name} has the default null, but its union does not begin with null"


def _no_enum_default(schema: Schema) -> Iterator[str]:
    if isinstance(schema, EnumSchema) and schema.default is None:
        yield f"enum {schema.fullname} has no default: readers fail at the first new symbol"


_SURPRISING: Final = (
    ("int", "long", "an int is a long too: the branch depends on the value's size"),
    ("float", "double", "a float is a double too: which branch is taken depends on the writer"),
    ("int", "double", "whole doubles may become ints"),
    ("long", "double", "whole doubles may become longs"),
    ("string", "bytes", "text in another encoding may go to either"),
    ("string", "enum", "a symbol is a string too: plain text may go to either"),
    ("record", "map", "an object may go to either"),
)


def _surprising_union(schema: Schema) -> Iterator[str]:
    if not isinstance(schema, UnionSchema):
        return
    types = {branch.type for branch in schema.branches}
    for one, other, why in _SURPRISING:
        if one in types and other in types:
            yield f"the union has {one} and {other}: {why}"
    records = [branch for branch in schema.branches if isinstance(branch, RecordSchema)]
    for place, record in enumerate(records):
        names = {field.name for field in record.fields}
        for other_record in records[place + 1 :]:
            if names == {field.name for field in other_record.fields}:
                yield (
                    f"the union's records {record.fullname} and {other_record.fullname} have the same "
                    "fields: a plain dict goes to the first"
                )


def _needless_union(schema: Schema) -> Iterator[str]:
    if isinstance(schema, UnionSchema):
        if not schema.branches:
            yield "the union has no branches: no value belongs to it"
        elif len(schema.branches) == 1:
            yield "the union has one branch: its tag is a byte of each value that says nothing"


# Reserved words of Java, C#, Go, Rust, C++ or Protocol Buffers, besides those of Python.
_RESERVED: Final = frozenset(
    (
        "abstract assert auto bool boolean byte case catch char const decimal default delegate delete do "
        "double enum event explicit export extends extern final fixed float fn foreach func goto impl "
        "implements implicit inline instanceof int interface internal let lock long match mod move mut "
        "namespace native new null object operator out override package params private protected pub public "
        "readonly ref sbyte sealed select self short signed sizeof static string struct super switch "
        "synchronized template this throw throws trait transient true false type typedef typeof uint ulong "
        "union unsafe unsigned use ushort using var virtual void volatile where"
    ).split()
)


def _names_elsewhere(schema: Schema) -> Iterator[str]:
    names = [("field", field.name) for field in _fields(schema)]
    if isinstance(schema, NamedSchema):
        names += [("name", part) for part in schema.fullname.split(".")]
    if isinstance(schema, EnumSchema):
        names += [("symbol", symbol) for symbol in schema.symbols]
    for kind, name in names:
        if keyword.iskeyword(name) or name.lower() in _RESERVED:
            yield f"the {kind} {name} is a reserved word of other languages"
        elif name.startswith("__"):
            yield f"the {kind} {name} begins with two underscores, which other languages keep for themselves"


def _alike(schema: Schema) -> Iterator[str]:
    names = [field.name for field in _fields(schema)]
    if isinstance(schema, EnumSchema):
        names += schema.symbols
    seen: dict[str, str] = {}
    for name in names:
        other = seen.setdefault(name.replace("_", "").lower(), name)
        if other != name:
            yield f"{other} and {name} differ in case or underscores alone"


def _colliding_aliases(schema: Schema) -> Iterator[str]:
    """Aliases must be unique, like names (specification: Aliases)."""
    fields = _fields(schema)
    names = {field.name for field in fields}
    taken: dict[str, str] = {}
    for field in fields:
        for alias in dict.fromkeys(field.aliases):
            if alias in names and alias != field.name:
                yield (
                    f"the alias {alias} of field {field.name} is a field itself: "
                    f"data with {alias} alone are read as {field.name}"
                )
            elif taken.setdefault(alias, field.name) != field.name:
                both = f"fields {taken[alias]} and {field.name}"
                yield f"{both} both have the alias {alias}: data with it cannot be read"


def _misplaced_logical(schema: Schema) -> Iterator[str]:
    name = schema.props.get("logicalType")
    if name in KNOWN and schema.logical is None:
        yield f"the logical type {name} is not valid on this {schema.type}: readers see the plain type"
    for field in _fields(schema):
        if "logicalType" in field.props:
            yield f'field {field.name} has logicalType beside its type: write {{"type": {{"type": ...}}}}'


def _unknown_logical(schema: Schema) -> Iterator[str]:
    name = schema.props.get("logicalType")
    if isinstance(name, str) and name not in KNOWN:
        yield f"the logical type {name} is not in the specification: others see the plain {schema.type}"


def _is_nullable(schema: Schema) -> TypeGuard[UnionSchema]:
    return isinstance(schema, UnionSchema) and any(branch.type == "null" for branch in schema.branches)


def _fields(schema: Schema) -> tuple[Field, ...]:
    return schema.fields if isinstance(schema, RecordSchema) else ()


RULES: Final[dict[str, Rule]] = {
    "doc": Rule("Whoever reads the data in two years has only the schema to go by.", _no_doc),
    "namespace": Rule("Names without a namespace clash with those of others.", _no_namespace),
    "field-default": Rule("Only fields with a default can come and go.", _no_field_default),
    "null-default": Rule("A nullable field without a default must still be in all data.", _no_null_default),
    "null-first": Rule("Older libraries allow defaults of the first branch only.", _null_not_first),
    "enum-default": Rule("A symbol added later stops every reader that lacks it.", _no_enum_default),
    "union-order": Rule("Libraries differ in which branch a value goes to.", _surprising_union),
    "union-size": Rule("A union of one branch costs a byte and says nothing.", _needless_union),
    "reserved-name": Rule("Code made of the schema must rename it, or does not compile.", _names_elsewhere),
    "alias-collision": Rule("What old data with the alias mean cannot be told for sure.", _colliding_aliases),
    "similar-names": Rule("Names that other languages write in their own case clash.", _alike),
    "logical-type-misplaced": Rule("It is ignored without a word: dates become numbers.", _misplaced_logical),
    "logical-type-unknown": Rule("Only readers that know it see more than the plain type.", _unknown_logical),
}
"""The rules of :func:`lint_schema`, by name."""
