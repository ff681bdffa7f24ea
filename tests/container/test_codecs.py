"""The codecs: what they restore, what they refuse, and what it may cost."""

from __future__ import annotations

import bz2
import importlib.util
import io
import lzma
import os
import struct
import tracemalloc
import zlib
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module

import pytest

import avrojet
from avrojet import CodecError, DataFileError, LimitError
from avrojet.compat import fastavro
from avrojet.container import codecs
from avrojet.container.codecs import _restore, codec_names, make_compress, make_decompress
from avrojet.container.framing import build_block, build_header
from tests.container.samples import SYNC, file_of

MIB = 1 << 20
LIMIT = 8 * MIB
COMPRESSING = [name for name in codec_names() if name != "null"]
SAMPLES = {
    "empty": b"",
    "one byte": b"a",
    "text": b"the quick brown fox %d " * 4000,
    "random": os.urandom(70_000),
    "zeros": bytes(3 * MIB),
}


@pytest.fixture(autouse=True)
def _skip_without_library(request):
    name = getattr(request.node, "callspec", None) and request.node.callspec.params.get("name")
    if name == "snappy":
        pytest.importorskip("cramjam")
    if name == "lz4" and codecs._installed("lz4.block", "cramjam") is None:
        pytest.skip("no lz4 library")
    if name == "zstandard" and codecs._installed("compression.zstd", "backports.zstd") is None:
        pytest.skip("no zstandard library")


@pytest.fixture(params=["deflate", "isal.isal_zlib", "zlib"])
def deflate_library(request, monkeypatch):
    """Each library that can serve deflate."""
    library = pytest.importorskip(request.param)
    monkeypatch.setattr(codecs, "_installed", lambda *names: library if request.param in names else None)
    return request.param


@pytest.fixture(params=["zstandard", "compression.zstd"])
def zstandard_library(request, monkeypatch):
    """With the library that restores a frame at once, and without it."""
    if request.param == "zstandard":
        pytest.importorskip("zstandard")
    elif codecs._installed("compression.zstd", "backports.zstd") is None:
        pytest.skip("no zstandard library")
    else:
        find = codecs._installed
        monkeypatch.setattr(
            codecs, "_installed", lambda *names: None if "zstandard" in names else find(*names)
        )
    return request.param


def restored(name: str, data: bytes, limit: int = LIMIT) -> bytes:
    return bytes(make_decompress(name, limit)(data))


@pytest.mark.parametrize("sample", SAMPLES)
@pytest.mark.parametrize("name", codec_names())
def test_round_trip(name, sample):
    data = SAMPLES[sample]
    assert restored(name, bytes(make_compress(name)(data))) == data
    assert restored(name, memoryview(bytes(make_compress(name)(memoryview(data))))) == data


def test_the_standard_ones_write_the_standard_formats():
    data = SAMPLES["text"]
    assert zlib.decompress(make_compress("deflate")(data), -15) == data
    assert bz2.decompress(make_compress("bzip2")(data)) == data
    assert lzma.decompress(make_compress("xz")(data)) == data


def test_deflate_has_nothing_after_its_data(deflate_library):
    stream = zlib.decompressobj(-15)
    stream.decompress(make_compress("deflate")(SAMPLES["text"]))
    assert stream.eof
    assert not stream.unused_data


@pytest.mark.parametrize("after", [b"\x12\x34\x56", b"\x00" * 4])
@pytest.mark.parametrize("sample", SAMPLES)
def test_deflate_readers_bear_the_checksum_of_other_writers(deflate_library, sample, after):
    data = zlib.compress(SAMPLES[sample])[2:-4] + after
    assert restored("deflate", data) == SAMPLES[sample]


@pytest.mark.parametrize("name", COMPRESSING)
@pytest.mark.parametrize("sample", ["empty", "one byte", "text"])
def test_every_truncation_is_an_error(name, sample):
    data = bytes(make_compress(name)(SAMPLES[sample]))
    for end in range(len(data)):
        with pytest.raises(DataFileError):
            restored(name, data[:end])


def test_every_truncation_of_deflate_is_an_error(deflate_library):
    data = bytes(make_compress("deflate")(SAMPLES["text"]))
    for end in range(len(data)):
        with pytest.raises(DataFileError, match="does not decompress"):
            restored("deflate", data[:end])


@pytest.mark.parametrize("name", ["snappy", "zstandard", "bzip2", "xz"])
def test_garbage_after_the_data_is_an_error(name):
    with pytest.raises(DataFileError):
        restored(name, bytes(make_compress(name)(SAMPLES["text"])) + b"\x12\x34\x56")


