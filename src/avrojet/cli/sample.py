"""Show random records of Avro files, in their order: a table on a terminal, JSON lines in a pipe.

Blocks without a chosen record are not decompressed.
"""

from __future__ import annotations

import argparse
import random
import sys
from typing import Any

from avrojet.cli.choosing import Chosen, by_rate, rate, write_chosen
from avrojet.cli.records import add_view, open_records, show_records, write_lines
from avrojet.cli.streams import add_count, add_file, open_file, open_twice

EXAMPLES = """\
avrojet sample orders.avro -n 5
avrojet sample orders.avro --rate 0.01 --seed 7 --json > some.jsonl
avrojet sample orders.avro -n 1000 --out some.avro
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_file(parser)
    add_view(parser)
    which = parser.add_mutually_exclusive_group()
    add_count(which, "how many records", default=10)
    which.add_argument("--rate", type=rate, metavar="R", help="the probability of each record, 0 to 1")
    parser.add_argument("--seed", metavar="SEED", help="the same seed chooses the same records")
    parser.add_argument("--out", metavar="OUT", help="an Avro file to write, or - for the standard output")
    parser.add_argument("--json", action="store_true", help="print JSON lines on a terminal, too")


def run(arguments: argparse.Namespace) -> None:
    from avrojet.cli.terminal import Terminal

    chance = random.Random(arguments.seed)  # noqa: S311 (no secret)
    if arguments.rate is not None:
        source = open_file(arguments.file)
        chosen = Chosen(by_rate(arguments.rate, chance))
    else:
        source = open_twice(arguments.file)  # the records are counted first
        chosen = Chosen(_numbers(source, arguments.count, chance))
    reader, shown = open_records(arguments.file, arguments, source=source)
    if arguments.out is not None:
        write_chosen([reader], chosen, arguments.out)
        return
    with reader:
        terminal = Terminal(color=arguments.color)
        lines = chosen.lines(reader, shown)
        if arguments.json or not terminal.is_terminal:
            write_lines(lines)
        else:
            show_records(terminal, shown, b"".join(lines).splitlines())


def _numbers(source: Any, count: int, chance: random.Random) -> list[int]:
    """The numbers of that many random records, or of all records if there are fewer."""
    from avrojet.container.count import count_records

    total = min(count_records(source), sys.maxsize)
    return sorted(chance.sample(range(total), min(count, total)))
