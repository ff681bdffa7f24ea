"""How Arrow columns are written as a schema says: by name, with the promotions that lose nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from avrojet.errors import SchemaError
from avrojet.plan.arrow.encoding import Op, Put
from avrojet.plan.arrow.layout import VALUE
from avrojet.plan.arrow.path import TOP, Path
from avrojet.plan.arrow.schema import ArrowField
from avrojet.plan.match import branch_name, describe
from avrojet.schema.defaults import encode_default
from avrojet.schema.model import (
    NO_DEFAULT,
    ArraySchema,
    EnumSchema,
    Field,
    FixedSchema,
    MapSchema,
    PrimitiveSchema,
    RecordSchema,
    Schema,
    UnionSchema,
)
from avrojet.varint import encode_long

_STRING: Final = PrimitiveSchema("string")
_INT: Final = (-(1 << 31), (1 << 31) - 1)
_LONG: Final = (-(1 << 63), (1 << 63) - 1)
_NARROW: Final = "cCsSi"  # what every int holds
_INTEGERS: Final = "cCsSiIlL"
_PER_SECOND: Final = {"s": 1, "m": 10**3, "u": 10**6, "n": 10**9}
_PER_SECOND_OF: Final = {"millis": 10**3, "micros": 10**6, "nanos": 10**9}
_DAY: Final = 86400
_INTERVALS: Final = {"tiM": 4, "tiD": 8, "tin": 16}


def fit(schema: Schema, table: ArrowField, *, ignore_extra: bool = False) -> Put:
    """What writes the rows of a table, a struct of its columns, or of an array of another type.

    :param ignore_extra: leave out columns that are no field of the schema; else they are an error.
    :raises SchemaError: if a column does not fit, or one is missing that has no default; the path is told.
    """
    walk = _Fit(ignore_extra=ignore_extra)
    if table.format != "+s" or isinstance(schema, RecordSchema):
        return walk.place(schema, table, 0, TOP, _Tags())
    if len(table.kids) == 1 and table.kids[0].name == VALUE:
        value = walk.place(schema, table.kids[0], 0, TOP, _Tags())
        return Put(op="record", path=TOP, store="+s", columns=1, kids=(value,))
    return walk.place(schema, table, 0, TOP, _Tags())


def fit_messages(table: ArrowField) -> Put:
    """What reads the only column of a table, or an array, as bytes.

    :raises SchemaError: if there are more columns, or it is of another type.
    """
    column, path = table, TOP
    if table.format == "+s":
        if len(table.kids) != 1:
            raise SchemaError(f"messages are one column, not {len(table.kids)}: choose it", path="$")
        column, path = table.kids[0], TOP + f".{table.kids[0].name}"
    if column.dictionary is not None or column.plain not in ("z", "u"):
        raise SchemaError(
            f"{path}: messages are binary, not of Arrow's type {column.format!r}", path=str(path)
        )
    put = Put(op="bytes", path=path, store=_bytes_store(column))
    if column is table:
        return put
    return Put(op="record", path=TOP, store="+s", columns=1, kids=(put,))


class _Tags:
    """What stands in front of a value of a union, and what for a null."""

    __slots__ = ("null", "tag")

    def __init__(self, tag: bytes = b"", null: bytes | None = None) -> None:
        self.tag = tag
        self.null = null


class _Fit:
    """One walk over a schema and an Arrow type."""

    def __init__(self, *, ignore_extra: bool) -> None:
        self._ignore_extra = ignore_extra

    def place(self, schema: Schema, field: ArrowField, column: int, path: Path, tags: _Tags) -> Put:
        """The put of a field that is child number ``column`` of what is around it."""
        if field.dictionary is not None:
            values = self.place(schema, field.dictionary, -2, path, tags)
            return self._indirect("dictionary", field.format, field, column, values)
        if field.type_ids == ():
            # It has no value that a schema could not hold.
            return Put(op="union", path=path, store=field.format[:3], column=column, branches=(-1,) * 128)
        if field.format == "+r":
            values = self.place(schema, field.kids[1], 1, path, tags)
            return self._indirect("runs", "+r", field, column, values)
        if isinstance(schema, UnionSchema):
            return self._union(schema, field, column, path)
        return self._plain(schema, field, column, path, tags)

    def _indirect(self, op: Op, store: str, field: ArrowField, column: int, values: Put) -> Put:
        """Indexes, or run ends: the values write their own tags, here only nulls are met."""
        width = {"s": 2, "i": 4, "l": 8}[field.kids[0].format] if op == "runs" else 0
        return Put(
            op=op,
            path=values.path,
            store=store,
            width=width,
            column=column,
            columns=len(field.kids),
            null=values.null,
            kids=(values,),
        )

    # Unions

    def _union(self, schema: UnionSchema, field: ArrowField, column: int, path: Path) -> Put:
        null = next(
            (encode_long(i) for i, branch in enumerate(schema.branches) if branch.type == "null"), None
        )
        others = [(i, branch) for i, branch in enumerate(schema.branches) if branch.type != "null"]
        if field.type_ids is not None:
            return self._arrow_union(schema, field, column, path, null)
        if field.format == "n":
            if null is None:
                raise _misfit(schema, field, path)
            return Put(op="null", path=path, store="n", column=column, tag=null, null=null)
        if len(others) > 1 and _are_members(field, len(others)):
            return self._members(others, field, column, path, null)
        return self._branch(schema, field, column, path, null)

    def _arrow_union(
        self, schema: UnionSchema, field: ArrowField, column: int, path: Path, null: bytes | None
    ) -> Put:
        branches = [-1] * 128
        assert field.type_ids is not None
        for position, id in enumerate(field.type_ids):
            branches[id] = position
        kids = [
            self._member(schema, kid, position, path + f".{kid.name}", null)
            for position, kid in enumerate(field.kids)
        ]
        return Put(
            op="union",
            path=path,
            store=field.format[:3],
            column=column,
            columns=len(kids),
            kids=tuple(kids),
            branches=tuple(branches),
        )

    def _member(
        self, schema: UnionSchema, kid: ArrowField, position: int, path: Path, null: bytes | None
    ) -> Put:
        """A member of Arrow's union: the branch of its name, as reading calls it, or the best fit."""
        if kid.format == "n":
            return self._union(schema, kid, position, path)
        for index, branch in enumerate(schema.branches):
            if branch_name(branch) == kid.name:
                return self.place(branch, kid, position, path, _Tags(encode_long(index), null))
        return self._branch(schema, kid, position, path, null)

    def _members(
        self,
        others: Sequence[tuple[int, Schema]],
        field: ArrowField,
        column: int,
        path: Path,
        null: bytes | None,
    ) -> Put:
        """The struct that reading makes of a union: a member for each branch."""
        kids = [
            self.place(branch, kid, position, path + f".{kid.name}", _Tags(encode_long(index)))
            for position, ((index, branch), kid) in enumerate(zip(others, field.kids, strict=True))
        ]
        return Put(
            op="members",
            path=path,
            store="+s",
            column=column,
            columns=len(kids),
            null=null,
            kids=tuple(kids),
        )

    def _branch(
        self, schema: UnionSchema, field: ArrowField, column: int, path: Path, null: bytes | None
    ) -> Put:
        """The branch that takes the column: one that changes nothing before one that widens or narrows."""
        problem: SchemaError | None = None
        tries = 0
        found: list[tuple[int, Put]] = []
        for index, branch in enumerate(schema.branches):
            if branch.type == "null":
                continue
            try:
                put = self.place(branch, field, column, path, _Tags(encode_long(index), null))
            except SchemaError as error:
                problem = error
                tries += 1
            else:
                found.append((_distance(put, branch, field), put))
        if found:
            return min(found, key=lambda each: each[0])[1]
        if problem is not None and tries == 1:
            raise problem
        raise _misfit(schema, field, path)

    # Types

    def _plain(self, schema: Schema, field: ArrowField, column: int, path: Path, tags: _Tags) -> Put:
        def put(op: Op, **details: Any) -> Put:
            details = {"store": field.plain, "columns": len(field.kids), **details}
            return Put(op=op, path=path, column=column, tag=tags.tag, null=tags.null, **details)

        if isinstance(schema, RecordSchema) and field.format == "+s":
            return put("record", kids=self._fields(schema, field, path))
        if isinstance(schema, ArraySchema) and field.items is not None:
            items = self.place(schema.items, field.items, 0, path + "[]", _Tags())
            return put("list", kids=(items,), **_list_store(field))
        if isinstance(schema, MapSchema):
            entries = _entries(field)
            if entries is not None:
                return put("list", kids=(self._entries(schema, entries, path),), **_list_store(field))
        leaf = _leaf(schema, field, path)
        if leaf is None:
            raise _misfit(schema, field, path)
        return put(leaf[0], **leaf[1])

    def _fields(self, schema: RecordSchema, field: ArrowField, path: Path) -> tuple[Put, ...]:
        columns = _columns_by_name(field, path)
        taken = set()
        kids = []
        for wanted in schema.fields:
            place = path + f".{wanted.name}"
            name = next((name for name in (wanted.name, *wanted.aliases) if name in columns), None)
            if name is None:
                kids.append(_missing(wanted, place))
                continue
            taken.add(name)
            kids.append(self.place(wanted.type, field.kids[columns[name]], columns[name], place, _Tags()))
        extra = [name for name in columns if name not in taken]
        if extra and not self._ignore_extra:
            raise SchemaError(
                f"{path}: {describe(schema)} has no field {extra[0]!r}: leave the column out, "
                'or let all such be left out with extra_columns="ignore"',
                path=f"{path}.{extra[0]}",
            )
        return tuple(kids)

    def _entries(self, schema: MapSchema, entries: ArrowField, path: Path) -> Put:
        key, value = entries.kids
        kids = (
            self.place(_STRING, key, 0, path + ".key", _Tags()),
            self.place(schema.values, value, 1, path + "[]", _Tags()),
        )
        return Put(op="record", path=path, store="+s", columns=2, kids=kids)


