"""What the entry points need from the routines that emit JSON."""

from libc.stdint cimport int64_t, uint8_t, uint64_t

from avrojet.core.ground.cursor cimport Cursor, cur_long
from avrojet.core.ground.sink cimport Sink
from avrojet.core.plan.node cimport Node

cdef extern from "scalars.h":
    uint64_t avrojet_load64le(const uint8_t*) nogil
    int avrojet_varint_in_word(uint64_t, uint64_t*) nogil

cdef enum EmitOption:
    # Kept in Sink.options.
    EMIT_SPACED = 1             # a blank after commas and colons, as Python's json module has them
    EMIT_ASCII = 2              # escape all other characters
    EMIT_BARE = 4               # NaN and infinities as bare words, which are not JSON, instead of strings
    EMIT_WIDE = 8               # floats with the digits of the equal doubles
    EMIT_NUMBERS = 16           # decimals as numbers instead of strings
    EMIT_UNTAGGED = 128         # values of unions without their branches' names, though the plan has them
    # The text is Latin-1, in which bytes can be emitted unchanged; cleared when text beyond ASCII makes it UTF-8.
    EMIT_LATIN = 256
    # Set while emitting: not all of the text is ASCII.
    EMIT_BEYOND_ASCII = 32

cdef enum:
    ROOM = 64                   # bytes that hold any number, date or time, with what copying writes beyond

cdef bint emit_value(const Node* node, Cursor* c, Sink* s) noexcept nogil


cdef inline bint read_long(Cursor* c, int64_t* value) noexcept nogil:
    """Like cur_long, for a varint that ends within the next 8 bytes, read at once."""
    cdef uint64_t bits
    cdef int size
    if c.end - c.pos >= 8:
        size = avrojet_varint_in_word(avrojet_load64le(c.pos), &bits)
        if size:
            c.pos += size
            value[0] = <int64_t>(bits >> 1) ^ -<int64_t>(bits & 1)
            return True
    return cur_long(c, value)
