"""Decimals as text or doubles: ops of ``decode_columns`` for decimals wider than a consumer's."""

from libc.stdint cimport int64_t, uint8_t

from avrojet.core.columns.decode_columns cimport ColumnOp, Run
from avrojet.core.ground.sink cimport Sink

cdef const uint8_t* fill_decimal_text(const ColumnOp* op, const uint8_t* pos, int64_t row, Run* run) noexcept nogil
cdef const uint8_t* fill_decimal_double(const ColumnOp* op, const uint8_t* pos, int64_t row, Run* run) noexcept nogil

# For ops of other types that produce text.
cdef void free_text(Sink* text) noexcept nogil
cdef bint add_text(const ColumnOp* op, int64_t row, Run* run, const uint8_t* text, int64_t size) noexcept nogil
