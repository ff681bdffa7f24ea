"""Memory for columns, kept for the next batch: touching a fresh page costs more than decoding into it.

Slabs of one size class are kept in a stack. The memory kept is bounded, and no one waits for the lock: while another
thread (or one lost in a fork) holds it, memory comes from the allocator.
"""

from cpython.mem cimport PyMem_RawFree, PyMem_RawMalloc
from cpython.pythread cimport (
    NOWAIT_LOCK, PyThread_acquire_lock, PyThread_allocate_lock, PyThread_release_lock, PyThread_type_lock,
)
from libc.stdint cimport uintptr_t

cdef enum:
    # Smaller slabs are left to the allocator, which keeps pages for them anyway.
    SMALLEST_KEPT = 32768
    # Four classes per power of two: at most a quarter of a slab is unused.
    CLASSES = 256
    # Two batches of a wide file; a process that has read its files keeps no more.
    MOST_KEPT = 134217728


cdef struct Slab:
    # Stored in the 64 bytes before the data.
    void* origin
    size_t room
    int size_class              # -1: not kept
    Slab* next


cdef Slab* kept[CLASSES]
cdef size_t kept_bytes = 0
cdef PyThread_type_lock lock = PyThread_allocate_lock()
if lock == NULL:
    raise MemoryError


cdef inline Slab* slab_of(void* data) noexcept nogil:
    return <Slab*>(<char*>data - ALIGNMENT)


cdef int classify(size_t size, size_t* room) noexcept nogil:
    """The smallest class whose slabs hold ``size`` bytes, and their room in bytes."""
    cdef size_t step = SMALLEST_KEPT // 4
    cdef int size_class = 0
    while size > step * 8:
        step *= 2
        size_class += 4
    room[0] = max((size + step - 1) // step, <size_t>4) * step
    return size_class + <int>(room[0] // step) - 4


cdef void* memory_take(size_t size) noexcept nogil:
    """Aligned, uninitialized memory of at least ``size`` bytes; NULL if out of memory."""
    cdef size_t room
    cdef int size_class = -1
    cdef Slab* slab = NULL
    if size < SMALLEST_KEPT:
        room = (size + ALIGNMENT) & ~<size_t>(ALIGNMENT - 1)
    else:
        size_class = classify(size, &room)
        if size_class >= CLASSES:
            return NULL
        slab = pop(size_class)
    if slab == NULL:
        slab = allocate(room, size_class)
    return NULL if slab == NULL else <char*>slab + ALIGNMENT


cdef void memory_give(void* data) noexcept nogil:
    """Release memory; NULL is allowed."""
    cdef Slab* slab
    if data == NULL:
        return
    slab = slab_of(data)
    if slab.size_class < 0 or not push(slab):
        PyMem_RawFree(slab.origin)


cdef size_t memory_room(void* data) noexcept nogil:
    return slab_of(data).room


cdef Slab* allocate(size_t room, int size_class) noexcept nogil:
    cdef char* origin = <char*>PyMem_RawMalloc(room + 2 * ALIGNMENT)
    cdef Slab* slab
    if origin == NULL:
        return NULL
    slab = <Slab*>(origin + (ALIGNMENT - <uintptr_t>origin % ALIGNMENT))
    slab.origin = origin
    slab.room = room
    slab.size_class = size_class
    return slab


cdef Slab* pop(int size_class) noexcept nogil:
    global kept_bytes
    cdef Slab* slab
    if not PyThread_acquire_lock(lock, NOWAIT_LOCK):
        return NULL
    slab = kept[size_class]
    if slab != NULL:
        kept[size_class] = slab.next
        kept_bytes -= slab.room
    PyThread_release_lock(lock)
    return slab


cdef bint push(Slab* slab) noexcept nogil:
    global kept_bytes
    cdef bint fits
    if not PyThread_acquire_lock(lock, NOWAIT_LOCK):
        return False
    fits = slab.room <= MOST_KEPT
    if fits:
        evict(MOST_KEPT - slab.room, slab.size_class)
        fits = kept_bytes + slab.room <= MOST_KEPT
    if fits:
        slab.next = kept[slab.size_class]
        kept[slab.size_class] = slab
        kept_bytes += slab.room
    PyThread_release_lock(lock)
    return fits


cdef void evict(size_t bound, int wanted) noexcept nogil:
    """Free slabs of classes other than the one wanted now, the largest first."""
    global kept_bytes
    cdef int size_class = CLASSES - 1
    cdef Slab* slab
    while kept_bytes > bound and size_class >= 0:
        slab = kept[size_class]
        if slab == NULL or size_class == wanted:
            size_class -= 1
            continue
        kept[size_class] = slab.next
        kept_bytes -= slab.room
        PyMem_RawFree(slab.origin)
