"""Arrow columns to bytes without the GIL, row by row: one routine per op; the table is at the end.

A routine writes one value of an array, for which room is reserved. Values are read through the pointers bound.
"""

from cpython.bytes cimport PyBytes_FromStringAndSize
from cpython.mem cimport PyMem_Calloc
from libc.stdint cimport (
    INT32_MAX, INT64_MAX, INT64_MIN, UINT32_MAX, int8_t, int32_t, int64_t, uint8_t, uint32_t, uint64_t,
)
from libc.math cimport isfinite
from libc.string cimport memcmp, memcpy

from avrojet.core.arrow.producer cimport ArrowColumn, arrow_take
from avrojet.core.columns.column cimport *
from avrojet.core.ground.cursor cimport Bounds, bounds_of
from avrojet.core.rows.decode_logical cimport parse_uuid
from avrojet.core.rows.block_builder cimport BlockBuilder
from avrojet.core.files.container_blocks cimport BlocksBuilder
from avrojet.core.arrow.array_reader cimport *
from avrojet.core.arrow.encode_decimals cimport *
from avrojet.core.ground.sink cimport *
from avrojet.errors import EncodeError, LimitError

cdef extern from "capi.h":
    void avrojet_vacate(int*)

cdef extern from "hex.h":
    void avrojet_to_hex(const uint8_t*, Py_ssize_t, uint8_t*) nogil

cdef extern from "array_reader.h":
    uint8_t* put "avrojet_put"(ArrowNode**, int64_t, uint8_t*, Output*) nogil

cdef extern from "encode_columns.h":
    enum:
        LITTLE_ENDIAN "AVROJET_LITTLE_ENDIAN"
    void avrojet_copy(uint8_t*, const uint8_t*, Py_ssize_t) nogil
    uint8_t* put_varint "avrojet_put_varint"(uint8_t*, uint64_t) nogil
    uint8_t* put_zigzag "avrojet_put_long"(uint8_t*, int64_t) nogil
    uint32_t avrojet_half_to_float(uint32_t) nogil
    bint avrojet_is_ascii(const uint8_t*, Py_ssize_t) nogil
    bint avrojet_utf8_valid(const uint8_t*, Py_ssize_t) nogil
    void avrojet_store32le(uint8_t*, uint32_t) nogil
    void avrojet_store64le(uint8_t*, uint64_t) nogil
    uint64_t avrojet_double_to_bits(double) nogil
    uint32_t avrojet_double_to_float(double) nogil
    double avrojet_float_to_double(uint32_t) nogil


# Checking for Ctrl-C

cdef enum:
    # Values between two checks: several milliseconds, rare enough for other threads to run Python code.
    LOOK_VALUES = 1 << 20
    # Items written at once, without a check.
    ITEMS_AT_ONCE = 1024


cdef inline bint spend(Output* out, const ArrowNode* p, int64_t values) noexcept nogil:
    """Call this before writing that many values; False if a signal handler has raised."""
    out.work -= values
    return likely(out.work >= 0) or look(out, p)


cdef bint look(Output* out, const ArrowNode* p) noexcept nogil:
    out.work = LOOK_VALUES
    with gil:
        if sink_signals(<Sink*>out.sink):
            return True
    return put_failed(out, p, WRITE_PYTHON) != NULL


# Primitive types

cdef uint8_t* put_nothing(ArrowNode* p, int64_t i, uint8_t* pos, Output* out) noexcept nogil:
    return pos


cdef uint8_t* put_constant(ArrowNode* p, int64_t i, uint8_t* pos, Output* out) noexcept nogil:
    memcpy(pos, p.constant, p.size)
    return pos + p.size


cdef uint8_t* put_absent(ArrowNode* p, int64_t i, uint8_t* pos, Output* out) noexcept nogil:
    return put_failed(out, p, WRITE_NOT_NULL if p.null_size >= 0 else WRITE_NULL)


cdef uint8_t* put_integer(ArrowNode* p, int64_t i, uint8_t* pos, Output* out) noexcept nogil:
    """An integer, a date or a time, in the unit of the schema."""
    cdef int64_t value = load_integer(p, i)
    if p.store == STORED_U64 and value < 0:
        return put_failed(out, p, WRITE_UNSIGNED, value)
    return put_scaled(p, value, pos, out)


cdef inline uint8_t* put_scaled(ArrowNode* p, int64_t value, uint8_t* pos, Output* out) noexcept nogil:
    cdef int64_t rest
    if p.divisor > 1:
        rest = value % p.divisor
        if rest and not p.truncate:
            return put_failed(out, p, WRITE_UNIT, value)
        value = (value - rest) // p.divisor - (rest < 0)
    if p.factor > 1:
        if value > INT64_MAX // p.factor or value < INT64_MIN // p.factor:
            return put_failed(out, p, WRITE_RANGE, value)
        value *= p.factor
    if value < p.low or value > p.high:
        return put_failed(out, p, WRITE_RANGE, value)
    return put_zigzag(pos, value)


