from dataclasses import dataclass
from typing import TypeAlias

from avrojet.failures import Facts
from avrojet.schema.logical import Clock
from avrojet.schema.model import LogicalType, Order, Schema

@dataclass(eq=False)
class Read:
    type: str

@dataclass(eq=False)
class Promote:
    writer: str
    reader: str

@dataclass(eq=False)
class Fixed:
    name: str
    size: int

@dataclass(eq=False)
class Enum:
    name: str
    symbols: tuple[str | None, ...]
    writer_symbols: tuple[str, ...]

@dataclass(eq=False)
class Array:
    items: Step

@dataclass(eq=False)
class Map:
    values: Step

@dataclass(eq=False)
class Branch:
    index: int
    name: str
    schema: Schema
    step: Step

@dataclass(eq=False)
class Union:
    branches: tuple[Step, ...]

@dataclass(eq=False)
class Default:
    data: bytes
    step: Step

@dataclass(eq=False)
class Field:
    name: str
    slot: int
    step: Step
    default: bytes | None = None
    order: Order = "ascending"
    unreadable: str | None = None

@dataclass(eq=False)
class Record:
    name: str
    slots: tuple[str, ...]
    fields: list[Field] = ...

@dataclass(eq=False)
class Convert:
    step: Step
    logical: LogicalType | None
    schema: Schema
    clock: Clock | None = None
    written: str = ""
    multiplier: int = 1
    divisor: int = 1

@dataclass(eq=False)
class Fail:
    reason: str
    step: Step
    facts: Facts = ...

Step: TypeAlias = (
    Read | Promote | Fixed | Enum | Array | Map | Branch | Union | Default | Record | Convert | Fail
)
