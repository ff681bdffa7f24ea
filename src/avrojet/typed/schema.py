"""From classes to schemas: annotations to JSON data."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any, Final, NamedTuple
from uuid import UUID

from avrojet.errors import SchemaError
from avrojet.schema.model import NO_DEFAULT, Schema
from avrojet.schema.names import is_name, relative_name
from avrojet.typed.annotations import (
    NAMES,
    Choice,
    Entries,
    Fields,
    Many,
    Meaning,
    Members,
    Plain,
    Positions,
    Values,
    Variables,
    meaning_of,
    merged,
    shown,
)
from avrojet.typed.classes import Attribute, Missing, attributes_of, doc_of
from avrojet.typed.options import FieldOptions, RecordOptions, options_of
from avrojet.typed.variables import variables_of
from avrojet.values import Duration, NanoDatetime

JSON = Any

_TYPES: Final[Mapping[type, JSON]] = {
    type(None): "null",
    bool: "boolean",
    int: "long",
    float: "double",
    str: "string",
    bytes: "bytes",
    datetime: {"type": "long", "logicalType": "timestamp-micros"},
    NanoDatetime: {"type": "long", "logicalType": "timestamp-nanos"},
    date: {"type": "int", "logicalType": "date"},
    time: {"type": "long", "logicalType": "time-micros"},
    UUID: {"type": "string", "logicalType": "uuid"},
}
_INTS: Final = {"date", "time-millis"}


class Pending(NamedTuple):
    """A default that is still to be put into a field, as JSON data.

    :ivar record: fullname of the record.
    :ivar field: the field's JSON data.
    :ivar hint: its annotation.
    :ivar sort: the default's branch is to be the first of a union.
    """

    record: str
    field: dict[str, JSON]
    hint: Any
    variables: Variables
    value: Any
    path: str
    sort: bool


class SchemaBuilder:
    """Makes the JSON data of one schema. Each class is defined where it first occurs, and referred to by name
    after that.

    :param localns: names that annotations use and that are defined in a function.
    """

    def __init__(self, localns: Mapping[str, Any] | None = None) -> None:
        self._localns = localns
        self._names: dict[Any, str] = {}
        self._owners: dict[str, Any] = {}
        self.pending: list[Pending] = []

    def root(self, hint: Any, options: RecordOptions) -> JSON:
        """The schema of an annotation; `options` take precedence over those of its class."""
        meaning = meaning_of(hint, {}, shown(hint))
        if isinstance(meaning.kind, Fields):
            return self._record(meaning.kind, "", shown(hint), options)
        if isinstance(meaning.kind, Members):
            return self._enum(meaning.kind.cls, "", shown(hint), options)
        return self._json(meaning, options.namespace or "", shown(hint), None)

    def _of(self, hint: Any, variables: Variables, namespace: str, path: str, place: str | None) -> JSON:
        return self._json(meaning_of(hint, variables, path), namespace, path, place)

    def _json(self, meaning: Meaning, namespace: str, path: str, place: str | None) -> JSON:
        """The schema for the meaning of an annotation.

        :param place: a name for a type that has none in Python.
        """
        kind, options = meaning.kind, meaning.options
        if options.union and not isinstance(kind, Choice):
            single = Meaning(kind, replace(options, union=False), meaning.variables)
            return [self._json(single, namespace, path, place)]
        if options.type is not None:
            return self._stated(options.type, namespace, path)
        if isinstance(kind, Plain):
            return self._plain(kind, options, namespace, path)
        if isinstance(kind, Many):
            return {"type": "array", "items": self._of(kind.items, meaning.variables, namespace, path, place)}
        if isinstance(kind, Entries):
            return {"type": "map", "values": self._of(kind.values, meaning.variables, namespace, path, place)}
        if isinstance(kind, Choice):
            return self._union(kind, meaning.variables, namespace, path, place)
        if isinstance(kind, Members):
            return self._enum(kind.cls, namespace, path, RecordOptions())
        if isinstance(kind, Values):
            return self._literal(kind, namespace, path, place)
        if isinstance(kind, Positions):
            return self._positions(kind, meaning.variables, namespace, path, place)
        return self._record(kind, namespace, path, RecordOptions())

    def _plain(self, kind: Plain, options: FieldOptions, namespace: str, path: str) -> JSON:
        if kind.base is Decimal:
            return _decimal(options, path)
        if kind.base in (timedelta, Duration):
            return self._duration(namespace, path)
        return _TYPES[kind.base]

    def _stated(self, type_: Any, namespace: str, path: str) -> JSON:
        """A type that the user has written as a schema; a named type is defined where it first occurs."""
        if isinstance(type_, Schema):
            type_ = json.loads(type_.json)
        if not isinstance(type_, dict) or type_.get("type") not in _NAMED:
            return _by_name(type_)
        enclosing, namespace = namespace, type_.get("namespace", namespace)
        name = str(type_.get("name"))
        if "." in name:
            namespace, _, name = name.rpartition(".")
        reference, head = self._named(name, ("stated", json.dumps(type_)), namespace, path, enclosing)
        return reference if head is None else type_

    def _duration(self, namespace: str, path: str) -> JSON:
        name, head = self._named("Duration", Duration, namespace, path)
        return name if head is None else {"type": "fixed", **head, "size": 12, "logicalType": "duration"}

    def _named(
        self, name: str, owner: Any, namespace: str, path: str, enclosing: str | None = None
    ) -> tuple[str, dict[str, JSON] | None]:
        """Return the name of a named type; and the beginning of its definition, if it is not defined yet.

        :param namespace: that of the name.
        :param enclosing: that of the place; None: the same.
        """
        enclosing = namespace if enclosing is None else enclosing
        known = self._names.get(owner)
        if known is not None:
            return relative_name(known, enclosing) if "." not in known else known, None
        if not is_name(name):
            raise SchemaError(
                f"{path}: {name!r} is not a name in Avro: set another with @avrojet.record(name=...)",
                path=path,
            )
        fullname = f"{namespace}.{name}" if namespace else name
        if fullname in self._owners:
            raise SchemaError(
                f"{path}: there are two types {fullname}: distinguish them with @avrojet.record(name=...) or "
                f"@avrojet.record(namespace=...)",
                path=path,
            )
        self._names[owner] = fullname
        self._owners[fullname] = owner
        head: dict[str, JSON] = {"name": fullname}
        if enclosing and not namespace:
            head["namespace"] = ""
        return fullname, head

    def _union(
        self, kind: Choice, variables: Variables, namespace: str, path: str, place: str | None
    ) -> JSON:
        branches: list[JSON] = []
        for arm in kind.arms:
            branch = self._of(arm, variables, namespace, path, place)
            branches += branch if isinstance(branch, list) else [branch]
        seen: dict[str, JSON] = {}
        for branch in branches:
            name = _branch_name(branch)
            if name in seen and seen[name] != branch:
                raise SchemaError(
                    f"{path}: two branches of the union are both {name}, and Avro's data do not say "
                    "which: put one "
                    f"into a class of its own",
                    path=path,
                )
            seen.setdefault(name, branch)
        return list(seen.values()) if len(seen) > 1 else branches[0]

    def _literal(self, kind: Values, namespace: str, path: str, place: str | None) -> JSON:
        first = kind.values[0]
        if not isinstance(first, str):
            return _TYPES[type(first)]
        if place is None or not all(map(is_name, kind.values)):
            return "string"
        name, head = self._named(self._free(place, kind, namespace), (place, kind), namespace, path)
        return name if head is None else {"type": "enum", **head, "symbols": list(kind.values)}

    def _free(self, place: str, owner: Any, namespace: str) -> str:
        """The name of a place, with a number if several types would have it."""
        if (place, owner) in self._names:
            return place
        number, name = 1, place
        while (f"{namespace}.{name}" if namespace else name) in self._owners:
            number += 1
            name = f"{place}{number}"
        return name

    def _positions(
        self, kind: Positions, variables: Variables, namespace: str, path: str, place: str | None
    ) -> JSON:
        place = place or "Tuple"
        name, head = self._named(self._free(place, kind, namespace), (place, kind), namespace, path)
        if head is None:
            return name
        return {
            "type": "record",
            **head,
            "fields": [
                {
                    "name": f"item{i}",
                    "type": self._of(hint, variables, namespace, f"{path}[{i}]", f"{place}{i}"),
                }
                for i, hint in enumerate(kind.items)
            ],
        }

    def _enum(self, cls: type[Enum], namespace: str, path: str, given: RecordOptions) -> JSON:
        options = _either(given, options_of(cls))
        own = namespace if options.namespace is None else options.namespace
        name, head = self._named(options.name or cls.__name__, cls, own, path, namespace)
        if head is None:
            return name
        symbols = symbols_of(cls, path)
        made = {
            "type": "enum",
            **head,
            **_named_options(options, doc_of(cls)),
            "symbols": list(symbols),
        }
        if options.default is not None:
            made["default"] = _symbol(symbols, options.default)
        return made

    def _record(self, kind: Fields, namespace: str, path: str, given: RecordOptions) -> JSON:
        root = root_of_model(kind.cls)
        if root is not None:
            return self._of(root, {}, namespace, path, kind.cls.__name__)
        options = _either(given, options_of(kind.cls))
        own = namespace if options.namespace is None else options.namespace
        name, head = self._named(record_name(kind, given), kind, own, path, namespace)
        if head is None:
            return name
        made: dict[str, JSON] = {"type": "error" if options.error else "record", **head}
        made.update(_named_options(options, doc_of(kind.cls)))
        variables = variables_of(kind.cls, kind.arguments)
        made["fields"] = [
            self._field(name, attribute, variables, f"{path}.{attribute.name}")
            for attribute in attributes_of(kind.cls, self._localns)
        ]
        return made

    def _field(self, record: str, attribute: Attribute, variables: Variables, path: str) -> JSON:
        meaning = meaning_of(attribute.hint, variables, path)
        options = merged(meaning.options, attribute.options)
        name = options.name or attribute.name
        if not is_name(name):
            raise SchemaError(
                f"{path}: {name!r} is not a name in Avro: set another with avrojet.field(name=...)", path=path
            )
        namespace, _, short = record.rpartition(".")
        place = short + "".join(part[:1].upper() + part[1:] for part in name.split("_"))
        whole = Meaning(meaning.kind, merged(meaning.options, attribute.options), variables)
        made: dict[str, JSON] = {"name": name, "type": self._json(whole, namespace, path, place)}
        if options.doc is not None:
            made["doc"] = options.doc
        if options.order is not None:
            made["order"] = options.order
        if options.aliases:
            made["aliases"] = list(options.aliases)
        made.update(options.props)
        if attribute.optional:
            _make_optional(made, options, path)
            return made
        default = options.default if options.default is not NO_DEFAULT else default_of(attribute)
        if default is not Missing:
            self._add_default(record, made, attribute.hint, variables, default, path, sort=not options.union)
        return made

    def _add_default(
        self,
        record: str,
        field: dict[str, JSON],
        hint: Any,
        variables: Variables,
        value: Any,
        path: str,
        *,
        sort: bool,
    ) -> None:
        """Put a default into a field, or later if it has to be encoded first."""
        type_ = field["type"]
        if value is None and sort and isinstance(type_, list) and "null" in type_:
            field["type"] = ["null", *(branch for branch in type_ if branch != "null")]
            field["default"] = None
        elif type_ == _TYPES.get(type(value)) and type(value) in _AS_JSON:
            field["default"] = value
        else:
            self.pending.append(Pending(record, field, hint, variables, value, path, sort))


def _make_optional(field: dict[str, JSON], options: FieldOptions, path: str) -> None:
    """Let null represent a missing key.

    :raises SchemaError: if it would represent something else, too.
    """
    type_ = field["type"]
    branches = type_ if isinstance(type_, list) else [type_]
    if "null" in branches or options.default is not NO_DEFAULT:
        raise SchemaError(
            f"{path}: null stands for a key that is not there, and cannot stand for None too, nor is there a "
            "default: write NotRequired[T], or T | None",
            path=path,
        )
    field["type"] = ["null", *branches]
    field["default"] = None


_AS_JSON: Final = {type(None), bool, int, str}


def default_of(attribute: Attribute) -> Any:
    """The default of an attribute: what its factory makes, if that is the same each time."""
    if attribute.factory is None:
        return attribute.default
    try:
        first, second = attribute.factory(), attribute.factory()
        return first if bool(first == second) else Missing
    except Exception:  # noqa: BLE001 (a factory that needs something not available yet makes no default for a schema)
        return Missing


def symbols_of(cls: type[Enum], path: str) -> dict[str, Enum]:
    """The symbols of an enum: the values of its members if all are names, else their names."""
    members = list(cls)
    if not members:
        raise SchemaError(f"{path}: the enum {cls.__name__} has no members", path=path)
    if all(isinstance(member.value, str) and is_name(member.value) for member in members):
        return {member.value: member for member in members}
    for member in members:
        if not is_name(member.name):
            raise SchemaError(f"{path}: {member.name!r} is not a symbol in Avro: rename it", path=path)
    return {member.name: member for member in members}


def record_name(kind: Fields, given: RecordOptions) -> str:
    """The name of a class's record, without namespace; of a generic class with its arguments."""
    options = _either(given, options_of(kind.cls))
    name = options.name or kind.cls.__name__
    if "[" in name and hasattr(kind.cls, "__pydantic_generic_metadata__"):
        name = _cleaned(name)
    return "_".join([name, *(_cleaned(shown(each)) for each in kind.arguments)])


