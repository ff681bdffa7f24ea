"""Memory of columns, kept for the next batch: the first touch of a fresh page costs more than decoding into it.

Blocks of one size class are kept in a stack. What is kept is bounded, and never waited for: where the
lock is held, by another thread or by one that a fork has lost, memory comes from the allocator.
"""

from cpython.mem cimport PyMem_RawFree, PyMem_RawMalloc
from cpython.pythread cimport (
    NOWAIT_LOCK, PyThread_acquire_lock, PyThread_allocate_lock, PyThread_release_lock, PyThread_type_lock,
)
from libc.stdint cimport uintptr_t

cdef enum:
    # Smaller blocks are the allocator's business, which keeps pages for them anyway.
    SMALLEST_KEPT = 32768
    # Four classes from each power of two to the next: at most a quarter of a block is not asked for.
    CLASSES = 256
    # Two batches of a wide file; a process that has read its files keeps no more.
    MOST_KEPT = 134217728


cdef struct Block:
    # Stands in the 64 bytes before the data.
    void* origin
    size_t room
    int size_class              # -1: not kept
    Block* next


cdef Block* kept[CLASSES]
cdef size_t kept_bytes = 0
cdef PyThread_type_lock lock = PyThread_allocate_lock()
if lock == NULL:
    raise MemoryError


cdef inline Block* block_of(void* data) noexcept nogil:
    return <Block*>(<char*>data - ALIGNMENT)


cdef int classify(size_t size, size_t* room) noexcept nogil:
    """The class whose blocks have room for ``size`` bytes, and how much that is."""
    cdef size_t step = SMALLEST_KEPT // 4
    cdef int size_class = 0
    while size > step * 8:
        step *= 2
        size_class += 4
    room[0] = max((size + step - 1) // step, <size_t>4) * step
    return size_class + <int>(room[0] // step) - 4


cdef void* memory_take(size_t size) noexcept nogil:
    """Aligned memory of at least ``size`` bytes with any content; NULL if there is none."""
    cdef size_t room
    cdef int size_class = -1
    cdef Block* block = NULL
    if size < SMALLEST_KEPT:
        room = (size + ALIGNMENT) & ~<size_t>(ALIGNMENT - 1)
    else:
        size_class = classify(size, &room)
        if size_class >= CLASSES:
            return NULL
        block = pop(size_class)
    if block == NULL:
        block = allocate(room, size_class)
    return NULL if block == NULL else <char*>block + ALIGNMENT


cdef void memory_give(void* data) noexcept nogil:
    """Give memory back; NULL is nothing."""
    cdef Block* block
    if data == NULL:
        return
    block = block_of(data)
    if block.size_class < 0 or not push(block):
        PyMem_RawFree(block.origin)


cdef size_t memory_room(void* data) noexcept nogil:
    return block_of(data).room


cdef Block* allocate(size_t room, int size_class) noexcept nogil:
    cdef char* origin = <char*>PyMem_RawMalloc(room + 2 * ALIGNMENT)
    cdef Block* block
    if origin == NULL:
        return NULL
    block = <Block*>(origin + (ALIGNMENT - <uintptr_t>origin % ALIGNMENT))
    block.origin = origin
    block.room = room
    block.size_class = size_class
    return block


cdef Block* pop(int size_class) noexcept nogil:
    global kept_bytes
    cdef Block* block
    if not PyThread_acquire_lock(lock, NOWAIT_LOCK):
        return NULL
    block = kept[size_class]
    if block != NULL:
        kept[size_class] = block.next
        kept_bytes -= block.room
    PyThread_release_lock(lock)
    return block


cdef bint push(Block* block) noexcept nogil:
    global kept_bytes
    cdef bint fits
    if not PyThread_acquire_lock(lock, NOWAIT_LOCK):
        return False
    fits = block.room <= MOST_KEPT
    if fits:
        evict(MOST_KEPT - block.room, block.size_class)
        fits = kept_bytes + block.room <= MOST_KEPT
    if fits:
        block.next = kept[block.size_class]
        kept[block.size_class] = block
        kept_bytes += block.room
    PyThread_release_lock(lock)
    return fits


cdef void evict(size_t bound, int wanted) noexcept nogil:
    """Free blocks of other classes than the one that is wanted now, the largest first."""
    global kept_bytes
    cdef int size_class = CLASSES - 1
    cdef Block* block
    while kept_bytes > bound and size_class >= 0:
        block = kept[size_class]
        if block == NULL or size_class == wanted:
            size_class -= 1
            continue
        kept[size_class] = block.next
        kept_bytes -= block.room
        PyMem_RawFree(block.origin)