cdef uint8_t* put_integer_float(ArrowNode* p, int64_t i, uint8_t* pos, Output* out) noexcept nogil:
    """The nearest float, converted directly: by way of a double it would be rounded twice."""
    cdef int64_t value = load_integer(p, i)
    cdef float number = <float>value
    cdef uint32_t bits
    if p.store == STORED_U64:
        number = <float><uint64_t>value
    memcpy(&bits, &number, 4)
    avrojet_store32le(pos, bits)
    return pos + 4


cdef uint8_t* put_integer_double(ArrowNode* p, int64_t i, uint8_t* pos, Output* out) noexcept nogil:
    cdef int64_t value = load_integer(p, i)
    cdef double number = <double><uint64_t>value if p.store == STORED_U64 else <double>value
    avrojet_store64le(pos, avrojet_double_to_bits(number))
    return pos + 8


cdef uint8_t* put_float(ArrowNode* p, int64_t i, uint8_t* pos, Output* out) noexcept nogil:
    avrojet_store32le(pos, item_u32(p.values, i))
    return pos + 4


cdef uint8_t* put_half_float(ArrowNode* p, int64_t i, uint8_t* pos, Output* out) noexcept nogil:
    avrojet_store32le(pos, avrojet_half_to_float(item_u16(p.values, i)))
    return pos + 4


cdef uint8_t* put_half_double(ArrowNode* p, int64_t i, uint8_t* pos, Output* out) noexcept nogil:
    cdef double value = avrojet_float_to_double(avrojet_half_to_float(item_u16(p.values, i)))
    avrojet_store64le(pos, avrojet_double_to_bits(value))
    return pos + 8


cdef uint8_t* put_float_double(ArrowNode* p, int64_t i, uint8_t* pos, Output* out) noexcept nogil:
    avrojet_store64le(pos, avrojet_double_to_bits(avrojet_float_to_double(item_u32(p.values, i))))
    return pos + 8


cdef uint8_t* put_double_float(ArrowNode* p, int64_t i, uint8_t* pos, Output* out) noexcept nogil:
    """The nearest float; values out of range are refused, as in rows."""
    cdef double value
    memcpy(&value, p.values + 8 * i, 8)
    if isfinite(value) and not isfinite(<float>value):
        return put_failed(out, p, WRITE_REAL, item_i64(p.values, i))
    avrojet_store32le(pos, avrojet_double_to_float(value))
    return pos + 4


cdef uint8_t* put_int64(ArrowNode* p, int64_t i, uint8_t* pos, Output* out) noexcept nogil:
    return put_zigzag(pos, item_i64(p.values, i))


cdef uint8_t* put_int32(ArrowNode* p, int64_t i, uint8_t* pos, Output* out) noexcept nogil:
    return put_zigzag(pos, item_i32(p.values, i))


cdef uint8_t* put_double(ArrowNode* p, int64_t i, uint8_t* pos, Output* out) noexcept nogil:
    avrojet_store64le(pos, item_u64(p.values, i))
    return pos + 8


cdef uint8_t* put_boolean(ArrowNode* p, int64_t i, uint8_t* pos, Output* out) noexcept nogil:
    pos[0] = bit(p.values, i + p.shift)
    return pos + 1


# Bytes and text

cdef inline uint8_t* put_data(
    const ArrowNode* p, const uint8_t* data, int64_t size, const uint8_t* data_end, uint8_t* pos, Output* out
) noexcept nogil:
    """Write length and bytes. Nothing is read from ``data_end`` on; NULL: after the bytes."""
    pos = reserve(out, p, pos, size + p.need)
    if not likely(pos != NULL):
        return NULL
    pos = put_varint(pos, <uint64_t>size << 1)
    if likely(data_end - data >= size + COPY_SLACK):
        avrojet_copy(pos, data, size)
    elif size:
        memcpy(pos, data, size)
    return pos + size


cdef uint8_t* put_short_bytes(ArrowNode* p, int64_t i, uint8_t* pos, Output* out) noexcept nogil:
    cdef int32_t start = item_i32(p.values, i)
    return put_data(p, p.data + start, item_i32(p.values, i + 1) - start, p.data_end, pos, out)


