"""Remote files, by fsspec: in memory, by HTTP, and in an S3 store."""

from __future__ import annotations

import functools
import http.server
import threading

import pytest

import avrojet
from tests.container.samples import file_of
from tests.vectors import record

fsspec = pytest.importorskip("fsspec")

FLAT = record("Flat", id="long", name=["null", "string"])
ROWS = [{"id": number, "name": None if number % 3 else f"n{number}"} for number in range(1000)]
FORMATS = ["jsonl", "parquet", "arrow", "csv"]


@pytest.fixture
def memory():
    """The file system in memory, which the process shares, empty before and after."""
    files = fsspec.filesystem("memory")
    files.store.clear()
    yield files
    files.store.clear()


@pytest.mark.parametrize("format", FORMATS)
def test_memory(memory, format):
    pytest.importorskip("polars")
    pytest.importorskip("pyarrow")
    memory.pipe("/in/a.avro", file_of(ROWS, FLAT))
    avrojet.convert("memory://in/a.avro", f"memory://out/b.{format}")
    done = avrojet.convert(f"memory://out/b.{format}", "memory://out/c.avro", schema=FLAT)
    assert avrojet.read("memory://out/c.avro") == ROWS
    assert done.records == len(ROWS)
    assert done.files[0].target == "memory://out/c.avro"


def test_wildcards_keep_the_tree(memory):
    for name in ("1", "deep/2"):
        memory.pipe(f"/in/{name}.avro", file_of(ROWS[:5], FLAT))
    avrojet.convert("memory://in/**/*.avro", "memory://out/", target_format="jsonl")
    made = sorted(name for name in memory.store if name.startswith("/out"))  # side by side, in any order
    assert made == ["/out/1.jsonl", "/out/deep/2.jsonl"]
    again = avrojet.convert("memory://in/**/*.avro", "memory://out/", target_format="jsonl", resume=True)
    assert len(again.kept) == 2
    assert not again.files


def test_a_folder_keeps_its_tree(memory):
    for name in ("1.avro", "deep/2.avro", "deep/_SUCCESS.avro", "_log/3.avro", ".4.avro", "5.txt", "6.jsonl"):
        memory.pipe(f"/in/{name}", file_of(ROWS[:5], FLAT) if name.endswith("avro") else b'{"id": 1}\n')
    done = avrojet.convert("memory://in/", "memory://out/", target_format="json", source_format="avro")
    assert [each.target for each in done.files] == ["memory://out/1.json", "memory://out/deep/2.json"]
    done = avrojet.convert("memory://in/", "memory://other", target_format="json")
    assert [each.target for each in done.files] == [
        *("memory://other/1.json", "memory://other/6.json", "memory://other/deep/2.json")
    ]
    assert avrojet.convert("memory://in/deep/", "memory://one.json").records == 5
    with pytest.raises(FileNotFoundError, match="no files of the format csv to convert"):
        avrojet.convert("memory://in/", "memory://out/", target_format="json", source_format="csv")


def test_an_error_leaves_nothing(memory):
    memory.pipe("/in/a.avro", file_of(ROWS, FLAT)[:-5])
    with pytest.raises(avrojet.AvroError, match=r"memory://in/a\.avro"):
        avrojet.convert("memory://in/a.avro", "memory://out/b.jsonl")
    assert list(memory.store) == ["/in/a.avro"]


def test_http(tmp_path):
    pytest.importorskip("aiohttp")
    (tmp_path / "a.avro").write_bytes(file_of(ROWS, FLAT))

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, format, *arguments) -> None:
            pass

    handler = functools.partial(Quiet, directory=tmp_path)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            url = f"http://127.0.0.1:{server.server_port}"
            avrojet.convert(f"{url}/a.avro", tmp_path / "b.avro", codec="deflate")
            with pytest.raises(FileNotFoundError):
                avrojet.convert(f"{url}/none.avro", tmp_path / "c.avro")
            # A folder is what the server's page of it links to.
            done = avrojet.convert(f"{url}/", tmp_path / "d", source_format="avro", target_format="jsonl")
            assert [each.sources for each in done.files] == [(f"{url}/a.avro",), (f"{url}/b.avro",)]
            assert {each.name for each in (tmp_path / "d").iterdir()} == {"a.jsonl", "b.jsonl"}
        finally:
            server.shutdown()
            thread.join()
    assert avrojet.read(tmp_path / "b.avro") == ROWS


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:Your installed version of s3fs:UserWarning")
def test_s3(tmp_path, monkeypatch):
    server = pytest.importorskip("moto.server")
    pytest.importorskip("s3fs")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    store = server.ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    store.start()
    try:
        host, port = store.get_host_and_port()
        options = {"client_kwargs": {"endpoint_url": f"http://{host}:{port}"}}
        fsspec.filesystem("s3", **options).mkdir("shop")
        (tmp_path / "a.avro").write_bytes(file_of(ROWS, FLAT))
        avrojet.convert(tmp_path / "a.avro", "s3://shop/a.avro", codec="deflate", storage_options=options)
        done = avrojet.convert("s3://shop/a.avro", tmp_path / "b.jsonl", storage_options=options)
        assert done.records == len(ROWS)
        avrojet.convert(tmp_path / "b.jsonl", "s3://shop/deep/c.avro", schema=FLAT, storage_options=options)
        avrojet.convert("s3://shop/deep/c.avro", tmp_path / "d.avro", storage_options=options)
        assert avrojet.read(tmp_path / "d.avro") == ROWS
        # A folder, to another one.
        done = avrojet.convert(
            "s3://shop/", "s3://shop/out/", target_format="jsonl", storage_options=options, codec=None
        )
        assert [each.target for each in done.files] == ["s3://shop/out/a.jsonl", "s3://shop/out/deep/c.jsonl"]
        assert sum(each.records for each in done.files) == 2 * len(ROWS)
        with pytest.raises(avrojet.AvroError):
            (tmp_path / "bad.avro").write_bytes(file_of(ROWS, FLAT)[:-5])
            avrojet.convert(tmp_path / "bad.avro", "s3://shop/bad.jsonl", storage_options=options)
        assert not fsspec.filesystem("s3", **options).exists("shop/bad.jsonl")
    finally:
        store.stop()
