"""Print the employees of a topic, as programs have done it since AvroConsumer came.

    python examples/kafka/consumer.py localhost:9092 http://localhost:8081 employees [COUNT]

It ends after COUNT messages, or goes on until it is interrupted. Nothing in it names avrojet:
``python -m avrojet.compat confluent examples/kafka/consumer.py ...`` runs it on avrojet.
"""

import sys

from confluent_kafka.avro import AvroConsumer


def main() -> None:
    bootstrap, registry, topic = sys.argv[1:4]
    count = int(sys.argv[4]) if len(sys.argv) > 4 else None
    consumer = AvroConsumer(
        {
            "bootstrap.servers": bootstrap,
            "schema.registry.url": registry,
            "group.id": "employees",
            "auto.offset.reset": "earliest",
        }
    )
    consumer.subscribe([topic])
    try:
        while count is None or count > 0:
            message = consumer.poll(1.0)
            if message is None:
                continue
            if message.error():
                raise SystemExit(str(message.error()))
            print(message.value(), flush=True)
            count = None if count is None else count - 1
    except KeyboardInterrupt:
        pass
    finally:
        consumer.close()


if __name__ == "__main__":
    main()
