"""Codecs that are registered: used wherever the others are, and bounded as they are."""

from __future__ import annotations

import io
import json
import threading
import zlib
from concurrent.futures import ThreadPoolExecutor
from types import MappingProxyType

import pytest

import avrojet
from avrojet import CodecError, DataFileError, DataFileReader, DataFileWriter, LimitError, register_codec
from avrojet.cli import main
from avrojet.compat import fastavro
from avrojet.container.codecs import _Register, codec_names
from tests.container.samples import SCHEMA, file_of, rows, rows_of

ROWS = rows(300)


@pytest.fixture(autouse=True)
def _register():
    before = _Register.codecs
    _Register.codecs = MappingProxyType({})
    yield
    _Register.codecs = before


@pytest.fixture
def own():
    """A codec whose data cannot be taken for another's."""
    register_codec("mine", lambda data: b"mine" + zlib.compress(data), restore)
    return {"codec": "mine", "sync_interval": 500}


def restore(data: bytes) -> bytes:
    assert data[:4] == b"mine"
    return zlib.decompress(data[4:])


@pytest.mark.parametrize("threads", [0, 2])
def test_files(own, tmp_path, threads):
    data = file_of(ROWS, threads=threads, **own)
    assert b"mine" + zlib.compress(b"")[:2] in data
    assert rows_of(data, threads=threads) == ROWS
    assert DataFileReader(io.BytesIO(data)).codec == "mine"
    assert rows_of(data, on_error="skip") == ROWS
    assert [row for block in DataFileReader(io.BytesIO(data)).blocks() for row in block] == ROWS
    path = tmp_path / "a.avro"
    path.write_bytes(data)
    with DataFileWriter(path, mode="a") as writer:
        writer.extend(ROWS)
    assert avrojet.read(path) == ROWS * 2
    for source, target, codec in (("a", "b", "deflate"), ("b", "c", "mine"), ("c", "c", "mine")):
        avrojet.recode_file(tmp_path / f"{source}.avro", tmp_path / f"{target}.avro", codec, threads=threads)
    assert avrojet.read(tmp_path / "c.avro") == ROWS * 2
    avrojet.concat_files([path, tmp_path / "b.avro"], tmp_path / "d.avro")
    assert avrojet.read(tmp_path / "d.avro") == ROWS * 4
    assert not avrojet.repair_file(path).losses
    assert sum(len(list(DataFileReader(part))) for part in avrojet.splits(path, size=500)) == 600


def test_columns(own):
    pyarrow = pytest.importorskip("pyarrow")
    data = file_of(ROWS, **own)
    for threads in (0, 2):
        table = pyarrow.table(avrojet.read_arrow(io.BytesIO(data), threads=threads))
        assert table.to_pylist() == ROWS
        target = io.BytesIO()
        avrojet.write_arrow(target, table, SCHEMA, "mine", threads=threads)
        assert rows_of(target.getvalue()) == ROWS


def test_the_facade(own):
    target = io.BytesIO()
    fastavro.writer(target, json.loads(SCHEMA.json), ROWS, "mine")
    data = target.getvalue()
    assert rows_of(data) == ROWS
    assert list(fastavro.reader(io.BytesIO(data))) == ROWS
    assert [row for block in fastavro.block_reader(io.BytesIO(data)) for row in block] == ROWS
    register_codec("mine", lambda data: b"mime" + zlib.compress(data), lambda data: zlib.decompress(data[4:]))
    target = io.BytesIO()
    fastavro.writer(target, json.loads(SCHEMA.json), ROWS, "mine")
    assert b"mime" in target.getvalue()
    assert list(fastavro.reader(io.BytesIO(target.getvalue()))) == ROWS


def test_the_commands(own, tmp_path, capfdbinary):
    path = tmp_path / "a.avro"
    path.write_bytes(file_of(ROWS, **own))
    assert main(["meta", str(path)]) == 0
    assert json.loads(capfdbinary.readouterr().out) == {"avro.codec": "mine"}
    assert main(["cat", "--head", "1", str(path)]) == 0
    assert main(["count", str(path)]) == 0
    assert capfdbinary.readouterr().out.endswith(b"\n300\n")
    _Register.codecs = MappingProxyType({})
    assert main(["meta", str(path)]) == 0
    assert json.loads(capfdbinary.readouterr().out) == {"avro.codec": "mine"}
    assert main(["cat", str(path)]) == 1
    assert b"unknown codec 'mine'" in capfdbinary.readouterr().err


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_any_buffer_may_be_returned_and_bytes_are_given(kind):
    given = []

    def unchanged(data):
        given.append(type(data))
        return kind(data)

    register_codec("mine", unchanged, unchanged)
    data = file_of(ROWS, codec="mine")
    assert rows_of(data) == ROWS
    target = io.BytesIO()
    avrojet.recode_file(io.BytesIO(data), target, "mine")
    assert rows_of(target.getvalue()) == ROWS
    assert set(given) == {bytes}


