"""Show what an Avro file is: its codec, size, schema and first records. `avrojet FILE` does the same."""

from __future__ import annotations

import argparse

from avrojet.cli.streams import add_file, open_file

EXAMPLES = """\
avrojet overview orders.avro
avrojet orders.avro
"""

_ROWS = 5


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_file(parser)


def run(arguments: argparse.Namespace) -> None:
    from avrojet.cli.terminal import Terminal, clean, clean_json
    from avrojet.container.reader import DataFileReader

    terminal = Terminal(color=arguments.color)
    with DataFileReader(open_file(arguments.file)) as reader:
        terminal.line(clean(arguments.file), "bold")
        terminal.line(f"codec   {reader.codec}")
        terminal.line(f"schema  {clean_json(reader.schema.canonical_form.encode()).decode()}")
        left = _ROWS
        for lines in reader.to_json(plain=True):
            for line in lines.splitlines()[:left]:
                terminal.line(clean_json(line).decode())
                left -= 1
            if not left:
                break
