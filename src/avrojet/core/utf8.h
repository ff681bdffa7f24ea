/* UTF-8 straight from a str's own array, so that no copy of it stays with the str (as
   PyUnicode_AsUTF8AndSize would leave one). Lone surrogates have no UTF-8. */
#ifndef AVROJET_UTF8_H
#define AVROJET_UTF8_H

#include <Python.h>
#include <stdint.h>

static inline Py_ssize_t avrojet_utf8_size_1(const Py_UCS1 *text, Py_ssize_t length) {
    Py_ssize_t size = length;
    for (Py_ssize_t i = 0; i < length; i++) size += text[i] >> 7;
    return size;
}

static inline Py_ssize_t avrojet_utf8_size_2(const Py_UCS2 *text, Py_ssize_t length) {
    Py_ssize_t size = length;
    int lone = 0;
    for (Py_ssize_t i = 0; i < length; i++) {
        size += (text[i] >= 0x80) + (text[i] >= 0x800);
        lone |= (text[i] & 0xF800) == 0xD800;
    }
    return lone ? -1 : size;
}

static inline Py_ssize_t avrojet_utf8_size_4(const Py_UCS4 *text, Py_ssize_t length) {
    Py_ssize_t size = length;
    int lone = 0;
    for (Py_ssize_t i = 0; i < length; i++) {
        size += (text[i] >= 0x80) + (text[i] >= 0x800) + (text[i] >= 0x10000);
        lone |= (text[i] & 0xFFFFF800u) == 0xD800u;
    }
    return lone ? -1 : size;
}

static inline uint8_t *avrojet_utf8_put(uint8_t *out, uint32_t code) {
    if (code < 0x80) {
        *out++ = (uint8_t)code;
    } else if (code < 0x800) {
        *out++ = (uint8_t)(0xC0 | code >> 6);
        *out++ = (uint8_t)(0x80 | (code & 0x3F));
    } else if (code < 0x10000) {
        *out++ = (uint8_t)(0xE0 | code >> 12);
        *out++ = (uint8_t)(0x80 | (code >> 6 & 0x3F));
        *out++ = (uint8_t)(0x80 | (code & 0x3F));
    } else {
        *out++ = (uint8_t)(0xF0 | code >> 18);
        *out++ = (uint8_t)(0x80 | (code >> 12 & 0x3F));
        *out++ = (uint8_t)(0x80 | (code >> 6 & 0x3F));
        *out++ = (uint8_t)(0x80 | (code & 0x3F));
    }
    return out;
}

/* Bytes that the str takes in UTF-8, or -1 if it holds a lone surrogate. */
static inline Py_ssize_t avrojet_utf8_size(PyObject *text) {
    Py_ssize_t length = PyUnicode_GET_LENGTH(text);
    switch (PyUnicode_KIND(text)) {
    case PyUnicode_1BYTE_KIND: return avrojet_utf8_size_1(PyUnicode_1BYTE_DATA(text), length);
    case PyUnicode_2BYTE_KIND: return avrojet_utf8_size_2(PyUnicode_2BYTE_DATA(text), length);
    default: return avrojet_utf8_size_4(PyUnicode_4BYTE_DATA(text), length);
    }
}

/* Write a str of known UTF-8 size. */
static inline void avrojet_utf8_write(PyObject *text, uint8_t *out) {
    Py_ssize_t i, length = PyUnicode_GET_LENGTH(text);
    switch (PyUnicode_KIND(text)) {
    case PyUnicode_1BYTE_KIND: {
        const Py_UCS1 *data = PyUnicode_1BYTE_DATA(text);
        for (i = 0; i < length; i++) out = avrojet_utf8_put(out, data[i]);
        break;
    }
    case PyUnicode_2BYTE_KIND: {
        const Py_UCS2 *data = PyUnicode_2BYTE_DATA(text);
        for (i = 0; i < length; i++) out = avrojet_utf8_put(out, data[i]);
        break;
    }
    default: {
        const Py_UCS4 *data = PyUnicode_4BYTE_DATA(text);
        for (i = 0; i < length; i++) out = avrojet_utf8_put(out, data[i]);
    }
    }
}

/* Before 3.12 a str made by an old extension may not have its array yet. 0, or -1 with an exception. */
static inline int avrojet_utf8_ready(PyObject *text) {
#if PY_VERSION_HEX < 0x030C0000
    return PyUnicode_READY(text);
#else
    (void)text;
    return 0;
#endif
}

#endif
