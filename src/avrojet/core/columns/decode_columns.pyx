"""Rows to columns, without the GIL: the loop of ``decode_columns.h``, and the functions it calls for rarer types.

A call adds one value to its column, for which there is room, and returns the position after the value, or
NULL. Where and why it failed does not matter here: rows that fail are decoded again by ``decode``, which
reports it.
"""

from libc.stdint cimport INT32_MAX, INT32_MIN, uint32_t, uint64_t
from libc.string cimport memcpy, memset

from avrojet.core.ground.blocks cimport block_close, block_open
from avrojet.core.ground.calendar cimport DAY_SECONDS, RESCALED, RESCALED_LOST, Rescaling, rescale
from avrojet.core.columns.column cimport *
from avrojet.core.ground.cursor cimport *
from avrojet.core.rows.decode_logical cimport parse_uuid
from avrojet.core.plan.node cimport *
from avrojet.core.rows.skip cimport skip_value

cdef extern from "decode_columns.h":
    enum:
        LITTLE_ENDIAN "AVROJET_LITTLE_ENDIAN"
        SHORT "AVROJET_SHORT_VIEW"
    const uint8_t* avrojet_fill(const ColumnOp*, const uint8_t*, int64_t, int64_t, Run*) nogil
    const uint8_t* avrojet_longer(const uint8_t*, const uint8_t*, int, int64_t*) nogil
    const uint8_t* avrojet_fill_items(const ColumnOp*, Column*, const uint8_t*, int64_t, Run*) nogil
    void avrojet_copy(uint8_t*, const uint8_t*, Py_ssize_t) nogil
    bint avrojet_utf8_valid(const uint8_t*, Py_ssize_t) nogil
    int64_t avrojet_narrow_number(const uint8_t*, Py_ssize_t) nogil
    bint avrojet_wide_number(const uint8_t*, Py_ssize_t, uint64_t*) nogil
    bint avrojet_wide_within(const uint64_t*, const uint64_t*) nogil
    void avrojet_wide_store(const uint64_t*, uint8_t*, Py_ssize_t) nogil
    uint32_t avrojet_load32le(const uint8_t*) nogil
    double avrojet_float_to_double(uint32_t) nogil

cdef enum:
    NANOSECONDS = 1000000       # in a millisecond


cdef const uint8_t* fill_rows(
    const ColumnOp* program, const uint8_t* pos, int64_t row, int64_t count, Run* run
) noexcept nogil:
    """Decode ``count`` rows, for which there is room; NULL leaves the index of the failed one in ``run``."""
    return avrojet_fill(program, pos, row, count, run)


cdef inline Cursor* cursor_at(const uint8_t* pos, Run* run) noexcept nogil:
    """The cursor, for code shared with other operations."""
    cdef Cursor* c = <Cursor*>run.cursor
    c.pos = pos
    return c


cdef const uint8_t* failed(Run* run, int error, const Column* column=NULL) noexcept nogil:
    cur_fail(<Cursor*>run.cursor, error)
    run.column = column
    return NULL


# Reading

cdef inline const uint8_t* take_long(const uint8_t* pos, Run* run, int64_t* out) noexcept nogil:
    cdef const uint8_t* after = NULL
    if run.end - pos >= 10 and pos[0] >= 0x80:
        after = avrojet_longer(pos, run.end, 10, out)
    if after != NULL:
        return after
    cdef Cursor* c = cursor_at(pos, run)
    return c.pos if cur_long(c, out) else NULL


cdef inline const uint8_t* take_int(const uint8_t* pos, Run* run, int64_t* out) noexcept nogil:
    cdef const uint8_t* after = NULL
    if run.end - pos >= 5 and pos[0] >= 0x80:
        after = avrojet_longer(pos, run.end, 5, out)
    if after != NULL and INT32_MIN <= out[0] <= INT32_MAX:
        return after
    cdef Cursor* c = cursor_at(pos, run)
    return c.pos if cur_int(c, out) else NULL


cdef inline const uint8_t* take_sized(const uint8_t* pos, Py_ssize_t fixed, Run* run, int64_t* size) noexcept nogil:
    """Check that the bytes of a fixed, or of a bytes or string if ``fixed`` is -1, are all there."""
    cdef Cursor* c = cursor_at(pos, run)
    size[0] = fixed
    if fixed < 0:
        return c.pos if cur_length(c, size) else NULL
    return pos if cur_need(c, fixed) else NULL


# Calls of the loop's own ops

