"""Print the records of an Avro file, one line of JSON each.

It is plain JSON, for people and for tools like jq, not Avro's JSON encoding: unions are shown without their
branch, dates, times and durations in ISO format, decimals and UUIDs as text, bytes as text of the code points
0 to 255, and the floats that JSON lacks as ``"NaN"`` and ``"Infinity"``.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from avrojet.cli.streams import add_file, open_file

if TYPE_CHECKING:
    from avrojet.container.reader import DataFileReader

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
    is_terminal = sys.stdout.isatty()
    left: int | None = arguments.head
    with DataFileReader(open_file(arguments.file)) as reader:
        if left == 0:
            return
        for lines in _lines(reader, whole=left is None):
            if is_terminal:
                from avrojet.cli.terminal import clean_json

                lines = clean_json(lines)
            if left is None:
                write(lines)
            else:
                head = lines.splitlines(keepends=True)[:left]
                write(b"".join(head))
                left -= len(head)
                if not left:
                    return


def _lines(reader: DataFileReader, *, whole: bool) -> Iterator[bytes]:
    """The lines, made in threads if there are processors for them and all are wanted."""
    from avrojet.container.threads import thread_count

    options: dict[str, Any] = {"plain": True, "spaced": True, "wide_floats": True}
    threads = thread_count(None)
    if not (whole and threads):
        return reader.to_json(**options)
    from avrojet.container.text_ahead import lines_ahead

    return lines_ahead(reader, threads, **options)


def _number(text: str) -> int:
    number = int(text)
    if number < 0:
        raise ValueError
    return number
