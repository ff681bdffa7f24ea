"""Write an Avro file of a text: a record of type bytes for each line, without its end, as avro-tools does."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from typing import BinaryIO

from avrojet.cli.streams import open_target

EXAMPLES = """\
avrojet fromtext log.txt log.avro
avrojet fromtext --codec zstandard - log.avro < log.txt
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("source", metavar="TEXT", help="a file, or - for the standard input")
    parser.add_argument("target", metavar="OUT", help="the Avro file to write, or - for the standard output")
    parser.add_argument("--codec", default="deflate", help="of the file (%(default)s)")
    parser.add_argument("--level", type=int, metavar="N", help="of compression")


def run(arguments: argparse.Namespace) -> None:
    from pathlib import Path

    from avrojet.container.files import write

    def write_lines(file: BinaryIO) -> None:
        write(
            open_target(arguments.target),
            "bytes",
            _lines(file),
            codec=arguments.codec,
            level=arguments.level,
        )

    if arguments.source == "-":
        write_lines(sys.stdin.buffer)
        return
    with Path(arguments.source).open("rb") as file:
        write_lines(file)


def _lines(file: BinaryIO) -> Iterator[bytes]:
    for line in file:
        yield line.removesuffix(b"\n")
