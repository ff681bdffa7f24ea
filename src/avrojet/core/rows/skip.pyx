"""Skip: pass values without making them, and without the GIL; the table is at the end.

A skip checks only what it needs to find the end: lengths, counts, branch indices. Text and booleans are not
checked, and values of a fixed or stated size are skipped in one step.
"""

from cpython.object cimport PyObject
from libc.stdint cimport int64_t, uint8_t

from avrojet.core.ground.blocks cimport block_open
from avrojet.core.ground.cursor cimport *
from avrojet.core.plan.node cimport *
from avrojet.core.ground.error_path cimport trail_field, trail_index, trail_key

ctypedef bint (*Routine)(const Node*, Cursor*) noexcept nogil


cdef bint skip_value(const Node* node, Cursor* c) noexcept nogil:
    if node.fixed_bytes >= 0:
        return cur_skip(c, node.fixed_bytes)
    return SKIP[node.op](node, c)


cdef bint skip_nothing(const Node* node, Cursor* c) noexcept nogil:
    return True


cdef bint skip_width(const Node* node, Cursor* c) noexcept nogil:
    return cur_skip(c, node.fixed_bytes)


cdef bint skip_int(const Node* node, Cursor* c) noexcept nogil:
    cdef int64_t value
    return cur_int(c, &value)


cdef bint skip_long(const Node* node, Cursor* c) noexcept nogil:
    cdef int64_t value
    return cur_long(c, &value)


cdef bint skip_time(const Node* node, Cursor* c) noexcept nogil:
    return skip_int(node, c) if node.narrow else skip_long(node, c)


cdef bint skip_bytes(const Node* node, Cursor* c) noexcept nogil:
    cdef int64_t size
    if not cur_length(c, &size):
        return False
    c.pos += size
    return True


cdef bint skip_sized(const Node* node, Cursor* c) noexcept nogil:
    """A logical type on bytes or string (size -1) or on fixed."""
    return skip_bytes(node, c) if node.size < 0 else cur_skip(c, node.size)


cdef bint skip_enum(const Node* node, Cursor* c) noexcept nogil:
    cdef int64_t index
    return cur_index(c, node.count, READ_ENUM, &index)


cdef bint skip_array(const Node* node, Cursor* c) noexcept nogil:
    cdef const uint8_t* end
    cdef int64_t count, i
    cdef int64_t before = 0
    if not enter(c):
        return False
    while True:
        if not block_open(c, node.child.min_bytes, before, &count, &end):
            return False
        if count == 0:
            c.depth += 1
            return True
        if end != NULL:
            c.pos = end
        elif node.child.fixed_bytes != 0:
            for i in range(count):
                if (i & LOOK_ITEMS == LOOK_ITEMS and not cur_look_nogil(c)) or not skip_value(node.child, c):
                    trail_index(&c.trail, before + i)
                    return False
        before += count


cdef bint skip_map(const Node* node, Cursor* c) noexcept nogil:
    cdef const uint8_t* key
    cdef const uint8_t* end
    cdef int64_t count, i
    cdef int64_t before = 0
    if not enter(c):
        return False
    while True:
        if not block_open(c, node.child.min_bytes + 1, before, &count, &end):
            return False
        if count == 0:
            c.depth += 1
            return True
        if end != NULL:
            c.pos = end
        else:
            for i in range(count):
                key = c.pos
                if (i & LOOK_ITEMS == LOOK_ITEMS and not cur_look_nogil(c)) or not skip_bytes(node, c):
                    return False
                if not skip_value(node.child, c):
                    note_key(c, key)
                    return False
        before += count


cdef inline bint enter(Cursor* c) noexcept nogil:
    c.depth -= 1
    return cur_look_nogil(c) if c.depth >= 0 else cur_fail(c, READ_DEPTH)


cdef void note_key(Cursor* c, const uint8_t* start) noexcept nogil:
    """Record the key that begins at ``start``, for the path of an error."""
    cdef const uint8_t* failed = c.pos
    cdef int error = c.error
    cdef int64_t number = c.number
    cdef int64_t size
    c.pos = start
    cur_length(c, &size)
    with gil:
        key = (<const char*>c.pos)[:size].decode("utf-8", "replace")
        trail_key(&c.trail, <PyObject*>key)
    c.pos = failed
    c.error = error
    c.number = number


cdef bint skip_union(const Node* node, Cursor* c) noexcept nogil:
    cdef int64_t index
    if not cur_index(c, node.count, READ_BRANCH, &index):
        return False
    return skip_value(node.children[index], c)


cdef bint skip_record(const Node* node, Cursor* c) noexcept nogil:
    cdef Py_ssize_t i
    if not enter(c):
        return False
    for i in range(node.count):
        if not skip_value(node.fields[i].node, c):
            trail_field(&c.trail, &node.fields[i])
            return False
    c.depth += 1
    return True


cdef bint skip_child(const Node* node, Cursor* c) noexcept nogil:
    return skip_value(node.child, c)


cdef Routine SKIP[64]
SKIP[<int>OP_NULL] = skip_nothing
SKIP[<int>OP_BOOLEAN] = skip_width
SKIP[<int>OP_INT] = skip_int
SKIP[<int>OP_LONG] = skip_long
SKIP[<int>OP_FLOAT] = skip_width
SKIP[<int>OP_DOUBLE] = skip_width
SKIP[<int>OP_BYTES] = skip_bytes
SKIP[<int>OP_STRING] = skip_bytes
SKIP[<int>OP_FIXED] = skip_width
SKIP[<int>OP_ENUM] = skip_enum
SKIP[<int>OP_ARRAY] = skip_array
SKIP[<int>OP_MAP] = skip_map
SKIP[<int>OP_UNION] = skip_union
SKIP[<int>OP_NULLABLE] = skip_union
SKIP[<int>OP_RECORD] = skip_record
SKIP[<int>OP_RESOLVED] = skip_record
SKIP[<int>OP_TUPLE] = skip_record
SKIP[<int>OP_OBJECT] = skip_record
SKIP[<int>OP_INT_TO_FLOAT] = skip_int
SKIP[<int>OP_INT_TO_DOUBLE] = skip_int
SKIP[<int>OP_LONG_TO_FLOAT] = skip_long
SKIP[<int>OP_LONG_TO_DOUBLE] = skip_long
SKIP[<int>OP_RESCALED] = skip_time
SKIP[<int>OP_TAGGED] = skip_child
SKIP[<int>OP_CONSTANT] = skip_nothing
SKIP[<int>OP_DEFAULT] = skip_nothing
SKIP[<int>OP_FAIL] = skip_child
SKIP[<int>OP_DATE] = skip_time
SKIP[<int>OP_TIME] = skip_time
SKIP[<int>OP_TIMESTAMP] = skip_time
SKIP[<int>OP_DURATION] = skip_sized
SKIP[<int>OP_DECIMAL] = skip_sized
SKIP[<int>OP_BIG_DECIMAL] = skip_bytes
SKIP[<int>OP_UUID] = skip_sized
SKIP[<int>OP_CUSTOM] = skip_child
