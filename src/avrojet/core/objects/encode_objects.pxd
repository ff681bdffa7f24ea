"""What encoding asks of a value's class."""

from cpython.object cimport PyObject

from avrojet.core.plan.node cimport Node


cdef Py_ssize_t branch_of_class(PyObject* table, PyObject* value) noexcept
cdef Py_ssize_t member_index(const Node* node, PyObject* value) noexcept
cdef dict entries_of_object(const Node* node, object value)
