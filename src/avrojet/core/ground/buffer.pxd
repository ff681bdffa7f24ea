"""The bytes of a caller's object, held while C code reads them."""

from cpython.buffer cimport PyBUF_SIMPLE, PyBuffer_Release, PyObject_GetBuffer
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_CheckExact, PyBytes_GET_SIZE
from libc.stdint cimport uint8_t


cdef struct Held:
    const uint8_t* data
    Py_ssize_t size
    bint exported               # view must be released
    Py_buffer view


cdef inline int hold(object source, Held* held) except -1:
    """Plain bytes cannot change and need no export; anything else must be a contiguous buffer."""
    held.exported = not PyBytes_CheckExact(source)
    if held.exported:
        PyObject_GetBuffer(source, &held.view, PyBUF_SIMPLE)
        held.data = <const uint8_t*>held.view.buf
        held.size = held.view.len
    else:
        held.data = <const uint8_t*>PyBytes_AS_STRING(source)
        held.size = PyBytes_GET_SIZE(source)
    return 0


cdef inline void let_go(Held* held) noexcept:
    if held.exported:
        PyBuffer_Release(&held.view)
