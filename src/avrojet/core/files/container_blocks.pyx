"""Finds and makes blocks in the format of a container file, many at a time.

Irregular blocks are left to the parser in Python, which reports what is wrong.
"""

from libc.stdint cimport INT64_MAX
from libc.string cimport memcmp, memcpy, memmove

from avrojet.core.ground.buffer cimport Held, hold, let_go
from avrojet.core.ground.cursor cimport READ_TRUNCATED, Bounds, Cursor, bounds_of, cur_init, cur_long
from avrojet.core.ground.sink cimport sink_free, sink_init, sink_reserve

cdef extern from "encode_columns.h":
    uint8_t* put_long "avrojet_put_long"(uint8_t*, int64_t) nogil

cdef Bounds no_bounds


cdef BlockState frame_at(const uint8_t* pos, const uint8_t* end, BlockFrame* frame, int64_t* missing) noexcept nogil:
    """The block that begins at ``pos``; if it is truncated, how many bytes are missing at least.

    Its marker is not checked.
    """
    cdef Cursor c
    cur_init(&c, pos, end - pos, &no_bounds)
    frame.count = frame.size = 0
    missing[0] = 1
    if not cur_long(&c, &frame.count) or not cur_long(&c, &frame.size):
        return BLOCK_CUT if c.error == READ_TRUNCATED else BLOCK_ODD
    if frame.count < 0 or frame.size < 0 or frame.size > INT64_MAX - SYNC_SIZE:
        return BLOCK_ODD
    missing[0] = frame.size + SYNC_SIZE - (end - c.pos)
    if missing[0] > 0:
        return BLOCK_CUT
    frame.data = c.pos
    frame.after = c.pos + frame.size + SYNC_SIZE
    return BLOCK_WHOLE


cdef int check_marker(bytes marker) except -1:
    if len(marker) != SYNC_SIZE:
        raise ValueError(f"a sync marker has {SYNC_SIZE} bytes, not {len(marker)}")
    return 0


def scan(
    data, Py_ssize_t start, Py_ssize_t end, bytes marker not None,
    int64_t most, int64_t rows, Py_ssize_t size, Py_ssize_t stop,
):
    """Count consecutive whole blocks between ``start`` and ``end``, each followed by its marker.

    :param most: the most bytes of data in a block.
    :param rows: the most records in all, if there is more than one block; likewise
    :param size: bytes.
    :param stop: no block begins here or later.
    :returns: the number of blocks and of their records; the offset after them; and why they end: how many bytes are
        missing at least of the next block, 0 if it is irregular, or -1 if it was not asked for.
    """
    cdef Held held
    cdef BlockFrame frame
    cdef BlockState state
    cdef const uint8_t* pos
    cdef const uint8_t* first
    cdef const uint8_t* limit
    cdef const char* sync = marker
    cdef int64_t blocks = 0
    cdef int64_t total = 0
    cdef int64_t missing = 0
    check_marker(marker)
    hold(data, &held)
    try:
        if not 0 <= start <= end <= held.size:
            raise ValueError(f"bytes {start} to {end} of {held.size}")
        pos = first = held.data + start
        limit = held.data + end
        with nogil:
            while True:
                if pos - held.data >= stop:
                    missing = -1
                    break
                state = frame_at(pos, limit, &frame, &missing)
                if state == BLOCK_CUT and frame.size <= most:
                    break
                if state != BLOCK_WHOLE or frame.size > most or memcmp(frame.after - SYNC_SIZE, sync, SYNC_SIZE):
                    missing = 0
                    break
                if blocks and (frame.count > rows - total or frame.after - first > size):
                    missing = -1
                    break
                blocks += 1
                total = total + frame.count if frame.count < INT64_MAX - total else INT64_MAX
                pos = frame.after
        return blocks, total, pos - held.data, missing
    finally:
        let_go(&held)


