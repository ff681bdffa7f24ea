"""The routines that write decimals, one per op; see ``encode_columns``."""

from libc.stdint cimport int64_t, uint8_t

from avrojet.core.arrow.array_reader cimport Output, ArrowNode


cdef uint8_t* put_decimal(ArrowNode* p, int64_t i, uint8_t* pos, Output* out) noexcept nogil
cdef uint8_t* put_decimal_scaled(ArrowNode* p, int64_t i, uint8_t* pos, Output* out) noexcept nogil
cdef uint8_t* put_integer_decimal(ArrowNode* p, int64_t i, uint8_t* pos, Output* out) noexcept nogil
cdef uint8_t* put_text_decimal(ArrowNode* p, int64_t i, uint8_t* pos, Output* out) noexcept nogil
cdef uint8_t* put_bytes_decimal(ArrowNode* p, int64_t i, uint8_t* pos, Output* out) noexcept nogil
cdef uint8_t* put_decimal_big(ArrowNode* p, int64_t i, uint8_t* pos, Output* out) noexcept nogil
cdef uint8_t* put_integer_big(ArrowNode* p, int64_t i, uint8_t* pos, Output* out) noexcept nogil
cdef uint8_t* put_text_big(ArrowNode* p, int64_t i, uint8_t* pos, Output* out) noexcept nogil
cdef uint8_t* put_bytes_big(ArrowNode* p, int64_t i, uint8_t* pos, Output* out) noexcept nogil
