"""Memory that lives as long as its owner, for C structs that point at one another."""

from libc.stdint cimport uint8_t


cdef struct Cell:
    Cell* next


cdef class Arena:
    cdef Cell* cells
    cdef uint8_t* free                 # the rest of a cell that small allocations share
    cdef size_t left                   # its bytes
    cdef readonly size_t allocated     # bytes

    cdef void* allocate(self, size_t size) except NULL
    cdef uint8_t* cell(self, size_t size) except NULL
