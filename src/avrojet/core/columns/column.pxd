"""A column being filled: Arrow's buffers, and a tree of columns for nested types.

The table and a list's items count their rows in ``length``. The columns within a struct are as long as the
struct, so that a row of a table has the same index in all columns but those within lists.
"""

from libc.stdint cimport int32_t, int64_t, uint8_t, uint64_t

from avrojet.core.ground.failures cimport READ_FULL, READ_MEMORY


cdef enum Storage:
    STORE_NULL
    STORE_BITS                  # values: one bit each
    STORE_VALUES                # values: width bytes each
    STORE_BYTES                 # values: offsets of width bytes into data
    STORE_VIEWS                 # values: 16 bytes each: short text, or its place in data
    STORE_LIST                  # values: offsets of width bytes into the child
    STORE_STRUCT
    STORE_MEMBERS               # a union as a struct with at most one member that is not null
    STORE_SPARSE                # a union: values: one byte each, the active member
    STORE_DENSE                 # the same, and data: int32 offsets into that member


cdef extern from "columns.h":
    enum:
        COPY_SLACK "AVROJET_COPY_SLACK"
    ctypedef struct Column "AvrojetColumn":
        uint8_t* values
        uint8_t* validity
        uint8_t* data
        int64_t used
        int64_t room
        int64_t nulls
        int64_t length
        int64_t capacity
        int storage
        bint text
        bint nullable
        int precision
        Py_ssize_t width
        int null_member
        int table
        int64_t wide
        int64_t checked
        int64_t expected
        int64_t expected_data
        uint64_t bound[4]
        Py_ssize_t count
        Column* children
        Column* dictionary


cdef Column* column_new(object layout) except NULL
cdef Column* column_take(Column* column) except NULL
cdef void column_free(Column* column) noexcept nogil
cdef int64_t column_row_bytes(const Column* column) noexcept nogil
cdef int column_reserve(Column* column, int64_t more, int64_t aim) noexcept nogil
cdef int column_reserve_data(Column* column, int64_t row, int64_t more) noexcept nogil
cdef void column_null(Column* column, int64_t row) noexcept nogil
cdef void column_cut(Column* column, int64_t length, int64_t touched) noexcept nogil
cdef bint column_check_text(Column* column, int64_t length) noexcept nogil


cdef inline int64_t column_offset(const Column* column, int64_t row) noexcept nogil:
    """The offset of a row's value, in data or the child."""
    if column.width == 8:
        return (<const int64_t*>column.values)[row]
    return (<const int32_t*>column.values)[row]


cdef inline void column_end(Column* column, int64_t row, int64_t end) noexcept nogil:
    """Set where the value of a row ends."""
    if column.width == 8:
        (<int64_t*>column.values)[row + 1] = end
    else:
        (<int32_t*>column.values)[row + 1] = <int32_t>end
