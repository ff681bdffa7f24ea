"""fastavro's tables of codecs over avrojet's own codecs.

Codecs of somebody else may be put into the tables; those that stand there at first are avrojet's, and
lz4, which the specification does not know.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from io import BytesIO
from typing import Any, Final

from avrojet.compat.fastavro._input import read_exactly, read_number
from avrojet.compat.fastavro._stream import opened
from avrojet.container.block import restore
from avrojet.container.codecs import Buffer, check_size, codec_names, make_compress, make_decompress
from avrojet.container.framing import RawBlock
from avrojet.errors import DataFileError
from avrojet.limits import limits_in_force, on_new_defaults
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
        """A block's data as they stand in a file."""
        level = compression_level if self.codec in _LEVELLED and compression_level != -1 else None
        return _compress(self.codec, level)(data)


def restore_block(codec: str, raw: RawBlock) -> Buffer:
    """A block's records.

    :raises ValueError: if there is no such codec, its library is not installed, or the data are damaged.
    """
    read_block = BLOCK_READERS.get(codec)
    if read_block is None:
        raise DataFileError(f"Unrecognized codec: {codec}")
    if isinstance(read_block, BlockReader):
        return restore(raw, _decompress(read_block.codec))
    restored: BytesIO = read_block(BytesIO(encode_long(raw.size) + raw.data))
    return restored.getvalue()


@lru_cache
def _decompress(codec: str) -> Callable[[Buffer], Buffer]:
    limit = limits_in_force().block_bytes
    return _lz4_restore(limit) if codec == "lz4" else make_decompress(codec, limit)


on_new_defaults(_decompress.cache_clear)


@lru_cache
def _compress(codec: str, level: int | None) -> Callable[[Buffer], Buffer]:
    return _lz4_compress() if codec == "lz4" else make_compress(codec, level)


def _lz4() -> Any:
    try:
        import lz4.block
    except ImportError:
        raise DataFileError(
            "lz4 codec is supported but you need to install one of the following libraries: ('lz4',)"
        ) from None
    return lz4.block


def _lz4_compress() -> Callable[[Buffer], Buffer]:
    compress: Callable[[Buffer], Buffer] = _lz4().compress
    return compress


def _lz4_restore(limit: int) -> Callable[[Buffer], Buffer]:
    """The size of the records, four bytes, little-endian, stands before the compressed data."""
    library = _lz4()

    def decompress(data: Buffer) -> Buffer:
        check_size(int.from_bytes(data[:4], "little"), limit)
        try:
            restored: bytes = library.decompress(data)
        except library.LZ4BlockError as reason:
            raise DataFileError(f"the block does not decompress: {reason}") from reason
        return restored

    return decompress


BLOCK_READERS: Final[dict[str, Any]] = {name: BlockReader(name) for name in (*codec_names(), "lz4")}
BLOCK_WRITERS: Final[dict[str, Any]] = {name: BlockWriter(name) for name in (*codec_names(), "lz4")}
