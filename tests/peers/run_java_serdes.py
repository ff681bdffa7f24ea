"""Compare messages with the serializers of registries for Java: ``python -m tests.peers.run_java_serdes``.

Apicurio's (four framings, in binary and as JSON) and AWS Glue's (plain and zlib), over a registry that has
one schema. Each writes records of the vectors and of random schemas, which avrojet reads; and reads what
avrojet has written. Messages and headers are the same bytes, but for the spelling of JSON. Confluent's and
Azure's for Java cannot be had from Maven Central; Apicurio's ``as-confluent`` writes Confluent's frame. Needs
a JDK and Maven; where there are none it says so and ends.
"""

from __future__ import annotations

import argparse
import base64
import sys
import warnings
from collections.abc import Iterator
from typing import Any, NamedTuple

import avrojet
from avrojet.registry import Deserializer, RegisteredSchema, Serializer
from tests.peers.java_data import Case, cases
from tests.peers.java_peer import lacking
from tests.peers.java_serdes import APICURIO, GLUE, Serdes

RANDOM = 100


class Message(NamedTuple):
    """A datum as a message: what avrojet makes of it, and how Java is asked."""

    case: Case
    datum: bytes
    framing: str
    field: str
    encoding: str
    data: bytes
    headers: tuple[tuple[str, bytes], ...]
    deserializer: Deserializer

    def line(self, serdes: Serdes, does: str) -> str:
        schema = base64.b64encode(self.case.parsed.json.encode()).decode()
        data = self.datum if does == "write" else self.data
        headers = ";".join(f"{name}={value.hex()}" for name, value in self.headers) if does == "read" else ""
        parts = (does, self.framing, self.field, self.encoding, serdes.schema_id, schema, data.hex(), headers)
        return "\t".join(parts)


class OneSchema:
    """A registry that has one schema, by whatever it is asked for."""

    def __init__(self, schema: avrojet.Schema, schema_id: str) -> None:
        number = int(schema_id) if schema_id.isdigit() else 1
        self._one = RegisteredSchema(schema, number, schema_id, "t-value", 1)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name in ("find", "use_id"):
            raise AttributeError(name)
        return lambda *arguments, **options: self._one


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--random", type=int, default=RANDOM, metavar="N", help="random schemas (%(default)s)"
    )
    arguments = parser.parse_args()
    if lacking():
        print(f"skipped: {lacking()}")
        return 0
    warnings.simplefilter("ignore")
    records = [case for case in cases(arguments.random) if case.parsed.type == "record"]
    failed = 0
    for serdes in (APICURIO, GLUE):
        made = [message for case in records for message in messages(serdes, case)]
        wrong = list(differences(serdes, made))
        for each in wrong[:20]:
            print(each)
        failed += len(wrong)
        print(f"{serdes.program}: {len(made)} messages each way, {len(wrong)} differences")
    return 1 if failed else 0


def messages(serdes: Serdes, case: Case) -> Iterator[Message]:
    registry = OneSchema(case.parsed, serdes.schema_id)
    plain = {"unions": "tagged", "logical_types": False}
    decoder = avrojet.Decoder(case.parsed, **plain)  # type: ignore[arg-type]
    for number, framing in enumerate(serdes.framings):
        for encoding in serdes.encodings:
            field: Any = ("value", "key")[number % 2]
            options: Any = {
                "framing": framing,
                "encoding": {"BINARY": "binary"}.get(encoding, "json"),
                "field": field,
            }
            serializer = Serializer(registry, case.parsed, logical_types=False, **options)
            deserializer = Deserializer(registry, **options, **plain)  # type: ignore[arg-type]
            for datum in dict.fromkeys(case.plain[:2]):
                headers: list[tuple[str, bytes]] = []
                data = serializer.serialize(decoder.decode(datum), "t", headers)
                yield Message(case, datum, framing, field, encoding, data, tuple(headers), deserializer)


def differences(serdes: Serdes, made: list[Message]) -> Iterator[str]:
    """What Java does otherwise."""
    written = serdes.ask([message.line(serdes, "write") for message in made])
    read = serdes.ask([message.line(serdes, "read") for message in made])
    for message, theirs, again in zip(made, written, read, strict=True):
        told = f"{message.framing} {message.encoding} {message.case.name} {message.case.parsed.json[:300]}"
        data, *headers = theirs.split("\t")
        if message.encoding == "JSON" and not message.datum:
            continue  # Java writes no text for records without fields, and cannot read it either
        if data.startswith("!"):
            yield f"{told}\n  cannot be written: {data}"
        elif not same(message, data, headers):
            yield f"{told}\n  here  {message.data!r} {message.headers}"
            yield f"  there {bytes.fromhex(data)!r} {headers}"
        if again.startswith("!"):
            yield f"{told}\n  cannot be read: {again}"
        elif bytes.fromhex(again) != message.datum and not is_unordered(message):
            yield f"{told}\n  read as {again}, not {message.datum.hex()}"


def same(message: Message, data: str, headers: list[str]) -> bool:
    """Whether Java's message is the same, and is read here as what it was."""
    found = {name: bytes.fromhex(value) for name, value in (each.split("=") for each in headers)}
    given = bytes.fromhex(data)
    try:
        value = message.deserializer.deserialize(given, "t", found, field=message.field)
    except avrojet.AvroError:
        return False
    mine = message.deserializer.deserialize(message.data, "t", message.headers, field=message.field)
    if repr(value) != repr(mine) and not is_unordered(message):
        return False
    same = message.data.index(b"{") if message.encoding == "JSON" else None  # Java spells JSON otherwise
    same = 0 if is_unordered(message) else same
    return found == dict(message.headers) and given[:same] == message.data[:same]


def is_unordered(message: Message) -> bool:
    """Java's maps have an order of their own."""
    return '"map"' in message.case.parsed.json


if __name__ == "__main__":
    sys.exit(main())
