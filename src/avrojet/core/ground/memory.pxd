"""Memory of columns: aligned, recycled, allocated and released in any thread without the GIL."""


cdef enum:
    # What Arrow recommends, and what a cache line has (Arrow columnar format: Buffer Alignment and Padding).
    ALIGNMENT = 64


cdef void* memory_take(size_t size) noexcept nogil
cdef void memory_give(void* data) noexcept nogil
cdef size_t memory_room(void* data) noexcept nogil
