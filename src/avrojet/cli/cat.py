"""Print the records of an Avro file, one line of JSON each."""

from __future__ import annotations

import argparse
import sys
from itertools import islice

from avrojet.cli.streams import add_file, open_file

HELP = "print the records as JSON lines"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_file(parser)
    parser.add_argument("--head", type=_number, metavar="N", help="print the first N records only")


def run(arguments: argparse.Namespace) -> None:
    from avrojet.cli.jsonlines import json_line
    from avrojet.container.reader import DataFileReader

    write = sys.stdout.buffer.write
    with DataFileReader(open_file(arguments.file)) as records:
        for record in islice(records, arguments.head):
            write(json_line(record))


def _number(text: str) -> int:
    number = int(text)
    if number < 0:
        raise ValueError
    return number
