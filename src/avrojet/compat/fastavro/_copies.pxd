"""Dicts and lists that are given out as copies."""

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
    cdef Py_ssize_t* holders    # of each dict and list while nobody has the copy

    cdef void count(self) noexcept
    cdef bint is_back(self) noexcept


cdef class Copies:
    cdef list containers        # each after those in it
    cdef list kept              # keeps the keys alive
    cdef Link* links            # by owner
    cdef Py_ssize_t link_count
    cdef object root
    cdef Py_ssize_t root_place  # of the root among the containers, -1: it is none

    cdef Lent lent              # the copy that is given out again
    cdef Py_ssize_t calls       # since it was
    cdef Py_ssize_t patience    # calls after which another is lent

    cdef int collect(self) except -1
    cdef object lend(self)
    cdef object new(self)
    cdef object make(self)