Leaf = tuple[Op, dict[str, Any]]


def _leaf(schema: Schema, field: ArrowField, path: Path) -> Leaf | None:
    """The op for a value without parts, and what it needs to know; None if the column does not fit."""
    if schema.logical is not None:
        leaf = _LOGICAL.get(schema.logical.name, _temporal)(schema, field, path)
        if leaf is not None:
            return leaf
    match schema.type:
        case "null" if field.format == "n":
            return "null", {}
        case "boolean" if field.format == "b":
            return "boolean", {}
        case "int" | "long":
            return _whole(schema, field)
        case "float" | "double":
            return _real(schema, field)
        case "bytes" | "string":
            return _bytes(schema, field)
        case "fixed":
            assert isinstance(schema, FixedSchema)
            return _fixed(schema, field)
        case "enum" if field.plain == "u":
            assert isinstance(schema, EnumSchema)
            return "symbol", {"store": _bytes_store(field), "symbols": schema.symbols}
    return None


def _whole(schema: Schema, field: ArrowField) -> Leaf | None:
    """An integer; the plain encoding of a logical type too."""
    if field.format.startswith("tD") and schema.logical is None:
        return ("int64", {"store": "l"}) if schema.type == "long" else None
    if field.format not in _INTEGERS:
        return None
    if field.format == "i":
        return "int32", {}
    if field.format == "l" and schema.type == "long":
        return "int64", {}
    low, high = _INT if schema.type == "int" else _LONG
    return "integer", {"low": low, "high": high}


