"""An arena: many allocations, freed together."""

from cpython.mem cimport PyMem_Calloc, PyMem_Free

cdef extern from *:
    """
    /* The cell that small allocations share: with its header as large as the largest block of Python's small-object
       allocator, so that the plans of many schemas lie close together. Sanitizers get one cell per allocation. */
    #ifdef __SANITIZE_ADDRESS__
    #define AVROJET_SHARED_CELL 0
    #else
    #define AVROJET_SHARED_CELL (512 - 16)
    #endif
    """
    const size_t SHARED "AVROJET_SHARED_CELL"

cdef enum:
    ALIGNMENT = 16


cdef class Arena:
    """Not thread-safe while something is allocated."""

    def __dealloc__(self):
        cdef Cell* cell = self.cells
        cdef Cell* next
        while cell != NULL:
            next = cell.next
            PyMem_Free(cell)
            cell = next

    cdef void* allocate(self, size_t size) except NULL:
        """Zeroed memory that lives as long as the arena."""
        cdef uint8_t* memory
        size = (size + ALIGNMENT - 1) & ~<size_t>(ALIGNMENT - 1)
        if size > SHARED / 2:
            return self.cell(size)
        if size > self.left:
            self.free = self.cell(SHARED)
            self.left = SHARED
        memory = self.free
        self.free += size
        self.left -= size
        return memory

    cdef uint8_t* cell(self, size_t size) except NULL:
        cdef Cell* cell = <Cell*>PyMem_Calloc(1, ALIGNMENT + size)
        if cell == NULL:
            raise MemoryError
        cell.next = self.cells
        self.cells = cell
        self.allocated += ALIGNMENT + size
        return <uint8_t*>cell + ALIGNMENT
