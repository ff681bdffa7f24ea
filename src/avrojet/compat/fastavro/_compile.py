"""fastavro's schemas and options to the plans of avrojet's core.

The only file of the facade that makes encoders and decoders.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Final

from avrojet.compat.fastavro import logical_readers, logical_writers
from avrojet.compat.fastavro._errors import read_error
from avrojet.compat.fastavro._known import Known, known
from avrojet.compat.fastavro._plans import Plans, Table
from avrojet.compat.fastavro._schemas import parse_schema, parsed_with_names
from avrojet.compat.fastavro._translate import BY_NAME, SOURCE, WIDE_FLOAT, Wishes, translate
from avrojet.compat.fastavro.types import NamedSchemas
from avrojet.core.plan.plan import freeze
from avrojet.core.rows.options import EncodeOptions
from avrojet.core.rows.row_encoder import RowEncoder
from avrojet.core.rows.rows import RowDecoder
from avrojet.core.text.rows import TextDecoder, TextEncoder
from avrojet.errors import ResolutionError
from avrojet.limits import on_new_defaults
from avrojet.plan.resolve import resolve
from avrojet.plan.steps import Array, Branch, Convert, Default, Fail, Map, Record, Step, Union
from avrojet.schema.model import EnumSchema, FixedSchema, RecordSchema, Schema

# Options of reading, as bits.
RECORD_NAME: Final = 1
RECORD_NAME_OVERRIDE: Final = 2
NAMED_TYPE: Final = 4
NAMED_TYPE_OVERRIDE: Final = 8

# Options of writing, as bits.
STRICT: Final = 1
STRICT_ALLOW_DEFAULT: Final = 2
NO_TUPLES: Final = 4

READ_OPTIONS: Final = {
    "return_record_name": RECORD_NAME,
    "return_record_name_override": RECORD_NAME_OVERRIDE,
    "return_named_type": NAMED_TYPE,
    "return_named_type_override": NAMED_TYPE_OVERRIDE,
}
WRITE_OPTIONS: Final = {
    "strict": STRICT,
    "strict_allow_default": STRICT_ALLOW_DEFAULT,
    "disable_tuple_notation": NO_TUPLES,
}


def flags_of(options: Mapping[str, Any], bits: Mapping[str, int]) -> int:
    """The bits of the options that are on."""
    flags = 0
    for name, bit in bits.items():
        if options.get(name):
            flags |= bit
    return flags


def is_strict(options: Mapping[str, Any]) -> bool:
    return bool(options.get("strict") or options.get("strict_allow_default"))


FIRST_READ: Final = 512  # bytes


class Reading:
    """Reads data of one schema.

    :ivar writer: the writer's schema as the core sees it.
    :ivar named: the named types of the reader, by fullname, in fastavro's form.
    :ivar hint: bytes that a datum may have, to read it in one step.
    """

    __slots__ = ("decoder", "hint", "named", "writer")

    def __init__(self, decoder: RowDecoder, writer: Schema, named: NamedSchemas) -> None:
        self.decoder = decoder
        self.writer = writer
        self.named = named
        self.hint = FIRST_READ

    def error(self, error: Exception) -> Exception:
        """Return the exception to raise for an error of the core."""
        return read_error(error, self.named)


def reading(
    writer: Any,
    reader: Any = None,
    flags: int = 0,
    unicode_errors: str = "strict",
    *,
    wide_floats: bool = False,
) -> Reading:
    """Return the object that reads data of the schema `writer` as `reader`, both as passed by users.

    :param wide_floats: the data have doubles in place of floats.
    """
    ours = known(reader) if reader else None
    return _plans.find(_make_reading, READERS, known(writer), ours, (flags, unicode_errors, wide_floats))


def reading_of(writer: Known, reader: Known | None, flags: int, unicode_errors: str) -> Reading:
    """:func:`reading` for schemas that are already known."""
    return _plans.find(_make_reading, READERS, writer, reader, (flags, unicode_errors, False))


def emitting(schema: Any, *, tagged: bool) -> TextDecoder:
    """Return the object that makes fastavro's JSON from data that :func:`writing` wrote with `wide_floats`.

    :param tagged: show a union's value with its type.
    """
    return _plans.find(_make_emitting, None, known(schema), None, (tagged,))


def _make_emitting(schema: Any, _: None, tagged: bool) -> TextDecoder:
    steps = _wide_steps(*parsed_with_names(schema))
    plan = freeze(steps, tagged=(lambda branch: True) if tagged else None)
    return TextDecoder(plan, spaced=True, ascii_only=True, bare_floats=True)


def parsing(schema: Any) -> TextEncoder:
    """Return the object that makes such data from fastavro's JSON, with defaults filled in."""
    return _plans.find(_make_parsing, None, known(schema), None, ())


