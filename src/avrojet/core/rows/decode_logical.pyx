"""Decode routines of the logical types (specification: Logical Types).

What Python cannot represent exactly (a year past 9999, more digits than the precision) is an error, never
rounded; Decoder(logical_types=False) shows the plain encoding of such data.
"""

from cpython.datetime cimport (
    date_new, datetime_new, get_utc, import_datetime, time_new,
)
from cpython.object cimport PyObject, PyObject_TypeCheck, PyTypeObject
from cpython.ref cimport Py_INCREF
from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t
from libc.stdio cimport snprintf
from libc.string cimport memcmp, memcpy

import sys
from decimal import MAX_EMAX, MAX_PREC, MIN_EMIN, Context, Decimal

from avrojet.core.ground.calendar cimport *
from avrojet.core.ground.cursor cimport *
from avrojet.core.ground.decimals cimport drop_sign_bytes, power_of_ten
from avrojet.core.plan.node cimport *
from avrojet.values import Duration, NanoDatetime

import_datetime()

cdef extern from "Python.h":
    void set_attribute "PyObject_GenericSetAttr"(object, object, object) except *

cdef extern from *:
    """
    static PyObject *avrojet_nano_new(int y, int mo, int d, int h, int mi, int s, int us,
                                      PyObject *zone, PyObject *type) {
        return PyDateTimeAPI->DateTime_FromDateAndTime(y, mo, d, h, mi, s, us, zone, (PyTypeObject *)type);
    }
    """
    object avrojet_nano_new(int, int, int, int, int, int, int, object, object)

cdef extern from "Python.h":
    object text_of "PyUnicode_FromStringAndSize"(const char*, Py_ssize_t)

cdef extern from "hex.h":
    bint avrojet_uuid_from_hex(const uint8_t*, Py_ssize_t, uint8_t*) nogil

cdef extern from "capi.h":
    object avrojet_long_from_bytes(const uint8_t*, Py_ssize_t, int)

cdef extern from "scalars.h":
    uint32_t avrojet_load32le(const uint8_t*) nogil

# Exact: all digits that fit in memory, all exponents.
cdef object EXACT = Context(prec=MAX_PREC, Emax=MAX_EMAX, Emin=MIN_EMIN)
# Set with the first UUID: importing `uuid`, and `platform` with it, is a twentieth of the start of a command.
cdef type UUID = None
cdef object SAFE_UNKNOWN = None


cdef inline PyObject* reference_to(object value) noexcept:
    """A new reference for the caller."""
    Py_INCREF(value)
    return <PyObject*>value


cdef bint read_number(const Node* node, Cursor* c, int64_t* value) noexcept:
    return cur_int(c, value) if node.narrow else cur_long(c, value)


cdef PyObject* decode_date(const Node* node, Cursor* c) noexcept:
    cdef const uint8_t* start = c.pos
    cdef int64_t days
    if not read_number(node, c, &days):
        return NULL
    try:
        return reference_to(make_date(node, days))
    except BaseException as exception:
        c.pos = start
        return <PyObject*>cur_caught(c, exception, READ_NO_TIME)


cdef object make_date(const Node* node, int64_t days):
    cdef int year, month, day
    if not node.first <= days <= node.last:
        raise OverflowError(f"day {days} is outside of the years 1 to 9999; logical_types=False shows the number")
    civil_from_days(days, &year, &month, &day)
    return date_new(year, month, day)


cdef PyObject* decode_time(const Node* node, Cursor* c) noexcept:
    cdef const uint8_t* start = c.pos
    cdef int64_t value
    if not read_number(node, c, &value):
        return NULL
    try:
        return reference_to(make_time(node, value))
    except BaseException as exception:
        c.pos = start
        return <PyObject*>cur_caught(c, exception, READ_NO_TIME)


cdef object make_time(const Node* node, int64_t value):
    cdef int64_t unit = node.unit
    cdef int64_t seconds = value // unit
    if not node.first <= value <= node.last:
        raise OverflowError(f"{value} is not a time of day")
    return time_new(
        seconds // 3600, seconds // 60 % 60, seconds % 60, (value - seconds * unit) * (1000000 // unit), None
    )


