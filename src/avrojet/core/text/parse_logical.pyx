"""Parse routines of the logical types: what `core.text.emit_logical` emits, and the other forms of ISO 8601 that people
write. A number is read as the plain encoding of a date or a time.
"""

from libc.stdint cimport INT32_MAX, INT32_MIN, UINT32_MAX, intptr_t, int64_t, uint8_t, uint32_t, uint64_t
from libc.string cimport memcpy, memset

from avrojet.core.ground.calendar cimport *
from avrojet.core.ground.cursor cimport *
from avrojet.core.ground.decimals cimport *
from avrojet.core.ground.sink cimport *
from avrojet.core.plan.node cimport *
from avrojet.core.rows.decode_logical cimport parse_uuid
from avrojet.core.text.emit_logical cimport emit_big_decimal, emit_decimal
from avrojet.core.text.parse cimport PARSE_PLAIN, parse_number, parse_value, put_moment, read_token, refuse_at, text_of
from avrojet.core.text.scan cimport *

cdef extern from "scalars.h":
    void avrojet_store32le(uint8_t*, uint32_t) nogil

cdef extern from "hex.h":
    void avrojet_uuid_to_hex(const uint8_t*, uint8_t*) nogil

cdef enum:
    LIMBS_AT_HAND = 8           # 32-bit limbs of a number that needs no allocation: 76 digits
    MOST_YEAR_DIGITS = 9        # so that days of any year fit 64 bits


# The rest of a text; a function that does not find what it reads returns False, wherever it has got to.
cdef struct Rest:
    const uint8_t* pos
    const uint8_t* end


cdef bint misformed(Cursor* c, const uint8_t* start, const Node* node, const char* form) noexcept nogil:
    c.pos = start
    c.node = node
    return cur_fail(c, TEXT_FORM, <int64_t><intptr_t>form)


cdef inline bint open_text(const Node* node, Cursor* c, Sink* s, Rest* rest) noexcept nogil:
    cdef Token token
    cdef Py_ssize_t size
    if not read_token(node, c, &token) or not text_of(c, s, &token, &rest.pos, &size):
        return False
    rest.end = rest.pos + size
    return True


cdef inline bint next_is(Rest* rest, uint8_t char) noexcept nogil:
    if rest.pos < rest.end and rest.pos[0] == char:
        rest.pos += 1
        return True
    return False


cdef inline bint two_digits(Rest* rest, int* value) noexcept nogil:
    cdef int high, low
    if rest.end - rest.pos < 2:
        return False
    high = rest.pos[0] - c"0"
    low = rest.pos[1] - c"0"
    value[0] = 10 * high + low
    rest.pos += 2
    return 0 <= high <= 9 and 0 <= low <= 9


cdef bint read_amount(Rest* rest, int most_digits, int64_t* value, int* digits) noexcept nogil:
    cdef const uint8_t* start = rest.pos
    value[0] = 0
    while rest.pos < rest.end and c"0" <= rest.pos[0] <= c"9" and rest.pos - start < most_digits:
        value[0] = value[0] * 10 + (rest.pos[0] - c"0")
        rest.pos += 1
    digits[0] = <int>(rest.pos - start)
    return digits[0] > 0


# Dates and times

cdef bint read_date(Rest* rest, int64_t* days) noexcept nogil:
    """Year, month and day; years that do not have four digits have a sign (ISO 8601, 4.1.2.4)."""
    cdef bint negative = False, signed_ = False
    cdef int64_t year
    cdef int month, day, digits
    if next_is(rest, c"-"):
        negative = signed_ = True
    elif next_is(rest, c"+"):
        signed_ = True
    if not read_amount(rest, MOST_YEAR_DIGITS, &year, &digits) or digits < 4 or (digits > 4 and not signed_):
        return False
    if negative:
        year = -year
    if not (
        next_is(rest, c"-") and two_digits(rest, &month) and next_is(rest, c"-") and two_digits(rest, &day)
        and 1 <= month <= 12 and 1 <= day <= days_of_month(year, month)
    ):
        return False
    days[0] = days_from_civil(<int>year, month, day)
    return True


