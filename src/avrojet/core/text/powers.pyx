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


cdef object normalized(object exponent):
    """``10 ** exponent`` times a power of two, from 2 ** 127 up to 2 ** 128, rounded up."""
    ten = 10 ** abs(exponent)
    size = ten.bit_length()
    if exponent < 0:
        return -(-(1 << 127 + size) // ten)
    return ten << 128 - size if size <= 128 else -(-ten >> size - 128)


cdef int compute() except -1:
    cdef Py_ssize_t i
    assert COUNT == AVROJET_MOST_POWER - AVROJET_LEAST_POWER + 1
    for i in range(COUNT):
        power = normalized(<int>i + AVROJET_LEAST_POWER)
        POWERS[i].high = <uint64_t>(power >> 64)
        POWERS[i].low = <uint64_t>(power & 0xFFFFFFFFFFFFFFFF)
    return 0


compute()
