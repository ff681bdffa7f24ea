"""Blocks as they stand in a container file, many at a time: found in a piece of one, and made.

Irregular blocks are left to the parser in Python, which says what is wrong.
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
    """The block that begins at ``pos``; how many bytes are missing at least, where it is cut.

    Its marker is not looked at.
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
    """Whole blocks that follow one another between ``start`` and ``end``, each with its marker after it.

    :param most: bytes of data that a block may have.
    :param rows: records that they may have together, if there is more than one block; likewise
    :param size: bytes.
    :param stop: no block begins here or after.
    :returns: how many they are; their records; the place after them; and why there is not one more: how many
        bytes of it are missing at least, 0 if it is not regular, or -1 if it is not asked for.
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
    """Blocks of no records and no data that follow one another from ``start`` on.

    :param stop: no block begins here or after.
    :returns: how many they are, and the place after them.
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
    """The block at a place where :func:`scan` found one: its records, the place and the bytes of its data."""
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
    """Makes blocks without compression, of values that a ``ColumnEncoder`` encodes into it. Not for several threads."""

    def __cinit__(self, bytes marker not None, limits):
        sink_init(&self.sink, 0)
        check_marker(marker)
        memcpy(self.marker, <const char*>marker, SYNC_SIZE)
        self.bounds = bounds_of(limits)
        self.empty_rows = self.bounds.empty_items

    def __dealloc__(self):
        sink_free(&self.sink)

    cdef Py_ssize_t values(self) noexcept nogil:
        """Where the values of the block begin in the sink."""
        return self.begin + self.head

    cdef bint end_block(self) noexcept nogil:
        """Put a header before the values and the marker after them. False if memory is short.

        Headers nearly always have as many bytes as the one before, which were left free.
        """
        cdef Sink* s = &self.sink
        cdef uint8_t header[20]
        cdef Py_ssize_t size = (s.pos - s.start) - self.values()
        cdef Py_ssize_t head = put_long(put_long(header, self.count), size) - header
        # Room for a header here that is longer, for the marker and for the next header: no value's bytes.
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
        """The blocks that are ended, as the file is to have them."""
        return <bytes>self.sink.start[:self.begin]

    cdef void drop_whole(self) noexcept:
        """Go on without them."""
        cdef Sink* s = &self.sink
        memmove(s.start, s.start + self.begin, s.pos - s.start - self.begin)
        s.pos -= self.begin
        self.begin = 0
        self.ended = 0

    cdef void drop_rest(self) noexcept:
        """Go on without the values of the block that is not ended."""
        self.sink.pos = self.sink.start + self.values()
        self.count = 0
