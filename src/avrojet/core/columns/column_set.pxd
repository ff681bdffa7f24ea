"""The columns of a batch that is being filled; ``arrow`` takes them."""

from avrojet.core.columns.column cimport Column
from avrojet.core.ground.cursor cimport Cursor
from avrojet.core.columns.compile_columns cimport Program


cdef class ColumnSet:
    cdef readonly object layout
    cdef Column* root
    cdef Program program
    cdef Py_ssize_t taken


cdef object fault_error(ColumnSet columns, Cursor* c, str what)