cdef const uint8_t* more_room(const ColumnOp* op, const uint8_t* pos, int64_t row, Run* run) noexcept nogil:
    cdef int fault = column_reserve_data(op.column, row, run.wanted)
    return failed(run, fault, op.column) if fault else pos


cdef const uint8_t* fill_null(const ColumnOp* op, const uint8_t* pos, int64_t row, Run* run) noexcept nogil:
    column_null(op.column, row)
    return pos


# Bytes

cdef const uint8_t* fill_fixed(const ColumnOp* op, const uint8_t* pos, int64_t row, Run* run) noexcept nogil:
    cdef Column* column = op.column
    cdef int64_t size
    pos = take_sized(pos, column.width, run, &size)
    if pos == NULL:
        return NULL
    if size:  # values of no bytes take no memory
        memcpy(column.values + row * size, pos, size)
    return pos + size


cdef const uint8_t* put_data(
    const ColumnOp* op, const uint8_t* pos, int64_t row, Run* run, int64_t* size
) noexcept nogil:
    cdef Column* column = op.column
    pos = take_sized(pos, -1, run, size)
    if pos == NULL:
        return NULL
    run.wanted = size[0]
    if column.used + size[0] > column.room and more_room(op, pos, row, run) == NULL:
        return NULL
    if run.end - pos >= size[0] + COPY_SLACK:
        avrojet_copy(column.data + column.used, pos, size[0])
    else:
        memcpy(column.data + column.used, pos, size[0])
    column.used += size[0]
    return pos + size[0]


cdef const uint8_t* fill_view(const ColumnOp* op, const uint8_t* pos, int64_t row, Run* run) noexcept nogil:
    """A view: the size, then short bytes themselves, or the first four and where all of them are.

    The loop itself makes most of them; this is for those at the end of the data, for which there is no room,
    or that are not UTF-8.
    """
    cdef int32_t* view = <int32_t*>(op.column.values + 16 * row)
    cdef const uint8_t* start = take_sized(pos, -1, run, &run.wanted)
    cdef int64_t size = run.wanted
    if start == NULL:
        return NULL
    if op.column.text and not avrojet_utf8_valid(start, size):
        return failed(run, READ_UNFIT, op.column)
    view[1] = view[2] = view[3] = 0
    if size > SHORT:
        view[3] = <int32_t>op.column.used
        if put_data(op, pos, row, run, &size) == NULL:
            return NULL
    view[0] = <int32_t>size
    memcpy(&view[1], start, 4 if size > SHORT else size)
    return start + size


# Numbers

cdef const uint8_t* fill_enum(const ColumnOp* op, const uint8_t* pos, int64_t row, Run* run) noexcept nogil:
    cdef int64_t index
    pos = take_int(pos, run, &index)
    if pos == NULL:
        return NULL
    if index < 0 or index >= op.count or op.positions[index] < 0:
        return failed(run, READ_MALFORMED)
    (<int32_t*>op.column.values)[row] = op.positions[index]
    return pos


cdef inline void put_real(Column* column, int64_t row, double value) noexcept nogil:
    if column.width == 8:
        (<double*>column.values)[row] = value
    else:
        (<float*>column.values)[row] = <float>value


cdef const uint8_t* fill_int_as_real(const ColumnOp* op, const uint8_t* pos, int64_t row, Run* run) noexcept nogil:
    cdef int64_t value
    pos = take_int(pos, run, &value)
    if pos != NULL:
        put_real(op.column, row, <double>value)
    return pos


cdef const uint8_t* fill_long_as_real(const ColumnOp* op, const uint8_t* pos, int64_t row, Run* run) noexcept nogil:
    cdef int64_t value
    pos = take_long(pos, run, &value)
    if pos == NULL:
        return NULL
    if op.column.width == 4:
        # Directly to 24 bits: by way of a double it would be rounded twice.
        (<float*>op.column.values)[row] = <float>value
    else:
        put_real(op.column, row, <double>value)
    return pos


cdef const uint8_t* fill_float_as_double(const ColumnOp* op, const uint8_t* pos, int64_t row, Run* run) noexcept nogil:
    cdef int64_t size
    pos = take_sized(pos, 4, run, &size)
    if pos == NULL:
        return NULL
    put_real(op.column, row, avrojet_float_to_double(avrojet_load32le(pos)))
    return pos + 4


# Arrays and maps

