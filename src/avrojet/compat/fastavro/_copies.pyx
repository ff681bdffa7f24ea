"""Dicts and lists that are given out as copies: what a program does to one is no matter to the next."""

from cpython.dict cimport PyDict_Copy, PyDict_SetItem
from cpython.list cimport PyList_GetSlice, PyList_SET_ITEM
from cpython.mem cimport PyMem_Calloc, PyMem_Free
from cpython.object cimport PyObject
from cpython.ref cimport Py_DECREF, Py_INCREF


cdef class Copies:
    """Makes copies of an object with all dicts and lists in it, of which none may contain itself.

    One that is in several places is one in the copy too. The object itself must not be changed.
    """

    def __cinit__(self, root):
        self.root = root
        self.containers = []
        self.kept = []
        self.root_place = -1
        self.collect()

    def __dealloc__(self):
        PyMem_Free(self.links)

    cdef int collect(self) except -1:
        cdef dict places = {}
        cdef list links = []
        cdef Py_ssize_t i
        if is_container(self.root):
            self.root_place = visit(self.root, self.containers, places, links)
        self.link_count = len(links)
        self.links = <Link*>PyMem_Calloc(self.link_count + 1, sizeof(Link))
        if self.links == NULL:
            raise MemoryError
        for i in range(self.link_count):
            owner, child, place = links[i]
            self.links[i].owner = owner
            self.links[i].child = child
            if type(self.containers[owner]) is dict:
                self.kept.append(place)
                self.links[i].key = <PyObject*>place
            else:
                self.links[i].index = place
        return 0

    def copy(self):
        """A new copy."""
        return self.make()

    cdef object make(self):
        cdef list made
        cdef Py_ssize_t place
        cdef Link* link = self.links
        cdef Link* end = self.links + self.link_count
        cdef object child
        if self.root_place < 0:
            return self.root
        made = []
        for place in range(len(self.containers)):
            source = self.containers[place]
            if type(source) is dict:
                copy = PyDict_Copy(<dict>source)
                while link < end and link.owner == place:
                    PyDict_SetItem(copy, <object>link.key, made[link.child])
                    link += 1
            else:
                copy = PyList_GetSlice(<list>source, 0, len(<list>source))
                while link < end and link.owner == place:
                    child = made[link.child]
                    Py_INCREF(child)
                    Py_DECREF((<list>copy)[link.index])
                    PyList_SET_ITEM(copy, link.index, child)
                    link += 1
            made.append(copy)
        return made[self.root_place]


cdef bint is_container(object part):
    return type(part) is dict or type(part) is list


cdef Py_ssize_t visit(object part, list containers, dict places, list links) except -1:
    """The place of a container, which comes behind those in it."""
    cdef list found = []
    place = places.get(id(part))
    if place is not None:
        return place
    for key, value in part.items() if type(part) is dict else enumerate(part):
        if is_container(value):
            found.append((visit(value, containers, places, links), key))
    place = places[id(part)] = len(containers)
    containers.append(part)
    links.extend([(place, child, key) for child, key in found])
    return place
