"""Files of other implementations, read; and ours, read by them."""

from __future__ import annotations

import io
import json
import zlib
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest

import avrojet
from avrojet import DataFileReader
from tests.container.samples import CODECS, DATA, file_of, rows_of

RECORD = {
    "type": "record",
    "name": "Everything",
    "namespace": "test",
    "fields": [
        {"name": "boolean", "type": "boolean"},
        {"name": "int", "type": "int"},
        {"name": "long", "type": "long"},
        {"name": "float", "type": "float"},
        {"name": "double", "type": "double"},
        {"name": "bytes", "type": "bytes"},
        {"name": "string", "type": "string"},
        {"name": "enum", "type": {"type": "enum", "name": "Suit", "symbols": ["HEARTS", "SPADES"]}},
        {"name": "fixed", "type": {"type": "fixed", "name": "Four", "size": 4}},
        {"name": "array", "type": {"type": "array", "items": "Suit"}},
        {"name": "map", "type": {"type": "map", "values": ["null", "Four"]}},
        {"name": "union", "type": ["null", "long", "string"]},
        {"name": "next", "type": ["null", "Everything"]},
        {"name": "date", "type": {"type": "int", "logicalType": "date"}},
        {"name": "time", "type": {"type": "long", "logicalType": "time-micros"}},
        {"name": "timestamp", "type": {"type": "long", "logicalType": "timestamp-micros"}},
        {
            "name": "decimal",
            "type": {"type": "bytes", "logicalType": "decimal", "precision": 20, "scale": 3},
        },
        {"name": "uuid", "type": {"type": "string", "logicalType": "uuid"}},
    ],
}


def value(number: int, following=None) -> dict:
    return {
        "boolean": number % 2 == 0,
        "int": number - 5,
        "long": number << 40,
        "float": number / 4,
        "double": number / 3,
        "bytes": bytes(range(number)),
        "string": "añ語😀" * number,
        "enum": "SPADES" if number % 3 else "HEARTS",
        "fixed": b"\x00\xff\x80\x01",
        "array": ["HEARTS", "SPADES"] * number,
        "map": {"none": None, f"key {number}": b"abcd"},
        "union": [None, number, "text"][number % 3],
        "next": following,
        "date": date(1969, 12, 31),
        "time": time(23, 59, 59, 999_999),
        "timestamp": datetime(2026, 1, 2, 3, 4, 5, 678_901, tzinfo=UTC),
        "decimal": Decimal(125 * (number - 3)).scaleb(-3),  # Apache's library writes digits, not values
        "uuid": UUID(int=number),
    }


VALUES = [value(number, value(number + 1) if number % 2 else None) for number in range(60)]


@pytest.mark.parametrize("codec", CODECS)
def test_fastavro_reads_ours(codec):
    fastavro = pytest.importorskip("fastavro")
    data = file_of(VALUES, RECORD, codec=codec, sync_interval=2000, metadata={"mine": "é"})
    reader = fastavro.reader(io.BytesIO(data))
    assert list(reader) == VALUES
    assert reader.metadata["mine"] == "é"


@pytest.mark.parametrize("codec", CODECS)
def test_we_read_those_of_fastavro(codec):
    fastavro = pytest.importorskip("fastavro")
    target = io.BytesIO()
    fastavro.writer(target, fastavro.parse_schema(RECORD), VALUES, codec=codec, sync_interval=2000)
    assert rows_of(target.getvalue()) == VALUES
    assert rows_of(target.getvalue(), threads=1) == VALUES


def of_apache(row):
    """As Apache's library shows a row: it has UUIDs as text."""
    return row and {**row, "uuid": str(row["uuid"]), "next": of_apache(row["next"])}


def aware_of(row):
    """A row, its times with the zone object of the standard library."""
    return row and {
        **row,
        "timestamp": row["timestamp"].astimezone(UTC),
        "next": aware_of(row["next"]),
    }


APACHE = [codec for codec in CODECS if codec in {"null", "deflate", "bzip2"}]


