"""A column that is being filled: Arrow's buffers, and a tree of columns for nested types.

The first grows are cold; what happens for every value is inline here or in ``columns``.
"""

from libc.stdint cimport int32_t, int64_t, uint8_t, uint64_t


cdef enum Storage:
    STORE_NULL
    STORE_BITS                  # values: one bit each
    STORE_VALUES                # values: width bytes each
    STORE_BYTES                 # values: int32 offsets into data
    STORE_LIST                  # values: int32 offsets into the kid
    STORE_STRUCT
    STORE_UNION                 # a struct of which one member at most is not null


cdef enum Fault:
    # What Cursor.error may hold beside a ReadError.
    FAULT_NONE = 0
    FAULT_MEMORY = -1
    FAULT_FULL = -2             # offsets have 32 bits
    FAULT_VALUE = -3            # the column's type cannot hold a value of the Avro type


cdef struct Column:
    int storage
    bint text
    Py_ssize_t width
    int64_t length
    int64_t capacity            # values that values, validity and the kids of a struct have room for
    int64_t nulls
    uint8_t* values
    uint8_t* validity           # bits, set beyond length; NULL: not nullable, or no room yet
    uint8_t* data
    int64_t used                # bytes of data
    int64_t room                # bytes that data has, less slack for copies in chunks
    int64_t checked             # strings known to be UTF-8
    int64_t expected            # length and used of the batch before
    int64_t expected_data
    bint nullable
    int precision
    uint64_t bound[4]           # 10 ** precision
    Py_ssize_t count
    Column* kids
    Column* dictionary          # the symbols of an enum, else NULL


cdef Column* column_new(object layout) except NULL
cdef Column* column_next(const Column* column) except NULL
cdef void column_free(Column* column) noexcept nogil
cdef int column_grow(Column* column, int64_t more, int64_t aim) noexcept nogil
cdef int column_grow_data(Column* column, int64_t more) noexcept nogil
cdef int column_complete(Column* column) noexcept nogil
cdef void column_null_within(Column* column) noexcept nogil
cdef bint column_check_text(Column* column) noexcept nogil


cdef inline int column_reserve(Column* column, int64_t more, int64_t aim) noexcept nogil:
    """Room for ``more`` values, or a Fault; where there is none, for ``aim`` in all at least."""
    if column.length + more <= column.capacity:
        return FAULT_NONE
    return column_grow(column, more, aim)


cdef inline void column_null(Column* column) noexcept nogil:
    """A null; in a column without nulls, a value to stand below the null of a struct around it."""
    cdef int64_t i = column.length
    if column.validity != NULL:
        column.validity[i >> 3] &= <uint8_t>~(1 << (i & 7))
        column.nulls += 1
    if column.storage == STORE_BYTES:
        (<int32_t*>column.values)[i + 1] = (<int32_t*>column.values)[i]
        column.length = i + 1
    elif column.storage == STORE_VALUES and column.width == 8:
        (<int64_t*>column.values)[i] = 0
        column.length = i + 1
    else:
        column_null_within(column)
