"""What can be reported about two schemas: why data cannot be read, and how data that can be read change."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from avrojet.failures import Facts, Incompatibility
from avrojet.messages import readable


class Alteration(StrEnum):
    """The kinds of warnings: the schemas match, but what is read is less than was written, or different."""

    FIELD_DROPPED = "FIELD_DROPPED"
    """The reader's record lacks a field of the writer's."""

    PRECISION_LOST = "PRECISION_LOST"
    """A promotion to a type that cannot hold all digits: long to float or double, int to float."""

    SYMBOL_REPLACED = "SYMBOL_REPLACED"
    """The reader's enum lacks symbols of the writer's, which are read as its default."""

    LOGICAL_TYPE_CHANGED = "LOGICAL_TYPE_CHANGED"
    """Only one of the schemas has a logical type: the bytes are read, but with another meaning."""

    UNREADABLE_VALUES = "UNREADABLE_VALUES"
    """The types match, but some of their values cannot be read: bytes that are not UTF-8 as a string, text as
    a UUID, a number as a time of day, an instant out of range for nanoseconds."""


@dataclass(frozen=True, slots=True)
class Witness:
    """A value of the writer's schema that demonstrates a reason or a warning; it was encoded and read.

    :ivar value: the value, in the form that an Encoder of the writer's schema takes.
    :ivar data: its encoding.
    :ivar error: the reader's error; None if it can read it.
    :ivar read: the value that the reader makes of it, if there is no error.
    """

    value: Any = field(hash=False)
    data: bytes
    error: str | None = None
    read: Any = field(default=None, hash=False)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why data of the writer's schema, some or all, cannot be read; or how they change, for a warning.

    :ivar kind: an :class:`Incompatibility`; for a warning an :class:`Alteration`.
    :ivar reader_path: place in the reader's schema, e.g. ``fields[1].type``; ``""`` is the schema itself.
    :ivar writer_path: place in the writer's schema, likewise.
    :ivar message: what is wrong.
    :ivar path: the place in the data, e.g. ``$.items[].price``, with the names of the schema that has it.
    :ivar writer_type: the writer's type at the place, in a few words.
    :ivar reader_type: the reader's.
    :ivar remedy: what would fix it.
    :ivar witness: a value that demonstrates it, if one was requested and there is one.
    :ivar unwitnessed: why there is none, if one was requested.
    :ivar facts: more facts for an error about it.
    """

    kind: Incompatibility | Alteration
    reader_path: str
    writer_path: str
    message: str
    path: str = ""
    writer_type: str = ""
    reader_type: str = ""
    remedy: str = ""
    witness: Witness | None = None
    unwitnessed: str = ""
    facts: Facts = field(default_factory=Facts, compare=False, repr=False)

    def __str__(self) -> str:
        place = f"writer {self.writer_path or 'root'}, reader {self.reader_path or 'root'}"
        return readable(f"{place}: {self.message}" + (f"; {self.remedy}" if self.remedy else ""))
