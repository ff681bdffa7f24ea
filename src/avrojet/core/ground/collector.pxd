cdef int collector_pause() noexcept
cdef void collector_resume(int paused) noexcept
