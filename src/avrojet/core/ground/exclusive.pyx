"""Iterators that refuse a thread while another one is in them."""

from cpython.object cimport PyObject
from cpython.ref cimport Py_DECREF

cdef extern from "Python.h":
    PyObject* next_of "PyIter_Next"(PyObject*)      # NULL: none is left, or an error is set
    PyObject* PyErr_Occurred()

cdef extern from "capi.h":
    int AVROJET_GIL
    bint avrojet_occupy(int*) nogil
    void avrojet_vacate(int*) nogil


cdef class Chain:
    """The items of iterators, one after the other, as ``itertools.chain.from_iterable`` gives them.

    That one drops the iterators at an error, whoever else is in them: a thread that shares it can crash.
    """

    cdef object iterators
    cdef object current
    cdef int busy

    def __cinit__(self, iterators):
        self.iterators = iter(iterators)

    def __iter__(self):
        return self

    def __next__(self):
        cdef PyObject* found = NULL
        if not avrojet_occupy(&self.busy):
            raise in_use()
        # The usual item costs no clean-up: next_of leaves its error to be found.
        if self.current is not None:
            found = next_of(<PyObject*>self.current)
        if found == NULL:
            try:
                found = self.look_further()
            finally:
                avrojet_vacate(&self.busy)
        else:
            avrojet_vacate(&self.busy)
        item = <object>found
        Py_DECREF(item)
        return item

    cdef PyObject* look_further(self) except NULL:
        """The first item of the next iterator that has one; or the error that is set."""
        cdef PyObject* found = NULL
        while found == NULL:
            raise_any()
            self.current = None
            self.current = next(self.iterators)
            found = next_of(<PyObject*>self.current)
        return found


cdef int raise_any() except? -1:
    """Raise the error that is set, if one is."""
    return -1 if PyErr_Occurred() != NULL else 0


cdef class Turns:
    """An iterator, used by one thread at a time.

    CPython's generators are not safe to share in its first free-threaded builds.
    """

    cdef object iterator
    cdef int busy

    def __cinit__(self, iterator):
        self.iterator = iter(iterator)

    def __iter__(self):
        return self

    def __next__(self):
        if not avrojet_occupy(&self.busy):
            raise in_use()
        try:
            return next(self.iterator)
        finally:
            avrojet_vacate(&self.busy)


cdef object in_use():
    return ValueError("the iterator is in use by another thread: each needs a reader of its own")


def in_turns(iterator):
    """A generator, such that sharing it is an error and no crash. With a GIL that is what it is already."""
    return iterator if AVROJET_GIL else Turns(iterator)