def _real(schema: Schema, field: ArrowField) -> Leaf | None:
    wide = schema.type == "double"
    if field.format in _INTEGERS:
        return "integer to double" if wide else "integer to float", {}
    op: Op | None = _REALS.get((field.format, schema.type))
    return None if op is None else (op, {"store": {"e": "s", "f": "i", "g": "l"}[field.format]})


_REALS: Final[dict[tuple[str, str], Op]] = {
    ("e", "float"): "half to float",
    ("e", "double"): "half to double",
    ("f", "float"): "float",
    ("f", "double"): "float to double",
    ("g", "double"): "double",
}


def _bytes(schema: Schema, field: ArrowField) -> Leaf | None:
    if field.plain not in ("u", "z") and not field.format.startswith("w:"):
        return None
    # What Arrow calls utf8 is checked too: nobody else may have.
    return "bytes", {"store": _bytes_store(field), "width": _width(field), "text": schema.type == "string"}


def _fixed(schema: FixedSchema, field: ArrowField) -> Leaf | None:
    if field.plain != "z" and field.format != f"w:{schema.size}":
        return None
    return "fixed", {"store": _bytes_store(field), "width": _width(field), "size": schema.size}


def _bytes_store(field: ArrowField) -> str:
    """Text lies as bytes do."""
    return field.format.partition(":")[0].replace("u", "z").replace("U", "Z")


def _width(field: ArrowField) -> int:
    return int(field.format[2:]) if field.format.startswith("w:") else 0


# Logical types; None lets the plain type decide


def _temporal(schema: Schema, field: ArrowField, path: Path) -> Leaf | None:
    """Dates, times and timestamps: whole numbers of the schema's unit, whatever Arrow's is."""
    logical = schema.logical
    assert logical is not None
    kind, _, unit = logical.name.rpartition("-")
    if logical.name == "date":
        if field.format == "tdD":
            return "int32", {"store": "i"}
        if field.format == "tdm":
            return _scaled("l", 1000 * _DAY, 1, *_INT)
    elif kind == "time" and field.format[:2] == "tt":
        wanted = _PER_SECOND_OF[unit]
        store = "i" if field.format[2] in "sm" else "l"
        return _scaled(store, _PER_SECOND[field.format[2]], wanted, 0, _DAY * wanted - 1)
    elif kind in ("timestamp", "local-timestamp") and field.format[:2] == "ts":
        if bool(field.format[4:]) is not (kind == "timestamp"):
            raise _zone_misfit(schema, field, path)
        return _scaled("l", _PER_SECOND[field.format[2]], _PER_SECOND_OF[unit], *_LONG)
    return None


