"""What decoding and encoding decimals share."""

from libc.stdint cimport int64_t, uint8_t


cdef inline void drop_sign_bytes(const uint8_t** data, Py_ssize_t* size) noexcept nogil:
    """Leave the fewest bytes that hold the big-endian two's-complement number."""
    while size[0] > 1 and (
        data[0][0] == 0 and data[0][1] < 0x80 or data[0][0] == 0xFF and data[0][1] >= 0x80
    ):
        data[0] += 1
        size[0] -= 1


cdef inline int64_t power_of_ten(int exponent) noexcept nogil:
    """For exponents from 0 to 18."""
    cdef int64_t power = 1
    while exponent > 0:
        power *= 10
        exponent -= 1
    return power
