"""Models of dataclasses-avroschema to Avro and JSON and back."""

import dataclasses
import datetime
import decimal
import enum
import typing
import uuid

from dataclasses_avroschema import AvroModel, types


class Colour(enum.Enum):
    RED = "RED"
    BLUE = "BLUE"


@dataclasses.dataclass
class Address(AvroModel):
    street: str
    number: int


@dataclasses.dataclass
class Bus(AvroModel):
    engine: str


@dataclasses.dataclass
class Car(AvroModel):
    engine: str
    doors: int = 4


@dataclasses.dataclass
class User(AvroModel):
    name: str
    age: int
    home: Address
    drives: typing.Union[Bus, Car]
    id: uuid.UUID
    born: datetime.date
    seen: datetime.datetime
    length: datetime.timedelta
    money: types.condecimal(max_digits=10, decimal_places=3)
    colour: Colour = Colour.BLUE
    nick: typing.Optional[str] = None
    tags: typing.List[str] = dataclasses.field(default_factory=list)
    scores: typing.Dict[str, float] = dataclasses.field(default_factory=dict)


USER = User(
    name="Ann",
    age=30,
    home=Address("High Street", 7),
    drives=Car("V8", 2),
    id=uuid.UUID(int=7),
    born=datetime.date(1996, 2, 29),
    seen=datetime.datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=datetime.timezone.utc),
    length=datetime.timedelta(seconds=90),
    money=decimal.Decimal("3.125"),
    tags=["a", "b"],
    scores={"x": 0.5},
)

data = USER.serialize()
print(data.hex())
assert User.deserialize(data) == USER
text = USER.serialize(serialization_type="avro-json")
print(text.decode())
print(User.deserialize(text, serialization_type="avro-json"))
print(USER.validate())
print(sorted(User.fake().asdict()))
