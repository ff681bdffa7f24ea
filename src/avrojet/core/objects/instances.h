/* Instances of one class: how they are made from the values of their fields, and how the fields are read.

   `Form` (form.pyx) examines each class once and fills this in. Nothing here trusts what a class claims: an
   instance's memory is accessed only where CPython's own description of the class leads. */
#ifndef AVROJET_INSTANCES_H
#define AVROJET_INSTANCES_H

#include "capi.h"
#include "rowdict.h"
#include "object_form.h"
#include <structmember.h>

#if AVROJET_KNOWN_HASH
#define AVROJET_VALUES 1 /* the layout of instances without a dict of their own is known */
#define Py_BUILD_CORE 1
#undef _PyGC_FINALIZED
#undef _PyObject_LookupSpecial /* likewise, in 3.11 */
#include "internal/pycore_object.h"
#undef Py_BUILD_CORE
#else
#define AVROJET_VALUES 0
#endif

static inline void avrojet_drop_values(PyObject **values, Py_ssize_t count) {
    for (Py_ssize_t i = 0; i < count; i++) Py_XDECREF(values[i]);
}

#if AVROJET_VALUES
/* The values of an instance without a materialized dict, or NULL. */
static inline PyDictValues *avrojet_values_of(PyObject *object) {
#if PY_VERSION_HEX >= 0x030D0000
    PyDictValues *values;
    if (!(Py_TYPE(object)->tp_flags & Py_TPFLAGS_INLINE_VALUES)) return NULL;
    values = _PyObject_InlineValues(object);
    return values->valid ? values : NULL;
#elif PY_VERSION_HEX >= 0x030C0000
    PyDictOrValues either;
    if (!(Py_TYPE(object)->tp_flags & Py_TPFLAGS_MANAGED_DICT)) return NULL;
    either = *_PyObject_DictOrValuesPointer(object);
    return _PyDictOrValues_IsValues(either) ? _PyDictOrValues_GetValues(either) : NULL;
#else
    if (!(Py_TYPE(object)->tp_flags & Py_TPFLAGS_MANAGED_DICT)) return NULL;
    return *_PyObject_ValuesPointer(object);
#endif
}

/* The dict of an instance that has one, or NULL. */
static inline PyObject *avrojet_dict_of(PyObject *object) {
    if (!(Py_TYPE(object)->tp_flags & Py_TPFLAGS_MANAGED_DICT)) return NULL;
#if PY_VERSION_HEX >= 0x030D0000
    return (PyObject *)_PyObject_GetManagedDict(object);
#elif PY_VERSION_HEX >= 0x030C0000
    PyDictOrValues either = *_PyObject_DictOrValuesPointer(object);
    return _PyDictOrValues_IsValues(either) ? NULL : _PyDictOrValues_GetDict(either);
#else
    return *_PyObject_ManagedDictPointer(object);
#endif
}

/* The value of a name: a new reference, or NULL, without an exception if it is missing. */
static inline PyObject *avrojet_kept_value(const AvrojetForm *form, PyObject *object, Py_ssize_t i) {
    PyDictValues *values = form->reading == AVROJET_BY_VALUES ? avrojet_values_of(object) : NULL;
    PyObject *dict, *value;
    if (values != NULL) {
        Py_XINCREF(values->values[form->places[i]]);
        return values->values[form->places[i]];
    }
    dict = avrojet_dict_of(object);
    if (dict == NULL) return NULL;
    Py_INCREF(dict); /* comparing a key that is not a str may replace it */
    value = avrojet_dict_get(dict, form->names[i], form->hashes[i]);
    Py_DECREF(dict);
    return value;
}
#endif

/* Find the index under which a new instance keeps the value of each name, when they are set in this order; 0 if it
   has none. Indices are those of the keys shared by the instances of a class, which are never removed. */
static inline int avrojet_number_values(AvrojetForm *form, PyObject *object) {
#if AVROJET_VALUES
    PyDictValues *values = avrojet_values_of(object);
    PyDictKeysObject *keys = ((PyHeapTypeObject *)form->type)->ht_cached_keys;
    PyDictUnicodeEntry *entries;
    if (values == NULL || keys == NULL || !DK_IS_UNICODE(keys)) return 0;
    entries = DK_UNICODE_ENTRIES(keys);
    for (Py_ssize_t i = 0; i < form->count; i++) {
        Py_ssize_t place = 0;
        while (place < keys->dk_nentries && entries[place].me_key != form->names[i]) place++;
        if (place == keys->dk_nentries || values->values[place] == NULL) return 0;
        form->places[i] = place;
    }
    return 1;
#else
    (void)form; (void)object;
    return 0;
#endif
}

