"""The codecs of object container files: one table of names, and the library for each.

Specification: Required Codecs, Optional Codecs. lz4 is an extension that fastavro has, too, and
:func:`register_codec` adds others.

No function here has state shared by threads: each call, or each thread, has a context of its own.
Decompression never allocates more than its limit allows, whatever the data claim.
"""

from __future__ import annotations

import sys
import threading
import zlib
from collections.abc import Callable, Mapping
from importlib import import_module
from reprlib import repr as short
from types import MappingProxyType, ModuleType
from typing import Any, TypeAlias

from avrojet.errors import AvroError, CodecError, DataFileError, DecodeLimitError
from avrojet.frozen import frozen
from avrojet.limits import exceeded
from avrojet.locks import ProcessLock

Buffer: TypeAlias = bytes | bytearray | memoryview
Compress: TypeAlias = Callable[[Buffer], Buffer]
Decompress: TypeAlias = Callable[[Buffer], Buffer]

# Bytes that liblzma may use for one block: the data state the dictionary size, up to 4 GiB, and it is
# allocated at once. Preset 9, xz's largest, takes 65 MiB.
_XZ_MEMORY = 128 << 20

# Compressed streams in one block: no writer makes many, and each costs as much as sixteen kilobytes of data.
_MOST_STREAMS = 1000
_STREAM_BYTES = 16 << 10

# Bytes first passed to each stream after the first; then twice as many, and so on. Bytes beyond the stream's
# end are copied back.
_FIRST_PIECE = 1 << 10

# Snappy's densest element is a copy of 64 bytes in 3, and a byte of lz4 makes a copy 255 bytes longer: a
# larger claim is false, and is detected before it costs memory.
_SNAPPY_DENSITY = 22
_LZ4_DENSITY = 255
# The size of the records, and the token of an empty block.
_LZ4_LEAST = 5


@frozen
class Codec:
    """A row of the table.

    :ivar make_compress: level -> function that compresses a block's records.
    :ivar make_decompress: limit in bytes -> function that restores them.
    :ivar levels: its levels, from fast to small; empty if it has none.
    :ivar default_level: the level that None means.
    """

    make_compress: Callable[[int], Compress]
    make_decompress: Callable[[int], Decompress]
    levels: range = range(0)
    default_level: int = 0


def register_codec(
    name: str, compress: Callable[[bytes], Buffer], decompress: Callable[[bytes], Buffer]
) -> None:
    """Let every reader and writer made from now on use a codec of your own.

    >>> avrojet.register_codec("brotli", brotli.compress, brotli.decompress)

    A later codec of the same name replaces the earlier one. Other readers of the files need the codec, too.
    ``limits.block_bytes`` bounds the bytes that `decompress` returns; `decompress` itself must bound the
    memory that it takes for untrusted data before it returns.

    :param name: its name in files, in the entry ``avro.codec``; not the name of one of avrojet's own codecs.
    :param compress: the records of a block -> the bytes for the file. Its exceptions are passed to the caller
        of the writer.
    :param decompress: the reverse. An exception means that the block is damaged, and becomes a
        DataFileError. Both may be called by several threads at once.
    :raises ValueError: if the name is avrojet's own, or empty.
    :raises TypeError: if the name is not text, or a function is not callable.
    """
    if not isinstance(name, str):
        raise TypeError(f"the name of a codec must be str, not {type(name).__name__}")
    if not name or name in _CODECS:
        raise ValueError(f"a codec of your own cannot be called {name!r}")
    for function in (compress, decompress):
        if not callable(function):
            raise TypeError(f"the codec {name} needs two functions, not {short(function)}")
    row = Codec(
        lambda level: _own_compress(name, compress), lambda limit: _own_decompress(name, decompress, limit)
    )
    with _Register.lock.lock:
        _Register.codecs = MappingProxyType({**_Register.codecs, name: row})


class _Register:
    """The registered codecs, replaced as a whole so that readers need no lock."""

    codecs: Mapping[str, Codec] = MappingProxyType({})
    lock = ProcessLock()


def _own_compress(name: str, function: Callable[[bytes], Buffer]) -> Compress:
    return lambda data: _bytes_of(name, function(bytes(data)))


def _own_decompress(name: str, function: Callable[[bytes], Buffer], limit: int) -> Decompress:
    def decompress(data: Buffer) -> Buffer:
        try:
            restored = function(bytes(data))
        except (AvroError, MemoryError):
            raise
        except Exception as reason:
            what = f"the block does not decompress: {type(reason).__name__}: {reason}"
            raise DataFileError(what) from reason
        restored = _bytes_of(name, restored)
        check_size(len(restored), limit)
        return restored

    return decompress


