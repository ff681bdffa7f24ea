"""Powers of ten for converting numbers from and to text, computed once on import."""

from libc.stdint cimport uint64_t

cdef extern from "numbers.h":
    ctypedef struct Power "AvrojetPower":
        uint64_t high
        uint64_t low

cdef enum:
    COUNT = 617

cdef Power POWERS[COUNT]


cdef const AvrojetPower* powers_of_ten() noexcept nogil:
    return <const AvrojetPower*>POWERS


cdef int set_power(int exponent, object power) except -1:
    """Note a power, times a power of two: from 2 ** 127 up to 2 ** 128, rounded up."""
    POWERS[exponent - AVROJET_LEAST_POWER].high = <uint64_t>(power >> 64)
    POWERS[exponent - AVROJET_LEAST_POWER].low = <uint64_t>(power & 0xFFFFFFFFFFFFFFFF)
    return 0


cdef int compute() except -1:
    cdef int exponent
    cdef object ten = 1         # 10 ** exponent
    assert COUNT == AVROJET_MOST_POWER - AVROJET_LEAST_POWER + 1
    for exponent in range(AVROJET_MOST_POWER + 1):
        size = ten.bit_length()
        set_power(exponent, ten << 128 - size if size <= 128 else -(-ten >> size - 128))
        if 0 < exponent <= -AVROJET_LEAST_POWER:
            set_power(-exponent, -(-(1 << 127 + size) // ten))
        ten *= 10
    return 0


compute()