cdef inline int days_of_month(int64_t year, int month) noexcept nogil:
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month == 4 or month == 6 or month == 9 or month == 11 else 31


cdef bint read_time(Rest* rest, int64_t unit, bint truncate, int64_t* value) noexcept nogil:
    """Hours, minutes and usually seconds with a fraction; in units. Digits finer than the unit must be zeros."""
    cdef int hours, minutes, seconds = 0
    cdef int64_t place = unit
    cdef const uint8_t* start
    if not two_digits(rest, &hours) or not next_is(rest, c":") or not two_digits(rest, &minutes):
        return False
    if next_is(rest, c":") and not two_digits(rest, &seconds):
        return False
    if hours > 23 or minutes > 59 or seconds > 59:
        return False
    value[0] = <int64_t>(hours * 3600 + minutes * 60 + seconds) * unit
    if not next_is(rest, c".") and not next_is(rest, c","):
        return True
    start = rest.pos
    while rest.pos < rest.end and c"0" <= rest.pos[0] <= c"9":
        place //= 10
        if place == 0 and rest.pos[0] != c"0" and not truncate:
            return False
        value[0] += place * (rest.pos[0] - c"0")
        rest.pos += 1
    return rest.pos > start


cdef bint read_zone(Rest* rest, int* seconds) noexcept nogil:
    """Z, or hours and minutes ahead of UTC."""
    cdef int sign, hours, minutes = 0
    seconds[0] = 0
    if next_is(rest, c"Z") or next_is(rest, c"z"):
        return True
    sign = 1 if next_is(rest, c"+") else -1 if next_is(rest, c"-") else 0
    if sign == 0 or not two_digits(rest, &hours):
        return False
    if rest.pos < rest.end:
        next_is(rest, c":")
        if not two_digits(rest, &minutes):
            return False
    seconds[0] = sign * (hours * 3600 + minutes * 60)
    return hours < 24 and minutes < 60


cdef bint parse_date(const Node* node, Cursor* c, Sink* s) noexcept nogil:
    cdef const uint8_t* start = c.pos
    cdef int64_t days
    cdef Rest rest
    if peek(c) != c'"' or not s.options & PARSE_PLAIN:
        return parse_number(node, c, s)
    if not open_text(node, c, s, &rest):
        return False
    if not read_date(&rest, &days) or rest.pos != rest.end:
        return misformed(c, start, node, b"a date such as 2026-02-27")
    return put_moment(node, start, days, c, s)


cdef bint parse_time(const Node* node, Cursor* c, Sink* s) noexcept nogil:
    cdef const uint8_t* start = c.pos
    cdef int64_t unit = node.unit
    cdef int64_t value
    cdef Rest rest
    if peek(c) != c'"' or not s.options & PARSE_PLAIN:
        return parse_number(node, c, s)
    if not open_text(node, c, s, &rest):
        return False
    if not read_time(&rest, unit, s.options & TRUNCATE_TIMES, &value) or rest.pos != rest.end:
        return misformed(c, start, node, b"a time of day such as 09:30:00.25, with no more digits than the type has")
    return put_moment(node, start, value, c, s)