def _bytes_of(name: str, data: Any) -> Buffer:
    """What a function of a registered codec returned, checked to be bytes."""
    if isinstance(data, bytes | bytearray):
        return data
    try:
        return memoryview(data).cast("B")
    except TypeError:
        raise CodecError(f"the codec {name} returned {type(data).__name__}, not bytes") from None


def make_compress(name: str, level: int | None = None) -> Compress:
    """The function that compresses blocks for the codec `name`.

    :param level: as for :class:`avrojet.DataFileWriter`.
    :raises CodecError: if the codec is unknown, its library is not installed, or it has no such level.
    """
    codec = codec_of(name)
    if level is None:
        level = codec.default_level
    elif level not in codec.levels:
        has = f"levels {codec.levels[0]} to {codec.levels[-1]}" if codec.levels else "no levels"
        raise CodecError(f"the codec {name} has {has}, not {level!r}")
    return codec.make_compress(level)


def make_decompress(name: str, limit: int) -> Decompress:
    """The function that restores blocks of the codec `name`.

    It raises :class:`DataFileError` for damaged data and :class:`LimitError` for more than `limit` bytes.

    :raises CodecError: if the codec is unknown or its library is not installed.
    """
    return codec_of(name).make_decompress(limit)


def codec_names() -> tuple[str, ...]:
    """Names of the codecs, whether or not their libraries are installed."""
    return (*_CODECS, *_Register.codecs)


def codec_of(name: str) -> Codec:
    """The row of a codec.

    :raises CodecError: if there is no codec of that name.
    """
    found = None
    if isinstance(name, str):
        found = _CODECS.get(name) or _Register.codecs.get(name)
    if found is None:
        raise CodecError(
            f"unknown codec {short(name)}{hint_for(name)}; the known ones are {', '.join(codec_names())}; "
            "avrojet.register_codec adds others"
        )
    return found


def hint_for(name: Any) -> str:
    """A suggestion for an unknown name, to be appended to a message; or nothing."""
    plain = str(name).lower().replace("-", "").replace("_", "")
    meant = plain if plain in codec_names() else _ELSEWHERE.get(plain)
    return f" (did you mean {meant}?)" if meant else ""


# Modules that could not be imported. Looking for one takes as long as reading a small file. And an exception
# from a signal handler within CPython's import system can leave the import lock locked for ever.
_absent: set[str] = set()


def _installed(*modules: str) -> ModuleType | None:
    """The first of the modules that can be imported. One that was not found is not looked for again."""
    for module in modules:
        if module not in _absent:
            try:
                return import_module(module)
            except ImportError:
                if module.partition(".")[0] not in sys.modules:  # None may be there temporarily
                    _absent.add(module)
    return None


def _required(codec: str, *modules: str) -> Any:
    module = _installed(*modules)
    if module is None:
        _absent.difference_update(modules)  # it may have been installed since
        module = _installed(*modules)
    if module is None:
        raise CodecError(f'the codec {codec} needs a library: pip install "avrojet[{codec}]"')
    return module


def check_size(size: int, limit: int) -> None:
    """Refuse decompressed data of more than `limit` bytes."""
    if size > limit:
        what = "the block decompresses to too many bytes"
        raise DecodeLimitError(exceeded("block_bytes", limit, what), limit="block_bytes")


def _restore(
    make: Callable[[], Any], data: Buffer, limit: int, error: type[Exception], *, streams: bool = False
) -> bytes:
    """Decompress with the standard library's decompressor objects, never exceeding the limit.

    :param streams: the data may be several consecutive compressed streams.
    """
    output = _Output(limit, error)
    stream = make()
    output.add(stream, data)
    _check_whole(stream)
    rest = memoryview(stream.unused_data if streams else b"")
    allowed = _MOST_STREAMS + len(rest) // _STREAM_BYTES
    while rest:
        allowed -= 1
        if allowed < 0:
            raise DecodeLimitError("the block has too many compressed streams for its size")
        stream = make()
        piece = _FIRST_PIECE
        while not stream.eof and rest:
            output.add(stream, rest[:piece])
            rest = rest[len(rest[:piece]) - len(stream.unused_data) :]
            piece *= 2
        _check_whole(stream)
    return output.data()


class _Output:
    """The output of decompressor objects, never exceeding the limit."""

    __slots__ = ("_error", "_limit", "_parts", "_size")

    def __init__(self, limit: int, error: type[Exception]) -> None:
        self._limit = limit
        self._error = error
        self._parts: list[bytes] = []
        self._size = 0

    def add(self, stream: Any, data: Buffer) -> None:
        """Pass data to a stream, and keep its output."""
        try:
            part = stream.decompress(data, self._limit + 1 - self._size)
        except (self._error, EOFError) as reason:
            raise DataFileError(f"the block does not decompress: {reason}") from reason
        self._parts.append(part)
        self._size += len(part)
        check_size(self._size, self._limit)

    def data(self) -> bytes:
        """All of it."""
        return self._parts[0] if len(self._parts) == 1 else b"".join(self._parts)


