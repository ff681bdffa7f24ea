"""How Arrow columns are written by a schema: matched by name, and by the table of pairs."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import replace
from typing import Any, Final

from avrojet.errors import SchemaError
from avrojet.plan.arrow.encoding import ArrowStep, Op
from avrojet.plan.arrow.layout import VALUE, table_column
from avrojet.plan.arrow.names import replaced_names
from avrojet.plan.arrow.options import Options
from avrojet.plan.arrow.pairs import (
    Verdict,
    avro_kind,
    bytes_store,
    leaf,
    store_of,
)
from avrojet.plan.arrow.path import TOP, Path
from avrojet.plan.arrow.properties import column_names
from avrojet.plan.arrow.schema import ArrowField
from avrojet.plan.arrow.words import format_name, type_name
from avrojet.plan.match import branch_name, describe, in_few_words
from avrojet.schema.defaults import encode_default
from avrojet.schema.model import (
    NO_DEFAULT,
    ArraySchema,
    EnumSchema,
    Field,
    MapSchema,
    PrimitiveSchema,
    RecordSchema,
    Schema,
    UnionSchema,
)
from avrojet.varint import encode_long

_STRING: Final = PrimitiveSchema("string")
_STANDARD: Final = Options()


def fit(
    schema: Schema,
    table: ArrowField,
    *,
    ignore_extra: bool = False,
    replace_names: bool = False,
    options: Options = _STANDARD,
) -> ArrowStep:
    """The step that writes the rows of a table, a struct of its columns, or of an array of another type.

    :param ignore_extra: leave out columns that are not fields of the schema; else they are an error.
    :param replace_names: a column whose name Avro does not allow goes to the field with its replacement name.
    :raises SchemaError: if a column does not fit, or one is missing that has no default; the error has the
        path.
    """
    walk = _Fit(ignore_extra=ignore_extra, replace_names=replace_names, options=options)
    if table.format != "+s" or isinstance(schema, RecordSchema):
        return walk.place(schema, table, 0, TOP, _Tags())
    if len(table.children) == 1 and table.children[0].name == VALUE:
        value = walk.place(schema, table.children[0], 0, TOP, _Tags())
        return ArrowStep(op="record", path=TOP, store="+s", columns=1, children=(value,))
    return walk.place(schema, table, 0, TOP, _Tags())


def fit_messages(table: ArrowField) -> ArrowStep:
    """The step that reads the only column of a table, or an array, as bytes.

    :raises SchemaError: if there are more columns, or it has another type.
    """
    column, path = table, TOP
    if table.format == "+s":
        if len(table.children) != 1:
            raise SchemaError(f"messages must be one column, not {len(table.children)}: select it", path="$")
        column, path = table.children[0], TOP + f".{table.children[0].name}"
    if column.dictionary is not None or column.plain not in ("z", "u"):
        raise SchemaError(f"{path}: messages must be binary, not {type_name(column)}", path=str(path))
    step = ArrowStep(op="bytes", path=path, store=bytes_store(column))
    if column is table:
        return step
    return ArrowStep(op="record", path=TOP, store="+s", columns=1, children=(step,))


class _Tags:
    """The bytes before a value of a union, and the bytes of a null."""

    __slots__ = ("null", "tag")

    def __init__(self, tag: bytes = b"", null: bytes | None = None) -> None:
        self.tag = tag
        self.null = null


class _Fit:
    """One walk over a schema and an Arrow type."""

    def __init__(self, *, ignore_extra: bool, replace_names: bool, options: Options) -> None:
        self._ignore_extra = ignore_extra
        self._replace_names = replace_names
        self._options = options
        self._known: dict[tuple[int, int, int, bytes, bytes | None], ArrowStep | SchemaError] = {}

    def place(self, schema: Schema, field: ArrowField, column: int, path: Path, tags: _Tags) -> ArrowStep:
        """The step of a field that is child number ``column`` of its parent.

        Each is made once: nested unions lead to the same field in ways that double per level.
        """
        key = id(schema), id(field), column, tags.tag, tags.null
        known = self._known.get(key)
        if isinstance(known, SchemaError):
            raise copy(known)  # a new one: its traceback would keep this table, and the data
        if known is None:
            try:
                known = self._new(schema, field, column, path, tags)
            except SchemaError as error:
                self._known[key] = copy(error)
                raise
            if known.expected is None:
                known = replace(known, expected=in_few_words(schema))
            self._known[key] = known
        return known

    def _new(self, schema: Schema, field: ArrowField, column: int, path: Path, tags: _Tags) -> ArrowStep:
        if field.dictionary is not None:
            values = self.place(schema, field.dictionary, -2, path, tags)
            return self._indirect("dictionary", field.format, field, column, values)
        if field.type_ids == ():
            # It has no value that a schema could not hold.
            return ArrowStep(
                op="union", path=path, store=field.format[:3], column=column, branches=(-1,) * 128
            )
        if field.format == "+r":
            values = self.place(schema, field.children[1], 1, path, tags)
            return self._indirect("runs", "+r", field, column, values)
        if isinstance(schema, UnionSchema):
            return self._union(schema, field, column, path)
        return self._plain(schema, field, column, path, tags)

    def _indirect(self, op: Op, store: str, field: ArrowField, column: int, values: ArrowStep) -> ArrowStep:
        """Indices, or run ends: the values write their own tags, so only nulls matter here."""
        width = {"s": 2, "i": 4, "l": 8}[field.children[0].format] if op == "runs" else 0
        return ArrowStep(
            op=op,
            path=values.path,
            store=store,
            width=width,
            column=column,
            columns=len(field.children),
            null=values.null,
            children=(values,),
            distance=values.distance,
        )

    # Unions

    def _union(self, schema: UnionSchema, field: ArrowField, column: int, path: Path) -> ArrowStep:
        null = next(
            (encode_long(i) for i, branch in enumerate(schema.branches) if branch.type == "null"), None
        )
        others = [(i, branch) for i, branch in enumerate(schema.branches) if branch.type != "null"]
        if field.type_ids is not None:
            return self._arrow_union(schema, field, column, path, null)
        if field.format == "n":
            if null is None:
                return ArrowStep(op="absent", path=path, store="n", column=column)
            return ArrowStep(op="null", path=path, store="n", column=column, tag=null, null=null)
        if len(others) > 1 and _are_members(field, len(others)):
            return self._members(others, field, column, path, null)
        return self._branch(schema, field, column, path, null)

    def _arrow_union(
        self, schema: UnionSchema, field: ArrowField, column: int, path: Path, null: bytes | None
    ) -> ArrowStep:
        branches = [-1] * 128
        assert field.type_ids is not None
        for position, id in enumerate(field.type_ids):
            branches[id] = position
        children = [
            self._member(schema, child, position, path + f".{child.name}", null)
            for position, child in enumerate(field.children)
        ]
        return ArrowStep(
            op="union",
            path=path,
            store=field.format[:3],
            column=column,
            columns=len(children),
            children=tuple(children),
            branches=tuple(branches),
        )

    def _member(
        self, schema: UnionSchema, child: ArrowField, position: int, path: Path, null: bytes | None
    ) -> ArrowStep:
        """A member of an Arrow union: the branch of its name, as named by reading, or the best fit."""
        if child.format == "n":
            return self._union(schema, child, position, path)
        for index, branch in enumerate(schema.branches):
            if branch_name(branch) == child.name:
                return self.place(branch, child, position, path, _Tags(encode_long(index), null))
        return self._branch(schema, child, position, path, null)

    def _members(
        self,
        others: Sequence[tuple[int, Schema]],
        field: ArrowField,
        column: int,
        path: Path,
        null: bytes | None,
    ) -> ArrowStep:
        """The struct that reading makes of a union, with a member for each branch."""
        children = [
            self.place(branch, child, position, path + f".{child.name}", _Tags(encode_long(index)))
            for position, ((index, branch), child) in enumerate(zip(others, field.children, strict=True))
        ]
        return ArrowStep(
            op="members",
            path=path,
            store="+s",
            column=column,
            columns=len(children),
            null=null,
            children=tuple(children),
        )

    def _branch(
        self, schema: UnionSchema, field: ArrowField, column: int, path: Path, null: bytes | None
    ) -> ArrowStep:
        """The branches that take the column, best first, up to one that takes every value."""
        problem: SchemaError | None = None
        tries = 0
        found: list[ArrowStep] = []
        for index, branch in enumerate(schema.branches):
            if branch.type == "null":
                continue
            try:
                step = self.place(branch, field, column, path, _Tags(encode_long(index), null))
            except SchemaError as error:
                problem = error
                tries += 1
            else:
                found.append(step)
        if not found:
            if problem is not None and tries == 1:
                raise problem
            raise self._misfit(schema, field, path)
        found.sort(key=lambda step: step.distance)
        certain = next((number for number, step in enumerate(found) if step.distance <= 1), len(found) - 1)
        if certain == 0:
            return found[0]
        # A value that the best cannot hold may fit another.
        children = tuple(found[: certain + 1])
        return ArrowStep(
            op="first", path=path, column=column, null=null, children=children, distance=children[-1].distance
        )

    # Types

    def _plain(self, schema: Schema, field: ArrowField, column: int, path: Path, tags: _Tags) -> ArrowStep:
        def step(op: Op, **details: Any) -> ArrowStep:
            details = {"store": field.plain, "columns": len(field.children), "null": tags.null, **details}
            return ArrowStep(op=op, path=path, column=column, tag=tags.tag, **details)

        if isinstance(schema, RecordSchema) and field.format == "+s":
            return step("record", **_within(self._fields(schema, field, path)))
        if isinstance(schema, ArraySchema):
            items = _items(schema, field)
            if items is not None:
                child = self.place(schema.items, items, 0, path + "[]", _Tags())
                return step("list", **_within((child,)), **_store_of(field))
        if isinstance(schema, MapSchema):
            entries = _entries(field)
            if entries is not None:
                child = self._entries(schema, entries, path)
                return step("list", **_within((child,)), **_store_of(field))
        found = leaf(schema, field, self._options)
        if found is None:
            raise self._misfit(schema, field, path)
        return step(found.op, distance=_distance(found.verdict, schema, field), **found.details)

    def _misfit(self, schema: Schema, field: ArrowField, path: Path) -> SchemaError:
        if (
            field.format.startswith("ts")
            and avro_kind(schema, self._options) in _ZONES[bool(field.format[4:])]
        ):
            return _zone_misfit(schema, field, path)
        wanted = describe(schema)
        if schema.logical is not None and self._options.logical:
            wanted += f" ({schema.logical.name})"
        what = f"the column is {type_name(field)}, which does not fit {wanted}: cast it to {_natural(schema)}"
        return SchemaError(f"{path}: {what}", path=str(path))

    def _fields(self, schema: RecordSchema, field: ArrowField, path: Path) -> tuple[ArrowStep, ...]:
        columns = self._columns_by_name(field, path)
        taken: set[int] = set()
        children = []
        for wanted, shown in zip(schema.fields, column_names(schema), strict=True):
            place = path + f".{wanted.name}"
            names = (shown, wanted.name, *wanted.aliases)
            position = next((columns[name] for name in names if name in columns), None)
            if position is None:
                children.append(_missing(wanted, place))
                continue
            taken.add(position)
            children.append(self.place(wanted.type, field.children[position], position, place, _Tags()))
        extra = [child.name for position, child in enumerate(field.children) if position not in taken]
        if extra and not self._ignore_extra:
            raise SchemaError(
                f"{path}: {describe(schema)} has no field {extra[0]!r}: leave the column out, "
                'or ignore all such columns with extra_columns="ignore"',
                path=f"{path}.{extra[0]}",
            )
        return tuple(children)

    def _columns_by_name(self, field: ArrowField, path: Path) -> dict[str, int]:
        columns: dict[str, int] = {}
        for position, child in enumerate(field.children):
            if child.name in columns:
                raise SchemaError(
                    f"{path}: there are two columns {child.name!r}", path=f"{path}.{child.name}"
                )
            columns[child.name] = position
        if self._replace_names:
            for position, name in enumerate(replaced_names([child.name for child in field.children])):
                columns.setdefault(name, position)
        return columns

    def _entries(self, schema: MapSchema, entries: ArrowField, path: Path) -> ArrowStep:
        key, value = entries.children
        children = (
            self.place(_STRING, key, 0, path + ".key", _Tags()),
            self.place(schema.values, value, 1, path + "[]", _Tags()),
        )
        return ArrowStep(op="record", path=path, store="+s", columns=2, **_within(children))


# Parts


# The timestamp types that a column misses only because of its zone: by whether it has one.
_ZONES: Final = tuple(
    [{f"{start}timestamp-{unit}" for unit in ("millis", "micros", "nanos")} for start in ("", "local-")]
)


def _within(children: tuple[ArrowStep, ...]) -> dict[str, Any]:
    """The children, and the largest distance of one from the schema."""
    return {"children": children, "distance": max([1, *[child.distance for child in children]])}


def _missing(field: Field, path: Path) -> ArrowStep:
    """What is written if there is no column: the default, or null."""
    if field.default is not NO_DEFAULT:
        data = encode_default(field.type, field.default)
    elif field.type.type == "null":
        data = b""
    else:
        branches = field.type.branches if isinstance(field.type, UnionSchema) else ()
        null = [encode_long(index) for index, branch in enumerate(branches) if branch.type == "null"]
        if not null:
            raise SchemaError(
                f"{path}: there is no such column, and the field has no default and may not be null",
                path=str(path),
            )
        data = null[0]
    return ArrowStep(op="constant", path=path, column=-1, data=data, distance=2)


def _store_of(field: ArrowField) -> dict[str, Any]:
    store = store_of(field)
    assert store is not None
    return store


def _items(schema: ArraySchema, field: ArrowField) -> ArrowField | None:
    """The items of a list, or the entries of a map if the schema has records of them."""
    if field.format != "+m" or not isinstance(schema.items, RecordSchema):
        return field.items
    entries = field.children[0]
    key, value = entries.children
    return replace(entries, children=(replace(key, name="key"), replace(value, name="value")))


def _entries(field: ArrowField) -> ArrowField | None:
    """Keys and values of a map, or of the list of structs that some libraries use instead."""
    if field.format == "+m":
        return field.children[0]
    items = field.items
    if (
        items is not None
        and items.format == "+s"
        and [child.name for child in items.children] == ["key", "value"]
    ):
        return items
    return None


def _are_members(field: ArrowField, count: int) -> bool:
    """Whether it is the struct that reading makes of a union (``avrojet.plan.arrow.layout``)."""
    return field.format == "+s" and [child.name for child in field.children] == [
        f"member{i}" for i in range(count)
    ]


def _distance(verdict: Verdict, schema: Schema, field: ArrowField) -> int:
    """How far a column is from a type that takes it: 0 for its own, 1 if every value is unchanged."""
    if field.simple == schema.type and schema.logical is None:
        return 0
    return {"exact": 1, "checked": 2, "rounded": 3}[verdict]


def _natural(schema: Schema) -> str:
    """The type to cast a column to that does not fit."""
    if isinstance(schema, UnionSchema):
        return (
            " or ".join([_natural(branch) for branch in schema.branches[:20] if branch.type != "null"])
            or "null"
        )
    if isinstance(schema, RecordSchema):
        return "struct"
    if isinstance(schema, EnumSchema):
        return "utf8"
    if isinstance(schema, ArraySchema | MapSchema):
        return "list" if isinstance(schema, ArraySchema) else "map"
    (column,) = table_column(schema).children
    return "uuid" if column.metadata else format_name(column.format)


def _zone_misfit(schema: Schema, field: ArrowField, path: Path) -> SchemaError:
    assert schema.logical is not None
    has, name = ("a", "local-") if field.format[4:] else ("no", "")
    hint = "" if name else ', or take it as UTC with naive_datetimes="utc"'
    return SchemaError(
        f"{path}: the column has {has} time zone, which does not fit {schema.logical.name}: cast it to "
        f"{_natural(schema)}, or write it as {'timestamp' if name else 'local-timestamp'}-...{hint}",
        path=str(path),
    )
