"""A column's memory, sized by the previous batch and the rows so far; its nulls and text."""

from libc.stdint cimport INT32_MAX, INT64_MAX
from libc.string cimport memcpy, memset

from avrojet.core.ground.memory cimport memory_give, memory_room, memory_take

cdef extern from "columns.h":
    bint avrojet_is_ascii(const uint8_t*, Py_ssize_t) nogil
    bint avrojet_utf8_valid(const uint8_t*, Py_ssize_t) nogil
    int64_t avrojet_count_zeros(const uint8_t*, int64_t) nogil

cdef enum:
    # Values or bytes that are allocated at once: a buffer's pages cost nothing until they are used. Beyond this, at
    # most four times the known need: the first values may not be typical.
    SURE = 67108864
    # The widest types that are not strings of bytes: decimals of 38 digits, UUIDs, views; in bytes.
    NARROW = 16

cdef dict STORAGE = {
    "null": STORE_NULL, "bits": STORE_BITS, "values": STORE_VALUES, "bytes": STORE_BYTES,
    "views": STORE_VIEWS, "list": STORE_LIST, "struct": STORE_STRUCT, "members": STORE_MEMBERS,
    "sparse": STORE_SPARSE, "dense": STORE_DENSE,
}


# Making and freeing

cdef Column* new_columns(Py_ssize_t count) except NULL:
    # Whole cache lines: a thread that fills its columns should not slow down other threads.
    cdef Column* columns = <Column*>memory_take(count * sizeof(Column))
    if columns == NULL:
        raise MemoryError
    memset(columns, 0, count * sizeof(Column))
    return columns


cdef Column* column_new(object layout) except NULL:
    """An empty column as an ``avrojet.plan.arrow.layout.Column`` describes it."""
    cdef Column* column = new_columns(1)
    cdef int tables = 0
    try:
        describe(column, layout, &tables)
    except BaseException:
        column_free(column)
        raise
    return column


cdef int describe(Column* column, layout, int* tables) except -1:
    """Set what does not change. ``column.table`` is set; ``tables`` counts tables."""
    cdef Py_ssize_t i
    cdef object bound = 10 ** layout.precision
    column.storage = STORAGE[layout.kind]
    column.text = layout.text
    column.width = layout.width
    column.nullable = layout.nullable
    column.precision = layout.precision
    if "null" in layout.branches:
        column.null_member = layout.branches.index("null")
    for i in range(4):
        column.bound[i] = bound >> 64 * i & 0xFFFFFFFFFFFFFFFF
    if layout.children:
        column.children = new_columns(len(layout.children))
        column.count = len(layout.children)
    for i in range(column.count):
        column.children[i].table = column.table
        if column.storage == STORE_LIST or column.storage == STORE_DENSE:
            tables[0] += 1
            column.children[i].table = tables[0]
        describe(&column.children[i], layout.children[i], tables)
    column.wide = column.width if column.width > NARROW else 0
    for i in range(column.count if column.storage != STORE_LIST else 0):
        column.wide += column.children[i].wide
    if layout.symbols is not None:
        column.dictionary = new_columns(1)
        column.dictionary.storage = STORE_BYTES
        column.dictionary.width = 4
        for symbol in layout.symbols:
            add_bytes(column.dictionary, symbol.encode())
    return 0


cdef int add_bytes(Column* column, bytes value) except -1:
    cdef Py_ssize_t size = len(value)
    if column_reserve(column, 1, 0) or column_reserve_data(column, column.length, size):
        raise MemoryError
    memcpy(column.data + column.used, <const char*>value, size)
    column.used += size
    column_end(column, column.length, column.used)
    column.length += 1
    return 0


cdef Column* column_take(Column* column) except NULL:
    """Move the rows of a column to a new one; the old one is empty then, and expects as many again."""
    cdef Column* taken = new_columns(1)
    try:
        copy_shape(taken, column)
        if complete(column, column.length):
            raise MemoryError
    except BaseException:
        column_free(taken)
        raise
    move(taken, column, column.length)
    return taken


cdef int copy_shape(Column* copy, const Column* column) except -1:
    """Copy everything but the rows."""
    cdef Py_ssize_t i
    copy[0] = column[0]
    forget(copy)
    copy.children = copy.dictionary = NULL
    copy.count = 0
    if column.dictionary != NULL:
        copy.dictionary = new_columns(1)
        copy_shape(copy.dictionary, column.dictionary)
        copy_bytes(copy.dictionary, column.dictionary)
    if column.count:
        copy.children = new_columns(column.count)
        copy.count = column.count
    for i in range(column.count):
        copy_shape(&copy.children[i], &column.children[i])
    return 0


cdef void forget(Column* column) noexcept nogil:
    """Drop all rows, and all memory."""
    column.length = column.capacity = column.nulls = column.used = column.room = column.checked = 0
    column.values = column.validity = column.data = NULL


cdef int copy_bytes(Column* copy, const Column* column) except -1:
    if resize(copy, 0, max(column.length, 1)) or resize_data(copy, column.used):
        raise MemoryError
    memcpy(copy.values, column.values, (column.length + 1) * 4 if column.capacity else 0)
    memcpy(copy.data, column.data, column.used)
    copy.length = column.length
    copy.used = column.used
    return 0


