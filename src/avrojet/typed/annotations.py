"""The meaning of annotations: Python types, in all the ways to write them, are reduced to a few kinds."""

from __future__ import annotations

import collections
import types
import typing
from collections import abc
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum, Flag
from typing import Annotated, Any, Final, ForwardRef, Literal, TypeAlias, TypeVar, Union
from uuid import UUID

from avrojet.errors import SchemaError
from avrojet.schema.model import NO_DEFAULT
from avrojet.typed.options import NO_OPTIONS, FieldOptions
from avrojet.values import Duration, NanoDatetime

Variables: TypeAlias = Mapping[Any, Any]

PLAIN: Final = (
    type(None), bool, int, float, str, bytes, NanoDatetime, datetime, date, time, timedelta, Duration, UUID,
    Decimal,
)  # fmt: skip
"""The classes that correspond to one Avro type each; subclasses precede their base classes."""

NAMES: Final = frozenset(
    "int long float double bytes string date time-millis time-micros timestamp-millis timestamp-micros "
    "timestamp-nanos local-timestamp-millis local-timestamp-micros local-timestamp-nanos big-decimal".split()
)
"""The Avro types that a text in ``Annotated`` may name."""


@dataclass(frozen=True, slots=True)
class Plain:
    """A value of one of the classes in :data:`PLAIN`, or of a subclass."""

    cls: type
    base: type


@dataclass(frozen=True, slots=True)
class Many:
    """An array: its items, and the function that makes the Python collection; None for a list."""

    items: Any
    make: type | None


@dataclass(frozen=True, slots=True)
class Entries:
    """A map."""

    values: Any


@dataclass(frozen=True, slots=True)
class Positions:
    """A tuple of items that each have a type of their own."""

    items: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """A union, flat."""

    arms: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Members:
    """An enum."""

    cls: type[Enum]


@dataclass(frozen=True, slots=True)
class Values:
    """A Literal of one class of values."""

    values: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Fields:
    """A class with fields; `arguments` are the values of its type variables."""

    cls: type
    arguments: tuple[Any, ...] = ()


Kind: TypeAlias = Plain | Many | Entries | Positions | Choice | Members | Values | Fields


@dataclass(frozen=True, slots=True)
class Meaning:
    """The meaning of an annotation: its kind, and the options in ``Annotated``."""

    kind: Kind
    options: FieldOptions
    variables: Variables


_LISTS: Final = {
    list: None, abc.Sequence: None, abc.MutableSequence: None, abc.Collection: None, abc.Iterable: None,
    set: set, abc.Set: set, abc.MutableSet: set, frozenset: frozenset, collections.deque: collections.deque,
}  # fmt: skip
_MAPS: Final = {dict, abc.Mapping, abc.MutableMapping}
_TRANSPARENT: Final = {"Required", "NotRequired", "ReadOnly", "Final", "ClassVar"}


def meaning_of(hint: Any, variables: Variables, path: str) -> Meaning:
    """Return the meaning of an annotation.

    :param variables: the values of the type variables around it.
    :param path: the place of the annotation, for errors.
    :raises SchemaError: if it has no meaning for Avro; the message says what to write.
    """
    options = NO_OPTIONS
    while True:
        inner, more = _unwrapped(hint, variables, path)
        if more:
            options = merged(options, more)
        if inner is hint:
            break
        hint = inner
    return Meaning(_kind(hint, variables, path), options, variables)


def merged(outer: FieldOptions, inner: FieldOptions) -> FieldOptions:
    """Merge two options; the outer ones take precedence."""
    changes = {
        name: getattr(outer, name)
        for name in FieldOptions.__dataclass_fields__
        if getattr(outer, name) != getattr(NO_OPTIONS, name) and getattr(outer, name) is not NO_DEFAULT
    }
    return replace(inner, **changes)


def _unwrapped(hint: Any, variables: Variables, path: str) -> tuple[Any, FieldOptions | None]:
    """Remove one layer around a type."""
    origin = typing.get_origin(hint)
    if origin is Annotated:
        return hint.__origin__, options_in(hint.__metadata__)
    if isinstance(hint, TypeVar):
        return _value_of(hint, variables, path), None
    if hasattr(hint, "__supertype__"):  # NewType
        return hint.__supertype__, None
    if type(hint).__name__ == "TypeAliasType":
        return hint.__value__, None
    if type(origin).__name__ == "TypeAliasType":
        inner = dict(zip(origin.__type_params__, typing.get_args(hint), strict=False))
        return origin.__value__[tuple(inner[each] for each in origin.__parameters__)], None
    if getattr(origin, "__name__", getattr(origin, "_name", None)) in _TRANSPARENT and typing.get_args(hint):
        return typing.get_args(hint)[0], None
    return (type(None), None) if hint is None else (hint, None)


def _value_of(variable: TypeVar, variables: Variables, path: str) -> Any:
    if variable in variables:
        return variables[variable]
    default = getattr(variable, "__default__", None)
    if default is not None and default is not getattr(typing, "NoDefault", None):
        return default
    if variable.__bound__ is not None:
        return variable.__bound__
    raise SchemaError(
        f"{path}: the type variable {variable.__name__} is open: say what it stands for, "
        f"as in Box[int], or give it a bound",
        path=path,
    )


def options_in(metadata: tuple[Any, ...]) -> FieldOptions:
    """Interpret the items of ``Annotated``: avrojet's, names of types, and items of other libraries."""
    options = NO_OPTIONS
    for each in metadata:
        options = merged(_options_of(each), options)
    return options


