"""Shared by the decoding and encoding of decimals."""

from cpython.mem cimport PyMem_RawFree, PyMem_RawMalloc
from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t


cdef extern from "digits.h":
    ctypedef struct Whole "AvrojetWhole":
        uint32_t* limbs
        Py_ssize_t count
        bint negative
    ctypedef struct DecimalText "AvrojetDecimalText":
        const uint8_t* digits
        int64_t count
        int64_t exponent
        bint negative
    int64_t limbs_of "avrojet_limbs_of"(int64_t) nogil
    void whole_of_wide "avrojet_whole_of_wide"(Whole*, const uint64_t*) nogil
    void whole_of_bytes "avrojet_whole_of_bytes"(Whole*, const uint8_t*, Py_ssize_t) nogil
    void whole_of_text "avrojet_whole_of_text"(Whole*, const DecimalText*) nogil
    void whole_raise "avrojet_whole_raise"(Whole*, int64_t) nogil
    bint whole_lower "avrojet_whole_lower"(Whole*, int64_t) nogil
    Py_ssize_t whole_size "avrojet_whole_size"(const Whole*) nogil
    void whole_put "avrojet_whole_put"(const Whole*, uint8_t*, Py_ssize_t) nogil
    uint32_t whole_divide "avrojet_whole_divide"(Whole*, uint32_t) nogil
    bint read_decimal "avrojet_read_decimal"(const uint8_t*, Py_ssize_t, DecimalText*) nogil
    void drop_text_zeros "avrojet_drop_text_zeros"(DecimalText*) nogil
    int64_t small_of_text "avrojet_small_of_text"(const DecimalText*) nogil
    bint bytes_within "avrojet_bytes_within"(const uint8_t*, Py_ssize_t, const uint8_t*, Py_ssize_t) nogil


cdef inline uint32_t* take_limbs(uint32_t* near, int64_t room, int64_t count) noexcept nogil:
    """Memory for that many limbs: the memory at hand if it is large enough, else new; NULL if out of memory."""
    return near if count <= room else <uint32_t*>PyMem_RawMalloc(4 * count)


cdef inline void free_limbs(uint32_t* near, uint32_t* limbs) noexcept nogil:
    if limbs != near:
        PyMem_RawFree(limbs)


cdef inline int64_t fewest_decimal_bytes(int64_t digits) noexcept nogil:
    """The fewest bytes that a number of that many digits takes."""
    return (digits - 1) * 33219 // 80000


cdef inline void drop_sign_bytes(const uint8_t** data, Py_ssize_t* size) noexcept nogil:
    """Trim a big-endian two's-complement number to the fewest bytes that hold it."""
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
