"""What defaults of a reader's schema are made of once."""

from avrojet.core.plan.plan cimport Plan


cdef int settle_defaults(Plan plan) except -1
