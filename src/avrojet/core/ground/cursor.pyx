"""The cold half of the cursor: long varints, and building errors."""

from cpython.exc cimport PyErr_CheckSignals
from cpython.object cimport PyObject
from cpython.ref cimport Py_INCREF, Py_XDECREF
from libc.stdint cimport int64_t, uint8_t, uint64_t

from avrojet.core.ground.error_path cimport trail_clear, trail_innermost, trail_path
from avrojet.core.ground.foreign cimport no_stop
from avrojet.errors import DecodeError
from avrojet.failures import DecodeFailure


cdef Bounds bounds_of(object limits):
    """The limits that data must obey, as C numbers."""
    cdef Bounds bounds
    bounds.depth = limits.depth
    bounds.empty_items = limits.empty_items
    bounds.items = limits.items
    bounds.value_bytes = limits.value_bytes
    bounds.decimal_bytes = limits.decimal_bytes
    return bounds


cdef void cur_clear(Cursor* c) noexcept:
    """Clear the state of a failed read, so that the cursor owns nothing."""
    cdef PyObject* exception = c.exception
    c.exception = NULL
    c.error = READ_OK
    Py_XDECREF(exception)
    trail_clear(&c.trail)


cdef void cur_look_later(Cursor* c) noexcept nogil:
    """Next check for Ctrl-C after some more bytes; never, if fewer are left."""
    c.look = c.pos + min(<Py_ssize_t>LOOK_BYTES, c.end - c.pos)


cdef bint cur_signals(Cursor* c) noexcept:
    """Run the handlers of pending signals; False if one raised."""
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
        # The tenth byte has room for only one bit.
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


cdef void* cur_caught(Cursor* c, object exception, int error=READ_PYTHON) noexcept:
    """Keep an exception that a conversion raised; NULL, so that a routine can return it.

    :param error: the code of an exception that our own conversion raises.
    """
    cdef PyObject* old = c.exception
    kept = no_stop(exception)
    Py_INCREF(kept)
    c.exception = <PyObject*>kept
    c.error = error
    Py_XDECREF(old)
    return NULL


cdef int reraise() except -1:
    """Hand the exception that the C API has set to Cython's ``except``."""
    return -1


cdef void* cur_raised(Cursor* c, int error=READ_PYTHON) noexcept:
    """Keep the exception that a C API call has set; `error` as in :func:`cur_caught`."""
    try:
        reraise()
    except BaseException as exception:
        cur_caught(c, exception, error)
    return NULL


cdef object cur_error(Cursor* c, str what, Py_ssize_t row=-1, const uint8_t* begin=NULL, tuple place=None):
    """The exception for a failed read of ``what``, to be raised by the caller; clears the cursor.

    :param row: index of the datum, if it is one of many.
    :param begin: where it began, if known: if no byte follows, there is no datum.
    :param place: path and innermost field, for callers that do not record them while the failure unwinds.
    """
    cdef Py_ssize_t offset = c.pos - c.start
    cdef bint no_data = c.error == READ_TRUNCATED and begin != NULL and begin == c.end
    cdef Failure failure
    path, field = place or (trail_path(&c.trail), trail_innermost(&c.trail))
    failure, reason, facts, cause = cur_take_failure(c)
    if failure is None:
        return cause
    facts["path"], facts["offset"] = path, offset
    if row >= 0:
        facts["row"] = row
    if field is not None:
        facts["enclosing_field"] = field
        facts.setdefault("field", field)
    if no_data:
        facts["kind"] = DecodeFailure.NO_DATA
    return failure.raised(f"at {path}, byte {offset} of {what}: ", reason, facts, cause)


cdef tuple cur_take_failure(Cursor* c):
    """What failed, the reason in words, the facts that the cursor knows besides the place, and the cause; clears
    the cursor.

    If the first is None, the cause is to be raised as it is.
    """
    cdef Failure failure
    cdef dict facts = facts_of(c)
    cause = text_error(c) if c.error == READ_TEXT else <object>c.exception if c.exception != NULL else None
    error, in_default, bounds = c.error, c.in_default, c.bounds
    cur_clear(c)
    if cause is not None and not is_of_value(error, cause):
        return None, "", {}, cause
    failure = read_failure(error)
    details = dict(facts)
    facts.pop("why", None)
    if cause is not None:
        details["cause"] = str(cause) or type(cause).__name__
        details["cause_type"] = type(cause).__name__
    reason = failure.say(failure.text, details, None if failure.limit is None else bound_of(bounds, failure.limit))
    return failure, f"in the default of the reader's schema: {reason}" if in_default else reason, facts, cause


cdef bint is_of_value(int error, cause):
    """Whether an exception says that a value is wrong, and so is the cause of an error. Classes may raise any
    exception."""
    if error == READ_CLASS:
        return isinstance(cause, Exception) and not isinstance(cause, MemoryError)
    return isinstance(cause, (ValueError, TypeError, ArithmeticError, LookupError))


cdef dict facts_of(Cursor* c):
    """What the cursor's number and node say about the failure."""
    cdef Failure failure = read_failure(c.error)
    cdef dict facts = {}
    if failure.counts(failure.text):
        facts[failure.number] = c.number
    if c.error == READ_MISMATCH:
        facts["why"], more = <tuple>c.node.object
        facts.update(more)
    elif c.error == READ_SYMBOL:
        facts["reader_name"] = <str>c.node.label
        facts["symbol"] = (<tuple>c.node.names)[c.number]
    elif c.error == READ_DIGITS_LOST or c.error == READ_BEYOND_UNIT:
        facts["writer_name"] = <str>c.node.label
    elif c.error == READ_CLASS:
        facts["expected"] = <str>c.node.label
    elif c.error == READ_INT_RANGE:
        facts["expected"] = "int"
    elif c.error == READ_BOOLEAN:
        facts["expected"] = "boolean"
    return facts


cdef object text_error(Cursor* c):
    """CPython's error for the text at the cursor, which is not valid UTF-8."""
    cdef int64_t size
    cur_length(c, &size)
    try:
        (<const char*>c.pos)[:size].decode("utf-8")
    except UnicodeDecodeError as error:
        return error


cdef object bound_of(const Bounds* bounds, str name):
    """The value of a limit that data must obey."""
    if name == "depth":
        return bounds.depth
    if name == "empty_items":
        return bounds.empty_items
    if name == "items":
        return bounds.items
    if name == "value_bytes":
        return bounds.value_bytes
    return bounds.decimal_bytes


cdef int cur_seek(Cursor* c, Py_ssize_t offset) except -1:
    """Go to the offset at which the caller says that the data begin."""
    if offset < 0 or offset > c.end - c.start:
        raise ValueError(f"offset {offset} is outside of the data's {c.end - c.start} bytes")
    c.pos = c.start + offset
    return 0


cdef int cur_count(Py_ssize_t count) except -1:
    """Check a number of data that a caller passed."""
    if count < 0:
        raise ValueError(f"count must not be negative: {count}")
    return 0


cdef object cur_trailing(Cursor* c, str advice=""):
    """The error for bytes after the last datum, at the cursor."""
    offset = c.pos - c.start
    return DecodeError(
        f"at byte {offset}: {c.end - c.pos} bytes follow the datum{advice}",
        kind=DecodeFailure.TRAILING,
        offset=offset,
        number=c.end - c.pos,
    )
