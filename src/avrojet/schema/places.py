"""Places in a schema, and errors that name them."""

from __future__ import annotations

from typing import Final, TypeAlias

from avrojet.errors import SchemaError

Place: TypeAlias = "tuple[Place | None, str, int | str]"
"""The enclosing place, a template, and what to fill in. The whole schema is None.

A chain costs next to nothing to make; it is rendered only when something is wrong."""


TOO_DEEP: Final = "a default or an attribute nests too deep for Python's stack"

_SHOWN_PARTS: Final = 60


def render(place: Place | None) -> str:
    """``fields[3].type.items``; empty for the whole schema. A very long path is shortened in the middle."""
    parts: list[str] = []
    count = 0
    while place is not None:
        outer, template, index = place
        if count < _SHOWN_PARTS or outer is None:
            parts.append(template.format(index))
        elif count == _SHOWN_PARTS:
            parts.append("\N{HORIZONTAL ELLIPSIS}")
        count += 1
        place = outer
    return ".".join(reversed(parts)).replace(".[", "[").replace(": .", ": ")


def invalid(message: str, place: Place | None) -> SchemaError:
    """An error with the place in its message and in its path."""
    path = render(place)
    return SchemaError(f"{path}: {message}" if path else message, reason=message, path=path)
