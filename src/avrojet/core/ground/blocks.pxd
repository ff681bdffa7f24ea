"""The one walker of the blocks that make up arrays and maps (specification: Arrays, Maps)."""

from libc.stdint cimport INT64_MIN, int64_t, uint8_t

from avrojet.core.ground.cursor cimport (
    READ_BLOCK_SIZE, READ_COUNT, READ_EMPTY_ITEMS, READ_ITEMS, READ_TRUNCATED,
    Cursor, cur_fail, cur_long, cur_need,
)


cdef inline bint block_open(
    Cursor* c, int64_t item_bytes, int64_t before, int64_t* count, const uint8_t** end
) noexcept nogil:
    """Read the head of the block after ``before`` items; ``count`` 0 closes the collection.

    ``item_bytes`` is the fewest bytes of an item: a count that cannot fit the bytes left fails here, before
    anything is allocated for it. ``end`` is where a block that states its size must end, else NULL; a skip may
    jump there.
    """
    cdef const uint8_t* start = c.pos
    if block_head(c, item_bytes, before, count, end):
        return True
    c.pos = start
    return False


cdef inline bint block_head(
    Cursor* c, int64_t item_bytes, int64_t before, int64_t* count, const uint8_t** end
) noexcept nogil:
    cdef int64_t size
    end[0] = NULL
    if not cur_long(c, count):
        return False
    if count[0] < 0:
        if count[0] == INT64_MIN:
            return cur_fail(c, READ_COUNT)
        count[0] = -count[0]
        if not cur_long(c, &size):
            return False
        if size < 0:
            return cur_fail(c, READ_BLOCK_SIZE)
        if not cur_need(c, size):
            return False
        end[0] = c.pos + size
    if count[0] > c.items - before:
        return cur_fail(c, READ_ITEMS, before)
    if item_bytes == 0:
        c.empty_items -= count[0]
        if c.empty_items < 0:
            return cur_fail(c, READ_EMPTY_ITEMS)
    elif end[0] != NULL and count[0] > size // item_bytes:
        return cur_fail(c, READ_BLOCK_SIZE)
    elif count[0] > (c.end - c.pos) // item_bytes:
        return cur_fail(c, READ_TRUNCATED)
    return True


cdef inline bint block_close(Cursor* c, const uint8_t* end) noexcept nogil:
    """Check that a block that states its size ends exactly there."""
    return end == NULL or c.pos == end or cur_fail(c, READ_BLOCK_SIZE)
