"""Print the records of an Avro file, one line of JSON each.

It is plain JSON, for people and for tools like jq, not Avro's JSON encoding: unions are shown without their
branch, dates, times and durations in ISO format, decimals and UUIDs as text, bytes as text of the code points
0 to 255, and the floats that JSON lacks as ``"NaN"`` and ``"Infinity"``.
"""

from __future__ import annotations

import argparse
import sys

from avrojet.cli.streams import add_file, open_file

EXAMPLES = """\
avrojet cat orders.avro
avrojet cat orders.avro --head 5
avrojet cat - < orders.avro | jq .id
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_file(parser)
    parser.add_argument("--head", type=_number, metavar="N", help="print the first N records only")


def run(arguments: argparse.Namespace) -> None:
    from avrojet.container.reader import DataFileReader

    write = sys.stdout.buffer.write
    left: int | None = arguments.head
    with DataFileReader(open_file(arguments.file)) as reader:
        if left == 0:
            return
        for lines in reader.to_json(plain=True, spaced=True, wide_floats=True):
            if left is None:
                write(lines)
            else:
                head = lines.splitlines(keepends=True)[:left]
                write(b"".join(head))
                left -= len(head)
                if not left:
                    return


def _number(text: str) -> int:
    number = int(text)
    if number < 0:
        raise ValueError
    return number
