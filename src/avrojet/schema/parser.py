"""From JSON data to schemas: the rules of the specification's Schema Declaration."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import inf
from types import MappingProxyType
from typing import Any, Final, Literal, TypeAlias, TypeGuard

from avrojet.errors import LimitError, SchemaError
from avrojet.limits import Limits, excess
from avrojet.schema.defaults import (
    NUMBERS_IN_WORDS,
    Defaults,
    IgnoredDefaultWarning,
    Problem,
    UnreadableDefaultWarning,
    describe,
    in_words,
)
from avrojet.schema.logical import IgnoredLogicalTypeWarning, logical_type, plain_logical_types
from avrojet.schema.model import (
    NO_DEFAULT,
    NO_PROPS,
    PRIMITIVE_TYPES,
    ArraySchema,
    EnumSchema,
    Field,
    FixedSchema,
    LogicalType,
    MapSchema,
    NamedSchema,
    PrimitiveSchema,
    RecordSchema,
    Schema,
    UnionSchema,
)
from avrojet.schema.names import (
    are_lax_names,
    are_names,
    fullname,
    is_fullname,
    is_lax_fullname,
    namespace_of,
)
from avrojet.schema.places import TOO_DEEP, Place, invalid, render, show

NameMode = Literal["strict", "lax"]
Find: TypeAlias = "Callable[[str], tuple[Any, Place] | None]"
"""Gives the JSON data of a named type that is defined elsewhere, and the place to name in errors."""

# Schemas may share nodes, which are immutable: the most frequent ones are made once.
_PRIMITIVES: Final = {type: PrimitiveSchema(type) for type in PRIMITIVE_TYPES}
_NULL: Final = _PRIMITIVES["null"]
_LOGICALS: Final = {
    (type, logical.name): PrimitiveSchema(type, MappingProxyType({"logicalType": logical.name}), logical)
    for type in PRIMITIVE_TYPES
    for logical in plain_logical_types(type)
}
_ARRAYS: Final = {type: ArraySchema(items) for type, items in _PRIMITIVES.items()}
_MAPS: Final = {type: MapSchema(values) for type, values in _PRIMITIVES.items()}
_OPTIONALS: Final = {
    pair: UnionSchema((_PRIMITIVES[pair[0]], _PRIMITIVES[pair[1]]))
    for type in PRIMITIVE_TYPES
    if type != "null"
    for pair in (("null", type), (type, "null"))
}
_TAKE_NULL: Final = {id(_NULL), *(id(_OPTIONALS["null", type]) for type in PRIMITIVE_TYPES if type != "null")}

_TYPE: Final = frozenset({"type"})
_ARRAY: Final = frozenset({"type", "items"})
_MAP: Final = frozenset({"type", "values"})
_NAMED: Final = frozenset({"type", "name", "namespace", "doc", "aliases"})
_FIXED: Final = _NAMED | {"size"}
_ENUM: Final = _NAMED | {"symbols", "default"}
_RECORD: Final = _NAMED | {"fields"}
_PLAIN_RECORD: Final = _RECORD - {"doc", "aliases"}
_FIELD: Final = frozenset({"name", "type", "doc", "default", "order", "aliases"})

# What a field is beside its name and type: Field's own order, as most fields have it.
_NOTHING_ELSE: Final[tuple[Any, ...]] = Field("", _NULL)[2:]
_DEFAULT_NULL: Final[tuple[Any, ...]] = (None, *_NOTHING_ELSE[1:])
_new_tuple: Final = tuple.__new__

_LEAST_OBJECT: Final = len('{"type":"A"},')
_LARGEST_SIZE: Final = (1 << 63) - 1  # counts and sizes in Avro are longs


class Parser:
    """Parses one schema.

    :ivar warnings: what was ignored, as category and text.
    """

    __slots__ = (
        "_are_names", "_defaults", "_find", "_has_words", "_is_fullname", "_known", "_length", "_limits",
        "_named", "_strict", "warnings",
    )  # fmt: skip

    def __init__(
        self,
        mode: NameMode,
        limits: Limits,
        named: Mapping[str, NamedSchema] | None = None,
        find: Find | None = None,
    ) -> None:
        if mode not in ("strict", "lax"):
            raise ValueError(f"names is 'strict' or 'lax', not {mode!r}")
        strict = mode == "strict"
        self.warnings: list[tuple[type[UserWarning], str]] = []
        self._strict = strict
        self._are_names = are_names if strict else are_lax_names
        self._is_fullname = is_fullname if strict else is_lax_fullname
        self._limits = limits
        self._named = named
        self._find = find
        self._known: dict[str, NamedSchema] = {}
        self._defaults: list[tuple[RecordSchema, int, Place | None]] = []
        self._length = 0
        self._has_words = False  # whether defaults may have numbers that are words in JSON text

    def parse(self, source: Any) -> Schema:
        """The schema of JSON data.

        :raises SchemaError: if it breaks a rule.
        :raises LimitError: if it exceeds a limit, or nests too deep for Python's stack.
        """
        try:
            schema = self._schema(source, "", None, 0)
            if self._defaults:
                self._check_defaults()
        except RecursionError:
            raise LimitError(TOO_DEEP) from None
        return schema

    def _schema(self, source: Any, namespace: str, place: Place | None, depth: int) -> Schema:
        if isinstance(source, str):
            return _PRIMITIVES.get(source) or self._reference(source, namespace, place, depth)
        if depth >= self._limits.depth:
            raise self._too_deep()
        if isinstance(source, dict):
            return self._object(source, namespace, place, depth + 1)
        if _is_array(source):
            return self._union(source, NO_PROPS, namespace, place, depth + 1)
        if isinstance(source, Schema):
            self._adopt(source, place)
            return source
        if isinstance(source, Mapping):
            return self._object(dict(source), namespace, place, depth + 1)
        raise invalid(f"a schema is a string, an object or an array, not {show(source)}", place)

    def _object(self, source: dict[str, Any], namespace: str, place: Place | None, depth: int) -> Schema:
        kind = source.get("type")
        if isinstance(kind, str):
            build = _COMPLEX.get(kind)
            if build is not None:
                return build(self, source, namespace, place, depth)
            plain = _PRIMITIVES.get(kind)
            if plain is None:
                return self._reference(kind, namespace, place, depth)
            return plain if len(source) == 1 else self._primitive(kind, source, place)
        if kind is None:
            raise invalid(f"an object needs the attribute 'type': {show(source)}", place)
        return self._wrapped(source, namespace, place, depth)

    def _wrapped(self, source: dict[str, Any], namespace: str, place: Place | None, depth: int) -> Schema:
        """A schema where the name of a type belongs: it counts, and has the attributes around it too."""
        merged = dict(source)  # once for all levels, each of which can have many attributes
        inner = merged["type"]
        while isinstance(inner, Mapping):
            if depth >= self._limits.depth:
                raise self._too_deep()
            self._count(_LEAST_OBJECT)
            place, depth = (place, "type", 0), depth + 1
            del merged["type"]
            merged.update(inner)
            inner = merged.get("type")
            if inner is None or isinstance(inner, str):
                return self._object(merged, namespace, place, depth)
        if _is_array(inner):
            props = self._props(merged, _TYPE, place)
            self._logical("union", props, place)
            return self._union(inner, props, namespace, (place, "type", 0), depth)
        return self._schema(inner, namespace, (place, "type", 0), depth)

    # -- limits ------------------------------------------------------------------------------------

    def _too_deep(self) -> LimitError:
        return excess(self._limits, "depth", "the schema is nested too deep")

    def _count(self, characters: int) -> None:
        """Count what a part takes at least as JSON text.

        Text was measured before. Data may have one part in many places, and such data can double with
        each level.
        """
        self._length += characters
        if self._length > self._limits.schema_bytes:
            raise excess(self._limits, "schema_bytes", "the schema has too many characters")

    # -- names -------------------------------------------------------------------------------------

    def _reference(self, name: str, namespace: str, place: Place | None, depth: int) -> Schema:
        found = self._lookup(fullname(name, namespace), place, depth)
        if found is None and namespace and "." not in name:
            # The specification has no way to refer to the null namespace from another. Java writes the
            # bare name, and reads it so.
            found = self._lookup(name, place, depth)
        if found is None:
            raise invalid(
                f"{show(name)} is neither a primitive type nor the name of a type defined before", place
            )
        return found

    def _lookup(self, name: str, place: Place | None, depth: int) -> Schema | None:
        found = self._known.get(name)
        if found is None and self._named is not None:
            found = self._named.get(name)
            if found is not None:
                self._adopt(found, place)
        if found is None and self._find is not None:
            elsewhere = self._find(name)
            if elsewhere is not None:
                self._schema(elsewhere[0], "", elsewhere[1], depth + 1)
                found = self._known.get(name)
        return found

    def _adopt(self, schema: Schema, place: Place | None) -> None:
        """Take the named types of a Schema for defined here: it becomes part of this one."""
        seen = set()
        waiting = [schema]
        while waiting:
            part = waiting.pop()
            if id(part) in seen or (isinstance(part, NamedSchema) and self._is_known(part, place)):
                continue  # what a known type contains is known too
            seen.add(id(part))
            waiting += _inner(part)

    def _is_known(self, named: NamedSchema, place: Place | None) -> bool:
        """Whether the type was defined before; it is from now on."""
        known = self._known.get(named.fullname)
        if known is None:
            self._known[named.fullname] = named
        # Types of schemas that were parsed one by one may be equal without being one object.
        elif known is not named and not (_is_whole(known) and known == named):
            raise invalid(f"{named.fullname!r} is defined twice", place)
        return known is not None

    def _define(self, source: dict[str, Any], namespace: str, place: Place | None) -> str:
        """The fullname of a definition."""
        name = source.get("name")
        if not isinstance(name, str):
            raise invalid(f"{_article(source['type'])} needs a name, a string, not {show(name)}", place)
        if not self._is_fullname(name):
            raise self._no_name("name", name, (place, "name", 0))
        own = source.get("namespace")
        if own is not None:
            if not isinstance(own, str) or (self._strict and own and not is_fullname(own)):
                raise self._no_name("namespace", own, (place, "namespace", 0))
            namespace = own
        full = fullname(name, namespace)
        if full in self._known:
            raise invalid(f"{full!r} is defined twice", place)
        if full.rpartition(".")[2] in _PRIMITIVES:
            raise invalid(f"{full!r}: no type may have the name of a primitive type", place)
        return full

    def _no_name(self, what: str, text: Any, place: Place | None) -> SchemaError:
        if not isinstance(text, str):
            return invalid(f"the {what} is a string, not {show(text)}", place)
        if not self._strict or not text:
            return invalid(f"the {what} {show(text)} is empty", place)
        return invalid(
            f"the {what} {show(text)} is not [A-Za-z_][A-Za-z0-9_]*"
            f"{' with dots between' if what in ('name', 'namespace') else ''}; names='lax' takes it",
            place,
        )

    def _type_aliases(self, source: dict[str, Any], name: str, place: Place | None) -> tuple[str, ...]:
        """Fullnames; in the JSON they are relative to the namespace of the type."""
        aliases = source.get("aliases")
        if aliases is None:
            return ()
        namespace = namespace_of(name)
        # Any string is accepted, so that old data with bad names can be read (specification: Aliases).
        return tuple(fullname(alias, namespace) for alias in _strings(aliases, "aliases", place))

    # -- types without names -----------------------------------------------------------------------

    def _primitive(self, kind: Any, source: dict[str, Any], place: Place | None) -> Schema:
        if len(source) == 2:
            name = source.get("logicalType")
            if isinstance(name, str) and (kind, name) in _LOGICALS:
                return _LOGICALS[kind, name]
        props = self._props(source, _TYPE, place)
        return PrimitiveSchema(kind, props, self._logical(kind, props, place))

    def _array(self, source: dict[str, Any], namespace: str, place: Place | None, depth: int) -> Schema:
        if "items" not in source:
            raise invalid("an array needs the attribute 'items'", place)
        items = source["items"]
        if len(source) == 2 and isinstance(items, str) and items in _ARRAYS:
            return _ARRAYS[items]
        schema = self._schema(items, namespace, (place, "items", 0), depth)
        return ArraySchema(schema, self._complex_props(source, _ARRAY, place))

    def _map(self, source: dict[str, Any], namespace: str, place: Place | None, depth: int) -> Schema:
        if "values" not in source:
            raise invalid("a map needs the attribute 'values'", place)
        values = source["values"]
        if len(source) == 2 and isinstance(values, str) and values in _MAPS:
            return _MAPS[values]
        schema = self._schema(values, namespace, (place, "values", 0), depth)
        return MapSchema(schema, self._complex_props(source, _MAP, place))

    def _union(
        self,
        source: Sequence[Any],
        props: Mapping[str, Any],
        namespace: str,
        place: Place | None,
        depth: int,
    ) -> Schema:
        if len(source) == 2 and isinstance(source[0], str) and isinstance(source[1], str) and not props:
            optional = _OPTIONALS.get((source[0], source[1]))
            if optional is not None:
                return optional
        if len(source) > self._limits.union_branches:
            what = f"a union of {len(source)} branches"
            raise excess(self._limits, "union_branches", what, path=render(place))
        branches = []
        seen: set[str | tuple[str]] = set()
        for index, item in enumerate(source):
            if not isinstance(item, str):
                self._count(_LEAST_OBJECT)
            at = place, "[{}]", index
            branch = self._schema(item, namespace, at, depth)
            if isinstance(branch, UnionSchema):
                raise invalid("a union may not immediately contain a union", at)
            # In a tuple, the fullname "array" is not the type of that name.
            key = (branch.fullname,) if isinstance(branch, NamedSchema) else branch.type
            if key in seen:
                raise invalid(f"the union contains {_describe(branch)} twice", at)
            seen.add(key)
            branches.append(branch)
        return UnionSchema(tuple(branches), props)

    # -- named types -------------------------------------------------------------------------------

    def _fixed(self, source: dict[str, Any], namespace: str, place: Place | None, depth: int) -> Schema:
        name = self._define(source, namespace, place)
        size = source.get("size")
        if not isinstance(size, int) or isinstance(size, bool) or not 0 <= size <= _LARGEST_SIZE:
            raise invalid(f"a fixed needs a size, a number of bytes, not {show(size)}", (place, "size", 0))
        props = self._props(source, _FIXED, place)
        schema = FixedSchema(
            name,
            size,
            self._type_aliases(source, name, place),
            _doc(source, place),
            props,
            self._logical("fixed", props, place, size),
        )
        self._known[name] = schema
        return schema

    def _enum(self, source: dict[str, Any], namespace: str, place: Place | None, depth: int) -> Schema:
        name = self._define(source, namespace, place)
        symbols = self._symbols(source, place)
        default = source.get("default")
        if default is not None and default not in symbols:
            raise invalid(f"{show(default)} is not one of the symbols", (place, "default", 0))
        schema = EnumSchema(
            name,
            symbols,
            default,
            self._type_aliases(source, name, place),
            _doc(source, place),
            self._complex_props(source, _ENUM, place),
        )
        self._known[name] = schema
        return schema

    def _symbols(self, source: dict[str, Any], place: Place | None) -> tuple[str, ...]:
        symbols = _strings(source.get("symbols"), "symbols", place)
        if self._are_names(symbols) and len(set(symbols)) == len(symbols):
            return symbols
        seen = set()
        for index, symbol in enumerate(symbols):
            at = place, "symbols[{}]", index
            if not self._are_names((symbol,)):
                raise self._no_name("symbol", symbol, at)
            if symbol in seen:
                raise invalid(f"the enum has the symbol {show(symbol)} twice", at)
            seen.add(symbol)
        raise AssertionError(symbols)

    def _record(self, source: dict[str, Any], namespace: str, place: Place | None, depth: int) -> Schema:
        name = self._define(source, namespace, place)
        fields = source.get("fields")
        if not _is_array(fields):
            raise invalid(
                f"{_article(source['type'])} needs fields, an array, not {show(fields)}",
                (place, "fields", 0),
            )
        if _PLAIN_RECORD.issuperset(source):
            schema = RecordSchema(name, type=source["type"])
        else:
            schema = RecordSchema(
                name,
                self._type_aliases(source, name, place),
                _doc(source, place),
                self._complex_props(source, _RECORD, place),
                source["type"],
            )
        self._known[name] = schema  # before its fields, which may refer to it
        schema.close(self._fields(schema, fields, place, depth))
        return schema

    def _fields(
        self, record: RecordSchema, sources: Sequence[Any], place: Place | None, depth: int
    ) -> tuple[Field, ...]:
        # Column by column: each check is one call for all fields.
        try:
            names = [source["name"] for source in sources]
            kinds = [source["type"] for source in sources]
            sound = self._are_names(names) and len(set(names)) == len(names)
        except (KeyError, TypeError):
            sound = False
        if not sound:
            raise self._field_problem(sources, place)
        namespace = record.namespace
        fields: list[Field] = []
        for name, kind, source in zip(names, kinds, sources, strict=True):
            schema: Schema | None = _PRIMITIVES.get(kind) if type(kind) is str else None
            if schema is None:
                schema = self._schema(kind, namespace, (place, "fields[{}].type", len(fields)), depth)
            rest = _NOTHING_ELSE
            if len(source) != 2:
                at = place, "fields[{}]", len(fields)
                rest = self._field_attributes(source, schema, at)
                if rest[0] is not NO_DEFAULT and rest is not _DEFAULT_NULL:
                    self._defaults.append((record, len(fields), at))
            fields.append(_new_tuple(Field, (name, schema, *rest)))
        return tuple(fields)

    def _field_attributes(
        self, source: Mapping[str, Any], schema: Schema, place: Place | None
    ) -> tuple[Any, ...]:
        """What a Field has behind its name and type."""
        default = source.get("default", NO_DEFAULT)
        if default is None and len(source) == 3 and id(schema) in _TAKE_NULL:
            return _DEFAULT_NULL
        if default is not NO_DEFAULT:
            default = self._json_data(default, (place, "default", 0))
        order = source.get("order")
        if order is None:
            order = "ascending"
        elif order not in ("ascending", "descending", "ignore"):
            raise invalid(
                f"the order is 'ascending', 'descending' or 'ignore', not {show(order)}",
                (place, "order", 0),
            )
        aliases = source.get("aliases")
        props = self._props(source, _FIELD, place)
        if props:
            self._logical("a field itself, only with its type", props, place)
        return (
            default,
            _doc(source, place),
            order,
            () if aliases is None else _strings(aliases, "aliases", place),
            props,
        )

    def _field_problem(self, sources: Sequence[Any], place: Place | None) -> SchemaError:
        """Which field has no good name or no type."""
        seen = set()
        for index, source in enumerate(sources):
            at = place, "fields[{}]", index
            if not isinstance(source, Mapping):
                return invalid(f"a field is an object, not {show(source)}", at)
            name = source.get("name")
            if not isinstance(name, str):
                return invalid(f"a field needs a name, a string, not {show(name)}", at)
            if not self._are_names((name,)):
                return self._no_name("field name", name, at)
            if name in seen:
                return invalid(f"the record has two fields {name!r}", at)
            if "type" not in source:
                return invalid(f"the field {name!r} needs the attribute 'type'", at)
            seen.add(name)
        raise AssertionError(sources)

    def _check_defaults(self) -> None:
        """Only now are the records complete for which there are defaults."""
        defaults = Defaults(self._limits)
        for record, index, place in self._defaults:
            field = record.fields[index]
            problem, unreadable = defaults.verdict(field.type, field.default)
            if problem is None and self._has_words:
                field = field._replace(default=Defaults().in_numbers(field.type, field.default))
                _replace_field(record, index, field)
                problem = _changed_by_words(field)
            if problem is not None:
                self._ignore_default(record, index, problem, (place, "default{}", problem[0]))
            elif unreadable is not None:
                what = describe(unreadable, render((place, "default", 0)))
                text = f"{what}: whoever needs the default gets an error"
                self.warnings.append((UnreadableDefaultWarning, text))

    def _ignore_default(self, record: RecordSchema, index: int, problem: Problem, place: Place) -> None:
        """Take the field for one without default, in the lax mode."""
        what = describe(("", *problem[1:]))
        if self._strict:
            raise invalid(f"{what}; names='lax' takes the field for one without default", place)
        self.warnings.append(
            (IgnoredDefaultWarning, f"{render(place)}: {what}; the field has no default then")
        )
        field = record.fields[index]
        props = MappingProxyType({**field.props, "default": field.default})
        _replace_field(record, index, field._replace(default=NO_DEFAULT, props=props))

    # -- attributes --------------------------------------------------------------------------------

    def _props(
        self, source: Mapping[str, Any], known: frozenset[str], place: Place | None
    ) -> Mapping[str, Any]:
        """The attributes that the specification leaves to users."""
        if known.issuperset(source):
            return NO_PROPS
        props = {}
        for name, value in source.items():
            if name not in known:
                props[_json_key(name, place)] = self._json_data(value, (place, "{}", name))
        return MappingProxyType(props)

    def _json_data(self, value: Any, place: Place | None) -> Any:
        """A copy of what JSON can say, which no one else can change.

        NaN and the infinities pass; JSON has no form for them, so they are words in the schema's text.
        """
        if value is None or isinstance(value, _SCALARS):
            if isinstance(value, int) and value.bit_length() > _MOST_BITS:
                raise invalid(f"a number of {value.bit_length()} bits is too long for JSON text", place)
            if (
                value in NUMBERS_IN_WORDS
                if isinstance(value, str)
                else value != value or value in _INFINITIES
            ):
                self._has_words = True
            self._count(_LEAST_VALUE + len(value) if isinstance(value, str) else _LEAST_VALUE)
            return value if type(value) in _PLAIN_SCALARS else _plain_scalar(value)
        self._count(_LEAST_VALUE)
        if isinstance(value, Mapping):
            return {
                _json_key(key, place): self._json_data(item, (place, "{}", key))
                for key, item in value.items()
            }
        if _is_array(value):
            return [self._json_data(item, (place, "[{}]", index)) for index, item in enumerate(value)]
        hint = ": give its .item()" if hasattr(value, "item") else ""  # one of numpy's numbers
        raise invalid(f"{show(value)} is no JSON data{hint}", place)

    def _complex_props(
        self, source: dict[str, Any], known: frozenset[str], place: Place | None
    ) -> Mapping[str, Any]:
        """The same for a type that no logical type of the specification goes with."""
        props = self._props(source, known, place)
        if props:
            self._logical(source["type"], props, place)
        return props

    def _logical(
        self, kind: str, props: Mapping[str, Any], place: Place | None, size: int = 0
    ) -> LogicalType | None:
        if "logicalType" not in props:
            return None

        def report(problem: str) -> None:
            path = render(place)
            self.warnings.append((IgnoredLogicalTypeWarning, f"{path}: {problem}" if path else problem))

        return logical_type(kind, props, size, report)


def _replace_field(record: RecordSchema, index: int, field: Field) -> None:
    """Nobody has seen the record yet."""
    fields = list(record.fields)
    fields[index] = field
    object.__setattr__(record, "fields", tuple(fields))


def _changed_by_words(field: Field) -> Problem | None:
    """What is wrong with NaN or an infinity whose word in the schema's text would be taken for text."""
    words = in_words(field.default)
    if Defaults().encode(field.type, words) == Defaults().encode(field.type, field.default):
        return None
    return "", field.default, "has no form in JSON here: its word would be taken for text"


