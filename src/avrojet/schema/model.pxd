"""The C declarations of model.py: members of nodes, which compiled code reads without a look-up."""

cimport cython


cdef class Schema:
    cdef dict __dict__          # derived attributes, made on first use
    cdef object __weakref__
    cdef readonly object type
    cdef readonly object props
    cdef readonly object logical


cdef class PrimitiveSchema(Schema):
    pass


cdef class ArraySchema(Schema):
    cdef readonly object items


cdef class MapSchema(Schema):
    cdef readonly object values


cdef class UnionSchema(Schema):
    cdef readonly tuple branches


cdef class NamedSchema(Schema):
    cdef readonly object fullname
    cdef readonly tuple aliases
    cdef readonly object doc
    cdef NamedSchema _definition    # None: this node
    cdef object _reference          # None: no attributes

    @cython.locals(copy=NamedSchema)
    cpdef referred(self, reference, props, logical)
    cdef NamedSchema _again(self, props)


cdef class FixedSchema(NamedSchema):
    cdef readonly object size
    cdef NamedSchema _again(self, props)


cdef class EnumSchema(NamedSchema):
    cdef readonly tuple symbols
    cdef readonly object default
    cdef NamedSchema _again(self, props)


cdef class RecordSchema(NamedSchema):
    cdef readonly tuple fields      # None: not set yet
    cdef list _open

    @cython.locals(reference=RecordSchema)
    cpdef correct(self, tuple fields)

    @cython.locals(copy=RecordSchema, definition=RecordSchema)
    cdef NamedSchema _again(self, props)


cdef object schema_of(value, what)
cdef object text_of(value, what)
