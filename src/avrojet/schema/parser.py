# cython: annotation_typing=False, wraparound=True
"""From JSON data to schemas: the rules of the specification's Schema Declaration.

This file is compiled; parser.pxd has its C declarations. All recursion is bounded, as C does not check it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final, Literal, TypeAlias

from avrojet.errors import SchemaError, SchemaLimitError
from avrojet.levels import is_deep
from avrojet.limits import Limits, excess
from avrojet.messages import show
from avrojet.schema.defaults import (
    NUMBERS_IN_WORDS,
    Defaults,
    IgnoredDefaultWarning,
    Problem,
    UnreadableDefaultWarning,
    describe,
    in_words,
)
from avrojet.schema.definitions import Definition, all_definitions, same_definition
from avrojet.schema.hints import unknown_type
from avrojet.schema.jsondata import LEAST_VALUE, copied, is_array, json_key
from avrojet.schema.logical import IgnoredLogicalTypeWarning, logical_type
from avrojet.schema.model import (
    NO_DEFAULT,
    NO_PROPS,
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
from avrojet.schema.names import are_names, are_texts, fullname, is_fullname, namespace_of
from avrojet.schema.places import TOO_DEEP, Place, invalid, render
from avrojet.schema.shared import PRIMITIVES, new_field, shared, usual_field
from avrojet.unstacked import Work, finish

NameMode = Literal["strict", "lax"]
Find: TypeAlias = "Callable[[str], tuple[Any, Place] | None]"
"""Returns the JSON data of a named type that is defined elsewhere, and the place to name in errors."""
Making: TypeAlias = "Schema | Work[Schema]"
"""A schema, or the work that makes it after its parts: schemas may nest deeper than Python's stack."""

_TYPE: Final = frozenset({"type"})
_ARRAY: Final = frozenset({"type", "items"})
_MAP: Final = frozenset({"type", "values"})
_NAMED: Final = frozenset({"type", "name", "namespace", "doc", "aliases"})
_FIXED: Final = _NAMED | {"size"}
_ENUM: Final = _NAMED | {"symbols", "default"}
_RECORD: Final = _NAMED | {"fields"}
_PLAIN_RECORD: Final = _RECORD - {"doc", "aliases"}
_FIELD: Final = frozenset({"name", "type", "doc", "default", "order", "aliases"})
_COMPLEX: Final = frozenset({"record", "error", "enum", "fixed", "array", "map"})
_ORDERS: Final = ("ascending", "descending", "ignore")

_LEAST_OBJECT: Final = len('{"type":"A"},')
_LEAST_FIELD: Final = len('{"name":"","type":[]}')
_FEW_BITS: Final = 1 << 62  # the length of smaller numbers as text need not be checked
_LARGEST_SIZE: Final = (1 << 63) - 1  # counts and sizes in Avro are longs


# Schemas may nest deeper than Python's stack: after this many levels it is unwound before the next are made.
_LEVELS_AT_ONCE: Final = 8


class IgnoredAttributeWarning(UserWarning):
    """An attribute of a schema is not valid; lax mode ignores it."""


