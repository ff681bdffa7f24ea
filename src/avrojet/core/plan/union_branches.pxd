"""Which branches of a union a kind of Python value may belong to."""


cdef list candidates(tuple ops, int kind, bint first_fit)
