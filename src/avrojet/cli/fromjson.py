"""Write an Avro file of records in Avro's JSON encoding, which `tojson` prints, to the standard output.

`convert` takes plain JSON, CSV and others, and writes to files.
"""

from __future__ import annotations

import argparse
import sys

from avrojet.cli.schemas import add_inline_schema, inline_schema
from avrojet.cli.streams import open_target

EXAMPLES = """\
avrojet fromjson --schema-file order.avsc orders.json > orders.avro
avrojet fromjson --schema '"long"' --codec deflate --level 9 - < numbers.json > numbers.avro
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="JSON texts, one on a line or not; - for stdin")
    parser.add_argument("--codec", default="null", help="of the file (%(default)s)")
    parser.add_argument("--level", type=int, metavar="N", help="of compression")
    add_inline_schema(parser, "--schema", required=True)


def run(arguments: argparse.Namespace) -> None:
    from pathlib import Path

    from avrojet.container.writer import DataFileWriter

    schema = inline_schema(arguments, "--schema")
    target = open_target("-")
    with DataFileWriter(target, schema, arguments.codec, arguments.level) as writer:
        if arguments.file == "-":
            writer.write_json(sys.stdin.buffer)
        else:
            with Path(arguments.file).open("rb") as source:
                writer.write_json(source)
