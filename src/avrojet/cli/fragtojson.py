"""Print data of a schema that follow one another in a file without a header, in Avro's JSON encoding."""

from __future__ import annotations

import argparse
import sys

from avrojet.cli.records import write_lines
from avrojet.cli.schemas import add_schema_and_file, schema_beside_file

EXAMPLES = """\
avrojet fragtojson --schema-file order.avsc order.bin
avrojet fragtojson --no-pretty '"long"' - < numbers.bin
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_schema_and_file(parser, "a file of data, or - for the standard input")
    parser.add_argument("--no-pretty", action="store_true", help="a line for each datum")


def run(arguments: argparse.Namespace) -> None:
    from pathlib import Path

    from avrojet.json.encoding import text_decoder

    schema = schema_beside_file(arguments)
    text = text_decoder(schema)
    data = sys.stdin.buffer.read() if arguments.file == "-" else Path(arguments.file).read_bytes()
    at = 0
    while True:
        line, _, end = text.lines(data, 1, at)
        write_lines([line], pretty=not arguments.no_pretty)
        if end in {at, len(data)}:  # data of no bytes have no end
            return
        at = end
