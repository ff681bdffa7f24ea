"""Codecs of the blocks of container files; avrojet's own do the work.

A codec of the program's own may be put into :data:`KNOWN_CODECS`.
"""

from __future__ import annotations

import abc
import io
import os
import struct
import sys
from functools import lru_cache
from typing import Any, Final

from avrojet.compat.avro.errors import (
    AvroDecompressionSizeException,
    AvroException,
    InvalidAvroBinaryEncoding,
    UnsupportedCodec,
)
from avrojet.compat.avro.io import BinaryDecoder
from avrojet.container.codecs import Codec as CodecRow
from avrojet.container.codecs import codec_names, codec_of, make_compress
from avrojet.errors import AvroError, CodecError, LimitError

STRUCT_CRC32: Final = struct.Struct(">I")

MAX_DECOMPRESS_LENGTH_ENV: Final = "AVRO_MAX_DECOMPRESS_LENGTH"
DEFAULT_MAX_DECOMPRESS_LENGTH: Final = 200 << 20
"""Bytes of one block, decompressed."""


def max_decompress_length() -> int:
    """The most bytes of a block, decompressed, which ``AVRO_MAX_DECOMPRESS_LENGTH`` sets."""
    try:
        most = int(os.environ.get(MAX_DECOMPRESS_LENGTH_ENV, ""))
    except ValueError:
        most = 0
    return min(most, sys.maxsize >> 1) if most > 0 else DEFAULT_MAX_DECOMPRESS_LENGTH


# Cached by the row of the table, as a name may be registered again.


@lru_cache
def _decompress_with(row: CodecRow, limit: int) -> Any:
    return row.make_decompress(limit)


@lru_cache
def _compress_with(row: CodecRow, name: str) -> Any:
    return make_compress(name)


def restored(name: str, data: Any, limit: int) -> Any:
    """The data of a block, decompressed.

    :raises AvroException: if they are damaged or too large, as programs that use this interface expect.
    """
    try:
        return _decompress_with(codec_of(name), limit)(data)
    except AvroError as error:
        raise codec_error(error) from error


def codec_error(error: AvroError) -> AvroException:
    """Return the exception to raise for an error of decompression."""
    if isinstance(error, LimitError):
        return AvroDecompressionSizeException(
            f"{error}; here the environment variable {MAX_DECOMPRESS_LENGTH_ENV} sets it"
        )
    if isinstance(error, CodecError):
        return UnsupportedCodec(str(error))
    return InvalidAvroBinaryEncoding(str(error))


class Codec(abc.ABC):
    """How blocks are compressed."""

    @staticmethod
    @abc.abstractmethod
    def compress(data: bytes) -> tuple[bytes, int]:
        """Return the compressed data, and their length in bytes."""

    @staticmethod
    @abc.abstractmethod
    def decompress(readers_decoder: BinaryDecoder) -> BinaryDecoder:
        """Read a block's data, their length before them, and decompress them.

        :raises AvroDecompressionSizeException: if they have more bytes than the environment allows.
        """


class _Own(Codec):
    """One of avrojet's codecs."""

    _codec = ""

    @classmethod
    def compress(cls, data: bytes) -> tuple[bytes, int]:
        compressed = bytes(_compress_with(codec_of(cls._codec), cls._codec)(data))
        return compressed, len(compressed)

    @classmethod
    def decompress(cls, readers_decoder: BinaryDecoder) -> BinaryDecoder:
        data = readers_decoder.read_bytes()
        return BinaryDecoder(io.BytesIO(restored(cls._codec, data, max_decompress_length())))


class NullCodec(_Own):
    """No compression."""

    _codec = "null"

    @classmethod
    def decompress(cls, readers_decoder: BinaryDecoder) -> BinaryDecoder:
        readers_decoder.skip_long()
        return readers_decoder


class DeflateCodec(_Own):
    """RFC 1951."""

    _codec = "deflate"


def _is_installed(name: str) -> bool:
    try:
        _decompress_with(codec_of(name), DEFAULT_MAX_DECOMPRESS_LENGTH)
    except CodecError:
        return False
    return True


has_bzip2: Final = _is_installed("bzip2")
has_snappy: Final = _is_installed("snappy")
has_zstandard: Final = _is_installed("zstandard")
has_xz: Final = _is_installed("xz")

if has_bzip2:

    class BZip2Codec(_Own):
        """bzip2."""

        _codec = "bzip2"


if has_snappy:

    class SnappyCodec(_Own):
        """Snappy, with a checksum of the data after them."""

        _codec = "snappy"


if has_zstandard:

    class ZstandardCodec(_Own):
        """Zstandard."""

        _codec = "zstandard"


if has_xz:

    class XZCodec(_Own):
        """xz."""

        _codec = "xz"


KNOWN_CODECS: Final[dict[str, type[Codec]]] = {
    codec._codec: codec
    for codec in list(globals().values())
    if isinstance(codec, type) and issubclass(codec, _Own) and codec is not _Own
}


def get_codec(codec_name: str) -> type[Codec]:
    """Return the codec with a name.

    :raises UnsupportedCodec: if there is none.
    """
    found = KNOWN_CODECS.get(codec_name)
    if found is None:
        raise UnsupportedCodec(
            f"Unsupported codec: {codec_name}. (Is it installed?) There is {', '.join(KNOWN_CODECS)}"
        )
    return found


def own_codec(codec_name: str) -> str | None:
    """The name by which avrojet knows a codec; None if it is one of the program's own.

    :raises UnsupportedCodec: if there is none of that name.
    """
    if codec_name not in KNOWN_CODECS and codec_name in codec_names():
        return codec_name  # of avrojet.register_codec
    found = get_codec(codec_name)
    return found._codec if issubclass(found, _Own) else None
