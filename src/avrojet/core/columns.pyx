"""Columns: bytes to Arrow buffers without the GIL, one routine per op; the table is at the foot.

A routine adds one value to its column, for which there is room. It returns the position behind the
value, or NULL with ``Cursor.error`` set. Where and why is no matter here: rows that fail are decoded
again by ``decode``, which tells. The position is handed on in a register; ``Cursor.pos`` is set only for
routines that other operations share.
"""

from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t, uint64_t
from libc.string cimport memcpy, memset

from avrojet.core.blocks cimport block_close, block_open
from avrojet.core.buffer cimport Held, hold, let_go
from avrojet.core.calendar cimport DAY_SECONDS, units_per_second
from avrojet.core.column cimport *
from avrojet.core.cursor cimport *
from avrojet.core.decode_logical cimport parse_uuid
from avrojet.core.node cimport *
from avrojet.core.plan cimport Plan
from avrojet.core.skip cimport skip_value
from avrojet.errors import DecodeError, LimitError, TruncatedError

cdef extern from *:
    """
    #include "columns.h"
    /* What is inline here is so in the loop over fields, whatever its size: what is cold has functions. */
    #undef CYTHON_INLINE
    #define CYTHON_INLINE AVROJET_ALWAYS_INLINE
    """

cdef extern from "columns.h":
    enum:
        COPY_SLACK "AVROJET_COPY_SLACK"
        LITTLE_ENDIAN "AVROJET_LITTLE_ENDIAN"
    bint likely "AVROJET_LIKELY"(bint) nogil
    void avrojet_copy_chunks(uint8_t*, const uint8_t*, Py_ssize_t) nogil
    const uint8_t* avrojet_take_varint(const uint8_t*, int64_t*) nogil
    bint avrojet_wide_number(const uint8_t*, Py_ssize_t, uint64_t*) nogil
    bint avrojet_wide_within(const uint64_t*, const uint64_t*) nogil
    void avrojet_wide_store(const uint64_t*, uint8_t*, Py_ssize_t) nogil
    uint32_t avrojet_load32le(const uint8_t*) nogil
    uint64_t avrojet_load64le(const uint8_t*) nogil
    double avrojet_bits_to_double(uint64_t) nogil
    double avrojet_float_to_double(uint32_t) nogil

ctypedef const uint8_t* (*Routine)(const Node*, Column*, const uint8_t*, Cursor*) noexcept nogil


cdef inline const uint8_t* fill(const Node* node, Column* column, const uint8_t* pos, Cursor* c) noexcept nogil:
    return FILL[node.op](node, column, pos, c)


cdef inline const uint8_t* fill_field(const Node* node, Column* column, const uint8_t* pos, Cursor* c) noexcept nogil:
    """One value. What most fields are is done in place, which saves them the call."""
    if node.op == OP_NULLABLE:
        if not likely(pos < c.end):
            return fill_union(node, column, pos, c)
        if pos[0] != 2 * node.index:
            if pos[0] != 2 - 2 * node.index:
                return fill_union(node, column, pos, c)
            column_null(column)
            return pos + 1
        node = node.kid
        pos += 1
    if node.op == OP_STRING:
        return fill_bytes(node, column, pos, c)
    elif node.op == OP_LONG:
        return fill_long(node, column, pos, c)
    elif node.op == OP_DOUBLE:
        return fill_double(node, column, pos, c)
    elif node.op == OP_INT:
        return fill_int(node, column, pos, c)
    elif node.op == OP_BOOLEAN:
        return fill_boolean(node, column, pos, c)
    return fill(node, column, pos, c)


cdef const uint8_t* failed(Cursor* c, const uint8_t* pos, int error, int64_t number=0) noexcept nogil:
    c.pos = pos
    cur_fail(c, error, number)
    return NULL


# Reading

cdef inline const uint8_t* take_long(const uint8_t* pos, Cursor* c, int64_t* out) noexcept nogil:
    cdef uint64_t low
    if pos < c.end:
        low = pos[0]
        if low < 0x80:
            out[0] = <int64_t>(low >> 1) ^ -<int64_t>(low & 1)
            return pos + 1
    return take_longer(pos, c, out)