def _options_of(item: Any) -> FieldOptions:
    if isinstance(item, FieldOptions):
        return item
    if isinstance(item, str):
        return FieldOptions(type=item) if item in NAMES else NO_OPTIONS
    inner = getattr(item, "metadata", None)  # pydantic's Field
    options = options_in(tuple(inner)) if isinstance(inner, list) else NO_OPTIONS
    digits, places = getattr(item, "max_digits", None), getattr(item, "decimal_places", None)
    if isinstance(digits, int):
        options = replace(options, precision=digits, scale=places if isinstance(places, int) else None)
    elif isinstance(places, int):
        options = replace(options, scale=places)
    for name in ("description", "documentation"):  # of pydantic and msgspec, of typing's Doc
        doc = getattr(item, name, None)
        if isinstance(doc, str):
            options = replace(options, doc=doc)
    return options


def _kind(hint: Any, variables: Variables, path: str) -> Kind:
    origin = typing.get_origin(hint)
    if origin in (Union, types.UnionType):
        return _choice(tuple(_arms(hint, variables, path)))
    if origin is Literal:
        return _literal(hint, path)
    if isinstance(hint, str | ForwardRef):
        raise SchemaError(
            f"{path}: {hint!r} is not found: define it beside the class, or give localns=locals()", path=path
        )
    return _kind_of_class(hint, origin or hint, typing.get_args(hint), variables, path)


def _kind_of_class(hint: Any, cls: Any, arguments: tuple[Any, ...], variables: Variables, path: str) -> Kind:
    from avrojet.typed.classes import has_fields

    if cls in _LISTS:
        return Many(_one(hint, arguments, path), _LISTS[cls])
    if cls is tuple:
        return _tuple(arguments, path)
    if cls in _MAPS:
        return _map(hint, arguments, path)
    if not isinstance(cls, type):
        raise _no_meaning(hint, path)
    if issubclass(cls, Enum):
        if issubclass(cls, Flag):
            raise SchemaError(
                f"{path}: the flags of {cls.__name__} are not symbols of an enum: annotate int", path=path
            )
        return Members(cls)
    if cls in PLAIN:
        return Plain(cls, cls)
    if has_fields(cls):
        return Fields(cls, tuple(substituted(each, variables) for each in arguments))
    for base in PLAIN:
        if issubclass(cls, base):
            return Plain(cls, base)
    raise _no_meaning(hint, path)


def _arms(hint: Any, variables: Variables, path: str) -> Iterator[Any]:
    """Return the members of a union, with nested unions flattened, and literals split by the class of their
    values.
    """
    for arm in typing.get_args(hint):
        inner: Any = arm
        while True:
            peeled, options = _unwrapped(inner, variables, path)
            if peeled is inner or options:
                break
            inner = peeled
        if typing.get_origin(inner) in (Union, types.UnionType):
            yield from _arms(inner, variables, path)
        else:
            yield inner


def _choice(arms: tuple[Any, ...]) -> Kind:
    return Choice(tuple(dict.fromkeys(type(None) if arm is None else arm for arm in arms)))


def _literal(hint: Any, path: str) -> Kind:
    values = typing.get_args(hint)
    kinds = {type(value) for value in values}
    if len(kinds) > 1:
        return Choice(
            tuple(
                type(None) if kind is type(None) else Literal[tuple(v for v in values if type(v) is kind)]
                for kind in dict.fromkeys(map(type, values))
            )
        )
    kind = kinds.pop()
    if kind is type(None):
        return Plain(kind, kind)
    if kind not in (str, int, bytes, bool):
        raise SchemaError(f"{path}: a Literal of {kind.__name__} has no type in Avro", path=path)
    return Values(values)


def _one(hint: Any, arguments: tuple[Any, ...], path: str) -> Any:
    if len(arguments) != 1:
        raise SchemaError(
            f"{path}: {_shown(hint)} does not say what it holds: write list[str], say", path=path
        )
    return arguments[0]


def _tuple(arguments: tuple[Any, ...], path: str) -> Kind:
    if len(arguments) == 2 and arguments[1] is Ellipsis:
        return Many(arguments[0], tuple)
    if not arguments:
        raise SchemaError(f"{path}: tuple does not say what it holds: write tuple[str, ...], say", path=path)
    return Positions(arguments)


def _map(hint: Any, arguments: tuple[Any, ...], path: str) -> Kind:
    if len(arguments) != 2:
        raise SchemaError(
            f"{path}: {_shown(hint)} does not say what it holds: write dict[str, int], say", path=path
        )
    if arguments[0] is not str:
        raise SchemaError(
            f"{path}: keys of Avro's maps are text, not {_shown(arguments[0])}: write dict[str, ...], "
            "or a list "
            f"of a class with key and value",
            path=path,
        )
    return Entries(arguments[1])


def substituted(hint: Any, variables: Variables) -> Any:
    """Return the annotation with its type variables replaced by their values."""
    if isinstance(hint, TypeVar):
        return variables.get(hint, hint)
    parameters = getattr(hint, "__parameters__", ())
    if not parameters or isinstance(hint, type):
        return hint
    return hint[tuple(variables.get(each, each) for each in parameters)]


def _no_meaning(hint: Any, path: str) -> SchemaError:
    advice: dict[Any, str] = {
        Any: "say which types it may have, as in int | str | None",
        object: "say which types it may have, as in int | str | None",
        complex: "write a class with two floats",
    }
    text = advice.get(hint) if isinstance(hint, type) or hint is Any else None
    text = text or "it is not a dataclass, Struct, attrs class, NamedTuple, TypedDict or pydantic model"
    return SchemaError(f"{path}: {_shown(hint)} has no type in Avro: {text}", path=path)


def _shown(hint: Any) -> str:
    return (
        hint.__name__
        if isinstance(hint, type) and not typing.get_args(hint)
        else str(hint).replace("typing.", "")
    )


shown: Final[Callable[[Any], str]] = _shown
