"""Python values to bytes."""

from cpython.object cimport PyObject
from libc.stdint cimport int64_t

from avrojet.core.plan.node cimport Node
from avrojet.core.plan.plan cimport Plan
from avrojet.core.ground.sink cimport Sink


cdef bint encode_value(const Node* node, PyObject* value, Sink* s) noexcept


cdef class RowEncoder:
    cdef Plan plan
    cdef int options


cdef class BlockBuilder:
    cdef Plan plan
    cdef readonly Py_ssize_t count
    cdef Sink sink
    cdef int busy
    cdef int64_t empty_rows     # what rows of no bytes may still count

    cdef bint count_row(self, Py_ssize_t mark) noexcept
    cdef void empty(self) noexcept
    cdef int occupy(self) except -1
