"""Which branch of a union a Python value belongs to."""

from cpython.object cimport PyObject

from avrojet.core.ground.objects cimport *
from avrojet.core.plan.node cimport *

cdef enum:
    NO_SUCH_RECORD = -2
    # Returned if code of the value has raised: the exception is set.
    RAISED = -3
    # A kind that only attributes of the value reveal: see `foreign_kind`.
    KIND_FOREIGN = -1


cdef int other_kind(PyObject* value) noexcept
cdef int foreign_kind(PyObject* value) except -1
cdef bint is_numpy(object value, str kind) except -1
cdef Py_ssize_t find_name(const Node* node, PyObject* name) noexcept
cdef Py_ssize_t find_type_key(const Node* node, PyObject* value) noexcept
cdef bint holds_record(const Node* node) noexcept
cdef int is_of_type(const Node* node, PyObject* value) noexcept
cdef int fields_are_keys(const Node* node, PyObject* value) noexcept
cdef list order_of(const Node* node, const BranchList* fitting, PyObject* value)


cdef inline int kind_of(PyObject* value) noexcept:
    """The Kind of a value, or KIND_FOREIGN; the most common types are tested for here."""
    cdef PyTypeObject* kind = type_of(value)
    if value == Py_None:
        return KIND_NONE
    if kind == &PyUnicode_Type:
        return KIND_STR
    if kind == &PyLong_Type:
        return KIND_INT
    if kind == &PyFloat_Type:
        return KIND_FLOAT
    if kind == &PyDict_Type:
        return KIND_DICT
    if kind == &PyBool_Type:
        return KIND_BOOL
    if kind == &PyList_Type:
        return KIND_LIST
    if kind == &PyBytes_Type or kind == &PyByteArray_Type or kind == &PyMemoryView_Type:
        return KIND_BYTES
    return other_kind(value)
