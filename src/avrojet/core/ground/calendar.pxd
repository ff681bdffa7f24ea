"""Days since 1970-01-01 to dates of the proleptic Gregorian calendar and back, and units of time.

The calendar repeats every 400 years of 146097 days; counting years from March puts the leap day last.
"""

from libc.stdint cimport INT64_MAX, INT64_MIN, int64_t, uint32_t, uint64_t

from avrojet.core.plan.node cimport *


cdef enum:
    DAY_SECONDS = 86400


cdef inline int64_t floor_div(int64_t value, int64_t by) noexcept nogil:
    """Rounds towards minus infinity, as times before 1970 need; ``by`` is positive."""
    cdef int64_t quotient = value // by
    return quotient - (value - quotient * by < 0)


cdef inline int64_t whole_seconds(int64_t value, int64_t unit) noexcept nogil:
    """Of a time in ``unit`` per second, rounded towards minus infinity; by a constant, division is much faster."""
    if unit == 1000000:
        return floor_div(value, 1000000)
    return floor_div(value, 1000) if unit == 1000 else floor_div(value, unit)


cdef inline void civil_from_days(int64_t days, int* year, int* month, int* day) noexcept nogil:
    """By multiplications in the place of divisions (Cassio Neri and Lorenz Schneider, "Euclidean affine functions and
    their application to calendar algorithms")."""
    cdef int64_t quarters = 4 * (days + 719468) + 3     # quarters of days since 0000-03-01
    cdef int64_t century = floor_div(quarters, 146097)
    cdef uint32_t of_century = <uint32_t>(quarters - century * 146097) // 4
    cdef uint64_t years = <uint64_t>2939745 * (4 * of_century + 3)      # 32 bits are after the point
    cdef uint32_t of_year = <uint32_t>years // 2939745 // 4
    cdef uint32_t months = 2141 * of_year + 197913      # 16 bits are after the point; March is 3, January is 13
    cdef int after_december = of_year >= 306
    year[0] = <int>(100 * century + <int64_t>(years >> 32) + after_december)
    month[0] = <int>(months >> 16) - 12 * after_december
    day[0] = <int>((months & 0xFFFF) // 2141) + 1


cdef inline int64_t days_from_civil(int year, int month, int day) noexcept nogil:
    cdef int64_t shifted = year - (month <= 2)
    cdef int64_t era = floor_div(shifted, 400)
    cdef int64_t year_of_era = shifted - era * 400
    cdef int64_t from_march = month - 3 if month > 2 else month + 9
    cdef int64_t of_year = (153 * from_march + 2) // 5 + day - 1
    return era * 146097 + year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + of_year - 719468


cdef enum Rescaling:
    RESCALED
    RESCALED_LOST               # the unit cannot hold all digits
    RESCALED_BEYOND             # overflows 64 bits


cdef inline Rescaling rescale(const Node* node, int64_t* number) noexcept nogil:
    """Convert the writer's unit to the reader's, exactly; ``node`` is an OP_RESCALED."""
    if number[0] % node.size != 0:
        return RESCALED_LOST
    number[0] //= node.size
    if number[0] > INT64_MAX // node.count or number[0] < INT64_MIN // node.count:
        return RESCALED_BEYOND
    number[0] *= node.count
    return RESCALED
