"""Records chosen by their numbers, from one file after the other; blocks without a chosen record are not
decompressed.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator
from itertools import count, islice
from typing import TYPE_CHECKING, Final

from avrojet.cli.records import lines_of_block, text_of

if TYPE_CHECKING:
    import random

    from avrojet.container.block import Block
    from avrojet.container.reader import DataFileReader
    from avrojet.schema.model import Schema

_MANY: Final = 1_000_000  # records of a block


def rate(text: str) -> float:
    """The type of arguments that are probabilities."""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0 to 1")
    return value


def by_rate(probability: float, chance: random.Random) -> Iterator[int]:
    """Yield the numbers of records, each chosen with a probability, without end."""
    import math

    if probability <= 0:
        return
    at = -1
    while True:
        gap = 0 if probability >= 1 else int(math.log(1 - chance.random()) / math.log1p(-probability))
        at += 1 + gap
        yield at


def in_range(
    offset: int, most: int | None, probability: float | None, chance: random.Random
) -> Iterator[int]:
    """The numbers of records from an offset on, each chosen with a probability if one is given.

    :param most: how many; None: all.
    """
    numbers = count() if probability is None else by_rate(probability, chance)
    return islice((offset + number for number in numbers), most)


class Chosen:
    """The records of some numbers, ascending, as they are met in one file after the other.

    :ivar is_done: whether there are no more.
    """

    def __init__(self, numbers: Iterable[int]) -> None:
        self._numbers = iter(numbers)
        self._first = 0  # number of the record that comes next
        self._wanted = next(self._numbers, None)

    @property
    def is_done(self) -> bool:
        return self._wanted is None

    def blocks(self, reader: DataFileReader) -> Iterator[tuple[Block, list[int]]]:
        """The blocks of a file that have some of the records, each with their numbers in it."""
        for block in reader.blocks():
            here: list[int] = []
            if block.count > _MANY:  # all of its records may be chosen
                block._accounted()
            end = self._first + block.count
            while self._wanted is not None and self._wanted < end:
                here.append(self._wanted - self._first)
                self._wanted = next(self._numbers, None)
            self._first = end
            if here:
                yield block, here
            if self._wanted is None:
                return

    def lines(self, reader: DataFileReader, shown: Schema) -> Iterator[bytes]:
        """JSON lines of the records of a file."""
        text = text_of(reader.schema, shown)
        for block, here in self.blocks(reader):
            lines = lines_of_block(block, text, here[0], here[-1] + 1).splitlines(keepends=True)
            yield b"".join(lines[each - here[0]] for each in here)


def write_chosen(readers: Iterable[DataFileReader], chosen: Chosen, target: str) -> None:
    """Write the records into an Avro file, of the first reader's codec and metadata.

    :param readers: of one schema; each is closed when its records are written.
    :raises DataFileError: if they differ in it.
    """
    from avrojet.cli.streams import open_target
    from avrojet.container.replacing import replacing
    from avrojet.container.transfer import writer_like

    left = iter(readers)
    first = next(left)
    with (
        first,
        replacing(open_target(target), fsync=None) as place,
        writer_like(first, place, first.codec) as writer,
    ):
        for block, here in chosen.blocks(first):
            writer.write_block(block.select(here))
        for reader in left:
            with reader:
                for block, here in chosen.blocks(reader):
                    writer.write_block(block.select(here))
