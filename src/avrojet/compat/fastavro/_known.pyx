"""Schemas that were seen before, and what was made of them.

Schemas are dicts and lists, of which a program may have one or, made anew for each message, as many as
messages; and it may change them. A schema is found again by its identity, as long as all in it is as it was, and else
by what it says. What is made of a schema is made of a copy that nobody else has.
"""

cimport cython
from cpython.dict cimport PyDict_Next
from cpython.mem cimport PyMem_Calloc, PyMem_Free
from cpython.object cimport PyObject
from cpython.ref cimport Py_INCREF, Py_XDECREF
from libc.stdint cimport uint64_t, uintptr_t

from collections import OrderedDict
from threading import RLock

cdef extern from "watch.h":
    uint64_t avrojet_dict_version(PyObject*)
    bint avrojet_same_dict(PyObject*, uint64_t, PyObject*)
    bint avrojet_same_list(PyObject*, PyObject**, Py_ssize_t)

cdef enum:
    SLOTS = 256                 # objects that are known by their identity: a power of two
    PROBES = 4                  # slots in which one may be
    RECENT = 16                 # objects that are remembered to have been seen once
    KEPT = 256                  # schemas that are known by what they say
    LEVELS = 200                # a schema of more is known by its identity only


# Identity: whether an object is as it was


cdef class Watch:
    """Whether dicts and lists, and those in them, are what they were.

    Every call looks, so what it compares with lies in memory in the order in which it is needed.
    """

    def __cinit__(self, tuple roots):
        cdef list dicts = []
        cdef list lists = []
        gather(roots, dicts, lists)
        self.kept = [(found, entries(found)) for found in dicts] + [(found, tuple(found)) for found in lists]
        self.dict_count = len(dicts)
        self.list_count = len(lists)
        self.dicts = <WatchedDict*>new_array(self.dict_count, sizeof(WatchedDict))
        self.lists = <WatchedList*>new_array(self.list_count, sizeof(WatchedList))
        self.items = <PyObject**>new_array(sum([len(found) for found in lists]), sizeof(PyObject*))
        self.note()

    def __dealloc__(self):
        PyMem_Free(self.dicts)
        PyMem_Free(self.lists)
        PyMem_Free(self.items)

    cdef int note(self) except -1:
        cdef Py_ssize_t i, j
        cdef PyObject** items = self.items
        for i in range(self.dict_count):
            found, held = self.kept[i]
            self.dicts[i].dict = <PyObject*>found
            self.dicts[i].items = <PyObject*>held
            self.dicts[i].version = avrojet_dict_version(<PyObject*>found)
        for i in range(self.list_count):
            found, held = self.kept[self.dict_count + i]
            self.lists[i].list = <PyObject*>found
            self.lists[i].items = items
            self.lists[i].size = len(held)
            for j in range(self.lists[i].size):
                items[j] = <PyObject*>held[j]
            items += self.lists[i].size
        return 0

    cdef bint same(self) noexcept:
        cdef Py_ssize_t i
        for i in range(self.dict_count):
            if not avrojet_same_dict(self.dicts[i].dict, self.dicts[i].version, self.dicts[i].items):
                return False
        for i in range(self.list_count):
            if not avrojet_same_list(self.lists[i].list, self.lists[i].items, self.lists[i].size):
                return False
        return True


cdef void* new_array(Py_ssize_t count, size_t size) except NULL:
    cdef void* array = PyMem_Calloc(count + 1, size)
    if array == NULL:
        raise MemoryError
    return array


cdef int gather(tuple roots, list dicts, list lists) except -1:
    """Every dict and list that can be reached, once each."""
    cdef list waiting = list(roots)
    cdef set seen = set()
    while waiting:
        found = waiting.pop()
        if not isinstance(found, (dict, list, tuple)) or id(found) in seen:
            continue
        seen.add(id(found))
        if isinstance(found, dict):
            dicts.append(found)
            waiting.extend(dict.values(found))
        else:
            if isinstance(found, list):
                lists.append(found)
            waiting.extend(found)
    return 0