@pytest.mark.parametrize("name", ["zstandard", "bzip2", "xz"])
def test_several_streams_are_one_block(name):
    compress = make_compress(name)
    assert restored(name, compress(b"abc") + compress(b"") + compress(b"def")) == b"abcdef"


@pytest.mark.parametrize("sample", SAMPLES)
def test_zstandard_by_each_library(zstandard_library, sample):
    data = bytes(make_compress("zstandard")(SAMPLES[sample]))
    restore = make_decompress("zstandard", LIMIT)
    for _ in range(3):
        assert restore(memoryview(data)) == SAMPLES[sample]
    for end in {0, 1, 4, 5, 9, len(data) // 2, len(data) - 1} - {len(data)}:
        with pytest.raises(DataFileError):
            restore(data[:end])
    for after in (b"\x12", b"\x12\x34\x56\x78", bytes(20)):
        with pytest.raises(DataFileError):
            restore(data + after)
    assert restore(data + data) == 2 * SAMPLES[sample]
    skipped = b"\x50\x2a\x4d\x18" + struct.pack("<I", 3) + b"abc"
    assert restore(skipped + data) == SAMPLES[sample]
    assert restore(data + skipped) == SAMPLES[sample]


def test_zstandard_in_threads(zstandard_library):
    restore = make_decompress("zstandard", LIMIT)
    data = [bytes(make_compress("zstandard")(sample)) for sample in SAMPLES.values()]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(restore, data * 20)) == list(SAMPLES.values()) * 20


def test_the_limit_of_zstandard_is_exact(zstandard_library):
    test_the_limit_is_exact("zstandard")


def test_a_size_that_a_zstandard_frame_claims_is_no_size(zstandard_library):
    """Of the frame's content size 4 bytes follow the descriptor (RFC 8878, 3.1.1.1)."""
    data = bytearray(make_compress("zstandard")(SAMPLES["zeros"]))
    assert data[5:9] == struct.pack("<I", 3 * MIB) or data[6:10] == struct.pack("<I", 3 * MIB)
    place = data.index(struct.pack("<I", 3 * MIB))
    for size in (0, 1, 3 * MIB - 1, 3 * MIB + 1, LIMIT, LIMIT + 1, (1 << 32) - 1):
        data[place : place + 4] = struct.pack("<I", size)
        with pytest.raises((DataFileError, LimitError)):
            restored("zstandard", bytes(data))


def test_zstandard_frames_need_not_tell_their_size(zstandard_library):
    zstd = codecs._installed("compression.zstd", "backports.zstd")
    if zstd is None:
        pytest.skip("no zstandard library")
    stream = zstd.ZstdCompressor()
    data = stream.compress(b"abc" * 1000) + stream.compress(b"def") + stream.flush()
    assert zstd.get_frame_info(data).decompressed_size is None
    restore = make_decompress("zstandard", LIMIT)
    for _ in range(3):
        assert restore(data) == b"abc" * 1000 + b"def"


@pytest.mark.parametrize("name", codec_names())
def test_the_limit_is_exact(name):
    data = SAMPLES["text"]
    compressed = bytes(make_compress(name)(data))
    assert restored(name, compressed, len(data)) == data
    with pytest.raises(LimitError, match="block_bytes"):
        restored(name, compressed, len(data) - 1)


def test_the_limit_of_deflate_is_exact(deflate_library):
    test_the_limit_is_exact("deflate")


@pytest.mark.slow
@pytest.mark.parametrize("name", COMPRESSING)
def test_a_bomb_costs_no_more_than_the_limit(name):
    bomb = bytes(make_compress(name)(bytes(100 * MIB)))
    decompress = make_decompress(name, LIMIT)
    tracemalloc.start()
    try:
        with pytest.raises(LimitError):
            decompress(bomb)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 4 * LIMIT  # parts and their sum; xz has a dictionary of 8 MiB too


class Stream:
    """A decompressor of streams of eight bytes, which tells what is copied back."""

    made = 0
    copied = 0

    def __init__(self):
        type(self).made += 1
        self.eof = False
        self._taken = b""

    def decompress(self, data, room):
        self._taken += bytes(data)
        self.eof = len(self._taken) >= 8
        return self._taken[7:8]

    @property
    def unused_data(self):
        type(self).copied += max(0, len(self._taken) - 8)
        return self._taken[8:]


@pytest.fixture
def stream_type():
    return type("Fresh", (Stream,), {})


def test_streams_of_a_block_are_passed_on_without_copies(stream_type):
    data = b"1234567x" * 1000
    assert _restore(stream_type, data, LIMIT, ValueError, streams=True) == b"x" * 1000
    assert stream_type.made == 1000
    assert stream_type.copied < 200 * len(data)


