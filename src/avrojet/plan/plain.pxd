"""What walks over schemas keep for those that are read as themselves."""

from avrojet.plan.steps cimport Record


cdef class Plain:
    cdef object meaning
    cdef bint encodes_defaults
    cdef dict steps
    cdef dict records
    cdef list waiting
    cdef object defaults

    cdef object of(self, schema)
    cdef object make(self, schema)
    cdef object record_of(self, definition)
    cdef object union_of(self, schema)
    cdef int fill(self) except -1
    cdef int fill_record(self, Record record, tuple fields) except -1