cdef tuple entries(object found):
    return tuple([part for entry in dict.items(found) for part in entry])


cdef class _Seen:
    """An object, with a watch on it, and what it says."""

    cdef object root
    cdef Watch watch
    cdef Known known
    cdef bint plain             # of nothing but dicts and lists themselves: what is made of it may be copied


# Content: what a schema says


cdef class _Opaque(Exception):
    """The schema is nested too deep, or holds what is no JSON data and may change unseen."""


cdef class Known:
    """What a schema says.

    :ivar schema: a copy of it that nobody else has.
    :ivar made: what was made of it, by names that the makers choose.
    :ivar shared: whether all schemas that say the same share it; otherwise `schema` is the object itself.
    """

    def __cinit__(self, schema, bint shared):
        self.schema = schema
        self.shared = shared
        self.made = {}


cdef Py_hash_t mix(Py_hash_t total, Py_hash_t more) noexcept:
    return (total ^ more) * <Py_hash_t>1000003 + 97


cdef Py_hash_t hash_of(object part, int levels, bint* plain) except? -1:
    """A hash of all that a schema says."""
    cdef Py_hash_t total
    if type(part) is str:
        return hash(part)
    if levels == 0:
        raise _Opaque
    if isinstance(part, dict):
        if type(part) is not dict:
            plain[0] = False
        total = len(<dict>part)
        for key, value in (<dict>part).items():
            if type(key) is not str:
                raise _Opaque
            total = mix(mix(total, hash(key)), hash_of(value, levels - 1, plain))
        return total
    if isinstance(part, (list, tuple)):
        if type(part) is not list:
            plain[0] = False
        total = len(part)
        for item in part:
            total = mix(total, hash_of(item, levels - 1, plain))
        return total
    if part is None or type(part) is bool or type(part) is int:
        return hash(part)
    if type(part) is float:
        return hash(part) if part == part else 1
    raise _Opaque


cdef bint says_same(object part, object other) except -1:
    """Whether a part of a schema says what its copy says, in the same order."""
    cdef PyObject* other_key
    cdef PyObject* other_value
    cdef Py_ssize_t position = 0, i
    if part is other:
        return True
    if type(part) is str:
        return type(other) is str and part == other
    if isinstance(part, dict):
        if type(other) is not dict or len(<dict>part) != len(<dict>other):
            return False
        for key, value in (<dict>part).items():
            if not PyDict_Next(other, &position, &other_key, &other_value):
                return False
            if not says_same(key, <object>other_key) or not says_same(value, <object>other_value):
                return False
        return True
    if isinstance(part, (list, tuple)):
        if type(other) is not list or len(part) != len(<list>other):
            return False
        for i in range(len(<list>other)):
            if not says_same(part[i], (<list>other)[i]):
                return False
        return True
    if type(part) is not type(other):
        return False
    # 0.0 and -0.0 are two, and NaN is what it is.
    return repr(part) == repr(other) if type(part) is float else part == other


cdef object copy_of(object part):
    """A copy of dicts and lists; tuples become lists, as in JSON."""
    cdef dict made
    if isinstance(part, dict):
        made = {}
        for key, value in (<dict>part).items():
            made[key] = copy_of(value)
        return made
    if isinstance(part, (list, tuple)):
        return [copy_of(item) for item in part]
    return part


# Both


