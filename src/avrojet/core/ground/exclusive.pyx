"""Iterators that can be resumed after an error, and that refuse a thread while another one is using them.

They call a function of a place, which returns the same again when it is called with the same place. Handing over
an item and moving the place is one step, so an interruption (Ctrl-C, a source that times out) loses nothing: the
next call begins at the same place. A generator would be finished instead.
"""

cimport cython
from cpython.object cimport PyObject
from cpython.ref cimport Py_DECREF

from avrojet.core.ground.foreign cimport no_stop

cdef extern from "Python.h":
    PyObject* next_of "PyIter_Next"(PyObject*)      # NULL: exhausted, or an error is set
    PyObject* PyErr_Occurred()

cdef extern from "capi.h":
    bint avrojet_occupy(int*) nogil
    void avrojet_vacate(int*) nogil


cdef class Place:
    """The position of a reader: everything before it has been handed over.

    Iterators may share one, but not at the same time: a second caller gets a ValueError.

    :ivar at: an opaque position that the reading function understands; None: at the beginning.
    """

    cdef public object at
    cdef int busy
    cdef object current         # the iterator that a Chain is in,
    cdef bint ended             # and whether there are no more


cdef class Steps:
    """Iterates over the items that a function finds.

    :param step: called with ``place.at``; returns an item and the place after it, or None at the end.
    """

    cdef object step
    cdef Place place
    cdef bint ended

    def __cinit__(self, step, Place place not None):
        self.step = step
        self.place = place

    def __iter__(self):
        return self

    def __next__(self):
        if not avrojet_occupy(&self.place.busy):
            raise in_use()
        try:
            found = None if self.ended else find(self.step, self.place)
            if found is not None:
                item, at = found
                move(self.place, at)
                return item
            self.ended = True
        finally:
            avrojet_vacate(&self.place.busy)
        raise StopIteration


cdef class Chain:
    """Iterates over the items of iterators that a function finds, one after the other.

    An error of an iterator does not end it: the next call asks it again. Another Chain of the same place continues
    where this one stopped.

    :param step: called with ``place.at``; returns an iterator and the place after it, or None at the end.
    """

    cdef object step
    cdef Place place

    def __cinit__(self, step, Place place not None):
        self.step = step
        self.place = place

    def __iter__(self):
        return self

    def __next__(self):
        cdef PyObject* found = NULL
        if not avrojet_occupy(&self.place.busy):
            raise in_use()
        # The common case costs no clean-up: next_of leaves its error set.
        if self.place.current is not None:
            found = next_of(<PyObject*>self.place.current)
        if found == NULL:
            try:
                found = self.look_further()
            finally:
                avrojet_vacate(&self.place.busy)
        else:
            avrojet_vacate(&self.place.busy)
        item = <object>found
        Py_DECREF(item)
        return item

    cdef PyObject* look_further(self) except NULL:
        """The first item of the next iterator that has one; NULL if an error is set."""
        cdef PyObject* item = NULL
        while item == NULL:
            raise_any()
            self.place.current = None
            found = None if self.place.ended else find(self.step, self.place)
            if found is None:
                self.place.ended = True
                raise StopIteration
            self.place.current, at = found
            move(self.place, at)
            item = next_of(<PyObject*>self.place.current)
        return item


cdef inline int move(Place place, object at) except -1:
    """Set ``at``, which other threads may be reading."""
    with cython.critical_section(place):
        place.at = at
    return 0


cdef object find(step, Place place):
    try:
        return step(place.at)
    except StopIteration as error:
        raise no_stop(error) from error


cdef int raise_any() except? -1:
    """Raise the error that is set, if any."""
    return -1 if PyErr_Occurred() != NULL else 0


cdef object in_use():
    return ValueError(
        "the iterator is in use, by another thread or by code that it calls: each thread needs a reader of its own"
    )
