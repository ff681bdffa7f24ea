/* The parts of CPython's C API that differ by version or build, each with its public fallback.

   Private functions are used only for the versions named here, which are tested; a newer Python gets
   the public function. Free-threaded builds never get a borrowed reference from a shared container. */
#ifndef AVROJET_CAPI_H
#define AVROJET_CAPI_H

#include <Python.h>
#include <stdint.h>
#include <string.h>

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

/* Rows are copies of a template dict; where the layout of dicts is known, their values are stored into the
   copy's entries without a look-up, which saves a sixth of the time of decoding. */
#if AVROJET_KNOWN_HASH
#define AVROJET_ROW_ENTRIES 1
#define Py_BUILD_CORE 1
#undef _PyGC_FINALIZED  /* 3.12 has a macro and a function of that name, and no source but its own sees both */
#include "internal/pycore_dict.h"
#undef Py_BUILD_CORE
#else
#define AVROJET_ROW_ENTRIES 0
#endif

#ifdef Py_GIL_DISABLED
#define AVROJET_GIL 0
#else
#define AVROJET_GIL 1
#endif

/* For what one caller at a time may use: 1 for the first, and 0 until it is free again. */
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

/* Set an item of a dict that no other thread sees yet. 0, or -1 with an exception. */
static inline int avrojet_dict_set(PyObject *dict, PyObject *key, PyObject *value, Py_hash_t hash) {
#if AVROJET_KNOWN_HASH
    return _PyDict_SetItem_KnownHash(dict, key, value, hash);
#else
    (void)hash;
    return PyDict_SetItem(dict, key, value);
#endif
}

/* Whether copies of a template have its `size` keys as their entries, in order: then rows take values by
   position. Asked once for each record of a plan, so that a dict of another kind is never written into. */
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

/* Give a row that no one else sees yet its value for an entry; takes the reference. Dicts of plain values
   need no collector; whether this one may be part of a cycle is told, and it can be once it is finished. */
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

/* A new reference to the item, or NULL: without an exception if there is none. */
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
   its value, else NULL. Saves the look-up where a dict's keys come in the order of the schema. */
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

/* Write an int that is not negative as `size` big-endian bytes. 0, or -1 with an exception. */
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

/* The bytes that every avrojet reader takes at once without asking the interpreter for a loop. */
static inline uint64_t avrojet_load64(const uint8_t *data) {
    uint64_t word;
    memcpy(&word, data, 8);
    return word;
}

/* The number of the lowest byte that is not 0. */
static inline int avrojet_low_byte(uint64_t word) {
#if defined(__GNUC__)
    return __builtin_ctzll(word) >> 3;
#else
    int place = 0;
    for (; !(word & 0xFF); word >>= 8) place++;
    return place;
#endif
}

/* The bits of a varint that begins in a word of 8 bytes, the first the lowest, and its size; 0 if it is longer. */
static inline int avrojet_varint_in_word(uint64_t word, uint64_t *bits) {
    uint64_t stop = ~word & UINT64_C(0x8080808080808080);
    if (stop == 0) return 0;
    word &= stop ^ (stop - 1); /* up to the first byte without the bit that says there are more */
    word &= UINT64_C(0x7F7F7F7F7F7F7F7F);
    word = (word & UINT64_C(0x007F007F007F007F)) | (word & UINT64_C(0x7F007F007F007F00)) >> 1;
    word = (word & UINT64_C(0x00003FFF00003FFF)) | (word & UINT64_C(0x3FFF00003FFF0000)) >> 2;
    *bits = (word & UINT64_C(0x0FFFFFFF)) | (word & UINT64_C(0x0FFFFFFF00000000)) >> 4;
    return avrojet_low_byte(stop) + 1;
}

/* A hash of a short key by its size and its first and last bytes, which is enough for a cache. */
static inline uint32_t avrojet_key_hash(const uint8_t *data, Py_ssize_t size) {
    uint64_t first = 0, last = 0;
    if (size >= 8) {
        first = avrojet_load64(data);
        last = avrojet_load64(data + size - 8);
    } else {
        for (Py_ssize_t i = 0; i < size; i++) first = first << 8 | data[i];
    }
    /* A product carries upwards only, so the last bytes, which differ most, are turned to the bottom. */
    first = (first ^ (uint64_t)size) * UINT64_C(0x9E3779B97F4A7C15);
    first ^= first >> 32 ^ (last >> 32 | last << 32);
    return (uint32_t)((first * UINT64_C(0xC2B2AE3D27D4EB4F)) >> 40);
}

/* memcmp(a, b, size) == 0, without the call for short texts: two words that overlap are all of up to 16. */
static inline int avrojet_same_bytes(const uint8_t *a, const uint8_t *b, Py_ssize_t size) {
    if (size > 16 || size < 8) return memcmp(a, b, (size_t)size) == 0;
    return avrojet_load64(a) == avrojet_load64(b) && avrojet_load64(a + size - 8) == avrojet_load64(b + size - 8);
}

/* 1 if no byte has its high bit set. Whole words first; the last word overlaps the one before it. */
static inline int avrojet_is_ascii(const uint8_t *data, Py_ssize_t size) {
    uint64_t seen = 0;
    Py_ssize_t i = 0;
    if (size >= 8) {
        for (; i + 8 <= size; i += 8) seen |= avrojet_load64(data + i);
        seen |= avrojet_load64(data + size - 8);
    } else {
        for (; i < size; i++) seen |= data[i];
    }
    return (seen & UINT64_C(0x8080808080808080)) == 0;
}

/* Little-endian scalars, whatever the machine's order and alignment. */
static inline uint32_t avrojet_load32le(const uint8_t *p) {
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static inline uint64_t avrojet_load64le(const uint8_t *p) {
    return (uint64_t)avrojet_load32le(p) | (uint64_t)avrojet_load32le(p + 4) << 32;
}

static inline void avrojet_store32le(uint8_t *p, uint32_t v) {
    p[0] = (uint8_t)v; p[1] = (uint8_t)(v >> 8); p[2] = (uint8_t)(v >> 16); p[3] = (uint8_t)(v >> 24);
}

static inline void avrojet_store64le(uint8_t *p, uint64_t v) {
    avrojet_store32le(p, (uint32_t)v);
    avrojet_store32le(p + 4, (uint32_t)(v >> 32));
}

/* Bit patterns; a signalling NaN must keep its payload, which a plain conversion would quiet. */
static inline double avrojet_bits_to_double(uint64_t bits) {
    double value;
    memcpy(&value, &bits, 8);
    return value;
}

static inline uint64_t avrojet_double_to_bits(double value) {
    uint64_t bits;
    memcpy(&bits, &value, 8);
    return bits;
}

static inline double avrojet_float_to_double(uint32_t bits) {
    float value;
    if ((bits & 0x7F800000u) == 0x7F800000u && (bits & 0x007FFFFFu))
        return avrojet_bits_to_double((uint64_t)(bits >> 31) << 63 | UINT64_C(0x7FF) << 52
                                      | (uint64_t)(bits & 0x007FFFFFu) << 29);
    memcpy(&value, &bits, 4);
    return (double)value;
}

static inline uint32_t avrojet_double_to_float(double value) {
    uint32_t out;
    if (value != value) {
        uint64_t bits = avrojet_double_to_bits(value);
        uint32_t payload = (uint32_t)(bits >> 29) & 0x007FFFFFu;
        return (uint32_t)(bits >> 63) << 31 | 0x7F800000u | (payload ? payload : 0x00400000u);
    }
    float narrow = (float)value;
    memcpy(&out, &narrow, 4);
    return out;
}

#endif
