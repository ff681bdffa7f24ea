"""Encode routines of the logical types (specification: Logical Types).

A value that the type cannot represent exactly is an error: microseconds in a timestamp-millis, more digits
after the point than a decimal's scale. Only Encoder(truncate_times=True) drops digits of a time.
"""

from cpython.datetime cimport (
    PyDate_Check, PyDateTime_Check, PyDateTime_CheckExact, PyTime_Check, date_day, date_month, date_year,
    datetime_day, datetime_hour, datetime_microsecond, datetime_minute, datetime_month, datetime_second,
    datetime_tzinfo, datetime_year, get_utc, import_datetime, time_hour, time_microsecond, time_minute,
    time_second, time_tzinfo, timedelta_days, timedelta_microseconds, timedelta_seconds,
)
from cpython.number cimport PyIndex_Check
from cpython.object cimport PyObject, PyObject_TypeCheck, PyTypeObject
from cpython.ref cimport Py_DECREF
from libc.stdint cimport INT64_MAX, INT64_MIN, int64_t, uint8_t, uint32_t, uint64_t
from libc.string cimport memcpy

import re
from datetime import date, datetime, timezone
from decimal import MAX_EMAX, MAX_PREC, MIN_EMIN, Context, Decimal, Inexact, InvalidOperation
from operator import index

from avrojet.core.ground.calendar cimport *
from avrojet.core.ground.cursor cimport READ_DECIMAL_BYTES, Cursor, cur_clear, cur_init, cur_take_failure
from avrojet.core.ground.decimals cimport power_of_ten
from avrojet.core.plan.node cimport *
from avrojet.core.ground.sink cimport *
from avrojet.core.rows.decode_logical cimport decode_big_decimal, decode_decimal, is_uuid, uuid_class

import_datetime()

cdef extern from "Python.h":
    const char* PyUnicode_AsUTF8AndSize(object, Py_ssize_t*) except NULL

cdef extern from "capi.h":
    int avrojet_long_to_bytes(object, uint8_t*, Py_ssize_t) except -1

cdef extern from "scalars.h":
    void avrojet_store32le(uint8_t*, uint32_t) nogil

cdef type DECIMAL = Decimal
# Exact: all digits, all exponents.
cdef object EXACT = Context(prec=MAX_PREC, Emax=MAX_EMAX, Emin=MIN_EMIN, traps=[Inexact, InvalidOperation])


cdef int logical_kind(PyObject* value) noexcept:
    """The Kind of a value that is not of a built-in type, by its class."""
    cdef object it = <object>value
    if PyDateTime_Check(it):
        return KIND_DATETIME
    if PyDate_Check(it):
        return KIND_DATE
    if PyTime_Check(it):
        return KIND_TIME
    # By its real type: looking up a value's __class__ might run code that raises.
    if PyObject_TypeCheck(it, <PyTypeObject*>DECIMAL):
        return KIND_DECIMAL
    if is_uuid(value):
        return KIND_UUID
    return KIND_OTHER


cdef bint encode_date(const Node* node, PyObject* value, Sink* s) noexcept:
    cdef object it = <object>value
    if s.options & LENIENT and isinstance(it, str):
        try:
            it = date.fromisoformat(it)
        except ValueError as exception:
            return refuse(node, value, s, str(exception))
    if not PyDate_Check(it) or (PyDateTime_Check(it) and not s.options & LENIENT):
        return encode_datetime64(node, value, s)
    return put_long(s, days_from_civil(date_year(it), date_month(it), date_day(it)))


