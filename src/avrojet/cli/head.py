"""Show the first records of Avro files: a table on a terminal, JSON lines in a pipe."""

from __future__ import annotations

import argparse
import sys

from avrojet.cli.records import add_view, first_lines, open_records, show_records, write_lines
from avrojet.cli.streams import add_count, add_files, each_file

EXAMPLES = """\
avrojet head orders.avro
avrojet head orders.avro -n 3 --columns id,customer.name
avrojet head orders.avro --json | jq .id
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_files(parser)
    add_view(parser)
    add_count(parser, "records of each file", default=10, others=("--head",))
    parser.add_argument("--json", action="store_true", help="print JSON lines on a terminal, too")


def run(arguments: argparse.Namespace) -> None:
    from avrojet.cli.terminal import Terminal

    terminal = Terminal(color=arguments.color)
    names = list(each_file(arguments.files))
    for name in names:
        reader, shown = open_records(name, arguments)
        with reader:
            if arguments.json or not terminal.is_terminal:
                write_lines(reader.to_json(plain=True, spaced=True, wide_floats=True), arguments.count)
            else:
                sys.stdout.flush()
                lines = first_lines(reader, arguments.count)
                show_records(terminal, shown, lines, name if len(names) > 1 else None)
