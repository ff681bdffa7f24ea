"""Split an Avro file into files of a number of records or bytes each, or into a number of parts.

Blocks are copied unchanged, and are divided only where --records or --parts require it. The files are called
NAME-00000.avro and so on, in the folder OUT. After an error or Ctrl-C none of them is left.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from avrojet.cli.streams import make_folder, number, open_file, open_twice, size_of, watched

if TYPE_CHECKING:
    from pathlib import Path

    from avrojet.container.block import Block
    from avrojet.container.reader import DataFileReader

EXAMPLES = """\
avrojet split orders.avro parts/ --records 1000000
avrojet split orders.avro parts/ --size 100M
avrojet split orders.avro parts/ --parts 8
"""

_UNITS = {"k": 10**3, "m": 10**6, "g": 10**9}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="an Avro file or URL, or - for the standard input")
    parser.add_argument("folder", metavar="OUT", help="the folder for the files; it is created if needed")
    unit = parser.add_mutually_exclusive_group(required=True)
    unit.add_argument("--records", type=_positive, metavar="N", help="records of each file")
    unit.add_argument("--size", type=_size, metavar="BYTES", help="bytes of blocks of each file; 100M, 2G")
    unit.add_argument(
        "--parts", type=_positive, metavar="N", help="number of files, with equally many records each"
    )
    parser.add_argument("--force", action="store_true", help="replace existing files")


def run(arguments: argparse.Namespace) -> None:
    from pathlib import Path

    from avrojet.cli.progress import Progress
    from avrojet.container.reader import DataFileReader
    from avrojet.errors import DataFileError

    stem = "part" if arguments.file == "-" else Path(arguments.file).name.removesuffix(".avro")
    records = arguments.records
    source: Any = open_file(arguments.file)
    if arguments.parts:
        from avrojet.container.count import count_records

        source = open_twice(arguments.file)  # the records are counted first
        records = max(1, -(-count_records(source) // arguments.parts))
    with (
        Progress(f"split {arguments.file}", size_of(arguments.file), color=arguments.color) as progress,
        DataFileReader(watched(arguments.file, progress) if source is arguments.file else source) as reader,
    ):
        folder = make_folder(arguments.folder)
        groups = _by_records(reader, records) if records else _by_size(reader, arguments.size)
        parts: dict[Path, os.stat_result | None] = {}  # and what was there before
        try:
            for index, group in enumerate(groups):
                path = folder / f"{stem}-{index:05}.avro"
                before = _there(path)
                if before is not None and not arguments.force:
                    raise DataFileError(f"{path} is there already: --force replaces it")
                parts[path] = before
                _write(path, reader, group)
        except BaseException:
            for path, before in parts.items():
                now = _there(path)
                if now is not None and not (before and os.path.samestat(before, now)):
                    path.unlink()
            raise
    for path in parts:
        print(path)


def _there(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except FileNotFoundError:
        return None


def _write(path: Path, reader: DataFileReader, blocks: Iterator[Block]) -> None:
    from avrojet.container.replacing import replacing
    from avrojet.container.transfer import writer_like

    with replacing(path, fsync=None) as place, writer_like(reader, place, reader.codec) as writer:
        for block in blocks:
            writer.write_block(block)


def _by_records(reader: DataFileReader, most: int) -> Iterator[Iterator[Block]]:
    """Yield groups of blocks with a number of records each, the last with fewer. Each group must be consumed
    before the next.
    """
    blocks = reader.blocks()
    rest: Block | None = None  # of the block that the last group ended in

    def group(first: Block) -> Iterator[Block]:
        nonlocal rest
        left = most
        block: Block | None = first
        while block is not None:
            if block.count > left:
                rest = block.select(range(left, block.count))
                yield block.select(range(left))
                return
            left -= block.count
            yield block
            if not left:
                return
            block = next(blocks, None)

    while (first := rest if rest is not None else next(blocks, None)) is not None:
        rest = None
        yield group(first)


def _by_size(reader: DataFileReader, most: int) -> Iterator[Iterator[Block]]:
    """Yield groups of whole blocks with at most this many bytes, or of one block. Each group must be consumed
    before the next.
    """
    blocks = reader.blocks()
    rest: Block | None = None

    def group(first: Block) -> Iterator[Block]:
        nonlocal rest
        size = first.size
        yield first
        for block in blocks:
            size += block.size
            if size > most:
                rest = block
                return
            yield block

    while (first := rest if rest is not None else next(blocks, None)) is not None:
        rest = None
        yield group(first)


def _positive(text: str) -> int:
    value = number(text)
    if not value:
        raise ValueError
    return value


def _size(text: str) -> int:
    unit = text[-1:].lower()
    return _positive(text[:-1]) * _UNITS[unit] if unit in _UNITS else _positive(text)
