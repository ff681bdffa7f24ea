"""Bytes to Python values."""

from cpython.object cimport PyObject

from avrojet.core.ground.cursor cimport Cursor
from avrojet.core.plan.node cimport Node
from avrojet.core.plan.plan cimport Plan


cdef PyObject* decode_datum(Plan plan, Cursor* c) noexcept
cdef PyObject* decode_value(const Node* node, Cursor* c) noexcept
