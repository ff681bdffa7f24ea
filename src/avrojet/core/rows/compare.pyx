"""Compare: the order of two data without decoding them (specification: Sort Order); the table is at the end.

A routine reads both values up to the first difference and sets ``order`` to show which is smaller; if they are
equal, it reads both to the end. It returns False with the error in the cursor of the datum that has it.
"""

from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t
from libc.string cimport memcmp

from avrojet.core.ground.blocks cimport block_close, block_open
from avrojet.core.ground.buffer cimport Held, hold, let_go
from avrojet.core.ground.cursor cimport *
from avrojet.core.ground.error_path cimport trail_field, trail_index
from avrojet.core.plan.datum cimport ensure_frozen, ensure_plan, open_cursor
from avrojet.core.plan.node cimport *
from avrojet.core.plan.plan cimport Plan
from avrojet.core.rows.skip cimport skip_value
from avrojet.errors import SchemaError

cdef extern from "scalars.h":
    uint32_t avrojet_load32le(const uint8_t*) nogil
    uint64_t avrojet_load64le(const uint8_t*) nogil

ctypedef bint (*Routine)(const Node*, Cursor*, Cursor*, int*) noexcept nogil


cdef bint compare_value(const Node* node, Cursor* a, Cursor* b, int* order) noexcept nogil:
    return COMPARE[node.op](node, a, b, order)


cdef inline bint enter(Cursor* a, Cursor* b) noexcept nogil:
    a.depth -= 1
    if a.depth < 0:
        return cur_fail(a, READ_DEPTH)
    return cur_look_nogil(a) and cur_look_nogil(b)


cdef inline int sign(bint less, bint greater) noexcept nogil:
    return -1 if less else greater


cdef bint compare_null(const Node* node, Cursor* a, Cursor* b, int* order) noexcept nogil:
    order[0] = 0
    return True


cdef inline bint read_boolean(Cursor* c, int* value) noexcept nogil:
    if not cur_need(c, 1):
        return False
    value[0] = c.pos[0]
    if value[0] > 1:
        return cur_fail(c, READ_BOOLEAN, value[0])
    c.pos += 1
    return True


cdef bint compare_boolean(const Node* node, Cursor* a, Cursor* b, int* order) noexcept nogil:
    cdef int left, right
    if not read_boolean(a, &left) or not read_boolean(b, &right):
        return False
    order[0] = left - right
    return True


cdef bint compare_int(const Node* node, Cursor* a, Cursor* b, int* order) noexcept nogil:
    cdef int64_t left, right
    if not cur_int(a, &left) or not cur_int(b, &right):
        return False
    order[0] = sign(left < right, left > right)
    return True


cdef bint compare_long(const Node* node, Cursor* a, Cursor* b, int* order) noexcept nogil:
    cdef int64_t left, right
    if not cur_long(a, &left) or not cur_long(b, &right):
        return False
    order[0] = sign(left < right, left > right)
    return True


cdef inline int64_t ranked(uint64_t bits, int width) noexcept nogil:
    """The bits of a float as an int with the same order: -0.0 before 0.0, and NaN last, whatever its bits."""
    cdef uint64_t top = <uint64_t>1 << width - 1
    cdef uint64_t infinite = <uint64_t>0x7F800000 if width == 32 else <uint64_t>0x7FF0000000000000
    if bits & (top - 1) > infinite:
        return <int64_t>(infinite + 1)
    return <int64_t>bits if bits < top else -<int64_t>(bits & (top - 1)) - 1


cdef bint compare_float(const Node* node, Cursor* a, Cursor* b, int* order) noexcept nogil:
    cdef int64_t left, right
    if not cur_need(a, 4) or not cur_need(b, 4):
        return False
    left = ranked(avrojet_load32le(a.pos), 32)
    right = ranked(avrojet_load32le(b.pos), 32)
    a.pos += 4
    b.pos += 4
    order[0] = sign(left < right, left > right)
    return True


cdef bint compare_double(const Node* node, Cursor* a, Cursor* b, int* order) noexcept nogil:
    cdef int64_t left, right
    if not cur_need(a, 8) or not cur_need(b, 8):
        return False
    left = ranked(avrojet_load64le(a.pos), 64)
    right = ranked(avrojet_load64le(b.pos), 64)
    a.pos += 8
    b.pos += 8
    order[0] = sign(left < right, left > right)
    return True


cdef bint compare_bytes(const Node* node, Cursor* a, Cursor* b, int* order) noexcept nogil:
    """Ordered as unsigned bytes; for UTF-8 that is the order of the code points."""
    cdef int64_t left, right
    if not cur_length(a, &left) or not cur_length(b, &right):
        return False
    order[0] = memcmp(a.pos, b.pos, min(left, right))
    if order[0] == 0:
        order[0] = sign(left < right, left > right)
    a.pos += left
    b.pos += right
    return True


cdef bint compare_fixed(const Node* node, Cursor* a, Cursor* b, int* order) noexcept nogil:
    if not cur_need(a, node.size) or not cur_need(b, node.size):
        return False
    order[0] = memcmp(a.pos, b.pos, node.size)
    a.pos += node.size
    b.pos += node.size
    return True


cdef bint compare_enum(const Node* node, Cursor* a, Cursor* b, int* order) noexcept nogil:
    cdef int64_t left, right
    if not cur_index(a, node.count, READ_ENUM, &left) or not cur_index(b, node.count, READ_ENUM, &right):
        return False
    order[0] = sign(left < right, left > right)
    return True


cdef struct Items:
    # The items of an array still to come in its block.
    int64_t left
    int64_t before
    const uint8_t* end


