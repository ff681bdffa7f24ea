"""Powers of ten for converting numbers from and to text."""

cdef extern from "numbers.h":
    int AVROJET_LEAST_POWER
    int AVROJET_MOST_POWER
    ctypedef struct AvrojetPower:
        pass

cdef const AvrojetPower* powers_of_ten() noexcept nogil