cdef const uint8_t* take_longer(const uint8_t* pos, Cursor* c, int64_t* out) noexcept nogil:
    cdef const uint8_t* behind
    if c.end - pos >= 10:
        behind = avrojet_take_varint(pos, out)
        return behind if behind != NULL else failed(c, pos, READ_VARINT)
    c.pos = pos
    return c.pos if cur_long(c, out) else NULL


cdef inline const uint8_t* take_int(const uint8_t* pos, Cursor* c, int64_t* out) noexcept nogil:
    cdef uint64_t low
    if pos < c.end:
        low = pos[0]
        if low < 0x80:
            out[0] = <int64_t>(low >> 1) ^ -<int64_t>(low & 1)
            return pos + 1
    return take_longer_int(pos, c, out)


cdef const uint8_t* take_longer_int(const uint8_t* pos, Cursor* c, int64_t* out) noexcept nogil:
    cdef uint64_t low, high
    if c.end - pos >= 2 and pos[1] < 0x80:
        low = pos[0] & 0x7F
        high = pos[1]
        low |= high << 7
        out[0] = <int64_t>(low >> 1) ^ -<int64_t>(low & 1)
        return pos + 2
    c.pos = pos
    return c.pos if cur_int(c, out) else NULL


cdef inline const uint8_t* take_length(const uint8_t* pos, Cursor* c, int64_t* out) noexcept nogil:
    """The length of a string or bytes, and that many bytes are there."""
    pos = take_long(pos, c, out)
    if not likely(pos != NULL):
        return NULL
    # A negative length is a huge one here.
    if likely(<uint64_t>out[0] <= <uint64_t>(c.end - pos) and out[0] <= c.value_bytes):
        return pos
    return refuse_length(pos, c, out[0])


cdef const uint8_t* refuse_length(const uint8_t* pos, Cursor* c, int64_t size) noexcept nogil:
    if size < 0:
        return failed(c, pos, READ_LENGTH, size)
    return failed(c, pos, READ_VALUE_BYTES if size > c.value_bytes else READ_TRUNCATED, size)


cdef inline bint there(const uint8_t* pos, Cursor* c, int64_t size) noexcept nogil:
    if likely(size <= c.end - pos):
        return True
    failed(c, pos, READ_TRUNCATED)
    return False


# Writing

cdef inline void put_number(Column* column, int64_t value) noexcept nogil:
    """An integer in the width of the column: an int may go to a column of longs."""
    if column.width == 8:
        (<int64_t*>column.values)[column.length] = value
    else:
        (<int32_t*>column.values)[column.length] = <int32_t>value
    column.length += 1


cdef inline void put_real(Column* column, double value) noexcept nogil:
    if column.width == 8:
        (<double*>column.values)[column.length] = value
    else:
        (<float*>column.values)[column.length] = <float>value
    column.length += 1


cdef inline const uint8_t* put_bytes(Column* column, const uint8_t* pos, int64_t size, Cursor* c) noexcept nogil:
    cdef int64_t used = column.used
    if not likely(used + size <= column.room) and not grow_data(column, pos, size, c):
        return NULL
    if likely(c.end - pos >= size + COPY_SLACK):
        avrojet_copy_chunks(column.data + used, pos, size)
    else:
        memcpy(column.data + used, pos, size)
    column.used = used + size
    column.length += 1
    (<int32_t*>column.values)[column.length] = <int32_t>(used + size)
    return pos + size


cdef bint grow_data(Column* column, const uint8_t* pos, int64_t size, Cursor* c) noexcept nogil:
    cdef int fault = column_grow_data(column, size)
    return not fault or failed(c, pos, fault) != NULL


cdef inline const uint8_t* put_width(Column* column, const uint8_t* pos) noexcept nogil:
    memcpy(column.values + column.length * column.width, pos, column.width)
    column.length += 1
    return pos + column.width


# Primitive types

cdef const uint8_t* fill_null(const Node* node, Column* column, const uint8_t* pos, Cursor* c) noexcept nogil:
    column_null(column)
    return pos


