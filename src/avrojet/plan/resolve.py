"""How data of a writer's schema become values of a reader's: (writer, reader) -> graph of Steps.

The only file that knows promotion, aliases, defaults and unions as actions; the rules of what matches are in
:mod:`avrojet.plan.match`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from operator import is_
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from avrojet.errors import ResolutionError
from avrojet.failures import Facts, Incompatibility
from avrojet.messages import shorten, show
from avrojet.plan.aliases import Renaming, rename_branches, rename_fields
from avrojet.plan.match import (
    MEANING,
    Branches,
    branch_name,
    conflict,
    describe,
    remedy_of_names,
)
from avrojet.plan.meaning import Meaning
from avrojet.plan.plain import NOT_YET, READS, Plain
from avrojet.plan.steps import (
    Array,
    Branch,
    Convert,
    Default,
    Enum,
    Fail,
    Field,
    Fixed,
    Map,
    Promote,
    Record,
    Step,
    Union,
)
from avrojet.schema.defaults import describe as describe_problem
from avrojet.schema.model import (
    NO_DEFAULT,
    ArraySchema,
    EnumSchema,
    FixedSchema,
    LogicalType,
    MapSchema,
    NamedSchema,
    PrimitiveSchema,
    RecordSchema,
    Schema,
    UnionSchema,
)
from avrojet.schema.model import Field as SchemaField

if TYPE_CHECKING:
    from avrojet.plan.reasons import Reason

Place: TypeAlias = "tuple[Place | None, str, int | None, int | str | None]"
"""A path in both schemas: the place above, the form of this segment, and its index in the writer's and in the
reader's schema, None on a side that does not descend; for a default, the place in it. Made into text only for
a mismatch."""

_FIELD: Final = "fields[{}].type"
_BRANCH: Final = "[{}]"
_SHOWN_SEGMENTS: Final = 50  # of a path: schemas can be nested as deeply as they have records

# The promotion that does not change the value (see steps.Promote).
_SAME_VALUE: Final = {("int", "long")}


def resolve(
    writer: Schema,
    reader: Schema | None = None,
    *,
    custom: Collection[str] = (),
    logical: bool | Callable[[LogicalType], bool] = True,
    lenient: bool = False,
    defaults: bool = False,
) -> Step:
    """The plan for reading data of ``writer`` as ``reader`` (specification: Schema Resolution).

    Without a reader, or with the writer's own schema as reader, it is the plain plan of the schema.

    A mismatch raises, unless only some data meet it: within a branch of a union of the writer it becomes a
    :class:`Fail` at its place, be that an array's items or one field of a record. A union of which no branch
    matches by itself also raises: every datum would fail. Symbols that the reader's enum lacks never raise
    here: data with the other symbols can be read.

    :param custom: names of custom logical types, which take precedence over the specification's.
    :param logical: False ignores all logical types, including custom ones; a function says for which of the
        specification's the values are shown, and not the plain ones.
    :param lenient: show values by the writer's logical type if both schemas have one, decimals with all their
        digits, and a default that is not a value of its logical type as the plain value.
    :param defaults: also encode the reader's default of each field (``Field.default``), for an Encoder.
    :raises ResolutionError: if the schemas do not match; ``path`` is the place in the reader's schema.
    :raises SchemaError: if a default that is needed does not fit its schema.
    """
    shown = logical if callable(logical) else None
    usual = logical is True and not lenient and not custom
    meaning = MEANING if usual else Meaning(custom, logical is not False, lenient, shown)
    if reader is None or reader is writer:
        return Plain(meaning, defaults).step(writer)
    return Walk(meaning, defaults=defaults).run(writer, reader)


class Walk:
    """One walk over a writer's and a reader's schema; :meth:`report` handles mismatches.

    Each pair of schemas is visited once, so that the cost is linear for schemas that use a type many times,
    and a pair's step exists before the steps it contains, so that a type may contain itself. Nothing is
    recursive: containers wait in a list for their contents, and schemas may be nested to any depth. A reader
    of None means that the value is skipped.

    What every datum meets comes first. Only then come the contents of the writer's unions, so that a pair met
    both ways is known to be met by every datum.
    """

    def __init__(self, meaning: Meaning = MEANING, *, defaults: bool = False) -> None:
        self._meaning = meaning
        self._plain = Plain(meaning, defaults)
        self._steps: dict[tuple[int, int], Step] = {}
        self._records: dict[tuple[int, int], Record] = {}
        self._branches: dict[int, Branches] = {}
        self._certain = True  # every datum reaches the current place
        self._bare: Plain | None = None  # ignores logical types
        self._waiting: list[tuple[Callable[..., None], Any, Any, Any, Place | None]] = []
        self._unions: list[tuple[Callable[..., None], Any, Any, Any, Place | None]] = []

    def report(self, reason: Reason, *, certain: bool) -> None:
        """Record a mismatch; ``certain`` if every datum meets it."""
        if certain:
            facts = _facts(reason)
            facts["reason"], facts["path"] = reason.message, reason.reader_path
            raise ResolutionError(str(reason), **facts)

    def note(self, message: str, place: Place | None) -> None:
        """Called for what is not a mismatch, but may be surprising."""

    def met(self, writer: Schema, reader: Schema, place: Place | None) -> None:
        """Called for two schemas, neither a union, that match by themselves and are not one object."""

    def dropped(
        self, field: SchemaField, writer: RecordSchema, reader: RecordSchema, place: Place | None
    ) -> None:
        """Called for a field that is not read."""

    def reason(
        self,
        kind: Incompatibility,
        message: str,
        place: Place | None,
        writer: Schema,
        reader: Schema | SchemaField,
    ) -> Reason:
        """The reason of a mismatch; a field of the reader's without a value stands for its type."""
        facts: Facts = {"writer_name": branch_name(writer)}
        if isinstance(reader, SchemaField):
            facts["field"] = reader.name
        else:
            facts["reader_name"] = branch_name(reader)
        from avrojet.plan.reasons import Reason

        return Reason(kind, path_in_reader(place), path_in_writer(place), message, facts=facts)

    def run(self, writer: Schema, reader: Schema) -> Step:
        step = self._step(writer, reader, None)
        self._fill_waiting()
        self._certain = False
        self._waiting = self._unions
        self._fill_waiting()
        return step

    def _fill_waiting(self) -> None:
        for fill, step, writer, reader, place in self._waiting:  # grows meanwhile
            fill(self, step, writer, reader, place)

    def _step(self, writer: Schema, reader: Schema | None, place: Place | None) -> Step:
        if writer is reader:
            return self._plain.step(writer)
        key = id(writer), id(reader)
        step = self._steps.get(key)
        if step is None:
            step = self._steps[key] = self._new(writer, reader, place)
        return step

    def _new(self, writer: Schema, reader: Schema | None, place: Place | None) -> Step:
        """The step for a pair that is visited for the first time; its contents wait."""
        new = _NEW[type(writer)]
        if reader is None or isinstance(writer, UnionSchema):
            return new(self, writer, reader, place)
        if isinstance(reader, UnionSchema):
            return self._new_branch(writer, reader, place)
        mismatch = conflict(writer, reader, self._meaning)
        if mismatch is not None:
            return self.mismatched(*mismatch, writer, reader, place)
        self.met(writer, reader, place)
        return self._matched(writer, reader, place)

    def _matched(self, writer: Schema, reader: Schema, place: Place | None) -> Step:
        step = _NEW[type(writer)](self, writer, reader, place)
        step = self._meaning.convert(step, writer, reader)
        if isinstance(step, Convert) and step.logical is not None and step.divisor > 1:
            message = f"{step.written} has digits that {step.logical.name} has no room for"
            # Never certain: other data can be read.
            kind = Incompatibility.LOGICAL_TYPE_MISMATCH
            self.report(self.reason(kind, message, place, writer, reader), certain=False)
        return step

    def mismatched(
        self, kind: Incompatibility, message: str, writer: Schema, reader: Schema, place: Place | None
    ) -> Step:
        """The step for two schemas that do not match by themselves."""
        if kind is Incompatibility.NAME_MISMATCH:
            assert isinstance(writer, NamedSchema)
            assert isinstance(reader, NamedSchema)
            message = f"{message}; {remedy_of_names(writer, reader)}"
        return self._fail(kind, message, writer, reader, place)

    def _fail(
        self, kind: Incompatibility, message: str, writer: Schema, reader: Schema, place: Place | None
    ) -> Fail:
        reason = self.reason(kind, message, place, writer, reader)
        self.report(reason, certain=self._certain)
        return Fail(str(reason), self._step(writer, None, None), _facts(reason))

    # -- leaves ------------------------------------------------------------------------------------

    def _new_primitive(self, writer: Schema, reader: Schema | None, place: Place | None) -> Step:
        if reader is None or writer.type == reader.type or (writer.type, reader.type) in _SAME_VALUE:
            return READS[writer.type]
        return Promote(writer.type, reader.type)

    def _new_fixed(self, writer: FixedSchema, reader: FixedSchema | None, place: Place | None) -> Step:
        return Fixed((reader or writer).fullname, writer.size)

    def _new_enum(self, writer: EnumSchema, reader: EnumSchema | None, place: Place | None) -> Step:
        if reader is None:
            return Enum(writer.fullname, writer.symbols, writer.symbols)
        known = frozenset(reader.symbols)
        symbols = tuple(symbol if symbol in known else reader.default for symbol in writer.symbols)
        if None in symbols:
            missing = ", ".join(symbol for symbol in writer.symbols if symbol not in known)
            message = f"{describe(reader)} has neither a default nor the symbols {shorten(missing)}"
            # Never certain: data with the other symbols can be read.
            kind = Incompatibility.MISSING_ENUM_SYMBOLS
            self.report(self.reason(kind, message, place, writer, reader), certain=False)
        return Enum(reader.fullname, symbols, writer.symbols)

    # -- arrays and maps ---------------------------------------------------------------------------

    def _new_array(self, writer: ArraySchema, reader: ArraySchema | None, place: Place | None) -> Step:
        step = Array(NOT_YET)
        self._waiting.append((Walk._fill_array, step, writer, reader, place))
        return step

    def _fill_array(
        self, step: Array, writer: ArraySchema, reader: ArraySchema | None, place: Place | None
    ) -> None:
        step.items = self._step(writer.items, reader and reader.items, (place, "items", 0, 0))

    def _new_map(self, writer: MapSchema, reader: MapSchema | None, place: Place | None) -> Step:
        step = Map(NOT_YET)
        self._waiting.append((Walk._fill_map, step, writer, reader, place))
        return step

    def _fill_map(self, step: Map, writer: MapSchema, reader: MapSchema | None, place: Place | None) -> None:
        step.values = self._step(writer.values, reader and reader.values, (place, "values", 0, 0))

    # -- unions ------------------------------------------------------------------------------------

    def _branches_of(self, reader: UnionSchema) -> Branches:
        branches = self._branches.get(id(reader))
        if branches is None:
            branches = self._branches[id(reader)] = Branches(reader, self._meaning)
        return branches

    def _new_branch(self, writer: Schema, reader: UnionSchema, place: Place | None) -> Step:
        """The step for a single type that the reader has as a union."""
        branches = self._branches_of(reader)
        if isinstance(writer, NamedSchema) and branches.have_alias(writer.fullname):
            return self._renamed_branch(writer, reader, 0, rename_branches((writer,), reader), place)
        return self._branch(writer, reader, branches.find(writer), place)

    def _renamed_branch(
        self, writer: Schema, reader: UnionSchema, position: int, renaming: Renaming, place: Place | None
    ) -> Step:
        why = renaming.unread.get(position)
        if why is not None:
            return self._fail(Incompatibility.AMBIGUOUS_ALIAS, why, writer, reader, place)
        branches = self._branches_of(reader)
        index = renaming.slots[position]
        fits = index >= 0 and branches.fit(writer, index)
        return self._branch(writer, reader, index if fits else branches.find(writer), place)

    def _branch(self, writer: Schema, reader: UnionSchema, index: int | None, place: Place | None) -> Step:
        if index is None:
            message = f"no branch of the reader's {describe(reader)} matches {describe(writer)}"
            if writer.logical is not None:
                message += self._why_not(writer, reader)
            return self._fail(Incompatibility.MISSING_UNION_BRANCH, message, writer, reader, place)
        branch = reader.branches[index]
        step = self._step(writer, branch, (place, _BRANCH, None, index))
        return Branch(index, branch_name(branch), branch, step)

    def _why_not(self, writer: Schema, reader: UnionSchema) -> str:
        """What prevents a branch of the writer's own type from matching."""
        for branch in reader.branches:
            if branch.type == writer.type and branch.logical is not None:
                reason = conflict(writer, branch, self._meaning)
                return "" if reason is None else f": {reason[1]}"
        return ""

    def _new_union(self, writer: UnionSchema, reader: Schema | None, place: Place | None) -> Step:
        if isinstance(reader, UnionSchema) and _same_branches(writer, reader):
            return self._plain.union(writer)
        step = Union(())
        fill = Walk._fill_certain_union if self._certain and reader is not None else Walk._fill_union
        self._unions.append((fill, step, writer, reader, place))
        return step

    def _fill_union(
        self, step: Union, writer: UnionSchema, reader: Schema | None, place: Place | None
    ) -> None:
        places: list[Place] = [(place, _BRANCH, index, None) for index in range(len(writer.branches))]
        if isinstance(reader, UnionSchema) and self._branches_of(reader).have_aliases:
            renaming = rename_branches(writer.branches, reader)
            for slot, note in renaming.notes.items():
                self.note(note, (place, _BRANCH, None, slot))
            steps = [
                self._renamed_branch(branch, reader, position, renaming, places[position])
                for position, branch in enumerate(writer.branches)
            ]
        else:
            steps = [
                self._step(branch, reader, at) for branch, at in zip(writer.branches, places, strict=True)
            ]
        step.branches = tuple(steps)

    def _fill_certain_union(
        self, step: Union, writer: UnionSchema, reader: Schema, place: Place | None
    ) -> None:
        self._fill_union(step, writer, reader, place)
        failed = [branch for branch in step.branches if isinstance(branch, Fail)]
        if failed and len(failed) == len(step.branches):
            self.unreadable(failed[0], writer, reader, place)

    def unreadable(self, first: Fail, writer: UnionSchema, reader: Schema, place: Place | None) -> None:
        """Report a union that every datum meets and of which no branch matches."""
        message = f"no branch of the writer's {describe(writer)} can be read as {describe(reader)}"
        message = f"{message}: {first.reason}"
        reason = self.reason(Incompatibility.TYPE_MISMATCH, message, place, writer, reader)
        self.report(reason, certain=True)

    # -- records -----------------------------------------------------------------------------------

    def _new_record(self, writer: RecordSchema, reader: RecordSchema | None, place: Place | None) -> Step:
        """References with attributes share the step of the definition."""
        theirs, ours = writer.definition, None if reader is None else reader.definition
        if theirs is ours:
            return self._plain.record(writer)
        step = self._records.get((id(theirs), id(ours)))
        if step is None:
            seen = reader or writer
            step = Record(seen.fullname, tuple([field.name for field in seen.fields]))
            self._records[id(theirs), id(ours)] = step
            self._waiting.append((Walk._fill_record, step, theirs, ours, place))
        return step

    def _fill_record(
        self, record: Record, writer: RecordSchema, reader: RecordSchema | None, place: Place | None
    ) -> None:
        if reader is None:
            for field in writer.fields:
                record.fields.append(Field(field.name, -1, self._step(field.type, None, None)))
        else:
            self._fill_resolved(record, writer, reader, place)

    def _fill_resolved(
        self, record: Record, writer: RecordSchema, reader: RecordSchema, place: Place | None
    ) -> None:
        add = record.fields.append
        renaming = rename_fields(writer, reader)
        for position, (theirs, slot) in enumerate(zip(writer.fields, renaming.slots, strict=True)):
            if slot < 0:
                add(Field(theirs.name, -1, self._step(theirs.type, None, None)))
                self.dropped(theirs, writer, reader, (place, _FIELD, position, None))
                continue
            ours = reader.fields[slot]
            step = self._step(theirs.type, ours.type, (place, _FIELD, position, slot))
            add(self._plain.field(ours, slot, step))
        served = frozenset(renaming.slots)
        for slot, ours in enumerate(reader.fields):
            if slot not in served:
                at = place, "fields[{}]", None, slot
                why = renaming.unclear.get(slot)
                if why is not None:
                    kind = Incompatibility.AMBIGUOUS_ALIAS
                    add(self._no_value(ours, slot, self.reason(kind, why, at, writer, ours)))
                else:
                    add(self._unwritten(ours, slot, writer, renaming.notes.get(slot), at))
        for slot, note in renaming.notes.items():
            self.note(note, (place, "fields[{}]", None, slot))

    def _unwritten(
        self, field: SchemaField, slot: int, writer: RecordSchema, note: str | None, at: Place
    ) -> Field:
        if field.default is NO_DEFAULT:
            kind = Incompatibility.READER_FIELD_MISSING_DEFAULT_VALUE
            message = f"{_absent(field, writer, note)} and has no default"
            return self._no_value(field, slot, self.reason(kind, message, at, writer, field))
        data = self._plain.encoded_default(field)
        unreadable = self._plain.unreadable(field)
        if unreadable is None:
            step = self._plain.step(field.type)
        elif self._meaning.lenient:
            step = self._without_logical_types(field.type)
        else:
            kind = Incompatibility.READER_FIELD_INVALID_DEFAULT_VALUE
            absent = _absent(field, writer, note)
            message = f"{absent}, and its default cannot be used: {describe_problem(('', *unreadable[1:]))}"
            at = at, "default{}", None, unreadable[0]
            return self._no_value(field, slot, self.reason(kind, message, at, writer, field))
        return self._plain.field(field, slot, Default(data, step))

    def _no_value(self, field: SchemaField, slot: int, reason: Reason) -> Field:
        self.report(reason, certain=self._certain)
        step = Fail(str(reason), READS["null"], _facts(reason))  # there are no bytes to skip
        return Field(field.name, slot, step)

    def _without_logical_types(self, schema: Schema) -> Step:
        """The plain step of a schema whose plain value is to be shown."""
        if self._bare is None:
            self._bare = Plain(Meaning(on=False), encodes_defaults=False)
        return self._bare.step(schema)


