"""The cache lines of the processor that decoding with a plan reads.

In a topic of thousands of schemas the plan of each message is in none of the nearer caches. Its lines lead from one
to the next, and waiting for each in turn takes longer than decoding, so all are fetched at once.
"""

from libc.stdint cimport uintptr_t

from avrojet.core.plan.plan cimport Plan

cdef extern from *:
    """
    #if defined(__GNUC__)
    #define AVROJET_FETCH(line) __builtin_prefetch((const void *)(line))
    #else
    #define AVROJET_FETCH(line) ((void)(line))
    #endif
    """
    void fetch_line "AVROJET_FETCH"(uintptr_t) noexcept nogil

cdef enum:
    LINE_BYTES = 64
    MOST_SPANS = 16             # per plan, those read first
    MOST_LINES = 12             # per span; the processor prefetches those that follow


cdef struct Lines:
    # Spans: the address of the first line, its lowest bits the number of lines that follow. 0: no more spans.
    uintptr_t spans[MOST_SPANS]


cdef void find_lines(Lines* lines, Plan plan) noexcept


cdef inline uintptr_t first_line(uintptr_t span) noexcept nogil:
    return span & ~<uintptr_t>(LINE_BYTES - 1)


cdef inline uintptr_t lines_after(uintptr_t span) noexcept nogil:
    return span & (LINE_BYTES - 1)


cdef inline void fetch_lines(const Lines* lines) noexcept nogil:
    cdef int i
    cdef uintptr_t line, last
    for i in range(MOST_SPANS):
        if not lines.spans[i]:
            return
        line = first_line(lines.spans[i])
        last = line + lines_after(lines.spans[i]) * LINE_BYTES
        while line <= last:
            fetch_line(line)
            line += LINE_BYTES
