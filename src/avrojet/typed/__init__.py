"""Classes and schemas: the schema of a class, classes of a schema, and values that are instances of
classes.
"""

from __future__ import annotations

from collections.abc import Hashable
from types import GenericAlias, UnionType
from typing import Any, Final, Literal, get_args, get_origin

_FORMS: Final = (type, GenericAlias, UnionType)
_DATA: Final = {str, dict, list}  # of most schemas


def is_annotation(source: Any) -> bool:
    """Whether it is a class, or an annotation made of classes, and no schema."""
    if type(source) in _DATA:
        return False
    return isinstance(source, _FORMS) or (
        hasattr(source, "__origin__")  # of typing's forms
        or hasattr(source, "__supertype__")  # NewType
        or hasattr(source, "__type_params__")  # type aliases
    )


def annotation_key(source: Any) -> Hashable:
    """The key of an annotation in caches: a class is its own key, any other annotation is known by its parts,
    in order.

    For Python, ``int | str`` and ``str | int`` are equal, but their schemas differ.
    """
    if type(source) is type:
        return source
    arguments = get_args(source)
    if not arguments:
        return source if _has_hash(source) else _Itself(source)
    origin = get_origin(source)
    if origin is Literal:
        return (origin, *((type(value), value) for value in arguments))
    return (origin, *map(annotation_key, arguments))


def _has_hash(source: Any) -> bool:
    try:
        hash(source)
    except TypeError:
        return False
    return True


class _Itself:
    """A key for an object without a hash, such as an item of Annotated; equal only for the same object."""

    __slots__ = ("source",)

    def __init__(self, source: Any) -> None:
        self.source = source

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Itself) and other.source is self.source

    def __hash__(self) -> int:
        return id(self.source)