cdef bint parse_timestamp(const Node* node, Cursor* c, Sink* s) noexcept nogil:
    cdef const uint8_t* start = c.pos
    cdef int64_t unit = node.unit
    cdef int64_t days, value, seconds
    cdef bint local = node.local
    cdef int zone = 0
    cdef Rest rest
    if peek(c) != c'"' or not s.options & PARSE_PLAIN:
        return parse_number(node, c, s)
    if not open_text(node, c, s, &rest):
        return False
    if (
        not read_date(&rest, &days)
        or not (next_is(&rest, c"T") or next_is(&rest, c" ") or next_is(&rest, c"t"))
        or not read_time(&rest, unit, s.options & TRUNCATE_TIMES, &value)
    ):
        return misformed(
            c, start, node, b"a timestamp such as 2026-02-27T09:30:00.25Z, with no more digits than the type has"
        )
    if rest.pos == rest.end:
        if not local and not s.options & NAIVE_IS_UTC:
            return misformed(c, start, node, b"a timestamp with its zone, such as 2026-02-27T09:30:00Z")
    elif local or not read_zone(&rest, &zone) or rest.pos != rest.end:
        return misformed(
            c, start, node,
            b"a local timestamp without a zone" if local else b"a timestamp such as 2026-02-27T09:30:00+01:00",
        )
    seconds = days * DAY_SECONDS - zone + value // unit
    if not join(seconds, value % unit, unit, &value):
        return refuse_at(c, start, node, TEXT_RANGE)
    return put_moment(node, start, value, c, s)


cdef bint join(int64_t seconds, int64_t fraction, int64_t unit, int64_t* value) noexcept nogil:
    """Seconds and a fraction of a second in units; False if that overflows 64 bits."""
    cdef uint64_t half = <uint64_t>1 << 63
    if seconds < 0:
        if 0 - <uint64_t>seconds > (half + <uint64_t>fraction) // <uint64_t>unit:
            return False
    elif <uint64_t>seconds > (half - 1 - <uint64_t>fraction) // <uint64_t>unit:
        return False
    value[0] = <int64_t>(<uint64_t>seconds * unit + fraction)
    return True


# Durations

cdef bint parse_duration(const Node* node, Cursor* c, Sink* s) noexcept nogil:
    """Months, days and milliseconds (specification: Duration), also from ISO 8601's larger and smaller units."""
    cdef const uint8_t* start = c.pos
    cdef int64_t amounts[3]
    cdef Rest rest
    cdef int i
    if not s.options & PARSE_PLAIN:
        return parse_value(node.child, c, s)
    memset(amounts, 0, sizeof(amounts))
    if not open_text(node, c, s, &rest):
        return False
    if not read_duration(&rest, amounts) or rest.pos != rest.end:
        return misformed(c, start, node, b"a duration such as P1M2DT3.5S")
    for i in range(3):
        if amounts[i] > <int64_t>UINT32_MAX:
            return refuse_at(c, start, node, TEXT_RANGE)
    if not sink_reserve(s, 12):
        return False
    for i in range(3):
        avrojet_store32le(s.pos, <uint32_t>amounts[i])
        s.pos += 4
    return True


cdef bint read_duration(Rest* rest, int64_t* amounts) noexcept nogil:
    cdef bint in_time = False, any = False
    cdef int64_t amount, millis
    cdef int digits, place
    if not next_is(rest, c"P"):
        return False
    while rest.pos < rest.end:
        if not in_time and next_is(rest, c"T"):
            in_time = True
            any = False
            continue
        if not read_amount(rest, 12, &amount, &digits):
            return False
        millis = 0
        if in_time and next_is(rest, c"."):
            place = 100
            while rest.pos < rest.end and c"0" <= rest.pos[0] <= c"9":
                if place == 0 and rest.pos[0] != c"0":
                    return False
                millis += place * (rest.pos[0] - c"0")
                place //= 10
                rest.pos += 1
            if rest.pos >= rest.end or rest.pos[0] != c"S":
                return False
        if not add_amount(rest, in_time, amount, millis, amounts):
            return False
        any = True
    return any


