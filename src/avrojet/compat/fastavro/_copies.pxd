"""Dicts and lists that are given out as copies."""

from cpython.object cimport PyObject


cdef struct Link:
    Py_ssize_t owner            # the container
    Py_ssize_t child            # the one in it
    Py_ssize_t index            # where in a list
    PyObject* key               # where in a dict


cdef class Copies:
    cdef list containers        # each behind those in it
    cdef list kept              # keeps the keys alive
    cdef Link* links            # by owner
    cdef Py_ssize_t link_count
    cdef object root
    cdef Py_ssize_t root_place  # of the root among the containers, -1: it is none

    cdef int collect(self) except -1
    cdef object make(self)
