"""Show random records of Avro files, in their order: a table on a terminal, JSON lines in a pipe.

Blocks without a chosen record are not decompressed.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from avrojet.cli.records import add_columns, lines_of_block, open_records, show_records, text_of, write_lines
from avrojet.cli.streams import add_file, number, open_file

if TYPE_CHECKING:
    from avrojet.container.block import Block
    from avrojet.container.reader import DataFileReader
    from avrojet.schema.model import Schema

_MANY: Final = 1_000_000  # records of a block

EXAMPLES = """\
avrojet sample orders.avro -n 5
avrojet sample orders.avro --rate 0.01 --seed 7 --json > some.jsonl
avrojet sample orders.avro -n 1000 --out some.avro
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_file(parser)
    add_columns(parser)
    which = parser.add_mutually_exclusive_group()
    which.add_argument(
        "-n", type=number, default=10, metavar="N", dest="count", help="how many records (%(default)s)"
    )
    which.add_argument("--rate", type=_rate, metavar="R", help="the probability of each record, 0 to 1")
    parser.add_argument("--seed", metavar="SEED", help="the same seed chooses the same records")
    parser.add_argument("--out", metavar="FILE", help="an Avro file to write")
    parser.add_argument("--json", action="store_true", help="print JSON lines on a terminal, too")


def run(arguments: argparse.Namespace) -> None:
    from avrojet.cli.terminal import Terminal

    chance = random.Random(arguments.seed)  # noqa: S311 (no secret)
    source: Any = open_file(arguments.file)
    if arguments.rate is not None:
        chosen = _by_rate(arguments.rate, chance)
    else:
        if arguments.file == "-":
            source = source.read()  # which is counted first
        chosen = _by_count(source, arguments.count, chance)
    reader, shown = open_records(arguments.file, arguments.columns, source=source)
    with reader:
        if arguments.out:
            _write(reader, chosen, arguments.out)
            return
        terminal = Terminal(color=arguments.color)
        lines = _lines(reader, shown, chosen)
        if arguments.json or not terminal.is_terminal:
            write_lines(lines)
        else:
            show_records(terminal, shown, b"".join(lines).splitlines())


def _by_count(source: Any, count: int, chance: random.Random) -> Iterator[int]:
    """The numbers of so many records, or of all if there are not so many."""
    from avrojet.container.count import count_records

    total = min(count_records(source), sys.maxsize)
    return iter(sorted(chance.sample(range(total), min(count, total))))


def _by_rate(rate: float, chance: random.Random) -> Iterator[int]:
    """The numbers of records of which each is chosen with a probability, without end."""
    import math

    if rate <= 0:
        return
    at = -1
    while True:
        gap = 0 if rate >= 1 else int(math.log(1 - chance.random()) / math.log1p(-rate))
        at += 1 + gap
        yield at


def _chosen(reader: DataFileReader, numbers: Iterator[int]) -> Iterator[tuple[Block, list[int]]]:
    """The blocks that have some of the records, each with their numbers in it."""
    first = 0
    wanted = next(numbers, None)
    for block in reader.blocks():
        here: list[int] = []
        if block.count > _MANY:  # of which all may be chosen
            block._accounted()
        while wanted is not None and wanted < first + block.count:
            here.append(wanted - first)
            wanted = next(numbers, None)
        if here:
            yield block, here
        if wanted is None:
            return
        first += block.count


def _lines(reader: DataFileReader, shown: Schema, numbers: Iterator[int]) -> Iterator[bytes]:
    text = text_of(reader.schema, shown)
    for block, here in _chosen(reader, numbers):
        lines = lines_of_block(block, text, here[0], here[-1] + 1).splitlines(keepends=True)
        yield b"".join(lines[each - here[0]] for each in here)


def _write(reader: DataFileReader, numbers: Iterator[int], target: str) -> None:
    from avrojet.container.replacing import replacing
    from avrojet.container.transfer import writer_like

    with replacing(target, fsync=None) as place, writer_like(reader, place, reader.codec) as writer:
        for block, here in _chosen(reader, numbers):
            writer.write_block(block.select(here))


def _rate(text: str) -> float:
    rate = float(text)
    if not 0 <= rate <= 1:
        raise ValueError
    return rate
