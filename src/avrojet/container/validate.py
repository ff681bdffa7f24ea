"""Checks whether a container file is whole: each block, each record, each value in it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any, Final

from avrojet.container.block import Block, located, miscounted
from avrojet.container.reader import DataFileReader
from avrojet.container.source import ByteSource, Readable, is_reopened
from avrojet.core.plan.plan import freeze
from avrojet.core.rows.trace import Tracer
from avrojet.errors import AvroError, DataFileError, untraced
from avrojet.limits import Limits, limits_in_force
from avrojet.plan.resolve import resolve
from avrojet.schema.parse import parse_schema

_MOST_KEPT: Final = 1000

# Checks all records of a block, given their count and data, and returns the offset after the last.
_Check = Callable[[Any, int], int]


@dataclass(slots=True)
class Validation:
    """What is wrong with a file.

    :ivar blocks: number of whole blocks.
    :ivar records: number of their records.
    :ivar problems: the errors, in the order of the file; the first thousand.
    :ivar total: number of errors.
    """

    blocks: int = 0
    records: int = 0
    problems: list[AvroError] = field(default_factory=list)
    total: int = 0

    def __bool__(self) -> bool:
        """Whether nothing is wrong."""
        return self.total == 0

    def add(self, error: AvroError) -> None:
        """Record an error."""
        self.total += 1
        if self.total <= _MOST_KEPT:
            self.problems.append(untraced(error))


def validate_file(source: Readable, reader_schema: Any = None, *, limits: Limits | None = None) -> Validation:
    """Check every value of a file, continuing after damage.

    >>> for error in validate_file("orders.avro").problems:
    ...     print(error)

    :param source: a path or URL, the bytes of a file, or a binary file. If it cannot seek, it is read only up
        to the first damage of its blocks.
    :param reader_schema: a schema that all records must be readable as; None: the writer's.
    :returns: what was found; false if something is wrong. Errors in the file are never raised.
    :raises OSError: if the file cannot be read.
    """
    limits = limits_in_force(limits)
    found = Validation()
    try:
        reader = DataFileReader(source, reader_schema, limits=limits, logical_types=False)
    except AvroError as error:
        found.add(error)
        return found
    with reader:
        try:
            check = _checker(reader, reader_schema, limits)
        except AvroError as error:
            found.add(error)
            return found
        _validate_blocks(reader, check, found, can_seek=_can_seek(source))
    return found


def _validate_blocks(reader: DataFileReader, check: _Check, found: Validation, *, can_seek: bool) -> None:
    start: int | None = None  # where to search for the next block; None: at the reader's position
    while True:
        try:
            for block in reader.blocks(start):
                start = None
                _validate_block(block, check, found)
            return
        except AvroError as error:
            found.add(error)
            if not can_seek or error.offset is None:
                return
            # This passes the marker before the damaged block, and with it the block.
            start = error.offset + 1


def _validate_block(block: Block, check: _Check, found: Validation) -> None:
    try:
        data = block.decompressed()
        end = check(data, block.count)
        if end != len(data):
            raise DataFileError(miscounted(block.count, end, len(data)))
    except AvroError as error:
        found.add(error if error.block is not None else located(error, block))
        return
    found.blocks += 1
    found.records += block.count


def _checker(reader: DataFileReader, reader_schema: Any, limits: Limits) -> _Check:
    if reader_schema is None:
        return Tracer(freeze(resolve(reader.schema), limits=limits)).check
    from avrojet.json.encoding import text_decoder

    text = text_decoder(reader.schema, parse_schema(reader_schema, limits=limits), plain=True, limits=limits)

    def check(data: Any, count: int) -> int:
        at = 0
        while count:
            _, made, at = text.lines(data, count, at, 1 << 18)
            count -= made
        return at

    return check


def _can_seek(source: Readable) -> bool:
    if not is_reopened(source):
        return bool(hasattr(source, "seekable") and source.seekable())
    with closing(ByteSource(source)) as file:
        return file.seekable
