"""JSON to schemas (specification: Schema Declaration). Floor 1."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final, Literal, NoReturn

from avrojet.errors import LimitError, SchemaError
from avrojet.limits import DEFAULT_LIMITS, Limits
from avrojet.schema.defaults import check_default
from avrojet.schema.logical import logical_type
from avrojet.schema.model import (
    NO_DEFAULT,
    NO_PROPS,
    ArraySchema,
    EnumSchema,
    Field,
    FixedSchema,
    MapSchema,
    NamedSchema,
    PrimitiveSchema,
    RecordSchema,
    Schema,
    UnionSchema,
    shorten,
)
from avrojet.schema.names import PRIMITIVES, fullname, is_fullname, is_name

NameMode = Literal["strict", "lax"]


def parse_schema(
    source: Any,
    *,
    names: NameMode = "strict",
    named: Mapping[str, NamedSchema] | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> Schema:
    """Make a Schema of its JSON.

    :param source: JSON text (str, or bytes of UTF-8), JSON data (dict, list, str), or a Schema, which
        is returned as it is. A str that begins no JSON value is a type's name: ``"long"``.
    :param names: ``"strict"`` keeps to the specification. ``"lax"`` is for old schemas of the world: any
        text may be a name, and a default that does not fit is dropped with a warning.
    :param named: named types that the source may refer to, by fullname.
    :param limits: bounds ``depth``, ``schema_bytes`` and ``union_branches``.
    :raises SchemaError: if the source breaks a rule; the message begins with the place.
    :raises LimitError: if it exceeds a limit.

    >>> parse_schema({"type": "array", "items": "long"}).canonical_form
    '{"type":"array","items":"long"}'
    """
    if isinstance(source, Schema):
        return source
    if names not in ("strict", "lax"):
        raise ValueError(f'names must be "strict" or "lax": {names!r}')
    parser = Parser(names, dict(named or ()), limits)
    try:
        return parser.schema(_load(source, limits), "")
    except RecursionError:
        raise _too_deep(limits) from None


def restore_schema(text: str) -> Schema:
    """The schema of its own ``json``, which was checked when it was first parsed."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return parse_schema(text, names="lax")


def _too_deep(limits: Limits) -> LimitError:
    return LimitError(f"the schema is nested too deep (limit depth, {limits.depth}, or Python's stack)")


def _load(source: Any, limits: Limits) -> Any:
    """JSON data of JSON text; anything else as it is."""
    if not isinstance(source, str | bytes | bytearray):
        return source
    if len(source) > limits.schema_bytes:
        raise LimitError(f"the schema has {len(source)} characters (limit schema_bytes, {limits.schema_bytes})")
    try:
        text = source if isinstance(source, str) else source.decode()
        if text.lstrip()[:1] not in ("{", "[", '"'):
            return text.strip()
        return json.loads(text)
    except (ValueError, UnicodeDecodeError) as error:
        raise SchemaError(f"the schema is not JSON: {error}") from error


_RESERVED: Final = {
    "array": frozenset(("type", "items")),
    "map": frozenset(("type", "values")),
    "enum": frozenset(("type", "name", "namespace", "aliases", "doc", "symbols", "default")),
    "fixed": frozenset(("type", "name", "namespace", "aliases", "doc", "size")),
    "record": frozenset(("type", "name", "namespace", "aliases", "doc", "fields")),
    "error": frozenset(("type", "name", "namespace", "aliases", "doc", "fields")),
    "field": frozenset(("name", "type", "doc", "default", "order", "aliases")),
}
_TYPE_ONLY: Final = frozenset(("type",))
_PLAIN: Final[dict[str, PrimitiveSchema]] = {name: PrimitiveSchema(name) for name in PRIMITIVES}
_ORDERS: Final = frozenset(("ascending", "descending", "ignore"))