def _make_parsing(schema: Any, _: None) -> TextEncoder:
    steps = _wide_steps(*parsed_with_names(schema))
    return TextEncoder(freeze(steps, encoding=True), EncodeOptions(fill_defaults=True))


def _wide_steps(parsed: Any, named: NamedSchemas) -> Step:
    steps = resolve(translate(parsed, named, Wishes(wide_floats=True)), defaults=True)
    _name_floats(steps)
    return steps


def _name_floats(root: Step) -> None:
    """Give branches of doubles that represent floats the name ``float``."""
    for step in _every_step(root):
        if isinstance(step, Branch) and WIDE_FLOAT in step.schema.props:
            step.name = "float"


def _make_reading(writer: Any, reader: Any, flags: int, unicode_errors: str, wide_floats: bool) -> Reading:
    table = logical_readers.LOGICAL_READERS.copy()  # other threads may change it
    logical = {key: convert is logical_readers.BUILT_IN.get(key) for key, convert in table.items()}
    wishes = Wishes(logical, wide_floats=wide_floats)
    named: NamedSchemas = {}
    # Old files may have defaults that do not fit. They do not matter to a reader with its own schema.
    theirs = translate(parse_schema(writer, named, _ignore_default_error=bool(reader)), named, wishes)
    ours = None
    if reader:
        wishes = replace(wishes, writer_names=frozenset(named))
        named = {}
        ours = translate(parse_schema(reader, named), named, wishes)
    resolved = ours is not None
    custom = {key: _converting(convert, resolved) for key, convert in table.items() if not logical[key]}
    try:
        steps = resolve(theirs, ours, custom=custom.keys(), lenient=True)
    except ResolutionError as error:
        raise read_error(error, named) from None
    if resolved:
        _order_as_written(steps)
    tagged = _tagged_branches(steps, flags) if flags else frozenset()
    plan = freeze(
        steps,
        tagged=(lambda branch: id(branch) in tagged) if tagged else None,
        converters=custom,
        unicode_errors=unicode_errors,
    )
    return Reading(RowDecoder(plan), theirs, named)


def _order_as_written(root: Step) -> None:
    """Give the keys of records fastavro's order: the writer's, then the fields that only the reader has."""
    for step in _every_step(root):
        if isinstance(step, Record):
            seen = [field for field in step.fields if field.slot >= 0]
            step.slots = tuple([field.name for field in seen])
            for slot, field in enumerate(seen):
                field.slot = slot


def writing(schema: Any, flags: int = 0, *, wide_floats: bool = False) -> RowEncoder:
    """Return the object that writes values of a schema as passed by users."""
    return _plans.find(_make_writing, WRITERS, known(schema), None, (flags, wide_floats))


def writing_of(schema: Known, flags: int) -> RowEncoder:
    """:func:`writing` for a schema that is already known."""
    return _plans.find(_make_writing, WRITERS, schema, None, (flags, False))


