"""Bytes to Python values."""

from cpython.object cimport PyObject
from libc.stdint cimport uint8_t

from avrojet.core.ground.cursor cimport Cursor
from avrojet.core.plan.node cimport Node
from avrojet.core.plan.plan cimport Plan


cdef PyObject* decode_value(const Node* node, Cursor* c) noexcept


cdef class RowDecoder:
    cdef Plan plan


cdef object decode_whole(RowDecoder decoder, const uint8_t* data, Py_ssize_t size)
