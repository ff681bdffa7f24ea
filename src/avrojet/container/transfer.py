"""Copies blocks from file to file, without decoding their records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from avrojet.container.reader import DataFileReader
from avrojet.container.replacing import replacing
from avrojet.container.source import Readable
from avrojet.container.target import Writable
from avrojet.container.writer import DataFileWriter
from avrojet.errors import DataFileError
from avrojet.limits import Limits, limits_in_force

# Bytes of blocks copied at once; with a quarter, what Python does for each run takes a third of the time.
_RUN_BYTES = 1 << 20


def concat_files(
    sources: Iterable[Readable], target: Writable, *, fsync: bool = True, limits: Limits | None = None
) -> None:
    """Write the blocks of all sources, one after another, into one file.

    Schema, codec and metadata are the first source's. Blocks are copied unchanged; those with another codec
    are recompressed. A path is created only when the file is complete.

    :param sources: paths or binary files; at least one.
    :param fsync: return when the system has written a path's file to the disk, so that the sources can then
        be removed.
    :raises DataFileError: if there is no source, one is damaged, or their schemas do not agree.
    """
    limits = limits_in_force(limits)
    iterator = iter(sources)
    first = next(iterator, None)
    if first is None:
        raise DataFileError("there are no files to put together")
    with (
        replacing(target, fsync=fsync) as place,
        DataFileReader(first, limits=limits) as reader,
        writer_like(reader, place, reader.codec, None, 0, limits) as writer,
    ):
        _finish(copied_blocks(reader, writer))
        for source in iterator:
            with DataFileReader(source, limits=limits) as another:
                _finish(copied_blocks(another, writer))


def recode_file(
    source: Readable,
    target: Writable,
    codec: str,
    level: int | None = None,
    *,
    threads: int = 0,
    fsync: bool = True,
    limits: Limits | None = None,
) -> None:
    """Rewrite a file with another codec or level, block by block.

    A path is created or replaced only when the file is complete; it may be the source's.

    :param threads: as for :class:`DataFileWriter`.
    :param fsync: return when the system has written a path's file to the disk, so that the source can then be
        removed.
    :raises CodecError: if the codec is unknown, not installed, or has no such level.
    :raises DataFileError: if the source is damaged.
    """
    limits = limits_in_force(limits)
    with (
        replacing(target, fsync=fsync) as place,
        DataFileReader(source, limits=limits) as reader,
        writer_like(reader, place, codec, level, threads, limits) as writer,
    ):
        _finish(copied_blocks(reader, writer, recompress=True))


def copied_blocks(
    reader: DataFileReader, writer: DataFileWriter, *, recompress: bool = False
) -> Iterator[int]:
    """Write a reader's blocks, some at each step; yields how many records these have.

    :param recompress: compress anew even if the codec is the same, for another level.
    """
    if not recompress and reader.codec == writer.codec and not reader._skips_damage:
        for run in reader._runs(_RUN_BYTES):
            writer._write_run(run, reader.schema)
            yield run.count
        return
    for block in reader.blocks():
        writer.write_block(block, recompress=recompress)
        yield block.count


def _finish(steps: Iterator[int]) -> None:
    for _ in steps:
        pass


def writer_like(
    reader: DataFileReader,
    target: Writable,
    codec: str,
    level: int | None = None,
    threads: int = 0,
    limits: Limits | None = None,
) -> DataFileWriter:
    """A writer with the reader's schema and metadata."""
    own = {key: value for key, value in reader.metadata.items() if not key.startswith("avro.")}
    return DataFileWriter(target, reader.schema, codec, level, own, threads=threads, limits=limits)