cdef inline const uint8_t* fill_boolean(const Node* node, Column* column, const uint8_t* pos, Cursor* c) noexcept nogil:
    if not there(pos, c, 1):
        return NULL
    if pos[0] > 1:
        return failed(c, pos, READ_BOOLEAN, pos[0])
    column.values[column.length >> 3] |= <uint8_t>(pos[0] << (column.length & 7))
    column.length += 1
    return pos + 1


cdef inline const uint8_t* fill_int(const Node* node, Column* column, const uint8_t* pos, Cursor* c) noexcept nogil:
    cdef int64_t value
    pos = take_int(pos, c, &value)
    if pos != NULL:
        put_number(column, value)
    return pos


cdef inline const uint8_t* fill_long(const Node* node, Column* column, const uint8_t* pos, Cursor* c) noexcept nogil:
    cdef int64_t value
    pos = take_long(pos, c, &value)
    if likely(pos != NULL):
        (<int64_t*>column.values)[column.length] = value
        column.length += 1
    return pos


cdef const uint8_t* fill_float(const Node* node, Column* column, const uint8_t* pos, Cursor* c) noexcept nogil:
    """The bits as they are, so that every NaN stays what it is."""
    cdef uint32_t bits
    if not there(pos, c, 4):
        return NULL
    bits = avrojet_load32le(pos)
    if column.width == 4:
        (<uint32_t*>column.values)[column.length] = bits
        column.length += 1
    else:
        put_real(column, avrojet_float_to_double(bits))
    return pos + 4


cdef inline const uint8_t* fill_double(const Node* node, Column* column, const uint8_t* pos, Cursor* c) noexcept nogil:
    if not there(pos, c, 8):
        return NULL
    (<uint64_t*>column.values)[column.length] = avrojet_load64le(pos)
    column.length += 1
    return pos + 8


cdef inline const uint8_t* fill_bytes(const Node* node, Column* column, const uint8_t* pos, Cursor* c) noexcept nogil:
    """Bytes and strings alike: text is checked for all rows at once."""
    cdef int64_t size
    pos = take_length(pos, c, &size)
    if not likely(pos != NULL):
        return NULL
    return put_bytes(column, pos, size, c)


cdef const uint8_t* fill_fixed(const Node* node, Column* column, const uint8_t* pos, Cursor* c) noexcept nogil:
    return put_width(column, pos) if there(pos, c, node.size) else NULL


cdef const uint8_t* fill_enum(const Node* node, Column* column, const uint8_t* pos, Cursor* c) noexcept nogil:
    cdef int64_t index
    cdef int32_t position
    pos = take_int(pos, c, &index)
    if pos == NULL:
        return NULL
    if index < 0 or index >= node.count:
        return failed(c, pos, READ_ENUM, index)
    position = (<const int32_t*>node.data)[index]
    if position < 0:
        c.node = node
        return failed(c, pos, READ_SYMBOL, index)
    put_number(column, position)
    return pos


# Promotions (specification: Schema Resolution)

cdef const uint8_t* fill_int_as_real(const Node* node, Column* column, const uint8_t* pos, Cursor* c) noexcept nogil:
    cdef int64_t value
    pos = take_int(pos, c, &value)
    if pos != NULL:
        put_real(column, <double>value)
    return pos


cdef const uint8_t* fill_long_as_real(const Node* node, Column* column, const uint8_t* pos, Cursor* c) noexcept nogil:
    cdef int64_t value
    pos = take_long(pos, c, &value)
    if pos == NULL:
        return NULL
    if column.width == 4:
        # Straight to 24 digits: by way of a double it would be rounded twice.
        (<float*>column.values)[column.length] = <float>value
        column.length += 1
    else:
        put_real(column, <double>value)
    return pos


# Arrays and maps

cdef const uint8_t* fill_array(const Node* node, Column* column, const uint8_t* pos, Cursor* c) noexcept nogil:
    cdef Column* items = &column.kids[0]
    cdef const uint8_t* end
    cdef int64_t count
    while True:
        pos = open_items(column, items, node.kid.min_bytes, pos, c, &count, &end)
        if pos == NULL:
            return NULL
        if count == 0:
            break
        pos = fill_items(node.kid, items, pos, count, c)
        if not close_items(pos, c, end):
            return NULL
    return end_list(column, items, pos)


