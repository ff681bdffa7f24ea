"""Places in a table and its schema, made into text only for errors."""

from __future__ import annotations


class Path:
    """A place: the enclosing one and what is added to that. ``str(path)`` is like ``$.items[].price``.

    A table of many columns has as many places, and each text would contain the names of all that enclose it.
    """

    __slots__ = ("_around", "_part")

    def __init__(self, part: str, around: Path | None = None) -> None:
        self._part = part
        self._around = around

    def __add__(self, part: str) -> Path:
        return Path(part, self)

    def field(self) -> str | None:
        """Name of the innermost field, or of a union's member in a table; or None."""
        path: Path | None = self
        while path is not None:
            if path._part.startswith("."):
                return path._part[1:]
            path = path._around
        return None

    def __str__(self) -> str:
        parts = []
        path: Path | None = self
        while path is not None:
            parts.append(path._part)
            path = path._around
        return "".join(reversed(parts))


TOP = Path("$")
