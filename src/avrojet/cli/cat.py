"""Print the records of Avro files, one line of JSON each.

It is plain JSON, for people and for tools like jq, not Avro's JSON encoding, which `tojson` prints: unions
are shown without their branch, dates, times and durations in ISO format, decimals and UUIDs as text, bytes as
text of the code points 0 to 255, and the floats that JSON lacks as ``"NaN"`` and ``"Infinity"``.

With --out, they go to an Avro file instead, as those of avro-tools' cat do.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from avrojet.cli.choosing import Chosen, in_range, rate, write_chosen
from avrojet.cli.records import add_view, all_lines, open_records, write_lines
from avrojet.cli.streams import add_count, add_files, each_file, number

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from avrojet.container.reader import DataFileReader

EXAMPLES = """\
avrojet cat orders.avro
avrojet cat orders.avro -n 5 --columns id,customer.name
avrojet cat 2026-*.avro s3://shop/orders.avro
avrojet cat - < orders.avro | jq .id
avrojet cat --offset 1000 --limit 10 --out some.avro orders.avro
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_files(parser)
    add_view(parser)
    add_count(parser, "the first N records only, of all files together", others=("--head", "--limit"))
    parser.add_argument("--offset", type=number, metavar="N", default=0, help="leave out the first N records")
    parser.add_argument("--samplerate", type=rate, metavar="R", help="the probability of each record, 0 to 1")
    parser.add_argument("--out", metavar="OUT", help="an Avro file to write, or - for the standard output")
    parser.add_argument("--pretty", action="store_true", help="indent, over several lines")


def run(arguments: argparse.Namespace) -> None:
    names = each_file(arguments.files)
    if arguments.offset or arguments.samplerate is not None or arguments.out is not None:
        _run_chosen(arguments, names)
        return
    left: int | None = arguments.count
    for name in names:
        reader, _ = open_records(name, arguments)
        with reader:
            lines = all_lines(reader, name, left, plain=True, spaced=True, wide_floats=True)
            remaining = write_lines(lines, left, pretty=arguments.pretty)
        if left is not None:
            left = remaining
            if not left:
                return


def _run_chosen(arguments: argparse.Namespace, names: Iterable[str]) -> None:
    import random

    numbers = in_range(arguments.offset, arguments.count, arguments.samplerate, random.Random())  # noqa: S311
    chosen = Chosen(numbers)
    if arguments.out is not None:
        if arguments.columns or arguments.reader_schema:
            from avrojet.errors import AvroError

            raise AvroError("--out copies records as they are: `avrojet convert` takes columns and schemas")
        write_chosen(_readers(arguments, names, chosen), chosen, arguments.out)
        return
    for name in names:
        reader, shown = open_records(name, arguments)
        with reader:
            write_lines(chosen.lines(reader, shown), pretty=arguments.pretty)
        if chosen.is_done:
            return


def _readers(arguments: argparse.Namespace, names: Iterable[str], chosen: Chosen) -> Iterator[DataFileReader]:
    """Readers of the files until all records are found; there is one in any case, whose schema is needed."""
    for place, name in enumerate(names):
        if place and chosen.is_done:
            return
        yield open_records(name, arguments)[0]
