/* UTF-8 to the array of a str and back, one character at a time.

      Encoding caches no copy in the str, as PyUnicode_AsUTF8AndSize would. Lone surrogates cannot be encoded. */
#ifndef AVROJET_UTF8_H
#define AVROJET_UTF8_H

#include <Python.h>
#include <stdint.h>

#if defined(_MSC_VER)
#define AVROJET_INLINE static __forceinline
#else
#define AVROJET_INLINE static inline __attribute__((always_inline))
#endif

/* `width` is the size of the array's elements in bytes; callers pass a constant, which selects one store. */
AVROJET_INLINE void avrojet_store(void *array, Py_ssize_t i, uint32_t code, int width) {
    if (width == 1) ((Py_UCS1 *)array)[i] = (Py_UCS1)code;
    else if (width == 2) ((Py_UCS2 *)array)[i] = (Py_UCS2)code;
    else ((Py_UCS4 *)array)[i] = (Py_UCS4)code;
}

AVROJET_INLINE uint32_t avrojet_load(const void *array, Py_ssize_t i, int width) {
    if (width == 1) return ((const Py_UCS1 *)array)[i];
    if (width == 2) return ((const Py_UCS2 *)array)[i];
    return ((const Py_UCS4 *)array)[i];
}

/* Sums are kept in one byte over this many elements, so that compilers add 16 or more at a time. */
#define AVROJET_STRIDE 64

