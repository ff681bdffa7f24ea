"""Iterators that refuse a thread while another one is in them."""

from cpython.object cimport PyObject
from cpython.ref cimport Py_DECREF

cdef extern from "Python.h":
    PyObject* PyIter_Next(object) except? NULL

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
        cdef PyObject* found
        if not avrojet_occupy(&self.busy):
            raise in_use()
        try:
            while True:
                if self.current is None:
                    self.current = next(self.iterators)
                found = PyIter_Next(self.current)
                if found != NULL:
                    item = <object>found
                    Py_DECREF(item)
                    return item
                self.current = None
        finally:
            avrojet_vacate(&self.busy)


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
