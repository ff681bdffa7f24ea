"""`avrojet kafka`, against librdkafka's mock broker and a registry over HTTP."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import time
import zlib
from datetime import UTC, datetime

import pytest

import avrojet
from avrojet import parse_schema
from avrojet.cli import kafka_begun, kafka_dump, main
from avrojet.container import codecs
from avrojet.registry import MemoryRegistry, Serializer
from avrojet.registry.testing import RegistryServer
from tests.vectors import record

kafka = pytest.importorskip("confluent_kafka")
pytest.importorskip("httpx")
pytestmark = pytest.mark.slow  # together: a broker makes clients wait

ONE = record("shop.Order", id="long", name="string")
TWO = {**ONE, "fields": [*ONE["fields"], {"name": "note", "type": ["null", "string"], "default": None}]}


class Mock:
    """A broker in a thread of librdkafka's, and what it is filled with."""

    def __init__(self) -> None:
        self.producer = kafka.Producer(
            {"bootstrap.servers": "x:1", "test.mock.num.brokers": 1, "log_level": 0}
        )
        broker = next(iter(self.producer.list_topics(timeout=5).brokers.values()))
        self.servers = f"{broker.host}:{broker.port}"

    def fill(self, topic, values, **options):
        for value in values:
            self.producer.produce(topic, value, **options)
        assert self.producer.flush(10) == 0


@pytest.fixture(scope="module")
def mock():
    return Mock()


@pytest.fixture
def place(mock, monkeypatch):
    """The registry; a topic of its own is made by writing to it."""
    registry = MemoryRegistry()
    with RegistryServer(registry) as url:
        monkeypatch.setenv("AVROJET_REGISTRY", url)
        monkeypatch.setenv("AVROJET_BOOTSTRAP_SERVERS", mock.servers)
        yield registry


def run(capsys, *words, status=0):
    assert main(["kafka", *map(str, words)]) == status
    return capsys.readouterr()


def tailed(capsys, *words):
    """The messages that are printed as JSON lines, in their order in the topic."""
    lines = run(capsys, "tail", *words, "--from", "beginning", "--exit", "--json").out.splitlines()
    return sorted(map(json.loads, lines), key=lambda each: (each["partition"], each["offset"]))


def orders(registry, topic, numbers, schema=ONE):
    serializer = Serializer(registry, schema)
    return [serializer.serialize({"id": n, "name": f"n{n}"}, topic=topic) for n in numbers]


def test_tail(place, mock, capsys):
    sent = orders(place, "tail", range(3))
    mock.fill("tail", sent, key="k", headers={"a": b"1", "b": b"\xff"})
    mock.fill("tail", [None, b"junk", b"\0\0\0\0\x63x"], key=b"\xfe\xff")
    told = tailed(capsys, "tail")
    assert len(told) == 6
    good = [each for each in told if each["schema_id"] == 1]
    assert [each["value"] for each in good] == [{"id": n, "name": f"n{n}"} for n in range(3)]
    assert good[0]["key"] == "k"
    assert good[0]["headers"] == [{"name": "a", "value": "1"}, {"name": "b", "value_base64": "/w=="}]
    assert datetime.fromisoformat(good[0]["timestamp"]).tzinfo is not None
    (tombstone,) = [each for each in told if each["value"] is None and "error" not in each]
    assert tombstone["key_base64"] == "/v8="
    errors = [each for each in told if "error" in each]
    assert len(errors) == 2
    assert any("99" in each["error"] and each["schema_id"] in (99, "99") for each in errors)
    text = run(capsys, "tail", "tail", "--from", "beginning", "--exit").out
    assert 'key=k  id=1  a=1  b=/w==\n    {"id":0,"name":"n0"}\n' in text
    assert "    ! " in text
    assert run(capsys, "tail", "tail", "--from", "beginning", "--count", "1").out.count("\n") == 2


def test_where_tail_begins(place, mock, capsys):
    mock.fill("where", orders(place, "where", range(5)), partition=0)
    time.sleep(0.02)
    now = datetime.now(UTC).isoformat()
    time.sleep(0.02)
    mock.fill("where", orders(place, "where", range(5, 7)), partition=0)

    def ids(*where):
        out = run(capsys, "tail", "where", "--exit", "--json", "--partition", "0", *where).out
        return [json.loads(line)["value"]["id"] for line in out.splitlines()]

    assert ids("--from", "-3") == [4, 5, 6]
    assert ids("--from", "5") == [5, 6]
    assert ids("--from", "end") == ids() == []
    assert ids("--from", now) in ([5, 6], list(range(7)), [])  # the mock broker looks up no times


