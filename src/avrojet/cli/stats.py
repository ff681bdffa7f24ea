"""Show statistics of the fields of an Avro file, and of its blocks, in one pass.

For each place in the schema: values, nulls, bytes, the least and the greatest value, and about how many
different values there are. For arrays ([]) and maps ({}), least and greatest are numbers of items.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from avrojet.cli.streams import add_file, print_json, size_of, watched

if TYPE_CHECKING:
    from avrojet.cli.terminal import Terminal
    from avrojet.inspection.statistics import FileStats

EXAMPLES = """\
avrojet stats orders.avro
avrojet stats orders.avro --blocks
avrojet stats orders.avro --json | jq .fields
"""

_BLOCKS = 20  # rows of the table on a terminal
_TEXT = 28  # characters of a value in it, and the fewest that are still useful
_LEAST_TEXT = 8
_HEADS = ("field", "type", "values", "nulls", "bytes", "least", "greatest", "different")
_VALUES = (5, 6)  # the columns of values, which may be cut


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_file(parser)
    parser.add_argument("--blocks", action="store_true", help="show each block, too")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(arguments: argparse.Namespace) -> None:
    from avrojet.cli.progress import Progress
    from avrojet.cli.terminal import Terminal
    from avrojet.inspection.statistics import file_stats

    name = arguments.file
    with Progress(f"stats {name}", size_of(name), color=arguments.color) as progress:
        found = file_stats(watched(name, progress))
    if arguments.json:
        print_json(_as_json(found, blocks=arguments.blocks))
    else:
        _show(Terminal(color=arguments.color), found, blocks=arguments.blocks)


def _show(terminal: Terminal, found: FileStats, *, blocks: bool) -> None:
    from avrojet.messages import counted

    terminal.line(
        f"{counted(found.records, 'record')}, {counted(found.block_count, 'block')}, codec {found.codec}:"
        f" {counted(found.size, 'byte')},"
        f" {found.restored:,} decompressed ({_ratio(found.restored, found.size)})"
    )
    _show_fields(terminal, found)
    if blocks:
        terminal.table(
            ["block", "offset", "records", "bytes", "decompressed", "ratio"],
            [
                [
                    *(each.index, each.offset, each.count, each.size, each.restored),
                    _ratio(each.restored, each.size),
                ]
                for each in found.blocks
            ],
            numbers=range(6),
            most=_BLOCKS,
        )


def _show_fields(terminal: Terminal, found: FileStats) -> None:
    """A table of the fields; where their names are too long for one, a few lines for each."""
    from avrojet.messages import shorten

    rows = [
        [
            *(each.name, each.type, each.count, each.nulls, each.size),
            *(each.least or "", each.greatest or "", "" if each.distinct is None else each.distinct),
        ]
        for each in found.fields
    ]
    room = _TEXT
    if terminal.is_terminal:
        widths = [max(len(str(cell)) for cell in column) for column in zip(_HEADS, *rows, strict=True)]
        others = sum(3 + width for number, width in enumerate(widths) if number not in _VALUES)
        room = (terminal.width - 1 - others) // len(_VALUES) - 3
        if room < _LEAST_TEXT:
            _list_fields(terminal, rows)
            return
        for row in rows:
            for number in _VALUES:
                row[number] = shorten(str(row[number]), min(room, _TEXT))
    terminal.table(_HEADS, rows, numbers=(2, 3, 4, 7))


def _list_fields(terminal: Terminal, rows: list[list[Any]]) -> None:
    from avrojet.cli.terminal import clean
    from avrojet.messages import counted, shorten

    for name, type, values, nulls, size, least, greatest, different in rows:
        terminal.line(f"{terminal.paint(clean(name), 'bold')}  {terminal.paint(clean(type), 'dim')}")
        told = [counted(values, "value"), counted(nulls, "null"), counted(size, "byte")]
        if different != "":
            told.append(f"{different:,} different")
        terminal.line(f"    {clean(', '.join(told))}")
        if least:
            terminal.line(f"    {clean(f'{shorten(least, _TEXT)} to {shorten(greatest, _TEXT)}')}")


def _ratio(restored: int, size: int) -> str:
    return f"{restored / size:.2f}x" if size else "1.00x"


def _as_json(found: FileStats, *, blocks: bool) -> dict[str, Any]:
    said: dict[str, Any] = {
        "records": found.records,
        "blocks": found.block_count,
        "codec": found.codec,
        "bytes": found.size,
        "decompressed": found.restored,
        "fields": [
            {
                "name": each.name,
                "type": each.type,
                "values": each.count,
                "nulls": each.nulls,
                "bytes": each.size,
                "least": _value(each.least),
                "greatest": _value(each.greatest),
                "different": each.distinct,
            }
            for each in found.fields
        ],
    }
    if blocks:
        said["each_block"] = [
            {
                "index": each.index,
                "offset": each.offset,
                "records": each.count,
                "bytes": each.size,
                "decompressed": each.restored,
            }
            for each in found.blocks
        ]
    return said


def _value(text: str | None) -> Any:
    """The value of a JSON text; if the text is cut short, the text with its ellipsis."""
    import json

    if text is None:
        return None
    return text[1:] if text.endswith("\N{HORIZONTAL ELLIPSIS}") else json.loads(text)