@pytest.mark.parametrize("wrong", [None, "text", 5, ["list"]])
def test_what_is_no_bytes_is_refused(wrong):
    data = file_of([1], '"int"').replace(b"\x08null", b"\x08mine")
    register_codec("mine", lambda data: wrong, lambda data: wrong)
    with pytest.raises(CodecError, match="the codec mine returned .*, not bytes"):
        rows_of(data)
    writer = DataFileWriter(io.BytesIO(), '"int"', "mine")
    writer.append(1)
    with pytest.raises(CodecError, match="the codec mine returned .*, not bytes"), writer:
        pass


def test_what_it_restores_is_bounded():
    register_codec("mine", bytes, lambda data: bytes(5000))
    data = file_of([None] * 5000, '"null"', codec="mine")
    tight = avrojet.Limits(block_bytes=4999)
    for read in (
        lambda limits: rows_of(data, limits=limits),
        lambda limits: rows_of(data, threads=1, limits=limits),
        lambda limits: [list(block) for block in DataFileReader(io.BytesIO(data), limits=limits).blocks()],
    ):
        with pytest.raises(LimitError, match="block_bytes = 4999") as caught:
            read(tight)
        assert caught.value.limit == "block_bytes"
        with pytest.raises(DataFileError, match="the count is wrong"):
            read(avrojet.Limits(block_bytes=5000))
    assert avrojet.repair_file(io.BytesIO(data), limits=tight).blocks == 0


def test_what_decompress_raises_means_damage(own):
    good = file_of(ROWS, **own)
    with DataFileReader(io.BytesIO(good)) as reader:
        blocks = list(reader.blocks())
    bad = bytearray(good)
    bad[good.index(bytes(blocks[2].data)) + 8] ^= 0xFF
    for threads in (0, 2):
        with pytest.raises(
            DataFileError, match="block 2 at byte .*: the block does not decompress: "
        ) as caught:
            rows_of(bytes(bad), threads=threads)
        assert isinstance(caught.value.__cause__, zlib.error)
    with DataFileReader(io.BytesIO(bytes(bad)), on_error="skip") as reader:
        found = list(reader)
    assert len(found) == len(ROWS) - blocks[2].count
    assert reader.losses.records == blocks[2].count


@pytest.mark.parametrize("error", [MemoryError, KeyboardInterrupt, LimitError("mine")])
def test_what_is_no_damage_comes_as_it_is(error):
    def decompress(data):
        raise error

    register_codec("mine", bytes, decompress)
    with pytest.raises(error if isinstance(error, type) else type(error)):
        rows_of(file_of([1], '"int"', codec="mine"))


def test_what_compress_raises_comes_to_who_writes_and_nothing_is_lost():
    failing = [True]

    def compress(data):
        if failing:
            raise RuntimeError("mine")
        return data

    register_codec("mine", compress, bytes)
    for threads in (0, 2):
        failing[:] = [True]
        target = io.BytesIO()
        writer = DataFileWriter(target, SCHEMA, "mine", threads=threads)
        writer.extend(ROWS)
        for finish in (writer.flush, writer.close):
            with pytest.raises(RuntimeError, match="mine"):
                finish()
        failing.clear()
        writer.close()
        assert rows_of(target.getvalue()) == ROWS


def test_names():
    register_codec("mine", bytes, bytes)
    assert codec_names()[-1] == "mine"
    for name in ("", "null", "deflate", "zstandard", "lz4"):
        with pytest.raises(ValueError, match="cannot be called"):
            register_codec(name, bytes, bytes)
    with pytest.raises(TypeError, match="the name of a codec must be str"):
        register_codec(5, bytes, bytes)
    for functions in ((None, bytes), (bytes, "x")):
        with pytest.raises(TypeError, match="needs two functions"):
            register_codec("mine", *functions)
    with pytest.raises(CodecError, match="the codec mine has no levels, not 3"):
        DataFileWriter(io.BytesIO(), SCHEMA, "mine", 3)
    with pytest.raises(CodecError, match=r"unknown codec 'MINE' \(did you mean mine\?\)"):
        DataFileWriter(io.BytesIO(), SCHEMA, "MINE")


def test_the_later_one_of_a_name_is_used():
    register_codec("mine", lambda data: b"1" + data, lambda data: data[1:])
    one = file_of([1], '"int"', codec="mine")
    reader = DataFileReader(io.BytesIO(one))
    register_codec("mine", lambda data: b"2" + data, lambda data: data[1:])
    assert list(reader) == [1]
    assert (b"1\2" in one, b"2\2" in file_of([1], '"int"', codec="mine")) == (True, True)


def test_threads_register_and_use():
    barrier = threading.Barrier(8)

    def work(number):
        name = f"mine{number}"
        barrier.wait()
        for _ in range(50):
            register_codec(name, lambda data: name.encode() + data, lambda data: data[len(name) :])
            assert rows_of(file_of([number], '"int"', codec=name)) == [number]

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    assert set(codec_names()) >= {f"mine{number}" for number in range(8)}
