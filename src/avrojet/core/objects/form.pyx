"""Form: how instances of a class are made and read, determined once for each class. Shape: where they occur.

Nothing that a class claims is trusted: the memory of instances is accessed only by CPython's own description of
the class, and all other instances go through ``object.__setattr__`` and ``getattr``.
"""

cimport cython
from cpython.object cimport PyObject

from avrojet.core.objects.object_form cimport ObjectForm
from avrojet.core.objects.instances cimport object_new

import sys
from collections import namedtuple

cdef extern from "instances.h":
    ctypedef struct PyTypeObject:
        pass
    enum:
        BY_SETTING "AVROJET_BY_SETTING"
        BY_SLOTS "AVROJET_BY_SLOTS"
        BY_VALUES "AVROJET_BY_VALUES"
        BY_DICT "AVROJET_BY_DICT"
        BY_ITEMS "AVROJET_BY_ITEMS"
        BY_CALL "AVROJET_BY_CALL"
        BY_ENTRIES "AVROJET_BY_ENTRIES"
    int AVROJET_VALUES
    bint number_values "avrojet_number_values"(ObjectForm*, object)
    Py_ssize_t slot_of "avrojet_slot_of"(PyTypeObject*, object)
    bint is_plain "avrojet_is_plain"(PyTypeObject*)
    bint is_plain_tuple "avrojet_is_plain_tuple"(PyTypeObject*)
    bint has_own_dict "avrojet_has_own_dict"(PyTypeObject*)
    bint is_finalized "avrojet_is_finalized"(PyTypeObject*)
    bint reads_plainly "avrojet_reads_plainly"(PyTypeObject*)
    bint row_has_entries "avrojet_row_has_entries"(PyObject*, PyObject**, Py_ssize_t)

cdef extern from "Python.h":
    void incref "Py_INCREF"(PyObject*)
    void decref "Py_DECREF"(PyObject*)
    int set_attribute "PyObject_GenericSetAttr"(object, object, object) except -1

cdef tuple WAYS = ("setting", "slots", "values", "dict", "items", "call", "entries")

cdef enum:
    MOST_SHARED = 30            # the most keys that instances of a class can share

cdef object READ_MRO = type.__dict__["__mro__"].__get__
cdef object READ_DICT = type.__dict__["__dict__"].__get__
cdef object ITEM_GETTER = type(namedtuple("_Probe", "item").item)


cdef object NOWHERE = object()


def find_attribute(cls, str name not None, default=None):
    """The attribute of a class, from its ``__dict__`` or that of a base; no code of the class runs."""
    for base in READ_MRO(cls):
        found = READ_DICT(base).get(name, NOWHERE)
        if found is not NOWHERE:
            return found
    return default


