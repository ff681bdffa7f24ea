"""Which branches of a union a kind of Python value may belong to."""


cdef list candidates(tuple branches, int kind, bint first_fit)
