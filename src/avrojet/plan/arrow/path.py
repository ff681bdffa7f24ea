"""Places in a table and its schema, whose text is made only where an error tells it."""

from __future__ import annotations


class Path:
    """A place: the one around it and what is added to that. ``str(path)`` is as ``$.items[].price``.

    A table of many columns has as many places, and each text would hold the names of all that is around.
    """

    __slots__ = ("_around", "_part")

    def __init__(self, part: str, around: Path | None = None) -> None:
        self._part = part
        self._around = around

    def __add__(self, part: str) -> Path:
        return Path(part, self)

    def field(self) -> str | None:
        """Name of the innermost field, or of a union's member in a table; None if there is none."""
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
