/* Rows as copies of a template dict. The only header that needs the layout of CPython's dicts; used to freeze
   records and to decode rows, with a fallback for versions whose layout is unknown. */
#ifndef AVROJET_ROWDICT_H
#define AVROJET_ROWDICT_H

#include "capi.h"

/* Where the layout of dicts is known, a row's values are stored straight into the entries of the copy, without a
   look-up, which saves a sixth of the decoding time. */
#if AVROJET_KNOWN_HASH
#define AVROJET_ROW_ENTRIES 1
#define Py_BUILD_CORE 1
#undef _PyGC_FINALIZED  /* 3.12 has a macro and a function of that name, and only CPython's own sources take both */
#include "internal/pycore_dict.h"
#undef Py_BUILD_CORE
#else
#define AVROJET_ROW_ENTRIES 0
#endif

/* Whether copies of a template have its `size` keys as their entries, in order, so that values can be stored by
   position. Checked once for each record of a plan: a dict of any other layout is never written into. */
static inline int avrojet_row_has_entries(PyObject *template, PyObject **keys, Py_ssize_t size) {
#if AVROJET_ROW_ENTRIES
    int same = 0;
    PyDictObject *copy = (PyDictObject *)PyDict_Copy(template);
    if (copy == NULL) {
        PyErr_Clear();
        return 0;
    }
    if (size > 0 && !PyObject_GC_IsTracked((PyObject *)copy) && copy->ma_values == NULL && DK_IS_UNICODE(copy->ma_keys)
        && copy->ma_keys->dk_nentries == size && copy->ma_used == size) {
        PyDictUnicodeEntry *entries = DK_UNICODE_ENTRIES(copy->ma_keys);
        for (same = 1; size > 0; size--)
            same &= entries[size - 1].me_key == keys[size - 1] && entries[size - 1].me_value == Py_None;
    }
    Py_DECREF(copy);
    return same;
#else
    (void)template; (void)keys; (void)size;
    return 0;
#endif
}

/* The key table of a dict that passed avrojet_row_has_entries, and its bytes up to the last entry. */
static inline const void *avrojet_row_table(PyObject *dict, Py_ssize_t *size) {
#if AVROJET_ROW_ENTRIES
    PyDictKeysObject *keys = ((PyDictObject *)dict)->ma_keys;
    *size = (char *)(DK_UNICODE_ENTRIES(keys) + keys->dk_nentries) - (char *)keys;
    return keys;
#else
    *size = 0;
    return dict;
#endif
}

/* Set the value of an entry of a row that nothing else refers to yet; takes the reference. Returns whether the value
   may be part of a cycle: then the collector must track the row; dicts of plain values are left untracked. */
static inline int avrojet_row_fill(PyObject *row, Py_ssize_t entry, PyObject *value) {
#if AVROJET_ROW_ENTRIES
    PyObject **place = &DK_UNICODE_ENTRIES(((PyDictObject *)row)->ma_keys)[entry].me_value;
    PyObject *old = *place;
    *place = value;
    Py_DECREF(old);
    return PyType_IS_GC(Py_TYPE(value));
#else
    (void)row; (void)entry; (void)value;
    return 0;
#endif
}

#endif
