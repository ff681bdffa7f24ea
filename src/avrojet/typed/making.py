"""How a class makes its instances, and the fastest form that has the same effect."""

from __future__ import annotations

import dataclasses
import inspect
import sys
from collections.abc import Callable
from types import FunctionType
from typing import Any

from avrojet.core.objects.convert import TrustedModel
from avrojet.core.objects.form import Form, find_attribute
from avrojet.errors import SchemaError
from avrojet.typed.classes import Attribute, kind_of


def form_of(cls: type, attributes: tuple[Attribute, ...], *, whole: bool, trusted: bool) -> Form:
    """Return how instances of a class are made from the values of some attributes, and read.

    :param whole: whether these are all of its attributes.
    :param trusted: make models of pydantic without validation.
    :raises SchemaError: if its constructor does not take them.
    """
    kind = kind_of(cls)
    assert kind is not None
    if inspect.isabstract(cls):
        raise SchemaError(f"{cls.__name__} is abstract: it has no instances")
    return _FORMS[kind.name](cls, attributes, whole=whole, trusted=trusted)


def _struct(cls: type, attributes: tuple[Attribute, ...], *, whole: bool, trusted: bool) -> Form:
    """Called by position, which is how msgspec makes them: it runs ``__post_init__``, too."""
    positional = getattr(cls, "__match_args__", ()) if whole else ()
    return _called(cls, attributes, positional)


def _called(cls: Any, attributes: tuple[Attribute, ...], positional: tuple[str, ...] = ()) -> Form:
    """The class is called: with some attributes by position, in that order, the others by keyword."""
    names = tuple(attribute.name for attribute in attributes)
    for attribute in attributes:
        if attribute.keyword is None:
            raise SchemaError(
                f"{cls.__name__}.{attribute.name}: it has init=False, and the class makes its "
                "instances by an __init__ "
                f"or a validator of its own, which does not take it",
                path=f"{cls.__name__}.{attribute.name}",
            )
    keywords = {attribute.name: attribute.keyword or attribute.name for attribute in attributes}
    if not positional:
        _check_call(cls, keywords)
    return Form(
        cls,
        names,
        call=cls,
        arguments=positional,
        keywords={name: keyword for name, keyword in keywords.items() if name not in positional},
    )


def _check_call(cls: type, keywords: dict[str, str]) -> None:
    try:
        signature = inspect.signature(cls)
    except Exception:  # noqa: BLE001 (one that cannot be told is found out when the class is called)
        return
    try:
        signature.bind(**dict.fromkeys(keywords.values()))
    except TypeError as error:
        raise SchemaError(
            f"{cls.__name__}: its __init__ does not take its fields: {error}", path=cls.__name__
        ) from error


def _is_made_plainly(cls: type, generated: Callable[[Any], bool]) -> bool:
    """Whether calling the class does nothing but set attributes.

    :param generated: whether an ``__init__`` or ``__setattr__`` is one that the class's library has made.
    """
    return (
        find_attribute(type(cls), "__call__") is type.__dict__["__call__"]
        and find_attribute(cls, "__new__") is object.__new__
        and (find_attribute(cls, "__init__") is object.__init__ or generated(find_attribute(cls, "__init__")))
        and (
            find_attribute(cls, "__setattr__") is object.__setattr__
            or generated(find_attribute(cls, "__setattr__"))
        )
    )


def _dataclass(cls: Any, attributes: tuple[Attribute, ...], *, whole: bool, trusted: bool) -> Form:
    has_arguments_more = any(
        field._field_type is dataclasses._FIELD_INITVAR  # type: ignore[attr-defined]
        for field in cls.__dataclass_fields__.values()
    )
    if not whole or has_arguments_more or not _is_made_plainly(cls, _is_by_dataclasses):
        return _called(cls, attributes)
    names = tuple(attribute.name for attribute in attributes)
    after = "__post_init__" if find_attribute(cls, "__post_init__") is not None else None
    return Form(cls, names, after=after)


def _is_by_dataclasses(function: Any) -> bool:
    """Whether dataclasses has made a method. Code of users may have no file either: that of ``python -c``."""
    return isinstance(function, FunctionType) and function.__code__.co_qualname.startswith("__create_fn__.")


def _attrs(cls: Any, attributes: tuple[Attribute, ...], *, whole: bool, trusted: bool) -> Form:
    works = any(field.validator is not None or field.converter is not None for field in cls.__attrs_attrs__)
    works = works or hasattr(cls, "__attrs_pre_init__") or _keeps_hash(cls)
    if not whole or works or not _is_made_plainly(cls, _is_by_attrs):
        return _called(cls, attributes)
    names = tuple(attribute.name for attribute in attributes)
    after = "__attrs_post_init__" if find_attribute(cls, "__attrs_post_init__") is not None else None
    return Form(cls, names, after=after)


def _keeps_hash(cls: type) -> bool:
    """Whether the generated ``__hash__`` needs an attribute that the generated ``__init__`` sets."""
    function = find_attribute(cls, "__hash__")
    return isinstance(function, FunctionType) and "_attrs_cached_hash" in function.__code__.co_names


def _is_by_attrs(function: Any) -> bool:
    if not isinstance(function, FunctionType):
        return False
    name: str = function.__code__.co_filename
    return name.startswith("<attrs generated") or function.__module__ == "attr._make"


def _namedtuple(cls: Any, attributes: tuple[Attribute, ...], *, whole: bool, trusted: bool) -> Form:
    new = find_attribute(cls, "__new__")
    new = new.__func__ if isinstance(new, staticmethod) else new
    plain = (
        isinstance(new, FunctionType)
        and new.__code__.co_names == ("_tuple_new",)
        and new.__globals__.get("_tuple_new") is tuple.__new__
        and find_attribute(cls, "__init__") is object.__init__
        and find_attribute(type(cls), "__call__") is type.__dict__["__call__"]
    )
    names = tuple(attribute.name for attribute in attributes)
    if plain and whole and names == cls._fields:
        return Form(cls, names)
    return _called(cls, attributes)


def _pydantic(cls: Any, attributes: tuple[Attribute, ...], *, whole: bool, trusted: bool) -> Form:
    names = tuple(attribute.name for attribute in attributes)
    if trusted:
        if not whole:
            return Form(cls, names, call=cls.model_construct, keywords=dict(zip(names, names, strict=True)))
        return Form(cls, names, call=TrustedModel(cls), entries=names)
    base: Any = sys.modules["pydantic.main"].BaseModel
    own = find_attribute(cls, "model_validate") is not find_attribute(base, "model_validate")
    validate = cls.model_validate if own else cls.__pydantic_validator__.validate_python
    return Form(cls, names, call=validate, entries=tuple(each.keyword or each.name for each in attributes))


_FORMS: dict[str, Callable[..., Form]] = {
    "struct": _struct,
    "dataclass": _dataclass,
    "attrs": _attrs,
    "namedtuple": _namedtuple,
    "pydantic": _pydantic,
}