cdef bint add_amount(Rest* rest, bint in_time, int64_t amount, int64_t millis, int64_t* amounts) noexcept nogil:
    if in_time:
        if next_is(rest, c"H"):
            amounts[2] += amount * 3600000
        elif next_is(rest, c"M"):
            amounts[2] += amount * 60000
        elif next_is(rest, c"S"):
            amounts[2] += amount * 1000 + millis
        else:
            return False
    elif next_is(rest, c"Y"):
        amounts[0] += amount * 12
    elif next_is(rest, c"M"):
        amounts[0] += amount
    elif next_is(rest, c"W"):
        amounts[1] += amount * 7
    elif next_is(rest, c"D"):
        amounts[1] += amount
    else:
        return False
    return True


# Decimals

cdef bint read_digits(const Node* node, Cursor* c, Sink* s, DecimalText* digits) noexcept nogil:
    """Read a decimal from a string or a number."""
    cdef const uint8_t* start = c.pos
    cdef Number number
    cdef Rest rest
    if peek(c) == c'"':
        if not open_text(node, c, s, &rest):
            return False
    else:
        if peek(c) != c"-" and not c"0" <= peek(c) <= c"9":
            return refuse_at(c, start, node, TEXT_KIND)
        if not scan_number(c, &number):
            return False
        rest.pos = number.start
        rest.end = number.start + number.size
    if read_decimal(rest.pos, rest.end - rest.pos, digits):
        return True
    return misformed(c, start, node, b"a decimal such as 4.50")


cdef bint is_short_enough(Cursor* c, const uint8_t* start, int64_t digits) noexcept nogil:
    """Whether a number of that many digits may be converted to bytes, which takes quadratic time."""
    cdef int64_t bytes_ = (digits * 33219 + 79999) // 80000 + 1     # log2(10) / 8 a digit, and the sign
    if bytes_ <= c.bounds.decimal_bytes + 1:
        return True
    c.pos = start
    return cur_fail(c, READ_DECIMAL_BYTES, bytes_)


cdef bint parse_underlying(const Node* node, Cursor* c, Sink* s) noexcept nogil:
    """The JSON of the underlying type; a value that no reader could show is an error."""
    cdef const uint8_t* start = c.pos
    cdef Py_ssize_t begin = s.pos - s.start
    if not parse_value(node.child, c, s):
        return False
    if is_readable(node, begin, c, s):
        return True
    return False if s.error or c.error == READ_DECIMAL_BYTES else refuse_at(c, start, node, TEXT_RANGE)


cdef bint is_readable(const Node* node, Py_ssize_t begin, Cursor* c, Sink* s) noexcept nogil:
    """Whether the bytes from ``begin`` to the sink's end are a value of the logical type."""
    cdef Cursor written
    cdef Py_ssize_t size = s.pos - s.start - begin
    cdef uint8_t raw[16]
    cdef int64_t length
    cdef bint done
    # The text emitted for this test goes after the end, and the buffer must not move meanwhile.
    if not sink_reserve(s, size * 3 + 256):
        return False
    cur_init(&written, s.start + begin, size, c.bounds)
    if node.op == OP_UUID:
        return node.size == 16 or (cur_length(&written, &length) and parse_uuid(written.pos, length, raw))
    done = (emit_decimal if node.op == OP_DECIMAL else emit_big_decimal)(node, &written, s, s.pos) != NULL
    s.pos = s.start + begin + size
    return done or cur_fail(c, written.error, written.number)


cdef bint parse_decimal(const Node* node, Cursor* c, Sink* s) noexcept nogil:
    cdef const uint8_t* start = c.pos
    cdef DecimalText digits
    cdef int64_t shift = 0
    if not s.options & PARSE_PLAIN:
        return parse_underlying(node, c, s)
    if not read_digits(node, c, s, &digits):
        return False
    drop_text_zeros(&digits)
    if digits.count:
        shift = digits.exponent + node.scale
    if shift < 0:
        return misformed(c, start, node, b"a decimal of no more digits after the point than the scale has")
    if digits.count + shift > node.precision:
        return refuse_at(c, start, node, TEXT_RANGE)
    if not is_short_enough(c, start, digits.count + shift):
        return False
    if not put_decimal(s, &digits, shift, node.size):
        return False if s.error else refuse_at(c, start, node, TEXT_RANGE)
    return True


