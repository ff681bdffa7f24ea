"""Arrow columns to bytes without the GIL, row by row: one routine per op; the table is at the foot.

A schema and a type give a tree of puts, compiled once; binding it to an array sets the pointers that its
routines read by. What can be checked for a whole array is checked there, so that a value costs little.
"""

from cpython.mem cimport PyMem_Calloc, PyMem_Free
from cpython.object cimport PyObject
from libc.stdint cimport (
    INT32_MAX, INT64_MAX, INT64_MIN, UINT32_MAX, int8_t, int16_t, int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t,
)
from libc.string cimport memcpy, memset

from avrojet.core.arrow cimport ArrowColumn, arrow_take
from avrojet.core.arrow_abi cimport ArrowArray
from avrojet.core.arrow_in cimport ArrowData
from avrojet.core.column cimport *
from avrojet.core.cursor cimport Bounds, bounds_of
from avrojet.core.decode_logical cimport parse_uuid
from avrojet.core.encode cimport BlockBuilder
from avrojet.core.sink cimport *
from avrojet.errors import EncodeError, LimitError

cdef extern from *:
    """
    #include "encode_columns.h"
    /* What is inline here is so in the loop over fields, whatever its size: what is cold has functions. */
    #undef CYTHON_INLINE
    #define CYTHON_INLINE AVROJET_ALWAYS_INLINE
    """

cdef extern from "encode_columns.h":
    enum:
        LITTLE_ENDIAN "AVROJET_LITTLE_ENDIAN"
    bint likely "AVROJET_LIKELY"(bint) nogil
    void avrojet_copy_chunks(uint8_t*, const uint8_t*, Py_ssize_t) nogil
    int16_t item_i16 "avrojet_item_i16"(const uint8_t*, int64_t) nogil
    int32_t item_i32 "avrojet_item_i32"(const uint8_t*, int64_t) nogil
    int64_t item_i64 "avrojet_item_i64"(const uint8_t*, int64_t) nogil
    uint16_t item_u16 "avrojet_item_u16"(const uint8_t*, int64_t) nogil
    uint32_t item_u32 "avrojet_item_u32"(const uint8_t*, int64_t) nogil
    uint64_t item_u64 "avrojet_item_u64"(const uint8_t*, int64_t) nogil
    uint8_t* put_varint "avrojet_put_varint"(uint8_t*, uint64_t) nogil
    uint8_t* put_zigzag "avrojet_put_long"(uint8_t*, int64_t) nogil
    uint32_t avrojet_half_to_float(uint32_t) nogil
    void avrojet_wide_load(const uint8_t*, Py_ssize_t, uint64_t*) nogil
    bint avrojet_wide_within(const uint64_t*, const uint64_t*) nogil
    Py_ssize_t avrojet_wide_size(const uint64_t*) nogil
    void avrojet_wide_put(const uint64_t*, uint8_t*, Py_ssize_t) nogil
    bint avrojet_is_ascii(const uint8_t*, Py_ssize_t) nogil
    bint avrojet_utf8_valid(const uint8_t*, Py_ssize_t) nogil
    bint avrojet_same_bytes(const uint8_t*, const uint8_t*, Py_ssize_t) nogil
    uint32_t avrojet_key_hash(const uint8_t*, Py_ssize_t) nogil
    void avrojet_store32le(uint8_t*, uint32_t) nogil
    void avrojet_store64le(uint8_t*, uint64_t) nogil
    uint64_t avrojet_double_to_bits(double) nogil
    double avrojet_float_to_double(uint32_t) nogil


cdef uint64_t NOT_ASCII = 0x8080808080808080


cdef enum PutOp:
    PUT_NULL
    PUT_BOOLEAN
    PUT_INT32                   # of any int32 an Avro int or long
    PUT_INT64                   # of any int64 an Avro long
    PUT_INTEGER                 # any width; factor, divisor, low, high
    PUT_INTEGER_FLOAT           # only whole numbers that a float has
    PUT_INTEGER_DOUBLE
    PUT_FLOAT
    PUT_DOUBLE
    PUT_HALF_FLOAT
    PUT_HALF_DOUBLE
    PUT_FLOAT_DOUBLE
    PUT_SHORT_BYTES             # offsets of 32 bits, and text that is known to be UTF-8
    PUT_VIEW
    PUT_BYTES                   # any bytes; text: only UTF-8
    PUT_FIXED                   # size
    PUT_SYMBOL                  # symbols
    PUT_UUID_TEXT               # of 16 bytes the text
    PUT_UUID_CHECKED            # text as it is
    PUT_UUID_RAW                # of text the 16 bytes
    PUT_DECIMAL                 # size (of the fixed, -1: bytes), width, bound
    PUT_INTERVAL                # width
    PUT_RECORD                  # kids
    PUT_LIST                    # kids (one)
    PUT_MEMBERS                 # kids, of which one has a value
    PUT_UNION                   # kids, branches
    PUT_DICTIONARY              # kids (one)
    PUT_RUNS                    # kids (one)
    PUT_CONSTANT                # data, size
    PUT_OP_COUNT


cdef enum Store:
    # How the values of an array lie.
    STORED_NOT
    STORED_BITS
    STORED_I8
    STORED_I16
    STORED_I32
    STORED_I64
    STORED_U8
    STORED_U16
    STORED_U32
    STORED_U64
    STORED_WIDE                 # width bytes each
    STORED_OFFSETS_32
    STORED_OFFSETS_64
    STORED_VIEWS                # of bytes
    STORED_LIST_32
    STORED_LIST_64
    STORED_LIST_VIEWS_32
    STORED_LIST_VIEWS_64
    STORED_LIST_SIZED           # width items each
    STORED_STRUCT
    STORED_DENSE
    STORED_SPARSE
    STORED_RUNS


cdef enum Misfit:
    FIT = 0
    MISFIT_NULL
    MISFIT_RANGE
    MISFIT_UNSIGNED
    MISFIT_UNIT
    MISFIT_DIGITS
    MISFIT_TEXT
    MISFIT_SIZE
    MISFIT_SYMBOL
    MISFIT_UUID
    MISFIT_PRECISION
    MISFIT_INTERVAL
    MISFIT_NO_MEMBER
    MISFIT_MEMBERS
    MISFIT_INDEX
    MISFIT_VIEW
    MISFIT_LIST
    MISFIT_BRANCH
    MISFIT_ARRAY                # a whole array: reason says why
    MISFIT_MEMORY
    MISFIT_FULL                 # of a column of messages


