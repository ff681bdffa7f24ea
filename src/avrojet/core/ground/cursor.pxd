"""Bounded reads from a buffer. A failed read sets ``error``, stays where it began and returns False.

The cursor lives on the caller's stack, one per call: plans are shared by threads, cursors never.
"""

from cpython.object cimport PyObject
from libc.stdint cimport INT32_MAX, INT32_MIN, int64_t, uint8_t, uint64_t

from avrojet.core.plan.node cimport Node
from avrojet.core.ground.error_path cimport Trail
from avrojet.core.ground.failures cimport *


cdef extern from *:
    bint expected "likely"(bint) nogil      # Cython's own macro


cdef enum:
    # Bytes between checks for Ctrl-C. The slowest values take about half a microsecond per byte.
    LOOK_BYTES = 1 << 20
    # Items of one collection between checks, minus one. Items that are collections check for themselves.
    LOOK_ITEMS = 1023


cdef struct Bounds:
    int depth
    int64_t empty_items
    int64_t items
    int64_t value_bytes
    int64_t decimal_bytes


cdef struct Cursor:
    const uint8_t* start
    const uint8_t* pos
    const uint8_t* end
    const uint8_t* look         # past here, check for Ctrl-C
    int error
    int depth                   # levels still allowed
    int64_t empty_items         # items of no bytes still allowed
    int64_t items               # the most one array or map may have
    int64_t value_bytes         # the most one string, bytes or fixed may have
    const Bounds* bounds        # for errors
    const char* unicode_errors  # NULL: strict
    PyObject** keys             # the plan's cache of map keys, or NULL
    PyObject* exception         # owned
    const Node* node            # where a mismatch was found
    bint in_default             # a default of the reader's schema is being read
    int64_t number              # the offending count, length, index or value
    Trail trail


cdef Bounds bounds_of(object limits)
cdef void cur_clear(Cursor* c) noexcept
cdef object cur_error(Cursor* c, str what, Py_ssize_t row=*, const uint8_t* begin=*, tuple place=*)
cdef tuple cur_take_failure(Cursor* c)
cdef void cur_look_later(Cursor* c) noexcept nogil
cdef bint cur_signals(Cursor* c) noexcept
cdef bint cur_signals_nogil(Cursor* c) noexcept nogil
cdef bint cur_long_slow(Cursor* c, int64_t* out, int longest) noexcept nogil
cdef void* cur_caught(Cursor* c, object exception, int error=*) noexcept
cdef void* cur_raised(Cursor* c, int error=*) noexcept
cdef object bound_of(const Bounds* bounds, str name)
cdef int cur_seek(Cursor* c, Py_ssize_t offset) except -1
cdef int cur_count(Py_ssize_t count) except -1
cdef object cur_trailing(Cursor* c, str advice=*)


cdef inline void cur_renew(Cursor* c, const Bounds* bounds) noexcept nogil:
    """Reset the budgets for another datum."""
    c.depth = bounds.depth
    c.empty_items = bounds.empty_items


cdef inline void cur_init(
    Cursor* c, const uint8_t* data, Py_ssize_t size, const Bounds* bounds
) noexcept nogil:
    c.start = c.pos = data
    c.end = data + size
    cur_look_later(c)
    c.error = READ_OK
    cur_renew(c, bounds)
    c.items = bounds.items
    c.value_bytes = bounds.value_bytes
    c.bounds = bounds
    c.unicode_errors = NULL
    c.keys = NULL
    c.exception = NULL
    c.in_default = False
    c.trail.length = 0


cdef inline bint cur_fail(Cursor* c, int error, int64_t number=0) noexcept nogil:
    c.error = error
    c.number = number
    return False


cdef inline bint cur_look(Cursor* c) noexcept:
    """Check for Ctrl-C when due, wherever much may be read; False if a signal handler has raised."""
    return expected(c.pos <= c.look) or cur_signals(c)


cdef inline bint cur_look_nogil(Cursor* c) noexcept nogil:
    """Like cur_look, with or without the GIL."""
    return expected(c.pos <= c.look) or cur_signals_nogil(c)


cdef inline bint cur_need(Cursor* c, int64_t size) noexcept nogil:
    """Whether ``size`` more bytes are left. Compared in 64 bits, never added to a pointer first."""
    if size <= c.end - c.pos:
        return True
    return cur_fail(c, READ_TRUNCATED)


cdef inline bint cur_long(Cursor* c, int64_t* out) noexcept nogil:
    """Read a zig-zag varint of at most 10 bytes (specification: Primitive Types)."""
    cdef uint64_t low
    if c.pos < c.end:
        low = c.pos[0]
        if low < 0x80:
            c.pos += 1
            out[0] = <int64_t>(low >> 1) ^ -<int64_t>(low & 1)
            return True
    return cur_long_slow(c, out, 10)


cdef inline bint cur_int(Cursor* c, int64_t* out) noexcept nogil:
    """Read a zig-zag varint of at most 5 bytes that fits 32 bits."""
    cdef const uint8_t* start = c.pos
    cdef uint64_t low
    if c.pos < c.end:
        low = c.pos[0]
        if low < 0x80:
            c.pos += 1
            out[0] = <int64_t>(low >> 1) ^ -<int64_t>(low & 1)
            return True
    if not cur_long_slow(c, out, 5):
        return False
    if out[0] < INT32_MIN or out[0] > INT32_MAX:
        c.pos = start
        return cur_fail(c, READ_INT_RANGE, out[0])
    return True


cdef inline bint cur_index(Cursor* c, int64_t count, int error, int64_t* out) noexcept nogil:
    """Read the index of a symbol or branch, less than ``count``."""
    cdef const uint8_t* start = c.pos
    if not cur_int(c, out):
        return False
    if 0 <= out[0] < count:
        return True
    c.pos = start
    return cur_fail(c, error, out[0])


cdef inline bint cur_length(Cursor* c, int64_t* out) noexcept nogil:
    """Read the length of a string or bytes; that many bytes must follow."""
    cdef const uint8_t* start = c.pos
    if not cur_long(c, out):
        return False
    if <uint64_t>out[0] <= <uint64_t>c.value_bytes and out[0] <= c.end - c.pos:
        return True
    c.pos = start
    if out[0] < 0:
        return cur_fail(c, READ_LENGTH, out[0])
    return cur_fail(c, READ_VALUE_BYTES if out[0] > c.value_bytes else READ_TRUNCATED, out[0])


cdef inline bint cur_skip(Cursor* c, int64_t size) noexcept nogil:
    if not cur_need(c, size):
        return False
    c.pos += size
    return True
