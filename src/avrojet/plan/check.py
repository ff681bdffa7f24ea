"""Compatibility of schemas: the walk of resolution with its mismatches collected."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from avrojet.messages import readable
from avrojet.plan.match import Incompatibility, Reason, conflict_beside_name
from avrojet.plan.resolve import Place, Walk, path_in_reader
from avrojet.plan.steps import Step
from avrojet.schema.model import Schema
from avrojet.schema.parse import parse_schema

__all__ = ["Compatibility", "Incompatibility", "Note", "Reason", "check_compatibility"]


@dataclass(frozen=True, slots=True)
class Note:
    """What is in no one's way, but may surprise: a name that an alias has taken, say.

    :ivar reader_path: place in the reader's schema, as in a :class:`Reason`.
    """

    reader_path: str
    message: str

    def __str__(self) -> str:
        return readable(f"note: reader {self.reader_path or 'root'}: {self.message}")


@dataclass(frozen=True, slots=True)
class Compatibility:
    """The answer of :func:`check_compatibility`; true if all data of the writer can be read.

    :ivar reasons: what is in the way, each once, at the first place where the walk came to it.
    :ivar notes: what is not, but may surprise.
    """

    reasons: tuple[Reason, ...] = ()
    notes: tuple[Note, ...] = ()

    def __bool__(self) -> bool:
        return not self.reasons

    def __str__(self) -> str:
        return "\n".join(map(str, (*(self.reasons or ("compatible",)), *self.notes)))


def check_compatibility(reader: Any, writer: Any) -> Compatibility:
    """Whether every datum of ``writer`` can be read as ``reader`` (specification: Schema Resolution).

    It is stricter than resolution, which lets mismatches pass that only some data meet: here they are
    reasons too, be it a branch of the writer's union or a symbol of its enum that the reader cannot take.
    Logical types of the specification count, custom ones do not. Those of one kind are compatible if the
    reader's unit is the finer one (timestamp-millis read as timestamp-micros); a value whose digits the
    coarser one has no room for is an error of the reader.

    The reader's aliases rename what the writer has, as the specification words it ("act as though x were
    named y"): a field with the alias x takes the writer's x if the writer has no field of its own name, or
    that one is itself renamed; the reader's x, if it has one, is then without data. Where that leaves open
    what is meant, the schemas do not match: several fields have the alias, the writer has several of a
    field's aliases or has its name as well, or names are exchanged in a circle. A writer whose schema has the
    same alias knows the new name, and its fields are read by name. What is read otherwise than by its name
    although there is a field of that name, and an alias that is of no account, are among the notes.

    :param reader: a Schema, JSON text or JSON data; so is ``writer``.
    :raises SchemaError: if a schema is not valid.
    """
    walk = _Collect()
    walk.run(parse_schema(writer), parse_schema(reader))
    return Compatibility(tuple(walk.reasons), tuple(walk.notes))


class _Collect(Walk):
    def __init__(self) -> None:
        super().__init__()
        self.reasons: list[Reason] = []
        self.notes: list[Note] = []

    def report(self, reason: Reason, *, certain: bool) -> None:
        self.reasons.append(reason)

    def report_unreadable(self, reason: Reason) -> None:
        """Each branch of the union has given its reason."""

    def note(self, message: str, place: Place | None) -> None:
        self.notes.append(Note(path_in_reader(place), message))

    def mismatched(
        self, kind: Incompatibility, message: str, writer: Schema, reader: Schema, place: Place | None
    ) -> Step:
        """What differs in name may differ in more: so all of it can be mended at once."""
        step = super().mismatched(kind, message, writer, reader, place)
        if kind is Incompatibility.NAME_MISMATCH:
            beside = conflict_beside_name(writer, reader)
            if beside is not None:
                super().mismatched(*beside, writer, reader, place)
            self._matched(writer, reader, place)
        return step
