"""Decode routines of the logical types (specification: Logical Types)."""

from cpython.object cimport PyObject

from avrojet.core.cursor cimport Cursor
from avrojet.core.node cimport Node


cdef PyObject* decode_date(const Node* node, Cursor* c) noexcept
cdef PyObject* decode_time(const Node* node, Cursor* c) noexcept
cdef PyObject* decode_timestamp(const Node* node, Cursor* c) noexcept
cdef PyObject* decode_duration(const Node* node, Cursor* c) noexcept
cdef PyObject* decode_decimal(const Node* node, Cursor* c) noexcept
cdef PyObject* decode_big_decimal(const Node* node, Cursor* c) noexcept
cdef PyObject* decode_uuid(const Node* node, Cursor* c) noexcept
