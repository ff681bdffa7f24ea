"""What encoding asks of a value's class: which branch of a union it stands for, and which symbol of an enum."""

from cpython.object cimport PyObject

from collections.abc import Mapping

from avrojet.core.plan.node cimport *

cdef object ABSENT = object()


cdef Py_ssize_t branch_of_class(PyObject* table, PyObject* value) noexcept:
    """The branch of a union for values of this class, or of the nearest class above it; -1 if there is none."""
    cdef dict branches = <dict>table
    try:
        for base in type(<object>value).__mro__:
            branch = branches.get(base)
            if branch is not None:
                return branch
    except BaseException:       # a metaclass without a hash
        return -1
    return -1


cdef Py_ssize_t member_index(const Node* node, PyObject* value) noexcept:
    """The number of the symbol that a member of the enum's class stands for; -1 for any other value."""
    cdef Py_ssize_t i
    for i in range(node.count):
        if node.objects[i] == value:
            return i
    return -1


cdef dict entries_of_object(const Node* node, object value):
    """A Mapping as a dict, or the attributes of an object under the names of fields; None if it has none of them."""
    cdef Py_ssize_t i
    if isinstance(value, Mapping):
        return dict(value)
    entries = {}
    for i in range(node.count):
        item = getattr(value, <str>node.form.names[i], ABSENT)
        if item is not ABSENT:
            entries[<str>node.fields[i].name] = item
    return entries or None
