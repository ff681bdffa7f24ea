"""Emit routines of the logical types, as people write them: ISO 8601 for dates, times and durations, the notation of
Python's Decimal for decimals, lower case for UUIDs.

Text can express every year: dates before year 1 or after 9999 are written with a sign (ISO 8601, 4.1.2.4).
"""

from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t
from libc.string cimport memcpy, memmove, memset

from avrojet.core.ground.calendar cimport *
from avrojet.core.ground.cursor cimport *
from avrojet.core.ground.decimals cimport *
from avrojet.core.ground.sink cimport *
from avrojet.core.plan.node cimport *
from avrojet.core.rows.decode_logical cimport parse_uuid
from avrojet.core.text.emit cimport EMIT_NUMBERS

cdef extern from "scalars.h":
    uint32_t avrojet_load32le(const uint8_t*) nogil

cdef extern from "hex.h":
    void avrojet_uuid_to_hex(const uint8_t*, uint8_t*) nogil

cdef extern from "numbers.h":
    int AVROJET_NUMBER_ROOM
    int avrojet_count_digits(uint64_t) nogil
    void avrojet_put_digits(uint64_t, int, uint8_t*) nogil
    uint8_t* avrojet_put_unsigned(uint64_t, uint8_t*) nogil
    uint8_t* avrojet_put_integer(int64_t, uint8_t*) nogil

cdef enum:
    MOMENT_ROOM = 64            # characters of a timestamp of any year, in quotes
    DURATION_ROOM = 64
    LIMBS_AT_HAND = 16          # 32-bit limbs of a number converted without allocating
    PLACES = 9                  # decimal digits that a division by PLACE_VALUE splits off
    PLACE_VALUE = 1000000000


cdef inline bint read_number(const Node* node, Cursor* c, int64_t* value) noexcept nogil:
    return cur_int(c, value) if node.narrow else cur_long(c, value)


# Dates and times

cdef inline uint8_t* put_date(int64_t days, uint8_t* out) noexcept nogil:
    cdef int year, month, day
    civil_from_days(days, &year, &month, &day)
    if year < 0 or year > 9999:
        out[0] = c"-" if year < 0 else c"+"
        out += 1
        year = -year if year < 0 else year
    if year > 9999:
        out = avrojet_put_unsigned(year, out)
    else:
        avrojet_put_digits(year, 4, out)
        out += 4
    out[0] = c"-"
    avrojet_put_digits(month, 2, out + 1)
    out[3] = c"-"
    avrojet_put_digits(day, 2, out + 4)
    return out + 6