_COMPLEX: Final[dict[str, Callable[[Parser, dict[str, Any], str, Place | None, int], Schema]]] = {
    "record": Parser._record,
    "error": Parser._record,
    "enum": Parser._enum,
    "fixed": Parser._fixed,
    "array": Parser._array,
    "map": Parser._map,
}


def _inner(schema: Schema) -> Sequence[Schema]:
    if isinstance(schema, RecordSchema):
        return [field.type for field in schema.fields]
    if isinstance(schema, UnionSchema):
        return schema.branches
    if isinstance(schema, ArraySchema):
        return (schema.items,)
    return (schema.values,) if isinstance(schema, MapSchema) else ()


def _is_whole(schema: Schema) -> bool:
    """Whether no record in it still waits for its fields."""
    seen = set()
    waiting = [schema]
    while waiting:
        part = waiting.pop()
        if isinstance(part, RecordSchema) and not part.is_closed:
            return False
        if id(part) not in seen:
            seen.add(id(part))
            waiting += _inner(part)
    return True


_BUFFERS: Final = (str, bytes, bytearray, memoryview)


def _is_array(value: Any) -> TypeGuard[Sequence[Any]]:
    return isinstance(value, list) or (isinstance(value, Sequence) and not isinstance(value, _BUFFERS))


