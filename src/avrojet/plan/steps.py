"""The table of what the engines can do: one dataclass per step, in WRITER order.

``resolve(writer, reader)`` makes a graph of these, ``core.plan.freeze`` turns it into C nodes. A
recursive schema makes a cyclic graph: ``Record.fields`` is filled after the Record exists, and a step
that is met again is the same object. Steps are compared by identity and never changed once resolved.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from avrojet.failures import Facts
from avrojet.schema.logical import Clock
from avrojet.schema.model import LogicalType, Order, Schema


@dataclass(eq=False, slots=True)
class Read:
    """A primitive value as it stands; ``type`` is the specification's name."""

    type: str


@dataclass(eq=False, slots=True)
class Promote:
    """A primitive value of the writer's type, shown as the reader's.

    Of the promotions only int to long is none of these: it is a Read of the writer's type. float to double
    changes no value, but its text: that of a double has more digits.
    """

    writer: str
    reader: str


@dataclass(eq=False, slots=True)
class Fixed:
    """Exactly ``size`` bytes."""

    name: str
    size: int


@dataclass(eq=False, slots=True)
class Enum:
    """Writer index -> reader symbol; None where the reader has neither the symbol nor a default."""

    name: str
    symbols: tuple[str | None, ...]
    writer_symbols: tuple[str, ...]


@dataclass(eq=False, slots=True)
class Array:
    items: Step


@dataclass(eq=False, slots=True)
class Map:
    values: Step


@dataclass(eq=False, slots=True)
class Branch:
    """A value that is a branch of the READER's union; no tag on the wire.

    ``name`` is the branch's name in the JSON encoding: the fullname of a named type, else the type.
    ``schema`` is the reader's branch.
    """

    index: int
    name: str
    schema: Schema
    step: Step


@dataclass(eq=False, slots=True)
class Union:
    """A tag on the wire chooses the step: one per branch of the WRITER's union.

    Each is a Branch if the reader has a union too, else the bare step; or Fail.
    """

    branches: tuple[Step, ...]


@dataclass(eq=False, slots=True)
class Default:
    """A value that is not on the wire: ``data`` holds it encoded, ``step`` decodes it afresh."""

    data: bytes
    step: Step


@dataclass(eq=False, slots=True)
class Field:
    """One field of the writer's record, or (with a Default step) one that only the reader has.

    :ivar name: the reader's name; the writer's where the field is skipped.
    :ivar slot: position in the reader's record, or -1: skip it.
    :ivar default: the reader's default, encoded, where it has one (an Encoder may use it).
    :ivar order: how the field takes part in sorting, where reader and writer are the same.
    :ivar unreadable: why that default is of no use: it is no value of its logical type.
    """

    name: str
    slot: int
    step: Step
    default: bytes | None = None
    order: Order = "ascending"
    unreadable: str | None = None


@dataclass(eq=False, slots=True)
class Record:
    """Fields in writer order, then the Default fields in reader order.

    :ivar name: fullname of the reader's record.
    :ivar slots: the reader's field names in the reader's order.
    """

    name: str
    slots: tuple[str, ...]
    fields: list[Field] = field(default_factory=list)


@dataclass(eq=False, slots=True)
class Convert:
    """A logical type over the plain step, which shows its value; ``schema`` is the node that it stands on.

    :ivar logical: None for a custom logical type, named by ``schema.props["logicalType"]``.
    :ivar clock: what it counts, of a logical type of time.
    :ivar written: the writer's logical type, where that counts in another unit: its number times
        ``multiplier``, or divided by ``divisor``, is that of ``logical``.
    """

    step: Step
    logical: LogicalType | None
    schema: Schema
    clock: Clock | None = None
    written: str = ""
    multiplier: int = 1
    divisor: int = 1


@dataclass(eq=False, slots=True)
class Fail:
    """A mismatch that only matters when data meets it (a branch of the writer's union).

    ``step`` walks the writer's bytes, so that the value can still be skipped. ``facts`` are those of the
    error.
    """

    reason: str
    step: Step
    facts: Facts = field(default_factory=Facts)


Step: TypeAlias = (
    Read | Promote | Fixed | Enum | Array | Map | Branch | Union | Default | Record | Convert | Fail
)
