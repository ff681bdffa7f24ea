"""The values of a generic class's type variables."""

from __future__ import annotations

import typing
from typing import Any

from avrojet.typed.annotations import Variables, substituted


def variables_of(cls: type, arguments: tuple[Any, ...]) -> Variables:
    """The values of the type variables of a class and of its generic base classes."""
    known: dict[Any, Any] = dict(zip(getattr(cls, "__parameters__", ()), arguments, strict=False))
    found: dict[Any, Any] = {}
    _collect(cls, known, found)
    return found


def _collect(cls: type, known: Variables, found: dict[Any, Any]) -> None:
    for variable, value in known.items():
        found.setdefault(variable, value)
    for base in vars(cls).get("__orig_bases__", ()):
        origin = typing.get_origin(base)
        if isinstance(origin, type) and origin is not typing.Generic:
            values = [substituted(each, known) for each in typing.get_args(base)]
            _collect(origin, dict(zip(getattr(origin, "__parameters__", ()), values, strict=False)), found)
    for base in cls.__bases__:
        if base is not object:
            _collect(base, {}, found)