class Parser:
    """One parse: the named types met so far, and the place of the node in hand (for errors)."""

    def __init__(self, mode: NameMode, named: dict[str, NamedSchema], limits: Limits) -> None:
        self.lax = mode == "lax"
        self.named = named
        self.limits = limits
        self.place: list[str | int] = []
        self.unchecked: list[tuple[tuple[str | int, ...], Schema, Any]] = []

    def fail(self, message: str) -> NoReturn:
        path = show_place(self.place)
        raise SchemaError(f"{path}: {message}" if path else message, path=path or None)

    def schema(self, source: Any, namespace: str) -> Schema:
        if len(self.place) > 2 * self.limits.depth:
            raise _too_deep(self.limits)
        if isinstance(source, str):
            return _PLAIN.get(source) or self.reference(source, namespace)
        if isinstance(source, Mapping):
            return self.declared(source, namespace)
        if isinstance(source, Schema):
            return self.known(source)
        if isinstance(source, Sequence) and not isinstance(source, bytes | bytearray):
            return self.union(source, namespace)
        self.fail(f"a schema is a JSON string, object or array, not {_show(source)}")

    def reference(self, name: str, namespace: str) -> Schema:
        found = self.named.get(fullname(name, namespace)) or (
            # In lax mode a bare name is also one of no namespace, as old writers meant it.
            self.named.get(name) if self.lax else None
        )
        if found is None:
            self.fail(f"{name!r} is neither a primitive type nor the name of a type defined before")
        return found

    def known(self, schema: Schema) -> Schema:
        """A Schema as part of another: the named types in it are defined by it."""
        for part in named_types(schema):
            if self.named.setdefault(part.fullname, part) is not part:
                self.fail(f"{part.fullname!r} is defined twice")
        return schema

    def declared(self, source: Mapping[str, Any], namespace: str) -> Schema:
        kind = source.get("type", NO_DEFAULT)
        if isinstance(kind, str):
            if kind in PRIMITIVES:
                return self.primitive(kind, source)
            build = _BUILDERS.get(kind)
            if build is not None:
                return build(self, source, namespace)
        elif kind is NO_DEFAULT:
            self.fail(f"an object needs a type: {_show(dict(source))}")
        return self.nested(source, kind, namespace)

    def nested(self, source: Mapping[str, Any], kind: Any, namespace: str) -> Schema:
        """``{"type": <schema>, ...}``: the inner schema, whose attributes the outer ones add to."""
        self.place.append("type")
        inner = self.schema(kind, namespace)
        self.place.pop()
        extra = {name: value for name, value in source.items() if name != "type"}
        if extra and isinstance(inner, PrimitiveSchema):
            return self.primitive(inner.type, {**inner.props, **extra})
        return inner

    def primitive(self, kind: str, source: Mapping[str, Any]) -> Schema:
        props = self.props(source, _TYPE_ONLY)
        if not props:
            return _PLAIN[kind]
        return PrimitiveSchema(kind, props, logical_type(kind, props))

    def props(self, source: Mapping[str, Any], reserved: frozenset[str]) -> Mapping[str, Any]:
        if source.keys() <= reserved:
            return NO_PROPS
        return MappingProxyType({name: value for name, value in source.items() if name not in reserved})

    def array(self, source: Mapping[str, Any], namespace: str) -> Schema:
        items = self.part(source, "items", namespace)
        return ArraySchema(items, self.props(source, _RESERVED["array"]))

    def map(self, source: Mapping[str, Any], namespace: str) -> Schema:
        values = self.part(source, "values", namespace)
        return MapSchema(values, self.props(source, _RESERVED["map"]))

    def part(self, source: Mapping[str, Any], key: str, namespace: str) -> Schema:
        if key not in source:
            self.fail(f"{source['type']} needs {key!r}")
        self.place.append(key)
        made = self.schema(source[key], namespace)
        self.place.pop()
        return made

    def union(self, source: Sequence[Any], namespace: str) -> Schema:
        if len(source) > self.limits.union_branches:
            raise LimitError(
                f"a union of {len(source)} branches (limit union_branches, {self.limits.union_branches})"
            )
        branches = []
        seen: set[str] = set()
        for i, part in enumerate(source):
            self.place.append(i)
            branch = self.schema(part, namespace)
            if isinstance(branch, UnionSchema):
                self.fail("a union may not directly contain a union")
            name = branch.fullname if isinstance(branch, NamedSchema) else branch.type
            if name in seen:
                self.fail(f"a union may not contain {name!r} twice")
            seen.add(name)
            branches.append(branch)
            self.place.pop()
        return UnionSchema(tuple(branches))

    def define(self, source: Mapping[str, Any], namespace: str) -> tuple[str, str, tuple[str, ...], Any]:
        """Fullname, its namespace, aliases and doc of a named type."""
        name = source.get("name", NO_DEFAULT)
        if name is NO_DEFAULT:
            self.fail(f"{source['type']} needs a name")
        self.check_fullname(name, "the name")
        own = source.get("namespace")
        if own is not None and "." not in name:
            if own != "":
                self.check_fullname(own, "the namespace")
            namespace = own
        full = fullname(name, namespace)
        if full in PRIMITIVES:
            self.fail(f"the primitive type {full!r} may not be defined again")
        if full in self.named:
            self.fail(f"{full!r} is defined twice")
        namespace = full.rpartition(".")[0]
        doc = source.get("doc")
        return full, namespace, self.aliases(source, namespace), doc if isinstance(doc, str) else None

    def aliases(self, source: Mapping[str, Any], namespace: str) -> tuple[str, ...]:
        """As fullnames; they are relative to the namespace of the type."""
        given = source.get("aliases")
        if given is None:
            return ()
        for alias in self.strings(given, "aliases"):
            self.check_fullname(alias, "an alias")
        return tuple(fullname(alias, namespace) for alias in given)

    def strings(self, value: Any, what: str) -> Sequence[str]:
        if isinstance(value, str) or not isinstance(value, Sequence):
            self.fail(f"{what} must be an array of strings, not {_show(value)}")
        return value

    def check_fullname(self, name: Any, what: str) -> None:
        if not isinstance(name, str) or not (is_fullname(name) or (self.lax and name.strip("."))):
            self.fail(f"{what} must be names ([A-Za-z_][A-Za-z0-9_]*) joined by dots, not {_show(name)}")

    def check_name(self, name: Any, what: str) -> None:
        if not isinstance(name, str) or not (is_name(name) or (self.lax and name)):
            self.fail(f"{what} must be a name ([A-Za-z_][A-Za-z0-9_]*), not {_show(name)}")

    def enum(self, source: Mapping[str, Any], namespace: str) -> Schema:
        full, _, aliases, doc = self.define(source, namespace)
        if "symbols" not in source:
            self.fail("enum needs 'symbols'")
        symbols = tuple(self.strings(source["symbols"], "symbols"))
        for symbol in symbols:
            self.check_name(symbol, "a symbol")
        if len(set(symbols)) != len(symbols):
            self.fail("an enum may not have a symbol twice")
        default = source.get("default")
        if default is not None and default not in symbols:
            self.fail(f"the default {_show(default)} is not one of the enum's symbols")
        made = EnumSchema(full, symbols, default, aliases, doc, self.props(source, _RESERVED["enum"]))
        self.named[full] = made
        return made

    def fixed(self, source: Mapping[str, Any], namespace: str) -> Schema:
        full, _, aliases, doc = self.define(source, namespace)
        size = source.get("size")
        if type(size) is not int or size < 0:
            self.fail(f"fixed needs a 'size' of at least 0, not {_show(size)}")
        props = self.props(source, _RESERVED["fixed"])
        made = FixedSchema(full, size, aliases, doc, props, logical_type("fixed", props, size))
        self.named[full] = made
        return made

    def record(self, source: Mapping[str, Any], namespace: str) -> Schema:
        full, namespace, aliases, doc = self.define(source, namespace)
        fields = source.get("fields")
        if isinstance(fields, str) or not isinstance(fields, Sequence):
            self.fail(f"{source['type']} needs 'fields', an array")
        kind = source["type"]
        made = RecordSchema(full, aliases, doc, self.props(source, _RESERVED[kind]), kind)
        self.named[full] = made
        seen: set[str] = set()
        parts = []
        self.place += ("fields", 0)
        for i, field in enumerate(fields):
            self.place[-1] = i
            parts.append(self.field(field, namespace, seen))
        del self.place[-2:]
        made.close(tuple(parts))
        if self.unchecked:
            self.check_defaults()
        return made

    def field(self, source: Any, namespace: str, seen: set[str]) -> Field:
        if not isinstance(source, Mapping):
            self.fail(f"a field is a JSON object, not {_show(source)}")
        name = source.get("name", NO_DEFAULT)
        if name is NO_DEFAULT:
            self.fail("a field needs a name")
        self.check_name(name, "the name of a field")
        if name in seen:
            self.fail(f"the record has two fields {name!r}")
        seen.add(name)
        if "type" not in source:
            self.fail(f"the field {name!r} needs a type")
        self.place.append("type")
        type = self.schema(source["type"], namespace)
        self.place.pop()
        if source.keys() == _PLAIN_FIELD:
            return Field(name, type)
        return self.full_field(name, type, source)

    def full_field(self, name: str, type: Schema, source: Mapping[str, Any]) -> Field:
        default = source.get("default", NO_DEFAULT)
        if default is not NO_DEFAULT:
            self.unchecked.append(((*self.place, "default"), type, default))
        order = source.get("order", "ascending")
        if not isinstance(order, str) or order not in _ORDERS:
            self.fail(f"order must be ascending, descending or ignore, not {_show(order)}")
        aliases = source.get("aliases")
        if aliases is not None:
            for alias in self.strings(aliases, "aliases"):
                self.check_name(alias, "an alias of a field")
        doc = source.get("doc")
        return Field(
            name,
            type,
            default,
            doc if isinstance(doc, str) else None,
            order,  # type: ignore[arg-type]
            tuple(aliases or ()),
            self.props(source, _RESERVED["field"]),
        )

    def check_defaults(self) -> None:
        """Defaults wait until the records that they are for are complete."""
        waiting = self.unchecked
        self.unchecked = []
        for place, schema, default in waiting:
            if isinstance(schema, RecordSchema) and not hasattr(schema, "fields"):
                self.unchecked.append((place, schema, default))
                continue
            reason = check_default(schema, default)
            if reason is None:
                continue
            if not self.lax:
                path = show_place(place)
                raise SchemaError(f"{path}: {reason}", path=path)
            warnings.warn(f"{show_place(place)}: {reason}; the default is kept as it is", stacklevel=2)


_PLAIN_FIELD: Final = {"name", "type"}
_BUILDERS: Final[dict[str, Any]] = {
    "record": Parser.record,
    "error": Parser.record,
    "enum": Parser.enum,
    "fixed": Parser.fixed,
    "array": Parser.array,
    "map": Parser.map,
}


def named_types(schema: Schema) -> Iterator[NamedSchema]:
    """Every named type in a schema, once each."""
    seen: set[int] = set()
    waiting = [schema]
    while waiting:
        part = waiting.pop()
        if id(part) in seen:
            continue
        seen.add(id(part))
        if isinstance(part, NamedSchema):
            yield part
        if isinstance(part, RecordSchema):
            waiting += [field.type for field in part.fields]
        elif isinstance(part, UnionSchema):
            waiting += part.branches
        elif isinstance(part, ArraySchema):
            waiting.append(part.items)
        elif isinstance(part, MapSchema):
            waiting.append(part.values)


def show_place(place: Sequence[str | int]) -> str:
    """``fields[3].type.items``"""
    text = ""
    for step in place:
        text += f"[{step}]" if isinstance(step, int) else f".{step}"
    return text.removeprefix(".")


def _show(value: Any) -> str:
    return shorten(repr(value), 80)
