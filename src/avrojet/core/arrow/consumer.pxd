"""Arrow data from other libraries."""

from avrojet.core.arrow.abi cimport ArrowArray, ArrowArrayStream


cdef class ArrowInput:
    cdef ArrowArrayStream stream
    cdef ArrowArray single      # the only array, instead of a stream
    cdef readonly object field
    cdef object failure         # class of errors

    cdef int take_stream(self, object capsule, object make, object limits) except -1
    cdef int take_array(self, object capsules, object make, object limits) except -1
    cdef object failed(self, int error)
    cdef object error(self, str message)


cdef class ArrowData:
    cdef ArrowArray array