cdef bint parse_big_decimal(const Node* node, Cursor* c, Sink* s) noexcept nogil:
    """Bytes that hold the unscaled number as bytes and the scale as an int."""
    cdef const uint8_t* start = c.pos
    cdef Py_ssize_t begin = s.pos - s.start
    cdef Py_ssize_t size
    cdef DecimalText digits
    if not s.options & PARSE_PLAIN:
        return parse_underlying(node, c, s)
    if not read_digits(node, c, s, &digits):
        return False
    if not INT32_MIN < digits.exponent <= INT32_MAX:
        return refuse_at(c, start, node, TEXT_RANGE)
    if not is_short_enough(c, start, digits.count):
        return False
    # The digits may stand after the sink's end, so the size, two bytes at most, is inserted afterwards.
    if not put_decimal(s, &digits, 0, -1) or not put_long(s, -digits.exponent):
        return False
    size = s.pos - s.start - begin
    return insert_size(s, begin, size)


cdef bint insert_size(Sink* s, Py_ssize_t begin, Py_ssize_t size) noexcept nogil:
    cdef Py_ssize_t width
    if not put_long(s, size):
        return False
    width = s.pos - s.start - begin - size
    # The varint stands after the bytes; reverse both, then the whole.
    reverse(s.start + begin, size)
    reverse(s.start + begin + size, width)
    reverse(s.start + begin, size + width)
    return True


cdef void reverse(uint8_t* data, Py_ssize_t size) noexcept nogil:
    cdef Py_ssize_t i
    cdef uint8_t byte
    for i in range(size // 2):
        byte = data[i]
        data[i] = data[size - 1 - i]
        data[size - 1 - i] = byte


cdef bint put_decimal(Sink* s, const DecimalText* digits, int64_t zeros, Py_ssize_t fixed) noexcept nogil:
    """Write the digits and then ``zeros`` as a two's complement number: the fewest bytes after their length, or
    ``fixed`` bytes. False without an error if it does not fit these."""
    cdef uint32_t at_hand[LIMBS_AT_HAND]
    cdef Whole number
    cdef bint done
    number.limbs = take_limbs(at_hand, LIMBS_AT_HAND, limbs_of(digits.count + zeros))
    if number.limbs == NULL:
        s.error = WRITE_MEMORY
        return False
    whole_of_text(&number, digits)
    whole_raise(&number, zeros)
    done = put_whole(s, &number, fixed)
    free_limbs(at_hand, number.limbs)
    return done


cdef bint put_whole(Sink* s, const Whole* number, Py_ssize_t fixed) noexcept nogil:
    cdef Py_ssize_t size = whole_size(number)
    if fixed >= 0 and size > fixed:
        return False
    if not sink_reserve(s, max(size, fixed) + 10):
        return False
    if fixed < 0:
        put_number(s, size)
    else:
        size = fixed
    whole_put(number, s.pos, size)
    s.pos += size
    return True


cdef bint parse_uuid_text(const Node* node, Cursor* c, Sink* s) noexcept nogil:
    cdef const uint8_t* start = c.pos
    cdef uint8_t raw[16]
    cdef Rest rest
    if not s.options & PARSE_PLAIN:
        return parse_underlying(node, c, s)
    if not open_text(node, c, s, &rest):
        return False
    if not parse_uuid(rest.pos, rest.end - rest.pos, raw):
        return misformed(c, start, node, b"a UUID such as 6ba7b810-9dad-11d1-80b4-00c04fd430c8")
    if not sink_reserve(s, 37):
        return False
    if node.size == 16:
        memcpy(s.pos, raw, 16)
        s.pos += 16
        return True
    put_number(s, 36)
    avrojet_uuid_to_hex(raw, s.pos)
    s.pos += 36
    return True
