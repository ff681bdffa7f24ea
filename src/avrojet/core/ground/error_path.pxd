"""Where an error happened: steps noted while a failed call unwinds, so that success pays nothing."""

from cpython.object cimport PyObject

from avrojet.core.plan.node cimport Field


cdef enum:
    # The innermost places and the outermost one are kept; those between them are elided.
    TRAIL_LENGTH = 32


cdef struct Place:
    const Field* field          # a field of a record, or
    PyObject* key               # the key of a map (owned), or
    Py_ssize_t index            # the index of an array's item


cdef struct Trail:
    Place places[32]
    Py_ssize_t length


cdef void trail_field(Trail* trail, const Field* field) noexcept nogil
cdef void trail_key(Trail* trail, PyObject* key) noexcept
cdef void trail_index(Trail* trail, Py_ssize_t index) noexcept nogil
cdef void trail_clear(Trail* trail) noexcept
cdef str trail_path(Trail* trail)
cdef str trail_innermost(Trail* trail)
cdef str show_place(Place* place)
