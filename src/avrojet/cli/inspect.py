"""Show the structure of the bytes of an Avro file or of a message.

For a file, show the layout: where the header and the blocks are, and their contents. With --hex, for chosen
records or blocks, and for a message (--schema), show each byte range with its name and value. A damaged file
is shown up to the damage, which is marked; the exit status is 1 then.

Records and blocks are counted from 0. The output for a file begins with the header, or with the given --block
or --record, and ends after --head records (10; one if --record is given).
"""

from __future__ import annotations

import argparse
import sys
from collections import deque
from typing import TYPE_CHECKING, Any, Final

from avrojet.cli.streams import add_file, complain, number, open_file, print_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from avrojet.cli.terminal import Terminal
    from avrojet.errors import AvroError
    from avrojet.inspection.container import BlockLayout
    from avrojet.inspection.hexdump import Line
    from avrojet.inspection.inspect import Inspection

EXAMPLES = """\
avrojet inspect orders.avro                            the layout of a file
avrojet inspect orders.avro --hex --block 2 --head 3   three records, byte by byte
avrojet inspect orders.avro --hex --record 1017        one record, wherever it is
avrojet inspect message.bin --schema order.avsc        a message, with or without a frame
avrojet inspect orders.avro --html > orders.html       a page for a browser
avrojet inspect order.avsc --mermaid                   a diagram of a schema
"""