cdef struct Put:
    int op
    int tag_size
    int null_size               # -1: null is not allowed
    uint8_t tag[4]              # the union's branch
    uint8_t null_tag[4]
    int64_t need                # bytes that must be free before the value
    int64_t after               # bytes that must be free behind it
    # Of the array; indexes of rows, or of the items of all lists, have the array's offset added already.
    const uint8_t* validity     # NULL: no nulls
    int64_t shift               # the offset, for bits
    const uint8_t* values
    const uint8_t* data
    const uint8_t* data_end
    int64_t extent              # values that may be asked for, counted from the first of the array
    int64_t limit               # items, runs or dictionary values that there are
    int64_t run                 # where the last value was found
    const int64_t* sizes        # of the buffers of views
    const void** buffers
    Py_ssize_t buffer_count
    # Of the type and the schema.
    int store
    bint text
    int column                  # position in the array around; -1: none, -2: its dictionary
    int64_t columns             # that the array has
    bint has_dictionary
    Py_ssize_t width
    Py_ssize_t size
    int64_t factor
    int64_t divisor
    int64_t low
    int64_t high
    uint64_t bound[4]           # 10 ** precision
    const uint8_t* constant
    int32_t* slots              # hash table of symbols
    uint32_t mask
    int32_t* ends               # of the symbols' texts in constant
    int8_t* branches            # type id -> kid
    Py_ssize_t count
    Put* kids
    PyObject* path              # str


cdef struct Output:
    Sink* sink
    uint8_t* end
    Put* at                     # where it failed
    int misfit
    int64_t number
    const char* reason


ctypedef uint8_t* (*Putter)(Put*, int64_t, uint8_t*, Output*) noexcept nogil


cdef inline uint8_t* put(Put* p, int64_t i, uint8_t* pos, Output* out) noexcept nogil:
    """One value, for which ``need`` bytes are free. What most columns are is done in place."""
    if p.validity != NULL and not bit(p.validity, i + p.shift):
        return put_null(p, pos, out)
    memcpy(pos, p.tag, 4)
    pos += p.tag_size
    if p.op == PUT_INT64:
        return put_zigzag(pos, item_i64(p.values, i))
    elif p.op == PUT_SHORT_BYTES:
        return put_short_bytes(p, i, pos, out)
    elif p.op == PUT_VIEW:
        return put_view(p, i, pos, out)
    elif p.op == PUT_DOUBLE:
        avrojet_store64le(pos, item_u64(p.values, i))
        return pos + 8
    elif p.op == PUT_INT32:
        return put_zigzag(pos, item_i32(p.values, i))
    elif p.op == PUT_BOOLEAN:
        pos[0] = bit(p.values, i + p.shift)
        return pos + 1
    return PUT[p.op](p, i, pos, out)


cdef inline bint bit(const uint8_t* bits, int64_t i) noexcept nogil:
    return bits[i >> 3] >> (i & 7) & 1


cdef inline uint8_t* put_null(const Put* p, uint8_t* pos, Output* out) noexcept nogil:
    if p.null_size < 0:
        return failed(out, p, MISFIT_NULL)
    memcpy(pos, p.null_tag, 4)
    return pos + p.null_size


cdef uint8_t* put_apart(Put* p, int64_t i, uint8_t* pos, Output* out) noexcept nogil:
    """:func:`put` where a call is no matter."""
    return put(p, i, pos, out)


cdef uint8_t* failed(Output* out, const Put* p, int misfit, int64_t number=0) noexcept nogil:
    out.at = <Put*>p
    out.misfit = misfit
    out.number = number
    return NULL


cdef uint8_t* enlarge(Output* out, const Put* p, uint8_t* pos, int64_t size) noexcept nogil:
    """Room for ``size`` bytes; the new position."""
    cdef Sink* s = out.sink
    s.pos = pos
    if not sink_grow(s, size):
        return failed(out, p, MISFIT_MEMORY)
    out.end = s.end
    return s.pos


cdef inline uint8_t* reserve(Output* out, const Put* p, uint8_t* pos, int64_t size) noexcept nogil:
    return pos if likely(out.end - pos >= size) else enlarge(out, p, pos, size)


# Primitive types

cdef uint8_t* put_nothing(Put* p, int64_t i, uint8_t* pos, Output* out) noexcept nogil:
    return pos


cdef uint8_t* put_constant(Put* p, int64_t i, uint8_t* pos, Output* out) noexcept nogil:
    memcpy(pos, p.constant, p.size)
    return pos + p.size


cdef int64_t load_integer(const Put* p, int64_t i) noexcept nogil:
    """An integer of any width but an unsigned one of 64 bits that is too large."""
    if p.store == STORED_I8:
        return (<const int8_t*>p.values)[i]
    elif p.store == STORED_I16:
        return item_i16(p.values, i)
    elif p.store == STORED_I32:
        return item_i32(p.values, i)
    elif p.store == STORED_U8:
        return p.values[i]
    elif p.store == STORED_U16:
        return item_u16(p.values, i)
    elif p.store == STORED_U32:
        return item_u32(p.values, i)
    return item_i64(p.values, i)


cdef uint8_t* put_integer(Put* p, int64_t i, uint8_t* pos, Output* out) noexcept nogil:
    """An integer, a date or a time in the unit of the schema."""
    cdef int64_t value = load_integer(p, i)
    if p.store == STORED_U64 and value < 0:
        return failed(out, p, MISFIT_UNSIGNED, value)
    if p.divisor > 1:
        if value % p.divisor:
            return failed(out, p, MISFIT_UNIT, value)
        value //= p.divisor
    if p.factor > 1:
        if value > INT64_MAX // p.factor or value < INT64_MIN // p.factor:
            return failed(out, p, MISFIT_RANGE, value)
        value *= p.factor
    if value < p.low or value > p.high:
        return failed(out, p, MISFIT_RANGE, value)
    return put_zigzag(pos, value)


cdef uint8_t* put_integer_float(Put* p, int64_t i, uint8_t* pos, Output* out) noexcept nogil:
    cdef int64_t value = load_integer(p, i)
    cdef float number = <float>value
    cdef uint32_t bits
    if p.store == STORED_U64 and value < 0:
        return failed(out, p, MISFIT_UNSIGNED, value)
    if not is_exactly(value, number):
        return failed(out, p, MISFIT_DIGITS, value)
    memcpy(&bits, &number, 4)
    avrojet_store32le(pos, bits)
    return pos + 4


cdef uint8_t* put_integer_double(Put* p, int64_t i, uint8_t* pos, Output* out) noexcept nogil:
    cdef int64_t value = load_integer(p, i)
    if p.store == STORED_U64 and value < 0:
        return failed(out, p, MISFIT_UNSIGNED, value)
    if not is_exactly(value, <double>value):
        return failed(out, p, MISFIT_DIGITS, value)
    avrojet_store64le(pos, avrojet_double_to_bits(<double>value))
    return pos + 8


cdef inline bint is_exactly(int64_t value, double number) noexcept nogil:
    """2**63 itself, which large numbers are rounded to, is no int64: converting it back is not defined."""
    return number < 9223372036854775808.0 and <int64_t>number == value