cdef const uint8_t* fill_map(const Node* node, Column* column, const uint8_t* pos, Cursor* c) noexcept nogil:
    """A map is a list of entries in Arrow too; a key that comes twice is there twice."""
    cdef Column* entries = &column.kids[0]
    cdef const uint8_t* end
    cdef int64_t count, i
    while True:
        pos = open_items(column, entries, node.kid.min_bytes + 1, pos, c, &count, &end)
        if pos == NULL:
            return NULL
        if count == 0:
            break
        for i in range(count):
            pos = fill_bytes(node, &entries.kids[0], pos, c)
            if pos != NULL:
                pos = fill(node.kid, &entries.kids[1], pos, c)
            if pos == NULL:
                return NULL
        entries.length += count
        if not close_items(pos, c, end):
            return NULL
    return end_list(column, entries, pos)


cdef const uint8_t* open_items(
    Column* column, Column* items, int64_t item_bytes, const uint8_t* pos, Cursor* c, int64_t* count,
    const uint8_t** end,
) noexcept nogil:
    """A block's head, and room for its items: for those of all lists, if they are like those so far."""
    cdef int64_t before = items.length - (<const int32_t*>column.values)[column.length]
    cdef double aim = 0
    cdef int fault
    c.pos = pos
    if not block_open(c, item_bytes, before, count, end):
        return NULL
    if items.length + count[0] > items.capacity:
        aim = <double>(items.length + count[0]) * <double>column.capacity / <double>(column.length + 1)
    fault = column_reserve(items, count[0], <int64_t>aim)
    return failed(c, c.pos, fault) if fault else c.pos


cdef bint close_items(const uint8_t* pos, Cursor* c, const uint8_t* end) noexcept nogil:
    if pos == NULL:
        return False
    c.pos = pos
    return block_close(c, end)


cdef const uint8_t* end_list(Column* column, const Column* items, const uint8_t* pos) noexcept nogil:
    column.length += 1
    (<int32_t*>column.values)[column.length] = <int32_t>items.length
    return pos


cdef const uint8_t* fill_items(
    const Node* node, Column* items, const uint8_t* pos, int64_t count, Cursor* c
) noexcept nogil:
    cdef int64_t i
    if node.op == OP_DOUBLE and LITTLE_ENDIAN:
        if not there(pos, c, count * 8):
            return NULL
        memcpy(items.values + items.length * 8, pos, count * 8)
        items.length += count
        return pos + count * 8
    if node.op == OP_LONG:
        for i in range(count):
            pos = fill_long(node, items, pos, c)
            if pos == NULL:
                return NULL
        return pos
    for i in range(count):
        pos = fill(node, items, pos, c)
        if pos == NULL:
            return NULL
    return pos


# Unions

cdef const uint8_t* fill_union(const Node* node, Column* column, const uint8_t* pos, Cursor* c) noexcept nogil:
    cdef int64_t index
    pos = take_int(pos, c, &index)
    if pos == NULL:
        return NULL
    if index < 0 or index >= node.count:
        return failed(c, pos, READ_BRANCH, index)
    return fill(node.kids[index], column, pos, c)


cdef const uint8_t* fill_nullable(const Node* node, Column* column, const uint8_t* pos, Cursor* c) noexcept nogil:
    """A union of null and one other type: its tag is one byte, 0 or 2."""
    if likely(pos < c.end):
        if pos[0] == 2 * node.index:
            return fill(node.kid, column, pos + 1, c)
        if pos[0] == 2 - 2 * node.index:
            column_null(column)
            return pos + 1
    return fill_union(node, column, pos, c)


cdef const uint8_t* fill_tagged(const Node* node, Column* column, const uint8_t* pos, Cursor* c) noexcept nogil:
    """A branch of the reader's union: one member of the struct gets the value, the others are null."""
    cdef Py_ssize_t i
    if column.storage != STORE_UNION:
        return fill(node.kid, column, pos, c)
    for i in range(column.count):
        if i != node.index:
            column_null(&column.kids[i])
    column.length += 1
    return fill(node.kid, &column.kids[node.index], pos, c)


cdef const uint8_t* fill_fail(const Node* node, Column* column, const uint8_t* pos, Cursor* c) noexcept nogil:
    c.node = node
    return failed(c, pos, READ_MISMATCH)