cdef PyObject* decode_timestamp(const Node* node, Cursor* c) noexcept:
    """UTC instants are aware datetimes, local ones naive; nanoseconds are a NanoDatetime."""
    cdef const uint8_t* start = c.pos
    cdef int64_t value
    if not read_number(node, c, &value):
        return NULL
    try:
        return reference_to(make_datetime(node, value))
    except BaseException as exception:
        c.pos = start
        return <PyObject*>cur_caught(c, exception, READ_NO_TIME)


cdef PyObject* decode_rescaled(const Node* node, Cursor* c) noexcept:
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
    try:
        if node.child.op == OP_TIME:
            return reference_to(make_time(node.child, value))
        return reference_to(make_datetime(node.child, value))
    except BaseException as exception:
        c.pos = start
        return <PyObject*>cur_caught(c, exception, READ_NO_TIME)


cdef object make_datetime(const Node* node, int64_t value):
    cdef int64_t unit = node.unit
    cdef int64_t seconds = whole_seconds(value, unit)
    cdef int64_t days = floor_div(seconds, DAY_SECONDS)
    cdef int64_t fraction = value - seconds * unit
    cdef int of_day = <int>(seconds - days * DAY_SECONDS)
    cdef int year, month, day, micros
    if not node.first <= value <= node.last:
        raise OverflowError(f"{value} is outside of the years 1 to 9999; logical_types=False shows the number")
    civil_from_days(days, &year, &month, &day)
    zone = None if node.local else get_utc()
    if unit != 1000000000:
        micros = <int>(fraction * (1000000 // unit))
        return datetime_new(year, month, day, of_day // 3600, of_day // 60 % 60, of_day % 60, micros, zone)
    made = avrojet_nano_new(
        year, month, day, of_day // 3600, of_day // 60 % 60, of_day % 60, <int>(fraction // 1000), zone, NanoDatetime
    )
    made._nanosecond = fraction % 1000
    return made


cdef PyObject* decode_duration(const Node* node, Cursor* c) noexcept:
    """Three little-endian unsigned numbers (specification: Duration)."""
    cdef const uint8_t* data = c.pos
    if not cur_skip(c, 12):
        return NULL
    try:
        return reference_to(Duration(avrojet_load32le(data), avrojet_load32le(data + 4), avrojet_load32le(data + 8)))
    except BaseException as exception:
        c.pos = data
        return <PyObject*>cur_caught(c, exception)


cdef bint read_sized(const Node* node, Cursor* c, int64_t* size) noexcept:
    """The size of a value on bytes or string (whose length precedes it) or on fixed."""
    if node.size < 0:
        return cur_length(c, size)
    size[0] = node.size
    return cur_need(c, node.size)


cdef PyObject* decode_decimal(const Node* node, Cursor* c) noexcept:
    cdef const uint8_t* start = c.pos
    cdef int64_t size
    if not read_sized(node, c, &size):
        return NULL
    c.pos += size
    if not is_short_enough(c, start, c.pos - size, size):
        return NULL
    try:
        return reference_to(make_decimal(c.pos - size, size, node.scale, node.precision))
    except BaseException as exception:
        c.pos = start
        return <PyObject*>cur_caught(c, exception, READ_NO_VALUE)


cdef inline bint is_short_enough(Cursor* c, const uint8_t* start, const uint8_t* data, Py_ssize_t size) noexcept:
    """Whether a number may be converted to decimal digits, which takes quadratic time."""
    if size <= c.bounds.decimal_bytes:
        return True
    drop_sign_bytes(&data, &size)
    if size <= c.bounds.decimal_bytes:
        return True
    c.pos = start
    return cur_fail(c, READ_DECIMAL_BYTES, size)


cdef PyObject* decode_big_decimal(const Node* node, Cursor* c) noexcept:
    """Bytes that hold the unscaled number as bytes and the scale as an int."""
    cdef const uint8_t* start = c.pos
    cdef const uint8_t* end = c.end
    cdef int64_t size, scale
    cdef const uint8_t* digits
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
    if whole and not is_short_enough(c, start, digits, size):
        return NULL
    try:
        if not whole:
            raise ValueError("not the unscaled bytes and the scale of a big-decimal")
        return reference_to(make_decimal(digits, size, scale, 0))
    except BaseException as exception:
        c.pos = start
        return <PyObject*>cur_caught(c, exception, READ_NO_VALUE)


cdef object make_decimal(const uint8_t* data, Py_ssize_t size, int64_t scale, int precision):
    """The big-endian two's-complement number in ``data``, times 10**-scale, exactly.

    No bytes mean 0, as some writers encode it. ``precision`` bounds the digits; 0: no bound.
    """
    cdef char text[64]
    cdef int64_t unscaled
    cdef int digits
    drop_sign_bytes(&data, &size)
    if size <= 8:
        unscaled = -1 if size > 0 and data[0] >= 0x80 else 0
        for i in range(size):
            unscaled = <int64_t>(<uint64_t>unscaled << 8 | data[i])
        digits = snprintf(text, 64, "%lldE%lld", <long long>unscaled, <long long>-scale)
        value = Decimal(text_of(text, digits))
        if precision == 0 or precision > 18 or -power_of_ten(precision) < unscaled < power_of_ten(precision):
            return value
    else:
        value = Decimal(avrojet_long_from_bytes(data, size, 1)).scaleb(-scale, EXACT)
    if precision and value.adjusted() + scale >= precision:
        raise ValueError(f"a decimal of {value.adjusted() + scale + 1} digits exceeds the precision {precision}")
    return value


cdef PyObject* decode_uuid(const Node* node, Cursor* c) noexcept:
    """36 characters of text, or 16 bytes in network order (specification: UUID)."""
    cdef const uint8_t* start = c.pos
    cdef uint8_t raw[16]
    cdef int64_t size
    if not read_sized(node, c, &size):
        return NULL
    try:
        if node.size == 16:
            memcpy(raw, c.pos, 16)
        elif not parse_uuid(c.pos, size, raw):
            raise ValueError("not the text of a UUID")
        c.pos += size
        made = uuid_class()
        value = made.__new__(made)
        # UUID forbids setting attributes; its own constructor does the same, but slowly.
        set_attribute(value, "int", avrojet_long_from_bytes(raw, 16, 0))
        set_attribute(value, "is_safe", SAFE_UNKNOWN)
        return reference_to(value)
    except BaseException as exception:
        c.pos = start
        return <PyObject*>cur_caught(c, exception, READ_NO_VALUE)


cdef type uuid_class():
    """The class ``uuid.UUID``."""
    global UUID, SAFE_UNKNOWN
    if UUID is None:
        import uuid
        SAFE_UNKNOWN = uuid.SafeUUID.unknown
        UUID = uuid.UUID
    return UUID


cdef bint is_uuid(PyObject* value) noexcept:
    """Whether it is a UUID, by its real type; there is none as long as nobody has imported `uuid`."""
    if UUID is None:
        if "uuid" not in sys.modules:
            return False
        try:
            uuid_class()
        except Exception:       # it is just being imported
            return False
    return PyObject_TypeCheck(<object>value, <PyTypeObject*>UUID)


cdef bint parse_uuid(const uint8_t* text, Py_ssize_t size, uint8_t* raw) noexcept nogil:
    """8-4-4-4-12 hexadecimal digits in either case; some writers omit the hyphens, or add the URN's prefix or
    braces."""
    if size > 33 and size != 36:
        text = without_frame(text, &size)
    if size == 36 and not (text[8] == text[13] == text[18] == text[23] == c"-"):
        return False
    return (size == 32 or size == 36) and avrojet_uuid_from_hex(text, size, raw)


cdef const uint8_t* without_frame(const uint8_t* text, Py_ssize_t* size) noexcept nogil:
    """The text inside ``urn:uuid:...`` (specification: UUID, by RFC 4122, section 3) or ``{...}``."""
    if memcmp(text, b"urn:uuid:", 9) == 0:
        size[0] -= 9
        return text + 9
    if text[0] == c"{" and text[size[0] - 1] == c"}":
        size[0] -= 2
        return text + 1
    return text