cdef const uint8_t* fill_list(const ColumnOp* op, const uint8_t* pos, int64_t row, Run* run) noexcept nogil:
    """A list, or what follows its first block; a map is a list of entries."""
    cdef Column* items = &op.column.children[0]
    cdef Cursor* c = <Cursor*>run.cursor
    cdef int64_t first = column_offset(op.column, row)
    cdef const uint8_t* end
    cdef int64_t count
    while True:
        c.pos = pos
        if not block_open(c, op.count, items.length - first, &count, &end):
            return NULL
        if count == 0:
            break
        pos = fill_items(op, c.pos, row, count, run)
        if pos == NULL:
            return NULL
        c.pos = pos
        if not block_close(c, end):
            return NULL
    column_end(op.column, row, items.length)
    return c.pos


cdef const uint8_t* fill_items(
    const ColumnOp* op, const uint8_t* pos, int64_t row, int64_t count, Run* run
) noexcept nogil:
    cdef Column* items = &op.column.children[0]
    cdef double aim
    cdef int fault
    if items.length + count > items.capacity:
        # Enough for all lists, if they are like those so far.
        aim = <double>(items.length + count) * <double>op.column.capacity / <double>(row + 1)
        fault = column_reserve(items, count, <int64_t>aim)
        if fault:
            return failed(run, fault, items)
    return avrojet_fill_items(op.programs[0], items, pos, count, run)


# Unions

cdef const uint8_t* fill_union(const ColumnOp* op, const uint8_t* pos, int64_t row, Run* run) noexcept nogil:
    """A union of the writer's: its index says which program reads the value."""
    cdef int64_t index
    pos = take_int(pos, run, &index)
    if pos == NULL:
        return NULL
    if index < 0 or index >= op.count:
        return failed(run, READ_MALFORMED)
    return avrojet_fill(op.programs[index], pos, row, 1, run)


cdef const uint8_t* fill_others(const ColumnOp* op, const uint8_t* pos, int64_t row, Run* run) noexcept nogil:
    """Nulls for all members of a reader's union but one, whose ops follow."""
    cdef Column* column = op.column
    cdef Py_ssize_t i
    for i in range(column.count):
        if i != op.count:
            column_null(&column.children[i], row)
    if column.storage == STORE_SPARSE:
        column.values[row] = <uint8_t>op.count
    return pos


cdef const uint8_t* fill_dense(const ColumnOp* op, const uint8_t* pos, int64_t row, Run* run) noexcept nogil:
    """A member of a dense union is only as long as it has values."""
    cdef Column* member = &op.column.children[op.count]
    op.column.values[row] = <uint8_t>op.count
    (<int32_t*>op.column.data)[row] = <int32_t>member.length
    pos = avrojet_fill(op.programs[0], pos, member.length, 1, run)
    member.length += 1
    return pos


# Values not in the input, and values not in the columns

cdef const uint8_t* fill_default(const ColumnOp* op, const uint8_t* pos, int64_t row, Run* run) noexcept nogil:
    """A value from the schema, not from the input."""
    cdef const Node* node = <const Node*>op.node
    cdef Cursor* c = <Cursor*>run.cursor
    cdef const uint8_t* end = run.end
    cdef const uint8_t* after
    run.end = c.end = node.data + node.size
    after = avrojet_fill(op.programs[0], node.data, row, 1, run)
    run.end = c.end = end
    return pos if after != NULL else NULL


cdef const uint8_t* pass_list(const ColumnOp* op, const uint8_t* pos, int64_t row, Run* run) noexcept nogil:
    cdef Cursor* c = cursor_at(pos, run)
    cdef int64_t before = 0
    cdef const uint8_t* end
    cdef int64_t count
    while True:
        if not block_open(c, op.count, before, &count, &end):
            return NULL
        if count == 0:
            return c.pos
        pos = end if end != NULL else avrojet_fill(op.programs[0], c.pos, 0, count, run)
        if pos == NULL:
            return NULL
        c.pos = pos
        before += count


cdef const uint8_t* pass_over(const ColumnOp* op, const uint8_t* pos, int64_t row, Run* run) noexcept nogil:
    cdef Cursor* c = cursor_at(pos, run)
    c.depth = <int>op.count
    return c.pos if skip_value(<const Node*>op.node, c) else NULL


cdef const uint8_t* renew(const ColumnOp* op, const uint8_t* pos, int64_t row, Run* run) noexcept nogil:
    """Reset the budget for another datum."""
    (<Cursor*>run.cursor).empty_items = op.count
    return pos


