"""Memory for columns: aligned, recycled, allocated and released in any thread without the GIL."""


cdef enum:
    # Arrow's recommendation, and the size of a cache line (Arrow columnar format: Buffer Alignment and Padding).
    ALIGNMENT = 64


cdef void* memory_take(size_t size) noexcept nogil
cdef void memory_give(void* data) noexcept nogil
cdef size_t memory_room(void* data) noexcept nogil
