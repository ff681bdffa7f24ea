"""fastavro's tables of codecs over avrojet's own codecs.

Programs may put their own codecs into the tables, which initially hold avrojet's. Codecs registered with
:func:`avrojet.register_codec` work without an entry.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from io import BytesIO
from typing import Any, Final

from avrojet.compat.fastavro._input import read_exactly, read_number
from avrojet.compat.fastavro._stream import opened
from avrojet.container.block import restore
from avrojet.container.codecs import Buffer, Codec, codec_names, codec_of, hint_for, make_compress
from avrojet.container.framing import RawBlock
from avrojet.errors import DataFileError
from avrojet.limits import limits_in_force
from avrojet.varint import encode_long

_LEVELLED: Final = ("deflate", "zstandard")  # fastavro has no level for the others


class BlockReader:
    """Reads a block's size and data from a file and decompresses them."""

    def __init__(self, codec: str) -> None:
        self.codec = codec

    def __call__(self, fo: Any) -> BytesIO:
        fo = opened(fo)
        data = read_exactly(fo, read_number(fo))
        return BytesIO(_decompress(self.codec)(data))


class BlockWriter:
    """Compresses a block and writes its size and data to a file."""

    def __init__(self, codec: str) -> None:
        self.codec = codec

    def __call__(self, fo: Any, block_bytes: Buffer, compression_level: int | None) -> None:
        data = self.compressed(block_bytes, compression_level)
        fo = opened(fo)
        fo.write(encode_long(len(data)))
        fo.write(data)

    def compressed(self, data: Buffer, compression_level: int | None) -> Buffer:
        """A block's data as they are in a file."""
        level = compression_level if self.codec in _LEVELLED and compression_level != -1 else None
        return _compress(self.codec, level)(data)


def reader_of(codec: str) -> Any:
    """Return the function that reads blocks of a codec: from the table, or from the registered codecs.

    :raises ValueError: if there is none.
    """
    found = BLOCK_READERS.get(codec)
    if found is None and codec in codec_names():
        found = BlockReader(codec)
    if found is None:
        raise DataFileError(f"Unrecognized codec: {codec}{hint_for(codec)}")
    return found


def writer_of(codec: str) -> Any:
    """Return the function that writes blocks of a codec.

    :raises ValueError: if there is none.
    """
    found = BLOCK_WRITERS.get(codec)
    if found is None and codec in codec_names():
        found = BlockWriter(codec)
    if found is None:
        raise ValueError(f"unrecognized codec: {codec}{hint_for(codec)}")
    return found


def restore_block(codec: str, raw: RawBlock) -> Buffer:
    """A block's records.

    :raises ValueError: if there is no such codec, its library is not installed, or the data are damaged.
    """
    read_block = reader_of(codec)
    if isinstance(read_block, BlockReader):
        return restore(raw, _decompress(read_block.codec))
    restored: BytesIO = read_block(BytesIO(encode_long(raw.size) + raw.data))
    return restored.getvalue()


def _decompress(codec: str) -> Callable[[Buffer], Buffer]:
    return _decompress_with(codec_of(codec), limits_in_force().block_bytes)


def _compress(codec: str, level: int | None) -> Callable[[Buffer], Buffer]:
    return _compress_with(codec_of(codec), codec, level)


# Cached by the row of the table, as a name may be registered again.


@lru_cache
def _decompress_with(row: Codec, limit: int) -> Callable[[Buffer], Buffer]:
    return row.make_decompress(limit)


@lru_cache
def _compress_with(row: Codec, codec: str, level: int | None) -> Callable[[Buffer], Buffer]:
    return make_compress(codec, level)


BLOCK_READERS: Final[dict[str, Any]] = {name: BlockReader(name) for name in codec_names()}
BLOCK_WRITERS: Final[dict[str, Any]] = {name: BlockWriter(name) for name in codec_names()}