class Parser:
    """Parses one schema, or several that share their named types: :meth:`part` for each, then :meth:`close`.

    :ivar known: the named types defined so far, by fullname.
    :ivar has_words: whether defaults may contain NaN, an infinity, or the word for one.
    :ivar warnings: what was ignored, as category and text.
    """

    def __init__(
        self,
        mode: NameMode,
        limits: Limits,
        named: Mapping[str, NamedSchema] | None = None,
        find: Find | None = None,
    ) -> None:
        if mode not in ("strict", "lax"):
            raise ValueError(f"names must be 'strict' or 'lax', not {mode!r}")
        strict = mode == "strict"
        self.warnings: list[tuple[type[UserWarning], str]] = []
        self._strict = strict
        self._are_names = are_names if strict else are_texts
        self._limits = limits
        self._depth = limits.depth
        self._levels = 0  # that the stack holds now
        self._most_characters = limits.schema_bytes
        self._named = named
        self._find = find
        self.known: dict[str, NamedSchema] = {}
        self._references: list[tuple[RecordSchema, RecordSchema]] = []
        self._defaults: list[tuple[RecordSchema, int, Place | None]] = []
        self._characters = 0  # that the data take as JSON text, at least
        self._names = 0  # characters of fullnames
        self._source: Any = None
        self._later: dict[str, Definition] | None = None
        self._early: dict[str, Any] = {}  # JSON data of types that were defined before their turn
        self.has_words = False

    def parse(self, source: Any) -> Schema:
        """The schema of JSON data.

        :raises SchemaError: if it breaks a rule.
        :raises LimitError: if it exceeds a limit, or a value in it nests too deep for Python's stack.
        """
        schema = self.part(source)
        self.close()
        return schema

    def part(self, source: Any, namespace: str = "", place: Place | None = None) -> Schema:
        """The schema of JSON data, one of several; :meth:`close` checks its defaults.

        :param namespace: the enclosing one.
        :param place: its place, for errors.
        :raises SchemaError, LimitError: as :meth:`parse`.
        """
        self._source = source
        self._later = None
        try:
            made = self._schema(source, namespace, place, 0)
            schema: Schema = made if isinstance(made, Schema) else finish(made)  # type: ignore[arg-type]
            return schema
        except RecursionError:
            raise SchemaLimitError(TOO_DEEP) from None

    def parameters(self, sources: Any, namespace: str, place: Place | None) -> RecordSchema:
        """The anonymous record of a message's parameters; the arguments are those of :meth:`part`.

        Its name is empty, and its namespace is the enclosing one.
        """
        if not is_array(sources):
            raise invalid(f"parameters must be an array of fields, not {show(sources)}", place)
        record = RecordSchema(f"{namespace}." if namespace else "")
        try:
            finish(self._with_fields(record, sources, place, 1))
        except RecursionError:
            raise SchemaLimitError(TOO_DEEP) from None
        return record

    def description(
        self, source: Mapping[str, Any], known: frozenset[str], place: Place | None
    ) -> tuple[str | None, Mapping[str, Any]]:
        """Documentation and users' attributes of a protocol or a message.

        :param known: the attributes that the specification defines.
        :raises SchemaError, LimitError: as :meth:`parse`.
        """
        known = self._valid(source, known, place)
        doc = source.get("doc") if "doc" in known else None
        try:
            return doc, self._props(source, known, place)
        except RecursionError:
            raise SchemaLimitError(TOO_DEEP) from None

    def close(self) -> None:
        """Check the defaults of all parts.

        :raises SchemaError, LimitError: as :meth:`parse`.
        """
        try:
            if self._defaults:
                self._check_defaults()
        except RecursionError:
            raise SchemaLimitError(TOO_DEEP) from None

    def _schema(self, source: Any, namespace: str, place: Place | None, depth: int) -> Making:
        if isinstance(source, str):
            return PRIMITIVES.get(source) or self._reference(source, namespace, place, depth)
        if depth >= self._depth:
            raise self._too_deep()
        known = shared(source)
        if known is not None:
            return known
        if isinstance(source, dict):
            return self._object(source, namespace, place, depth + 1)
        if isinstance(source, list) or is_array(source):
            return self._union(source, NO_PROPS, namespace, place, depth + 1)
        if isinstance(source, Schema):
            self._adopt(source, place)
            return source
        if isinstance(source, Mapping):
            return self._object(dict(source), namespace, place, depth + 1)
        raise invalid(f"a schema must be a string, an object or an array, not {show(source)}", place)

    def _part(self, source: Any, namespace: str, place: Place, depth: int) -> Making:
        """The schema of items, values, or a branch."""
        if not isinstance(source, str):
            self._count(_LEAST_OBJECT)
        return self._schema(source, namespace, place, depth)

    def _object(self, source: dict[str, Any], namespace: str, place: Place | None, depth: int) -> Making:
        kind = source.get("type")
        if isinstance(kind, str):
            plain = PRIMITIVES.get(kind)
            if plain is not None:
                return plain if len(source) == 1 else self._primitive(kind, source, place)
            if kind not in _COMPLEX:
                return self._referring_object(kind, source, namespace, place, depth)
            if self._levels == _LEVELS_AT_ONCE:
                return self._complex_unwound(kind, source, namespace, place, depth)
            self._levels += 1
            try:
                return self._complex(kind, source, namespace, place, depth)
            finally:
                self._levels -= 1
        if kind is None:
            raise invalid(f"an object needs the attribute 'type': {show(source)}", place)
        return self._wrapped(source, namespace, place, depth)

    def _complex(
        self, kind: str, source: dict[str, Any], namespace: str, place: Place | None, depth: int
    ) -> Making:
        if kind == "record" or kind == "error":
            return self._record(source, namespace, place, depth)
        if kind == "array":
            return self._array(source, namespace, place, depth)
        if kind == "map":
            return self._map(source, namespace, place, depth)
        if kind == "enum":
            return self._enum(source, namespace, place)
        return self._fixed(source, namespace, place)

    def _complex_unwound(
        self, kind: str, source: dict[str, Any], namespace: str, place: Place | None, depth: int
    ) -> Work[Schema]:
        """The same as work, which is done after the stack was unwound."""
        made = self._complex(kind, source, namespace, place, depth)
        return made if isinstance(made, Schema) else (yield made)

    def _wrapped(self, source: dict[str, Any], namespace: str, place: Place | None, depth: int) -> Making:
        """An object whose ``type`` is a schema: that schema, with the attributes of the object added."""
        merged = dict(source)  # once for all levels, each of which can have many attributes
        inner = merged["type"]
        while isinstance(inner, Mapping):
            if depth >= self._depth:
                raise self._too_deep()
            self._count(_LEAST_OBJECT)
            place, depth = (place, "type", 0), depth + 1
            del merged["type"]
            merged.update(inner)
            inner = merged.get("type")
            if inner is None or isinstance(inner, str):
                return self._object(merged, namespace, place, depth)
        if is_array(inner):
            props = self._props(merged, _TYPE, place)
            self._logical("union", props, place)
            return self._union(inner, props, namespace, (place, "type", 0), depth)
        return self._schema(inner, namespace, (place, "type", 0), depth)

    # -- limits ------------------------------------------------------------------------------------

    def _too_deep(self) -> SchemaLimitError:
        return excess(self._limits, "depth", "the schema is nested too deep")

    def _count(self, characters: int) -> None:
        """Count the least number of characters that a part takes as JSON text.

        The length of text was checked before. Data may contain one object in many places, and can so double
        with each level.
        """
        self._characters += characters
        if self._characters > self._most_characters:
            raise excess(self._limits, "schema_bytes", "the schema has too many characters")

    def count(self, characters: int) -> None:
        """Count the least number of characters that a part takes as JSON text.

        :raises LimitError: if there are too many in all.
        """
        self._count(characters)

    # -- names -------------------------------------------------------------------------------------

    def _fullname(self, name: str, namespace: str) -> str:
        """The fullname, whose characters are counted.

        Fullnames of thousands of types that inherit one long namespace, or are referred to by their short
        names, can take the square of the schema's size in memory, and in canonical form.
        """
        if not namespace or "." in name:
            return fullname(name, namespace)
        self._names += len(namespace) + len(name)
        if self._names > self._most_characters:
            what = "the names of the schema's types, each with its namespace, have too many characters"
            raise excess(self._limits, "schema_bytes", what)
        return f"{namespace}.{name}"

    def _reference(self, name: str, namespace: str, place: Place | None, depth: int) -> Making:
        full = self._fullname(name, namespace)
        return self.known.get(full) or self._sought(name, full, place, depth)

    def _sought(self, name: str, full: str, place: Place | None, depth: int) -> Work[Schema]:
        """A type that is not defined so far: one of ``named``, or one that is defined elsewhere.

        The specification has no way to refer to the null namespace from another. Java writes the bare name
        for it, and reads it as such.
        """
        for known_as in (full,) if "." in name else dict.fromkeys((full, name)):
            found = self.known.get(known_as) or self._given(known_as, place)
            if found is None:
                definition = self._elsewhere(known_as)
                if definition is not None:
                    source, around, at = definition
                    yield self._schema(source, around, at, depth)
                    found = self.known.get(known_as)
            if found is not None:
                return found
        raise self._unknown(name, full, place)

    def _given(self, name: str, place: Place | None) -> NamedSchema | None:
        given = None if self._named is None else self._named.get(name)
        if given is not None:
            self._adopt(given, place)
        return given

    def _elsewhere(self, name: str) -> Definition | None:
        """The definition in another file or, in lax mode, later in this one."""
        if self._find is not None:
            found = self._find(name)
            if found is not None:
                return found[0], "", found[1]
        if self._strict:
            return None
        definition = self._defined_later(name)
        if definition is not None:
            self._early[name] = definition[0]
        return definition

    def _defined_later(self, name: str) -> Definition | None:
        if self._later is None:
            self._later = all_definitions(self._source, self._fullname)
        return self._later.get(name)

    def _unknown(self, name: str, full: str, place: Place | None) -> SchemaError:
        try:
            later = self._defined_later(full)
        except SchemaLimitError:
            later = None
        known = (*self.known, *(self._named or ()))
        return invalid(unknown_type(name, known, later and render(later[2])), place)

    def _referring_object(
        self, name: str, source: dict[str, Any], namespace: str, place: Place | None, depth: int
    ) -> Making:
        """The name of a type with attributes, which belong to this reference."""
        found = self._reference(name, namespace, place, depth)
        return found if len(source) == 1 else self._with_attributes(found, source, place)

    def _with_attributes(self, found: Making, source: dict[str, Any], place: Place | None) -> Work[Schema]:
        schema = yield found
        props = self._props(source, _TYPE, place)
        if not props or not isinstance(schema, NamedSchema):
            return schema
        every = MappingProxyType({**schema.props, **props})
        size = schema.size if isinstance(schema, FixedSchema) else 0
        reference = schema.referred(props, every, self._logical(schema.type, every, place, size))
        if isinstance(reference, RecordSchema) and isinstance(schema, RecordSchema):
            self._references.append((reference, schema))
        return reference

    def _adopt(self, schema: Schema, place: Place | None) -> None:
        """Make the named types of a Schema known, as it becomes part of this one."""
        seen = set()
        waiting = [schema]
        while waiting:
            part = waiting.pop()
            part = part.definition if isinstance(part, NamedSchema) else part
            if id(part) in seen or (isinstance(part, NamedSchema) and self._make_known(part, place)):
                continue  # what a known type contains is known too
            seen.add(id(part))
            waiting += _inner(part)

    def _make_known(self, named: NamedSchema, place: Place | None) -> bool:
        """Make a type of another Schema known; return whether it was known before."""
        if not named.name:
            return False
        known = self.known.get(named.fullname)
        if known is None:
            self.known[named.fullname] = named
        # Equal types of schemas that were parsed separately are different objects.
        elif known is not named and not (_is_whole(known) and known == named):
            raise invalid(f"{show(named.fullname)} is defined twice", place)
        return known is not None

    def _define(self, source: dict[str, Any], namespace: str, place: Place | None) -> str:
        """Check the name of a definition, and return its fullname."""
        name = source.get("name")
        if name is None and not self._strict:
            name = ""
        if not isinstance(name, str):
            raise invalid(f"{_article(source['type'])} needs a name, a string, not {show(name)}", place)
        if not self._is_fullname(name):
            raise _no_name("name", name, (place, "name", 0))
        own = source.get("namespace")
        if own is not None:
            namespace = self._own_namespace(own, namespace, (place, "namespace", 0))
        full = self._fullname(name, namespace)
        if full in self.known and self._strict:
            raise invalid(f"{show(full)} is defined twice", place)
        # The specification forbids names of primitive types in namespaces too, where they are unambiguous.
        if (full.rpartition(".")[2] if self._strict else full) in PRIMITIVES:
            raise invalid(f"{show(full)}: no type may have the name of a primitive type", place)
        return full

    def _own_namespace(self, namespace: Any, inherited: str, place: Place) -> str:
        if not isinstance(namespace, str):
            self._refuse_or_ignore(f"the namespace must be a string, not {show(namespace)}", place)
            return inherited
        if namespace and not self._is_fullname(namespace):
            raise _no_name("namespace", namespace, place)
        return namespace

    def _is_fullname(self, text: str) -> bool:
        return is_fullname(text) if self._strict else text.isascii() or are_texts((text,))

    def _remember(self, made: NamedSchema, place: Place | None) -> NamedSchema:
        """Make a type known, and return it; if an equal one was defined before, that one."""
        known = self.known.setdefault(made.fullname, made) if made.name else made
        if known is not made and not same_definition(made, known):
            raise invalid(f"{show(made.fullname)} is defined twice, and differently", place)
        return known

    # -- types without names -----------------------------------------------------------------------

    def _primitive(self, kind: Any, source: dict[str, Any], place: Place | None) -> Schema:
        props = self._props(source, _TYPE, place)
        return PrimitiveSchema(kind, props, self._logical(kind, props, place))

    def _array(self, source: dict[str, Any], namespace: str, place: Place | None, depth: int) -> Making:
        if "items" not in source:
            raise invalid("an array needs the attribute 'items'", place)
        made = self._part(source["items"], namespace, (place, "items", 0), depth)
        if not isinstance(made, Schema):
            return self._later_collection(made, source, place)
        return ArraySchema(made, self._complex_props(source, _ARRAY, place))

    def _map(self, source: dict[str, Any], namespace: str, place: Place | None, depth: int) -> Making:
        if "values" not in source:
            raise invalid("a map needs the attribute 'values'", place)
        made = self._part(source["values"], namespace, (place, "values", 0), depth)
        if not isinstance(made, Schema):
            return self._later_collection(made, source, place)
        return MapSchema(made, self._complex_props(source, _MAP, place))

    def _later_collection(self, made: Making, source: dict[str, Any], place: Place | None) -> Work[Schema]:
        """An array or a map whose items or values have to be made first."""
        inner = yield made
        if source["type"] == "array":
            return ArraySchema(inner, self._complex_props(source, _ARRAY, place))
        return MapSchema(inner, self._complex_props(source, _MAP, place))

    def _union(
        self,
        source: Sequence[Any],
        props: Mapping[str, Any],
        namespace: str,
        place: Place | None,
        depth: int,
    ) -> Making:
        if len(source) > self._limits.union_branches:
            what = f"a union of {len(source)} branches"
            raise excess(self._limits, "union_branches", what, path=render(place))
        if self._levels == _LEVELS_AT_ONCE:
            return self._union_unwound(source, props, namespace, place, depth)
        self._levels += 1
        try:
            return self._union_of(source, props, namespace, place, depth)
        finally:
            self._levels -= 1

    def _union_unwound(
        self,
        source: Sequence[Any],
        props: Mapping[str, Any],
        namespace: str,
        place: Place | None,
        depth: int,
    ) -> Work[Schema]:
        made = self._union_of(source, props, namespace, place, depth)
        return made if isinstance(made, Schema) else (yield made)

    def _union_of(
        self,
        source: Sequence[Any],
        props: Mapping[str, Any],
        namespace: str,
        place: Place | None,
        depth: int,
    ) -> Making:
        union = _Branches(props)
        rest = enumerate(source)
        for index, item in rest:
            made = self._part(item, namespace, (place, "[{}]", index), depth)
            if not isinstance(made, Schema):
                return self._more_branches(union, made, index, rest, namespace, place, depth)
            union.add(made, (place, "[{}]", index))
        return union.whole()

    def _more_branches(
        self,
        union: _Branches,
        made: Making,
        index: int,
        rest: Iterator[tuple[int, Any]],
        namespace: str,
        place: Place | None,
        depth: int,
    ) -> Work[Schema]:
        """Continue with the first branch whose parts have to be made first."""
        union.add((yield made), (place, "[{}]", index))
        for index, item in rest:
            at = place, "[{}]", index
            made = self._part(item, namespace, at, depth)
            union.add(made if isinstance(made, Schema) else (yield made), at)
        return union.whole()

    # -- named types -------------------------------------------------------------------------------

    def _fixed(self, source: dict[str, Any], namespace: str, place: Place | None) -> Schema:
        name = self._define(source, namespace, place)
        if self._early and self._early.get(name) is source and name in self.known:
            return self.known[name]
        size = source.get("size")
        if not isinstance(size, int) or isinstance(size, bool) or not 0 <= size <= _LARGEST_SIZE:
            raise invalid(f"a fixed needs a size, a number of bytes, not {show(size)}", (place, "size", 0))
        doc, aliases, props = self._description(source, name, _FIXED, place)
        logical = self._logical("fixed", props, place, size)
        return self._remember(FixedSchema(name, size, aliases, doc, props, logical), place)

    def _enum(self, source: dict[str, Any], namespace: str, place: Place | None) -> Schema:
        name = self._define(source, namespace, place)
        if self._early and self._early.get(name) is source and name in self.known:
            return self.known[name]
        symbols = self._symbols(source, place)
        known = _ENUM
        default = source.get("default")
        if default is not None and default not in symbols:
            self._refuse_or_ignore(f"{show(default)} is not one of the symbols", (place, "default", 0))
            known -= {"default"}
            default = None
        doc, aliases, props = self._description(source, name, known, place)
        if props:
            self._logical("enum", props, place)
        return self._remember(EnumSchema(name, symbols, default, aliases, doc, props), place)

    def _symbols(self, source: dict[str, Any], place: Place | None) -> tuple[str, ...]:
        symbols = _strings(source.get("symbols"), "symbols", place)
        if self._are_names(symbols) and len(set(symbols)) == len(symbols):
            return symbols
        seen = set()
        for index, symbol in enumerate(symbols):
            at = place, "symbols[{}]", index
            if not self._are_names((symbol,)):
                raise _no_name("symbol", symbol, at)
            if symbol in seen:
                raise invalid(f"the enum has the symbol {show(symbol)} twice", at)
            seen.add(symbol)
        raise AssertionError(symbols)

    def _record(self, source: dict[str, Any], namespace: str, place: Place | None, depth: int) -> Making:
        name = self._define(source, namespace, place)
        if self._early and self._early.get(name) is source and name in self.known:
            return self.known[name]
        fields = source.get("fields")
        if not isinstance(fields, list) and not is_array(fields):
            raise invalid(
                f"{_article(source['type'])} needs fields, an array, not {show(fields)}",
                (place, "fields", 0),
            )
        if _PLAIN_RECORD.issuperset(source):
            schema = RecordSchema(name, (), None, NO_PROPS, source["type"])
        else:
            doc, aliases, props = self._description(source, name, _RECORD, place)
            if props:
                self._logical(source["type"], props, place)
            schema = RecordSchema(name, aliases, doc, props, source["type"])
        if self._strict or (name not in self.known and schema.name):
            self.known[name] = schema  # before its fields, which may refer to it
        return self._with_fields(schema, fields, place, depth)

    def _with_fields(
        self, record: RecordSchema, sources: Sequence[Any], place: Place | None, depth: int
    ) -> Making:
        if not self._strict:
            self._count(_LEAST_FIELD * len(sources))  # data can double where a type may be defined again
        # Column by column: each check is one call for all fields.
        try:
            names = [source["name"] for source in sources]
            kinds = [source["type"] for source in sources]
            sound = self._are_names(names) and len(set(names)) == len(names)
        except (KeyError, TypeError):
            sound = False
        if not sound:
            raise self._field_problem(sources, place)
        namespace: str | None = None
        nested = depth < self._depth
        fields: list[Field] = []
        for index in range(len(names)):
            field = usual_field(names[index], kinds[index], sources[index], nested)
            if field is None:
                namespace = record.namespace if namespace is None else namespace
                made = self._schema(kinds[index], namespace, (place, "fields[{}].type", index), depth)
                if not isinstance(made, Schema):
                    return self._with_more_fields(record, fields, made, names, kinds, sources, place, depth)
                field = self._field(record, names[index], made, sources[index], place, index)
            fields.append(field)
        record.close(tuple(fields))
        return record if self._strict else self._unless_defined(record, place)

    def _with_more_fields(
        self,
        record: RecordSchema,
        fields: list[Field],
        made: Making,
        names: list[str],
        kinds: list[Any],
        sources: Sequence[Any],
        place: Place | None,
        depth: int,
    ) -> Work[Schema]:
        """Continue with the first field whose type has parts that have to be made first."""
        namespace, first = record.namespace, len(fields)
        for index in range(first, len(names)):
            if index > first:
                made = self._schema(kinds[index], namespace, (place, "fields[{}].type", index), depth)
            schema = made if isinstance(made, Schema) else (yield made)
            fields.append(self._field(record, names[index], schema, sources[index], place, index))
        record.close(tuple(fields))
        return record if self._strict else self._unless_defined(record, place)

    def _unless_defined(self, record: RecordSchema, place: Place | None) -> Schema:
        """The record, or an equal one that was defined before."""
        known = self._remember(record, place)
        while known is not record and self._defaults and self._defaults[-1][0] is record:
            self._defaults.pop()  # those of the first definition are checked
        return known

    def _field(
        self, record: RecordSchema, name: str, schema: Schema, source: Any, place: Place | None, index: int
    ) -> Field:
        if len(source) == 2:
            return new_field(name, schema, NO_DEFAULT, None, "ascending", (), NO_PROPS)
        default = source.get("default", NO_DEFAULT)
        place = place, "fields[{}]", index
        if default is not NO_DEFAULT:
            default = self._json_data(default, (place, "default", 0))
            self._defaults.append((record, index, place))
        known = _FIELD
        doc = aliases = None
        order: Any = None
        if not _DESCRIBED.isdisjoint(source):
            known = self._valid(source, _FIELD, place)
            doc, aliases, order = [source.get(each) if each in known else None for each in _PROBLEMS]
        props = self._props(source, known, place)
        if props:
            self._logical("a field itself, only with its type", props, place)
        order = "ascending" if order is None else order.lower()
        return new_field(name, schema, default, doc, order, tuple(aliases or ()), props)

    def _field_problem(self, sources: Sequence[Any], place: Place | None) -> SchemaError:
        """The error for the first field without a valid name or a type."""
        seen = set()
        for index, source in enumerate(sources):
            at = place, "fields[{}]", index
            if not isinstance(source, Mapping):
                return invalid(f"a field must be an object, not {show(source)}", at)
            name = source.get("name")
            if not isinstance(name, str):
                return invalid(f"a field needs a name, a string, not {show(name)}", at)
            if not self._are_names((name,)):
                return _no_name("field name", name, at)
            if name in seen:
                return invalid(f"the record has two fields {show(name)}", at)
            if "type" not in source:
                return invalid(f"the field {show(name)} needs the attribute 'type'", at)
            seen.add(name)
        raise AssertionError(sources)

    def _check_defaults(self) -> None:
        """Check all defaults, now that their records are complete."""
        defaults = Defaults(self._limits)
        changed: dict[int, tuple[RecordSchema, list[Field]]] = {}
        for record, index, place in self._defaults:
            field = record.fields[index]
            problem, unreadable = defaults.verdict(field.type, field.default)
            if problem is None and self.has_words:
                field = field._replace(default=Defaults().in_numbers(field.type, field.default))
                problem = _word_problem(field)
            if problem is not None:
                field = self._without_default(field, problem, (place, "default{}", problem[0]))
            elif unreadable is not None:
                what = describe(unreadable, render((place, "default", 0)))
                text = f"{what}: whoever needs the default gets an error"
                self.warnings.append((UnreadableDefaultWarning, text))
            if field is not record.fields[index]:
                changed.setdefault(id(record), (record, list(record.fields)))[1][index] = field
        for record, fields in changed.values():
            record.correct(tuple(fields))
        for reference, record in self._references:
            reference.correct(record.fields)

    def _without_default(self, field: Field, problem: Problem, place: Place) -> Field:
        """The field without its invalid default, in lax mode; otherwise an error."""
        what = describe(("", *problem[1:]))
        if self._strict:
            raise invalid(f"{what}; names='lax' treats the field as one without default", place)
        self.warnings.append(
            (IgnoredDefaultWarning, f"{render(place)}: {what}; the field has no default then")
        )
        props = MappingProxyType({**field.props, "default": field.default})
        return field._replace(default=NO_DEFAULT, props=props)

    # -- attributes --------------------------------------------------------------------------------

    def _description(
        self, source: dict[str, Any], name: str, known: frozenset[str], place: Place | None
    ) -> tuple[str | None, tuple[str, ...], Mapping[str, Any]]:
        """A named type's documentation, its aliases as fullnames, and the attributes of users."""
        if _DESCRIBED.isdisjoint(source):
            return None, (), self._props(source, known, place)
        known = self._valid(source, known, place)
        aliases = source.get("aliases") if "aliases" in known else None
        if aliases is not None:
            # Any string may be one, to correct bad names of old data (specification: Aliases).
            namespace = namespace_of(name)
            aliases = tuple([self._fullname(alias, namespace) for alias in aliases])
        doc = source.get("doc") if "doc" in known else None
        return doc, aliases or (), self._props(source, known, place)

    def _valid(self, source: Mapping[str, Any], known: frozenset[str], place: Place | None) -> frozenset[str]:
        """The known attributes with valid values; lax mode treats the others as users' attributes."""
        for name, problem_of in _PROBLEMS.items():
            value = source.get(name)
            if value is not None and name in known:
                problem = problem_of(value, strict=self._strict)
                if problem:
                    self._refuse_or_ignore(problem, (place, name, 0))
                    known -= {name}
        return known

    def _refuse_or_ignore(self, problem: str, place: Place) -> None:
        """Raise an error or, in lax mode, add a warning that the attribute is ignored."""
        if self._strict:
            raise invalid(problem, place)
        self.warnings.append((IgnoredAttributeWarning, f"{render(place)}: {problem}; it is ignored"))

    def _props(
        self, source: Mapping[str, Any], known: frozenset[str], place: Place | None
    ) -> Mapping[str, Any]:
        """The attributes that the specification leaves to users."""
        if known.issuperset(source):
            return NO_PROPS
        props = {}
        for name, value in source.items():
            if name not in known:
                key = name if type(name) is str else json_key(name, place)
                props[key] = self._json_data(value, (place, "{}", name))
        return MappingProxyType(props)

    def _json_data(self, value: Any, place: Place | None) -> Any:
        """A copy of JSON data that no one else can change; see :func:`copied`."""
        if type(value) is str:
            if value not in NUMBERS_IN_WORDS:
                self._count(LEAST_VALUE + len(value))
                return value
        elif value is None or (type(value) is int and -_FEW_BITS < value < _FEW_BITS):
            self._count(LEAST_VALUE)
            return value
        if is_deep(value):
            raise SchemaLimitError(TOO_DEEP)
        return copied(value, place, self)

    def _complex_props(
        self, source: dict[str, Any], known: frozenset[str], place: Place | None
    ) -> Mapping[str, Any]:
        """The same for a type for which the specification has no logical types."""
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