cdef uint8_t* put_view(ArrowNode* p, int64_t i, uint8_t* pos, Output* out) noexcept nogil:
    cdef const uint8_t* view = p.values + 16 * i
    cdef int64_t size
    cdef int64_t buffer = item_i32(view, 2)
    cdef const uint8_t* data = find_view(p, view, &size, out)
    if data == NULL:
        return NULL
    if p.text and not avrojet_is_ascii(data, size) and not avrojet_utf8_valid(data, size):
        return put_failed(out, p, WRITE_TEXT)
    if size <= 12:
        return put_data(p, data, size, NULL, pos, out)
    return put_data(p, data, size, <const uint8_t*>p.buffers[buffer] + p.sizes[buffer], pos, out)


cdef uint8_t* put_bytes(ArrowNode* p, int64_t i, uint8_t* pos, Output* out) noexcept nogil:
    """Bytes of the bound array; text is checked unless it is known to be UTF-8."""
    cdef int64_t size
    if p.op == ARROW_SHORT_BYTES:
        return put_short_bytes(p, i, pos, out)
    if p.op == ARROW_VIEW:
        return put_view(p, i, pos, out)
    cdef const uint8_t* data = find_bytes(p, i, &size, out)
    if data == NULL:
        return NULL
    if p.text and not avrojet_is_ascii(data, size) and not avrojet_utf8_valid(data, size):
        return put_failed(out, p, WRITE_TEXT)
    if size > INT32_MAX:
        return put_failed(out, p, WRITE_SIZE, size)
    return put_data(p, data, size, p.data_end, pos, out)


cdef uint8_t* put_fixed(ArrowNode* p, int64_t i, uint8_t* pos, Output* out) noexcept nogil:
    cdef int64_t size
    cdef const uint8_t* data = find_bytes(p, i, &size, out)
    if data == NULL:
        return NULL
    if size != p.size:
        return put_failed(out, p, WRITE_SIZE, size)
    memcpy(pos, data, size)
    return pos + size


cdef uint8_t* put_symbol(ArrowNode* p, int64_t i, uint8_t* pos, Output* out) noexcept nogil:
    cdef int64_t size
    cdef int32_t position
    cdef const uint8_t* data = find_bytes(p, i, &size, out)
    if data == NULL:
        return NULL
    position = find_symbol(p, data, size)
    return put_zigzag(pos, position) if position >= 0 else put_failed(out, p, WRITE_SYMBOL)


# Logical types

cdef uint8_t* put_uuid_text(ArrowNode* p, int64_t i, uint8_t* pos, Output* out) noexcept nogil:
    """16 bytes in network order as 36 characters."""
    cdef int64_t size
    cdef const uint8_t* data = find_bytes(p, i, &size, out)
    if data == NULL:
        return NULL
    if size != 16:
        return put_failed(out, p, WRITE_SIZE, size)
    return put_uuid(pos, data)


cdef uint8_t* put_uuid(uint8_t* pos, const uint8_t* data) noexcept nogil:
    pos = put_zigzag(pos, 36)
    avrojet_to_hex(data, 4, pos)
    avrojet_to_hex(data + 4, 2, pos + 9)
    avrojet_to_hex(data + 6, 2, pos + 14)
    avrojet_to_hex(data + 8, 2, pos + 19)
    avrojet_to_hex(data + 10, 6, pos + 24)
    pos[8] = pos[13] = pos[18] = pos[23] = c"-"
    return pos + 36


cdef uint8_t* put_uuid_checked(ArrowNode* p, int64_t i, uint8_t* pos, Output* out) noexcept nogil:
    """Text of 32 or 36 characters that decoders accept, unchanged; other text of a UUID in its canonical form."""
    cdef int64_t size
    cdef uint8_t raw[16]
    cdef const uint8_t* data = find_bytes(p, i, &size, out)
    if data == NULL:
        return NULL
    if (size == 32 or size == 36) and parse_uuid(data, size, raw):
        pos = put_zigzag(pos, size)
        memcpy(pos, data, size)
        return pos + size
    return put_uuid(pos, raw) if read_uuid(data, size, raw) else put_failed(out, p, WRITE_UUID)


cdef uint8_t* put_uuid_raw(ArrowNode* p, int64_t i, uint8_t* pos, Output* out) noexcept nogil:
    cdef int64_t size
    cdef const uint8_t* data = find_bytes(p, i, &size, out)
    if data == NULL:
        return NULL
    return pos + 16 if read_uuid(data, size, pos) else put_failed(out, p, WRITE_UUID)


cdef bint read_uuid(const uint8_t* text, int64_t size, uint8_t* raw) noexcept nogil:
    """Other forms that Python's UUID accepts: braces, a URN, hyphens anywhere."""
    cdef uint8_t digits[32]
    cdef int count = 0
    cdef int64_t k
    if parse_uuid(text, size, raw):
        return True
    if size >= 9 and memcmp(text, b"urn:uuid:", 9) == 0:
        text += 9
        size -= 9
    if size >= 2 and text[0] == c"{" and text[size - 1] == c"}":
        text += 1
        size -= 2
    for k in range(size):
        if text[k] == c"-":
            continue
        if count == 32:
            return False
        digits[count] = text[k]
        count += 1
    return count == 32 and parse_uuid(digits, 32, raw)


