"""Print the Parsing Canonical Form of a schema: only the parts that decide how its data are read."""

from __future__ import annotations

import argparse

from avrojet.cli.schemas import add_schema, read_schema

EXAMPLES = """\
avrojet canonical user.avsc
avrojet canonical orders.avro      of the file's schema
avrojet canonical user.avsc user.canonical
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_schema(parser)
    parser.add_argument(
        "target",
        metavar="OUT",
        nargs="?",
        default="-",
        help="the file to write, or - for stdout",
    )


def run(arguments: argparse.Namespace) -> None:
    text = read_schema(arguments.schema).canonical_form
    if arguments.target == "-":
        print(text)
        return
    from pathlib import Path

    from avrojet.container.replacing import replacing

    with replacing(arguments.target, fsync=None) as place:
        Path(str(place)).write_bytes(text.encode() + b"\n")
