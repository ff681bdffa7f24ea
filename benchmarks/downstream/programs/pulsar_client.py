"""pulsar-client: AvroSchema of a record class, without a broker."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from pulsar import schema

DISTRIBUTION = "pulsar-client"


class Address(schema.Record):
    street = schema.String()
    number = schema.Integer()


class User(schema.Record):
    name = schema.String(required=True)
    age = schema.Long()
    ratio = schema.Double()
    home = Address()
    tags = schema.Array(schema.String())


def cases() -> Iterator[tuple[str, Callable[[], Any]]]:
    avro = schema.AvroSchema(User)
    user = User(name="Ann", age=30, ratio=1.5, home=Address(street="High Street", number=7), tags=["a", "b"])
    data = avro.encode(user)
    yield "encode", lambda: avro.encode(user)
    yield "decode", lambda: str(vars(avro.decode(data))["name"])