def test_streams_of_a_block_are_bounded_by_its_size(stream_type):
    with pytest.raises(LimitError, match="too many compressed streams") as caught:
        _restore(stream_type, b"1234567x" * 100_000, LIMIT, ValueError, streams=True)
    assert caught.value.limit is None
    assert stream_type.made < 1100
    with pytest.raises(DataFileError, match="end too early"):
        _restore(stream_type, b"1234567x" * 3 + b"12", LIMIT, ValueError, streams=True)


@pytest.mark.parametrize("name", ["zstandard", "bzip2", "xz"])
def test_blocks_of_several_streams(name):
    """Of any size, one after the other, and with a limit that counts them together."""
    if name not in COMPRESSING:
        pytest.skip("its library is not installed")
    parts = [bytes([number % 251]) * (number * number * 7) for number in range(60)]
    compressed = b"".join(bytes(make_compress(name)(part)) for part in parts)
    whole = b"".join(parts)
    assert restored(name, compressed, len(whole)) == whole
    with pytest.raises(LimitError, match="block_bytes"):
        restored(name, compressed, len(whole) - 1)
    with pytest.raises(DataFileError):
        restored(name, compressed[:-3], len(whole))
    empty = bytes(make_compress(name)(b""))
    assert restored(name, empty * 1000, 0) == b""
    with pytest.raises(LimitError, match="streams"):
        restored(name, empty * 3000, LIMIT)


def test_bytes_after_a_deflate_stream_are_dropped():
    """As by all other implementations; libdeflate does not even tell of them."""
    data = bytes(make_compress("deflate")(b"abc" * 100))
    for rest in (b"\0" * 4, b"x" * 13):
        assert restored("deflate", data + rest) == b"abc" * 100


def test_snappy_claims_are_checked_before_they_cost_memory():
    pytest.importorskip("cramjam")
    claim = b"\x80\x80\x80\x03"  # 6 MiB, in a block of 12 bytes
    with pytest.raises(DataFileError, match="cannot hold"):
        restored("snappy", claim + bytes(8))
    with pytest.raises(LimitError):
        restored("snappy", b"\xff\xff\xff\xff\x0f" + bytes(8))


@pytest.mark.parametrize("with_library", [True, False])
def test_snappy_checksum_is_verified(monkeypatch, with_library):
    pytest.importorskip("cramjam")
    if not with_library:
        monkeypatch.setattr(
            codecs, "_installed", lambda *names: None if "deflate" in names else import_module(names[0])
        )
    data = bytes(make_compress("snappy")(b"abc"))
    assert data[-4:] == struct.pack(">I", zlib.crc32(b"abc"))
    for place in range(len(data) - 4, len(data)):
        damaged = bytearray(data)
        damaged[place] ^= 1
        with pytest.raises(DataFileError, match="CRC-32"):
            restored("snappy", bytes(damaged))


@pytest.mark.slow
def test_xz_dictionaries_are_bounded():
    filters = [{"id": lzma.FILTER_LZMA2, "dict_size": 1 << 30}]
    data = lzma.compress(b"abc", filters=filters)
    with pytest.raises(DataFileError, match=r"[Mm]emory"):
        restored("xz", data)


def test_libdeflate_learns_the_size_of_blocks():
    pytest.importorskip("deflate")
    decompress = make_decompress("deflate", LIMIT)
    for sample in ["zeros", "text", "zeros", "one byte", "empty", "zeros"]:
        assert bytes(decompress(zlib.compress(SAMPLES[sample])[2:])) == SAMPLES[sample]


@pytest.mark.parametrize(
    ("name", "levels"),
    [("deflate", [0, 1, 9]), ("bzip2", [1, 9]), ("xz", [0, 9]), ("zstandard", [-5, 1, 22])],
)
def test_levels(name, levels):
    sizes = []
    for level in levels:
        data = bytes(make_compress(name, level)(SAMPLES["text"]))
        assert restored(name, data) == SAMPLES["text"]
        sizes.append(len(data))
    assert sizes[0] >= sizes[-1]


def test_levels_of_deflate(deflate_library):
    test_levels("deflate", [0, 1, 2, 9])
    if deflate_library == "deflate":
        test_levels("deflate", [9, 12])
    else:
        with pytest.raises(CodecError, match=r'pip install "avrojet\[deflate\]"'):
            make_compress("deflate", 10)


def test_deflate_compresses_about_as_small_as_zlib(deflate_library):
    records = (
        struct.pack("<IHd", i, i * 7919 % 1000, i / 7) + b"name%d" % (i * i % 977) for i in range(3000)
    )
    data = b"".join(records)
    for level in (6, 9):
        stream = zlib.compressobj(level, wbits=-15)
        reference = len(stream.compress(data) + stream.flush())
        assert len(make_compress("deflate", level)(data)) <= 1.03 * reference


