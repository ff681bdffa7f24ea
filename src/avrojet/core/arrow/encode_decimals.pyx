"""Numbers, text and bytes of Arrow columns as Avro decimals, exactly or not at all: one routine per op.

A decimal is its unscaled number in big-endian two's complement, in bytes or in a fixed (specification: Decimal);
a big-decimal is bytes that contain such bytes and the scale.
"""

from libc.stdint cimport INT32_MAX, INT32_MIN, INT64_MAX, INT64_MIN, int64_t, uint8_t, uint32_t, uint64_t
from libc.string cimport memcpy

from avrojet.core.arrow.array_reader cimport *
from avrojet.core.ground.cursor cimport Cursor, cur_init, cur_int, cur_length
from avrojet.core.ground.decimals cimport *
from avrojet.core.ground.sink cimport Sink

cdef extern from "encode_columns.h":
    uint8_t* put_zigzag "avrojet_put_long"(uint8_t*, int64_t) nogil
    void avrojet_wide_load(const uint8_t*, Py_ssize_t, uint64_t*) nogil
    bint avrojet_wide_within(const uint64_t*, const uint64_t*) nogil
    Py_ssize_t avrojet_wide_size(const uint64_t*) nogil
    Py_ssize_t avrojet_narrow_size(int64_t) nogil
    void avrojet_narrow_put(int64_t, uint8_t*, Py_ssize_t) nogil
    void avrojet_wide_put(const uint64_t*, uint8_t*, Py_ssize_t) nogil

cdef enum:
    # Numbers of up to about 600 digits have their limbs on the stack.
    NEAR_LIMBS = 64
    # Bytes of a number's length, or its scale; some are written in chunks of eight.
    VARINT_ROOM = 16


cdef inline int64_t most_bytes(const Output* out) noexcept nogil:
    return (<Sink*>out.sink).bounds.decimal_bytes


# Writing a number in the room that its node has reserved

cdef inline uint8_t* put_wide(const ArrowNode* p, const uint64_t* number, uint8_t* pos) noexcept nogil:
    cdef Py_ssize_t size = p.size
    if size < 0:
        size = avrojet_wide_size(number)
        pos = put_zigzag(pos, size)
    avrojet_wide_put(number, pos, size)
    return pos + size


cdef inline uint8_t* put_narrow(const ArrowNode* p, int64_t number, uint8_t* pos) noexcept nogil:
    cdef uint64_t wide[4]
    cdef Py_ssize_t size = p.size
    if size > 8:
        wide[0] = <uint64_t>number
        wide[1] = wide[2] = wide[3] = <uint64_t>(number >> 63)
        return put_wide(p, wide, pos)
    if size < 0:
        size = avrojet_narrow_size(number)
        pos[0] = <uint8_t>(size << 1)
        pos += 1
    avrojet_narrow_put(number, pos, size)
    return pos + size


cdef uint8_t* put_whole(const ArrowNode* p, const Whole* number, uint8_t* pos, Output* out) noexcept nogil:
    """Any number, which may need more room."""
    cdef Py_ssize_t size = whole_size(number)
    if size > most_bytes(out):
        return put_failed(out, p, WRITE_DECIMAL_BYTES, size)
    if p.size >= 0:
        size = p.size
    pos = reserve(out, p, pos, size + p.need)
    if pos == NULL:
        return NULL
    if p.size < 0:
        pos = put_zigzag(pos, size)
    whole_put(number, pos, size)
    return pos + size


# Decimals

cdef uint8_t* put_decimal(ArrowNode* p, int64_t i, uint8_t* pos, Output* out) noexcept nogil:
    """A decimal with the schema's scale."""
    cdef uint64_t number[4]
    avrojet_wide_load(p.values + i * p.width, p.width, number)
    if not avrojet_wide_within(number, p.bound):
        return put_failed(out, p, WRITE_PRECISION)
    if p.bound[0] < <uint64_t>1 << 63 and p.bound[1] == 0 and p.size <= 8:
        # Up to 18 digits fit 64 bits.
        return put_narrow(p, <int64_t>number[0], pos)
    return put_wide(p, number, pos)


cdef uint8_t* put_decimal_scaled(ArrowNode* p, int64_t i, uint8_t* pos, Output* out) noexcept nogil:
    """A decimal with another scale."""
    cdef uint64_t number[4]
    avrojet_wide_load(p.values + i * p.width, p.width, number)
    return put_scaled(p, number, pos, out)


cdef uint8_t* put_integer_decimal(ArrowNode* p, int64_t i, uint8_t* pos, Output* out) noexcept nogil:
    cdef uint64_t number[4]
    load_wide_integer(p, i, number)
    return put_scaled(p, number, pos, out)


cdef void load_wide_integer(const ArrowNode* p, int64_t i, uint64_t* number) noexcept nogil:
    cdef int64_t value = load_integer(p, i)
    number[0] = <uint64_t>value
    number[1] = number[2] = number[3] = 0 if p.store == STORED_U64 else <uint64_t>(value >> 63)


