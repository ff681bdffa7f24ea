"""A damaged file's whole blocks, copied unchanged into a file of their own."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from avrojet.container.block import RowBudget, decode
from avrojet.container.codecs import Buffer
from avrojet.container.framing import SYNC_SIZE, FileParser, Header, RawBlock, Run, build_block, build_header
from avrojet.container.losses import Losses
from avrojet.container.replacing import replacing
from avrojet.container.salvage import Salvager
from avrojet.container.source import ByteSource, Readable, read_header
from avrojet.container.target import Writable, open_new
from avrojet.core.files.block_writer import OutgoingBlock
from avrojet.core.ground.exclusive import Place, Steps
from avrojet.datum import Decoder
from avrojet.errors import DataFileError, errors_in
from avrojet.limits import Limits, limits_in_force
from avrojet.schema.model import Schema
from avrojet.schema.parse import parse_schema

# What to copy of a damaged file.
Kept: TypeAlias = Literal["all", "prior", "after"]


@dataclass(slots=True)
class Repair:
    """What a repair has kept and lost.

    :ivar blocks: number of blocks kept.
    :ivar records: number of their records.
    :ivar size: size in bytes of the header and of these blocks in the damaged file.
    :ivar losses: what is not kept, a sequence of :class:`avrojet.Loss`; empty if the file is whole.
    """

    blocks: int
    records: int
    size: int
    losses: Losses


def repair_file(
    source: Readable,
    target: Writable | None = None,
    *,
    kept: Kept = "all",
    fsync: bool = True,
    limits: Limits | None = None,
) -> Repair:
    """Copy the whole blocks of a damaged file to another one.

    Blocks are copied unchanged, not recompressed, once every record in them has been decoded. Schema, codec,
    metadata and sync marker are the damaged file's. A path is created only when the file is complete; the
    damaged file is never changed.

    >>> repair = repair_file("damaged.avro", "whole.avro")
    >>> print(repair.losses)
    1 loss, bytes: 311, records: 5

    If files were joined byte by byte, the blocks of those with the same schema and codec are copied, too;
    their headers count as losses of no records.

    :param source: a path or URL, the bytes of a file, or a binary file, read from its current position.
    :param target: a path, a URL or a binary file; None: only report.
    :param kept: ``"prior"``: only the blocks before the first damage; ``"after"``: only those after it.
    :param fsync: return when the system has written a path's file to the disk, so that the damaged file can
        then be removed.
    :raises DataFileError: if the header is damaged, or source and target are the same file.
    :raises CodecError: if the codec is unknown or its library not installed.
    :raises SchemaError: if the file's schema is invalid.
    """
    if target is not None and _is_same(source, target):
        raise DataFileError("a file is not repaired in place: write to another one")
    limits = limits_in_force(limits)
    with closing(ByteSource(source)) as file:
        parser = FileParser(limits)
        header = read_header(file, parser)
        losses = Losses()
        salvager = Salvager(file, header, parser.take_unread(), limits, losses, file.name)
        repair = Repair(0, 0, header.size, losses)
        pieces = _pieces(header, salvager, repair, limits, file.name, kept)
        if target is None:
            for _ in pieces:
                pass
        else:
            _write(pieces, target, fsync=fsync)
    return repair


def _pieces(
    header: Header, salvager: Salvager, repair: Repair, limits: Limits, file: str | None, kept: Kept
) -> Iterator[bytes]:
    """The bytes to write: the header, then block by block."""
    with errors_in(file):
        schema = parse_schema(header.schema_text, names="lax", limits=limits)
        yield build_header(header.metadata, header.sync_marker)
        for whole in Steps(_checked(salvager, schema, limits), Place()):
            if kept != "all" and (kept == "after") != bool(repair.losses):
                continue
            if isinstance(whole, Run):
                repair.blocks += whole.blocks
                repair.size += whole.size
                yield build_block(0, b"", header.sync_marker) * whole.blocks
            else:
                block, _ = whole
                repair.blocks += 1
                repair.records += block.count
                repair.size += block.data_offset + block.size + SYNC_SIZE - block.offset
                yield build_block(block.count, block.data, header.sync_marker)


def _checked(salvager: Salvager, schema: Schema, limits: Limits) -> Callable[[Any], Any]:
    """A function that finds the blocks of which every record decodes."""
    # Dates out of Python's range are not damage.
    decoder = Decoder(schema, logical_types=False, limits=limits)

    def check(block: RawBlock, data: Buffer) -> None:
        for _ in decode(block, data, decoder, RowBudget(limits)):
            pass

    return lambda at: salvager.blocks_at(at, check)


def _write(pieces: Iterator[bytes], target: Writable, *, fsync: bool) -> None:
    with replacing(target, fsync=fsync) as place, closing(open_new(place)) as out:
        for piece in pieces:
            out.write(OutgoingBlock(0, None, piece))


def _is_same(source: Readable, target: Writable) -> bool:
    if source == target and isinstance(source, str):
        return True  # as with URLs, which cannot be compared as paths
    if not isinstance(source, str | os.PathLike) or not isinstance(target, str | os.PathLike):
        return source is target
    from pathlib import Path  # as in `target`: slow to import

    return Path(source).exists() and Path(target).exists() and Path(source).samefile(target)
