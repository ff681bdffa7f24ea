"""Compatibility of schemas: the walk of resolution, with its mismatches collected."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from avrojet.failures import Incompatibility
from avrojet.messages import readable
from avrojet.plan.alterations import ANY, alterations
from avrojet.plan.match import conflict_beside_name, describe
from avrojet.plan.places import Names
from avrojet.plan.reasons import Alteration, Reason, Witness
from avrojet.plan.remedies import describe_type, remedy
from avrojet.plan.resolve import Place, Walk, path_in_reader, path_in_writer
from avrojet.plan.steps import Fail, Read, Step
from avrojet.schema.model import (
    EnumSchema,
    Field,
    NamedSchema,
    PrimitiveSchema,
    RecordSchema,
    Schema,
    UnionSchema,
)
from avrojet.schema.parse import parse_schema

if TYPE_CHECKING:
    pass

__all__ = [
    "Alteration",
    "Compatibility",
    "Incompatibility",
    "Note",
    "Reason",
    "Witness",
    "check_compatibility",
]

_FAILED: Final = Fail("", Read("null"))
_TYPES_MET_AGAIN: Final = 100_000  # Python data may contain one schema in many places, and these in many more


@dataclass(frozen=True, slots=True)
class Note:
    """A remark on something harmless but perhaps surprising: a name that an alias has taken, for example.

    :ivar reader_path: place in the reader's schema, as in a :class:`Reason`.
    """

    reader_path: str
    message: str

    def __str__(self) -> str:
        return readable(f"note: reader {self.reader_path or 'root'}: {self.message}")


@dataclass(frozen=True, slots=True)
class Compatibility:
    """The answer of :func:`check_compatibility`; true if all data of the writer can be read.

    :ivar reasons: why data cannot be read: for each place, and for a named type only where the walk first met
        it.
    :ivar warnings: how data that can be read change: fields dropped, digits rounded, symbols replaced.
    :ivar notes: what may be surprising.
    """

    reasons: tuple[Reason, ...] = ()
    warnings: tuple[Reason, ...] = ()
    notes: tuple[Note, ...] = ()

    def __bool__(self) -> bool:
        return not self.reasons

    def __str__(self) -> str:
        lines = [*(self.reasons or ("compatible",)), *(f"warning: {each}" for each in self.warnings)]
        return "\n".join(map(str, (*lines, *self.notes)))


def check_compatibility(reader: Any, writer: Any, *, witness: bool = False) -> Compatibility:
    """Whether every datum of ``writer`` can be read as ``reader`` (specification: Schema Resolution).

    It is stricter than resolution, which allows mismatches that only some data meet: here they are reasons,
    too, be it a branch of the writer's union or a symbol of its enum that the reader cannot take. Logical
    types of the specification count, custom ones do not. Those of one kind are compatible if the reader's
    unit is the finer one (timestamp-millis read as timestamp-micros); a value with more digits than a coarser
    unit can hold is an error of the reader.

    The reader's aliases rename the writer's names, in the specification's words ("act as though x were named
    y"): a field with the alias x takes the writer's x if the writer has no field of its own name, or that one
    is itself renamed; the reader's x, if it has one, is then without data. If the meaning is ambiguous, the
    schemas do not match: several fields have the alias, the writer has several of a field's aliases or its
    name as well, or names are exchanged in a circle. If the writer's schema has the same alias, it knows the
    new name, and its fields are read by name. The notes include each field that is not read by its name
    although there is a field of that name, and each alias that has no effect.

    What the specification allows may still lose something; that is among the warnings. One kind of them,
    ``UNREADABLE_VALUES``, is for types that match but have values that the reader refuses.

    :param reader: a Schema, JSON text or JSON data; likewise ``writer``.
    :param witness: find for each reason a value of the writer's that the reader cannot read, and for each
        warning one that it alters. They are encoded and read to be sure. Custom logical types apply.
    :raises SchemaError: if a schema is not valid.

    >>> new = {"type": "record", "name": "R", "fields": [{"name": "a", "type": "int"}]}
    >>> check_compatibility(new, {**new, "fields": []}).reasons[0].remedy
    'give `a` a default'
    """
    writer, reader = parse_schema(writer), parse_schema(reader)
    walk = _Collect(writer, reader)
    walk.run(writer, reader)
    reasons, warnings = walk.reasons, walk.warnings
    if witness:
        from avrojet.witness import Witnesses

        witnesses = Witnesses(writer, reader)
        reasons, warnings = witnesses.of(reasons), witnesses.of(warnings)
    return Compatibility(
        tuple([reason for reason, _ in reasons]),
        tuple([reason for reason, _ in warnings]),
        tuple(walk.notes),
    )


class _Collect(Walk):
    """Collects reasons and warnings, each with an example: see :class:`avrojet.plan.alterations.Altered`."""

    def __init__(self, writer: Schema, reader: Schema) -> None:
        super().__init__()
        self._names = Names(writer, reader)
        self._again = _TYPES_MET_AGAIN
        self._quiet: set[tuple[int, int]] = set()
        self._example: Any = ANY  # example for the next reason reported
        self.reasons: list[tuple[Reason, Any]] = []
        self.warnings: list[tuple[Reason, Any]] = []
        self.notes: list[Note] = []

    def _step(self, writer: Schema, reader: Schema | None, place: Place | None) -> Step:
        """Types without a name are visited in each place, since each place has to be fixed separately."""
        key = id(writer), id(reader)
        if key not in self._steps:
            return super()._step(writer, reader, place)
        if key in self._quiet or not self._again or _are_named(writer, reader):
            return self._steps[key]
        self._again -= 1
        told = len(self.reasons) + len(self.warnings)
        step = self._steps[key] = self._new(writer, reader, place)
        if isinstance(writer, PrimitiveSchema) and told == len(self.reasons) + len(self.warnings):
            self._quiet.add(key)  # nothing in it waits, so nothing will be reported
        return step

    def reason(
        self,
        kind: Incompatibility,
        message: str,
        place: Place | None,
        writer: Schema,
        reader: Schema | Field,
    ) -> Reason:
        self._example = _example(kind, writer, reader)
        theirs = reader.type if isinstance(reader, Field) else reader
        return self._told(kind, message, place, writer, theirs, remedy(kind, writer, reader))

    def _told(
        self,
        kind: Incompatibility | Alteration,
        message: str,
        place: Place | None,
        writer: Schema,
        reader: Schema | None,
        remedy: str,
    ) -> Reason:
        ours = "" if reader is None else describe_type(reader)
        return Reason(
            kind,
            path_in_reader(place),
            path_in_writer(place),
            message,
            self._names.of(place),
            describe_type(writer),
            ours,
            remedy,
        )

    def report(self, reason: Reason, *, certain: bool) -> None:
        self.reasons.append((reason, self._example))

    def _fail(
        self, kind: Incompatibility, message: str, writer: Schema, reader: Schema, place: Place | None
    ) -> Fail:
        """Nothing will be read with these steps."""
        self.report(self.reason(kind, message, place, writer, reader), certain=self._certain)
        return _FAILED

    def unreadable(self, first: Fail, writer: UnionSchema, reader: Schema, place: Place | None) -> None:
        """Each branch of the union has reported its reason."""

    def met(self, writer: Schema, reader: Schema, place: Place | None) -> None:
        for altered in alterations(writer, reader):
            told = self._told(altered.kind, altered.message, place, writer, reader, altered.remedy)
            self.warnings.append((told, altered.example))

    def dropped(self, field: Field, writer: RecordSchema, reader: RecordSchema, place: Place | None) -> None:
        if field.type.type == "null":
            return  # nothing is lost
        message = f"the writer's field {field.name!r} is not in {describe(reader)}: it is dropped"
        advice = f"keep `{field.name}` in the reader's schema if its values matter"
        told = self._told(Alteration.FIELD_DROPPED, message, place, field.type, None, advice)
        self.warnings.append((told, ANY))

    def note(self, message: str, place: Place | None) -> None:
        self.notes.append(Note(path_in_reader(place), message))

    def mismatched(
        self, kind: Incompatibility, message: str, writer: Schema, reader: Schema, place: Place | None
    ) -> Step:
        """Types with other names may differ in more: all is collected, so that all can be fixed at once."""
        step = self._fail(kind, message, writer, reader, place)
        if kind is Incompatibility.NAME_MISMATCH:
            beside = conflict_beside_name(writer, reader)
            if beside is not None:
                self._fail(*beside, writer, reader, place)
            self._matched(writer, reader, place)
        return step


def _are_named(writer: Schema, reader: Schema | None) -> bool:
    return isinstance(writer, NamedSchema) and (reader is None or isinstance(reader, NamedSchema))


def _example(kind: Incompatibility, writer: Schema, reader: Schema | Field) -> Any:
    """A value that demonstrates a reason which not every value demonstrates."""
    if kind is Incompatibility.MISSING_ENUM_SYMBOLS:
        assert isinstance(writer, EnumSchema)
        assert isinstance(reader, EnumSchema)
        return next(symbol for symbol in writer.symbols if symbol not in reader.symbols)
    if kind is Incompatibility.LOGICAL_TYPE_MISMATCH and writer.type in ("int", "long"):
        return 1  # the last digit, which a coarser unit cannot hold; every value of another kind fails
    return ANY
