"""What the entry points need from the routines that emit JSON."""

from avrojet.core.ground.cursor cimport Cursor
from avrojet.core.ground.sink cimport Sink
from avrojet.core.plan.node cimport Node

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
