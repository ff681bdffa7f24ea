"""Write the records of an Avro file of bytes, or of strings, as lines of text, as avro-tools does."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from avrojet.cli.streams import open_file
from avrojet.errors import SchemaError

if TYPE_CHECKING:
    from avrojet.container.reader import DataFileReader

EXAMPLES = """\
avrojet totext log.avro log.txt
avrojet totext log.avro - | sort
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("source", metavar="FILE", help="an Avro file or URL, or - for the standard input")
    parser.add_argument(
        "target", metavar="TEXT", nargs="?", default="-", help="the file to write, or - for stdout"
    )


def run(arguments: argparse.Namespace) -> None:
    from pathlib import Path

    from avrojet.container.reader import DataFileReader
    from avrojet.container.replacing import replacing

    with DataFileReader(open_file(arguments.source), logical_types=False) as reader:
        if reader.schema.type not in {"bytes", "string"}:
            raise SchemaError(
                f"{arguments.source}: records are of type {reader.schema.type}, not bytes: try avrojet cat"
            )
        if arguments.target == "-":
            sys.stdout.buffer.writelines(_lines(reader, for_people=sys.stdout.isatty()))
            return
        with replacing(arguments.target, fsync=None) as place, Path(str(place)).open("wb") as file:
            file.writelines(_lines(reader, for_people=False))


def _lines(reader: DataFileReader, *, for_people: bool) -> Iterator[bytes]:
    for row in reader:
        line = row.encode() if isinstance(row, str) else row
        if for_people:
            from avrojet.cli.terminal import clean

            line = clean(line.decode("utf-8", "backslashreplace")).encode()
        yield line + b"\n"
