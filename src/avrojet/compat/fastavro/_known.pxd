"""Schemas that were seen before."""

from cpython.object cimport PyObject
from libc.stdint cimport uint64_t


cdef struct WatchedDict:
    PyObject* dict
    PyObject* items             # a tuple of its keys and values in turn, if dicts have no versions
    uint64_t version


cdef struct WatchedList:
    PyObject* list
    PyObject** items            # what it held
    Py_ssize_t size


cdef class Watch:
    cdef WatchedDict* dicts
    cdef WatchedList* lists
    cdef Py_ssize_t dict_count, list_count
    cdef list kept              # keeps alive what the pointers lead to

    cdef int note(self, list dicts, list lists) except -1
    cdef bint same(self) noexcept


cdef class Known:
    cdef readonly object schema
    cdef readonly dict made
    cdef readonly bint shared
    cdef readonly Py_ssize_t size
    cdef tuple last             # the plan last found, and its key


cdef enum:
    SLOTS = 256                 # objects that are known by their identity: a power of two
    PROBES = 4                  # slots that one may be in
    MOST_CHARACTERS = 1 << 22   # of all of them, approximately; plans are bounded likewise (see avrojet.cache)


cdef class Seen:
    cdef object root
    cdef Watch watch
    cdef Known known
    cdef bint plain             # consists only of dicts and lists, so that results made from it may be copied


cdef Known known_schema(object schema)
cdef Known plain_schema(object schema)
cdef Seen seen_object(object schema)
