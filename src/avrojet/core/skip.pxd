"""Walk over values without making them."""

from avrojet.core.cursor cimport Cursor
from avrojet.core.node cimport Node


cdef bint skip_value(const Node* node, Cursor* c) noexcept nogil