# Records

cdef inline const uint8_t* pass_over(const Node* node, const uint8_t* pos, Cursor* c) noexcept nogil:
    """Skip a field: what most are in place, any other as all operations do."""
    cdef int64_t number
    if node.op == OP_NULLABLE and pos < c.end:
        if pos[0] == 2 - 2 * node.index:
            return pos + 1
        if pos[0] == 2 * node.index:
            node = node.kid
            pos += 1
    if node.fixed_bytes >= 0:
        return pos + node.fixed_bytes if there(pos, c, node.fixed_bytes) else NULL
    if node.op == OP_STRING or node.op == OP_BYTES:
        pos = take_length(pos, c, &number)
        return pos + number if pos != NULL else NULL
    if node.op == OP_LONG:
        return take_long(pos, c, &number)
    if node.op == OP_INT:
        return take_int(pos, c, &number)
    c.pos = pos
    return c.pos if skip_value(node, c) else NULL


cdef const uint8_t* fill_record(const Node* node, Column* column, const uint8_t* pos, Cursor* c) noexcept nogil:
    cdef Py_ssize_t i
    cdef const Field* field = node.fields
    for i in range(node.count):
        if field.slot >= 0:
            pos = fill_field(field.node, &column.kids[field.slot], pos, c)
            if not likely(pos != NULL):
                return NULL
        else:
            pos = pass_over(field.node, pos, c)
            if not likely(pos != NULL):
                return NULL
        field += 1
    column.length += 1
    return pos


cdef const uint8_t* fill_default(const Node* node, Column* column, const uint8_t* pos, Cursor* c) noexcept nogil:
    """A value from the schema, not from the wire."""
    cdef const uint8_t* end = c.end
    cdef const uint8_t* behind
    c.end = node.data + node.size
    behind = fill(node.kid, column, node.data, c)
    c.end = end
    return pos if behind != NULL else NULL


cdef const uint8_t* fill_kid(const Node* node, Column* column, const uint8_t* pos, Cursor* c) noexcept nogil:
    return fill(node.kid, column, pos, c)


# Logical types

cdef inline const uint8_t* take_number(
    const Node* node, const uint8_t* pos, Cursor* c, int64_t* value
) noexcept nogil:
    return take_int(pos, c, value) if node.narrow else take_long(pos, c, value)


cdef const uint8_t* fill_instant(const Node* node, Column* column, const uint8_t* pos, Cursor* c) noexcept nogil:
    """A date or timestamp, of any year."""
    cdef int64_t value
    pos = take_number(node, pos, c, &value)
    if pos != NULL:
        put_number(column, value)
    return pos


cdef const uint8_t* fill_time(const Node* node, Column* column, const uint8_t* pos, Cursor* c) noexcept nogil:
    cdef int64_t value
    pos = take_number(node, pos, c, &value)
    if pos == NULL:
        return NULL
    if value < 0 or value >= DAY_SECONDS * units_per_second(node.op):
        return failed(c, pos, FAULT_VALUE)
    put_number(column, value)
    return pos


cdef const uint8_t* fill_sized(const Node* node, Column* column, const uint8_t* pos, Cursor* c) noexcept nogil:
    """The plain encoding of a logical type that Arrow lacks."""
    return fill_bytes(node, column, pos, c) if node.size < 0 else fill_fixed(node, column, pos, c)


cdef const uint8_t* take_sized(
    const Node* node, const uint8_t* pos, Cursor* c, int64_t* size
) noexcept nogil:
    if node.size < 0:
        return take_length(pos, c, size)
    size[0] = node.size
    return pos if there(pos, c, node.size) else NULL


cdef const uint8_t* fill_decimal(const Node* node, Column* column, const uint8_t* pos, Cursor* c) noexcept nogil:
    cdef uint64_t number[4]
    cdef int64_t size
    if column.precision == 0:
        return fill_sized(node, column, pos, c)
    pos = take_sized(node, pos, c, &size)
    if pos == NULL:
        return NULL
    if size == 0 or not avrojet_wide_number(pos, size, number) or not avrojet_wide_within(number, column.bound):
        return failed(c, pos, FAULT_VALUE)
    avrojet_wide_store(number, column.values + column.length * column.width, column.width)
    column.length += 1
    return pos + size