/* The offset of a descriptor's slot, if it belongs to the type or a base; else -1. */
static inline Py_ssize_t avrojet_slot_of(PyTypeObject *type, PyObject *descriptor) {
    PyMemberDef *member;
    if (!Py_IS_TYPE(descriptor, &PyMemberDescr_Type)) return -1;
    if (!PyType_IsSubtype(type, ((PyDescrObject *)descriptor)->d_type)) return -1;
    member = ((PyMemberDescrObject *)descriptor)->d_member;
    if (member->type != T_OBJECT_EX || member->flags & READONLY) return -1;
    if (type->tp_itemsize != 0 || member->offset < (Py_ssize_t)sizeof(PyObject)) return -1;
    if (member->offset + (Py_ssize_t)sizeof(PyObject *) > type->tp_basicsize) return -1;
    return member->offset;
}

/* Whether instances may be made the way object.__new__ makes them. */
static inline int avrojet_is_plain(PyTypeObject *type) {
    return type->tp_new == PyBaseObject_Type.tp_new && type->tp_alloc == PyType_GenericAlloc && type->tp_itemsize == 0
        && (type->tp_flags & Py_TPFLAGS_HEAPTYPE) && !(type->tp_flags & Py_TPFLAGS_IS_ABSTRACT);
}

/* The same for a tuple's class. */
static inline int avrojet_is_plain_tuple(PyTypeObject *type) {
    return PyType_IsSubtype(type, &PyTuple_Type) && type->tp_alloc == PyType_GenericAlloc
        && type->tp_itemsize == PyTuple_Type.tp_itemsize && (type->tp_flags & Py_TPFLAGS_HEAPTYPE)
        && !(type->tp_flags & Py_TPFLAGS_IS_ABSTRACT);
}

static inline int avrojet_has_own_dict(PyTypeObject *type) { return type->tp_dictoffset != 0; }

static inline int avrojet_is_finalized(PyTypeObject *type) { return type->tp_finalize != NULL || type->tp_del != NULL; }

static inline int avrojet_reads_plainly(PyTypeObject *type) { return type->tp_getattro == PyObject_GenericGetAttr; }

/* The dict of a new instance; takes the values. Without hashes of the keys, its entries take them by position. */
static inline PyObject *avrojet_entries(const AvrojetForm *form, PyObject **values) {
    PyObject *dict = PyDict_Copy(form->template_);
    if (form->key_hashes == NULL && dict != NULL) {
        int tracked = 0;
        for (Py_ssize_t i = 0; i < form->count; i++) tracked |= avrojet_row_fill(dict, i, values[i]);
        if (tracked) PyObject_GC_Track(dict);
        return dict;
    }
    for (Py_ssize_t i = 0; i < form->count; i++) {
        if (dict != NULL && avrojet_dict_set(dict, form->keys[i], values[i], form->key_hashes[i]) < 0) Py_CLEAR(dict);
        Py_DECREF(values[i]);
    }
    return dict;
}

static inline PyObject *avrojet_set_attributes(const AvrojetForm *form, PyObject *object, PyObject **values) {
    int failed = 0;
    for (Py_ssize_t i = 0; i < form->count; i++) {
        failed = failed || PyObject_GenericSetAttr(object, form->names[i], values[i]) < 0;
        Py_DECREF(values[i]);
    }
    if (failed) Py_CLEAR(object);
    return object;
}

static inline PyObject *avrojet_fill_slots(const AvrojetForm *form, PyObject *object, PyObject **values) {
    for (Py_ssize_t i = 0; i < form->count; i++) {
        PyObject **slot = (PyObject **)((char *)object + form->places[i]);
        PyObject *old = *slot; /* set if two names lead to one slot */
        *slot = values[i];
        Py_XDECREF(old);
    }
    return object;
}

static inline PyObject *avrojet_fill_values(const AvrojetForm *form, PyObject *object, PyObject **values) {
#if AVROJET_VALUES
    PyDictValues *kept = avrojet_values_of(object);
    if (kept != NULL) {
        for (Py_ssize_t i = 0; i < form->count; i++) {
            Py_ssize_t place = form->places[i];
            kept->values[place] = values[i];
            _PyDictValues_AddToInsertionOrder(kept, place);
        }
        return object;
    }
#endif
    return avrojet_set_attributes(form, object, values);
}

static inline PyObject *avrojet_set_dict(const AvrojetForm *form, PyObject *object, PyObject **values) {
    /* By the attribute: PyObject_GenericSetDict leaves the inline values of 3.13 in effect. */
    PyObject *dict = avrojet_entries(form, values);
    PyObject *name = PyUnicode_InternFromString("__dict__");
    if (dict == NULL || name == NULL || PyObject_GenericSetAttr(object, name, dict) < 0) Py_CLEAR(object);
    Py_XDECREF(dict);
    Py_XDECREF(name);
    return object;
}

