"""The metadata of a container file's header, many entries at a time (specification: Object Container Files).

Irregular or incomplete entries are left to the parser in Python, which reports what is wrong.
"""

from libc.stdint cimport INT64_MIN, int64_t

from avrojet.core.ground.buffer cimport Held, hold, let_go
from avrojet.core.ground.cursor cimport Bounds, Cursor, cur_init, cur_length, cur_long

cdef Bounds no_bounds
no_bounds.value_bytes = (<int64_t>1) << 62


def read_entries(data, Py_ssize_t start, Py_ssize_t end, int64_t left, int64_t most, dict metadata not None):
    """Read the entries of a map between ``start`` and ``end`` into a dict, keys as text and values as bytes.

    It stops before the first entry or block of the map that is irregular or truncated, and before the end of
    the map.

    :param left: entries left in the map's current block.
    :param most: entries to read at most.
    :returns: the offset after what was read; the number of entries read; and the number left in the block there.
    """
    cdef Held held
    cdef Cursor c
    cdef int64_t read = 0
    hold(data, &held)
    try:
        if not 0 <= start <= end <= held.size:
            raise ValueError(f"bytes {start} to {end} of {held.size}")
        cur_init(&c, held.data + start, end - start, &no_bounds)
        while read < most and (left > 0 or open_block(&c, &left)) and read_entry(&c, metadata):
            left -= 1
            read += 1
        return c.pos - held.data, read, left
    finally:
        let_go(&held)


cdef bint open_block(Cursor* c, int64_t* count) noexcept nogil:
    """Move past the head of a block that has entries (specification: Maps)."""
    cdef const unsigned char* pos = c.pos
    cdef int64_t size
    if cur_long(c, count):
        if count[0] > 0:
            return True
        if count[0] != 0 and count[0] != INT64_MIN and cur_long(c, &size) and size >= 0:
            count[0] = -count[0]
            return True
    c.pos = pos
    count[0] = 0
    return False


cdef bint read_entry(Cursor* c, dict metadata) except -1:
    cdef const unsigned char* pos = c.pos
    cdef const char* text
    cdef int64_t size
    try:
        if cur_length(c, &size):
            text = <const char*>c.pos
            c.pos += size
            key = text[:size].decode()
            if cur_length(c, &size):
                metadata[key] = (<const char*>c.pos)[:size]
                c.pos += size
                return True
    except UnicodeDecodeError:
        pass
    c.pos = pos
    return False
