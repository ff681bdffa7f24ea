"""`avrojet kafka dump` against a real broker: both are killed, and go on."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest

import avrojet
from avrojet.registry import MemoryRegistry, Serializer
from avrojet.registry.testing import RegistryServer
from tests.peers import kafka_broker
from tests.vectors import record

kafka = pytest.importorskip("confluent_kafka")
pytest.importorskip("httpx")
admin = pytest.importorskip("confluent_kafka.admin")
pytestmark = pytest.mark.slow

ORDER = record("shop.Order", id="long", name="string")
PARTITIONS = 3
COUNT = 600_000


@pytest.fixture(scope="module")
def broker():
    missing = kafka_broker.lacking()
    if missing:
        pytest.skip(missing)
    with kafka_broker.running() as broker:
        yield broker


@pytest.fixture(scope="module")
def topic(broker):
    """A topic of many messages; the registry that has their schema."""
    name = "orders"
    maker = admin.AdminClient({"bootstrap.servers": broker.servers})
    for made in maker.create_topics([admin.NewTopic(name, PARTITIONS, 1)]).values():
        made.result(30)
    registry = MemoryRegistry()
    serializer = Serializer(registry, ORDER)
    producer = kafka.Producer(
        {"bootstrap.servers": broker.servers, "enable.idempotence": True, "linger.ms": 50}
    )
    for number in range(COUNT):
        value = serializer.serialize({"id": number, "name": f"order {number}"}, topic=name)
        while True:
            try:
                producer.produce(name, value, partition=number % PARTITIONS)
            except BufferError:
                producer.poll(0.1)
            else:
                break
    assert producer.flush(120) == 0
    with RegistryServer(registry) as url:
        yield name, url


def dump(broker, topic, target, *words):
    name, url = topic
    command = [sys.executable, "-m", "avrojet", "kafka", "dump", name, str(target), "--codec", "null"]
    environment = {**os.environ, "AVROJET_REGISTRY": url, "AVROJET_BOOTSTRAP_SERVERS": broker.servers}
    return subprocess.Popen([*command, *words], env=environment, stderr=subprocess.PIPE, text=True)


def ensure_whole(target):
    """Nothing is lost, and nothing is there twice."""
    seen = dict.fromkeys(range(PARTITIONS), 0)
    with avrojet.DataFileReader(target) as rows:
        for row in rows:
            assert row["offset"] == seen[row["partition"]]
            assert row["value"]["id"] == row["offset"] * PARTITIONS + row["partition"]
            seen[row["partition"]] += 1
    assert sum(seen.values()) == COUNT


def wait_for_size(path, size, process):
    while not path.exists() or path.stat().st_size < size:
        assert process.poll() is None, process.stderr.read()
        time.sleep(0.005)


def test_a_dump_that_is_killed_goes_on(broker, topic, tmp_path):
    target, left = tmp_path / "out.avro", tmp_path / ".out.avro.dump"
    for size in (1, 5_000_000, 10_000_000):
        process = dump(broker, topic, target)
        wait_for_size(left, size, process)
        process.kill()
        process.communicate()
        assert not target.exists()
    process = dump(broker, topic, target)
    told = process.communicate()[1]
    assert process.returncode == 0, told
    assert "continues at" in told
    ensure_whole(target)


def test_a_broker_that_goes_away_and_comes_again(broker, topic, tmp_path):
    target, left = tmp_path / "out.avro", tmp_path / ".out.avro.dump"
    process = dump(broker, topic, target)
    wait_for_size(left, 1_000_000, process)
    broker.stop(hard=True)
    time.sleep(2)
    broker.start()
    told = process.communicate()[1]
    assert process.returncode == 0, told
    ensure_whole(target)


def test_a_topic_that_is_not_there(broker, topic, tmp_path):
    process = dump(broker, ("none", topic[1]), tmp_path / "x.avro")
    assert "the topic 'none': " in process.communicate()[1]
    assert process.returncode == 1
