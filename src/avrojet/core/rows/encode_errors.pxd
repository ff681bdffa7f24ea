"""The errors of encoding."""

from avrojet.core.ground.sink cimport Sink


cdef object encode_error(Sink* s)
