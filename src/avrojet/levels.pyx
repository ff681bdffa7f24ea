"""How deeply data are nested; any module may import this one.

Much of CPython's C code is recursive: its readers and writers of JSON, ``repr``, ``==``. The bound on its recursion
differs between versions, and some allow more than a thread's stack holds. So the depth is checked here first,
without recursion.
"""

from collections.abc import Mapping

from cpython.object cimport PyObject

cdef extern from "Python.h":
    int PyUnicode_KIND(str text)
    void* PyUnicode_DATA(str text)
    Py_UCS4 PyUnicode_READ(int kind, void* data, Py_ssize_t index) nogil

AT_ONCE = 400
# Levels that fit any stack: CPython's C code takes up to 250 bytes for each.

cdef Py_ssize_t AT_ONCE_IN_C = AT_ONCE


def text_is_deep(str text not None):
    """Whether the objects and arrays of a JSON text nest deeper than AT_ONCE."""
    if len(text) <= AT_ONCE_IN_C or openings(PyUnicode_KIND(text), PyUnicode_DATA(text), len(text)) <= AT_ONCE_IN_C:
        return False
    return exceeds(PyUnicode_KIND(text), PyUnicode_DATA(text), len(text), AT_ONCE_IN_C, len(text))


def text_is_wide(str text not None, Py_ssize_t most):
    """Whether a JSON text, which does not nest deep, has more than so many values beside others: each costs much
    more memory than the two characters that it may have."""
    if text.count(",") <= most:
        return False
    return exceeds(PyUnicode_KIND(text), PyUnicode_DATA(text), len(text), len(text), most)


cdef Py_ssize_t openings(int kind, void* data, Py_ssize_t length) noexcept:
    """How many characters begin an object or an array, or stand in text and look so."""
    cdef const unsigned char* narrow = <const unsigned char*>data
    cdef Py_ssize_t at, found = 0
    if kind == 1:   # by itself, so that processors look at many at a time
        for at in range(length):
            found += narrow[at] == c"[" or narrow[at] == c"{"
        return found
    for at in range(length):
        found += PyUnicode_READ(kind, data, at) == c"[" or PyUnicode_READ(kind, data, at) == c"{"
    return found


cdef bint exceeds(int kind, void* data, Py_ssize_t length, Py_ssize_t most_levels, Py_ssize_t most) noexcept:
    """Whether a JSON text has more levels, or more commas outside of strings."""
    cdef Py_ssize_t at = 0, levels = 0, commas = 0
    cdef bint quoted = False
    cdef Py_UCS4 character
    while at < length:
        character = PyUnicode_READ(kind, data, at)
        if quoted:
            if character == c"\\":
                at += 1
            elif character == c'"':
                quoted = False
        elif character == c'"':
            quoted = True
        elif character == c"[" or character == c"{":
            levels += 1
            if levels > most_levels:
                return True
        elif character == c",":
            commas += 1
            if commas > most:
                return True
        elif character == c"]" or character == c"}":
            levels -= 1
        at += 1
    return False


def is_deep(data):
    """Whether dicts, lists, tuples and mappings are nested deeper than AT_ONCE; those that contain themselves are."""
    cdef Py_ssize_t left = AT_ONCE_IN_C
    cdef list level, inner
    cdef set seen
    if not nests(data):
        return False
    level = [data]
    while level:
        if left == 0:
            return True
        left -= 1
        inner, seen = [], set()
        for part in level:
            for each in part.values() if isinstance(part, Mapping) else part:
                if nests(each) and add_to(seen, each):
                    inner.append(each)
        level = inner
    return False


cdef inline bint nests(object data) except -1:
    kind = type(data)
    if kind is str or kind is int or kind is float or kind is bool or data is None:
        return False
    return isinstance(data, (dict, list, tuple)) or isinstance(data, Mapping)


cdef bint add_to(set seen, object found) except -1:
    """Whether it is new: an object in several places is visited once per level."""
    cdef object key = <size_t><PyObject*>found
    if key in seen:
        return False
    seen.add(key)
    return True