class _Branches:
    """The branches of a union while it is made."""

    def __init__(self, props: Mapping[str, Any]) -> None:
        self._branches: list[Schema] = []
        self._props = props
        self._seen: set[str | tuple[str]] = set()

    def add(self, branch: Schema, place: Place) -> None:
        if isinstance(branch, UnionSchema):
            raise invalid("a union may not immediately contain a union", place)
        # In a tuple, so that a type with the fullname "array" differs from an array.
        key = (branch.fullname,) if isinstance(branch, NamedSchema) else branch.type
        if key in self._seen:
            raise invalid(f"the union contains {_describe(branch)} twice", place)
        self._seen.add(key)
        self._branches.append(branch)

    def whole(self) -> UnionSchema:
        return UnionSchema(tuple(self._branches), self._props)


def _word_problem(field: Field) -> Problem | None:
    """The problem of NaN or an infinity whose word in the schema's text would be read as text."""
    words = in_words(field.default)
    if Defaults().encode(field.type, words) == Defaults().encode(field.type, field.default):
        return None
    return "", field.default, "has no form in JSON here: its word would be taken for text"


def _inner(schema: Schema) -> Sequence[Schema]:
    if isinstance(schema, RecordSchema):
        return [field.type for field in schema.fields]
    if isinstance(schema, UnionSchema):
        return schema.branches
    if isinstance(schema, ArraySchema):
        return (schema.items,)
    return (schema.values,) if isinstance(schema, MapSchema) else ()


