"""Memory that lives as long as its owner: what C structs that point at one another are made of."""

from libc.stdint cimport uint8_t


cdef struct Chunk:
    Chunk* next


cdef class Arena:
    cdef Chunk* chunks
    cdef uint8_t* free                 # the rest of a chunk that small allocations share
    cdef size_t left                   # its bytes
    cdef readonly size_t allocated     # bytes

    cdef void* allocate(self, size_t size) except NULL
    cdef uint8_t* chunk(self, size_t size) except NULL
