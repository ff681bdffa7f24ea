"""What is C in logical.py."""


cdef object _decimal_problem(attributes, size)
cpdef object most_digits(size)
cdef bint _is_integer(value) except -1
