"""Parse routines of the logical types, for the table of `core.text.parse`."""

from avrojet.core.ground.cursor cimport Cursor
from avrojet.core.ground.sink cimport Sink
from avrojet.core.plan.node cimport Node

cdef bint parse_date(const Node* node, Cursor* c, Sink* s) noexcept nogil
cdef bint parse_time(const Node* node, Cursor* c, Sink* s) noexcept nogil
cdef bint parse_timestamp(const Node* node, Cursor* c, Sink* s) noexcept nogil
cdef bint parse_duration(const Node* node, Cursor* c, Sink* s) noexcept nogil
cdef bint parse_decimal(const Node* node, Cursor* c, Sink* s) noexcept nogil
cdef bint parse_big_decimal(const Node* node, Cursor* c, Sink* s) noexcept nogil
cdef bint parse_uuid_text(const Node* node, Cursor* c, Sink* s) noexcept nogil