cdef uint8_t* put_float(Put* p, int64_t i, uint8_t* pos, Output* out) noexcept nogil:
    avrojet_store32le(pos, item_u32(p.values, i))
    return pos + 4


cdef uint8_t* put_half_float(Put* p, int64_t i, uint8_t* pos, Output* out) noexcept nogil:
    avrojet_store32le(pos, avrojet_half_to_float(item_u16(p.values, i)))
    return pos + 4


cdef uint8_t* put_half_double(Put* p, int64_t i, uint8_t* pos, Output* out) noexcept nogil:
    cdef double value = avrojet_float_to_double(avrojet_half_to_float(item_u16(p.values, i)))
    avrojet_store64le(pos, avrojet_double_to_bits(value))
    return pos + 8


cdef uint8_t* put_float_double(Put* p, int64_t i, uint8_t* pos, Output* out) noexcept nogil:
    avrojet_store64le(pos, avrojet_double_to_bits(avrojet_float_to_double(item_u32(p.values, i))))
    return pos + 8


cdef uint8_t* put_in_place(Put* p, int64_t i, uint8_t* pos, Output* out) noexcept nogil:
    """The ops that :func:`put` knows itself never come here."""
    return failed(out, p, MISFIT_ARRAY)


# Bytes and text

cdef inline uint8_t* put_data(
    const Put* p, const uint8_t* data, int64_t size, const uint8_t* data_end, uint8_t* pos, Output* out
) noexcept nogil:
    """Length and bytes. Nothing is read from ``data_end`` on; NULL: behind the bytes."""
    pos = reserve(out, p, pos, size + p.need)
    if not likely(pos != NULL):
        return NULL
    pos = put_varint(pos, <uint64_t>size << 1)
    if likely(data_end - data >= size + COPY_SLACK):
        avrojet_copy_chunks(pos, data, size)
    elif size:
        memcpy(pos, data, size)
    return pos + size


cdef inline uint8_t* put_short_bytes(Put* p, int64_t i, uint8_t* pos, Output* out) noexcept nogil:
    cdef int32_t start = item_i32(p.values, i)
    return put_data(p, p.data + start, item_i32(p.values, i + 1) - start, p.data_end, pos, out)


cdef const uint8_t* find_bytes(const Put* p, int64_t i, int64_t* size, Output* out) noexcept nogil:
    """The bytes of a value, wherever they lie; NULL with an error if they are nowhere."""
    cdef int64_t start
    if p.store == STORED_WIDE:
        size[0] = p.width
        return p.values + i * p.width
    if p.store == STORED_VIEWS:
        return find_view(p, p.values + 16 * i, size, out)
    if p.store == STORED_OFFSETS_32:
        start = item_i32(p.values, i)
        size[0] = item_i32(p.values, i + 1) - start
    else:
        start = item_i64(p.values, i)
        size[0] = item_i64(p.values, i + 1) - start
    return p.data + start


cdef inline const uint8_t* find_view(const Put* p, const uint8_t* view, int64_t* size, Output* out) noexcept nogil:
    """A view holds up to 12 bytes itself, or says where more are (Arrow: Variable-size Binary View Layout)."""
    cdef int64_t buffer = item_i32(view, 2)
    cdef int64_t start = item_i32(view, 3)
    size[0] = item_i32(view, 0)
    if 0 <= size[0] <= 12:
        return view + 4
    if size[0] < 0 or buffer < 0 or buffer >= p.buffer_count or start < 0 or start + size[0] > p.sizes[buffer]:
        failed(out, p, MISFIT_VIEW)
        return NULL
    return <const uint8_t*>p.buffers[buffer] + start


cdef inline uint8_t* put_view(Put* p, int64_t i, uint8_t* pos, Output* out) noexcept nogil:
    """A view's own bytes are followed by zeros: all twelve are looked at and copied."""
    cdef const uint8_t* view = p.values + 16 * i
    cdef int64_t size = item_i32(view, 0)
    cdef uint64_t joined
    if size < 0 or size > 12:
        return put_long_view(p, view, pos, out)
    joined = item_u64(view + 4, 0) | item_u32(view + 12, 0)
    if p.text and joined & NOT_ASCII and not avrojet_utf8_valid(view + 4, size):
        return failed(out, p, MISFIT_TEXT)
    pos[0] = <uint8_t>(size << 1)
    memcpy(pos + 1, view + 4, 12)
    return pos + 1 + size


cdef uint8_t* put_long_view(Put* p, const uint8_t* view, uint8_t* pos, Output* out) noexcept nogil:
    cdef int64_t size
    cdef int64_t buffer = item_i32(view, 2)
    cdef const uint8_t* data = find_view(p, view, &size, out)
    if data == NULL:
        return NULL
    if p.text and not avrojet_is_ascii(data, size) and not avrojet_utf8_valid(data, size):
        return failed(out, p, MISFIT_TEXT)
    return put_data(p, data, size, <const uint8_t*>p.buffers[buffer] + p.sizes[buffer], pos, out)


cdef uint8_t* put_bytes(Put* p, int64_t i, uint8_t* pos, Output* out) noexcept nogil:
    cdef int64_t size
    cdef const uint8_t* data = find_bytes(p, i, &size, out)
    if data == NULL:
        return NULL
    if p.text and not avrojet_is_ascii(data, size) and not avrojet_utf8_valid(data, size):
        return failed(out, p, MISFIT_TEXT)
    if size > INT32_MAX:
        return failed(out, p, MISFIT_SIZE, size)
    return put_data(p, data, size, p.data_end, pos, out)


cdef uint8_t* put_fixed(Put* p, int64_t i, uint8_t* pos, Output* out) noexcept nogil:
    cdef int64_t size
    cdef const uint8_t* data = find_bytes(p, i, &size, out)
    if data == NULL:
        return NULL
    if size != p.size:
        return failed(out, p, MISFIT_SIZE, size)
    memcpy(pos, data, size)
    return pos + size


cdef uint8_t* put_symbol(Put* p, int64_t i, uint8_t* pos, Output* out) noexcept nogil:
    cdef int64_t size
    cdef int32_t position
    cdef const uint8_t* data = find_bytes(p, i, &size, out)
    if data == NULL:
        return NULL
    position = find_symbol(p, data, size)
    return put_zigzag(pos, position) if position >= 0 else failed(out, p, MISFIT_SYMBOL)


cdef int32_t find_symbol(const Put* p, const uint8_t* data, int64_t size) noexcept nogil:
    cdef uint32_t slot = avrojet_key_hash(data, size) & p.mask
    cdef int32_t position, start
    while p.slots[slot] >= 0:
        position = p.slots[slot]
        start = p.ends[position]
        if p.ends[position + 1] - start == size and avrojet_same_bytes(p.constant + start, data, size):
            return position
        slot = (slot + 1) & p.mask
    return -1


