"""What files are read from: bytes, URLs, openers, and sources that do not do what they should."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import pickle
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import avrojet
from avrojet import AvroError, DataFileError, DataFileReader, TruncatedError
from avrojet.compat import fastavro
from avrojet.container.source import is_url
from avrojet.errors import DataFileTypeError
from avrojet.scanning.listing import listed
from tests.cases import for_each
from tests.container.samples import OnlyRead, file_of, rows
from tests.vectors import record

ROWS = rows(400)
FILE = file_of(ROWS, sync_interval=1000)


def arrow_rows(source: Any, **options: Any) -> list[Any]:
    pa = pytest.importorskip("pyarrow")
    batches = avrojet.read_arrow(source, **options)
    return [row for batch in batches for row in pa.record_batch(batch).to_pylist()]


def with_reader(source: Any, use: Callable[[DataFileReader], list[Any]], **options: Any) -> list[Any]:
    with DataFileReader(source, **options) as reader:
        return use(reader)


def repaired(source: Any) -> list[Any]:
    target = io.BytesIO()
    avrojet.repair_file(source, target)
    return avrojet.read(target.getvalue())


def concatenated(source: Any) -> list[Any]:
    target = io.BytesIO()
    avrojet.concat_files([source, source], target)
    return avrojet.read(target.getvalue())[: len(ROWS)]


def recoded(source: Any) -> list[Any]:
    target = io.BytesIO()
    avrojet.recode_file(source, target, "deflate")
    return avrojet.read(target.getvalue())


READERS: dict[str, Callable[[Any], list[Any]]] = {
    "read": avrojet.read,
    "reader": lambda source: with_reader(source, list),
    "reader, skip": lambda source: with_reader(source, list, on_error="skip"),
    "blocks": lambda source: with_reader(
        source, lambda reader: [row for block in reader.blocks() for row in block]
    ),
    "read_arrow": arrow_rows,
    "read_arrow, threads": lambda source: arrow_rows(source, threads=2),
    "read_arrow, skip": lambda source: arrow_rows(source, on_error="skip"),
    "read_arrow, several": lambda source: arrow_rows([source, source], threads=2)[: len(ROWS)],
    "splits": lambda source: [
        row for part in avrojet.splits(source, size=3000) for row in avrojet.read(part)
    ],
    "splits, pickled": lambda source: [
        row
        for part in avrojet.splits([source], count=5)
        for row in avrojet.read(pickle.loads(pickle.dumps(part)))
    ],
    "columns of splits": lambda source: arrow_rows(avrojet.splits(source, size=3000)),
    "repair": repaired,
    "concat": concatenated,
    "recode": recoded,
}
readers = pytest.mark.parametrize("way", READERS)


# Bytes

DATA: dict[str, Callable[[bytes], Any]] = {
    "bytes": bytes,
    "bytearray": bytearray,
    "memoryview": memoryview,
    "part of a memoryview": lambda data: memoryview(b"x" + data + b"y")[1:-1],
    "every other byte": lambda data: memoryview(bytes(byte for each in data for byte in (each, 0)))[::2],
    "two dimensions": lambda data: memoryview(data).cast("B", (1, len(data))),
}


@readers
@for_each("kind", DATA)
def test_the_bytes_of_a_file(way, kind):
    if way == "splits, pickled" and kind not in {"bytes", "bytearray"}:
        pytest.skip("views are not pickled")
    assert READERS[way](DATA[kind](FILE)) == ROWS


def test_bytes_are_counted():
    for make in (bytes, bytearray, memoryview):
        assert avrojet.count_records(make(FILE)) == len(ROWS)


def test_columns_of_bytes_can_be_read_again():
    stream = avrojet.read_arrow(FILE)
    assert sum(map(len, stream)) == sum(map(len, stream)) == len(ROWS)


SECRET = b"Obj\x01" + b"secret" * 1000


@for_each("source", [SECRET, bytearray(SECRET), memoryview(SECRET), SECRET[:100]])
@readers
def test_messages_do_not_contain_the_data(way, source):
    if way == "splits, pickled" and isinstance(source, memoryview):
        pytest.skip("views are not pickled")
    with pytest.raises(AvroError) as caught:
        READERS[way](source)
    assert "secretsecret" not in str(caught.value)
    assert len(str(caught.value)) < 500


def test_reprs_do_not_contain_the_data():
    split = avrojet.splits(FILE, count=2)[1]
    assert repr(split) == f"Split(path='<bytes>', start={len(FILE) // 2}, end={len(FILE)})"
    pl = pytest.importorskip("polars")
    assert pl.DataFrame(avrojet.read_arrow(SECRET[:0] + FILE)).height == len(ROWS)
    polars = pytest.importorskip("avrojet.polars", exc_type=ImportError)
    assert polars.scan_avro(FILE).select("id").collect().height == len(ROWS)
    with pytest.raises(TypeError) as caught:
        polars.scan_avro(io.BytesIO(FILE))
    assert "BytesIO" in str(caught.value)


# URLs


@pytest.fixture
def fsspec() -> Any:
    return pytest.importorskip("fsspec")


@pytest.fixture
def store(fsspec) -> Any:
    files = fsspec.filesystem("memory")
    files.pipe("/orders/1.avro", FILE)
    yield files
    files.rm("/", recursive=True)


def test_a_file_in_memory_is_read_in_several_places_at_once(store):
    url = "memory://orders/1.avro"
    one, other = avrojet.DataFileReader(url), avrojet.DataFileReader(url)
    pairs = [(next(one), next(other)) for _ in ROWS]
    assert pairs == [(row, row) for row in ROWS]


@readers
def test_urls(way, store, tmp_path):
    path = tmp_path / "a.avro"
    path.write_bytes(FILE)
    for url in ("memory://orders/1.avro", path.as_uri()):
        assert READERS[way](url) == ROWS
    assert avrojet.count_records("memory://orders/1.avro") == len(ROWS)


@readers
def test_openers(way, store, fsspec):
    assert READERS[way](fsspec.open("memory://orders/1.avro")) == ROWS


def test_urls_with_wildcards(store):
    store.pipe("/orders/2.avro", file_of(ROWS[:3]))
    polars = pytest.importorskip("avrojet.polars", exc_type=ImportError)
    assert polars.read_avro("memory://orders/*.avro").height == len(ROWS) + 3
    found = [file.source for file in listed("memory://orders/*.avro")]
    assert found == ["memory:///orders/1.avro", "memory:///orders/2.avro"]
    assert [file.source for file in listed("https://host/a.avro?signature=[x]")] == [
        "https://host/a.avro?signature=[x]"
    ]
    with pytest.raises(FileNotFoundError):
        listed("memory://none/*.avro")


def test_what_is_a_url():
    assert all(
        map(is_url, ("s3://a/b", "gs://a", "simplecache::s3://a/b", "abfs+x://a", "zip://a::/tmp/b.zip"))
    )
    assert not any(
        map(is_url, ("a.avro", "C:\\a", "C://a", "/a://b", "a/b://c", "://", Path("s3://a"), b"s3://a"))
    )


def test_urls_that_cannot_be_opened(store, monkeypatch):
    with pytest.raises(FileNotFoundError):
        avrojet.read("memory://orders/none.avro")
    with pytest.raises(DataFileError, match="odd://a: fsspec cannot open it: .*odd"):
        avrojet.read("odd://a")
    monkeypatch.setitem(sys.modules, "fsspec", None)
    for use in (avrojet.read, avrojet.splits, avrojet.count_records, avrojet.read_arrow):
        with pytest.raises(DataFileError, match="memory://a: URLs need a library: pip install"):
            use("memory://a")
    with pytest.raises(DataFileError, match="need a library"):
        avrojet.write("memory://a", "long", [1])


def test_urls_are_written(store, tmp_path):
    avrojet.write("memory://new/a.avro", "long", range(10))
    assert avrojet.read("memory://new/a.avro") == [*range(10)]
    place = (tmp_path / "b.avro").as_uri()
    avrojet.recode_file("memory://new/a.avro", place, "deflate")
    assert avrojet.read(tmp_path / "b.avro") == [*range(10)]
    with avrojet.DataFileWriter("memory://new/c.avro", "long") as writer:
        writer.extend(range(10))
    assert avrojet.count_records("memory://new/c.avro") == 10
    assert avrojet.repair_file("memory://new/c.avro", "memory://new/d.avro").records == 10
    with pytest.raises(DataFileError, match="not repaired in place"):
        avrojet.repair_file("memory://new/c.avro", "memory://new/c.avro")
    with pytest.raises(DataFileError, match="cannot be appended to"):
        avrojet.DataFileWriter("memory://new/c.avro", "long", mode="a")


def test_a_url_appears_only_when_the_file_is_whole(store, tmp_path):
    avrojet.write("memory://new/a.avro", "long", [1])
    path = tmp_path / "b.avro"
    avrojet.write(path, "long", [1])
    for url in ("memory://new/a.avro", "memory://new/new.avro", path.as_uri()):
        with pytest.raises(avrojet.EncodeError):
            avrojet.write(url, "long", [2, "no number"])
    assert avrojet.read("memory://new/a.avro") == avrojet.read(path) == [1]
    assert not store.exists("/new/new.avro")
    assert [each.name for each in tmp_path.iterdir()] == ["b.avro"]


def test_openers_are_written(store, fsspec):
    avrojet.write(fsspec.open("memory://new/a.avro", "wb"), "long", range(10))
    with avrojet.DataFileWriter(fsspec.open("memory://new/b.avro", "wb"), "long") as writer:
        writer.extend(range(10))
    for name in "ab":
        assert avrojet.read(f"memory://new/{name}.avro") == [*range(10)]


# What does not do what it should


class Lying(bytes):
    """Says that it has no bytes, or many."""

    said = 0

    def __len__(self) -> int:
        return self.said

    def __bool__(self) -> bool:
        return bool(self.said)

    def __getitem__(self, place: Any) -> Any:
        raise AssertionError("nobody asks it")

    __iter__ = None  # type: ignore[assignment]


class Longer(Lying):
    said = 1 << 40


class LyingArray(bytearray):
    def __len__(self) -> int:
        return 3


class Giving(OnlyRead):
    """Gives what its reads give as something else."""

    def __init__(self, data: bytes, make: Callable[[bytes], Any]) -> None:
        super().__init__(data)
        self.make = make

    def read(self, size: int, /) -> Any:
        return self.make(super().read(size))


STRANGE: dict[str, Callable[[bytes], Any]] = {
    "bytes that say they are empty": Lying,
    "bytes that say they are many": Longer,
    "a bytearray that says it is short": LyingArray,
    "a bytearray": bytearray,
    "two dimensions": lambda data: memoryview(data).cast("B", (1, len(data))) if data else data,
    "every other byte": lambda data: memoryview(bytes(2 * len(data)) + data)[2 * len(data) :][::1],
    "reversed twice": lambda data: memoryview(data[::-1])[::-1],
    "signed": lambda data: memoryview(data).cast("b"),
}
ONE_FILE = [way for way in READERS if "split" not in way and way not in {"read_arrow, several", "concat"}]


@for_each("kind", STRANGE)
@pytest.mark.parametrize("way", [*ONE_FILE, "facade"])
def test_reads_that_give_bytes_of_another_kind(way, kind):
    source = Giving(FILE, STRANGE[kind])
    found = list(fastavro.reader(source)) if way == "facade" else READERS[way](source)
    assert found == ROWS


@pytest.mark.parametrize("way", [*ONE_FILE, "facade"])
def test_text_is_a_type_error(way, tmp_path):
    use = fastavro.reader if way == "facade" else READERS[way]
    for text in (io.StringIO("Obj\x01"), Giving(FILE, lambda data: data.decode("latin-1"))):
        with pytest.raises(DataFileTypeError, match="binary mode") as caught:
            use(text)
        assert isinstance(caught.value, TypeError)
        assert isinstance(caught.value, ValueError)
    path = tmp_path / "a.avro"
    path.write_bytes(FILE)
    with path.open(encoding="utf-8") as file, pytest.raises((DataFileTypeError, UnicodeDecodeError)):
        use(file)
    if way != "facade":
        with path.open(encoding="utf-8") as file, pytest.raises(DataFileTypeError, match='"rb"'):
            use(file)


@readers
def test_text_of_an_opener_is_a_type_error(way, tmp_path, fsspec):
    (tmp_path / "a.avro").write_bytes(FILE)
    with pytest.raises(DataFileTypeError, match='"rb"'):
        READERS[way](fsspec.open(str(tmp_path / "a.avro"), "r"))


@pytest.mark.parametrize("way", [*ONE_FILE, "facade"])
def test_a_source_that_does_not_block_has_not_ended(way):
    use = (lambda source: list(fastavro.reader(source))) if way == "facade" else READERS[way]
    for size in (0, 100, len(FILE) - 1, len(FILE)):
        source = Giving(FILE[:size], lambda data: data or None)
        with pytest.raises(DataFileError, match="non-blocking"):
            use(source)


def test_a_file_that_two_readers_move():
    """One that ends early for the other is not read short."""
    read, write = os.pipe()
    os.close(write)
    os.close(read)
    path = Path(__file__).parents[1] / "data" / "orders.avro"
    with path.open("rb", buffering=0) as file:
        first = DataFileReader(file)
        file.seek(0, os.SEEK_END)
        file.seek(1, os.SEEK_CUR)
        with pytest.raises(DataFileError, match="other code moved"):
            list(first)


# Files that are something else


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (gzip.compress(FILE), "that is gzip: pass gzip.open"),
        (bz2.compress(FILE), "that is bzip2: pass bz2.open"),
        (lzma.compress(FILE), "that is xz: pass lzma.open"),
        (b"PAR1" + bytes(20), "that is a Parquet file: avrojet.convert"),
        (b"ORC" + bytes(20), "that is an ORC file: avrojet.convert"),
        (b"ARROW1" + bytes(20), "that is an Arrow file: avrojet.convert"),
        (b'{"a": 1}', "that is JSON text: avrojet.convert"),
        (b"[1, 2]", "that is JSON text$"),
        (b"PK\x03\x04", "that is a zip archive"),
        (b"Obj\x00", "before version 1.3"),
        (b"\x00" * 100, "not an Avro object container file: it starts with"),
    ],
)
def test_what_else_a_file_may_be(content, message):
    for use in READERS.values():
        with pytest.raises(DataFileError, match=message):
            use(content)


def test_the_hints_work(tmp_path):
    for library in (gzip, bz2, lzma):
        path = tmp_path / "a"
        path.write_bytes(library.compress(FILE))
        with library.open(path) as file:
            assert avrojet.read(file) == ROWS


@readers
def test_an_empty_file_is_called_empty(way, tmp_path):
    path = tmp_path / "none.avro"
    path.touch()
    for source in (b"", path):
        with pytest.raises(TruncatedError, match="the file is empty"):
            READERS[way](source)


# Errors say in which file they are

BROKEN = {
    "empty": b"",
    "no Avro": b"hello, this is text",
    "cut in its header": FILE[:20],
    "cut in a block": FILE[:-5],
    "damaged": FILE[:-16] + bytes(16),
    "joined": FILE + FILE,
    "of no schema": file_of([]).replace(b"avro.schema", b"avro.schemX"),
    "of a schema that is none": file_of([1], "long").replace(b'"long"', b'"lonG"'),
    "of an unknown codec": file_of([1], "long").replace(b"null", b"nulX"),
    "of a count that lies": file_of([1, 2, 3], "long").replace(
        b"\x06\x06\x02\x04\x06", b"\x04\x06\x02\x04\x06"
    ),
}


def check_named(error: BaseException, path: Path) -> None:
    assert isinstance(error, AvroError)
    assert error.file == str(path)
    assert str(error).startswith(f"{path}: ")
    assert str(error).count(str(path)) == 1
    again = pickle.loads(pickle.dumps(error))
    assert (again.file, str(again)) == (error.file, str(error))


@pytest.mark.parametrize("kind", BROKEN)
@pytest.mark.parametrize(
    "way", [way for way in READERS if "skip" not in way and way not in {"repair", "splits, pickled"}]
)
def test_errors_say_in_which_file_they_are(way, kind, tmp_path):
    if kind == "of an unknown codec" and way == "concat":
        pytest.skip("tells it of the file to be written")
    if kind == "of a count that lies" and way in {"concat", "recode"}:
        pytest.skip("decodes no records")
    path = tmp_path / "broken.avro"
    path.write_bytes(BROKEN[kind])
    with pytest.raises(AvroError) as caught:
        READERS[way](path)
    check_named(caught.value, path)


@pytest.mark.parametrize("threads", [0, 2])
@pytest.mark.parametrize("kind", BROKEN)
def test_of_several_files_the_one_that_is_broken_is_told(kind, threads, tmp_path):
    paths = [tmp_path / f"{number}.avro" for number in range(5)]
    for path in paths:
        path.write_bytes(FILE)
    paths[3].write_bytes(BROKEN[kind])
    with pytest.raises(AvroError) as caught:
        list(avrojet.read_arrow(paths, threads=threads))
    check_named(caught.value, paths[3])


@pytest.mark.parametrize("kind", BROKEN)
def test_of_several_urls_the_one_that_is_broken_is_told(kind, tmp_path, fsspec):
    (tmp_path / "0.avro").write_bytes(FILE)
    (tmp_path / "1.avro").write_bytes(BROKEN[kind])
    urls = [f"file://{tmp_path}/{number}.avro" for number in range(2)]
    for threads in (0, 2):
        with pytest.raises(AvroError) as caught:
            list(avrojet.read_arrow(urls, threads=threads))
        check_named(caught.value, urls[1])


@pytest.mark.parametrize("threads", [0, 2])
@pytest.mark.parametrize("kind", BROKEN)
def test_consumers_of_columns_tell_the_file_that_is_broken(kind, threads, tmp_path):
    pa = pytest.importorskip("pyarrow")
    (tmp_path / "1.avro").write_bytes(FILE)
    (tmp_path / "3.avro").write_bytes(BROKEN[kind])
    with pytest.raises((pa.ArrowException, OSError, ValueError), match=r"3\.avro"):
        pa.table(avrojet.read_arrow([tmp_path / "1.avro", tmp_path / "3.avro"], threads=threads))


def test_files_whose_schemas_do_not_fit_are_told(tmp_path):
    paths = [tmp_path / f"{number}.avro" for number in range(3)]
    for path in paths:
        path.write_bytes(FILE)
    paths[2].write_bytes(file_of(["a"], "string"))
    for threads in (0, 2):
        with pytest.raises(avrojet.ResolutionError) as caught:
            list(avrojet.read_arrow(paths, threads=threads))
        check_named(caught.value, paths[2])


def test_errors_of_a_source_say_so_in_a_note(tmp_path):
    class Failing(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise OSError("mine")

        read1 = read

    class Opener:
        path = "orders/7.avro"

        def open(self) -> Any:
            return Failing()

    with pytest.raises(OSError, match="mine") as caught:
        avrojet.read(Opener())
    assert caught.value.__notes__ == ["in orders/7.avro"]


@pytest.mark.parametrize("door", ["polars", "pandas"])
def test_the_doors_of_data_frames_tell_the_file(door, tmp_path):
    frames = pytest.importorskip(f"avrojet.{door}", exc_type=ImportError)
    (tmp_path / "1.avro").write_bytes(FILE)
    (tmp_path / "2.avro").write_bytes(FILE[:-20])
    (tmp_path / "3.avro").touch()
    with pytest.raises(Exception, match=r"2\.avro"):
        frames.read_avro(str(tmp_path / "*.avro"))
    with pytest.raises(Exception, match=r"3\.avro: the file is empty"):
        frames.read_avro(str(tmp_path / "3.avro"))
    if door == "polars":
        with pytest.raises(Exception, match=r"2\.avro"):
            frames.scan_avro([str(tmp_path / "1.avro"), str(tmp_path / "2.avro")]).collect()


class Masked(io.BytesIO):
    """A file of which only ``read`` is made anew."""

    def read(self, size: int | None = -1, /) -> bytes:
        return bytes(byte ^ 1 for byte in super().read(size))


class Passing:
    """Passes on to another file all but ``read``."""

    def __init__(self, file: Any) -> None:
        self.file = file

    def read(self, size: int = -1, /) -> bytes:
        return bytes(byte ^ 1 for byte in self.file.read(size))

    def __getattr__(self, name: str) -> Any:
        return getattr(self.file, name)


def replaced(data: bytes) -> Any:
    """A file whose ``read`` was replaced, as those who show progress do."""
    file: Any = Passing(None)
    file.file, file.read = io.BytesIO(data), Masked(data).read
    return file


@pytest.mark.parametrize("make", [Masked, lambda data: Passing(io.BytesIO(data)), replaced])
def test_a_read_that_was_made_anew_is_the_one_that_is_called(make, tmp_path):
    """read1 is not, and would give the bytes as they were."""
    written = [{"x": 1}, {"x": 2}]
    target = io.BytesIO()
    avrojet.write(target, record("R", x="int"), written)
    masked = bytes(byte ^ 1 for byte in target.getvalue())
    assert avrojet.read(make(masked)) == written
    assert len(list(avrojet.DataFileReader(make(masked)).blocks())) == 1
    avrojet.convert(make(masked), tmp_path / "rows.jsonl", source_format="avro")
    assert (tmp_path / "rows.jsonl").read_text() == '{"x":1}\n{"x":2}\n'
