"""Columns exported to other libraries."""

from avrojet.core.columns.column cimport Column


cdef struct Shared:
    # A column, shared by an ArrowColumn and each array that shows it or a part of it.
    long references
    Column* root


cdef class ArrowColumn:
    cdef Shared* shared
    cdef readonly object layout


cdef int arrow_take(ArrowColumn taker, Column* column, object layout) except -1