# Logical types

cdef uint8_t* put_uuid_text(Put* p, int64_t i, uint8_t* pos, Output* out) noexcept nogil:
    """The 36 characters of 16 bytes in network order."""
    cdef const char* digits = "0123456789abcdef"
    cdef int64_t size
    cdef const uint8_t* data = find_bytes(p, i, &size, out)
    cdef int k
    if data == NULL:
        return NULL
    if size != 16:
        return failed(out, p, MISFIT_SIZE, size)
    pos = put_zigzag(pos, 36)
    for k in range(16):
        if k == 4 or k == 6 or k == 8 or k == 10:
            pos[0] = c"-"
            pos += 1
        pos[0] = digits[data[k] >> 4]
        pos[1] = digits[data[k] & 15]
        pos += 2
    return pos


cdef uint8_t* put_uuid_checked(Put* p, int64_t i, uint8_t* pos, Output* out) noexcept nogil:
    cdef int64_t size
    cdef uint8_t raw[16]
    cdef const uint8_t* data = find_bytes(p, i, &size, out)
    if data == NULL:
        return NULL
    if not parse_uuid(data, size, raw):
        return failed(out, p, MISFIT_UUID)
    pos = put_zigzag(pos, size)
    memcpy(pos, data, size)
    return pos + size


cdef uint8_t* put_uuid_raw(Put* p, int64_t i, uint8_t* pos, Output* out) noexcept nogil:
    cdef int64_t size
    cdef const uint8_t* data = find_bytes(p, i, &size, out)
    if data == NULL:
        return NULL
    return pos + 16 if parse_uuid(data, size, pos) else failed(out, p, MISFIT_UUID)


cdef uint8_t* put_decimal(Put* p, int64_t i, uint8_t* pos, Output* out) noexcept nogil:
    """The unscaled number, big-endian: as long as the fixed, or as short as can be."""
    cdef uint64_t number[4]
    cdef Py_ssize_t size = p.size
    avrojet_wide_load(p.values + i * p.width, p.width, number)
    if not avrojet_wide_within(number, p.bound):
        return failed(out, p, MISFIT_PRECISION)
    if size < 0:
        size = avrojet_wide_size(number)
        pos = put_zigzag(pos, size)
    avrojet_wide_put(number, pos, size)
    return pos + size


cdef uint8_t* put_interval(Put* p, int64_t i, uint8_t* pos, Output* out) noexcept nogil:
    """Months, days and milliseconds, none of them negative (specification: Duration)."""
    cdef const uint8_t* value = p.values + i * p.width
    cdef int64_t months = 0
    cdef int64_t days = 0
    cdef int64_t millis = 0
    if p.width == 8:
        days = item_i32(value, 0)
        millis = item_i32(value, 1)
    else:
        months = item_i32(value, 0)
    if p.width == 16:
        days = item_i32(value, 1)
        millis = item_i64(value, 1)
        if millis % 1000000:
            return failed(out, p, MISFIT_INTERVAL)
        millis //= 1000000
    if months < 0 or days < 0 or millis < 0 or millis > <int64_t>UINT32_MAX:
        return failed(out, p, MISFIT_INTERVAL)
    avrojet_store32le(pos, <uint32_t>months)
    avrojet_store32le(pos + 4, <uint32_t>days)
    avrojet_store32le(pos + 8, <uint32_t>millis)
    return pos + 12


# Records, arrays and maps

cdef uint8_t* put_record(Put* p, int64_t i, uint8_t* pos, Output* out) noexcept nogil:
    cdef Py_ssize_t k
    cdef Put* kid = p.kids
    for k in range(p.count):
        pos = put(kid, i, pos, out)
        if not likely(pos != NULL):
            return NULL
        kid += 1
    return pos


cdef uint8_t* put_list(Put* p, int64_t i, uint8_t* pos, Output* out) noexcept nogil:
    """The items as one block; a map's are its entries."""
    cdef int64_t start, count, k
    cdef Put* kid = p.kids
    if p.store == STORED_LIST_32:
        start = item_i32(p.values, i)
        count = item_i32(p.values, i + 1) - start
    elif p.store == STORED_LIST_64:
        start = item_i64(p.values, i)
        count = item_i64(p.values, i + 1) - start
    elif p.store == STORED_LIST_SIZED:
        count = p.width
        start = (i + p.shift) * count
    elif p.store == STORED_LIST_VIEWS_32:
        start = item_i32(p.values, i)
        count = item_i32(p.data, i)
    else:
        start = item_i64(p.values, i)
        count = item_i64(p.data, i)
    if start < 0 or count < 0 or count > p.limit - start:
        return failed(out, p, MISFIT_LIST)
    if count:
        pos = put_zigzag(pos, count)
        pos = put_items(kid, start, count, pos, out)
        if pos == NULL:
            return NULL
    pos[0] = 0
    return pos + 1


cdef inline uint8_t* put_items(Put* kid, int64_t start, int64_t count, uint8_t* pos, Output* out) noexcept nogil:
    cdef int64_t k
    if kid.op == PUT_DOUBLE and kid.validity == NULL and kid.tag_size == 0 and LITTLE_ENDIAN:
        pos = reserve(out, kid, pos, count * 8 + kid.need)
        if pos != NULL:
            memcpy(pos, kid.values + start * 8, count * 8)
            pos += count * 8
        return pos
    for k in range(start, start + count):
        pos = reserve(out, kid, pos, kid.need)
        if not likely(pos != NULL):
            return NULL
        pos = put(kid, k, pos, out)
        if not likely(pos != NULL):
            return NULL
    return reserve(out, kid, pos, kid.need)


# Unions

cdef uint8_t* put_union(Put* p, int64_t i, uint8_t* pos, Output* out) noexcept nogil:
    cdef int8_t id = (<const int8_t*>p.values)[i]
    cdef int64_t place = i
    if id < 0 or p.branches[id] < 0:
        return failed(out, p, MISFIT_BRANCH, id)
    if p.store == STORED_DENSE:
        place = item_i32(p.data, i)
        if place < 0 or place >= p.kids[p.branches[id]].extent:
            return failed(out, p, MISFIT_INDEX, place)
    return put_apart(&p.kids[p.branches[id]], place, pos, out)


cdef uint8_t* put_members(Put* p, int64_t i, uint8_t* pos, Output* out) noexcept nogil:
    """The member that is set, if there is just one."""
    cdef Py_ssize_t k
    cdef Put* found = NULL
    for k in range(p.count):
        if not is_null(&p.kids[k], i):
            if found != NULL:
                return failed(out, p, MISFIT_MEMBERS)
            found = &p.kids[k]
    if found != NULL:
        return put_apart(found, i, pos, out)
    return put_null(p, pos, out) if p.null_size >= 0 else failed(out, p, MISFIT_NO_MEMBER)


