"""Encoded values that make a block."""

from libc.stdint cimport int64_t, uint8_t

from avrojet.core.ground.sink cimport Sink
from avrojet.core.plan.plan cimport Plan


cdef class BlockBuilder:
    cdef Plan plan
    cdef readonly Py_ssize_t count
    cdef Sink sink
    cdef int busy
    cdef int64_t empty_rows     # budget left for rows of no bytes

    cdef bint count_row(self, Py_ssize_t mark) noexcept
    # For callers that ensure that no one else uses the block.
    cdef int add(self, value) except -1
    cdef int add_encoded(self, Py_ssize_t count, const uint8_t* data, Py_ssize_t size) except -1
    cdef int spend(self, Py_ssize_t count, int64_t cost) except -1
    cdef bytes collected(self)
    cdef bytes framed(self, bytes sync_marker)
    cdef void empty(self) noexcept
    cdef int look(self) except -1
    cdef int occupy(self) except -1


cdef int add_number(object error, int64_t number) except -1