cdef inline bint next_item(const Node* node, Cursor* c, Items* items) noexcept nogil:
    """Go to the next item; ``items.left`` is 0 if there is none."""
    if items.left > 0:
        items.left -= 1
        if items.left > 0:
            return True
        if not block_close(c, items.end):
            return False
    if not block_open(c, node.child.min_bytes, items.before, &items.left, &items.end):
        return False
    items.before += items.left
    return True


cdef bint compare_array(const Node* node, Cursor* a, Cursor* b, int* order) noexcept nogil:
    cdef Items left = Items(0, 0, NULL)
    cdef Items right = Items(0, 0, NULL)
    cdef int64_t index = 0
    if not enter(a, b):
        return False
    while True:
        if not next_item(node, a, &left) or not next_item(node, b, &right):
            return False
        if left.left == 0 or right.left == 0:
            order[0] = sign(left.left == 0 < right.left, right.left == 0 < left.left)
            a.depth += 1
            return True
        if (index & LOOK_ITEMS == LOOK_ITEMS and not cur_look_nogil(a)) or not compare_value(node.child, a, b, order):
            trail_index(&a.trail, index)
            trail_index(&b.trail, index)
            return False
        if order[0]:
            return True
        index += 1


cdef bint compare_union(const Node* node, Cursor* a, Cursor* b, int* order) noexcept nogil:
    """By the branch's position, then by value."""
    cdef int64_t left, right
    if not cur_index(a, node.count, READ_BRANCH, &left) or not cur_index(b, node.count, READ_BRANCH, &right):
        return False
    order[0] = sign(left < right, left > right)
    return order[0] != 0 or compare_value(node.children[left], a, b, order)


cdef bint compare_record(const Node* node, Cursor* a, Cursor* b, int* order) noexcept nogil:
    cdef Py_ssize_t i
    cdef const Field* field
    cdef bint done
    if not enter(a, b):
        return False
    order[0] = 0
    for i in range(node.count):
        field = &node.fields[i]
        if field.order == ORDER_IGNORE:
            done = skip_value(field.node, a) and skip_value(field.node, b)
        else:
            done = compare_value(field.node, a, b, order)
        if not done:
            trail_field(&a.trail, field)
            trail_field(&b.trail, field)
            return False
        if order[0]:
            if field.order == ORDER_DESCENDING:
                order[0] = sign(order[0] > 0, order[0] < 0)
            return True
    a.depth += 1
    return True


cdef Routine COMPARE[64]
COMPARE[<int>OP_NULL] = compare_null
COMPARE[<int>OP_BOOLEAN] = compare_boolean
COMPARE[<int>OP_INT] = compare_int
COMPARE[<int>OP_LONG] = compare_long
COMPARE[<int>OP_FLOAT] = compare_float
COMPARE[<int>OP_DOUBLE] = compare_double
COMPARE[<int>OP_BYTES] = compare_bytes
COMPARE[<int>OP_STRING] = compare_bytes
COMPARE[<int>OP_FIXED] = compare_fixed
COMPARE[<int>OP_ENUM] = compare_enum
COMPARE[<int>OP_ARRAY] = compare_array
COMPARE[<int>OP_UNION] = compare_union
COMPARE[<int>OP_NULLABLE] = compare_union
COMPARE[<int>OP_RECORD] = compare_record


cdef class Comparator:
    """Compares data of one plan of plain types. Thread-safe: it keeps no state between calls.

    :raises SchemaError: if a map takes part in the order.
    """

    cdef Plan plan

    def __init__(self, Plan plan not None):
        if holds_ordered_map(ensure_frozen(plan).root):
            raise SchemaError("maps have no order: a field that holds one needs \"order\": \"ignore\"")
        self.plan = plan

    def compare(self, left, right):
        """-1, 0 or 1, if the datum ``left`` is less than, equal to or greater than ``right``.

        Data are read up to the first difference; nothing after it is examined.

        :param left: bytes or another buffer that begins with a datum.
        :param right: the same.
        :raises DecodeError: if the part examined is not that of a datum of the schema.
        """
        cdef Cursor a, b
        cdef Held first, second
        cdef int order = 0
        cdef Plan plan = ensure_plan(self.plan)
        hold(left, &first)
        try:
            hold(right, &second)
            try:
                open_cursor(&a, plan, first.data, first.size)
                open_cursor(&b, plan, second.data, second.size)
                if not compare_value(plan.root, &a, &b, &order):
                    raise failure(&a, &b)
                return (order > 0) - (order < 0)
            finally:
                let_go(&second)
        finally:
            let_go(&first)


cdef object failure(Cursor* a, Cursor* b):
    """The error of the one that failed; both have recorded the path."""
    if a.error == READ_OK:
        cur_clear(a)
        return cur_error(b, "the second datum")
    cur_clear(b)
    return cur_error(a, "the first datum")


cdef bint holds_ordered_map(Node* root) except -1:
    cdef set seen = set()
    cdef list waiting = [<size_t>root]
    cdef Node* node
    cdef Py_ssize_t i
    while waiting:
        address = waiting.pop()
        if address in seen:
            continue
        seen.add(address)
        node = <Node*><size_t>address
        if node.op == OP_MAP:
            return True
        if node.op == OP_ARRAY:
            waiting.append(<size_t>node.child)
        elif node.op == OP_UNION or node.op == OP_NULLABLE:
            waiting.extend([<size_t>node.children[i] for i in range(node.count)])
        elif node.op == OP_RECORD:
            waiting.extend(
                [<size_t>node.fields[i].node for i in range(node.count) if node.fields[i].order != ORDER_IGNORE]
            )
    return False
