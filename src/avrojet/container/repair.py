"""A damaged file's whole blocks, copied as they stand into a file of their own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

from avrojet.container.block import RowBudget, decode
from avrojet.container.codecs import Buffer
from avrojet.container.framing import SYNC_SIZE, FileParser, Header, RawBlock, build_block, build_header
from avrojet.container.losses import Losses
from avrojet.container.replacing import replacing
from avrojet.container.salvage import Salvager, name_of
from avrojet.container.source import ByteSource, Readable, read_header
from avrojet.container.target import Writable, open_new
from avrojet.core.files.block_writer import OutgoingBlock
from avrojet.datum import Decoder
from avrojet.errors import DataFileError
from avrojet.limits import Limits, limits_in_force
from avrojet.schema.parse import parse_schema


@dataclass(slots=True)
class Repair:
    """What a repair has kept and lost.

    :ivar blocks: blocks kept.
    :ivar records: their records.
    :ivar size: bytes of the header and of these blocks in the damaged file.
    :ivar losses: what is not kept, a sequence of :class:`avrojet.Loss`; empty if the file is whole.
    """

    blocks: int
    records: int
    size: int
    losses: Losses


def repair_file(
    source: Readable, target: Writable | None = None, *, fsync: bool = True, limits: Limits | None = None
) -> Repair:
    """Write the whole blocks of a damaged file into another one.

    Blocks are copied as they stand, not compressed anew, once every record of them is seen to decode.
    Schema, codec, metadata and sync marker are the damaged file's. A path appears only when the file is
    whole; the damaged file is never changed.

    >>> repair = repair_file("damaged.avro", "whole.avro")
    >>> print(repair.losses)

    :param source: a path, or a binary file that is read from where it stands.
    :param target: a path or a binary file; None: only tell.
    :param fsync: return when the system has written a path's file to the disk, so that the damaged file can
        be removed then.
    :raises DataFileError: if the header is damaged, or source and target are the same file.
    :raises CodecError: if the codec is unknown or its library not installed.
    :raises SchemaError: if the file's schema is invalid.
    """
    if target is not None and _is_same(source, target):
        raise DataFileError("a file is not repaired in its place: give another one to write to")
    limits = limits_in_force(limits)
    with closing(ByteSource(source)) as file:
        parser = FileParser(limits)
        header = read_header(file, parser)
        losses = Losses()
        salvager = Salvager(file, header, parser.take_unread(), limits, losses, name_of(source))
        repair = Repair(0, 0, header.size, losses)
        pieces = _pieces(header, salvager, repair, limits)
        if target is None:
            for _ in pieces:
                pass
        else:
            _write(pieces, target, fsync=fsync)
    return repair


def _pieces(header: Header, salvager: Salvager, repair: Repair, limits: Limits) -> Iterator[bytes]:
    """The bytes to write: the header, then block by block."""
    schema = parse_schema(header.schema_text, names="lax", limits=limits)
    # Dates beyond those that Python has are not damage.
    decoder = Decoder(schema, logical_types=False, limits=limits)

    def check(block: RawBlock, data: Buffer) -> None:
        for _ in decode(block, data, decoder, RowBudget(limits)):
            pass

    yield build_header(header.metadata, header.sync_marker)
    for block, _ in salvager.blocks(check):
        repair.blocks += 1
        repair.records += block.count
        repair.size += block.data_offset + block.size + SYNC_SIZE - block.offset
        yield build_block(block.count, block.data, header.sync_marker)


def _write(pieces: Iterator[bytes], target: Writable, *, fsync: bool) -> None:
    with replacing(target, fsync=fsync) as place, closing(open_new(place)) as out:
        for piece in pieces:
            out.write(OutgoingBlock(0, None, piece))


def _is_same(source: Readable, target: Writable) -> bool:
    if not isinstance(source, str | os.PathLike) or not isinstance(target, str | os.PathLike):
        return source is target
    from pathlib import Path  # as in `target`: not worth the time it takes to import

    return Path(source).exists() and Path(target).exists() and Path(source).samefile(target)