cdef bint is_null(Put* p, int64_t i) noexcept nogil:
    """False for what is not valid: writing it tells."""
    cdef int64_t place
    if p.op == PUT_NULL:
        return True
    if p.validity != NULL and not bit(p.validity, i + p.shift):
        return True
    if p.op == PUT_DICTIONARY:
        place = load_integer(p, i)
        return 0 <= place < p.limit and is_null(p.kids, place)
    if p.op == PUT_RUNS:
        place = find_run(p, i)
        return is_null(p.kids, place)
    return False


# What leads to a value elsewhere

cdef uint8_t* put_dictionary(Put* p, int64_t i, uint8_t* pos, Output* out) noexcept nogil:
    cdef int64_t place = load_integer(p, i)
    if place < 0 or place >= p.limit:
        return failed(out, p, MISFIT_INDEX, place)
    return put_apart(p.kids, place, pos, out)


cdef uint8_t* put_runs(Put* p, int64_t i, uint8_t* pos, Output* out) noexcept nogil:
    return put_apart(p.kids, find_run(p, i), pos, out)


cdef int64_t find_run(Put* p, int64_t i) noexcept nogil:
    """The run that the value is in; binding has seen that there is one."""
    cdef int64_t low = 0
    cdef int64_t high = p.limit - 1
    cdef int64_t middle
    i += p.shift
    if run_begin(p, p.run) <= i:
        if i < run_end(p, p.run):
            return p.run
        low = p.run + 1
        if i < run_end(p, low):
            high = low
    while low < high:
        middle = (low + high) // 2
        if i < run_end(p, middle):
            high = middle
        else:
            low = middle + 1
    p.run = low
    return low


cdef inline int64_t run_begin(const Put* p, int64_t run) noexcept nogil:
    return run_end(p, run - 1) if run else 0


cdef inline int64_t run_end(const Put* p, int64_t run) noexcept nogil:
    if p.width == 2:
        return item_i16(p.values, run)
    return item_i32(p.values, run) if p.width == 4 else item_i64(p.values, run)


cdef Putter PUT[32]
PUT[<int>PUT_NULL] = put_nothing
PUT[<int>PUT_BOOLEAN] = put_in_place
PUT[<int>PUT_INT32] = put_in_place
PUT[<int>PUT_INT64] = put_in_place
PUT[<int>PUT_INTEGER] = put_integer
PUT[<int>PUT_INTEGER_FLOAT] = put_integer_float
PUT[<int>PUT_INTEGER_DOUBLE] = put_integer_double
PUT[<int>PUT_FLOAT] = put_float
PUT[<int>PUT_DOUBLE] = put_in_place
PUT[<int>PUT_HALF_FLOAT] = put_half_float
PUT[<int>PUT_HALF_DOUBLE] = put_half_double
PUT[<int>PUT_FLOAT_DOUBLE] = put_float_double
PUT[<int>PUT_SHORT_BYTES] = put_in_place
PUT[<int>PUT_VIEW] = put_in_place
PUT[<int>PUT_BYTES] = put_bytes
PUT[<int>PUT_FIXED] = put_fixed
PUT[<int>PUT_SYMBOL] = put_symbol
PUT[<int>PUT_UUID_TEXT] = put_uuid_text
PUT[<int>PUT_UUID_CHECKED] = put_uuid_checked
PUT[<int>PUT_UUID_RAW] = put_uuid_raw
PUT[<int>PUT_DECIMAL] = put_decimal
PUT[<int>PUT_INTERVAL] = put_interval
PUT[<int>PUT_RECORD] = put_record
PUT[<int>PUT_LIST] = put_list
PUT[<int>PUT_MEMBERS] = put_members
PUT[<int>PUT_UNION] = put_union
PUT[<int>PUT_DICTIONARY] = put_dictionary
PUT[<int>PUT_RUNS] = put_runs
PUT[<int>PUT_CONSTANT] = put_constant


# Binding to an array

cdef uint8_t NOWHERE[16]        # what pointers to nothing point to: they are never NULL


cdef bint invalid(Output* out, const Put* p, const char* reason) noexcept nogil:
    failed(out, p, MISFIT_ARRAY)
    out.reason = reason
    return False


cdef bint bind(Put* p, const ArrowArray* array, int64_t base, int64_t low, int64_t high, Output* out) noexcept nogil:
    """Let a put read the values ``low`` to ``high`` of an array, counted from its value ``base``."""
    if array == NULL or array.release == NULL or array.length < 0 or array.offset < 0:
        return invalid(out, p, "it is missing, released, or of negative length")
    if base + high > array.length:
        return invalid(out, p, "it is shorter than the array around it needs")
    if array.n_children != p.columns or (array.dictionary != NULL) != p.has_dictionary:
        return invalid(out, p, "it has other children than its type")
    p.shift = array.offset + base
    p.extent = high
    p.validity = NULL
    p.data = p.values = NOWHERE
    p.data_end = NULL
    if low == high:
        return True
    return bind_validity(p, array, out) and bind_values(p, array, low, high, out)


cdef bint bind_validity(Put* p, const ArrowArray* array, Output* out) noexcept nogil:
    cdef int64_t count = buffers_of(p.store)
    if p.store == STORED_VIEWS:
        if array.n_buffers < count:
            return invalid(out, p, "it has fewer buffers than its type")
    elif array.n_buffers != count:
        return invalid(out, p, "it has not as many buffers as its type")
    if count and array.buffers == NULL:
        return invalid(out, p, "its buffers are missing")
    if count == 0 or p.store == STORED_DENSE or p.store == STORED_SPARSE or array.null_count == 0:
        return True
    p.validity = <const uint8_t*>array.buffers[0]
    if p.validity == NULL and array.null_count > 0:
        return invalid(out, p, "it has nulls, but no validity bitmap")
    return True


cdef int64_t buffers_of(int store) noexcept nogil:
    """How many buffers an array has; of views, without those of the data."""
    if store == STORED_NOT or store == STORED_RUNS:
        return 0
    if store == STORED_STRUCT or store == STORED_SPARSE or store == STORED_LIST_SIZED:
        return 1
    if STORED_OFFSETS_32 <= store <= STORED_VIEWS or store == STORED_LIST_VIEWS_32 or store == STORED_LIST_VIEWS_64:
        return 3
    return 2