def _check_whole(stream: Any) -> None:
    if not stream.eof:
        raise DataFileError("the block does not decompress: the compressed data end too early")


class _AtOnce:
    """Decompression by a library that needs room for the whole output: as much as earlier blocks needed.

    It never decides that data are wrong: if it fails, streaming decompression determines the reason or the
    size. (The room is never 0: libraries then return nothing without checking the data.)

    :param decompress: data, room -> the data restored; raises `error`.
    :param exact: streaming decompression.
    """

    __slots__ = ("_decompress", "_error", "_exact", "_limit", "_room")

    def __init__(
        self,
        decompress: Callable[[Buffer, int], Buffer],
        error: type[Exception],
        exact: Decompress,
        limit: int,
    ) -> None:
        self._decompress = decompress
        self._error = error
        self._exact = exact
        self._limit = limit
        self._room = 0

    def __call__(self, data: Buffer) -> Buffer:
        room = max(1, min(max(self._room, 4 * len(data)), self._limit))
        try:
            return self._decompress(data, room)
        except self._error:
            restored = self._exact(data)
            self._room = len(restored) + len(restored) // 8
        return restored


# null


def _unchanged(data: Buffer) -> Buffer:
    return data


def _null_restore(limit: int) -> Decompress:
    def decompress(data: Buffer) -> Buffer:
        check_size(len(data), limit)
        return data

    return decompress


# deflate: raw RFC 1951 data. Other writers leave bytes of zlib's checksum after them. Whatever follows is
# ignored, as by all implementations: libdeflate does not even report it.


# libdeflate's levels 5 and 6 compress text up to 8% less than zlib's do; the next ones are never worse, and
# still take about two thirds of zlib's time.
_LIBDEFLATE_LEVELS = {5: 6, 6: 7}


def _deflate_compress(level: int) -> Compress:
    library = _installed("deflate")
    if library is not None:
        compress = library.deflate_compress
        own_level = _LIBDEFLATE_LEVELS.get(level, level)
        return lambda data: compress(data, own_level)
    if level > 9:
        raise CodecError(f'deflate level {level} needs a library: pip install "avrojet[deflate]"')

    isal = _installed("isal.isal_zlib") if level == 1 else None
    if isal is not None:
        return lambda data: isal.compress(data, 1, -zlib.MAX_WBITS)

    def compress_zlib(data: Buffer) -> bytes:
        stream = zlib.compressobj(level, wbits=-zlib.MAX_WBITS)
        return stream.compress(data) + stream.flush()

    return compress_zlib


def _deflate_restore(limit: int) -> Decompress:
    library = _installed("deflate")
    if library is None:
        return _inflate(limit)
    return _AtOnce(library.deflate_decompress, library.DeflateError, _inflate(limit), limit)


def _inflate(limit: int) -> Decompress:
    """Streaming decompression, which is exact about limits and truncated data."""

    def decompress(data: Buffer) -> bytes:
        library: Any = _installed("isal.isal_zlib") or zlib
        return _restore(lambda: library.decompressobj(-zlib.MAX_WBITS), data, limit, library.error)

    return decompress


# snappy: the raw format, then the CRC-32 of the records, big-endian.


def _crc32() -> Callable[[Any], int]:
    """CRC-32; libdeflate's takes a tenth of the time of zlib's, which is a quarter of decompression."""
    library = _installed("deflate")
    if library is None:
        return zlib.crc32
    crc32 = library.crc32
    return lambda data: int(crc32(data, 0))


def _snappy_compress(level: int) -> Compress:
    compress = _required("snappy", "cramjam").snappy.compress_raw
    crc32 = _crc32()
    return lambda data: b"".join((compress(data), crc32(data).to_bytes(4, "big")))


def _snappy_restore(limit: int) -> Decompress:
    library = _required("snappy", "cramjam")
    snappy, failure, crc32 = library.snappy, library.DecompressionError, _crc32()

    def decompress(data: Buffer) -> bytearray:
        body = memoryview(data)[:-4]
        try:
            size = snappy.decompress_raw_len(body)
            check_size(size, limit)
            if size > _SNAPPY_DENSITY * len(body):
                raise DataFileError(f"the block does not decompress: {len(body)} bytes cannot hold {size}")
            restored = bytearray(size)
            snappy.decompress_raw_into(body, restored)
        except failure as reason:
            raise DataFileError(f"the block does not decompress: {reason}") from reason
        if crc32(restored).to_bytes(4, "big") != data[-4:]:
            raise DataFileError("the block's CRC-32 is wrong: its data are damaged")
        return restored

    return decompress


# zstandard


