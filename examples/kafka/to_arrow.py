"""Read what a topic has into a table of Arrow's, many messages at once, whatever versions wrote them.

python examples/kafka/to_arrow.py localhost:9092 http://localhost:8081 employees
"""

import sys
from pathlib import Path

import pyarrow as pa
from confluent_kafka import Consumer

from avrojet.registry import ConfluentRegistry, Deserializer


def main() -> None:
    bootstrap, url, topic = sys.argv[1:]
    schema = Path(__file__).with_name("employee.avsc").read_text(encoding="utf-8")
    deserializer = Deserializer(ConfluentRegistry(url), schema)
    consumer = Consumer(
        {"bootstrap.servers": bootstrap, "group.id": "tables", "auto.offset.reset": "earliest"}
    )
    consumer.subscribe([topic])
    messages = consumer.consume(100_000, timeout=10.0)
    consumer.close()
    print(pa.table(deserializer.to_arrow(messages)))


if __name__ == "__main__":
    main()
