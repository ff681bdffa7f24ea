"""The way in to encoding one value."""

from avrojet.core.plan.plan cimport Plan


cdef class RowEncoder:
    cdef Plan plan
    cdef int options