def _cleaned(text: str) -> str:
    text = re.sub(r"(\w+\.)+", "", text)
    return re.sub(r"\W+", "_", text).strip("_")


def root_of_model(cls: type) -> Any:
    """The annotation that a RootModel of pydantic wraps; None for any other class."""
    if not getattr(cls, "__pydantic_root_model__", False):
        return None
    model: Any = cls
    return model.model_fields["root"].annotation


def _either(first: RecordOptions, second: RecordOptions) -> RecordOptions:
    return RecordOptions(
        first.name or second.name,
        second.namespace if first.namespace is None else first.namespace,
        first.aliases or second.aliases,
        second.doc if first.doc is None else first.doc,
        first.default or second.default,
        first.error or second.error,
        first.props or second.props,
    )


def _named_options(options: RecordOptions, doc: str | None) -> dict[str, JSON]:
    made: dict[str, JSON] = {}
    doc = options.doc if options.doc is not None else doc
    if doc is not None:
        made["doc"] = doc
    if options.aliases:
        made["aliases"] = list(options.aliases)
    return {**made, **dict(options.props)}


def _decimal(options: FieldOptions, path: str) -> JSON:
    if options.precision is None:
        raise SchemaError(
            f"{path}: a Decimal needs its digits: write Annotated[Decimal, "
            "avrojet.field(precision=12, scale=2)], "
            f'or Annotated[Decimal, "big-decimal"] for any number of them',
            path=path,
        )
    digits = {"precision": options.precision}
    if options.scale is not None:
        digits["scale"] = options.scale
    return {"type": "bytes", "logicalType": "decimal", **digits}


def _symbol(symbols: Mapping[str, Enum], default: Enum | str) -> str:
    for symbol, member in symbols.items():
        if member is default or symbol == default:
            return symbol
    raise SchemaError(f"{default!r} is not a member of the enum")


def _by_name(type_: Any) -> JSON:
    """The type of a name."""
    if not isinstance(type_, str) or type_ not in NAMES or type_ in _PRIMITIVES:
        return type_
    if type_ == "big-decimal":
        return {"type": "bytes", "logicalType": type_}
    return {"type": "int" if type_ in _INTS else "long", "logicalType": type_}


_PRIMITIVES: Final = {"int", "long", "float", "double", "bytes", "string"}


def _branch_name(branch: JSON) -> str:
    if isinstance(branch, dict):
        return str(branch.get("name", branch["type"]) if branch["type"] in _NAMED else branch["type"])
    return str(branch)


_NAMED: Final = {"record", "enum", "fixed", "error"}
