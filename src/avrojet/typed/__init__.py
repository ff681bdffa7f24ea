"""Classes and schemas: the schema of a class, classes of a schema, and values that are instances of
classes.
"""

from __future__ import annotations

from types import GenericAlias, UnionType
from typing import Any, Final

_FORMS: Final = (type, GenericAlias, UnionType)
_MARKS: Final = ("__origin__", "__supertype__", "__type_params__")  # of typing's forms, NewType, type aliases


def is_annotation(source: Any) -> bool:
    """Whether it is a class, or an annotation made of classes, and no schema."""
    return isinstance(source, _FORMS) or any(hasattr(source, mark) for mark in _MARKS)
