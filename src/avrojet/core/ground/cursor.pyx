"""The cold half of the cursor: long varints and the making of errors."""

from cpython.exc cimport PyErr_CheckSignals
from cpython.object cimport PyObject
from cpython.ref cimport Py_INCREF, Py_XDECREF
from libc.stdint cimport int64_t, uint8_t, uint64_t

from avrojet.core.ground.error_path cimport trail_clear, trail_path
from avrojet.core.ground.foreign cimport no_stop
from functools import partial

from avrojet.errors import DecodeError, LimitError, ResolutionError, TruncatedError
from avrojet.limits import exceeded


cdef Bounds bounds_of(object limits):
    """The limits that data are held to, as C numbers."""
    cdef Bounds bounds
    bounds.depth = limits.depth
    bounds.empty_items = limits.empty_items
    bounds.items = limits.items
    bounds.value_bytes = limits.value_bytes
    bounds.decimal_bytes = limits.decimal_bytes
    return bounds


cdef void cur_clear(Cursor* c) noexcept:
    """Drop what a failed read left, so that the cursor owns nothing."""
    cdef PyObject* exception = c.exception
    c.exception = NULL
    c.error = READ_OK
    Py_XDECREF(exception)
    trail_clear(&c.trail)


cdef void cur_look_later(Cursor* c) noexcept nogil:
    """Look for Ctrl-C the next time after some more bytes; never, if there are no more."""
    c.look = c.pos + min(<Py_ssize_t>LOOK_BYTES, c.end - c.pos)


cdef bint cur_signals(Cursor* c) noexcept:
    """Run the handlers of signals that have come; False if one raised."""
    cur_look_later(c)
    try:
        PyErr_CheckSignals()
    except BaseException as exception:
        cur_caught(c, exception)
        return False
    return True


cdef bint cur_signals_nogil(Cursor* c) noexcept nogil:
    with gil:
        return cur_signals(c)


cdef bint cur_long_slow(Cursor* c, int64_t* out, int longest) noexcept nogil:
    cdef uint64_t value = 0
    cdef uint64_t byte
    cdef const uint8_t* pos = c.pos
    cdef const uint8_t* last = pos + min(<Py_ssize_t>longest, c.end - pos)
    cdef int shift = 0
    while pos < last:
        byte = pos[0]
        pos += 1
        # The tenth byte has room for one bit more.
        if shift == 63 and byte > 1:
            return cur_fail(c, READ_VARINT)
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            c.pos = pos
            out[0] = <int64_t>(value >> 1) ^ -<int64_t>(value & 1)
            return True
        shift += 7
    if pos == c.end and pos - c.pos < longest:
        return cur_fail(c, READ_TRUNCATED)
    return cur_fail(c, READ_VARINT)


cdef void* cur_caught(Cursor* c, object exception) noexcept:
    """Keep an exception that a conversion raised; NULL, so that a routine can return it."""
    cdef PyObject* old = c.exception
    kept = no_stop(exception)
    Py_INCREF(kept)
    c.exception = <PyObject*>kept
    c.error = READ_PYTHON
    Py_XDECREF(old)
    return NULL


cdef int reraise() except -1:
    """Hand the exception that the C API has set to Cython's ``except``."""
    return -1


cdef void* cur_raised(Cursor* c) noexcept:
    """Keep the exception that a C API call has set."""
    try:
        reraise()
    except BaseException as exception:
        cur_caught(c, exception)
    return NULL


cdef object cur_error(Cursor* c, str what, str path=None):
    """The exception for a failed read of ``what``, to be raised by the caller; clears the cursor.

    :param path: of what failed, for those who do not note it while the failure unwinds.
    """
    cdef Py_ssize_t offset = c.pos - c.start
    path = trail_path(&c.trail) if path is None else path
    kind, message, cause = cur_take_reason(c)
    if kind is None:
        return cause
    made = kind(f"at {path}, byte {offset} of {what}: {message}", path=path, offset=offset)
    made.__cause__ = cause
    return made


