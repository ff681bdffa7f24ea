"""Python values to bytes."""

from cpython.object cimport PyObject

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

    cdef void empty(self) noexcept
    cdef int occupy(self) except -1
