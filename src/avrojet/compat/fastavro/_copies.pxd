"""Dicts and lists that are returned as copies."""

from cpython.object cimport PyObject

from avrojet.compat.fastavro._known cimport Watch


cdef struct Link:
    Py_ssize_t owner            # the container
    Py_ssize_t child            # the one in it
    Py_ssize_t index            # where in a list
    PyObject* key               # where in a dict


cdef class Lent:
    cdef object root
    cdef Watch watch
    cdef Py_ssize_t* holders    # references to each dict and list while no other code has the copy

    cdef void count(self) noexcept
    cdef bint is_back(self) noexcept


cdef class Copies:
    cdef list containers        # each after those in it
    cdef list kept              # keeps the keys alive
    cdef Link* links            # by owner
    cdef Py_ssize_t link_count
    cdef object root
    cdef Py_ssize_t root_place  # index of the root in containers; -1: it is not one

    cdef Lent lent              # the copy that may be returned again
    cdef Py_ssize_t calls       # since it was returned
    cdef Py_ssize_t patience    # calls after which another takes its place

    cdef int collect(self) except -1
    cdef object lend(self)
    cdef object new(self)
    cdef object make(self)
