"""Arrow data of other libraries."""

from avrojet.core.arrow.abi cimport ArrowArray, ArrowArrayStream


cdef class ArrowInput:
    cdef ArrowArrayStream stream
    cdef ArrowArray single      # what there is instead of a stream
    cdef readonly object field

    cdef int take_stream(self, object capsule, object make) except -1
    cdef int take_array(self, tuple capsules, object make) except -1
    cdef object failed(self, int failure)


cdef class ArrowData:
    cdef ArrowArray array