cdef uint8_t* put_interval(ArrowNode* p, int64_t i, uint8_t* pos, Output* out) noexcept nogil:
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
            return put_failed(out, p, WRITE_INTERVAL)
        millis //= 1000000
    if months < 0 or days < 0 or millis < 0 or millis > <int64_t>UINT32_MAX:
        return put_failed(out, p, WRITE_INTERVAL)
    avrojet_store32le(pos, <uint32_t>months)
    avrojet_store32le(pos + 4, <uint32_t>days)
    avrojet_store32le(pos + 8, <uint32_t>millis)
    return pos + 12


cdef uint8_t* put_interval_length(ArrowNode* p, int64_t i, uint8_t* pos, Output* out) noexcept nogil:
    """An interval of only nanoseconds, in the unit of the schema."""
    cdef const uint8_t* value = p.values + i * p.width
    if item_i64(value, 0):
        return put_failed(out, p, WRITE_LENGTH)
    return put_scaled(p, item_i64(value, 1), pos, out)


# Records, arrays and maps

cdef uint8_t* put_record(ArrowNode* p, int64_t i, uint8_t* pos, Output* out) noexcept nogil:
    return put(p.fields, i, pos, out)


cdef uint8_t* put_list(ArrowNode* p, int64_t i, uint8_t* pos, Output* out) noexcept nogil:
    """The items as one block; the items of a map are its entries."""
    cdef int64_t start, count
    cdef ArrowNode* child = p.children
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
        return put_failed(out, p, WRITE_LIST)
    if count:
        if child.empty or child.empty_cost:
            if count > out.empty_items // (child.empty + child.empty_cost):
                return put_failed(out, p, WRITE_EMPTY_ITEMS)
            out.empty_items -= count * (child.empty + child.empty_cost)
        pos = put_zigzag(pos, count)
        pos = put_items(child, start, start + count, pos, out)
        if pos == NULL:
            return NULL
    pos[0] = 0
    return pos + 1


cdef inline uint8_t* put_items(ArrowNode* child, int64_t start, int64_t end, uint8_t* pos, Output* out) noexcept nogil:
    cdef int64_t k, stop
    cdef int64_t count = end - start
    cdef bint as_they_lie = LITTLE_ENDIAN and (child.op == ARROW_DOUBLE or child.op == ARROW_FLOAT)
    if as_they_lie and child.validity == NULL and child.tag_size == 0:
        pos = reserve(out, child, pos, count * child.width + child.need)
        if pos != NULL:
            memcpy(pos, child.values + start * child.width, count * child.width)
            pos += count * child.width
        return pos
    while start < end:
        stop = min(end, start + ITEMS_AT_ONCE)
        if not spend(out, child, (stop - start) * child.weight):
            return NULL
        for k in range(start, stop):
            pos = reserve(out, child, pos, child.need)
            if not likely(pos != NULL):
                return NULL
            pos = put(child.program, k, pos, out)
            if not likely(pos != NULL):
                return NULL
        start = stop
    return reserve(out, child, pos, child.need)


# Unions

cdef uint8_t* put_union(ArrowNode* p, int64_t i, uint8_t* pos, Output* out) noexcept nogil:
    cdef int8_t id = (<const int8_t*>p.values)[i]
    cdef int64_t place = i
    if id < 0 or p.branches[id] < 0:
        return put_failed(out, p, WRITE_UNION_TYPE, id)
    if p.store == STORED_DENSE:
        place = item_i32(p.data, i)
        if place < 0 or place >= p.children[p.branches[id]].extent:
            return put_failed(out, p, WRITE_INDEX, place)
    return put(p.children[p.branches[id]].program, place, pos, out)


cdef uint8_t* put_members(ArrowNode* p, int64_t i, uint8_t* pos, Output* out) noexcept nogil:
    """The member that is set, if there is exactly one."""
    cdef Py_ssize_t k
    cdef ArrowNode* found = NULL
    for k in range(p.count):
        if not is_null(&p.children[k], i):
            if found != NULL:
                return put_failed(out, p, WRITE_MEMBERS)
            found = &p.children[k]
    if found != NULL:
        return put(found.program, i, pos, out)
    if p.null_size < 0:
        return put_failed(out, p, WRITE_NO_MEMBER)
    memcpy(pos, p.tags[0], 4)
    return pos + p.null_size


