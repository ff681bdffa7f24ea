"""Write the data of JSON texts in Avro's JSON encoding one after the other, without a file's header."""

from __future__ import annotations

import argparse
import sys

from avrojet.cli.schemas import add_inline_schema, inline_schema

EXAMPLES = """\
avrojet jsontofrag --schema-file order.avsc order.json > order.bin
avrojet jsontofrag --schema '"long"' - < numbers.json > numbers.bin
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="JSON texts, one on a line or not; - for stdin")
    add_inline_schema(parser, "--schema", required=True)


def run(arguments: argparse.Namespace) -> None:
    from pathlib import Path

    from avrojet.datum import Encoder

    encoder = Encoder(inline_schema(arguments, "--schema"), logical_types=False)
    out = sys.stdout.buffer.write
    if arguments.file == "-":
        for datum in encoder.from_json_stream(sys.stdin.buffer):
            out(datum)
        return
    with Path(arguments.file).open("rb") as source:
        for datum in encoder.from_json_stream(source):
            out(datum)
