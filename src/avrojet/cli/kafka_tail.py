"""`avrojet kafka tail`."""

from __future__ import annotations

import argparse
import json
import sys
from base64 import b64encode
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from avrojet.cli.registry_show import Command
from avrojet.errors import AvroError

if TYPE_CHECKING:
    from avrojet.registry.serdes import Deserializer


def _add(parser: argparse.ArgumentParser) -> None:
    from avrojet.cli.kafka_topic import add_topic, parse_start

    add_topic(parser)
    parser.add_argument(
        "--from",
        dest="start",
        type=parse_start,
        default="end",
        metavar="WHERE",
        help="beginning, end, an offset, -N (the last N of each partition), or a time (%(default)s)",
    )
    parser.add_argument("--exit", action="store_true", help="stop at the present end of the topic")
    parser.add_argument("--count", type=int, metavar="N", help="stop after N messages")
    parser.add_argument("--json", action="store_true", help="print JSON lines")


def _tail(arguments: argparse.Namespace) -> None:
    """Print the messages of a topic, decoded, as they come.

    For each message: partition and offset, time, key, id of the schema, headers, value. Messages that cannot
    be decoded are printed with the reason. It runs until Ctrl-C, unless --exit or --count is given.
    """
    from avrojet.cli.connections import kafka_settings, registry_of
    from avrojet.cli.kafka_topic import Topic

    show = _as_json if arguments.json else _as_text
    settings = kafka_settings(arguments)
    with (
        registry_of(arguments) as registry,
        Topic(settings, arguments.topic, partitions=arguments.partition) as topic,
    ):
        decode = Decoding(registry, arguments.framing)
        for number, message in enumerate(_messages(topic, arguments), 1):
            sys.stdout.buffer.write(show(decode(message)).encode("utf-8", "backslashreplace"))
            if arguments.count is not None and number >= arguments.count:
                return


def _messages(topic: Any, arguments: argparse.Namespace) -> Iterator[Any]:
    starts = topic.starts(arguments.start)
    ends = {partition: high for partition, (_, high) in topic.ends().items()} if arguments.exit else None
    for batch in topic.read(starts, ends):
        yield from batch
        sys.stdout.buffer.flush()


class Decoding:
    """Converts messages to the form in which they are shown.

    :param framing: how messages identify their schema.
    :raises AvroError: if there is no such framing.
    """

    def __init__(self, registry: Any, framing: str) -> None:
        from avrojet.registry.serdes import Deserializer

        try:
            self._deserializer: Deserializer = Deserializer(registry, framing=framing)
        except ValueError as error:
            raise AvroError(str(error)) from None

    def __call__(self, message: Any) -> dict[str, Any]:
        """Return a message as JSON data, and its value as JSON text, made directly from its bytes."""
        when = message.timestamp()[1]
        shown: dict[str, Any] = {
            "topic": message.topic(),
            "partition": message.partition(),
            "offset": message.offset(),
            "timestamp": None if when < 0 else _time(when),
            **_text("key", message.key()),
            "headers": [{"name": name, **_text("value", value)} for name, value in message.headers() or ()],
            "schema_id": None,
        }
        data = message.value()
        if data is None:
            return {**shown, "value": "null"}
        try:
            shown["schema_id"], shown["value"] = self._value(data, message)
        except AvroError as error:
            shown.update(schema_id=error.schema_id, error=str(error), **_bytes("value", data))
        return shown

    def _value(self, data: bytes, message: Any) -> tuple[Any, str]:
        from avrojet.registry.messages import Context

        place = message.topic(), "value", message.headers() or (), message.partition(), message.offset()
        reading, offset = self._deserializer.reading_of(data, Context(*place))
        datum = memoryview(data)[offset:] if reading.datum_of is None else reading.datum_of(data, offset)
        known = reading.schema_id
        return (None if known is None else known.value), reading.decoder.to_json(datum, plain=True)  # type: ignore[attr-defined]


def _time(milliseconds: int) -> str:
    try:
        when = datetime.fromtimestamp(milliseconds / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return f"{milliseconds} ms"
    return when.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _text(name: str, data: bytes | str | None) -> dict[str, Any]:
    """Return bytes as text, if they are UTF-8; else in Base64, under another key."""
    if not isinstance(data, bytes):
        return {name: data}
    try:
        return {name: data.decode()}
    except ValueError:
        return _bytes(name, data)


def _bytes(name: str, data: bytes) -> dict[str, Any]:
    return {f"{name}_base64": b64encode(data).decode()}


def _as_json(shown: dict[str, Any]) -> str:
    from avrojet.cli.terminal import clean_json

    value = shown.pop("value", None)
    head = json.dumps({name: each for name, each in shown.items() if name != "value"}, default=str)
    return clean_json(f'{head[:-1]}, "value": {value or "null"}}}\n'.encode()).decode()


_INDENT: Final = "    "


def _as_text(shown: dict[str, Any]) -> str:
    from avrojet.cli.terminal import clean, clean_json

    key = shown.get("key", shown.get("key_base64"))
    parts = [f"{shown['partition']}:{shown['offset']}", shown["timestamp"] or "no time"]
    if key is not None:
        parts.append(f"key={key}")
    if shown["schema_id"] is not None:
        parts.append(f"id={shown['schema_id']}")
    parts += [_header(each) for each in shown["headers"]]
    head = clean("  ".join(parts))
    if "error" in shown:
        return f"{head}\n{_INDENT}! {clean(shown['error'])}\n"
    return f"{head}\n{_INDENT}{clean_json(shown['value'].encode()).decode()}\n"


def _header(header: dict[str, Any]) -> str:
    value = header.get("value", header.get("value_base64"))
    return f"{header['name']}={value if value is not None else ''}"


def values_of(headers: Sequence[Any]) -> list[tuple[str, bytes | None]]:
    """Return headers in Kafka's form, from the form that :class:`Decoding` makes."""
    from base64 import b64decode

    made: list[tuple[str, bytes | None]] = []
    for each in headers:
        if "value_base64" in each:
            made.append((each["name"], b64decode(each["value_base64"])))
        else:
            made.append((each["name"], None if each["value"] is None else str(each["value"]).encode()))
    return made


TAIL: Final[Command] = (_add, _tail)
