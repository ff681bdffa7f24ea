"""The entry points for decoding."""

from libc.stdint cimport uint8_t

from avrojet.core.plan.plan cimport Plan


cdef class RowDecoder:
    cdef Plan plan


cdef class DatumDecoder(RowDecoder):
    cdef dict texts             # what makes text, by the options of to_json
    cdef object text            # by default

    cdef object text_by(self, bint plain, decimals)


cdef object decode_whole(Plan plan, const uint8_t* data, Py_ssize_t size, str advice)
