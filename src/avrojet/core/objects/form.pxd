"""The form of a class's instances, and the shape of the values around them."""

from cpython.object cimport PyObject

from avrojet.core.ground.arena cimport Arena
from avrojet.core.objects.object_form cimport ObjectForm

cdef object READ_MRO            # of a class: its bases as CPython has them, without running code


cdef class Form(Arena):
    cdef ObjectForm form
    cdef readonly object cls
    cdef readonly tuple names
    cdef readonly tuple order   # each field's index among the values that make an instance
    cdef list owned

    cdef PyObject* own(self, object value)
    cdef int name_fields(self) except -1
    cdef int find_reading(self) except -1
    cdef bint find_slots(self) except -1
    cdef bint is_kept_in_dict(self) except -1
    cdef int find_making(self) except -1
    cdef bint find_values(self) except -1
    cdef int name_entries(self, tuple keys) except -1
    cdef int call_with_entries(self, object call, tuple keys) except -1
    cdef int call_by_arguments(self, object call, tuple arguments, dict keywords) except -1


cdef class Shape:
    cdef public object cls
    cdef public Form form
    cdef public list parts
    cdef public dict members
    cdef public object decode
    cdef public object encode
    cdef public dict optional
