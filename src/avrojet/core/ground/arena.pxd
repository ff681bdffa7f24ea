"""Memory that lives as long as its owner: what C structs that point at one another are made of."""


cdef struct Chunk:
    Chunk* next


cdef class Arena:
    cdef Chunk* chunks
    cdef readonly size_t allocated     # bytes

    cdef void* allocate(self, size_t size) except NULL
