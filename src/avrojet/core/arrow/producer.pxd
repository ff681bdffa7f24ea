"""Columns handed to other libraries."""

from avrojet.core.columns.column cimport Column


cdef struct Shared:
    # A column, of an ArrowColumn and of each array that shows it or a part of it.
    long references
    Column* root


cdef class ArrowColumn:
    cdef Shared* shared
    cdef readonly object layout


cdef int arrow_take(ArrowColumn taker, Column* column, object layout) except -1