cdef uint8_t* put_first(ArrowNode* p, int64_t i, uint8_t* pos, Output* out) noexcept nogil:
    """The first child that takes the value. If none does, the error is that of the first, the best."""
    cdef Sink* s = <Sink*>out.sink
    cdef Py_ssize_t mark = pos - s.start
    cdef int64_t empty_items = out.empty_items
    cdef Output best
    cdef uint8_t* end
    cdef Py_ssize_t k
    for k in range(p.count):
        end = put(p.children[k].program, i, pos, out)
        if end != NULL:
            return end
        if k == 0:
            best = out[0]
        if is_fatal(out.error) or not spend(out, p, p.children[k].weight):
            return NULL
        pos = s.start + mark
        out.empty_items = empty_items
    out.at, out.error, out.number = best.at, best.error, best.number
    return NULL


cdef bint is_fatal(int error) noexcept nogil:
    """Whether no other branch could avoid the error."""
    return (
        error == WRITE_MEMORY or error == WRITE_BYTES or error == WRITE_PYTHON or error == WRITE_ARRAY
        or error == WRITE_EMPTY_ITEMS or error == WRITE_INDEX or error == WRITE_VIEW or error == WRITE_LIST
        or error == WRITE_UNION_TYPE
    )


cdef bint is_null(ArrowNode* p, int64_t i) noexcept nogil:
    """False for invalid values: writing them raises the error."""
    cdef int64_t place
    if p.op == ARROW_NULL or p.store == STORED_NOT and p.op == ARROW_ABSENT:
        return True
    if p.op == ARROW_FIRST:
        return is_null(p.children, i)
    if p.validity != NULL and not bit(p.validity, i + p.shift):
        return True
    if p.op == ARROW_DICTIONARY:
        place = load_integer(p, i)
        return 0 <= place < p.limit and is_null(p.children, place)
    if p.op == ARROW_RUNS:
        place = find_run(p, i)
        return is_null(p.children, place)
    return False


# Values found elsewhere in the array

cdef uint8_t* put_dictionary(ArrowNode* p, int64_t i, uint8_t* pos, Output* out) noexcept nogil:
    cdef int64_t place = load_integer(p, i)
    cdef const ArrowNode* child = p.children
    if place < 0 or place >= p.limit:
        return put_failed(out, p, WRITE_INDEX, place)
    if place < child.position_count and child.positions[place] >= 0 and child.validity == NULL and child.tag_size == 0:
        return put_zigzag(pos, child.positions[place])
    return put(child.program, place, pos, out)


cdef uint8_t* put_runs(ArrowNode* p, int64_t i, uint8_t* pos, Output* out) noexcept nogil:
    return put(p.children.program, find_run(p, i), pos, out)


cdef int64_t find_run(ArrowNode* p, int64_t i) noexcept nogil:
    """The run that contains the value; binding has checked that there is one."""
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


cdef inline int64_t run_begin(const ArrowNode* p, int64_t run) noexcept nogil:
    return run_end(p, run - 1) if run else 0


cdef ArrowRoutine ROUTINES[ARROW_OP_COUNT]
ROUTINES[<int>ARROW_NULL] = put_nothing
ROUTINES[<int>ARROW_ABSENT] = put_absent
ROUTINES[<int>ARROW_BOOLEAN] = put_boolean
ROUTINES[<int>ARROW_INT32] = put_int32
ROUTINES[<int>ARROW_INT64] = put_int64
ROUTINES[<int>ARROW_INTEGER] = put_integer
ROUTINES[<int>ARROW_INTEGER_FLOAT] = put_integer_float
ROUTINES[<int>ARROW_INTEGER_DOUBLE] = put_integer_double
ROUTINES[<int>ARROW_FLOAT] = put_float
ROUTINES[<int>ARROW_DOUBLE] = put_double
ROUTINES[<int>ARROW_HALF_FLOAT] = put_half_float
ROUTINES[<int>ARROW_HALF_DOUBLE] = put_half_double
ROUTINES[<int>ARROW_FLOAT_DOUBLE] = put_float_double
ROUTINES[<int>ARROW_DOUBLE_FLOAT] = put_double_float
ROUTINES[<int>ARROW_BYTES] = put_bytes
ROUTINES[<int>ARROW_FIXED] = put_fixed
ROUTINES[<int>ARROW_SYMBOL] = put_symbol
ROUTINES[<int>ARROW_UUID_TEXT] = put_uuid_text
ROUTINES[<int>ARROW_UUID_CHECKED] = put_uuid_checked
ROUTINES[<int>ARROW_UUID_RAW] = put_uuid_raw
ROUTINES[<int>ARROW_DECIMAL] = put_decimal
ROUTINES[<int>ARROW_DECIMAL_SCALED] = put_decimal_scaled
ROUTINES[<int>ARROW_INTEGER_DECIMAL] = put_integer_decimal
ROUTINES[<int>ARROW_TEXT_DECIMAL] = put_text_decimal
ROUTINES[<int>ARROW_BYTES_DECIMAL] = put_bytes_decimal
ROUTINES[<int>ARROW_DECIMAL_BIG] = put_decimal_big
ROUTINES[<int>ARROW_INTEGER_BIG] = put_integer_big
ROUTINES[<int>ARROW_TEXT_BIG] = put_text_big
ROUTINES[<int>ARROW_BYTES_BIG] = put_bytes_big
ROUTINES[<int>ARROW_INTERVAL] = put_interval
ROUTINES[<int>ARROW_INTERVAL_LENGTH] = put_interval_length
ROUTINES[<int>ARROW_RECORD] = put_record
ROUTINES[<int>ARROW_LIST] = put_list
ROUTINES[<int>ARROW_MEMBERS] = put_members
ROUTINES[<int>ARROW_UNION] = put_union
ROUTINES[<int>ARROW_FIRST] = put_first
ROUTINES[<int>ARROW_DICTIONARY] = put_dictionary
ROUTINES[<int>ARROW_RUNS] = put_runs
ROUTINES[<int>ARROW_CONSTANT] = put_constant


