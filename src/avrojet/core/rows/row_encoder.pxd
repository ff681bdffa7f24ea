"""The entry point for encoding one value."""

from libc.stdint cimport uint8_t

from avrojet.core.plan.plan cimport Planned


cdef class RowEncoder(Planned):
    cdef int options


cdef object encode_after(RowEncoder encoder, const uint8_t* head, Py_ssize_t size, value)
