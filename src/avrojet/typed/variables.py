"""What the type variables of a generic class stand for."""

from __future__ import annotations

import typing
from typing import Any

from avrojet.typed.annotations import Variables, substituted


def variables_of(cls: type, arguments: tuple[Any, ...]) -> Variables:
    """What the type variables stand for in a class that has them or a generic class below which it is."""
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
