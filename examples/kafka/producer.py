"""Send employees to a topic, as programs have done it since AvroProducer came.

    python examples/kafka/producer.py localhost:9092 http://localhost:8081 employees

Nothing in it names avrojet: ``python -m avrojet.compat confluent examples/kafka/producer.py ...`` runs it on
avrojet, with any version of confluent-kafka.
"""

import sys
from pathlib import Path

from confluent_kafka import avro
from confluent_kafka.avro import AvroProducer

EMPLOYEES = [
    {"id": 1, "name": "Ada", "salary": 5200.0, "skills": ["analysis"]},
    {"id": 2, "name": "Grace", "skills": ["compilers", "ships"]},
    {"id": 3, "name": "Linus", "salary": None, "skills": []},
]


def main() -> None:
    bootstrap, registry, topic = sys.argv[1:]
    value_schema = avro.load(str(Path(__file__).with_name("employee.avsc")))
    producer = AvroProducer(
        {"bootstrap.servers": bootstrap, "schema.registry.url": registry}, default_value_schema=value_schema
    )
    for employee in EMPLOYEES:
        producer.produce(topic=topic, value=employee)
    producer.flush()


if __name__ == "__main__":
    main()