cdef bint bind_values(Put* p, const ArrowArray* array, int64_t low, int64_t high, Output* out) noexcept nogil:
    cdef int64_t count = buffers_of(p.store)
    cdef const uint8_t* values
    if p.store == STORED_SPARSE or p.store == STORED_DENSE:
        values = <const uint8_t*>array.buffers[0]
    elif count > 1:
        values = <const uint8_t*>array.buffers[1]
    else:
        values = NOWHERE
    if values == NULL:
        if p.width:
            return invalid(out, p, "its values are missing")
        values = NOWHERE
    # Bits are found by the shift.
    p.values = values if p.store == STORED_BITS else values + p.shift * value_bytes(p)
    if p.store == STORED_OFFSETS_32 or p.store == STORED_OFFSETS_64:
        return bind_bytes(p, array, low, high, out)
    if p.store == STORED_VIEWS:
        return bind_views(p, array, out)
    if p.store == STORED_RUNS:
        return bind_runs(p, array, high, out)
    if p.store == STORED_DENSE or p.store == STORED_LIST_VIEWS_32 or p.store == STORED_LIST_VIEWS_64:
        values = <const uint8_t*>array.buffers[count - 1]
        if values == NULL:
            return invalid(out, p, "its offsets are missing")
        p.data = values + p.shift * (8 if p.store == STORED_LIST_VIEWS_64 else 4)
    return bind_kids(p, array, low, high, out)


cdef Py_ssize_t value_bytes(const Put* p) noexcept nogil:
    return 0 if p.store == STORED_LIST_SIZED or p.store == STORED_RUNS else p.width


cdef bint bind_kids(Put* p, const ArrowArray* array, int64_t low, int64_t high, Output* out) noexcept nogil:
    cdef int64_t base = 0
    cdef Py_ssize_t k
    cdef Put* kid
    cdef const ArrowArray* within
    for k in range(p.count):
        kid = &p.kids[k]
        if kid.column == -1:
            continue
        within = array.dictionary if kid.column == -2 else array.children[kid.column]
        if within == NULL:
            return invalid(out, kid, "it is missing")
        p.limit = within.length
        if p.store == STORED_STRUCT or p.store == STORED_SPARSE:
            base = p.shift
        elif p.store == STORED_LIST_32 or p.store == STORED_LIST_64:
            if not ascend(p, low, high, &low, &high):
                return invalid(out, p, "its offsets do not ascend")
        elif p.store == STORED_LIST_SIZED:
            if high + p.shift > within.length // max(p.width, 1) and p.width:
                return invalid(out, kid, "it is shorter than the array around it needs")
            low = (low + p.shift) * p.width
            high = (high + p.shift) * p.width
        else:
            low = 0
            high = within.length
        if not bind(kid, within, base, low, high, out):
            return False
    return True


cdef bint ascend(const Put* p, int64_t low, int64_t high, int64_t* first, int64_t* last) noexcept nogil:
    """Whether the offsets of some values are what they should be; the first and the last of them."""
    cdef bint descends = False
    cdef int64_t i
    if p.width == 4:
        for i in range(low, high):
            descends |= item_i32(p.values, i + 1) < item_i32(p.values, i)
        first[0] = item_i32(p.values, low)
        last[0] = item_i32(p.values, high)
    else:
        for i in range(low, high):
            descends |= item_i64(p.values, i + 1) < item_i64(p.values, i)
        first[0] = item_i64(p.values, low)
        last[0] = item_i64(p.values, high)
    return not descends and first[0] >= 0


cdef bint bind_bytes(Put* p, const ArrowArray* array, int64_t low, int64_t high, Output* out) noexcept nogil:
    cdef int64_t first, last
    cdef bint plain
    if not ascend(p, low, high, &first, &last):
        return invalid(out, p, "its offsets do not ascend")
    p.data = <const uint8_t*>array.buffers[2]
    if p.data == NULL:
        if last > first:
            return invalid(out, p, "its data are missing")
        p.data = NOWHERE - first
    p.data_end = p.data + last
    if p.op == PUT_BYTES or p.op == PUT_SHORT_BYTES:
        plain = p.store == STORED_OFFSETS_32 and (not p.text or is_text(p, low, high, first, last))
        p.op = PUT_SHORT_BYTES if plain else PUT_BYTES
    return True


cdef bint is_text(const Put* p, int64_t low, int64_t high, int64_t first, int64_t last) noexcept nogil:
    """Whether all strings are UTF-8. Joined they must be, and each begins with a character's first byte.

    What is below a null may be anything: where this says no, the strings are looked at one by one.
    """
    cdef int64_t i
    cdef int32_t start
    if avrojet_is_ascii(p.data + first, last - first):
        return True
    if not avrojet_utf8_valid(p.data + first, last - first):
        return False
    for i in range(low, high):
        start = item_i32(p.values, i)
        if start < last and p.data[start] & 0xC0 == 0x80:
            return False
    return True


cdef bint bind_views(Put* p, const ArrowArray* array, Output* out) noexcept nogil:
    cdef Py_ssize_t i
    p.buffers = array.buffers + 2
    p.buffer_count = array.n_buffers - 3
    p.sizes = <const int64_t*>array.buffers[array.n_buffers - 1]
    if p.op == PUT_BYTES:
        p.op = PUT_VIEW
    if p.buffer_count and p.sizes == NULL:
        return invalid(out, p, "the sizes of its buffers are missing")
    for i in range(p.buffer_count):
        if p.sizes[i] < 0 or (p.sizes[i] and p.buffers[i] == NULL):
            return invalid(out, p, "a buffer is missing")
    return True


cdef bint bind_runs(Put* p, const ArrowArray* array, int64_t high, Output* out) noexcept nogil:
    """Run ends are positive and ascend up to the last value, or beyond (Arrow: Run-End Encoded Layout)."""
    cdef const ArrowArray* ends = array.children[0]
    cdef int64_t before = 0
    cdef int64_t i
    if ends == NULL or ends.length < 1 or ends.offset < 0 or ends.n_buffers != 2 or ends.buffers[1] == NULL:
        return invalid(out, p, "its run ends are missing")
    p.values = <const uint8_t*>ends.buffers[1] + ends.offset * p.width
    p.limit = ends.length
    p.run = 0
    for i in range(p.limit):
        if run_end(p, i) <= before:
            return invalid(out, p, "its run ends do not ascend")
        before = run_end(p, i)
    if before < high + p.shift:
        return invalid(out, p, "its run ends end too early")
    return bind(p.kids, array.children[1], 0, 0, p.limit, out)


# Compiling

