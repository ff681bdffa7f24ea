"""Text of IDL, and places in it."""

from __future__ import annotations

from avrojet.errors import IdlError


class Source:
    """A text.

    :ivar file: the path of its file, or None.
    :ivar text: all of it.
    """

    __slots__ = ("file", "text")

    def __init__(self, text: str, file: str | None = None) -> None:
        self.text = text
        self.file = file

    def where(self, at: int) -> tuple[int, int]:
        """Line and column of a character, from 1."""
        return self.text.count("\n", 0, at) + 1, at - self.text.rfind("\n", 0, at)

    def say(self, at: int) -> str:
        """The place as text, for the beginning of an error message."""
        line, column = self.where(at)
        return f"{self.file}:{line}:{column}" if self.file else f"line {line}, column {column}"

    def error(self, at: int, message: str, path: str | None = None) -> IdlError:
        """An error at a place.

        :param path: the place in the schema, if there is one.
        """
        line, column = self.where(at)
        text = f"{self.say(at)}: {message}"
        return IdlError(text, path=path, file=self.file, line=line, column=column)


class Located(dict[str, object]):
    """An object of JSON data that knows its place in the text.

    :ivar at: its offset in the text.
    """

    __slots__ = ("_places", "at")

    def __init__(self, at: int, **attributes: object) -> None:
        super().__init__(attributes)
        self.at = at
        self._places: tuple[str | int, ...] = ()  # names and places in turn; a dict takes twice the memory

    def put(self, name: str, value: object, at: int) -> None:
        """Set an attribute, and its place."""
        self[name] = value
        self._places += name, at

    def place_of(self, key: object) -> int | None:
        """The place of the attribute."""
        names = self._places[::2]
        return int(self._places[2 * names.index(key) + 1]) if key in names else None


class LocatedList(list[object]):
    """An array of JSON data that knows the places of its items."""

    __slots__ = ("_places",)

    def __init__(self) -> None:
        super().__init__()
        self._places: list[int] = []

    def add(self, value: object, at: int) -> None:
        """Append an item, and its place."""
        self.append(value)
        self._places.append(at)

    def place_of(self, key: object) -> int | None:
        """The place of the item."""
        return self._places[key] if isinstance(key, int) and key < len(self) else None