@pytest.mark.parametrize("codec", APACHE)
def test_apache_reads_ours(codec):
    datafile = pytest.importorskip("avro.datafile")
    avro_io = pytest.importorskip("avro.io")
    data = file_of(VALUES, RECORD, codec=codec, sync_interval=2000)
    with datafile.DataFileReader(io.BytesIO(data), avro_io.DatumReader()) as reader:
        assert [aware_of(row) for row in reader] == [of_apache(row) for row in VALUES]


@pytest.mark.parametrize("codec", APACHE)
def test_we_read_those_of_apache(codec):
    datafile = pytest.importorskip("avro.datafile")
    avro_io = pytest.importorskip("avro.io")
    schema = pytest.importorskip("avro.schema").parse(json.dumps(RECORD))
    target = io.BytesIO()
    writer = datafile.DataFileWriter(target, avro_io.DatumWriter(), schema, codec=codec)
    for row in VALUES:
        writer.append(of_apache(row))
    writer.flush()
    assert rows_of(target.getvalue()) == VALUES


@pytest.mark.parametrize("codec", [codec for codec in CODECS if codec in {"null", "deflate", "snappy"}])
def test_fastavro_appends_to_ours_and_we_to_theirs(codec):
    fastavro = pytest.importorskip("fastavro")
    target = io.BytesIO()
    with avrojet.DataFileWriter(target, RECORD, codec) as writer:
        writer.extend(VALUES[:20])
    fastavro.writer(target, None, VALUES[20:40])
    with avrojet.DataFileWriter(target, mode="a") as writer:
        writer.extend(VALUES[40:])
    assert rows_of(target.getvalue()) == VALUES
    target.seek(0)
    assert list(fastavro.reader(target)) == VALUES


# Files of Apache Avro's own tests


def shared() -> Path:
    for folder in Path(__file__).resolve().parents:
        place = folder.parent / "shared" / "testdata" / "apache-avro" / "data"
        if place.is_dir():
            return place
    pytest.skip("the test data of Apache Avro are not here")


WEATHER = [
    {"station": "011990-99999", "time": -619524000000, "temp": 0},
    {"station": "011990-99999", "time": -619506000000, "temp": 22},
    {"station": "011990-99999", "time": -619484400000, "temp": -11},
    {"station": "012650-99999", "time": -655531200000, "temp": 111},
    {"station": "012650-99999", "time": -655509600000, "temp": 78},
]


@pytest.mark.parametrize(
    "name", ["weather", "weather-deflate", "weather-snappy", "weather-zstd", "weather-sorted"]
)
def test_weather(name):
    path = shared() / f"{name}.avro"
    with DataFileReader(path) as reader:
        if reader.codec not in CODECS:
            pytest.skip(f"no library for {reader.codec}")
        found = list(reader)
    assert sorted(found, key=str) == sorted(WEATHER, key=str)
    assert avrojet.count_records(path) == 5


def test_a_sync_marker_in_the_metadata_is_no_block():
    path = shared() / "syncInMeta.avro"
    with DataFileReader(path) as reader:
        blocks = list(reader.blocks(start=0))
    assert [row for block in blocks for row in block] == avrojet.read(path)
    assert sum(block.count for block in blocks) == avrojet.count_records(path)


def test_a_file_of_before_the_specification():
    with pytest.raises(avrojet.DataFileError, match="not an Avro object container file"):
        avrojet.read(shared() / "test.avro12")


@pytest.mark.parametrize("name", ["simple", "withUnion"])
def test_data_beside_their_schema(name):
    folder = shared() / "schemas" / name
    with DataFileReader(folder / "data.avro") as reader:
        assert reader.schema.canonical_form == avrojet.load_schema(folder / "schema.json").canonical_form
        assert list(reader)


def test_our_sample_is_what_fastavro_reads_in_it():
    fastavro = pytest.importorskip("fastavro")
    with (DATA / "orders.avro").open("rb") as file:
        expected = list(fastavro.reader(file))
    assert avrojet.read(DATA / "orders.avro") == expected
    with DataFileReader(DATA / "orders.avro") as reader:
        for block in reader.blocks():
            stream = zlib.decompressobj(-15)
            assert stream.decompress(block.data) == block.decompressed()
            assert len(stream.unused_data) == 3  # what the readme beside it says