def _make_writing(schema: Any, _: None, flags: int, wide_floats: bool) -> RowEncoder:
    table = logical_writers.LOGICAL_WRITERS.copy()  # other threads may change it
    logical = {key: convert is logical_writers.BUILT_IN.get(key) for key, convert in table.items()}
    custom = {key: _preparing(convert) for key, convert in table.items() if not logical[key]}
    wishes = Wishes(logical, wide_floats=wide_floats)
    steps = resolve(translate(*parsed_with_names(schema), wishes), custom=custom.keys(), defaults=True)
    if wide_floats:
        _name_floats(steps)
    strict = bool(flags & STRICT)
    options = EncodeOptions(
        tuple_tags=not flags & NO_TUPLES,
        type_keys=True,
        fill_defaults=not strict,
        fill_nulls=not flags & (STRICT | STRICT_ALLOW_DEFAULT),
        refuse_extra=bool(flags & (STRICT | STRICT_ALLOW_DEFAULT)),
        truncate_times=True,
        naive_is_local=True,
        lenient=True,
    )
    return RowEncoder(freeze(steps, encoding=True, first_fit=True, converters=custom), options)


def _converting(convert: Any, resolved: bool) -> Callable[[Schema], Callable[[Any], Any]]:
    def bind(schema: Schema) -> Callable[[Any], Any]:
        source = schema.props[SOURCE]
        return partial(_call_reader, convert, source, source if resolved else None)

    return bind


def _call_reader(convert: Any, writer_schema: Any, reader_schema: Any, data: Any) -> Any:
    return convert(data, writer_schema, reader_schema)


def _preparing(prepare: Any) -> Callable[[Schema], Callable[[Any], Any]]:
    return lambda schema: lambda value: prepare(value, schema.props[SOURCE])


# Which branches of unions are shown with their name


def _tagged_branches(root: Step, flags: int) -> frozenset[int]:
    """The ids of the branches to show as ``(name, value)``."""
    return frozenset(
        id(branch) for step in _every_step(root) if isinstance(step, Union) for branch in _tagged(step, flags)
    )


def _tagged(union: Union, flags: int) -> list[Branch]:
    branches = [branch for branch in union.branches if isinstance(branch, Branch)]
    records = [branch for branch in branches if _is_record(branch.schema)]
    named = [branch for branch in branches if _is_record(branch.schema) or _is_named(branch.schema)]
    if flags & NAMED_TYPE_OVERRIDE and len(named) == 1:
        return []
    if flags & NAMED_TYPE:
        return [branch for branch in branches if branch in named or branch.schema.type == "error"]
    if not flags & RECORD_NAME or (flags & RECORD_NAME_OVERRIDE and len(records) == 1):
        return []
    return records


def _is_record(schema: Schema) -> bool:
    """Whether fastavro treats it as a record; it does so with any branch that is given by its name."""
    return schema.type == "record" or BY_NAME in schema.props


def _is_named(schema: Schema) -> bool:
    return isinstance(schema, RecordSchema | EnumSchema | FixedSchema) and schema.type != "error"


def _every_step(root: Step) -> Iterator[Step]:
    seen: set[int] = set()
    waiting = [root]
    while waiting:
        step = waiting.pop()
        if id(step) not in seen:
            seen.add(id(step))
            yield step
            waiting.extend(_inner(step))


def _inner(step: Step) -> Iterable[Step]:
    if isinstance(step, Record):
        return [field.step for field in step.fields]
    if isinstance(step, Union):
        return step.branches
    if isinstance(step, Array):
        return [step.items]
    if isinstance(step, Map):
        return [step.values]
    if isinstance(step, Branch | Convert | Default | Fail):
        return [step.step]
    return []


_plans: Final = Plans()
READERS: Final = Table(logical_readers.LOGICAL_READERS)
WRITERS: Final = Table(logical_writers.LOGICAL_WRITERS)
on_new_defaults(_plans.clear)