def _doc(source: Mapping[str, Any], place: Place | None) -> str | None:
    doc = source.get("doc")
    if doc is None or isinstance(doc, str):
        return doc
    raise invalid(f"documentation is a string, not {show(doc)}", (place, "doc", 0))


def _strings(value: Any, what: str, place: Place | None) -> tuple[str, ...]:
    if not _is_array(value) or not all(isinstance(item, str) for item in value):
        raise invalid(f"{what} are an array of strings, not {show(value)}", (place, what, 0))
    return tuple(value)


def _json_key(key: Any, place: Place | None) -> str:
    if not isinstance(key, str):
        raise invalid(f"the name of an attribute is a string, not {show(key)}", place)
    return key


_MOST_BITS: Final = 14_000  # a little below the 4300 digits that Python writes and reads
_SCALARS: Final = (str, int, float)  # a tuple: the union of types would be made for each call
_INFINITIES: Final = (inf, -inf)
_PLAIN_SCALARS: Final = frozenset((str, int, float, bool, type(None)))
_LEAST_VALUE: Final = len("0,")


def _plain_scalar(value: Any) -> Any:
    """The number or text that a subclass of their types (an enum, one of numpy's) stands for."""
    if isinstance(value, str):
        return str.__str__(value)
    return int.__int__(value) if isinstance(value, int) else float.__float__(value)


def _article(kind: str) -> str:
    return f"an {kind}" if kind[0] in "ae" else f"a {kind}"


def _describe(schema: Schema) -> str:
    return repr(schema.fullname if isinstance(schema, NamedSchema) else schema.type)
