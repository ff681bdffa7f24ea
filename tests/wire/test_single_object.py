"""Messages with the fingerprint of their schema, and the stores that know the schemas."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from avrojet import DecodeError, ResolutionError, SchemaError, TruncatedError, parse_schema, single_object
from tests.cases import for_each
from tests.vectors import WRITTEN, by_name

PRICE = {"type": "record", "name": "shop.Price", "fields": [{"name": "price", "type": "int"}]}
NEWER = {
    "type": "record",
    "name": "shop.Price",
    "fields": [{"name": "price", "type": "long"}, {"name": "currency", "type": "string", "default": "EUR"}],
}


@for_each("vector", WRITTEN, ids=by_name)
def test_vectors_go_both_ways(vector):
    writer = single_object.Writer(vector.schema)
    message = writer.encode(vector.value)
    assert message[:10] == b"\xc3\x01" + parse_schema(vector.schema).fingerprint() == writer.header
    assert message[10:] == vector.data
    reader = single_object.Reader([vector.schema])
    assert repr(reader.decode(message)) == repr(vector.value)
    assert repr(reader.decode(memoryview(message))) == repr(vector.value)


def test_a_message_of_another_implementation(shared_testdata):
    folder = shared_testdata / "apache-avro" / "data" / "messageV1"
    schema = (folder / "test_schema.avsc").read_text()
    message = (folder / "test_message.bin").read_bytes()
    value = single_object.Reader([schema]).decode(message)
    assert single_object.Writer(schema).encode(value) == message


def test_a_reader_schema_sees_messages_of_all_writers():
    reader = single_object.Reader([PRICE, NEWER], NEWER)
    assert reader.decode(single_object.Writer(PRICE).encode({"price": 3})) == {"price": 3, "currency": "EUR"}
    newer = {"price": 3, "currency": "USD"}
    assert reader.decode(single_object.Writer(NEWER).encode(newer)) == newer


def test_any_function_may_be_the_store():
    asked = []

    def find(fingerprint: bytes) -> object:
        asked.append(fingerprint)
        return PRICE if fingerprint == parse_schema(PRICE).fingerprint() else None

    reader = single_object.Reader(find)
    message = single_object.Writer(PRICE).encode({"price": 1})
    assert [reader.decode(message) for _ in range(3)] == [{"price": 1}] * 3
    assert asked == [parse_schema(PRICE).fingerprint()]
    with pytest.raises(DecodeError, match="no schema is known for the fingerprint"):
        reader.decode(single_object.Writer("int").encode(1))


def test_the_marker_is_looked_at_before_anything_is_looked_up():
    def find(fingerprint: bytes) -> object:
        raise AssertionError("asked")

    reader = single_object.Reader(find)
    for message in (b"", b"\xc3", b"\x00\x01" + bytes(20), b"\xc3\x02" + bytes(20)):
        with pytest.raises(DecodeError, match="not a single-object message"):
            reader.decode(message)
    for size in range(2, 10):
        with pytest.raises(TruncatedError):
            reader.decode((b"\xc3\x01" + bytes(8))[:size])


def test_data_that_do_not_fit_are_refused():
    reader = single_object.Reader([PRICE], "string")
    with pytest.raises(ResolutionError):
        reader.decode(single_object.Writer(PRICE).encode({"price": 1}))
    message = single_object.Writer(PRICE).encode({"price": 1})
    with pytest.raises(DecodeError, match="follow the datum"):
        single_object.Reader([PRICE]).decode(message + b"\0")


def test_a_writer_tells_its_store():
    store = single_object.MemoryStore()
    writer = single_object.Writer(PRICE, store=store)
    assert [schema.fullname for schema in store] == ["shop.Price"]
    assert single_object.Reader(store).decode(writer.encode({"price": 1})) == {"price": 1}


def test_a_folder_of_schemas(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("avrojet.wire.stores._RESCAN_SECONDS", 0)
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "price.avsc").write_text(parse_schema(PRICE).json)
    store = single_object.FolderStore(tmp_path)
    reader = single_object.Reader(store)
    assert reader.decode(single_object.Writer(PRICE).encode({"price": 1})) == {"price": 1}
    late = single_object.Writer("int").encode(1)
    with pytest.raises(DecodeError, match="no schema is known"):
        reader.decode(late)
    (tmp_path / "late.avsc").write_text('"int"')
    assert reader.decode(late) == 1
    fingerprint = store.add(NEWER)
    assert (tmp_path / f"shop.Price-{fingerprint.hex()}.avsc").exists()
    assert single_object.FolderStore(tmp_path).find(fingerprint) == parse_schema(NEWER)
    assert not list(tmp_path.glob("*.tmp"))


def test_a_folder_with_a_file_that_is_no_schema(tmp_path: Path):
    (tmp_path / "bad.avsc").write_text("{")
    with pytest.raises(SchemaError, match=r"bad\.avsc"):
        single_object.FolderStore(tmp_path).find(bytes(8))


def test_threads_share_a_reader():
    reader = single_object.Reader([PRICE, NEWER])
    message = single_object.Writer(PRICE).encode({"price": 7})
    results: list[object] = []
    threads = [
        threading.Thread(target=lambda: results.extend(reader.decode(message) for _ in range(200)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [{"price": 7}] * 800
