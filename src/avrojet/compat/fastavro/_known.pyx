"""Schemas that were seen before, and the results made from them.

Schemas are dicts and lists. A program may have one, or make a new one for each message, and may change them. A
schema is found again by its identity, as long as everything in it is unchanged, and otherwise by its content.
Results are made from a private copy of the schema.
"""

cimport cython
from cpython.dict cimport PyDict_Copy
from cpython.mem cimport PyMem_Calloc, PyMem_Free
from cpython.object cimport PyObject
from cpython.ref cimport Py_INCREF, Py_XDECREF
from libc.stdint cimport uint64_t, uintptr_t

from avrojet.cache import PlanCache

cdef extern from "Python.h":
    ctypedef struct PyTypeObject:
        pass
    PyTypeObject PyUnicode_Type, PyDict_Type, PyList_Type, PyBool_Type, PyLong_Type, PyFloat_Type
    PyObject* Py_None
    PyTypeObject* type_of "Py_TYPE"(PyObject*)
    bint is_dict "PyDict_Check"(PyObject*)
    bint is_list "PyList_Check"(PyObject*)
    bint is_tuple "PyTuple_Check"(PyObject*)
    Py_hash_t PyObject_Hash(PyObject*) except -1
    Py_ssize_t PyDict_Size(PyObject*)
    int PyDict_Next(PyObject*, Py_ssize_t*, PyObject**, PyObject**)
    int PyUnicode_Compare(PyObject*, PyObject*)
    Py_ssize_t PyUnicode_GET_LENGTH(PyObject*)
    PyObject** PySequence_Fast_ITEMS(tuple)

cdef extern from "watch.h":
    bint AVROJET_DICT_VERSIONS
    uint64_t avrojet_dict_version(PyObject*)
    bint avrojet_same_dict(PyObject*, uint64_t, PyObject*)
    bint avrojet_same_list(PyObject*, PyObject**, Py_ssize_t)

cdef enum:
    RECENT = 16                 # objects whose use is counted
    OFTEN = 2                   # uses before one is watched, which costs more than a comparison
    MOST_RECENT = 1 << 16       # characters of one of them
    LEVELS = 200                # a deeper schema is found by its identity only
    MISSED = 64                 # hashes of schemas that were seen once

cdef Py_hash_t NAMED_HINT_HASH = hash("__named_schemas")


# Identity: whether an object is as it was


cdef class Watch:
    """Whether dicts and lists, and those in them, are unchanged.

    This is checked at each call, so the data to compare with are in memory in the order of their use.
    """

    def __cinit__(self, tuple roots):
        cdef list dicts = []
        cdef list lists = []
        self.kept = []
        gather(roots, dicts, lists)
        self.dict_count = len(dicts)
        self.list_count = len(lists)
        self.dicts = <WatchedDict*>new_array(self.dict_count, sizeof(WatchedDict))
        self.lists = <WatchedList*>new_array(self.list_count, sizeof(WatchedList))
        self.note(dicts, lists)

    def __dealloc__(self):
        PyMem_Free(self.dicts)
        PyMem_Free(self.lists)

    cdef int note(self, list dicts, list lists) except -1:
        cdef Py_ssize_t i
        cdef tuple held
        for i in range(self.dict_count):
            found = dicts[i]
            if not AVROJET_DICT_VERSIONS:
                held = entries(found)
                self.kept.append(held)
                self.dicts[i].items = <PyObject*>held
            self.dicts[i].dict = <PyObject*>found
            self.dicts[i].version = avrojet_dict_version(<PyObject*>found)
        for i in range(self.list_count):
            found = lists[i]
            held = tuple(found)
            self.kept.append(held)
            self.lists[i].list = <PyObject*>found
            self.lists[i].items = PySequence_Fast_ITEMS(held)
            self.lists[i].size = len(held)
        self.kept.append(dicts)
        self.kept.append(lists)
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
        if type(found) is str:
            continue
        if isinstance(found, dict):
            if add_to(seen, found):
                dicts.append(found)
                # A copy is made in one step, also where no GIL keeps other threads from changing it meanwhile.
                for part in PyDict_Copy(found).values():
                    if type(part) is not str:
                        waiting.append(part)
        elif isinstance(found, list):
            if add_to(seen, found):
                lists.append(found)
                waiting.extend(<list>found)
        elif isinstance(found, tuple) and add_to(seen, found):
            waiting.extend(<tuple>found)
    return 0


