/* The parts of CPython's C API that differ by version or build, each with its public fallback.

   Private functions are used only for the versions named here, which are tested; a newer Python gets
   the public function. Free-threaded builds never get a borrowed reference from a shared container. */
#ifndef AVROJET_CAPI_H
#define AVROJET_CAPI_H

#include <Python.h>
#include <stdint.h>

#if PY_VERSION_HEX < 0x030E0000 && !defined(Py_GIL_DISABLED)
#define AVROJET_KNOWN_HASH 1
#if PY_VERSION_HEX >= 0x030D0000
/* Moved to internal headers in 3.13, still exported. */
PyAPI_FUNC(PyObject *) _PyDict_NewPresized(Py_ssize_t);
PyAPI_FUNC(int) _PyDict_SetItem_KnownHash(PyObject *, PyObject *, PyObject *, Py_hash_t);
#endif
#else
#define AVROJET_KNOWN_HASH 0
#endif

#ifdef Py_GIL_DISABLED
#define AVROJET_GIL 0
#else
#define AVROJET_GIL 1
#endif

/* Claim what one caller at a time may use: 1 if it was free, else 0. */
static inline int avrojet_occupy(int *busy) {
#ifdef Py_GIL_DISABLED
    return !_Py_atomic_exchange_int(busy, 1);
#else
    return !*busy && (*busy = 1);
#endif
}

static inline void avrojet_vacate(int *busy) {
#ifdef Py_GIL_DISABLED
    _Py_atomic_store_int(busy, 0);
#else
    *busy = 0;
#endif
}

/* A dict with room for `size` items. */
static inline PyObject *avrojet_dict_new(Py_ssize_t size) {
#if AVROJET_KNOWN_HASH
    if (size > 5) return _PyDict_NewPresized(size);
#endif
    (void)size;
    return PyDict_New();
}

/* Set an item of a dict that no other thread can see yet. 0, or -1 with an exception. */
static inline int avrojet_dict_set(PyObject *dict, PyObject *key, PyObject *value, Py_hash_t hash) {
#if AVROJET_KNOWN_HASH
    return _PyDict_SetItem_KnownHash(dict, key, value, hash);
#else
    (void)hash;
    return PyDict_SetItem(dict, key, value);
#endif
}

/* A new reference to the item, or NULL: without an exception if the key is missing. */
static inline PyObject *avrojet_dict_get(PyObject *dict, PyObject *key, Py_hash_t hash) {
#if PY_VERSION_HEX < 0x030D0000
    PyObject *value = _PyDict_GetItem_KnownHash(dict, key, hash);
    Py_XINCREF(value);
    return value;
#else
    PyObject *value;
    (void)hash;
    PyDict_GetItemRef(dict, key, &value);
    return value;
#endif
}

/* The entry after *position in insertion order, if its key is this very object: a new reference to
   its value, else NULL. Saves the look-up where a dict's keys are in the order of the schema. */
static inline PyObject *avrojet_dict_next(PyObject *dict, Py_ssize_t *position, PyObject *key) {
#if AVROJET_GIL
    PyObject *found, *value;
    if (PyDict_Next(dict, position, &found, &value) && found == key) {
        Py_INCREF(value);
        return value;
    }
#else
    (void)dict; (void)position; (void)key;
#endif
    return NULL;
}

/* A new reference to item i of a list or tuple, or NULL without an exception if a list has shrunk. */
static inline PyObject *avrojet_item(PyObject *items, Py_ssize_t i) {
    PyObject *item;
    if (PyTuple_CheckExact(items)) {
        item = PyTuple_GET_ITEM(items, i);
        Py_INCREF(item);
        return item;
    }
#ifdef Py_GIL_DISABLED
    item = PyList_GetItemRef(items, i);
    if (item == NULL) PyErr_Clear();
    return item;
#else
    if (i >= PyList_GET_SIZE(items)) return NULL;
    item = PyList_GET_ITEM(items, i);
    Py_INCREF(item);
    return item;
#endif
}

/* The value of an int (exact or subclass) of any size: 1 if it fits 64 bits, else 0. */
static inline int avrojet_long_value(PyObject *value, int64_t *out) {
#if PY_VERSION_HEX >= 0x030C0000
    if (PyUnstable_Long_IsCompact((PyLongObject *)value)) {
        *out = (int64_t)PyUnstable_Long_CompactValue((PyLongObject *)value);
        return 1;
    }
#else
    Py_ssize_t size = Py_SIZE(value);
    if (size >= -1 && size <= 1) {
        *out = size * (int64_t)((PyLongObject *)value)->ob_digit[0] * (size != 0);
        return 1;
    }
#endif
    int overflow;
    *out = (int64_t)PyLong_AsLongLongAndOverflow(value, &overflow);
    return overflow == 0;
}

/* An int from big-endian bytes. */
static inline PyObject *avrojet_long_from_bytes(const uint8_t *data, Py_ssize_t size, int is_signed) {
#if PY_VERSION_HEX >= 0x030D0000
    int flags = Py_ASNATIVEBYTES_BIG_ENDIAN | (is_signed ? 0 : Py_ASNATIVEBYTES_UNSIGNED_BUFFER);
    return PyLong_FromNativeBytes(data, (size_t)size, flags);
#else
    return _PyLong_FromByteArray(data, (size_t)size, 0, is_signed);
#endif
}

/* Write a non-negative int as `size` big-endian bytes. 0, or -1 with an exception. */
static inline int avrojet_long_to_bytes(PyObject *value, uint8_t *out, Py_ssize_t size) {
#if PY_VERSION_HEX >= 0x030D0000
    int flags = Py_ASNATIVEBYTES_BIG_ENDIAN | Py_ASNATIVEBYTES_UNSIGNED_BUFFER | Py_ASNATIVEBYTES_REJECT_NEGATIVE;
    Py_ssize_t needed = PyLong_AsNativeBytes(value, out, size, flags);
    if (needed < 0) return -1;
    if (needed > size) {
        PyErr_SetString(PyExc_OverflowError, "int too big to convert");
        return -1;
    }
    return 0;
#else
    return _PyLong_AsByteArray((PyLongObject *)value, out, (size_t)size, 0, 0);
#endif
}

#endif
