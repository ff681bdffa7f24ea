"""A column's memory: sized by what the batch before and the rows so far have needed, nulls, text."""

from cpython.mem cimport PyMem_RawCalloc, PyMem_RawFree
from libc.stdint cimport INT32_MAX
from libc.string cimport memcpy, memset

from avrojet.core.memory cimport memory_give, memory_room, memory_take

cdef extern from "columns.h":
    enum:
        COPY_SLACK "AVROJET_COPY_SLACK"
    bint avrojet_is_ascii(const uint8_t*, Py_ssize_t) nogil
    bint avrojet_utf8_valid(const uint8_t*, Py_ssize_t) nogil

cdef dict STORAGE = {
    "null": STORE_NULL, "bits": STORE_BITS, "values": STORE_VALUES, "bytes": STORE_BYTES,
    "list": STORE_LIST, "struct": STORE_STRUCT, "union": STORE_UNION,
}


# Making and freeing

cdef Column* new_columns(Py_ssize_t count) except NULL:
    cdef Column* columns = <Column*>PyMem_RawCalloc(count, sizeof(Column))
    if columns == NULL:
        raise MemoryError
    return columns


cdef Column* column_new(object layout) except NULL:
    """An empty column as an ``avrojet.plan.columns.Column`` describes it."""
    cdef Column* column = new_columns(1)
    try:
        describe(column, layout)
    except BaseException:
        column_free(column)
        raise
    return column


cdef int describe(Column* column, layout) except -1:
    cdef Py_ssize_t i
    cdef list kids = list(layout.kids)
    cdef object bound = 10 ** layout.precision
    column.storage = STORAGE[layout.kind]
    column.text = layout.text
    column.width = layout.width
    column.nullable = layout.nullable
    column.precision = layout.precision
    for i in range(4):
        column.bound[i] = bound >> 64 * i & 0xFFFFFFFFFFFFFFFF
    if kids:
        column.kids = new_columns(len(kids))
        column.count = len(kids)
    for i in range(column.count):
        describe(&column.kids[i], kids[i])
    if layout.symbols is not None:
        column.dictionary = new_columns(1)
        column.dictionary.storage = STORE_BYTES
        for symbol in layout.symbols:
            add_bytes(column.dictionary, symbol.encode())
    return 0


cdef int add_bytes(Column* column, bytes value) except -1:
    cdef Py_ssize_t size = len(value)
    if column_reserve(column, 1, 0) or column_grow_data(column, size):
        raise MemoryError
    memcpy(column.data + column.used, <const char*>value, size)
    column.used += size
    column.length += 1
    (<int32_t*>column.values)[column.length] = <int32_t>column.used
    return 0


cdef Column* column_next(const Column* column) except NULL:
    """An empty column like this one, which expects as many values."""
    cdef Column* fresh = new_columns(1)
    try:
        copy_shape(fresh, column)
    except BaseException:
        column_free(fresh)
        raise
    return fresh


cdef int copy_shape(Column* fresh, const Column* column) except -1:
    cdef Py_ssize_t i
    fresh[0] = column[0]
    fresh.length = fresh.capacity = fresh.nulls = fresh.used = fresh.room = fresh.checked = 0
    fresh.values = fresh.validity = fresh.data = NULL
    fresh.expected = column.length
    fresh.expected_data = column.used
    fresh.kids = fresh.dictionary = NULL
    fresh.count = 0
    if column.dictionary != NULL:
        fresh.dictionary = column_next(column.dictionary)
        copy_bytes(fresh.dictionary, column.dictionary)
    if column.count:
        fresh.kids = new_columns(column.count)
        fresh.count = column.count
    for i in range(column.count):
        copy_shape(&fresh.kids[i], &column.kids[i])
    return 0


cdef int copy_bytes(Column* copy, const Column* column) except -1:
    if resize(copy, column.length):
        raise MemoryError
    memcpy(copy.values, column.values, (column.length + 1) * 4)
    if column.used:
        memcpy(copy.data, column.data, column.used)
    copy.length = column.length
    copy.used = column.used
    return 0


cdef void column_free(Column* column) noexcept nogil:
    drop(column)
    PyMem_RawFree(column)


cdef void drop(Column* column) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(column.count):
        drop(&column.kids[i])
    memory_give(column.values)
    memory_give(column.validity)
    memory_give(column.data)
    PyMem_RawFree(column.kids)
    if column.dictionary != NULL:
        column_free(column.dictionary)


# Growing