cdef tuple cur_take_reason(Cursor* c):
    """What makes the exception, its message without the place, and its cause; clears the cursor.

    Without the first, the cause is to be raised as it is.
    """
    cause = <object>c.exception if c.exception != NULL else None
    error = c.error
    number = c.number
    bounds = c.bounds
    if error == READ_TEXT:
        cause = text_error(c)
    reason = reason_of(c)
    in_default = c.in_default
    cur_clear(c)
    if cause is not None and not isinstance(cause, (ValueError, TypeError, ArithmeticError, LookupError)):
        return None, "", cause
    kind, message = describe(error, number, bounds, reason, cause)
    return kind, f"in the default of the reader's schema: {message}" if in_default else message, cause


cdef object text_error(Cursor* c):
    """What CPython says of the text that stands at the cursor and is not UTF-8."""
    cdef int64_t size
    cur_length(c, &size)
    try:
        (<const char*>c.pos)[:size].decode("utf-8")
    except UnicodeDecodeError as error:
        return error


cdef str reason_of(Cursor* c):
    """What only the node knows of an error."""
    if c.error == READ_MISMATCH:
        return <str>c.node.object
    if c.error == READ_SYMBOL:
        symbol = (<tuple>c.node.names)[c.number]
        return f"the reader's enum {<str>c.node.label} has neither the writer's symbol {symbol!r} nor a default"
    if c.error == READ_DIGITS_LOST:
        return f"{c.number} of the writer's {<str>c.node.label} has digits that the reader's unit has no room for"
    if c.error == READ_BEYOND_UNIT:
        return f"{c.number} of the writer's {<str>c.node.label} is out of range of the reader's unit"
    return ""


cdef tuple describe(int error, int64_t number, const Bounds* bounds, str reason, object cause):
    if error == READ_TRUNCATED:
        return TruncatedError, "the data ends before the datum does"
    if error == READ_VARINT:
        return DecodeError, "a variable-length integer has too many bytes"
    if error == READ_INT_RANGE:
        return DecodeError, f"{number} is not in the range of an int (32 bits)"
    if error == READ_LENGTH:
        return DecodeError, f"negative length {number}"
    if error == READ_BOOLEAN:
        return DecodeError, f"a boolean is 0 or 1, not {number}"
    if error == READ_ENUM:
        return DecodeError, f"enum index {number} is out of range"
    if error == READ_SYMBOL or error == READ_DIGITS_LOST:
        return ResolutionError, reason
    if error == READ_BEYOND_UNIT:
        return DecodeError, reason
    if error == READ_BRANCH:
        return DecodeError, f"union index {number} is out of range"
    if error == READ_COUNT:
        return DecodeError, "a block's count of items is out of range"
    if error == READ_BLOCK_SIZE:
        return DecodeError, "a block of items does not have the size it states"
    if error == READ_MISMATCH:
        return ResolutionError, reason
    if error == READ_DEPTH:
        return over_limit("depth", bounds.depth, "the data is nested too deep")
    if error == READ_ITEMS:
        return over_limit("items", bounds.items, f"an array or map goes on behind {number} items")
    if error == READ_EMPTY_ITEMS:
        return over_limit("empty_items", bounds.empty_items, "too many items of no bytes")
    if error == READ_VALUE_BYTES:
        return over_limit("value_bytes", bounds.value_bytes, f"a value of {number} bytes")
    if error == READ_TIME:
        return DecodeError, f"{number} is not a time of day"
    if error == READ_DIGITS:
        return DecodeError, f"a decimal of {number} digits exceeds the precision"
    if error == READ_BIG_DECIMAL:
        return DecodeError, "not the unscaled bytes and the scale of a big-decimal"
    if error == READ_UUID:
        return DecodeError, "not the text of a UUID"
    if error == READ_DECIMAL_BYTES:
        return over_limit("decimal_bytes", bounds.decimal_bytes, f"a decimal of {number} bytes")
    return DecodeError, str(cause) or type(cause).__name__


cdef tuple over_limit(str name, int64_t value, str what):
    """What makes the error for an exceeded limit, and its message."""
    return partial(LimitError, limit=name), exceeded(name, value, what)