cdef bint encode_time(const Node* node, PyObject* value, Sink* s) noexcept:
    cdef object it = <object>value
    cdef int64_t unit = node.unit
    cdef int64_t seconds
    cdef int64_t micros
    if not PyTime_Check(it):
        return sink_fail(s, WRITE_TYPE, node, value)
    micros = time_microsecond(it)
    if time_tzinfo(it) is not None and not s.options & LENIENT:
        return refuse(node, value, s, "a time of day has no zone")
    if micros % (1000000 // unit) and not s.options & TRUNCATE_TIMES:
        return refuse(node, value, s, "its microseconds would be lost")
    seconds = (time_hour(it) * 60 + time_minute(it)) * 60 + time_second(it)
    return put_long(s, seconds * unit + micros // (1000000 // unit))


cdef bint encode_timestamp(const Node* node, PyObject* value, Sink* s) noexcept:
    cdef int64_t number
    if not PyDateTime_Check(<object>value):
        return encode_datetime64(node, value, s)
    try:
        number = count_units(node, <object>value, s.options)
    except ValueError as exception:
        return refuse(node, value, s, str(exception))
    except BaseException as exception:
        return sink_caught(s, WRITE_PYTHON, exception)
    if number < node.first or number > node.last:
        return refuse(node, value, s, "in UTC it is outside of the years 1 to 9999")
    return put_long(s, number)


cdef bint is_datetime64(object value) except -1:
    """Whether it is a numpy scalar, recognized by its dtype without importing numpy. Errors of a value's own dtype
    mean no, but interruptions pass."""
    try:
        dtype = getattr(value, "dtype", None)
        return dtype is not None and dtype.kind == "M" and value.shape == ()
    except MemoryError:
        raise
    except Exception:
        return False


cdef int kind_of_datetime64(object value) except -1:
    """A unit of days or longer makes it a date first."""
    try:
        unit = DATETIME64_UNIT(value.dtype.str)
        return KIND_DATE if unit is not None and unit[2] in "YMWD" else KIND_DATETIME
    except MemoryError:
        raise
    except Exception:
        return KIND_OTHER


cdef bint encode_datetime64(const Node* node, PyObject* value, Sink* s) noexcept:
    """A date or timestamp counted from 1970, like Avro's: in UTC, or in local time for a local one.

    Any other value has the wrong type.
    """
    try:
        if not is_datetime64(<object>value):
            return sink_fail(s, WRITE_TYPE, node, value)
        number = units_of_datetime64(<object>value, node, s.options & TRUNCATE_TIMES)
        if not node.first <= number <= node.last:
            return sink_fail(s, WRITE_RANGE, node, value)
        return put_long(s, number)
    except ValueError as exception:
        return refuse(node, value, s, str(exception))
    except BaseException as exception:
        return sink_caught(s, WRITE_PYTHON, exception)


cdef object NOT_A_TIME = -(1 << 63)
cdef object DATETIME64_UNIT = re.compile(r"M8\[(\d*)(\w+)\]$").search
# Seconds in a unit, as a fraction.
cdef dict DATETIME64_SECONDS = {
    "W": (604800, 1), "D": (86400, 1), "h": (3600, 1), "m": (60, 1), "s": (1, 1), "ms": (1, 10**3),
    "us": (1, 10**6), "ns": (1, 10**9), "ps": (1, 10**12), "fs": (1, 10**15), "as": (1, 10**18),
}


cdef object units_of_datetime64(object value, const Node* node, bint truncate):
    """Its number in units of the Avro type, exact, as an int of any size."""
    count = int(value.view("i8"))
    unit = DATETIME64_UNIT(value.dtype.str)
    if count == NOT_A_TIME or unit is None:
        raise ValueError("it is not a time (NaT)")
    count *= int(unit[1] or 1)
    if unit[2] in ("Y", "M"):
        months = count * 12 if unit[2] == "Y" else count
        if not -24000 < months < 100000:
            raise ValueError("it is outside of the years 1 to 9999")
        seconds, parts = days_from_civil(1970 + months // 12, months % 12 + 1, 1) * 86400, 1
    else:
        seconds, parts = DATETIME64_SECONDS[unit[2]]
        seconds *= count
    if node.op == OP_DATE:
        number, lost = divmod(seconds, 86400 * parts)
        if lost:
            raise ValueError("it has a time of day, and a date has none")
        return number
    number, lost = divmod(seconds * node.unit, parts)
    if lost and not truncate:
        raise ValueError("digits of its second would be lost; truncate_times=True drops them")
    return number


cdef int64_t count_units(const Node* node, object value, int options) except? -1:
    """Units of the timestamp type since 1970, in UTC or local time."""
    cdef int64_t unit = node.unit
    cdef int64_t fraction = 1000000000 // unit
    cdef int64_t seconds, nanos
    offset = None
    if not PyDateTime_CheckExact(value) and value != value:
        raise ValueError("it is not a time (NaT)")
    if node.local:
        if datetime_tzinfo(value) is not None and not options & LENIENT:
            raise ValueError("a local timestamp has no zone; use value.replace(tzinfo=None)")
    elif datetime_tzinfo(value) is not get_utc():
        offset = value.utcoffset()
        if offset is None:
            if options & NAIVE_IS_LOCAL:
                offset = local_offset(value)
            elif not options & NAIVE_IS_UTC:
                raise ValueError(
                    "a datetime without time zone is not an instant; set its tzinfo, or use naive_datetimes="
                )
    seconds = days_from_civil(datetime_year(value), datetime_month(value), datetime_day(value)) * DAY_SECONDS
    seconds += (datetime_hour(value) * 60 + datetime_minute(value)) * 60 + datetime_second(value)
    nanos = datetime_microsecond(value) * <int64_t>1000
    if not PyDateTime_CheckExact(value):
        nanos += nanosecond_of(value)
    if offset is not None:
        seconds -= timedelta_days(offset) * <int64_t>DAY_SECONDS + timedelta_seconds(offset)
        nanos -= timedelta_microseconds(offset) * <int64_t>1000
        seconds += floor_div(nanos, 1000000000)
        nanos -= floor_div(nanos, 1000000000) * 1000000000
    if nanos % fraction and not options & TRUNCATE_TIMES:
        raise ValueError("digits of its second would be lost; truncate_times=True drops them")
    if unit != 1000000000:
        return seconds * unit + nanos // fraction
    return nanos_since_1970(seconds, nanos)


cdef object local_offset(object value):
    """The machine's offset from UTC at that time; subclasses (pandas' Timestamp) may refuse to tell it."""
    plain = datetime(
        datetime_year(value), datetime_month(value), datetime_day(value),
        datetime_hour(value), datetime_minute(value), datetime_second(value), fold=value.fold,
    )
    try:
        return plain - plain.astimezone(timezone.utc).replace(tzinfo=None)
    except OverflowError:
        raise ValueError("in UTC it is outside of the years 1 to 9999") from None


cdef int nanosecond_of(object value) except -1:
    """The nanoseconds after the microsecond in a subclass of datetime: NanoDatetime, pandas' Timestamp."""
    nanosecond = getattr(value, "nanosecond", 0)
    if not 0 <= nanosecond <= 999:
        raise ValueError(f"its nanosecond is not in 0..999: {nanosecond}")
    return nanosecond


cdef int64_t nanos_since_1970(int64_t seconds, int64_t nanos) except? -1:
    """In 64 bits, from 1677-09-21T00:12:43.145224192 to 2262-04-11T23:47:16.854775807."""
    cdef int64_t first = floor_div(INT64_MIN, 1000000000)
    cdef int64_t last = INT64_MAX // 1000000000
    if first < seconds < last:
        return seconds * 1000000000 + nanos
    if seconds == first and nanos >= INT64_MIN - (first + 1) * 1000000000 + 1000000000:
        return (first + 1) * 1000000000 + (nanos - 1000000000)
    if seconds == last and nanos <= INT64_MAX - last * 1000000000:
        return last * 1000000000 + nanos
    raise ValueError("64 bits of nanoseconds hold the years 1677 to 2262")


cdef bint refuse(const Node* node, PyObject* value, Sink* s, str reason) noexcept:
    sink_caught(s, WRITE_VALUE, ValueError(reason))
    return sink_fail(s, WRITE_VALUE, node, value)


cdef bint encode_duration(const Node* node, PyObject* value, Sink* s) noexcept:
    """Months, days and milliseconds, 32 bits each, from a Duration or a tuple of that form."""
    cdef int64_t parts[3]
    cdef Py_ssize_t i
    cdef object it = <object>value
    if not isinstance(it, tuple) or len(<tuple>it) != 3:
        return sink_fail(s, WRITE_TYPE, node, value)
    for i in range(3):
        try:
            part = integer_of((<tuple>it)[i])
        except BaseException as exception:
            return sink_caught(s, WRITE_PYTHON, exception)
        if part is None:
            return sink_fail(s, WRITE_TYPE, node, value)
        if not 0 <= part <= 0xFFFFFFFF:
            return sink_fail(s, WRITE_RANGE, node, value)
        parts[i] = part
    if not sink_reserve(s, 12):
        return False
    for i in range(3):
        avrojet_store32le(s.pos, <uint32_t>parts[i])
        s.pos += 4
    return True


cdef object integer_of(object value):
    """The int value of an integer of any class (numpy's, say); None for any other value, and for a bool."""
    if isinstance(value, bool) or not PyIndex_Check(value):
        return None
    try:
        return index(value)
    except TypeError:
        return None     # an array of several numbers


cdef bint encode_decimal(const Node* node, PyObject* value, Sink* s) noexcept:
    cdef int64_t small
    try:
        if s.bounds.decimal_bytes >= 8 and unscale_small(<object>value, node.scale, node.precision, &small):
            return put_unscaled(node, small, s)
        number = <object>value
        if not isinstance(number, Decimal):
            number = integer_of(number)
            if number is None:
                return sink_fail(s, WRITE_TYPE, node, value)
            size = fewest_bytes(places_of_int(number), node) if number else 0
            if size > s.bounds.decimal_bytes:
                return too_long(node, value, s, size)
            number = Decimal(number)
        elif not number.is_finite():
            return refuse(node, value, s, "a decimal must be finite")
        size = fewest_bytes(number.adjusted(), node) if number else 0
        if size > s.bounds.decimal_bytes:
            return too_long(node, value, s, size)
        unscaled = unscale(number, node.scale)
        data = two_complement(unscaled)
        if len(data) > s.bounds.decimal_bytes:
            return too_long(node, value, s, len(data))
        if node.size >= 0:
            return put_bytes(s, (<object>unscaled).to_bytes(node.size, "big", signed=True))
        return put_long(s, len(data)) and put_bytes(s, data)
    except ValueError as exception:
        return refuse(node, value, s, str(exception))
    except BaseException as exception:
        return sink_caught(s, WRITE_PYTHON, exception)


# Converting a number to decimal digits or back takes time that grows with the square of its length, so the length
# is checked first.

cdef object places_of_int(object number):
    """An exponent of ten that the number reaches at least; for a long int the exact one takes too long."""
    return max(number.bit_length() - 1, 0) * 30102 // 100000


cdef object fewest_bytes(object places, const Node* node):
    """The fewest bytes that the unscaled number can take; a ValueError if it exceeds the precision."""
    places += node.scale
    if places >= node.precision:
        raise ValueError(f"it has more digits than the precision {node.precision} leaves before the point")
    return places * 33219 // 80000


cdef bint too_long(const Node* node, PyObject* value, Sink* s, int64_t size) noexcept:
    s.number = size
    return sink_fail(s, WRITE_DECIMAL_BYTES, node, value)


cdef bint put_unscaled(const Node* node, int64_t number, Sink* s) noexcept:
    """The fewest big-endian bytes that hold the number and its sign, or those of the fixed."""
    cdef Py_ssize_t size = node.size
    cdef Py_ssize_t i
    if size < 0:
        size = 1
        while size < 8 and not -(<int64_t>1 << 8 * size - 1) <= number < <int64_t>1 << 8 * size - 1:
            size += 1
    if not sink_reserve(s, size + 10):
        return False
    if node.size < 0:
        put_number(s, size)
    for i in range(size):
        s.pos[size - 1 - i] = <uint8_t>(number >> min(8 * i, 63))
    s.pos += size
    return True


cdef bint unscale_small(object value, int scale, int precision, int64_t* number) except -1:
    """The unscaled number of a Decimal of at most 18 digits, read from its text, which is faster than arithmetic;
    False for any other value, and for one that will turn out to be an error."""
    cdef const char* text
    cdef Py_ssize_t size, i = 0
    cdef int digits = 0, exponent = 0, point = -1
    cdef int64_t total = 0
    if not isinstance(value, Decimal):
        return False
    shown = str(value)
    text = PyUnicode_AsUTF8AndSize(shown, &size)
    if text[0] == c"-":
        i = 1
    while i < size:
        if c"0" <= text[i] <= c"9":
            total = total * 10 + (text[i] - c"0")
            # Leading zeros are not digits, but 18 characters of them are few enough.
            digits += 1
            if digits > 18:
                return False
        elif text[i] == c"." and point < 0:
            point = digits
        else:
            return False
        i += 1
    exponent = scale - (0 if point < 0 else digits - point)
    while exponent < 0:
        if total % 10:
            return False
        total //= 10
        exponent += 1
    while exponent > 0:
        if total > power_of_ten(17):
            return False
        total *= 10
        exponent -= 1
    if precision <= 18 and total >= power_of_ten(precision):
        return False
    number[0] = -total if text[0] == c"-" else total
    return True


cdef object unscale(object number, int scale):
    """A Decimal times 10**scale, exact, as an int."""
    if not number:
        return 0
    try:
        return int(number.scaleb(scale, EXACT).to_integral_exact(context=EXACT))
    except (Inexact, InvalidOperation):
        raise ValueError(f"it has more digits after the point than the scale {scale}") from None


cdef bytes two_complement(object number):
    """The fewest big-endian bytes that hold the number and its sign."""
    bits = (number if number >= 0 else ~number).bit_length()
    return number.to_bytes(bits // 8 + 1, "big", signed=True)


cdef bint put_bytes(Sink* s, bytes data) noexcept:
    cdef Py_ssize_t size = len(data)
    if not sink_reserve(s, size):
        return False
    memcpy(s.pos, <const char*>data, size)
    s.pos += size
    return True


cdef bint encode_big_decimal(const Node* node, PyObject* value, Sink* s) noexcept:
    """Bytes that hold the unscaled number as bytes and the scale as an int."""
    cdef int64_t size
    try:
        given = <object>value
        if isinstance(given, Decimal):
            if not given.is_finite():
                return refuse(node, value, s, "a decimal must be finite")
            _, digits, exponent = given.as_tuple()
            least = len(digits) - 1 if given else 0
            if not -2147483648 < exponent < 2147483648:
                return refuse(node, value, s, "its scale does not fit 32 bits")
            if least * 33219 // 80000 > s.bounds.decimal_bytes:
                return too_long(node, value, s, least * 33219 // 80000)
            unscaled = int(given.scaleb(-exponent, EXACT))
        else:
            unscaled, exponent = integer_of(given), 0
            if unscaled is None:
                return sink_fail(s, WRITE_TYPE, node, value)
        data = two_complement(unscaled)
        if len(data) > s.bounds.decimal_bytes:
            return too_long(node, value, s, len(data))
        size = len(data) + varint_size(len(data)) + varint_size(-exponent)
        return (
            put_long(s, size) and put_long(s, len(data)) and put_bytes(s, data) and put_long(s, -exponent)
        )
    except BaseException as exception:
        return sink_caught(s, WRITE_PYTHON, exception)


cdef bint can_be_read(const Node* node, Py_ssize_t start, PyObject* value, Sink* s) noexcept:
    """Whether the decoder accepts the bytes from ``start`` on as a decimal: one rule for both directions."""
    cdef Cursor c
    cdef PyObject* made
    cdef Node loose = node[0]
    if s.options & LENIENT:
        loose.precision = 0     # as equally lenient readers do
        node = &loose
    cur_init(&c, s.start + start, s.pos - s.start - start, s.bounds)
    made = decode_decimal(node, &c) if node.op == OP_DECIMAL else decode_big_decimal(node, &c)
    if made != NULL:
        Py_DECREF(<object>made)
        return True
    s.number = c.number
    if c.error == READ_DECIMAL_BYTES:
        cur_clear(&c)
        return sink_fail(s, WRITE_DECIMAL_BYTES, node, value)
    failure, reason, _, cause = cur_take_failure(&c)
    if failure is None:     # an interruption, or want of memory
        return sink_caught(s, WRITE_PYTHON, cause)
    return refuse(node, value, s, reason)


cdef int varint_size(int64_t value) noexcept:
    """Bytes that put_number writes."""
    cdef uint64_t rest = (<uint64_t>value << 1) ^ <uint64_t>(value >> 63)
    cdef int size = 1
    while rest > 0x7F:
        rest >>= 7
        size += 1
    return size


# Python's constructor accepts what int() accepts, including spaces and underscores.
cdef frozenset UUID_CHARACTERS = frozenset("0123456789abcdefABCDEF-{}urn:id")


cdef bint encode_uuid(const Node* node, PyObject* value, Sink* s) noexcept:
    """36 characters of lower-case text, or 16 bytes in network order, from a UUID or its text."""
    cdef uint8_t raw[16]
    try:
        made = <object>value
        if isinstance(made, str):
            if not UUID_CHARACTERS.issuperset(made):
                return refuse(node, value, s, "not the text of a UUID")
            made = uuid_class()(made)
        elif not is_uuid(value):
            return sink_fail(s, WRITE_TYPE, node, value)
        avrojet_long_to_bytes(made.int, raw, 16)
        return put_uuid(s, raw, node.size < 0)
    except ValueError:
        return refuse(node, value, s, "not the text of a UUID")
    except BaseException as exception:
        return sink_caught(s, WRITE_PYTHON, exception)


cdef bint put_uuid(Sink* s, const uint8_t* raw, bint text) noexcept:
    cdef const char* digits = "0123456789abcdef"
    cdef int i
    if not sink_reserve(s, 37):
        return False
    if not text:
        memcpy(s.pos, raw, 16)
        s.pos += 16
        return True
    put_number(s, 36)
    for i in range(16):
        if i == 4 or i == 6 or i == 8 or i == 10:
            s.pos[0] = c"-"
            s.pos += 1
        s.pos[0] = digits[raw[i] >> 4]
        s.pos[1] = digits[raw[i] & 15]
        s.pos += 2
    return True
