"""Output for people: tables, colours and text on a terminal, and plain text in a pipe.

rich draws on terminals. It is imported when something is drawn there, never in a pipe; if it is not
installed, terminals get the same plain text as pipes.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Sequence
from typing import Any, Final, Literal, TextIO, TypeAlias

from avrojet.messages import readable

When: TypeAlias = Literal["auto", "always", "never"]

_STYLES: Final = {
    "bold": "1", "dim": "2", "italic": "3", "underline": "4", "reverse": "7", "red": "31", "green": "32",
    "yellow": "33", "blue": "34", "magenta": "35", "cyan": "36",
}  # fmt: skip
_ELLIPSIS: Final = "\N{HORIZONTAL ELLIPSIS}"
# Characters that move the cursor, or reorder or hide text: DEL, C1, marks of direction, separators.
# (JSON itself escapes the characters below the space.)
_UNSEEN: Final = re.compile(
    rb"\x7f|\xc2[\x80-\x9f]|\xe2\x80[\x8b-\x8f\xa8-\xae]|\xe2\x81[\xa0-\xaf]|\xef\xbb\xbf"
)


class Terminal:
    """An output stream: a terminal, or a file or pipe, which gets plain text.

    :param stream: stdout if None.
    :param color: ``"auto"``: on terminals, unless NO_COLOR is set or TERM is ``dumb``.
    :ivar is_terminal: whether it is a terminal.
    :ivar has_color: whether it gets escape sequences for colours.
    """

    def __init__(self, stream: TextIO | None = None, color: When = "auto") -> None:
        self.stream: TextIO = sys.stdout if stream is None else stream
        self.is_terminal: bool = self.stream.isatty()
        self.has_color: bool = color == "always" or (color == "auto" and self.is_terminal and _may_color())

    @property
    def width(self) -> int:
        """Columns of the terminal; in a pipe, lines may have any width."""
        if not self.is_terminal:
            return 1 << 30
        from shutil import get_terminal_size

        return get_terminal_size().columns

    def paint(self, text: str, *styles: str) -> str:
        """Return the text in styles: bold, dim, italic, underline, reverse and the names of the six
        colours.
        """
        if not (self.has_color and styles and text):
            return text
        return f"\x1b[{';'.join(_STYLES[style] for style in styles)}m{text}\x1b[0m"

    def write(self, text: str) -> None:
        """Write text unchanged: pass data through :func:`clean` first. UTF-8 everywhere."""
        binary = getattr(self.stream, "buffer", None)
        if binary is None:
            self.stream.write(text)
            return
        self.stream.flush()
        binary.write(text.encode("utf-8", "backslashreplace"))
        if self.is_terminal:
            binary.flush()

    def line(self, text: str = "", *styles: str) -> None:
        """Write one line, in the styles."""
        self.write(self.paint(text, *styles) + "\n")

    def table(
        self,
        heads: Sequence[str],
        rows: Iterable[Sequence[object]],
        *,
        under: Sequence[str] = (),
        numbers: Iterable[int] = (),
        title: str | None = None,
        most: int | None = None,
    ) -> None:
        """Show a table: framed on a terminal, aligned columns in a pipe. Cells are cleaned; None is empty.

        :param under: a second line for each head, such as types.
        :param numbers: the columns that are aligned on the right.
        :param most: the most rows to show; if there are more, the middle is left out (on a terminal only).
        """
        cells = [[_cell(value) for value in row] for row in rows]
        right = set(numbers)
        if self.is_terminal and _has_rich():
            if most is not None and len(cells) > most:
                cells = _without_middle(cells, most, len(heads))
            self._framed(
                [clean(head) for head in heads], cells, [clean(each) for each in under], right, title
            )
            return
        lines = [
            [clean(head) for head in heads],
            *([[clean(each) for each in under]] if under else []),
            *cells,
        ]
        self.write(_aligned(lines, right))

    def _framed(
        self, heads: list[str], cells: list[list[str]], under: list[str], right: set[int], title: str | None
    ) -> None:
        from rich import box
        from rich.table import Table
        from rich.text import Text

        table = Table(
            box=box.ROUNDED if self._is_unicode else box.ASCII,
            title=None if title is None else Text(clean(title), "bold"),
            title_justify="left",
            header_style="bold",
        )
        for number, head in enumerate(heads):
            text = Text(head)
            if under:
                text.append(f"\n{under[number]}", "not bold dim")
            justify: Literal["right", "left"] = "right" if number in right else "left"
            # A number on two lines would be misread: the other columns are wrapped instead.
            table.add_column(text, justify=justify, overflow="fold", no_wrap=number in right)
        for row in cells:
            table.add_row(*map(Text, row))
        self.console().print(table)

    def console(self) -> Any:
        """A rich console on this stream, which ignores markup in text."""
        from rich.console import Console

        self.stream.flush()
        return Console(
            file=self.stream,
            force_terminal=self.is_terminal or self.has_color,
            no_color=not self.has_color,
            color_system="auto" if self.has_color else None,
            markup=False,
            highlight=False,
            emoji=False,
        )

    @property
    def _is_unicode(self) -> bool:
        return (self.stream.encoding or "").lower().replace("-", "") == "utf8"


def clean(text: str) -> str:
    """Return untrusted text, safe for a terminal: unprintable characters are escaped, as by :func:`repr`."""
    return readable(text)


def clean_json(text: bytes) -> bytes:
    """Return equivalent JSON text, safe for a terminal: unprintable characters are escaped, as in JSON."""
    return _UNSEEN.sub(lambda found: f"\\u{ord(found[0].decode()):04x}".encode(), text)


def clean_lines(text: str) -> str:
    """Return text of several lines, safe for a terminal: unprintable characters are escaped, as in IDL and
    JSON.
    """
    return "".join(
        each if each.isprintable() or each in "\n\t" else each.encode("unicode_escape").decode()
        for each in text
    )


def _may_color() -> bool:
    return not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _has_rich() -> bool:
    from importlib.util import find_spec

    return find_spec("rich") is not None


def _cell(value: object) -> str:
    return "" if value is None else clean(str(value))


def _without_middle(rows: list[list[str]], most: int, width: int) -> list[list[str]]:
    """The first and last rows, and how many are between them."""
    first, last = (most + 1) // 2, most // 2
    gap = f"{_ELLIPSIS} {len(rows) - first - last} more"
    return [*rows[:first], [gap, *[_ELLIPSIS] * (width - 1)], *rows[len(rows) - last :]]


def _aligned(lines: list[list[str]], right: set[int]) -> str:
    """Columns two spaces apart, without spaces at the ends of lines."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    padded = (
        "  ".join(
            cell.rjust(width) if number in right else cell.ljust(width)
            for number, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        for line in lines
    )
    return "".join(f"{line.rstrip()}\n" for line in padded)
