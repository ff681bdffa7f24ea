"""Show the last records of Avro files: a table on a terminal, JSON lines in a pipe.

Only the last blocks of a file are read.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from avrojet.cli.records import add_view, lines_of_block, open_records, show_records, text_of, write_lines
from avrojet.cli.streams import add_count, add_files, each_file, open_file

if TYPE_CHECKING:
    from avrojet.container.reader import DataFileReader
    from avrojet.container.source import Readable
    from avrojet.schema.model import Schema

EXAMPLES = """\
avrojet tail orders.avro
avrojet tail orders.avro -n 3 --json
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_files(parser)
    add_view(parser)
    add_count(parser, "records of each file", default=10, others=("--tail",))
    parser.add_argument("--json", action="store_true", help="print JSON lines on a terminal, too")


def run(arguments: argparse.Namespace) -> None:
    from avrojet.cli.terminal import Terminal

    terminal = Terminal(color=arguments.color)
    names = list(each_file(arguments.files))
    for name in names:
        source = open_file(name)
        reader, shown = open_records(name, arguments, source=source)
        with reader:
            lines = _last_lines(reader, shown, source, arguments.count)
        if arguments.json or not terminal.is_terminal:
            write_lines(lines)
        else:
            rows = b"".join(lines).splitlines()
            show_records(terminal, shown, rows, name if len(names) > 1 else None)


def _last_lines(reader: DataFileReader, shown: Schema, source: Readable, count: int) -> list[bytes]:
    from avrojet.container.ends import last_blocks

    blocks = last_blocks(reader, _size_of(source), count)
    text = text_of(reader.schema, shown)
    extra = max(0, sum(block.count for block in blocks) - count)
    return [lines_of_block(block, text, 0 if number else extra) for number, block in enumerate(blocks)]


def _size_of(source: Readable) -> int | None:
    """Bytes of a source that can seek."""
    from contextlib import closing

    from avrojet.container.source import ByteSource, is_reopened

    if not is_reopened(source):
        return None
    with closing(ByteSource(source)) as file:
        return file.size() if file.seekable else None
