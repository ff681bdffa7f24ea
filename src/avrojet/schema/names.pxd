"""The C declarations of names.py."""


cpdef bint is_name(text) except -1
cpdef bint are_names(texts) except -1
cpdef bint is_fullname(text) except -1
cpdef object fullname(name, namespace)
cpdef object namespace_of(name)