static inline PyObject *avrojet_fill_items(const AvrojetForm *form, PyObject **values) {
    PyObject *object = form->type->tp_alloc(form->type, form->count);
    if (object == NULL) {
        avrojet_drop_values(values, form->count);
        return NULL;
    }
    for (Py_ssize_t i = 0; i < form->count; i++) PyTuple_SET_ITEM(object, i, values[i]);
#if PY_VERSION_HEX >= 0x030E0000
    ((PyTupleObject *)object)->ob_hash = -1;
#endif
    return object;
}

static inline PyObject *avrojet_call_class(const AvrojetForm *form, PyObject **values) {
    Py_ssize_t named = form->keywords == NULL ? 0 : PyTuple_GET_SIZE(form->keywords);
    PyObject *object = PyObject_Vectorcall(form->call, values, (size_t)(form->count - named), form->keywords);
    avrojet_drop_values(values, form->count);
    return object;
}

static inline PyObject *avrojet_call_with_entries(const AvrojetForm *form, PyObject **values) {
    PyObject *dict = avrojet_entries(form, values);
    PyObject *object = dict == NULL ? NULL : PyObject_CallOneArg(form->call, dict);
    Py_XDECREF(dict);
    return object;
}

static inline PyObject *avrojet_made_plain(const AvrojetForm *form, PyObject **values) {
    /* object.__new__ also reserves the place for an instance's values, which tp_alloc alone does not before 3.13. */
    PyObject *object = form->making == AVROJET_BY_SLOTS ? form->type->tp_alloc(form->type, 0)
                                                         : PyBaseObject_Type.tp_new(form->type, form->no_arguments, NULL);
    if (object == NULL) {
        avrojet_drop_values(values, form->count);
        return NULL;
    }
    if (form->making == AVROJET_BY_SLOTS) return avrojet_fill_slots(form, object, values);
    if (form->making == AVROJET_BY_VALUES) return avrojet_fill_values(form, object, values);
    if (form->making == AVROJET_BY_DICT) return avrojet_set_dict(form, object, values);
    return avrojet_set_attributes(form, object, values);
}

/* A new instance, or NULL with an exception. Takes the references of the values, all of which are set. */
static inline PyObject *avrojet_object_new(const AvrojetForm *form, PyObject **values) {
    PyObject *object, *done;
    if (form->making == AVROJET_BY_CALL) object = avrojet_call_class(form, values);
    else if (form->making == AVROJET_BY_ITEMS) object = avrojet_fill_items(form, values);
    else if (form->making == AVROJET_BY_ENTRIES) object = avrojet_call_with_entries(form, values);
    else object = avrojet_made_plain(form, values);
    if (object == NULL || form->after == NULL) return object;
    done = form->after_arg == NULL ? PyObject_CallMethodNoArgs(object, form->after)
                                   : PyObject_CallMethodOneArg(object, form->after, form->after_arg);
    if (done == NULL) Py_CLEAR(object);
    Py_XDECREF(done);
    return object;
}

static inline int avrojet_is_instance(PyObject *value, const AvrojetForm *form) {
    return Py_TYPE(value) == form->type || PyType_IsSubtype(Py_TYPE(value), form->type);
}

static inline int avrojet_have_same_class(const AvrojetForm *one, const AvrojetForm *other) {
    return one != NULL && other != NULL && one->type == other->type;
}

/* Field i of a value, as getattr finds it: a new reference, or NULL with an exception. Read from the instance's memory
   if it is of exactly this class. What the instance lacks may still be found in the class. */
static inline PyObject *avrojet_object_item(const AvrojetForm *form, PyObject *value, Py_ssize_t i) {
    PyObject *found = NULL;
    if (Py_TYPE(value) != form->type || !AVROJET_GIL) return PyObject_GetAttr(value, form->names[i]);
    if (form->reading == AVROJET_BY_SLOTS) {
        found = *(PyObject **)((char *)value + form->places[i]);
        Py_XINCREF(found);
    } else if (form->reading == AVROJET_BY_ITEMS) {
        found = i < PyTuple_GET_SIZE(value) ? PyTuple_GET_ITEM(value, i) : NULL;
        Py_XINCREF(found);
    }
#if AVROJET_VALUES
    else if (form->reading == AVROJET_BY_VALUES || form->reading == AVROJET_BY_DICT) {
        found = avrojet_kept_value(form, value, i);
    }
#endif
    if (found != NULL || PyErr_Occurred()) return found;
    return PyObject_GetAttr(value, form->names[i]);
}

#endif
