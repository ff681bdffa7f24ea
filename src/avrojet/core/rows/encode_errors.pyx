"""The errors of encoding: the sink's own, and for a union the reasons why no branch takes the value."""

from avrojet.core.ground.sink cimport *
from avrojet.core.plan.node cimport *
from avrojet.core.rows.choose_branch cimport KIND_FOREIGN, foreign_kind, kind_of, order_of
from avrojet.core.rows.encode cimport encode_value

cdef enum:
    MOST_REASONS = 5            # branches of a union whose reasons an error gives
    FEW_TRIALS = 1000           # of branches of nested unions, to find such a reason


cdef object encode_error(Sink* s):
    """The exception for a failed write. Why no branch of a union takes a value is determined only here."""
    if s.error == WRITE_BRANCH and s.node.fitting != NULL:
        interrupted = explain_union(s)
        if interrupted is not None:
            return interrupted
    return sink_error(s)


cdef object explain_union(Sink* s):
    """Record why each branch that might fit a value does not take it; returns what interrupted this, or None."""
    cdef const Node* node = s.node
    cdef int kind = kind_of(s.value)
    cdef const BranchList* fitting
    cdef Py_ssize_t branch
    cdef bint all_range = True, telling = False
    cdef Sink t
    cdef list reasons = []
    if kind == KIND_FOREIGN:
        kind = foreign_kind(s.value)
    fitting = &node.fitting[kind]
    if fitting.count < 2:
        return None
    order = order_of(node, fitting, s.value)
    for branch in order[:MOST_REASONS]:
        sink_init(&t, s.options)
        sink_renew(&t, s.bounds)
        t.trials = FEW_TRIALS
        if not encode_value(node.children[branch], s.value, &t):
            all_range &= t.error == WRITE_RANGE and t.trail.length == 0
            telling |= t.error != WRITE_TYPE or t.trail.length > 0
            of_value, reason = sink_reason(&t)
            if not of_value:
                sink_free(&t)
                return reason
            reasons.append(f"{(<tuple>node.names)[branch]}: {reason}")
        sink_free(&t)
    if len(order) > MOST_REASONS:
        reasons.append(f"and {len(order) - MOST_REASONS} more branches")
    if telling and reasons:
        union_name = type_name(node)
        if all_range:
            sink_note_reasons(s, f"is out of range for {union_name}")
        else:
            sink_note_reasons(s, f"fits no branch of {union_name}: {'; '.join(reasons)}")
    return None
