"""What decoding and encoding decimals share."""

from libc.stdint cimport int64_t


cdef enum:
    # The decimal digits of a number take time that grows with its square; these take microseconds.
    LONGEST_DECIMAL = 4096      # bytes of the unscaled number
    MOST_DIGITS = 9864          # the digits that they hold


cdef inline int64_t power_of_ten(int exponent) noexcept nogil:
    """For exponents from 0 to 18."""
    cdef int64_t power = 1
    while exponent > 0:
        power *= 10
        exponent -= 1
    return power
