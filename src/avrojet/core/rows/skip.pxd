"""Walk over values without making them."""

from avrojet.core.ground.cursor cimport Cursor
from avrojet.core.plan.node cimport Node


cdef bint skip_value(const Node* node, Cursor* c) noexcept nogil
