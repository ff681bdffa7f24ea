"""The loop's assumptions about a program, checked once when the program is made.

The loop writes into columns as an op says, without checks: an op with the wrong column would write through
a NULL, or out of bounds. No data can lead to that, only a mistake in ``compile_columns``, which is found
here, before any data are read.
"""

from libc.stdint cimport int64_t, uint16_t

from avrojet.core.columns.column cimport *
from avrojet.core.columns.decode_columns cimport *
from avrojet.core.columns.decode_decimals cimport *
from avrojet.core.columns.decode_records cimport *


cdef enum:
    # Storages and widths as sets of bits.
    ALL = -1
    BITS = 1 << STORE_BITS
    VALUES = 1 << STORE_VALUES
    BYTES = 1 << STORE_BYTES
    VIEWS = 1 << STORE_VIEWS
    LISTS = 1 << STORE_LIST
    SIDE_BY_SIDE = 1 << STORE_MEMBERS | 1 << STORE_SPARSE
    DENSE = 1 << STORE_DENSE


cdef enum:
    # What an op needs besides a column, also as a set.
    NODE = 1
    POSITIONS = 2
    ITEMS = 4                   # a program for the rows of its column's child; for no column, if it has none
    SAME_ROW = 8                # a program for the same row
    BRANCHES = 16               # as many programs as its count
    MEMBER = 32                 # its count is the index of a child, whose rows its program fills
    OTHERS = 64                 # its count is the index of a child


cdef struct Demand:
    # The requirements of an op.
    Call call                   # NULL: no call
    int storages                # allowed for its column; 0: it uses none
    int64_t widths              # allowed for its column
    int parts


cdef int64_t width(int bytes) noexcept:
    return <int64_t>1 << bytes


cdef Demand demand(int storages, int64_t widths=ALL, Call call=NULL, int parts=0) noexcept:
    return Demand(call, storages, widths, parts)


# Ops that the loop itself performs, by code.
cdef Demand CODES[FILL_CODES]
CODES[<int>FILL_END] = demand(0)
CODES[<int>FILL_BOOLEAN] = demand(BITS)
CODES[<int>FILL_INT] = demand(VALUES, width(4))
CODES[<int>FILL_WIDE_INT] = demand(VALUES, width(8))
CODES[<int>FILL_LONG] = demand(VALUES, width(8))
CODES[<int>FILL_FLOAT] = demand(VALUES, width(4))
CODES[<int>FILL_DOUBLE] = demand(VALUES, width(8))
CODES[<int>FILL_BYTES] = demand(BYTES, width(4), more_room)
CODES[<int>FILL_LARGE] = demand(BYTES, width(8), more_room)
CODES[<int>FILL_VIEW] = demand(VIEWS, width(16), fill_view)
CODES[<int>FILL_NULLABLE] = demand(ALL, ALL, fill_null)
CODES[<int>FILL_NULLABLE_BOOLEAN] = demand(BITS, ALL, fill_null)
CODES[<int>FILL_NULLABLE_DOUBLE] = demand(VALUES, width(8), fill_null)
CODES[<int>FILL_NULLABLE_BYTES] = demand(BYTES, width(4), fill_null)
CODES[<int>FILL_NULLABLE_VIEW] = demand(VIEWS, width(16), fill_null)
CODES[<int>FILL_LIST] = demand(LISTS, width(4) | width(8), fill_list, ITEMS)
CODES[<int>PASS_INT] = demand(0)
CODES[<int>PASS_LONG] = demand(0)
CODES[<int>PASS_BYTES] = demand(0)
CODES[<int>PASS_FIXED] = demand(0)
CODES[<int>PASS_NULLABLE] = demand(0)
CODES[<int>PASS_NULLABLE_FIXED] = demand(0)
CODES[<int>PASS_NULLABLE_BYTES] = demand(0)
CODES[<int>PASS_LIST] = demand(0, ALL, pass_list, ITEMS)

# Functions that FILL_CALL calls.
cdef enum:
    MOST_CALLS = 32
cdef Demand[MOST_CALLS] CALLS
cdef int calls = 0


cdef int called(Demand each) except -1:
    global calls
    CALLS[calls] = each
    calls += 1
    return 0

called(demand(ALL, ALL, fill_null))
called(demand(VALUES, ALL, fill_fixed))
called(demand(VALUES, width(4), fill_enum, POSITIONS))
called(demand(VALUES, width(4) | width(8), fill_int_as_real))
called(demand(VALUES, width(4) | width(8), fill_long_as_real))
called(demand(VALUES, width(8), fill_float_as_double))
called(demand(LISTS, width(4) | width(8), fill_list, ITEMS))
called(demand(ALL, ALL, fill_union, BRANCHES))
called(demand(SIDE_BY_SIDE, ALL, fill_others, OTHERS))
called(demand(DENSE, ALL, fill_dense, MEMBER))
called(demand(ALL, ALL, fill_default, NODE | SAME_ROW))
called(demand(VALUES, width(4) | width(8), fill_time, NODE))
called(demand(VALUES, width(8), fill_rescaled, NODE))
called(demand(VALUES, width(16) | width(32), fill_decimal, NODE))
called(demand(BYTES | VIEWS, width(4) | width(8) | width(16), fill_decimal_text, NODE))
called(demand(VALUES, width(8), fill_decimal_double, NODE))
called(demand(VALUES, width(16), fill_uuid))
called(demand(VALUES, width(16), fill_interval))
called(demand(BYTES | VIEWS, width(4) | width(8) | width(16), fill_record_text, NODE))
called(demand(BYTES | VIEWS, width(4) | width(8) | width(16), fill_record_bytes, NODE))
called(demand(0, ALL, pass_over, NODE))
called(demand(0, ALL, renew))
called(demand(0, ALL, mismatch, NODE))
called(demand(0, ALL, too_deep))