cdef const uint8_t* fill_uuid(const Node* node, Column* column, const uint8_t* pos, Cursor* c) noexcept nogil:
    cdef int64_t size
    if node.size == 16:
        return fill_fixed(node, column, pos, c)
    pos = take_length(pos, c, &size)
    if pos == NULL:
        return NULL
    if not parse_uuid(pos, size, column.values + 16 * column.length):
        return failed(c, pos, FAULT_VALUE)
    column.length += 1
    return pos + size


cdef Routine FILL[64]
FILL[<int>OP_NULL] = fill_null
FILL[<int>OP_BOOLEAN] = fill_boolean
FILL[<int>OP_INT] = fill_int
FILL[<int>OP_LONG] = fill_long
FILL[<int>OP_FLOAT] = fill_float
FILL[<int>OP_DOUBLE] = fill_double
FILL[<int>OP_BYTES] = fill_bytes
FILL[<int>OP_STRING] = fill_bytes
FILL[<int>OP_FIXED] = fill_fixed
FILL[<int>OP_ENUM] = fill_enum
FILL[<int>OP_ARRAY] = fill_array
FILL[<int>OP_MAP] = fill_map
FILL[<int>OP_UNION] = fill_union
FILL[<int>OP_NULLABLE] = fill_nullable
FILL[<int>OP_RECORD] = fill_record
FILL[<int>OP_RESOLVED] = fill_record
FILL[<int>OP_TUPLE] = fill_record
FILL[<int>OP_INT_TO_FLOAT] = fill_int_as_real
FILL[<int>OP_INT_TO_DOUBLE] = fill_int_as_real
FILL[<int>OP_LONG_TO_FLOAT] = fill_long_as_real
FILL[<int>OP_LONG_TO_DOUBLE] = fill_long_as_real
FILL[<int>OP_TAGGED] = fill_tagged
FILL[<int>OP_CONSTANT] = fill_default
FILL[<int>OP_DEFAULT] = fill_default
FILL[<int>OP_FAIL] = fill_fail
FILL[<int>OP_DATE] = fill_instant
FILL[<int>OP_TIME_MILLIS] = fill_time
FILL[<int>OP_TIME_MICROS] = fill_time
FILL[<int>OP_TIMESTAMP_MILLIS] = fill_instant
FILL[<int>OP_TIMESTAMP_MICROS] = fill_instant
FILL[<int>OP_TIMESTAMP_NANOS] = fill_instant
FILL[<int>OP_LOCAL_MILLIS] = fill_instant
FILL[<int>OP_LOCAL_MICROS] = fill_instant
FILL[<int>OP_LOCAL_NANOS] = fill_instant
FILL[<int>OP_DURATION] = fill_sized
FILL[<int>OP_DECIMAL] = fill_decimal
FILL[<int>OP_BIG_DECIMAL] = fill_bytes
FILL[<int>OP_UUID] = fill_uuid
FILL[<int>OP_CUSTOM] = fill_kid


# The way in from Python