@pytest.mark.parametrize(
    ("name", "level", "message"),
    [("null", 1, "no levels"), ("snappy", 1, "no levels"), ("deflate", 13, "0 to 12"),
     ("bzip2", 0, "1 to 9"), ("xz", 10, "0 to 9"), ("zstandard", 23, "-131072 to 22")],
)  # fmt: skip
def test_no_such_level(name, level, message):
    with pytest.raises(CodecError, match=message):
        make_compress(name, level)


@pytest.mark.parametrize("make", [make_compress, lambda name: make_decompress(name, LIMIT)])
def test_unknown_codec(make):
    with pytest.raises(CodecError, match="unknown codec 'lzo'; the known ones are null, deflate, snappy"):
        make("lzo")
    with pytest.raises(CodecError, match="unknown codec 5;"):
        make(5)
    with pytest.raises(CodecError) as caught:
        make("x" * 1_000_000)
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize(
    ("name", "meant"),
    [("zstd", "zstandard"), ("ZSTD", "zstandard"), ("Deflate", "deflate"), ("gzip", "deflate"),
     ("zip", "deflate"), ("zlib", "deflate"), ("uncompressed", "null"), ("none", "null"),
     ("bz2", "bzip2"), ("lzma", "xz"), ("LZ4", "lz4"), ("lz4_raw", "lz4"), ("SNAPPY", "snappy")],
)  # fmt: skip
def test_names_that_others_use_get_a_hint(name, meant):
    for make in (
        make_compress,
        lambda name: make_decompress(name, LIMIT),
        lambda name: avrojet.write(io.BytesIO(), "int", [], codec=name),
        lambda name: avrojet.recode_file(io.BytesIO(file_of([1], '"int"')), io.BytesIO(), name),
        lambda name: fastavro.writer(io.BytesIO(), "int", [], codec=name),
        lambda name: list(avrojet.DataFileReader(io.BytesIO(of_codec(name)))),
        lambda name: list(fastavro.reader(io.BytesIO(of_codec(name)))),
    ):
        with pytest.raises(ValueError, match="known codec|nrecognized codec") as caught:
            make(name)
        assert f"(did you mean {meant}?)" in str(caught.value)


def of_codec(name: str) -> bytes:
    header = build_header({"avro.schema": b'"int"', "avro.codec": name.encode()}, SYNC)
    return header + build_block(1, b"\2", SYNC)


@pytest.fixture(params=["lz4.block", "cramjam"])
def lz4_library(request, monkeypatch):
    library = pytest.importorskip(request.param)
    monkeypatch.setattr(codecs, "_installed", lambda *names: library if request.param in names else None)
    return library


@pytest.mark.parametrize("sample", SAMPLES)
def test_lz4_of_every_library(lz4_library, sample):
    data = bytes(make_compress("lz4")(SAMPLES[sample]))
    assert data[:4] == len(SAMPLES[sample]).to_bytes(4, "little")
    assert restored("lz4", data) == SAMPLES[sample]
    for other in ("lz4.block", "cramjam"):
        if importlib.util.find_spec(other.partition(".")[0]) is None:
            continue
        module = codecs.import_module(other)
        theirs = module.decompress(data) if other == "lz4.block" else bytes(module.lz4.decompress_block(data))
        assert theirs == SAMPLES[sample]


@pytest.mark.parametrize(
    "change",
    [lambda data: data[:10], lambda data: data + b"x", lambda data: b"", lambda data: b"\1",
     lambda data: bytes([data[0] - 1]) + data[1:], lambda data: bytes([data[0] + 1]) + data[1:],
     lambda data: b"\xff\xff\x1f\0" + data[4:]],
)  # fmt: skip
def test_damaged_lz4(lz4_library, change):
    data = bytes(make_compress("lz4")(SAMPLES["text"]))
    with pytest.raises(DataFileError, match="does not decompress"):
        restored("lz4", change(data))
    with pytest.raises(LimitError):
        restored("lz4", b"\xff\xff\xff\xff" + data[4:])


@pytest.mark.parametrize("codec", ["snappy", "zstandard", "lz4"])
def test_missing_library(monkeypatch, codec):
    monkeypatch.setattr(codecs, "_installed", lambda *names: None)
    for make in (make_compress, lambda name: make_decompress(name, LIMIT)):
        with pytest.raises(CodecError, match=rf'pip install "avrojet\[{codec}\]"'):
            make(codec)