cdef uint8_t* put_scaled(const ArrowNode* p, const uint64_t* number, uint8_t* pos, Output* out) noexcept nogil:
    """A number times 10**exponent; if the exponent is negative, the digits dropped must be zeros."""
    cdef uint32_t near[NEAR_LIMBS]
    cdef Whole whole
    cdef int64_t value
    if not avrojet_wide_within(number, p.bound):
        return put_failed(out, p, WRITE_PRECISION)
    if is_narrow(number):
        value = <int64_t>number[0]
        if scale_narrow(&value, p.exponent):
            return put_narrow(p, value, pos)
    if p.exponent > 0 and fewest_decimal_bytes(p.exponent) > most_bytes(out):
        return put_failed(out, p, WRITE_DECIMAL_BYTES, fewest_decimal_bytes(p.exponent))
    whole.limbs = take_limbs(near, NEAR_LIMBS, 8 + (limbs_of(p.exponent) if p.exponent > 0 else 0))
    if whole.limbs == NULL:
        return put_failed(out, p, WRITE_MEMORY)
    whole_of_wide(&whole, number)
    if p.exponent >= 0:
        whole_raise(&whole, p.exponent)
        pos = put_whole(p, &whole, pos, out)
    elif whole_lower(&whole, -p.exponent):
        pos = put_whole(p, &whole, pos, out)
    else:
        pos = put_failed(out, p, WRITE_SCALE)
    free_limbs(near, whole.limbs)
    return pos


cdef inline bint is_narrow(const uint64_t* number) noexcept nogil:
    cdef uint64_t sign = <uint64_t>(<int64_t>number[0] >> 63)
    return number[1] == sign and number[2] == sign and number[3] == sign


cdef bint scale_narrow(int64_t* number, int64_t exponent) noexcept nogil:
    """Multiply by 10**exponent, exactly and within 64 bits; False if that cannot be done."""
    cdef int64_t factor
    if number[0] == 0 or exponent == 0:
        return True
    if not -18 <= exponent <= 18:
        return False
    factor = power_of_ten(<int>(exponent if exponent > 0 else -exponent))
    if exponent < 0:
        if number[0] % factor:
            return False
        number[0] //= factor
        return True
    if number[0] > INT64_MAX // factor or number[0] < INT64_MIN // factor:
        return False
    number[0] *= factor
    return True


cdef uint8_t* put_text_decimal(ArrowNode* p, int64_t i, uint8_t* pos, Output* out) noexcept nogil:
    """Text as the number that it spells, never as its bytes."""
    cdef DecimalText text
    cdef int64_t size, digits
    cdef const uint8_t* data = find_bytes(p, i, &size, out)
    if data == NULL:
        return NULL
    if not read_decimal(data, size, &text):
        return put_failed(out, p, WRITE_NO_NUMBER)
    if text.count == 0:
        return put_narrow(p, 0, pos)
    drop_text_zeros(&text)
    text.exponent += p.exponent
    digits = text.count + text.exponent
    if text.exponent < 0:
        return put_failed(out, p, WRITE_SCALE)
    if digits > p.digits:
        return put_failed(out, p, WRITE_PRECISION)
    if digits <= 18:
        return put_narrow(p, small_of_text(&text) * power_of_ten(<int>text.exponent), pos)
    return put_long_text(p, &text, digits, pos, out)


cdef uint8_t* put_long_text(
    const ArrowNode* p, const DecimalText* text, int64_t digits, uint8_t* pos, Output* out
) noexcept nogil:
    cdef uint32_t near[NEAR_LIMBS]
    cdef Whole whole
    if fewest_decimal_bytes(digits) > most_bytes(out):
        return put_failed(out, p, WRITE_DECIMAL_BYTES, fewest_decimal_bytes(digits))
    whole.limbs = take_limbs(near, NEAR_LIMBS, limbs_of(digits))
    if whole.limbs == NULL:
        return put_failed(out, p, WRITE_MEMORY)
    whole_of_text(&whole, text)
    whole_raise(&whole, text.exponent)
    pos = put_whole(p, &whole, pos, out)
    free_limbs(near, whole.limbs)
    return pos


cdef uint8_t* put_bytes_decimal(ArrowNode* p, int64_t i, uint8_t* pos, Output* out) noexcept nogil:
    """The encoded number, if it has no more digits than the precision."""
    cdef int64_t size
    cdef Py_ssize_t fewest
    cdef const uint8_t* data = find_bytes(p, i, &size, out)
    cdef const uint8_t* start = data
    if data == NULL:
        return NULL
    if p.size >= 0 and size != p.size:
        return put_failed(out, p, WRITE_SIZE, size)
    fewest = size
    drop_sign_bytes(&start, &fewest)
    if fewest > most_bytes(out):
        return put_failed(out, p, WRITE_DECIMAL_BYTES, fewest)
    if not bytes_within(start, fewest, p.constant, p.constant_size):
        return put_failed(out, p, WRITE_PRECISION)
    return put_encoded(p, data, size, p.size < 0, pos, out)