cdef int complete(Column* column, int64_t length) noexcept nogil:
    """Allocate buffers for columns that have never had a value, as Arrow requires."""
    cdef Py_ssize_t i
    cdef int fault = 0
    if column.capacity == 0:
        fault = resize(column, 0, 1)
    for i in range(column.count):
        fault = fault or complete(&column.children[i], child_length(column, i, length))
    return fault


cdef void move(Column* taken, Column* column, int64_t length) noexcept nogil:
    """Move the rows to a column of the same shape, and set the lengths of its children."""
    cdef Py_ssize_t i
    for i in range(column.count):
        move(&taken.children[i], &column.children[i], child_length(column, i, length))
    taken.values = column.values
    taken.validity = column.validity
    taken.data = column.data
    taken.used = column.used
    if column.validity != NULL:
        taken.nulls = avrojet_count_zeros(column.validity, length)
    taken.length = length
    taken.capacity = column.capacity
    column.expected = length
    column.expected_data = column.used
    forget(column)


cdef int64_t child_length(const Column* column, Py_ssize_t i, int64_t length) noexcept nogil:
    """The length of a child of a column of that length."""
    if column.storage == STORE_LIST or column.storage == STORE_DENSE:
        return column.children[i].length
    return length


cdef void column_free(Column* column) noexcept nogil:
    drop(column)
    memory_give(column)


cdef void drop(Column* column) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(column.count):
        drop(&column.children[i])
    memory_give(column.values)
    memory_give(column.validity)
    memory_give(column.data)
    memory_give(column.children)
    if column.dictionary != NULL:
        column_free(column.dictionary)


# Growing

cdef int64_t column_row_bytes(const Column* column) noexcept nogil:
    """Bytes per row, without the contents of lists and strings."""
    cdef int64_t bytes = column.width
    cdef Py_ssize_t i
    for i in range(column.count if column.storage != STORE_LIST else 0):
        bytes += column_row_bytes(&column.children[i])
    return bytes


