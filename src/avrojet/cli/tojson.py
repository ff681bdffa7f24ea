"""Print the records of an Avro file in Avro's JSON encoding, one line each, as avro-tools' command does.

A union's value is shown with its branch, logical types as the plain types under them. `cat` prints plain
JSON.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from avrojet.cli.records import all_lines, write_lines
from avrojet.cli.schemas import add_inline_schema, inline_schema
from avrojet.cli.streams import add_count, add_file, number, open_file

if TYPE_CHECKING:
    from avrojet.schema.model import Schema

EXAMPLES = """\
avrojet tojson orders.avro
avrojet tojson --head=5 --pretty orders.avro
avrojet tojson --reader-schema-file order.avsc orders.avro
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_file(parser)
    parser.add_argument("--pretty", action="store_true", help="indent, over several lines")
    add_count(parser, "the first N records only")
    parser.add_argument(
        "--head", type=number, nargs="?", const=10, metavar="N", dest="count", help="the same; without N: 10"
    )
    add_inline_schema(parser, "--reader-schema")


def run(arguments: argparse.Namespace) -> None:
    from avrojet.container.reader import DataFileReader

    shown: Schema | None = inline_schema(arguments, "--reader-schema")
    with DataFileReader(open_file(arguments.file), shown) as reader:
        write_lines(
            all_lines(reader, arguments.file, arguments.count), arguments.count, pretty=arguments.pretty
        )
