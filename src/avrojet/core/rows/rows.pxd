"""The entry points for decoding."""

from libc.stdint cimport uint8_t

from avrojet.core.plan.plan cimport Plan, Planned


cdef class RowDecoder(Planned):
    pass


cdef class DatumText(Planned):
    """Shows a datum as text; implemented only in core.text, which is imported on first use."""

    cdef object of_datum(self, data)


cdef class DatumDecoder(RowDecoder):
    cdef dict texts             # by the options of to_json
    cdef DatumText text         # by default
    cdef DatumText plain_text   # with plain=True and else by default

    cdef DatumText text_by(self, bint plain, decimals)


cdef object decode_whole(Plan plan, const uint8_t* data, Py_ssize_t size, str advice)
