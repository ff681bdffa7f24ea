"""The steps of schemas that are read as themselves, so that nothing can mismatch."""

from avrojet.plan.steps cimport Array, Branch, Enum, Field, Fixed, Map, Read, Record, Union, new_field

from avrojet.plan.match import branch_name
from avrojet.schema.defaults import Defaults
from avrojet.schema.defaults import describe as describe_problem
from avrojet.schema.model import (
    NO_DEFAULT, PRIMITIVE_TYPES, ArraySchema, EnumSchema, FixedSchema, MapSchema, RecordSchema, UnionSchema,
)

READS = {type: Read(type) for type in PRIMITIVE_TYPES}
NOT_YET = Read("null")  # placeholder for a child step until the walk reaches it

cdef dict _READS = READS
cdef object _NOT_YET = NOT_YET
cdef object _NO_DEFAULT = NO_DEFAULT

cdef enum:
    # Indices in avrojet.schema.model.Field.
    NAME = 0
    TYPE = 1
    DEFAULT = 2
    ORDER = 4


cdef class Plain:
    """Makes the step of each schema once, and only once for all unions of the same branches.

    Nothing is recursive: containers wait in a list for their contents, so schemas may be nested to any depth.

    :param meaning: the logical types.
    :param encodes_defaults: see :func:`avrojet.plan.resolve.resolve`.
    """

    def __init__(self, meaning, bint encodes_defaults):
        self.meaning = meaning
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

    def record(self, schema):
        """The step of a record, whatever the attributes of the reference to it."""
        step = self.record_of(schema.definition)
        self.fill()
        return step

    def union(self, schema):
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

    cdef object of(self, schema):
        """The step of a schema; its contents may still wait."""
        step = self.steps.get(id(schema))
        if step is None:
            step = self.make(schema)
            if schema.props or schema.logical is not None:
                step = self.meaning.convert(step, schema, schema)
            self.steps[id(schema)] = step
        return step

    cdef object make(self, schema):
        kind = type(schema)
        if kind is RecordSchema:
            return self.record_of(schema.definition)
        if kind is UnionSchema:
            return self.union_of(schema)
        if kind is FixedSchema:
            return Fixed(schema.fullname, schema.size)
        if kind is EnumSchema:
            return Enum(schema.fullname, schema.symbols, schema.symbols)
        if kind is not ArraySchema and kind is not MapSchema:
            return _READS[schema.type]
        step = Array(_NOT_YET) if kind is ArraySchema else Map(_NOT_YET)
        self.waiting.append((step, schema))
        return step

    cdef object record_of(self, definition):
        cdef Record step = self.records.get(id(definition))
        cdef tuple fields
        if step is None:
            fields = definition.fields
            step = Record.__new__(Record)
            step.name = definition.fullname
            step.slots = tuple([(<tuple>field)[NAME] for field in fields])
            step.fields = []
            self.records[id(definition)] = step
            self.waiting.append((step, fields))
        return step

    cdef object union_of(self, schema):
        cdef tuple branches = schema.branches
        cdef tuple key = tuple([id(branch) for branch in branches])
        step = self.steps.get(key)
        if step is None:
            steps = [
                Branch(index, branch_name(branch), branch, self.of(branch))
                for index, branch in enumerate(branches)
            ]
            step = self.steps[key] = Union(tuple(steps))
        return step

    cdef int fill(self) except -1:
        """Fill everything that waits with its contents."""
        while self.waiting:
            step, schema = self.waiting.pop()
            if type(step) is Record:
                self.fill_record(step, schema)
            elif type(step) is Array:
                (<Array>step).items = self.of(schema.items)
            else:
                (<Map>step).values = self.of(schema.values)
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