def _zstandard() -> Any:
    return _required("zstandard", "compression.zstd", "backports.zstd")


def _zstandard_compress(level: int) -> Compress:
    compress = _zstandard().compress
    return lambda data: compress(data, level)


def _zstandard_restore(limit: int) -> Decompress:
    exact = _zstandard_stream(limit)
    library = _installed("zstandard")
    if library is None:
        return exact
    return _AtOnce(_zstandard_frame(library, limit), library.ZstdError, exact, limit)


def _zstandard_stream(limit: int) -> Decompress:
    library = _zstandard()
    make, error = library.ZstdDecompressor, library.ZstdError
    return lambda data: _restore(make, data, limit, error, streams=True)


def _zstandard_frame(library: Any, limit: int) -> Callable[[Buffer, int], Buffer]:
    """Decompression of a single frame. Each thread keeps a context: making one costs a tenth of using it."""
    contexts = threading.local()
    size_of = library.frame_content_size

    def decompress(data: Buffer, room: int) -> Buffer:
        size = size_of(data)  # -1: the frame does not say
        if size == 0 or size > limit:
            raise library.ZstdError("nothing, or too much")
        try:
            context = contexts.decompress
        except AttributeError:
            context = contexts.decompress = library.ZstdDecompressor().decompress
        restored: bytes = context(data, room, allow_extra_data=False)
        return restored

    return decompress


# lz4: the size of the records, four bytes, little-endian, then a raw lz4 block. The same format as
# fastavro's.


def _lz4_compress(level: int) -> Compress:
    library = _required("lz4", "lz4.block", "cramjam")
    compress: Compress = library.compress if _is_lz4(library) else library.lz4.compress_block
    return lambda data: bytes(compress(data))


def _lz4_restore(limit: int) -> Decompress:
    library = _required("lz4", "lz4.block", "cramjam")
    failure = library.LZ4BlockError if _is_lz4(library) else library.DecompressionError

    def decompress(data: Buffer) -> Buffer:
        if len(data) < _LZ4_LEAST:
            raise DataFileError(
                f"the block does not decompress: it has {len(data)} bytes of at least {_LZ4_LEAST}"
            )
        size = int.from_bytes(data[:4], "little")
        check_size(size, limit)
        if size > _LZ4_DENSITY * len(data):
            raise DataFileError(f"the block does not decompress: {len(data)} bytes cannot hold {size}")
        restored: bytes | bytearray = bytearray(size)
        try:
            if _is_lz4(library):
                restored = library.decompress(data)
                count = len(restored)
            else:
                count = library.lz4.decompress_block_into(data, restored)
        except (failure, ValueError) as reason:
            raise DataFileError(f"the block does not decompress: {reason}") from reason
        if count != size:
            raise DataFileError(f"the block does not decompress: {count} bytes where {size} should be")
        return restored

    return decompress


def _is_lz4(library: Any) -> bool:
    """Whether it is the library of that name, rather than another one that includes lz4."""
    return hasattr(library, "LZ4BlockError")


# bzip2 and xz


def _bzip2_compress(level: int) -> Compress:
    import bz2

    return lambda data: bz2.compress(data, level)


def _bzip2_restore(limit: int) -> Decompress:
    import bz2

    return lambda data: _restore(bz2.BZ2Decompressor, data, limit, OSError, streams=True)


def _xz_compress(level: int) -> Compress:
    import lzma

    return lambda data: lzma.compress(data, preset=level)


def _xz_restore(limit: int) -> Decompress:
    import lzma

    def make() -> lzma.LZMADecompressor:
        return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_XZ_MEMORY)

    return lambda data: _restore(make, data, limit, lzma.LZMAError, streams=True)


_CODECS = {
    "null": Codec(lambda level: _unchanged, _null_restore),
    "deflate": Codec(_deflate_compress, _deflate_restore, range(13), 6),
    "snappy": Codec(_snappy_compress, _snappy_restore),
    "zstandard": Codec(_zstandard_compress, _zstandard_restore, range(-131072, 23), 3),
    "bzip2": Codec(_bzip2_compress, _bzip2_restore, range(1, 10), 9),
    "xz": Codec(_xz_compress, _xz_restore, range(10), 6),
    "lz4": Codec(_lz4_compress, _lz4_restore),
}

# Names of codecs in other formats and libraries.
_ELSEWHERE = {
    "": "null",
    "none": "null",
    "no": "null",
    "identity": "null",
    "uncompressed": "null",
    "gz": "deflate",
    "gzip": "deflate",
    "zip": "deflate",
    "zlib": "deflate",
    "zstd": "zstandard",
    "bz2": "bzip2",
    "bzip": "bzip2",
    "lzma": "xz",
    "lz4raw": "lz4",
    "lz4block": "lz4",
}
