"""What the entry points need from the routines that parse JSON."""

from libc.stdint cimport int64_t, uint8_t

from avrojet.core.ground.cursor cimport Cursor
from avrojet.core.ground.sink cimport Sink
from avrojet.core.plan.node cimport Node
from avrojet.core.plan.plan cimport Plan
from avrojet.core.text.scan cimport Token

cdef enum ParseOption:
    # In addition to sink.Option in Sink.options.
    PARSE_PLAIN = 1 << 16       # unions without tags: choose the branch that fits best

cdef bint refuse_at(Cursor* c, const uint8_t* start, const Node* node, int error) noexcept nogil
cdef bint parse_number(const Node* node, Cursor* c, Sink* s) noexcept nogil
cdef bint put_moment(const Node* node, const uint8_t* start, int64_t value, Cursor* c, Sink* s) noexcept nogil
cdef bint read_token(const Node* node, Cursor* c, Token* token) noexcept nogil
cdef bint text_of(Cursor* c, Sink* s, const Token* token, const uint8_t** data, Py_ssize_t* size) noexcept nogil
cdef int choose_for_text(Plan plan) except -1
cdef bint parse_value(const Node* node, Cursor* c, Sink* s) noexcept nogil
