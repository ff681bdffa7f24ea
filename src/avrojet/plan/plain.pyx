"""The steps of schemas that are read as themselves, so that nothing can mismatch."""

from cpython.object cimport PyObject

from avrojet.plan.steps cimport Array, Branch, Convert, Enum, Field, Fixed, Map, Read, Record, Union, new_field
from avrojet.schema.model cimport (
    ArraySchema, EnumSchema, FixedSchema, MapSchema, RecordSchema, Schema, UnionSchema,
)

from avrojet.messages import show
from avrojet.plan.match import MEANING, branch_name
from avrojet.schema.defaults import Defaults
from avrojet.schema.defaults import describe as describe_problem
from avrojet.schema.logical import CLOCKS
from avrojet.schema.model import NO_DEFAULT, NO_PROPS, PRIMITIVE_TYPES

READS = {type: Read(type) for type in PRIMITIVE_TYPES}
NOT_YET = Read("null")  # placeholder for a child step until the walk reaches it

cdef dict _READS = READS
cdef dict _CLOCKS = CLOCKS
cdef object _NOT_YET = NOT_YET
cdef object _NO_DEFAULT = NO_DEFAULT
cdef object _NO_PROPS = NO_PROPS

cdef enum:
    # Indices in avrojet.schema.model.Field.
    NAME = 0
    TYPE = 1
    DEFAULT = 2
    ORDER = 4
    MEMBERS = 7


cdef class Plain:
    """Makes the step of each schema once, and only once for all unions of the same branches.

    Nothing is recursive: containers wait in a list for their contents, so schemas may be nested to any depth.

    :param meaning: the logical types.
    :param encodes_defaults: see :func:`avrojet.plan.resolve.resolve`.
    """

    def __init__(self, meaning, bint encodes_defaults):
        self.meaning = meaning
        self.is_usual = meaning is MEANING
        self.encodes_defaults = encodes_defaults
        self.steps = {}
        self.records = {}
        self.waiting = []
        self.defaults = None

    def step(self, schema):
        """The step of a schema, with all its contents."""
        step = self.of(schema)
        self.fill()
        return step

    def record(self, RecordSchema schema not None):
        """The step of a record, whatever attributes stand where it is referred to."""
        step = self.record_of(schema)
        self.fill()
        return step

    def union(self, UnionSchema schema not None):
        """The step of a union, or of another with the same branches, whatever its attributes."""
        step = self.union_of(schema)
        self.fill()
        return step

    def field(self, field, Py_ssize_t slot, step):
        """The field of a reader's record with the given step."""
        cdef Field made = new_field(field.name, slot, step, field.order)
        if not self.encodes_defaults or field.default is _NO_DEFAULT:
            return made
        unreadable = self.unreadable(field)
        if unreadable is not None:
            made.unreadable = describe_problem(unreadable, "default")
        else:
            made.default = self.encoded_default(field)
        return made

    def encoded_default(self, field):
        """The Avro encoding of a field's default."""
        return self._defaults().encode(field.type, field.default)

    def unreadable(self, field):
        """Why a field's default, which fits the type, is not a value of its logical type."""
        if not self.meaning.on:
            return None
        return self._defaults().verdict(field.type, field.default).unreadable

    def _defaults(self):
        if self.defaults is None:
            self.defaults = Defaults()
        return self.defaults

    cdef object of(self, Schema schema):
        """The step of a schema; its contents may wait."""
        cdef object key = <size_t><PyObject*>schema
        step = self.steps.get(key)
        if step is None:
            if schema is None:  # C would read the members of one
                raise TypeError("a node of a schema was made without what it contains")
            step = self.make(schema)
            if schema.logical is not None or schema.props is not _NO_PROPS:
                step = self.converted(step, schema)
            self.steps[key] = step
        return step

    cdef object converted(self, step, Schema schema):
        """What :meth:`avrojet.plan.meaning.Meaning.convert` returns; said again for the usual meaning of a type."""
        if not self.is_usual:
            return self.meaning.convert(step, schema, schema)
        if schema.logical is None:
            return step
        return Convert(step, schema.logical, schema, _CLOCKS.get(schema.logical.name))

    cdef object make(self, Schema schema):
        kind = type(schema)
        if kind is RecordSchema:
            return self.record_of(schema)
        if kind is UnionSchema:
            return self.union_of(schema)
        if kind is FixedSchema:
            return Fixed((<FixedSchema>schema).fullname, (<FixedSchema>schema).size)
        if kind is EnumSchema:
            return Enum((<EnumSchema>schema).fullname, (<EnumSchema>schema).symbols, (<EnumSchema>schema).symbols)
        if kind is ArraySchema:
            step = Array(_NOT_YET)
        elif kind is MapSchema:
            step = Map(_NOT_YET)
        else:
            return _READS[schema.type]
        self.waiting.append((step, schema))
        return step

    cdef object record_of(self, RecordSchema schema):
        cdef RecordSchema definition = schema if schema._definition is None else schema._definition
        cdef object key = <size_t><PyObject*>definition
        cdef Record step = self.records.get(key)
        if step is None:
            step = Record.__new__(Record)
            step.name = definition.fullname
            step.slots = tuple([name_of(field) for field in definition.fields])
            step.fields = []
            self.records[key] = step
            self.waiting.append((step, definition))
        return step

    cdef object union_of(self, UnionSchema schema):
        cdef tuple key = tuple([<size_t><PyObject*>branch for branch in schema.branches])
        cdef Py_ssize_t index
        step = self.steps.get(key)
        if step is None:
            steps = [
                Branch(index, branch_name(branch), branch, self.of(branch))
                for index, branch in enumerate(schema.branches)
            ]
            step = self.steps[key] = Union(tuple(steps))
        return step

    cdef int fill(self) except -1:
        """Fill everything that waits with its contents."""
        while self.waiting:
            step, schema = self.waiting.pop()
            if type(step) is Record:
                self.fill_record(step, (<RecordSchema?>schema).fields)
            elif type(step) is Array:
                (<Array>step).items = self.of((<ArraySchema?>schema).items)
            else:
                (<Map>step).values = self.of((<MapSchema?>schema).values)
        return 0

    cdef int fill_record(self, Record record, tuple fields) except -1:
        cdef Py_ssize_t slot
        cdef tuple field
        cdef list filled = record.fields
        for slot in range(len(fields)):
            field = <tuple>fields[slot]
            step = self.of(field[TYPE])
            if self.encodes_defaults and field[DEFAULT] is not _NO_DEFAULT:
                filled.append(self.field(field, slot, step))
            else:
                filled.append(new_field(field[NAME], slot, step, field[ORDER]))
        return 0


cdef str name_of(field):
    """The name of a field, which is made sure to be one: C reads its members."""
    if not isinstance(field, tuple) or len(<tuple>field) != MEMBERS or not isinstance((<tuple>field)[NAME], str):
        raise TypeError(f"a record has what is no Field: {show(field)}")
    return (<tuple>field)[NAME]
