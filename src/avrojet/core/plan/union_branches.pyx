"""Which branches of a union fit each kind of Python value: the table that a freeze makes once."""

from libc.stdint cimport int32_t, int64_t
from libc.stdlib cimport qsort

from avrojet.core.plan.node cimport *

# The ops that take each kind of Python value, best first: an exact type before a wider one, the plain encoding of
# a logical type (say, an int for a date) after both.
cdef dict RANKS = {
    KIND_NONE: ((OP_NULL,),),
    KIND_BOOL: ((OP_BOOLEAN,),),
    KIND_INT: (
        (OP_INT, OP_LONG), (OP_DOUBLE,), (OP_FLOAT,), (OP_DECIMAL,), (OP_BIG_DECIMAL,),
        (OP_DATE, OP_TIME, OP_TIMESTAMP),
    ),
    KIND_FLOAT: ((OP_DOUBLE,), (OP_FLOAT,)),
    KIND_STR: ((OP_STRING, OP_ENUM), (OP_UUID,), (OP_DATE,)),
    KIND_BYTES: ((OP_BYTES, OP_FIXED), (OP_DECIMAL, OP_BIG_DECIMAL, OP_UUID, OP_DURATION)),
    KIND_DICT: ((OP_RECORD, OP_RESOLVED, OP_TUPLE), (OP_MAP,)),
    KIND_LIST: ((OP_ARRAY,),),
    KIND_TUPLE: ((OP_DURATION,), (OP_RECORD, OP_RESOLVED, OP_TUPLE), (OP_ARRAY,)),
    KIND_DATETIME: ((OP_TIMESTAMP,), (OP_DATE,)),
    KIND_DATE: ((OP_DATE,), (OP_TIMESTAMP,)),       # midnight, for numpy's dates
    KIND_TIME: ((OP_TIME,),),
    KIND_DECIMAL: ((OP_DECIMAL,), (OP_BIG_DECIMAL,)),
    KIND_UUID: ((OP_UUID,),),
}

# The same by kind and op: 0 is best, -1 does not fit.
cdef int[KIND_COUNT][OP_COUNT] RANK


cdef int set_ranks() except -1:
    for kind in range(KIND_COUNT):
        for op in range(OP_COUNT):
            RANK[kind][op] = -1
    for kind, groups in RANKS.items():
        for place, ops in enumerate(groups):
            for op in ops:
                RANK[kind][op] = place
    return 0


set_ranks()


cdef int candidates(Node* const* branches, int32_t count, int kind, bint first_fit, Fit* fits) noexcept:
    """The branches that may take a kind of value, best fit first; returns how many they are.

    :param fits: room for one entry per branch.
    """
    cdef int32_t i
    cdef int how_well, found = 0
    cdef const Node* node
    for i in range(count):
        node = branches[i]
        how_well = rank(kind, node.op)
        if how_well >= 0:
            fits[found] = Fit(how_well, False, 0, i)
            if first_fit:
                fits[found].first = place(branches, count, kind, i)
            elif KIND_DATETIME <= kind <= KIND_TIME:
                # Prefer UTC, then the finest unit, which loses nothing.
                fits[found].local = node.local
                fits[found].coarseness = -node.unit
            found += 1
    if found > 1:
        qsort(fits, found, sizeof(Fit), compare_fits)
    return found


cdef int compare_fits(const void* one, const void* other) noexcept nogil:
    cdef const Fit* a = <const Fit*>one
    cdef const Fit* b = <const Fit*>other
    if a.first != b.first:
        return -1 if a.first < b.first else 1
    if a.local != b.local:
        return -1 if b.local else 1
    if a.coarseness != b.coarseness:
        return -1 if a.coarseness < b.coarseness else 1
    return -1 if a.branch < b.branch else 1


cdef int rank(int kind, int op) noexcept:
    """How well an op takes a kind of value: 0 is best, -1 not at all.

    A custom logical type decides for itself, and so does every type for a value of unknown kind.
    """
    if (op == OP_CUSTOM and kind != KIND_NONE) or (kind == KIND_OTHER and op != OP_NULL):
        return 0
    return RANK[kind][op]


cdef int64_t place(Node* const* branches, int32_t count, int kind, int32_t i) noexcept:
    """A branch's rank if the first fit counts; 0 is first.

    Even then a double comes before a float, and a branch that would lose something after all others.
    """
    cdef int32_t j
    cdef int op = branches[i].op
    if is_lossy(kind, op):
        return 2 * <int64_t>count
    if op == OP_FLOAT:
        for j in range(i + 1, count):
            if branches[j].op == OP_DOUBLE:
                return 2 * <int64_t>j + 1
    return 2 * <int64_t>i


cdef bint is_lossy(int kind, int op) noexcept:
    """A date loses the time of day; an int is read back without its decimal type."""
    if kind == KIND_DATETIME:
        return op == OP_DATE
    return kind == KIND_INT and (op == OP_DECIMAL or op == OP_BIG_DECIMAL)
