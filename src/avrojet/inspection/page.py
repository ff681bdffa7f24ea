"""One page of HTML that shows what bytes are. It loads nothing else, and can be read without scripts."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from itertools import count
from typing import TYPE_CHECKING, Final

from avrojet.errors import AvroError
from avrojet.inspection.hexdump import value_text
from avrojet.inspection.ranges import ByteRange, Section, reason_of
from avrojet.messages import readable

if TYPE_CHECKING:
    from avrojet.inspection.container import BlockLayout
    from avrojet.inspection.inspect import Inspection

_WIDTH: Final = 16  # bytes of a line
_MOST: Final = 96  # bytes of one range; of more, the middle is left out
_BLOCKS: Final = 200  # rows of the table of blocks

_STYLE: Final = """
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; --line: #8885; --on: #fd4a; }
body { margin: 1.5rem; }
h1, h2 { font-weight: 600; } h2 { margin-top: 2rem; }
pre, td, .mono { font-family: ui-monospace, monospace; font-size: 13px; }
table { border-collapse: collapse; }
th, td { text-align: left; padding: .1rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top; }
td.number { text-align: right; }
.pair { display: grid; grid-template-columns: auto 1fr; gap: 1.5rem; align-items: start; }
.bytes { margin: 0; line-height: 1.7; max-height: 90vh; overflow: auto; position: sticky; top: 0; }
.bytes a { color: inherit; text-decoration: none; border-bottom: 2px solid var(--line); }
.offset { color: #888; }
.k-length, .k-count, .k-size, .k-end { color: #07a; } .k-branch { color: #a3a; } .k-key { color: #b60; }
.k-content, .k-value { color: #182; } .k-error { color: #fff; background: #c22; }
tr.k-error td { color: #fff; }
.on, :target { background: var(--on); color: inherit; outline: 1px solid #c90; }
@media (prefers-color-scheme: dark) {
  .k-length, .k-count, .k-size, .k-end { color: #6cf; } .k-branch { color: #e8e; } .k-key { color: #fb6; }
  .k-content, .k-value { color: #7d8; }
}
@media (max-width: 60rem) { .pair { grid-template-columns: 1fr; } .bytes { position: static; } }
"""

# A range under the pointer, or with the focus, is highlighted: both its bytes and its row.
_SCRIPT: Final = """
(() => {
  let on = [];
  const show = event => {
    const found = event.target.closest("[data-r]");
    on.forEach(each => each.classList.remove("on"));
    on = found ? [...document.querySelectorAll(`[data-r="${found.dataset.r}"]`)] : [];
    on.forEach(each => each.classList.add("on"));
    const other = found && on.find(each => each.tagName !== found.tagName);
    if (other && event.type === "click") other.scrollIntoView({block: "center", behavior: "smooth"});
  };
  ["mouseover", "focusin", "click"].forEach(name => document.addEventListener(name, show));
})();
"""


def page_of(inspection: Inspection) -> str:
    """The page, as text to be written as UTF-8."""
    return "".join(_page(inspection))


def _page(inspection: Inspection) -> Iterator[str]:
    title = _text(inspection.name or "bytes")
    yield (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width">\n'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "style-src 'unsafe-inline'; script-src 'unsafe-inline'\">\n"
        f"<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>\n"
    )
    if inspection.error is not None:
        yield f'<p class="k-error">{_text(str(inspection.error))}</p>\n'
    if inspection.header is not None:
        yield f"<p>codec {_text(inspection.header.codec)}, header {inspection.header.size:,} bytes</p>\n"
        yield from _blocks(inspection)
    numbers = count()
    for section in inspection.sections:
        yield from _section(section, numbers)
    yield f"<script>{_SCRIPT}</script>\n</body>\n</html>\n"


def _blocks(inspection: Inspection) -> Iterator[str]:
    """The table of the blocks."""
    yield "<h2>blocks</h2>\n<table>\n<tr><th>block<th>offset<th>records<th>bytes<th>data at</tr>\n"
    total = 0
    try:
        for block in inspection.blocks():
            total += 1
            if total <= _BLOCKS:
                yield _block(block)
    except AvroError as error:
        yield f'<tr class="k-error"><td colspan="5">{_text(reason_of(error))}</td></tr>\n'
    if total > _BLOCKS:
        yield f'<tr><td colspan="5">and {total - _BLOCKS:,} more</td></tr>\n'
    yield "</table>\n"


def _block(block: BlockLayout) -> str:
    cells = block.index, block.offset, block.count, block.size, block.data_offset
    return "<tr>" + "".join(f'<td class="number">{cell:,}</td>' for cell in cells) + "</tr>\n"


def _section(section: Section, numbers: Iterator[int]) -> Iterator[str]:
    """The bytes, and next to them a table that explains each range."""
    ranges = [(next(numbers), found) for found in section.ranges]
    yield f'<h2>{_text(section.title)}</h2>\n<div class="pair">\n<pre class="bytes">'
    column = 0
    for number, found in ranges:
        pieces, column = _digits(section, found, column)
        title = _text(f"{found.name}  {value_text(found)}")
        for piece in pieces:
            yield (
                f'<a href="#r{number}" data-r="{number}" class="{_class(found)}" title="{title}">{piece}</a>'
                if piece.strip()
                else piece
            )
    yield "</pre>\n<table>\n<tr><th>offset<th>bytes<th>what<th>type<th>value</tr>\n"
    for number, found in ranges:
        yield (
            f'<tr id="r{number}" data-r="{number}" class="{_class(found)}" tabindex="0">'
            f'<td class="number">{found.start:x}</td><td class="number">{found.end - found.start}</td>'
            f"<td>{_text(found.name)}</td><td>{_text(found.type)}</td><td>{_text(value_text(found))}</td></tr>\n"
        )
    yield "</table>\n</div>\n"


def _digits(section: Section, found: ByteRange, column: int) -> tuple[list[str], int]:
    """The bytes of a range in pieces of one line each, and the column after the last of them."""
    data = section.bytes_of(found)
    shown = [bytes(data)] if len(data) <= _MOST else [bytes(data[: _MOST - 16]), bytes(data[-16:])]
    pieces: list[str] = []
    for number, part in enumerate(shown):
        if number:
            pieces += ["\n", f"\N{HORIZONTAL ELLIPSIS} {len(data) - _MOST:,} bytes more", "\n"]
            column = 0
        while part:
            taken = part[: _WIDTH - column]
            pieces.append(taken.hex(" "))
            part = part[len(taken) :]
            column += len(taken)
            pieces.append(" " if column < _WIDTH else "\n")
            column %= _WIDTH
    return pieces, column


def _class(found: ByteRange) -> str:
    return "k-" + found.kind.split()[0]


def _text(text: str) -> str:
    """Untrusted text as HTML, without invisible characters."""
    return escape(readable(text))