cdef const uint8_t* mismatch(const ColumnOp* op, const uint8_t* pos, int64_t row, Run* run) noexcept nogil:
    (<Cursor*>run.cursor).node = <const Node*>op.node
    return failed(run, READ_MISMATCH)


cdef const uint8_t* too_deep(const ColumnOp* op, const uint8_t* pos, int64_t row, Run* run) noexcept nogil:
    return failed(run, READ_DEPTH)


# Logical types

cdef const uint8_t* fill_time(const ColumnOp* op, const uint8_t* pos, int64_t row, Run* run) noexcept nogil:
    cdef const Node* node = <const Node*>op.node
    cdef int64_t value
    pos = take_int(pos, run, &value) if node.narrow else take_long(pos, run, &value)
    if pos == NULL:
        return NULL
    if value < 0 or value >= DAY_SECONDS * node.unit:
        return failed(run, READ_UNFIT, op.column)
    if op.column.width == 8:
        (<int64_t*>op.column.values)[row] = value
    else:
        (<int32_t*>op.column.values)[row] = <int32_t>value
    return pos


cdef const uint8_t* fill_rescaled(const ColumnOp* op, const uint8_t* pos, int64_t row, Run* run) noexcept nogil:
    """A time in the writer's unit, converted to the reader's, which must hold it exactly."""
    cdef const Node* node = <const Node*>op.node
    cdef bint of_day = node.child.op == OP_TIME
    cdef const uint8_t* start = pos
    cdef int64_t value, written
    cdef Rescaling done
    pos = take_int(pos, run, &value) if node.narrow else take_long(pos, run, &value)
    if pos == NULL:
        return NULL
    written = value
    done = rescale(node, &value)
    if done != RESCALED:
        failed(run, READ_DIGITS_LOST if done == RESCALED_LOST else READ_BEYOND_UNIT, op.column)
        cursor_at(start, run).node = node
        (<Cursor*>run.cursor).number = written
        return NULL
    if of_day and not node.child.first <= value <= node.child.last:
        return failed(run, READ_UNFIT, op.column)
    (<int64_t*>op.column.values)[row] = value
    return pos


cdef const uint8_t* fill_decimal(const ColumnOp* op, const uint8_t* pos, int64_t row, Run* run) noexcept nogil:
    cdef Column* column = op.column
    cdef uint64_t number[4]
    cdef int64_t* narrow = <int64_t*>(column.values + 16 * row)
    cdef int64_t size, value
    pos = take_sized(pos, (<const Node*>op.node).size, run, &size)
    if pos == NULL:
        return NULL
    if size == 0:
        # Some writers encode 0 as no bytes.
        memset(column.values + row * column.width, 0, column.width)
        return pos
    if LITTLE_ENDIAN and size <= 8 and column.width == 16 and column.precision <= 18:
        value = avrojet_narrow_number(pos, size)
        if value <= -<int64_t>column.bound[0] or value >= <int64_t>column.bound[0]:
            return failed(run, READ_UNFIT, op.column)
        narrow[0] = value
        narrow[1] = value >> 63
        return pos + size
    if not avrojet_wide_number(pos, size, number) or not avrojet_wide_within(number, column.bound):
        return failed(run, READ_UNFIT, op.column)
    avrojet_wide_store(number, column.values + row * column.width, column.width)
    return pos + size


cdef const uint8_t* fill_uuid(const ColumnOp* op, const uint8_t* pos, int64_t row, Run* run) noexcept nogil:
    """A UUID encoded as a string."""
    cdef int64_t size
    pos = take_sized(pos, -1, run, &size)
    if pos == NULL:
        return NULL
    if not parse_uuid(pos, size, op.column.values + 16 * row):
        return failed(run, READ_UNFIT, op.column)
    return pos + size


cdef const uint8_t* fill_interval(const ColumnOp* op, const uint8_t* pos, int64_t row, Run* run) noexcept nogil:
    """A duration as Arrow's months, days and nanoseconds."""
    cdef int32_t* parts = <int32_t*>(op.column.values + 16 * row)
    cdef uint32_t months, days
    cdef int64_t size
    pos = take_sized(pos, 12, run, &size)
    if pos == NULL:
        return NULL
    months = avrojet_load32le(pos)
    days = avrojet_load32le(pos + 4)
    if months > INT32_MAX or days > INT32_MAX:
        return failed(run, READ_UNFIT, op.column)
    parts[0] = <int32_t>months
    parts[1] = <int32_t>days
    (<int64_t*>parts)[1] = <int64_t>avrojet_load32le(pos + 8) * NANOSECONDS
    return pos + 12