def _scaled(store: str, have: int, want: int, low: int, high: int) -> Leaf:
    """``have`` and ``want`` are units per second (or, for dates, per day)."""
    if store == "l" and have == want and (low, high) == _LONG:
        return "int64", {"store": "l"}
    factor, divisor = max(want // have, 1), max(have // want, 1)
    return "integer", {"store": store, "factor": factor, "divisor": divisor, "low": low, "high": high}


def _decimal(schema: Schema, field: ArrowField, path: Path) -> Leaf | None:
    if field.decimal is None:
        return None
    assert schema.logical is not None
    _, scale, width = field.decimal
    if scale != schema.logical.scale:
        raise SchemaError(
            f"{path}: the column's decimals have the scale {scale}, the schema's {schema.logical.scale}: "
            "cast the column",
            path=str(path),
        )
    size = schema.size if isinstance(schema, FixedSchema) else -1
    # A decimal256 has 76 digits at most, and so has no number that a longer precision would refuse.
    precision = min(schema.logical.precision, 76)
    return "decimal", {"store": "w", "width": width, "size": size, "precision": precision}


def _uuid(schema: Schema, field: ArrowField, path: Path) -> Leaf | None:
    details = {"store": _bytes_store(field), "width": _width(field)}
    if isinstance(schema, FixedSchema):
        return ("uuid of text", details) if field.plain == "u" else None
    if field.format == "w:16" or field.plain == "z":
        return "uuid to text", details
    return ("uuid text", details) if field.plain == "u" else None


def _duration(schema: Schema, field: ArrowField, path: Path) -> Leaf | None:
    width = _INTERVALS.get(field.format)
    return None if width is None else ("interval", {"store": "w", "width": width})


def _encoded(schema: Schema, field: ArrowField, path: Path) -> Leaf | None:
    return None


_LOGICAL: Final = {"decimal": _decimal, "uuid": _uuid, "duration": _duration, "big-decimal": _encoded}


# Parts


def _columns_by_name(field: ArrowField, path: Path) -> dict[str, int]:
    columns: dict[str, int] = {}
    for position, kid in enumerate(field.kids):
        if kid.name in columns:
            raise SchemaError(f"{path}: there are two columns {kid.name!r}", path=f"{path}.{kid.name}")
        columns[kid.name] = position
    return columns


def _missing(field: Field, path: Path) -> Put:
    """What is written where there is no column: the default, or null."""
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
    return Put(op="constant", path=path, column=-1, data=data)


def _list_store(field: ArrowField) -> dict[str, Any]:
    if field.format.startswith("+w:"):
        return {"store": "+w", "width": int(field.format[3:])}
    return {"store": "+l" if field.format == "+m" else field.format}


def _entries(field: ArrowField) -> ArrowField | None:
    """Keys and values of a map, or of the list of structs of them that some libraries have instead."""
    if field.format == "+m":
        return field.kids[0]
    items = field.items
    if items is not None and items.format == "+s" and [kid.name for kid in items.kids] == ["key", "value"]:
        return items
    return None


def _are_members(field: ArrowField, count: int) -> bool:
    """Whether it is the struct that reading makes of a union (``avrojet.plan.arrow.layout``)."""
    return field.format == "+s" and [kid.name for kid in field.kids] == [f"member{i}" for i in range(count)]


def _distance(put: Put, schema: Schema, field: ArrowField) -> int:
    """How far a column is from a branch that takes it: 0 for its own type, 2 where values may not fit."""
    if field.value.simple == schema.type and schema.logical is None:
        return 0
    while put.op in ("dictionary", "runs"):
        put = put.kids[0]
    return 2 if put.op == "integer" or " to " in put.op else 1


def _misfit(schema: Schema, field: ArrowField, path: Path) -> SchemaError:
    wanted = describe(schema)
    if schema.logical is not None:
        wanted += f" ({schema.logical.name})"
    have = field.format
    return SchemaError(
        f"{path}: Arrow's type {have!r} does not fit {wanted}: cast the column", path=str(path)
    )


def _zone_misfit(schema: Schema, field: ArrowField, path: Path) -> SchemaError:
    assert schema.logical is not None
    has, name = ("a", "local-") if field.format[4:] else ("no", "")
    return SchemaError(
        f"{path}: the column has {has} time zone, which does not fit {schema.logical.name}: cast it, or "
        f"write it as {'timestamp' if name else 'local-timestamp'}-...",
        path=str(path),
    )
