"""The most recently used plans, found by the content of their schemas."""


cdef class Table:
    cdef object table, watch, current
    cdef dict states

    cdef object look(self)
    cdef object state_now(self)
