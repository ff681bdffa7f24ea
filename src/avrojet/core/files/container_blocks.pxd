"""Blocks in the format of a container file (specification: Object Container Files)."""

from libc.stdint cimport int64_t, uint8_t

from avrojet.core.ground.cursor cimport Bounds
from avrojet.core.ground.sink cimport Sink

cdef enum:
    SYNC_SIZE = 16


cdef struct BlockFrame:
    int64_t count               # number of records that it states
    int64_t size                # bytes of data
    const uint8_t* data
    const uint8_t* after        # the next block


cdef enum BlockState:
    BLOCK_WHOLE
    BLOCK_CUT                   # it continues after the end
    BLOCK_ODD                   # it is not a block


cdef BlockState frame_at(const uint8_t* pos, const uint8_t* end, BlockFrame* frame, int64_t* missing) noexcept nogil


cdef class BlocksBuilder:
    cdef Sink sink
    cdef Bounds bounds
    cdef uint8_t marker[16]
    cdef Py_ssize_t begin       # where the block being filled begins in the sink
    cdef Py_ssize_t head        # bytes reserved there for its header
    cdef int64_t count          # number of its values
    cdef int64_t empty_rows     # budget left for rows of no bytes in the file
    cdef int64_t ended          # number of values in the blocks before it

    cdef Py_ssize_t values(self) noexcept nogil
    cdef bint end_block(self) noexcept nogil
    cdef bytes whole(self)
    cdef void drop_whole(self) noexcept
    cdef void drop_rest(self) noexcept