cdef ArrowNode END
END.code = CODE_END


cdef class EncodePlan(ArrowPlan):
    """How the rows of arrays of one type are encoded. Immutable once made, like any plan."""

    def __cinit__(self, plan):
        cdef Py_ssize_t i
        cdef list nodes = []             # of all programs, each with its end
        cdef dict places = {}           # put -> where its program and that of its fields begin
        self.link(0, nodes, places)
        self.entries = len(nodes)
        self.programs = <ArrowNode**>PyMem_Calloc(self.entries, sizeof(ArrowNode*))
        if self.programs == NULL:
            raise MemoryError
        for i in range(self.entries):
            self.programs[i] = &END if nodes[i] is None else &self.nodes[<Py_ssize_t>nodes[i]]
        for i in range(self.count):
            program, fields = places[i]
            self.nodes[i].program = self.programs + <Py_ssize_t>program
            self.nodes[i].fields = self.programs + <Py_ssize_t>fields
            self.nodes[i].call = ROUTINES[self.nodes[i].op]

    cdef list link(self, Py_ssize_t i, list nodes, dict places):
        """Add the programs of a node and all its descendants; returns the node's own without its end."""
        cdef Py_ssize_t k
        cdef ArrowNode* p = &self.nodes[i]
        cdef list fields = []
        for k in range(p.count):
            fields += self.link(<Py_ssize_t>(p.children - self.nodes) + k, nodes, places)
        program = [i, *(fields if is_struct(p) else ())]
        places[i] = len(nodes), len(nodes) + len(program) + 1
        nodes += program
        nodes.append(None)
        nodes += fields
        nodes.append(None)
        return program


cdef class ColumnEncoder(ArrayReader):
    """Encodes the rows of Arrow arrays, for one caller at a time.

    :param plan: an `EncodePlan`.
    """

    cdef int64_t work           # values that may be written before the next check for Ctrl-C, kept between calls

    def __cinit__(self, EncodePlan plan not None, failure=EncodeError):
        self.work = LOOK_VALUES

    @property
    def rows(self):
        """Number of rows that were encoded, of all arrays so far, counted from what `before` was first."""
        return self.before + self.row

    def fill(self, BlockBuilder block not None, int64_t limit, int64_t most):
        """Append rows to the block, until it has ``limit`` bytes or ``most`` rows.

        :returns: True if it has, False if the array is exhausted.
        :raises EncodeError: if a row does not fit; the rows before it stay.
        """
        cdef Output out
        cdef Sink* s = &block.sink
        cdef int64_t first = self.row
        cdef bint done
        block.occupy()
        sink_renew(s, &block.plan.bounds)
        out.sink = s
        out.work = self.work
        with nogil:
            done = put_rows(self, 0, limit, most - block.count, &block.empty_rows, &out)
        self.work = out.work
        block.count += self.row - first
        avrojet_vacate(&block.busy)
        if not done:
            raise self.error(&out, self.before + self.row)
        return s.pos - s.start >= limit or block.count >= most

    def fill_frames(self, BlocksBuilder frames not None, int64_t limit, int64_t most, Py_ssize_t size):
        """Encode rows into blocks of ``limit`` bytes or ``most`` rows, until they have ``size`` bytes together.

        :returns: True if they have, False if the array is exhausted: the last block is unfinished then.
        :raises EncodeError: if a row does not fit; the rows before it stay.
        """
        cdef Output out
        cdef Sink* s = &frames.sink
        cdef bint done
        sink_renew(s, &frames.bounds)
        out.sink = s
        out.work = self.work
        with nogil:
            done = put_frames(self, frames, limit, most, size, &out)
        self.work = out.work
        if not done:
            raise self.error(&out, self.before + self.row)
        return frames.begin >= size


