"""The plans last used, found by what their schemas say."""


cdef class Table:
    cdef object table, watch, current
    cdef dict states

    cdef object look(self)
    cdef object state_now(self)
