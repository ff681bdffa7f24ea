"""Decimals as text or doubles: ops of ``decode_columns`` for decimals wider than a consumer's.

The text is that of JSON and of Python's Decimal; a double is the nearest one.
"""

from cpython.mem cimport PyMem_RawFree
from libc.math cimport isfinite
from libc.stdint cimport int64_t, uint8_t, uint64_t
from libc.stdio cimport snprintf
from libc.stdlib cimport strtod
from libc.string cimport memcpy

from avrojet.core.columns.column cimport *
from avrojet.core.columns.decode_columns cimport *
from avrojet.core.ground.cursor cimport *
from avrojet.core.ground.decimals cimport DecimalText, read_decimal, small_of_text
from avrojet.core.ground.sink cimport *
from avrojet.core.plan.node cimport *
from avrojet.core.text.emit cimport EMIT_NUMBERS
from avrojet.core.text.emit_logical cimport emit_unscaled
from avrojet.core.text.powers cimport *

cdef extern from "columns.h":
    enum:
        SHORT "AVROJET_SHORT_VIEW"

cdef extern from "numbers.h":
    bint avrojet_nearest_double(const AvrojetPower*, uint64_t, int, double*) nogil

cdef enum:
    MOST_DIGITS = 18            # that fit 64 bits, even plus one
    MOST_EXPONENT = 400
    EXPONENT_ROOM = 24


cdef const uint8_t* fill_decimal_text(const ColumnOp* op, const uint8_t* pos, int64_t row, Run* run) noexcept nogil:
    cdef const Node* node = <const Node*>op.node
    cdef Sink text
    pos = emit_number(op, pos, run, node.scale, &text)
    if pos != NULL and not add_text(op, row, run, text.start, text.pos - text.start):
        pos = NULL
    free_text(&text)
    return pos


cdef const uint8_t* fill_decimal_double(const ColumnOp* op, const uint8_t* pos, int64_t row, Run* run) noexcept nogil:
    cdef const Node* node = <const Node*>op.node
    cdef Sink text
    cdef double value
    pos = emit_number(op, pos, run, 0, &text)
    if pos != NULL:
        if not read_double(&text, node.scale, &value):
            pos = failed(run, READ_UNFIT, op.column)
        else:
            (<double*>op.column.values)[row] = value
    free_text(&text)
    return pos


cdef const uint8_t* emit_number(
    const ColumnOp* op, const uint8_t* pos, Run* run, int64_t scale, Sink* text
) noexcept nogil:
    """The decimal's text, its number times 10**-scale; returns the position after it, or NULL."""
    cdef const Node* node = <const Node*>op.node
    cdef Cursor* c = <Cursor*>run.cursor
    cdef int64_t size = node.size
    sink_init(text, EMIT_NUMBERS)
    sink_renew(text, c.bounds)
    c.pos = pos
    if not (cur_length(c, &size) if size < 0 else cur_need(c, size)):
        return NULL
    if emit_unscaled(c, text, c.pos, size, scale, node.precision):
        return c.pos + size
    if text.error:
        cur_fail(c, READ_MEMORY)
    return NULL


cdef void free_text(Sink* text) noexcept nogil:
    """Emitting leaves no objects in a sink, only memory."""
    if text.start != text.small:
        PyMem_RawFree(text.start)


cdef bint add_text(const ColumnOp* op, int64_t row, Run* run, const uint8_t* text, int64_t size) noexcept nogil:
    """Into offsets and data, or as a view: the size, then short text itself, or its first bytes and its place."""
    cdef Column* column = op.column
    cdef bint in_view = column.storage == STORE_VIEWS
    cdef int32_t* view
    run.wanted = size
    if in_view:
        view = <int32_t*>(column.values + 16 * row)
        view[0] = <int32_t>size
        view[1] = view[2] = view[3] = 0
        memcpy(&view[1], text, 4 if size > SHORT else size)
        if size <= SHORT:
            return True
        view[3] = <int32_t>column.used
    if column.used + size > column.room and more_room(op, text, row, run) == NULL:
        return False
    memcpy(column.data + column.used, text, size)
    column.used += size
    if not in_view:
        column_end(column, row, column.used)
    return True


cdef bint read_double(Sink* text, int64_t scale, double* value) noexcept nogil:
    """The double nearest to the number in the text times 10**-scale; False if it is out of range."""
    cdef DecimalText number
    read_decimal(text.start, text.pos - text.start, &number)
    if number.count == 0:
        value[0] = 0.0
    elif not read_leading_digits(&number, -scale, value) and not read_all_digits(text, -scale, value):
        return False
    return isfinite(value[0])


cdef bint read_leading_digits(const DecimalText* number, int64_t exponent, double* value) noexcept nogil:
    """The double of the first 18 digits, if the rest cannot change it."""
    cdef DecimalText leading = number[0]
    cdef double above
    cdef uint64_t digits
    cdef bint whole = number.count <= MOST_DIGITS
    if not whole:
        exponent += number.count - MOST_DIGITS
        leading.count = MOST_DIGITS
    if not -MOST_EXPONENT < exponent < MOST_EXPONENT:
        return False
    leading.negative = False
    digits = <uint64_t>small_of_text(&leading)
    if not avrojet_nearest_double(powers_of_ten(), digits, <int>exponent, value):
        return False
    if not whole:
        if not avrojet_nearest_double(powers_of_ten(), digits + 1, <int>exponent, &above) or above != value[0]:
            return False
    if number.negative:
        value[0] = -value[0]
    return True


cdef bint read_all_digits(Sink* text, int64_t exponent, double* value) noexcept nogil:
    """By the C library's parser; without a point it ignores the locale."""
    if not sink_reserve(text, EXPONENT_ROOM):
        return False
    snprintf(<char*>text.pos, EXPONENT_ROOM, "e%lld", <long long>exponent)
    value[0] = strtod(<char*>text.start, NULL)
    return True
