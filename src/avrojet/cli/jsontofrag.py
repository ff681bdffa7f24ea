"""Write the data of JSON texts in Avro's JSON encoding one after the other, without a file's header."""

from __future__ import annotations

import argparse
import sys

from avrojet.cli.schemas import add_schema_and_file, schema_beside_file

EXAMPLES = """\
avrojet jsontofrag --schema-file order.avsc order.json > order.bin
avrojet jsontofrag '"long"' - < numbers.json > numbers.bin
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_schema_and_file(parser, "JSON texts, one on a line or not; - for stdin")


def run(arguments: argparse.Namespace) -> None:
    from pathlib import Path

    from avrojet.datum import Encoder

    encoder = Encoder(schema_beside_file(arguments), logical_types=False)
    out = sys.stdout.buffer.write
    if arguments.file == "-":
        for datum in encoder.from_json_stream(sys.stdin.buffer):
            out(datum)
        return
    with Path(arguments.file).open("rb") as source:
        for datum in encoder.from_json_stream(source):
            out(datum)
