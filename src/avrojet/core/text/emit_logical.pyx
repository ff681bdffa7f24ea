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
from avrojet.core.text.emit cimport EMIT_NUMBERS, read_long

cdef extern from "scalars.h":
    uint32_t avrojet_load32le(const uint8_t*) nogil

cdef extern from "hex.h":
    void avrojet_uuid_to_hex(const uint8_t*, uint8_t*) nogil

cdef extern from "numbers.h":
    int avrojet_count_digits(uint64_t) nogil
    void avrojet_put_digits(uint64_t, int, uint8_t*) nogil
    void avrojet_put_eight(uint32_t, uint8_t*) nogil
    uint8_t* avrojet_put_unsigned(uint64_t, uint8_t*) nogil
    uint8_t* avrojet_put_integer(int64_t, uint8_t*) nogil
    const char avrojet_pairs[201]

cdef enum:
    LIMBS_AT_HAND = 16          # 32-bit limbs of a number converted without allocating
    PLACES = 9                  # decimal digits that a division by PLACE_VALUE splits off
    PLACE_VALUE = 1000000000


cdef inline bint read_number(const Node* node, Cursor* c, int64_t* value) noexcept nogil:
    return cur_int(c, value) if node.narrow else read_long(c, value)


# Dates and times

cdef inline void put_pair(uint32_t value, uint8_t* out) noexcept nogil:
    """Two digits of a number below 100."""
    memcpy(out, avrojet_pairs + 2 * value, 2)


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
        put_pair(year // 100, out)
        put_pair(year % 100, out + 2)
        out += 4
    out[0] = c"-"
    put_pair(month, out + 1)
    out[3] = c"-"
    put_pair(day, out + 4)
    return out + 6


cdef inline uint8_t* put_time(uint32_t seconds, uint32_t fraction, int64_t unit, uint8_t* out) noexcept nogil:
    """Hours to seconds, with micro- or nanoseconds if they are not 0, like isoformat()."""
    cdef uint32_t minutes = seconds // 60
    cdef uint32_t hours = seconds // 3600
    put_pair(hours, out)
    out[2] = c":"
    put_pair(minutes - 60 * hours, out + 3)
    out[5] = c":"
    put_pair(seconds - 60 * minutes, out + 6)
    out += 8
    if fraction == 0:
        return out
    out[0] = c"."
    if unit == 1000000000 and fraction % 1000:
        avrojet_put_digits(fraction, 9, out + 1)
        return out + 10
    if unit == 1000:
        fraction *= 1000
    elif unit == 1000000000:
        fraction //= 1000
    avrojet_put_eight(fraction * 100, out + 1)      # two more than there are, without a loop
    return out + 7


cdef uint8_t* emit_date(const Node* node, Cursor* c, Sink* s, uint8_t* out) noexcept nogil:
    cdef int64_t days
    if not read_number(node, c, &days):
        return NULL
    out[0] = c'"'
    out = put_date(days, out + 1)
    out[0] = c'"'
    return out + 1


cdef uint8_t* emit_time(const Node* node, Cursor* c, Sink* s, uint8_t* out) noexcept nogil:
    cdef const uint8_t* start = c.pos
    cdef int64_t value
    return put_time_of_day(node, value, c, start, out) if read_number(node, c, &value) else NULL


cdef uint8_t* put_time_of_day(
    const Node* node, int64_t value, Cursor* c, const uint8_t* start, uint8_t* out
) noexcept nogil:
    """A time of day, which was encoded at ``start``."""
    cdef int64_t unit = node.unit
    cdef int64_t seconds
    if not node.first <= value <= node.last:
        c.pos = start
        cur_fail(c, READ_TIME, value)
        return NULL
    out[0] = c'"'
    seconds = whole_seconds(value, unit)
    out = put_time(<uint32_t>seconds, <uint32_t>(value - seconds * unit), unit, out + 1)
    out[0] = c'"'
    return out + 1


cdef uint8_t* emit_timestamp(const Node* node, Cursor* c, Sink* s, uint8_t* out) noexcept nogil:
    cdef int64_t value
    return put_timestamp(node, value, out) if read_number(node, c, &value) else NULL


cdef uint8_t* put_timestamp(const Node* node, int64_t value, uint8_t* out) noexcept nogil:
    cdef int64_t unit = node.unit
    cdef int64_t seconds = whole_seconds(value, unit)
    cdef int64_t days = floor_div(seconds, DAY_SECONDS)
    out[0] = c'"'
    out = put_date(days, out + 1)
    out[0] = c"T"
    out = put_time(<uint32_t>(seconds - days * DAY_SECONDS), <uint32_t>(value - seconds * unit), unit, out + 1)
    if not node.local:
        memcpy(out, b"+00:00", 6)
        out += 6
    out[0] = c'"'
    return out + 1


cdef uint8_t* emit_rescaled(const Node* node, Cursor* c, Sink* s, uint8_t* out) noexcept nogil:
    """A time in the writer's unit, converted to the reader's."""
    cdef const uint8_t* start = c.pos
    cdef int64_t value, written
    cdef Rescaling done
    if not read_number(node, c, &value):
        return NULL
    written = value
    done = rescale(node, &value)
    if done != RESCALED:
        c.pos = start
        c.node = node
        cur_fail(c, READ_DIGITS_LOST if done == RESCALED_LOST else READ_BEYOND_UNIT, written)
        return NULL
    if node.child.op == OP_TIME:
        return put_time_of_day(node.child, value, c, start, out)
    if node.child.op == OP_TIMESTAMP:
        return put_timestamp(node.child, value, out)
    return avrojet_put_integer(value, out)      # logical types are not shown


cdef uint8_t* emit_duration(const Node* node, Cursor* c, Sink* s, uint8_t* out) noexcept nogil:
    """Months, days and seconds, each left out if 0; ``PT0S`` if all are."""
    cdef const uint8_t* data = c.pos
    cdef uint32_t months, days, millis
    if not cur_skip(c, 12):
        return NULL
    months = avrojet_load32le(data)
    days = avrojet_load32le(data + 4)
    millis = avrojet_load32le(data + 8)
    out[0] = c'"'
    out[1] = c"P"
    out = put_amount(months, c"M", out + 2)
    out = put_amount(days, c"D", out)
    if millis or not (months or days):
        out[0] = c"T"
        out = avrojet_put_unsigned(millis // 1000, out + 1)
        if millis % 1000:
            out[0] = c"."
            avrojet_put_digits(millis % 1000, 3, out + 1)
            out += 4
        out[0] = c"S"
        out += 1
    out[0] = c'"'
    return out + 1


cdef inline uint8_t* put_amount(uint32_t amount, uint8_t unit, uint8_t* out) noexcept nogil:
    if amount == 0:
        return out
    out = avrojet_put_unsigned(amount, out)
    out[0] = unit
    return out + 1


# Decimals

cdef uint8_t* emit_decimal(const Node* node, Cursor* c, Sink* s, uint8_t* out) noexcept nogil:
    cdef const uint8_t* start = c.pos
    cdef int64_t size = node.size
    if not (cur_length(c, &size) if node.size < 0 else cur_need(c, size)):
        return NULL
    c.pos += size
    s.pos = out
    if emit_unscaled(c, s, c.pos - size, size, node.scale, node.precision):
        return s.pos
    c.pos = start
    return NULL


cdef uint8_t* emit_big_decimal(const Node* node, Cursor* c, Sink* s, uint8_t* out) noexcept nogil:
    """Bytes that hold the unscaled number as bytes and the scale as an int."""
    cdef const uint8_t* start = c.pos
    cdef const uint8_t* end = c.end
    cdef const uint8_t* digits = NULL
    cdef int64_t size, scale = 0
    cdef bint whole
    if not cur_length(c, &size):
        return NULL
    c.end = c.pos + size
    whole = cur_length(c, &size)
    if whole:
        digits = c.pos
        c.pos += size
        whole = cur_int(c, &scale) and c.pos == c.end
    c.end = end
    s.pos = out
    if whole and emit_unscaled(c, s, digits, size, scale, 0):
        return s.pos
    if not whole:
        cur_fail(c, READ_BIG_DECIMAL)
    c.pos = start
    return NULL


cdef bint emit_unscaled(
    Cursor* c, Sink* s, const uint8_t* data, Py_ssize_t size, int64_t scale, int precision
) noexcept nogil:
    """Append the big-endian two's complement number in ``data``, times 10**-scale, to the sink.

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


cdef uint8_t* emit_uuid(const Node* node, Cursor* c, Sink* s, uint8_t* out) noexcept nogil:
    """36 characters of text, or 16 bytes in network order (specification: UUID)."""
    cdef const uint8_t* start = c.pos
    cdef uint8_t raw[16]
    cdef int64_t size = node.size
    if not (cur_length(c, &size) if node.size < 0 else cur_need(c, size)):
        return NULL
    if node.size == 16:
        memcpy(raw, c.pos, 16)
    elif not parse_uuid(c.pos, size, raw):
        c.pos = start
        cur_fail(c, READ_UUID)
        return NULL
    c.pos += size
    out[0] = out[37] = c'"'
    avrojet_uuid_to_hex(raw, out + 1)
    return out + 38
