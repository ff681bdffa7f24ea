"""A piece of input: recycled memory, exposed through the buffer protocol."""

from cpython.buffer cimport PyBuffer_FillInfo

from avrojet.core.ground.memory cimport memory_give, memory_take


cdef class InputBuffer:
    """Writable, uninitialized bytes. Their memory is released with the last view of them.

    :param size: bytes, at least 1.
    """

    cdef void* data
    cdef Py_ssize_t size

    def __cinit__(self, Py_ssize_t size):
        if size < 1:
            raise ValueError(f"a buffer has at least one byte: {size}")
        self.data = memory_take(size)
        if self.data == NULL:
            raise MemoryError
        self.size = size

    def __dealloc__(self):
        memory_give(self.data)

    def __getbuffer__(self, Py_buffer* view, int flags):
        PyBuffer_FillInfo(view, self, self.data, self.size, False, flags)
