"""Which branches of a union a kind of Python value may belong to: the table that a freeze asks once."""

from avrojet.core.plan.node cimport *

# Which ops take which kind of Python value, best fit first: an exact type before a wider one, the
# plain encoding of a logical type (an int for a date, say) after both.
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
    KIND_DATE: ((OP_DATE,), (OP_TIMESTAMP,)),       # the first moment of a day, for numpy's dates
    KIND_TIME: ((OP_TIME,),),
    KIND_DECIMAL: ((OP_DECIMAL,), (OP_BIG_DECIMAL,)),
    KIND_UUID: ((OP_UUID,),),
}
# A date has no time of day; an int that is no decimal comes back as one.
cdef frozenset LOSSY = frozenset(
    ((KIND_DATETIME, OP_DATE), (KIND_INT, OP_DECIMAL), (KIND_INT, OP_BIG_DECIMAL))
)
cdef dict RANK_OF = {
    (kind, op): place for kind, groups in RANKS.items() for place, ops in enumerate(groups) for op in ops
}


cdef list candidates(tuple branches, int kind, bint first_fit):
    """The branches that may take a kind of value, best fit first.

    :param branches: of each its op, whether it is of the local clock, and its units in a second.
    :param first_fit: of several that fit, the first instead of the best.
    """
    cdef list fits = []
    cdef tuple ops = tuple([branch[0] for branch in branches])
    for i, (op, local, unit) in enumerate(branches):
        how_well = rank(kind, op)
        if how_well >= 0:
            # Of the clocks the one of UTC and the finest, which loses nothing.
            clock = (local, -unit) if KIND_DATETIME <= kind <= KIND_TIME else (False, 0)
            fits.append((place(ops, kind, i), i) if first_fit else (how_well, *clock, i))
    fits.sort()
    return [fit[-1] for fit in fits]


cdef int rank(Py_ssize_t kind, int op) except -2:
    """How well an op takes a kind of value, 0 best; -1: not at all.

    A custom logical type decides for itself, and so does every type for a value of unknown kind.
    """
    if (op == OP_CUSTOM and kind != KIND_NONE) or (kind == KIND_OTHER and op != OP_NULL):
        return 0
    return RANK_OF.get((kind, op), -1)


cdef int place(tuple ops, int kind, Py_ssize_t i) except -1:
    """Where a branch stands if the first fit counts, 0 first.

    Even then a double goes before a float, and a branch that would lose something behind all others.
    """
    cdef Py_ssize_t j
    if (kind, ops[i]) in LOSSY:
        return 2 * len(ops)
    if ops[i] == OP_FLOAT:
        for j in range(i + 1, len(ops)):
            if ops[j] == OP_DOUBLE:
                return 2 * j + 1
    return 2 * i
