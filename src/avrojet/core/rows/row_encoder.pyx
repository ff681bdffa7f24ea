"""The entry points for encoding: one value, or several into one bytes object."""

from cpython.object cimport PyObject
from libc.stdint cimport INT64_MAX, uint8_t
from libc.string cimport memcpy

from types import GenericAlias

from avrojet.core.ground.objects cimport new_bytes
from avrojet.core.ground.sink cimport *
from avrojet.core.plan.datum cimport ensure_frozen, ensure_plan
from avrojet.core.plan.plan cimport Plan
from avrojet.core.rows.block_builder cimport BlockBuilder
from avrojet.core.rows.encode cimport encode_datum
from avrojet.core.rows.encode_errors cimport encode_error

from avrojet.core.rows.options import EncodeOptions

cdef extern from "Python.h":
    int PyByteArray_Resize(object, Py_ssize_t) except -1
    char* PyByteArray_AS_STRING(object)
    Py_ssize_t PyByteArray_GET_SIZE(object)


cdef class RowEncoder:
    """Encodes values of one plan. Thread-safe: it keeps no state between calls.

    :param plan: of the schema, frozen for encoding.
    :param options: `EncodeOptions`.
    """

    @classmethod
    def __class_getitem__(cls, item):
        """For annotations only: the code does not depend on the class of the values."""
        return GenericAlias(cls, item)

    def __init__(self, Plan plan not None, options=EncodeOptions()):
        self.plan = ensure_frozen(plan)
        self.options = options_of(options)

    def encode(self, value):
        """Encode one value.

        :returns: the datum's bytes.
        :raises EncodeError: if the value does not fit the schema; the message says where.
        """
        return encode_after(self, NULL, 0, value)

    def encode_many(self, values):
        """Encode the values of an iterable, one after another."""
        cdef BlockBuilder block = BlockBuilder(ensure_plan(self.plan), self.options)
        block.extend(iter(values), INT64_MAX)
        return block.take()

    def encode_into(self, bytearray target not None, value):
        """Append one value's bytes to ``target``, which is unchanged if the value does not fit."""
        cdef bytes data = self.encode(value)
        cdef Py_ssize_t size = PyByteArray_GET_SIZE(target)
        PyByteArray_Resize(target, size + len(data))
        memcpy(PyByteArray_AS_STRING(target) + size, <const char*>data, len(data))

    def _block(self):
        """A new, empty :class:`BlockBuilder`."""
        return BlockBuilder(ensure_plan(self.plan), self.options)


cdef object encode_after(RowEncoder encoder, const uint8_t* head, Py_ssize_t size, value):
    """A value's bytes, preceded by a few others; see :meth:`RowEncoder.encode`."""
    cdef Sink s
    cdef Plan plan = ensure_plan(encoder.plan)
    sink_init(&s, encoder.options)
    if size:
        sink_renew(&s, &plan.bounds)
        if not sink_reserve(&s, size):
            raise failed(&s)
        memcpy(s.pos, head, size)
        s.pos += size
    if not encode_datum(plan, <PyObject*>value, &s):
        raise failed(&s)
    return finish(&s)


cdef object failed(Sink* s):
    try:
        return encode_error(s)
    finally:
        sink_free(s)


cdef object finish(Sink* s):
    try:
        return new_bytes(<const char*>s.start, s.pos - s.start)
    finally:
        sink_free(s)