cdef bint add_to(set seen, object found) except -1:
    """Add an object to a set; return whether it is new."""
    cdef object key = <size_t><PyObject*>found
    if key in seen:
        return False
    seen.add(key)
    return True


cdef tuple entries(object found):
    return tuple([part for entry in PyDict_Copy(found).items() for part in entry])


cdef class Seen:
    """An object, with a watch on it, and its content."""


# Content: whether schemas are equal


cdef class Known:
    """The content of a schema.

    :ivar schema: a private copy of it.
    :ivar made: the results made from it, by names that their makers choose.
    :ivar shared: whether all schemas with the same content share it; otherwise `schema` is the object itself.
    :ivar size: approximate number of characters of its JSON.
    """

    def __cinit__(self, schema, bint shared, Py_ssize_t size):
        self.schema = schema
        self.shared = shared
        self.size = size
        self.made = {}


cdef enum:
    # What a walk over a schema may find.
    OPAQUE = 1                  # nested too deep, or contains an object that is not JSON data and may change unnoticed
    DERIVED = 2                 # a subclass of dict or list


cdef struct Found:
    int flags
    Py_ssize_t size             # approximate characters as JSON


cdef inline Py_hash_t mix(Py_hash_t total, Py_hash_t more) noexcept:
    return (total ^ more) * <Py_hash_t>1000003 + 97


cdef Py_hash_t hash_of(PyObject* part, int levels, Found* found) except? -1:
    """A hash of the content of a schema, except the types that a hint lists: they follow from the rest."""
    cdef PyTypeObject* kind = type_of(part)
    cdef Py_hash_t total = 0
    found.size += 4
    if kind == &PyUnicode_Type:
        found.size += PyUnicode_GET_LENGTH(part)
        return PyObject_Hash(part)
    if levels == 0:
        found.flags |= OPAQUE
    elif is_dict(part):
        if kind != &PyDict_Type:
            found.flags |= DERIVED
        with cython.critical_section(<object>part):
            total = hash_of_entries(part, levels - 1, found)
    elif is_list(part) or is_tuple(part):
        if kind != &PyList_Type:
            found.flags |= DERIVED
        total = hash_of_items(<object>part, levels - 1, found)
    elif part == Py_None or kind == &PyBool_Type or kind == &PyLong_Type:
        return PyObject_Hash(part)
    elif kind == &PyFloat_Type:
        return PyObject_Hash(part) if <object>part == <object>part else 1
    else:
        found.flags |= OPAQUE
    return total


cdef Py_hash_t hash_of_entries(PyObject* part, int levels, Found* found) except? -1:
    cdef Py_hash_t total = PyDict_Size(part)
    cdef Py_hash_t name
    cdef PyObject* key
    cdef PyObject* value
    cdef Py_ssize_t position = 0
    while PyDict_Next(part, &position, &key, &value):
        if type_of(key) != &PyUnicode_Type:
            found.flags |= OPAQUE
            break
        name = PyObject_Hash(key)
        found.size += 4 + PyUnicode_GET_LENGTH(key)
        total = mix(total, name)
        if name != NAMED_HINT_HASH:
            _held = <object>value        # see same_entries
            total = mix(total, hash_of(value, levels, found))
    return total


cdef Py_hash_t hash_of_items(object part, int levels, Found* found) except? -1:
    cdef Py_hash_t total = len(part)
    for item in part:
        total = mix(total, hash_of(<PyObject*>item, levels, found))
    return total


