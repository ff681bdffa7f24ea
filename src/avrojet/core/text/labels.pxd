"""Names as their bytes in JSON text, and look-up of a name by those bytes."""

from libc.stdint cimport int64_t, uint8_t

from avrojet.core.plan.node cimport NameTable
from avrojet.core.plan.plan cimport Plan

cdef list reachable(Plan plan)
cdef int label_for_emitting(Plan plan, bint spaced) except -1
cdef int label_for_parsing(Plan plan) except -1
cdef Py_ssize_t find_name(const NameTable* table, const uint8_t* data, Py_ssize_t size) noexcept nogil
