"""dataclasses-avroschema: a model to Avro and JSON and back."""

import dataclasses
import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

from dataclasses_avroschema import AvroModel

DISTRIBUTION = "dataclasses-avroschema"


@dataclasses.dataclass
class Address(AvroModel):
    street: str
    number: int


@dataclasses.dataclass
class User(AvroModel):
    name: str
    age: int
    home: Address
    born: dt.date
    seen: dt.datetime
    nick: str | None = None
    tags: list[str] = dataclasses.field(default_factory=list)
    scores: dict[str, float] = dataclasses.field(default_factory=dict)


def cases() -> Iterator[tuple[str, Callable[[], Any]]]:
    user = User(
        name="Ann", age=30, home=Address("High Street", 7), born=dt.date(1996, 2, 29),
        seen=dt.datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=dt.UTC),
        tags=["a", "b"], scores={"x": 1.5},
    )  # fmt: skip
    data = user.serialize()
    text = user.serialize(serialization_type="avro-json")
    yield "serialize", user.serialize
    yield "deserialize", lambda: User.deserialize(data)
    yield "serialize to JSON", lambda: user.serialize(serialization_type="avro-json")
    yield "deserialize JSON", lambda: User.deserialize(text, serialization_type="avro-json")
    yield "validate", user.validate
