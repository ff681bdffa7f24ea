"""The columns of a batch being filled, which ``core.arrow`` exports."""

from libc.stdint cimport int64_t

from avrojet.core.columns.column cimport Column
from avrojet.core.ground.cursor cimport Cursor
from avrojet.core.columns.compile_columns cimport Program


cdef class ColumnSet:
    cdef readonly object layout
    cdef Column* root
    cdef Program program
    cdef bint wrapped
    cdef Py_ssize_t taken

    cdef tuple place(self, const Column* column)


cdef Column* ensure_root(ColumnSet columns) except NULL
cdef object fault_error(Cursor* c, str what, int64_t row, tuple place)