AVROJET_INLINE uint32_t avrojet_load4(const uint8_t *p) {
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/* Decode the character that the four bytes begin with, by one mask and compare per length (RFC 3629). Returns
   its size in bytes, or 0 if it is malformed or does not fit the array's width. */
AVROJET_INLINE int avrojet_utf8_next(uint32_t four, void *array, Py_ssize_t i, int width) {
    uint32_t code;
    if ((four & 0x80) == 0) {
        avrojet_store(array, i, four & 0x7F, width);
        return 1;
    }
    if ((four & 0xC0E0) == 0x80C0) {
        code = (four & 0x1F) << 6 | (four >> 8 & 0x3F);
        avrojet_store(array, i, code, width);
        return code < 0x80 ? 0 : 2;
    }
    if (width > 1 && (four & 0xC0C0F0) == 0x8080E0) {
        code = (four & 0x0F) << 12 | (four >> 2 & 0xFC0) | (four >> 16 & 0x3F);
        avrojet_store(array, i, code, width);
        return code < 0x800 || (code & 0xF800) == 0xD800 ? 0 : 3;
    }
    if (width > 2 && (four & 0xC0C0C0F8u) == 0x808080F0u) {
        code = (four & 0x07) << 18 | (four << 4 & 0x3F000) | (four >> 10 & 0xFC0) | (four >> 24 & 0x3F);
        avrojet_store(array, i, code, width);
        return code < 0x10000 || code > 0x10FFFF ? 0 : 4;
    }
    return 0;
}

/* Decode into an array that has room for every leading byte. 1, or 0 if the bytes are malformed. */
AVROJET_INLINE int avrojet_utf8_fill(const uint8_t *p, const uint8_t *end, void *array, int width) {
    uint8_t rest[8] = {0};
    Py_ssize_t i = 0;
    int taken;
    while (end - p >= 4) {
        taken = avrojet_utf8_next(avrojet_load4(p), array, i++, width);
        if (taken == 0) return 0;
        p += taken;
    }
    /* Zeros after the last bytes make a truncated character malformed. */
    memcpy(rest, p, (size_t)(end - p));
    for (int k = 0; k < end - p; k += taken) {
        taken = avrojet_utf8_next(avrojet_load4(rest + k), array, i++, width);
        if (taken == 0) return 0;
    }
    return 1;
}

AVROJET_INLINE Py_ssize_t avrojet_utf8_measure(const void *array, Py_ssize_t length, int width) {
    Py_ssize_t size = length;
    uint8_t lone = 0;
    for (Py_ssize_t begin = 0; begin < length; begin += AVROJET_STRIDE) {
        Py_ssize_t i, end = length - begin < AVROJET_STRIDE ? length : begin + AVROJET_STRIDE;
        uint8_t more = 0;
        for (i = begin; i < end; i++) {
            uint32_t code = avrojet_load(array, i, width);
            more += code >= 0x80;
            if (width > 1) {
                more += code >= 0x800;
                lone |= (code & 0xFFFFF800u) == 0xD800u;
            }
            if (width > 2) more += code >= 0x10000;
        }
        size += more;
    }
    return lone ? -1 : size;
}

/* Latin-1 text: mostly ASCII, so the branch is predicted well. */
static inline void avrojet_utf8_put_narrow(const Py_UCS1 *array, Py_ssize_t length, uint8_t *out) {
    for (Py_ssize_t i = 0; i < length; i++) {
        uint32_t code = array[i];
        if (code < 0x80) {
            *out++ = (uint8_t)code;
        } else {
            *out++ = (uint8_t)(0xC0 | code >> 6);
            *out++ = (uint8_t)(0x80 | (code & 0x3F));
        }
    }
}

/* Other text mixes lengths, so this has no branch: four bytes are written for every character, and the excess
   ones are overwritten by the next (AVROJET_UTF8_SLACK). */
AVROJET_INLINE void avrojet_utf8_put_wide(const void *array, Py_ssize_t length, uint8_t *out, int width) {
    static const uint8_t marks[4] = {0, 0xC0, 0xE0, 0xF0};
    for (Py_ssize_t i = 0; i < length; i++) {
        uint32_t code = avrojet_load(array, i, width);
        int tails = (code >= 0x80) + (code >= 0x800) + (code >= 0x10000);
        uint32_t all = 0x808080 | (code >> 12 & 0x3F) | (code << 2 & 0x3F00) | (code << 16 & 0x3F0000);
        uint32_t own = all >> 8 * (3 - tails);
        out[0] = (uint8_t)(marks[tails] | code >> 6 * tails);
        out[1] = (uint8_t)own;
        out[2] = (uint8_t)(own >> 8);
        out[3] = (uint8_t)(own >> 16);
        out += 1 + tails;
    }
}

/* Room that encoding needs after the bytes of a str. */
#define AVROJET_UTF8_SLACK 4

/* Size of a str in UTF-8, in bytes, or -1 if it has a lone surrogate. */
static inline Py_ssize_t avrojet_utf8_size(PyObject *text) {
    Py_ssize_t length = PyUnicode_GET_LENGTH(text);
    switch (PyUnicode_KIND(text)) {
    case PyUnicode_1BYTE_KIND: return avrojet_utf8_measure(PyUnicode_1BYTE_DATA(text), length, 1);
    case PyUnicode_2BYTE_KIND: return avrojet_utf8_measure(PyUnicode_2BYTE_DATA(text), length, 2);
    default: return avrojet_utf8_measure(PyUnicode_4BYTE_DATA(text), length, 4);
    }
}

/* Write a str as UTF-8; its size and AVROJET_UTF8_SLACK are reserved. */
static inline void avrojet_utf8_write(PyObject *text, uint8_t *out) {
    Py_ssize_t length = PyUnicode_GET_LENGTH(text);
    switch (PyUnicode_KIND(text)) {
    case PyUnicode_1BYTE_KIND: avrojet_utf8_put_narrow(PyUnicode_1BYTE_DATA(text), length, out); break;
    case PyUnicode_2BYTE_KIND: avrojet_utf8_put_wide(PyUnicode_2BYTE_DATA(text), length, out, 2); break;
    default: avrojet_utf8_put_wide(PyUnicode_4BYTE_DATA(text), length, out, 4);
    }
}

/* Before 3.12 a str made by an old extension may lack its array. 0, or -1 with an exception. */
static inline int avrojet_utf8_ready(PyObject *text) {
#if PY_VERSION_HEX < 0x030C0000
    return PyUnicode_READY(text);
#else
    (void)text;
    return 0;
#endif
}

#endif
