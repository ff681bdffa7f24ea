"""Which branches of a union fit each kind of Python value."""

from libc.stdint cimport int32_t, int64_t

from avrojet.core.plan.node cimport Node


cdef struct Fit:
    # Lower fits better.
    int64_t first
    bint local
    int64_t coarseness
    int32_t branch


cdef int candidates(Node* const* branches, int32_t count, int kind, bint first_fit, Fit* fits) noexcept
