"""Python values to bytes."""

from cpython.object cimport PyObject

from avrojet.core.ground.sink cimport Sink
from avrojet.core.plan.node cimport Node
from avrojet.core.plan.plan cimport Plan


cdef bint encode_datum(Plan plan, PyObject* value, Sink* s) noexcept
cdef bint encode_value(const Node* node, PyObject* value, Sink* s) noexcept
