"""Iterators that only one thread at a time may use, where no GIL sees to that."""

cdef extern from "capi.h":
    int AVROJET_GIL
    bint avrojet_occupy(int*) nogil
    void avrojet_vacate(int*) nogil


cdef class Turns:
    """An iterator that refuses a thread while another one is in it.

    CPython's generators and ``itertools`` are not safe to share in its first free-threaded builds.
    """

    cdef object iterator
    cdef int busy

    def __cinit__(self, iterator):
        self.iterator = iter(iterator)

    def __iter__(self):
        return self

    def __next__(self):
        if not avrojet_occupy(&self.busy):
            raise ValueError("the iterator is in use by another thread: each needs a reader of its own")
        try:
            return next(self.iterator)
        finally:
            avrojet_vacate(&self.busy)


def in_turns(iterator):
    """The iterator, such that sharing it is an error and no crash. With a GIL that is what it is already."""
    return iterator if AVROJET_GIL else Turns(iterator)