cdef int column_grow(Column* column, int64_t more, int64_t aim) noexcept nogil:
    cdef int64_t needed = column.length + more
    if needed > INT32_MAX:
        return FAULT_FULL
    # At most four times what is sure to be needed: the first values may be nothing like the rest.
    return resize(column, min(max(needed + needed // 2, min(aim, 4 * needed), column.expected), INT32_MAX))


cdef int resize(Column* column, int64_t capacity) noexcept nogil:
    cdef Py_ssize_t i
    cdef int fault = FAULT_NONE
    cdef int64_t length = column.length
    if column.storage == STORE_BITS:
        fault = enlarge(&column.values, (length + 7) // 8, (capacity + 7) // 8, 0)
    elif column.storage == STORE_VALUES:
        fault = enlarge(&column.values, length * column.width, capacity * column.width, -1)
    elif column.storage == STORE_BYTES or column.storage == STORE_LIST:
        fault = enlarge(&column.values, (length + 1) * 4 if column.capacity else 0, (capacity + 1) * 4, -1)
        if not fault and length == 0:
            (<int32_t*>column.values)[0] = 0
        if not fault and column.storage == STORE_BYTES and column.room == 0:
            fault = resize_data(column, max(column.expected_data, 4 * capacity))
    elif column.storage == STORE_STRUCT or column.storage == STORE_UNION:
        for i in range(column.count):
            fault = fault or resize(&column.kids[i], capacity)
    if not fault and column.nullable and column.storage != STORE_NULL:
        fault = enlarge(&column.validity, (length + 7) // 8, (capacity + 7) // 8, 0xFF)
    if not fault:
        column.capacity = capacity
    return fault


cdef int enlarge(uint8_t** memory, int64_t kept, int64_t size, int fill) noexcept nogil:
    """More memory with the first bytes kept and the others set to ``fill``, if that is not negative.

    The first byte is there even where nothing is asked for, so that no buffer is NULL.
    """
    cdef uint8_t* larger = <uint8_t*>memory_take(max(size, 1))
    if larger == NULL:
        return FAULT_MEMORY
    if kept:
        memcpy(larger, memory[0], kept)
    if fill >= 0:
        memset(larger + kept, fill, memory_room(larger) - kept)
    memory_give(memory[0])
    memory[0] = larger
    return FAULT_NONE


cdef int column_grow_data(Column* column, int64_t more) noexcept nogil:
    """Room for ``more`` bytes: for all rows that there is room for, if they are like those so far."""
    cdef int64_t needed = column.used + more
    cdef int64_t aim = 0
    if needed > INT32_MAX:
        return FAULT_FULL
    if column.length:
        aim = <int64_t>(1.1 * <double>needed / <double>column.length * <double>column.capacity)
    return resize_data(column, min(max(needed + needed // 2, min(aim, 4 * needed)), INT32_MAX))


cdef int resize_data(Column* column, int64_t size) noexcept nogil:
    cdef int fault = enlarge(&column.data, column.used, size + COPY_SLACK, -1)
    if not fault:
        column.room = min(<int64_t>memory_room(column.data) - COPY_SLACK, INT32_MAX)
    return fault


cdef int column_complete(Column* column) noexcept nogil:
    """Buffers for the columns that have never had a value, as Arrow wants them."""
    cdef Py_ssize_t i
    cdef int fault = FAULT_NONE
    if column.capacity == 0:
        fault = resize(column, 1)
    for i in range(column.count):
        fault = fault or column_complete(&column.kids[i])
    return fault


# Values

cdef void column_null_within(Column* column) noexcept nogil:
    """The value of a null where it is not the most frequent kind; for a struct, a null in each member."""
    cdef int64_t i = column.length
    cdef Py_ssize_t k
    if column.storage == STORE_VALUES:
        memset(column.values + i * column.width, 0, column.width)
    elif column.storage == STORE_LIST:
        (<int32_t*>column.values)[i + 1] = (<int32_t*>column.values)[i]
    elif column.storage == STORE_STRUCT or column.storage == STORE_UNION:
        for k in range(column.count):
            column_null(&column.kids[k])
    column.length = i + 1


cdef bint column_check_text(Column* column) noexcept nogil:
    """Whether the strings added since the last check are UTF-8, in this column and those within.

    They are joined: well-formed as a whole, and each begins with a character's first byte.
    """
    cdef Py_ssize_t i
    for i in range(column.count):
        if not column_check_text(&column.kids[i]):
            return False
    if column.text and column.length > column.checked:
        if not check_strings(column, <const int32_t*>column.values):
            return False
        column.checked = column.length
    return True


cdef bint check_strings(const Column* column, const int32_t* offsets) noexcept nogil:
    cdef int64_t i
    cdef int32_t start = offsets[column.checked]
    if avrojet_is_ascii(column.data + start, column.used - start):
        return True
    if not avrojet_utf8_valid(column.data + start, column.used - start):
        return False
    for i in range(column.checked, column.length):
        if offsets[i] < column.used and column.data[offsets[i]] & 0xC0 == 0x80:
            return False
    return True
