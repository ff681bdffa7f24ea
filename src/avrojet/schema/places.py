"""Where in a schema something is wrong, and what."""

from __future__ import annotations

from typing import Any, Final, TypeAlias

from avrojet.errors import SchemaError
from avrojet.schema.model import shorten

Place: TypeAlias = "tuple[Place | None, str, int | str]"
"""The place around, a template, and what to fill in. The whole schema is None.

A chain costs next to nothing to make; it is rendered only when something is wrong."""


TOO_DEEP: Final = "the schema nests too deep for Python's stack"


def render(place: Place | None) -> str:
    """``fields[3].type.items``; empty for the whole schema."""
    parts = []
    while place is not None:
        place, template, index = place
        parts.append(template.format(index))
    return ".".join(reversed(parts)).replace(".[", "[").replace(": .", ": ")


def invalid(message: str, place: Place | None) -> SchemaError:
    """The error that names the place in its message and in its path."""
    path = render(place)
    return SchemaError(f"{path}: {message}" if path else message, path=path)


def show(value: Any) -> str:
    """The value, cut short, for a message."""
    try:
        return shorten(repr(value), 60)
    except (RecursionError, ValueError):  # too deep, or a number of more digits than Python writes
        return f"this {type(value).__name__}"
