"""The ways in to decoding."""

from avrojet.core.plan.plan cimport Plan


cdef class RowDecoder:
    cdef Plan plan