cdef bint equals_copy(PyObject* part, PyObject* other) except -1:
    """Whether a part of a schema, which is not opaque, equals its copy, also in order."""
    cdef PyTypeObject* kind = type_of(part)
    cdef bint same
    if part == other:
        return True
    if kind == &PyUnicode_Type:
        return type_of(other) == kind and PyUnicode_Compare(part, other) == 0
    if is_dict(part):
        if type_of(other) != &PyDict_Type:
            return False
        with cython.critical_section(<object>part):
            same = same_entries(part, other)
        return same
    if is_list(part) or is_tuple(part):
        return type_of(other) == &PyList_Type and same_items(<object>part, <list>other)
    if type_of(other) != kind:
        return False
    # 0.0 and -0.0 differ, and NaN equals itself.
    if kind == &PyFloat_Type:
        return repr(<object>part) == repr(<object>other)
    return <object>part == <object>other


cdef bint same_entries(PyObject* part, PyObject* other) except -1:
    cdef PyObject* key
    cdef PyObject* value
    cdef PyObject* other_key
    cdef PyObject* other_value
    cdef Py_ssize_t position = 0, other_position = 0
    if PyDict_Size(part) != PyDict_Size(other):
        return False
    while PyDict_Next(part, &position, &key, &value):
        if not PyDict_Next(other, &other_position, &other_key, &other_value):
            return False
        # Held: waiting for the lock of an inner dict releases this dict's, and another thread may remove the value.
        _held = <object>value
        if not equals_copy(key, other_key) or not equals_copy(value, other_value):
            return False
    return True


cdef bint same_items(object part, list other) except -1:
    cdef Py_ssize_t i
    if len(part) != len(other):
        return False
    for i in range(len(other)):
        item = part[i]
        if not equals_copy(<PyObject*>item, <PyObject*>other[i]):
            return False
    return True


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
    """The most recently used schemas."""

    cdef PyObject* slots[SLOTS]
    cdef Py_ssize_t turn
    cdef Py_ssize_t held        # characters of those in the slots
    cdef PyObject* recent[RECENT]
    cdef int times[RECENT]
    cdef Py_ssize_t recent_turn
    cdef object contents
    cdef Py_hash_t missed[MISSED]
    cdef Py_ssize_t missed_turn

    def __cinit__(self):
        self.contents = PlanCache()

    cdef Seen find(self, object root):
        """Return the entry for an object that is known and unchanged."""
        cdef Seen seen = None
        # Costs nothing if there is a GIL. Nothing in it can run other code.
        with cython.critical_section(self):
            seen = self.look(root)
        return seen

    cdef Seen look(self, object root):
        cdef Py_ssize_t i, place = home(root)
        cdef PyObject* slot
        cdef Seen seen
        for i in range(PROBES):
            slot = self.slots[(place + i) & (SLOTS - 1)]
            if slot != NULL and (<Seen>slot).root is root:
                # Held: waiting for a dict that another thread has locked releases the lock here.
                seen = <Seen>slot
                return seen if seen.watch.same() else None
        return None

    cdef bint is_often_seen(self, object root):
        """Whether an object was seen several times recently, so that it may come again."""
        cdef Py_ssize_t i
        cdef bint often = False
        with cython.critical_section(self):
            for i in range(RECENT):
                if self.recent[i] == <PyObject*>root:
                    often = self.times[i] >= OFTEN
                    self.times[i] += 1
                    break
        return often

    cdef int remember(self, object root, Py_ssize_t size) except -1:
        """Count the use of an object."""
        cdef Py_ssize_t i
        cdef PyObject* gone = NULL
        if size > MOST_RECENT:
            return 0
        with cython.critical_section(self):
            for i in range(RECENT):
                if self.recent[i] == <PyObject*>root:
                    break
            else:
                Py_INCREF(root)
                i = self.recent_turn
                gone = self.recent[i]
                self.recent[i] = <PyObject*>root
                self.times[i] = 1
                self.recent_turn = (i + 1) % RECENT
        Py_XDECREF(gone)
        return 0

    cdef Seen add(self, object root):
        """Remember an object from now on."""
        cdef Seen seen = Seen()
        cdef Py_ssize_t place = home(root)
        cdef PyObject* gone
        seen.root = root
        seen.watch = Watch((root,))
        seen.known = self.by_content(root, &seen.plain)
        if seen.known.size > MOST_CHARACTERS // 16:
            return seen
        if self.held > MOST_CHARACTERS:
            self.clear()
        Py_INCREF(seen)
        with cython.critical_section(self):
            place = self.free(place, root)
            gone = self.slots[place]
            self.slots[place] = <PyObject*>seen
            self.held += seen.known.size - (0 if gone == NULL else (<Seen>gone).known.size)
        Py_XDECREF(gone)
        return seen

    cdef int clear(self) except -1:
        cdef list gone = []         # freed once the slots are unlocked, as that can run other code
        cdef Py_ssize_t i
        with cython.critical_section(self):
            for i in range(SLOTS):
                if self.slots[i] != NULL:
                    gone.append(<object>self.slots[i])
                    Py_XDECREF(self.slots[i])
                    self.slots[i] = NULL
            self.held = 0
        return 0

    cdef Py_ssize_t free(self, Py_ssize_t place, object root) noexcept:
        """Return the slot of the object's earlier state, else a free one, else the oldest of several."""
        cdef Py_ssize_t i, found = -1
        cdef PyObject* slot
        for i in range(PROBES):
            slot = self.slots[(place + i) & (SLOTS - 1)]
            if slot == NULL:
                found = i
            elif (<Seen>slot).root is root:
                found = i
                break
        if found < 0:
            self.turn += 1
            found = self.turn % PROBES
        return (place + found) & (SLOTS - 1)

    cdef Known by_content(self, object root, bint* plain):
        """Return the content of a schema, and remember it from now on."""
        cdef Found found = Found(0, 0)
        cdef Py_hash_t key = hash_of(<PyObject*>root, LEVELS, &found)
        cdef Known made
        plain[0] = found.flags == 0
        if found.flags & OPAQUE:
            made = Known(root, False, found.size)
        else:
            made = self.look_up(key, root)
            if made is None:
                made = Known(copy_of(root), True, found.size)
                self.contents.keep(key, made, found.size)
        self.remember(root, found.size)
        return made

    cdef Known look_up(self, Py_hash_t key, object root):
        cdef Known known = self.contents.get(key)
        if known is None or not equals_copy(<PyObject*>root, <PyObject*>known.schema):
            return None
        return known

    cdef Known seen_before(self, object root):
        """Return the content of a schema that consists only of dicts and lists, if another had the same; else
        None.
        """
        cdef Found found = Found(0, 0)
        cdef Py_hash_t key = hash_of(<PyObject*>root, LEVELS, &found)
        cdef Py_ssize_t i
        cdef bint plain
        cdef Known known
        self.remember(root, found.size)
        if found.flags:
            return None
        known = self.look_up(key, root)
        if known is not None:
            return known
        for i in range(MISSED):
            if self.missed[i] == key:
                return self.by_content(root, &plain)
        self.missed_turn = (self.missed_turn + 1) % MISSED
        self.missed[self.missed_turn] = key
        return None