cdef inline uint8_t* put_time(int64_t seconds, int64_t fraction, int64_t unit, uint8_t* out) noexcept nogil:
    """Hours to seconds, with micro- or nanoseconds if they are not 0, like isoformat()."""
    avrojet_put_digits(seconds // 3600, 2, out)
    out[2] = c":"
    avrojet_put_digits(seconds // 60 % 60, 2, out + 3)
    out[5] = c":"
    avrojet_put_digits(seconds % 60, 2, out + 6)
    out += 8
    if fraction == 0:
        return out
    out[0] = c"."
    if unit == 1000000000 and fraction % 1000:
        avrojet_put_digits(fraction, 9, out + 1)
        return out + 10
    avrojet_put_digits(fraction // 1000 if unit == 1000000000 else fraction * (1000000 // unit), 6, out + 1)
    return out + 7


cdef bint emit_date(const Node* node, Cursor* c, Sink* s) noexcept nogil:
    cdef int64_t days
    if not read_number(node, c, &days) or not sink_reserve(s, MOMENT_ROOM):
        return False
    s.pos[0] = c'"'
    s.pos = put_date(days, s.pos + 1)
    s.pos[0] = c'"'
    s.pos += 1
    return True


cdef bint emit_time(const Node* node, Cursor* c, Sink* s) noexcept nogil:
    cdef const uint8_t* start = c.pos
    cdef int64_t value
    if read_number(node, c, &value) and put_time_of_day(node, value, c, s):
        return True
    c.pos = start
    return False


cdef bint put_time_of_day(const Node* node, int64_t value, Cursor* c, Sink* s) noexcept nogil:
    cdef int64_t unit = node.unit
    if not node.first <= value <= node.last:
        return cur_fail(c, READ_TIME, value)
    if not sink_reserve(s, MOMENT_ROOM):
        return False
    s.pos[0] = c'"'
    s.pos = put_time(value // unit, value % unit, unit, s.pos + 1)
    s.pos[0] = c'"'
    s.pos += 1
    return True


cdef bint emit_timestamp(const Node* node, Cursor* c, Sink* s) noexcept nogil:
    cdef int64_t value
    return read_number(node, c, &value) and put_timestamp(node, value, s)


cdef bint put_timestamp(const Node* node, int64_t value, Sink* s) noexcept nogil:
    cdef int64_t unit = node.unit
    cdef int64_t seconds = floor_div(value, unit)
    cdef int64_t days = floor_div(seconds, DAY_SECONDS)
    if not sink_reserve(s, MOMENT_ROOM):
        return False
    s.pos[0] = c'"'
    s.pos = put_date(days, s.pos + 1)
    s.pos[0] = c"T"
    s.pos = put_time(seconds - days * DAY_SECONDS, value - seconds * unit, unit, s.pos + 1)
    if not node.local:
        memcpy(s.pos, b"+00:00", 6)
        s.pos += 6
    s.pos[0] = c'"'
    s.pos += 1
    return True


cdef bint emit_rescaled(const Node* node, Cursor* c, Sink* s) noexcept nogil:
    """A time in the writer's unit, converted to the reader's."""
    cdef const uint8_t* start = c.pos
    cdef int64_t value, written
    cdef Rescaling done
    if not read_number(node, c, &value):
        return False
    written = value
    done = rescale(node, &value)
    if done != RESCALED:
        c.pos = start
        c.node = node
        return cur_fail(c, READ_DIGITS_LOST if done == RESCALED_LOST else READ_BEYOND_UNIT, written)
    if node.child.op == OP_TIME:
        if put_time_of_day(node.child, value, c, s):
            return True
        c.pos = start
        return False
    if node.child.op == OP_TIMESTAMP:
        return put_timestamp(node.child, value, s)
    return put_plain(value, s)


cdef bint put_plain(int64_t value, Sink* s) noexcept nogil:
    """The number that a time is, where logical types are not shown."""
    if not sink_reserve(s, AVROJET_NUMBER_ROOM):
        return False
    s.pos = avrojet_put_integer(value, s.pos)
    return True


cdef bint emit_duration(const Node* node, Cursor* c, Sink* s) noexcept nogil:
    """Months, days and seconds, each left out if 0; ``PT0S`` if all are."""
    cdef const uint8_t* data = c.pos
    cdef uint32_t months, days, millis
    if not cur_skip(c, 12) or not sink_reserve(s, DURATION_ROOM):
        return False
    months = avrojet_load32le(data)
    days = avrojet_load32le(data + 4)
    millis = avrojet_load32le(data + 8)
    s.pos[0] = c'"'
    s.pos[1] = c"P"
    s.pos += 2
    put_amount(months, c"M", s)
    put_amount(days, c"D", s)
    if millis or not (months or days):
        s.pos[0] = c"T"
        s.pos = avrojet_put_unsigned(millis // 1000, s.pos + 1)
        if millis % 1000:
            s.pos[0] = c"."
            avrojet_put_digits(millis % 1000, 3, s.pos + 1)
            s.pos += 4
        s.pos[0] = c"S"
        s.pos += 1
    s.pos[0] = c'"'
    s.pos += 1
    return True


cdef inline void put_amount(uint32_t amount, uint8_t unit, Sink* s) noexcept nogil:
    if amount:
        s.pos = avrojet_put_unsigned(amount, s.pos)
        s.pos[0] = unit
        s.pos += 1


# Decimals

cdef bint emit_decimal(const Node* node, Cursor* c, Sink* s) noexcept nogil:
    cdef const uint8_t* start = c.pos
    cdef int64_t size = node.size
    if not (cur_length(c, &size) if node.size < 0 else cur_need(c, size)):
        return False
    c.pos += size
    if emit_unscaled(c, s, c.pos - size, size, node.scale, node.precision):
        return True
    c.pos = start
    return False


cdef bint emit_big_decimal(const Node* node, Cursor* c, Sink* s) noexcept nogil:
    """Bytes that hold the unscaled number as bytes and the scale as an int."""
    cdef const uint8_t* start = c.pos
    cdef const uint8_t* end = c.end
    cdef const uint8_t* digits = NULL
    cdef int64_t size, scale = 0
    cdef bint whole
    if not cur_length(c, &size):
        return False
    c.end = c.pos + size
    whole = cur_length(c, &size)
    if whole:
        digits = c.pos
        c.pos += size
        whole = cur_int(c, &scale) and c.pos == c.end
    c.end = end
    if whole and emit_unscaled(c, s, digits, size, scale, 0):
        return True
    if not whole:
        cur_fail(c, READ_BIG_DECIMAL)
    c.pos = start
    return False


cdef bint emit_unscaled(
    Cursor* c, Sink* s, const uint8_t* data, Py_ssize_t size, int64_t scale, int precision
) noexcept nogil:
    """The big-endian two's complement number in ``data``, times 10**-scale.

    ``precision`` bounds its digits; 0 bounds only the time taken.
    """
    cdef bint negative = size > 0 and data[0] >= 0x80
    cdef uint64_t small
    cdef Py_ssize_t i, room
    cdef int count
    drop_sign_bytes(&data, &size)
    if size > c.bounds.decimal_bytes:
        return cur_fail(c, READ_DECIMAL_BYTES, size)
    # A byte takes at most 2.41 digits; a quote, a sign, zeros and a point come before them, an exponent after them.
    room = size * 5 // 2 + 64
    if not sink_reserve(s, room):
        return False
    if not s.options & EMIT_NUMBERS:
        s.pos[0] = c'"'
        s.pos += 1
    if negative:
        s.pos[0] = c"-"
        s.pos += 1
    if size <= 8:
        small = <uint64_t>(-1 if negative else 0)
        for i in range(size):
            small = small << 8 | data[i]
        small = 0 - small if negative else small
        count = avrojet_count_digits(small)
        avrojet_put_digits(small, count, s.pos)
    else:
        count = put_large(s, data, size)
        if count < 0:
            s.error = WRITE_MEMORY
            return False
    if precision and count > precision:
        return cur_fail(c, READ_DIGITS, count)
    place_point(s, count, scale)
    if not s.options & EMIT_NUMBERS:
        s.pos[0] = c'"'
        s.pos += 1
    return True


cdef int put_large(Sink* s, const uint8_t* data, Py_ssize_t size) noexcept nogil:
    """Write the decimal digits of a number of more than 8 bytes; returns how many, or -1 if out of memory."""
    cdef uint32_t at_hand[LIMBS_AT_HAND]
    cdef Whole number
    cdef uint8_t* end = s.pos + size * 5 // 2 + PLACES      # digits are written from the last to the first
    cdef uint8_t* out = end
    number.limbs = take_limbs(at_hand, LIMBS_AT_HAND, size // 4 + 1)
    if number.limbs == NULL:
        return -1
    whole_of_bytes(&number, data, size)
    while number.count > 0:
        out -= PLACES
        avrojet_put_digits(whole_divide(&number, PLACE_VALUE), PLACES, out)
    free_limbs(at_hand, number.limbs)
    while out < end - 1 and out[0] == c"0":
        out += 1
    memmove(s.pos, out, end - out)
    return <int>(end - out)


cdef void place_point(Sink* s, int count, int64_t scale) noexcept nogil:
    """Turn the ``count`` digits at the sink's end into a decimal, in the notation of Python's Decimal: plain, but
    with an exponent where zeros would have to be added after the digits, or more than five after the point."""
    cdef int64_t before = count - scale         # digits before the point
    cdef uint8_t* digits = s.pos
    if 0 <= scale and before > -6:
        if scale == 0:
            s.pos += count
        elif before > 0:
            memmove(digits + before + 1, digits + before, <size_t>scale)
            digits[before] = c"."
            s.pos += count + 1
        else:
            memmove(digits + 2 - before, digits, count)
            memset(digits, c"0", <size_t>(2 - before))
            digits[1] = c"."
            s.pos += count + 2 - before
        return
    if count > 1:
        memmove(digits + 2, digits + 1, count - 1)
        digits[1] = c"."
    s.pos += count + (count > 1)
    s.pos[0] = c"E"
    s.pos += 1
    if before > 0:
        s.pos[0] = c"+"
        s.pos += 1
    s.pos = avrojet_put_integer(before - 1, s.pos)


cdef bint emit_uuid(const Node* node, Cursor* c, Sink* s) noexcept nogil:
    """36 characters of text, or 16 bytes in network order (specification: UUID)."""
    cdef const uint8_t* start = c.pos
    cdef uint8_t raw[16]
    cdef int64_t size = node.size
    if not (cur_length(c, &size) if node.size < 0 else cur_need(c, size)) or not sink_reserve(s, 38):
        return False
    if node.size == 16:
        memcpy(raw, c.pos, 16)
    elif not parse_uuid(c.pos, size, raw):
        c.pos = start
        return cur_fail(c, READ_UUID)
    c.pos += size
    s.pos[0] = s.pos[37] = c'"'
    avrojet_uuid_to_hex(raw, s.pos + 1)
    s.pos += 38
    return True
