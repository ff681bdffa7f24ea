"""Print the records of Avro files, one line of JSON each.

It is plain JSON, for people and for tools like jq, not Avro's JSON encoding, which `tojson` prints: unions
are shown without their branch, dates, times and durations in ISO format, decimals and UUIDs as text, bytes as
text of the code points 0 to 255, and the floats that JSON lacks as ``"NaN"`` and ``"Infinity"``.
"""

from __future__ import annotations

import argparse

from avrojet.cli.records import add_columns, all_lines, open_records, write_lines
from avrojet.cli.streams import add_files, each_file, number

EXAMPLES = """\
avrojet cat orders.avro
avrojet cat orders.avro --head 5 --columns id,customer.name
avrojet cat 2026-*.avro s3://shop/orders.avro
avrojet cat - < orders.avro | jq .id
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_files(parser)
    add_columns(parser)
    parser.add_argument("--head", type=number, metavar="N", help="print the first N records only")
    parser.add_argument("--pretty", action="store_true", help="indent, over several lines")


def run(arguments: argparse.Namespace) -> None:
    left: int | None = arguments.head
    for name in each_file(arguments.files):
        reader, _ = open_records(name, arguments.columns)
        with reader:
            lines = all_lines(reader, name, left, plain=True, spaced=True, wide_floats=True)
            remaining = write_lines(lines, left, pretty=arguments.pretty)
        if left is not None:
            left = remaining
            if not left:
                return
