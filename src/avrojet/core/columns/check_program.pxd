"""The loop's assumptions about a program, checked once when the program is made."""

from avrojet.core.columns.decode_columns cimport ColumnOp

cdef enum:
    NO_TABLE = -1               # the program has no columns


cdef int ensure_program(const ColumnOp* ops, Py_ssize_t count, int table) except -1
