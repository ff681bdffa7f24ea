"""Bytes in hexadecimal digits, each range on lines of its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from avrojet.inspection.ranges import ERROR, ByteRange, Section
from avrojet.messages import counted, readable, shorten

_WIDTH: Final = 8  # bytes of a line
_LINES: Final = 4  # of one range; of more, the middle is left out
_TEXT: Final = 80  # characters of a value
_ELLIPSIS: Final = "\N{HORIZONTAL ELLIPSIS}"


class Line(NamedTuple):
    """A line of a dump, in parts that may have different colours. All text is safe for a terminal.

    :ivar kind: of the range; ``""`` for the title of a section.
    """

    kind: str
    offset: str
    digits: str
    characters: str
    name: str
    text: str


def dump_lines(sections: Iterable[Section]) -> Iterator[Line]:
    """The lines of all sections, each after its title."""
    for number, section in enumerate(sections):
        if number:
            yield Line("", "", "", "", "", "")
        yield Line("", "", "", "", readable(section.title), "")
        for found in section.ranges:
            yield from _lines_of(section, found)


def hexdump(sections: Iterable[Section]) -> str:
    """The lines as plain text."""
    return "".join(f"{plain(line)}\n" for line in dump_lines(sections))


def plain(line: Line) -> str:
    """A line as plain text, its columns aligned."""
    if not line.kind:
        return line.name
    return f"{padded(line)}{line.name}  {line.text}".rstrip()


def padded(line: Line) -> str:
    """The columns before the name, aligned."""
    return f"{line.offset:>8}  {line.digits:<{3 * _WIDTH - 1}}  {line.characters:<{_WIDTH}}  "


def _lines_of(section: Section, found: ByteRange) -> Iterator[Line]:
    data = section.bytes_of(found)
    name, text = readable(found.name), value_text(found)
    for start in _starts(len(data)):
        if start is None:
            left = (len(data) - 1) // _WIDTH * _WIDTH - (_LINES - 2) * _WIDTH
            yield Line(found.kind, "", _ELLIPSIS, "", "", f"{counted(left, 'byte')} more")
            continue
        piece = bytes(data[start : start + _WIDTH])
        yield Line(found.kind, f"{found.start + start:x}", piece.hex(" "), characters_of(piece), name, text)
        name = text = ""


def _starts(size: int) -> list[int | None]:
    """Where lines begin; None for what is left out between the first and the last."""
    count = max(1, -(-size // _WIDTH))
    if count <= _LINES:
        return [number * _WIDTH for number in range(count)]
    return [*(number * _WIDTH for number in range(_LINES - 2)), None, (count - 1) * _WIDTH]


def value_text(found: ByteRange) -> str:
    """The value of a range, shortened to fit a line; of an error, the complete text."""
    return readable(found.text if found.kind == ERROR else shorten(found.text, _TEXT))


def characters_of(data: bytes) -> str:
    """The bytes as characters of ASCII, and full stops for others."""
    return "".join(chr(byte) if 0x20 <= byte < 0x7F else "." for byte in data)