cdef class _Schemas:
    """The schemas last used."""

    cdef PyObject* slots[SLOTS]
    cdef Py_ssize_t turn
    cdef PyObject* recent[RECENT]
    cdef Py_ssize_t recent_turn
    cdef object lock, contents

    def __cinit__(self):
        self.lock = RLock()     # making a copy may collect garbage, which may come back here
        self.contents = OrderedDict()

    cdef _Seen find(self, object root):
        """An object that is known and as it was."""
        cdef _Seen seen = None
        # Free of cost where there is a GIL. Nothing in it can run the code of others.
        with cython.critical_section(self):
            seen = self.look(root)
        return seen

    cdef _Seen look(self, object root):
        cdef Py_ssize_t i, place = home(root)
        cdef PyObject* slot
        for i in range(PROBES):
            slot = self.slots[(place + i) & (SLOTS - 1)]
            if slot != NULL and (<_Seen>slot).root is root:
                return <_Seen>slot if (<_Seen>slot).watch.same() else None
        return None

    cdef bint seen_before(self, object root):
        """Whether an object was here lately; if not, it is remembered."""
        cdef Py_ssize_t i
        cdef PyObject* gone = NULL
        cdef bint found = False
        with cython.critical_section(self):
            for i in range(RECENT):
                if self.recent[i] == <PyObject*>root:
                    found = True
            if not found:
                Py_INCREF(root)
                gone = self.recent[self.recent_turn]
                self.recent[self.recent_turn] = <PyObject*>root
                self.recent_turn = (self.recent_turn + 1) % RECENT
        Py_XDECREF(gone)
        return found

    cdef _Seen add(self, object root):
        """Know an object from now on."""
        cdef _Seen seen = _Seen()
        cdef Py_ssize_t place = home(root)
        cdef PyObject* gone
        seen.root = root
        seen.watch = Watch((root,))
        seen.known = self.by_content(root, &seen.plain)
        Py_INCREF(seen)
        with cython.critical_section(self):
            place = self.free(place, root)
            gone = self.slots[place]
            self.slots[place] = <PyObject*>seen
        Py_XDECREF(gone)
        return seen

    cdef Py_ssize_t free(self, Py_ssize_t place, object root) noexcept:
        """The place of what the object was, else a free one, else the oldest of several."""
        cdef Py_ssize_t i, found = -1
        cdef PyObject* slot
        for i in range(PROBES):
            slot = self.slots[(place + i) & (SLOTS - 1)]
            if slot == NULL:
                found = i
            elif (<_Seen>slot).root is root:
                found = i
                break
        if found < 0:
            self.turn += 1
            found = self.turn % PROBES
        return (place + found) & (SLOTS - 1)

    cdef Known by_content(self, object root, bint* plain):
        cdef Known found
        cdef Py_hash_t key
        plain[0] = True
        try:
            key = hash_of(root, LEVELS, plain)
        except _Opaque:
            plain[0] = False
            return Known(root, False)
        with self.lock:
            found = self.contents.get(key)
            if found is not None and says_same(root, found.schema):
                self.contents.move_to_end(key)
                return found
            found = Known(copy_of(root), True)
            self.contents[key] = found
            self.contents.move_to_end(key)
            if len(self.contents) > KEPT:
                self.contents.popitem(last=False)
        return found


cdef inline Py_ssize_t home(object root) noexcept:
    cdef uintptr_t address = <uintptr_t><PyObject*>root
    return <Py_ssize_t>((address ^ (address >> 12)) >> 4 & (SLOTS - 1))


cdef _Schemas SCHEMAS = _Schemas()


def known(schema):
    """What a schema says: one object for all schemas that say the same."""
    return known_schema(schema)


cdef Known known_schema(object schema):
    cdef _Seen seen = SCHEMAS.find(schema)
    cdef bint plain
    if seen is not None:
        return seen.known
    if SCHEMAS.seen_before(schema):
        return SCHEMAS.add(schema).known
    return SCHEMAS.by_content(schema, &plain)


cdef bint is_known(object schema):
    """Whether it is an object that was here more than once, and as it was."""
    return SCHEMAS.find(schema) is not None


cdef Known plain_object(object schema):
    """What an object says that was here before, if it is all of dicts and lists; else None."""
    cdef _Seen seen = SCHEMAS.find(schema)
    if seen is None and SCHEMAS.seen_before(schema):
        seen = SCHEMAS.add(schema)
    return seen.known if seen is not None and seen.plain else None