cdef class ColumnSet:
    """Columns of one batch after the other. Not safe to share between threads; plans are.

    :param plan: frozen with the branches of unions tagged, and without converters.
    :param layout: the columns of the reader's schema, an ``avrojet.plan.columns.Column``.
    :param wrapped: values are not records, and go to the only column.
    """

    def __init__(self, Plan plan not None, layout, bint wrapped):
        self.plan = plan
        self.layout = layout
        self.wrapped = wrapped
        match(plan, plan.root, layout.kids[0] if wrapped else layout)
        self.root = column_new(layout)

    def __dealloc__(self):
        if self.root != NULL:
            column_free(self.root)

    @property
    def rows(self):
        """Rows in the batch so far."""
        return self.root.length

    def fill(self, data, Py_ssize_t count, Py_ssize_t offset, int64_t aim):
        """Decode ``count`` data that follow one another from ``offset`` into new rows.

        :param aim: rows that the batch is going to have, as far as is known.
        :returns: the offset just behind the last one.
        :raises DecodeError: if the bytes are not that; where is not told. The columns are then spoilt.
        """
        cdef Cursor c
        cdef Held held
        cdef Py_ssize_t row = 0
        cdef bint done
        hold(data, &held)
        try:
            if offset < 0 or offset > held.size or count < 0:
                raise ValueError(f"{count} rows at byte {offset} of {held.size}")
            cur_init(&c, held.data, held.size, &self.plan.bounds)
            c.pos += offset
            with nogil:
                done = fill_rows(self, &c, count, aim, &row)
            if not done:
                raise fault_error(&c, f"datum {row}")
            return c.pos - c.start
        finally:
            let_go(&held)

    def append(self, data, Py_ssize_t offset=0):
        """Decode the datum from ``offset`` to the end of the data into a new row; errors as :meth:`fill`."""
        cdef Py_ssize_t size = memoryview(data).nbytes
        if offset > size:
            raise TruncatedError(f"{size} bytes, of which the first {offset} are to be left out")
        end = self.fill(data, 1, offset, 0)
        if end != size:
            raise DecodeError(f"at byte {end}: {size - end} bytes follow the datum", offset=end)


cdef bint fill_rows(ColumnSet columns, Cursor* c, Py_ssize_t count, int64_t aim, Py_ssize_t* row) noexcept nogil:
    cdef const Node* node = columns.plan.root
    cdef Column* root = columns.root
    cdef Column* column = &root.kids[0] if columns.wrapped else root
    cdef const uint8_t* pos = c.pos
    cdef int fault
    if node.min_bytes == 0:
        # Rows of no bytes are bounded like items of no bytes.
        c.empty_items -= count
        if c.empty_items < 0:
            return cur_fail(c, READ_EMPTY_ITEMS)
    elif count > (c.end - pos) // node.min_bytes:
        return cur_fail(c, READ_TRUNCATED)
    fault = column_reserve(root, count, aim)
    if fault:
        return cur_fail(c, fault)
    for row[0] in range(count):
        pos = fill(node, column, pos, c)
        if not likely(pos != NULL):
            return False
    root.length = column.length
    c.pos = pos
    return column_check_text(root) or cur_fail(c, FAULT_VALUE)


cdef object fault_error(Cursor* c, str what):
    if c.error == FAULT_MEMORY:
        return MemoryError()
    if c.error == FAULT_FULL:
        return LimitError("a column of one batch would exceed 2 GiB or 2**31 items: ask for a smaller batch_rows")
    if c.error == FAULT_VALUE:
        return DecodeError(f"{what} has a value that the type of its column cannot hold")
    return cur_error(c, what)


cdef int match(Plan plan, Node* node, layout) except -1:
    """Give nodes the numbers that rows do not need: of a union's member, and of the reader's symbols."""
    cdef Py_ssize_t i
    if node.op == OP_ENUM:
        number_symbols(plan, node, layout.symbols)
    elif node.op == OP_ARRAY:
        match(plan, node.kid, layout.kids[0])
    elif node.op == OP_MAP:
        match(plan, node.kid, layout.kids[0].kids[1])
    elif node.op == OP_UNION or node.op == OP_NULLABLE:
        for i in range(node.count):
            match(plan, node.kids[i], layout)
    elif node.op == OP_TAGGED:
        if layout.kind == "union":
            node.index = layout.branches.index(<object>node.object)
            layout = layout.kids[node.index]
        match(plan, node.kid, layout)
    elif node.op == OP_DEFAULT or node.op == OP_CUSTOM:
        match(plan, node.kid, layout)
    elif node.op == OP_RECORD or node.op == OP_RESOLVED:
        for i in range(node.count):
            if node.fields[i].slot >= 0:
                match(plan, node.fields[i].node, layout.kids[node.fields[i].slot])
    return 0


cdef int number_symbols(Plan plan, Node* node, tuple symbols) except -1:
    cdef Py_ssize_t i
    cdef int32_t* positions = <int32_t*>plan.allocate(node.count * sizeof(int32_t) + 1)
    for i in range(node.count):
        positions[i] = -1 if node.objects[i] == NULL else symbols.index(<object>node.objects[i])
    node.data = <const uint8_t*>positions
    return 0