_NEW: Final[dict[type[Schema], Callable[..., Step]]] = {
    PrimitiveSchema: Walk._new_primitive,
    FixedSchema: Walk._new_fixed,
    EnumSchema: Walk._new_enum,
    ArraySchema: Walk._new_array,
    MapSchema: Walk._new_map,
    UnionSchema: Walk._new_union,
    RecordSchema: Walk._new_record,
}


def _absent(field: SchemaField, writer: RecordSchema, note: str | None) -> str:
    why = f"gets no data, as {note}," if note else f"is not in {describe(writer)}"
    return f"the reader's field {show(field.name)} {why}"


def _same_branches(writer: UnionSchema, reader: UnionSchema) -> bool:
    """By identity: nodes of plain primitives are often one object, those of equal schemas need not be."""
    return len(writer.branches) == len(reader.branches) and all(map(is_, writer.branches, reader.branches))


def _facts(reason: Reason) -> Facts:
    """The facts of an error for it, without the place in the reader's schema: errors of data have theirs."""
    return {"kind": reason.kind, "writer_path": reason.writer_path, **reason.facts}


def path_in_reader(place: Place | None) -> str:
    """The place in the reader's schema, e.g. ``fields[1].type``."""
    return _path(place, 3)


def path_in_writer(place: Place | None) -> str:
    """The place in the writer's schema."""
    return _path(place, 2)


def _path(place: Place | None, side: int) -> str:
    segments: list[str] = []
    while place is not None and len(segments) < _SHOWN_SEGMENTS:
        number = place[side]
        if number is not None:
            segments.append(place[1].format(number))
        place = place[0]
    if place is not None:
        segments.append("\N{HORIZONTAL ELLIPSIS}")
    return ".".join(reversed(segments)).replace(".[", "[")