cdef dict OPS = {
    "null": PUT_NULL, "boolean": PUT_BOOLEAN, "int32": PUT_INT32, "int64": PUT_INT64, "integer": PUT_INTEGER,
    "integer to float": PUT_INTEGER_FLOAT, "integer to double": PUT_INTEGER_DOUBLE, "float": PUT_FLOAT,
    "double": PUT_DOUBLE, "half to float": PUT_HALF_FLOAT, "half to double": PUT_HALF_DOUBLE,
    "float to double": PUT_FLOAT_DOUBLE, "bytes": PUT_BYTES, "fixed": PUT_FIXED, "symbol": PUT_SYMBOL,
    "uuid to text": PUT_UUID_TEXT, "uuid text": PUT_UUID_CHECKED, "uuid of text": PUT_UUID_RAW,
    "decimal": PUT_DECIMAL, "interval": PUT_INTERVAL, "record": PUT_RECORD, "list": PUT_LIST,
    "members": PUT_MEMBERS, "union": PUT_UNION, "dictionary": PUT_DICTIONARY, "runs": PUT_RUNS,
    "constant": PUT_CONSTANT,
}
# Arrow's words for types (C data interface: Data type description) -> how values lie, bytes of one.
cdef dict STORES = {
    "n": (STORED_NOT, 0), "b": (STORED_BITS, 1), "c": (STORED_I8, 1), "C": (STORED_U8, 1),
    "s": (STORED_I16, 2), "S": (STORED_U16, 2), "i": (STORED_I32, 4), "I": (STORED_U32, 4),
    "l": (STORED_I64, 8), "L": (STORED_U64, 8), "w": (STORED_WIDE, 0),
    "z": (STORED_OFFSETS_32, 4), "Z": (STORED_OFFSETS_64, 8), "vz": (STORED_VIEWS, 16),
    "+l": (STORED_LIST_32, 4), "+L": (STORED_LIST_64, 8), "+vl": (STORED_LIST_VIEWS_32, 4),
    "+vL": (STORED_LIST_VIEWS_64, 8), "+w": (STORED_LIST_SIZED, 0), "+s": (STORED_STRUCT, 0),
    "+ud": (STORED_DENSE, 1), "+us": (STORED_SPARSE, 1), "+r": (STORED_RUNS, 0), "": (STORED_NOT, 0),
}
# Bytes that each op writes at most, without those that it asks for itself.
cdef dict ROOMS = {
    "null": 0, "boolean": 1, "int32": 10, "int64": 10, "integer": 10, "integer to float": 4,
    "integer to double": 8, "float": 4, "double": 8, "half to float": 4, "half to double": 8,
    "float to double": 8, "bytes": 10 + COPY_SLACK, "symbol": 10, "uuid to text": 37, "uuid text": 37,
    "uuid of text": 16, "interval": 12, "list": 11,
}

cdef void* zeroed(size_t size) except NULL:
    cdef void* memory = PyMem_Calloc(1, size)
    if memory == NULL:
        raise MemoryError
    return memory


cdef enum:
    TAG_SLACK = 4               # tags are written as four bytes, however many count


cdef class ColumnEncoder:
    """Encodes the rows of Arrow arrays. Not safe to share between threads.

    :param plan: an ``avrojet.plan.put.Put``.
    """

    cdef Put* root
    cdef list owned
    cdef object plan
    cdef ArrowData data
    cdef int64_t before         # rows of the arrays before this one
    cdef int64_t row            # the next in this one

    def __cinit__(self, plan):
        self.owned = []
        self.plan = plan
        self.root = <Put*>zeroed(sizeof(Put))
        self.compile(self.root, plan, TAG_SLACK)

    def __dealloc__(self):
        if self.root != NULL:
            drop(self.root)
            PyMem_Free(self.root)

    cdef const uint8_t* own(self, bytes data):
        self.owned.append(data)
        return <const uint8_t*><const char*>data

    cdef int compile(self, Put* p, plan, int64_t after) except -1:
        cdef Py_ssize_t k
        cdef list kids = list(plan.kids)
        cdef int64_t room = 0
        cdef int64_t behind = after
        p.op = OPS[plan.op]
        p.store, p.width = STORES[plan.store]
        p.width = plan.width or p.width
        p.column, p.columns, p.has_dictionary = plan.column, plan.columns, plan.op == "dictionary"
        p.tag_size = len(plan.tag)
        memcpy(p.tag, <const char*><bytes>plan.tag, p.tag_size)
        p.null_size = -1 if plan.null is None else len(plan.null)
        if plan.null is not None:
            memcpy(p.null_tag, <const char*><bytes>plan.null, p.null_size)
        p.text, p.size, p.factor, p.divisor = plan.text, plan.size, plan.factor, plan.divisor
        p.low, p.high = plan.low, plan.high
        bound = 10 ** plan.precision
        for k in range(4):
            p.bound[k] = bound >> 64 * k & 0xFFFFFFFFFFFFFFFF
        self.owned.append(plan.path)
        p.path = <PyObject*>plan.path
        p.after = after
        if plan.op == "constant":
            p.constant = self.own(plan.data)
            p.size = room = len(plan.data)
        elif plan.op == "fixed":
            room = p.size
        elif plan.op == "decimal":
            room = p.size if p.size >= 0 else 43
        elif plan.op == "symbol":
            self.index_symbols(p, plan.symbols)
        if kids:
            p.kids = <Put*>zeroed(len(kids) * sizeof(Put))
            p.count = len(kids)
        if plan.op == "list":
            behind += 1
        for k in range(p.count - 1, -1, -1):
            self.compile(&p.kids[k], kids[k], behind)
            if p.op == PUT_RECORD:
                behind = p.kids[k].need
            elif p.op != PUT_LIST:
                room = max(room, p.kids[k].need - after)
        if p.op == PUT_RECORD:
            room = behind - after
        p.need = TAG_SLACK + ROOMS.get(plan.op, 0) + room + after
        if plan.branches:
            p.branches = <int8_t*>zeroed(128)
            for k in range(128):
                p.branches[k] = plan.branches[k]
        return 0

    cdef int index_symbols(self, Put* p, tuple symbols) except -1:
        """A hash table of open addressing, half empty at least."""
        cdef int32_t position = 0
        cdef uint32_t slot
        cdef bytes text
        cdef Py_ssize_t size = 2
        cdef bytes joined = b"".join([symbol.encode() for symbol in symbols])
        while size < 2 * len(symbols):
            size *= 2
        p.mask = <uint32_t>(size - 1)
        p.slots = <int32_t*>zeroed(4 * size)
        p.ends = <int32_t*>zeroed(4 * (len(symbols) + 1))
        memset(p.slots, 0xFF, 4 * size)
        p.constant = self.own(joined)
        for symbol in symbols:
            text = symbol.encode()
            p.ends[position + 1] = p.ends[position] + <int32_t>len(text)
            slot = avrojet_key_hash(<const uint8_t*><const char*>text, len(text)) & p.mask
            while p.slots[slot] >= 0:
                slot = (slot + 1) & p.mask
            p.slots[slot] = position
            position += 1
        return 0

    def bind(self, ArrowData data not None):
        """Go on with the rows of another array, whose type is that of the plan.

        :raises EncodeError: if the array is not what its type says.
        """
        cdef Output out
        cdef bint done
        if self.data is not None:
            self.before += self.data.array.length
        self.row = 0
        self.data = data
        with nogil:
            done = bind(self.root, &data.array, 0, 0, data.array.length, &out)
        if not done:
            self.row = data.array.length
            raise misfit_error(&out, self.before)

    def fill(self, BlockBuilder block not None, int64_t limit, int64_t most):
        """Encode rows behind those of the block, until it has ``limit`` bytes or ``most`` rows.

        :returns: True if it has, False if the array has no more rows.
        :raises EncodeError: if a row does not fit; the rows before it stay.
        """
        cdef Output out
        cdef Sink* s = &block.sink
        cdef int64_t first = self.row
        cdef bint done
        block.occupy()
        sink_renew(s, &block.plan.bounds)
        out.sink = s
        with nogil:
            done = put_rows(self, limit, most - block.count, &out)
        block.count += self.row - first
        block.busy = False
        if not done:
            raise misfit_error(&out, self.before + self.row)
        return s.pos - s.start >= limit or block.count >= most


