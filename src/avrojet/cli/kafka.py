"""Read the messages of a Kafka topic, write to it, and save it as a file.

Schemas are found in a registry with Confluent's interface, or a folder of .avsc files. It needs
confluent-kafka: pip install 'avrojet[kafka]'.
"""

from __future__ import annotations

import argparse

from avrojet.cli import kafka_dump, kafka_produce, kafka_tail

EXAMPLES = """\
avrojet kafka tail orders -b localhost:9092 --registry http://localhost:8081
avrojet kafka tail orders --from -10 --exit --json | jq .value
avrojet kafka dump orders orders.parquet --properties client.properties
avrojet kafka produce orders < orders.jsonl
"""

_COMMANDS = {
    "tail": kafka_tail.TAIL,
    "produce": kafka_produce.PRODUCE,
    "dump": kafka_dump.DUMP,
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    from avrojet.cli.connections import add_kafka

    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND", dest="does")
    for name, (add, run) in _COMMANDS.items():
        told = run.__doc__ or ""
        added = commands.add_parser(name, help=told.partition("\n")[0], description=told)
        add_kafka(added)
        add(added)


def run(arguments: argparse.Namespace) -> int | None:
    return _COMMANDS[arguments.does][1](arguments)
