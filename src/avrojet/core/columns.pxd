"""Bytes to columns."""

from avrojet.core.column cimport Column
from avrojet.core.plan cimport Plan


cdef class ColumnSet:
    cdef Plan plan
    cdef Column* root
    cdef readonly object layout
    cdef bint wrapped
