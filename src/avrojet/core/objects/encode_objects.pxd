"""Queries of encoding about a value's class."""

from cpython.object cimport PyObject

from avrojet.core.plan.node cimport Node


cdef Py_ssize_t branch_of_class(PyObject* table, PyObject* value) except -2
cdef Py_ssize_t member_index(const Node* node, PyObject* value) noexcept
cdef bint is_absent(object value, object name, object error) except -1
cdef dict entries_of(const Node* node, object value, bint attributes)