def pass_empty(data, Py_ssize_t start, Py_ssize_t end, bytes marker not None, Py_ssize_t stop):
    """Count consecutive blocks of no records and no data from ``start`` on.

    :param stop: no block begins here or later.
    :returns: their number, and the offset after them.
    """
    cdef Held held
    cdef BlockFrame frame
    cdef const uint8_t* pos
    cdef const char* sync = marker
    cdef int64_t missing
    cdef int64_t blocks = 0
    check_marker(marker)
    hold(data, &held)
    try:
        if not 0 <= start <= end <= held.size:
            raise ValueError(f"bytes {start} to {end} of {held.size}")
        pos = held.data + start
        with nogil:
            while (
                pos - held.data < stop
                and frame_at(pos, held.data + end, &frame, &missing) == BLOCK_WHOLE
                and frame.count == 0
                and frame.size == 0
                and memcmp(frame.data, sync, SYNC_SIZE) == 0
            ):
                blocks += 1
                pos = frame.after
        return blocks, pos - held.data
    finally:
        let_go(&held)


def frame(data, Py_ssize_t start):
    """A block that :func:`scan` has found: its records, and the offset and size of its data."""
    cdef Held held
    cdef BlockFrame found
    cdef int64_t missing
    hold(data, &held)
    try:
        if not 0 <= start <= held.size:
            raise ValueError(f"byte {start} of {held.size}")
        if frame_at(held.data + start, held.data + held.size, &found, &missing) != BLOCK_WHOLE:
            raise ValueError(f"no whole block begins at byte {start}")
        return found.count, found.data - held.data, found.size
    finally:
        let_go(&held)


cdef class BlocksBuilder:
    """Makes uncompressed blocks from values that a ``ColumnEncoder`` encodes into it. Not thread-safe."""

    def __cinit__(self, bytes marker not None, limits):
        sink_init(&self.sink, 0)
        check_marker(marker)
        memcpy(self.marker, <const char*>marker, SYNC_SIZE)
        self.bounds = bounds_of(limits)
        self.empty_rows = self.bounds.empty_items

    def __dealloc__(self):
        sink_free(&self.sink)

    cdef Py_ssize_t values(self) noexcept nogil:
        """The offset in the sink of the block's first value."""
        return self.begin + self.head

    cdef bint end_block(self) noexcept nogil:
        """Put a header before the values and the marker after them. False if memory is short.

        Headers nearly always have the same size as the one before, which was reserved.
        """
        cdef Sink* s = &self.sink
        cdef uint8_t header[20]
        cdef Py_ssize_t size = (s.pos - s.start) - self.values()
        cdef Py_ssize_t head = put_long(put_long(header, self.count), size) - header
        # Room here for a longer header, for the marker and for the next header; no value uses it.
        s.most = s.pos - s.start + 2 * <int64_t>sizeof(header) + SYNC_SIZE
        if not sink_reserve(s, 2 * sizeof(header) + SYNC_SIZE):
            return False
        if head != self.head:
            memmove(s.start + self.begin + head, s.start + self.values(), size)
            self.head = head
        memcpy(s.start + self.begin, header, head)
        s.pos = s.start + self.values() + size
        memcpy(s.pos, self.marker, SYNC_SIZE)
        self.begin = s.pos - s.start + SYNC_SIZE
        s.pos = s.start + self.values()
        self.ended += self.count
        self.count = 0
        return True

    cdef bytes whole(self):
        """The finished blocks, in the format of the file."""
        return <bytes>self.sink.start[:self.begin]

    cdef void drop_whole(self) noexcept:
        """Drop the finished blocks."""
        cdef Sink* s = &self.sink
        memmove(s.start, s.start + self.begin, s.pos - s.start - self.begin)
        s.pos -= self.begin
        self.begin = 0
        self.ended = 0

    cdef void drop_rest(self) noexcept:
        """Drop the values of the unfinished block."""
        self.sink.pos = self.sink.start + self.values()
        self.count = 0
