"""Data for Avro for Java: the vectors, random data of random schemas, and values of logical types."""

from __future__ import annotations

import json
import random
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import cached_property
from importlib.util import find_spec
from typing import Any
from uuid import UUID

import avrojet
from avrojet import Duration, NanoDatetime, single_object
from tests.peers.drawing import drawn
from tests.strategies import FIXED, LOGICAL, writers
from tests.vectors import ORDER, VECTORS

LOGICAL_SCHEMAS = [*LOGICAL, *({**each, "name": "F"} for each in FIXED if "logicalType" in each)]
KINDS = ["dataclass", "namedtuple", "typeddict", *filter(find_spec, ("attrs", "pydantic"))]
if find_spec("msgspec"):
    KINDS.append("struct")
ORDERS = ["ascending", "ascending", "descending", "ignore"]


@dataclass
class Case:
    """Data of one schema, and what avrojet makes of them.

    :ivar data: in binary, not always as a writer makes them.
    """

    name: str
    schema: Any
    data: list[bytes]
    pairs: list[tuple[int, int]] = field(default_factory=list)
    logical: bool = False

    @cached_property
    def parsed(self) -> avrojet.Schema:
        return avrojet.parse_schema(self.schema)

    @cached_property
    def plain(self) -> list[bytes]:
        """The data as a writer makes them."""
        return self.encoded_again(logical_types=False)

    @cached_property
    def converted(self) -> list[bytes]:
        """The same by way of the values of logical types."""
        return self.encoded_again(logical_types=True)

    def encoded_again(self, *, logical_types: bool) -> list[bytes]:
        decoder = avrojet.Decoder(self.parsed, unions="tagged", logical_types=logical_types)
        encoder = avrojet.Encoder(self.parsed, logical_types=logical_types)
        return [encoder.encode(decoder.decode(each)) for each in self.data]

    def again(self, hex: str) -> bytes:
        """A datum as a writer makes it."""
        decoder = avrojet.Decoder(self.parsed, unions="tagged", logical_types=False)
        return avrojet.Encoder(self.parsed, logical_types=False).encode(decoder.decode(bytes.fromhex(hex)))

    @cached_property
    def classes(self) -> dict[str, type]:
        """Classes of the schema's records and enums, of a kind that goes by the case's name."""
        kind = KINDS[sum(self.name.encode()) % len(KINDS)]
        try:
            return avrojet.classes_from(self.parsed, kind)  # type: ignore[arg-type]
        except avrojet.SchemaError:
            return {}  # there is neither

    def through_instances(self, values: list[Any], data: list[bytes]) -> list[bytes]:
        """Values that are instances, encoded again.

        Where a value does not say its branch of a union, it goes where the same as a dict goes.
        """
        again = [avrojet.Encoder(self.parsed, classes=self.classes).encode(value) for value in values]
        dicts = [avrojet.Encoder(self.parsed).encode(avrojet.decode(each, self.parsed)) for each in data]
        return [
            datum if made in (datum, plain) else made
            for made, datum, plain in zip(again, data, dicts, strict=True)
        ]

    def instances(self, hex: str) -> bytes:
        """A datum by way of instances."""
        data = bytes.fromhex(hex)
        value = avrojet.Decoder(self.parsed, classes=self.classes).decode(data)
        return self.through_instances([value], [data])[0]

    @cached_property
    def json(self) -> list[str]:
        decoder = avrojet.Decoder(self.parsed)
        return [decoder.to_json(each) for each in self.plain]

    def through_json(self, datum: bytes) -> bytes:
        return avrojet.Encoder(self.parsed).from_json(avrojet.Decoder(self.parsed).to_json(datum))

    @cached_property
    def messages(self) -> list[bytes]:
        decoder = avrojet.Decoder(self.parsed, unions="tagged", logical_types=False)
        writer = single_object.Writer(self.parsed, logical_types=False)
        return [writer.encode(decoder.decode(each)) for each in self.data]

    @cached_property
    def order(self) -> list[int] | None:
        """How the pairs compare; None if the schema has no order."""
        try:
            return [avrojet.compare(self.data[a], self.data[b], self.parsed) for a, b in self.pairs]
        except avrojet.SchemaError:
            return None

    @cached_property
    def values(self) -> list[Any]:
        return [avrojet.decode(each, self.parsed) for each in self.data]


