"""Schemas checked and returned with every name in full."""


cdef class Parser:
    cdef object named
    cdef bint expand, lenient
    cdef set defined
    cdef object limits
    cdef int levels             # that are left

    cdef object schema(self, object schema, object namespace, object default, bint hint)
    cdef list union(self, list schema, object namespace, object default)
    cdef object reference(self, object name, object namespace, object default)
    cdef dict declared(self, dict schema, object namespace, object default, bint hint)
    cdef int define(self, dict schema, dict parsed, object namespace, bint hint) except -1
    cdef dict field(self, object given, object namespace)
    cdef int wrong_default(self, object default, str expected) except -1


cdef object parsed_schema(object schema, object named, bint expand, bint hint, bint lenient)