_DAMAGED: Final = 1
_FIRST: Final = 12  # blocks of a table on a terminal, and
_MOST: Final = 100_000  # in a pipe; of more, the middle is left out
_LAST: Final = 4
_STYLES: Final = {
    "length": ("cyan",),
    "count": ("cyan",),
    "size": ("cyan",),
    "end": ("cyan",),
    "key length": ("cyan",),
    "key": ("yellow",),
    "branch": ("magenta",),
    "value": ("green",),
    "content": ("green",),
    "error": ("red", "bold"),
    "not shown": ("dim",),
    "sync marker": ("dim",),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_file(parser)
    parser.add_argument("--schema", metavar="SCHEMA", help="FILE is a message of this schema (a file)")
    parser.add_argument(
        "--frame",
        metavar="FRAME",
        type=_frame,
        help="what precedes the datum of a message: none, single-object, confluent, glue, ...;"
        " else that which leaves a datum of the schema",
    )
    parser.add_argument("--block", type=number, metavar="N", help="begin with this block")
    parser.add_argument(
        "--record", type=number, metavar="N", help="begin with this record: of the --block, or of the file"
    )
    parser.add_argument("--head", type=number, metavar="N", help="show this many records")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--hex", action="store_true", help="show the bytes, each range with its name")
    form.add_argument("--mermaid", action="store_true", help="print a Mermaid diagram")
    form.add_argument("--html", action="store_true", help="print a page of HTML")
    form.add_argument("--json", action="store_true", help="print the ranges as JSON")


def run(arguments: argparse.Namespace) -> int:
    from avrojet.cli.terminal import Terminal

    if arguments.mermaid and arguments.file.endswith((".avsc", ".avdl")):
        _print_schema(arguments.file)
        return 0
    found = _inspected(arguments)
    if arguments.mermaid:
        sys.stdout.buffer.write(found.mermaid().encode())
    elif arguments.html:
        sys.stdout.buffer.write(found.html().encode())
    elif arguments.json:
        print_json(_as_json(found))
    elif _wants_bytes(arguments) or found.header is None:
        _show_bytes(found, Terminal(color=arguments.color))
    else:
        return _show_layout(found, Terminal(color=arguments.color))
    if found.error is None:
        return 0
    complain(found.error)
    return _DAMAGED


def _inspected(arguments: argparse.Namespace) -> Inspection:
    from avrojet.cli.schemas import read_schema
    from avrojet.inspection.inspect import inspect

    schema = None if arguments.schema is None else read_schema(arguments.schema)
    needs_ranges = schema is not None or arguments.html or arguments.json or _wants_bytes(arguments)
    return inspect(
        open_file(arguments.file),
        schema,
        block=arguments.block,
        record=arguments.record,
        head=arguments.head if needs_ranges else 0,
        frame=arguments.frame,
    )


def _wants_bytes(arguments: argparse.Namespace) -> bool:
    selection = arguments.block, arguments.record, arguments.head
    return arguments.hex or any(each is not None for each in selection)


def _print_schema(name: str) -> None:
    from avrojet.cli.schemas import read_schema
    from avrojet.inspection.mermaid import schema_diagram

    sys.stdout.buffer.write(schema_diagram(read_schema(name)).encode())


def _show_bytes(found: Inspection, terminal: Terminal) -> None:
    from avrojet.inspection.hexdump import dump_lines

    for line in dump_lines(found.sections):
        terminal.write(_painted(line, terminal))


def _painted(line: Line, terminal: Terminal) -> str:
    from avrojet.inspection.hexdump import padded, plain

    if not terminal.has_color:
        return f"{plain(line)}\n"
    if not line.kind:
        return f"{terminal.paint(line.name, 'bold')}\n"
    text = terminal.paint(line.text, *(() if line.kind == "error" else ("bold",)))
    styles = _STYLES.get(line.kind, ())
    return f"{terminal.paint(padded(line), *styles)}{terminal.paint(line.name, *styles)}  {text}\n"


def _show_layout(found: Inspection, terminal: Terminal) -> int:
    """The header in a few lines, and a table of the blocks."""
    from avrojet.cli.terminal import clean
    from avrojet.messages import counted

    header = found.header
    assert header is not None
    keys = [clean(key) for key in header.metadata]
    terminal.line(f"header       {header.size:,} bytes")
    terminal.line(f"codec        {clean(header.codec)}")
    terminal.line(f"sync marker  {header.sync_marker.hex()}")
    terminal.line(f"metadata     {', '.join(keys)}")
    ends = _Ends(found.blocks(), _FIRST if terminal.is_terminal else _MOST)
    heads = ["block", "offset", "records", "bytes", "data at", "ends at"]
    terminal.table(heads, ends.rows(), numbers=range(6))
    sums = (ends.blocks, "block"), (ends.records, "record"), (ends.size, "byte")
    terminal.line(", ".join(counted(*each) for each in sums))
    error = ends.error or found.error
    if error is None:
        return 0
    complain(error)
    return _DAMAGED


class _Ends:
    """The first and the last blocks of a file, and sums over all.

    :ivar error: the damage at which they end, or None.
    """

    def __init__(self, blocks: Iterator[BlockLayout], first: int) -> None:
        from avrojet.errors import AvroError

        self.blocks = self.records = self.size = 0
        self.error: AvroError | None = None
        self._first: list[BlockLayout] = []
        self._last: deque[BlockLayout] = deque(maxlen=_LAST)
        try:
            for block in blocks:
                self.blocks += 1
                self.records += block.count
                self.size += block.size
                if len(self._first) < first:
                    self._first.append(block)
                else:
                    self._last.append(block)
        except AvroError as error:
            self.error = error

    def rows(self) -> list[list[object]]:
        rows = [_row(block) for block in self._first]
        left = self.blocks - len(self._first) - len(self._last)
        if left:
            rows.append([f"\N{HORIZONTAL ELLIPSIS} {left:,} more", *["\N{HORIZONTAL ELLIPSIS}"] * 5])
        return rows + [_row(block) for block in self._last]


def _row(block: BlockLayout) -> list[object]:
    return [block.index, block.offset, block.count, block.size, block.data_offset, block.end]


def _as_json(found: Inspection) -> list[dict[str, Any]]:
    return [
        {
            "section": section.title,
            "restored": section.is_restored,
            "error": None if section.error is None else str(section.error),
            "ranges": [
                {
                    "start": each.start,
                    "end": each.end,
                    "name": each.name,
                    "where": each.where,
                    "path": each.path,
                    "kind": each.kind,
                    "type": each.type,
                    "value": each.text,
                }
                for each in section.ranges
            ],
        }
        for section in found.sections
    ]


def _frame(name: str) -> str:
    from avrojet.inspection.message import FRAMES

    if name not in FRAMES:
        raise argparse.ArgumentTypeError(f"no frame is called {name!r}; there are {', '.join(FRAMES)}")
    return name