cdef uint8_t* put_encoded(
    const ArrowNode* p, const uint8_t* data, int64_t size, bint sized, uint8_t* pos, Output* out
) noexcept nogil:
    if size > INT32_MAX:
        return put_failed(out, p, WRITE_SIZE, size)
    pos = reserve(out, p, pos, size + p.need)
    if pos == NULL:
        return NULL
    if sized:
        pos = put_zigzag(pos, size)
    memcpy(pos, data, size)
    return pos + size


# Big decimals

cdef uint8_t* put_decimal_big(ArrowNode* p, int64_t i, uint8_t* pos, Output* out) noexcept nogil:
    cdef uint64_t number[4]
    avrojet_wide_load(p.values + i * p.width, p.width, number)
    return put_wide_big(p, number, pos, out)


cdef uint8_t* put_integer_big(ArrowNode* p, int64_t i, uint8_t* pos, Output* out) noexcept nogil:
    cdef uint64_t number[4]
    load_wide_integer(p, i, number)
    return put_wide_big(p, number, pos, out)


cdef uint8_t* put_wide_big(const ArrowNode* p, const uint64_t* number, uint8_t* pos, Output* out) noexcept nogil:
    cdef uint32_t near[NEAR_LIMBS]
    cdef Whole whole
    whole.limbs = near
    whole_of_wide(&whole, number)
    return put_big(p, &whole, p.exponent, pos, out)


cdef uint8_t* put_text_big(ArrowNode* p, int64_t i, uint8_t* pos, Output* out) noexcept nogil:
    """Text as the number that it spells, with the scale that it is written with."""
    cdef uint32_t near[NEAR_LIMBS]
    cdef DecimalText text
    cdef Whole whole
    cdef int64_t size
    cdef const uint8_t* data = find_bytes(p, i, &size, out)
    if data == NULL:
        return NULL
    if not read_decimal(data, size, &text):
        return put_failed(out, p, WRITE_NO_NUMBER)
    if text.count and fewest_decimal_bytes(text.count) > most_bytes(out):
        return put_failed(out, p, WRITE_DECIMAL_BYTES, fewest_decimal_bytes(text.count))
    whole.limbs = take_limbs(near, NEAR_LIMBS, limbs_of(text.count))
    if whole.limbs == NULL:
        return put_failed(out, p, WRITE_MEMORY)
    whole_of_text(&whole, &text)
    pos = put_big(p, &whole, -text.exponent, pos, out)
    free_limbs(near, whole.limbs)
    return pos


cdef uint8_t* put_big(const ArrowNode* p, const Whole* number, int64_t scale, uint8_t* pos, Output* out) noexcept nogil:
    cdef uint8_t head[VARINT_ROOM]
    cdef uint8_t tail[VARINT_ROOM]
    cdef Py_ssize_t size = whole_size(number)
    cdef Py_ssize_t head_size, tail_size
    if not INT32_MIN <= scale <= INT32_MAX:
        return put_failed(out, p, WRITE_BIG_SCALE)
    if size > most_bytes(out):
        return put_failed(out, p, WRITE_DECIMAL_BYTES, size)
    head_size = put_zigzag(head, size) - head
    tail_size = put_zigzag(tail, scale) - tail
    pos = reserve(out, p, pos, size + 3 * VARINT_ROOM + p.need)
    if pos == NULL:
        return NULL
    pos = put_zigzag(pos, head_size + size + tail_size)
    memcpy(pos, head, head_size)
    whole_put(number, pos + head_size, size)
    memcpy(pos + head_size + size, tail, tail_size)
    return pos + head_size + size + tail_size


cdef uint8_t* put_bytes_big(ArrowNode* p, int64_t i, uint8_t* pos, Output* out) noexcept nogil:
    """The encoded number and scale, if the bytes are that."""
    cdef int64_t size, digits, scale
    cdef const uint8_t* data = find_bytes(p, i, &size, out)
    cdef const uint8_t* start
    cdef Py_ssize_t fewest
    cdef Cursor c
    if data == NULL:
        return NULL
    cur_init(&c, data, size, (<Sink*>out.sink).bounds)
    if not cur_length(&c, &digits):
        return put_failed(out, p, WRITE_BIG_DECIMAL)
    start = c.pos
    c.pos += digits
    if not cur_int(&c, &scale) or c.pos != c.end:
        return put_failed(out, p, WRITE_BIG_DECIMAL)
    fewest = digits
    drop_sign_bytes(&start, &fewest)
    if fewest > most_bytes(out):
        return put_failed(out, p, WRITE_DECIMAL_BYTES, fewest)
    return put_encoded(p, data, size, True, pos, out)