cdef int ensure_program(const ColumnOp* ops, Py_ssize_t count, int table) except -1:
    """Raise if one of the ops would break the loop's assumptions.

    :param count: number of ops, including the end.
    :param table: whose rows the program fills, see ``column``.
    """
    cdef Py_ssize_t i
    for i in range(count):
        if not is_sound(&ops[i], count - i - 1, table):
            raise RuntimeError(
                f"internal error: op {i} ({ops[i].code}) of {count} does not fit its column; please report it"
            )
    return 0


cdef bint is_sound(const ColumnOp* op, Py_ssize_t left, int table) noexcept:
    cdef const Demand* wanted = demand_of(op)
    if wanted == NULL or (wanted.call != NULL and op.call != wanted.call):
        return False
    if wanted.storages and not has_column(op.column, wanted, table):
        return False
    return has_parts(op, wanted.parts) and is_sound_jump(op, left)


cdef const Demand* demand_of(const ColumnOp* op) noexcept:
    cdef const Demand* each
    cdef int i
    if op.code != FILL_CALL:
        return &CODES[op.code] if 0 <= op.code < FILL_CODES else NULL
    for i in range(calls):
        each = &CALLS[i]
        if op.call == each.call:
            return each
    return NULL


cdef bint has_column(const Column* column, const Demand* wanted, int table) noexcept:
    if column == NULL or column.table != table:
        return False
    if not wanted.storages & 1 << column.storage:
        return False
    if column.storage == STORE_LIST and column.count != 1:
        return False
    return wanted.widths == ALL or (column.width < 63 and wanted.widths >> column.width & 1)


cdef bint has_parts(const ColumnOp* op, int parts) noexcept:
    cdef Py_ssize_t i
    if (parts & NODE and op.node == NULL) or (parts & POSITIONS and op.positions == NULL):
        return False
    if parts & (MEMBER | OTHERS) and not 0 <= op.count < op.column.count:
        return False
    if parts & ITEMS:
        return has_program(op, 0, NO_TABLE if op.column == NULL else op.column.children[0].table)
    if parts & MEMBER:
        return has_program(op, 0, op.column.children[op.count].table)
    if parts & SAME_ROW:
        return has_program(op, 0, op.column.table)
    if parts & BRANCHES:
        for i in range(op.count):
            if not has_program(op, i, op.column.table):
                return False
    return True


cdef bint has_program(const ColumnOp* op, Py_ssize_t i, int table) noexcept:
    """Whether the op has that program, and it fills the rows of that table."""
    return op.programs != NULL and op.programs[i] != NULL and op.programs[i].table == <uint16_t>table


cdef bint is_sound_jump(const ColumnOp* op, Py_ssize_t left) noexcept:
    """Whether the ops that an op skips, or performs itself, are there, and on the same column."""
    if op.code == FILL_NULLABLE:
        return 0 <= op.count < left and is_sound_null(op)
    if op.code == FILL_NULLABLE_BOOLEAN:
        return is_fused(op, left, FILL_BOOLEAN)
    if op.code == FILL_NULLABLE_DOUBLE:
        return is_fused(op, left, FILL_DOUBLE)
    if op.code == FILL_NULLABLE_BYTES:
        return is_fused(op, left, FILL_BYTES)
    if op.code == FILL_NULLABLE_VIEW:
        return is_fused(op, left, FILL_VIEW)
    if op.code == PASS_NULLABLE:
        return 0 <= op.count < left
    if op.code == PASS_NULLABLE_FIXED or op.code == PASS_NULLABLE_BYTES:
        return left > 1 and op.count == 1 and op[1].code == (
            PASS_FIXED if op.code == PASS_NULLABLE_FIXED else PASS_BYTES
        )
    return (op.code != FILL_LIST and op.code != PASS_LIST) or op.count > 0


cdef bint is_fused(const ColumnOp* op, Py_ssize_t left, int code) noexcept:
    """Whether the next op is the only one that a null skips, and writes the same column."""
    return (
        left > 1 and op.count == 1 and op[1].code == code and op[1].column == op.column
        and op.column.nullable and is_sound_null(op)
    )


cdef bint is_sound_null(const ColumnOp* op) noexcept:
    """Whether the column's nulls can be written without a call, if the op says so."""
    cdef const Column* column = op.column
    if op.null_kind == NULL_NUMBER:
        return column.nullable and column.storage == STORE_VALUES and column.width == 8
    if op.null_kind == NULL_BYTES:
        return column.nullable and column.storage == STORE_BYTES and column.width == 4
    return True