def test_produce_what_tail_prints(place, mock, capsys, monkeypatch, tmp_path):
    mock.fill("from", orders(place, "from", range(3)), key="k", headers={"a": b"1"}, partition=0)
    mock.fill("from", [None], key="gone", partition=0)
    lines = run(capsys, "tail", "from", "--from", "beginning", "--exit", "--json").out
    place.register("to-value", TWO)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(lines.encode())))
    assert run(capsys, "produce", "to", "--envelope").err == "4 messages sent\n"
    again = tailed(capsys, "to")
    sent = sorted((each["key"], each["value"]["id"]) for each in again if each["value"])
    assert sent == [("k", 0), ("k", 1), ("k", 2)]
    assert [each["key"] for each in again if each["value"] is None] == ["gone"]
    assert all(each["headers"] == [{"name": "a", "value": "1"}] for each in again if each["value"])


def test_produce_lines(place, capsys, tmp_path):
    schema, lines = tmp_path / "s.avsc", tmp_path / "l.jsonl"
    schema.write_text(json.dumps(TWO), encoding="utf-8")
    lines.write_text('{"id": 1, "name": "a", "note": "x"}\n\n{"id": 2, "name": "b"}\n', encoding="utf-8")
    told = run(capsys, "produce", "lines", lines, "--schema", schema, status=1).err
    assert "'lines-value'" in told
    assert run(capsys, "produce", "lines", lines, "--schema", schema, "--register").err == "2 messages sent\n"
    assert place.latest("lines-value").schema == parse_schema(TWO)
    lines.write_text('{"id": 1, "name": "a"}\n{"id": "x"}\n', encoding="utf-8")
    assert "avrojet: line 2: " in run(capsys, "produce", "lines", lines, status=1).err
    lines.write_text('{"id": 1, "name": "a", "note": {"string": "y"}}\n', encoding="utf-8")
    assert run(capsys, "produce", "lines", lines, "--json-encoding").err == "1 messages sent\n"
    lines.write_text('{"id": 1}\n', encoding="utf-8")
    assert "not an object with value" in run(capsys, "produce", "lines", lines, "--envelope", status=1).err


def test_dump(place, mock, capsys, tmp_path):
    mock.fill("dump", orders(place, "dump", range(100)), key="k", headers={"a": b"1"}, partition=0)
    mock.fill("dump", [None], partition=0)
    mock.fill("dump", orders(place, "dump", range(100, 150), TWO), partition=1)
    target = tmp_path / "out.avro"
    assert "151 more messages" in run(capsys, "dump", "dump", target).err
    rows = avrojet.read(target)
    assert len(rows) == 151
    assert {(row["partition"], row["offset"]) for row in rows} == {
        *((0, n) for n in range(101)), *((1, n) for n in range(50)),
    }  # fmt: skip
    first = min(rows, key=lambda row: (row["partition"], row["offset"]))
    assert first["value"] == {"id": 0, "name": "n0", "note": None}
    assert (first["key"], first["headers"]) == (b"k", [{"name": "a", "value": b"1"}])
    assert first["timestamp"].year >= 2020
    assert [row for row in rows if row["value"] is None] == [
        row for row in rows if (row["partition"], row["offset"]) == (0, 100)
    ]
    assert list(tmp_path.iterdir()) == [target]
    assert "--append continues" in run(capsys, "dump", "dump", target, status=1).err
    mock.fill("dump", orders(place, "dump", range(150, 160)), partition=1)
    told = run(capsys, "dump", "dump", target, "--append").err
    assert "continues at 0:101, 1:50" in told
    assert "10 more messages" in told
    rows = avrojet.read(target)
    assert len(rows) == 161
    assert [row["value"]["id"] for row in rows if row["partition"] == 1] == list(range(100, 160))


KEY = record("shop.Key", id="long", country="string")


