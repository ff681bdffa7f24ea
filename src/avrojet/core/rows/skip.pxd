"""Skip values without making them."""

from libc.stdint cimport uint8_t

from avrojet.core.ground.cursor cimport Cursor
from avrojet.core.plan.node cimport Node


cdef void note_key(Cursor* c, const uint8_t* start) noexcept nogil
cdef bint skip_value(const Node* node, Cursor* c) noexcept nogil
