"""Programs that fill columns: their ops, the loop that runs them, and the functions it calls for rarer ops."""

from libc.stdint cimport int32_t, int64_t, uint8_t, uint16_t

from avrojet.core.columns.column cimport Column
from avrojet.core.ground.cursor cimport READ_MALFORMED, READ_TRUNCATED, Cursor, cur_fail

cdef extern from "decode_columns.h":
    enum:
        FILL_END
        FILL_CALL
        FILL_BOOLEAN
        FILL_INT
        FILL_WIDE_INT
        FILL_LONG
        FILL_FLOAT
        FILL_DOUBLE
        FILL_BYTES
        FILL_LARGE
        FILL_VIEW
        FILL_NULLABLE
        FILL_NULLABLE_BOOLEAN
        FILL_NULLABLE_DOUBLE
        FILL_NULLABLE_BYTES
        FILL_NULLABLE_VIEW
        FILL_LIST
        PASS_INT
        PASS_LONG
        PASS_BYTES
        PASS_FIXED
        PASS_NULLABLE
        PASS_NULLABLE_FIXED
        PASS_NULLABLE_BYTES
        PASS_LIST
        FILL_CODES
        NULL_NUMBER
        NULL_BYTES
    ctypedef struct Run "AvrojetRun":
        const uint8_t* end
        int64_t value_bytes
        int64_t items
        int64_t wanted
        int64_t row
        int damaged
        const Column* column
        void* cursor
    ctypedef struct ColumnOp "AvrojetOp":
        int code
        uint8_t null_tag
        uint8_t null_kind
        uint16_t table
        int64_t count
        Column* column
        const uint8_t* (*call)(const ColumnOp*, const uint8_t*, int64_t, Run*) noexcept nogil
        const void* node
        const ColumnOp** programs
        const int32_t* positions

ctypedef const uint8_t* (*Call)(const ColumnOp* op, const uint8_t* pos, int64_t row, Run* run) noexcept nogil


# For ops: returns NULL, with an error about the column.
cdef const uint8_t* failed(Run* run, int error, const Column* column=*) noexcept nogil

# Calls of the loop's own ops.
cdef const uint8_t* more_room(const ColumnOp* op, const uint8_t* pos, int64_t row, Run* run) noexcept nogil
cdef const uint8_t* fill_null(const ColumnOp* op, const uint8_t* pos, int64_t row, Run* run) noexcept nogil
cdef const uint8_t* fill_view(const ColumnOp* op, const uint8_t* pos, int64_t row, Run* run) noexcept nogil

# Ops implemented as calls. Each adds a value to the column, and returns the position after it or NULL.
cdef const uint8_t* fill_fixed(const ColumnOp* op, const uint8_t* pos, int64_t row, Run* run) noexcept nogil
cdef const uint8_t* fill_enum(const ColumnOp* op, const uint8_t* pos, int64_t row, Run* run) noexcept nogil
cdef const uint8_t* fill_int_as_real(const ColumnOp* op, const uint8_t* pos, int64_t row, Run* run) noexcept nogil
cdef const uint8_t* fill_long_as_real(const ColumnOp* op, const uint8_t* pos, int64_t row, Run* run) noexcept nogil
cdef const uint8_t* fill_float_as_double(const ColumnOp* op, const uint8_t* pos, int64_t row, Run* run) noexcept nogil
cdef const uint8_t* fill_list(const ColumnOp* op, const uint8_t* pos, int64_t row, Run* run) noexcept nogil
cdef const uint8_t* fill_union(const ColumnOp* op, const uint8_t* pos, int64_t row, Run* run) noexcept nogil
cdef const uint8_t* fill_others(const ColumnOp* op, const uint8_t* pos, int64_t row, Run* run) noexcept nogil
cdef const uint8_t* fill_dense(const ColumnOp* op, const uint8_t* pos, int64_t row, Run* run) noexcept nogil
cdef const uint8_t* fill_default(const ColumnOp* op, const uint8_t* pos, int64_t row, Run* run) noexcept nogil
cdef const uint8_t* fill_time(const ColumnOp* op, const uint8_t* pos, int64_t row, Run* run) noexcept nogil
cdef const uint8_t* fill_rescaled(const ColumnOp* op, const uint8_t* pos, int64_t row, Run* run) noexcept nogil
cdef const uint8_t* fill_decimal(const ColumnOp* op, const uint8_t* pos, int64_t row, Run* run) noexcept nogil
cdef const uint8_t* fill_uuid(const ColumnOp* op, const uint8_t* pos, int64_t row, Run* run) noexcept nogil
cdef const uint8_t* fill_interval(const ColumnOp* op, const uint8_t* pos, int64_t row, Run* run) noexcept nogil
cdef const uint8_t* pass_list(const ColumnOp* op, const uint8_t* pos, int64_t row, Run* run) noexcept nogil
cdef const uint8_t* pass_over(const ColumnOp* op, const uint8_t* pos, int64_t row, Run* run) noexcept nogil
cdef const uint8_t* renew(const ColumnOp* op, const uint8_t* pos, int64_t row, Run* run) noexcept nogil
cdef const uint8_t* mismatch(const ColumnOp* op, const uint8_t* pos, int64_t row, Run* run) noexcept nogil
cdef const uint8_t* too_deep(const ColumnOp* op, const uint8_t* pos, int64_t row, Run* run) noexcept nogil

cdef const uint8_t* fill_rows(
    const ColumnOp* program, const uint8_t* pos, int64_t row, int64_t count, Run* run
) noexcept nogil


cdef inline void run_init(Run* run, Cursor* c) noexcept nogil:
    """A run over the rest of the cursor's data."""
    run.end = c.end
    run.value_bytes = c.value_bytes
    run.items = c.items
    run.damaged = 0
    run.column = NULL
    run.cursor = c


cdef inline bint run_failed(const Run* run, Cursor* c) noexcept nogil:
    """Returns False, after recording in the cursor a failure that the loop itself has met."""
    if run.damaged == 2:
        return cur_fail(c, READ_TRUNCATED)
    return cur_fail(c, READ_MALFORMED) if run.damaged else False
