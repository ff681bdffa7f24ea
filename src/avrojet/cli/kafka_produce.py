"""`avrojet kafka produce`."""

from __future__ import annotations

import argparse
import json
import sys
from base64 import b64decode
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from avrojet.cli.registry_show import Command
from avrojet.errors import AvroError, DecodeError, tell_place

if TYPE_CHECKING:
    from avrojet.registry.serdes import Serializer

_FLUSH: Final = 60.0  # seconds that sending the last messages may take


def _add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("topic", metavar="TOPIC")
    parser.add_argument("file", metavar="FILE", nargs="?", default="-", help="JSON lines; - for stdin")
    parser.add_argument(
        "--schema", metavar="SCHEMA", help="a file; without it, the newest version of the subject"
    )
    parser.add_argument("--register", action="store_true", help="register the schema if it is new")
    parser.add_argument(
        "--envelope",
        action="store_true",
        help="lines are objects with value, key and headers, as `avrojet kafka tail --json` prints them",
    )
    parser.add_argument(
        "--json-encoding", action="store_true", help="values are in Avro's JSON encoding, not plain JSON"
    )
    parser.add_argument(
        "--framing", default="confluent", metavar="NAME", help="how messages name their schema (%(default)s)"
    )


def _produce(arguments: argparse.Namespace) -> int:
    """Write JSON lines to a topic, encoded by a schema of the registry.

    Without --schema, values have the newest version of the subject TOPIC-value. The command stops at the
    first invalid line; the lines before it have been sent.
    """
    from avrojet.cli.connections import kafka_settings, registry_of
    from avrojet.cli.kafka_topic import import_kafka

    kafka = import_kafka()
    settings = kafka_settings(arguments)
    with registry_of(arguments) as registry:
        lines = Lines(_serializer(registry, arguments), arguments)
        delivery = Delivery()
        try:
            producer = kafka.Producer({"log_level": 0, **settings})
        except kafka.KafkaException as error:
            raise AvroError(f"Kafka's client does not accept these settings: {error}") from None
        try:
            for message in lines:
                _send(producer, arguments.topic, message, delivery)
        finally:
            left = producer.flush(_FLUSH)
    print(f"{delivery.sent} messages sent", file=sys.stderr)
    if left or delivery.failed:
        why = f": {delivery.why}" if delivery.why else ""
        print(f"avrojet: {left + delivery.failed} messages were not sent{why}", file=sys.stderr)
        return 1
    return 0


def _serializer(registry: Any, arguments: argparse.Namespace) -> Serializer:
    from avrojet.cli.schemas import read_schema
    from avrojet.registry.serdes import Serializer

    try:
        if arguments.schema is None:
            return Serializer(registry, use_latest=True, auto_register=False, framing=arguments.framing)
        return Serializer(
            registry,
            read_schema(arguments.schema),
            auto_register=arguments.register,
            framing=arguments.framing,
        )
    except ValueError as error:
        raise AvroError(str(error)) from None


class Delivery:
    """Counts the messages that were sent or failed."""

    def __init__(self) -> None:
        self.sent = self.failed = 0
        self.why: str | None = None

    def __call__(self, error: Any, message: Any) -> None:
        if error is None:
            self.sent += 1
        else:
            self.failed += 1
            self.why = self.why or error.str()


def _send(producer: Any, topic: str, message: dict[str, Any], delivery: Delivery) -> None:
    while True:
        try:
            producer.produce(topic, **message, on_delivery=delivery)
        except BufferError:  # the queue of messages is full
            producer.poll(0.5)
        else:
            producer.poll(0)
            return


class Lines:
    """Yield the messages in lines of JSON."""

    def __init__(self, serializer: Serializer, arguments: argparse.Namespace) -> None:
        self._serializer = serializer
        self._topic = arguments.topic
        self._file = arguments.file
        self._envelope = arguments.envelope
        self._plain = not arguments.json_encoding

    def __iter__(self) -> Iterator[dict[str, Any]]:
        with sys.stdin.buffer if self._file == "-" else open(self._file, "rb") as file:  # noqa: PTH123
            for number, line in enumerate(file, 1):
                if line.strip():
                    try:
                        yield self._message(line)
                    except AvroError as error:
                        tell_place(error, f"line {number}", line=number)
                        raise

    def _message(self, line: bytes) -> dict[str, Any]:
        if not self._envelope:
            return self._encoded(line, [])
        try:
            data = json.loads(line)
            value, key = data["value"], _key(data)
            headers = _headers(data.get("headers") or [])
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            what = type(error).__name__
            raise DecodeError(f"not an object with value, key and headers ({what}: {error})") from None
        if value is None:
            return {"value": None, "key": key, "headers": headers}
        return {**self._encoded(json.dumps(value).encode(), headers), "key": key}

    def _encoded(self, text: bytes, headers: list[tuple[str, bytes | None]]) -> dict[str, Any]:
        from avrojet.datum import Decoder, Encoder
        from avrojet.registry.messages import Context

        sent = list(headers)
        context = Context(self._topic, "value", sent)
        encoder = self._serializer.writing_of(context).encoder
        assert isinstance(encoder, Encoder)
        datum = encoder.from_json(text, plain=self._plain)
        value = Decoder(encoder.schema, unions="tagged").decode(datum)
        return {"value": self._serializer(value, context), "headers": sent}


def _key(data: dict[str, Any]) -> bytes | None:
    if data.get("key_base64") is not None:
        return b64decode(data["key_base64"])
    key = data.get("key")
    return None if key is None else key.encode() if isinstance(key, str) else json.dumps(key).encode()


def _headers(given: Any) -> list[tuple[str, bytes | None]]:
    from avrojet.cli.kafka_tail import values_of

    if isinstance(given, dict):
        given = [{"name": name, "value": value} for name, value in given.items()]
    return values_of(given)


PRODUCE: Final[Command] = (_add, _produce)