cdef bint put_frames(
    ColumnEncoder encoder, BlocksBuilder frames, int64_t limit, int64_t most, Py_ssize_t size, Output* out
) noexcept nogil:
    cdef Sink* s = &frames.sink
    cdef int64_t first
    cdef bint done
    while frames.begin < size:
        first = encoder.row
        done = put_rows(encoder, frames.values(), limit, most - frames.count, &frames.empty_rows, out)
        frames.count += encoder.row - first
        if not done:
            return False
        if (s.pos - s.start) - frames.values() < limit and frames.count < most:
            return True
        if not frames.end_block():
            return put_failed(out, encoder.root, WRITE_MEMORY) != NULL
    return True


cdef bint put_rows(
    ColumnEncoder encoder, Py_ssize_t begin, int64_t limit, int64_t most, int64_t* empty_rows, Output* out
) noexcept nogil:
    """Write rows until the sink has ``limit`` bytes from ``begin`` on; a row that fails leaves nothing in it.

    :param empty_rows: budget left for rows of no bytes in the file.
    """
    cdef ArrowNode* root = encoder.root
    cdef Sink* s = <Sink*>out.sink
    cdef uint8_t* pos = s.pos
    cdef int64_t row = encoder.row
    cdef int64_t wanted = min(encoder.data.array.length - row, most)
    cdef int64_t end = row + allowed_rows(root, empty_rows[0], wanted)
    cdef int64_t value_bytes = s.bounds.value_bytes
    cdef int64_t empty_items = s.bounds.empty_items - root.empty_cost
    cdef Py_ssize_t mark = pos - s.start
    if wanted and empty_items < 0:
        return put_failed(out, root, WRITE_EMPTY_ITEMS) != NULL
    limit += begin
    out.end = s.end
    while row < end and mark < limit:
        if row == encoder.prepared and not prepare_rows(encoder, out):
            pos = NULL
            break
        s.most = mark + value_bytes
        out.empty_items = empty_items
        pos = reserve(out, root, pos, root.need)
        if likely(pos != NULL):
            pos = put(root.program, row, pos, out)
        if not likely(pos != NULL):
            break
        mark = pos - s.start
        # The sink's initial buffer is filled without such a check.
        if not likely(mark <= s.most):
            mark = s.most - value_bytes
            pos = put_failed(out, root, WRITE_BYTES)
            break
        row += 1
    if root.empty:
        empty_rows[0] -= (row - encoder.row) * (1 + root.empty_cost)
    if pos != NULL and row == end < encoder.row + wanted:
        pos = put_failed(out, root, WRITE_EMPTY_ROWS)
    encoder.row = row
    s.pos = s.start + mark
    return pos != NULL