def _is_whole(schema: Schema) -> bool:
    """Whether all records in it have their fields."""
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


def _no_name(what: str, text: str, place: Place | None) -> SchemaError:
    if not are_texts((text,)):
        return invalid(f"the {what} {show(text)} has a lone surrogate, which UTF-8 has no bytes for", place)
    dots = " with dots between" if what in ("name", "namespace") else ""
    is_what = f"is not [A-Za-z_][A-Za-z0-9_]*{dots}" if text else "is empty"
    return invalid(f"the {what} {show(text)} {is_what}; names='lax' takes it", place)


def _strings(value: Any, what: str, place: Place | None) -> tuple[str, ...]:
    if not _are_strings(value):
        raise invalid(f"{what} are an array of strings, not {show(value)}", (place, what, 0))
    return tuple(value)


def _are_strings(value: Any) -> bool:
    return is_array(value) and all(isinstance(item, str) for item in value)


def _doc_problem(value: Any, *, strict: bool) -> str:
    return "" if isinstance(value, str) else f"documentation must be a string, not {show(value)}"


def _aliases_problem(value: Any, *, strict: bool) -> str:
    return "" if _are_strings(value) else f"aliases must be an array of strings, not {show(value)}"


def _order_problem(value: Any, *, strict: bool) -> str:
    """Java accepts orders in any case."""
    if isinstance(value, str) and (value if strict else value.lower()) in _ORDERS:
        return ""
    return f"the order must be 'ascending', 'descending' or 'ignore', not {show(value)}"


# Attributes that are not needed to read data, and functions that say what is wrong with a value.
_PROBLEMS: Final[dict[str, Callable[..., str]]] = {
    "doc": _doc_problem,
    "aliases": _aliases_problem,
    "order": _order_problem,
}
_DESCRIBED: Final = frozenset(_PROBLEMS)


def _article(kind: str) -> str:
    return f"an {kind}" if kind[0] in "ae" else f"a {kind}"


def _describe(schema: Schema) -> str:
    return show(schema.fullname if isinstance(schema, NamedSchema) else schema.type)
