"""Statistics of the fields and blocks of container files, in one pass over the bytes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from avrojet.container.block import located, miscounted
from avrojet.container.reader import DataFileReader
from avrojet.container.source import Readable
from avrojet.core.plan.plan import freeze
from avrojet.core.rows.measure import Measure
from avrojet.errors import AvroError, DataFileError
from avrojet.limits import Limits, limits_in_force
from avrojet.plan.resolve import resolve
from avrojet.schema.model import Schema


@dataclass(frozen=True, slots=True)
class FieldStats:
    """Statistics of the values at one place of a schema.

    :ivar name: the place: ``customer.name``, ``items[].price``, ``tags{}``, ``payload(string)`` for a branch
        of a union; ``$`` for the record itself.
    :ivar type: the type; for a union of null and one other type, the other type.
    :ivar count: values, nulls included.
    :ivar nulls: how many of them are null.
    :ivar size: bytes of their encoding.
    :ivar least: the least value as JSON text, cut short where it is long; of arrays and maps, the least
        number of items. None: there is none.
    :ivar greatest: likewise.
    :ivar distinct: an estimate of how many different values there are, some 2 percent off; None of records
        and collections.
    """

    name: str
    type: str
    count: int
    nulls: int
    size: int
    least: str | None
    greatest: str | None
    distinct: int | None


@dataclass(frozen=True, slots=True)
class BlockStats:
    """One block.

    :ivar index: its number.
    :ivar offset: its place in the file.
    :ivar count: its records.
    :ivar size: bytes of its data in the file.
    :ivar restored: bytes of its data, decompressed.
    """

    index: int
    offset: int
    count: int
    size: int
    restored: int


@dataclass(slots=True)
class FileStats:
    """Statistics of a file.

    :ivar schema: the writer's schema.
    :ivar codec: name of the codec.
    :ivar fields: the places of the schema.
    :ivar blocks: the blocks, up to the first hundred thousand.
    :ivar block_count: how many blocks there are.
    :ivar records: records of all blocks.
    :ivar size: bytes of their data in the file.
    :ivar restored: the same, decompressed.
    """

    schema: Schema
    codec: str
    fields: list[FieldStats] = field(default_factory=list)
    blocks: list[BlockStats] = field(default_factory=list)
    block_count: int = 0
    records: int = 0
    size: int = 0
    restored: int = 0


_MOST_BLOCKS = 100_000


def file_stats(source: Readable, *, limits: Limits | None = None) -> FileStats:
    """Measure the values of a file, without creating Python objects for them.

    :param source: a path or URL, the bytes, or a binary file.
    :raises DataFileError: if the file is damaged.
    :raises DecodeError: if a record is damaged.
    :raises SchemaError: if the schema has too many places.
    """
    limits = limits_in_force(limits)
    with DataFileReader(source, limits=limits) as reader:
        found = FileStats(reader.schema, reader.codec)
        measure = Measure(freeze(resolve(reader.schema), limits=limits))
        for block in _measured(reader, measure):
            found.block_count += 1
            found.records += block.count
            found.size += block.size
            found.restored += block.restored
            if found.block_count <= _MOST_BLOCKS:
                found.blocks.append(block)
        found.fields = [FieldStats(*row) for row in measure.rows()]
    return found


def _measured(reader: DataFileReader, measure: Measure) -> Iterator[BlockStats]:
    for block in reader.blocks():
        data = memoryview(block.decompressed())
        try:
            end = measure.add(data, block.count)
            if end != len(data):
                raise DataFileError(miscounted(block.count, end, len(data)))
        except AvroError as error:
            raise located(error, block) from None
        yield BlockStats(block.index, block.offset, block.count, block.size, len(data))
