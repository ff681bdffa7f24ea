"""Queries of encoding about a value's class: which branch of a union it stands for, which symbol of an enum."""

from cpython.object cimport PyObject

from collections.abc import Mapping
from types import MemberDescriptorType

from avrojet.core.objects.form cimport READ_MRO
from avrojet.core.objects.form import find_attribute
from avrojet.core.plan.node cimport *


cdef Py_ssize_t branch_of_class(PyObject* table, PyObject* value) except -2:
    """The branch of a union for values of this class or its nearest base that has one; -1 if there is none.

    An exception of a metaclass's ``__hash__`` is passed on, except a TypeError: the class has no branch then.
    """
    cdef dict branches = <dict>table
    cls = type(<object>value)
    try:
        branch = branches.get(cls)
        if branch is not None:
            return branch
        for base in READ_MRO(cls):
            branch = branches.get(base)
            if branch is not None:
                return branch
    except TypeError:
        return -1
    return -1


cdef Py_ssize_t member_index(const Node* node, PyObject* value) noexcept:
    """The index of the symbol for a member of the enum's class; -1 for any other value."""
    cdef Py_ssize_t i
    for i in range(node.count):
        if node.objects[i] == value:
            return i
    return -1


cdef bint is_absent(object value, object name, object error) except -1:
    """Whether an exception says that a value lacks the attribute, and not that its own code has failed."""
    if not isinstance(error, AttributeError):
        return False
    if error.name is not None and error.name != name:
        return False
    found = find_attribute(type(value), name)
    return type(found) is MemberDescriptorType or find_attribute(type(found), "__get__") is None


cdef dict entries_of(const Node* node, object value, bint attributes):
    """A Mapping as a dict, or the attributes that are fields, if the options allow; None for anything else."""
    cdef Py_ssize_t i
    if isinstance(value, Mapping):
        return dict(value)
    if not attributes:
        return None
    entries = {}
    for i in range(node.count):
        name = <object>(node.fields[i].name if node.form == NULL else node.form.names[i])
        try:
            entries[<object>node.fields[i].name] = getattr(value, name)
        except Exception as error:
            if not is_absent(value, name, error):
                raise
    return entries