cdef inline Py_ssize_t home(object root) noexcept:
    cdef uintptr_t address = <uintptr_t><PyObject*>root
    return <Py_ssize_t>((address ^ (address >> 12)) >> 4 & (SLOTS - 1))


cdef _Schemas SCHEMAS = _Schemas()


def known(schema):
    """Return the content of a schema: one object for all schemas with the same content."""
    return known_schema(schema)


cdef Known known_schema(object schema):
    cdef Seen seen = SCHEMAS.find(schema)
    cdef bint plain
    if seen is not None:
        return seen.known
    if SCHEMAS.is_often_seen(schema):
        return SCHEMAS.add(schema).known
    return SCHEMAS.by_content(schema, &plain)


cdef Seen seen_object(object schema):
    """Return the entry for an object that was seen more than once, and is unchanged; else None."""
    return SCHEMAS.find(schema)


cdef Known plain_schema(object schema):
    """Return the content of a schema, if it or another with the same content was seen before, and it consists
    only of dicts and lists; else None.
    """
    cdef Seen seen = SCHEMAS.find(schema)
    if seen is None and SCHEMAS.is_often_seen(schema):
        seen = SCHEMAS.add(schema)
    if seen is not None:
        return seen.known if seen.plain else None
    return SCHEMAS.seen_before(schema)
