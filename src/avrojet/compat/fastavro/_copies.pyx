"""Dicts and lists that are returned as copies: a program's changes to one do not affect the next.

Most programs look at a copy and drop it. A copy that is no longer referenced, and is unchanged, is returned
again.
"""

from cpython.dict cimport PyDict_Copy, PyDict_SetItem
from cpython.list cimport PyList_GetSlice, PyList_SET_ITEM
from cpython.mem cimport PyMem_Calloc, PyMem_Free
from cpython.object cimport PyObject
from cpython.ref cimport Py_DECREF, Py_INCREF


cdef extern from "Python.h":
    Py_ssize_t Py_REFCNT(PyObject*)

cdef extern from "capi.h":
    int AVROJET_GIL


cdef class Lent:
    """A copy whose references are all known: from this object, and from the dicts and lists in the copy."""

    def __cinit__(self, root):
        cdef Py_ssize_t count
        self.root = root
        self.watch = Watch((root,))
        count = self.watch.dict_count + self.watch.list_count
        self.holders = <Py_ssize_t*>PyMem_Calloc(count + 1, sizeof(Py_ssize_t))
        if self.holders == NULL:
            raise MemoryError

    def __dealloc__(self):
        PyMem_Free(self.holders)

    cdef void count(self) noexcept:
        """Count the references, while no other code has the copy."""
        cdef Py_ssize_t i
        cdef Watch watch = self.watch
        for i in range(watch.dict_count):
            self.holders[i] = Py_REFCNT(watch.dicts[i].dict)
        for i in range(watch.list_count):
            self.holders[watch.dict_count + i] = Py_REFCNT(watch.lists[i].list)

    cdef bint is_back(self) noexcept:
        """Whether no other code has the copy or a part of it, and it is unchanged."""
        cdef Py_ssize_t i
        cdef Watch watch = self.watch
        for i in range(watch.dict_count):
            if self.holders[i] != Py_REFCNT(watch.dicts[i].dict):
                return False
        for i in range(watch.list_count):
            if self.holders[watch.dict_count + i] != Py_REFCNT(watch.lists[i].list):
                return False
        return watch.same()


cdef class Copies:
    """Makes copies of an object with all dicts and lists in it, of which none may contain itself.

    An object that is in several places is a single object in the copy, too. The object itself must not be
    changed.
    """

    def __cinit__(self, root):
        self.root = root
        self.containers = []
        self.kept = []
        self.root_place = -1
        self.patience = 2
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
        if self.root_place < 0:
            return self.root
        # Without a GIL, the reference count is not reliable.
        if not AVROJET_GIL:
            return self.new()
        if self.lent is not None and self.lent.is_back():
            self.calls = 0
            return self.lent.root
        self.calls += 1
        if self.calls < self.patience:
            return self.new()
        # The program that has this copy may keep it: another one may become free.
        self.patience = min(2 * self.patience, 1 << 20)
        self.calls = 0
        return self.lend()

    cdef object lend(self):
        cdef Lent lent = Lent(self.new())
        self.lent = lent
        lent.count()
        return lent.root

    cdef object new(self):
        cdef list made
        cdef Py_ssize_t place
        cdef Link* link = self.links
        cdef Link* end = self.links + self.link_count
        cdef object child
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


cdef Py_ssize_t visit(object root, list containers, dict places, list links) except -1:
    """The index of a container, which comes after those in it."""
    cdef list waiting = [(root, False)]
    cdef bint entered
    while waiting:
        part, entered = waiting.pop()
        if id(part) in places:
            continue
        if entered:
            place = places[id(part)] = len(containers)
            containers.append(part)
            links.extend([(place, places[id(child)], key) for key, child in inner(part)])
        else:
            waiting.append((part, True))
            waiting.extend([(child, False) for _, child in reversed(inner(part))])
    return places[id(root)]


cdef list inner(object part):
    """The containers directly in one, with the key or index of each."""
    return [
        (key, value)
        for key, value in (part.items() if type(part) is dict else enumerate(part))
        if is_container(value)
    ]
