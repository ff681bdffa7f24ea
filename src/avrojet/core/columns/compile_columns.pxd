"""Programs: a frozen plan and its columns, compiled for the loop over rows."""

from avrojet.core.ground.arena cimport Arena
from avrojet.core.columns.column cimport Column
from avrojet.core.columns.decode_columns cimport ColumnOp
from avrojet.core.plan.plan cimport Plan


cdef class Program(Arena):
    cdef Plan plan
    cdef const ColumnOp* ops
    cdef dict parts             # (node, column, depth) -> address of ops, while compiling
    cdef Py_ssize_t passed      # values that go to no column, so far
    cdef bint budgets           # some items may have no bytes: they are bounded per datum


cdef Program compile_program(Plan plan, Column* column, object layout)