cdef bint put_rows(ColumnEncoder encoder, int64_t limit, int64_t most, Output* out) noexcept nogil:
    """Rows until the sink is full; a row that fails leaves nothing in it."""
    cdef Put* root = encoder.root
    cdef Sink* s = out.sink
    cdef uint8_t* pos = s.pos
    cdef int64_t row = encoder.row
    cdef int64_t end = min(encoder.data.array.length, row + most)
    cdef Py_ssize_t mark = pos - s.start
    out.end = s.end
    while row < end and mark < limit:
        pos = reserve(out, root, pos, root.need)
        if likely(pos != NULL):
            pos = put(root, row, pos, out)
        if not likely(pos != NULL):
            break
        row += 1
        mark = pos - s.start
    encoder.row = row
    s.pos = s.start + mark
    return pos != NULL


cdef void drop(Put* p) noexcept:
    cdef Py_ssize_t k
    for k in range(p.count):
        drop(&p.kids[k])
    PyMem_Free(p.kids)
    PyMem_Free(p.slots)
    PyMem_Free(p.ends)
    PyMem_Free(p.branches)


# Errors

cdef dict REASONS = {
    MISFIT_NULL: "null where the schema allows none",
    MISFIT_RANGE: "{number} is out of range",
    MISFIT_UNSIGNED: "{unsigned} is out of range",
    MISFIT_UNIT: "{number} is no whole number of the schema's unit of time",
    MISFIT_DIGITS: "{number} has more digits than the schema's type keeps",
    MISFIT_TEXT: "a string that is not UTF-8",
    MISFIT_SIZE: "{number} bytes, which is not the size that the schema wants",
    MISFIT_SYMBOL: "a text that is no symbol of the enum",
    MISFIT_UUID: "a text that is no UUID",
    MISFIT_PRECISION: "a number with more digits than the decimal's precision",
    MISFIT_INTERVAL: "an interval that is negative, or no whole number of milliseconds",
    MISFIT_NO_MEMBER: "no member of the union is set, and it has no null",
    MISFIT_MEMBERS: "more than one member of the union is set",
    MISFIT_INDEX: "invalid Arrow data: the index {number} leads nowhere",
    MISFIT_VIEW: "invalid Arrow data: a view leads nowhere",
    MISFIT_LIST: "invalid Arrow data: a list leads nowhere",
    MISFIT_BRANCH: "invalid Arrow data: the union has no type {number}",
}


cdef object misfit_error(Output* out, int64_t row):
    path = <object>out.at.path
    if out.misfit == MISFIT_MEMORY:
        reason = "the encoded row has too many bytes (limit value_bytes) or memory is short"
        return LimitError(f"at {path}, row {row}: {reason}", path=path)
    if out.misfit == MISFIT_FULL:
        return LimitError(f"row {row}: a column of messages holds 2 GiB: encode fewer rows at once", path=path)
    if out.misfit == MISFIT_ARRAY:
        reason = f"invalid Arrow data: {(<bytes>out.reason).decode()}"
        return EncodeError(f"at {path}, from row {row} on: {reason}", path=path)
    reason = REASONS[out.misfit].format(number=out.number, unsigned=<uint64_t>out.number)
    return EncodeError(f"at {path}, row {row}: {reason}", path=path)


# Messages

cdef enum:
    # Messages are put together here before they are moved to their column, whose size is known better then.
    MESSAGE_CHUNK = 65536


cdef bint put_messages(
    ColumnEncoder encoder, Column* column, const uint8_t* prefix, Py_ssize_t size, Output* out
) noexcept nogil:
    """The rows of the array as values of a column of bytes, each behind a prefix."""
    cdef Put* root = encoder.root
    cdef Sink* s = out.sink
    cdef uint8_t* pos = s.pos
    cdef int64_t end = encoder.data.array.length
    out.end = s.end
    if column_reserve(column, end, 0):
        return failed(out, root, MISFIT_MEMORY) != NULL
    while encoder.row < end:
        pos = reserve(out, root, pos, size + root.need)
        if pos == NULL:
            return False
        memcpy(pos, prefix, size)
        pos = put(root, encoder.row, pos + size, out)
        if not likely(pos != NULL):
            return False
        if column.used + (pos - s.start) > INT32_MAX:
            return failed(out, root, MISFIT_FULL) != NULL
        column_end(column, column.length, column.used + (pos - s.start))
        column.length += 1
        encoder.row += 1
        if pos - s.start >= MESSAGE_CHUNK or encoder.row == end:
            if column_reserve_data(column, column.length, pos - s.start):
                return failed(out, root, MISFIT_MEMORY) != NULL
            memcpy(column.data + column.used, s.start, pos - s.start)
            column.used += pos - s.start
            pos = s.start
    s.pos = pos
    return True


def encode_messages(ColumnEncoder encoder not None, arrays, bytes prefix not None, layout, limits):
    """One message for each row.

    :param arrays: an iterator over ArrowData.
    :param layout: an ``avrojet.plan.columns.Column`` of bytes.
    :returns: an :class:`avrojet.core.arrow.ArrowColumn`.
    :raises EncodeError: if a row does not fit.
    :raises LimitError: if the messages have more than 2 GiB.
    """
    cdef Sink s
    cdef Output out
    cdef Bounds bounds = bounds_of(limits)
    cdef ArrowColumn messages = ArrowColumn()
    cdef Column* column = column_new(layout)
    cdef const char* start = prefix
    cdef Py_ssize_t size = len(prefix)
    cdef bint done
    sink_init(&s, 0)
    out.sink = &s
    try:
        for data in arrays:
            encoder.bind(data)
            sink_renew(&s, &bounds)
            with nogil:
                done = put_messages(encoder, column, <const uint8_t*>start, size, &out)
            if not done:
                raise misfit_error(&out, encoder.before + encoder.row)
        arrow_take(messages, column, layout)
        return messages
    finally:
        sink_free(&s)
        column_free(column)
