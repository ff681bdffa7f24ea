"""The entry to data for every operation: a usable plan, and a cursor over the bytes with its bounds.

The bytes are held by `hold` of `core.ground.buffer`; `cur_seek`, `cur_count` and `cur_trailing` of
`core.ground.cursor` check the offsets and counts of callers, and bytes after the last datum.
"""

from libc.stdint cimport uint8_t

from avrojet.core.ground.cursor cimport Cursor, cur_init
from avrojet.core.plan.plan cimport Plan


cdef inline Plan ensure_frozen(Plan plan):
    """The plan for a new operation, checked to be filled by `freeze`."""
    if plan.root == NULL:
        raise ValueError("the plan is empty: freeze makes one")
    return plan


cdef inline Plan ensure_plan(Plan plan):
    """The plan of an operation being called, kept for the whole call whatever happens to its owner."""
    if plan is None:
        raise TypeError("__init__ has not been called")
    return plan


cdef inline void open_cursor(Cursor* c, Plan plan, const uint8_t* data, Py_ssize_t size) noexcept:
    """Set a cursor to the first of the bytes, with the bounds and options of the plan."""
    cur_init(c, data, size, &plan.bounds)
    c.keys = plan.keys
    c.unicode_errors = plan.unicode_errors