def test_keys_are_decoded_on_request(place, mock, capsys, tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    keys = Serializer(place, KEY, field="key", topic="keys")
    for number, value in enumerate(orders(place, "keys", range(5))):
        mock.fill("keys", [value], key=keys({"id": number, "country": "se"}), partition=0)
    mock.fill("keys", [None], partition=0)
    target = tmp_path / "out.avro"
    run(capsys, "dump", "keys", target, "--keys")
    expected = [*({"id": number, "country": "se"} for number in range(5)), None]
    assert [row["key"] for row in avrojet.read(target)] == expected
    run(capsys, "dump", "keys", tmp_path / "b.avro")
    assert isinstance(avrojet.read(tmp_path / "b.avro")[0]["key"], bytes)
    older = tmp_path / "key.avsc"
    older.write_text(json.dumps(record("shop.Key", id="long")), encoding="utf-8")
    run(capsys, "dump", "keys", tmp_path / "out.parquet", "--key-schema", older)
    column = parquet.read_table(tmp_path / "out.parquet").column("key")
    assert column.to_pylist() == [*({"id": number} for number in range(5)), None]
    told = run(capsys, "dump", "keys", target, "--append", status=1).err
    assert "has decoded values as keys: give --keys" in told
    mock.fill("keys", orders(place, "keys", [9]), key=b"not a frame", partition=0)
    assert "not a frame" in run(capsys, "dump", "keys", tmp_path / "bad.avro", "--keys", status=1).err
    kept = tmp_path / "kept.avro"
    run(capsys, "dump", "keys", kept, "--keys", "--on-error", "keep")
    bad = avrojet.read(kept)[-1]
    assert (bad["key"], bad["raw_key"], bad["value"]["id"]) == (None, b"not a frame", 9)
    assert bad["error"].startswith("key: ")


def test_dump_to_parquet(place, mock, capsys, tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    mock.fill("columns", orders(place, "columns", range(20)), partition=0)
    target = tmp_path / "out.parquet"
    run(capsys, "dump", "columns", target)
    table = parquet.read_table(target)
    assert table.column("offset").to_pylist() == list(range(20))
    assert table.column("value").to_pylist()[3] == {"id": 3, "name": "n3"}
    assert list(tmp_path.iterdir()) == [target]


UNIONS = record("U", a=["int", "long", {"type": "enum", "name": "E", "symbols": ["x"]}, "string", "null"])


@pytest.mark.parametrize(
    ("schema", "values"),
    [
        (
            UNIONS,
            [{"a": ("long", 1)}, {"a": ("int", 1)}, {"a": ("E", "x")}, {"a": ("string", "x")}, {"a": None}],
        ),
        (["int", "string"], [1, "a"]),
        ("string", ["a", ""]),
        ({"type": "bytes", "logicalType": "decimal", "precision": 4}, [b"\x01"]),
    ],
    ids=["branches", "union", "string", "logical"],
)
def test_a_dump_holds_what_was_sent(place, mock, capsys, tmp_path, schema, values, request):
    topic = f"kinds-{request.node.callspec.id}"
    serializer = Serializer(place, schema, logical_types=False)
    mock.fill(
        topic, [serializer.serialize(value, topic=topic) or b"\0\0\0\0\1" for value in values], partition=0
    )
    run(capsys, "dump", topic, tmp_path / "o.avro")
    with avrojet.DataFileReader(tmp_path / "o.avro", unions="tagged", logical_types=False) as reader:
        found = [row["value"] for row in reader]
    assert [each[1] if isinstance(each, tuple) else each for each in found] == values


def test_messages_that_cannot_be_read(place, mock, capsys, tmp_path):
    sent = orders(place, "bad", range(3))
    mock.fill("bad", [sent[0], b"junk", sent[1], b"\0\0\0\0\x63x", sent[2]], partition=0)
    target = tmp_path / "out.avro"
    told = run(capsys, "dump", "bad", target, status=1).err
    assert "bad" in told
    assert not target.exists()
    assert "--restart discards it" in run(capsys, "dump", "bad", target, "--on-error", "keep", status=1).err
    run(capsys, "dump", "bad", target, "--on-error", "keep", "--restart")
    rows = avrojet.read(target)
    assert [row["raw"] for row in rows] == [None, b"junk", None, b"\0\0\0\0\x63x", None]
    assert [row["error"] is None for row in rows] == [True, False, True, False, True]
    assert [row["value"] and row["value"]["id"] for row in rows] == [0, None, 1, None, 2]


CUT = """
import os, sys
from avrojet.cli import main, kafka_dump
true = kafka_dump.Rows.of
left = [int(sys.argv[1])]
def of(self, messages):
    for row in true(self, messages):
        left[0] -= 1
        if left[0] < 0:
            os._exit(9)
        yield row
kafka_dump.Rows.of = of
sys.exit(main(["kafka", "dump", *sys.argv[2:]]))
"""


def test_a_dump_that_is_killed_goes_on(place, mock, capsys, tmp_path):
    """Nothing is lost, and nothing is there twice, wherever it was killed, and torn apart on the disk."""
    from random import Random

    random = Random(1)
    count = 30_000
    mock.fill("killed", orders(place, "killed", range(count)), partition=0)
    target, left = tmp_path / "out.avro", tmp_path / ".out.avro.dump"
    for kept in (0, 9_000, 14_000):
        command = [sys.executable, "-c", CUT, str(kept), "killed", str(target), "--codec", "null"]
        assert subprocess.run(command, check=False, capture_output=True).returncode == 9
        assert not target.exists()
        if left.exists() and left.stat().st_size > 1000:
            with left.open("r+b") as file:
                file.truncate(left.stat().st_size - random.randrange(500))
    run(capsys, "dump", "killed", target, "--codec", "null")
    rows = avrojet.read(target)
    assert [row["offset"] for row in rows] == list(range(count))
    assert [row["value"]["id"] for row in rows] == list(range(count))
    assert list(tmp_path.iterdir()) == [target]


def begun(place, mock, capsys, path, topic, numbers):
    """Data that a dump of some messages has begun: the file that it is to become is not there."""
    mock.fill(topic, orders(place, topic, numbers), partition=0)
    run(capsys, "dump", topic, path)
    return path.rename(path.with_name(f".{path.name}.dump"))


def test_a_dump_killed_while_its_header_was_written(place, mock, capsys, tmp_path):
    target = tmp_path / "o.avro"
    whole = begun(place, mock, capsys, target, "torn", range(3)).read_bytes()
    left = tmp_path / ".o.avro.dump"
    for size in (0, 1, 4, 5, 100, 300):
        left.write_bytes(whole[:size])
        run(capsys, "dump", "torn", target)
        assert [row["offset"] for row in avrojet.read(target)] == [0, 1, 2]
        assert list(tmp_path.iterdir()) == [target]
        target.unlink()


def test_a_torn_header_beside_a_finished_file(place, mock, capsys, tmp_path):
    """The file is continued, also from where the topic does not begin any more."""
    target = tmp_path / "o.avro"
    left = begun(place, mock, capsys, target, "both", range(3))
    left.rename(target)
    left.write_bytes(b"Obj")
    assert "--append continues" in run(capsys, "dump", "both", target, status=1).err
    left.write_bytes(b"Obj")
    mock.fill("both", orders(place, "both", [3]), partition=0)
    assert "1 more messages" in run(capsys, "dump", "both", target, "--append", "--from", "end").err
    assert [row["offset"] for row in avrojet.read(target)] == [0, 1, 2, 3]


def test_a_begun_dump_whose_codec_is_missing_is_kept(place, mock, capsys, tmp_path, monkeypatch):
    target = tmp_path / "o.avro"
    monkeypatch.setattr(codecs._Register, "codecs", codecs._Register.codecs)
    avrojet.register_codec("of the test", zlib.compress, zlib.decompress)
    mock.fill("codec", orders(place, "codec", range(3)), partition=0)
    run(capsys, "dump", "codec", target, "--codec", "of the test")
    left = target.rename(tmp_path / ".o.avro.dump")
    data = left.read_bytes()
    with monkeypatch.context() as patch:
        patch.setattr(codecs._Register, "codecs", {})
        assert "'of the test'" in run(capsys, "dump", "codec", target, status=1).err
        assert left.read_bytes() == data
        assert list(tmp_path.iterdir()) == [left]
    assert "0 more messages" in run(capsys, "dump", "codec", target).err
    assert target.read_bytes() == data


@pytest.mark.parametrize("append", [(), ("--append",)])
def test_a_dump_that_is_damaged_is_kept(place, mock, capsys, tmp_path, append):
    """Whatever is missing in the middle would not be fetched again."""
    target = tmp_path / "o.avro"
    topic = f"damaged{len(append)}"
    mock.fill(topic, orders(place, topic, range(2)), partition=0)
    run(capsys, "dump", topic, target)
    mock.fill(topic, orders(place, topic, range(2, 4)), partition=0)
    run(capsys, "dump", topic, target, "--append")
    data = bytearray(target.read_bytes())
    with avrojet.DataFileReader(target) as reader:
        first = next(reader.blocks()).offset
    data[first + 5] ^= 0xFF
    target.write_bytes(data)
    if not append:
        target.rename(tmp_path / ".o.avro.dump")
    before = [each.name for each in tmp_path.iterdir()]
    assert "is damaged" in run(capsys, "dump", topic, target, *append, status=1).err
    assert [each.name for each in tmp_path.iterdir()] == before


def test_two_dumps_into_one_file(place, mock, capsys, tmp_path, monkeypatch):
    """The second is refused, and the first not disturbed, in whichever state it is."""
    target = tmp_path / "o.avro"
    mock.fill("two", orders(place, "two", range(3)), partition=0)
    refused = []

    def also():
        for options in ([], ["--restart"], ["--append"]):
            command = [sys.executable, "-m", "avrojet", "kafka", "dump", "two", str(target), *options]
            done = subprocess.run(command, check=False, capture_output=True, text=True)
            refused.append((done.returncode, done.stderr.strip()))

    def after_others(function):
        return lambda *arguments, **options: also() or function(*arguments, **options)

    for module, name in ((kafka_begun, "prepare"), (kafka_dump, "Rows")):
        monkeypatch.setattr(module, name, after_others(getattr(module, name)))
    run(capsys, "dump", "two", target)
    assert refused == [(1, f"avrojet: another process is dumping into {target}")] * 6
    assert [row["offset"] for row in avrojet.read(target)] == [0, 1, 2]
    assert list(tmp_path.iterdir()) == [target]


def test_what_cannot_be_dumped(place, mock, capsys, tmp_path):
    mock.fill("other", orders(place, "other", range(2)), partition=0)
    assert "neither .avro nor .parquet" in run(capsys, "dump", "other", tmp_path / "x.csv", status=1).err
    mock.fill("unknown", [b"x"], partition=0)
    assert "give --reader-schema" in run(capsys, "dump", "unknown", tmp_path / "x.avro", status=1).err
    assert (
        "has no partition 77"
        in run(capsys, "dump", "other", tmp_path / "x.avro", "--partition", "77", status=1).err
    )
    (tmp_path / ".x.avro.dump").write_bytes(b"no file of Avro")
    run(capsys, "dump", "other", tmp_path / "x.avro")
    (tmp_path / "x.avro").rename(tmp_path / ".y.avro.dump")
    mock.fill("third", orders(place, "third", range(2)), partition=0)
    told = run(capsys, "dump", "third", tmp_path / "y.avro", status=1).err
    assert "belongs to other: --restart" in told


def test_no_kafka(place, capsys, monkeypatch, tmp_path):
    monkeypatch.setattr("avrojet.cli.kafka_topic._TIMEOUT", 0.5)
    told = run(capsys, "tail", "t", "-b", "127.0.0.1:1", status=1).err
    assert "Kafka at 127.0.0.1:1 cannot be reached" in told
    told = run(capsys, "tail", "t", "-X", "no.such.setting=1", status=1).err
    assert "does not accept these settings" in told
    monkeypatch.delenv("AVROJET_BOOTSTRAP_SERVERS")
    assert "no Kafka server is named" in run(capsys, "tail", "t", status=1).err
    monkeypatch.setitem(sys.modules, "confluent_kafka", None)
    told = run(capsys, "tail", "t", "-b", "x", status=1).err
    assert "pip install 'avrojet[kafka]'" in told


def test_settings_of_java_programs(tmp_path):
    import argparse

    from avrojet.cli.connections import kafka_settings

    file = tmp_path / "c.properties"
    file.write_text(
        "bootstrap.servers=a:1\nsasl.mechanism=PLAIN\nschema.registry.url=http://r\n"
        "sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required "
        'username="u" password="p";',
        encoding="utf-8",
    )
    arguments = argparse.Namespace(
        properties=str(file), settings=["fetch.wait.max.ms=10"], bootstrap_servers=None
    )
    assert kafka_settings(arguments) == {
        "bootstrap.servers": "a:1",
        "sasl.mechanism": "PLAIN",
        "sasl.username": "u",
        "sasl.password": "p",
        "fetch.wait.max.ms": "10",
    }


@pytest.mark.parametrize("text", ["soon", "1.5"])
def test_no_place(text, capsys):
    with pytest.raises(SystemExit):
        main(["kafka", "tail", "t", "--from", text])
    assert "is not beginning, end, an offset" in capsys.readouterr().err
