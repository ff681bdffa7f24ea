"""Decode routines of the logical types (specification: Logical Types)."""

from cpython.object cimport PyObject
from libc.stdint cimport uint8_t

from avrojet.core.ground.cursor cimport Cursor
from avrojet.core.plan.node cimport Node


cdef PyObject* decode_date(const Node* node, Cursor* c) noexcept
cdef PyObject* decode_time(const Node* node, Cursor* c) noexcept
cdef PyObject* decode_timestamp(const Node* node, Cursor* c) noexcept
cdef PyObject* decode_rescaled(const Node* node, Cursor* c) noexcept
cdef PyObject* decode_duration(const Node* node, Cursor* c) noexcept
cdef PyObject* decode_decimal(const Node* node, Cursor* c) noexcept
cdef PyObject* decode_big_decimal(const Node* node, Cursor* c) noexcept
cdef PyObject* decode_uuid(const Node* node, Cursor* c) noexcept
cdef type uuid_class()
cdef bint is_uuid(PyObject* value) noexcept
cdef bint parse_uuid(const uint8_t* text, Py_ssize_t size, uint8_t* raw) noexcept nogil
