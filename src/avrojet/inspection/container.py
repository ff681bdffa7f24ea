"""A container file: where its header and blocks are, and the meaning of the bytes in selected blocks."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any, Final

from avrojet.container.block import miscounted, restore
from avrojet.container.codecs import Decompress, make_decompress
from avrojet.container.framing import SYNC_SIZE, FileParser, Header, RawBlock
from avrojet.container.source import (
    SKIM_CHUNK,
    ByteSource,
    Readable,
    is_reopened,
    read_header,
    skim_blocks,
)
from avrojet.core.rows.trace import Tracer
from avrojet.errors import AvroError, DataFileError, DecodeError, in_file, untraced
from avrojet.failures import DecodeFailure
from avrojet.inspection.ranges import DATA, ERROR, SKIPPED, SYNC, ByteRange, Section, ranges_of, reason_of
from avrojet.inspection.tracing import tracer_of
from avrojet.limits import Limits
from avrojet.schema.model import Schema
from avrojet.schema.parse import parse_schema

# From the specification (Object Container Files).
_HEADER: Final = {
    "type": "record",
    "name": "org.apache.avro.file.Header",
    "fields": [
        {"name": "magic", "type": {"type": "fixed", "name": "Magic", "size": 4}},
        {"name": "meta", "type": {"type": "map", "values": "bytes"}},
        {"name": "sync", "type": {"type": "fixed", "name": "Sync", "size": SYNC_SIZE}},
    ],
}
# How many bytes of a damaged header or block are shown.
_DAMAGED: Final = 1 << 12
# Sections of one inspection: blocks may have no records at all.
_MOST_BLOCKS: Final = 1000


@dataclass(frozen=True, slots=True)
class BlockLayout:
    """Where a block is.

    :ivar index: its number, counted from 0.
    :ivar offset: place in the file of its first byte.
    :ivar count: number of records, as the block states it.
    :ivar size: bytes of its data in the file.
    :ivar data_offset: place in the file of its data, which the sync marker follows.
    """

    index: int
    offset: int
    count: int
    size: int
    data_offset: int

    @property
    def end(self) -> int:
        """Place in the file after its sync marker."""
        return self.data_offset + self.size + SYNC_SIZE


class File:
    """A container file under inspection. Each method opens it, and closes it afterwards.

    :ivar name: path or URL, or None.
    :ivar header: its header; None if that is damaged.
    :ivar error: why the header or its schema cannot be read, or None.
    :ivar schema: the writer's schema; None if it cannot be read.
    """

    def __init__(self, source: Readable, limits: Limits) -> None:
        self._limits = limits
        self.name: str | None = None
        self.header: Header | None = None
        self.schema: Schema | None = None
        self.error: AvroError | None = None
        self._begin = 0  # where the file begins in a binary file; each method seeks back to it
        with closing(ByteSource(source)) as file:
            self.name = file.name
            # A source that can be read only once is copied into memory.
            self._source: Any = None
            self._source = source if file.seekable else file_of(file)
        if not is_reopened(self._source):
            self._begin = int(self._source.tell())
        try:
            with self._open() as opened:
                self.header = read_header(opened, self._parser(), SKIM_CHUNK)
            self.schema = parse_schema(self.header.schema_text, names="lax", limits=limits)
        except AvroError as error:
            in_file(error, self.name)
            self.error = untraced(error)

    def blocks(self) -> Iterator[BlockLayout]:
        """Yield where the complete blocks are; their data are not read.

        :raises DataFileError: where the file is damaged, or ends within a block.
        """
        last: BlockLayout | None = None  # known to be complete once the next one is found
        try:
            with self._open() as file:
                parser = self._parser()
                read_header(file, parser, SKIM_CHUNK)
                for block in skim_blocks(file, parser):
                    if last is not None:
                        yield last
                    last = BlockLayout(block.index, block.offset, block.count, block.size, block.data_offset)
        except AvroError as error:
            in_file(error, self.name)
            if last is not None and error.offset != last.offset:
                yield last
            raise
        if last is not None:
            yield last

    def header_section(self) -> Section:
        """The header, or as much of it as can be read."""
        size = _DAMAGED if self.header is None else self.header.size
        data = self._read(0, size)
        trace = tracer_of(parse_schema(_HEADER), self._limits).trace(data)
        ranges = [
            # The sync marker has no meaning as text.
            found if found.path != "$.sync" else ByteRange(found.start, found.end, "header", "", SYNC, "", "")
            for found in ranges_of(trace, "header")
        ]
        error = self.error if self.header is None else None
        if error is not None:
            at = min(trace.end if error.offset is None else error.offset, trace.end)
            ranges = [found for found in ranges if found.end <= at]
            at = ranges[-1].end if ranges else 0
            ranges.append(ByteRange(at, len(data), "header", "", ERROR, "", reason_of(error)))
        return Section("header", data, 0, ranges, error)

    def record_at(self, number: int) -> tuple[int, int]:
        """The block that a record of the file is in, and its number there.

        :raises DataFileError: if there are fewer records.
        """
        left = number
        for block in self.blocks():
            if left < block.count:
                return block.index, left
            left -= block.count
        raise DataFileError(f"there is no record {number}: the file has {number - left}", file=self.name)

    def sections(self, block: int | None, record: int, head: int, most: int) -> Iterator[Section]:
        """The bytes of records, and of the blocks around them.

        :param block: number of the first block, which must exist; None: 0, if there are any.
        :param record: number of the first record in it.
        :param head: how many records; they may be in several blocks.
        :param most: stop after this many parts of one block.
        :raises DataFileError: if there is no such block.
        """
        if self.header is None or self.schema is None:
            return
        tracer = tracer_of(self.schema, self._limits)
        found, damage = self._some(block or 0, record + head)
        if not found and damage is None and block is not None:
            raise DataFileError(f"there is no block {block}", file=self.name)
        for each in found:
            yield from self._block(each, tracer, record, head, most)
            head -= max(0, each.count - record)
            record = 0
        if damage is not None:
            at = found[-1].end if found else self.header.size
            yield self._damage(at if damage.offset is None else damage.offset, damage)

    def _some(self, first: int, records: int) -> tuple[list[BlockLayout], AvroError | None]:
        """Return the blocks from one on, until there are enough records; and the damage found before that, if
        any.
        """
        found: list[BlockLayout] = []
        try:
            for each in self.blocks():
                if each.index >= first:
                    found.append(each)
                    records -= each.count
                    if records <= 0 or len(found) == _MOST_BLOCKS:
                        break
        except AvroError as error:
            return found, untraced(error)
        return found, None

    def _block(
        self, block: BlockLayout, tracer: Tracer, record: int, head: int, most: int
    ) -> Iterator[Section]:
        where = f"block {block.index}"
        data = self._read(block.offset, block.end - block.offset)
        origin, after = block.offset, block.data_offset + block.size
        counted = _varint_end(data) + origin
        frame = [
            ByteRange(origin, counted, where, "", "count", "", str(block.count)),
            ByteRange(counted, block.data_offset, where, "", "size", "", str(block.size)),
        ]
        sync = ByteRange(after, block.end, where, "", SYNC, "", "")
        payload = data[block.data_offset - origin : after - origin]
        assert self.header is not None
        if self.header.codec == "null":
            ranges, error = _records(block, payload, tracer, record, head, most, block.data_offset)
            yield Section(where, data, origin, [*frame, *ranges, sync], error)
            return
        said = f"{block.size} bytes, compressed ({self.header.codec})"
        try:
            restored = memoryview(self._restored(block, payload))
        except AvroError as failure:
            error = untraced(failure)
            bad = ByteRange(block.data_offset, after, where, "", ERROR, "", reason_of(error))
            yield Section(where, data, origin, [*frame, bad, sync], error)
            return
        whole = ByteRange(block.data_offset, after, where, "", DATA, "", said)
        yield Section(where, data, origin, [*frame, whole, sync])
        ranges, error = _records(block, restored, tracer, record, head, most, 0)
        title = f"{where}, restored ({self.header.codec})"
        yield Section(title, restored, 0, ranges, error, is_restored=True)

    def _restored(self, block: BlockLayout, payload: memoryview) -> Any:
        assert self.header is not None
        decompress: Decompress = make_decompress(self.header.codec, self._limits.block_bytes)
        raw = RawBlock(block.index, block.offset, block.count, block.size, payload, block.data_offset)
        return restore(raw, decompress, self.name)

    def _damage(self, at: int, error: AvroError) -> Section:
        """The bytes from the place of damage on, after which no blocks can be found."""
        data = self._read(at, _DAMAGED)
        index = "" if error.block is None else f"block {error.block}"
        bad = ByteRange(at, at + len(data), index, "", ERROR, "", reason_of(error))
        return Section(index or "damage", data, at, [bad], error)

    def _parser(self) -> FileParser:
        return FileParser(self._limits, skip_data=True)

    def _open(self) -> closing[ByteSource]:
        if not is_reopened(self._source):
            self._source.seek(self._begin)
        return closing(ByteSource(self._source))

    def _read(self, offset: int, size: int) -> memoryview:
        """Bytes of the file, fewer only at its end."""
        data = bytearray()
        with self._open() as file:
            file.seek(offset)
            while len(data) < size and (piece := file.read(size - len(data))):
                data += piece
        return memoryview(bytes(data))


def file_of(source: ByteSource) -> io.BytesIO:
    """All bytes of a source that cannot seek."""
    data = bytearray()
    while source.read_onto(data, 1 << 20):
        pass
    return io.BytesIO(data)


def _records(
    block: BlockLayout, data: memoryview, tracer: Tracer, record: int, head: int, most: int, origin: int
) -> tuple[list[ByteRange], AvroError | None]:
    """The ranges of the data of a block, for the selected records."""
    where = f"block {block.index}"
    first = min(record, block.count)
    try:
        at = tracer.check(data, first)
    except DecodeError as damage:  # the damaged record is shown instead
        first = damage.row or 0
        at = tracer.check(data, first)
        head = 1
    ranges: list[ByteRange] = []
    if first:
        ranges.append(_skipped(0, at, where, _numbered(0, first), origin))
    for number in range(first, min(block.count, first + head)):
        trace = tracer.trace(data, at, most=most)
        here = f"{where} record {number}"
        ranges += ranges_of(trace, here, origin)
        at = trace.end
        most -= len(trace)
        if trace.error is not None:
            reason = reason_of(trace.error)
            ranges.append(
                ByteRange(at + origin, len(data) + origin, here, trace.error.path or "", ERROR, "", reason)
            )
            return ranges, trace.error
        if trace.is_cut:
            ranges.append(_skipped(at, len(data), here, "the rest", origin))
            return ranges, None
        first = number + 1
    if first < block.count:
        ranges.append(_skipped(at, len(data), where, _numbered(first, block.count), origin))
    elif at < len(data):
        error = _miscounted(block, at, len(data))
        ranges.append(ByteRange(at + origin, len(data) + origin, where, "", ERROR, "", reason_of(error)))
        return ranges, error
    return ranges, None


def _numbered(start: int, stop: int) -> str:
    return f"record {start}" if stop == start + 1 else f"records {start} to {stop - 1}"


def _skipped(start: int, end: int, where: str, text: str, origin: int) -> ByteRange:
    return ByteRange(start + origin, end + origin, where, "", SKIPPED, "", text)


def _miscounted(block: BlockLayout, end: int, size: int) -> AvroError:
    reason = miscounted(block.count, end, size)
    return DecodeError(
        f"block {block.index} at byte {block.offset}: {reason}",
        reason=reason,
        kind=DecodeFailure.TRAILING,
        block=block.index,
        offset=block.offset,
    )


def _varint_end(data: memoryview) -> int:
    """The offset after the number at the beginning."""
    end = 0
    while data[end] >= 0x80:
        end += 1
    return end + 1