def cases(count: int) -> list[Case]:
    """All cases, `count` of them of random schemas."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return [*vectors(), *logical_values(), *large_values(), *random_cases(count)]


def vectors() -> list[Case]:
    return [Case(vector.name, vector.schema, [vector.data] * 2, [(0, 1)]) for vector in VECTORS]


def logical_values(count: int = 60) -> Iterator[Case]:
    """Values of each logical type."""
    for schema in LOGICAL_SCHEMAS:
        encoder = avrojet.Encoder(schema)
        data = [encoder.encode(value) for value in avrojet.random_values(schema, count, seed=2)]
        name = f"{schema['logicalType']} on {schema['type']}"
        yield Case(name, schema, data, neighbours(len(data)), logical=True)


def large_values(count: int = 2) -> Iterator[Case]:
    """Values that do not fit into the buffers of either, nor into one block of an array or map."""
    strings = {"type": "map", "values": ["null", "string", "bytes"]}
    records = {"type": "array", "items": ORDER}
    numbers = {"type": "array", "items": {"type": "array", "items": ["int", "double"]}}
    for name, schema, sizes in [
        ("large strings", strings, {"text": 20_000, "items": 8}),
        ("many records", records, {"items": 40}),
        ("many numbers", numbers, {"items": 100}),
    ]:
        encoder = avrojet.Encoder(schema)
        data = [encoder.encode(value) for value in avrojet.random_values(schema, count, seed=5, **sizes)]
        yield Case(name, schema, data, neighbours(len(data)))


def random_cases(count: int, values: int = 4) -> Iterator[Case]:
    """Random schemas whose fields are ordered at random, each with random data and mixtures of these."""
    for number, schema in enumerate(drawn(writers(), count)):
        chance = random.Random(number)
        ordered = with_orders(chance, schema)
        try:
            made = list(avrojet.random_values(ordered, values, seed=number, items=3, text=4))
        except avrojet.SchemaError:
            continue  # no value ends
        mixed = [mixture(chance, *chance.sample(made, 2)) for _ in range(values)]
        encoder = avrojet.Encoder(ordered)
        data = [encoder.encode(value) for value in made + mixed]
        yield Case(f"random {number}", ordered, data, neighbours(len(data)))


def neighbours(count: int) -> list[tuple[int, int]]:
    """Pairs to compare: neighbours both ways, some that are not, and one of a datum with itself."""
    return [(0, 0), *((a, (a + step) % count) for a in range(count) for step in (-1, 1, count // 2))]


def many(count: int) -> Case:
    """More data than go into one block."""
    encoder = avrojet.Encoder(ORDER)
    return Case(
        "orders", ORDER, [encoder.encode(each) for each in avrojet.random_values(ORDER, count, seed=4)]
    )


def with_orders(chance: random.Random, schema: Any) -> Any:
    """The schema with an order for each field: ignored if it holds maps, which cannot be compared."""
    if isinstance(schema, list):
        return [with_orders(chance, branch) for branch in schema]
    if not isinstance(schema, dict):
        return schema
    new = {key: with_orders(chance, value) for key, value in schema.items() if key in ("items", "values")}
    if "fields" in schema:
        new["fields"] = [
            {
                **each,
                "type": with_orders(chance, each["type"]),
                "order": "ignore" if '"map"' in json.dumps(each["type"]) else chance.choice(ORDERS),
            }
            for each in schema["fields"]
        ]
    return {**schema, **new}


def mixture(chance: random.Random, one: Any, other: Any) -> Any:
    """A value that has parts of two others, so that it is equal to each in some."""
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        return {key: mixture(chance, one[key], other[key]) for key in one}
    if isinstance(one, list) and isinstance(other, list):
        shared = [mixture(chance, *pair) for pair in zip(one, other, strict=False)]
        return shared + chance.choice([one, other])[len(shared) :]
    if type(one) is tuple and type(other) is tuple and one[0] == other[0]:
        return (one[0], mixture(chance, one[1], other[1]))
    return chance.choice([one, other])


def components(value: Any) -> list[Any]:
    """What the value of a logical type is made of, as tests/peers/java/Peer.java has it."""
    match value:
        case datetime():
            return [*days(value), *clock(value)]
        case date():
            return days(value)
        case time():
            return clock(value)
        case Decimal():
            sign, digits, exponent = value.as_tuple()
            assert isinstance(exponent, int)
            unscaled = int("".join(map(str, digits))) * (-1 if sign else 1)
            return [str(unscaled), -exponent]
        case UUID():
            return [value.hex]
        case Duration():
            return [value.months, value.days, value.milliseconds]
    raise TypeError(f"no components of {value!r}")


def days(value: date) -> list[int]:
    return [value.year, value.month, value.day]


def clock(value: time | datetime) -> list[int]:
    assert value.tzinfo in (None, UTC)
    below = value.nanosecond if isinstance(value, NanoDatetime) else 0
    return [value.hour, value.minute, value.second, value.microsecond * 1000 + below]