# A form points into what it owns: the garbage collector may free it, but must not clear it first.
@cython.no_gc_clear
cdef class Form(Arena):
    """How instances of ``cls`` are made and read.

    :param names: the attributes, in the order of the record's fields.
    :param call: what makes an instance, a class or a function; None: its attributes are set, and no code of
        the class runs.
    :param arguments: the attributes passed to `call` by position, in its order.
    :param keywords: those passed by name: from attribute to keyword.
    :param entries: `call` is passed one dict instead, with these keys, one for each attribute.
    :param after: the name of a method to call on each new instance.
    :param after_arguments: its argument, if it has one.
    """

    def __cinit__(self):
        self.owned = []

    def __init__(
        self,
        cls,
        tuple names not None,
        *,
        call=None,
        tuple arguments=(),
        dict keywords=None,
        tuple entries=None,
        str after=None,
        tuple after_arguments=(),
    ):
        if not isinstance(cls, type):
            raise TypeError(f"{cls!r} is not a class")
        self.cls = cls
        self.names = tuple([sys.intern(name) for name in names])
        self.order = tuple(range(len(names)))
        self.name_fields()
        self.find_reading()
        if after is not None:
            self.form.after = self.own(sys.intern(after))
            if after_arguments:
                self.form.after_arg = self.own(after_arguments[0])
        if entries is not None:
            self.call_with_entries(call, entries)
        elif call is not None:
            self.call_by_arguments(call, arguments, keywords or {})
        else:
            self.find_making()

    @property
    def making(self):
        """How instances are made."""
        return WAYS[self.form.making]

    @property
    def reading(self):
        """How their fields are read."""
        return WAYS[self.form.reading]

    cdef PyObject* own(self, object value):
        """A reference that lives as long as the form."""
        self.owned.append(value)
        return <PyObject*>value

    cdef int name_fields(self) except -1:
        cdef Py_ssize_t i
        cdef ObjectForm* form = &self.form
        set_type(form, self.own(self.cls))
        form.no_arguments = self.own(())
        form.count = len(self.names)
        form.names = <PyObject**>self.allocate(form.count * sizeof(PyObject*) + 1)
        form.hashes = <Py_hash_t*>self.allocate(form.count * sizeof(Py_hash_t) + 1)
        form.places = <Py_ssize_t*>self.allocate(form.count * sizeof(Py_ssize_t) + 1)
        for i in range(form.count):
            form.names[i] = <PyObject*>self.names[i]
            form.hashes[i] = hash(self.names[i])
        return 0

    cdef int find_reading(self) except -1:
        self.form.reading = BY_SETTING
        if not reads_plainly(<PyTypeObject*>self.cls) and not has_plain_getattribute(self.cls):
            return 0
        if is_plain_tuple(<PyTypeObject*>self.cls):
            if has_items(self.cls, self.names):
                self.form.reading = BY_ITEMS
        elif self.find_slots():
            self.form.reading = BY_SLOTS
        elif self.is_kept_in_dict():
            self.form.reading = BY_DICT
        return 0

    cdef bint find_slots(self) except -1:
        cdef Py_ssize_t i
        for i in range(self.form.count):
            self.form.places[i] = slot_of(<PyTypeObject*>self.cls, find_attribute(self.cls, self.names[i]))
            if self.form.places[i] < 0:
                return False
        return True

    cdef bint is_kept_in_dict(self) except -1:
        """Whether every attribute goes there: none to a slot, a property or another descriptor."""
        if not has_own_dict(<PyTypeObject*>self.cls):
            return False
        for name in self.names:
            if find_attribute(type(find_attribute(self.cls, name)), "__set__") is not None:
                return False
        return True

    cdef int find_making(self) except -1:
        cdef ObjectForm* form = &self.form
        if form.reading == BY_ITEMS:
            form.making = BY_ITEMS
        elif not is_plain(<PyTypeObject*>self.cls):
            self.call_by_arguments(self.cls, (), dict(zip(self.names, self.names)))
        elif form.reading == BY_SLOTS:
            form.making = BY_SLOTS
        elif form.reading == BY_DICT and self.find_values():
            form.making = form.reading = BY_VALUES
        elif form.reading == BY_DICT and form.count > MOST_SHARED:
            form.making = BY_DICT
            self.name_entries(self.names)
        else:
            form.making = BY_SETTING
        return 0

    cdef bint find_values(self) except -1:
        """Whether new instances keep the attributes at known indices; tried out on two of them."""
        cdef PyObject* values[MOST_SHARED]
        cdef Py_ssize_t i
        cdef PyObject* made
        if not AVROJET_VALUES or self.form.count > MOST_SHARED or is_finalized(<PyTypeObject*>self.cls):
            return False
        marks = [object() for _ in self.names]
        probe = object.__new__(self.cls)
        for name, mark in zip(self.names, marks):
            set_attribute(probe, name, mark)
        if not number_values(&self.form, probe):
            return False
        for i in range(self.form.count):
            values[i] = <PyObject*>marks[i]
            incref(values[i])
        after, self.form.after, self.form.making = <size_t>self.form.after, NULL, BY_VALUES
        made = object_new(&self.form, values)
        self.form.after = <PyObject*><size_t>after
        if made == NULL:
            raise_again()
        again = <object>made
        decref(made)
        return list(object.__getattribute__(again, "__dict__").items()) == list(zip(self.names, marks))

    cdef int call_by_arguments(self, object call, tuple arguments, dict keywords) except -1:
        given = [*arguments, *keywords]
        self.form.making = BY_CALL
        self.form.call = self.own(call)
        self.order = tuple([given.index(name) for name in self.names])
        if keywords:
            self.form.keywords = self.own(tuple([sys.intern(name) for name in keywords.values()]))
        return 0

    cdef int call_with_entries(self, object call, tuple keys) except -1:
        self.form.making = BY_ENTRIES
        self.form.call = self.own(call)
        return self.name_entries(keys)

    cdef int name_entries(self, tuple keys) except -1:
        cdef Py_ssize_t i
        cdef ObjectForm* form = &self.form
        keys = tuple([sys.intern(key) for key in keys])
        form.template_ = self.own(dict.fromkeys(keys))
        form.keys = <PyObject**>self.allocate(form.count * sizeof(PyObject*) + 1)
        self.own(keys)
        for i in range(form.count):
            form.keys[i] = <PyObject*>keys[i]
        if row_has_entries(form.template_, form.keys, form.count):
            return 0
        form.key_hashes = <Py_hash_t*>self.allocate(form.count * sizeof(Py_hash_t) + 1)
        for i in range(form.count):
            form.key_hashes[i] = hash(keys[i])
        return 0


cdef extern from *:
    """
    #define avrojet_set_type(form, cls) ((form)->type = (PyTypeObject *)(cls))
    """
    void set_type "avrojet_set_type"(ObjectForm*, PyObject*)


cdef int raise_again() except -1:
    """Pass the exception that the C API has set to Cython."""
    return -1


cdef bint has_plain_getattribute(cls) except -1:
    """Whether a class has no ``__getattribute__`` of its own; ``__getattr__``, for missing attributes, is allowed."""
    return find_attribute(cls, "__getattribute__") is find_attribute(object, "__getattribute__")


cdef bint has_items(cls, tuple names) except -1:
    """Whether the attributes of a tuple subclass are its items, as in a NamedTuple."""
    for i, name in enumerate(names):
        getter = find_attribute(cls, name)
        if type(getter) is not ITEM_GETTER or getter.__reduce__()[1][0] != i:
            return False
    return True


cdef class Shape:
    """The Python type at a place of the reader's schema, if it is not the one used without classes.

    :ivar cls: the class by which a union recognizes the values of this branch, or None.
    :ivar form: of a record: that of its class.
    :ivar parts: shapes, or None for the usual types: of an array its items, of a map its values, of a union its
        branches, of a record its fields in the reader's order.
    :ivar members: of an enum: from symbol to member.
    :ivar decode: a function from a decoded value to the one shown; or None.
    :ivar encode: a function from a value to the one encoded in its place; or None.
    :ivar optional: of a record: by index of a field that a value may lack, what is encoded then.
    """

    def __init__(self, cls=None, *, Form form=None, list parts=None, dict members=None, decode=None, encode=None):
        self.cls = cls
        self.form = form
        self.parts = [] if parts is None else parts
        self.members = members
        self.decode = decode
        self.encode = encode
        self.optional = {}
