"""Encode routines of the logical types (specification: Logical Types)."""

from cpython.object cimport PyObject

from avrojet.core.plan.node cimport Kind, Node
from avrojet.core.ground.sink cimport Sink


cdef bint encode_date(const Node* node, PyObject* value, Sink* s) noexcept
cdef bint encode_time(const Node* node, PyObject* value, Sink* s) noexcept
cdef bint encode_timestamp(const Node* node, PyObject* value, Sink* s) noexcept
cdef bint encode_duration(const Node* node, PyObject* value, Sink* s) noexcept
cdef bint encode_decimal(const Node* node, PyObject* value, Sink* s) noexcept
cdef bint encode_big_decimal(const Node* node, PyObject* value, Sink* s) noexcept
cdef bint encode_uuid(const Node* node, PyObject* value, Sink* s) noexcept
cdef bint can_be_read(const Node* node, Py_ssize_t start, PyObject* value, Sink* s) noexcept
cdef int logical_kind(PyObject* value) noexcept
cdef bint is_datetime64(object value) except -1
cdef int kind_of_datetime64(object value) except -1
