"""Values made once from the defaults of a reader's schema."""

from avrojet.core.plan.plan cimport Plan


cdef int settle_defaults(Plan plan) except -1
