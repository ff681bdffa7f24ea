"""Clients of Kafka with a broker: confluent-kafka's and aiokafka's take the serializers, old programs run.

The broker's topics have several partitions: messages come in any order.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from avrojet.registry import ConfluentRegistry, Deserializer, Serializer
from tests.peers import kafka_broker
from tests.registry.broker import mock_broker

pytest.importorskip("confluent_kafka", reason="confluent-kafka is not installed")
pytest.importorskip("httpx", reason="httpx is not installed")
pytestmark = pytest.mark.slow  # a group of consumers takes seconds to form

PROGRAMS = Path(__file__).resolve().parents[2] / "examples" / "kafka"
SCHEMA = (PROGRAMS / "employee.avsc").read_text(encoding="utf-8")
EMPLOYEES = [
    {"id": 1, "name": "Ada", "salary": 5200.0, "skills": ["analysis"]},
    {"id": 2, "name": "Grace", "salary": None, "skills": ["compilers", "ships"]},
    {"id": 3, "name": "Linus", "salary": None, "skills": []},
]


@pytest.fixture(scope="module", params=["librdkafka's own", "Kafka"])
def broker(request: pytest.FixtureRequest) -> Iterator[str]:
    if request.param != "Kafka":
        with mock_broker() as address:
            yield address
    elif missing := kafka_broker.lacking():
        pytest.skip(missing)
    else:
        with kafka_broker.running() as real:
            yield real.servers


@pytest.fixture(scope="module")
def registry() -> Iterator[str]:
    from avrojet.registry.testing import RegistryServer

    with RegistryServer() as url:
        yield url


def run(program: str, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "ignore::DeprecationWarning", "-m", "avrojet.compat", "confluent",
         str(PROGRAMS / program), *arguments],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_classic_programs_run_unchanged(broker, registry):
    assert run("producer.py", broker, registry, "employees") == ""
    lines = run("consumer.py", broker, registry, "employees", "3").splitlines()
    assert sorted(lines) == [str(employee) for employee in EMPLOYEES]
    assert "Ada" in run("to_arrow.py", broker, registry, "employees")


def test_aiokafka_takes_them_as_functions(broker, registry):
    pytest.importorskip("aiokafka", reason="aiokafka is not installed")
    from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

    with ConfluentRegistry(registry) as client:
        serializer = Serializer(client, SCHEMA, topic="aio")
        deserializer = Deserializer(client)

        async def work() -> list[object]:
            producer = AIOKafkaProducer(bootstrap_servers=broker, value_serializer=serializer)
            await producer.start()
            for employee in EMPLOYEES:
                await producer.send_and_wait("aio", employee)
            await producer.stop()
            consumer = AIOKafkaConsumer(
                "aio", bootstrap_servers=broker, value_deserializer=deserializer, auto_offset_reset="earliest"
            )
            await consumer.start()
            values = [(await consumer.getone()).value for _ in EMPLOYEES]
            await consumer.stop()
            return values

        assert sorted(asyncio.run(work()), key=lambda employee: employee["id"]) == EMPLOYEES


def test_confluents_clients_take_them(broker, registry):
    from confluent_kafka import DeserializingConsumer, SerializingProducer

    with ConfluentRegistry(registry) as client:
        producer = SerializingProducer(
            {
                "bootstrap.servers": broker,
                "key.serializer": Serializer(client, "string"),
                "value.serializer": Serializer(client, SCHEMA, framing="confluent-headers"),
            }
        )
        for employee in EMPLOYEES:
            producer.produce("both", key=employee["name"], value=employee, headers=[("trace", b"1")])
        producer.produce("both", key="gone", value=None)
        producer.flush()
        consumer = DeserializingConsumer(
            {
                "bootstrap.servers": broker,
                "group.id": "both",
                "auto.offset.reset": "earliest",
                "key.deserializer": Deserializer(client),
                "value.deserializer": Deserializer(client),
            }
        )
        consumer.subscribe(["both"])
        found = []
        while len(found) < 4:
            message = consumer.poll(30)
            assert message is not None
            assert message.error() is None
            found.append((message.key(), message.value()))
        consumer.close()
        assert sorted(found) == [*((each["name"], each) for each in EMPLOYEES), ("gone", None)]
