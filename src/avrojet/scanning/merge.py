"""One schema for files of several schemas: all their fields, of types that hold the values of all files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NoReturn

from avrojet.errors import SchemaError
from avrojet.schema.logical import CLOCKS
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

# Each is promoted to those after it (specification: Schema Resolution).
_NUMBERS: Final = ("int", "long", "float", "double")


def merged_schema(schemas: Sequence[tuple[str, Schema]]) -> Schema:
    """Return the reader's schema that shows the data of all schemas.

    Fields are matched by name; records, enums and fixed by fullname, except the outermost records, which may
    have any name. A field that some schemas lack has its default there, or else null. Numbers become the
    widest of their types, times of one kind the finest of their units, and a type that is null in some schema
    a union with null.

    :param schemas: the schemas, the first of which decides where it can, each with the name of its file.
    :raises SchemaError: if two types have no common type; the message names both files and the field.
    """
    first_file, first = schemas[0]
    merging = _Merging(first.fullname if isinstance(first, RecordSchema) else None)
    merged = merging.read(first, first_file)
    for file, schema in schemas[1:]:
        merged = merging.join(merged, merging.read(schema, file), "$")
    return parse_schema(_Emitting(merging.named).type(merged), names="lax")


@dataclass(slots=True)
class _Type:
    """A type as it is written where it is used: a primitive, a name, or a type with others in it."""

    kind: str
    file: str  # where it was met first
    name: str | None = None
    logical: str | None = None
    props: dict[str, Any] = field(default_factory=dict)
    inner: list[_Type] = field(default_factory=list)

    def __str__(self) -> str:
        return self.name or (f"{self.kind} ({self.logical})" if self.logical else self.kind)


@dataclass(slots=True)
class _Field:
    field: Field
    type: _Type
    seen: int = 1  # in how many definitions of its record


@dataclass(slots=True)
class _Definition:
    """A named type, merged from all files."""

    schema: NamedSchema
    file: str
    aliases: list[str]
    seen: int = 0
    fields: dict[str, _Field] = field(default_factory=dict)
    symbols: list[str] = field(default_factory=list)


class _Merging:
    """:ivar named: the named types by fullname."""

    def __init__(self, root: str | None) -> None:
        self.named: dict[str, _Definition] = {}
        self._root = root
        self._file = ""
        self._of_file: dict[str, str] = {}  # what the file's outermost record is called here
        self._done: set[str] = set()  # the names that the file has defined

    def read(self, schema: Schema, file: str) -> _Type:
        """Return a type of a file, and add its named types to the known ones."""
        self._file, self._of_file, self._done = file, {}, set()
        if self._root is not None and isinstance(schema, RecordSchema):
            self._of_file = {schema.fullname: self._root}
        return self._type(schema, "$")

    def _type(self, schema: Schema, path: str) -> _Type:
        match schema:
            case NamedSchema():
                return self._named_type(schema, path)
            case ArraySchema():
                return self._around("array", schema, [schema.items], path)
            case MapSchema():
                return self._around("map", schema, [schema.values], path)
            case UnionSchema():
                return self._around("union", schema, schema.branches, path)
            case _:
                return self._around(schema.type, schema, (), path)

    def _around(self, kind: str, schema: Schema, within: Iterable[Schema], path: str) -> _Type:
        logical = schema.logical.name if schema.logical is not None else None
        inner = [self._type(each, path) for each in within]
        return _Type(kind, self._file, None, logical, dict(schema.props), inner)

    def _named_type(self, schema: NamedSchema, path: str) -> _Type:
        name = self._of_file.get(schema.fullname, schema.fullname)
        if name not in self._done:
            self._done.add(name)
            self._define(name, schema, path)
        return _Type(self.named[name].schema.type, self._file, name)

    def _define(self, name: str, schema: NamedSchema, path: str) -> None:
        known = self.named.get(name)
        if known is None:
            known = self.named[name] = _Definition(schema, self._file, [])
        elif type(known.schema) is not type(schema):
            self._clash(_Type(known.schema.type, known.file), _Type(schema.type, self._file), path)
        known.seen += 1
        others = [alias for alias in (schema.fullname, *schema.aliases) if alias != name]
        known.aliases += [alias for alias in others if alias not in known.aliases]
        match schema, known.schema:
            case EnumSchema(), EnumSchema():
                known.symbols += [symbol for symbol in schema.symbols if symbol not in known.symbols]
            case FixedSchema(size=size), FixedSchema(size=other) if size != other:
                self._clash(
                    _Type(f"fixed of {other} bytes", known.file), _Type(f"of {size}", self._file), path
                )
            case RecordSchema(), RecordSchema():
                for each in schema.fields:
                    self._add_field(known, each, f"{path}.{each.name}")
            case _:
                pass

    def _add_field(self, record: _Definition, given: Field, path: str) -> None:
        read = self._type(given.type, path)
        known = record.fields.get(given.name)
        if known is None:
            record.fields[given.name] = _Field(given, read)
            return
        known.seen += 1
        known.type = self.join(known.type, read, path)
        if known.field.default is NO_DEFAULT and given.default is not NO_DEFAULT:
            known.field = known.field._replace(default=given.default)

    def join(self, ours: _Type, theirs: _Type, path: str) -> _Type:
        """The type that holds the values of both."""
        joined = self._joined(ours, theirs, path)
        if joined is None:
            self._clash(ours, theirs, path)
        return joined

    def _joined(self, ours: _Type, theirs: _Type, path: str) -> _Type | None:
        """None if no type holds the values of both."""
        if "union" in (ours.kind, theirs.kind):
            return self._union(ours, theirs, path)
        if ours.kind == theirs.kind:
            return self._alike(ours, theirs, path)
        if "null" in (ours.kind, theirs.kind):
            return _Type("union", ours.file, inner=[ours, theirs])
        numbers = ours.kind in _NUMBERS and theirs.kind in _NUMBERS
        if not numbers or ours.logical != theirs.logical:
            return self._finer(ours, theirs)
        return max(ours, theirs, key=lambda each: _NUMBERS.index(each.kind))

    def _alike(self, ours: _Type, theirs: _Type, path: str) -> _Type | None:
        if ours.name != theirs.name:
            return None
        if ours.logical != theirs.logical:
            return self._finer(ours, theirs)
        if ours.logical == "decimal" and any(
            ours.props.get(key) != theirs.props.get(key) for key in ("precision", "scale")
        ):
            return None
        if not ours.inner:
            return ours
        inner = [self.join(ours.inner[0], theirs.inner[0], f"{path}[]")]
        return _Type(ours.kind, ours.file, None, ours.logical, ours.props, inner)

    def _finer(self, ours: _Type, theirs: _Type) -> _Type | None:
        """Return the one of two times of a kind that has the finer unit."""
        one, other = CLOCKS.get(ours.logical or ""), CLOCKS.get(theirs.logical or "")
        if one is None or other is None or one.kind != other.kind:
            return None
        return ours if one.per_second >= other.per_second else theirs

    def _union(self, ours: _Type, theirs: _Type, path: str) -> _Type | None:
        """Return our branches, each merged with the branches of theirs that it can hold, and the rest of
        theirs.
        """
        branches = list(ours.inner) if ours.kind == "union" else [ours]
        for branch in theirs.inner if theirs.kind == "union" else [theirs]:
            place = self._place(branches, branch)
            if place is None:
                branches.append(branch)
                continue
            joined = self._joined(branches[place], branch, path)
            if joined is None:
                return None
            branches[place] = joined
        return _Type("union", ours.file, inner=branches) if len(branches) > 1 else branches[0]

    def _place(self, branches: list[_Type], branch: _Type) -> int | None:
        """Return the index of the branch that another is merged into: one of its type, or a number for a
        number.
        """
        for number, each in enumerate(branches):
            if (each.kind, each.name) == (branch.kind, branch.name):
                return number
        if branch.kind in _NUMBERS:
            for number, each in enumerate(branches):
                if each.kind in _NUMBERS:
                    return number
        return None

    def _clash(self, ours: _Type, theirs: _Type, path: str) -> NoReturn:
        raise SchemaError(
            f"at {path}: {ours} in {ours.file} and {theirs} in {theirs.file} have no common type:"
            " exclude=[...] leaves it out, reader_schema=... says what to read",
            path=path,
        )


class _Emitting:
    """JSON data of the merged types: each name is defined where it comes first."""

    def __init__(self, named: dict[str, _Definition]) -> None:
        self._named = named
        self._done: set[str] = set()

    def type(self, type: _Type) -> Any:
        if type.name is not None:
            return type.name if type.name in self._done else self._definition(type.name)
        if type.kind == "union":
            return [self.type(branch) for branch in type.inner]
        if type.kind == "array":
            return {"type": "array", "items": self.type(type.inner[0]), **type.props}
        if type.kind == "map":
            return {"type": "map", "values": self.type(type.inner[0]), **type.props}
        return {"type": type.kind, **type.props} if type.props else type.kind

    def _definition(self, name: str) -> Any:
        self._done.add(name)
        known = self._named[name]
        schema = known.schema
        data: dict[str, Any] = {**schema.props, "type": schema.type, "name": name}
        if "." not in name:
            data["namespace"] = ""
        if known.aliases:
            data["aliases"] = known.aliases
        if isinstance(schema, EnumSchema):
            data["symbols"] = known.symbols
            if schema.default is not None:
                data["default"] = schema.default
        elif isinstance(schema, FixedSchema):
            data["size"] = schema.size
        else:
            data["fields"] = [self._field(each, known.seen) for each in known.fields.values()]
        return data

    def _field(self, known: _Field, definitions: int) -> Any:
        given = known.field
        type = known.type
        data: dict[str, Any] = {**given.props, "name": given.name, "order": given.order}
        if given.aliases:
            data["aliases"] = list(given.aliases)
        if known.seen < definitions and given.default is NO_DEFAULT:
            data["type"] = self.type(_nullable(type))
            data["default"] = None
        else:
            if given.default is None:
                type = _nullable(type)
            data["type"] = self.type(type)
            if given.default is not NO_DEFAULT:
                data["default"] = given.default
        return data


def _nullable(type: _Type) -> _Type:
    """The union with null, which comes first, as it is the default."""
    branches = type.inner if type.kind == "union" else [type]
    others = [branch for branch in branches if branch.kind != "null"]
    null = _Type("null", type.file)
    return _Type("union", type.file, inner=[null, *others]) if others else null