cdef int64_t allowed_rows(const ArrowNode* root, int64_t empty_rows, int64_t wanted) noexcept nogil:
    """How many of the rows may follow: rows of no bytes, which cost an array nothing, are bounded."""
    return min(wanted, empty_rows // (1 + root.empty_cost)) if root.empty else wanted


cdef bint prepare_rows(ColumnEncoder encoder, Output* out) noexcept nogil:
    """Prepare the next rows; False if a signal handler has raised."""
    encoder.prepare()
    return spend(out, encoder.root, ROWS_AT_ONCE * encoder.root.weight)


# Messages

cdef enum:
    # Messages are collected here before they are moved to their column, whose size is known better then.
    MESSAGE_CHUNK = 65536
    # Messages for which room is reserved at the start: an array can claim to have more without any memory.
    MESSAGES_AT_ONCE = 1 << 20


cdef bint put_messages(
    ColumnEncoder encoder, Column* column, const uint8_t* prefix, Py_ssize_t size, int64_t* empty_rows, Output* out
) noexcept nogil:
    """Encode the rows of the array as values of a column of bytes, each after a prefix."""
    cdef ArrowNode* root = encoder.root
    cdef Sink* s = <Sink*>out.sink
    cdef uint8_t* pos = s.pos
    cdef int64_t length = encoder.data.array.length
    cdef int64_t end = allowed_rows(root, empty_rows[0], length)
    cdef int fault
    out.end = s.end
    while encoder.row < end:
        if encoder.row == encoder.prepared and not prepare_rows(encoder, out):
            return False
        if column.length == column.capacity:
            fault = column_reserve(column, min(end - encoder.row, <int64_t>MESSAGES_AT_ONCE), 0)
            if fault:
                return put_failed(out, root, WRITE_FULL if fault == READ_FULL else WRITE_MEMORY) != NULL
        s.most = pos - s.start + size + s.bounds.value_bytes
        pos = reserve(out, root, pos, size + root.need)
        if pos == NULL:
            return False
        memcpy(pos, prefix, size)
        out.empty_items = s.bounds.empty_items - root.empty_cost
        pos = put(root.program, encoder.row, pos + size, out)
        if not likely(pos != NULL):
            return False
        if not likely(pos - s.start <= s.most):
            return put_failed(out, root, WRITE_BYTES) != NULL
        if column.used + (pos - s.start) > INT32_MAX:
            return put_failed(out, root, WRITE_FULL) != NULL
        column_end(column, column.length, column.used + (pos - s.start))
        column.length += 1
        encoder.row += 1
        if pos - s.start >= MESSAGE_CHUNK or encoder.row == end:
            if column_reserve_data(column, column.length, pos - s.start):
                return put_failed(out, root, WRITE_MEMORY) != NULL
            memcpy(column.data + column.used, s.start, pos - s.start)
            column.used += pos - s.start
            pos = s.start
    s.pos = pos
    if root.empty:
        empty_rows[0] -= end * (1 + root.empty_cost)
    return end == length or put_failed(out, root, WRITE_EMPTY_ROWS) != NULL


cdef int add_finished(
    ColumnEncoder encoder, Column* data, Column* messages, bytes prefix, finish, Output* out
) except -1:
    """Add the result of a function of each datum to a column of bytes, each after a prefix."""
    cdef int64_t i, begin, end
    cdef Py_ssize_t size
    cdef bytes message
    cdef int fault = 0
    for i in range(data.length):
        begin, end = column_offset(data, i), column_offset(data, i + 1)
        message = prefix + finish(PyBytes_FromStringAndSize(<const char*>data.data + begin, end - begin))
        size = len(message)
        if messages.length == messages.capacity:
            fault = column_reserve(messages, data.length - i, 0)
        if fault or messages.used + size > INT32_MAX:
            put_failed(out, encoder.root, WRITE_MEMORY if fault == READ_MEMORY else WRITE_FULL)
            raise encoder.error(out, encoder.before + i)
        if column_reserve_data(messages, messages.length + 1, size):
            raise MemoryError
        memcpy(messages.data + messages.used, <const char*>message, size)
        messages.used += size
        column_end(messages, messages.length, messages.used)
        messages.length += 1
    data.length = data.used = 0
    return 0


cdef int check_sizes(const Column* messages, int64_t most) except -1:
    cdef int64_t i, size
    for i in range(messages.length):
        size = column_offset(messages, i + 1) - column_offset(messages, i)
        if size > most:
            raise LimitError(
                f"row {i}: the message has {size} bytes, more than max_bytes = {most}", limit="max_bytes", number=size
            )
    return 0


def encode_messages(
    ColumnEncoder encoder not None, arrays, bytes prefix not None, layout, limits, *, finish=None, int64_t most=0
):
    """One message for each row.

    :param arrays: an iterator over ArrowData.
    :param layout: an ``avrojet.plan.arrow.layout.Column`` of bytes.
    :param finish: called with each datum; returns the bytes that follow the prefix instead.
    :param most: the most bytes of a message; 0: any.
    :returns: an :class:`avrojet.core.arrow.producer.ArrowColumn`.
    :raises EncodeError: if a row does not fit.
    :raises LimitError: if the messages exceed 2 GiB, or one exceeds `most` bytes.
    """
    cdef Sink s
    cdef Output out
    cdef Bounds bounds = bounds_of(limits)
    cdef int64_t empty_rows = bounds.empty_items
    cdef ArrowColumn messages = ArrowColumn()
    cdef Column* column = column_new(layout)
    cdef Column* target = column
    cdef const char* start = prefix
    cdef Py_ssize_t size = 0 if finish is not None else len(prefix)
    cdef bint done
    sink_init(&s, 0)
    out.sink = &s
    out.work = LOOK_VALUES
    try:
        if finish is not None:
            target = column_new(layout)
        for data in arrays:
            encoder.bind(data)
            sink_renew(&s, &bounds)
            with nogil:
                done = put_messages(encoder, target, <const uint8_t*>start, size, &empty_rows, &out)
            if not done:
                raise encoder.error(&out, encoder.before + encoder.row)
            if finish is not None:
                add_finished(encoder, target, column, prefix, finish, &out)
        if most:
            check_sizes(column, most)
        arrow_take(messages, column, layout)
        return messages
    finally:
        sink_free(&s)
        if target != column:
            column_free(target)
        column_free(column)