cdef int column_reserve(Column* column, int64_t more, int64_t aim) noexcept nogil:
    """Reserve room for ``more`` values, or return a ReadError; if it has to grow, to at least ``aim`` in all."""
    # Wide types are bounded like strings.
    cdef int64_t most = INT32_MAX // max(column.wide, <int64_t>1)
    cdef int64_t needed = column.length + more
    cdef int64_t ample = max(needed + needed // 2, min(aim, max(4 * needed, SURE)), column.expected)
    if needed <= column.capacity:
        return 0
    if needed > most:
        return READ_FULL
    if ample > needed and resize(column, column.length, min(ample, most)) == 0:
        return 0
    return resize(column, column.length, needed)


cdef int resize(Column* column, int64_t length, int64_t capacity) noexcept nogil:
    """Allocate room for ``capacity`` values, of which there are ``length``."""
    cdef Py_ssize_t i
    cdef int fault = 0
    cdef bint fresh = column.capacity == 0
    if column.storage == STORE_BITS:
        fault = enlarge(&column.values, (length + 7) // 8, (capacity + 7) // 8, 0)
    elif column.storage == STORE_BYTES or column.storage == STORE_LIST:
        fault = enlarge(&column.values, 0 if fresh else (length + 1) * column.width, (capacity + 1) * column.width, -1)
        if not fault and fresh:
            column_end(column, -1, 0)
    elif column.width:
        fault = enlarge(&column.values, length * column.width, capacity * column.width, -1)
    if not fault and (column.storage == STORE_BYTES or column.storage == STORE_VIEWS) and column.room == 0:
        fault = resize_data(column, max(column.expected_data, 4 * capacity))
    if not fault and column.storage == STORE_DENSE:
        fault = enlarge(&column.data, length * 4, capacity * 4, -1)
    if column.storage != STORE_LIST:
        for i in range(column.count):
            fault = fault or resize(&column.children[i], child_length(column, i, length), capacity)
    if not fault and column.nullable and column.storage != STORE_NULL:
        fault = enlarge(&column.validity, (length + 7) // 8, (capacity + 7) // 8, 0xFF)
    if not fault:
        column.capacity = capacity
    return fault


cdef int enlarge(uint8_t** memory, int64_t kept, int64_t size, int fill) noexcept nogil:
    """Enlarge memory, keeping the first bytes and setting the others to ``fill``, if that is not negative.

    At least one byte is allocated, so that no buffer is NULL.
    """
    cdef uint8_t* larger = <uint8_t*>memory_take(max(size, 1))
    if larger == NULL:
        return READ_MEMORY
    if kept:
        memcpy(larger, memory[0], kept)
    if fill >= 0:
        memset(larger + kept, fill, memory_room(larger) - kept)
    memory_give(memory[0])
    memory[0] = larger
    return 0


cdef int column_reserve_data(Column* column, int64_t row, int64_t more) noexcept nogil:
    """Reserve room for ``more`` bytes: enough for all rows reserved, if they are like those so far."""
    cdef int64_t needed = column.used + more
    cdef int64_t aim = 0
    if needed <= column.room:
        return 0
    if needed > most_data(column):
        return READ_FULL
    if row:
        aim = <int64_t>(1.1 * <double>needed / <double>row * <double>column.capacity)
    if resize_data(column, max(needed + needed // 2, min(aim, max(4 * needed, SURE)))) == 0:
        return 0
    return resize_data(column, needed)


cdef int64_t most_data(const Column* column) noexcept nogil:
    return INT64_MAX // 4 if column.width == 8 else INT32_MAX


cdef int resize_data(Column* column, int64_t size) noexcept nogil:
    cdef int fault = enlarge(&column.data, column.used, min(size, most_data(column)) + COPY_SLACK, -1)
    if not fault:
        column.room = min(<int64_t>memory_room(column.data) - COPY_SLACK, most_data(column))
    return fault


# Values

cdef void column_null(Column* column, int64_t row) noexcept nogil:
    """Store a null; in a column without nulls, a value below the null of an enclosing struct."""
    cdef Py_ssize_t i
    cdef Column* member
    if column.validity != NULL:
        column.validity[row >> 3] &= <uint8_t>~(1 << (row & 7))
    if column.storage == STORE_BYTES or column.storage == STORE_LIST:
        column_end(column, row, column_offset(column, row))
    elif column.storage == STORE_SPARSE:
        column.values[row] = <uint8_t>column.null_member
    elif column.storage == STORE_DENSE:
        member = &column.children[column.null_member]
        column.values[row] = <uint8_t>column.null_member
        (<int32_t*>column.data)[row] = <int32_t>member.length
        column_null(member, member.length)
        member.length += 1
    elif column.width == 8:
        (<int64_t*>column.values)[row] = 0
    elif column.width:
        memset(column.values + row * column.width, 0, column.width)
    if column.storage != STORE_LIST and column.storage != STORE_DENSE:
        for i in range(column.count):
            column_null(&column.children[i], row)


cdef void column_cut(Column* column, int64_t length, int64_t touched) noexcept nogil:
    """Remove the rows from ``length`` on, in time proportional to their number.

    :param touched: rows that may have been begun, including a failed one. The rows of columns within lists are
        known by their own lengths, which count an item before it is read.
    """
    cdef Py_ssize_t i
    if column.capacity == 0 or touched <= length:
        return
    if column.storage == STORE_BITS:
        cut_bits(column.values, length, touched, 0)
    elif column.storage == STORE_BYTES:
        column.used = column_offset(column, length)
    if column.validity != NULL:
        cut_bits(column.validity, length, touched, 0xFF)
    column.checked = min(column.checked, length)
    if column.storage == STORE_DENSE:
        cut_members(column, length)
    elif column.storage == STORE_LIST:
        column_cut(&column.children[0], column_offset(column, length), column.children[0].length)
    else:
        for i in range(column.count):
            column_cut(&column.children[i], length, touched)
    column.length = length


cdef void cut_bits(uint8_t* bits, int64_t length, int64_t touched, uint8_t fill) noexcept nogil:
    cdef int64_t whole = (length + 7) // 8
    cdef uint8_t kept = <uint8_t>((1 << (length & 7)) - 1)
    if length & 7:
        bits[whole - 1] = (bits[whole - 1] & kept) | (fill & <uint8_t>~kept)
    if touched > 8 * whole:
        memset(bits + whole, fill, (touched + 7) // 8 - whole)


cdef void cut_members(Column* column, int64_t length) noexcept nogil:
    """The same for a dense union's members: each row begun is one more in one of them."""
    cdef int64_t removed[128]
    cdef int64_t begun = 0
    cdef int64_t row
    cdef Py_ssize_t i
    memset(removed, 0, sizeof(removed))
    for i in range(column.count):
        begun += column.children[i].length
    for row in range(length, begun):
        removed[column.values[row]] += 1
    for i in range(column.count):
        column_cut(&column.children[i], column.children[i].length - removed[i], column.children[i].length)


cdef bint column_check_text(Column* column, int64_t length) noexcept nogil:
    """Whether the strings added since the last check are UTF-8, in this column and those within.

    Checked as a whole; and each string must begin with a character's first byte.
    """
    cdef Py_ssize_t i
    for i in range(column.count):
        if not column_check_text(&column.children[i], child_length(column, i, length)):
            return False
    if column.text and column.storage == STORE_BYTES and length > column.checked:
        if not check_strings(column, length):
            return False
        column.checked = length
    return True


cdef bint check_strings(const Column* column, int64_t length) noexcept nogil:
    cdef int64_t i, offset
    cdef int64_t start = column_offset(column, column.checked)
    if avrojet_is_ascii(column.data + start, column.used - start):
        return True
    if not avrojet_utf8_valid(column.data + start, column.used - start):
        return False
    for i in range(column.checked, length):
        offset = column_offset(column, i)
        if offset < column.used and column.data[offset] & 0xC0 == 0x80:
            return False
    return True
