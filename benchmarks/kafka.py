"""Messages of Kafka: Serializer and Deserializer against confluent-kafka's with fastavro, one message a call.

    python -m benchmarks.kafka [--rounds 15] [--only orders,...]

All take turns in this one process, with a registry in memory that has answered before: what is compared is
the work for a message. Ratios and differences are the medians of those of each round; "over" is what
a message costs more than the datum alone, in nanoseconds, context and headers included.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterator
from statistics import median
from typing import Any

import pyarrow as pa
from confluent_kafka.schema_registry import Schema, SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.serialization import MessageField, SerializationContext

from avrojet import Decoder, Encoder
from avrojet.registry import Deserializer, MemoryRegistry, Serializer
from benchmarks.results import geometric_mean
from benchmarks.workloads import WORKLOADS, Workload

RECORDS = 100
COLUMN_MESSAGES = 100_000
SCHEMAS = 2_000
HEADERS = [("trace", b"0af7651916cd43dd8448eb211c80319c"), ("source", b"shop")]
Call = Callable[[], object]


Times = dict[str, list[float]]


def _fields(*kinds: Any) -> list[dict[str, Any]]:
    return [{"name": f"f{number}", "type": kind} for number, kind in enumerate(kinds)]


_HEAD = {"type": "record", "name": "Head", "fields": _fields("string", "string", "string", "string")}
_BODY = {"type": "record", "name": "Body", "fields": _fields("long", ["null", "string"], "double")}
_HEAD_VALUE = dict.fromkeys(("f0", "f1", "f2", "f3"), "text")
_FEW = [1, "some text"]
_TWELVE = [1, "text", 2.5, 3, "text", True, "text", 4, 5, None, "text", [1, 2, 3]]
# The fields of a record, and its value.
SHAPES: dict[str, tuple[list[dict[str, Any]], dict[str, Any]]] = {
    "2 fields": (_fields("long", "string"), {f"f{number}": value for number, value in enumerate(_FEW)}),
    "12 fields": (
        _fields(
            "long", "string", "double", ["null", "long"], ["null", "string"], "boolean",
            "string", "int", "long", ["null", "double"], "string", {"type": "array", "items": "long"},
        ),
        {f"f{number}": value for number, value in enumerate(_TWELVE)},
    ),
    "3 records": (
        _fields(_HEAD, _BODY),
        {"f0": _HEAD_VALUE, "f1": {"f0": 1, "f1": "text", "f2": 2.5}},
    ),
}  # fmt: skip


def interleaved(calls: dict[str, Call], rounds: int) -> Times:
    """Seconds of processor time of each call in each round."""
    times: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(rounds):
        for name, call in calls.items():
            call()  # what it needs is in the processor's caches then, whatever came before
            start = time.thread_time()
            call()
            times[name].append(time.thread_time() - start)
    return times


def ratio(times: Times, one: str, other: str) -> float:
    """How many times as long one takes as the other."""
    return median([a / b for a, b in zip(times[one], times[other], strict=True)])


def nanoseconds(times: Times, one: str, other: str) -> float:
    """How much longer one takes, for each of the records."""
    return median([a - b for a, b in zip(times[one], times[other], strict=True)]) / RECORDS * 1e9


def each(function: Callable[..., Any], items: list[Any], *more: Any) -> Call:
    def call() -> None:
        for item in items:
            function(item, *more)

    return call


def rows(work: Workload, rounds: int) -> Times:
    """Seconds for the records of a workload."""
    records = work.records(RECORDS)
    context = SerializationContext("topic", MessageField.VALUE, HEADERS)
    client = SchemaRegistryClient.new_client({"url": f"mock://{work.name}"})
    theirs_out, theirs_in = AvroSerializer(client, json.dumps(work.schema)), AvroDeserializer(client)
    registry = MemoryRegistry()
    ours_out, ours_in = Serializer(registry, work.schema), Deserializer(registry)
    encoder, decoder = Encoder(work.schema, defaults=True), Decoder(work.schema)
    messages = [ours_out(record, context) for record in records]
    data = [message[5:] for message in messages]
    their_messages = [theirs_out(record, context) for record in records]
    assert ours_in(messages[0], context) == decoder.decode(data[0])
    return interleaved(
        {
            "decode": each(decoder.decode, data),
            "ours in": each(ours_in, messages, context),
            "theirs in": each(theirs_in, their_messages, context),
            "encode": each(encoder.encode, records),
            "ours out": each(ours_out, records, context),
            "theirs out": each(theirs_out, records, context),
        },
        rounds,
    )


def columns(rounds: int) -> float:
    """How many times as long confluent's take for a table of messages."""
    work = WORKLOADS["flat"]
    context = SerializationContext("topic", MessageField.VALUE, None)
    client = SchemaRegistryClient.new_client({"url": "mock://columns"})
    theirs_out, theirs_in = AvroSerializer(client, json.dumps(work.schema)), AvroDeserializer(client)
    registry = MemoryRegistry()
    ours_out, ours_in = Serializer(registry, work.schema), Deserializer(registry)
    records = work.records(1_000)
    messages = [ours_out(record, context) for record in records] * (COLUMN_MESSAGES // 1_000)
    theirs = [theirs_out(record, context) for record in records]

    def dicts() -> None:  # a hundredth of the messages, as it takes so long
        pa.Table.from_pylist([theirs_in(message, context) for message in theirs])

    taken = interleaved({"theirs": dicts, "ours": lambda: pa.table(ours_in.to_arrow(messages))}, rounds)
    return ratio(taken, "theirs", "ours") * (COLUMN_MESSAGES / 1_000)


def many_schemas(rounds: int, shape: str) -> tuple[float, float]:
    """What a message of many schemas costs, in that of one where all are of one schema: ours, and theirs."""
    fields, value = SHAPES[shape]
    registry = MemoryRegistry()
    registry.set_level("NONE")
    context = SerializationContext("topic", MessageField.VALUE, None)

    def schema(number: int) -> dict[str, Any]:
        return {"type": "record", "name": f"R{number}", "fields": fields}

    many = [Serializer(registry, schema(number))(value, context) for number in range(SCHEMAS)]
    # Of both as a client has them: fresh, one after the other.
    many, one = ([bytes(bytearray(each)) for each in messages] for messages in (many, [many[0]] * SCHEMAS))
    deserializer = Deserializer(registry)
    # With room for all schemas, which by default it has not: then it asks the registry for each message.
    client = SchemaRegistryClient.new_client({"url": f"mock://{shape}", "cache.capacity": 2 * SCHEMAS})
    for number in range(SCHEMAS):
        client.register_schema(f"s{number}", Schema(json.dumps(schema(number)), "AVRO"))
    theirs = AvroDeserializer(client)
    return tuple(
        ratio(
            interleaved({"one": each(read, one, context), "many": each(read, many, context)}, rounds),
            "many",
            "one",
        )
        for read in (deserializer, theirs)
    )  # type: ignore[return-value]  # two


def table(works: list[str], rounds: int) -> Iterator[str]:
    found = {name: rows(WORKLOADS[name], rounds) for name in works}
    yield f"{'':12}{'in':>8}{'over':>8}{'out':>8}{'over':>8}"
    for name, taken in found.items():
        yield (
            f"{name:12}{ratio(taken, 'theirs in', 'ours in'):8.1f}"
            f"{nanoseconds(taken, 'ours in', 'decode'):8.0f}"
            f"{ratio(taken, 'theirs out', 'ours out'):8.1f}{nanoseconds(taken, 'ours out', 'encode'):8.0f}"
        )
    means = [
        geometric_mean([ratio(taken, f"theirs {way}", f"ours {way}") for taken in found.values()])
        for way in ("in", "out")
    ]
    yield f"{'mean':12}{means[0]:8.1f}{'':8}{means[1]:8.1f}"
    yield f"{COLUMN_MESSAGES} messages to Arrow, times as fast: {columns(max(3, rounds // 3)):.1f}"
    yield f"{SCHEMAS} schemas in a topic, cost of a message in that of one:"
    for shape in SHAPES:
        ours, theirs = many_schemas(rounds, shape)
        yield f"{shape:12}{ours:8.2f}, theirs {theirs:.2f}"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.kafka")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--only", type=lambda text: text.split(","), default=list(WORKLOADS))
    args = parser.parse_args()
    for line in table(args.only, args.rounds):
        print(line, flush=True)


if __name__ == "__main__":
    main()
