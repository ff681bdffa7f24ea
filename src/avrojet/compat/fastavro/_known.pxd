"""Schemas that were seen before."""

from cpython.object cimport PyObject
from libc.stdint cimport uint64_t


cdef struct WatchedDict:
    PyObject* dict
    PyObject* items             # a tuple of its keys and values by turns
    uint64_t version


cdef struct WatchedList:
    PyObject* list
    PyObject** items            # what it held
    Py_ssize_t size


cdef class Watch:
    cdef WatchedDict* dicts
    cdef WatchedList* lists
    cdef PyObject** items
    cdef Py_ssize_t dict_count, list_count
    cdef list kept              # keeps alive what the pointers lead to

    cdef int note(self) except -1
    cdef bint same(self) noexcept


cdef class Known:
    cdef readonly object schema
    cdef readonly dict made
    cdef readonly bint shared
    cdef tuple last             # the plan last found, with what it is for


cdef Known known_schema(object schema)
cdef Known plain_object(object schema)
cdef bint is_known(object schema)
