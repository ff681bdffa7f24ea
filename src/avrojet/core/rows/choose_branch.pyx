"""Which branch of a union a Python value belongs to: by its kind, by a name that it carries, by the keys of a dict."""

from cpython.object cimport PyObject

from avrojet.core.ground.objects cimport *
from avrojet.core.ground.sink cimport reraise
from avrojet.core.plan.node cimport *
from avrojet.core.rows.encode_logical cimport is_datetime64, kind_of_datetime64, logical_kind

cdef extern from "capi.h":
    PyObject* avrojet_dict_get(PyObject*, PyObject*, Py_hash_t)
    PyObject* avrojet_dict_next(PyObject*, Py_ssize_t*, PyObject*)

cdef str TYPE_KEY = "-type"
cdef Py_hash_t TYPE_KEY_HASH = hash(TYPE_KEY)


# By kind

cdef int other_kind(PyObject* value) noexcept:
    """The kind of a value whose class is not a built-in type itself; runs no code of the value."""
    if is_tuple(value):
        return KIND_TUPLE
    if is_str(value):
        return KIND_STR
    if is_int(value):
        return KIND_INT
    if is_float(value):
        return KIND_FLOAT
    if is_dict(value):
        return KIND_DICT
    if is_list(value):
        return KIND_LIST
    cdef int kind = logical_kind(value)
    return kind if kind != KIND_OTHER else KIND_FOREIGN


cdef int foreign_kind(PyObject* value) except -1:
    """The kind of a value of an unknown class: numpy's scalars are recognized by their dtype."""
    if is_datetime64(<object>value):
        return kind_of_datetime64(<object>value)
    if is_numpy(<object>value, "b"):
        return KIND_BOOL
    if is_numpy(<object>value, "f"):
        return KIND_FLOAT
    return KIND_INT if has_index(value) else KIND_OTHER


cdef bint is_numpy(object value, str kind) except -1:
    """Whether it is a numpy scalar of a kind, recognized by its dtype without importing numpy. Errors of a value's
    own dtype mean no, but interruptions pass."""
    try:
        return getattr(getattr(value, "dtype", None), "kind", None) == kind
    except MemoryError:
        raise
    except Exception:
        return False


# By name

cdef Py_ssize_t find_name(const Node* node, PyObject* name) noexcept:
    """The branch with a name, or -1. Compares the text itself, as a str subclass's __eq__ might do anything."""
    cdef Py_ssize_t i
    if is_str(name):
        for i in range(node.count):
            if compare_text(PyTuple_GET_ITEM(node.names, i), name) == 0:
                return i
    return -1


cdef Py_ssize_t find_type_key(const Node* node, PyObject* value) noexcept:
    """The record that a dict names under the key ``-type``; -1 without such a key, or RAISED."""
    cdef PyObject* name = avrojet_dict_get(value, <PyObject*>TYPE_KEY, TYPE_KEY_HASH)
    cdef Py_ssize_t branch
    if name == NULL:
        return -1 if PyErr_Occurred() == NULL else RAISED
    branch = find_name(node, name)
    decref(name)
    return branch if branch >= 0 and holds_record(node.children[branch]) else NO_SUCH_RECORD


cdef bint holds_record(const Node* node) noexcept:
    return is_record(node) or (node.op == OP_CUSTOM and is_record(node.child))


cdef int is_of_type(const Node* node, PyObject* value) noexcept:
    """Whether a dict does not name another record under ``-type``, or RAISED."""
    cdef PyObject* name = avrojet_dict_get(value, <PyObject*>TYPE_KEY, TYPE_KEY_HASH)
    cdef bint same
    if name == NULL:
        return True if PyErr_Occurred() == NULL else RAISED
    same = is_str(name) and compare_text(node.label, name) == 0
    decref(name)
    return same


# By the keys of a dict

cdef bint is_record(const Node* node) noexcept:
    return node.op == OP_RECORD or node.op == OP_RESOLVED or node.op == OP_TUPLE


cdef int fields_are_keys(const Node* node, PyObject* value) noexcept:
    """Whether a dict's keys are exactly the fields of a record, or RAISED."""
    cdef Py_ssize_t i
    cdef Py_ssize_t position = 0
    cdef bint ordered = True
    cdef PyObject* item
    if not is_record(node) or dict_size(value) != node.count:
        return False
    for i in range(node.count):
        item = avrojet_dict_next(value, &position, node.fields[i].name) if ordered else NULL
        if item == NULL:
            ordered = False
            item = avrojet_dict_get(value, node.fields[i].name, node.fields[i].hash)
        if item == NULL:
            return False if PyErr_Occurred() == NULL else RAISED
        decref(item)
    return True


cdef Py_ssize_t shared_keys(const Node* node, PyObject* value) except -2:
    """The number of fields of the record that are keys of the dict; -1 if it is not a record."""
    cdef Py_ssize_t i, shared = 0
    cdef PyObject* item
    if not is_record(node):
        return -1
    for i in range(node.count):
        item = avrojet_dict_get(value, node.fields[i].name, node.fields[i].hash)
        if item != NULL:
            shared += 1
            decref(item)
        elif PyErr_Occurred() != NULL:
            reraise()
    return shared


cdef list order_of(const Node* node, const BranchList* fitting, PyObject* value):
    """The candidates, best fit first; for a dict by descending number of shared keys, then maps.

    Records that share no key come after maps: they would lose everything in the dict.
    """
    cdef Py_ssize_t i
    cdef list scored = []
    for i in range(fitting.count):
        shared = shared_keys(node.children[fitting.branches[i]], value) if is_dict(value) else 0
        if shared == 0 and is_dict(value) and dict_size(value) > 0:
            shared = -2
        scored.append((-shared, i, fitting.branches[i]))
    scored.sort()
    return [branch for _, _, branch in scored]
