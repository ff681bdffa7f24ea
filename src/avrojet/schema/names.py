"""Names: what is one, and what a name in a schema means (specification: Names). Floor 1."""

from __future__ import annotations

from typing import Final

from avrojet.schema.model import PRIMITIVE_TYPES

PRIMITIVES: Final = frozenset(PRIMITIVE_TYPES)


def is_name(text: str) -> bool:
    """``[A-Za-z_][A-Za-z0-9_]*``, which is what Python calls an ASCII identifier."""
    return text.isidentifier() and text.isascii()


def is_fullname(text: str) -> bool:
    """Names joined by dots; a dot in front marks the null namespace."""
    return is_name(text) or ("." in text and all(map(is_name, text.removeprefix(".").split("."))))


def fullname(name: str, namespace: str) -> str:
    """The fullname of ``name`` where ``namespace`` encloses it; a name with dots has its own."""
    if "." in name:
        return name.removeprefix(".")
    return f"{namespace}.{name}" if namespace else name
