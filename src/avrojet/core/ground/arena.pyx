"""An arena: many allocations, freed together."""

from cpython.mem cimport PyMem_Calloc, PyMem_Free


cdef class Arena:
    """Not safe to share between threads while something is allocated."""

    def __dealloc__(self):
        cdef Chunk* chunk = self.chunks
        cdef Chunk* next
        while chunk != NULL:
            next = chunk.next
            PyMem_Free(chunk)
            chunk = next

    cdef void* allocate(self, size_t size) except NULL:
        """Zeroed memory that lives as long as the arena."""
        cdef Chunk* chunk = <Chunk*>PyMem_Calloc(1, sizeof(Chunk) + size)
        if chunk == NULL:
            raise MemoryError
        chunk.next = self.chunks
        self.chunks = chunk
        self.allocated += sizeof(Chunk) + size
        return chunk + 1
