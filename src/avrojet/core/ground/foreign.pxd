cdef object no_stop(object error)
