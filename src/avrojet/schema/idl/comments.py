"""Documentation comments: from a comment to its text, as Java reads it, and back."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

# What Java's regular expressions call \R, \h, and the ends of lines at which a dot stops.
_BREAK: Final = "(?:\r\n|[\n\x0b\f\r\x85\u2028\u2029])"
_BLANK: Final = "[ \t\xa0\u1680\u180e\u2000-\u200a\u202f\u205f\u3000]"
_BREAKS: Final = re.compile(_BREAK)
_BREAKS_KEPT: Final = re.compile(f"({_BREAK})")
_LINE_ENDS: Final = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_INDENT: Final = re.compile(f"{_BLANK}*")
# What Java's String.trim() removes.
_TRIMMED: Final = "".join(map(chr, range(0x21)))
_TRIMMED_IN_LINES: Final = "".join(set(_TRIMMED) - set("\n\x0b\f\r"))


def text_of_comment(comment: str) -> str:
    """The documentation that a comment holds.

    The delimiters and the blanks next to them are removed; from each line, the star or stars that all lines
    begin with, or else the indentation that all lines but the first share.

    :param comment: with its ``/**`` and ``*/``.
    """
    text = comment[3:-2].strip(_TRIMMED)
    stars = _stars(_LINE_ENDS.split(text))
    if stars:
        return re.sub(rf"(?:\A|({_BREAK}){_BLANK}*){re.escape(stars)}{_BLANK}?", r"\1", text)
    indent = _indent(text)
    return re.sub(f"({_BREAK}){indent}", r"\1", text) if indent else text


def _stars(lines: Sequence[str]) -> str:
    for stars in ("**", "*"):
        if lines[0].startswith(stars) and all(_after_indent(line).startswith(stars) for line in lines[1:]):
            return stars
    return ""


def _after_indent(line: str) -> str:
    found = _INDENT.match(line)
    assert found is not None
    return line[found.end() :]


def _indent(text: str) -> str:
    lines = _LINE_ENDS.split(text)
    if len(lines) == 1:
        lines = [text, _BREAKS.split(text)[-1]] if _BREAKS.search(text) else [text]
    if len(lines) == 1:
        return ""
    found = _INDENT.match(lines[1])
    assert found is not None
    shared = found[0]
    for line in lines[2:]:
        pairs = enumerate(zip(shared, line, strict=False))
        differs = next((index for index, (one, other) in pairs if one != other), len(line))
        shared = shared[:differs]
    return shared


def commentable(doc: str) -> str:
    """The documentation, or the nearest text that a comment can hold.

    Trailing blanks are removed, and ``*/`` is written ``*&#47;``, as in Java's comments.
    """
    return doc.replace("*/", "*&#47;").rstrip(_TRIMMED_IN_LINES)


def comment_of(doc: str, indent: str) -> str:
    """An indented comment with the text, which must be :func:`commentable`, and a line end."""
    if not _BREAKS.search(doc) and not doc.startswith(("*", *_TRIMMED)):
        return f"{indent}/** {doc} */\n" if doc else f"{indent}/** */\n"
    pieces = _BREAKS_KEPT.split(doc)  # lines and breaks in turn
    lines = [
        f"{indent} * {piece}" if piece and index % 2 == 0 else piece or f"{indent} *"
        for index, piece in enumerate(pieces)
    ]
    return f"{indent}/**\n{''.join(lines)}\n{indent} */\n"
