"""Records as text or bytes: ops of ``decode_columns`` for records that contain themselves."""

from libc.stdint cimport int64_t, uint8_t

from avrojet.core.columns.decode_columns cimport ColumnOp, Run

cdef const uint8_t* fill_record_text(const ColumnOp* op, const uint8_t* pos, int64_t row, Run* run) noexcept nogil
cdef const uint8_t* fill_record_bytes(const ColumnOp* op, const uint8_t* pos, int64_t row, Run* run) noexcept nogil
