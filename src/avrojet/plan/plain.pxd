"""What walks over schemas keep for those that are read as themselves."""

from avrojet.plan.steps cimport Record
from avrojet.schema.model cimport RecordSchema, Schema, UnionSchema


cdef class Plain:
    cdef object meaning
    cdef bint is_usual
    cdef bint encodes_defaults
    cdef dict steps
    cdef dict records
    cdef list waiting
    cdef object defaults

    cdef object of(self, Schema schema)
    cdef object converted(self, step, Schema schema)
    cdef object make(self, Schema schema)
    cdef object record_of(self, RecordSchema schema)
    cdef object union_of(self, UnionSchema schema)
    cdef int fill(self) except -1
    cdef int fill_record(self, Record record, tuple fields) except -1
