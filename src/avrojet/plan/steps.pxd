"""The steps for C code: walks make them, and freezes read them, by the hundred."""


cdef class Read:
    cdef public object type


cdef class Promote:
    cdef public object writer
    cdef public object reader


cdef class Fixed:
    cdef public object name
    cdef public object size


cdef class Enum:
    cdef public object name
    cdef public tuple symbols
    cdef public tuple writer_symbols


cdef class Array:
    cdef public object items


cdef class Map:
    cdef public object values


cdef class Branch:
    cdef public Py_ssize_t index
    cdef public object name
    cdef public object schema
    cdef public object step


cdef class Union:
    cdef public tuple branches


cdef class Default:
    cdef public bytes data
    cdef public object step


cdef class Field:
    cdef public object name
    cdef public Py_ssize_t slot
    cdef public object step
    cdef public bytes default
    cdef public object order
    cdef public object unreadable


cdef class Record:
    cdef public object name
    cdef public tuple slots
    cdef public list fields


cdef class Convert:
    cdef public object step
    cdef public object logical
    cdef public object schema
    cdef public object clock
    cdef public object written
    cdef public object multiplier
    cdef public object divisor


cdef class Fail:
    cdef public object reason
    cdef public object step
    cdef public object facts


cdef inline Field new_field(object name, Py_ssize_t slot, object step, object order):
    """A field without default, made without calling its constructor."""
    cdef Field field = Field.__new__(Field)
    field.name = name
    field.slot = slot
    field.step = step
    field.order = order
    return field
