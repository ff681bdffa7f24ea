"""Emit routines of the logical types, for the table of `core.text.emit`."""

from libc.stdint cimport int64_t, uint8_t

from avrojet.core.ground.cursor cimport Cursor
from avrojet.core.ground.sink cimport Sink
from avrojet.core.plan.node cimport Node

cdef uint8_t* emit_date(const Node* node, Cursor* c, Sink* s, uint8_t* out) noexcept nogil
cdef uint8_t* emit_time(const Node* node, Cursor* c, Sink* s, uint8_t* out) noexcept nogil
cdef uint8_t* emit_timestamp(const Node* node, Cursor* c, Sink* s, uint8_t* out) noexcept nogil
cdef uint8_t* emit_rescaled(const Node* node, Cursor* c, Sink* s, uint8_t* out) noexcept nogil
cdef uint8_t* emit_duration(const Node* node, Cursor* c, Sink* s, uint8_t* out) noexcept nogil
cdef uint8_t* emit_decimal(const Node* node, Cursor* c, Sink* s, uint8_t* out) noexcept nogil
cdef uint8_t* emit_big_decimal(const Node* node, Cursor* c, Sink* s, uint8_t* out) noexcept nogil
cdef bint emit_unscaled(
    Cursor* c, Sink* s, const uint8_t* data, Py_ssize_t size, int64_t scale, int precision
) noexcept nogil
cdef uint8_t* emit_uuid(const Node* node, Cursor* c, Sink* s, uint8_t* out) noexcept nogil
