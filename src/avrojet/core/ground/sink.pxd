"""A growing buffer for output. A failed write sets ``error`` and returns False, as reads do.

It begins in memory on the caller's stack, or what it is given, and moves to the heap when that is full.
"""

from cpython.object cimport PyObject
from libc.stdint cimport int64_t, uint8_t, uint64_t

from avrojet.core.ground.cursor cimport LOOK_BYTES, LOOK_ITEMS, Bounds, expected
from avrojet.core.plan.node cimport Field, Node
from avrojet.core.ground.error_path cimport Trail
from avrojet.core.ground.failures cimport *


cdef enum Option:
    # What an encoder was asked for; see core.rows.options.
    FILL_DEFAULTS = 1
    FILL_NULLS = 2
    REFUSE_EXTRA = 4
    READ_ATTRIBUTES = 8
    TUPLE_TAGS = 16
    TYPE_KEYS = 32
    TRUNCATE_TIMES = 64
    NAIVE_IS_UTC = 128
    NAIVE_IS_LOCAL = 256
    LENIENT = 512
    # Set while a union's branches are tried: a value that the type would change does not fit.
    EXACT_TYPES = 1024
    # Set within a branch that a union chose by the value: there LENIENT accepts no other type.
    CHOSEN_BRANCH = 2048


cdef enum:
    # Each trial of a branch costs at most the encoding of one value; nested unions whose values almost fit
    # would otherwise double the work with each level.
    MOST_TRIALS = 100000


cdef struct Sink:
    uint8_t* start
    uint8_t* pos
    uint8_t* end
    int error
    int options
    int depth                   # levels left
    Py_ssize_t look             # when more bytes than this are written, check for Ctrl-C
    int trials                  # failed trials of union branches still allowed
    int64_t empty_items         # records of no bytes still allowed
    int64_t most                # the most bytes it may hold
    int64_t number              # the offending count or size
    const Bounds* bounds        # for errors
    const Node* node            # what was expected
    const Field* field          # which field is missing
    PyObject* value             # the value that came instead (owned)
    PyObject* exception         # owned
    const Node* union_node      # the innermost union around what failed, or NULL
    PyObject* union_value       # its value (owned)
    PyObject* reasons           # why no branch of a union takes the value, or NULL (owned)
    Trail trail
    uint8_t* first              # where it begins, which is not freed: `small`, or what sink_begin_in was given
    uint8_t small[4096]         # holds most data, and the JSON text of most


cdef int options_of(object options) except -1
cdef void sink_init(Sink* s, int options) noexcept nogil
cdef void sink_begin_in(Sink* s, void* memory, Py_ssize_t size) noexcept nogil
cdef void sink_renew(Sink* s, const Bounds* bounds) noexcept nogil
cdef void sink_free(Sink* s) noexcept
cdef void sink_forgive(Sink* s) noexcept
cdef bint sink_grow(Sink* s, Py_ssize_t size) noexcept nogil
cdef bint sink_fail(Sink* s, int error, const Node* node, PyObject* value) noexcept
cdef bint sink_caught(Sink* s, int error, object exception) noexcept
cdef bint sink_signals(Sink* s) noexcept
cdef int reraise() except -1
cdef bint sink_raised(Sink* s, int error) noexcept
cdef object sink_error(Sink* s)
cdef tuple sink_reason(Sink* s)
cdef void sink_note_reasons(Sink* s, str reasons) noexcept
cdef str type_name(const Node* node)
cdef str way_out(Sink* s)


cdef inline bint takes_alike(const Sink* s) noexcept nogil:
    """Whether the same value as another Python type is accepted."""
    return s.options & (LENIENT | CHOSEN_BRANCH) == LENIENT


cdef inline bint sink_reserve(Sink* s, Py_ssize_t size) noexcept nogil:
    """Make room for ``size`` more bytes."""
    return s.end - s.pos >= size or sink_grow(s, size)


cdef inline uint8_t* room_at(Sink* s, uint8_t* out, Py_ssize_t size) noexcept nogil:
    """Where to write on, with room for ``size`` bytes, for routines that keep the position themselves; or NULL."""
    if expected(s.end - out >= size):
        return out
    s.pos = out
    return s.pos if sink_grow(s, size) else NULL


cdef inline bint fills_missing(const Field* field, const Sink* s) noexcept nogil:
    """Whether a field that is missing from a value takes its default."""
    return (
        field.default != NULL
        and field.default.data != NULL
        and (field.default.unasked or s.options & FILL_DEFAULTS)
    )


cdef inline bint sink_look(Sink* s) noexcept:
    """Check for Ctrl-C when due, wherever much may be written; False if a signal handler has raised."""
    return s.pos - s.start <= s.look or sink_signals(s)


cdef inline void put_number(Sink* s, int64_t value) noexcept nogil:
    """Write a zig-zag varint, at most 10 bytes, which the caller has reserved."""
    cdef uint64_t rest = (<uint64_t>value << 1) ^ <uint64_t>(value >> 63)
    while rest > 0x7F:
        s.pos[0] = <uint8_t>(rest | 0x80)
        s.pos += 1
        rest >>= 7
    s.pos[0] = <uint8_t>rest
    s.pos += 1


cdef inline bint put_long(Sink* s, int64_t value) noexcept nogil:
    if not sink_reserve(s, 10):
        return False
    put_number(s, value)
    return True


cdef inline bint put_byte(Sink* s, uint8_t byte) noexcept nogil:
    if not sink_reserve(s, 1):
        return False
    s.pos[0] = byte
    s.pos += 1
    return True
